//! What somebody in a channel sees.

use std::time::Instant;

/// One thing that a member of a channel saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose doing it was: a nick, or the name of a server.
    pub nick: String,
    /// The channel, or the own nick when it was said in private.
    pub target: String,
    /// What was said; for other kinds the parameter that tells the most: the
    /// new nick, the modes, the topic, the reason.
    pub text: String,
    /// What sort of thing it was.
    pub kind: Kind,
    /// When it arrived.
    pub at: Instant,
}

impl Seen {
    /// What was said, without formatting: see [`plain`].
    #[must_use]
    pub fn plain(&self) -> String {
        plain(&self.text)
    }

    /// The same without the times of day: see [`undated`].
    #[must_use]
    pub fn undated(&self) -> String {
        undated(&self.plain())
    }

    /// What irclog said here of each record, without its tag and the time of
    /// day. Short records may share a line.
    #[must_use]
    pub fn records(&self) -> Vec<String> {
        let undated = self.undated();
        let text = |record: &str| {
            let text = record.split_once("] ").map_or(record, |(_, text)| text);
            text.to_owned()
        };
        undated.split(SEPARATOR).map(text).collect()
    }

    /// Whether it was said, rather than done: a PRIVMSG or a NOTICE.
    #[must_use]
    pub fn is_line(&self) -> bool {
        matches!(self.kind, Kind::Message | Kind::Notice)
    }
}

/// Between records that share a line.
pub const SEPARATOR: &str = " · ";

/// `line` without the time of day, which records are given that have waited:
/// whether one had to is often up to the machine.
#[must_use]
pub fn undated(line: &str) -> String {
    let records: Vec<String> = line.split(SEPARATOR).map(without_time).collect();
    records.join(SEPARATOR)
}

/// `[INFO] 14:02:10 text` without the time.
fn without_time(record: &str) -> String {
    let is_clock = |word: &str| {
        word.len() == "14:02:10".len() && word.bytes().all(|c| b"0123456789:".contains(&c))
    };
    if let Some((tag, text)) = record.split_once("] ")
        && let Some((first, rest)) = text.split_once(' ')
        && is_clock(first)
    {
        return format!("{tag}] {rest}");
    }
    record.to_owned()
}

/// The sort of a thing [`Seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A PRIVMSG.
    Message,
    /// A NOTICE.
    Notice,
    /// Somebody joined.
    Join,
    /// Somebody left the channel.
    Part,
    /// Somebody left the network.
    Quit,
    /// `text` was put out of the channel.
    Kick,
    /// Somebody is now called `text`.
    Nick,
    /// The modes were changed.
    Mode,
    /// The topic was changed.
    Topic,
}

/// `text` without what IRC clients take for formatting: bold, colours, reset
/// and their kin.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{2}' | '\u{f}' | '\u{11}' | '\u{16}' | '\u{1d}' | '\u{1e}' | '\u{1f}' => {}
            '\u{3}' => {
                for _ in 0..2 {
                    rest.next_if(char::is_ascii_digit);
                }
            }
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_apart() {
        let seen = Seen {
            nick: "teller".into(),
            target: "#k".into(),
            text: "\x02\x0303[INFO]\x0f 14:02:10 pay - a [b] c · \x02\x0307[WARN]\x0f 7 of 8"
                .into(),
            kind: Kind::Message,
            at: crate::clock::now(),
        };
        assert_eq!(seen.records(), ["pay - a [b] c", "7 of 8"]);
        assert_eq!(seen.undated(), "[INFO] pay - a [b] c · [WARN] 7 of 8");
    }

    #[test]
    fn formatting_is_taken_out_and_nothing_else() {
        assert_eq!(plain("\u{2}\u{3}04[ERROR]\u{f} 7 of 9"), "[ERROR] 7 of 9");
        assert_eq!(plain("\u{3}031 \u{3}"), "1 ");
        assert_eq!(plain("\u{1b}[31m"), "\u{1b}[31m");
    }
}
