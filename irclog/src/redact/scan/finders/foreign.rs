//! Names in scripts that have no word boundaries of ASCII: `пароль: …`,
//! `密码是…`. They are looked for as they are written, where a text has any
//! letter of such a script at all.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::{is_placeholder, looks_chosen, strip_quote};
use crate::redact::lexicon::words::SCRIPTS;
use crate::redact::scan::Scan;
use crate::redact::scan::found::{REDACTED, mark};
use crate::redact::text::alphabet::{QUOTE, SPACE, TOKEN, is};

/// The first byte of the first script beyond Latin and Greek: Cyrillic.
const FIRST: u8 = 0xd0;

/// Bytes of the source that stand for one: `\xe7`.
const ESCAPED: usize = 4;

/// Escaped bytes of a string from which it is no text: a quarter of those of a
/// key of 128 bits are letters.
const ESCAPES: usize = 8;

/// Bytes of a value.
const VALUE_BYTES: usize = 256;

/// Words that say `is` between a name and its value.
const IS: [&str; 5] = ["是", "为", "為", "は", "—"];

impl Scan<'_> {
    /// Masks the values of names in other scripts.
    pub(in crate::redact) fn foreign(&mut self) {
        let bytes = self.bytes;
        // Cyrillic, Hebrew, Arabic, and what has three bytes.
        let Some(mut at) = self.survey.rare().find(|&at| bytes[at] >= FIRST) else {
            return;
        };
        while let Some(skipped) = bytes[at..].iter().position(|&byte| byte >= FIRST) {
            at += skipped;
            let rest = &bytes[at..];
            if rest.starts_with("└ ".as_bytes()) {
                if let Some((from, to)) = self.below_code(at) {
                    self.push(from, to, Class::Named, REDACTED);
                }
                at += "└ ".len();
                continue;
            }
            let Some(name) = SCRIPTS
                .iter()
                .find(|name| rest.starts_with(name.as_bytes()))
            else {
                at += 1;
                continue;
            };
            at += name.len();
            if let Some((from, to)) = self.foreign_value(at) {
                self.push(from, to, Class::Named, REDACTED);
                at = to;
            }
        }
    }

    /// `b'\xe7\x9d…'`: bytes as Python writes them, most of which are no text.
    pub(in crate::redact) fn byte_strings(&mut self) {
        let bytes = self.bytes;
        let mut at = 0;
        while let Some(skipped) = bytes[at..]
            .windows(2)
            .position(|pair| pair[0] == b'b' && matches!(pair[1], b'\'' | b'"'))
        {
            let open = at + skipped + 1;
            let (mut end, mut written) = (open + 1, 0);
            let ends = |at: usize| {
                let written = self.view.depth(at) == 1;
                written && (bytes[at] == bytes[open] || bytes[at] == b'\n')
            };
            while end < bytes.len() && !ends(end) {
                written += usize::from(self.view.depth(end) >= ESCAPED);
                end += 1;
            }
            let first = open - 1;
            let literal = first == 0 || !is(bytes[first - 1], TOKEN);
            if literal && written >= ESCAPES {
                self.push(open + 1, end, Class::Bytes, "[BYTES]");
            }
            at = end;
        }
    }

    /// The value after a name that ends at `end`.
    fn foreign_value(&self, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let blank = |at: usize| {
            let rest = bytes.get(at..).unwrap_or(&[]);
            at + rest
                .iter()
                .take(4)
                .take_while(|&&byte| is(byte, SPACE))
                .count()
        };
        let mut at = end;
        at += usize::from(bytes.get(at).is_some_and(|&byte| is(byte, QUOTE)));
        at = blank(at);
        let signed = matches!(bytes.get(at), Some(b':' | b'='));
        let said = IS.iter().find(|word| {
            bytes
                .get(at..)
                .is_some_and(|rest| rest.starts_with(word.as_bytes()))
        });
        at += usize::from(signed) + said.map_or(0, |word| word.len());
        let parted = signed || said.is_some();
        if !parted && at == end {
            return None;
        }
        at = blank(at);
        let quote = bytes.get(at).copied().filter(|&byte| is(byte, QUOTE));
        at += usize::from(quote.is_some());
        let rest = bytes.get(at..)?;
        if mark(rest).is_some() {
            return None;
        }
        let ends = |&byte: &u8| match quote {
            Some(quote) => byte == quote,
            None => is(byte, SPACE | QUOTE) || byte >= FIRST || matches!(byte, b',' | b';' | b'}'),
        };
        let near = &rest[..rest.len().min(VALUE_BYTES)];
        let len = near.iter().position(ends).unwrap_or(near.len());
        let value = &near[..len];
        let secret = if parted {
            len >= 4 && !is_placeholder(value)
        } else {
            looks_chosen(strip_quote(value))
        };
        secret.then_some((at, at + len))
    }
}
