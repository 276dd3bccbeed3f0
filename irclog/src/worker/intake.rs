//! From the service's threads to the channel: records, and the counts of what
//! was shed.

use std::sync::Arc;
use std::time::Instant;

use super::Run;
use crate::lanes::CAPACITY;
use crate::loss::{LEVELS, Loss};
use crate::shared::Shared;
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
                (taken, self.worker.channels.counts())
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
        let channels = &mut self.worker.channels;
        for story in ended {
            channels.end_story(story, now);
        }
        channels.elapse(now);
        while let Some(spare) = self.worker.channels.recycle() {
            lanes.recycle(spare);
        }
        let any = left < CAPACITY;
        if any {
            self.drained_at = now;
        }
        if any && self.collect_at.is_none() || self.collect_at.is_some_and(|at| now >= at) {
            self.collect(now);
            lanes.tidy();
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
        let (channels, names) = (&mut self.worker.channels, &self.names);
        let all = channels.everyone();
        let filters = shared.filter();
        let busy = shared.take_over(|| {
            let busy = shared.sites().collect(|level, place, count| {
                let site = names.site(level, place);
                // Whose they were, nobody knows of sites without a name.
                let to = filters.of(level, site.target);
                let to = if to.is_empty() { all } else { to };
                channels.shed(to, level, site, count, now);
            });
            (busy, channels.counts())
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
            let channels = &mut self.worker.channels;
            if record.silences < shared.silences() {
                channels.dropped(record.to, record.level, Loss::Muted, 1, now);
                lanes.recycle(record);
            } else if let Some(spare) = channels.push(record, now) {
                lanes.recycle(spare);
            }
        }
        let channels = &mut self.worker.channels;
        for id in channels.ids() {
            let channel = channels.at(id);
            for level in LEVELS {
                channel.dropped(level, Loss::LaneFull, lanes.full().take(id, level), now);
                channel.hidden(level, shared.take_hidden(id, level));
                channel.dropped(level, Loss::Muted, shared.take_kept_out(id, level), now);
            }
        }
        (taken, work || taken == most)
    }
}
