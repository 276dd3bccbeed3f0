//! What stands for something else: escapes, colour codes, characters that cannot
//! be seen, forms of a letter.

use super::alphabet::SOFT_SPACE;
use super::letters::without_accent;

/// Whether what begins with `byte` may stand for something else.
pub(in crate::redact) const fn may_decode(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0e..=0x1f | b'%' | b'&' | b'\\' | 0x7f | 0xc0..)
}

pub(in crate::redact) enum Step {
    Keep,
    Drop,
    Byte(u8),
    Char(char),
}

/// Whether the bytes at the beginning of `text` stand for something else.
#[inline]
pub(in crate::redact) fn decodes(text: &[u8]) -> bool {
    may_decode(text[0]) && (text[0] == SOFT_SPACE || !matches!(step(text).0, Step::Keep))
}

/// What the bytes at the beginning of `rest` stand for, and how many they are.
pub(in crate::redact) fn step(rest: &[u8]) -> (Step, usize) {
    match rest[0] {
        b'\\' => backslash(rest),
        b'%' => match rest.get(1..3).and_then(hex_value) {
            Some(value) => (Step::Byte(soften(value)), 3),
            None => (Step::Keep, 1),
        },
        b'&' => entity(rest),
        0x1b => ansi(rest),
        0x03 => irc_colour(rest),
        // A control code ends no token: NUL, bold, italic, reset, DEL.
        0..=8 | 0x0e..=0x1e | 0x7f => (Step::Drop, 1),
        SOFT_SPACE => (Step::Keep, 1),
        _ => wide(rest),
    }
}

pub(in crate::redact) fn backslash(rest: &[u8]) -> (Step, usize) {
    match rest.get(1) {
        Some(b'u' | b'U') => unicode(rest),
        Some(b'x') => match rest.get(2..4).and_then(hex_value) {
            Some(value) => (Step::Byte(soften(value)), 4),
            None => (Step::Keep, 1),
        },
        Some(b'n' | b'r') => (Step::Byte(b'\n'), 2),
        Some(b't') => (Step::Byte(SOFT_SPACE), 2),
        Some(b'e') if rest.get(2) == Some(&b'[') => (Step::Byte(0x1b), 2),
        // `\101`, as C and Postgres escape a byte.
        Some(b'0'..=b'3') => match rest.get(1..4).and_then(octal_value) {
            Some(value) => (Step::Byte(soften(value)), 4),
            None => (Step::Keep, 1),
        },
        Some(&quoted @ (b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$' | b'=' | b':' | b'&' | b'@')) => {
            (Step::Byte(quoted), 2)
        }
        _ => (Step::Keep, 1),
    }
}

/// `\u0022` of JSON, `\u{22}` of Rust, `\U00000022` of Python.
pub(in crate::redact) fn unicode(rest: &[u8]) -> (Step, usize) {
    let braced = rest.get(2) == Some(&b'{');
    let (digits, used) = if braced {
        let inner = &rest[3..];
        match inner.iter().take(7).position(|&byte| byte == b'}') {
            Some(len @ 1..) => (&inner[..len], len + 4),
            _ => return (Step::Keep, 1),
        }
    } else {
        let len = if rest[1] == b'U' { 8 } else { 4 };
        match rest.get(2..2 + len) {
            Some(digits) => (digits, len + 2),
            None => return (Step::Keep, 1),
        }
    };
    let mut value = 0u32;
    for &digit in digits {
        match char::from(digit).to_digit(16) {
            Some(digit) => value = value << 4 | digit,
            None => return (Step::Keep, 1),
        }
    }
    (character(value), used)
}

/// `&quot;`, `&#34;`, `&#x22;`.
pub(in crate::redact) fn entity(rest: &[u8]) -> (Step, usize) {
    // `&page=2` of a query is none.
    if !matches!(rest.get(1), Some(b'#' | b'q' | b'a' | b'l' | b'g')) {
        return (Step::Keep, 1);
    }
    for (name, byte) in [
        (b"&quot;".as_slice(), b'"'),
        (b"&amp;", b'&'),
        (b"&apos;", b'\''),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
    ] {
        if rest.starts_with(name) {
            return (Step::Byte(byte), name.len());
        }
    }
    let (from, radix) = match rest {
        [_, b'#', b'x' | b'X', ..] => (3, 16),
        [_, b'#', ..] => (2, 10),
        _ => return (Step::Keep, 1),
    };
    let mut value = 0;
    for (len, &byte) in rest[from..].iter().take(ENTITY_DIGITS + 1).enumerate() {
        match char::from(byte).to_digit(radix) {
            Some(digit) => value = value * radix + digit,
            None if byte == b';' && len > 0 => return (character(value), from + len + 1),
            None => break,
        }
    }
    (Step::Keep, 1)
}

/// Digits of a character in an entity: there are 0x10ffff of them, and zeros
/// may stand before.
pub(in crate::redact) const ENTITY_DIGITS: usize = 7;

/// The character of a number that was written as an escape.
pub(in crate::redact) fn character(value: u32) -> Step {
    match char::from_u32(value) {
        #[allow(clippy::cast_possible_truncation)] // ASCII by the guard
        Some(decoded) if decoded.is_ascii() => Step::Byte(soften(decoded as u8)),
        Some(decoded) => Step::Char(decoded),
        // Half of a surrogate pair parts tokens like any other foreign letter.
        None => Step::Byte(SOFT_SPACE),
    }
}

/// Bytes of an escape sequence beyond which it is none: xterm's longest
/// colour setting has about 20 parameters.
pub(in crate::redact) const ANSI_BYTES: usize = 64;

pub(in crate::redact) fn ansi(rest: &[u8]) -> (Step, usize) {
    match rest.get(1) {
        Some(b'[') => {
            let mut at = 2;
            while at < rest.len().min(ANSI_BYTES) {
                match rest[at] {
                    0x20..=0x3f => at += 1,
                    0x40..=0x7e => return (Step::Drop, at + 1),
                    _ => break,
                }
            }
            (Step::Drop, 1)
        }
        Some(b']') => {
            let body = &rest[2..rest.len().min(ANSI_BYTES)];
            match body.iter().position(|&byte| matches!(byte, 0x07 | 0x1b)) {
                Some(len) => (Step::Drop, len + 3),
                None => (Step::Drop, 1),
            }
        }
        Some(b'(' | b')') => (Step::Drop, rest.len().min(3)),
        _ => (Step::Drop, 1),
    }
}

/// `\x03`, up to two digits, and a comma with up to two more.
pub(in crate::redact) fn irc_colour(rest: &[u8]) -> (Step, usize) {
    let digits = |from: usize| {
        rest[from..]
            .iter()
            .take(2)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut used = 1 + digits(1);
    // A colour code of one digit before `0x`: the zero belongs to the number.
    if used == 3 && rest[2] == b'0' && rest.get(3) == Some(&b'x') {
        used = 2;
    }
    if used > 1 && rest.get(used) == Some(&b',') {
        let background = digits(used + 1);
        if background > 0 {
            used += 1 + background;
        }
    }
    (Step::Drop, used)
}

/// Beyond ASCII: what cannot be seen is dropped, full-width is narrowed.
pub(in crate::redact) fn wide(rest: &[u8]) -> (Step, usize) {
    let len = match rest[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (Step::Keep, 1),
    };
    let Some(decoded) = rest
        .get(..len)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next())
    else {
        return (Step::Keep, 1);
    };
    let step = match decoded {
        // Combining marks, soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul
        // fillers, zero-width and bidi marks, variation selectors, byte order
        // mark, what stands for a byte that is no text, tags.
        '\u{300}'..='\u{36f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fffd}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{80}'..='\u{9f}' => Step::Drop,
        '\u{ff01}'..='\u{ff5e}' => {
            #[allow(clippy::cast_possible_truncation)] // below 0x7f by the range
            Step::Byte((decoded as u32 - 0xff01 + 0x21) as u8)
        }
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Step::Byte(b' ')
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Step::Byte(b'-'),
        '\u{2018}'..='\u{201b}' => Step::Byte(b'\''),
        '\u{201c}'..='\u{201f}' => Step::Byte(b'"'),
        accented => without_accent(accented).map_or(Step::Keep, Step::Byte),
    };
    (step, len)
}

/// A space that was written as an escape stays inside an unquoted value; what
/// stands for it here does not come out of an escape.
pub(in crate::redact) fn soften(byte: u8) -> u8 {
    match byte {
        b' ' | b'\t' => SOFT_SPACE,
        SOFT_SPACE => 0,
        other => other,
    }
}

pub(in crate::redact) fn octal_value(digits: &[u8]) -> Option<u8> {
    let value = digits.iter().try_fold(0, |value, &byte| {
        Some(value * 8 + char::from(byte).to_digit(8)?)
    })?;
    u8::try_from(value).ok()
}

pub(in crate::redact) fn hex_value(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    #[allow(clippy::cast_possible_truncation)] // two hexadecimal digits
    Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
}
