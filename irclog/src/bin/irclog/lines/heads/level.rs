//! Names and numbers of levels.

use log::Level;

/// The levels that programs name, as an alternation for a pattern. Longer
/// names first, or `WARN` would match the head of `WARNING`.
pub(in crate::lines) const NAMES: &str = "TRACE|TRAC|TRC|DEBUG|DEBU|DEBG|DBUG|DBG|VERBOSE|FINEST|FINER|FINE|\
     INFORMATION|INFO|INF|NOTICE|SUCCESS|LOG|WARNING|WARN|WRN|ERROR|ERRO|EROR|ERR|SEVERE|\
     CRITICAL|CRIT|FATAL|FATA|FTL|PANIC|PANI|PNC|ALERT|EMERGENCY|EMERG";

/// The level of a name in any case.
pub(in crate::lines) fn named(name: &str) -> Option<Level> {
    let name = name.trim().to_ascii_uppercase();
    Some(match name.as_str() {
        "TRACE" | "TRAC" | "TRC" | "TRCE" | "FINEST" | "FINER" => Level::Trace,
        "DEBUG" | "DEBU" | "DEBG" | "DBUG" | "DBG" | "VERBOSE" | "FINE" => Level::Debug,
        "INFORMATION" | "INFO" | "INF" | "NOTICE" | "SUCCESS" | "LOG" | "DEFAULT" => Level::Info,
        "WARNING" | "WARN" | "WRN" => Level::Warn,
        "ERROR" | "ERRO" | "EROR" | "ERR" | "FAIL" | "SEVERE" | "CRITICAL" | "CRIT" | "FATAL"
        | "FATA" | "FTL" | "PANIC" | "PANI" | "PNC" | "DPANIC" | "ALERT" | "EMERGENCY"
        | "EMERG" => Level::Error,
        _ => return None,
    })
}

/// The level of a number in JSON: 10, 20 … 60 as bunyan and pino count, or a
/// priority from 0 to 7 as syslog and GELF do.
pub(in crate::lines) fn numbered(number: &str) -> Option<Level> {
    Some(match number.parse().ok()? {
        low @ 0..8 => priority(low),
        8..20 => Level::Trace,
        20..30 => Level::Debug,
        30..40 => Level::Info,
        40..50 => Level::Warn,
        50.. => Level::Error,
    })
}

/// The level of a priority as syslog and systemd write it: `<3>`.
pub(in crate::lines) fn priority(number: u8) -> Level {
    match number % 8 {
        0..=3 => Level::Error,
        4 => Level::Warn,
        5 | 6 => Level::Info,
        _ => Level::Debug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_pattern_is_a_level() {
        for name in NAMES.split('|') {
            assert!(named(name).is_some(), "{name}");
            assert!(named(&name.to_lowercase()).is_some(), "{name}");
        }
        assert_eq!(named("INFORMED"), None);
    }

    #[test]
    fn numbers_are_read_as_their_writers_count() {
        for (number, level) in [
            ("3", Some(Level::Error)),
            ("4", Some(Level::Warn)),
            ("6", Some(Level::Info)),
            ("7", Some(Level::Debug)),
            ("10", Some(Level::Trace)),
            ("30", Some(Level::Info)),
            ("60", Some(Level::Error)),
            ("3.5", None),
            ("-1", None),
        ] {
            assert_eq!(numbered(number), level, "{number}");
        }
    }
}
