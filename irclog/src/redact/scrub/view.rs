//! The text as the patterns see it: escapes decoded, colour codes and
//! invisible characters gone, full-width forms narrowed; with the way back to
//! the original bytes.

use super::alphabet::{ALNUM, SOFT_SPACE, is};

/// Rounds of decoding: `\\u0022` and `%2522` are two, the third strips the
/// colour codes which those uncover.
const ROUNDS: usize = 3;

/// Bytes that are looked at together for something to decode.
const BLOCK_BYTES: usize = 64;

/// Bytes between a value and the mark that says it is cut.
const CUT_GAP_BYTES: usize = 12;

/// Reused space for a normalised copy.
#[derive(Debug, Default)]
pub(super) struct ViewBuffer {
    bytes: Vec<u8>,
    origin: Vec<(u32, u32)>,
    next_bytes: Vec<u8>,
    next_origin: Vec<(u32, u32)>,
}

/// Bytes to match on and where each stands in the original.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    /// Start and end in the original, by byte of the view. `None` where the
    /// view is the original.
    origin: Option<&'a [(u32, u32)]>,
}

impl<'a> View<'a> {
    pub(super) fn plain(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            origin: None,
        }
    }

    /// The view of `text`, by way of `buffer` if anything needs decoding.
    pub(super) fn of(text: &'a str, buffer: &'a mut ViewBuffer) -> Self {
        // In blocks and without a branch a byte: the compiler makes it wide.
        let decoding = |block: &[u8]| {
            block
                .iter()
                .fold(false, |any, &byte| any | needs_decoding(byte))
        };
        let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK_BYTES>();
        // The rest as a whole block, too: some bytes of it are seen twice.
        let clean = !blocks.iter().any(|block| decoding(block))
            && match text.as_bytes().last_chunk::<BLOCK_BYTES>() {
                Some(last) => !decoding(last),
                None => !decoding(rest),
            };
        if clean {
            return Self::plain(text);
        }
        buffer.bytes.clear();
        buffer.origin.clear();
        // A control code that is written as it is stands for nothing, also where
        // it is the one that stands for a space here.
        let raw = text.bytes().map(|byte| match byte {
            SOFT_SPACE => 0,
            other => other,
        });
        buffer.bytes.extend(raw);
        #[allow(clippy::cast_possible_truncation)] // the caller bounds the text
        buffer
            .origin
            .extend((0..text.len() as u32).map(|at| (at, at + 1)));
        for _ in 0..ROUNDS {
            if !buffer.decode() {
                break;
            }
        }
        Self {
            bytes: &buffer.bytes,
            origin: Some(&buffer.origin),
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        self.origin.is_none()
    }

    /// Whether the text is cut at `at`: before the next letter or digit it ends,
    /// or the line does, or an ellipsis says so.
    pub(super) fn is_cut(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let gap = rest
            .iter()
            .take(CUT_GAP_BYTES)
            .take_while(|&&byte| !is(byte, ALNUM))
            .count();
        let gap = &rest[..gap];
        gap.len() == rest.len()
            || gap.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
            || gap
                .windows(3)
                .any(|mark| mark == b"..." || mark == "…".as_bytes())
    }

    /// Whether [`is_cut`](Self::is_cut) anywhere but at its end.
    pub(super) fn has_cuts(&self) -> bool {
        // An ellipsis of its own is the only one of these that is beyond ASCII.
        self.bytes
            .iter()
            .any(|&byte| matches!(byte, b'\n' | b'\r' | 0xe2))
            || self.bytes.windows(3).any(|bytes| bytes == b"...")
    }

    /// The original range of a non-empty range of the view.
    pub(super) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        match self.origin {
            None => (start, end),
            Some(origin) => (origin[start].0 as usize, origin[end - 1].1 as usize),
        }
    }

    /// How many original bytes stand for the byte at `at`: a quote that was
    /// escaped closes only by one that was escaped as deep.
    pub(super) fn depth(&self, at: usize) -> u32 {
        self.origin.map_or(1, |origin| origin[at].1 - origin[at].0)
    }
}

// Comparisons without a branch between them: the compiler makes them wide.
#[allow(clippy::needless_bitwise_bool, clippy::manual_range_contains)]
#[inline]
fn needs_decoding(byte: u8) -> bool {
    (byte >= 0x7f)
        | (byte == b'\\')
        | (byte == b'%')
        | (byte == b'&')
        | (byte < 0x20) & !((byte >= 9) & (byte <= 13))
}

impl ViewBuffer {
    /// One round. Returns whether anything changed.
    fn decode(&mut self) -> bool {
        self.next_bytes.clear();
        self.next_origin.clear();
        let bytes = &self.bytes;
        let mut changed = false;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let (step, used) = if needs_decoding(byte) {
                step(&bytes[at..])
            } else {
                (Step::Keep, 1)
            };
            match step {
                Step::Keep => {
                    self.next_bytes.extend_from_slice(&bytes[at..at + used]);
                    self.next_origin
                        .extend_from_slice(&self.origin[at..at + used]);
                }
                Step::Drop => changed = true,
                Step::Byte(decoded) => {
                    changed = true;
                    self.next_bytes.push(decoded);
                    self.next_origin
                        .push((self.origin[at].0, self.origin[at + used - 1].1));
                }
                Step::Char(decoded) => {
                    changed = true;
                    let origin = (self.origin[at].0, self.origin[at + used - 1].1);
                    let mut utf8 = [0; 4];
                    for &byte in decoded.encode_utf8(&mut utf8).as_bytes() {
                        self.next_bytes.push(byte);
                        self.next_origin.push(origin);
                    }
                }
            }
            at += used;
        }
        std::mem::swap(&mut self.bytes, &mut self.next_bytes);
        std::mem::swap(&mut self.origin, &mut self.next_origin);
        changed
    }
}

enum Step {
    Keep,
    Drop,
    Byte(u8),
    Char(char),
}

/// What the bytes at the beginning of `rest` stand for, and how many they are.
fn step(rest: &[u8]) -> (Step, usize) {
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

fn backslash(rest: &[u8]) -> (Step, usize) {
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
fn unicode(rest: &[u8]) -> (Step, usize) {
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
fn entity(rest: &[u8]) -> (Step, usize) {
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
const ENTITY_DIGITS: usize = 7;

/// The character of a number that was written as an escape.
fn character(value: u32) -> Step {
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
const ANSI_BYTES: usize = 64;

fn ansi(rest: &[u8]) -> (Step, usize) {
    match rest.get(1) {
        Some(b'[') => {
            let body = &rest[2..rest.len().min(ANSI_BYTES)];
            let parameters = body
                .iter()
                .take_while(|&&byte| matches!(byte, 0x20..=0x3f))
                .count();
            match body.get(parameters) {
                Some(0x40..=0x7e) => (Step::Drop, parameters + 3),
                _ => (Step::Drop, 1),
            }
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
fn irc_colour(rest: &[u8]) -> (Step, usize) {
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
fn wide(rest: &[u8]) -> (Step, usize) {
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
        _ => Step::Keep,
    };
    (step, len)
}

/// A space that was written as an escape stays inside an unquoted value; what
/// stands for it here does not come out of an escape.
fn soften(byte: u8) -> u8 {
    match byte {
        b' ' | b'\t' => SOFT_SPACE,
        SOFT_SPACE => 0,
        other => other,
    }
}

fn octal_value(digits: &[u8]) -> Option<u8> {
    let value = digits.iter().try_fold(0, |value, &byte| {
        Some(value * 8 + char::from(byte).to_digit(8)?)
    })?;
    u8::try_from(value).ok()
}

fn hex_value(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    #[allow(clippy::cast_possible_truncation)] // two hexadecimal digits
    Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> String {
        String::from_utf8_lossy(View::of(text, &mut ViewBuffer::default()).bytes).into_owned()
    }

    #[test]
    fn decodes_two_levels_of_escapes() {
        assert_eq!(seen(r#"{\"a\":\"b\"}"#), r#"{"a":"b"}"#);
        assert_eq!(seen(r#"\\\"a\\\""#), r#""a""#);
        assert_eq!(seen("%2522a%253D"), "\"a=");
        assert_eq!(seen(r"\u0061\u{62}\x63"), "abc");
        assert_eq!(seen(r"\101\\102\400"), r"AB\400");
        assert_eq!(seen("&#65;&#x42;&amp;#67;&#;&#xZ;"), "ABC&#;&#xZ;");
    }

    #[test]
    fn drops_what_cannot_be_seen() {
        assert_eq!(seen("a\u{1b}[31mb\u{1b}[0mc"), "abc");
        assert_eq!(seen("a\u{3}04,01b\u{2}c\u{f}"), "abc");
        assert_eq!(seen("a\u{200b}b\u{202e}c\u{feff}"), "abc");
        assert_eq!(seen(r"a\u001b[31mb"), "ab");
        // Underlined, and the code that stands for a space here.
        assert_eq!(seen("a\u{1f}b\\u001fc"), "abc");
        assert_eq!(seen("\u{ff10}\u{ff41}"), "0a");
    }

    #[test]
    fn finds_the_way_back() {
        let text = "x \u{1b}[1mab\u{200b}c\u{1b}[0m";
        let mut buffer = ViewBuffer::default();
        let view = View::of(text, &mut buffer);
        assert_eq!(view.bytes, b"x abc");
        let (start, end) = view.original(2, 5);
        assert_eq!(&text[start..end], "ab\u{200b}c");
    }
}
