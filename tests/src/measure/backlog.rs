//! How fast a constant backlog is shown, and whether all of it is accounted
//! for.

use std::fmt;
use std::time::Duration;

use super::{NICK, Place, Subject, losses};
use crate::SOON;
use crate::seen::Seen;
use crate::service::{Numbers, value};
use crate::tally::Tally;

/// How long the service may take to leave.
const GOODBYE: Duration = Duration::from_secs(20);

/// Until the burst that a fresh connection is allowed is over.
const SETTLED: Duration = Duration::from_secs(10);

/// More records than any channel takes, for a while.
#[derive(Debug, Clone)]
pub struct Backlog {
    /// For how long.
    pub time: Duration,
    /// Bytes of each record's text.
    pub bytes: usize,
}

impl Backlog {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When the service does not start or answer.
    #[must_use]
    pub fn run(&self, place: &Place, subject: &Subject) -> BacklogFigures {
        // Records share lines: a dozen of the shortest for each.
        const RATE: u32 = 40;
        let mut service = subject.start(place);
        let start = place.lines().len();
        let command = format!("backlog {RATE} {} {}", self.time.as_millis(), self.bytes);
        let answer = service.ask_within(&command, self.time);
        let calls = value(&answer, "calls").and_then(|calls| calls.parse().ok());
        let lines = place.lines().split_off(start);
        let rate = |skipped: Duration| lines_a_second(&lines, skipped);
        let (rate, late_rate) = (rate(SETTLED), rate(self.time / 2));
        let connections_lost = losses(&service);
        let end = service.ask_within(&format!("shutdown {}", GOODBYE.as_millis()), GOODBYE);
        let _ = place.wait_left(SOON);
        BacklogFigures {
            calls: calls.unwrap_or_default(),
            rate,
            late_rate,
            end: Numbers::read(&end),
            told: Tally::of(&place.lines(), NICK),
            lost: connections_lost,
        }
    }
}

/// What came of a [`Backlog`].
#[derive(Debug, Clone)]
pub struct BacklogFigures {
    /// Calls of `log` that the service made.
    pub calls: u64,
    /// Lines a second, after the first burst.
    pub rate: f64,
    /// The same in the second half, when the speed of the server is known.
    pub late_rate: f64,
    /// The service's numbers after its goodbye.
    pub end: Numbers,
    /// What the channel was told.
    pub told: Tally,
    /// Connections lost.
    pub lost: usize,
}

impl BacklogFigures {
    /// Bytes of text in a line, on average.
    #[must_use]
    pub fn line_bytes(&self) -> f64 {
        self.told.bytes as f64 / self.told.lines.max(1) as f64
    }

    /// Whether every call is in the numbers, each once, the channel was told
    /// of every one, and what was acknowledged was seen.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.end.balance()
            && self.end.logged == self.calls
            && self.told.texts >= self.end.shown
            && (self.told.told() == self.calls || self.told.repeated > 0)
    }
}

impl fmt::Display for BacklogFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.line_bytes();
        write!(
            f,
            "{:.2} lines/s ({:.2} in the second half) of {bytes:.0} B; {}: logged {} = shown {} + folded {} + shed {} + \
             dropped {}, channel told {} ({} texts + {} in folds + {} not shown), \
             {} marked as repeated; {} connections lost",
            self.rate,
            self.late_rate,
            if self.is_exact() {
                "exact"
            } else {
                "NOT EXACT"
            },
            self.end.logged,
            self.end.shown,
            self.end.folded,
            self.end.shed,
            self.end.dropped,
            self.told.told(),
            self.told.texts,
            self.told.counted,
            self.told.not_shown,
            self.told.repeated,
            self.lost,
        )
    }
}

/// Without those of the first `skipped`.
fn lines_a_second(lines: &[Seen], skipped: Duration) -> f64 {
    let Some(since) = lines.first().map(|first| first.at + skipped) else {
        return 0.0;
    };
    let counted: Vec<&Seen> = lines.iter().filter(|line| line.at >= since).collect();
    match counted[..] {
        [first, .., last] => {
            let time = last.at.duration_since(first.at);
            (counted.len() - 1) as f64 / time.as_secs_f64()
        }
        _ => 0.0,
    }
}
