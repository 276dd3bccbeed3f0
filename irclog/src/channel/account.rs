//! What the channel did not see, and when it is told.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime};

use log::Level;

use super::figures::{clock, duration, thousands};
use crate::loss::PerLevel;

/// Losses on the way into one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    lines: PerLevel<u64>,
    since: Option<SystemTime>,
    /// How long the channel was muted.
    silence: Option<Duration>,
}

impl Tally {
    /// Records by level.
    pub(super) fn lines(&self) -> &PerLevel<u64> {
        &self.lines
    }

    fn is_empty(&self) -> bool {
        self.total() == 0 && self.silence.is_none()
    }

    fn total(&self) -> u64 {
        self.lines.iter().map(|(_, count)| count).sum()
    }

    /// `… 1,234 lines not shown since 14:02:10 (1,200 INFO, 34 WARN)`
    pub(super) fn line(&self) -> String {
        let mut line = String::from("…");
        let total = self.total();
        if let Some(silence) = self.silence {
            line.push_str(" muted for ");
            line.push_str(&duration(silence));
            if total == 0 {
                return line;
            }
            line.push(':');
        }
        let plural = if total == 1 { "" } else { "s" };
        let _ = write!(line, " {} line{plural} not shown", thousands(total));
        if let (Some(since), None) = (self.since, self.silence) {
            line.push_str(" since ");
            line.push_str(&clock(since));
        }
        let mut levels: Vec<(Level, u64)> = self
            .lines
            .iter()
            .map(|(level, &count)| (level, count))
            .filter(|&(_, count)| count > 0)
            .collect();
        levels.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let levels: Vec<String> = levels
            .into_iter()
            .map(|(level, count)| format!("{} {level}", thousands(count)))
            .collect();
        let _ = write!(line, " ({})", levels.join(", "));
        line
    }
}

/// Gathers losses until it is time to tell them.
#[derive(Debug, Default)]
pub(super) struct Account {
    untold: Tally,
    /// When the first of the untold was lost.
    first: Option<Instant>,
    last_told: Option<Instant>,
    /// When something came up that does not wait for the interval.
    at_once: Option<Instant>,
    /// The wall clock at a moment, from the records themselves.
    anchor: Option<(Instant, SystemTime)>,
}

/// The channel is told at most so often.
pub(super) const TELL_INTERVAL: Duration = Duration::from_secs(30);

/// Time for the losses of one moment to come together in one line.
const GATHER: Duration = Duration::from_secs(2);

impl Account {
    /// Learns the time of day.
    pub(super) fn anchor(&mut self, now: Instant, time: SystemTime) {
        self.anchor = Some((now, time));
    }

    /// The wall clock at `moment`, if it was ever learnt.
    pub(super) fn time_of_day(&self, moment: Instant) -> Option<SystemTime> {
        let (at, time) = self.anchor?;
        let before = at.saturating_duration_since(moment);
        time.checked_add(moment.saturating_duration_since(at))?
            .checked_sub(before)
    }

    /// Notes that so many were lost, of which the first was logged at `since`.
    pub(super) fn lose(&mut self, level: Level, count: u64, since: Instant, now: Instant) {
        if count == 0 {
            return;
        }
        let since = self.time_of_day(since);
        if self.untold.total() == 0 {
            self.first = Some(now);
            self.untold.since = since;
        }
        self.untold.since = self.untold.since.min(since);
        self.untold.lines[level] += count;
    }

    /// Notes that the channel was muted so long, to be told at once.
    pub(super) fn silent_for(&mut self, silence: Duration, now: Instant) {
        self.add_silence(silence);
        self.at_once = Some(now);
    }

    /// When the next line is due.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.untold.is_empty() {
            return None;
        }
        if self.at_once.is_some() {
            return self.at_once;
        }
        let gathered = self.first.map(|first| first + GATHER);
        let interval = self.last_told.map(|last| last + TELL_INTERVAL);
        gathered.max(interval)
    }

    /// What is left to tell, by level.
    pub(super) fn untold(&self) -> PerLevel<u64> {
        self.untold.lines
    }

    pub(super) fn is_settled(&self) -> bool {
        self.untold.is_empty()
    }

    /// What there is to tell, from now on told.
    pub(super) fn take(&mut self, now: Instant) -> Option<Tally> {
        if self.untold.is_empty() {
            return None;
        }
        self.first = None;
        self.at_once = None;
        self.last_told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }

    /// Takes back what could not be told, for the next time one is due.
    pub(super) fn give_back(&mut self, tally: &Tally) {
        for (level, &count) in tally.lines.iter() {
            self.untold.lines[level] += count;
        }
        self.untold.since = tally.since.or(self.untold.since);
        if let Some(silence) = tally.silence {
            self.add_silence(silence);
        }
    }

    fn add_silence(&mut self, silence: Duration) {
        let before = self.untold.silence.unwrap_or_default();
        self.untold.silence = Some(before + silence);
    }
}

#[cfg(test)]
mod tests;
