//! An index of known values: where in a text one of them may stand, in any of
//! its spellings.
//!
//! Of each spelling only the head is kept, the first eight bytes as a number. A
//! Bloom filter over the heads lets most of a text pass by one look; where a
//! head stands, the value is encoded again and compared. So a value costs what
//! its heads cost, not what its spellings would.

use super::filter::Filter;
use std::sync::Arc;

use crate::redact::known::pieces::{PIECE_BYTES, Pieces};
use crate::redact::text::encoding::{FORMS, decoded_forms, encoded};
use crate::redact::text::squeeze::squeeze;

/// Bytes of a spelling from which it is searched for, and that suffice where a
/// text is cut.
const HEAD_BYTES: usize = 8;

/// Bytes of a value that make up the head of any of its spellings, with room
/// for what is squeezed out.
const HEAD_SOURCE_BYTES: usize = 48;

/// Bytes of the shortest value, which are the key of one that is searched for
/// as it is.
const KEY_BYTES: usize = 4;

/// Spellings with one head that are compared where a text is cut within them:
/// what bounds the cost.
const CUT_CANDIDATES: usize = 256;

/// A value, or a part of one that is secret by itself.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) label: Arc<str>,
}

impl Part {
    /// Whether its letters and digits are enough to tell it by them.
    fn is_squeezable(&self) -> bool {
        // Most values show it at their beginning.
        let bytes = self.text.as_bytes();
        let head = &bytes[..bytes.len().min(HEAD_SOURCE_BYTES)];
        squeeze(head).len() >= HEAD_BYTES || squeeze(bytes).len() >= HEAD_BYTES
    }

    /// The spelling `form`, squeezed: of the value, then of each of the bytes
    /// that it is an encoding of.
    fn spelling(&self, form: u16) -> Vec<u8> {
        let (source, form) = (usize::from(form) / FORMS, usize::from(form) % FORMS);
        let spelled = match source.checked_sub(1) {
            None => encoded(self.text.as_bytes(), form),
            Some(at) => decoded_forms(&self.text)
                .get(at)
                .and_then(|bytes| encoded(bytes, form)),
        };
        spelled.map_or_else(Vec::new, |spelled| squeeze(&spelled))
    }
}

/// Where a spelling begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    bytes: u64,
    /// The eight bytes after those; 0 in a spelling that has fewer.
    next: u64,
    part: u32,
    form: u16,
}

/// Some values, to be found in any text.
#[derive(Default)]
pub(crate) struct Tier {
    parts: Vec<Arc<Part>>,
    /// In order.
    heads: Vec<Head>,
    filter: Filter,
    /// Values with too few letters and digits, in lower case and in order of
    /// their keys: they are searched for as they are.
    exact: Vec<(u32, Box<[u8]>, u32)>,
    /// Pieces of values that a text may cut anywhere.
    pieces: Pieces,
}

impl Tier {
    /// How many values it holds.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Takes a value in all its spellings.
    pub(super) fn add(&mut self, part: Arc<Part>) {
        let at = self.add_plain(&part, false);
        let bytes = part.text.as_bytes();
        if bytes.len() >= HEAD_BYTES {
            self.add_spellings(at, 0, bytes);
            for (source, decoded) in decoded_forms(&part.text).iter().enumerate() {
                self.add_spellings(at, source + 1, decoded);
            }
            // The pieces of words are words, those of a document anything.
            if bytes.iter().any(u8::is_ascii_digit)
                && !part.text.contains('\n')
                && !part.text.starts_with('{')
            {
                self.pieces.add(at, &part.text);
            }
        }
        self.parts.push(part);
    }

    /// Takes a value as it is and no more: until there was time for the rest.
    pub(super) fn add_waiting(&mut self, part: Arc<Part>) {
        self.add_plain(&part, true);
        self.parts.push(part);
    }

    fn add_plain(&mut self, part: &Part, squeezed: bool) -> u32 {
        #[allow(clippy::cast_possible_truncation)] // memory ends before
        let at = self.parts.len() as u32;
        if !part.is_squeezable() {
            let text = &part.text;
            // Of other alphabets ASCII knows no case.
            for cased in [text.clone(), text.to_lowercase(), text.to_uppercase()] {
                let pattern = cased.into_bytes().to_ascii_lowercase();
                if let Some(key) = pattern.first_chunk::<KEY_BYTES>() {
                    let key = u32::from_be_bytes(*key);
                    if !self
                        .exact
                        .iter()
                        .rev()
                        .take(2)
                        .any(|known| *known.1 == *pattern)
                    {
                        self.exact.push((key, pattern.into(), at));
                    }
                }
            }
        } else if squeezed {
            self.add_head(at, 0, part.text.as_bytes());
        }
        at
    }

    fn add_spellings(&mut self, part: u32, source: usize, bytes: &[u8]) {
        for form in 0..FORMS {
            let Ok(id) = u16::try_from(source * FORMS + form) else {
                return;
            };
            // Each digit of base58 depends on all bytes.
            let most = if form + 1 == FORMS {
                bytes.len()
            } else {
                HEAD_SOURCE_BYTES
            };
            let Some(spelled) = encoded(&bytes[..bytes.len().min(most)], form) else {
                continue;
            };
            if form == 0 {
                self.add_head(part, id, bytes);
            } else {
                self.add_head(part, id, &spelled);
            }
        }
    }

    /// Takes the head of a spelling, of which `begin` are at least as many bytes
    /// as make up the head.
    fn add_head(&mut self, part: u32, form: u16, begin: &[u8]) {
        let mut squeezed = squeeze(&begin[..begin.len().min(HEAD_SOURCE_BYTES * 5)]);
        if squeezed.len() < 2 * HEAD_BYTES {
            squeezed = squeeze(begin);
        }
        if let Some(head) = squeezed.first_chunk() {
            let next = squeezed[HEAD_BYTES..].first_chunk();
            self.heads.push(Head {
                bytes: u64::from_be_bytes(*head),
                next: next.map_or(0, |next| u64::from_be_bytes(*next)),
                part,
                form,
            });
        }
    }

    /// To be called when all values are in.
    pub(super) fn seal(mut self) -> Self {
        self.heads.sort();
        self.heads.dedup_by(|a, b| {
            (a.bytes, a.next, a.part) == (b.bytes, b.next, b.part) && a.form == b.form
        });
        self.heads.shrink_to_fit();
        self.exact.sort();
        self.filter = Filter::of(self.heads.len(), self.heads.iter().map(|head| head.bytes));
        self.pieces.seal();
        self
    }

    /// One of the values of both.
    pub(super) fn joined(left: &Self, right: &Self) -> Self {
        #[allow(clippy::cast_possible_truncation)] // memory ends before
        let by = left.parts.len() as u32;
        let mut heads = left.heads.clone();
        heads.extend(right.heads.iter().map(|head| Head {
            part: head.part + by,
            ..*head
        }));
        let mut exact = left.exact.clone();
        let later = right.exact.iter().cloned();
        exact.extend(later.map(|(key, pattern, part)| (key, pattern, part + by)));
        Self {
            parts: left.parts.iter().chain(&right.parts).cloned().collect(),
            heads,
            filter: Filter::default(),
            exact,
            pieces: Pieces::joined(&left.pieces, &right.pieces, by),
        }
        .seal()
    }

    /// Calls `found` with start, end and label of every value in `text` that is
    /// searched for as it is.
    pub(crate) fn find_exact(&self, text: &[u8], mut found: impl FnMut(usize, usize, &Arc<str>)) {
        if self.exact.is_empty() {
            return;
        }
        let mut key = 0u32;
        for (at, byte) in text.iter().enumerate() {
            key = key << 8 | u32::from(byte.to_ascii_lowercase());
            let Some(start) = (at + 1).checked_sub(KEY_BYTES) else {
                continue;
            };
            let first = self.exact.partition_point(|known| known.0 < key);
            for (_, pattern, part) in self.exact[first..]
                .iter()
                .take_while(|known| known.0 == key)
            {
                let shown = shown(pattern, &text[start..]);
                let cut = start + shown == text.len() && shown >= HEAD_BYTES;
                if shown == pattern.len() || cut {
                    found(start, start + shown, &self.parts[*part as usize].label);
                }
            }
        }
    }

    /// As [`find_exact`](Self::find_exact), in any spelling, in a text that was
    /// squeezed. `cut` says whether it is cut after so many of its bytes;
    /// `None`, that it is nowhere but at its end.
    pub(crate) fn find_squeezed(
        &self,
        text: &[u8],
        cut: Option<&dyn Fn(usize) -> bool>,
        mut found: impl FnMut(usize, usize, &Arc<str>),
    ) {
        let mut head = 0u64;
        for (at, &byte) in text.iter().enumerate() {
            head = head << 8 | u64::from(byte);
            if at + 1 >= HEAD_BYTES && self.filter.has(head) {
                self.compare(text, at + 1 - HEAD_BYTES, head, cut, &mut found);
            }
        }
        self.pieces.find(text, |start, part| {
            found(start, start + PIECE_BYTES, &self.parts[part as usize].label);
        });
    }

    /// Compares every value with that `head` to the text from `start` on.
    fn compare(
        &self,
        text: &[u8],
        start: usize,
        head: u64,
        cut: Option<&dyn Fn(usize) -> bool>,
        found: &mut impl FnMut(usize, usize, &Arc<str>),
    ) {
        let first = self.heads.partition_point(|known| known.bytes < head);
        let rest = &text[start + HEAD_BYTES..];
        let next = rest.first_chunk().map(|next| u64::from_be_bytes(*next));
        let mut candidates = 0;
        for known in self.heads[first..]
            .iter()
            .take_while(|known| known.bytes == head)
        {
            // What goes on otherwise may still be cut.
            let goes_on = known.next == 0 || next == Some(known.next);
            if !goes_on {
                candidates += 1;
                if next.is_some() && (cut.is_none() || candidates > CUT_CANDIDATES) {
                    continue;
                }
            }
            let part = &self.parts[known.part as usize];
            let spelling = part.spelling(known.form);
            let shown = shown(&spelling, &text[start..]);
            let end = start + shown;
            let is_cut = || end == text.len() || cut.is_some_and(|cut| cut(end));
            if shown >= HEAD_BYTES && (shown == spelling.len() || is_cut()) {
                found(start, end, &part.label);
            }
        }
    }
}

/// How many bytes `text` has in common with `pattern`, in any case.
fn shown(pattern: &[u8], text: &[u8]) -> usize {
    let pairs = pattern.iter().zip(text);
    pairs
        .take_while(|(left, right)| left.eq_ignore_ascii_case(right))
        .count()
}
