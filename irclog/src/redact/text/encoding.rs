//! The spellings of a value in which a log may show it.

use std::fmt::{self, Write as _};

/// Bytes beyond which base58, whose cost is quadratic, is left out.
const BASE58_BYTES: usize = 128;

/// How many spellings there are.
pub(in crate::redact) const FORMS: usize = 14;

/// Those in which a piece of a value is looked for: as it is, in hexadecimal,
/// and in base64 at each alignment.
pub(in crate::redact) const PIECE_FORMS: [usize; 5] = [0, 1, 10, 11, 12];

/// The spelling `form` of `bytes`, the first as they are. What separates their
/// parts does not matter, nor does case: both are squeezed out. `None` where it
/// would cost too much.
pub(in crate::redact) fn encoded(bytes: &[u8], form: usize) -> Option<Vec<u8>> {
    let joined = |part: &dyn Fn(&mut String, u8) -> fmt::Result| {
        let mut joined = String::with_capacity(bytes.len() * 3);
        for &byte in bytes {
            // A string takes whatever is written.
            let _ = part(&mut joined, byte);
        }
        joined.into_bytes()
    };
    Some(match form {
        0 => bytes.to_vec(),
        1 => hex(bytes),
        2 => joined(&|out, byte| write!(out, "{byte:x}")),
        3 => joined(&|out, byte| write!(out, "0x{byte:02x}")),
        4 => joined(&|out, byte| write!(out, "0x{byte:x}")),
        5 => joined(&|out, byte| write!(out, "{byte}")),
        6 => joined(&|out, byte| write!(out, "{}", byte.cast_signed().unsigned_abs())),
        7 => joined(&|out, byte| write!(out, "x{byte:02x}")),
        8 => joined(&|out, byte| write!(out, "{byte}u8")),
        9 => base32(bytes),
        10..=12 => base64_within(bytes, form - 10),
        _ if bytes.len() <= BASE58_BYTES => to_base58(bytes),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| DIGITS[usize::from(digit)]).collect()
}

/// The bytes that `value` is an encoding of: hexadecimal, base64, base58, or
/// a list of numbers.
pub(in crate::redact) fn decoded_forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    forms.extend(from_hex(value));
    forms.extend(from_list(value));
    forms.extend(from_base64(value));
    if value.len() <= BASE58_BYTES * 2 {
        forms.extend(from_base58(value));
    }
    forms.retain(|form| form.len() >= 16);
    forms
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The base64 digits that `bytes` alone determine when `offset` other bytes
/// stand before them.
fn base64_within(bytes: &[u8], offset: usize) -> Vec<u8> {
    let bits = offset * 8..(offset + bytes.len()) * 8;
    let bit = |at: usize| {
        let at = at - bits.start;
        usize::from(bytes[at / 8] >> (7 - at % 8) & 1)
    };
    (bits.start.div_ceil(6)..bits.end / 6)
        .map(|digit| {
            let value = (digit * 6..digit * 6 + 6).fold(0, |value, at| value << 1 | bit(at));
            BASE64[value]
        })
        .collect()
}

/// The digits of base32 that are whole, which is how secrets of one-time
/// passwords are written.
fn base32(bytes: &[u8]) -> Vec<u8> {
    const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    (0..bytes.len() * 8 / 5)
        .map(|digit| {
            let value = (digit * 5..digit * 5 + 5).fold(0, |value, at| value << 1 | bit(at));
            BASE32[value]
        })
        .collect()
}

pub(in crate::redact) fn from_base64(value: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for &digit in value.trim_end_matches('=').as_bytes() {
        let digit = match digit {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// What the percent-encoding in `value` stands for, if there is any.
pub(crate) fn from_percent(value: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|pair| first == b'%' && pair.iter().all(u8::is_ascii_hexdigit))
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    (bytes.len() < value.len()).then_some(bytes)
}

fn from_hex(value: &str) -> Option<Vec<u8>> {
    let digits = value
        .strip_prefix("0x")
        .or_else(|| value.strip_prefix("0X"))
        .unwrap_or(value);
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// `[12, 34, ...]`, as wallets keep a key.
fn from_list(value: &str) -> Option<Vec<u8>> {
    value
        .strip_prefix('[')?
        .strip_suffix(']')?
        .split(',')
        .map(|item| item.trim().parse().ok())
        .collect()
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

pub(in crate::redact) fn to_base58(bytes: &[u8]) -> Vec<u8> {
    let mut digits = Vec::<u8>::new();
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    digits
        .iter()
        .rev()
        .map(|&digit| BASE58[usize::from(digit)])
        .collect()
}

/// The bytes of a base58 number.
pub(in crate::redact) fn from_base58(value: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::<u8>::new();
    for &digit in value.as_bytes() {
        let mut carry = u32::try_from(BASE58.iter().position(|&other| other == digit)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    let zeros = value.bytes().take_while(|&digit| digit == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base58_and_base64_come_back() {
        for bytes in [&[0, 0, 7, 255, 3][..], b"somebody's key", &[255; 40]] {
            let text = String::from_utf8(to_base58(bytes)).unwrap();
            assert_eq!(from_base58(&text).unwrap(), bytes);
        }
        assert_eq!(base64_within(b"Man", 0), b"TWFu");
        assert_eq!(from_base64("TWFu").unwrap(), b"Man");
        assert_eq!(base32(b"Man!!"), b"JVQW4IJB");
        // "xMan" is "eE1hbg": of it, M, a, n determine what follows the
        // first two digits, but for the last.
        assert_eq!(base64_within(b"Man", 1), b"1hbg"[..3].to_vec());
    }
}
