//! What was found tells of more: what a name announced is secret wherever else
//! the text has it, in a path or a list; and a secret that a line end breaks
//! goes on on the next line.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::{looks_like_key, looks_like_vendor_key};
use crate::redact::scan::Scan;
use crate::redact::scan::found::{Found, REDACTED};
use crate::redact::text::alphabet::{
    DIGIT, JOIN, LETTER, LOWER, QUOTE, SPACE, TOKEN, UPPER, is, union,
};
use crate::redact::text::forms::is_uuid;
use crate::redact::text::letters::unlike_words;

/// Values of a text that are looked for again, and how long they may be: what
/// bounds the cost.
const VALUES: usize = 4;
const VALUE_BYTES: usize = 128;

/// Bytes of the shortest value: less may be part of anything.
const LEAST_BYTES: usize = 8;

/// Lines of a broken secret that are followed from each that is found: what
/// bounds the cost.
const LINES: usize = 8;

/// Bytes of a piece of a broken secret: less gives nothing away, more is no
/// line.
const PIECE_BYTES: std::ops::RangeInclusive<usize> = 12..=256;

/// Blanks before a piece of a broken secret.
const INDENT_BYTES: usize = 16;

impl Scan<'_> {
    /// What follows from what was found.
    pub(in crate::redact) fn repeats(&mut self) {
        self.values_again();
        self.broken();
    }

    /// Masks the rest of secrets that are broken by line ends.
    fn broken(&mut self) {
        let found = self.found().len();
        for at in 0..found {
            let Found {
                start, end, class, ..
            } = self.found()[at];
            if !matches!(
                class,
                Class::Vendor
                    | Class::Jwt
                    | Class::Opaque
                    | Class::Key
                    | Class::Authorization
                    | Class::Named
            ) {
                continue;
            }
            let next = self.found()[..found].get(at + 1).copied();
            let last = at.checked_sub(1).map(|at| self.found()[at]);
            let mut from = end;
            for _ in 0..LINES {
                let Some((start, end)) = self.piece_after(from) else {
                    break;
                };
                // It was found itself, and is followed from there.
                if next.is_some_and(|next| next.start <= start) {
                    break;
                }
                self.push(start, end, class, REDACTED);
                from = end;
            }
            if class != Class::Opaque {
                continue;
            }
            let mut to = start;
            for _ in 0..LINES {
                let Some((start, end)) = self.piece_before(to) else {
                    break;
                };
                if last.is_some_and(|last| last.end >= end) {
                    break;
                }
                self.push(start, end, class, REDACTED);
                to = start;
            }
        }
    }

    /// The piece on the line after what ends at `at`, if the line ends there.
    fn piece_after(&self, at: usize) -> Option<(usize, usize)> {
        let rest = &self.bytes[at..];
        // `\` at the end of a line lets it go on.
        let line = usize::from(rest.first() == Some(&b'\\'));
        let line = line + usize::from(rest.get(line) == Some(&b'\r'));
        if rest.get(line) != Some(&b'\n') {
            return None;
        }
        let indent = rest[line + 1..]
            .iter()
            .take(INDENT_BYTES)
            .take_while(|&&byte| is(byte, SPACE))
            .count();
        let start = at + line + 1 + indent;
        let piece = self.bytes[start..]
            .iter()
            .take(PIECE_BYTES.end() + 1)
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let end = start + piece;
        let ends = self.bytes.get(end).is_none_or(|&byte| {
            is(byte, SPACE | QUOTE) || matches!(byte, b'\\' | b'=' | b',' | b';')
        });
        // `NAME=value` is none.
        let named = self.bytes.get(end) == Some(&b'=')
            && self
                .bytes
                .get(end + 1)
                .is_some_and(|&byte| byte != b'=' && !is(byte, SPACE));
        (ends && !named && is_piece(&self.bytes[start..end])).then_some((start, end))
    }

    /// The piece at the end of the line before what begins at `at`, if a line
    /// begins there.
    fn piece_before(&self, at: usize) -> Option<(usize, usize)> {
        let before = &self.bytes[..at];
        let indent = before
            .iter()
            .rev()
            .take(INDENT_BYTES)
            .take_while(|&&byte| is(byte, SPACE))
            .count();
        if !before[at - indent..].contains(&b'\n') {
            return None;
        }
        let before = &before[..at - indent];
        let end = before.len() - usize::from(before.last() == Some(&b'\\'));
        let piece = before[..end]
            .iter()
            .rev()
            .take(PIECE_BYTES.end() + 1)
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let start = end - piece;
        is_piece(&before[start..end]).then_some((start, end))
    }

    /// Masks the values of names once more where they stand without one.
    fn values_again(&mut self) {
        let bytes = self.bytes;
        let mut values: [&[u8]; VALUES] = [&[]; VALUES];
        let mut count = 0;
        for &Found {
            start, end, class, ..
        } in self.found()
        {
            let value = &bytes[start..end];
            if matches!(class, Class::Named | Class::Authorization | Class::Key)
                && (LEAST_BYTES..=VALUE_BYTES).contains(&value.len())
                && looks_like_vendor_key(value)
                && !values[..count].contains(&value)
            {
                values[count] = value;
                count += 1;
                if count == VALUES {
                    break;
                }
            }
        }
        for value in &values[..count] {
            let mut at = 0;
            while let Some(from) = find(&bytes[at..], value) {
                let start = at + from;
                at = start + value.len();
                self.push(start, at, Class::Named, REDACTED);
            }
        }
    }
}

/// Where `value` begins in `text`.
fn find(text: &[u8], value: &[u8]) -> Option<usize> {
    let (&first, rest) = value.split_first()?;
    let mut from = 0;
    loop {
        from += text[from..].iter().position(|&byte| byte == first)?;
        if text[from + 1..].starts_with(rest) {
            return Some(from);
        }
        from += 1;
    }
}

/// Whether a token may be a piece of a secret: it looks like a key, and no part
/// of it is a word.
fn is_piece(piece: &[u8]) -> bool {
    let word = |part: &[u8]| {
        part.len() > 3
            && union(part) & DIGIT == 0
            && (union(part) & LETTER != LETTER
                || is(part[0], UPPER) && part[1..].iter().all(|&byte| is(byte, LOWER)))
    };
    let classes = union(piece);
    PIECE_BYTES.contains(&piece.len())
        && !is_uuid(piece)
        && (looks_like_key(piece)
            || classes & DIGIT != 0 && classes & LETTER != 0 && unlike_words(piece, 4, 55))
        && !piece.split(|&byte| is(byte, JOIN)).any(word)
}

#[cfg(test)]
mod tests {
    use crate::redact::scrubber::scrub_by_patterns as scrub;

    #[test]
    fn a_secret_goes_on_after_a_line_end() {
        for line_end in ["\n", "\r\n", "\n    ", "\\\n", "\\n", "\\r\\n"] {
            for text in [
                "with ghp_a8Zk3LmQ9xT2v§B7nR4sWa8Zk3LmQ now",
                "hf_a8Zk3LmQ9xT2§vB7nR4sWa8Zk3LmQ9xT2vB7n x",
                "password=a8Zk3LmQ9xT2§vB7nR4sWa8Zk§3LmQ9xT2vB7n",
            ] {
                let text = text.replace('§', line_end);
                let shown = scrub(&text);
                for piece in ["LmQ9xT2", "B7nR4sW"] {
                    assert!(!shown.contains(piece), "{text} was shown as {shown}");
                }
                // Only the secret is gone.
                let lines = text.matches('\n').count();
                assert_eq!(shown.matches('\n').count(), lines, "{shown}");
            }
        }
    }

    #[test]
    fn another_line_does_not_belong_to_a_secret() {
        for text in [
            "2025-11-03T15:21:36Z INFO shop: settled in 12 ms",
            "payments-7d9f8b6c5d-x2x4z Running",
            "4c1d9e0b-7a35-4288-86de-01bb93fa7c20 settled",
            "client_id_v2x1: 7",
            "SHOP_RETRIES2=7",
            "/srv/shop/releases/20251103/app.log",
            "at shop::settle::h484cd47786497f03",
        ] {
            let text = format!("with ghp_a8Zk3LmQ9xT2vB7n\n{text}");
            let expected = text.replace("a8Zk3LmQ9xT2vB7n", "[REDACTED]");
            assert_eq!(scrub(&text), expected);
        }
    }

    #[test]
    fn many_lines_cost_as_much_as_few() {
        let text = "a8Zk3LmQ9xT2vB7nR4sWa8Zk\n".repeat(2000);
        assert_eq!(scrub(&text), "[REDACTED]\n".repeat(2000));
    }
}
