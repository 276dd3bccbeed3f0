//! How a request ended: its status, and how long it took.

use std::fmt;
use std::time::Duration;

use super::said::{each_word, hash, own_text};
use crate::channel::figures::duration;
use crate::record::Record;

/// `500 in 3 ms`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::channel) struct Status {
    /// 0 where it is not known.
    code: u16,
    took: Option<Duration>,
}

/// What a record that tells the status says beside it.
const WORDS: &[&str] = &[
    "status",
    "code",
    "http",
    "response",
    "request",
    "failed",
    "finished",
    "completed",
    "processing",
    "classification",
    "elapsed",
    "latency",
    "duration",
    "took",
    "ms",
    "s",
    "us",
    "method",
    "path",
    "uri",
    "route",
    "in",
    "with",
    "the",
    "error",
    "internal",
    "server",
    "bad",
    "gateway",
    "service",
    "unavailable",
    "timeout",
    "not",
    "found",
    "unauthorized",
    "forbidden",
    "unprocessable",
    "entity",
    "content",
    "conflict",
    "too",
    "many",
    "requests",
    "ok",
];

/// Words beyond those that it may have. More, and it says something else.
const MOST_OTHER: usize = 2;

/// Bytes of a record that tells the status.
const MOST_BYTES: usize = 256;

/// The status that `record` tells, if it tells nothing else: nothing but what
/// such records say, and words that are `known`.
pub(super) fn of(record: &Record, known: impl Fn(u64) -> bool) -> Option<Status> {
    let text = own_text(record);
    if text.len() > MOST_BYTES {
        return None;
    }
    let code = code(text)?;
    let before = &record.text[..record.text.len() - text.len()];
    let mut usual: Vec<u64> = WORDS.iter().map(|word| hash(word)).collect();
    usual.push(hash(&code.to_string()));
    each_word(before, |word| {
        usual.push(word);
        true
    });
    let mut others = 0;
    each_word(text, |word| {
        others += usize::from(!usual.contains(&word) && !known(word));
        others <= MOST_OTHER
    });
    (others <= MOST_OTHER).then(|| Status {
        code,
        took: took(text),
    })
}

/// Whether `record` names a status, whatever else it says.
pub(super) fn is_told_by(record: &Record) -> bool {
    code(own_text(record)).is_some()
}

impl Status {
    pub(super) fn is_failure(self) -> bool {
        self.code >= 400
    }

    /// Whether both can be of one request.
    pub(super) fn agrees(self, other: Self) -> bool {
        self.code == other.code
    }

    /// What is not known of this, by `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            code: if self.code == 0 {
                other.code
            } else {
                self.code
            },
            took: self.took.or(other.took),
        }
    }

    /// Writes it behind the request that the record names. Says whether there
    /// is one.
    pub(super) fn insert_into(self, record: &mut Record) -> bool {
        let Some(at) = place(record) else {
            return false;
        };
        let text = format!(" {self}");
        record.text.insert_str(at, &text);
        for span in &mut record.public {
            // What is public before it stays as it is, what it falls into ends
            // there.
            if span.start >= at {
                span.start += text.len();
                span.end += text.len();
            } else {
                span.end = span.end.min(at);
            }
        }
        if let Some(within) = &mut record.within {
            within.text += text.len();
        }
        true
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.took {
            // As services write it that count in milliseconds.
            Some(took) if took.as_millis() == 0 => f.write_str(" in 0 ms"),
            Some(took) => write!(f, " in {}", duration(took)),
            None => Ok(()),
        }
    }
}

/// Behind `POST /verify`, or else behind all that the spans say.
fn place(record: &Record) -> Option<usize> {
    let text = &record.text;
    let context = record.within.map_or(0, |within| within.text);
    let within = text.get(..context).unwrap_or_default();
    let all = if within.is_empty() { text } else { within };
    let request = || {
        let (method, rest) = all.split_once(' ')?;
        let is_method = method.len() <= "OPTIONS".len()
            && !method.is_empty()
            && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let path = rest.split([' ', '>']).next().unwrap_or(rest);
        let path = path.strip_suffix(':').unwrap_or(path);
        (is_method && path.starts_with('/')).then_some(method.len() + 1 + path.len())
    };
    request().or_else(|| within.strip_suffix(": ").map(str::len))
}

/// The number behind `status=`, `status_code: ` or `Status code: `.
fn code(text: &str) -> Option<u16> {
    const NAME: &[u8] = b"status";
    let bytes = text.as_bytes();
    let words = bytes.windows(NAME.len()).enumerate();
    let mut found = words.filter(|(_, word)| word.eq_ignore_ascii_case(NAME));
    found.find_map(|(at, _)| {
        let mut rest = &bytes[at + NAME.len()..];
        for name in [&b"_code"[..], b" code", b"code", b".code"] {
            let next = rest.get(..name.len());
            if next.is_some_and(|next| next.eq_ignore_ascii_case(name)) {
                rest = &rest[name.len()..];
                break;
            }
        }
        let mut separated = false;
        while let [b'"' | b'\'' | b' ' | b'=' | b':', tail @ ..] = rest {
            separated |= matches!(rest[0], b'=' | b':');
            rest = tail;
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        (separated && digits == 3 && (100..600).contains(&number)).then_some(number)
    })
}

/// The time behind `elapsed=3ms`, `latency=3 ms`, `duration_ms=3`.
fn took(text: &str) -> Option<Duration> {
    const NAMES: &[&str] = &["elapsed", "latency", "duration", "took", "response_time"];
    NAMES.iter().find_map(|name| {
        let at = text.find(name)? + name.len();
        let rest = &text[at..];
        let (unit_of_name, rest) = match (rest.strip_prefix("_ms"), rest.strip_prefix("_s")) {
            (Some(rest), _) => (Some("ms"), rest),
            (_, Some(rest)) => (Some("s"), rest),
            _ => (None, rest),
        };
        let rest = rest.trim_start_matches(['"', '\'', '=', ':', ' ']);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let rest = rest.trim_start();
        let end = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let seconds = match unit_of_name.unwrap_or(&rest[..end]) {
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
    })
}

#[cfg(test)]
mod tests;
