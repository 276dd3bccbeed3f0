//! What stands after a name and is no secret by what it is.

use super::{BLANKS, Separator};
use crate::redact::lexicon::looks_secret::{is_reason, is_word, looks_like_key, strip_quote};
use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::words::{COOKIE, JUDGED};
use crate::redact::scan::Scan;
use crate::redact::text::alphabet::{ALNUM, LETTER, LOWER, QUOTE, TOKEN, UPPER, is, is_hex};
use crate::redact::text::forms::{Base58, base58, is_keypair};

/// Hexadecimal digits of an address.
const CONTRACT_DIGITS: usize = 40;

/// Bytes of the shortest signature that is given in a sentence.
const SIGNATURE_BYTES: usize = 20;

/// Bytes of a reason that are looked at.
const REASON_BYTES: usize = 80;

/// Bytes of the name of another value.
const OTHER_NAME_BYTES: usize = 16;

impl Scan<'_> {
    /// Whether what stands after a name that ends at `end` is no secret by what
    /// it is: a reason, a contract, a type, the attributes of a cookie.
    pub(super) fn is_open(
        &self,
        end: usize,
        (from, to): (usize, usize),
        kind: Announces,
        separator: Separator,
    ) -> bool {
        let value = strip_quote(&self.bytes[from..to]);
        if let Some(digits) = value.strip_prefix(b"0x")
            && matches!(kind, Announces::Token | Announces::Signature)
            && (kind == Announces::Signature
                || digits.len() == CONTRACT_DIGITS
                || digits.len() <= 16)
            && digits.iter().all(|&byte| is_hex(byte))
        {
            return true;
        }
        if kind == Announces::Signature {
            // Of a transaction on Solana the head is shown.
            let solana = base58(value) == Some(Base58::Signature) && !is_keypair(value);
            let text = value.contains(&b' ') || is_word(value) || value.contains(&b'(');
            if solana || text || separator == Separator::Colon && value.len() < SIGNATURE_BYTES {
                return true;
            }
        }
        if kind == Announces::Header && COOKIE.has_in_any_case(name_of(value)) {
            let parts = value.split(|&byte| byte == b';');
            return parts
                .map(<[u8]>::trim_ascii)
                .all(|part| COOKIE.has_in_any_case(name_of(part)));
        }
        if separator != Separator::Colon || is(self.bytes[from], QUOTE) {
            return false;
        }
        let rest = &self.bytes[from..];
        let is_type = self.bytes[to..].starts_with(b" =") && annotated(value);
        let line = &rest[..rest.len().min(REASON_BYTES)];
        let line = line
            .split(|&byte| matches!(byte, b'\n' | b'"'))
            .next()
            .unwrap_or(line);
        is_type || is_reason(line, JUDGED.has_in_any_case(self.word_ahead(end)))
    }

    /// The word before the name that ends at `end`.
    pub(super) fn word_ahead(&self, end: usize) -> &[u8] {
        let before = |end: usize, what: u8| {
            let bytes = self.bytes[..end].iter().rev().take(BLANKS);
            end - bytes.take_while(|&&byte| is(byte, what)).count()
        };
        let name = before(end, TOKEN);
        match name.checked_sub(1) {
            Some(blank) if self.bytes[blank] == b' ' => &self.bytes[before(blank, LETTER)..blank],
            _ => &[],
        }
    }

    /// Whether a name and `=` begin the value in `from..to`, and what follows
    /// is no secret by its look.
    pub(super) fn is_other_value(&self, from: usize, to: usize) -> bool {
        let mut pair = self.bytes[from..to].splitn(2, |&byte| byte == b'=');
        let name = pair.next().unwrap_or(&[]);
        (1..=OTHER_NAME_BYTES).contains(&name.len())
            && name.iter().all(|&byte| is(byte, ALNUM) || byte == b'_')
            && pair.next().is_some_and(|other| {
                other.first().is_some_and(|&byte| byte != b'=') && !looks_like_key(other)
            })
    }

    /// Whether a space and a further word in lower case follow.
    pub(super) fn word_after(&self, at: usize) -> bool {
        matches!(self.bytes.get(at..at + 2), Some([b' ', next]) if is(*next, LOWER))
    }
}

/// What stands before the `=` of a part of a cookie.
fn name_of(part: &[u8]) -> &[u8] {
    let len = part.iter().position(|&byte| matches!(byte, b'=' | b'-'));
    &part[..len.unwrap_or(part.len())]
}

/// `&str`, `Option<String>`: a type that says text.
fn annotated(value: &[u8]) -> bool {
    value
        .windows(3)
        .any(|part| part.eq_ignore_ascii_case(b"str"))
        && value
            .iter()
            .all(|&byte| is(byte, LETTER) || matches!(byte, b'&' | b'<' | b'>' | b':' | b'\''))
        && (value[0] == b'&' || is(value[0], UPPER))
}
