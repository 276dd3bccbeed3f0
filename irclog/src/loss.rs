//! Where every record ends: the reasons for a loss, and the counters.

use std::fmt;
use std::ops::{AddAssign, Index, IndexMut};

use log::Level;

/// Every level, the most urgent first.
pub(crate) const LEVELS: [Level; 5] = [
    Level::Error,
    Level::Warn,
    Level::Info,
    Level::Debug,
    Level::Trace,
];

/// Why a record was not shown.
///
/// ```
/// assert_eq!(irclog::Loss::Refused.to_string(), "refused");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// The service logged faster than the worker could take it over.
    LaneFull,
    /// More waited for the channel than it is given room to wait.
    Backlog,
    /// It waited so long that it was no news any more.
    TooOld,
    /// An outage left more than a digest can say.
    Outage,
    /// The server said no, and mending did not help.
    Refused,
    /// Sent several times, and never proven to be seen.
    Unproven,
    /// The channel was muted.
    Muted,
    /// The service ended first.
    Exit,
}

impl Loss {
    pub(crate) const ALL: [Self; 8] = [
        Self::LaneFull,
        Self::Backlog,
        Self::TooOld,
        Self::Outage,
        Self::Refused,
        Self::Unproven,
        Self::Muted,
        Self::Exit,
    ];

    /// What statistics call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LaneFull => "lane full",
            Self::Backlog => "backlog full",
            Self::TooOld => "too old",
            Self::Outage => "outage",
            Self::Refused => "refused",
            Self::Unproven => "unproven",
            Self::Muted => "muted",
            Self::Exit => "exit",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value for each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PerLevel<T>([T; 5]);

impl<T> PerLevel<T> {
    pub(crate) fn new(make: impl FnMut(Level) -> T) -> Self {
        Self(LEVELS.map(make))
    }

    /// Each level with its value, the most urgent first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (Level, &T)> {
        LEVELS.into_iter().zip(&self.0)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl<T> Index<Level> for PerLevel<T> {
    type Output = T;

    fn index(&self, level: Level) -> &T {
        &self.0[level as usize - 1]
    }
}

impl<T> IndexMut<Level> for PerLevel<T> {
    fn index_mut(&mut self, level: Level) -> &mut T {
        &mut self.0[level as usize - 1]
    }
}

/// How many records of one level are where.
///
/// `shown + folded + hidden + shed + dropped + in_flight + queued` equals
/// `pushed + shed + lost_before`, at any time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LevelCounts {
    /// Given to the channel.
    pub(crate) pushed: u64,
    /// Counted at the source instead of formatted.
    pub(crate) shed: u64,
    /// Dropped before the channel saw them; also among the dropped.
    pub(crate) lost_before: u64,
    /// Acknowledged with a text of their own.
    pub(crate) shown: u64,
    /// Acknowledged as one of the `×n` of another.
    pub(crate) folded: u64,
    /// Not wanted: left out in silence, as the user said.
    pub(crate) hidden: u64,
    /// Acknowledged with an ERROR of the same request, as what led to it. Part
    /// of no sum: the same record may have been shown by itself.
    pub(crate) context: u64,
    /// On the wire, not yet acknowledged.
    pub(crate) in_flight: u64,
    /// Waiting for their turn.
    pub(crate) queued: u64,
    dropped: [u64; Loss::ALL.len()],
}

impl LevelCounts {
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }

    pub(crate) fn dropped_for(&self, reason: Loss) -> u64 {
        self.dropped[reason as usize]
    }

    pub(crate) fn drop_for(&mut self, reason: Loss, count: u64) {
        self.dropped[reason as usize] += count;
    }

    /// Records that were lost before the channel saw them.
    pub(crate) fn lose_before(&mut self, reason: Loss, count: u64) {
        self.lost_before += count;
        self.drop_for(reason, count);
    }

    /// Records that nobody wants to see.
    pub(crate) fn hide(&mut self, count: u64) {
        self.pushed += count;
        self.hidden += count;
    }

    /// Whether nothing was lost in silence.
    #[cfg(test)]
    pub(crate) fn balance(&self) -> bool {
        self.shown + self.folded + self.hidden + self.dropped() + self.in_flight + self.queued
            == self.pushed + self.lost_before
    }
}

impl AddAssign for LevelCounts {
    fn add_assign(&mut self, other: Self) {
        self.pushed += other.pushed;
        self.shed += other.shed;
        self.lost_before += other.lost_before;
        self.shown += other.shown;
        self.folded += other.folded;
        self.hidden += other.hidden;
        self.context += other.context;
        self.in_flight += other.in_flight;
        self.queued += other.queued;
        for (mine, theirs) in self.dropped.iter_mut().zip(other.dropped) {
            *mine += theirs;
        }
    }
}

/// [`LevelCounts`] for every level.
pub(crate) type Counts = PerLevel<LevelCounts>;

impl Counts {
    pub(crate) fn total(&self) -> LevelCounts {
        let mut total = LevelCounts::default();
        for (_, counts) in self.iter() {
            total += *counts;
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_counter_and_name() {
        for reason in Loss::ALL {
            let mut counts = LevelCounts::default();
            counts.drop_for(reason, 3);
            assert_eq!(counts.dropped(), 3);
            for other in Loss::ALL {
                let expected = if other == reason { 3 } else { 0 };
                assert_eq!(counts.dropped_for(other), expected, "{reason} and {other}");
                assert_eq!(other.name() == reason.name(), other == reason);
            }
        }
    }

    #[test]
    fn a_level_finds_its_own_value() {
        let mut values = PerLevel::new(|level| level.to_string());
        values[Level::Trace].push('!');
        for (level, value) in values.iter() {
            assert!(value.starts_with(level.as_str()));
        }
        assert_eq!(values[Level::Trace], "TRACE!");
        assert_eq!(values[Level::Error], "ERROR");
    }

    #[test]
    fn a_missing_record_breaks_the_balance() {
        let mut counts = LevelCounts {
            pushed: 10,
            lost_before: 2,
            shown: 4,
            folded: 3,
            in_flight: 1,
            queued: 1,
            ..LevelCounts::default()
        };
        counts.drop_for(Loss::LaneFull, 3);
        assert!(counts.balance());
        counts.queued = 0;
        assert!(!counts.balance());
    }
}
