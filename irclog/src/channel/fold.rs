//! What waits at one level, and what of it is the same.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::time::{Duration, Instant};

use log::Level;

use super::Seq;
use super::entry::{Entry, FEW_SECONDS, FOLD_INTERVAL, Variety, What, again_at, hash};
use super::kind::{Keys, Kind};
use super::memory::Memory;
use super::slots::Slots;
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
/// [`MAX_KINDS`] are only counted. The same record every few seconds is shown at
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

/// Entries that may wait before a lane is strained: what the slowest known
/// server (a line every two seconds, three records packed in one) takes in 20
/// seconds.
const STRAIN_LENGTH: usize = 32;

/// The length from which WARN and ERROR of one kind share an entry: half of
/// any server's burst.
const URGENT_SHARE_LENGTH: usize = 4;

/// The length from which the same again shares an entry: it is no news, and what
/// is waits behind it.
const SAME_LENGTH: usize = 8;

/// The wait from which an ERROR takes in others of its kind: they come faster
/// than the server takes lines, and another kind may come.
const SHARE_WAIT: Duration = Duration::from_secs(1);

/// The wait at which a lane is strained, if more than [`EASE_LENGTH`] wait.
const STRAIN_WAIT: Duration = Duration::from_secs(5);

/// So many waiting entries are no strain: any server takes them as a burst.
const EASE_LENGTH: usize = 4;

/// Kinds of one call site that wait in a strained lane: more are told as what
/// they are. HTTP's usual status codes are eight.
const MAX_KINDS: usize = 8;

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

    /// Merges all that waits of the same into its first, where many wait; the
    /// place of that.
    fn gather_same(&mut self, newest: usize, same: u64) -> Option<usize> {
        let is_same =
            |entry: &Entry| entry.what == What::Kind && !entry.is_bare() && entry.same == same;
        if self.queue.len() < SAME_LENGTH || !is_same(&self.queue[newest]) {
            return None;
        }
        let first = self.queue.iter().position(is_same)?;
        let key = self.queue[first].key;
        let mut spare = Slots::default();
        let mut at = first + 1;
        while at < self.queue.len() {
            if is_same(&self.queue[at])
                && self.queue[first].takes(&self.queue[at].record)
                && let Some(later) = self.remove(at)
            {
                self.queue[first].merge(later, &mut spare);
            } else {
                at += 1;
            }
        }
        let entry = &self.queue[first];
        (entry.is_fold()).then(|| {
            self.open.insert(key, entry.id);
            first
        })
    }

    /// The place that other kinds of this site are counted in where there is
    /// no room: if there is none yet, what waits last of it becomes that.
    fn gather(&mut self, record: &Record, site: u64) -> Option<usize> {
        if let Some(at) = self.find(!site, record) {
            return Some(at);
        }
        let at = self.queue.iter().rposition(|entry| {
            entry.what == What::Kind
                && !entry.is_bare()
                && entry.site == site
                && entry.record.site == record.site
        })?;
        let entry = &mut self.queue[at];
        let key = std::mem::replace(&mut entry.key, !site);
        entry.gather(&mut Slots::default());
        if self.open.get(&key) == Some(&entry.id) {
            self.open.remove(&key);
        }
        self.open.insert(!site, entry.id);
        Some(at)
    }

    /// Frees a place at the cost of the last site that has two: what it says
    /// last is only counted. Says whether there is one.
    fn make_room(&mut self) -> bool {
        let of_kinds = |entry: &Entry| entry.what == What::Kind && !entry.is_bare();
        let mut sites: HashMap<u64, usize, Keys> = HashMap::default();
        for entry in self.queue.iter().filter(|entry| of_kinds(entry)) {
            *sites.entry(entry.site).or_default() += 1;
        }
        let Some(last) = (self.queue.iter())
            .rposition(|entry| of_kinds(entry) && sites.get(&entry.site) > Some(&1))
        else {
            return false;
        };
        let Some(mut entry) = self.remove(last) else {
            return false;
        };
        let mut spare = Slots::default();
        let Some(at) = self.gather(&entry.record, entry.site) else {
            // Two sites of one key: rather lose nothing.
            self.append(entry);
            return false;
        };
        entry.gather(&mut spare);
        // The last of them stays the last.
        mem::swap(&mut entry.record, &mut self.queue[at].record);
        self.queue[at].merge(entry, &mut spare);
        true
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

    /// Looks at how long records wait, and folds those of one kind when it is
    /// too long. Hands freed slots to `spare`.
    pub(super) fn observe(&mut self, now: Instant, spare: &mut Slots) {
        let ready = self.ready(now).count();
        if ready <= EASE_LENGTH {
            self.strained = false;
            return;
        }
        if self.longest_wait(now) > STRAIN_WAIT || self.is_long() {
            self.strain(spare);
        }
    }

    /// Folds what can be folded, from now until the lane has eased.
    pub(super) fn strain(&mut self, spare: &mut Slots) {
        if mem::replace(&mut self.strained, true) {
            return;
        }
        let mut kept: VecDeque<Entry> = VecDeque::with_capacity(self.queue.len());
        let mut places: HashMap<u64, usize, Keys> = HashMap::default();
        let mut sites: HashMap<u64, usize, Keys> = HashMap::default();
        for mut entry in self.queue.drain(..) {
            let at = places.get(&entry.key).copied();
            if let Some(earlier) = at.and_then(|at| kept.get_mut(at))
                && entry.what == earlier.what
                && earlier.takes(&entry.record)
            {
                earlier.merge(entry, spare);
                continue;
            }
            if entry.what == What::Kind && !entry.is_bare() {
                let kinds = sites.entry(entry.site).or_default();
                *kinds += 1;
                if *kinds > MAX_KINDS {
                    entry.gather(spare);
                    entry.key = !entry.site;
                    if let Some(&at) = places.get(&entry.key)
                        && kept[at].takes(&entry.record)
                    {
                        kept[at].merge(entry, spare);
                        continue;
                    }
                }
            }
            places.insert(entry.key, kept.len());
            kept.push_back(entry);
        }
        self.open = kept.iter().map(|entry| (entry.key, entry.id)).collect();
        self.queue = kept;
    }

    /// Whether a further record of a kind that waits is folded into that.
    pub(super) fn shares(&self) -> bool {
        self.strained || self.is_urgent() && self.queue.len() >= URGENT_SHARE_LENGTH
    }

    /// Whether so many wait that folding should begin.
    pub(super) fn is_overlong(&self) -> bool {
        !self.strained && self.is_long()
    }

    /// Whether a further kind of `site` is only counted.
    fn is_crowded(&self, site: u64) -> bool {
        let of_site = |entry: &&Entry| entry.site == site && entry.what == What::Kind;
        self.strained && self.queue.iter().filter(of_site).count() >= MAX_KINDS
    }

    fn is_urgent(&self) -> bool {
        self.level <= Level::Warn
    }

    /// WARN and ERROR are shown for as long as the wait allows.
    fn is_long(&self) -> bool {
        !self.is_urgent() && self.queue.len() >= STRAIN_LENGTH
    }

    /// The entry to show next.
    pub(super) fn take(&mut self, now: Instant) -> Option<Entry> {
        let at = self.next(now)?;
        let entry = self.remove(at)?;
        if let (Level::Error, Some(&sender)) = (self.level, entry.senders.first()) {
            self.turn += 1;
            self.turns.put(sender, self.turn, now);
        }
        if !entry.is_bare() {
            let folded = entry.is_fold();
            let kind = match entry.what {
                What::Kind | What::Kinds => entry.key,
                What::Again(_) => Kind::of(&entry.record).shape,
            };
            self.kinds.put(kind, Showing { at: now, folded }, now);
            if let Some(series) = self.series.get(entry.same) {
                let shown = Some(now);
                self.series.put(entry.same, Series { shown, ..series }, now);
            }
        }
        Some(entry)
    }

    /// What [`take`](Self::take) would give.
    pub(super) fn peek(&self, now: Instant) -> Option<&Entry> {
        self.next(now).map(|at| &self.queue[at])
    }

    /// In order of time, but where much waits the first of each kind before
    /// what was seen already.
    fn next(&self, now: Instant) -> Option<usize> {
        let mut ready = (self.queue.iter().enumerate()).filter(|(_, entry)| entry.ready <= now);
        let (first, entry) = ready.next()?;
        let waits = now.saturating_duration_since(entry.ready) > FOLD_INTERVAL;
        let in_order = entry.fresh || waits || self.hasty || !self.shares();
        let mut fresh = || ready.find(|(_, entry)| entry.fresh);
        let first = if in_order {
            first
        } else {
            fresh().map_or(first, |(at, _)| at)
        };
        Some(self.by_turn(first, now))
    }

    /// Among errors the turn goes round their senders: before those of one that
    /// has just had it, the first of one that has not.
    fn by_turn(&self, first: usize, now: Instant) -> usize {
        if self.level != Level::Error {
            return first;
        }
        let sender = |entry: &Entry| entry.senders.first().copied();
        let mine = sender(&self.queue[first]);
        let ready = (self.queue.iter().enumerate()).filter(|(_, entry)| entry.ready <= now);
        let others = ready.filter(|(_, entry)| sender(entry) != mine);
        let last = |sender: Option<u64>| sender.and_then(|sender| self.turns.get(sender));
        let next = others
            .map(|(at, entry)| (last(sender(entry)).unwrap_or(0), at))
            .min();
        match next {
            Some((turn, at)) if turn < last(mine).unwrap_or(0) => at,
            _ => first,
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

    /// Lets the newest entry tell what was shed of its site before.
    fn adopt(&mut self) {
        let Some(newest) = self.queue.back() else {
            return;
        };
        let Some(&id) = self.open.get(&newest.site) else {
            return;
        };
        let Some(at) = self.place(id) else { return };
        let bare = &self.queue[at];
        if bare.is_bare()
            && bare.record.site == newest.record.site
            && let Some(bare) = self.remove(at)
            && let Some(newest) = self.queue.back_mut()
        {
            newest.shed += bare.shed;
            newest.first = newest.first.min(bare.first);
        }
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
