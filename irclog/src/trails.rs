//! The last records of each request that is under way, kept in case one of its
//! ERRORs is shown. What is kept costs the channel nothing, and is in no sum.
//!
//! A table of fixed size: the requests that logged last have a place each.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, SystemTime};

use env_filter::Filter;
use log::{Level, LevelFilter, Metadata};

use crate::capture;
use crate::record::Record;
use crate::trail::{MOST, Request, Step, Trail};

/// Which records are kept, and how many of each request.
#[derive(Debug)]
pub(crate) struct Trails {
    filter: Filter,
    /// Records of one request.
    most: usize,
    shards: Box<[Mutex<Shard>]>,
}

/// Requests of which the keys have some bits in common.
#[derive(Debug, Default)]
struct Shard {
    places: [Place; PLACES],
    /// Counts what is done here.
    turn: u64,
}

/// One request.
#[derive(Debug)]
struct Place {
    /// Whose it is; 0 where it is free.
    key: u64,
    /// When its first record was kept.
    since: SystemTime,
    /// The turn of its last.
    used: u64,
    /// A ring, once there are as many as there may be. Slots stay for the
    /// request that has the place next.
    #[expect(clippy::vec_box, reason = "slots travel as boxes")]
    steps: Vec<Box<Step>>,
    /// Where the next goes.
    next: usize,
    /// How many there are, which lie before `next`.
    len: usize,
    /// There were more.
    is_cut: bool,
}

/// Bits of a key that name its shard.
const SHARD_BITS: u32 = 6;
/// Requests of one shard: with 64 shards 256 are known, those that logged
/// last, and each is found by looking at four.
const PLACES: usize = 4;

/// Bytes of one record that are kept. Of these a part is shown; the rest lets
/// the scrubber see a secret whole that begins there. A buffer may have twice as
/// much: with [`MOST`] records of each request the whole table has no more than
/// 10 MiB.
const TEXT_LIMIT: usize = 1024;

/// What came longer before an ERROR did not lead to it, and what is open for
/// longer is no request, but a task or a whole program.
const LONGEST: Duration = Duration::from_secs(60);

/// A shard is held for some nanoseconds. After so many looks whoever holds it
/// does not run at the moment, and may be in the parent of a forked child.
const PATIENCE: usize = 200;

thread_local! {
    /// What this thread formats the next record into.
    static SLOT: Cell<Option<Box<Step>>> = const { Cell::new(None) };
}

impl Trails {
    /// Keeps the last `most` of the records of each request that `filter` lets
    /// through.
    pub(crate) fn new(filter: Filter, most: usize) -> Self {
        let shards = (0..1 << SHARD_BITS).map(|_| Mutex::default());
        Self {
            filter,
            most: most.clamp(1, MOST),
            shards: shards.collect(),
        }
    }

    /// The most verbose level that is kept of any target.
    pub(crate) fn level(&self) -> LevelFilter {
        self.filter.filter()
    }

    /// Whether what is logged so is kept, whatever it says.
    pub(crate) fn wants(&self, metadata: &Metadata<'_>) -> bool {
        self.filter.enabled(metadata)
    }

    /// Whether this record is kept.
    pub(crate) fn admits(&self, record: &log::Record<'_>) -> bool {
        self.filter.matches(record)
    }

    /// Keeps what `write` writes, for the request that `request` finds in it.
    pub(crate) fn keep(
        &self,
        level: Level,
        time: SystemTime,
        write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
        request: impl FnOnce(&str) -> Option<Request>,
    ) {
        self.with_slot(|step| {
            (step.level, step.time) = (level, time);
            step.omitted = capture::write_text(&mut step.text, &mut step.public, TEXT_LIMIT, write);
            request(&step.text)
        });
    }

    /// Keeps a copy of a record that was captured for the channel, without the
    /// first `from` bytes of its text.
    pub(crate) fn copy(&self, request: Request, record: &Record, from: usize) {
        let text = record.text.get(from..).unwrap_or_default();
        let mut end = text.len().min(TEXT_LIMIT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.with_slot(|step| {
            (step.level, step.time) = (record.level, record.time);
            step.text.push_str(&text[..end]);
            step.omitted = text.len() - end + record.omitted;
            let public = record.public.iter().map(|span| {
                let within = |at: usize| at.saturating_sub(from).min(end);
                within(span.start)..within(span.end)
            });
            step.public.extend(public.filter(|span| !span.is_empty()));
            Some(request)
        });
    }

    /// What led to an ERROR of this request that was logged at `time`. Is given
    /// once: of the next ERROR it is what came after this.
    ///
    /// Nobody can tell whose records those are that came in what is open for
    /// long, unless that is a request for certain.
    pub(crate) fn take(&self, request: Request, time: SystemTime) -> Option<Arc<Trail>> {
        let Request { key, is_certain } = request;
        let mut trail = {
            let mut shard = self.shard(key)?;
            let place = shard.places.iter_mut().find(|place| place.key == key)?;
            let age = time.duration_since(place.since).unwrap_or_default();
            if place.len == 0 || !is_certain && age > LONGEST {
                return None;
            }
            place.take(self.most)
        };
        trail.forget(LONGEST, time);
        (!trail.steps.is_empty()).then(|| Arc::new(trail))
    }

    /// Nothing more comes of this request.
    #[cfg(feature = "tracing")]
    pub(crate) fn end(&self, span: u64) {
        let key = span;
        if let Some(mut shard) = self.shard(key)
            && let Some(place) = shard.places.iter_mut().find(|place| place.key == key)
        {
            place.begin(FREE, SystemTime::UNIX_EPOCH);
        }
    }

    /// Keeps what `fill` puts into an empty slot, for the request that it names.
    fn with_slot(&self, fill: impl FnOnce(&mut Step) -> Option<Request>) {
        // There is none while a `Display` logs, nor while the thread ends.
        let slot = SLOT.try_with(Cell::take).ok().flatten();
        let mut step = slot.unwrap_or_else(|| Box::new(Step::empty()));
        step.text.clear();
        step.public.clear();
        let free = match fill(&mut step) {
            Some(request) => self.put(request.key, step),
            None => Some(step),
        };
        let _ = SLOT.try_with(|slot| slot.set(free));
    }

    /// Gives a slot back that is free, where there is one.
    fn put(&self, key: u64, step: Box<Step>) -> Option<Box<Step>> {
        let Some(mut shard) = self.shard(key) else {
            return Some(step);
        };
        shard.turn += 1;
        let turn = shard.turn;
        let place = shard.place_of(key)?;
        if place.key != key {
            place.begin(key, step.time);
        }
        place.used = turn;
        place.put(step, self.most)
    }

    /// `None` where it cannot be had without waiting.
    fn shard(&self, key: u64) -> Option<MutexGuard<'_, Shard>> {
        // Spans are numbered one after the other, by shards.
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let shard = self
            .shards
            .get((mixed >> (u64::BITS - SHARD_BITS)) as usize)?;
        for _ in 0..PATIENCE {
            match shard.try_lock() {
                Ok(shard) => return Some(shard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        None
    }
}

/// The key of a place that is nobody's.
const FREE: u64 = 0;

impl Shard {
    /// The place of this request, or else a free one, or that of the request
    /// that has logged nothing for longest.
    fn place_of(&mut self, key: u64) -> Option<&mut Place> {
        let rank = |place: &&mut Place| match place.key {
            own if own == key => (0, 0),
            FREE => (1, 0),
            _ => (2, place.used),
        };
        self.places.iter_mut().min_by_key(rank)
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            key: FREE,
            since: SystemTime::UNIX_EPOCH,
            used: 0,
            steps: Vec::new(),
            next: 0,
            len: 0,
            is_cut: false,
        }
    }
}

impl Place {
    /// Is another's from here on.
    fn begin(&mut self, key: u64, since: SystemTime) {
        (self.key, self.since) = (key, since);
        self.clear();
    }

    fn clear(&mut self) {
        (self.next, self.len, self.is_cut) = (0, 0, false);
    }

    fn put(&mut self, mut step: Box<Step>, most: usize) -> Option<Box<Step>> {
        let at = self.next;
        self.next = (at + 1) % most;
        self.is_cut |= self.len == most;
        self.len = most.min(self.len + 1);
        if let Some(slot) = self.steps.get_mut(at) {
            mem::swap(slot, &mut step);
            return Some(step);
        }
        self.steps.push(step);
        None
    }

    /// Takes out what is there, the oldest first.
    fn take(&mut self, most: usize) -> Trail {
        let mut steps = mem::take(&mut self.steps);
        if self.len == most {
            steps.rotate_left(self.next);
        }
        steps.truncate(self.len);
        let is_cut = self.is_cut;
        self.clear();
        Trail { steps, is_cut }
    }
}
