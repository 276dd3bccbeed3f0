//! The one place of the kit that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time of what just came in, and the start of every deadline.
#[allow(
    clippy::disallowed_methods,
    reason = "sockets and child processes live in real time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Microseconds from 1970 to `at`, by what both clocks show now.
#[allow(
    clippy::disallowed_methods,
    reason = "another process says when something happened"
)]
pub(crate) fn micros_of(at: Instant) -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let before = since.saturating_sub(at.elapsed());
    u64::try_from(before.as_micros()).unwrap_or(u64::MAX)
}

/// The wall clock, as the tag `time` of IRCv3 writes it.
#[allow(
    clippy::disallowed_methods,
    reason = "sockets and child processes live in real time"
)]
pub(crate) fn server_time() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    iso8601(since)
}

/// `since` 1970 as `2026-01-31T23:59:59.123Z`.
fn iso8601(since: Duration) -> String {
    let seconds = since.as_secs();
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while days >= days_of(year) {
        days -= days_of(year);
        year += 1;
    }
    let february = days_of(year) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    format!(
        "{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        month + 1,
        days + 1,
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        since.subsec_millis()
    )
}

fn days_of(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(leap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_dates_as_ircv3_does() {
        let at = |seconds, millis: u32| iso8601(Duration::new(seconds, millis * 1_000_000));
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_827_696, 7), "2000-02-29T12:34:56.007Z");
        assert_eq!(at(1_735_689_599, 999), "2024-12-31T23:59:59.999Z");
    }
}
