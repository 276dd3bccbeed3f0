//! Time stamps at the beginning of a line. The channel shows its own time.

use std::sync::LazyLock;

use regex::Regex;

/// What follows the time stamp that `text` begins with; `None` without one.
pub(super) fn after(text: &str) -> Option<&str> {
    // Most lines of most programs begin with something else; this is what
    // they pay.
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let end = STAMP.find(text)?.end();
    let rest = &text[end..];
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', ']', ':', ',', '|', ')', ';']);
    ends.then_some(rest)
}

/// ISO 8601 and its relatives (also `2026/01/31`, as Go and nginx write it),
/// Apache's, C's and syslog's date, each before a time, and a time alone.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    const MONTH: &str = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    const DAY: &str = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    const TIME: &str = "[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?";
    let pattern = format!(
        r"(?x) ^ (?:
            (?: {DAY} ,? \x20 )? {MONTH} \x20{{1,2}} [0-9]{{1,2}} \x20 {TIME} (?: \x20 [0-9]{{4}} \b )?
          | (?: [0-9]{{4}} [-/.] [0-9]{{2}} [-/.] [0-9]{{2}} (?: [T_] | ,?\x20 )
              | [0-9]{{1,2}} / {MONTH} / [0-9]{{4}} [:\x20] )?
            (?: {TIME} | [0-9]{{1,2}} : [0-9]{{2}} [AP]M )
            (?: \x20? (?: Z | UTC | GMT | [-+][0-9]{{2}}:?[0-9]{{2}} ) )?
        )"
    );
    Regex::new(&pattern).expect("a valid pattern")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_stamps_are_taken_off() {
        for stamp in [
            "2026-01-31T23:59:59.123456Z",
            "2026-01-31T23:59:59+01:00",
            "2026-01-31 23:59:59,123",
            "2026-01-31 23:59:59.123 +0000",
            "2026-01-31 23:59:59 UTC",
            "2026/01/31 23:59:59",
            "31/Jan/2026:23:59:59 +0000",
            "Jan  2 23:59:59",
            "Sat Jan 31 23:59:59 2026",
            "23:59:59.123",
            "3:04PM",
        ] {
            assert_eq!(after(&format!("{stamp} text")), Some(" text"), "{stamp}");
            assert_eq!(after(&format!("{stamp}] text")), Some("] text"), "{stamp}");
        }
    }

    #[test]
    fn what_only_begins_like_one_is_left() {
        for text in [
            "",
            "text",
            "2026-01-31",
            "2026-01-31 text",
            "12:30 lunch",
            "10.0.0.7:80 up",
            "23:59:59x",
            "12 monkeys",
            "Jan came",
            "é",
        ] {
            assert_eq!(after(text), None, "{text}");
        }
    }
}
