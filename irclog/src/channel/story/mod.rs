//! One failed request is one story: what says the same again within it is
//! counted beside its first ERROR, and how it ended stands with that.
//!
//! An ERROR of a request waits for the rest of it, but no longer than
//! [`HELD`]. What is not the same goes its own way.

mod dump;
mod folded;
mod head;
mod said;
mod status;

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use log::Level;

pub(super) use self::folded::{Folded, MOST_REQUESTS};
use self::said::{Like, Said, Sameness};
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
    /// Stories of lines that nothing more can be added to.
    told: u64,
}

/// A record whose time has come.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) record: Box<Record>,
    pub(super) seq: Seq,
    pub(super) folded: Box<Folded>,
    /// Slots of what is told with it.
    #[allow(clippy::vec_box, reason = "slots go back as they came")]
    pub(super) free: Vec<Box<Record>>,
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
    known_by: KnownBy,
    /// It goes on for too long to be a request.
    given_up: bool,
}

/// What tells which request a record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownBy {
    /// We are told when it has ended.
    Span,
    Id,
    /// Only by the method and path before the text, which other requests have
    /// as well: those that follow each other are of one.
    Head,
}

/// One error of a request.
#[derive(Debug)]
struct Told {
    said: Said,
    /// What was said first, where a fuller text has taken its place.
    core: Option<Said>,
    /// When it was first logged.
    since: SystemTime,
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
    #[allow(clippy::vec_box, reason = "slots go back as they came")]
    free: Vec<Box<Record>>,
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

/// Different errors of one request that are known: what a service says that
/// dumps a request.
const MOST_ERRORS: usize = 24;

/// The same, while more than [`FEW`] requests are known.
const MOST_ERRORS_OF_MANY: usize = 4;

const FEW: usize = 32;

impl Stories {
    /// Takes what belongs to a story.
    pub(super) fn take(&mut self, record: Box<Record>, seq: Seq, now: Instant) -> Taken {
        let is_error = record.level == Level::Error;
        if !is_error && self.open.is_empty() {
            return Taken::Not(record);
        }
        let Some((key, known_by)) = place(&record) else {
            return Taken::Not(record);
        };
        if known_by == KnownBy::Head {
            self.part_from_told(key, &record);
        }
        let most_errors = if self.open.len() > FEW {
            MOST_ERRORS_OF_MANY
        } else {
            MOST_ERRORS
        };
        if let Some(story) = self.open.get_mut(&key) {
            if now.saturating_duration_since(story.since) < LONGEST {
                return story.take(record, seq, most_errors, now);
            }
            if story.known_by == KnownBy::Span {
                story.given_up = true;
                return Taken::Not(record);
            }
            if story.holds() {
                return Taken::Not(record);
            }
            self.open.remove(&key);
        }
        // What names a status itself waits for none.
        let is_end = known_by == KnownBy::Head && status::is_told_by(&record);
        if !is_error || is_end || !self.has_room() {
            return Taken::Not(record);
        }
        let mut story = Story {
            since: now,
            errors: Vec::new(),
            known_by,
            given_up: false,
        };
        let taken = story.take(record, seq, most_errors, now);
        self.open.insert(key, story);
        taken
    }

    /// An ERROR behind the end of a request is another request's, where only
    /// method and path tell them apart.
    fn part_from_told(&mut self, key: u64, record: &Record) {
        let is_over = |story: &Story| story.has_ended() && status::of(record, |_| false).is_none();
        if record.level == Level::Error && self.open.get(&key).is_some_and(is_over) {
            let story = self.open.remove(&key);
            self.told += 1;
            let key = ids::key(&self.told.to_string(), "told");
            self.open.extend(story.map(|story| (key, story)));
        }
    }

    /// Nothing more comes of this request.
    pub(super) fn end(&mut self, key: u64, ready: &mut Vec<Ready>, now: Instant) {
        if let Some(mut story) = self.open.remove(&key) {
            ready.extend(story.release(key, now, |_| true));
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
        let stories = self.open.iter_mut();
        let mut stories: Vec<Vec<Ready>> = stories
            .map(|(key, story)| story.release(*key, now, &is_due))
            .collect();
        self.open
            .retain(|_, story| story.known_by != KnownBy::Head || story.holds());
        // What is of one request stands together.
        stories.sort_unstable_by_key(|ready| ready.iter().map(|ready| ready.seq).min());
        ready.extend(stories.into_iter().flatten());
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

/// Which request `record` belongs to.
fn place(record: &Record) -> Option<(u64, KnownBy)> {
    if let Some(within) = record.within {
        return Some((within.story.0, KnownBy::Span));
    }
    let sender = &record.sender;
    if let Some(id) = ids::request(&record.text) {
        return Some((ids::key(id, sender), KnownBy::Id));
    }
    let head = head::of(&record.text)?;
    Some((ids::key(head.request, sender), KnownBy::Head))
}

impl Story {
    /// What is due of it, in the order in which it is shown.
    fn release(&mut self, key: u64, now: Instant, is_due: impl Fn(&Held) -> bool) -> Vec<Ready> {
        let due = |error: &&mut Told| error.held.as_ref().is_some_and(&is_due);
        let errors = self.errors.iter_mut().filter(due);
        let mut errors: Vec<Held> = errors.filter_map(|error| error.release(now)).collect();
        errors.sort_by_key(|held| held.seq);
        dump::join(&mut errors);
        if self.known_by == KnownBy::Head {
            // What comes later with the same head is another request's, and how
            // many there are is not known.
            self.errors.retain(Told::is_held);
        } else {
            let all = errors.iter_mut();
            all.for_each(|held| held.folded.requests.push(key));
        }
        errors.into_iter().map(Held::ready).collect()
    }

    /// Whether it is known how its request ended.
    fn has_ended(&self) -> bool {
        let mut held = self.errors.iter().filter_map(|error| error.held.as_ref());
        self.known_by == KnownBy::Head && held.any(|held| held.ending.is_some())
    }

    fn holds(&self) -> bool {
        self.errors.iter().any(Told::is_held)
    }

    fn take(&mut self, record: Box<Record>, seq: Seq, most_errors: usize, now: Instant) -> Taken {
        if self.given_up {
            return Taken::Not(record);
        }
        let said = Said::of(&record);
        let is_error = record.level == Level::Error;
        let like = match (is_error, self.known_by) {
            (true, _) => Like::Error,
            (false, KnownBy::Head) => Like::Whole,
            (false, _) => Like::Most,
        };
        let same = self.errors.iter().enumerate().find_map(|(at, error)| {
            let by_core = || {
                let core = error.core.as_ref().filter(|_| !is_error)?;
                core.compare(&said, like)
            };
            let sameness = error.said.compare(&said, like).or_else(by_core)?;
            Some((at, sameness))
        });
        if let Some((at, sameness)) = same {
            let until = self.until_told(at, now);
            return self.errors[at].repeat(record, said, sameness, seq, until, now);
        }
        if let Some(ending) = status::of(&record, |word| self.knows(word)) {
            return self.end_with(record, ending, seq, now);
        }
        if !is_error || self.errors.len() >= most_errors {
            return Taken::Not(record);
        }
        let held = Held::new(record, seq, now, now + HELD);
        self.errors.push(Told {
            said,
            core: None,
            since: held.record.time,
            shown: None,
            held: Some(held),
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

    /// Which error the request ended with: what went wrong last.
    fn ended_by(&self, record: &Record, ending: Status) -> Option<usize> {
        if self.known_by == KnownBy::Head {
            // Lines of different levels may have overtaken each other, and
            // another request of this route may have gone well.
            let before = self.errors.iter().enumerate().filter(|(_, error)| {
                let held = error.held.as_ref();
                let fits = |held: &Held| held.ending.is_none_or(|known| known.agrees(ending));
                error.since <= record.time && held.is_some_and(fits)
            });
            let last = before.max_by_key(|(at, error)| (error.since, *at));
            return last.map(|(at, _)| at).filter(|_| ending.is_failure());
        }
        let held = self.errors.iter().rposition(Told::is_held);
        held.or_else(|| self.errors.len().checked_sub(1))
    }

    /// The record says how the request ended.
    fn end_with(&mut self, record: Box<Record>, ending: Status, seq: Seq, now: Instant) -> Taken {
        let has_end = self.known_by == KnownBy::Span;
        let Some(at) = self.ended_by(&record, ending) else {
            return Taken::Not(record);
        };
        let error = &mut self.errors[at];
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
    fn is_held(&self) -> bool {
        self.held.is_some()
    }

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
            let core = std::mem::replace(&mut self.said, said);
            self.core.get_or_insert(core);
            held.replace(record)
        } else {
            held.fold(record)
        };
        Taken::Folded(free)
    }

    fn release(&mut self, now: Instant) -> Option<Held> {
        let mut held = self.held.take()?;
        let again = self.shown.map(|shown| now.saturating_duration_since(shown));
        held.folded.again = again.filter(|_| held.folded.repeats > 0);
        self.shown = Some(now);
        Some(held)
    }
}

impl Held {
    fn new(record: Box<Record>, seq: Seq, now: Instant, until: Instant) -> Self {
        let mut folded = Box::<Folded>::default();
        folded.name(&record);
        Self {
            record,
            seq,
            first: now,
            until,
            folded,
            ending: None,
            free: Vec::new(),
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
        // What led to the first of them led to all.
        if let Some(trail) = record.trail.take() {
            self.record.trail = Some(trail);
        }
        self.folded.records[record.level] += 1;
        record
    }

    fn ready(mut self) -> Ready {
        if let Some(ending) = self.ending
            && !ending.insert_into(&mut self.record)
        {
            self.folded.ending = Some(ending);
        }
        Ready {
            record: self.record,
            seq: self.seq,
            folded: self.folded,
            free: self.free,
        }
    }
}
