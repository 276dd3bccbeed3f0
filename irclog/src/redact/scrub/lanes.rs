//! A word of each of eight blocks side by side, in the widest vectors of
//! x86-64.
//!
//! SAFETY: there are no [`Lanes`] where the machine does not have the
//! instructions. The functions are inlined into one that is compiled with them,
//! since a trait cannot ask for them.
#![expect(
    unsafe_code,
    reason = "a trait cannot say what the machine is able to do"
)]
#![allow(clippy::inline_always)]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask,
    _mm512_mask_add_epi64, _mm512_mask_mov_epi64, _mm512_maskz_loadu_epi64, _mm512_maskz_mov_epi64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_shldi_epi64,
    _mm512_srli_epi64, _mm512_storeu_epi64, _mm512_test_epi64_mask, _mm512_testn_epi16_mask,
    _mm512_xor_si512,
};
use std::ops::{BitAnd, BitOr, Not};

use super::marks::Word;
use super::planes::{LANES, Planes, Row};

/// The planes of eight blocks. Made by [`Lanes::zero`] and [`Lanes::load`],
/// which ask for the instructions, and out of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes(__m512i);

impl Lanes {
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    #[inline]
    pub(super) fn zero() -> Self {
        Self(_mm512_setzero_si512())
    }

    /// Those of the first `lanes` blocks; the others have no bits, and no group
    /// of digits stands there.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    #[inline]
    pub(super) fn load(rows: &Planes<Row>, lanes: usize) -> Planes<Self> {
        let used = u8::MAX >> (LANES - lanes);
        let mut planes = rows.map(|row| {
            // SAFETY: eight words may be read, and they need not be aligned.
            Self(unsafe { _mm512_maskz_loadu_epi64(used, row.0.as_ptr().cast()) })
        });
        let Self(not_hex) = planes.not_hex;
        planes.not_hex = Self(_mm512_mask_mov_epi64(_mm512_set1_epi64(-1), used, not_hex));
        planes
    }
}

impl BitAnd for Lanes {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }
}

impl BitOr for Lanes {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }
}

impl Not for Lanes {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(unsafe { _mm512_xor_si512(self.0, _mm512_set1_epi64(-1)) })
    }
}

impl Lanes {
    #[inline(always)]
    pub(super) fn store(self, row: &mut Row) {
        unsafe { _mm512_storeu_epi64(row.0.as_mut_ptr().cast(), self.0) }
    }

    /// As [`carried`](Word::carried), where a token fills blocks: what comes
    /// into those without a mark goes through them. `over` are the carries
    /// of `sum`.
    #[cold]
    #[inline(always)]
    fn gone_through(sum: Self, over: Self, carry: &mut Self) -> Self {
        unsafe {
            let one = _mm512_set1_epi64(1);
            let into = _mm512_alignr_epi64::<7>(over.0, carry.0);
            let into = u32::from(_mm512_test_epi64_mask(into, one));
            let over = u32::from(_mm512_test_epi64_mask(over.0, one)) >> (LANES - 1);
            let full = u32::from(_mm512_cmpeq_epi64_mask(sum.0, _mm512_set1_epi64(-1)));
            let into = ((into | over << LANES) + full) ^ full;
            let lanes = [into, into >> 1].map(|lanes| u8::try_from(lanes & 0xff).unwrap_or(0));
            carry.0 = _mm512_maskz_mov_epi64(lanes[1], one);
            Self(_mm512_mask_add_epi64(sum.0, lanes[0], sum.0, one))
        }
    }
}

impl Word for Lanes {
    #[inline(always)]
    fn behind<const BY: i32>(self, before: Self) -> Self {
        unsafe {
            // The last of those before, and all of these but the last.
            let before = _mm512_alignr_epi64::<7>(self.0, before.0);
            Self(_mm512_shldi_epi64::<BY>(self.0, before))
        }
    }

    #[inline(always)]
    fn ahead(self) -> Self {
        unsafe {
            let beyond = _mm512_set1_epi64(i64::MIN);
            Self(_mm512_or_si512(_mm512_srli_epi64::<1>(self.0), beyond))
        }
    }

    #[inline(always)]
    fn carried(self, marks: Self, carry: &mut Self) -> Self {
        unsafe {
            let sum = _mm512_add_epi64(self.0, marks.0);
            // Marks are bits of tokens: a carry is one of the topmost bit, or
            // took the topmost bit of a token with it.
            let over = marks | self & !Self(sum);
            let over = Self(_mm512_srli_epi64::<63>(over.0));
            if _mm512_cmpeq_epi64_mask(self.0, _mm512_set1_epi64(-1)) != 0 {
                return Self::gone_through(Self(sum), over, carry);
            }
            let into = _mm512_alignr_epi64::<7>(over.0, carry.0);
            *carry = over;
            Self(_mm512_add_epi64(sum, into))
        }
    }

    #[inline(always)]
    fn blocks(self) -> u8 {
        unsafe { _mm512_test_epi64_mask(self.0, self.0) }
    }

    #[inline(always)]
    fn has_empty_quarter(self) -> bool {
        unsafe { _mm512_testn_epi16_mask(self.0, self.0) != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both widths say of the same planes.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    fn both(tokens: &[[u64; LANES]], marks: &[[u64; LANES]]) -> [Vec<u64>; 2] {
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        let (mut carry, mut before) = (Lanes::zero(), Lanes::zero());
        let (mut last_carry, mut last) = (0, 0);
        for (tokens, marks) in tokens.iter().zip(marks) {
            let planes = Planes {
                letter: Row(*tokens),
                digit: Row(*marks),
                ..Planes::default()
            };
            let Planes { letter, digit, .. } = Lanes::load(&planes, LANES);
            for word in [
                letter.carried(digit, &mut carry) & !letter,
                letter.behind::<3>(before),
                digit.ahead(),
            ] {
                let mut row = Row::default();
                word.store(&mut row);
                wide.extend(row.0);
            }
            before = letter;
            let mut words = [const { Vec::new() }; 3];
            for (&tokens, &marks) in tokens.iter().zip(marks) {
                words[0].push(tokens.carried(marks, &mut last_carry) & !tokens);
                words[1].push(tokens.behind::<3>(last));
                words[2].push(marks.ahead());
                last = tokens;
            }
            narrow.extend(words.concat());
        }
        [wide, narrow]
    }

    #[test]
    fn eight_blocks_are_as_one_after_the_other() {
        if !is_x86_feature_detected!("avx512bw") || !is_x86_feature_detected!("avx512vbmi2") {
            return;
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..2_000 {
            // Blocks that a token fills are as common as others.
            let tokens: [[u64; LANES]; 3] = std::array::from_fn(|_| {
                std::array::from_fn(|_| match random.u8(..4) {
                    0 => 0,
                    1 => random.u64(..),
                    _ => u64::MAX,
                })
            });
            let marks =
                tokens.map(|words| words.map(|word| word & (random.u64(..) * random.u64(..2))));
            // SAFETY: as detected above.
            let [wide, narrow] = unsafe { both(&tokens, &marks) };
            assert_eq!(wide, narrow, "{tokens:x?} {marks:x?}");
        }
    }
}
