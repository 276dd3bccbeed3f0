//! What a server says of its limits (005, `RPL_ISUPPORT`).

use super::wire::MAX_LINE;

/// Letters of one kind that are remembered: no server has as many.
const MOST: usize = 64;
/// The longest line that we write, whatever the server takes.
const LONGEST_LINE: usize = 4096;

/// The limits that concern us, with the defaults that hold until they are
/// named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Isupport {
    pub(crate) nick_len: Option<usize>,
    pub(crate) channel_len: Option<usize>,
    /// Bytes of a line, CRLF included.
    pub(crate) line_len: usize,
    pub(crate) network: Option<String>,
    /// Targets that one line may have; 1 where it says nothing.
    pub(crate) most_targets: usize,
    casemapping: Casemapping,
    /// The letter of the mode by which a user says that it is a program.
    pub(crate) bot: Option<char>,
    /// How it tells who comes and goes, if it does.
    pub(crate) watch: Option<Watch>,
    /// Letters of the ranks in a channel, and the signs before a nick there.
    ranks: Vec<(char, char)>,
    /// Letters of channel modes with an argument: always, and when set.
    with_argument: String,
    with_argument_when_set: String,
}

/// The command by which a server tells of a nick that comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    Monitor,
    Watch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Casemapping {
    Ascii,
    /// `[]\~` are the upper case of `{}|^`. The default of RFC 2812.
    Rfc1459,
}

impl Default for Isupport {
    fn default() -> Self {
        Self {
            nick_len: None,
            channel_len: None,
            line_len: MAX_LINE,
            network: None,
            most_targets: 1,
            casemapping: Casemapping::Rfc1459,
            bot: None,
            watch: None,
            ranks: "qaohv".chars().zip("~&@%+".chars()).collect(),
            with_argument: "beIk".to_owned(),
            with_argument_when_set: "l".to_owned(),
        }
    }
}

impl Isupport {
    /// Reads one token of a 005 line, `NICKLEN=30`. Unknown and broken ones
    /// change nothing.
    pub(crate) fn read(&mut self, token: &str) {
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        let number = || value.parse().ok().filter(|length| *length > 0);
        match name {
            "NICKLEN" | "MAXNICKLEN" => self.nick_len = number().or(self.nick_len),
            "CHANNELLEN" => self.channel_len = number().or(self.channel_len),
            // Below 512 no server goes; a lower number is a mistake that
            // would leave no room for text.
            "LINELEN" => {
                let within = |len: usize| len.clamp(MAX_LINE, LONGEST_LINE);
                self.line_len = number().map_or(self.line_len, within);
            }
            "NETWORK" if !value.is_empty() => self.network = Some(value.replace("\\x20", " ")),
            "CASEMAPPING" => {
                self.casemapping = match value {
                    "ascii" | "rfc7613" | "precis" => Casemapping::Ascii,
                    _ => Casemapping::Rfc1459,
                }
            }
            "BOT" => self.bot = value.chars().next().filter(char::is_ascii_alphabetic),
            "MAXTARGETS" => self.most_targets = number().unwrap_or(self.most_targets),
            // `NAMES:1,PRIVMSG:4,JOIN:`: no number means no limit.
            "TARGMAX" => {
                let mut limits = value.split(',').filter_map(|limit| limit.split_once(':'));
                if let Some((_, most)) = limits.find(|(command, _)| *command == "PRIVMSG") {
                    self.most_targets = match most {
                        "" => usize::MAX,
                        most => most.parse().unwrap_or(1),
                    };
                }
            }
            "MONITOR" => self.watch = Some(Watch::Monitor),
            "WATCH" => self.watch = self.watch.or(Some(Watch::Watch)),
            "PREFIX" => {
                // `(ov)@+`; empty where there are no ranks.
                let (letters, signs) = value
                    .strip_prefix('(')
                    .and_then(|rest| rest.split_once(')'))
                    .unwrap_or_default();
                self.ranks = letters.chars().zip(signs.chars()).take(MOST).collect();
            }
            "CHANMODES" => {
                let mut kinds = value.split(',').map(|kind| kind.chars().take(MOST));
                let mut kind = || kinds.next().into_iter().flatten();
                self.with_argument = kind().collect();
                self.with_argument.extend(kind());
                self.with_argument_when_set = kind().collect();
            }
            _ => {}
        }
    }

    /// Whether a change of this channel mode has an argument of its own.
    pub(crate) fn takes_argument(&self, letter: char, set: bool) -> bool {
        self.is_rank(letter)
            || self.with_argument.contains(letter)
            || set && self.with_argument_when_set.contains(letter)
    }

    /// Whether a channel mode raises who it is given to.
    pub(crate) fn is_rank(&self, letter: char) -> bool {
        self.ranks.iter().any(|&(rank, _)| rank == letter)
    }

    /// A nick of a list of names, and the ranks that are shown before it.
    pub(crate) fn ranks_of<'a>(&self, name: &'a str) -> (Vec<char>, &'a str) {
        let rank_of = |sign| self.ranks.iter().find(|&&(_, known)| known == sign);
        let nick = name.trim_start_matches(|c| rank_of(c).is_some());
        let signs = name[..name.len() - nick.len()].chars();
        let ranks = signs.filter_map(rank_of).map(|&(rank, _)| rank);
        (ranks.collect(), nick)
    }

    /// Whether two nicks or channels are the same to this server.
    pub(crate) fn same(&self, left: &str, right: &str) -> bool {
        let fold = |byte: u8| match (byte, self.casemapping) {
            (b'[', Casemapping::Rfc1459) => b'{',
            (b']', Casemapping::Rfc1459) => b'}',
            (b'\\', Casemapping::Rfc1459) => b'|',
            (b'~', Casemapping::Rfc1459) => b'^',
            (other, _) => other.to_ascii_lowercase(),
        };
        left.bytes().map(fold).eq(right.bytes().map(fold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_nonsense_is_not() {
        let mut isupport = Isupport::default();
        for token in [
            "NICKLEN=9",
            "CHANNELLEN=50",
            "NETWORK=My\\x20Net",
            "LINELEN=2048",
            "NICKLEN=",
            "CHANNELLEN=-3",
            "LINELEN=0",
            "EXCEPTS",
            "=",
            "",
        ] {
            isupport.read(token);
        }
        assert_eq!(isupport.nick_len, Some(9));
        assert_eq!(isupport.channel_len, Some(50));
        assert_eq!(isupport.line_len, 2048);
        assert_eq!(isupport.network.as_deref(), Some("My Net"));
        isupport.read("LINELEN=10");
        assert_eq!(isupport.line_len, MAX_LINE);
        isupport.read("LINELEN=18446744073709551615");
        assert_eq!(isupport.line_len, LONGEST_LINE);
    }

    #[test]
    fn targets_are_one_unless_it_says_more() {
        let mut isupport = Isupport::default();
        for (token, most) in [
            ("TARGMAX=NAMES:1,JOIN:", 1),
            ("MAXTARGETS=20", 20),
            ("MAXTARGETS=", 20),
            ("TARGMAX=NAMES:1,PRIVMSG:4,NOTICE:2", 4),
            ("TARGMAX=PRIVMSG:x", 1),
            ("TARGMAX=PRIVMSG:", usize::MAX),
        ] {
            isupport.read(token);
            assert_eq!(isupport.most_targets, most, "{token}");
        }
    }

    #[test]
    fn ranks_are_what_the_server_calls_so() {
        let mut isupport = Isupport::default();
        assert_eq!(isupport.ranks_of("@+ann"), (vec!['o', 'v'], "ann"));
        assert_eq!(isupport.ranks_of("!ann"), (vec![], "!ann"));
        isupport.read("PREFIX=(Yov)!@+");
        assert_eq!(isupport.ranks_of("!ann"), (vec!['Y'], "ann"));
        isupport.read("PREFIX=");
        assert!(!isupport.is_rank('o'));
        assert_eq!(isupport.ranks_of("@ann"), (vec![], "@ann"));
        isupport.read("CHANMODES=b");
        assert!(!isupport.takes_argument('k', true));
    }

    #[test]
    fn names_compare_as_the_server_does() {
        let mut isupport = Isupport::default();
        assert!(isupport.same("Bot[1]", "bOT{1}"));
        isupport.read("CASEMAPPING=ascii");
        assert!(!isupport.same("Bot[1]", "bot{1}"));
        assert!(isupport.same("#Kar", "#kAR"));
    }
}
