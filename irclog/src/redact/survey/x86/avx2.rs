//! The planes by the vector instructions of x86-64, where the machine has
//! them.
//!
//! Bytes are classified by their nibbles, as simdjson does: a class is one or more
//! rectangles in the table of upper and lower halves of a byte; two look-ups of sixteen and an `and` say for 32 bytes at
//! once in which of eight rectangles each is.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi8, _mm256_alignr_epi8, _mm256_and_si256, _mm256_cmpeq_epi8,
    _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_permute2x128_si256, _mm256_set1_epi8, _mm256_setr_epi64x, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _mm256_xor_si256,
};
use std::sync::LazyLock;

use crate::redact::lexicon::name::suffix_filter::{DEPTH, ENDINGS, LETTERS};
use crate::redact::survey::Survey;
use crate::redact::survey::byte_planes::{BLOCK, Planes};

/// Surveys a text if the machine can do it this way, all of it if it `goes_on`.
pub(in crate::redact) fn survey(
    survey: &mut Survey,
    text: &[u8],
    goes_on: impl Fn(&Survey) -> bool,
) -> Option<bool> {
    is_able().then(|| {
        #[expect(unsafe_code, reason = "only the machine can say what it is able to do")]
        // SAFETY: the function asks for nothing but the features detected above.
        unsafe {
            wide(survey, text, goes_on)
        }
    })
}

/// Whether the machine has the instructions.
fn is_able() -> bool {
    static ABLE: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    });
    *ABLE
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn wide(survey: &mut Survey, text: &[u8], goes_on: impl Fn(&Survey) -> bool) -> bool {
    let mut wide = Wide::new();
    survey.fill(
        text,
        |text, at| Planes::of(text, at, |block| wide.planes(block)),
        goes_on,
    )
}

/// 64 bytes.
#[derive(Debug, Clone, Copy)]
struct Pair(__m256i, __m256i);

#[derive(Debug)]
struct Wide {
    rare: Tables,
    kind: Tables,
    /// By distance, each half of the buckets.
    endings: [[Tables; 2]; DEPTH],
    /// The letters of the 32 bytes before.
    before: __m256i,
}

/// By half of a byte, a bit a rectangle.
#[derive(Debug, Clone, Copy)]
struct Tables {
    lower: __m256i,
    upper: __m256i,
}

impl Wide {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn new() -> Self {
        Self {
            rare: Tables::of(&RARE.lower, &RARE.upper),
            kind: Tables::of(&KIND.lower, &KIND.upper),
            endings: std::array::from_fn(|distance| {
                BUCKETS[distance]
                    .each_ref()
                    .map(|half| Tables::of(&half[0], &half[1]))
            }),
            // Before the text stand zeros.
            before: Pair::all(0).0,
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn planes(&mut self, block: &[u8; BLOCK]) -> Planes {
        let (halves, _) = block.as_chunks();
        let bytes = Pair(load(&halves[0]), load(&halves[1]));
        let half = Pair::all(15);
        let (lower, upper) = (bytes.and(half), bytes.shifted_right().and(half));
        let rare = self.rare.look_up(lower, upper);
        let kind = self.kind.look_up(lower, upper);
        let twice = kind.plus(kind);
        // A look-up is 0 where the topmost bit of an index is set: it has one
        // for each half of the letters.
        let topmost = Pair::all(0x80);
        let letters = lower.or(bytes.shifted_left::<3>().and(topmost));
        let neighbours = letters.neighbours(self.before);
        self.before = letters.1;
        let mut left = [Pair::all(u8::MAX); 2];
        for (distance, halves) in self.endings.iter().enumerate() {
            let first = letters.moved(distance, neighbours);
            let second = first.xor(topmost);
            for (left, tables) in left.iter_mut().zip(halves) {
                *left = left.and(tables.either(first, second));
            }
        }
        let hex_letter = twice.plus(twice).bits();
        let not_hex = kind.any(OTHER_LETTERS);
        let letter = hex_letter | not_hex;
        Planes {
            letter,
            not_hex,
            // Bit 5 is what small letters have.
            upper: letter & !bytes.shifted_left::<2>().bits(),
            digit: kind.bits(),
            join: kind.any(JOINS),
            slash: bytes.equal(Pair::all(b'/')),
            colon: twice.bits(),
            opening: rare.plus(rare).or(rare).bits(),
            rare: rare.any(RARES),
            blank: bytes.at_most(b' '),
            ending: !left[0].or(left[1]).equal(Pair::all(0)),
        }
    }
}

impl Tables {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn of(lower: &[u8; 16], upper: &[u8; 16]) -> Self {
        // A look-up does not leave its half of a vector.
        let twice = |table: &[u8; 16]| {
            let (words, _) = table.as_chunks::<8>();
            let [low, high] = [words[0], words[1]].map(i64::from_le_bytes);
            _mm256_setr_epi64x(low, high, low, high)
        };
        Self {
            lower: twice(lower),
            upper: twice(upper),
        }
    }

    /// What the tables have at either index.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn either(self, lower: Pair, upper: Pair) -> Pair {
        let (lower, upper) = self.both(lower, upper);
        lower.or(upper)
    }

    /// The rectangles that the bytes with these halves are in.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn look_up(self, lower: Pair, upper: Pair) -> Pair {
        let (lower, upper) = self.both(lower, upper);
        lower.and(upper)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn both(self, lower: Pair, upper: Pair) -> (Pair, Pair) {
        let look_up = |table, at: Pair| {
            Pair(
                _mm256_shuffle_epi8(table, at.0),
                _mm256_shuffle_epi8(table, at.1),
            )
        };
        (look_up(self.lower, lower), look_up(self.upper, upper))
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; 32]) -> __m256i {
    #[expect(
        unsafe_code,
        reason = "made of numbers, it is at times 32 loads of a byte"
    )]
    // SAFETY: 32 bytes may be read, and they need not be aligned.
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().cast())
    }
}

/// One name for each instruction, on both vectors.
impl Pair {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn all(byte: u8) -> Self {
        let all = _mm256_set1_epi8(byte.cast_signed());
        Self(all, all)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn and(self, other: Self) -> Self {
        Self(
            _mm256_and_si256(self.0, other.0),
            _mm256_and_si256(self.1, other.1),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn or(self, other: Self) -> Self {
        Self(
            _mm256_or_si256(self.0, other.0),
            _mm256_or_si256(self.1, other.1),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn xor(self, other: Self) -> Self {
        Self(
            _mm256_xor_si256(self.0, other.0),
            _mm256_xor_si256(self.1, other.1),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn plus(self, other: Self) -> Self {
        Self(
            _mm256_add_epi8(self.0, other.0),
            _mm256_add_epi8(self.1, other.1),
        )
    }

    /// The upper halves of the bytes, below those of their neighbours.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn shifted_right(self) -> Self {
        Self(
            _mm256_srli_epi16::<4>(self.0),
            _mm256_srli_epi16::<4>(self.1),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn shifted_left<const BY: i32>(self) -> Self {
        Self(
            _mm256_slli_epi16::<BY>(self.0),
            _mm256_slli_epi16::<BY>(self.1),
        )
    }

    /// The 32 bytes around the beginning of each vector; `before` are the last
    /// ahead of them.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn neighbours(self, before: __m256i) -> Self {
        Self(
            _mm256_permute2x128_si256::<0x21>(before, self.0),
            _mm256_permute2x128_si256::<0x21>(self.0, self.1),
        )
    }

    /// The bytes that stand `distance` before these.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn moved(self, distance: usize, neighbours: Self) -> Self {
        macro_rules! by {
            ($rest:literal) => {
                Self(
                    _mm256_alignr_epi8::<$rest>(self.0, neighbours.0),
                    _mm256_alignr_epi8::<$rest>(self.1, neighbours.1),
                )
            };
        }
        match distance {
            0 => self,
            1 => by!(15),
            2 => by!(14),
            _ => by!(13),
        }
    }

    /// The topmost bits of the bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn bits(self) -> u64 {
        let bits = |bytes| u64::from(_mm256_movemask_epi8(bytes).cast_unsigned());
        bits(self.0) | bits(self.1) << 32
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn equal(self, other: Self) -> u64 {
        Self(
            _mm256_cmpeq_epi8(self.0, other.0),
            _mm256_cmpeq_epi8(self.1, other.1),
        )
        .bits()
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn at_most(self, byte: u8) -> u64 {
        let most = _mm256_set1_epi8(byte.cast_signed());
        self.equal(Self(
            _mm256_min_epu8(self.0, most),
            _mm256_min_epu8(self.1, most),
        ))
    }

    /// Which bytes have any of the bits `of`, all below the topmost.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn any(self, of: u8) -> u64 {
        let left = self.and(Self::all(of));
        let none = _mm256_setzero_si256();
        Self(
            _mm256_cmpgt_epi8(left.0, none),
            _mm256_cmpgt_epi8(left.1, none),
        )
        .bits()
    }
}

const _: () = assert!(DEPTH == 4, "as far as `moved` goes");

/// By distance and half of the buckets, the tables for the two halves of the
/// letters.
static BUCKETS: [[[[u8; 16]; 2]; 2]; DEPTH] = {
    let mut tables = [[[[0; 16]; 2]; 2]; DEPTH];
    let mut at = 0;
    while at < DEPTH * LETTERS {
        let (distance, letter) = (at / LETTERS, at % LETTERS);
        let [low, high] = ENDINGS[distance][letter].to_le_bytes();
        tables[distance][0][letter / 16][letter % 16] = low;
        tables[distance][1][letter / 16][letter % 16] = high;
        at += 1;
    }
    tables
};

/// Rectangles of bytes, as tables by half of a byte.
struct Rectangles {
    lower: [u8; 16],
    upper: [u8; 16],
}

impl Rectangles {
    const NONE: Self = Self {
        lower: [0; 16],
        upper: [0; 16],
    };

    /// The rectangle `bit`: its halves as bits.
    const fn with(mut self, bit: u8, upper: u16, lower: u16) -> Self {
        let mut half = 0;
        while half < 16 {
            self.lower[half] |= ((lower >> half & 1) as u8) << bit;
            self.upper[half] |= ((upper >> half & 1) as u8) << bit;
            half += 1;
        }
        self
    }
}

/// The halves from `from` to `to` as bits.
const fn halves(from: u32, to: u32) -> u16 {
    u16::MAX >> (15 - to) & u16::MAX << from
}

const fn half(of: u32) -> u16 {
    halves(of, of)
}

/// What is rare, and from bit 6 on brackets.
static RARE: Rectangles = Rectangles::NONE
    .with(0, half(0), halves(0, 8) | halves(14, 15))
    .with(1, half(1) | halves(12, 15), u16::MAX)
    // `$ % &`, `@`, `\` and DEL.
    .with(2, half(2), halves(4, 6))
    .with(3, half(4), half(0))
    .with(4, half(5), half(12))
    .with(5, half(7), half(15))
    // `(`, `[` and `{`.
    .with(6, half(2), half(8))
    .with(7, half(5) | half(7), half(11));
const RARES: u8 = 0x3f;

static KIND: Rectangles = Rectangles::NONE
    // `+ - . /`, `_` and `~`.
    .with(0, half(2), half(11) | halves(13, 15))
    .with(1, half(5), half(15))
    .with(2, half(7), half(14))
    // `p` to `z`, `g` to `o`, `a` to `f`, in both cases.
    .with(3, half(5) | half(7), halves(0, 10))
    .with(4, half(4) | half(6), halves(7, 15))
    .with(5, half(4) | half(6), halves(1, 6))
    .with(6, half(3), half(10))
    .with(7, half(3), halves(0, 9));
const JOINS: u8 = 0x07;
const OTHER_LETTERS: u8 = 0x18;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::redact::survey::byte_planes::Portable;

    #[target_feature(enable = "avx2")]
    fn all(blocks: &[[u8; BLOCK]]) -> Vec<Planes> {
        let mut wide = Wide::new();
        blocks.iter().map(|block| wide.planes(block)).collect()
    }

    /// Says, past the harness, which keeps what a passing test prints, that a
    /// test had nothing to test.
    fn say_missing() {
        let _ = writeln!(
            std::io::stderr(),
            "this machine has no AVX2: its path was not tested"
        );
    }

    #[test]
    fn the_path_is_taken_where_the_machine_has_it() {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let flags: Vec<&str> = cpu
            .lines()
            .find(|line| line.starts_with("flags"))
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        // The system's names of them.
        let has_all = ["avx2", "bmi1", "bmi2", "abm", "popcnt"]
            .iter()
            .all(|flag| flags.contains(flag));
        let mut taken = Survey::default();
        let ran = super::survey(&mut taken, b"a token=", |_| true).is_some();
        assert!(ran || !has_all, "the machine has AVX2, and it was not used");
        if !ran {
            say_missing();
        }
    }

    #[test]
    fn the_planes_are_those_of_any_machine() {
        if !is_able() {
            say_missing();
            return;
        }
        let mut random = fastrand::Rng::with_seed(7);
        let words = b"tokenSECRET-u pw=@\xc3\xa9[0x7f%\n";
        let mut blocks: Vec<[u8; BLOCK]> = (0..=u8::MAX).map(|byte| [byte; BLOCK]).collect();
        for _ in 0..2_000 {
            blocks.push(std::array::from_fn(|_| random.u8(..)));
            blocks.push(std::array::from_fn(|_| words[random.usize(..words.len())]));
        }
        #[expect(unsafe_code, reason = "the machine was asked")]
        // SAFETY: as detected above.
        let planes = unsafe { all(&blocks) };
        let mut portable = Portable::new();
        for (block, planes) in blocks.iter().zip(planes) {
            assert_eq!(planes, portable.planes(block), "{block:?}");
        }
    }
}
