//! Prefixes of carriers that nobody has described.

use std::sync::LazyLock;

use regex::Regex;

use super::super::heads;

/// The prefixes that this stream has shown.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    /// With `0` for each digit; the last used one at the end.
    known: Vec<String>,
    /// The beginning of the line before.
    before: String,
}

/// Bytes before which a head stands behind a prefix.
const WIDEST: usize = 100;

/// Words of the longest prefix: a pod and its container.
const MOST_WORDS: usize = 2;

const MOST_KNOWN: usize = 16;

impl Prefixes {
    /// The prefix of `line` and what follows.
    ///
    /// It is one if a stamp and a level stand behind it and nothing is known of
    /// how the line itself begins, and if the line before had it, too: what a
    /// stranger sends to a service makes no line look like another's.
    pub(super) fn take<'a>(&mut self, line: &'a str) -> Option<(&'a str, &'a str)> {
        let known = self.known.iter().position(|prefix| begins(line, prefix));
        if let Some(at) = known {
            let prefix = self.known.remove(at);
            let parts = line.split_at(prefix.len());
            self.known.push(prefix);
            return Some(parts);
        }
        let found = candidate(line).filter(|prefix| begins(&self.before, &shape(prefix)));
        let parts = found.map(|prefix| {
            if self.known.len() == MOST_KNOWN {
                self.known.remove(0);
            }
            self.known.push(shape(prefix));
            line.split_at(prefix.len())
        });
        self.before.clear();
        let mut end = line.len().min(WIDEST);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        self.before.push_str(&line[..end]);
        parts
    }
}

/// What stands before the stamp and the level of `line`.
fn candidate(line: &str) -> Option<&str> {
    static STAMP: LazyLock<Regex> = LazyLock::new(|| {
        let level = format!("(?:{})", heads::LEVEL_NAMES);
        Regex::new(&format!(
            r"^[\w.:/@\[\]()#>-]+(?: [\w.:/@\[\]()#>-]+){{0,{}}} +[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\S* +(?:\W+)?{level}\b",
            MOST_WORDS - 1,
        ))
        .expect("a valid pattern")
    });
    if !line.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || c == '(') {
        return None;
    }
    let found = STAMP.find(line)?.as_str();
    let at = stamp_in(found)?;
    (at <= WIDEST && heads::recognise(line).is_none()).then(|| &line[..at])
}

/// Where the date in `text` begins that a space stands before.
fn stamp_in(text: &str) -> Option<usize> {
    let is_date = |at: usize| {
        let date = text.as_bytes().get(at..at + 10);
        date.is_some_and(|date| {
            date.iter().enumerate().all(|(n, byte)| match n {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
        })
    };
    text.match_indices(' ')
        .map(|(at, _)| at + 1)
        .find(|&at| is_date(at))
}

/// With `0` for each digit.
fn shape(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect()
}

fn begins(line: &str, shape: &str) -> bool {
    line.len() >= shape.len()
        && line
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, form)| byte == form || form == b'0' && byte.is_ascii_digit())
}
