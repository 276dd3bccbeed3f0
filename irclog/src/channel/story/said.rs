//! What a record says, as words: whether another says the same.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::head;
use crate::channel::identifiers::{Kind, identifiers};
use crate::record::Record;

/// The words of a record's own text, by hash, in order: without case, marks
/// and measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    words: Vec<u64>,
    /// Bytes that it has.
    len: usize,
}

/// How one text repeats another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// All that it says was said.
    Nothing,
    /// It says all of that, and a little more.
    Fuller,
}

/// How much of an error another text has to say to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Like {
    /// An error: one of the two has all of the other, in its order.
    Error,
    /// All of it, in its order.
    Whole,
    /// Four in five words.
    Most,
}

/// Words that are compared. A longer text is a dump.
const MOST_WORDS: usize = 1_024;

/// A text with fewer words says too little to be known by some of them.
const ENOUGH: usize = 4;

/// A shorter part of an error could be another error.
const PART: usize = 3;

/// Bytes that another text may have more and be shown in the place of the
/// first: what it was about, typed, in the same line.
const MORE: usize = 240;

/// Words that a text may have beside an error of a few words, and say no more.
const BESIDE: usize = 6;

impl Said {
    pub(super) fn of(record: &Record) -> Self {
        let text = own_text(record);
        let mut words = Vec::new();
        each_word(text, |word| {
            words.push(word);
            words.len() < MOST_WORDS
        });
        Self {
            words,
            len: text.len(),
        }
    }

    /// Whether `later` says the same as this.
    pub(super) fn compare(&self, later: &Self, like: Like) -> Option<Sameness> {
        if self.words.is_empty() {
            return later.words.is_empty().then_some(Sameness::Nothing);
        }
        if self.words == later.words {
            return Some(Sameness::Nothing);
        }
        if later.words.len() >= PART && contains(&self.words, &later.words) {
            return Some(Sameness::Nothing);
        }
        let contained = contains(&later.words, &self.words);
        if like == Like::Error {
            let fuller = contained && self.words.len() >= PART && later.len <= self.len + MORE;
            return fuller.then_some(Sameness::Fuller);
        }
        if self.words.len() < ENOUGH {
            let beside = later.words.len().saturating_sub(self.words.len());
            return (contained && beside <= BESIDE).then_some(Sameness::Nothing);
        }
        if contained || like == Like::Whole {
            return contained.then_some(Sameness::Nothing);
        }
        let known = self.words.iter().filter(|word| later.words.contains(word));
        (known.count() * 5 >= self.words.len() * 4).then_some(Sameness::Nothing)
    }

    pub(super) fn has(&self, word: u64) -> bool {
        self.words.contains(&word)
    }
}

/// The text behind what the spans say, and behind the name of an error.
pub(super) fn own_text(record: &Record) -> &str {
    let from = match record.within {
        Some(within) => within.text,
        None => head::of(&record.text).map_or(0, |head| head.len),
    };
    let text = record.text.get(from..).unwrap_or(&record.text);
    let named = ["error=", "err=", "e=", "exception="];
    let rest = named.iter().find_map(|name| text.strip_prefix(name));
    rest.unwrap_or(text)
}

/// Calls `take` with each word of `text` until it says no.
pub(super) fn each_word(text: &str, mut take: impl FnMut(u64) -> bool) {
    let mut from = 0;
    for found in identifiers(text).filter(|found| found.kind == Kind::Measure) {
        if !words_of(&text[from..found.bytes.start], &mut take) {
            return;
        }
        from = found.bytes.end;
    }
    words_of(&text[from..], &mut take);
}

fn words_of(text: &str, take: &mut impl FnMut(u64) -> bool) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric() || c == '\\') {
        rest = &rest[start..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            // `\n` and `\"` of a text that was written as `Debug` does.
            let skipped = escaped.chars().next().map_or(0, char::len_utf8);
            rest = &escaped[skipped..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric());
        let end = end.unwrap_or(rest.len());
        if !take(hash(&rest[..end])) {
            return false;
        }
        rest = &rest[end..];
    }
    true
}

/// Of a word, whatever its case.
pub(super) fn hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for letter in word.chars().flat_map(char::to_lowercase) {
        letter.hash(&mut hasher);
    }
    hasher.finish()
}

/// Whether `part` stands in `whole`, in one piece.
fn contains(whole: &[u64], part: &[u64]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests;
