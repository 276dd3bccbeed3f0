//! How the names end that announce a secret, as a filter that is applied to
//! many bytes at once.
//!
//! The endings are dealt out to sixteen buckets, a bit each, as Teddy does (the
//! algorithm of Hyperscan and `aho-corasick` for many short patterns). By
//! distance from the end, a bucket knows which letters its endings have there,
//! and a place where a bucket is left over all distances may be the end of one
//! of its words. Letters of several endings of a bucket pass together as well,
//! and so does what has the lowest five bits of a letter: what passes is looked
//! at by its letters, see `name::may_end`.

use crate::redact::lexicon::words::{ATOMS, ORDINARY};

/// Bytes of an ending that are looked at: as many as there are sixteen bits in
/// a word of 64.
pub(in crate::redact) const DEPTH: usize = 4;

const BUCKETS: usize = 16;

/// By distance from the end, the letters that the words of a bucket have there.
type Letters = [u32; DEPTH];

/// How often the lowest five bits of a byte are these among the last four bytes
/// of a word, in thousandths: counted over 13,000 words of the logs of some
/// forty programs. None is left at 0, so that one letter more is always worse.
const FREQUENCIES: [u64; LETTERS] = [
    137, 22, 4, 12, 16, 43, 5, 10, 7, 22, 1, 5, 18, 14, 35, 31, 167, 101, 65, 55, 64, 39, 29, 30,
    28, 34, 3, 1, 1, 1, 1, 2,
];

/// What one of the [`ORDINARY`] words costs that passes: as much as all the
/// rest, so that none does where that can be had.
const ORDINARY_COST: u64 = 10_000_000_000;

/// The [`ATOMS`] by bucket. Each goes where it adds least to what passes by
/// chance; those that end alike come one after the other.
#[allow(
    long_running_const_eval,
    reason = "some hundred words in sixteen buckets"
)]
const DEALT: [Letters; BUCKETS] = {
    let mut buckets = [[0; DEPTH]; BUCKETS];
    let mut costs = [0; BUCKETS];
    let order = by_end();
    let mut at = 0;
    while at < ATOMS.len() {
        let atom = ATOMS[order[at]];
        let (mut best, mut least, mut bucket) = (0, u64::MAX, 0);
        while bucket < BUCKETS {
            let added = cost(with(buckets[bucket], atom)) - costs[bucket];
            if added < least {
                (best, least) = (bucket, added);
            }
            bucket += 1;
        }
        buckets[best] = with(buckets[best], atom);
        costs[best] += least;
        at += 1;
    }
    buckets
};

/// The places of the [`ATOMS`], in the order of their letters from the last on.
const fn by_end() -> [usize; ATOMS.len()] {
    let mut order = [0; ATOMS.len()];
    let mut count = 0;
    while count < ATOMS.len() {
        let mut place = count;
        while place > 0 && ends_before(ATOMS[count], ATOMS[order[place - 1]]) {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = count;
        count += 1;
    }
    order
}

const fn ends_before(left: &[u8], right: &[u8]) -> bool {
    let mut at = 1;
    while at <= left.len() && at <= right.len() {
        let (a, b) = (left[left.len() - at], right[right.len() - at]);
        if a != b {
            return a < b;
        }
        at += 1;
    }
    left.len() < right.len()
}

/// The letters of a bucket to which a word is dealt.
const fn with(mut letters: Letters, word: &[u8]) -> Letters {
    let mut distance = 0;
    while distance < DEPTH {
        letters[distance] |= if distance < word.len() {
            1 << (word[word.len() - 1 - distance] % 32)
        } else {
            // What stands before a short word is not known.
            u32::MAX
        };
        distance += 1;
    }
    letters
}

/// How often a bucket passes by chance, and what its ordinary words cost.
const fn cost(letters: Letters) -> u64 {
    let (mut ordinary, mut at) = (0, 0);
    while at < ORDINARY.list.len() {
        let word = ORDINARY.list[at];
        let mut distance = 0;
        while distance < DEPTH {
            let letter = if distance < word.len() {
                word[word.len() - 1 - distance] % 32
            } else {
                0
            };
            if letters[distance] >> letter & 1 == 0 {
                break;
            }
            distance += 1;
        }
        ordinary += (distance == DEPTH) as u64;
        at += 1;
    }
    let (mut chance, mut distance) = (1, 0);
    while distance < DEPTH {
        let (mut sum, mut left) = (0, letters[distance]);
        while left != 0 {
            sum += FREQUENCIES[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        chance *= sum;
        distance += 1;
    }
    chance + ordinary * ORDINARY_COST
}

/// The lowest five bits of a byte: a letter in either case.
pub(in crate::redact) const LETTERS: usize = 32;

/// By distance from the end and the lowest five bits of a byte, the buckets
/// that are left.
pub(in crate::redact) static ENDINGS: [[u16; LETTERS]; DEPTH] = {
    let mut endings = [[0; LETTERS]; DEPTH];
    let mut bucket = 0;
    while bucket < BUCKETS {
        let mut distance = 0;
        while distance < DEPTH {
            let mut letter = 0;
            while letter < LETTERS {
                let passes = DEALT[bucket][distance] >> letter & 1;
                endings[distance][letter] |= (passes as u16) << bucket;
                letter += 1;
            }
            distance += 1;
        }
        bucket += 1;
    }
    endings
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::lexicon::name::{announces, may_end};

    /// Whether a text may end with a word of the tables.
    fn passes(text: &[u8]) -> bool {
        let left = |distance: usize| {
            let byte = text
                .len()
                .checked_sub(distance + 1)
                .map_or(0, |at| text[at]);
            ENDINGS[distance][usize::from(byte & 31)]
        };
        (0..DEPTH).fold(u16::MAX, |all, distance| all & left(distance)) != 0
    }

    #[test]
    fn every_word_passes_in_any_case_and_after_anything() {
        for word in ATOMS {
            for before in ["", "x", "X_", "é", "\0", "my-"] {
                let text = [before.as_bytes(), word].concat();
                assert!(passes(&text), "{:?}", String::from_utf8_lossy(&text));
                assert!(passes(&text.to_ascii_uppercase()));
                for text in [&text, &text.to_ascii_uppercase()] {
                    assert!(may_end(text) || announces(text, true).is_none());
                }
            }
        }
    }

    #[test]
    fn few_words_of_most_lines_pass() {
        let passing = ORDINARY.list.iter().filter(|word| passes(word));
        let passing: Vec<_> = passing.map(|word| String::from_utf8_lossy(word)).collect();
        assert!(passing.is_empty(), "{passing:?}");
    }
}
