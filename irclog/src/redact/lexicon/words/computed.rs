//! What is made of the tables when the crate is compiled: the rows in order, and
//! the words that a text is searched for.

use super::announcing::{BEGINNING, COMMANDS, IDS, LANGUAGES, SCHEMES};
use super::row::{Joins, When, Word, Words};
use super::values::{STATEMENTS, USES};

const COUNT: usize = {
    let (mut count, mut language) = (0, 0);
    while language < LANGUAGES.len() {
        count += LANGUAGES[language].len();
        language += 1;
    }
    count
};

/// The last eight letters of a word as a number, or all of them.
pub(super) const fn last_letters(word: &[u8]) -> u64 {
    let mut letters = 0;
    let mut at = word.len().saturating_sub(8);
    while at < word.len() {
        letters = letters << 8 | word[at] as u64;
        at += 1;
    }
    letters
}

/// The [`last_letters`] of the [`WORDS`].
pub(super) static KEYS: [u64; COUNT] = {
    let (words, mut keys, mut at) = (sorted(), [0; COUNT], 0);
    while at < COUNT {
        keys[at] = last_letters(words[at].text);
        at += 1;
    }
    keys
};

/// Rows with the same [`last_letters`], at most.
pub(super) const ALIKE: usize = 8;

const _: () = {
    let mut at = ALIKE;
    while at < COUNT {
        assert!(KEYS[at] != KEYS[at - ALIKE], "more rows than `ALIKE`");
        at += 1;
    }
};

/// The rows of all languages by their [`last_letters`]; those of one word in
/// their order.
pub(super) static WORDS: [Word; COUNT] = sorted();

const fn sorted() -> [Word; COUNT] {
    let mut words = [LANGUAGES[0][0]; COUNT];
    let (mut count, mut language) = (0, 0);
    while language < LANGUAGES.len() {
        let mut at = 0;
        while at < LANGUAGES[language].len() {
            let row = LANGUAGES[language][at];
            let mut place = count;
            while place > 0 && is_before(row.text, words[place - 1].text) {
                words[place] = words[place - 1];
                place -= 1;
            }
            words[place] = row;
            count += 1;
            at += 1;
        }
        language += 1;
    }
    words
}

const fn is_before(left: &[u8], right: &[u8]) -> bool {
    let (one, other) = (last_letters(left), last_letters(right));
    one < other || one == other && is_less(left, right)
}

const fn is_less(left: &[u8], right: &[u8]) -> bool {
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return left[at] < right[at];
        }
        at += 1;
    }
    left.len() < right.len()
}

const LETTERS: usize = 32;

const fn is_last(row: &Word, letter: usize) -> bool {
    matches!(row.joins, Joins::End) && (row.text[row.text.len() - 1] & 31) as usize == letter
}

const RUN_COUNT: usize = {
    let (words, mut count, mut at) = (sorted(), 0, 0);
    while at < COUNT {
        count += matches!(words[at].joins, Joins::End) as usize;
        at += 1;
    }
    count
};

/// By last letter, where in [`WORDS`] the words stand that are run together
/// with others.
pub(super) static RUN_TOGETHER: [usize; RUN_COUNT] = by_last_letter().0;

/// By last letter, where those begin in [`RUN_TOGETHER`].
pub(super) static ENDS: [usize; LETTERS + 1] = by_last_letter().1;

const fn by_last_letter() -> ([usize; RUN_COUNT], [usize; LETTERS + 1]) {
    let words = sorted();
    let (mut places, mut begins) = ([0; RUN_COUNT], [0; LETTERS + 1]);
    let (mut count, mut letter) = (0, 0);
    while letter < LETTERS {
        let mut at = 0;
        while at < COUNT {
            if is_last(&words[at], letter) {
                places[count] = at;
                count += 1;
            }
            at += 1;
        }
        letter += 1;
        begins[letter] = count;
    }
    (places, begins)
}

/// Words at the end of one of which a name has to end that announces anything,
/// but for the words that are passed over, in the order of the alphabet; no word
/// that ends in another of them. The filters are made from these.
pub(in crate::redact) const ATOMS: &[&[u8]] = {
    const ALL: ([&[u8]; COUNT + OTHERS], usize) = atoms();
    ALL.0.split_at(ALL.1).0
};

/// At most as many as are no [`WORDS`].
const OTHERS: usize = IDS.len() * 4
    + STATEMENTS.list.len()
    + SCHEMES.list.len()
    + BEGINNING.list.len()
    + COMMANDS.list.len()
    + USES.list.len();

const fn atoms() -> ([&'static [u8]; COUNT + OTHERS], usize) {
    let words = sorted();
    let mut all: [&[u8]; COUNT + OTHERS] = [b""; COUNT + OTHERS];
    let (mut count, mut at) = (0, 0);
    while at < COUNT {
        // `id` is passed over: what counts is the word before it.
        if !is_same(words[at].text, b"id") {
            all[count] = words[at].text;
            count += 1;
        }
        at += 1;
    }
    let mut others = [SCHEMES; IDS.len() + 5];
    others[1] = BEGINNING;
    others[2] = COMMANDS;
    others[3] = USES;
    others[4] = STATEMENTS;
    let mut at = 0;
    while at < IDS.len() {
        others[5 + at] = IDS[at];
        at += 1;
    }
    let mut list = 0;
    while list < others.len() {
        let mut at = 0;
        while at < others[list].list.len() {
            all[count] = others[list].list[at];
            count += 1;
            at += 1;
        }
        list += 1;
    }
    // Those are left in which no other one ends, each once.
    let (mut left, mut at) = (0, 0);
    while at < count {
        let (mut ends, mut other) = (false, 0);
        while other < count {
            let shorter = all[other].len() < all[at].len() || other < left;
            ends |= shorter && other != at && is_end(all[at], all[other]);
            other += 1;
        }
        if !ends {
            let mut place = left;
            let atom = all[at];
            all[at] = all[left];
            while place > 0 && is_less(atom, all[place - 1]) {
                all[place] = all[place - 1];
                place -= 1;
            }
            all[place] = atom;
            left += 1;
        }
        at += 1;
    }
    (all, left)
}

const fn is_same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && is_end(left, right)
}

const fn is_end(word: &[u8], end: &[u8]) -> bool {
    if end.len() > word.len() {
        return false;
    }
    let mut at = 0;
    while at < end.len() {
        if end[at] != word[word.len() - end.len() + at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The [`ATOMS`] that announce nothing at the end of a name: they count before
/// `id` or at the beginning.
pub(in crate::redact) const IDLE: &[&[u8]] = {
    const ALL: ([&[u8]; ATOMS.len()], usize) = idle();
    ALL.0.split_at(ALL.1).0
};

const fn idle() -> ([&'static [u8]; ATOMS.len()], usize) {
    let words = sorted();
    let mut idle: [&[u8]; ATOMS.len()] = [b""; ATOMS.len()];
    let (mut count, mut at) = (0, 0);
    while at < ATOMS.len() {
        let (mut counts, mut row) = (false, 0);
        while row < COUNT {
            counts |= is_same(ATOMS[at], words[row].text);
            row += 1;
        }
        let lists = [SCHEMES, COMMANDS, USES, STATEMENTS];
        let mut list = 0;
        while list < lists.len() {
            counts |= holds(lists[list], ATOMS[at]);
            list += 1;
        }
        if !counts {
            idle[count] = ATOMS[at];
            count += 1;
        }
        at += 1;
    }
    (idle, count)
}

const fn holds(words: Words, word: &[u8]) -> bool {
    let mut at = 0;
    while at < words.list.len() {
        if is_same(words.list[at], word) {
            return true;
        }
        at += 1;
    }
    false
}

/// The word that counts after a single letter only, and that letter.
pub(in crate::redact) const LETTERED: (&[u8], u8) = {
    let (words, mut found, mut at) = (sorted(), None, 0);
    while at < COUNT {
        if let When::After(owners) = words[at].when
            && owners.list.len() == 1
            && owners.list[0].len() == 1
        {
            assert!(found.is_none(), "the gate knows one such word");
            found = Some((words[at].text, owners.list[0][0]));
        }
        at += 1;
    }
    found.expect("`x` and `payment`")
};
