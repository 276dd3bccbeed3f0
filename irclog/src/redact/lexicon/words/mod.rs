//! Every word that the patterns know, in tables: what announces a secret
//! ([`announcing`]), what stands beside it in a name ([`beside`]), and what
//! stands in a value's place or leads to one ([`values`]).
//!
//! What a text is searched for, letter by letter, is made from the tables when
//! the crate is compiled: see [`ATOMS`].

mod announcing;
mod beside;
mod computed;
mod row;
mod values;

pub(in crate::redact) use self::announcing::{BEGINNING, COMMANDS, SCHEMES, SENTENCES};
pub(in crate::redact) use self::beside::{HARMLESS, NEUTRAL, POSTPOSED, POSTPOSING};
use self::computed::{ALIKE, ENDS, KEYS, RUN_TOGETHER, WORDS, last_letters};
pub(in crate::redact) use self::computed::{ATOMS, IDLE, LETTERED};
pub(in crate::redact) use self::row::{Announces, Words};
use self::row::{CHOSEN, GLUED, Joins, LONGEST, NUMBER, UUID, When, Word, in_small_letters};
pub(in crate::redact) use self::values::{
    AGAIN, COMMON, COOKIE, COUNTED, EXCEPTIONS, FIELDS, HEADER_SCHEMES, IDENTIFIERS, INPUTS,
    JUDGED, LEADING, NODES, NOTHING, NOUNS, ORDINARY, PASSPHRASES, PINNED, PROSE, QUALIFIERS,
    REPORTED, SCRIPTS, SERVICE_COMMANDS, SETTING, STATEMENTS, TRACED, USES, VERDICTS, WEBHOOKS,
    WHOSE,
};

/// What [`ends_spoken`] looks for.
const SPOKEN: [Words; 5] = [SCHEMES, COMMANDS, USES, STATEMENTS, SENTENCES];

/// Whether `before` ends in a word that is looked at although a sentence goes on
/// after it: a scheme, a command.
pub(in crate::redact) fn ends_spoken(before: &[u8]) -> bool {
    /// By last letter, the letters before it.
    static ENDS: [u32; 32] = {
        let (mut ends, mut list) = ([0; 32], 0);
        while list < SPOKEN.len() {
            let mut at = 0;
            while at < SPOKEN[list].list.len() {
                if let [.., second, last] = SPOKEN[list].list[at] {
                    ends[(*last & 31) as usize] |= 1 << (*second & 31);
                }
                at += 1;
            }
            list += 1;
        }
        ends
    };
    let [.., second, last] = *before else {
        return false;
    };
    let ends = |word: &&[u8]| {
        let from = before.len().checked_sub(word.len());
        from.is_some_and(|from| before[from..].eq_ignore_ascii_case(word))
    };
    ENDS[usize::from(last & 31)] >> (second & 31) & 1 != 0
        && SPOKEN.iter().any(|words| words.list.iter().any(ends))
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
