//! What waits at one level, and what of it is the same.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::time::{Duration, Instant};

use log::Level;

use super::Seq;
use super::parcel::LATE;
use super::site::{Keys, site_key, text_key};
use super::slots::Slots;
use crate::record::{Record, Site};

/// One record that waits, with all that were folded into it.
#[derive(Debug)]
pub(super) struct Entry {
    /// The sample: the first of its kind.
    pub(super) record: Box<Record>,
    /// The smallest among the folded.
    pub(super) seq: Seq,
    /// Records in here, the sample included; 0 while only shed ones are.
    pub(super) records: u64,
    /// Records counted at the source.
    pub(super) shed: u64,
    pub(super) first: Instant,
    pub(super) newest: Instant,
    /// Not to be shown before.
    ready: Instant,
    /// Ascending within a lane.
    id: u64,
    key: u64,
    site: u64,
}

impl Entry {
    pub(super) fn is_fold(&self) -> bool {
        self.records + self.shed > 1
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

    fn is_bare(&self) -> bool {
        self.records == 0
    }

    /// About how many bytes its line will have, behind the tag. Redaction and
    /// marks may still change it.
    pub(super) fn estimate(&self, now: Instant) -> usize {
        const CLOCK: usize = "14:02:10 ".len();
        const SEPARATOR: usize = " - ".len();
        const COUNT: usize = " ×1,532 in 10 s (settle.rs:88)".len();
        let count = if self.is_fold() { COUNT } else { 0 };
        let late = now.saturating_duration_since(self.newest) > LATE;
        let clock = if late { CLOCK } else { 0 };
        clock + self.record.site.target.len() + SEPARATOR + self.record.text.len() + count
    }
}

/// What became of a record that was pushed.
#[derive(Debug)]
pub(super) enum Pushed {
    Queued,
    /// Counted in an entry that waits; the slot is free again.
    Folded(Box<Record>),
    /// Queued, at the price of the oldest.
    Evicted(Entry),
    /// No room.
    Full(Box<Record>),
}

/// What became of records counted at the source.
#[derive(Debug)]
pub(super) enum Shed {
    Counted,
    /// Counted, at the price of the oldest.
    Evicted(Entry),
    /// No room even for a count.
    Full,
}

/// The records of one level that wait for the channel.
///
/// Most of the time each is an entry of its own. Once the lane is strained,
/// those of one call site share an entry, and a site that had to be folded
/// once is shown at most every [`FOLD_INTERVAL`] while it goes on.
#[derive(Debug)]
pub(super) struct Lane {
    /// Ascending in id.
    queue: VecDeque<Entry>,
    /// The newest entry of each key.
    open: HashMap<u64, u64, Keys>,
    /// When a fold of the key was last taken.
    folded: HashMap<u64, Instant, Keys>,
    strained: bool,
    next_id: u64,
    capacity: usize,
    fold: bool,
    /// Nothing waits for its interval any more.
    hasty: bool,
    sameness: Sameness,
}

/// When two records of one call site are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sameness {
    /// Always: INFO and below.
    Site,
    /// If their texts are: WARN and ERROR.
    Text,
}

/// How often a fold of one call site is shown while it goes on.
pub(super) const FOLD_INTERVAL: Duration = Duration::from_secs(10);

/// Entries that may wait before a lane is strained: what the slowest known
/// server (a line every two seconds, three records packed in one) takes in 20
/// seconds.
const STRAIN_LENGTH: usize = 32;

/// The same for WARN and ERROR, where only equal texts are folded: half of
/// any server's burst.
const STRAIN_LENGTH_BY_TEXT: usize = 4;

/// The wait at which a lane is strained, if more than [`EASE_LENGTH`] wait.
const STRAIN_WAIT: Duration = Duration::from_secs(5);

/// So many waiting entries are no strain: any server takes them as a burst.
const EASE_LENGTH: usize = 4;

/// A site that fills a fold with so many in one interval is over the highest
/// default pace (two lines a second) on its own.
const HOT: u64 = 20;

/// Sites remembered as folded. Bounds memory; a forgotten one is only shown
/// sooner.
const MAX_FOLDED: usize = 512;

impl Lane {
    pub(super) fn new(level: Level, capacity: usize, fold: bool) -> Self {
        Self {
            queue: VecDeque::new(),
            open: HashMap::default(),
            folded: HashMap::default(),
            strained: false,
            next_id: 0,
            capacity,
            fold,
            hasty: false,
            sameness: if level <= Level::Warn {
                Sameness::Text
            } else {
                Sameness::Site
            },
        }
    }

    pub(super) fn push(&mut self, mut record: Box<Record>, seq: Seq, now: Instant) -> Pushed {
        let site = site_key(&record);
        let key = if self.sameness == Sameness::Text {
            text_key(site, &record.text)
        } else {
            site
        };
        if let Some(at) = self.find(key, &record) {
            let joins = {
                let entry = &self.queue[at];
                entry.is_bare()
                    || self.fold && (entry.is_fold() || entry.ready > now || self.is_strained())
            };
            if joins {
                let entry = &mut self.queue[at];
                if entry.is_bare() {
                    mem::swap(&mut entry.record, &mut record);
                    entry.seq = seq;
                }
                entry.records += 1;
                entry.newest = now;
                return Pushed::Folded(record);
            }
        }
        if self.queue.len() >= self.capacity {
            if self.sameness == Sameness::Site {
                let oldest = self.remove(0);
                self.append(record, seq, 1, now, (key, site));
                return oldest.map_or(Pushed::Queued, Pushed::Evicted);
            }
            let alike = |entry: &&mut Entry| {
                entry.site == site && entry.record.site.get() == record.site.get()
            };
            return match self.queue.iter_mut().rev().find(alike) {
                Some(entry) if self.fold => {
                    entry.records += 1;
                    entry.newest = now;
                    Pushed::Folded(record)
                }
                _ => Pushed::Full(record),
            };
        }
        self.append(record, seq, 1, now, (key, site));
        Pushed::Queued
    }

    /// Counts records of `site` that were never formatted, in the entry of
    /// that site or in one without a sample.
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
        if self.queue.len() >= self.capacity {
            if self.sameness == Sameness::Text {
                return Shed::Full;
            }
            outcome = self.remove(0).map_or(Shed::Counted, Shed::Evicted);
        }
        let mut record = slot();
        record.site.set(site);
        self.append(record, seq, 0, now, (key, key));
        if let Some(entry) = self.queue.back_mut() {
            entry.shed = count;
            if !self.hasty {
                entry.ready = entry.ready.max(now + FOLD_INTERVAL);
            }
        }
        outcome
    }

    /// Looks at how long records wait, and folds those of one site when it is
    /// too long. Hands freed slots to `spare`.
    pub(super) fn observe(&mut self, now: Instant, spare: &mut Slots) {
        let ready = self.ready(now).count();
        if ready <= EASE_LENGTH {
            self.strained = false;
            return;
        }
        let waits = self
            .ready(now)
            .any(|entry| now.saturating_duration_since(entry.ready) > STRAIN_WAIT);
        if self.fold && (waits || self.queue.len() >= STRAIN_LENGTH) {
            self.strain(spare);
        }
    }

    /// Folds what can be folded, from now until the lane has eased.
    pub(super) fn strain(&mut self, spare: &mut Slots) {
        if mem::replace(&mut self.strained, true) || !self.fold {
            return;
        }
        let mut kept: VecDeque<Entry> = VecDeque::with_capacity(self.queue.len());
        let mut places: HashMap<u64, usize, Keys> = HashMap::default();
        for entry in self.queue.drain(..) {
            let at = places.get(&entry.key).copied();
            match at.and_then(|at| kept.get_mut(at)) {
                Some(earlier)
                    if self.sameness == Sameness::Text
                        && earlier.record.text != entry.record.text =>
                {
                    kept.push_back(entry);
                }
                Some(earlier) if earlier.record.site.get() == entry.record.site.get() => {
                    spare.put(earlier.merge(entry));
                }
                _ => {
                    places.insert(entry.key, kept.len());
                    kept.push_back(entry);
                }
            }
        }
        self.open = kept.iter().map(|entry| (entry.key, entry.id)).collect();
        self.queue = kept;
    }

    /// Whether a push must not make a further entry of a known site.
    pub(super) fn is_strained(&self) -> bool {
        self.strained
            || self.sameness == Sameness::Text && self.queue.len() >= STRAIN_LENGTH_BY_TEXT
    }

    /// Whether so many wait that folding should begin.
    pub(super) fn is_overlong(&self) -> bool {
        self.fold
            && !self.strained
            && self.sameness == Sameness::Site
            && self.queue.len() >= STRAIN_LENGTH
    }

    /// The entry to show next: the oldest that may be shown, or the newest of
    /// all.
    pub(super) fn take(&mut self, order: Order, now: Instant) -> Option<Entry> {
        let at = match order {
            Order::Oldest => self.queue.iter().position(|entry| entry.ready <= now)?,
            Order::Newest => self.queue.len().checked_sub(1)?,
        };
        let strained = self.is_strained();
        let entry = self.remove(at)?;
        if entry.is_fold() && (strained || entry.records + entry.shed >= HOT) {
            self.remember_fold(entry.key, now);
        }
        Some(entry)
    }

    /// What [`take`](Self::take) would give.
    pub(super) fn peek(&self, order: Order, now: Instant) -> Option<&Entry> {
        match order {
            Order::Oldest => self.queue.iter().find(|entry| entry.ready <= now),
            Order::Newest => self.queue.back(),
        }
    }

    /// Takes out every entry whose newest record came before `limit`.
    pub(super) fn expire(&mut self, limit: Instant) -> Vec<Entry> {
        let mut expired = Vec::new();
        let mut at = 0;
        while at < self.queue.len() {
            if self.queue[at].newest < limit {
                expired.extend(self.remove(at));
            } else {
                at += 1;
            }
        }
        expired
    }

    /// Takes out those that were quiet for longest until `keep` are left.
    pub(super) fn shorten(&mut self, keep: usize) -> Vec<Entry> {
        let excess = self.queue.len().saturating_sub(keep);
        let mut quiet: Vec<(Instant, u64)> = self
            .queue
            .iter()
            .map(|entry| (entry.newest, entry.id))
            .collect();
        quiet.sort_unstable();
        (quiet.into_iter().take(excess))
            .filter_map(|(_, id)| {
                let at = self.place(id)?;
                self.remove(at)
            })
            .collect()
    }

    /// Lets nothing wait for its interval ever again.
    pub(super) fn close(&mut self, now: Instant) {
        self.hasty = true;
        self.hurry(now);
    }

    /// Lets what is here wait for its interval no longer.
    pub(super) fn hurry(&mut self, now: Instant) {
        for entry in &mut self.queue {
            entry.ready = entry.ready.min(now);
        }
    }

    /// Entries that may be shown.
    pub(super) fn ready(&self, now: Instant) -> impl Iterator<Item = &Entry> {
        self.queue.iter().filter(move |entry| entry.ready <= now)
    }

    /// How long the longest-waiting entry could have been shown already.
    pub(super) fn longest_wait(&self, now: Instant) -> Duration {
        self.ready(now)
            .map(|entry| now.saturating_duration_since(entry.ready))
            .max()
            .unwrap_or_default()
    }

    /// When the oldest record of it was logged.
    pub(super) fn first(&self) -> Option<Instant> {
        let entries = self.queue.iter().filter(|entry| entry.records > 0);
        entries.map(|entry| entry.first).min()
    }

    /// When the next entry may be shown.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.queue.iter().map(|entry| entry.ready).min()
    }

    pub(super) fn oldest(&self) -> Option<Seq> {
        self.queue.iter().map(|entry| entry.seq).min()
    }

    pub(super) fn records(&self) -> u64 {
        self.queue.iter().map(|entry| entry.records).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// About how many bytes all of it will have.
    pub(super) fn estimate(&self, now: Instant) -> usize {
        self.queue.iter().map(|entry| entry.estimate(now)).sum()
    }

    fn append(
        &mut self,
        record: Box<Record>,
        seq: Seq,
        records: u64,
        now: Instant,
        (key, site): (u64, u64),
    ) {
        let id = self.next_id;
        self.next_id += 1;
        let folded = self.folded.get(&key).filter(|_| !self.hasty);
        let resumes = folded.map(|&last| last + FOLD_INTERVAL);
        self.open.insert(key, id);
        debug_assert!(
            self.open.len() <= self.queue.len() + 1,
            "no key outlives its entry"
        );
        self.queue.push_back(Entry {
            record,
            seq,
            records,
            shed: 0,
            first: now,
            newest: now,
            ready: resumes.map_or(now, |resumes| resumes.max(now)),
            id,
            key,
            site,
        });
    }

    /// The place of the entry that `record` could be folded into.
    fn find(&self, key: u64, record: &Record) -> Option<usize> {
        let id = self.open.get(&key)?;
        let at = self.place(*id)?;
        let entry = &self.queue[at];
        let same_text = self.sameness == Sameness::Site || entry.record.text == record.text;
        (same_text && entry.record.site.get() == record.site.get()).then_some(at)
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

    fn remember_fold(&mut self, key: u64, now: Instant) {
        if self.folded.len() >= MAX_FOLDED {
            self.folded
                .retain(|_, last| now.saturating_duration_since(*last) < FOLD_INTERVAL);
            if self.folded.len() >= MAX_FOLDED {
                self.folded.clear();
            }
        }
        self.folded.insert(key, now);
    }
}

/// Which entry of a lane comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The first that may be shown.
    Oldest,
    /// The last, whether or not it waits for its interval.
    Newest,
}

impl Entry {
    /// Takes in a later entry of the same kind; gives back the free slot.
    fn merge(&mut self, mut later: Entry) -> Box<Record> {
        if self.is_bare() {
            mem::swap(&mut self.record, &mut later.record);
        }
        self.seq = self.seq.min(later.seq);
        self.records += later.records;
        self.shed += later.shed;
        self.newest = self.newest.max(later.newest);
        self.ready = self.ready.min(later.ready);
        later.record
    }
}
