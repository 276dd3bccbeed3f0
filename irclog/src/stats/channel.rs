//! The numbers of one channel.

use std::fmt;
use std::time::Duration;

use log::Level;

use super::LevelStats;
use crate::loss::Counts;

/// One of the channels of [`Stats::channels`](crate::Stats::channels): its own
/// numbers, and whether it lets us in.
///
/// ```
/// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
/// for channel in handle.stats().channels() {
///     println!("{}: {} lost", channel.name, channel.total().dropped());
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChannelStats {
    /// Its name, with its prefix character.
    pub name: String,
    /// Whether we are in it.
    pub joined: bool,
    /// How long the oldest record has waited for it that is not on the wire yet.
    pub oldest_queued: Option<Duration>,
    pub(crate) counts: Counts,
}

impl ChannelStats {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            joined: false,
            oldest_queued: None,
            counts: Counts::default(),
        }
    }

    /// The numbers of all levels together.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// for channel in handle.stats().channels() {
    ///     println!("{}: {} shown", channel.name, channel.total().shown());
    /// }
    /// ```
    #[must_use]
    pub fn total(&self) -> LevelStats {
        LevelStats(self.counts.total())
    }

    /// The same, in words.
    pub(super) fn numbers(&self) -> impl fmt::Display {
        Numbers(self.total())
    }

    /// The numbers of one level.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// for channel in handle.stats().channels() {
    ///     println!("{}: {} errors lost", channel.name, channel.level(log::Level::Error).dropped());
    /// }
    /// ```
    #[must_use]
    pub fn level(&self, level: Level) -> LevelStats {
        LevelStats(self.counts[level])
    }
}

impl fmt::Display for ChannelStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outside = if self.joined { "" } else { " (not joined)" };
        write!(f, "{}{outside}: {}", self.name, self.numbers())
    }
}

/// `40 logged, 12 shown, 27 folded, 1 dropped`
struct Numbers(LevelStats);

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(total) = self;
        write!(
            f,
            "{} logged, {} shown, {} folded, {} dropped",
            total.logged(),
            total.shown(),
            total.folded(),
            total.dropped()
        )
    }
}

#[cfg(test)]
mod tests;
