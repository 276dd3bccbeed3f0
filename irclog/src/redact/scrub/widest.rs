//! The planes by the widest vector instructions of x86-64: 64 bytes at once,
//! each looked up in a table of its own kind, and what is asked of them comes
//! as the bits of a word.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpge_epu8_mask, _mm512_cmple_epu8_mask, _mm512_loadu_epi8,
    _mm512_maskz_loadu_epi8, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_or_si512,
    _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_test_epi8_mask,
};
use std::sync::LazyLock;

use super::alphabet::{DIGIT, JOIN, LETTER, NOT_HEX, class};
use super::endings::{DEPTH, ENDINGS, LETTERS};
use super::lanes::Lanes;
use super::planes::{BLOCK, Planes, is_rare};
use super::survey::Survey;

/// Surveys a text if the machine can do it this way, all of it if it `goes_on`.
#[inline]
pub(super) fn survey(
    survey: &mut Survey,
    text: &[u8],
    goes_on: impl Fn(&Survey) -> bool,
) -> Option<bool> {
    static ABLE: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    });
    (*ABLE).then(|| {
        #[expect(unsafe_code, reason = "only the machine can say what it is able to do")]
        // SAFETY: the function asks for nothing but the features detected above.
        unsafe {
            widest(survey, text, goes_on)
        }
    })
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
fn widest(survey: &mut Survey, text: &[u8], goes_on: impl Fn(&Survey) -> bool) -> bool {
    let tables = Tables::new();
    survey.fill_rows(
        text,
        |text, at| tables.planes(text, at),
        goes_on,
        |rows, lanes| Lanes::load(rows, lanes),
        Lanes::store,
        Lanes::zero(),
    )
}

#[derive(Debug)]
struct Tables {
    /// By seven bits of a byte, its classes.
    classes: [__m512i; 2],
    /// By distance and half of the buckets: by six bits of a byte.
    endings: [[__m512i; 2]; DEPTH],
}

impl Tables {
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    #[inline]
    fn new() -> Self {
        Self {
            classes: CLASSES.each_ref().map(|table| load(table)),
            endings: BUCKETS
                .each_ref()
                .map(|halves| halves.each_ref().map(|half| load(half))),
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    #[inline]
    fn planes(&self, text: &[u8], at: usize) -> Planes {
        let from = at * BLOCK;
        let left = text.len() - from;
        let inside = if left < BLOCK {
            !(u64::MAX << left)
        } else {
            u64::MAX
        };
        let bytes = load_some(text, from, 0, inside);
        let ascii = !_mm512_movepi8_mask(bytes);
        let [low, high] = self.classes;
        let classes = _mm512_maskz_permutex2var_epi8(ascii, low, bytes, high);
        let is = |of| _mm512_test_epi8_mask(classes, all(of));

        let mut buckets = self.endings[0].map(|table| _mm512_permutexvar_epi8(bytes, table));
        for (distance, tables) in self.endings.iter().enumerate().skip(1) {
            // Before the text stand zeros.
            let known = if at == 0 {
                inside & u64::MAX << distance
            } else {
                inside
            };
            let before = load_some(text, from, distance, known);
            for (left, &table) in buckets.iter_mut().zip(tables) {
                *left = _mm512_and_si512(*left, _mm512_permutexvar_epi8(before, table));
            }
        }
        let left = _mm512_or_si512(buckets[0], buckets[1]);

        let letter = is(IS_LETTER);
        Planes {
            letter,
            // Bit 5 is what small letters have.
            upper: letter & !_mm512_test_epi8_mask(bytes, all(1 << 5)),
            // No group of digits stands beyond the end.
            not_hex: is(IS_NOT_HEX) | !inside,
            digit: is(IS_DIGIT),
            join: is(IS_JOIN),
            slash: is(IS_SLASH),
            opening: is(IS_OPENING),
            colon: is(IS_COLON),
            blank: _mm512_cmple_epu8_mask(bytes, all(b' ')) & inside,
            rare: (is(IS_RARE) | _mm512_cmpge_epu8_mask(bytes, all(0xc0))) & inside,
            ending: _mm512_test_epi8_mask(left, left) & inside,
        }
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn all(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}

#[target_feature(enable = "avx512bw")]
#[inline]
fn load(table: &Table) -> __m512i {
    #[expect(unsafe_code, reason = "made of numbers, it is 64 loads of a byte")]
    // SAFETY: 64 bytes may be read, and they need not be aligned.
    unsafe {
        _mm512_loadu_epi8(table.0.as_ptr().cast())
    }
}

/// The 64 bytes that stand `before` the one at `from`, as far as they are
/// `known`; the others are 0.
#[target_feature(enable = "avx512bw")]
#[inline]
fn load_some(text: &[u8], from: usize, before: usize, known: u64) -> __m512i {
    // Of those known, the first and the last.
    debug_assert!(known == 0 || from + known.trailing_zeros() as usize >= before);
    debug_assert!(from + 64 - known.leading_zeros() as usize <= text.len() + before);
    let at = text.as_ptr().wrapping_add(from).wrapping_sub(before);
    #[expect(unsafe_code, reason = "the other bytes are not of the text")]
    // SAFETY: only known bytes are read, and those are of the text.
    unsafe {
        _mm512_maskz_loadu_epi8(known, at.cast())
    }
}

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Table([u8; BLOCK]);

/// The classes of a byte, from the lowest bit.
const IS_LETTER: u8 = 1;
const IS_NOT_HEX: u8 = 1 << 1;
const IS_DIGIT: u8 = 1 << 2;
const IS_JOIN: u8 = 1 << 3;
const IS_SLASH: u8 = 1 << 4;
const IS_OPENING: u8 = 1 << 5;
const IS_COLON: u8 = 1 << 6;
const IS_RARE: u8 = 1 << 7;

static CLASSES: [Table; 2] = {
    let mut tables = [Table([0; BLOCK]); 2];
    let mut byte = 0u8;
    while byte < 128 {
        let of = class(byte);
        let is = [
            of & LETTER != 0,
            of & NOT_HEX != 0,
            of & DIGIT != 0,
            of & JOIN != 0,
            byte == b'/',
            matches!(byte, b'[' | b'{' | b'('),
            byte == b':',
            is_rare(byte),
        ];
        let mut bit = 0;
        while bit < is.len() {
            tables[byte as usize / BLOCK].0[byte as usize % BLOCK] |= (is[bit] as u8) << bit;
            bit += 1;
        }
        byte += 1;
    }
    tables
};

static BUCKETS: [[Table; 2]; DEPTH] = {
    let mut tables = [[Table([0; BLOCK]); 2]; DEPTH];
    let mut at = 0;
    while at < DEPTH * BLOCK {
        let (distance, byte) = (at / BLOCK, at % BLOCK);
        let [low, high] = ENDINGS[distance][byte % LETTERS].to_le_bytes();
        tables[distance][0].0[byte] = low;
        tables[distance][1].0[byte] = high;
        at += 1;
    }
    tables
};

#[cfg(test)]
mod tests {
    use super::super::name::ATOMS;
    use super::super::planes::Portable;
    use super::*;

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn all_of(text: &[u8]) -> Vec<Planes> {
        let tables = Tables::new();
        (0..=text.len() / BLOCK)
            .map(|at| tables.planes(text, at))
            .collect()
    }

    #[test]
    fn the_planes_are_those_of_any_machine() {
        if !is_x86_feature_detected!("avx512vbmi") || !is_x86_feature_detected!("avx512bw") {
            return;
        }
        let mut random = fastrand::Rng::with_seed(7);
        let words = b"tokenSECRET-u pw=@\xc3\xa9[0x7f%\n/";
        let names = ATOMS.concat();
        let mut texts: Vec<Vec<u8>> = (0..200)
            .map(|len| {
                (0..len)
                    .map(|_| words[random.usize(..words.len())])
                    .collect()
            })
            .collect();
        texts.extend((0..64).map(|from| [&vec![b' '; from], &names[..]].concat()));
        texts.push((0..=u8::MAX).cycle().take(4096 + 17).collect());
        texts.extend((0..200).map(|len| (0..len).map(|_| random.u8(..)).collect()));
        for text in texts {
            #[expect(unsafe_code, reason = "the machine was asked")]
            // SAFETY: as detected above.
            let planes = unsafe { all_of(&text) };
            let mut portable = Portable::new();
            for (at, mut planes) in planes.into_iter().enumerate() {
                let expected = Planes::of(&text, at, |block| portable.planes(block));
                // More of an ending is looked at here, also at the beginning of
                // the last block; but no name is missed.
                assert_eq!(planes.ending & !expected.ending, 0, "{text:?}");
                for bit in 0..BLOCK {
                    let before = text.get(..=at * BLOCK + bit).unwrap_or(&[]);
                    let name = ATOMS.iter().any(|atom| {
                        before
                            .last_chunk::<16>()
                            .is_some_and(|last| last.to_ascii_lowercase().ends_with(atom))
                    });
                    assert!(!name || planes.ending >> bit & 1 != 0, "{text:?}");
                }
                planes.ending = expected.ending;
                assert_eq!(planes, expected, "{text:?}");
            }
        }
    }
}
