//! What each byte is, in one table: the scanner decides by class, not by
//! comparison.

/// `a` to `z`.
pub(in crate::redact) const LOWER: u8 = 1;
/// `A` to `Z`.
pub(in crate::redact) const UPPER: u8 = 1 << 1;
/// `0` to `9`.
pub(in crate::redact) const DIGIT: u8 = 1 << 2;
/// What holds the parts of a token together: `_ - + / . ~`.
pub(in crate::redact) const JOIN: u8 = 1 << 3;
/// A letter that no hexadecimal number has: absent from a whole token, the
/// token is hexadecimal.
pub(in crate::redact) const NOT_HEX: u8 = 1 << 4;
/// Space, tab, line ends and [`SOFT_SPACE`].
pub(in crate::redact) const SPACE: u8 = 1 << 5;
/// Double, single and back quote.
pub(in crate::redact) const QUOTE: u8 = 1 << 6;

pub(in crate::redact) const LETTER: u8 = LOWER | UPPER;
pub(in crate::redact) const ALNUM: u8 = LETTER | DIGIT;
pub(in crate::redact) const TOKEN: u8 = ALNUM | JOIN;

/// Stands for a space that was written as an escape (`%20`, `\t`): it parts
/// tokens, but does not end an unquoted value.
pub(in crate::redact) const SOFT_SPACE: u8 = 0x1f;

static CLASS: [u8; 256] = classes();

#[inline]
pub(in crate::redact) const fn class(byte: u8) -> u8 {
    CLASS[byte as usize]
}

#[inline]
pub(in crate::redact) fn is(byte: u8, mask: u8) -> bool {
    class(byte) & mask != 0
}

/// Whether `byte` is a hexadecimal digit.
#[inline]
pub(in crate::redact) fn is_hex(byte: u8) -> bool {
    class(byte) & (ALNUM | NOT_HEX) != 0 && class(byte) & (NOT_HEX | JOIN) == 0
}

/// The classes of all bytes of `bytes` together.
#[inline]
pub(in crate::redact) fn union(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |all, &byte| all | class(byte))
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)] // below 256 by the loop
        let b = byte as u8;
        table[byte] = match b {
            b'a'..=b'f' => LOWER,
            b'g'..=b'z' => LOWER | NOT_HEX,
            b'A'..=b'F' => UPPER,
            b'G'..=b'Z' => UPPER | NOT_HEX,
            b'0'..=b'9' => DIGIT,
            b'_' | b'-' | b'+' | b'/' | b'.' | b'~' => JOIN,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | SOFT_SPACE => SPACE,
            b'"' | b'\'' | b'`' => QUOTE,
            _ => 0,
        };
        byte += 1;
    }
    table
}
