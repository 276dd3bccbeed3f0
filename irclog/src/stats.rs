//! The numbers: every record ends in exactly one of them.

use std::fmt;
use std::time::Duration;

use crate::loss::{Counts, Loss};

/// How the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum State {
    /// The channel is switched off by the settings.
    #[default]
    Off,
    /// On the way to the server or into the channel.
    Connecting,
    /// In the channel.
    Joined,
    /// Waiting before the next try.
    Disconnected,
    /// After `shutdown`.
    Closed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Joined => "joined",
            Self::Disconnected => "disconnected",
            Self::Closed => "closed",
        })
    }
}

/// A snapshot of what became of the records, and of the connection.
///
/// `shown + folded + shed + dropped + in_flight + queued = logged`, exactly,
/// whenever no other thread is logging at that moment.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// How the connection is.
    pub state: State,
    /// Whether the channel is muted.
    pub muted: bool,
    /// The server as the settings name it, empty where the channel is off.
    pub server: String,
    /// The nick that we have, empty before the server gave one.
    pub nick: String,
    /// Lines a second that the server acknowledged, over about half a minute.
    pub rate: f64,
    /// The last round trip through the server's queue.
    pub lag: Option<Duration>,
    /// How long the oldest record has waited that is not on the wire yet.
    pub oldest_queued: Option<Duration>,
    pub(crate) counts: Counts,
}

impl Stats {
    /// Records at a level that the channel's filter lets through.
    #[must_use]
    pub fn logged(&self) -> u64 {
        let total = self.counts.total();
        total.pushed + total.shed + total.lost_before
    }

    /// Records that the server acknowledged, each with its own text.
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.counts.total().shown
    }

    /// Records that the server acknowledged as one of the `×n` of another, or
    /// of other kinds of its call site.
    #[must_use]
    pub fn folded(&self) -> u64 {
        self.counts.total().folded
    }

    /// Records that were counted at the source instead of formatted. The
    /// channel is told of them as so many more of their call site.
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.counts.total().shed
    }

    /// Records on the wire, not yet acknowledged.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.counts.total().in_flight
    }

    /// Records that wait for their turn.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.counts.total().queued
    }

    /// Records that will not be shown, for whatever reason.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.counts.total().dropped()
    }

    /// Dropped records by reason, in words; reasons without any are left out.
    pub fn dropped_by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let total = self.counts.total();
        Loss::ALL
            .into_iter()
            .map(move |reason| (reason.name(), total.dropped_for(reason)))
            .filter(|(_, count)| *count > 0)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state)?;
        if !self.nick.is_empty() {
            write!(f, " as {}", self.nick)?;
        }
        if self.muted {
            f.write_str(", muted")?;
        }
        write!(
            f,
            ": {} logged = {} shown + {} folded + {} shed + {} in flight + {} queued + {} dropped",
            self.logged(),
            self.shown(),
            self.folded(),
            self.shed(),
            self.in_flight(),
            self.queued(),
            self.dropped()
        )?;
        for (n, (reason, count)) in self.dropped_by_reason().enumerate() {
            write!(f, "{}{count} {reason}", if n == 0 { " (" } else { ", " })?;
        }
        if self.dropped() > 0 {
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// What [`Handle::shutdown`](crate::Handle::shutdown) came to.
#[derive(Debug, Clone)]
pub struct Report {
    stats: Stats,
}

impl Report {
    pub(crate) fn new(stats: Stats) -> Self {
        Self { stats }
    }

    /// Whether every record that was logged has been shown, by itself or in a
    /// count, and acknowledged.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let stats = &self.stats;
        stats.logged() == stats.shown() + stats.folded() + stats.shed()
    }

    /// The numbers at the end.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stats.fmt(f)
    }
}
