//! The numbers: every record ends in exactly one of them.

use std::fmt;
use std::time::Duration;

use log::Level;

use crate::loss::{Counts, LEVELS, LevelCounts};

pub use crate::loss::Loss;

mod channel;
mod openmetrics;

pub use self::channel::ChannelStats;

/// How the connection is.
///
/// ```
/// assert_eq!(irclog::State::Joined.to_string(), "joined");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum State {
    /// The channel is switched off by the settings.
    #[default]
    Off,
    /// On the way to the server or into the channel.
    Connecting,
    /// In the channel; of several, in one at least.
    Joined,
    /// Waiting before the next try.
    Disconnected,
    /// After `shutdown`.
    Closed,
    /// In a forked child: the channel is its parent's, and nothing that the
    /// child logs goes there.
    Forked,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Off,
        Self::Connecting,
        Self::Joined,
        Self::Disconnected,
        Self::Closed,
    ];
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Joined => "joined",
            Self::Disconnected => "disconnected",
            Self::Closed => "closed",
            Self::Forked => "the parent's (this is a forked child)",
        })
    }
}

/// A snapshot of what became of the records, and of the connection.
///
/// `shown + folded + hidden + shed + dropped + in_flight + queued = logged`, exactly,
/// whenever no other thread is logging at that moment. A record that goes to two
/// channels counts once in each of them, and so twice here: it may be shown in
/// one and be refused by the other. [`channels`](Self::channels) has the numbers
/// of each.
///
/// ```
/// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
/// let stats = handle.stats();
/// let somewhere = stats.shown() + stats.folded() + stats.shed() + stats.dropped();
/// let waiting = stats.in_flight() + stats.queued();
/// assert_eq!(somewhere + stats.hidden() + waiting, stats.logged());
/// ```
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
    pub(crate) channels: Vec<ChannelStats>,
    /// What is not known to be of one of them.
    pub(crate) elsewhere: Counts,
}

impl Stats {
    /// Records at a level that the channel's filter lets through.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} logged", stats.logged());
    /// ```
    #[must_use]
    pub fn logged(&self) -> u64 {
        self.total().logged()
    }

    /// Records that the server acknowledged, each with its own text.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} shown", stats.shown());
    /// ```
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.total().shown()
    }

    /// Records that the server acknowledged as one of the `×n` of another, or
    /// of other kinds of its call site.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} in the count of another", stats.folded());
    /// ```
    #[must_use]
    pub fn folded(&self) -> u64 {
        self.total().folded()
    }

    /// Records that were not shown because nobody wants to see them, as
    /// [`hide`](crate::Builder::hide) and
    /// [`hide_requests`](crate::Builder::hide_requests) say, or because they are
    /// a rule (`=====`) and nothing else.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} hidden", stats.hidden());
    /// ```
    #[must_use]
    pub fn hidden(&self) -> u64 {
        self.total().hidden()
    }

    /// Records that were shown with an ERROR of the same request, as what led to
    /// it: see [`context`](crate::Builder::context). They are in no sum, since
    /// most are at a level that is not shown by itself.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} told what led to an error", stats.context());
    /// ```
    #[must_use]
    pub fn context(&self) -> u64 {
        self.total().context()
    }

    /// Records that were counted at the source instead of formatted. The
    /// channel is told of them as so many more of their call site.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} counted at the source", stats.shed());
    /// ```
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.total().shed()
    }

    /// Records on the wire, not yet acknowledged.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} on the wire", stats.in_flight());
    /// ```
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.total().in_flight()
    }

    /// Records that wait for their turn.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} waiting", stats.queued());
    /// ```
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.total().queued()
    }

    /// Records that will not be shown, for whatever reason.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} lost", stats.dropped());
    /// ```
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.total().dropped()
    }

    /// Dropped records by reason; reasons without any are left out.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// for (reason, count) in stats.dropped_by_reason() {
    ///     println!("{count} {reason}");
    /// }
    /// ```
    pub fn dropped_by_reason(&self) -> impl Iterator<Item = (Loss, u64)> + use<> {
        let total = self.total();
        Loss::ALL
            .into_iter()
            .map(move |reason| (reason, total.dropped_for(reason)))
            .filter(|(_, count)| *count > 0)
    }

    /// The same numbers of one level: how many errors were lost?
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// assert_eq!(errors.dropped(), 0);
    /// ```
    #[must_use]
    pub fn level(&self, level: Level) -> LevelStats {
        LevelStats(self.counts()[level])
    }

    /// The numbers of each channel by itself, in the order of the settings; none
    /// where the channel is off. What still waits to be taken over by irclog's
    /// own thread, for a quarter of a second at most, is in the numbers of all
    /// together only.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// for channel in handle.stats().channels() {
    ///     println!("{}: {} of {} shown", channel.name, channel.total().shown(),
    ///         channel.total().logged());
    /// }
    /// ```
    #[must_use]
    pub fn channels(&self) -> &[ChannelStats] {
        &self.channels
    }

    /// All of it in the text format of `OpenMetrics` 1.0, for the service's own
    /// endpoint: counters `irclog_logged_total`, `irclog_shown_total`,
    /// `irclog_folded_total`, `irclog_hidden_total`, `irclog_shed_total`,
    /// `irclog_context_total` and `irclog_dropped_total`
    /// by level, the last by reason as well, and gauges of what waits, of the
    /// pace and of the state. Where there are several channels, each has its own
    /// series (`channel="#alerts"`), and `irclog_joined` says whether it lets us
    /// in. Its content type is
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let text = handle.stats().openmetrics();
    /// assert!(text.contains("irclog_shown_total{level=\"error\"} 0\n"));
    /// assert!(text.ends_with("# EOF\n"));
    /// ```
    #[must_use]
    pub fn openmetrics(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = openmetrics::write(self, &mut text);
        text
    }

    fn total(&self) -> LevelStats {
        LevelStats(self.counts().total())
    }

    /// Of all channels together.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.elsewhere;
        for channel in &self.channels {
            for level in LEVELS {
                counts[level] += channel.counts[level];
            }
        }
        counts
    }
}

/// The numbers of one level, which add up as those of [`Stats`] do.
///
/// ```
/// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
/// let errors = handle.stats().level(log::Level::Error);
/// println!("{} of {} errors were lost", errors.dropped(), errors.logged());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LevelStats(LevelCounts);

impl LevelStats {
    /// Records at a level that the channel's filter lets through.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} logged", errors.logged());
    /// ```
    #[must_use]
    pub fn logged(&self) -> u64 {
        self.0.pushed + self.0.shed + self.0.lost_before
    }

    /// Records that the server acknowledged, each with its own text.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} shown", errors.shown());
    /// ```
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.0.shown
    }

    /// Records that the server acknowledged as one of the `×n` of another.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} in the count of another", errors.folded());
    /// ```
    #[must_use]
    pub fn folded(&self) -> u64 {
        self.0.folded
    }

    /// Records that were not shown because nobody wants to see them, as
    /// [`hide`](crate::Builder::hide) and
    /// [`hide_requests`](crate::Builder::hide_requests) say.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} hidden", errors.hidden());
    /// ```
    #[must_use]
    pub fn hidden(&self) -> u64 {
        self.0.hidden
    }

    /// Records that were shown with an ERROR of the same request, as what led to
    /// it: see [`context`](crate::Builder::context). They are in no sum, since
    /// most are at a level that is not shown by itself.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let debug = handle.stats().level(log::Level::Debug);
    /// println!("{} told what led to an error", debug.context());
    /// ```
    #[must_use]
    pub fn context(&self) -> u64 {
        self.0.context
    }

    /// Records that were counted at the source instead of formatted. The
    /// channel is told of them in the `×n` of their call site.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} counted at the source", errors.shed());
    /// ```
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.0.shed
    }

    /// Records on the wire, not yet acknowledged.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} on the wire", errors.in_flight());
    /// ```
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.0.in_flight
    }

    /// Records that wait for their turn.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} waiting", errors.queued());
    /// ```
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.0.queued
    }

    /// Records that will not be shown, for whatever reason.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// println!("{} lost", errors.dropped());
    /// ```
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }

    /// Records that will not be shown, for this reason.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let errors = handle.stats().level(log::Level::Error);
    /// assert_eq!(errors.dropped_for(irclog::Loss::Refused), 0);
    /// ```
    #[must_use]
    pub fn dropped_for(&self, reason: Loss) -> u64 {
        self.0.dropped_for(reason)
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
            ": {} logged = {} shown + {} folded + ",
            self.logged(),
            self.shown(),
            self.folded()
        )?;
        if self.hidden() > 0 {
            write!(f, "{} hidden + ", self.hidden())?;
        }
        write!(
            f,
            "{} shed + {} in flight + {} queued + {} dropped",
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
        if self.context() > 0 {
            write!(f, "; {} as context", self.context())?;
        }
        for channel in self.channels.iter().filter(|_| self.channels.len() > 1) {
            match self.state {
                // After the end nobody is in any.
                State::Closed => write!(f, "; {}: {}", channel.name, channel.numbers())?,
                _ => write!(f, "; {channel}")?,
            }
        }
        Ok(())
    }
}

/// What [`Handle::shutdown`](crate::Handle::shutdown) came to.
///
/// ```
/// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
/// let report = handle.shutdown(std::time::Duration::from_secs(5));
/// println!("{report}");
/// ```
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
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let report = handle.shutdown(std::time::Duration::from_secs(5));
    /// assert!(report.is_complete());
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let stats = &self.stats;
        stats.logged() == stats.shown() + stats.folded() + stats.hidden() + stats.shed()
    }

    /// The numbers at the end.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let report = handle.shutdown(std::time::Duration::from_secs(5));
    /// assert_eq!(report.stats().dropped(), 0);
    /// ```
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
