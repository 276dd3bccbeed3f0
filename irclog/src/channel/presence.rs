//! That the service is there: a line when it has started, and one when it has
//! long had nothing else to say. Both are irclog's own words, no records.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use log::Level;

use super::figures::{duration, thousands};
use crate::loss::Counts;

/// A start that the channel is told of so late says how long ago it was.
const LATE: Duration = Duration::from_secs(60);
/// How often a start is said again that was not shown.
const MOST_TRIES: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Presence {
    start: Option<Start>,
    /// How long the channel may be still. `None`: for as long as it likes.
    every: Option<Duration>,
    /// Since when nothing was shown, and what had been counted by then; `None`
    /// before the channel was joined.
    still: Option<(Instant, Counts)>,
}

/// That the service has started.
#[derive(Debug, Clone)]
pub(super) struct Start {
    text: String,
    at: Instant,
    tries: u32,
}

impl Presence {
    pub(super) fn new(every: Option<Duration>) -> Self {
        Self {
            every,
            ..Self::default()
        }
    }

    /// The service has started `at`, and is to say so.
    pub(super) fn started(&mut self, text: String, at: Instant) {
        self.start = Some(Start { text, at, tries: 0 });
    }

    /// The channel was joined for the first time.
    pub(super) fn begin(&mut self, counts: &Counts, now: Instant) {
        self.still.get_or_insert((now, *counts));
    }

    /// A line was shown.
    pub(super) fn shown(&mut self, counts: &Counts, now: Instant) {
        if self.still.is_some() {
            self.still = Some((now, *counts));
        }
    }

    /// Whether the start is still to be told.
    pub(super) fn is_new(&self) -> bool {
        self.start.is_some()
    }

    /// When the channel has been still for long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        let (since, _) = self.still.as_ref()?;
        Some(*since + self.every?)
    }

    /// `facilitator 1.4.2 started, task 3f2a`
    pub(super) fn start(&mut self, now: Instant) -> Option<(String, Start)> {
        let start = self.start.take()?;
        let mut text = start.text.clone();
        let ago = now.saturating_duration_since(start.at);
        if ago >= LATE {
            let _ = write!(text, ", {} ago", duration(ago));
        }
        Some((text, start))
    }

    /// It was not shown.
    pub(super) fn give_back(&mut self, mut start: Start) {
        start.tries += 1;
        if start.tries < MOST_TRIES {
            self.start = Some(start);
        }
    }

    /// `1 h: 1,204 records, 3 WARN, nothing lost`. From now on it is still anew.
    pub(super) fn pulse(&mut self, counts: &Counts, now: Instant) -> Option<String> {
        let (since, before) = self.still.replace((now, *counts))?;
        let more = |level: Level| {
            let (now, then) = (&counts[level], &before[level]);
            (now.pushed + now.shed).saturating_sub(then.pushed + then.shed)
        };
        let total = |counts: &Counts| {
            let total = counts.total();
            (total.pushed + total.shed, total.dropped())
        };
        let ((records, lost), (records_then, lost_then)) = (total(counts), total(&before));
        let records = records.saturating_sub(records_then);
        let lost = lost.saturating_sub(lost_then);
        let mut text = format!("{}: ", duration(now.saturating_duration_since(since)));
        let _ = match records {
            0 => write!(text, "no records"),
            1 => write!(text, "1 record"),
            _ => write!(text, "{} records", thousands(records)),
        };
        for level in [Level::Error, Level::Warn] {
            if more(level) > 0 {
                let _ = write!(text, ", {} {level}", thousands(more(level)));
            }
        }
        let _ = match lost {
            0 => write!(text, ", nothing lost"),
            _ => write!(text, ", {} lost", thousands(lost)),
        };
        Some(text)
    }
}

#[cfg(test)]
mod tests;
