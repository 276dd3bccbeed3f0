//! Scrubbing a stream of lines: a console's, and the command-line tool's.

use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "cli")]
use crate::redact::known::vault;
use crate::redact::scrubber::rules::Rule;
use crate::redact::scrubber::{PemState, Scratch, Scrubbed, Scrubber};

/// Scrubs one line of bytes after the other.
#[derive(Debug, Default)]
pub struct LineScrubber {
    scrubber: Arc<Scrubber>,
    pem: PemState,
    scratch: Scratch,
    scrubbed: Scrubbed,
    text: String,
    /// By invalid byte of the line: where its stand-in begins in `text`.
    stand_ins: Vec<usize>,
}

/// One replacement in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The name of the class, as in the settings.
    pub class: &'static str,
    /// Bytes of the line.
    pub range: Range<usize>,
    /// What is shown instead.
    pub replacement: String,
}

/// Stands for a byte that is no UTF-8.
const STAND_IN: char = char::REPLACEMENT_CHARACTER;

impl LineScrubber {
    /// A scrubber with rules (`pattern => replacement`), names that announce
    /// nothing, and classes turned off.
    ///
    /// # Errors
    ///
    /// A sentence that names the setting and says what is wrong with it.
    pub fn new(rules: &[String], allowed: &[String], off: &[String]) -> Result<Self, String> {
        let mut scrubber = Scrubber::default();
        for rule in rules {
            scrubber = scrubber.with_rule(Rule::parse(rule)?);
        }
        for name in allowed {
            scrubber = scrubber.allow_name(name)?;
        }
        for class in off {
            scrubber = scrubber.class_off(class)?;
        }
        Ok(Self {
            scrubber: Arc::new(scrubber),
            ..Self::default()
        })
    }

    /// Begins anew, with the same rules.
    pub(crate) fn start_over(&mut self) {
        *self = Self {
            scrubber: Arc::clone(&self.scrubber),
            ..Self::default()
        };
    }

    /// Scrubs by these rules from now on.
    pub(crate) fn scrub_by(&mut self, scrubber: Arc<Scrubber>) {
        self.scrubber = scrubber;
    }

    /// Masks the secrets among this process's environment variables, too.
    /// Returns how many there are.
    #[cfg(feature = "cli")]
    #[expect(clippy::must_use_candidate, reason = "the count is for the curious")]
    pub fn adopt_environment() -> usize {
        vault::adopt_environment().taken
    }

    /// Appends `line`, scrubbed, to `out`. Bytes outside of what is replaced
    /// stay as they are, also where they are no UTF-8. Returns what was
    /// replaced.
    pub fn scrub(&mut self, line: &[u8], out: &mut Vec<u8>) -> Vec<Replaced> {
        // A record has no line end: where a text ends, it may be cut.
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        self.decode(text);
        self.scrubber.scrub_next(
            &mut self.pem,
            &self.text,
            &[],
            &mut self.scratch,
            &mut self.scrubbed,
        );
        let mut at = 0;
        let mut all = Vec::new();
        for found in self.scratch.explained() {
            let range = self.original(found.range.start)..self.original(found.range.end);
            out.extend_from_slice(&line[at..range.start]);
            out.extend_from_slice(found.replacement.as_bytes());
            at = range.end;
            all.push(Replaced {
                class: found.class.name(),
                range,
                replacement: found.replacement,
            });
        }
        out.extend_from_slice(&line[at..]);
        all
    }

    /// As [`scrub`](Self::scrub), for a line that was cut off: without its
    /// last `guard` bytes, where half a secret may stand.
    pub(crate) fn scrub_cut(&mut self, line: &[u8], guard: usize, out: &mut Vec<u8>) {
        self.decode(line);
        self.pem.advance(&self.text, |_| {});
        let head = self.scrubber.scrub_cut(&self.text, &[], guard);
        out.extend_from_slice(head.as_str().as_bytes());
    }

    fn decode(&mut self, line: &[u8]) {
        self.text.clear();
        self.stand_ins.clear();
        for chunk in line.utf8_chunks() {
            self.text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                self.stand_ins.push(self.text.len());
                self.text.push(STAND_IN);
            }
        }
    }

    /// Where in the line the byte at `at` of the text stands.
    fn original(&self, at: usize) -> usize {
        let before = self.stand_ins.partition_point(|&stand_in| stand_in < at);
        at - before * (STAND_IN.len_utf8() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let mut lines = LineScrubber::new(&[], &[], &[]).unwrap();
        let mut out = Vec::new();
        let replaced = lines.scrub(b"\xff\xfe a password=tig\xffer22 b\xc3\n", &mut out);
        assert_eq!(out, b"\xff\xfe a password=[REDACTED] b\xc3\n");
        assert_eq!(replaced.len(), 1);
        assert_eq!(replaced[0].range, 14..22);
        assert_eq!(replaced[0].class, "named");
    }

    #[test]
    fn a_line_is_scrubbed_as_a_record_is() {
        let mut lines = LineScrubber::new(&[], &[], &[]).unwrap();
        for end in ["", "\n", "\r\n"] {
            let mut out = Vec::new();
            lines.scrub(format!("cut in ghp_a8Z{end}").as_bytes(), &mut out);
            assert_eq!(out, format!("cut in ghp_[REDACTED]{end}").as_bytes());
        }
    }

    #[test]
    fn a_bad_setting_is_an_error() {
        let bad = |text: &str| vec![text.to_owned()];
        assert!(LineScrubber::new(&bad("("), &[], &[]).is_err());
        assert!(LineScrubber::new(&[], &bad("--"), &[]).is_err());
        assert!(LineScrubber::new(&[], &[], &bad("pem")).is_err());
    }
}
