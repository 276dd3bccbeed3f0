//! Counts of each channel, by level, from many threads.

use std::sync::atomic::{AtomicU64, Ordering};

use log::Level;

use crate::line::{ChannelId, ChannelSet};
use crate::loss::PerLevel;

/// How many records of a level were meant for a channel.
pub(crate) struct Tallies(Vec<PerLevel<AtomicU64>>);

impl Tallies {
    pub(crate) fn new(channels: usize) -> Self {
        let none = || PerLevel::new(|_| AtomicU64::new(0));
        Self((0..channels).map(|_| none()).collect())
    }

    /// Counts `count` records for each of these channels.
    pub(crate) fn add(&self, to: ChannelSet, level: Level, count: u64) {
        for (counts, _) in
            (self.0.iter().zip(ChannelId::first(self.0.len()))).filter(|&(_, id)| to.contains(id))
        {
            counts[level].fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Takes what was counted since the last call.
    pub(crate) fn take(&self, id: ChannelId, level: Level) -> u64 {
        let counts = self.0.get(id.index());
        counts.map_or(0, |counts| counts[level].swap(0, Ordering::Relaxed))
    }

    /// What was counted and not taken.
    pub(crate) fn get(&self, id: ChannelId, level: Level) -> u64 {
        let counts = self.0.get(id.index());
        counts.map_or(0, |counts| counts[level].load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_own() {
        let tallies = Tallies::new(3);
        let ids: Vec<ChannelId> = ChannelId::first(3).collect();
        tallies.add([ids[0], ids[2]].into_iter().collect(), Level::Warn, 2);
        tallies.add(ids[2].into(), Level::Info, 1);
        assert_eq!(tallies.get(ids[0], Level::Warn), 2);
        assert_eq!(tallies.get(ids[1], Level::Warn), 0);
        assert_eq!(tallies.take(ids[2], Level::Warn), 2);
        assert_eq!(tallies.take(ids[2], Level::Warn), 0);
        assert_eq!(tallies.take(ids[2], Level::Info), 1);
    }
}
