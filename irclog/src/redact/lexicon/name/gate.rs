//! Whether a name may announce anything at all: a look at the last letters of
//! its words, which few names of a line pass.

use super::{NAME_BYTES, parts};
use crate::redact::lexicon::name::words::{ATOMS, NEUTRAL};
use crate::redact::text::alphabet::{DIGIT, JOIN, LETTER, LOWER, UPPER, class, is};

/// Whether `token` could announce something: whether it ends as one of the
/// [`ATOMS`] does, or may where its last word does not count (`api_token_2`)
/// or a value is `assigned` to it (`SECRET_SALTED=`).
///
/// `classes` are those of its bytes together.
pub(in crate::redact) fn may_announce(token: &[u8], classes: u8, assigned: bool) -> bool {
    if may_end(token) {
        return true;
    }
    // One word, in small letters or capitals, has no end further in.
    if classes & (DIGIT | JOIN) == 0 && classes & LETTER != LETTER || classes & LETTER == 0 {
        return false;
    }
    let further_in = assigned
        || passes_over(token)
        || token.len() > NAME_BYTES
        // Bundler's names begin alike.
        || matches!(token.first(), Some(b'b' | b'B'));
    let from = token.len().saturating_sub(NAME_BYTES);
    further_in
        && (from + 1..token.len()).any(|end| {
            // Most bytes of a name are small letters, in which no word ends.
            !is(token[end], LOWER) && word_ends(token, end) && ends_in_atom(&token[..end])
        })
}

/// Whether the last word of a name may be one that does not count: a number, a
/// letter, `id`, or [`NEUTRAL`].
fn passes_over(name: &[u8]) -> bool {
    /// By last letter, the letters before it.
    static NEUTRAL_ENDINGS: [u32; 32] = {
        let mut table = [0; 32];
        let mut i = 0;
        while i < NEUTRAL.len() {
            if let [.., second, last] = NEUTRAL[i] {
                table[(*last & 31) as usize] |= 1 << (*second & 31);
            }
            i += 1;
        }
        table
    };
    match *name {
        [.., second, last] => {
            !is(last, LETTER)
                || !is(second, LETTER)
                || is(last, UPPER) && is(second, LOWER)
                || matches!((second, last), (b'i' | b'I', b'd' | b'D'))
                || NEUTRAL_ENDINGS[usize::from(last & 31)] >> (second & 31) & 1 != 0
        }
        _ => false,
    }
}

/// Whether the letter before `at` is the last of its word; at `at` stands no
/// small letter.
fn word_ends(name: &[u8], at: usize) -> bool {
    let next = class(name[at]);
    is(name[at - 1], LETTER) && (next & UPPER == 0 || parts(name, at))
}

/// Whether `word` ends as one of the [`ATOMS`] does, as far as eight letters
/// tell.
#[inline]
fn ends_in_atom(word: &[u8]) -> bool {
    is_end(last_letters(word))
}

/// Whether what stands before the end of a token can be a name by its last
/// letters; `before` may begin ahead of the token, since no letter of an ending
/// is anything else in lower case.
#[inline]
pub(in crate::redact) fn may_end(before: &[u8]) -> bool {
    let end = last_letters(before);
    is_end(end) && !is_idle(end, before)
}

/// Whether an end that one of the [`ATOMS`] has announces nothing there: some
/// count only before `id` or at the beginning, and `payment` only after an `x`.
#[inline]
fn is_idle(end: u64, before: &[u8]) -> bool {
    const IDLE: [End; 3] = [end_of(b"client"), end_of(b"app"), end_of(b"bundle")];
    const PAYMENT: End = end_of(b"payment");
    let ends = |(letters, mask): End| (end ^ letters) & mask == 0;
    IDLE.into_iter().any(ends)
        || ends(PAYMENT) && {
            let before = &before[..before.len() - b"payment".len()];
            !matches!(before, [.., b'x' | b'X'])
                && !matches!(before, [.., b'x' | b'X', join] if is(*join, JOIN))
        }
}

/// The last eight bytes of a word, in lower case whatever is a letter.
#[inline]
fn last_letters(word: &[u8]) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    SMALL
        | match word.last_chunk() {
            Some(last) => u64::from_be_bytes(*last),
            None => packed(word),
        }
}

#[allow(clippy::needless_bitwise_bool)]
#[inline]
fn is_end(end: u64) -> bool {
    // Without a branch: whether one of them is the end is hard to predict.
    let short = ENDS.short[slot(end & 0xff_ffff)];
    let long = ENDS.long[usize::from(ENDS.first[slot(end & 0xffff_ffff)])];
    long.iter()
        .chain(&[short, PW])
        .fold(false, |any, &(letters, mask)| {
            any | ((end ^ letters) & mask == 0)
        })
}

/// The last bytes of a word as a number.
const fn packed(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < word.len() {
        packed = packed << 8 | word[at] as u64;
        at += 1;
    }
    packed
}

/// Letters of an end, and which of eight bytes count.
type End = (u64, u64);

/// What ends in nothing: no letter is 0.
const NO_END: End = (0, u64::MAX);

/// The only end of two letters.
const PW: End = end_of(b"pw");

const fn end_of(word: &[u8]) -> End {
    let len = if word.len() < 8 { word.len() } else { 8 };
    let mask = u64::MAX >> (64 - 8 * len);
    (packed(word) & mask, mask)
}

/// Ends with the same last four letters.
const TWINS: usize = 3;

/// The ends of the [`ATOMS`], found by their last letters: those of three
/// letters, and the others. What ends in a shorter one is left out.
struct Ends {
    short: [End; SLOTS],
    first: [u8; SLOTS],
    long: [[End; TWINS]; ATOMS.len()],
}

const SLOTS: usize = 1 << 12;

/// Where three letters or four are found: a hash without collisions among the
/// [`ATOMS`], found by trial.
#[inline]
const fn slot(end: u64) -> usize {
    #[allow(clippy::cast_possible_truncation)] // four bytes
    let letters = end as u32 & 0x1f1f_1f1f;
    (letters.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

static ENDS: Ends = {
    let mut ends = Ends {
        short: [NO_END; SLOTS],
        first: [0; SLOTS],
        long: [[NO_END; TWINS]; ATOMS.len()],
    };
    // None is found at 0.
    let mut used = 1u8;
    let mut at = 0;
    while at < ATOMS.len() {
        let atom = ATOMS[at];
        let (letters, mask) = end_of(atom);
        at += 1;
        if ends_shorter(letters, mask) {
            continue;
        }
        if atom.len() == 3 {
            let slot = slot(letters);
            assert!(ends.short[slot].1 == NO_END.1, "another factor");
            ends.short[slot] = (letters, mask);
            continue;
        }
        let slot = slot(letters & 0xffff_ffff);
        if ends.first[slot] == 0 {
            ends.first[slot] = used;
            used += 1;
        }
        let twins = &mut ends.long[ends.first[slot] as usize];
        let mut twin = 0;
        while twins[twin].1 != NO_END.1 || twins[twin].0 != NO_END.0 {
            twin += 1;
        }
        twins[twin] = (letters, mask);
    }
    ends
};

/// Whether one of the [`ATOMS`] is the end of another.
const fn ends_shorter(letters: u64, mask: u64) -> bool {
    let mut at = 0;
    while at < ATOMS.len() {
        let atom = ATOMS[at];
        at += 1;
        if atom.len() < 8 {
            let shorter = u64::MAX >> (64 - 8 * atom.len());
            if shorter < mask && (packed(atom) ^ letters) & shorter == 0 {
                return true;
            }
        }
    }
    false
}
