//! How the names end that announce a secret, as a filter that is applied to
//! many bytes at once.
//!
//! The endings are dealt out to sixteen buckets, a bit each. By distance from
//! the end, a bucket knows which letters its endings have there, and a place
//! where a bucket is left over all distances may be the end of one of its
//! words. Letters of several endings of a bucket pass together as well, and so
//! does what has the lowest five bits of a letter: what passes is looked at by
//! its letters, see `name::may_end`.

use super::name::ATOMS;

/// Bytes of an ending that are looked at: as many as there are sixteen bits in
/// a word of 64.
pub(super) const DEPTH: usize = 4;

const BUCKETS: usize = 16;

/// Ends of other tokens that have to be looked at: flags for a login, and the
/// beginning of a PEM block.
const FLAGS: &[&[u8]] = &[b"-u", b"-p", b"--user", b"--proxy-user", b"-----begin"];

/// The lowest five bits of a byte: a letter in either case.
pub(super) const LETTERS: usize = 32;

/// By distance from the end and the lowest five bits of a byte, the buckets
/// that are left.
pub(super) static ENDINGS: [[u16; LETTERS]; DEPTH] = {
    let buckets = deal();
    let mut endings = [[0; LETTERS]; DEPTH];
    let mut at = 0;
    while at < DEPTH * LETTERS * BUCKETS {
        let (distance, letter, bucket) =
            (at / LETTERS / BUCKETS, at / BUCKETS % LETTERS, at % BUCKETS);
        let left = buckets[bucket].letters[distance] >> letter & 1;
        endings[distance][letter] |= (left as u16) << bucket;
        at += 1;
    }
    endings
};

/// By distance from the end, the letters that endings have, as bits.
#[derive(Clone, Copy)]
struct Bucket {
    letters: [u32; DEPTH],
}

impl Bucket {
    const EMPTY: Self = Self {
        letters: [0; DEPTH],
    };

    const fn with(mut self, word: &[u8]) -> Self {
        let mut distance = 0;
        while distance < DEPTH {
            self.letters[distance] |= if distance < word.len() {
                1 << (word[word.len() - 1 - distance] & 31)
            } else {
                // What stands before a short word is not known.
                u32::MAX
            };
            distance += 1;
        }
        self
    }

    /// How often the end of a word passes by chance: a product of per mille.
    const fn width(&self) -> u64 {
        let mut width = 1;
        let mut distance = 0;
        while distance < DEPTH {
            let mut letters = self.letters[distance];
            width *= if letters == u32::MAX {
                1000
            } else {
                let mut often = 1;
                while letters != 0 {
                    often += OFTEN[letters.trailing_zeros() as usize];
                    letters &= letters - 1;
                }
                often
            };
            distance += 1;
        }
        width
    }
}

/// How often a letter is in English, per mille, from `a` at 1.
const OFTEN: [u64; LETTERS] = [
    0, 82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2,
    20, 1, 0, 0, 0, 0, 0,
];

const WORDS: usize = ATOMS.len() + FLAGS.len();

const fn word(at: usize) -> &'static [u8] {
    if at < ATOMS.len() {
        ATOMS[at]
    } else {
        FLAGS[at - ATOMS.len()]
    }
}

/// Deals each word into the bucket that it widens least, the short ones first,
/// whose buckets are best left alone; then each once more now that the others
/// are dealt, until none moves.
const fn deal() -> [Bucket; BUCKETS] {
    const ROUNDS: usize = 4;
    const NONE: usize = BUCKETS;
    let mut of = [NONE; WORDS];
    let mut at = 0;
    while at < ROUNDS * DEPTH * WORDS {
        let (len, i) = (at / WORDS % DEPTH + 1, at % WORDS);
        at += 1;
        let of_len = word(i).len() == len || len == DEPTH && word(i).len() > len;
        if !of_len {
            continue;
        }
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
            ENDINGS[distance][usize::from(byte & 31)]
        };
        (0..DEPTH).fold(u16::MAX, |all, distance| all & left(distance)) != 0
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
        assert!(passing <= 1, "{passing} of {}", words.len());
    }
}
