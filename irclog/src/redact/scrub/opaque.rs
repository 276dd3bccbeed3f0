//! The last net: tokens that no rule knows, hidden because nothing in them is
//! a word.

use super::alphabet::{
    ALNUM, DIGIT, JOIN, LETTER, LOWER, NOT_HEX, QUOTE, UPPER, class, is, is_hex, union,
};
use super::class::Class;
use super::letters::{alternates, unlike_words};
use super::scan::{REDACTED, Scan};
use super::shape::is_uuid;

/// Random characters in a token from which it is hidden, and how many of
/// them suffice in one piece.
const RANDOM_SUM: usize = 20;
const RANDOM_PIECE: usize = 18;

/// As many where letters of both cases and digits stand in one piece, and few
/// of the pairs are common.
const MIXED_PIECE: usize = 16;

/// As many where an ellipsis says that the token went on.
pub(super) const CUT_RANDOM: usize = 14;

/// Letters and digits of a token that is judged as a whole, without padding
/// and with it.
const MIXED: usize = 20;
const MIXED_PADDED: usize = 16;

/// Bytes of such a token with letters of one case: names of pods and nodes are
/// shorter, or have words in them.
const ONE_CASE: usize = 30;

/// Bytes of the shortest token in groups.
const GROUPED: usize = 20;

/// Letters of one case in a row that no word has.
const LONG_WORD: usize = 26;

/// Consonants in a row that no word has.
const CONSONANTS: usize = 7;

/// Characters without a join, letters of one case and digits, that no name
/// has.
const LONG_NAME: usize = 30;

/// Letters and digits side by side, in a piece four times as long, as no name
/// has them.
const MANY_SWITCHES: usize = 6;

impl Scan<'_> {
    /// Where the identifier begins that is glued to the token at `start` by a
    /// colon or a bar, if it could be part of the secret.
    pub(super) fn owner(&self, start: usize) -> Option<usize> {
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
    pub(super) fn opaque(&mut self, start: usize, end: usize) -> Option<usize> {
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
    pub(super) fn cut(&self, end: usize) -> Option<Cut> {
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
pub(super) enum Cut {
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

/// Whether a token, what joins its parts not regarded, is none of words:
/// base64 has joins where they fall. `padded`: `=` follows.
fn is_mixed(text: &[u8], padded: bool) -> bool {
    let classes = union(text);
    let least = if padded { MIXED_PADDED } else { MIXED };
    // Constants and paths have letters of one case and odd pairs of them.
    let plus = text.contains(&b'+') && !text.contains(&b'.');
    let base64 = padded || classes & LETTER == LETTER || plus;
    // A path has more of them than chance gives to base64.
    let slashes = text.split(|&byte| byte == b'/').count() - 1;
    let one_case = !base64
        && text.len() >= ONE_CASE
        && switches(text) > 4
        && unlike_words(text, 8, 45)
        && !text.windows(36).any(is_uuid);
    (base64 || one_case)
        && classes & DIGIT != 0
        && classes & LETTER != 0
        && slashes * 12 <= text.len()
        && text.iter().filter(|&&byte| is(byte, ALNUM)).count() >= least
        && (unlike_words(text, least / 3, 55)
            || (padded || plus) && changes(text) * 3 >= text.len())
}

/// How often a letter and a digit stand side by side.
fn switches(text: &[u8]) -> usize {
    text.windows(2)
        .filter(|pair| {
            is(pair[0], ALNUM) && is(pair[1], ALNUM) && is(pair[0], DIGIT) != is(pair[1], DIGIT)
        })
        .count()
}

/// How often the kind of character changes, but for the capital of a word.
fn changes(text: &[u8]) -> usize {
    text.windows(2)
        .filter(|pair| {
            let (left, right) = (class(pair[0]), class(pair[1]));
            left & right & ALNUM == 0 && !(left & UPPER != 0 && right & LOWER != 0)
        })
        .count()
}

/// Whether half of the pairs of letters are common ones.
fn like_words(text: &[u8]) -> bool {
    text.windows(2)
        .any(|pair| is(pair[0], LETTER) && is(pair[1], LETTER))
        && !unlike_words(text, 1, 50)
}

/// Whether a token is made of groups as licence keys are, with digits and
/// letters in most of them. A UUID with a name before it or after it is none.
pub(super) fn is_grouped(text: &[u8]) -> bool {
    if text.len() < GROUPED {
        return false;
    }
    let groups = || text.split(|&byte| byte == b'-');
    let mixed = |group: &&[u8]| union(group) & DIGIT != 0 && union(group) & LETTER != 0;
    let (count, mixed) = (groups().count(), groups().filter(mixed).count());
    mixed * 2 > count
        && count >= 4
        && groups().all(|group| group.len() >= 4 && union(group) & JOIN == 0)
        && !text.windows(36).any(is_uuid)
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

/// Whether an alphanumeric piece looks random: letters and digits or cases
/// that change more often than in any word.
pub(super) fn is_random(piece: &[u8]) -> bool {
    if piece.len() < 4 {
        return false;
    }
    let classes = union(piece);
    if classes & LETTER == 0 {
        return false;
    }
    if classes & DIGIT == 0 {
        let one_case = classes & LETTER != LETTER;
        return piece.len() >= LONG_WORD && (one_case || unlike_words(piece, 0, 65))
            || piece.len() >= RANDOM_PIECE && (unlike_words(piece, 0, 60) || alternates(piece));
    }
    if classes & (NOT_HEX | JOIN) == 0 && piece.len() < 24 {
        // Block hashes in short, span ids: not long enough to be a key.
        return false;
    }
    let one_case = classes & LETTER != LETTER;
    let mut runs = 1;
    let mut run = 1;
    let mut longest = 1;
    let mut consonants = 0;
    let mut cluster = 0;
    for &byte in piece.iter().filter(|_| piece.len() >= 16) {
        let vowel = matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        consonants = if is(byte, LOWER) && !vowel {
            consonants + 1
        } else {
            0
        };
        cluster = cluster.max(consonants);
    }
    for pair in piece.windows(2) {
        let (left, right) = (class(pair[0]), class(pair[1]));
        let same = left & right & ALNUM != 0;
        // A capital begins a word.
        let word = left & UPPER != 0 && right & LOWER != 0;
        runs += usize::from(!same && !word);
        run = if same { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    runs >= 3 && runs * 3 >= piece.len()
        || piece.len() >= 16 && (unlike_words(piece, 5, 50) || alternates(piece))
        || cluster >= CONSONANTS
        || longest >= LONG_WORD - 2 && classes & LETTER != 0
        || piece.len() >= LONG_WORD && runs * 4 >= piece.len()
        || piece.len() >= LONG_NAME && one_case && runs >= 2
        || piece.len() >= MANY_SWITCHES * 4 && switches(piece) >= MANY_SWITCHES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_random() {
        for word in [
            "SettlementRequestV2",
            "TransferWithAuthorization3009",
            "x402",
            "eip155",
            "PaymentVerification",
            "20251103T152136Z",
            "internationalization",
        ] {
            assert!(!is_random(word.as_bytes()), "{word}");
        }
        for token in [
            "q8Zr2mKx7LpVw3Nt",
            "k3j9x0v2m8q1z7w4",
            "QwErTyUiOpAsDfGhJkLz9",
            "mLpzCKEoPpleFEvDoRzI",
        ] {
            assert!(is_random(token.as_bytes()), "{token}");
        }
    }
}
