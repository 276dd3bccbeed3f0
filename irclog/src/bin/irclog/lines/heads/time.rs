//! Time stamps at the beginning of a line. The channel shows its own time.

use std::sync::LazyLock;

use regex::Regex;

/// What follows the time stamp that `text` begins with; `None` without one.
pub(super) fn after(text: &str) -> Option<&str> {
    // Most lines of most programs begin with something else than a digit, a
    // day or a month; this is what they pay.
    if !matches!(
        text.as_bytes(),
        [b'0'..=b'9', ..] | [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ' | b',', ..]
    ) {
        return None;
    }
    let end = STAMP.find(text)?.end();
    let rest = &text[end..];
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', ']', ':', ',', '|', ')', ';']);
    ends.then_some(rest)
}

/// ISO 8601 and its relatives (also `2026/01/31`, as Go and nginx write it),
/// day first, Apache's, C's and syslog's date, each before a time, a time
/// alone, and the seconds or milliseconds of Unix.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    const MONTH: &str = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    const DAY: &str = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    const TIME: &str = "[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:\\x20[AP]M\\b)?";
    // No word that is a level.
    const ZONE: &str = "(?:Z|UTC|GMT|CES?T|ES?T|EDT|C[SD]T|M[SD]T|P[SD]T|BST|IST|JST|KST|MSK|WES?T|\
                        EES?T|AE[SD]T|HKT|SGT|[-+][0-9]{2}:?[0-9]{2})";
    let pattern = format!(
        r"(?x) ^ (?:
            (?: {DAY} ,? \x20 )? {MONTH} \x20{{1,2}} [0-9]{{1,2}} ,? \x20
                (?: [0-9]{{4}} ,? \x20 )? {TIME} (?: \x20 [0-9]{{4}} \b )?
          | (?: [0-9]{{4}} [-/.] [0-9]{{2}} [-/.] [0-9]{{2}} (?: [T_] | ,?\x20 )
              | [0-9]{{1,2}} [-/.] [0-9]{{1,2}} [-/.] [0-9]{{2,4}} (?: T | ,?\x20 )
              | (?: {DAY} ,? \x20 )? [0-9]{{1,2}} [-/\x20] {MONTH} [-/\x20] [0-9]{{4}} [:\x20] )?
            (?: {TIME} | [0-9]{{1,2}} : [0-9]{{2}} [AP]M )
            (?: \x20? {ZONE} )?
          | 1[0-9]{{9}} (?: [.,][0-9]{{1,9}} | [0-9]{{3}} )?
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
            "2026-01-31 23:59:59.123 CET",
            "2026-01-31 23:59:59 PDT",
            "31.01.2026 23:59:59",
            "31/01/2026 23:59:59.123",
            "26/01/31 23:59:59",
            "31-Jan-2026 23:59:59 UTC",
            "31 Jan 2026 23:59:59",
            "Sat, 31 Jan 2026 23:59:59 GMT",
            "Sat Jan 31 23:59:59.123456 2026",
            "Jan 31, 2026 11:59:59 PM",
            "2026.01.31 23:59:59.123456",
            "1769903999.123",
            "1769903999123",
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
