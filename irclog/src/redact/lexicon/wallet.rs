//! The words that wallets make phrases of: six of BIP-39's lists, with accents
//! left off as the view leaves them off.
//!
//! The lists are files of one word a line in their order. The compiler makes
//! them numbers; nothing is left to do when the program runs.

use crate::redact::text::alphabet::{LETTER, is};

/// Words of each list.
const WORDS: usize = 2048;

/// Letters of the longest word; eight but in Italian.
const LONGEST: usize = 9;

/// Letters of the shortest word.
const SHORTEST: usize = 3;

/// How many lists there are.
pub(in crate::redact) const LANGUAGES: usize = 6;

/// In the order in which they are looked at.
const FILES: [&str; LANGUAGES] = [
    include_str!("wallet/english.txt"),
    include_str!("wallet/spanish.txt"),
    include_str!("wallet/portuguese.txt"),
    include_str!("wallet/italian.txt"),
    include_str!("wallet/french.txt"),
    include_str!("wallet/czech.txt"),
];

static LISTS: [[u64; WORDS]; LANGUAGES] = [
    list(FILES[0]),
    list(FILES[1]),
    list(FILES[2]),
    list(FILES[3]),
    list(FILES[4]),
    list(FILES[5]),
];

/// The place of the first list.
pub(in crate::redact) const ENGLISH: usize = 0;

/// The lists that a text may be a word of, a bit each: never too few, and of
/// other texts one in sixteen a list.
#[inline]
pub(in crate::redact) fn lists_of(text: &[u8]) -> u8 {
    lists_at(text, 0, text.len())
}

/// As [`lists_of`], of the word in `start..end` of a text.
#[inline]
pub(in crate::redact) fn lists_at(text: &[u8], start: usize, end: usize) -> u8 {
    static PLACES: [u8; 1 << PLACE_BITS] = places();
    let len = end - start;
    if !(SHORTEST..=LONGEST).contains(&len) {
        return 0;
    }
    let letters = match text[..end].last_chunk::<8>() {
        // What stands before a shorter word goes.
        Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * len.min(8)),
        None => letters(text, start, end),
    };
    PLACES[place(letters)]
}

/// A word of a list, as a number in the order of the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) struct Word(u64);

impl Word {
    /// Of a text that is in the list of that place.
    pub(in crate::redact) fn of(text: &[u8], language: usize) -> Option<Self> {
        if lists_of(text) >> language & 1 == 0 || !text.iter().all(|&byte| is(byte, LETTER)) {
            return None;
        }
        let word = pack(text, 0, text.len());
        LISTS[language]
            .binary_search(&word)
            .is_ok()
            .then_some(Self(word))
    }
}

/// Bits of a letter, which is the same in both cases.
const LETTER_BITS: u32 = 5;

const fn pack(text: &[u8], start: usize, end: usize) -> u64 {
    let (mut packed, mut at) = (0, start);
    while at < start + LONGEST {
        let letter = if at < end { text[at] & 0x1f } else { 0 };
        packed = packed << LETTER_BITS | letter as u64;
        at += 1;
    }
    packed
}

const PLACE_BITS: u32 = 15;

/// The last eight letters of a word, the first of them lowest.
const fn letters(text: &[u8], start: usize, end: usize) -> u64 {
    let (mut letters, mut at) = (0u64, start);
    while at < end {
        letters = letters >> 8 | (text[at] as u64) << 56;
        at += 1;
    }
    let len = end - start;
    letters >> (64 - 8 * if len < 8 { len } else { 8 })
}

/// Where the lists of a word stand, whatever its case.
#[inline]
const fn place(letters: u64) -> usize {
    let letters = letters & 0x1f1f_1f1f_1f1f_1f1f;
    (letters.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACE_BITS)) as usize
}

#[allow(clippy::large_stack_arrays)] // on the stack of the compiler
const fn places() -> [u8; 1 << PLACE_BITS] {
    let mut places = [0; 1 << PLACE_BITS];
    let mut language = 0;
    while language < FILES.len() {
        let text = FILES[language].as_bytes();
        let (mut start, mut end) = (0, 0);
        while end < text.len() {
            if text[end] == b'\n' {
                places[place(letters(text, start, end))] |= 1 << language;
                start = end + 1;
            }
            end += 1;
        }
        language += 1;
    }
    places
}

/// The words of a file: each once, in order.
const fn list(text: &str) -> [u64; WORDS] {
    let text = text.as_bytes();
    let mut words = [0; WORDS];
    let (mut at, mut start, mut end) = (0, 0, 0);
    while end < text.len() {
        if text[end] == b'\n' {
            assert!(end - start >= SHORTEST && end - start <= LONGEST);
            words[at] = pack(text, start, end);
            assert!(at == 0 || words[at - 1] < words[at]);
            at += 1;
            start = end + 1;
        } else {
            assert!(text[end].is_ascii_lowercase());
        }
        end += 1;
    }
    assert!(at == WORDS && start == text.len());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_each_of_its_words_once_and_in_order() {
        for (language, file) in FILES.iter().enumerate() {
            let words: Vec<&str> = file.lines().collect();
            assert_eq!(words.len(), 2048, "list {language}");
            assert!(words.is_sorted_by(|a, b| a < b), "list {language}");
            // Four letters tell a word of these lists, wherever it was cut.
            let mut heads: Vec<&str> = words
                .iter()
                .map(|word| &word[..word.len().min(4)])
                .collect();
            heads.dedup();
            assert_eq!(heads.len(), 2048, "list {language}");
            for word in words {
                let upper = word.to_uppercase();
                for word in [word, &upper] {
                    assert!(Word::of(word.as_bytes(), language).is_some(), "{word}");
                }
            }
        }
    }

    #[test]
    fn the_lists_are_those_of_the_standard() {
        use ring::digest::{SHA256, digest};
        // SHA-256 of the standard's own files, but for those that are in
        // another order there, or have accents: of what they become.
        let digests = [
            "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
            "ecaeffaa0d3a1f5d1752bf06e9bce345277de195141147d35e49821f7c834236",
            "2685e9c194c82ae67e10ba59d9ea5345a23dc093e92276fc5361f6667d79cd3f",
            "d392c49fdb700a24cd1fceb237c1f65dcc128f6b34a8aacb58b59384b5c648c2",
            "cf8db448ad5ca0b68c3c8f88b51458f20362a5939fef236fac64a303f1485e87",
            "195136b3ba0f3099a9df625e0963f4efb56625b91c3a76bc5b4a9466a26880f7",
        ];
        for (file, expected) in FILES.iter().zip(digests) {
            let found = format!("{:?}", digest(&SHA256, file.as_bytes()));
            assert_eq!(found, format!("SHA256:{expected}"), "{}", &file[..20]);
        }
    }

    #[test]
    fn of_other_words_one_in_sixteen_may_be_in_a_list() {
        let (mut may, mut all) = (0, 0);
        for letters in 0..26 * 26 * 26u32 {
            let [a, b, c] = [letters / 676, letters / 26 % 26, letters % 26]
                .map(|letter| b'a' + u8::try_from(letter).expect("of 26"));
            let word = [a, b, c, b'q', a];
            assert!((0..LANGUAGES).all(|language| Word::of(&word, language).is_none()));
            may += lists_of(&word).count_ones() as usize;
            all += LANGUAGES;
        }
        assert!(may * 16 < all * 11 / 10, "{may} of {all}");
    }

    #[test]
    fn what_is_no_word_is_none() {
        for text in ["", "ab", "zoo1", "z0o", "zo-o", "riscaldatore", "músculo"] {
            for language in 0..LANGUAGES {
                assert_eq!(Word::of(text.as_bytes(), language), None, "{text}");
            }
        }
    }
}
