//! What arrives when the service ends right after its last records.

use std::fmt;
use std::time::Duration;

use log::Level;

use super::{NICK, Place, Subject};
use crate::tally::Tally;
use crate::{SOON, clock};

/// `process::exit` right after some records.
#[derive(Debug, Clone)]
pub struct Exit {
    /// How many.
    pub records: usize,
}

impl Exit {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When the service does not start or end.
    #[must_use]
    pub fn run(&self, place: &Place, subject: &Subject) -> ExitFigures {
        let mut service = subject.start(place);
        service.burst(self.records, Level::Info, "x402::settle", "Payment settled");
        let start = clock::now();
        let done = service.end("exit 0", SOON);
        assert!(done.status.success(), "{done:?}");
        let left = place.wait_left(SOON);
        let lines = place.lines();
        let last = lines.iter().rfind(|seen| seen.nick == NICK);
        ExitFigures {
            records: self.records as u64,
            took: done.took,
            last_line: last.map(|last| last.at.saturating_duration_since(start)),
            left: left.is_some_and(|left| left.text.contains("ended")),
            told: Tally::of(&lines, NICK),
        }
    }
}

/// What came of an [`Exit`].
#[derive(Debug, Clone)]
pub struct ExitFigures {
    /// Records that were logged.
    pub records: u64,
    /// From the exit to the end of the process.
    pub took: Duration,
    /// From the exit to the last line in the channel.
    pub last_line: Option<Duration>,
    /// Whether its goodbye was seen. A server that is behind, and holds
    /// nothing else of ours, is not waited for.
    pub left: bool,
    /// What the channel was told.
    pub told: Tally,
}

impl ExitFigures {
    /// Whether the channel was told of every record.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.told.told() == self.records
    }
}

impl fmt::Display for ExitFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} records: {}, {} texts + {} in folds + {} not shown in {} lines, the last after \
             {} ms; ended after {} ms{}",
            self.records,
            if self.is_exact() {
                "exact"
            } else {
                "NOT EXACT"
            },
            self.told.texts,
            self.told.counted,
            self.told.not_shown,
            self.told.lines,
            self.last_line.unwrap_or_default().as_millis(),
            self.took.as_millis(),
            if self.left { "" } else { ", goodbye not seen" },
        )
    }
}
