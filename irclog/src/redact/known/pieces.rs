//! Pieces of known values: a value that is cut at any point, at its end or its
//! beginning, is masked as far as it is shown. Searched for as Rabin and Karp
//! do: by a rolling hash, with a Bloom filter before the table.

use crate::redact::known::filter::Filter;
use crate::redact::text::encoding::{PIECE_FORMS, decoded_forms, encoded};
use crate::redact::text::squeeze::squeeze;

/// Characters in a row that give a value away.
pub(super) const PIECE_BYTES: usize = 12;

/// Bytes of the longest spelling whose pieces are all kept. What is longer comes
/// in lines, which are values of their own.
const SPELLING_BYTES: usize = 512;

/// Every piece of some values, as they are, in hexadecimal and in base64.
#[derive(Default)]
pub(super) struct Pieces {
    /// Until they are sealed.
    fresh: Vec<(u64, u32)>,
    /// In order.
    hashes: Vec<u64>,
    /// By hash: whose piece it is.
    parts: Vec<u32>,
    filter: Filter,
}

impl Pieces {
    /// Takes the pieces of the value `text`, which is the part `part`.
    pub(super) fn add(&mut self, part: u32, text: &str) {
        if text.len() > SPELLING_BYTES {
            return;
        }
        self.add_spellings(part, text.as_bytes());
        for decoded in decoded_forms(text) {
            self.add_spellings(part, &decoded);
        }
    }

    fn add_spellings(&mut self, part: u32, bytes: &[u8]) {
        for form in PIECE_FORMS {
            let spelled = squeeze(&encoded(bytes, form).unwrap_or_default());
            if spelled.len() <= SPELLING_BYTES {
                hashes(&spelled, |_, hash| self.fresh.push((hash, part)));
            }
        }
    }

    /// To be called when all values are in.
    pub(super) fn seal(&mut self) {
        let mut all = std::mem::take(&mut self.fresh);
        let known = self.hashes.iter().copied().zip(self.parts.iter().copied());
        all.extend(known);
        all.sort_unstable();
        all.dedup_by_key(|(hash, _)| *hash);
        (self.hashes, self.parts) = all.into_iter().unzip();
        self.hashes.shrink_to_fit();
        self.parts.shrink_to_fit();
        self.filter = Filter::of(self.hashes.len(), self.hashes.iter().copied());
    }

    /// The pieces of both, to be sealed; the parts of the second have numbers
    /// that are `by` higher.
    pub(super) fn joined(left: &Self, right: &Self, by: u32) -> Self {
        let left = left.hashes.iter().copied().zip(left.parts.iter().copied());
        let later = right.parts.iter().map(|part| part + by);
        let right = right.hashes.iter().copied().zip(later);
        Self {
            fresh: left.chain(right).collect(),
            ..Self::default()
        }
    }

    /// Calls `found` with the start and the part of every piece in `text`, which
    /// is squeezed.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        if self.hashes.is_empty() {
            return;
        }
        hashes(text, |start, hash| {
            if self.filter.has(hash)
                && let Ok(at) = self.hashes.binary_search(&hash)
            {
                found(start, self.parts[at]);
            }
        });
    }
}

/// Calls `each` with the start and the hash of every piece of `text`: a number
/// of 64 bits in which a byte is one digit, so that the next piece's follows
/// from the last one's.
fn hashes(text: &[u8], mut each: impl FnMut(usize, u64)) {
    /// Odd, and without a pattern in its bits.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    /// What the first digit of a piece counts.
    const FIRST: u64 = {
        let (mut power, mut at) = (1u64, 1);
        while at < PIECE_BYTES {
            power = power.wrapping_mul(BASE);
            at += 1;
        }
        power
    };
    let mut hash = 0u64;
    for (at, &byte) in text.iter().enumerate() {
        if at >= PIECE_BYTES {
            let gone = u64::from(text[at - PIECE_BYTES]);
            hash = hash.wrapping_sub(gone.wrapping_mul(FIRST));
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(byte));
        if at + 1 >= PIECE_BYTES {
            each(at + 1 - PIECE_BYTES, hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_piece_and_nothing_else() {
        let mut pieces = Pieces::default();
        let value = "walrustuskorange77leaf";
        pieces.add(3, value);
        pieces.seal();
        let places = |text: &[u8]| {
            let mut places = Vec::new();
            pieces.find(text, |start, part| places.push((start, part)));
            places
        };
        let value = value.as_bytes();
        for from in 0..=value.len() - PIECE_BYTES {
            let text = [b"ab", &value[from..from + PIECE_BYTES], b"cd"].concat();
            assert_eq!(places(&text), [(2, 3)]);
        }
        assert!(places(&value[..PIECE_BYTES - 1]).is_empty());
        assert!(places(b"walrustuskooange77leef").is_empty());
    }
}
