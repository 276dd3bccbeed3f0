//! How the names end that announce a secret, as a filter that vector
//! instructions apply to many bytes at once.
//!
//! The endings are dealt out to eight buckets, a bit each. By distance from
//! the end, a bucket knows which lower and which upper halves of a byte its
//! endings have there: a byte is looked up by its halves in two tables of
//! sixteen, and a place where a bucket is left over all distances may be the
//! end of one of its words. Halves that no single ending has together pass as
//! well: what passes is looked at by its letters, see `name::may_end`.

use super::name::ATOMS;

/// Bytes of an ending that are looked at. With one more, `success` would no
/// longer pass for `access`; with one less, every `connection` for a
/// `session`.
pub(super) const DEPTH: usize = 5;

const BUCKETS: usize = 8;

/// Ends of other tokens that have to be looked at: flags for a login, and the
/// beginning of a PEM block.
const FLAGS: &[&[u8]] = &[b"-u", b"-p", b"--user", b"--proxy-user", b"-----begin"];

/// By distance from the end and half of a byte, the buckets that are left.
#[derive(Debug)]
pub(super) struct Endings {
    pub(super) lower: [[u8; 16]; DEPTH],
    pub(super) upper: [[u8; 16]; DEPTH],
}

pub(super) static ENDINGS: Endings = {
    let buckets = deal();
    let mut endings = Endings {
        lower: [[0; 16]; DEPTH],
        upper: [[0; 16]; DEPTH],
    };
    let mut at = 0;
    while at < DEPTH * 16 * BUCKETS {
        let (distance, half, bucket) = (at / 16 / BUCKETS, at / BUCKETS % 16, at % BUCKETS);
        let lower = buckets[bucket].lower[distance] >> half & 1;
        let upper = buckets[bucket].upper[distance] >> half & 1;
        endings.lower[distance][half] |= (lower as u8) << bucket;
        endings.upper[distance][half] |= (upper as u8) << bucket;
        at += 1;
    }
    endings
};

/// By distance from the end, the halves of bytes that endings have, as bits.
#[derive(Clone, Copy)]
struct Bucket {
    lower: [u16; DEPTH],
    upper: [u16; DEPTH],
}

impl Bucket {
    const EMPTY: Self = Self {
        lower: [0; DEPTH],
        upper: [0; DEPTH],
    };

    const fn with(mut self, word: &[u8]) -> Self {
        let mut distance = 0;
        while distance < DEPTH {
            let (lower, upper) = if distance < word.len() {
                halves(word[word.len() - 1 - distance])
            } else {
                // What stands before a short word is not known.
                (u16::MAX, u16::MAX)
            };
            self.lower[distance] |= lower;
            self.upper[distance] |= upper;
            distance += 1;
        }
        self
    }

    /// How often the end of a word passes by chance: a product of per mille.
    const fn width(&self) -> u64 {
        let mut width = 1;
        let mut distance = 0;
        while distance < DEPTH {
            let (mut lower, upper) = (self.lower[distance], self.upper[distance]);
            width *= if lower == u16::MAX {
                1000
            } else {
                let mut often = 1;
                while lower != 0 {
                    let half = lower.trailing_zeros() as usize;
                    often += OFTEN[0][half] * (upper >> 6 & 1) as u64
                        + OFTEN[1][half] * (upper >> 7 & 1) as u64;
                    lower &= lower - 1;
                }
                often
            };
            distance += 1;
        }
        width
    }
}

/// A letter in both cases.
const fn halves(byte: u8) -> (u16, u16) {
    let upper = 1 << (byte >> 4);
    let both = if byte.is_ascii_lowercase() {
        upper | 1 << (byte >> 4 ^ 2)
    } else {
        upper
    };
    (1 << (byte & 15), both)
}

/// How often a letter is in English, per mille: before `a` to `o`, then `p` to
/// `z`.
const OFTEN: [[u64; 16]; 2] = [
    [0, 82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75],
    [19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1, 0, 0, 0, 0, 0],
];

const WORDS: usize = ATOMS.len() + FLAGS.len();

const fn word(at: usize) -> &'static [u8] {
    if at < ATOMS.len() {
        ATOMS[at]
    } else {
        FLAGS[at - ATOMS.len()]
    }
}

/// Deals each word into the bucket that it widens least, then each once more
/// now that the others are dealt, until none moves.
const fn deal() -> [Bucket; BUCKETS] {
    const ROUNDS: usize = 4;
    const NONE: usize = BUCKETS;
    let mut of = [NONE; WORDS];
    let mut at = 0;
    while at < ROUNDS * WORDS {
        let i = at % WORDS;
        of[i] = NONE;
        let buckets = fill(&of);
        let (mut best, mut least) = (0, u64::MAX);
        let mut bucket = 0;
        while bucket < BUCKETS {
            let wider = buckets[bucket].with(word(i)).width() - buckets[bucket].width();
            if wider < least {
                (best, least) = (bucket, wider);
            }
            bucket += 1;
        }
        of[i] = best;
        at += 1;
    }
    fill(&of)
}

const fn fill(of: &[usize; WORDS]) -> [Bucket; BUCKETS] {
    let mut buckets = [Bucket::EMPTY; BUCKETS];
    let mut i = 0;
    while i < WORDS {
        if of[i] < BUCKETS {
            buckets[of[i]] = buckets[of[i]].with(word(i));
        }
        i += 1;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::super::name::may_end;
    use super::*;

    /// Whether a text may end with a word of the tables.
    fn passes(text: &[u8]) -> bool {
        let left = |distance: usize| {
            let byte = text
                .len()
                .checked_sub(distance + 1)
                .map_or(0, |at| text[at]);
            ENDINGS.lower[distance][usize::from(byte & 15)]
                & ENDINGS.upper[distance][usize::from(byte >> 4)]
        };
        (0..DEPTH).fold(u8::MAX, |all, distance| all & left(distance)) != 0
    }

    #[test]
    fn every_word_passes_in_any_case_and_after_anything() {
        for word in ATOMS.iter().chain(FLAGS) {
            for before in ["", "x", "X_", "é", "\0"] {
                let text = [before.as_bytes(), word].concat();
                assert!(passes(&text), "{:?}", String::from_utf8_lossy(&text));
                assert!(passes(&text.to_ascii_uppercase()));
                assert!(may_end(&text) && may_end(&text.to_ascii_uppercase()));
            }
        }
    }

    #[test]
    fn few_words_of_most_lines_pass() {
        let words = [
            "accepted",
            "amount",
            "attempt",
            "body",
            "cache",
            "chain",
            "completed",
            "config",
            "count",
            "database",
            "elapsed",
            "error",
            "failed",
            "handler",
            "host",
            "idle",
            "index",
            "info",
            "method",
            "metrics",
            "name",
            "network",
            "order",
            "path",
            "pool",
            "port",
            "queue",
            "record",
            "request",
            "retry",
            "server",
            "status",
            "target",
            "timeout",
        ];
        let passing = words.iter().filter(|word| passes(word.as_bytes())).count();
        assert!(passing <= 4, "{passing} of {}", words.len());
    }
}
