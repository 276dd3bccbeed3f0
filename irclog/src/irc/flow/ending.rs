//! The end of the service: what the server will still work off in time.

use std::time::{Duration, Instant};

use super::super::pacer::seconds;
use super::Flow;

/// A line for the channel that is shorter says nothing. Bytes on the wire.
const SHORTEST: usize = 80;
/// Lengths that are tried for the last line are so far apart. In bytes.
const STEP: usize = 40;

/// Lines that the server will still work off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Of the length that was asked for.
    pub(crate) lines: usize,
    /// Bytes on the wire of one more, which is shorter; 0: none.
    pub(crate) rest: usize,
}

impl Flow {
    /// How long the last of these commands, of so many bytes on the wire each,
    /// will lie in the server if they are written now.
    pub(crate) fn taken_up_in(&mut self, commands: &[usize], now: Instant) -> Duration {
        self.step(now);
        let unproven = self.window.unproven_commands();
        seconds(self.pacer.taken_up_in(commands, unproven, now))
    }

    /// Whether the server will have taken these commands up by `until`, of so
    /// many bytes on the wire each, if they are written now.
    pub(crate) fn is_in_time(&mut self, commands: &[usize], until: Instant, now: Instant) -> bool {
        now + self.taken_up_in(commands, now) <= until
    }

    /// How many lines of `bytes` on the wire can still be written so that the
    /// server will have taken up by `until` what comes `after` them, too.
    pub(crate) fn left(
        &mut self,
        bytes: usize,
        after: &[usize],
        until: Instant,
        now: Instant,
    ) -> Left {
        let most = self.pacer.most_lines(until.saturating_duration_since(now));
        let mut commands = after.to_vec();
        let mut lines = 0;
        while lines < most {
            commands.insert(0, bytes);
            if !self.is_in_time(&commands, until, now) {
                commands.remove(0);
                break;
            }
            lines += 1;
        }
        let mut rest = 0;
        if lines < most {
            let mut lengths = (SHORTEST..bytes).rev().step_by(STEP);
            let fits = lengths.find(|&length| {
                let mut commands = commands.clone();
                commands.insert(lines, length);
                self.is_in_time(&commands, until, now)
            });
            rest = fits.unwrap_or(0);
        }
        Left { lines, rest }
    }
}
