//! PEM blocks that span the records of one source.

use std::ops::Range;

/// Lines after which a block is given up: a key of 8,192 bits has 102.
const MAX_LINES: usize = 128;

/// Lines in a row that are of no block, after which an open one is given up: a
/// key is written at once, so that other threads get few lines in between.
const MAX_STRANGERS: usize = 16;

/// Bytes of the longest line of a body, with room: the standards say 64 or
/// 76.
const BODY_LINE_BYTES: usize = 128;

/// Whether a source (a target, a process) is inside a PEM block that an
/// earlier record began.
#[derive(Debug, Clone, Default)]
pub(crate) struct PemState {
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Open {
    /// Lines since the BEGIN line.
    lines: usize,
    /// Of these, at the end, so many that are no lines of a block.
    strangers: usize,
}

impl PemState {
    /// Whether a block has begun and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether `text` may belong to a block that is open, or begins one.
    pub(crate) fn concerns(&self, text: &str) -> bool {
        self.open.is_some() || text.contains(BEGIN)
    }

    /// Looks at the next text of the source and calls `found` with every
    /// range of it that belongs to a block which began earlier.
    ///
    /// Other records of the source may come in between: what is no line of a
    /// body is left alone.
    pub(in crate::redact) fn advance(&mut self, text: &str, mut found: impl FnMut(Range<usize>)) {
        if !self.concerns(text) {
            return;
        }
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let range = at..at + line.trim_end().len();
            at += line.len();
            let ends = line.contains(END);
            if let Some(open) = &mut self.open {
                open.lines += 1;
                if ends || is_body(line.trim()) {
                    open.strangers = 0;
                    found(range);
                } else {
                    open.strangers += 1;
                }
                if ends || open.lines >= MAX_LINES || open.strangers >= MAX_STRANGERS {
                    self.open = None;
                }
            }
            let after_end = line.rfind(END).map_or(0, |end| end + END.len());
            if line[after_end..].contains(BEGIN) {
                self.open = Some(Open::default());
            }
        }
    }
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END";

/// Whether a line could be one of a body: base64 and nothing else, or a
/// header of an encrypted key.
#[must_use]
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the tool asks, from outside")
)]
pub fn is_body(line: &str) -> bool {
    let line = line.trim_matches(['"', '\'', ',', '|', '>', ' ']);
    line.starts_with("Proc-Type:")
        || line.starts_with("DEK-Info:")
        || !line.is_empty()
            && line.len() <= BODY_LINE_BYTES
            && line
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(state: &mut PemState, text: &str) -> Vec<String> {
        let mut masked = Vec::new();
        state.advance(text, |range| masked.push(text[range].to_owned()));
        masked
    }

    #[test]
    fn holds_from_begin_to_end() {
        let mut state = PemState::default();
        assert!(feed(&mut state, "AbC1").is_empty());
        assert!(feed(&mut state, "key: -----BEGIN EC PRIVATE KEY-----").is_empty());
        assert_eq!(feed(&mut state, "AbC1"), ["AbC1"]);
        assert!(feed(&mut state, "a record of another thread").is_empty());
        assert_eq!(feed(&mut state, "  dE=="), ["  dE=="]);
        assert_eq!(feed(&mut state, "-----END EC PRIVATE KEY-----").len(), 1);
        assert!(feed(&mut state, "AbC1").is_empty());
    }

    #[test]
    fn a_block_within_one_text_leaves_nothing_open() {
        let mut state = PemState::default();
        feed(&mut state, "-----BEGIN X-----\nAb\n-----END X-----\nrest");
        assert!(feed(&mut state, "AbC1").is_empty());
    }

    #[test]
    fn other_lines_in_a_row_end_a_block_that_has_no_end() {
        let mut state = PemState::default();
        feed(
            &mut state,
            "the key must start with -----BEGIN X----- (check KEY)",
        );
        for _ in 1..MAX_STRANGERS {
            assert!(feed(&mut state, "a record of its own").is_empty());
        }
        assert!(state.is_open());
        assert_eq!(feed(&mut state, "AbC1"), ["AbC1"]);
        for _ in 0..MAX_STRANGERS {
            assert!(feed(&mut state, "a record of its own").is_empty());
        }
        assert!(!state.is_open());
        assert!(feed(&mut state, "listening").is_empty());
    }

    #[test]
    fn gives_up_after_a_bounded_number_of_lines() {
        let mut state = PemState::default();
        feed(&mut state, "-----BEGIN X-----");
        for _ in 0..MAX_LINES {
            assert_eq!(feed(&mut state, "AbC1").len(), 1);
        }
        assert!(feed(&mut state, "AbC1").is_empty());
    }
}
