//! The one place of the tool that reads the clock.

use std::time::Instant;

#[expect(
    clippy::disallowed_methods,
    reason = "pipes and processes live in real time; what is made of them takes `now`"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
