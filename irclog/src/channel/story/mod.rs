//! One failed request is one story: what says the same again within it is
//! counted beside its first ERROR, and how it ended stands with that.
//!
//! An ERROR of a request waits for the rest of it, but no longer than
//! [`HELD`]. What is not the same goes its own way.

mod said;
mod status;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use log::Level;

use self::said::{Said, Sameness};
use self::status::Status;
use super::Seq;
use super::kind::Keys;
use crate::ids;
use crate::loss::PerLevel;
use crate::record::Record;

/// The requests in which something has failed, and what they still hold back.
#[derive(Debug, Default)]
pub(super) struct Stories {
    open: HashMap<u64, Story, Keys>,
}

/// What was folded into a record because it belongs to the same story.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Folded {
    /// All of it, by level.
    pub(super) records: PerLevel<u64>,
    /// How often the text was said again.
    pub(super) repeats: u64,
    /// The spans that said it, the first one first.
    pub(super) spans: Vec<&'static str>,
    /// The text was shown before, this long ago.
    pub(super) again: Option<Duration>,
    /// How the request ended, where the text has no place for it.
    pub(super) ending: Option<Status>,
    /// Requests that failed so.
    pub(super) requests: u64,
}

/// A record whose time has come.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) record: Box<Record>,
    pub(super) seq: Seq,
    pub(super) folded: Box<Folded>,
}

/// What became of a record.
#[derive(Debug)]
pub(super) enum Taken {
    /// Nothing: it is nobody's story, or says something else.
    Not(Box<Record>),
    /// It waits.
    Held,
    /// It is counted beside another; its slot is free.
    Folded(Box<Record>),
}

#[derive(Debug)]
struct Story {
    since: Instant,
    errors: Vec<Told>,
    /// Whether we are told when the request has ended.
    has_end: bool,
    /// It goes on for too long to be a request.
    given_up: bool,
}

/// One error of a request.
#[derive(Debug)]
struct Told {
    said: Said,
    /// When it was handed on.
    shown: Option<Instant>,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    record: Box<Record>,
    seq: Seq,
    first: Instant,
    until: Instant,
    folded: Box<Folded>,
    ending: Option<Status>,
}

/// An ERROR waits for the rest of its request no longer: it is on its way
/// after 300 ms, of which some may pass until the worker has it.
pub(super) const HELD: Duration = Duration::from_millis(250);

/// Where nobody tells that a request has ended, its status does: what comes
/// behind that comes at once.
const AFTER_STATUS: Duration = Duration::from_millis(50);

/// How soon it is told that an error was said again which was shown already.
const AGAIN: Duration = Duration::from_secs(10);

/// What goes on for longer is no request, but a task or a whole program.
const LONGEST: Duration = Duration::from_secs(60);

/// Requests that are known at once. Beyond them nothing is held.
const MOST: usize = 256;

/// Different errors of one request that are known.
const MOST_ERRORS: usize = 4;

/// Spans that are named with a text.
const MOST_SPANS: usize = 6;

impl Stories {
    /// Takes what belongs to a story.
    pub(super) fn take(&mut self, record: Box<Record>, seq: Seq, now: Instant) -> Taken {
        let is_error = record.level == Level::Error;
        if !is_error && self.open.is_empty() {
            return Taken::Not(record);
        }
        let (key, has_end) = match record.within {
            Some(within) => (within.story.0, true),
            None => match ids::request(&record.text) {
                Some(id) => (ids::key(id, &record.sender), false),
                None => return Taken::Not(record),
            },
        };
        if let Some(story) = self.open.get_mut(&key) {
            if now.saturating_duration_since(story.since) < LONGEST {
                return story.take(record, seq, now);
            }
            if story.has_end {
                story.given_up = true;
                return Taken::Not(record);
            }
            if story.holds() {
                return Taken::Not(record);
            }
            self.open.remove(&key);
        }
        if !is_error || !self.has_room() {
            return Taken::Not(record);
        }
        let mut story = Story {
            since: now,
            errors: Vec::new(),
            has_end,
            given_up: false,
        };
        let taken = story.take(record, seq, now);
        self.open.insert(key, story);
        taken
    }

    /// Nothing more comes of this request.
    pub(super) fn end(&mut self, key: u64, ready: &mut Vec<Ready>, now: Instant) {
        if let Some(story) = self.open.remove(&key) {
            let errors = story.errors.into_iter();
            ready.extend(errors.filter_map(|mut error| error.release(now)));
        }
    }

    /// What has waited long enough.
    pub(super) fn elapse(&mut self, ready: &mut Vec<Ready>, now: Instant) {
        if self.due().is_some_and(|due| due <= now) {
            self.release(ready, now, |held| held.until <= now);
        }
    }

    /// All that waits.
    pub(super) fn hurry(&mut self, ready: &mut Vec<Ready>, now: Instant) {
        self.release(ready, now, |_| true);
    }

    fn release(&mut self, ready: &mut Vec<Ready>, now: Instant, is_due: impl Fn(&Held) -> bool) {
        let errors = self.open.values_mut().flat_map(|story| &mut story.errors);
        for error in errors {
            if error.held.as_ref().is_some_and(&is_due) {
                ready.extend(error.release(now));
            }
        }
        ready.sort_unstable_by_key(|ready| ready.seq);
    }

    /// When something has waited long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held().map(|held| held.until).min()
    }

    /// When the oldest came that waits.
    pub(super) fn first(&self) -> Option<Instant> {
        self.held().map(|held| held.first).min()
    }

    pub(super) fn oldest(&self) -> Option<Seq> {
        self.held().map(|held| held.seq).min()
    }

    /// Adds the records that wait in here.
    pub(super) fn add_records(&self, records: &mut PerLevel<u64>) {
        for held in self.held() {
            records[held.record.level] += 1;
            held.folded.add_records(records);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        let errors = self.open.values().flat_map(|story| &story.errors);
        errors.filter_map(|error| error.held.as_ref())
    }

    /// Whether another story may be begun; forgets what is over for that.
    fn has_room(&mut self) -> bool {
        if self.open.len() < MOST {
            return true;
        }
        let over = self.open.iter().filter(|(_, story)| !story.holds());
        let oldest = over.min_by_key(|(key, story)| (story.since, **key));
        let Some(key) = oldest.map(|(key, _)| *key) else {
            return false;
        };
        self.open.remove(&key);
        true
    }
}

impl Story {
    fn holds(&self) -> bool {
        self.errors.iter().any(|error| error.held.is_some())
    }

    fn take(&mut self, record: Box<Record>, seq: Seq, now: Instant) -> Taken {
        if self.given_up {
            return Taken::Not(record);
        }
        let said = Said::of(&record);
        let is_error = record.level == Level::Error;
        let same = self.errors.iter().enumerate().find_map(|(at, error)| {
            let sameness = error.said.compare(&said, is_error)?;
            Some((at, sameness))
        });
        if let Some((at, sameness)) = same {
            let until = self.until_told(at, now);
            return self.errors[at].repeat(record, said, sameness, seq, until, now);
        }
        if let Some(ending) = status::of(&record, |word| self.knows(word)) {
            return self.end_with(record, ending, seq, now);
        }
        if !is_error || self.errors.len() >= MOST_ERRORS {
            return Taken::Not(record);
        }
        self.errors.push(Told {
            said,
            shown: None,
            held: Some(Held::new(record, seq, now, now + HELD)),
        });
        Taken::Held
    }

    fn knows(&self, word: u64) -> bool {
        self.errors.iter().any(|error| error.said.has(word))
    }

    /// How long a repetition of this error may wait, once it was shown.
    fn until_told(&self, at: usize, now: Instant) -> Instant {
        let shown = self.errors[at].shown.unwrap_or(now);
        now.max(shown + AGAIN)
    }

    /// The record says how the request ended.
    fn end_with(&mut self, record: Box<Record>, ending: Status, seq: Seq, now: Instant) -> Taken {
        let has_end = self.has_end;
        // What went wrong last is what it ended with.
        let held = self.errors.iter().rposition(|error| error.held.is_some());
        let Some(error) = held
            .or_else(|| self.errors.len().checked_sub(1))
            .map(|at| &mut self.errors[at])
        else {
            return Taken::Not(record);
        };
        if let Some(held) = &mut error.held {
            held.ending = Some(held.ending.unwrap_or_default().or(ending));
            if !has_end {
                held.until = held.until.min(now + AFTER_STATUS);
            }
            return Taken::Folded(held.fold(record));
        }
        let until = if has_end {
            error.shown.unwrap_or(now) + AGAIN
        } else {
            now + AFTER_STATUS
        };
        error.held = Some(Held::new(record, seq, now, now.max(until)));
        Taken::Held
    }
}

impl Told {
    /// The record says the same.
    fn repeat(
        &mut self,
        record: Box<Record>,
        said: Said,
        sameness: Sameness,
        seq: Seq,
        until: Instant,
        now: Instant,
    ) -> Taken {
        let Some(held) = &mut self.held else {
            // Of what was shown already nothing is news but the number.
            self.held = Some(Held::new(record, seq, now, until));
            return Taken::Held;
        };
        held.folded.repeats += 1;
        held.folded.name(&record);
        let is_fuller = sameness == Sameness::Fuller && self.shown.is_none();
        let free = if is_fuller {
            self.said = said;
            held.replace(record)
        } else {
            held.fold(record)
        };
        Taken::Folded(free)
    }

    fn release(&mut self, now: Instant) -> Option<Ready> {
        let held = self.held.take()?;
        let again = self.shown.map(|shown| now.saturating_duration_since(shown));
        self.shown = Some(now);
        Some(held.ready(again))
    }
}

impl Held {
    fn new(record: Box<Record>, seq: Seq, now: Instant, until: Instant) -> Self {
        let mut folded = Box::<Folded>::default();
        folded.name(&record);
        folded.requests = 1;
        Self {
            record,
            seq,
            first: now,
            until,
            folded,
            ending: None,
        }
    }

    /// Counts a record, but shows what is more urgent. Gives back the one that
    /// is not shown.
    fn fold(&mut self, record: Box<Record>) -> Box<Record> {
        if record.level < self.record.level {
            return self.replace(record);
        }
        self.folded.records[record.level] += 1;
        record
    }

    /// Shows `record` in the place of what was there.
    fn replace(&mut self, mut record: Box<Record>) -> Box<Record> {
        std::mem::swap(&mut self.record, &mut record);
        self.folded.records[record.level] += 1;
        record
    }

    fn ready(mut self, again: Option<Duration>) -> Ready {
        self.folded.again = again.filter(|_| self.folded.repeats > 0);
        if let Some(ending) = self.ending
            && !ending.insert_into(&mut self.record)
        {
            self.folded.ending = Some(ending);
        }
        Ready {
            record: self.record,
            seq: self.seq,
            folded: self.folded,
        }
    }
}

impl Folded {
    pub(super) fn add_records(&self, records: &mut PerLevel<u64>) {
        for (level, &count) in self.records.iter() {
            records[level] += count;
        }
    }

    /// About how many bytes it adds to a line.
    pub(super) fn estimate(&self) -> usize {
        const COUNT: usize = " ×12 again in 9 s: ".len();
        const ENDING: usize = " (500 in 3 ms)".len();
        let spans: usize = self.spans.iter().map(|span| span.len() + ", ".len()).sum();
        let count = if self.repeats > 0 { COUNT + spans } else { 0 };
        count + self.ending.map_or(0, |_| ENDING)
    }

    /// Takes in what was folded into another record of the same kind.
    pub(super) fn merge(&mut self, other: &Self) {
        other.add_records(&mut self.records);
        self.repeats += other.repeats;
        self.requests += other.requests;
        self.again = self.again.and(other.again);
    }

    fn name(&mut self, record: &Record) {
        let span = record.within.map_or("", |within| within.span);
        let is_new = !span.is_empty() && !self.spans.contains(&span);
        if is_new && self.spans.len() < MOST_SPANS {
            self.spans.push(span);
        }
    }
}
