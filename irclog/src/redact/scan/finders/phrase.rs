//! The words of a wallet: runs of words from the list of BIP-39.

use crate::redact::scan::run::{GAP_BYTES, Run};
use crate::redact::survey::{CUT_PHRASE_WORDS, PHRASE_WORDS};
use std::sync::LazyLock;

use bip39::Language;

use crate::redact::lexicon::class::Class;
use crate::redact::scan::Scan;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::{kind, kind_of};
use crate::redact::text::alphabet::{ALNUM, DIGIT, is, union};

impl Scan<'_> {
    /// Takes note of the next token: it goes on with the run or ends it.
    ///
    /// Without a branch that depends on the text: it runs for every token.
    #[allow(clippy::needless_bitwise_bool)]
    #[inline]
    pub(in crate::redact) fn follow(&mut self, token: Token, kind: u8) {
        let word = kind & kind::WORD != 0;
        let mark = kind & kind::MARK != 0;
        let goes_on = (word | mark) & (token.start <= self.run.end + GAP_BYTES);
        if !goes_on & (self.run.count >= CUT_PHRASE_WORDS) {
            self.end_run();
        }
        let count = self.run.count * u32::from(goes_on) + u32::from(word);
        let begins = word & (count == 1);
        self.run = Run {
            start: if begins { token.start } else { self.run.start },
            end: token.end,
            count,
        };
    }

    /// Whether enough words of the list stand in a row: without regard to what
    /// stands between them, thus never too few.
    #[cold]
    pub(in crate::redact) fn has_row(&self) -> bool {
        let (mut hits, mut misses) = (0, 0);
        for index in 0..self.survey.blocks() {
            let mut ends = self.survey.ends(index);
            while ends != 0 {
                let bit = ends.trailing_zeros();
                ends &= ends - 1;
                let Token {
                    start,
                    end,
                    classes,
                } = self.survey.token(index, bit);
                let kind = kind_of(end - start, classes);
                if kind & kind::WORD != 0 && may_be_listed(&self.bytes[start..end]) {
                    hits += 1;
                    misses = 0;
                    if hits >= PHRASE_WORDS {
                        return true;
                    }
                } else if kind & kind::MARK == 0 {
                    misses += 1;
                    // As `phrase` has it, one word in a row may be another.
                    if misses > 1 || kind & kind::WORD == 0 {
                        hits = 0;
                    }
                }
            }
        }
        hits >= CUT_PHRASE_WORDS
    }

    /// Looks the words up that were collected, if they are enough.
    pub(in crate::redact) fn end_run(&mut self) {
        let Run { start, end, count } = std::mem::take(&mut self.run);
        let cut = count >= CUT_PHRASE_WORDS && end == self.bytes.len();
        if count >= PHRASE_WORDS || cut {
            self.phrase(start, end);
        }
    }

    /// Masks the phrases in a range. Returns whether there was one.
    pub(in crate::redact) fn phrase(&mut self, start: usize, end: usize) -> bool {
        let bytes = self.bytes;
        let (mut from, mut last, mut hits, mut misses) = (start, start, 0, 0);
        let mut words = Different::default();
        let mut any = false;
        let mut at = start;
        while at <= end {
            let word_end = bytes[at..end]
                .iter()
                .position(|&byte| !is(byte, ALNUM))
                .map_or(end, |len| at + len);
            let word = &bytes[at..word_end];
            let numbered = union(word) & DIGIT != 0 && word.len() <= 2;
            let listed = is_listed(word) && !self.in_mark(at);
            if listed {
                if hits == 0 {
                    from = at;
                    words = Different::default();
                }
                hits += 1;
                words.add(pack(word));
                misses = 0;
                last = word_end;
            } else if !word.is_empty() && !numbered {
                misses += 1;
            }
            // One word in a row may be misspelt or cut.
            if misses > 1 || at == end || word_end == end {
                let cut = end == bytes.len() && hits >= CUT_PHRASE_WORDS;
                if (hits >= PHRASE_WORDS || cut) && words.are_chosen(hits) {
                    // The word beside the phrase may be its misspelt part.
                    let to = if end == bytes.len() { end } else { last };
                    self.push(from, to, Class::Mnemonic, "[MNEMONIC]");
                    any = true;
                }
                (hits, misses) = (0, 0);
            }
            at = word_end + 1;
        }
        any
    }
}

/// The different ones of the first words of a phrase.
#[derive(Debug, Default)]
struct Different {
    words: [u64; 16],
    len: usize,
    seen: usize,
}

impl Different {
    fn add(&mut self, word: u64) {
        if self.seen < self.words.len() {
            self.seen += 1;
            if !self.words[..self.len].contains(&word) {
                self.words[self.len] = word;
                self.len += 1;
            }
        }
    }

    /// Whether the words may be chosen by chance, or as those of a test are,
    /// nearly all of which are one: not as those of sentences about codes.
    fn are_chosen(&self, hits: u32) -> bool {
        let first = self.seen.min(hits as usize);
        self.len * 3 > first * 2 || self.len <= 3
    }
}

fn is_listed(word: &[u8]) -> bool {
    // A word of the list fits into eight bytes: one number, in order.
    static LISTED: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let mut packed = listed().collect::<Vec<_>>();
        packed.sort_unstable();
        packed
    });
    may_be_listed(word) && LISTED.binary_search(&pack(word)).is_ok()
}

/// Whether a word may be of the list: of others, one in sixteen.
fn may_be_listed(word: &[u8]) -> bool {
    const PLACE_BITS: u32 = 15;
    fn place(packed: u64) -> usize {
        (packed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACE_BITS)) as usize
    }
    static PLACES: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let mut places = vec![0; (1 << PLACE_BITS) / 64];
        for place in listed().map(place) {
            places[place / 64] |= 1 << (place % 64);
        }
        places
    });
    (3..=8).contains(&word.len()) && {
        let place = place(pack(word));
        PLACES[place / 64] >> (place % 64) & 1 != 0
    }
}

fn listed() -> impl Iterator<Item = u64> {
    Language::English
        .word_list()
        .iter()
        .map(|word| pack(word.as_bytes()))
}

fn pack(word: &[u8]) -> u64 {
    word.iter().fold(0, |packed, byte| {
        packed << 8 | u64::from(byte.to_ascii_lowercase())
    })
}
