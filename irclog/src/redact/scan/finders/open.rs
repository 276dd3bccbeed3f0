//! Identifiers that somebody needs to find a thing again, where nothing
//! announces a secret: what of them stays readable.

use crate::redact::lexicon::words::{IDENTIFIERS, NOUNS, PINNED, TRACED};
use crate::redact::scan::Scan;
use crate::redact::text::alphabet::{
    ALNUM, DIGIT, LETTER, LOWER, QUOTE, TOKEN, UPPER, is, is_hex, union,
};
use crate::redact::text::squeeze::squeeze;

/// Characters of an identifier that stay: enough to find it again, and of the
/// shortest twelve are left to guess.
pub(in crate::redact) const KEPT: usize = 8;

/// Those that stay after a prefix.
const KEPT_AFTER: usize = 6;

/// Those of a ULID, which are its time.
const ULID_TIME: usize = 10;

/// Characters of the shortest identifier after a prefix.
const PREFIXED: usize = 14;

/// Digits of a hash that its tools show.
const PINNED_DIGITS: usize = 12;

/// Bytes of a name before an identifier.
const NAME_BYTES: usize = 32;

impl Scan<'_> {
    /// How many bytes stay of the token in `start..end`, which looks random and
    /// has no name that announces it; `None`, if all has to go.
    pub(in crate::redact) fn identifier(&self, start: usize, end: usize) -> Option<usize> {
        let text = &self.bytes[start..end];
        let classes = union(text);
        if self.bytes[..start].ends_with(b"SHA256:") && text.len() >= 43 {
            return Some(text.len());
        }
        let mut name = [0; NAME_BYTES];
        let name = self.name_before(start, &mut name);
        if name.ends_with(b"publickey") || name.ends_with(b"pubkey") {
            return Some(text.len());
        }
        if text.len() == 26 && text.starts_with(b"01") && classes & LOWER == 0 {
            return Some(ULID_TIME);
        }
        let join = text.iter().position(|&byte| matches!(byte, b'_' | b'-'));
        if let Some(join) = join
            && IDENTIFIERS.has(&text[..join])
            && text.len() - join > PREFIXED
            && text[join + 1..].iter().all(|&byte| is(byte, ALNUM))
        {
            return Some(join + 1 + KEPT_AFTER);
        }
        // `x-amz-id-2`, whose digit is no letter of the name.
        let identifies = name.len() > 2 && name.ends_with(b"id");
        (text.len() >= 20 && (identifies || self.follows_noun(start))).then_some(KEPT)
    }

    /// `order czk6…`, `room EBct…`: whether the word before says what it is.
    fn follows_noun(&self, start: usize) -> bool {
        let before = &self.bytes[..start];
        let Some(before) = before.strip_suffix(b" ") else {
            return false;
        };
        let len = before
            .iter()
            .rev()
            .take(NAME_BYTES)
            .take_while(|&&byte| is(byte, LETTER))
            .count();
        NOUNS.has_in_any_case(&before[before.len() - len..])
    }

    /// The letters of the name before a sign and a value at `start`, in small
    /// letters.
    fn name_before<'a>(&self, start: usize, name: &'a mut [u8; NAME_BYTES]) -> &'a [u8] {
        let mut before = &self.bytes[..start];
        let mut strip = |of: fn(u8) -> bool| {
            if let [rest @ .., last] = before
                && of(*last)
            {
                before = rest;
                return true;
            }
            false
        };
        strip(|byte| is(byte, QUOTE));
        strip(|byte| byte == b' ');
        if !strip(|byte| matches!(byte, b'=' | b':')) {
            return &[];
        }
        strip(|byte| is(byte, QUOTE));
        let mut at = NAME_BYTES;
        for &byte in before.iter().rev().take_while(|&&byte| is(byte, TOKEN)) {
            if is(byte, LETTER) {
                let Some(next) = at.checked_sub(1) else {
                    break;
                };
                at = next;
                name[at] = byte.to_ascii_lowercase();
            }
        }
        &name[at..]
    }

    /// Whether 32 bytes in hexadecimal at `start` stand after a name that the
    /// user calls public.
    pub(in crate::redact) fn is_public(&self, start: usize) -> bool {
        if self.names.public.is_empty() {
            return false;
        }
        let between = |byte: &&u8| is(**byte, QUOTE) || matches!(**byte, b' ' | b'=' | b':' | b'(');
        let before = self.bytes[..start].iter().rev();
        let end = start - before.take(NAME_BYTES).take_while(between).count();
        let name = self.bytes[..end].iter().rev().take(NAME_BYTES);
        let len = name.take_while(|&&byte| is(byte, TOKEN)).count();
        self.names
            .public
            .contains(&squeeze(&self.bytes[end - len..end]))
    }

    /// How many of the hexadecimal digits in `from..to` stay, if more than of
    /// another: all of a trace's, twelve of a commit, a digest, a container.
    pub(in crate::redact) fn traced(&self, from: usize, to: usize) -> Option<usize> {
        let digits = to - from;
        let mut name = [0; NAME_BYTES];
        if matches!(digits, 16 | 32) && TRACED.has(self.name_before(from, &mut name)) {
            return Some(digits);
        }
        if !matches!(digits, 40 | 64) {
            return None;
        }
        let before = &self.bytes[..from];
        let before = before
            .strip_suffix(b" ")
            .or_else(|| before.strip_suffix(b":"))?;
        let before = before.strip_suffix(b":").unwrap_or(before);
        let len = before
            .iter()
            .rev()
            .take(NAME_BYTES)
            .take_while(|&&byte| is(byte, ALNUM))
            .count();
        let word = &before[before.len() - len..];
        PINNED.has_in_any_case(word).then_some(PINNED_DIGITS)
    }

    /// `1-04bbd0de-5393ba19d756668e82d8b826`: how much stays of a trace of
    /// X-Ray: its time, and six digits.
    pub(in crate::redact) fn x_ray(&self, start: usize, end: usize) -> Option<usize> {
        let text = &self.bytes[start..end];
        let is_one = text.len() == 35
            && text.starts_with(b"1-")
            && text[10] == b'-'
            && text[2..10]
                .iter()
                .chain(&text[11..])
                .all(|&byte| is_hex(byte));
        is_one.then_some(17)
    }
}

/// Whether a segment of a path, after one that names many things of a kind, is
/// the identifier of one: `/payments/7fia3pgl…`.
pub(in crate::redact) fn is_one_of(kind: &[u8], segment: &[u8]) -> bool {
    const DOORS: [&[u8]; 7] = [
        b"services",
        b"hooks",
        b"webhooks",
        b"keys",
        b"tokens",
        b"secrets",
        b"sessions",
    ];
    let classes = union(segment);
    kind.len() > 3
        && kind.ends_with(b"s")
        && kind.iter().all(|&byte| is(byte, LOWER))
        && !DOORS.contains(&kind)
        && segment.len() >= 20
        && classes & (UPPER & !LOWER) == 0
        && classes & DIGIT != 0
        && segment.iter().all(|&byte| is(byte, LOWER | DIGIT))
}
