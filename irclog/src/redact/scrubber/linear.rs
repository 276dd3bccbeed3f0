//! No text makes the scrubber's cost grow faster than its length.

use std::time::Duration;

use super::*;
use crate::redact::scrubber::grammar::{PIECES, repeated};

/// Bytes of the short text and of the long one.
const SHORT: usize = 8 << 10;
const LONG: usize = 64 << 10;

/// How much more a byte of the long text may cost than one of the short.
const MOST: f64 = 3.0;

/// Rounds until a text is believed to cost more. What else the machine does
/// makes a round longer, never shorter: the shortest counts.
const ROUNDS: usize = 20;

/// The time that this thread has had a processor, where the system tells it.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn thread_time() -> Duration {
    use std::sync::LazyLock;
    static BEGIN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|numbers| numbers.split(' ').next()?.parse().ok())
        .map_or_else(|| BEGIN.elapsed(), Duration::from_nanos)
}

/// Whether the cost a byte stays the same from the short text to the long one.
fn is_linear(pieces: &[&str]) -> Result<(), f64> {
    let scrubber = Scrubber::default().vault(Arc::default());
    let [short, long] = [SHORT, LONG].map(|bytes| repeated(pieces, bytes));
    let (mut scratch, mut out) = (Scratch::default(), Scrubbed::default());
    let mut scrub = |text: &str, times: usize| {
        let begin = thread_time();
        for _ in 0..times {
            scrubber.scrub_into(text, &[], &mut scratch, &mut out);
        }
        thread_time()
            .saturating_sub(begin)
            .max(Duration::from_micros(1))
    };
    let mut best = [Duration::MAX; 2];
    let mut ratio = f64::MAX;
    for _ in 0..ROUNDS {
        // As many bytes of either.
        best[0] = best[0].min(scrub(&short, LONG / SHORT));
        best[1] = best[1].min(scrub(&long, 1));
        ratio = best[1].as_secs_f64() / best[0].as_secs_f64();
        // The system counts in ticks.
        if ratio <= MOST || best[1] < TICKS {
            return Ok(());
        }
    }
    Err(ratio)
}

/// What the system may not tell apart.
const TICKS: Duration = Duration::from_millis(12);

#[test]
fn known_patterns_cost_as_much_a_byte_as_they_are_long() {
    for pieces in [
        &["id,", "client_secret,", "name,"][..],
        &["mnemonic,d"],
        &["mnemonic,", "d,"],
        &["len=-"],
        &[",xxx://"],
        &["token;", "password;"],
        &["-u=", "a,"],
        &["<token>", "a,"],
        &["token=\"", "a'"],
        &["api_token=[a"],
        &["/ghp_"],
        &["clave,"],
    ] {
        let linear = is_linear(pieces);
        assert!(linear.is_ok(), "{pieces:?}: {linear:?}");
    }
}

#[test]
fn random_patterns_cost_as_much_a_byte_as_they_are_long() {
    // Another seed by the environment, to look further.
    let seed = std::env::var("IRCLOG_SEED").map_or(7, |seed| seed.parse().expect("a number"));
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..60 {
        let pieces: Vec<&str> = (0..random.usize(1..6))
            .map(|_| PIECES[random.usize(..PIECES.len())])
            .collect();
        let linear = is_linear(&pieces);
        assert!(linear.is_ok(), "{pieces:?}: {linear:?}");
    }
}
