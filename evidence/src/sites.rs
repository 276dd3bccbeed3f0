//! The call sites: the same text through `log` and through tracing.

use log::Level;

pub(crate) const PAYER: &str = "0x2C3E6F8A9B0d1e2F3a4B5c6D7e8F9a0B1c2D3e4F";

macro_rules! say {
    ($of:ident, $to:ident, $n:expr) => {
        $of::$to!(
            "Payment {} settled for {}: {} USDC",
            $n,
            PAYER,
            f64::from($n) / 100.0
        )
    };
}

/// One of 64 call sites, by the number.
macro_rules! many {
    ($of:ident, $to:ident, $n:expr) => {
        many!(
            $of, $to, $n,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60
            61 62 63
        )
    };
    ($of:ident, $to:ident, $n:expr, $($site:literal)*) => {
        match $n % 64 {
            $($site => say!($of, $to, $n),)*
            _ => {}
        }
    };
}

pub(crate) fn one(n: u32) {
    say!(log, info, n);
}

pub(crate) fn many(n: u32) {
    many!(log, info, n);
}

/// WARN and ERROR.
pub(crate) fn urgent(n: u32) {
    if n.is_multiple_of(2) {
        say!(log, warn, n);
    } else {
        say!(log, error, n);
    }
}

pub(crate) fn disabled(n: u32) {
    say!(log, debug, n);
}

/// Without a file it belongs to no call site: nothing is shed.
pub(crate) fn captured(n: u32) {
    let logger = log::logger();
    logger.log(
        &log::Record::builder()
            .level(Level::Info)
            .target("bench")
            .args(format_args!(
                "Payment {n} settled for {PAYER}: {} USDC",
                f64::from(n) / 100.0
            ))
            .build(),
    );
}

pub(crate) fn one_event(n: u32) {
    say!(tracing, info, n);
}

pub(crate) fn many_events(n: u32) {
    many!(tracing, info, n);
}

pub(crate) fn urgent_event(n: u32) {
    if n.is_multiple_of(2) {
        say!(tracing, warn, n);
    } else {
        say!(tracing, error, n);
    }
}

pub(crate) fn disabled_event(n: u32) {
    say!(tracing, debug, n);
}
