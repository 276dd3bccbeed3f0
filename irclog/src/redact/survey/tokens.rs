//! What a token of a length and of classes can be.

use crate::redact::text::alphabet::{DIGIT, JOIN, LETTER, NOT_HEX, UPPER};

/// Bytes from which a token is looked at in full, whatever it is of.
pub(in crate::redact) const LONG: usize = 16;

/// What a token of a length and of classes can be, as bits.
pub(in crate::redact) mod kind {
    /// Something other than a name: it is looked at in full.
    pub(in crate::redact) const SHAPE: u8 = 1;
    /// The first group of a number in groups, if another follows.
    pub(in crate::redact) const GROUP: u8 = 1 << 1;
    /// A word of a wallet's phrase.
    pub(in crate::redact) const WORD: u8 = 1 << 2;
    /// The number of such a word, or the mark of a list.
    pub(in crate::redact) const MARK: u8 = 1 << 3;
    /// A name of several words, if it is one: what announces may stand
    /// further in.
    pub(in crate::redact) const DEEP: u8 = 1 << 4;
}

/// What a token of `len` bytes can be. Nothing that a rule would find is left
/// out: see the property that the gates change nothing.
#[inline]
pub(in crate::redact) fn kind_of(len: usize, classes: u8) -> u8 {
    static KINDS: [[u8; 32]; LONG + 1] = {
        let mut kinds = [[0; 32]; LONG + 1];
        let mut len = 0;
        while len <= LONG {
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
    KINDS[if len < LONG { len } else { LONG }][usize::from(classes & 31)]
}

/// Bytes of the shortest token that is more than a number or a group: three of
/// a vendor's prefix and eight more, or a number of 11 digits.
pub(in crate::redact) const SHORT: usize = 11;

/// Bytes of the shortest token with a vendor's prefix that has a join in it.
pub(in crate::redact) const SHORT_VENDOR: usize = 9;

const fn kind(len: usize, classes: u8) -> u8 {
    let (digit, join) = (classes & DIGIT != 0, classes & JOIN != 0);
    let letter = classes & LETTER != 0;
    let mixed = classes & LETTER == LETTER;
    let word = !digit && !join && len >= 3 && len <= 9;
    // What opens a list does not end a row of words either.
    let mark = !letter && len <= 3;
    let deep = letter && (digit || join || mixed);
    let shape = len >= LONG
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
