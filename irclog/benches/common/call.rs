//! A log call, and the least that it could cost.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

/// The payer in the text of a record.
pub(crate) const PAYER: &str = "0x2C3E6F8A9B0d1E2f3A4b5C6d7E8f9A0b1C2d3E4f";

/// The text of a record, formatted into a buffer that is used again: the least
/// that showing it could cost.
pub(crate) fn floor(n: u32) {
    thread_local! {
        static BUFFER: RefCell<String> = RefCell::default();
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        let amount = f64::from(n) / 100.0;
        let _ = write!(buffer, "Payment {n} settled for {PAYER}: {amount} USDC");
        black_box(buffer.len());
    });
}

/// The text of [`floor`] by `log`, without a file: it is never shed.
pub(crate) fn captured(n: u32) {
    log_by(log::logger(), n);
}

/// The same by this logger.
pub(crate) fn log_by(logger: &dyn log::Log, n: u32) {
    let amount = f64::from(n) / 100.0;
    logger.log(
        &log::Record::builder()
            .level(log::Level::Info)
            .target("bench")
            .args(format_args!(
                "Payment {n} settled for {PAYER}: {amount} USDC"
            ))
            .build(),
    );
}

/// A channel on a closed port of this machine: nothing is sent.
pub(crate) fn unreachable(channels: &str) -> irclog::Builder {
    irclog::builder()
        .server("127.0.0.1")
        .port(1)
        .tls(false)
        .channel(channels)
        .exit_timeout(Duration::ZERO)
}
