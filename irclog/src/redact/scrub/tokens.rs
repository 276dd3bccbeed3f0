//! The tokens of a text, found 64 bytes at a time: what each byte is comes
//! from comparisons without a branch, which the compiler makes wide, and where
//! tokens begin and end from the bits of one word.

use super::alphabet::{DIGIT, JOIN, LETTER, LOWER, NOT_HEX, TOKEN, UPPER};
use super::name;

/// Bytes that are looked at together: the bits of one word.
pub(super) const WINDOW: usize = 64;

/// A bracket or a `$`: what may open a list of bytes or a password's hash.
const OPENING: u8 = 1 << 6;
/// Any byte of a token. At the top, so that it is cheaply gathered.
const ANY: u8 = 1 << 7;

/// Bytes of a token whose classes are gathered at once. Longer ones are looked
/// at in full in any case.
pub(super) const GATHERED: usize = 16;

/// 64 bytes of a text and what they are.
#[derive(Debug)]
pub(super) struct Window {
    /// By byte, with room for a read of [`GATHERED`] bytes from any of them.
    classes: [u8; 2 * WINDOW],
    /// The bytes, from [`BEFORE`] ahead of the first on. Beyond the last are
    /// zeros.
    bytes: [u8; BEFORE + WINDOW + 8],
}

/// Bytes ahead of a window that are kept with it: for the last letters of a
/// word of two.
const BEFORE: usize = 4;

/// The items of a window that were not yet taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Items {
    /// By bit: bytes of tokens.
    tokens: u64,
    /// By bit: where a token begins or an [`OPENING`] stands.
    starts: u64,
}

impl Items {
    /// Goes on at `at`, also within a token. Returns whether that lies in the
    /// window.
    pub(super) fn skip_to(&mut self, at: usize) -> bool {
        if at >= WINDOW {
            return false;
        }
        self.starts = self.starts & u64::MAX << at | self.tokens & 1 << at;
        true
    }
}

/// A token, or an opening byte if its length is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) len: usize,
    /// Of its first [`GATHERED`] bytes together.
    pub(super) classes: u8,
    /// Its last four bytes (or what stands before it), then the four after it.
    pub(super) around: u64,
}

impl Item {
    /// Whether its end is one that nothing can be said of by its kind: a name
    /// that announces, `@`, `:/`, or the end of the text.
    #[allow(clippy::needless_bitwise_bool)] // no branch where none is needed
    #[inline]
    pub(super) fn ends_apart(self) -> bool {
        #[allow(clippy::cast_possible_truncation)] // these bytes and no more
        let next = (self.around >> 32) as u16;
        let byte = next & 0xff;
        (byte == 0)
            | (byte == u16::from(b'@'))
            | (next == u16::from_le_bytes(*b":/"))
            | name::may_end(self.around)
    }
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            classes: [0; 2 * WINDOW],
            bytes: [0; BEFORE + WINDOW + 8],
        }
    }

    /// Looks at the bytes of `text` from `base` on. Positions count from there.
    pub(super) fn load(&mut self, text: &[u8], base: usize) -> Items {
        let rest = &text[base..];
        let mut before = [0; BEFORE];
        match text[..base].last_chunk() {
            Some(last) => before = *last,
            None => before[BEFORE - base..].copy_from_slice(&text[..base]),
        }
        self.bytes[..BEFORE].copy_from_slice(&before);
        if let Some(block) = rest.first_chunk::<WINDOW>() {
            self.bytes[BEFORE..BEFORE + WINDOW].copy_from_slice(block);
            self.classify(block);
        } else {
            let mut block = [0; WINDOW];
            block[..rest.len()].copy_from_slice(rest);
            self.bytes[BEFORE..BEFORE + WINDOW].copy_from_slice(&block);
            self.classify(&block);
        }
        // What follows is not known: `:` at the end may be a URL's.
        self.bytes[BEFORE + WINDOW] = b'/';
        let tokens = self.plane(ANY);
        let openings = self.plane(OPENING);
        Items {
            tokens,
            starts: tokens & !(tokens << 1) | openings,
        }
    }

    fn classify(&mut self, block: &[u8; WINDOW]) {
        for (class, &byte) in self.classes.iter_mut().zip(block) {
            *class = wide_class(byte);
        }
    }

    /// Bit by bit, whether a byte has the class `bit`.
    #[inline]
    fn plane(&self, bit: u8) -> u64 {
        /// Brings the lowest bits of eight bytes together in the topmost.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        const LOWEST: u64 = 0x0101_0101_0101_0101;
        let (words, _) = self.classes.as_chunks::<8>();
        let mut plane = 0;
        for (at, word) in words[..WINDOW / 8].iter().enumerate() {
            let bits = u64::from_le_bytes(*word) >> bit.trailing_zeros() & LOWEST;
            plane |= (bits.wrapping_mul(GATHER) >> 56) << (8 * at);
        }
        plane
    }

    /// Takes the next of its items, in order.
    #[inline]
    pub(super) fn next(&self, items: &mut Items) -> Option<Item> {
        if items.starts == 0 {
            return None;
        }
        // Below 64; the mask tells the compiler.
        let start = items.starts.trailing_zeros() as usize & (WINDOW - 1);
        items.starts &= items.starts - 1;
        let len = (!(items.tokens >> start)).trailing_zeros() as usize;
        let at = |from: usize| *self.classes[from..].first_chunk().unwrap_or(&[0; 8]);
        let masks = MASKS[if len < GATHERED { len } else { GATHERED }];
        let mut all =
            u64::from_le_bytes(at(start)) & masks.0 | u64::from_le_bytes(at(start + 8)) & masks.1;
        all |= all >> 32;
        all |= all >> 16;
        all |= all >> 8;
        let end = (start + len).min(WINDOW);
        let around = *self.bytes[end..].first_chunk().unwrap_or(&[0; 8]);
        #[allow(clippy::cast_possible_truncation)] // the lowest byte
        Some(Item {
            start,
            len,
            classes: all as u8 & (TOKEN | NOT_HEX),
            around: u64::from_le_bytes(around),
        })
    }
}

/// The bytes of two words that belong to a token, by its length.
static MASKS: [(u64, u64); GATHERED + 1] = {
    let mut masks = [(0, 0); GATHERED + 1];
    let mut len = 1;
    while len <= GATHERED {
        masks[len] = if len <= 8 {
            (u64::MAX >> (64 - 8 * len), 0)
        } else {
            (u64::MAX, u64::MAX >> (128 - 8 * len))
        };
        len += 1;
    }
    masks
};

/// The class of a byte as [`alphabet`](super::alphabet) has it, by comparisons
/// in place of a table.
#[allow(clippy::manual_range_contains)] // one comparison less
#[allow(clippy::needless_bitwise_bool)] // no branch where none is needed
#[inline]
const fn wide_class(byte: u8) -> u8 {
    const fn mask(is: bool, class: u8) -> u8 {
        (is as u8).wrapping_neg() & class
    }
    let letter = (byte | 0x20).wrapping_sub(b'a');
    let upper = (byte & 0x20 == 0) as u8;
    let join = (byte.wrapping_sub(b'-') < 3) | (byte == b'+') | (byte == b'_') | (byte == b'~');
    let opening = (byte | 0x20 == b'{') | (byte == b'(') | (byte == b'$');
    mask(letter < 26, ANY | (LOWER + upper))
        | mask(letter.wrapping_sub(6) < 20, NOT_HEX)
        | mask(byte.wrapping_sub(b'0') < 10, ANY | DIGIT)
        | mask(join, ANY | JOIN)
        | mask(opening, OPENING)
}

/// What a token of a length and of classes can be, as bits.
pub(super) mod kind {
    /// Something other than a name: it is looked at in full.
    pub(in super::super) const SHAPE: u8 = 1;
    /// The first group of a number in groups, if another follows.
    pub(in super::super) const GROUP: u8 = 1 << 1;
    /// A word of a wallet's phrase.
    pub(in super::super) const WORD: u8 = 1 << 2;
    /// The number of such a word, or the mark of a list.
    pub(in super::super) const MARK: u8 = 1 << 3;
    /// A name of several words, if it is one: what announces may stand
    /// further in.
    pub(in super::super) const DEEP: u8 = 1 << 4;
}

/// What `item` can be. Nothing that a rule would find is left out: see the
/// property that the gates change nothing.
#[inline]
pub(super) fn kind_of(item: Item) -> u8 {
    static KINDS: [[u8; 32]; GATHERED + 1] = {
        let mut kinds = [[0; 32]; GATHERED + 1];
        let mut len = 0;
        while len <= GATHERED {
            let mut classes = 0;
            while classes < 32 {
                #[allow(clippy::cast_possible_truncation)] // below 32 by the loop
                let kind = kind(len, classes as u8);
                kinds[len][classes] = kind;
                classes += 1;
            }
            len += 1;
        }
        kinds
    };
    KINDS[if item.len < GATHERED {
        item.len
    } else {
        GATHERED
    }][usize::from(item.classes & 31)]
}

/// Bytes of the shortest token that is more than a number or a group: three of
/// a vendor's prefix and eight more, or a number of 11 digits.
pub(super) const SHORT: usize = 11;

/// Bytes of the shortest token with a vendor's prefix that has a join in it.
pub(super) const SHORT_VENDOR: usize = 9;

const fn kind(len: usize, classes: u8) -> u8 {
    let (digit, join) = (classes & DIGIT != 0, classes & JOIN != 0);
    let letter = classes & LETTER != 0;
    let mixed = classes & LETTER == LETTER;
    let word = !digit && !join && len >= 3 && len <= 8;
    // What opens a list does not end a row of words either.
    let mark = !letter && len <= 3;
    let deep = letter && (digit || join || mixed);
    let shape = len == 0
        || len >= GATHERED
        || len >= SHORT && (digit || mixed)
        || len >= SHORT_VENDOR && letter && join && (digit || mixed)
        || (len == 4 || len == 8) && classes & UPPER != 0 && digit && !join
        || len >= 7 && join && digit && !letter;
    let group = (len == 2 || len == 4 || len == 8) && classes & (NOT_HEX | JOIN) == 0;
    (shape as u8 * kind::SHAPE)
        | (group as u8 * kind::GROUP)
        | (word as u8 * kind::WORD)
        | (mark as u8 * kind::MARK)
        | (deep as u8 * kind::DEEP)
}

#[cfg(test)]
mod tests {
    use super::super::alphabet::class;
    use super::*;

    #[test]
    fn the_wide_classes_are_those_of_the_table() {
        for byte in 0..=u8::MAX {
            let wide = wide_class(byte);
            assert_eq!(wide & (TOKEN | NOT_HEX), class(byte) & (TOKEN | NOT_HEX));
            assert_eq!(wide & ANY != 0, class(byte) & TOKEN != 0, "{byte}");
            let opening = matches!(byte, b'[' | b'{' | b'(' | b'$');
            assert_eq!(wide & OPENING != 0, opening, "{byte}");
        }
    }

    #[test]
    fn items_are_the_tokens_and_what_opens() {
        let text = b"ab1 -x([C]_9 end";
        let mut window = Window::new();
        let mut items = window.load(text, 0);
        let items: Vec<_> = std::iter::from_fn(|| window.next(&mut items))
            .map(|item| (item.start, item.len, item.classes))
            .collect();
        assert_eq!(
            items,
            [
                (0, 3, LOWER | DIGIT),
                (4, 2, JOIN | LOWER | NOT_HEX),
                (6, 0, 0),
                (7, 0, 0),
                (8, 1, UPPER),
                (10, 2, JOIN | DIGIT),
                (13, 3, LOWER | NOT_HEX),
            ]
        );
        let mut items = window.load(&[b'7'; 80], 0);
        let item = window.next(&mut items).unwrap();
        assert_eq!((item.start, item.len, item.classes), (0, 64, DIGIT));
        assert!(window.next(&mut items).is_none());
    }
}
