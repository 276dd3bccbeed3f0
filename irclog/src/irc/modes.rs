//! A change of a channel's modes, taken apart as this server means it: which
//! letters take an argument, it says in 005 (CHANMODES and PREFIX).

use super::isupport::Isupport;

/// One letter of a MODE line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change<'a> {
    pub(super) set: bool,
    pub(super) letter: char,
    pub(super) argument: Option<&'a str>,
}

/// The target of a MODE line, and its letters with their arguments. `None` for
/// another line.
pub(super) fn parse(line: &str) -> Option<(&str, Vec<&str>)> {
    let untagged = match line.strip_prefix('@') {
        Some(tagged) => tagged.split_once(' ')?.1,
        None => line,
    };
    let (head, last) = match untagged.split_once(" :") {
        Some((head, last)) => (head, Some(last)),
        None => (untagged, None),
    };
    let mut words = head.split(' ').filter(|word| !word.is_empty());
    let first = words.next()?;
    let command = if first.starts_with(':') {
        words.next()?
    } else {
        first
    };
    if !command.eq_ignore_ascii_case("MODE") {
        return None;
    }
    // Some servers put the last argument, even the only one, after a colon.
    let mut words = words.chain(last.into_iter().flat_map(|last| last.split(' ')));
    Some((words.next()?, words.collect()))
}

/// The changes that `words`, the letters and their arguments, stand for.
pub(super) fn changes<'a>(words: &[&'a str], isupport: &Isupport) -> Vec<Change<'a>> {
    let Some((letters, arguments)) = words.split_first() else {
        return Vec::new();
    };
    let mut arguments = arguments.iter().copied().filter(|word| !word.is_empty());
    let mut set = true;
    let mut changes = Vec::new();
    for letter in letters.chars() {
        match letter {
            '+' => set = true,
            '-' => set = false,
            _ => changes.push(Change {
                set,
                letter,
                argument: if isupport.takes_argument(letter, set) {
                    arguments.next()
                } else {
                    None
                },
            }),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str, tokens: &[&str]) -> Vec<(bool, char, Option<String>)> {
        let mut isupport = Isupport::default();
        for token in tokens {
            isupport.read(token);
        }
        let (_, words) = parse(line).expect("a MODE line");
        let changes = changes(&words, &isupport);
        let own = |change: Change<'_>| {
            let argument = change.argument.map(str::to_owned);
            (change.set, change.letter, argument)
        };
        changes.into_iter().map(own).collect()
    }

    #[test]
    fn each_letter_gets_its_own_argument() {
        let ours = Some("facilitator".to_owned());
        // Solanum: a forward and a join throttle before our voice.
        let solanum = ["CHANMODES=eIbq,k,flj,CFLMPQScgimnprstuz", "PREFIX=(ov)@+"];
        let changes = arguments("MODE #c +fjv #over 5:1 facilitator", &solanum);
        assert_eq!(changes[2], (true, 'v', ours.clone()));
        // A limit is taken away without an argument, a key with one.
        let changes = arguments("MODE #c -lk+v key facilitator", &solanum);
        assert_eq!(changes[0], (false, 'l', None));
        assert_eq!(changes[2], (true, 'v', ours.clone()));
        // Ranks that only this server has.
        let changes = arguments("MODE #c +Yv ann facilitator", &["PREFIX=(Yqaohv)!~&@%+"]);
        assert_eq!(changes[1], (true, 'v', ours.clone()));
        // Nothing is known: the letters that have been there from the start.
        let changes = arguments("@time=1 :ann!a@b MODE #c +zlv-o 9 facilitator :bob", &[]);
        assert_eq!(changes[2], (true, 'v', ours));
        assert_eq!(changes[3], (false, 'o', Some("bob".to_owned())));
    }

    #[test]
    fn broken_lines_are_survived() {
        for line in ["MODE", ":x MODE", "@a", "", ":", "PRIVMSG #c +v"] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert!(arguments("MODE #c", &[]).is_empty());
        assert_eq!(arguments("MODE #c +v", &[]), [(true, 'v', None)]);
        assert_eq!(arguments(":s MODE #c :+v ann", &[]).len(), 1);
    }
}
