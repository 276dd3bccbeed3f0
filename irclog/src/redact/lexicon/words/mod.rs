//! Every word that the patterns know, in tables: what announces a secret
//! ([`announcing`]), what stands beside it in a name ([`beside`]), and what
//! stands in a value's place or leads to one ([`values`]).
//!
//! What a text is searched for, letter by letter, is made from the tables when
//! the crate is compiled: see [`ATOMS`].

mod announcing;
mod beside;
mod computed;
mod values;

pub(in crate::redact) use self::announcing::{BEGINNING, COMMANDS, SCHEMES, SENTENCES};
use self::announcing::{IDS, LANGUAGES};
pub(in crate::redact) use self::beside::{HARMLESS, NEUTRAL, POSTPOSED, POSTPOSING};
use self::computed::{ALIKE, ENDS, KEYS, RUN_TOGETHER, WORDS, last_letters};
pub(in crate::redact) use self::computed::{ATOMS, IDLE, LETTERED};
pub(in crate::redact) use self::values::{
    AGAIN, COMMON, COOKIE, COUNTED, EXCEPTIONS, FIELDS, HEADER_SCHEMES, IDENTIFIERS, INPUTS,
    JUDGED, LEADING, NODES, NOTHING, NOUNS, ORDINARY, PASSPHRASES, PINNED, PROSE, QUALIFIERS,
    REPORTED, SCRIPTS, SERVICE_COMMANDS, SETTING, STATEMENTS, TRACED, USES, VERDICTS, WEBHOOKS,
    WHOSE,
};
use crate::redact::lexicon::name::Announces;

/// Words that do the same.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Words {
    pub(in crate::redact) list: &'static [&'static [u8]],
    has: fn(&[u8]) -> bool,
}

impl Words {
    /// Whether `word` is among them.
    pub(in crate::redact) fn has_in_any_case(&self, word: &[u8]) -> bool {
        let mut lower = [0; LONGEST];
        self.has(in_small_letters(word, &mut lower))
    }

    /// Whether `word`, in small letters, is among them.
    pub(in crate::redact) fn has(&self, word: &[u8]) -> bool {
        (self.has)(word)
    }
}

/// A list of words that is searched by a decision tree instead of word by word.
macro_rules! words {
    ($(#[$doc:meta])* $list:ident: $($word:literal)+) => {
        $(#[$doc])*
        pub(in crate::redact) const $list: $crate::redact::lexicon::words::Words =
            $crate::redact::lexicon::words::Words {
                list: &[$($word),+],
                has: |word| matches!(word, $($word)|+),
            };
    };
}
use words;

/// What is looked at although a sentence goes on after it.
pub(in crate::redact) const SPOKEN: [Words; 5] = [SCHEMES, COMMANDS, USES, STATEMENTS, SENTENCES];

/// A word that announces a secret at the end of a name. A word may have several
/// rows; the first one holds that fits what stands before it.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Word {
    text: &'static [u8],
    joins: Joins,
    when: When,
    /// What the value is, unless the row says that it is nothing.
    says: Option<Announces>,
    traits: u8,
}

/// How a word may be joined to what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joins {
    /// The last word of a name: `my_pin`, `myPin`, not `mypin`.
    Own,
    /// Or with one word more behind it: `senha_banco`.
    Ahead,
    /// Or run together with what stands before it as well: `mypassword`.
    End,
}

/// What a row asks of the word before its own.
#[derive(Debug, Clone, Copy)]
enum When {
    Always,
    /// There is one.
    Led,
    /// There is one, and no blank stands in the name.
    Joined,
    /// It is one of these.
    After(Words),
}

/// Somebody chose the value: it may be a word or a number.
const CHOSEN: u8 = 1;
/// A UUID is one, also where it follows a blank.
const UUID: u8 = 1 << 1;
/// A number alone is none, but the seed of a generator.
const NUMBER: u8 = 1 << 2;
/// Run together with the name of a vendor it still announces what looks like a
/// secret and stands in one token with it: `shopKEY-<value>`.
const GLUED: u8 = 1 << 3;

const fn row(text: &'static str, joins: Joins, when: When, says: Announces) -> Word {
    Word {
        text: text.as_bytes(),
        joins,
        when,
        says: Some(says),
        traits: 0,
    }
}

/// A word of its own.
const fn own(text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::Always, says)
}

/// A word, also run together with what stands before it.
const fn end(text: &'static str, says: Announces) -> Word {
    row(text, Joins::End, When::Always, says)
}

/// A word that has another one before it.
const fn led(text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::Led, says)
}

/// A word that has one of `owners` before it.
const fn after(owners: Words, text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::After(owners), says)
}

impl Word {
    const fn chosen(mut self) -> Self {
        self.traits |= CHOSEN;
        self
    }

    const fn or_uuid(mut self) -> Self {
        self.traits |= UUID;
        self
    }

    const fn or_number(mut self) -> Self {
        self.traits |= NUMBER;
        self
    }

    const fn glued(mut self) -> Self {
        self.traits |= GLUED;
        self
    }

    const fn joined(mut self) -> Self {
        self.when = When::Joined;
        self
    }

    const fn also_ahead(mut self) -> Self {
        self.joins = Joins::Ahead;
        self
    }

    const fn nothing(mut self) -> Self {
        self.says = None;
        self
    }

    fn fits(&self, before: Option<&[u8]>, parted: bool) -> bool {
        match self.when {
            When::Always => true,
            When::Led => before.is_some(),
            When::Joined => before.is_some() && !parted,
            When::After(owners) => before.is_some_and(|word| owners.has(word)),
        }
    }
}

/// What a name announces that ends in `word`, in small letters, with the word
/// `before` it; `parted`, if a blank stands in the name.
pub(in crate::redact) fn announced(
    word: &[u8],
    before: Option<&[u8]>,
    parted: bool,
) -> Option<Announces> {
    match rows(word) {
        [] => ending(word)?.says,
        rows => rows.iter().find(|row| row.fits(before, parted))?.says,
    }
}

/// What a name announces that has one word more after `word`.
pub(in crate::redact) fn announced_ahead(word: &[u8]) -> Option<Announces> {
    match rows(word) {
        [] => ending(word)?.says,
        rows => rows.iter().find(|row| row.joins != Joins::Own)?.says,
    }
}

/// Whether somebody chose the value of a name with `word` in it.
pub(in crate::redact) fn is_chosen(word: &[u8]) -> bool {
    let chosen = |row: &Word| row.traits & CHOSEN != 0;
    match rows(word) {
        [] => ending(word).is_some_and(chosen),
        rows => rows.iter().any(chosen),
    }
}

/// Whether somebody chose the value of a name that ends in `name`.
pub(in crate::redact) fn takes_chosen(name: &[u8]) -> bool {
    ends_with(name, CHOSEN)
}

/// Whether a UUID is secret after a name that ends in `name`.
pub(in crate::redact) fn takes_uuid(name: &[u8]) -> bool {
    ends_with(name, UUID)
}

/// Whether a number is nothing after a name that ends in `name`.
pub(in crate::redact) fn takes_number(name: &[u8]) -> bool {
    ends_with(name, NUMBER)
}

/// Whether what looks like a secret is one after the last word of a name in the
/// same token; a word alone that asks for others is enough there.
pub(in crate::redact) fn takes_glued(last: &[u8]) -> bool {
    WORDS.iter().any(|row| {
        let from = last.len().checked_sub(row.text.len());
        row.traits & GLUED != 0
            && from.is_some_and(|from| {
                (from > 0 || matches!(row.when, When::Led))
                    && last[from..].eq_ignore_ascii_case(row.text)
            })
    })
}

/// Whether `name` ends in a word with a trait, however that is joined.
fn ends_with(name: &[u8], with: u8) -> bool {
    let ends = |row: &Word| {
        let from = name.len().checked_sub(row.text.len());
        from.is_some_and(|from| name[from..].eq_ignore_ascii_case(row.text))
    };
    WORDS.iter().any(|row| row.traits & with != 0 && ends(row))
}

/// Whether `word` says nothing without the one before it: `code`, `phrase`.
pub(in crate::redact) fn asks_for_another(word: &[u8]) -> bool {
    let mut lower = [0; LONGEST];
    let rows = rows(in_small_letters(word, &mut lower));
    let after = |row: &Word| matches!(row.when, When::After(_));
    !rows.is_empty() && rows.iter().all(after)
}

/// The rows of `word`.
fn rows(word: &[u8]) -> &'static [Word] {
    let key = last_letters(word);
    let from = KEYS.partition_point(|&other| other < key);
    let rows = &WORDS[from..];
    let same = |row: &&Word| row.text == word;
    let Some(first) = rows.iter().take(ALIKE).position(|row| same(&row)) else {
        return &[];
    };
    let rows = &rows[first..];
    &rows[..rows.iter().take_while(same).count()]
}

/// The row of a word that `word` ends in, run together with what stands before.
fn ending(word: &[u8]) -> Option<&'static Word> {
    let last = usize::from(word.last()? & 31);
    let (from, to) = (ENDS[last], ENDS[last + 1]);
    RUN_TOGETHER[from..to]
        .iter()
        .map(|&at| &WORDS[at])
        .find(|row| word.ends_with(row.text))
}

/// Bytes of the longest word of a table, at least.
const LONGEST: usize = 24;

/// `word` in small letters; nothing, if it is longer than any of the tables.
fn in_small_letters<'a>(word: &[u8], lower: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let Some(lower) = lower.get_mut(..word.len()) else {
        return &[];
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    lower
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::lexicon::name::announces;

    /// A name by which the row is found.
    fn name(row: &Word) -> String {
        let word = String::from_utf8_lossy(row.text);
        match row.when {
            When::Always => word.into_owned(),
            When::Led | When::Joined => format!("shop_{word}"),
            When::After(owners) => {
                format!("{}_{word}", String::from_utf8_lossy(owners.list[0]))
            }
        }
    }

    #[test]
    fn every_row_is_found_and_says_what_it_says() {
        for row in &WORDS {
            let name = name(row);
            assert_eq!(announces(name.as_bytes(), true), row.says, "{name}");
            let run_together = format!("shop{}", String::from_utf8_lossy(row.text));
            if row.joins == Joins::End {
                assert_eq!(announces(run_together.as_bytes(), true), row.says);
            } else if ending(run_together.as_bytes()).is_none() {
                assert_eq!(announces(run_together.as_bytes(), true), None);
            }
        }
    }

    #[test]
    fn no_row_hides_another() {
        for (at, row) in WORDS.iter().enumerate() {
            let hides =
                |other: &&Word| other.text == row.text && matches!(other.when, When::Always);
            assert!(!WORDS[..at].iter().any(|other| hides(&other)), "{row:?}");
            let end = row.joins == Joins::End;
            let other = WORDS.iter().find(|other| {
                end && other.joins == Joins::End
                    && other.says != row.says
                    && other.text != row.text
                    && other.text.ends_with(row.text)
            });
            // Which of the two is met first would be chance.
            assert!(other.is_none(), "{other:?} ends in {row:?}");
        }
    }

    #[test]
    fn no_word_stands_in_a_list_twice() {
        for words in [
            HARMLESS, NEUTRAL, POSTPOSED, PROSE, NOTHING, LEADING, WHOSE, COMMON, COUNTED,
        ] {
            for (at, word) in words.list.iter().enumerate() {
                let word = String::from_utf8_lossy(word);
                assert!(!words.list[..at].contains(&word.as_bytes()), "{word}");
                assert!(word.len() <= LONGEST && words.has_in_any_case(word.as_bytes()));
            }
        }
    }
}
