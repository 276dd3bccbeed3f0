//! How fast we may speak without being killed, throttled or delayed.
//!
//! A server works off what we send at its own speed and gives some credit in
//! advance: a leaky bucket. The pacer keeps the same book: a debt in seconds that every
//! command raises and time lowers. A part of the credit is never lent to
//! ordinary lines, so that an error finds room at once. What a command costs
//! is [`Speed`]'s to say.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::speed::Speed;

/// After so long without a command a server that spaces them gives its burst
/// again: two seconds, and what waits there.
const REST: Duration = Duration::from_secs(3);

/// What wants to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ordinary line: leaves the reserve alone.
    Normal,
    /// The first line in the channel: the way in has used up what is lent to
    /// ordinary lines, and whoever watches waits for a sign of life. Nothing
    /// waits in the server then, so that it goes whatever the debt is.
    First,
    /// An ordinary line that deliberately overdraws, to learn the speed.
    Probe,
    /// An error: may use all of the credit.
    Error,
    /// A PING that ends a window.
    Ping,
    /// A PING that makes room for the next error.
    Reserve,
    /// A PING that nobody waits for: only when the debt is next to nothing.
    QuietPing,
}

/// The book of what the server has still to work off.
#[derive(Debug)]
pub(super) struct Pacer {
    pub(super) speed: Speed,
    cap: Cap,
    /// Seconds of the server's time, as of `at`.
    debt: f64,
    at: Instant,
    /// Commands since the server had a rest, as of the `last`.
    in_a_row: u64,
    last: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(rate: f64, now: Instant) -> Self {
        Self {
            speed: Speed::new(rate, now),
            cap: Cap::new(rate),
            debt: 0.0,
            at: now,
            in_a_row: 0,
            last: None,
        }
    }

    /// A command of `bytes` on the wire was written.
    pub(super) fn command(&mut self, bytes: usize, now: Instant) {
        self.advance(now);
        self.debt += self.speed.cost(bytes);
        self.in_a_row = self.in_a_row(now) + 1;
        self.last = Some(now);
    }

    /// Commands since the server had a rest.
    fn in_a_row(&self, now: Instant) -> u64 {
        let rested = |last| now.saturating_duration_since(last) > REST;
        if self.last.is_none_or(rested) {
            0
        } else {
            self.in_a_row
        }
    }

    /// A line for the channel was written.
    pub(super) fn line(&mut self, bytes: usize, now: Instant) {
        self.command(bytes, now);
        self.cap.sent(now);
    }

    /// Seconds that the server has still to work off.
    pub(super) fn debt(&mut self, now: Instant) -> f64 {
        self.advance(now);
        self.debt
    }

    /// The debt is what proofs say, not what we had written down.
    pub(super) fn set_debt(&mut self, seconds: f64, now: Instant) {
        self.advance(now);
        self.debt = seconds;
    }

    /// Whether the debt is beyond what a server of the penalty law can hide.
    pub(super) fn overdrawn(&self) -> bool {
        self.debt >= self.speed.overdraft()
    }

    /// The earliest moment for a command of `bytes`; in the past when it may
    /// go at once.
    pub(super) fn ready_at(&self, bytes: usize, kind: Kind) -> Instant {
        let by_debt = self.at + seconds(self.debt - self.limit(bytes, kind));
        match kind {
            Kind::Ping | Kind::Reserve | Kind::QuietPing => by_debt,
            Kind::Error => by_debt.max(self.cap.free_at().unwrap_or(by_debt)),
            Kind::Normal | Kind::First | Kind::Probe => {
                let by_cap = self.cap.free_at().max(self.cap.even_at());
                by_debt.max(by_cap.unwrap_or(by_debt))
            }
        }
    }

    /// Seconds until the server has taken up the last of these commands, of so
    /// many bytes each, if they are written now. So many before them are
    /// `unproven`: it may have worked off none of them.
    pub(super) fn taken_up_in(&mut self, commands: &[usize], unproven: u64, now: Instant) -> f64 {
        let mut debt = self.debt(now);
        if let Some(burst) = self.speed.spaced_burst() {
            let left = burst - self.in_a_row(now) as f64;
            let cost = self.speed.cost(0);
            debt = debt.min(unproven as f64 * cost) - left.max(0.0) * cost;
        }
        let mut last = 0.0;
        for &bytes in commands {
            last = self.speed.wait(debt, bytes);
            debt += self.speed.cost(bytes);
        }
        last
    }

    /// How many lines the user's limit allows in this time.
    pub(super) fn most_lines(&self, time: Duration) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a quotient of times, and a cast that saturates"
        )]
        let spaces = time.div_duration_f64(self.cap.spacing) as usize;
        spaces.saturating_add(1)
    }

    /// The highest debt at which a command may still be added.
    fn limit(&self, bytes: usize, kind: Kind) -> f64 {
        let cost = self.speed.cost(bytes);
        match kind {
            // Against an empty book everything goes, whatever it costs.
            Kind::Normal | Kind::Ping => (self.speed.ceiling() - cost).max(0.0),
            Kind::Probe => self.speed.overdraft(),
            // While a probe holds the credit, waiting gains nothing: the
            // server takes the error as soon as it can.
            Kind::Error if self.speed.probing() => f64::INFINITY,
            Kind::Error => self.speed.credit(),
            Kind::First => f64::INFINITY,
            // A server goes on reading while the debt is below the credit.
            Kind::Reserve => (self.speed.credit() - cost).max(0.0),
            Kind::QuietPing => cost / 2.0,
        }
    }

    fn advance(&mut self, now: Instant) {
        self.debt = (self.debt - now.saturating_duration_since(self.at).as_secs_f64()).max(0.0);
        self.at = self.at.max(now);
    }
}

/// The user's limit: never more lines than this in any one second.
#[derive(Debug)]
struct Cap {
    /// At most `lines` in any `window`.
    lines: usize,
    window: Duration,
    spacing: Duration,
    recent: VecDeque<Instant>,
    /// When the next ordinary line is due if they are spread evenly: errors
    /// find a gap within one spacing instead of one window.
    even: Option<Instant>,
}

impl Cap {
    /// How far behind schedule an evenly spread line may catch up: timers
    /// fire late, and at 100 lines/s each late millisecond would count.
    const SLACK: Duration = Duration::from_millis(100);

    fn new(rate: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the rate is within 0.01..=1000"
        )]
        let lines = (rate.floor() as usize).max(1);
        let window = if rate < 1.0 {
            seconds(1.0 / rate)
        } else {
            Duration::from_secs(1)
        };
        let spacing = window.div_f64(lines as f64);
        Self {
            lines,
            window,
            spacing,
            recent: VecDeque::with_capacity(lines),
            even: None,
        }
    }

    fn sent(&mut self, now: Instant) {
        if self.recent.len() == self.lines {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        let behind = now.checked_sub(Self::SLACK).unwrap_or(now);
        self.even = Some(self.even.map_or(now, |even| even.max(behind)) + self.spacing);
    }

    fn free_at(&self) -> Option<Instant> {
        (self.recent.len() == self.lines)
            .then(|| self.recent.front().map(|&oldest| oldest + self.window))
            .flatten()
    }

    fn even_at(&self) -> Option<Instant> {
        self.even
    }
}

/// A duration from a computed number of seconds: nothing below zero, and a
/// bound where a rate near zero would overflow.
pub(super) fn seconds(seconds: f64) -> Duration {
    // A debt that is gone but for the rounding of floats is gone.
    const DUST: f64 = 1e-7;
    const DAY: f64 = 86_400.0;
    if seconds < DUST {
        Duration::ZERO
    } else {
        Duration::from_secs_f64(seconds.min(DAY))
    }
}
