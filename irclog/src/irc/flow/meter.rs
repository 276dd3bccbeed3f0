//! A rate of events that forgets.

use std::time::Instant;

/// Events a second, over about half a minute.
#[derive(Debug)]
pub(super) struct Meter {
    per_second: f64,
    at: Instant,
}

impl Meter {
    /// Seconds after which an event counts for a third.
    const MEMORY: f64 = 30.0;

    pub(super) fn new(now: Instant) -> Self {
        Self {
            per_second: 0.0,
            at: now,
        }
    }

    pub(super) fn add(&mut self, now: Instant) {
        self.per_second = self.rate(now) + 1.0 / Self::MEMORY;
        self.at = self.at.max(now);
    }

    pub(super) fn rate(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.per_second * (-passed / Self::MEMORY).exp()
    }
}
