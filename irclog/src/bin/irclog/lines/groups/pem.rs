//! PEM blocks that are printed line by line: their lines are counted, never
//! kept.

use std::fmt::Write as _;

use irclog::tool::is_pem_body;

/// A block that a record is inside of, from its `-----BEGIN …` on.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Lines since then that were taken.
    lines: usize,
    /// The last one can be followed by one that is shorter.
    is_full: bool,
    ended: bool,
}

/// Lines after which a block is given up: a key of 8,192 bits has 102.
const MOST_LINES: usize = 128;

/// Bytes of base64 that are no word. The standards say 64 or 76 a line.
const NO_WORD: usize = 40;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

impl Block {
    /// The block that `line` leaves open.
    pub(super) fn begins(line: &str) -> Option<Self> {
        let begin = line.rfind(BEGIN)?;
        (!line[begin..].contains(END)).then_some(Self {
            lines: 0,
            is_full: false,
            ended: false,
        })
    }

    /// Whether `text`, of a line without its head, belongs to the block: base64
    /// and nothing else, a header of the block, or its end. Any other line is
    /// one of its own.
    pub(super) fn holds(&self, text: &str) -> bool {
        if self.ended || self.lines >= MOST_LINES {
            return false;
        }
        if text.contains(END) && text.trim_end().ends_with("-----") {
            return true;
        }
        let body = body(text);
        is_pem_body(body) && (is_no_word(body) || self.is_full && !is_word(body))
    }

    /// Takes a line that it [`holds`](Self::holds).
    pub(super) fn take(&mut self, text: &str) {
        self.lines += 1;
        self.ended = text.contains(END);
        // Only the last one is shorter, so that nothing but the end follows.
        self.is_full = is_no_word(body(text));
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Says behind `text`, which its first line ends, what was taken.
    pub(super) fn tell(self, text: &mut String) {
        if self.lines == 0 {
            return;
        }
        if let Some(begin) = text.rfind(BEGIN) {
            text.truncate(begin);
        }
        let _ = match self.lines {
            1 => write!(text, "[PEM: 1 line]"),
            lines => write!(text, "[PEM: {lines} lines]"),
        };
    }
}

/// What a line says, without what may stand before it: a number, a quote's
/// mark.
fn body(line: &str) -> &str {
    let line = line.trim();
    match line.rsplit_once([' ', '\t']) {
        Some((before, last)) if !before.bytes().any(|byte| byte.is_ascii_alphabetic()) => last,
        _ => line,
    }
}

fn is_no_word(body: &str) -> bool {
    let has = |is: fn(&u8) -> bool| body.as_bytes().iter().any(is);
    body.contains(": ")
        || body.len() >= NO_WORD
        || body.len() >= NO_WORD / 2
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_lowercase)
            && has(u8::is_ascii_uppercase)
}

/// `refused`, `Listening`, `SIGTERM`: letters of one case, but for the first.
fn is_word(body: &str) -> bool {
    let rest = body.as_bytes().get(1..).unwrap_or_default();
    body.bytes().all(|b| b.is_ascii_alphabetic())
        && (rest.iter().all(u8::is_ascii_lowercase) || body.bytes().all(|b| b.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lines: &[&str]) -> (usize, String) {
        let mut text = lines[0].to_owned();
        let mut block = Block::begins(lines[0]).expect("a block");
        let mut count = 0;
        for line in &lines[1..] {
            if !block.holds(line) {
                break;
            }
            block.take(line);
            count += 1;
        }
        block.tell(&mut text);
        (count, text)
    }

    const FULL: &str = "Zm9yIHRlc3RzIG9ubHksIHRoaXMgaXMgbm8ga2V5IGF0IGFsbCwgbm90IGV2ZW4K";

    #[test]
    fn a_block_is_counted_to_its_end() {
        let lines = [
            "loaded -----BEGIN RSA PRIVATE KEY-----",
            "Proc-Type: 4,ENCRYPTED",
            FULL,
            FULL,
            "c2hvcnQ=",
            "-----END RSA PRIVATE KEY-----",
            FULL,
        ];
        assert_eq!(taken(&lines), (5, "loaded [PEM: 5 lines]".to_owned()));
    }

    #[test]
    fn numbers_and_marks_stand_before_the_lines_of_some() {
        for mark in ["  7  ", "> ", "| ", "12: "] {
            let lines = [BEGIN, FULL, "c2hv", END].map(|line| format!("{mark}{line}-----"));
            let lines = [
                &lines[0],
                &format!("{mark}{FULL}"),
                &format!("{mark}c2hv"),
                &lines[3],
            ];
            assert_eq!(taken(&lines.map(String::as_str)).0, 3, "{mark}");
        }
    }

    #[test]
    fn anything_else_ends_it() {
        for line in [
            "settled 3 payments",
            "listening",
            "-----",
            "",
            "INFO: x",
            "a b c",
        ] {
            let begin = "must start with -----BEGIN PRIVATE KEY----- (check KEY)";
            assert_eq!(taken(&[begin, line]), (0, begin.to_owned()), "{line}");
            assert_eq!(taken(&[begin, FULL, "c2hv", line]).0, 2, "{line}");
            assert_eq!(taken(&[begin, FULL, line]).0, 1, "{line}");
        }
        assert!(Block::begins("-----BEGIN X----- a -----END X-----").is_none());
        assert!(Block::begins("no block").is_none());
    }

    #[test]
    fn no_block_goes_on_for_ever() {
        let mut block = Block::begins(BEGIN).unwrap();
        for _ in 0..MOST_LINES {
            assert!(block.holds(FULL));
            block.take(FULL);
        }
        assert!(!block.holds(FULL));
    }
}
