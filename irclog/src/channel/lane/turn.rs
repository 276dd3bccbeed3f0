//! Which entry of a lane comes next, and which comes too late.

use std::time::{Duration, Instant};

use log::Level;

use super::{Lane, Series, Showing};
use crate::channel::entry::{Entry, FOLD_INTERVAL, What};
use crate::channel::kind::Kind;

impl Lane {
    /// The entry to show next.
    pub(in crate::channel) fn take(&mut self, now: Instant) -> Option<Entry> {
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
    pub(in crate::channel) fn peek(&self, now: Instant) -> Option<&Entry> {
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
    pub(in crate::channel) fn expire(&mut self, limit: Instant) -> Vec<Entry> {
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
    pub(in crate::channel) fn shorten(&mut self, keep: usize) -> Vec<Entry> {
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
    pub(in crate::channel) fn close(&mut self, now: Instant) {
        self.hasty = true;
        self.hurry(now);
    }

    /// Lets what is here wait for its interval no longer.
    pub(in crate::channel) fn hurry(&mut self, now: Instant) {
        for entry in &mut self.queue {
            entry.ready = entry.ready.min(now);
        }
    }

    /// Entries that may be shown.
    pub(in crate::channel) fn ready(&self, now: Instant) -> impl Iterator<Item = &Entry> {
        self.queue.iter().filter(move |entry| entry.ready <= now)
    }

    /// How long the longest-waiting entry could have been shown already.
    pub(in crate::channel) fn longest_wait(&self, now: Instant) -> Duration {
        self.ready(now)
            .map(|entry| now.saturating_duration_since(entry.ready))
            .max()
            .unwrap_or_default()
    }

    /// When the next entry may be shown.
    pub(in crate::channel) fn wake_at(&self) -> Option<Instant> {
        self.queue.iter().map(|entry| entry.ready).min()
    }
}
