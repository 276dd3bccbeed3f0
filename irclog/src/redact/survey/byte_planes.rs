//! What 64 bytes are, a bit a byte: everything that is asked of single bytes
//! is asked of all of them together.

use crate::redact::lexicon::name::suffix_filter::{DEPTH, ENDINGS, LETTERS};
use crate::redact::text::alphabet::{DIGIT, JOIN, LETTER, LOWER, NOT_HEX, UPPER, class};
use crate::redact::text::escapes::may_decode;

/// Bytes that are looked at together: the bits of one word.
pub(in crate::redact) const BLOCK: usize = 64;

/// By bit, what the bytes of a block are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::redact) struct Planes {
    pub(in crate::redact) letter: u64,
    pub(in crate::redact) upper: u64,
    pub(in crate::redact) not_hex: u64,
    pub(in crate::redact) digit: u64,
    pub(in crate::redact) join: u64,
    /// The join of a path.
    pub(in crate::redact) slash: u64,
    /// A bracket that may open a list of bytes.
    pub(in crate::redact) opening: u64,
    pub(in crate::redact) colon: u64,
    /// Space and all below it.
    pub(in crate::redact) blank: u64,
    /// `@`, `$`, and what may stand for something else: see [`is_rare`].
    pub(in crate::redact) rare: u64,
    /// The last byte of what may be one of the [`ENDINGS`].
    pub(in crate::redact) ending: u64,
}

impl Planes {
    /// Those of the block `at` of `text`, of which the last may be short.
    /// `planes` is called with 64 bytes, one block after the other.
    #[allow(clippy::inline_always)] // see `Survey::fill`
    #[inline(always)]
    pub(in crate::redact) fn of(
        text: &[u8],
        at: usize,
        planes: impl FnOnce(&[u8; BLOCK]) -> Self,
    ) -> Self {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        if let Some(block) = blocks.get(at) {
            return planes(block);
        }
        let mut short = [0; BLOCK];
        // What ends with the text; its first bytes are seen twice.
        let (last, beyond) = if let Some(last) = text.last_chunk() {
            (last, BLOCK - rest.len())
        } else {
            short[..rest.len()].copy_from_slice(rest);
            (&short, 0)
        };
        let mut planes = planes(last);
        // They do not follow on the block before, which may end in an ending.
        planes.ending |= (1 << (DEPTH - 1)) - 1;
        planes.cut(beyond, rest.len())
    }

    #[inline]
    pub(in crate::redact) fn tokens(&self) -> u64 {
        self.letter | self.digit | self.join
    }

    #[inline]
    fn all(&mut self) -> [&mut u64; 11] {
        [
            &mut self.letter,
            &mut self.upper,
            &mut self.not_hex,
            &mut self.digit,
            &mut self.join,
            &mut self.slash,
            &mut self.opening,
            &mut self.colon,
            &mut self.blank,
            &mut self.rare,
            &mut self.ending,
        ]
    }

    /// What a token is of, by those of its bytes.
    #[inline]
    pub(in crate::redact) fn classes(&self, bytes: u64) -> u8 {
        let has = |plane: u64, class: u8| u8::from(plane & bytes != 0) * class;
        has(self.letter & !self.upper, LOWER)
            | has(self.upper, UPPER)
            | has(self.digit, DIGIT)
            | has(self.join, JOIN)
            | has(self.not_hex, NOT_HEX)
    }

    /// Without the first `beyond` bytes, which leaves `len`.
    #[inline]
    fn cut(mut self, beyond: usize, len: usize) -> Self {
        if beyond == BLOCK {
            self = Self::default();
        }
        let inside = !(u64::MAX << len);
        for plane in self.all() {
            *plane = *plane >> (beyond & (BLOCK - 1)) & inside;
        }
        // No group of digits stands beyond the end.
        self.not_hex |= !inside;
        self
    }
}

/// Bytes that few texts have: `@`, `$`, and those with which an escape or a
/// character begins that the view may change.
pub(in crate::redact) const fn is_rare(byte: u8) -> bool {
    matches!(byte, b'@' | b'$') || may_decode(byte)
}

/// The planes by tables and multiplications: on any machine.
#[derive(Debug)]
pub(in crate::redact) struct Portable {
    /// By distance, the buckets that are left after as many bytes of an
    /// ending.
    left: u64,
}

impl Portable {
    pub(in crate::redact) fn new() -> Self {
        let before = STEPS[0];
        Self {
            left: (0..DEPTH).fold(0, |left, _| step(left, before)),
        }
    }

    /// Takes one block after the other.
    #[inline]
    pub(in crate::redact) fn planes(&mut self, block: &[u8; BLOCK]) -> Planes {
        let mut classes = [0; BLOCK];
        let mut marks = [0; BLOCK];
        for ((class, mark), &byte) in classes.iter_mut().zip(&mut marks).zip(block) {
            [*class, *mark] = CLASSES[usize::from(byte)];
        }
        self.mark_endings(block, &mut marks);
        Planes {
            letter: gather(&classes, 0),
            upper: gather(&classes, 1),
            not_hex: gather(&classes, 2),
            digit: gather(&classes, 3),
            join: gather(&classes, 4),
            opening: gather(&classes, 5),
            colon: gather(&classes, 6),
            blank: gather(&classes, 7),
            rare: gather(&marks, 1),
            slash: gather(&marks, 2),
            ending: gather(&marks, 0),
        }
    }
}

impl Portable {
    /// Marks the last byte of what may be an ending by the lowest bit.
    #[inline]
    fn mark_endings(&mut self, block: &[u8; BLOCK], marks: &mut [u8; BLOCK]) {
        // Several parts of the block at once: a step waits for the one before.
        const PARTS: usize = 4;
        const PART: usize = BLOCK / PARTS;
        let on = |left: u64, at: usize| step(left, STEPS[usize::from(block[at])]);
        let mut left = [self.left; PARTS];
        for (part, left) in left.iter_mut().enumerate().skip(1) {
            // As many bytes before it as an ending may have there.
            let from = part * PART;
            *left = (from + 1 - DEPTH..from).fold(u64::MAX, on);
        }
        for at in 0..PART {
            for (part, left) in left.iter_mut().enumerate() {
                let at = part * PART + at;
                *left = on(*left, at);
                marks[at] |= u8::from(*left >> (16 * (DEPTH - 1)) != 0);
            }
        }
        self.left = left[PARTS - 1];
    }
}

/// Lets the endings go on by one byte, and new ones begin.
#[inline]
fn step(left: u64, byte: u64) -> u64 {
    (left << 16 | 0xffff) & byte
}

/// Of each byte the bit `at`.
#[inline]
fn gather(classes: &[u8; BLOCK], at: u32) -> u64 {
    /// Brings the lowest bits of eight bytes together in the topmost.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let (words, _) = classes.as_chunks::<8>();
    words.iter().rev().fold(0, |plane, word| {
        let bits = u64::from_le_bytes(*word) >> at & LOWEST;
        plane << 8 | bits.wrapping_mul(GATHER) >> 56
    })
}

/// By byte, the planes that it is in: the first eight, then the rest.
static CLASSES: [[u8; 2]; 256] = {
    let mut table = [[0; 2]; 256];
    let mut byte = 0u8;
    loop {
        let is = class(byte);
        table[byte as usize] = [
            (is & LETTER != 0) as u8
                | ((is & UPPER != 0) as u8) << 1
                | ((is & NOT_HEX != 0) as u8) << 2
                | ((is & DIGIT != 0) as u8) << 3
                | ((is & JOIN != 0) as u8) << 4
                | (matches!(byte, b'[' | b'{' | b'(') as u8) << 5
                | ((byte == b':') as u8) << 6
                | ((byte <= b' ') as u8) << 7,
            (is_rare(byte) as u8) << 1 | ((byte == b'/') as u8) << 2,
        ];
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// By byte and distance from the beginning of an ending, the buckets that have
/// the byte there.
static STEPS: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut distance = 0;
        while distance < DEPTH {
            let buckets = ENDINGS[distance][byte % LETTERS];
            table[byte] |= (buckets as u64) << (16 * (DEPTH - 1 - distance));
            distance += 1;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_stands_where_its_byte_does() {
        let mut block = [b' '; BLOCK];
        block[..20].copy_from_slice(b"aZ9_[:@%g \xc3(secrets)");
        let planes = Portable::new().planes(&block);
        let bits = |plane: u64| {
            (0..20)
                .map(|at| (plane >> at & 1) as u8)
                .collect::<Vec<_>>()
        };
        let of = |text: &str| text.bytes().map(|byte| byte - b'0').collect::<Vec<_>>();
        assert_eq!(bits(planes.letter), of("11000000100011111110"));
        assert_eq!(bits(planes.upper), of("01000000000000000000"));
        assert_eq!(bits(planes.not_hex), of("01000000100010010110"));
        assert_eq!(bits(planes.digit), of("00100000000000000000"));
        assert_eq!(bits(planes.join), of("00010000000000000000"));
        assert_eq!(bits(planes.opening), of("00001000000100000000"));
        assert_eq!(bits(planes.colon), of("00000100000000000000"));
        assert_eq!(bits(planes.blank), of("00000000010000000000"));
        assert_eq!(bits(planes.rare), of("00000011001000000000"));
        assert_eq!(planes.ending >> 17 & 3, 3, "secret, secrets");
    }
}
