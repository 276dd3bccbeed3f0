//! Many short errors of one request, as services write that dump what they were
//! sent: told together, the one first that names a failure.

use log::Level;

use super::Held;
use super::said::{each_word, hash, own_text};
use crate::channel::parcel::PACKED;
use crate::record::Record;

/// Fewer errors are told one by one.
const MANY: usize = 4;

/// Bytes of an error that is told with others. A longer one has a line of its
/// own.
const SHORT: usize = 200;

/// Bytes of all that are told together: about two lines.
const MOST_BYTES: usize = 700;

/// Words of an error that says what went wrong.
const FAILURES: &[&str] = &[
    "failed", "failure", "error", "invalid", "expired", "reverted", "refused", "denied",
    "rejected", "missing", "expected", "timeout", "cannot", "unable", "exceeds", "panicked",
];

/// Joins those of one request's `errors` that are short. What is joined to
/// another is counted in that; nothing is cut.
pub(super) fn join(errors: &mut Vec<Held>) {
    let Some(first) = errors.iter().find(|held| is_short(held)) else {
        return;
    };
    let context = context(&first.record).to_owned();
    let (mut short, others): (Vec<Held>, Vec<Held>) = std::mem::take(errors)
        .into_iter()
        .partition(|held| is_short(held) && self::context(&held.record) == context);
    if short.len() < MANY {
        errors.extend(short);
        errors.extend(others);
        errors.sort_by_key(|held| held.seq);
        return;
    }
    // How the request ended stands with the cause.
    let ending = short.iter_mut().rev().find_map(|held| held.ending.take());
    let cause = short.iter().position(|held| names_failure(&held.record));
    let mut cause = short.remove(cause.unwrap_or(0));
    cause.ending = ending;
    let mut joined = vec![cause];
    for held in short {
        let last = joined.len() - 1;
        let all = joined[last].record.text.len();
        let len = all + PACKED.len() + own_text(&held.record).len();
        if len <= MOST_BYTES {
            joined[last].take_in(held);
        } else {
            joined.push(held);
        }
    }
    errors.extend(joined);
    errors.extend(others);
}

fn is_short(held: &Held) -> bool {
    let record = &held.record;
    record.level == Level::Error && record.omitted == 0 && own_text(record).len() <= SHORT
}

/// What stands before the text.
fn context(record: &Record) -> &str {
    let text = record.within.map_or(0, |within| within.text);
    record.text.get(..text).unwrap_or_default()
}

fn names_failure(record: &Record) -> bool {
    let mut names = false;
    each_word(own_text(record), |word| {
        names |= FAILURES.iter().any(|failure| hash(failure) == word);
        !names
    });
    names
}

impl Held {
    /// Tells another error with this one.
    fn take_in(&mut self, mut other: Self) {
        // What led to the first of them led to all.
        let trail = other.record.trail.take();
        if self.record.trail.is_none() || other.seq < self.seq {
            self.record.trail = trail.or_else(|| self.record.trail.take());
        }
        self.record.text.push_str(PACKED);
        let text = own_text(&other.record).trim_start();
        // The mark of a list says nothing within a line.
        let text = text.strip_prefix("- ").unwrap_or(text);
        let from = other.record.text.len() - text.len();
        let (text, to) = (text.trim_end(), self.record.text.len());
        self.record.text.push_str(text);
        // What is public of the other one stays so, as far as it is told.
        let told = from..from + text.len();
        for span in &other.record.public {
            let (start, end) = (span.start.max(told.start), span.end.min(told.end));
            if start < end {
                self.record.public.push(start - from + to..end - from + to);
            }
        }
        self.seq = self.seq.min(other.seq);
        self.first = self.first.min(other.first);
        other.folded.add_records(&mut self.folded.records);
        self.folded.records[other.record.level] += 1;
        // How often each was said has no place behind several.
        self.folded.repeats = 0;
        self.free.push(other.record);
        self.free.extend(other.free);
    }
}

#[cfg(test)]
mod tests;
