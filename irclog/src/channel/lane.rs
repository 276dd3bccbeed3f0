//! What waits at one level.

mod fold;
mod turn;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use log::Level;

use super::Seq;
use super::entry::{Entry, FEW_SECONDS, FOLD_INTERVAL, Variety, What, again_at, hash};
use super::kind::{Keys, Kind};
use super::memory::Memory;
use super::story::Folded;
use crate::loss::PerLevel;
use crate::record::{Record, Site};

/// What became of a record that was pushed.
#[derive(Debug)]
pub(super) enum Pushed {
    Queued,
    /// Counted in an entry that waits; a slot is free again where there is one.
    Folded(Option<Box<Record>>),
    /// Queued, at the price of the oldest.
    Evicted(Box<Entry>),
    /// No room.
    Full(Box<Record>),
}

/// What became of records counted at the source.
#[derive(Debug)]
pub(super) enum Shed {
    Counted,
    /// Counted, at the price of the oldest.
    Evicted(Box<Entry>),
    /// No room even for a count.
    Full,
}

/// The records of one level that wait for the channel.
///
/// Most of the time each is an entry of its own; where some wait, the same again
/// shares one. Once the lane is strained, those of one kind share an entry; a
/// kind that had to be folded once is shown at most every [`FOLD_INTERVAL`]
/// while it goes on; and of a call site with many kinds those beyond
/// `fold::MAX_KINDS` are only counted. The same record every few seconds is shown at
/// once the first time, and then once a minute.
#[derive(Debug)]
pub(super) struct Lane {
    level: Level,
    /// Ascending in id.
    queue: VecDeque<Entry>,
    /// The newest entry of each key.
    open: HashMap<u64, u64, Keys>,
    /// What was shown of each kind.
    kinds: Memory<Showing>,
    /// What goes on again and again.
    series: Memory<Series>,
    /// The last turn of each sender, among errors.
    turns: Memory<u64>,
    turn: u64,
    strained: bool,
    next_id: u64,
    /// Nothing waits for its interval any more.
    hasty: bool,
}

/// When a kind was shown.
#[derive(Debug, Clone, Copy)]
struct Showing {
    at: Instant,
    /// As a fold: it came faster than it could be shown.
    folded: bool,
}

/// The same record, every few seconds.
#[derive(Debug, Clone, Copy)]
struct Series {
    since: Instant,
    newest: Instant,
    shown: Option<Instant>,
}

/// Entries of one level that may wait.
pub(super) const CAPACITY: usize = 256;

/// The wait from which an ERROR takes in others of its kind: they come faster
/// than the server takes lines, and another kind may come.
const SHARE_WAIT: Duration = Duration::from_secs(1);

/// The same again within this time is a burst, not a series.
const MOMENT: Duration = Duration::from_secs(1);

impl Lane {
    pub(super) fn new(level: Level) -> Self {
        Self {
            level,
            queue: VecDeque::new(),
            open: HashMap::default(),
            kinds: Memory::default(),
            series: Memory::default(),
            turns: Memory::default(),
            turn: 0,
            strained: false,
            next_id: 0,
            hasty: false,
        }
    }

    pub(super) fn push(
        &mut self,
        record: Box<Record>,
        story: Option<Box<Folded>>,
        seq: Seq,
        now: Instant,
    ) -> Pushed {
        let kind = Kind::of(&record);
        let again = self.note_again(kind.same, now);
        let (key, what) = match again {
            Some(shown) => (kind.same, What::Again(shown)),
            None => (kind.shape, What::Kind),
        };
        if let Some(at) = self.find(key, &record) {
            let waits = |entry: &Entry| now.saturating_duration_since(entry.ready);
            let shares =
                self.shares() || self.level == Level::Error && waits(&self.queue[at]) >= SHARE_WAIT;
            let at = self.gather_same(at, kind.same).unwrap_or(at);
            let entry = &mut self.queue[at];
            if entry.is_fold() || entry.ready > now || shares {
                return Pushed::Folded(entry.add(record, story, now));
            }
        }
        let mut full = self.queue.len() >= CAPACITY;
        let (mut key, mut what) = (key, what);
        if what == What::Kind && self.is_crowded(kind.site) {
            (key, what) = (!kind.site, What::Kinds);
            if let Some(at) = self.find(key, &record) {
                return Pushed::Folded(self.queue[at].add(record, story, now));
            }
        }
        if full && self.is_urgent() {
            if let Some(at) = self.gather(&record, kind.site) {
                return Pushed::Folded(self.queue[at].add(record, story, now));
            }
            if !self.make_room() {
                return Pushed::Full(record);
            }
            full = false;
        }
        let oldest = if full { self.remove(0) } else { None };
        let shown = self
            .kinds
            .get(if what == What::Kinds { key } else { kind.shape });
        let ready = match (what, shown) {
            _ if self.hasty => now,
            (What::Again(shown), _) => again_at(shown, now, 1),
            (_, Some(shown)) if shown.folded => now.max(shown.at + FOLD_INTERVAL),
            _ => now,
        };
        let senders = vec![hash(&record.sender)];
        let entry = Entry {
            record,
            what,
            seq,
            records: 1,
            shed: 0,
            first: now,
            newest: now,
            ready,
            id: 0,
            key,
            same: kind.same,
            site: kind.site,
            senders,
            fresh: shown.is_none() && !self.open.contains_key(&key),
            variety: Variety::default(),
            story,
        };
        self.append(entry);
        self.adopt();
        oldest.map_or(Pushed::Queued, |oldest| Pushed::Evicted(Box::new(oldest)))
    }

    /// Notes that this record came again. If it goes on, says when it was
    /// last shown.
    fn note_again(&mut self, same: u64, now: Instant) -> Option<Instant> {
        let known = self
            .series
            .get(same)
            .filter(|series| now.saturating_duration_since(series.newest) < FEW_SECONDS);
        let series = Series {
            newest: now,
            ..known.unwrap_or(Series {
                since: now,
                newest: now,
                shown: None,
            })
        };
        self.series.put(same, series, now);
        series
            .shown
            .filter(|_| !self.hasty && now.saturating_duration_since(series.since) >= MOMENT)
    }

    /// Counts records of `site` that were never formatted, beside what waits
    /// of that site or by themselves.
    pub(super) fn shed(
        &mut self,
        site: Site<'_>,
        count: u64,
        seq: Seq,
        now: Instant,
        slot: impl FnOnce() -> Box<Record>,
    ) -> Shed {
        let key = site.key();
        let alike = |entry: &&mut Entry| entry.site == key && entry.record.site.get() == site;
        if let Some(entry) = self.queue.iter_mut().rev().find(alike) {
            entry.shed += count;
            entry.newest = now;
            return Shed::Counted;
        }
        let mut outcome = Shed::Counted;
        if self.queue.len() >= CAPACITY {
            if self.is_urgent() {
                return Shed::Full;
            }
            let oldest = self.remove(0).map(Box::new);
            outcome = oldest.map_or(Shed::Counted, Shed::Evicted);
        }
        let mut record = slot();
        record.site.set(site);
        let ready = if self.hasty { now } else { now + FOLD_INTERVAL };
        self.append(Entry {
            record,
            what: What::Kind,
            seq,
            records: 0,
            shed: count,
            first: now,
            newest: now,
            ready,
            id: 0,
            key,
            same: key,
            site: key,
            senders: Vec::new(),
            fresh: false,
            variety: Variety::default(),
            story: None,
        });
        outcome
    }

    fn is_urgent(&self) -> bool {
        self.level <= Level::Warn
    }

    /// When the oldest record of it was logged.
    pub(super) fn first(&self) -> Option<Instant> {
        let entries = self.queue.iter().filter(|entry| entry.records > 0);
        entries.map(|entry| entry.first).min()
    }

    pub(super) fn oldest(&self) -> Option<Seq> {
        self.queue.iter().map(|entry| entry.seq).min()
    }

    /// Adds the records that wait in here.
    pub(super) fn add_records(&self, records: &mut PerLevel<u64>) {
        for entry in &self.queue {
            entry.add_records(self.level, records);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.queue.iter()
    }

    /// Takes out the entry with this id.
    pub(super) fn remove_of(&mut self, id: u64) -> Option<Entry> {
        let at = self.place(id)?;
        self.remove(at)
    }

    fn append(&mut self, mut entry: Entry) {
        entry.id = self.next_id;
        self.next_id += 1;
        self.open.insert(entry.key, entry.id);
        debug_assert!(
            self.open.len() <= self.queue.len() + 1,
            "no key outlives its entry"
        );
        self.queue.push_back(entry);
    }

    /// The place of the entry that `record` could be folded into.
    fn find(&self, key: u64, record: &Record) -> Option<usize> {
        let id = self.open.get(&key)?;
        let at = self.place(*id)?;
        self.queue[at].takes(record).then_some(at)
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.queue.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    fn remove(&mut self, at: usize) -> Option<Entry> {
        let entry = self.queue.remove(at)?;
        if self.open.get(&entry.key) == Some(&entry.id) {
            self.open.remove(&entry.key);
        }
        Some(entry)
    }
}
