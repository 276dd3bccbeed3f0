//! Numbers, sizes and times as people read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds.
const DAY: u64 = 24 * 3600;

/// `1234567` as `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The time of day in UTC, `14:02:10`.
pub(super) fn clock(time: SystemTime) -> String {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() % DAY,
        // Whole seconds round down, also before the epoch.
        Err(before) => {
            let before = before.duration();
            let up = before.as_secs() % DAY + u64::from(before.subsec_nanos() > 0);
            (DAY - up) % DAY
        }
    };
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A length of time in at most two units: `40 ms`, `10 s`, `3 min 20 s`.
pub(super) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        return format!("{} ms", millis.max(1));
    }
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    let (high, high_unit, low, low_unit) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3600 => (seconds / 60, "min", seconds % 60, "s"),
        3600..DAY => (seconds / 3600, "h", seconds / 60 % 60, "min"),
        _ => (seconds / DAY, "d", seconds / 3600 % 24, "h"),
    };
    if low == 0 {
        format!("{high} {high_unit}")
    } else {
        format!("{high} {high_unit} {low} {low_unit}")
    }
}

/// Bytes for people: `512 B`, `2.3 KB`, `1.0 MB`.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{}.{} KB", bytes / 1000, bytes / 100 % 10),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn the_clock_is_utc_also_before_the_epoch() {
        let at = |seconds| clock(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "00:00:00");
        assert_eq!(at(1_763_820_130), "14:02:10");
        assert_eq!(at(DAY - 1), "23:59:59");
        assert_eq!(clock(UNIX_EPOCH - Duration::from_secs(1)), "23:59:59");
        assert_eq!(clock(UNIX_EPOCH - Duration::from_millis(1)), "23:59:59");
        assert_eq!(clock(UNIX_EPOCH - Duration::from_secs(DAY)), "00:00:00");
    }

    #[test]
    fn lengths_of_time_are_short() {
        for (millis, text) in [
            (0, "1 ms"),
            (400, "400 ms"),
            (1_400, "1 s"),
            (9_600, "10 s"),
            (59_600, "1 min"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
            (180_000_000, "2 d 2 h"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (1, "1 B"),
            (999, "999 B"),
            (2_345, "2.3 KB"),
            (1_048_576, "1.0 MB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
