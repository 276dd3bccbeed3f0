//! From the service's threads to the channel: records, and the counts of what
//! was shed.

use std::sync::Arc;
use std::time::Instant;

use super::Run;
use crate::handle::Shared;
use crate::lanes::CAPACITY;
use crate::loss::{LEVELS, Loss};
use crate::shed::REFILL;

/// Records that change hands at once, while nobody can read the numbers: a
/// fraction of a millisecond.
const BATCH: usize = 256;

impl Run {
    /// Takes the records over from the service's threads.
    ///
    /// No more than the lanes hold: in a storm they never run empty, and the
    /// connection has to be served as well.
    pub(super) fn drain(&mut self, now: Instant) {
        let shared = Arc::clone(&self.worker.shared);
        let lanes = shared.lanes();
        // Before the records: those of a request that has ended are among them.
        self.ended.extend(std::iter::from_fn(|| lanes.ended()));
        let mut left = CAPACITY;
        while left > 0 {
            let most = left.min(BATCH);
            let (taken, any) = shared.take_over(|| {
                let taken = self.take_in(&shared, most, now);
                (taken, self.worker.channel.counts())
            });
            left -= taken;
            if !any {
                break;
            }
        }
        let ended = if left > 0 {
            std::mem::take(&mut self.ended)
        } else {
            Vec::new()
        };
        let channel = &mut self.worker.channel;
        for story in ended {
            channel.end_story(story, now);
        }
        channel.elapse(now);
        while let Some(spare) = self.worker.channel.recycle() {
            lanes.recycle(spare);
        }
        let any = left < CAPACITY;
        if any {
            self.drained_at = now;
        }
        if any && self.collect_at.is_none() || self.collect_at.is_some_and(|at| now >= at) {
            self.collect(now);
            // Records without a call site use no budget.
            if any && self.collect_at.is_none() {
                self.collect_at = Some(now + REFILL);
            }
        }
    }

    /// Takes the counts of what was shed at the source, and gives out new
    /// budgets, for as long as anything is logged.
    pub(super) fn collect(&mut self, now: Instant) {
        let shared = &self.worker.shared;
        let (channel, names) = (&mut self.worker.channel, &self.names);
        let busy = shared.take_over(|| {
            let busy = shared.sites().collect(|level, place, count| {
                channel.shed(level, names.site(level, place), count, now);
            });
            (busy, channel.counts())
        });
        self.collect_at = busy.then_some(now + REFILL);
    }

    /// Moves up to `most` records, and the losses of the lanes, to the channel.
    /// Returns how many records, and whether there may be more: after one that
    /// had to be scrubbed, who waits for the numbers comes first.
    fn take_in(&mut self, shared: &Shared, most: usize, now: Instant) -> (usize, bool) {
        let lanes = shared.lanes();
        let (mut taken, mut work) = (0, false);
        while taken < most
            && !work
            && let Some(mut record) = lanes.pop()
        {
            taken += 1;
            // Whoever logs after `unmute` has sent the command before.
            if record.silences > self.silences || self.switch.is_muted_by_handle() {
                self.heed(now);
            }
            self.names.learn(&record);
            work = self.pem.look_at(&mut record);
            let channel = &mut self.worker.channel;
            if record.silences < shared.silences() {
                channel.dropped(record.level, Loss::Muted, 1, now);
                lanes.recycle(record);
            } else if let Some(spare) = channel.push(record, now) {
                lanes.recycle(spare);
            }
        }
        let channel = &mut self.worker.channel;
        for (level, full) in LEVELS.into_iter().zip(lanes.take_full()) {
            channel.dropped(level, Loss::LaneFull, full, now);
            channel.hidden(level, shared.take_hidden(level));
            channel.dropped(level, Loss::Muted, shared.take_kept_out(level), now);
        }
        (taken, work || taken == most)
    }
}
