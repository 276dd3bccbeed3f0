//! Answers to the server's PINGs, no more of them than a server that means
//! well asks for.

use std::time::{Duration, Instant};

/// Answered at once.
const BURST: u32 = 4;
/// And one in this time from then on. Servers ask every 30 s or more; each
/// answer costs as much as a line of the log.
const EVERY: Duration = Duration::from_secs(10);

/// Owes the answer to the last PING: it proves what one to each would.
#[derive(Debug, Default)]
pub(super) struct Pongs {
    owed: Option<Owed>,
    /// Up to when the answers that were given are paid for.
    paid_until: Option<Instant>,
}

#[derive(Debug)]
struct Owed {
    token: String,
    at: Instant,
}

impl Pongs {
    /// The server asks, with this token.
    pub(super) fn asked(&mut self, token: String, now: Instant) {
        let at = match self.paid_until {
            Some(paid) => now.max(paid.checked_sub(EVERY * (BURST - 1)).unwrap_or(now)),
            None => now,
        };
        self.owed = Some(Owed { token, at });
    }

    /// The answer to give now.
    pub(super) fn next(&mut self, now: Instant) -> Option<String> {
        let owed = self.owed.take_if(|owed| now >= owed.at)?;
        let start = self.paid_until.map_or(now, |until| until.max(now));
        self.paid_until = Some(start + EVERY);
        Some(owed.token)
    }

    /// When the answer that is owed may be given.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.owed.as_ref().map(|owed| owed.at)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_asks_now_and_then_is_answered_at_once() {
        let start = Instant::now();
        let mut pongs = Pongs::default();
        for n in 0..100_u32 {
            let now = start + n * EVERY;
            pongs.asked(n.to_string(), now);
            assert_eq!(pongs.next(now), Some(n.to_string()));
            assert_eq!(pongs.next(now), None);
        }
    }

    #[test]
    fn of_a_flood_the_last_is_answered_every_ten_seconds() {
        let start = Instant::now();
        let mut pongs = Pongs::default();
        let mut answers = Vec::new();
        for n in 0..60_000_u32 {
            let now = start + n * Duration::from_millis(1);
            pongs.asked(n.to_string(), now);
            answers.extend(pongs.next(now));
        }
        assert_eq!(answers[..4], ["0", "1", "2", "3"]);
        assert_eq!(answers.len(), 4 + 5, "{answers:?}");
        assert!(pongs.wake_at().is_some());
    }
}
