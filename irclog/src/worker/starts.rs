//! When the services of a host have started: one that does so again and again is
//! not to fill its channel with that.
//!
//! Kept are times and hashes, nothing else.

use std::fmt::Write as _;

use crate::irc::turns::Time;

/// A start is told at most so often.
const EVERY: Time = 60_000;
/// Starts that nobody was told of are remembered for so long.
const KEPT: Time = 3_600_000;
/// No more services than so many.
const MOST: usize = 200;

/// The last start of each service that was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Starts(Vec<Start>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    service: u64,
    told_at: Time,
    /// And so many since.
    untold: u64,
}

impl Starts {
    /// Reads what [`text`](Self::text) wrote. What is broken, too old, or in a
    /// future that only a changed clock explains, is left out.
    pub(super) fn read(text: &str, now: Time) -> Self {
        let start = |line: &str| {
            let mut words = line.split(' ');
            let start = Start {
                service: u64::from_str_radix(words.next()?, 16).ok()?,
                told_at: words.next()?.parse().ok()?,
                untold: words.next()?.parse().ok()?,
            };
            (start.told_at <= now && now - start.told_at < KEPT).then_some(start)
        };
        let mut starts: Vec<Start> = text.lines().filter_map(start).collect();
        starts.drain(..starts.len().saturating_sub(MOST));
        Self(starts)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for start in &self.0 {
            let _ = writeln!(
                text,
                "{:016x} {} {}",
                start.service, start.told_at, start.untold
            );
        }
        text
    }

    /// The service starts. Whether that is to be told, and then how many starts
    /// nobody was told of.
    pub(super) fn start(&mut self, service: u64, now: Time) -> Option<u64> {
        let known = self.0.iter_mut().find(|start| start.service == service);
        let Some(start) = known else {
            self.0.push(Start {
                service,
                told_at: now,
                untold: 0,
            });
            return Some(0);
        };
        if now - start.told_at < EVERY {
            start.untold = start.untold.saturating_add(1);
            return None;
        }
        start.told_at = now;
        Some(std::mem::take(&mut start.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_loop_is_told_once_a_minute_with_what_was_left_out() {
        let mut text = String::new();
        let mut told = Vec::new();
        // Every five seconds, for three minutes, each a process of its own.
        for second in (0..=180).step_by(5) {
            let now = 1_000_000 + second * 1_000;
            let mut starts = Starts::read(&text, now);
            if let Some(untold) = starts.start(7, now) {
                told.push((second, untold));
            }
            assert_eq!(starts.start(8, now).is_some(), second % 60 == 0);
            text = starts.text();
        }
        assert_eq!(told, [(0, 0), (60, 11), (120, 11), (180, 11)]);
        assert_eq!(Starts::read(&text, 1_180_000).text(), text);
        assert_eq!(Starts::read(&text, 9_000_000), Starts::default(), "too old");
    }

    #[test]
    fn what_is_broken_is_left_out() {
        for text in ["", "x", "7", "7 8", "7 8 x\n\n \n", "\u{fffd}"] {
            assert_eq!(Starts::read(text, 100), Starts::default(), "{text:?}");
        }
    }
}
