//! How soon an ERROR is seen that is raised in a storm of INFO.

use std::fmt;
use std::time::Duration;

use super::{CHANNEL, NICK, Place, Subject, losses, percentile};
use crate::service::{Numbers, value};
use crate::tally::Tally;
use crate::{SOON, clock};

/// No more than two ERRORs come within this time: what the credit that is
/// kept for them buys on the slowest server.
const PAIR: Duration = Duration::from_secs(10);

/// How long the service may take to leave.
const GOODBYE: Duration = Duration::from_secs(10);

/// A storm with ERRORs at random moments.
#[derive(Debug, Clone)]
pub struct Storm {
    /// INFO records a second.
    pub rate: u64,
    /// Threads that log them.
    pub threads: u64,
    /// ERRORs in all.
    pub errors: usize,
    /// Decides about the moments.
    pub seed: u64,
}

impl Storm {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When the service does not start or answer.
    #[must_use]
    pub fn run(&self, place: &Place, subject: &Subject) -> StormFigures {
        let moments = moments(self.errors, self.seed);
        let time = moments.last().copied().unwrap_or_default() + Duration::from_secs(3);
        let mut service = subject.start(place);
        let offsets: Vec<String> = moments
            .iter()
            .map(|at| at.as_millis().to_string())
            .collect();
        let command = format!(
            "steady {} {} {} {}",
            self.threads,
            self.rate,
            time.as_millis(),
            offsets.join(",")
        );
        let answer = service.ask_within(&command, time);
        let list = |name| -> Vec<u64> {
            let words = value(&answer, name).unwrap_or_default().split(',');
            words.filter_map(|word| word.parse().ok()).collect()
        };
        let number = |name| list(name).first().copied().unwrap_or_default();
        let raised = list("raised");
        let latencies = raised
            .iter()
            .zip(1..)
            .map(|(&raised, n)| {
                let text = format!("settlement {n} failed");
                let seen = place.wait_for(
                    |seen| seen.is_line() && seen.target == CHANNEL && seen.text.contains(&text),
                    SOON,
                )?;
                let micros = clock::micros_of(seen.at).saturating_sub(raised);
                Some(Duration::from_micros(micros))
            })
            .collect();
        let connections_lost = losses(&service);
        let end = service.ask_within(&format!("shutdown {}", GOODBYE.as_millis()), GOODBYE);
        // The last line is there when the nick is gone.
        let _ = place.wait_left(SOON);
        StormFigures {
            calls: number("calls"),
            took: Duration::from_millis(number("took")),
            late: Duration::from_millis(number("late")),
            latencies,
            memory: list("memory"),
            end: Numbers::read(&end),
            told: Tally::of(&place.lines(), NICK),
            lost: connections_lost,
        }
    }
}

/// What came of a [`Storm`].
#[derive(Debug, Clone)]
pub struct StormFigures {
    /// Calls of `log` that the service made.
    pub calls: u64,
    /// How long it made them.
    pub took: Duration,
    /// How late with them its threads were at most, which is the machine's
    /// doing.
    pub late: Duration,
    /// From the call to the channel, of each ERROR; `None`: never seen.
    pub latencies: Vec<Option<Duration>>,
    /// Resident kB before the storm, after a tenth, a half and all of it.
    pub memory: Vec<u64>,
    /// The service's numbers after its goodbye.
    pub end: Numbers,
    /// What the channel was told.
    pub told: Tally,
    /// Connections lost.
    pub lost: usize,
}

impl StormFigures {
    /// Of the ERRORs that were seen.
    #[must_use]
    pub fn latency(&self, share: f64) -> Duration {
        let seen: Vec<Duration> = self.latencies.iter().copied().flatten().collect();
        percentile(&seen, share)
    }

    /// ERRORs that were never seen.
    #[must_use]
    pub fn unseen(&self) -> usize {
        self.latencies.iter().filter(|seen| seen.is_none()).count()
    }

    /// Whether every call is in the numbers, each once, and the channel was
    /// told of every one.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.end.balance()
            && self.end.logged == self.calls
            && (self.told.told() == self.calls || self.told.repeated > 0)
    }
}

impl fmt::Display for StormFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |share| self.latency(share).as_millis();
        let rate = self.calls as f64 / self.took.as_secs_f64();
        write!(
            f,
            "{} ERRORs, {} unseen, p50 {} ms, p99 {} ms, max {} ms; {} calls, {rate:.0}/s; \
             {} ms behind at most; memory {:?} kB; {}: logged {} = shown {} + folded {} + shed {} + dropped {}, \
             channel told {} in {} lines; {} connections lost",
            self.latencies.len(),
            self.unseen(),
            millis(0.5),
            millis(0.99),
            millis(1.0),
            self.calls,
            self.late.as_millis(),
            self.memory,
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
            self.told.lines,
            self.lost,
        )
    }
}

/// Moments at random, the first after 3 s, never more than two within
/// [`PAIR`].
fn moments(count: usize, seed: u64) -> Vec<Duration> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut moments: Vec<Duration> = Vec::with_capacity(count);
    let mut at = Duration::from_secs(3);
    for n in 0..count {
        // Exponential around 3 s, which with the pairs makes about 5.5 s.
        at += Duration::from_secs_f64(-3.0 * (1.0 - random.f64()).ln());
        if let Some(last_but_one) = n.checked_sub(2).map(|n| moments[n]) {
            at = at.max(last_but_one + PAIR);
        }
        moments.push(at);
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_two_within_ten_seconds_and_not_evenly() {
        let moments = moments(200, 7);
        let after = |earlier: Duration, later: Duration| later.saturating_sub(earlier);
        assert!(
            moments
                .windows(3)
                .all(|three| after(three[0], three[2]) >= PAIR)
        );
        let gaps: Vec<Duration> = moments
            .windows(2)
            .map(|two| after(two[0], two[1]))
            .collect();
        assert!(gaps.iter().any(|&gap| gap < Duration::from_secs(1)));
        let mean = moments[199].as_secs_f64() / 200.0;
        assert!((5.0..6.5).contains(&mean), "{mean}");
    }
}
