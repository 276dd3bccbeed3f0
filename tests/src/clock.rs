//! The one place of the kit that reads the clock.

use std::time::Instant;

/// The time of what just came in, and the start of every deadline.
#[allow(
    clippy::disallowed_methods,
    reason = "sockets and child processes live in real time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
