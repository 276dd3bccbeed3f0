//! What is promised of delivery, measured with a service in a process of its
//! own on a server, watched by a member of the channel.
//!
//! Each measurement runs on any [`Ircd`] and returns its figures, for the
//! command that prints them and for the tests that watch over the promises.

mod backlog;
mod exit;
mod place;
mod storm;

use std::path::PathBuf;
use std::time::Duration;

use crate::service::{Service, Setup};

pub use backlog::{Backlog, BacklogFigures};
pub use exit::{Exit, ExitFigures};
pub use place::{Ircd, Place};
pub use storm::{Storm, StormFigures};

/// The nick of the measured service; short enough for ngircd.
pub const NICK: &str = "teller";

/// The channel it talks to.
pub const CHANNEL: &str = "#pay";

/// The program `service`, and how it is set up.
#[derive(Debug, Clone)]
pub struct Subject {
    program: PathBuf,
    rate: u32,
}

impl Subject {
    /// The program at `path`, at most 2 lines a second, the default.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            program: path.into(),
            rate: 2,
        }
    }

    /// The most lines a second. Defaults to 2.
    #[must_use]
    pub fn rate(mut self, lines: u32) -> Self {
        self.rate = lines;
        self
    }

    /// Starts it, and waits until it is in the channel.
    fn start(&self, place: &Place) -> Service {
        let service = Setup::at(&self.program)
            .on(place.addr(), CHANNEL, NICK)
            .env("IRC_RATE", &self.rate.to_string())
            .by("quiet")
            .start();
        service.wait_joined();
        service
    }
}

/// How often the service has lost its connection.
fn losses(service: &Service) -> usize {
    let said = service.process().stderr().all();
    said.iter()
        .filter(|line| line.contains("does not see this log"))
        .count()
}

/// The value below which `share` of `values` lies, by the nearest rank; the
/// values need no order. Zero when there are none.
#[must_use]
pub fn percentile(values: &[Duration], share: f64) -> Duration {
    let mut values = values.to_vec();
    values.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among some hundred values"
    )]
    let rank = (share * values.len() as f64).ceil() as usize;
    values
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&values, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&values, 1.0), Duration::from_millis(100));
        assert_eq!(percentile(&values[..1], 0.99), Duration::from_millis(100));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }
}
