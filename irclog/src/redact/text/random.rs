//! Whether letters and digits are those of chance.

use super::alphabet::{ALNUM, DIGIT, JOIN, LETTER, LOWER, NOT_HEX, UPPER, class, is, union};
use super::forms::is_uuid;
use super::letters::{alternates, unlike_words};

/// Random characters that suffice in one piece.
pub(in crate::redact) const RANDOM_PIECE: usize = 18;

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

/// Whether an alphanumeric piece looks random: letters and digits or cases
/// that change more often than in any word.
pub(in crate::redact) fn is_random(piece: &[u8]) -> bool {
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

/// Whether a token, what joins its parts not regarded, is none of words:
/// base64 has joins where they fall. `padded`: `=` follows.
pub(in crate::redact) fn is_mixed(text: &[u8], padded: bool) -> bool {
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

/// Whether a token is made of groups as licence keys are, with digits and
/// letters in most of them. A UUID with a name before it or after it is none.
pub(in crate::redact) fn is_grouped(text: &[u8]) -> bool {
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

/// Whether half of the pairs of letters are common ones.
pub(in crate::redact) fn like_words(text: &[u8]) -> bool {
    text.windows(2)
        .any(|pair| is(pair[0], LETTER) && is(pair[1], LETTER))
        && !unlike_words(text, 1, 50)
}

/// How often a letter and a digit stand side by side.
pub(in crate::redact) fn switches(text: &[u8]) -> usize {
    text.windows(2)
        .filter(|pair| {
            is(pair[0], ALNUM) && is(pair[1], ALNUM) && is(pair[0], DIGIT) != is(pair[1], DIGIT)
        })
        .count()
}

/// How often the kind of character changes, but for the capital of a word.
pub(in crate::redact) fn changes(text: &[u8]) -> usize {
    text.windows(2)
        .filter(|pair| {
            let (left, right) = (class(pair[0]), class(pair[1]));
            left & right & ALNUM == 0 && !(left & UPPER != 0 && right & LOWER != 0)
        })
        .count()
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
