//! Which channels, what each of them shows, and what opens them:
//! `#karmacadabra #alerts=error #x402=info,x402_rs=debug`.

use super::{Directives, Hidden, Misread, shown};
use crate::line::MOST_CHANNELS;

/// A channel, and what is its own.
#[derive(Debug, Clone)]
pub(crate) struct ChannelConfig {
    /// With its prefix character.
    pub(crate) name: String,
    pub(crate) key: Option<Hidden>,
    /// What it shows, where that is not what `IRC_LOG` says.
    pub(crate) filter: Option<Directives>,
}

/// What a text says, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) channels: Vec<ChannelConfig>,
    pub(super) problems: Vec<Misread>,
    pub(super) remarks: Vec<String>,
}

const SIGNS: [char; 4] = ['#', '&', '+', '!'];
const QUOTES: &str = "'\"\u{2018}\u{2019}\u{201c}\u{201d}";
const EXAMPLE: &str = "write it in quotes, for example IRC_CHANNEL='#karmacadabra'";
const SEVERAL: &str = "write a blank between channels and commas within a filter, for example \
                       IRC_CHANNEL='#karmacadabra #alerts=error', and the key of a channel, if it \
                       has one, in IRC_CHANNEL_KEY";

impl Read {
    /// Reads a whole value of `IRC_CHANNEL`.
    pub(super) fn text(text: &str) -> Self {
        let mut read = Self::default();
        let text = text.trim();
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            read.refuse(
                "is empty (in a .env or YAML file an unquoted # begins a comment)",
                EXAMPLE,
            );
        } else if text.contains("://") {
            read.refuse(
                "is an address",
                "name the channel alone, for example '#karmacadabra', and its server in IRC_SERVER",
            );
        } else if text.starts_with(|c| QUOTES.contains(c)) || text.ends_with(|c| QUOTES.contains(c))
        {
            let first = shown(words[0]);
            read.refuse(format!("is {first}, with a quote at one end"), EXAMPLE);
        } else {
            for (n, word) in words.iter().enumerate() {
                if n > 0 && !word.starts_with(SIGNS) {
                    // It may be a key.
                    let before = shown(name_of(words[n - 1]));
                    let what = format!("goes on after {before} with something that is no channel");
                    read.refuse(what, SEVERAL);
                    break;
                }
                read.word(word);
            }
        }
        read
    }

    fn word(&mut self, word: &str) {
        let name = name_of(word);
        let filter = word.get(name.len() + 1..).unwrap_or_default();
        let ends = |c: char| c == ',' || c.is_control();
        if let Some(at) = name.find(ends) {
            // What comes after it may be its key.
            let first = shown(&name[..at]);
            let what = format!(
                "goes on after {first}, but a channel has no space, comma or control character"
            );
            return self.refuse(what, SEVERAL);
        }
        if filter
            .split(',')
            .skip(1)
            .any(|next| next.starts_with(SIGNS))
        {
            let what = format!("has a comma before another channel, behind {}", shown(name));
            return self.refuse(what, SEVERAL);
        }
        self.add(name, filter);
    }

    /// Adds a channel with its filter, which may be empty.
    pub(super) fn add(&mut self, name: &str, filter: &str) {
        let mut name = name.trim().to_owned();
        if !name.starts_with(SIGNS) {
            if name.is_empty() {
                return self.refuse("names no channel", SEVERAL);
            }
            let read = format!("{}: reading it as \"#{name}\"", shown(&name));
            self.remarks.push(read);
            name.insert(0, '#');
        }
        if let Some(bad) = name.find(|c: char| c == ' ' || c == ',' || c.is_control()) {
            let first = shown(&name[..bad]);
            let what = format!(
                "goes on after {first}, but a channel has no space, comma or control character"
            );
            return self.refuse(what, SEVERAL);
        }
        let is_known = |known: &ChannelConfig| known.name.eq_ignore_ascii_case(&name);
        if self.channels.iter().any(is_known) {
            let what = format!("names {} twice", shown(&name));
            return self.refuse(what, "name each channel once, with one filter");
        }
        if self.channels.len() == MOST_CHANNELS {
            return self.refuse(
                format!("names more than {MOST_CHANNELS} channels"),
                "leave some to another process: few servers let one nick join more",
            );
        }
        let filter = match filter.trim() {
            "" => None,
            filter => match Directives::parse(filter) {
                Ok(directives) => Some(directives),
                Err(Misread { what, instead }) => {
                    let what = format!("has a filter for {} that {what}", shown(&name));
                    self.refuse(
                        what,
                        format!(
                            "{instead}; a channel whose name has = in it is written with = at its \
                             end"
                        ),
                    );
                    None
                }
            },
        };
        self.channels.push(ChannelConfig {
            name,
            key: None,
            filter,
        });
    }

    fn refuse(&mut self, what: impl Into<String>, instead: impl Into<String>) {
        self.problems.push(Misread {
            what: what.into(),
            instead: instead.into(),
        });
    }
}

/// The name that a word begins with: all before its filter, or before the `=` at
/// its end.
fn name_of(word: &str) -> &str {
    word.strip_suffix('=')
        .or_else(|| Some(word.split_once('=')?.0))
        .unwrap_or(word)
}

/// Which key opens which of the channels with these `names`, by their places;
/// `None` where one does not say it.
///
/// Where there is one channel, its key needs no name.
pub(super) fn keys<'a>(names: &[&str], text: &'a str) -> Option<Vec<(usize, &'a str)>> {
    let behind = |name: &str, word: &'a str| {
        let start = word.get(..name.len())?;
        let rest = word.get(name.len()..)?.strip_prefix('=')?;
        start.eq_ignore_ascii_case(name).then_some(rest)
    };
    if let [name] = names {
        return Some(vec![(0, behind(name, text).unwrap_or(text))]);
    }
    let key_of = |word: &'a str| {
        let keys = names.iter().enumerate();
        let keys = keys.filter_map(|(n, name)| Some((n, behind(name, word)?)));
        // The longest name: another may be its beginning.
        keys.min_by_key(|(_, key)| key.len())
    };
    text.split_whitespace().map(key_of).collect()
}

/// `#alerts, #x402`.
pub(crate) fn names(channels: &[ChannelConfig]) -> String {
    let names = channels.iter().map(|channel| channel.name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        let read = Read::text(text);
        assert!(read.problems.is_empty(), "{text}: {:?}", read.problems);
        let told = |channel: ChannelConfig| {
            let filter = channel.filter.map(|filter| filter.to_string());
            (channel.name, filter)
        };
        read.channels.into_iter().map(told).collect()
    }

    fn refused(text: &str) -> String {
        let read = Read::text(text);
        let told: Vec<String> = (read.problems.iter())
            .map(|Misread { what, instead }| format!("{what}: {instead}"))
            .collect();
        assert!(!told.is_empty(), "accepted: {text}");
        told.join("\n")
    }

    #[test]
    fn each_channel_has_its_own_filter_or_the_general_one() {
        let own = |filter: &str| Some(filter.to_owned());
        assert_eq!(
            read("#karmacadabra  #alerts=error\n#x402=info,x402_rs=debug "),
            [
                ("#karmacadabra".into(), None),
                ("#alerts".into(), own("ERROR")),
                (
                    "#x402".into(),
                    own("INFO to ERROR, x402_rs: DEBUG to ERROR")
                ),
            ]
        );
        assert_eq!(read("#a=b="), [("#a=b".into(), None)]);
        assert_eq!(
            read("&local=warn"),
            [("&local".into(), own("WARN and ERROR"))]
        );
        assert_eq!(read("ops=warn"), [("#ops".into(), own("WARN and ERROR"))]);
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        for (text, told) in [
            ("", "unquoted #"),
            ("#a,#b", "write a blank between channels"),
            (
                "#a=info,#b=error",
                "behind \"#a\": write a blank between channels",
            ),
            ("#a=loud", "filter for \"#a\" that says \"loud\""),
            ("#a=b", "is written with = at its end"),
            ("#a #A=error", "names \"#A\" twice"),
            ("#a = error", "goes on after \"#a\""),
            ("irc://h/#a", "is an address"),
            ("#a tiger-lily", "IRC_CHANNEL_KEY"),
            ("'#a", "with a quote at one end"),
        ] {
            assert!(refused(text).contains(told), "{text}: {}", refused(text));
            assert!(!refused(text).contains("tiger"), "{text}");
        }
        let many: Vec<String> = (0..=MOST_CHANNELS).map(|n| format!("#c{n}")).collect();
        assert!(refused(&many.join(" ")).contains("more than 16 channels"));
        let all = refused("#a=loud #a #b=quiett");
        assert_eq!(all.lines().count(), 3, "all at once: {all}");
    }

    #[test]
    fn a_key_says_whose_it_is_unless_there_is_one_channel() {
        assert_eq!(keys(&["#a"], "sesame"), Some(vec![(0, "sesame")]));
        assert_eq!(keys(&["#a"], "#A=sesame"), Some(vec![(0, "sesame")]));
        assert_eq!(keys(&["#a"], "k=y"), Some(vec![(0, "k=y")]));
        let names = ["#a", "#a=b", "#c"];
        assert_eq!(
            keys(&names, "#a=b=k1 #c=k2"),
            Some(vec![(1, "k1"), (2, "k2")])
        );
        assert_eq!(keys(&names, "sesame"), None);
        assert_eq!(keys(&names, "#a=k #d=k"), None);
    }
}
