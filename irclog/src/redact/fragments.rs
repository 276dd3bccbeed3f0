//! Pieces of known values: a value that is cut at any point, at its end or its
//! beginning, is masked as far as it is shown.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Characters in a row that give a value away.
pub(super) const PIECE_BYTES: usize = 12;

/// Bytes of the longest value whose pieces are all kept. What is longer comes
/// in lines, which are values of their own.
const VALUE_BYTES: usize = 512;

/// Every piece of some values, by its hash.
#[derive(Default)]
pub(super) struct Fragments {
    labels: HashMap<u64, Arc<str>, BuildHasherDefault<Same>>,
    /// A bit for some of the bits of each hash: most of a text passes by one
    /// look into it.
    seen: Vec<u64>,
}

impl Fragments {
    /// Takes the pieces of `value`, which is squeezed.
    pub(super) fn insert(&mut self, value: &[u8], label: &Arc<str>) {
        if value.len() <= VALUE_BYTES {
            hashes(value, |_, hash| {
                self.labels.entry(hash).or_insert_with(|| Arc::clone(label));
            });
        }
    }

    /// To be called when all values are in.
    pub(super) fn seal(&mut self) {
        // 16 bits a piece: one position in 16 is looked up for nothing.
        let words = (self.labels.len() / 4).next_power_of_two();
        self.seen = vec![0; words];
        for &hash in self.labels.keys() {
            let bit = self.bit(hash);
            self.seen[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Calls `found` with start, end and label of every piece in `text`, which
    /// is squeezed.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize, &Arc<str>)) {
        if self.labels.is_empty() {
            return;
        }
        hashes(text, |start, hash| {
            let bit = self.bit(hash);
            if self.seen[bit / 64] & 1 << (bit % 64) != 0
                && let Some(label) = self.labels.get(&hash)
            {
                found(start, start + PIECE_BYTES, label);
            }
        });
    }

    #[allow(clippy::cast_possible_truncation)] // any bits of it will do
    fn bit(&self, hash: u64) -> usize {
        (hash >> 20) as usize & (self.seen.len() * 64 - 1)
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

/// A hash is its own hash.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_piece_and_nothing_else() {
        let label: Arc<str> = "x".into();
        let mut fragments = Fragments::default();
        let value = b"walrustuskorange77leaf";
        fragments.insert(value, &label);
        fragments.seal();
        let spans = |text: &[u8]| {
            let mut spans = Vec::new();
            fragments.find(text, |start, end, _| spans.push((start, end)));
            spans
        };
        for from in 0..=value.len() - PIECE_BYTES {
            let text = [b"ab", &value[from..from + PIECE_BYTES], b"cd"].concat();
            assert_eq!(spans(&text), [(2, 2 + PIECE_BYTES)]);
        }
        assert!(spans(&value[..PIECE_BYTES - 1]).is_empty());
        assert!(spans(b"walrustuskooange77leef").is_empty());
    }
}
