//! Secrets that a report tells away from their names: what a validator was
//! given, a value before its name, one that stands in for another.

use crate::redact::lexicon::looks_secret::{is_placeholder, looks_secret};
use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::words::{AGAIN, INPUTS, REPORTED};
use crate::redact::scan::Scan;
use crate::redact::scan::found::{holds_mark, mark};
use crate::redact::text::alphabet::{ALNUM, LETTER, QUOTE, SPACE, is};

/// Bytes after a name in which a report tells what was given.
const REPORT_BYTES: usize = 320;

/// Bytes before a name in which an object has the value of that name.
const BEFORE_BYTES: usize = 96;

/// Bytes of a line after a value that another may stand in for.
const INSTEAD_BYTES: usize = 128;

impl Scan<'_> {
    /// What a report says that it was given for the name that ends at `end`:
    /// `input_value='…'`, `"input": "…"`, `got '…'`; and where the name is the
    /// value of a field itself, its neighbour.
    pub(in crate::redact) fn reported(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let far = bytes.len().min(end + REPORT_BYTES);
        let quoted = start > 0 && is(bytes[start - 1], QUOTE);
        // A name alone has a line of its own there.
        if !quoted && !matches!(bytes.get(end), Some(b'\n' | b'\r')) {
            return None;
        }
        let mut at = end;
        // From word to word: none of them is looked at twice.
        while at < far {
            let skipped = bytes[at..far]
                .iter()
                .take_while(|&&byte| !is(byte, LETTER))
                .count();
            // What an empty line parts belongs to something else.
            if bytes[at..at + skipped]
                .windows(2)
                .any(|pair| pair == b"\n\n")
            {
                return None;
            }
            let from = at + skipped;
            let to = from
                + bytes[from..]
                    .iter()
                    .take(REPORT_BYTES)
                    .take_while(|&&byte| is(byte, LETTER) || byte == b'_')
                    .count();
            if from == to {
                return None;
            }
            at = to;
            let word = &bytes[from..to];
            // `input` alone is any field, beside a name that is no value.
            let inputs = INPUTS.has_in_any_case(word) && (quoted || word.contains(&b'_'))
                || !quoted && word == b"left";
            let reports = quoted && REPORTED.has_in_any_case(word);
            // `"password" with value "…"`.
            if quoted && word == b"value" && bytes.get(to) == Some(&b' ') {
                return self.quoted_secret(to + 1);
            }
            // What another field of the name was given is another thing.
            if (inputs || reports) && self.sign_after(to).is_some() {
                return self.given(to);
            }
        }
        None
    }

    /// Where what is given begins after a name that ends at `end`, its quote and
    /// a sign.
    pub(super) fn sign_after(&self, end: usize) -> Option<usize> {
        let quote = self.bytes.get(end).is_some_and(|&byte| is(byte, QUOTE));
        let at = end + usize::from(quote);
        matches!(self.bytes.get(at), Some(b'=' | b':')).then_some(at + 1)
    }

    /// The quoted value after a name that ends at `end`.
    pub(super) fn given(&self, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let mut at = self.sign_after(end)?;
        at += bytes[at..]
            .iter()
            .take(4)
            .take_while(|&&byte| byte == b' ')
            .count();
        // `SecretStr('…')`, `Some("…")`.
        let wrapper = bytes[at..]
            .iter()
            .take(24)
            .take_while(|&&byte| is(byte, ALNUM))
            .count();
        if bytes.get(at + wrapper) == Some(&b'(') {
            at += wrapper + 1;
        }
        self.quoted_secret(at)
    }

    /// The inside of the quotes at `open`, if it may be a secret.
    pub(super) fn quoted_secret(&self, open: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let quote = *bytes.get(open).filter(|&&byte| is(byte, QUOTE))?;
        let most = bytes.len().min(open + 1 + REPORT_BYTES);
        let len = bytes[open + 1..most]
            .iter()
            .position(|&byte| byte == quote)
            .unwrap_or(most - open - 1);
        let (from, to) = (open + 1, open + 1 + len);
        let value = &bytes[from..to];
        let secret = len >= 4 && !is_placeholder(value) && !holds_mark(value);
        secret.then_some((from, to))
    }

    /// `{"value": "…", "name": "DB_PASSWORD"}`, `[{'input': '…', 'loc': (…,
    /// 'api_key')`: the value before the name that begins at `start`.
    pub(in crate::redact) fn before_name(&self, start: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        if start == 0 || !is(bytes[start - 1], QUOTE) {
            return None;
        }
        let from = start.saturating_sub(BEFORE_BYTES).max(self.floor);
        let near = bytes.get(from..start)?;
        if let Some(value) = self.refused(from, near) {
            return Some(value);
        }
        let near = &near[near.iter().rposition(|&byte| byte == b'{')? + 1..];
        let quote = *near.first().filter(|&&byte| is(byte, QUOTE))?;
        let open = start - near.len();
        let len = near[1..].iter().position(|&byte| byte == quote)?;
        let word = &near[1..=len];
        if !(INPUTS.has_in_any_case(word) || REPORTED.has_in_any_case(word)) {
            return None;
        }
        self.given(open + 1 + len)
    }

    /// `invalid value '…' for '--api-key <KEY>'`, or a field that is unknown where
    /// `password` was expected: what was refused before the name after `near`, which begins
    /// at `from`.
    fn refused(&self, from: usize, near: &[u8]) -> Option<(usize, usize)> {
        const BEFORE: [&[u8]; 4] = [b" value '", b" value \"", b" field `", b" variant `"];
        const BETWEEN: [&[u8]; 3] = [b" for ", b", expected ", b": "];
        let (at, len) = BEFORE.iter().find_map(|text| {
            let at = near.windows(text.len()).rposition(|part| part == *text)?;
            Some((at, text.len()))
        })?;
        let (open, quote) = (at + len - 1, near[at + len - 1]);
        let close = open + 1 + near[open + 1..].iter().position(|&byte| byte == quote)?;
        let between = near.get(close + 1..)?;
        if !BETWEEN.iter().any(|text| between.starts_with(text)) {
            return None;
        }
        self.quoted_secret(from + open)
    }

    /// `None or '…'`, `os.getenv("PW") or "…"`: what stands in for a value that
    /// begins at `from`, on the same line.
    pub(in crate::redact) fn instead(&self, from: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let most = bytes.len().min(from + INSTEAD_BYTES);
        let line = bytes.get(from..most)?;
        let line = &line[..line
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(line.len())];
        let joins = [&b" or "[..], b" || ", b" ?? "];
        let (at, len) = joins.iter().find_map(|join| {
            let at = line.windows(join.len()).position(|part| part == *join)?;
            Some((at, join.len()))
        })?;
        self.quoted_secret(from + at + len)
    }

    /// As [`instead`](Self::instead), for a name that ends at `end` and is
    /// assigned what is no value.
    pub(in crate::redact) fn instead_of_nothing(&self, end: usize) -> Option<(usize, usize)> {
        let rest = self.bytes.get(end..)?;
        let sign = rest.iter().take(3).position(|&byte| byte == b'=')?;
        self.instead(end + sign + 1)
    }

    /// The right side of an assertion whose left one ends at `to`.
    pub(in crate::redact) fn right(&self, to: usize) -> Option<(usize, usize)> {
        let rest = self.bytes.get(to + 1..)?.strip_prefix(b"\n")?;
        let blanks = rest
            .iter()
            .take(8)
            .take_while(|&&byte| byte == b' ')
            .count();
        let sides = rest[blanks..].starts_with(b"right: ");
        sides.then(|| self.quoted_secret(to + 2 + blanks + b"right: ".len()))?
    }

    /// The value that one was changed to or compared with, after what ends at
    /// `to`: `from A to B`, `A != B`, `old=A new=B`.
    pub(in crate::redact) fn other(&self, to: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let mut at = to;
        at += usize::from(bytes.get(at).is_some_and(|&byte| is(byte, QUOTE)));
        at += usize::from(bytes.get(at) == Some(&b','));
        if bytes.get(at) != Some(&b' ') {
            return None;
        }
        at += 1;
        let near = bytes.get(at..bytes.len().min(at + 10))?;
        let word = near.iter().position(|&byte| byte == b' ');
        let sign = near.iter().position(|&byte| byte == b'=');
        let leads = |len: &usize| AGAIN.has(&near[..*len]);
        let len = word.filter(leads).or_else(|| sign.filter(leads))?;
        let mut from = at + len + 1;
        let quote = bytes.get(from).copied().filter(|&byte| is(byte, QUOTE));
        from += usize::from(quote.is_some());
        let end = from
            + bytes[from..]
                .iter()
                .take(INSTEAD_BYTES)
                .take_while(|&&byte| !is(byte, SPACE | QUOTE) && !matches!(byte, b',' | b')'))
                .count();
        let value = &bytes[from..end];
        (mark(value).is_none() && looks_secret(value, Announces::Secret)).then_some((from, end))
    }
}
