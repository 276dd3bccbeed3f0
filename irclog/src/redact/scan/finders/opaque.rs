//! The last net: tokens that no rule knows, hidden because nothing in them is
//! a word.

use crate::redact::lexicon::class::Class;
use crate::redact::scan::Scan;
use crate::redact::scan::found::REDACTED;
use crate::redact::text::alphabet::{ALNUM, DIGIT, JOIN, LETTER, QUOTE, is, is_hex, union};
use crate::redact::text::letters::unlike_words;
use crate::redact::text::random::{RANDOM_PIECE, is_grouped, is_mixed, is_random, like_words};

/// Random characters in a token from which it is hidden.
const RANDOM_SUM: usize = 20;

/// As many where letters of both cases and digits stand in one piece, and few
/// of the pairs are common.
const MIXED_PIECE: usize = 16;

/// As many where an ellipsis says that the token went on.
pub(in crate::redact) const CUT_RANDOM: usize = 14;

impl Scan<'_> {
    /// Where the identifier begins that is glued to the token at `start` by a
    /// colon or a bar, if it could be part of the secret.
    pub(in crate::redact) fn owner(&self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        if start < 2 || !matches!(bytes[start - 1], b':' | b'|' | b'!') {
            return None;
        }
        let owner = bytes[..start - 1]
            .iter()
            .rev()
            .take(24)
            .take_while(|&&byte| is(byte, ALNUM))
            .count();
        let from = start - 1 - owner;
        let text = &bytes[from..start - 1];
        let part = owner >= 6 && text.iter().all(|&byte| is(byte, DIGIT)) || is_random(text);
        (owner > 0).then_some(if part { from } else { start })
    }

    /// The last net: a long token with enough in it that looks random.
    pub(in crate::redact) fn opaque(&mut self, start: usize, end: usize) -> Option<usize> {
        let bytes = self.bytes;
        let mut sum = 0;
        let mut longest = 0;
        let mut first = None;
        let mut at = start;
        while at < end {
            if !is(bytes[at], ALNUM) {
                at += 1;
                continue;
            }
            let from = at;
            while at < end && is(bytes[at], ALNUM) {
                at += 1;
            }
            let piece = &bytes[from..at];
            if is_random(piece) && !is_word_of_machine(piece) {
                sum += piece.len();
                longest = longest.max(piece.len());
                if piece.len() >= MIXED_PIECE
                    && union(piece) & (LETTER | DIGIT) == LETTER | DIGIT
                    && unlike_words(piece, 4, 55)
                {
                    longest = longest.max(RANDOM_PIECE);
                }
                first = first.or(Some(from));
            }
        }
        let text = &bytes[start..end];
        let (least_sum, least_piece) = match self.cut(end) {
            // `Starting isA2dpOn...`: more than half of the pairs are common.
            Some(Cut::Marked) if !like_words(text) => (CUT_RANDOM, CUT_RANDOM),
            Some(Cut::End) => (RANDOM_PIECE, RANDOM_PIECE),
            _ => (RANDOM_SUM, RANDOM_PIECE),
        };
        // `NAME=value` is none.
        let padding = end
            + bytes[end..]
                .iter()
                .take_while(|&&byte| byte == b'=')
                .count();
        let padded = padding > end
            && !bytes.get(padding).is_some_and(|&byte| is(byte, ALNUM))
            && (padding > end + 1 || !bytes.get(padding).is_some_and(|&byte| is(byte, QUOTE)));
        let whole = union(text) & DIGIT != 0 && (is_mixed(text, padded) || is_grouped(text));
        if !whole && sum < least_sum && longest < least_piece {
            let from = start + environment(text)?;
            self.push(from, self.padded(end), Class::Vendor, REDACTED);
            return Some(self.padded(end));
        }
        let mut from = if whole { start } else { first? };
        // `123456:AAE...`, `1234|abc...`: an identifier and its secret.
        if let Some(owner) = self.owner(start) {
            from = owner;
        }
        if from == start
            && let Some(kept) = self.identifier(start, end)
        {
            self.push(start + kept, end, Class::Opaque, "…");
            return Some(end);
        }
        // What is kept before it must not be a secret's own beginning.
        if from > start + 11 {
            from = bytes[start..from]
                .iter()
                .rposition(|&byte| byte == b'/')
                .map_or(start, |slash| start + slash + 1);
        }
        let mut end = self.padded(end);
        // `abc...:def...`: a secret in two parts.
        if bytes.get(end) == Some(&b':') && bytes.get(end + 1).is_some_and(|&byte| is(byte, ALNUM))
        {
            let part = end + 1 + run(&bytes[end + 1..]);
            if is_random(&bytes[end + 1..part]) {
                end = part;
            }
        }
        self.push(from, end, Class::Opaque, REDACTED);
        Some(end)
    }

    /// Whether the text is cut after a token that ends at `end`.
    pub(in crate::redact) fn cut(&self, end: usize) -> Option<Cut> {
        match &self.bytes[end..] {
            [] => Some(Cut::End),
            [b'.', b'.', b'.', ..] => Some(Cut::Marked),
            rest if rest.starts_with("…".as_bytes()) => Some(Cut::Marked),
            _ => None,
        }
    }
}

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Cut {
    /// It ends.
    End,
    /// An ellipsis says so.
    Marked,
}

/// How many letters and digits `rest` begins with.
fn run(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&byte| is(byte, ALNUM)).count()
}

/// Whether a piece is a number of 64 bits in hexadecimal, with its type or not.
fn is_word_of_machine(piece: &[u8]) -> bool {
    piece.len() > 5
        && piece.starts_with(b"0x")
        && piece.len() <= 2 + 16 + 3
        && run_of_hex(&piece[2..]) >= piece.len() - 2 - 3
}

fn run_of_hex(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&byte| is_hex(byte)).count()
}

/// `shop_live_...`, `x_test_...`: how long what stands before the secret is.
fn environment(text: &[u8]) -> Option<usize> {
    let at = text.windows(6).take(24).position(|window| {
        matches!(
            window,
            b"_live_" | b"_test_" | b"_prod_" | b"-live-" | b"-test-"
        )
    })? + 6;
    let rest = &text[at..];
    let classes = union(rest);
    (rest.len() >= 12 && classes & JOIN == 0 && classes & DIGIT != 0 && classes & LETTER != 0)
        .then_some(at)
}
