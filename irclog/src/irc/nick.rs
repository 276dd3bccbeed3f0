//! The nick that is wanted, and what is taken where somebody else has it.

use crate::config::Nick;

/// What every known server takes; `ngircd` does not take more by default.
const SHORTEST_NICK_LEN: usize = 9;
/// What most networks take, until they say.
const USUAL_NICK_LEN: usize = 30;
/// Numbers behind a nick before chance decides, where it has no place for one.
const LAST_SUFFIX: u32 = 9;
/// The same where it has.
const LAST_NUMBER: u32 = 99;
/// Letters of chance: of a fleet of a thousand hardly two draw the same.
const RANDOM_LEN: usize = 3;
/// Tries at a nick before we give up for this connection: whoever refuses so
/// many refuses all.
const MAX_TRIES: u32 = 120;

/// Nicks to try: the wanted one, then with one suffix, then with a number, then
/// with letters of chance, each as long as the server allows.
#[derive(Debug)]
pub(super) struct NickChoice {
    nick: Nick,
    longest: usize,
    tries: u32,
    /// What `tries` stands for in the nick.
    mark: String,
    random: fastrand::Rng,
}

impl NickChoice {
    /// `longest` is the server's NICKLEN where an earlier connection learnt it.
    pub(super) fn new(nick: &Nick, longest: Option<usize>, seed: u64) -> Self {
        let mut choice = Self {
            nick: nick.clone(),
            longest: longest.unwrap_or(USUAL_NICK_LEN),
            tries: 0,
            mark: String::new(),
            random: fastrand::Rng::with_seed(seed),
        };
        choice.mark = choice.next_mark();
        choice
    }

    /// The nick to ask for now.
    pub(super) fn current(&self) -> String {
        self.nick.within(self.longest, &self.mark)
    }

    /// The nick that is to be ours in the end. With a place for a number any
    /// number will do.
    pub(super) fn wanted(&self) -> String {
        if self.nick.is_numbered() {
            self.current()
        } else {
            self.nick.within(self.longest, "")
        }
    }

    /// What `nick` comes to here where nobody has it.
    pub(super) fn of(&self, nick: &Nick) -> String {
        let mark = if nick.is_numbered() { "1" } else { "" };
        nick.within(self.longest, mark)
    }

    /// Whether the wanted nick is cut here.
    pub(super) fn is_cut(&self) -> bool {
        self.nick.to_string().len() > self.longest
    }

    /// Bytes of the longest nick here, where that is known.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The server says how long a nick may be.
    pub(super) fn learn_longest(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// The nick is in use: the next one, or `None` when all tries are used up.
    pub(super) fn taken(&mut self) -> Option<String> {
        self.tries += 1;
        self.mark = self.next_mark();
        (self.tries < MAX_TRIES).then(|| self.current())
    }

    /// The server finds the nick itself wrong, which before 005 means: too
    /// long. `None` when it is short already.
    pub(super) fn too_long(&mut self) -> Option<String> {
        let length = self.current().len();
        (length > SHORTEST_NICK_LEN).then(|| {
            self.longest = SHORTEST_NICK_LEN;
            self.current()
        })
    }

    fn next_mark(&mut self) -> String {
        match (self.nick.is_numbered(), self.tries) {
            (true, n @ ..LAST_NUMBER) => (n + 1).to_string(),
            (false, 0) => String::new(),
            (false, 1) => "_".to_owned(),
            (false, n @ ..=LAST_SUFFIX) => n.to_string(),
            _ => (0..RANDOM_LEN).map(|_| self.random.lowercase()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Surroundings;

    fn choice(nick: &str, longest: Option<usize>) -> NickChoice {
        let nick = Nick::parse(nick, &Surroundings::default()).unwrap();
        NickChoice::new(&nick, longest, 7)
    }

    #[test]
    fn a_taken_nick_gets_one_suffix_then_numbers_then_chance() {
        let mut nick = choice("facilitator", Some(9));
        assert_eq!(nick.current(), "facilitat");
        assert_eq!(nick.taken().as_deref(), Some("facilita_"));
        assert_eq!(nick.taken().as_deref(), Some("facilita2"));
        let later: Vec<String> = std::iter::from_fn(|| nick.taken()).collect();
        assert_eq!(later[6], "facilita9");
        assert!(later[7..].iter().all(|nick| {
            nick.len() == 9 && nick.starts_with("facili") && !nick.ends_with("tat")
        }));
        let different: BTreeSet<&String> = later.iter().collect();
        assert!(different.len() > 100, "{different:?}");
        assert_eq!(nick.wanted(), "facilitat");
    }

    #[test]
    fn the_smallest_free_number_is_taken_and_wanted() {
        let mut nick = choice("pay{n}-prod", None);
        assert_eq!(nick.current(), "pay1-prod");
        assert_eq!(nick.taken().as_deref(), Some("pay2-prod"));
        assert_eq!(nick.wanted(), "pay2-prod");
        let later: Vec<String> = std::iter::from_fn(|| nick.taken()).collect();
        assert_eq!(later[96], "pay99-prod");
        assert_eq!(later[97].len(), "payabc-prod".len());
    }

    #[test]
    fn a_nick_too_long_is_cut_once() {
        let mut nick = choice("facilitator-prod", None);
        assert!(!nick.is_cut());
        assert_eq!(nick.too_long().as_deref(), Some("facilitat"));
        assert_eq!(nick.too_long(), None);
        nick.learn_longest(12);
        assert!(nick.is_cut());
        assert_eq!(nick.wanted(), "facilitator-");
    }
}
