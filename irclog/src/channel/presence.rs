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
mod tests {
    use super::*;
    use crate::loss::Loss;

    const HOUR: Duration = Duration::from_secs(3600);

    fn now() -> Instant {
        crate::channel::tests::start()
    }

    #[test]
    fn a_pulse_says_what_was_counted_while_nothing_was_shown() {
        let now = now();
        let mut presence = Presence::new(Some(HOUR));
        assert_eq!(presence.due(), None, "nobody is there yet");
        let mut counts = Counts::default();
        counts[Level::Info].hide(7);
        presence.begin(&counts, now);
        assert_eq!(presence.due(), Some(now + HOUR));
        let pulse = presence.pulse(&counts, now + HOUR);
        assert_eq!(pulse.as_deref(), Some("1 h: no records, nothing lost"));
        counts[Level::Info].hide(1_201);
        counts[Level::Warn].hide(3);
        let pulse = presence.pulse(&counts, now + 2 * HOUR);
        let wanted = "1 h: 1,204 records, 3 WARN, nothing lost";
        assert_eq!(pulse.as_deref(), Some(wanted));
        counts[Level::Error].pushed += 1;
        counts[Level::Error].drop_for(Loss::TooOld, 1);
        let pulse = presence.pulse(&counts, now + 5 * HOUR);
        assert_eq!(pulse.as_deref(), Some("3 h: 1 record, 1 ERROR, 1 lost"));
    }

    #[test]
    fn whatever_is_shown_puts_the_pulse_off() {
        let now = now();
        let mut presence = Presence::new(Some(HOUR));
        presence.begin(&Counts::default(), now);
        presence.shown(&Counts::default(), now + HOUR / 2);
        assert_eq!(presence.due(), Some(now + HOUR + HOUR / 2));
        let mut never = Presence::new(None);
        never.begin(&Counts::default(), now);
        never.shown(&Counts::default(), now);
        assert_eq!(never.due(), None);
    }

    #[test]
    fn a_start_is_told_once_and_says_when_it_is_late() {
        let now = now();
        let mut presence = Presence::new(None);
        presence.started("pay 1.4.2 started".into(), now);
        let (text, start) = presence.start(now + LATE / 2).unwrap();
        assert_eq!(text, "pay 1.4.2 started");
        assert!(!presence.is_new());
        presence.give_back(start);
        let (text, start) = presence.start(now + 2 * LATE).unwrap();
        assert_eq!(text, "pay 1.4.2 started, 2 min ago");
        presence.give_back(start);
        let (_, start) = presence.start(now).unwrap();
        presence.give_back(start);
        assert!(!presence.is_new(), "the channel does not want it");
    }
}
