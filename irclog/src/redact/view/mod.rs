//! The text as the patterns see it: escapes decoded, colour codes and
//! invisible characters gone, full-width forms narrowed, accents dropped; with
//! the way back to the original bytes.

mod origin;

use self::origin::{Cursor, Origins, Stretch};
use crate::redact::survey::Survey;
use crate::redact::text::alphabet::{ALNUM, SOFT_SPACE, is};
use crate::redact::text::escapes::{Step, may_decode, step};

/// Rounds of decoding: `\\\\u0022` and `%2522` are two, the third strips the
/// colour codes which those uncover.
const ROUNDS: usize = 3;

/// Bytes between a value and the mark that says it is cut.
const CUT_GAP_BYTES: usize = 12;

/// Reused space for a normalised copy.
#[derive(Debug, Default)]
pub(in crate::redact) struct ViewBuffer {
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
pub(in crate::redact) struct View<'a> {
    pub(in crate::redact) bytes: &'a [u8],
    /// `None` where the view is the original.
    origins: Option<&'a Origins>,
}

impl<'a> View<'a> {
    #[inline]
    pub(in crate::redact) fn plain(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            origins: None,
        }
    }

    /// The view of `text`, by way of `buffer` if anything needs decoding; with
    /// the `survey` of its bytes.
    // Inlined: what comes back in memory is waited for.
    #[inline]
    pub(in crate::redact) fn of(
        text: &'a str,
        buffer: &'a mut ViewBuffer,
        survey: &mut Survey,
    ) -> Self {
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

    pub(in crate::redact) fn is_plain(&self) -> bool {
        self.origins.is_none()
    }

    /// Whether the text is cut at `at`: before the next letter or digit it ends,
    /// or the line does, or an ellipsis says so.
    pub(in crate::redact) fn is_cut(&self, at: usize) -> bool {
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
    pub(in crate::redact) fn has_cuts(&self) -> bool {
        // An ellipsis of its own is the only one of these that is beyond ASCII.
        self.bytes
            .iter()
            .any(|&byte| matches!(byte, b'\n' | b'\r' | 0xe2))
            || self.bytes.windows(3).any(|bytes| bytes == b"...")
    }

    /// The original range of a non-empty range of the view.
    pub(in crate::redact) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        match self.origins {
            None => (start, end),
            Some(origins) => (origins.of(start).0, origins.of(end - 1).1),
        }
    }

    /// How many original bytes stand for the byte at `at`: a quote that was
    /// escaped closes only by one that was escaped as deep.
    pub(in crate::redact) fn depth(&self, at: usize) -> usize {
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
