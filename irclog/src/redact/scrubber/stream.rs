//! Scrubbing a stream of lines: a console's, and the command-line tool's.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "cli")]
use crate::redact::known::vault;
use crate::redact::scan::finders::named::name_at_end;
use crate::redact::scan::finders::phrase::may_be_part;
use crate::redact::scrubber::rules::Rule;
use crate::redact::scrubber::{Explained, PemState, Scratch, Scrubbed, Scrubber};

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
    /// The lines before, as long as something in them may go on: a name at the
    /// end of one, the words of a wallet.
    before: VecDeque<String>,
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

/// Bytes of the longest line that is kept for those after it, and how many are.
const KEPT_BYTES: usize = 128;
const KEPT_LINES: usize = 12;

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
        let mut explained = self.scratch.explained();
        if !self.before.is_empty() {
            self.follow(&mut explained);
        }
        self.keep(&explained);
        let mut at = 0;
        let mut all = Vec::new();
        for found in explained {
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

    /// Keeps the line for those after it, if something in it may go on.
    fn keep(&mut self, explained: &[Explained]) {
        let text = self.text.as_bytes();
        let short = text.len() <= KEPT_BYTES;
        let named = short
            && name_at_end(text)
                .is_some_and(|at| explained.last().is_none_or(|last| last.range.end <= at));
        let goes_on = named || short && may_be_part(text);
        // A block of PEM is followed by itself.
        if !goes_on || self.text.contains("-----") {
            self.before.clear();
            return;
        }
        if self.before.len() == KEPT_LINES {
            self.before.pop_front();
        }
        self.before.push_back(self.text.clone());
    }

    /// Adds to what was found in the line what the lines before tell of it.
    fn follow(&self, explained: &mut Vec<Explained>) {
        let mut both = String::new();
        for line in &self.before {
            both.push_str(line);
            both.push('\n');
        }
        let before = both.len();
        both.push_str(&self.text);
        let mut scratch = Scratch::default();
        self.scrubber.find(&both, &[], &mut scratch);
        let told = scratch.explained().into_iter();
        let told = told
            .filter(|found| found.range.end > before)
            .map(|found| Explained {
                range: found.range.start.saturating_sub(before)..found.range.end - before,
                ..found
            });
        explained.extend(told);
        // Of two that overlap the longer one holds; nothing is cut.
        explained.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
        let mut end = 0;
        explained.retain(|found| {
            let apart = found.range.start >= end;
            end = end.max(found.range.end);
            apart
        });
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
    fn a_value_may_stand_on_the_line_after_its_name() {
        for (before, line, expected) in [
            (
                "- name: SHOP_TOKEN",
                "  value: q8Zr2mKx7LpV",
                "  value: [REDACTED]",
            ),
            (
                "  \"password\": {",
                "    \"value\": \"tiger22\"",
                "    \"value\": \"[REDACTED]\"",
            ),
            ("password:", "  tiger22lily", "  [REDACTED]"),
            (
                "- name: SHOP_MODE",
                "  value: q8Zr2mKx7LpV",
                "  value: q8Zr2mKx7LpV",
            ),
            (
                "the password",
                "was changed at 10:15",
                "was changed at 10:15",
            ),
        ] {
            let mut lines = LineScrubber::new(&[], &[], &[]).unwrap();
            lines.scrub(before.as_bytes(), &mut Vec::new());
            let mut out = Vec::new();
            lines.scrub(line.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
            // The one after that is another thing.
            let mut out = Vec::new();
            lines.scrub(b"  value: q8Zr2mKx7LpV", &mut out);
            assert_eq!(out, b"  value: q8Zr2mKx7LpV");
        }
    }

    #[test]
    fn a_phrase_may_be_told_line_by_line() {
        let words =
            "walnut garden silver ocean rabbit coffee museum orbit lemon tiger violin zebra";
        let words: Vec<&str> = words.split(' ').collect();
        for (lines, hidden) in [
            (
                words.chunks(3).map(|row| row.join(" ")).collect::<Vec<_>>(),
                "tiger violin",
            ),
            (
                words
                    .iter()
                    .enumerate()
                    .map(|(at, word)| format!("word {}: {word}", at + 1))
                    .collect(),
                "tiger",
            ),
        ] {
            let mut scrubber = LineScrubber::new(&[], &[], &[]).unwrap();
            let mut out = Vec::new();
            for line in &lines {
                scrubber.scrub(format!("{line}\n").as_bytes(), &mut out);
            }
            let shown = String::from_utf8_lossy(&out);
            assert!(!shown.contains(hidden), "{shown}");
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
