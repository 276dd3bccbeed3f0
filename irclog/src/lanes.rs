//! The way from the service's threads to the worker: a bounded, lock-free
//! queue per level, recycled slots, and a wake-up that costs nothing while the
//! worker is busy.

use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering, fence};

use crossbeam_queue::ArrayQueue;
use log::Level;
use tokio::sync::Notify;

use crate::line::ChannelSet;
use crate::record::{Record, StoryId};
use crate::tallies::Tallies;

/// Records a lane holds, from ERROR to TRACE: what may come between two turns
/// of the worker. It takes 20 ms for one while there is work, so that the
/// 4,096 of INFO are 200,000 a second.
const LANE: [usize; LEVELS] = [1_024, 1_024, 4_096, 1_024, 1_024];
pub(crate) const LEVELS: usize = 5;
/// Records that all lanes hold together.
pub(crate) const CAPACITY: usize = LANE[0] + LANE[1] + LANE[2] + LANE[3] + LANE[4];
/// A lane that is filled to one part in so many wakes the worker, however
/// little its records matter: the rest is for what comes until it is awake.
const WAKES_WHEN_FILLED: usize = 2;
/// Ended requests that wait for the worker. What does not fit is not lost:
/// their errors wait no longer than the channel lets them.
const ENDED: usize = 1_024;
/// Slots kept for reuse. A lane's burst comes back at once after a drain.
const SPARES: usize = 4_096;
/// Of those, what stays within reach while the others are put in order: that
/// takes up to 0.1 ms.
const LEFT_OUT: usize = 64;
/// A recycled slot keeps a buffer of up to this many bytes: records beyond it
/// are rare, and their memory is given back.
const KEPT_CAPACITY: usize = 2_048;

/// Position of a level in per-level tables: ERROR is 0.
pub(crate) fn index(level: Level) -> usize {
    level as usize - 1
}

pub(crate) struct Lanes {
    queues: [ArrayQueue<Box<Record>>; LEVELS],
    spares: ArrayQueue<Box<Record>>,
    full: Tallies,
    /// Requests that have ended, of those in which something failed.
    ended: ArrayQueue<StoryId>,
    /// How many levels, from ERROR on, wake the worker: one more than those, or
    /// 0 while it is awake. Set by the worker before it sleeps; whoever clears
    /// it wakes the worker.
    asleep: AtomicU8,
    wake: Notify,
}

/// What the worker sleeps through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// Nothing: the next record may be shown at once.
    Light,
    /// All but an ERROR: another record has its turn first, which is later.
    UntilError,
    /// All: nothing that comes could be shown earlier than what waits.
    Deep,
}

impl Sleep {
    /// Levels that end it, from ERROR on.
    fn ended_by(self) -> usize {
        match self {
            Self::Light => LEVELS,
            Self::UntilError => 1,
            Self::Deep => 0,
        }
    }
}

impl Lanes {
    pub(crate) fn new(channels: usize) -> Self {
        Self {
            queues: LANE.map(ArrayQueue::new),
            spares: ArrayQueue::new(SPARES),
            full: Tallies::new(channels),
            ended: ArrayQueue::new(ENDED),
            asleep: AtomicU8::new(AWAKE),
            wake: Notify::new(),
        }
    }

    /// A slot to fill: a recycled one where there is one. `None` when the lane
    /// of `level` is full: the loss is counted, and nothing needs formatting.
    pub(crate) fn slot(&self, level: Level, to: ChannelSet) -> Option<Box<Record>> {
        if self.queues[index(level)].is_full() {
            self.count_missed(to, level, 1);
            return None;
        }
        Some(
            self.spares
                .pop()
                .unwrap_or_else(|| Box::new(Record::empty())),
        )
    }

    /// Hands a filled slot to the worker. Never waits.
    pub(crate) fn push(&self, record: Box<Record>) {
        let level = record.level;
        if let Err(record) = self.queues[index(level)].push(record) {
            self.count_missed(record.to, level, 1);
            self.recycle(record);
        }
        // Pairs with the fence in `sleep`: either the worker sees the record,
        // or this thread sees that the worker is about to sleep.
        fence(Ordering::SeqCst);
        let asleep = self.asleep.load(Ordering::Relaxed);
        if asleep != AWAKE && self.ends(index(level), usize::from(asleep - ASLEEP)) {
            self.wake();
        }
    }

    /// Whether what the lane holds ends a sleep that `urgent` levels end.
    fn ends(&self, lane: usize, urgent: usize) -> bool {
        let queue = &self.queues[lane];
        if lane < urgent {
            !queue.is_empty()
        } else {
            queue.len() >= queue.capacity() / WAKES_WHEN_FILLED
        }
    }

    /// Tells the worker that nothing more comes of a request in which
    /// something failed: its error waits for that.
    #[cfg(feature = "tracing")]
    pub(crate) fn end_story(&self, story: StoryId) {
        if self.ended.push(story).is_err() {
            return;
        }
        // As in `push`.
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) != AWAKE {
            self.wake();
        }
    }

    /// The next of the requests that have ended. Their records are in the
    /// lanes by then.
    pub(crate) fn ended(&self) -> Option<StoryId> {
        self.ended.pop()
    }

    /// Counts records for which there was no time.
    pub(crate) fn count_missed(&self, to: ChannelSet, level: Level, count: u64) {
        self.full.add(to, level, count);
    }

    /// Takes the oldest record of the most urgent level.
    pub(crate) fn pop(&self) -> Option<Box<Record>> {
        self.queues.iter().find_map(ArrayQueue::pop)
    }

    /// Gives a slot back for reuse.
    pub(crate) fn recycle(&self, mut record: Box<Record>) {
        // Here, where nobody waits, and not when a service's thread fills it.
        record.trail = None;
        if record.text.capacity() > KEPT_CAPACITY {
            record.text = String::new();
        }
        // A full shelf is no loss.
        let _ = self.spares.push(record);
    }

    /// Puts the free slots in the order in which they lie in memory.
    ///
    /// They come back in another order than they went, and a processor fetches
    /// ahead only what is used in a row: else each record of a burst waits for
    /// memory three times as long as its text takes.
    pub(crate) fn tidy(&self) {
        let count = self.spares.len().saturating_sub(LEFT_OUT);
        let free = std::iter::from_fn(|| self.spares.pop());
        let mut free: Vec<_> = free.take(count).collect();
        free.sort_unstable_by_key(|slot| ptr::from_ref::<Record>(slot).addr());
        for slot in free {
            let _ = self.spares.push(slot);
        }
    }

    /// Records that found their lane full.
    pub(crate) fn full(&self) -> &Tallies {
        &self.full
    }

    /// Records that wait for the worker.
    pub(crate) fn waiting(&self) -> [u64; LEVELS] {
        std::array::from_fn(|n| self.queues[n].len() as u64)
    }

    fn wake(&self) {
        if self.asleep.swap(AWAKE, Ordering::AcqRel) != AWAKE {
            self.wake.notify_one();
        }
    }

    /// Makes the next (or the present) [`sleep`](Self::sleep) end, for what
    /// does not come through a lane.
    pub(crate) fn poke(&self) {
        self.wake.notify_one();
    }

    /// Waits until something was pushed that ends this sleep, a lane is half
    /// full, or [`poke`](Self::poke) was called. Comes back at once when it is
    /// so already.
    pub(crate) async fn sleep(&self, sleep: Sleep) {
        let urgent = sleep.ended_by();
        // At most 5 levels.
        #[expect(clippy::cast_possible_truncation, reason = "there are five levels")]
        self.asleep.store(ASLEEP + urgent as u8, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if self.ended.is_empty() && !(0..LEVELS).any(|lane| self.ends(lane, urgent)) {
            self.wake.notified().await;
        }
        self.asleep.store(AWAKE, Ordering::Relaxed);
    }
}

/// Nobody needs to be woken.
const AWAKE: u8 = 0;
/// Asleep, and woken by no level.
const ASLEEP: u8 = 1;

#[cfg(test)]
mod tests;
