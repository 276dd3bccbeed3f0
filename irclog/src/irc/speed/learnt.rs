//! A rate of commands a second that rises while proofs come back undelayed,
//! and falls to what was measured as soon as they do not.

use std::time::{Duration, Instant};

use super::{STEP, Sample};

/// Commands of it that are kept for errors, as far as one is left for ordinary
/// lines: a server that spaces commands evenly has no credit at all, and what
/// goes early waits there.
const RESERVE: f64 = 5.0;
/// A server that is behind again within this time is not so by accident.
const OFTEN: Duration = Duration::from_secs(600);

/// Commands beyond the sustained rate that a server can swallow as burst:
/// 10 is the largest known. More prove that the rate itself is sustained.
const LARGEST_BURST: f64 = 15.0;
/// Commands a second below which we do not go.
const SLOWEST: f64 = 0.1;

/// Commands a second, whatever their length, and how sure they are.
#[derive(Debug)]
pub(super) struct Learnt {
    pub(super) rate: f64,
    /// Commands that it takes at once after a rest.
    pub(super) burst: f64,
    /// The rate to fall back to when this one does not hold.
    pub(super) previous: f64,
    /// The rate that is known to hold for any length of time.
    pub(super) sustained: f64,
    /// Commands written, and when, at the last change of `rate`.
    pub(super) changed: u64,
    pub(super) changed_at: Instant,
    /// When the server was last seen to be behind: its credit was used up.
    pub(super) empty: Option<Proof>,
    /// What was in flight at the last cut says nothing about the new rate.
    pub(super) cut: u64,
    /// An attempt failed: the next ones are smaller.
    pub(super) failed: bool,
    /// Nothing has come back since the pause after the cut.
    pub(super) rested: bool,
    /// Proofs in a row that were a little late.
    pub(super) late: u32,
}

/// A command that came back, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof {
    command: u64,
    at: Instant,
}

impl Learnt {
    pub(super) fn new(rate: f64, burst: f64, written: u64, now: Instant) -> Self {
        Self {
            rate,
            burst,
            previous: rate,
            sustained: rate,
            changed: written,
            changed_at: now,
            empty: None,
            cut: 0,
            failed: false,
            rested: false,
            late: 0,
        }
    }

    /// Seconds of debt that ordinary lines may make.
    pub(super) fn ceiling(&self) -> f64 {
        // Timers fire late: at a high rate one command is too little.
        ((self.burst - RESERVE).max(1.0) / self.rate).max(0.1)
    }

    pub(super) fn set(&mut self, rate: f64, written: u64, now: Instant) {
        self.rate = rate.max(SLOWEST);
        self.changed = written;
        self.changed_at = now;
    }

    /// After a proof without delay.
    pub(super) fn rise(
        &mut self,
        sample: Sample,
        cap: f64,
        pressed: bool,
        may_try: bool,
        now: Instant,
    ) {
        let commands = sample.command.saturating_sub(self.changed);
        if !pressed || commands < STEP {
            return;
        }
        if self.rate < self.sustained {
            self.set((self.rate * 1.05).min(self.sustained), sample.written, now);
            return;
        }
        let excess = commands as f64
            - self.previous * now.saturating_duration_since(self.changed_at).as_secs_f64();
        if excess >= LARGEST_BURST {
            self.sustained = self.rate;
        }
        // After a failure one step at a time, each until it is certain.
        let certain = self.rate <= self.sustained;
        if may_try && self.rate < cap && (certain || !self.failed) {
            self.previous = self.rate;
            let factor = match self.rate {
                _ if self.failed => 1.25,
                rate if rate < 2.0 => 1.5,
                _ => 2.0,
            };
            self.set((self.rate * factor).min(cap), sample.written, now);
        }
    }

    /// After a proof that came late. Says whether it was an attempt that
    /// failed.
    pub(super) fn fall(&mut self, sample: Sample, now: Instant) -> bool {
        let proof = Proof {
            command: sample.command,
            at: now,
        };
        let before = self.empty.replace(proof);
        let measured = before.and_then(|before| measured(before, proof));
        let attempt = self.rate > self.sustained;
        let rate = match measured {
            Some(measured) => {
                let rate = (measured * 0.98).clamp(self.rate / 2.0, self.rate);
                self.sustained = rate;
                rate
            }
            // The step before was hardly tried, either.
            None if attempt && !self.failed => (self.rate / 2.0).max(self.sustained),
            None if attempt => self.previous,
            // It held for long: a stall rather than a law, unless it is so
            // again and again.
            None => {
                if before.is_some_and(|before| now.saturating_duration_since(before.at) < OFTEN) {
                    self.sustained *= 0.95;
                }
                self.rate * 0.9
            }
        };
        if attempt {
            self.failed = true;
            self.previous = rate * 0.9;
        }
        self.set(rate, sample.written, now);
        attempt
    }
}

/// Commands a second between two times at which the server's credit was used
/// up: what came in is what went out, unless credit was left unused, and then
/// the true rate is higher.
fn measured(before: Proof, after: Proof) -> Option<f64> {
    let commands = after.command.saturating_sub(before.command);
    let time = after.at.saturating_duration_since(before.at);
    (commands >= 8 && time <= Duration::from_secs(120))
        .then(|| commands as f64 / time.as_secs_f64().max(0.001))
}
