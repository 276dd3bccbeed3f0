//! What the benchmarks share: the stopwatch, the middle, a log call.
// Each of them includes it and needs a part.
#![allow(dead_code)]

#[cfg(feature = "channel")]
pub(crate) mod call;

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "this is a stopwatch")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Lets the worker empty its lanes, which it does every 20 ms.
#[expect(clippy::disallowed_methods, reason = "nothing here is under test")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// The value in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
