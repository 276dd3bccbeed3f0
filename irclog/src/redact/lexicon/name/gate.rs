//! Whether a name may announce anything at all: a look at the last letters of
//! its words, which few names of a line pass.

use super::{NAME_BYTES, parts};
use crate::redact::lexicon::words::{ATOMS, BEGINNING, IDLE, LETTERED, NEUTRAL};
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
        || token.first().is_some_and(|&first| begins_a_name(first));
    let from = token.len().saturating_sub(NAME_BYTES);
    further_in
        && (from + 1..token.len()).any(|end| {
            // Most bytes of a name are small letters, in which no word ends.
            !is(token[end], LOWER) && word_ends(token, end) && ends_in_atom(&token[..end])
        })
}

/// Whether a word of [`BEGINNING`] begins with the letter.
fn begins_a_name(first: u8) -> bool {
    let begins = |word: &&[u8]| word[0].eq_ignore_ascii_case(&first);
    BEGINNING.list.iter().any(begins)
}

/// Whether the last word of a name may be one that does not count: a number, a
/// letter, `id`, or [`NEUTRAL`].
fn passes_over(name: &[u8]) -> bool {
    /// By last letter, the letters before it.
    static NEUTRAL_ENDINGS: [u32; 32] = {
        let mut table = [0; 32];
        let mut i = 0;
        while i < NEUTRAL.list.len() {
            if let [.., second, last] = NEUTRAL.list[i] {
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

/// Whether an end that one of the [`ATOMS`] has announces nothing there: it is
/// [`IDLE`], or [`LETTERED`] and its letter is not there.
#[inline]
fn is_idle(end: u64, before: &[u8]) -> bool {
    const ENDS: [End; IDLE.len()] = {
        let mut ends = [NO_END; IDLE.len()];
        let mut at = 0;
        while at < IDLE.len() {
            ends[at] = end_of(IDLE[at]);
            at += 1;
        }
        ends
    };
    const AFTER: End = end_of(LETTERED.0);
    let ends = |(letters, mask): End| (end ^ letters) & mask == 0;
    let is_letter = |byte: u8| byte.eq_ignore_ascii_case(&LETTERED.1);
    ENDS.into_iter().any(ends)
        || ends(AFTER)
            && match before[..before.len() - LETTERED.0.len()] {
                [.., letter, join] if is(join, JOIN) => !is_letter(letter),
                [.., letter] => !is_letter(letter),
                [] => true,
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
    let long = &ENDS.long[usize::from(ENDS.first[slot(end & 0xffff_ffff)])];
    let is = |(letters, mask): End| (end ^ letters) & mask == 0;
    let mut any = is(short);
    for &twin in long {
        any |= is(twin);
    }
    for &shortest in &ENDS.shortest {
        any |= is(shortest);
    }
    any
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

const fn end_of(word: &[u8]) -> End {
    let len = if word.len() < 8 { word.len() } else { 8 };
    let mask = u64::MAX >> (64 - 8 * len);
    (packed(word) & mask, mask)
}

/// The ends of the [`ATOMS`], found by their last letters: those of two, of
/// three letters, and the others.
struct Ends {
    shortest: [End; SHORTEST],
    short: [End; SLOTS],
    first: [u8; SLOTS],
    long: [[End; TWINS]; ATOMS.len() + 1],
}

/// Ends with the same last four letters.
const TWINS: usize = 4;

const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 12;

/// Where three letters or four are found: a hash that has no collisions among
/// the [`ATOMS`] (of what may pass, the rest is compared).
#[inline]
const fn slot(end: u64) -> usize {
    slot_by(end, FACTOR)
}

const fn slot_by(end: u64, factor: u32) -> usize {
    #[allow(clippy::cast_possible_truncation)] // four bytes
    let letters = end as u32 & 0x1f1f_1f1f;
    (letters.wrapping_mul(factor) >> (32 - SLOT_BITS)) as usize
}

/// The first factor of a series without collisions.
const FACTOR: u32 = {
    let mut factor = 0x9e37_79b1_u32;
    while collides(factor) {
        factor = factor.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f) | 1;
    }
    factor
};

const fn collides(factor: u32) -> bool {
    let mut at = 0;
    while at < ATOMS.len() {
        let mut other = 0;
        while other < at {
            let (left, right) = (key(ATOMS[at]), key(ATOMS[other]));
            if left != right
                && (left > 0xff_ffff) == (right > 0xff_ffff)
                && slot_by(left, factor) == slot_by(right, factor)
            {
                return true;
            }
            other += 1;
        }
        at += 1;
    }
    false
}

/// The letters that an end is found by.
const fn key(atom: &[u8]) -> u64 {
    end_of(atom).0 & 0xffff_ffff
}

const SHORTEST: usize = {
    let (mut count, mut at) = (0, 0);
    while at < ATOMS.len() {
        count += (ATOMS[at].len() == 2) as usize;
        at += 1;
    }
    count
};

static ENDS: Ends = {
    let mut ends = Ends {
        shortest: [NO_END; SHORTEST],
        short: [NO_END; SLOTS],
        first: [0; SLOTS],
        long: [[NO_END; TWINS]; ATOMS.len() + 1],
    };
    // None is found at 0.
    let (mut used, mut shortest) = (1u8, 0);
    let mut at = 0;
    while at < ATOMS.len() {
        let end = end_of(ATOMS[at]);
        let place = slot(key(ATOMS[at]));
        match ATOMS[at].len() {
            0 | 1 => panic!("a letter ends every other word"),
            2 => {
                ends.shortest[shortest] = end;
                shortest += 1;
            }
            3 => ends.short[place] = end,
            _ => {
                if ends.first[place] == 0 {
                    ends.first[place] = used;
                    used += 1;
                }
                let twins = &mut ends.long[ends.first[place] as usize];
                let mut twin = 0;
                while twins[twin].1 != NO_END.1 || twins[twin].0 != NO_END.0 {
                    twin += 1;
                }
                twins[twin] = end;
            }
        }
        at += 1;
    }
    ends
};
