//! What waits at one place: a record, with all that were folded into it.

use std::mem;
use std::time::{Duration, Instant};

use log::Level;

use super::Seq;
use super::identifiers::identifiers;
use super::kind::{are_of_one_kind, are_the_same};
use super::slots::Slots;
use super::story::Folded;
use crate::loss::PerLevel;
use crate::record::Record;
use crate::twin::Twin;

/// How often a fold of one kind is shown while it goes on.
pub(super) const FOLD_INTERVAL: Duration = Duration::from_secs(10);

/// A record so late says when it was logged.
pub(super) const LATE: Duration = Duration::from_secs(2);

/// One record that waits, with all that were folded into it.
#[derive(Debug)]
pub(super) struct Entry {
    /// The sample: the first of its kind, but of various kinds the last.
    pub(super) record: Box<Record>,
    pub(super) what: What,
    /// The smallest among the folded.
    pub(super) seq: Seq,
    /// Records in here, the sample included; 0 while only shed ones are.
    pub(super) records: u64,
    /// Records counted at the source, which nobody has read.
    pub(super) shed: u64,
    pub(super) first: Instant,
    pub(super) newest: Instant,
    /// Not to be shown before.
    pub(super) ready: Instant,
    /// Ascending within a lane.
    pub(super) id: u64,
    /// What is folded into it has the same.
    pub(super) key: u64,
    /// Of its text, but for measures.
    pub(super) same: u64,
    pub(super) site: u64,
    /// Who sent what is in here, by hash; no more than [`MAX_SENDERS`].
    pub(super) senders: Vec<u64>,
    /// Nothing of its kind was shown in the last minute, and nothing waits
    /// before it.
    pub(super) fresh: bool,
    /// In what the folded records differ.
    pub(super) variety: Variety,
    /// What was folded into them because it is the same story.
    pub(super) story: Option<Box<Folded>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Records of one kind.
    Kind,
    /// The same record again and again, which was last shown then.
    Again(Instant),
    /// Records of a call site of which too many kinds wait.
    Kinds,
}

/// The identifiers in which records of one kind differ, and some of those
/// records: their texts have to be redacted as a whole.
#[derive(Debug, Default)]
pub(super) struct Variety {
    /// Different values, by hash, of each identifier in its order; empty where
    /// only one record is there.
    pub(super) places: Vec<Values>,
    /// Records beside the sample, with other values.
    #[allow(
        clippy::vec_box,
        reason = "slots travel as boxes, and only the box is moved"
    )]
    pub(super) others: Vec<Box<Record>>,
}

/// The different values of one identifier.
#[derive(Debug, Default)]
pub(super) struct Values {
    known: Vec<u64>,
    /// There are more than are known.
    pub(super) more: bool,
}

/// How soon the same again is told, counted from the last line of it.
const AGAIN_INTERVAL: Duration = Duration::from_secs(60);

/// What comes again within this time goes on. In this time after the last the
/// fold of it is shown, too.
pub(super) const FEW_SECONDS: Duration = Duration::from_secs(10);

/// A fold with so many in one interval is over the highest default pace (two
/// lines a second) on its own.
const HOT: u64 = 20;

/// Senders of one fold that are counted.
const MAX_SENDERS: usize = 64;

/// Identifiers of a text whose values are counted.
const MAX_PLACES: usize = 6;

/// Different values of one that are counted.
const MAX_VALUES: usize = 128;

/// Records kept beside the sample of a fold: a line has room for few more.
const MAX_OTHERS: usize = 7;

/// Longer texts leave no room for more than one value. In bytes.
const MAX_OTHER_TEXT: usize = 1024;

impl Entry {
    pub(super) fn is_fold(&self) -> bool {
        self.records + self.shed > 1
    }

    /// What its record shares with copies for other channels, where nothing was
    /// folded into it.
    pub(super) fn twin(&self) -> Option<&Twin> {
        let alone = self.records == 1 && self.shed == 0;
        self.record.twin.as_ref().filter(|_| alone)
    }

    pub(super) fn is_bare(&self) -> bool {
        self.records == 0
    }

    /// The records in here that came through the lane of `level`, and others of
    /// their stories.
    pub(super) fn add_records(&self, level: Level, records: &mut PerLevel<u64>) {
        records[level] += self.records;
        if let Some(story) = &self.story {
            story.add_records(records);
        }
    }

    /// In how long so many came. Those counted at the source are reported
    /// once an interval at most, so one report stands for all of that time.
    pub(super) fn span(&self, now: Instant) -> Duration {
        if self.shed > 0 && self.newest == self.first {
            now.saturating_duration_since(self.first).min(FOLD_INTERVAL)
        } else {
            self.newest.saturating_duration_since(self.first)
        }
    }

    /// About how many bytes its line will have, behind the tag. Redaction and
    /// marks may still change it.
    pub(super) fn estimate(&self, now: Instant) -> usize {
        const CLOCK: usize = "14:02:10 ".len();
        const SEPARATOR: usize = " - ".len();
        const COUNT: usize = " ×1,532 in 10 s (settle.rs:88)".len();
        const SHED: usize = ", +1,482 more from settle.rs:88".len();
        const KINDS: usize = " of other kinds, last: ".len();
        const VARIED: usize = ", +35".len();
        let late = now.saturating_duration_since(self.newest) > LATE;
        let varied = self.variety.places.iter().filter(|place| place.count() > 1);
        SEPARATOR
            + self.record.sender.len()
            + self.record.site.target.len()
            + self.record.text.len()
            + [
                (late, CLOCK),
                (self.records > 1, COUNT),
                (self.shed > 0, SHED),
                (self.what == What::Kinds, KINDS),
            ]
            .into_iter()
            .map(|(is, bytes)| if is { bytes } else { 0 })
            .sum::<usize>()
            + varied.count() * VARIED
            + self.story.as_ref().map_or(0, |story| story.estimate())
    }

    /// Whether `record` may be folded into this.
    pub(super) fn takes(&self, record: &Record) -> bool {
        match self.what {
            _ if self.is_bare() => false,
            What::Kind => are_of_one_kind(&self.record, record),
            What::Again(_) => are_the_same(&self.record, record),
            What::Kinds => self.record.site == record.site,
        }
    }

    /// Takes in one more record that it [`takes`](Self::takes); gives back a
    /// slot that is free where one is.
    pub(super) fn add(
        &mut self,
        mut record: Box<Record>,
        story: Option<Box<Folded>>,
        now: Instant,
    ) -> Option<Box<Record>> {
        self.records += 1;
        self.newest = now;
        self.add_story(story);
        self.add_sender(hash(&record.sender));
        match self.what {
            What::Again(shown) if self.ready > now => {
                self.ready = again_at(shown, now, self.records);
                Some(record)
            }
            What::Again(_) => Some(record),
            What::Kinds => {
                mem::swap(&mut self.record, &mut record);
                Some(record)
            }
            What::Kind => self.variety.add(&self.record, record),
        }
    }

    /// Takes in a later entry of the same kind, or of another of its site.
    pub(super) fn merge(&mut self, mut later: Self, spare: &mut Slots) {
        self.seq = self.seq.min(later.seq);
        self.records += later.records;
        self.shed += later.shed;
        self.first = self.first.min(later.first);
        self.newest = self.newest.max(later.newest);
        self.ready = self.ready.min(later.ready);
        self.fresh |= later.fresh;
        self.add_story(later.story.take());
        for sender in mem::take(&mut later.senders) {
            self.add_sender(sender);
        }
        if self.what == What::Kinds {
            mem::swap(&mut self.record, &mut later.record);
            spare.put(later.record);
            self.variety.clear(spare);
        } else {
            let others = mem::take(&mut later.variety.others);
            for record in [later.record].into_iter().chain(others) {
                if let Some(free) = self.variety.add(&self.record, record) {
                    spare.put(free);
                }
            }
            self.variety.count_all(&later.variety);
        }
    }

    fn add_story(&mut self, story: Option<Box<Folded>>) {
        match (&mut self.story, story) {
            (Some(mine), Some(other)) => mine.merge(&other),
            (mine @ None, other) => *mine = other,
            (Some(_), None) => {}
        }
    }

    fn add_sender(&mut self, sender: u64) {
        if self.senders.len() < MAX_SENDERS && !self.senders.contains(&sender) {
            self.senders.push(sender);
        }
    }

    /// Makes it the place of all other kinds of its site, as what waits of it
    /// is not the only kind.
    pub(super) fn gather(&mut self, spare: &mut Slots) {
        self.what = What::Kinds;
        self.variety.clear(spare);
    }

    /// Hands its slots back.
    pub(super) fn recycle(mut self, spare: &mut Slots) {
        self.variety.clear(spare);
        spare.put(self.record);
    }
}

/// When the same again is shown, of which there are so many.
pub(super) fn again_at(shown: Instant, newest: Instant, records: u64) -> Instant {
    let interval = if records >= HOT {
        FOLD_INTERVAL
    } else {
        AGAIN_INTERVAL
    };
    (shown + interval).min(newest + FEW_SECONDS)
}

impl Variety {
    /// Counts what `record` differs in, and keeps it if that is new; gives it
    /// back otherwise.
    pub(super) fn add(&mut self, sample: &Record, record: Box<Record>) -> Option<Box<Record>> {
        if self.places.is_empty() {
            self.count(&sample.text);
        }
        let new = self.count(&record.text);
        let keeps = new
            && self.others.len() < MAX_OTHERS
            && record.text.len() <= MAX_OTHER_TEXT
            && record.omitted == 0;
        if keeps {
            self.others.push(record);
            None
        } else {
            Some(record)
        }
    }

    /// Whether a value of `text` was not known.
    fn count(&mut self, text: &str) -> bool {
        let mut new = false;
        for (n, found) in identifiers(text).take(MAX_PLACES).enumerate() {
            if self.places.len() <= n {
                self.places.push(Values::default());
            }
            new |= self.places[n].add(hash(&text[found.bytes]));
        }
        new
    }

    fn count_all(&mut self, other: &Self) {
        for (mine, theirs) in self.places.iter_mut().zip(&other.places) {
            for &value in &theirs.known {
                mine.add(value);
            }
            mine.more |= theirs.more;
        }
    }

    fn clear(&mut self, spare: &mut Slots) {
        self.places.clear();
        for record in self.others.drain(..) {
            spare.put(record);
        }
    }
}

impl Values {
    fn add(&mut self, value: u64) -> bool {
        if self.known.contains(&value) {
            return false;
        }
        if self.known.len() >= MAX_VALUES {
            self.more = true;
            return false;
        }
        self.known.push(value);
        true
    }

    /// How many are known.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }
}

pub(super) fn hash(text: &str) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
