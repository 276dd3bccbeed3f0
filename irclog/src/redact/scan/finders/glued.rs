//! A name and its value in one token: `shop-secret-<value>`, `shopKEY-<value>`.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::looks_like_key;
use crate::redact::lexicon::name::announces;
use crate::redact::lexicon::words::takes_glued;
use crate::redact::scan::Scan;
use crate::redact::scan::found::REDACTED;
use crate::redact::text::alphabet::{ALNUM, DIGIT, JOIN, LETTER, class, is, union};
use crate::redact::text::forms::is_uuid;
use crate::redact::text::random::is_grouped;

/// Bytes of the shortest value that a name in the same token announces.
const VALUE_BYTES: usize = 14;

/// Bytes of a name that stays.
const KEPT: usize = 11;

/// Joins of a token at which a name may end.
const JOINS: usize = 8;

impl Scan<'_> {
    /// Masks what stands after the name in `start..end`, if there is one.
    pub(in crate::redact) fn glued(&mut self, start: usize, end: usize) -> Option<usize> {
        let text = &self.bytes[start..end];
        let joins = text
            .iter()
            .enumerate()
            .filter(|&(_, &byte)| matches!(byte, b'-' | b'_' | b'.'));
        for (at, _) in joins.take(JOINS) {
            let value = text
                .get(at + 1..)
                .filter(|value| value.len() >= VALUE_BYTES)?;
            if at >= 3 && is_value(value) && is_name(&text[..at]) {
                // A longer name could be part of the secret itself.
                let kept = if at < KEPT { at + 1 } else { 0 };
                self.push(start + kept, end, Class::Named, REDACTED);
                return Some(end);
            }
        }
        None
    }
}

/// Whether no piece of `value` is a word: those of a name that goes on are.
fn is_value(value: &[u8]) -> bool {
    let plain = |piece: &[u8]| piece.len() > 2 && union(piece) & DIGIT == 0;
    let classes = union(value);
    classes & (DIGIT | LETTER) != DIGIT
        && classes & DIGIT != 0
        && (is_uuid(value)
            || is_grouped(value)
            || looks_like_key(value)
                && (classes & JOIN == 0 || !value.split(|&byte| !is(byte, ALNUM)).any(plain)))
}

/// Whether `name` announces a secret. A value that looks like one stands after
/// it, so the last word may also be glued to a vendor's name.
fn is_name(name: &[u8]) -> bool {
    let last = name
        .iter()
        .rposition(|&byte| class(byte) & JOIN != 0)
        .map_or(name, |at| &name[at + 1..]);
    announces(name, true).is_some() || takes_glued(last)
}
