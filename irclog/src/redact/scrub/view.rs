//! The text as the patterns see it: escapes decoded, colour codes and
//! invisible characters gone, full-width forms narrowed, accents dropped; with
//! the way back to the original bytes.

use super::alphabet::{ALNUM, SOFT_SPACE, is};
use super::letters::without_accent;
use super::origin::{Cursor, Origins, Stretch};
use super::planes::may_decode;
use super::survey::Survey;

/// Rounds of decoding: `\\\\u0022` and `%2522` are two, the third strips the
/// colour codes which those uncover.
const ROUNDS: usize = 3;

/// Bytes between a value and the mark that says it is cut.
const CUT_GAP_BYTES: usize = 12;

/// Reused space for a normalised copy.
#[derive(Debug, Default)]
pub(super) struct ViewBuffer {
    now: Copied,
    next: Copied,
}

/// A text of which some was decoded.
#[derive(Debug, Default)]
struct Copied {
    bytes: Vec<u8>,
    origins: Origins,
}

/// Bytes to match on and where each stands in the original.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    /// `None` where the view is the original.
    origins: Option<&'a Origins>,
}

impl<'a> View<'a> {
    #[inline]
    pub(super) fn plain(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            origins: None,
        }
    }

    /// The view of `text`, by way of `buffer` if anything needs decoding; with
    /// the `survey` of its bytes.
    // Inlined: what comes back in memory is waited for.
    #[inline]
    pub(super) fn of(text: &'a str, buffer: &'a mut ViewBuffer, survey: &mut Survey) -> Self {
        if !survey.take_plain(text.as_bytes()) {
            buffer.decode_first(text.as_bytes(), survey);
            survey.take(&buffer.now.bytes);
            return Self {
                bytes: &buffer.now.bytes,
                origins: Some(&buffer.now.origins),
            };
        }
        Self::plain(text)
    }

    pub(super) fn is_plain(&self) -> bool {
        self.origins.is_none()
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
        match self.origins {
            None => (start, end),
            Some(origins) => (origins.of(start).0, origins.of(end - 1).1),
        }
    }

    /// How many original bytes stand for the byte at `at`: a quote that was
    /// escaped closes only by one that was escaped as deep.
    pub(super) fn depth(&self, at: usize) -> usize {
        self.origins.map_or(1, |origins| {
            let (start, end) = origins.of(at);
            end - start
        })
    }
}

impl ViewBuffer {
    /// All rounds, of a text in which something stands for something else.
    #[inline(never)]
    fn decode_first(&mut self, text: &[u8], survey: &Survey) {
        let Self { now, next } = self;
        let Round { mut again, .. } = now.decode(text, Cursor::original(), survey.rare(), true);
        for _ in 1..ROUNDS {
            if !again {
                break;
            }
            let rare = (0..now.bytes.len()).filter(|&at| may_decode(now.bytes[at]));
            let round = next.decode(&now.bytes, now.origins.cursor(), rare, false);
            if !round.changed {
                break;
            }
            std::mem::swap(now, next);
            again = round.again;
        }
    }
}

/// What a round of decoding did.
struct Round {
    changed: bool,
    /// Whether another round may find something to decode.
    again: bool,
}

impl Copied {
    /// A copy of `bytes` in which what stands at one of the places `rare`, in
    /// their order, was decoded. They are `raw` in the first round: a control
    /// code that is written as it is stands for nothing, also where it is the
    /// one that stands for a space here.
    fn decode(
        &mut self,
        bytes: &[u8],
        mut from: Cursor<'_>,
        rare: impl Iterator<Item = usize>,
        raw: bool,
    ) -> Round {
        self.bytes.clear();
        self.origins.clear();
        let mut round = Round {
            changed: false,
            again: false,
        };
        // What was copied or decoded, and what was looked at.
        let (mut done, mut seen) = (0, 0);
        for at in rare {
            if at < seen || !may_decode(bytes[at]) {
                continue;
            }
            let (step, used) = match bytes[at] {
                SOFT_SPACE if raw => (Step::Drop, 1),
                _ => step(&bytes[at..]),
            };
            seen = at + used;
            if matches!(step, Step::Keep) {
                // A whole character will be kept again.
                round.again |= used == 1 && bytes[at] != SOFT_SPACE;
                continue;
            }
            round.changed = true;
            self.copy(bytes, &mut from, done, at);
            done = seen;
            let mut utf8 = [0; 4];
            let decoded = match step {
                Step::Keep | Step::Drop => continue,
                Step::Byte(byte) => {
                    utf8[0] = byte;
                    &utf8[..1]
                }
                Step::Char(char) => char.encode_utf8(&mut utf8).as_bytes(),
            };
            round.again |= decoded.len() > 1 || may_decode(decoded[0]) || decoded[0] >= 0x80;
            let (start, end) = (from.of(at).0, from.of(seen - 1).1);
            self.origins
                .push(Stretch::decoded(self.bytes.len(), start, end));
            self.bytes.extend_from_slice(decoded);
        }
        self.copy(bytes, &mut from, done, bytes.len());
        round
    }

    fn copy(&mut self, bytes: &[u8], cursor: &mut Cursor<'_>, from: usize, to: usize) {
        cursor.copy(from, to, self.bytes.len(), &mut self.origins);
        self.bytes.extend_from_slice(&bytes[from..to]);
    }
}

enum Step {
    Keep,
    Drop,
    Byte(u8),
    Char(char),
}

/// Whether the bytes at the beginning of `text` stand for something else.
#[inline]
pub(super) fn decodes(text: &[u8]) -> bool {
    may_decode(text[0]) && (text[0] == SOFT_SPACE || !matches!(step(text).0, Step::Keep))
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
        accented => without_accent(accented).map_or(Step::Keep, Step::Byte),
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
        let mut buffer = ViewBuffer::default();
        let view = View::of(text, &mut buffer, &mut Survey::default());
        String::from_utf8_lossy(view.bytes).into_owned()
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
        for name in [
            "contraseña",
            "contrasen\u{303}a",
            "contrase\\u00f1a",
            "contrase%C3%B1a",
        ] {
            assert_eq!(seen(name), "contrasena");
        }
    }

    #[test]
    fn finds_the_way_back() {
        let text = "x \u{1b}[1mab\u{200b}c\u{1b}[0m";
        let mut buffer = ViewBuffer::default();
        let view = View::of(text, &mut buffer, &mut Survey::default());
        assert_eq!(view.bytes, b"x abc");
        let (start, end) = view.original(2, 5);
        assert_eq!(&text[start..end], "ab\u{200b}c");
    }
}
