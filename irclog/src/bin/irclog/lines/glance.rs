//! The level of a line at a glance, for lines that nobody has the time to take
//! apart.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Input, Match, MatchKind, Span};
use log::Level;

use super::heads::level;

/// Bytes of a line that are looked at: its head.
const SEEN: usize = 256;

/// What names a level: words by themselves, and beginnings of what goes on.
const MARKS: [(&str, Mark); 29] = [
    ("ERROR", Mark::Word(Level::Error)),
    ("ERR", Mark::Word(Level::Error)),
    ("CRITICAL", Mark::Word(Level::Error)),
    ("CRIT", Mark::Word(Level::Error)),
    ("FATAL", Mark::Word(Level::Error)),
    ("SEVERE", Mark::Word(Level::Error)),
    ("PANIC", Mark::Word(Level::Error)),
    ("WARNING", Mark::Word(Level::Warn)),
    ("WARN", Mark::Word(Level::Warn)),
    ("INFO", Mark::Word(Level::Info)),
    ("NOTICE", Mark::Word(Level::Info)),
    ("DEBUG", Mark::Word(Level::Debug)),
    ("TRACE", Mark::Word(Level::Trace)),
    ("error", Mark::Value(Level::Error)),
    ("critical", Mark::Value(Level::Error)),
    ("fatal", Mark::Value(Level::Error)),
    ("panic", Mark::Value(Level::Error)),
    ("warning", Mark::Value(Level::Warn)),
    ("warn", Mark::Value(Level::Warn)),
    ("info", Mark::Value(Level::Info)),
    ("notice", Mark::Value(Level::Info)),
    ("debug", Mark::Value(Level::Debug)),
    ("trace", Mark::Value(Level::Trace)),
    ("Error", Mark::Value(Level::Error)),
    ("Warning", Mark::Value(Level::Warn)),
    ("Information", Mark::Value(Level::Info)),
    ("\"level\":", Mark::Number),
    (
        "Traceback (most recent call last)",
        Mark::Text(Level::Error),
    ),
    (" panicked at ", Mark::Text(Level::Error)),
];

#[derive(Debug, Clone, Copy)]
enum Mark {
    /// A level where no letter or digit stands beside it.
    Word(Level),
    /// The same where it also begins the line or is a value: lower case is
    /// prose as well.
    Value(Level),
    /// pino and bunyan count.
    Number,
    Text(Level),
}

/// The level that the first word of `line` names which looks like one, INFO
/// where none does; `None` for a line that begins no record.
pub(crate) fn glance(line: &[u8]) -> Option<Level> {
    match line {
        [] | [b' ' | b'\t' | b'\r', ..] => return None,
        [b'<', number @ b'0'..=b'7', b'>', ..] => return Some(level::priority(number - b'0')),
        [
            letter @ (b'E' | b'F' | b'W' | b'I'),
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b' ',
            ..,
        ] => {
            // glog
            return Some(match letter {
                b'I' => Level::Info,
                b'W' => Level::Warn,
                _ => Level::Error,
            });
        }
        _ => {}
    }
    let end = line.len().min(SEEN);
    let mut from = 0;
    while let Some(found) = find(line, from, end) {
        if let Some(level) = MARKS[found.pattern()]
            .1
            .level(line, found.start(), found.end())
        {
            return Some(level);
        }
        from = found.end();
    }
    Some(Level::Info)
}

/// The first mark in this part of `line`.
fn find(line: &[u8], from: usize, end: usize) -> Option<Match> {
    /// By vectors, where the machine has them: without what a general search
    /// prepares, which for a line costs as much as the search.
    static PACKED: LazyLock<Option<Searcher>> =
        LazyLock::new(|| Searcher::new(MARKS.map(|(word, _)| word)));
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(MARKS.map(|(word, _)| word))
            .expect("a few words")
    });
    match &*PACKED {
        Some(packed) => packed.find_in(line, Span { start: from, end }),
        None => WORDS.find(Input::new(line).span(from..end)),
    }
}

impl Mark {
    /// The level that it stands for at this place of `line`.
    fn level(self, line: &[u8], start: usize, end: usize) -> Option<Level> {
        let before = start.checked_sub(1).map(|at| line[at]);
        let after = line.get(end).copied();
        let is_of_word = |byte: Option<u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let is_word = !is_of_word(before) && !is_of_word(after);
        match self {
            Self::Word(level) => is_word.then_some(level),
            Self::Value(level) => {
                let is_value = matches!(
                    before,
                    None | Some(b'=' | b'"' | b'\'' | b'[' | b'<' | b'|')
                );
                (is_word && is_value).then_some(level)
            }
            Self::Number => {
                let digits = line[end..].trim_ascii_start();
                let length = digits
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                level::numbered(std::str::from_utf8(&digits[..length]).ok()?)
            }
            Self::Text(level) => Some(level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_seen_where_loggers_write_it() {
        for (line, level) in [
            (
                "2026-01-31 23:59:59,123 - pay - ERROR - late",
                Some(Level::Error),
            ),
            (
                "INFO:     127.0.0.1:6 - \"GET /errors?error=1 HTTP/1.1\" 200 OK",
                Some(Level::Info),
            ),
            ("{\"level\":\"error\",\"msg\":\"late\"}", Some(Level::Error)),
            ("{\"level\": 50,\"msg\":\"late\"}", Some(Level::Error)),
            (
                "{\"time\":1,\"level\":30,\"msg\":\"no error\"}",
                Some(Level::Info),
            ),
            ("ts=1 level=warn msg=late", Some(Level::Warn)),
            ("[2026-01-31T23:59:59Z DEBUG pay] asked", Some(Level::Debug)),
            ("pay-1  | 12:00 [ERR] late", Some(Level::Error)),
            ("Traceback (most recent call last):", Some(Level::Error)),
            (
                "thread 'main' panicked at src/main.rs:2:5:",
                Some(Level::Error),
            ),
            (
                "E0131 23:59:59.123456   12 pool.go:88] late",
                Some(Level::Error),
            ),
            ("<4>late", Some(Level::Warn)),
            ("error: late", Some(Level::Error)),
            ("settled without an error", Some(Level::Info)),
            ("TERRORS INFORMED", Some(Level::Info)),
            ("listening", Some(Level::Info)),
            ("  File \"main.py\", line 3, in ERROR", None),
            ("\tat com.shop.Pay(ERROR)", None),
            ("\r", None),
            ("", None),
        ] {
            assert_eq!(glance(line.as_bytes()), level, "{line}");
        }
        let far = format!("{}ERROR", "x ".repeat(SEEN));
        assert_eq!(glance(far.as_bytes()), Some(Level::Info));
    }
}
