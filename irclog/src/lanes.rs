//! The way from the service's threads to the worker: a bounded, lock-free
//! queue per level, recycled slots, and a wake-up that costs nothing while the
//! worker is busy.

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
        if record.text.capacity() > KEPT_CAPACITY {
            record.text = String::new();
        }
        // A full shelf is no loss.
        let _ = self.spares.push(record);
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
mod tests {
    use std::future::Future as _;

    use super::*;
    use crate::line::MAIN;

    fn record(lanes: &Lanes, level: Level, text: &str) {
        if let Some(mut slot) = lanes.slot(level, MAIN.into()) {
            slot.level = level;
            slot.to = MAIN.into();
            slot.text.clear();
            slot.text.push_str(text);
            lanes.push(slot);
        }
    }

    #[test]
    fn urgent_first_then_in_order() {
        let lanes = Lanes::new(1);
        for (level, text) in [
            (Level::Info, "i1"),
            (Level::Error, "e1"),
            (Level::Info, "i2"),
            (Level::Warn, "w1"),
        ] {
            record(&lanes, level, text);
        }
        let order: Vec<String> =
            std::iter::from_fn(|| lanes.pop().map(|record| record.text)).collect();
        assert_eq!(order, ["e1", "w1", "i1", "i2"]);
    }

    #[test]
    fn a_full_lane_counts_and_stays_bounded() {
        let lanes = Lanes::new(1);
        for n in 0..LANE[index(Level::Error)] + 7 {
            record(&lanes, Level::Error, &n.to_string());
        }
        assert_eq!(lanes.waiting()[0], LANE[0] as u64);
        assert_eq!(lanes.full().get(MAIN, Level::Error), 7);
        assert_eq!(lanes.full().take(MAIN, Level::Error), 7);
        assert_eq!(lanes.full().take(MAIN, Level::Error), 0);
        assert_eq!(lanes.pop().map(|record| record.text).as_deref(), Some("0"));
    }

    #[test]
    fn slots_are_reused_and_large_ones_give_their_memory_back() {
        let lanes = Lanes::new(1);
        record(&lanes, Level::Info, "short");
        let used = lanes.pop().unwrap();
        let address = std::ptr::from_ref(&*used);
        lanes.recycle(used);
        let mut again = lanes.slot(Level::Info, MAIN.into()).unwrap();
        assert_eq!(std::ptr::from_ref(&*again), address);
        again.text = "x".repeat(KEPT_CAPACITY * 4);
        lanes.recycle(again);
        assert!(
            lanes
                .slot(Level::Info, MAIN.into())
                .unwrap()
                .text
                .capacity()
                <= KEPT_CAPACITY
        );
    }

    #[test]
    fn a_sleep_is_ended_by_what_is_more_urgent_and_by_a_filled_lane() {
        let wakes = |sleep, level, count: usize| {
            let lanes = Lanes::new(1);
            let mut sleeping = std::pin::pin!(lanes.sleep(sleep));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(sleeping.as_mut().poll(&mut context).is_pending());
            (0..count).for_each(|_| record(&lanes, level, "x"));
            let before = sleeping.as_mut().poll(&mut context).is_ready();
            // The same when it was there before the sleep.
            let mut next = std::pin::pin!(lanes.sleep(sleep));
            assert_eq!(next.as_mut().poll(&mut context).is_ready(), before);
            before
        };
        let half = LANE[index(Level::Info)] / 2;
        for (sleep, level, count, expected) in [
            (Sleep::Light, Level::Trace, 1, true),
            (Sleep::UntilError, Level::Error, 1, true),
            (Sleep::UntilError, Level::Warn, 1, false),
            (Sleep::UntilError, Level::Info, half - 1, false),
            (Sleep::UntilError, Level::Info, half, true),
            (Sleep::Deep, Level::Error, 1, false),
            (Sleep::Deep, Level::Error, LANE[0] / 2, true),
        ] {
            let woken = wakes(sleep, level, count);
            assert_eq!(woken, expected, "{sleep:?} {level} {count}");
        }
    }

    #[test]
    fn no_wake_up_is_lost_between_threads() {
        const RECORDS: usize = 20_000;
        let lanes = std::sync::Arc::new(Lanes::new(1));
        let pusher = {
            let lanes = std::sync::Arc::clone(&lanes);
            std::thread::spawn(move || {
                for n in 0..RECORDS {
                    record(&lanes, Level::Info, "x");
                    if n % 64 == 0 {
                        std::thread::yield_now();
                    }
                }
            })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let mut seen = 0;
            while seen + usize::try_from(lanes.full().get(MAIN, Level::Info)).unwrap() < RECORDS {
                lanes.sleep(Sleep::Light).await;
                while let Some(record) = lanes.pop() {
                    lanes.recycle(record);
                    seen += 1;
                }
            }
        });
        pusher.join().unwrap();
    }
}
