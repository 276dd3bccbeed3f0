//! What is kept in case a request fails costs no memory beyond its table: not
//! in a hundred thousand requests, and not where none ever ends.

mod counting;

use std::time::Duration;

use log::{Level, Record};

use self::counting::allocations;

/// Records of each request: more than are kept.
const RECORDS: u64 = 14;
const REQUESTS: u64 = 100_000;

#[test]
fn records_that_are_never_shown_allocate_nothing() {
    let handle = irclog::builder()
        .server("127.0.0.1")
        .port(1)
        .tls(false)
        .channel("#test")
        .no_tee()
        .context(12)
        .context_filter("debug")
        .exit_timeout(Duration::ZERO)
        .try_init()
        .expect("the only logger of this process");
    assert!(log::log_enabled!(target: "x402", Level::Debug));
    assert!(allocations(|| drop(String::from("x"))) > 0, "it counts");
    // Until each place of the table has its slots.
    let first = allocations(|| (0..REQUESTS / 10).for_each(answer));
    assert!(first > 0, "something is kept");
    let later = allocations(|| (REQUESTS / 10..REQUESTS).for_each(answer));
    assert_eq!(later, 0, "allocations, after {first}");
    assert_eq!(handle.stats().logged(), 0);
}

fn answer(request: u64) {
    for n in 0..RECORDS {
        log::logger().log(
            &Record::builder()
                .level(Level::Debug)
                .target("x402::settle")
                .args(format_args!(
                    "step {n:02} of request_id=r{request:08} tx {}: {:?}",
                    irclog::Public("0x8f3a"),
                    irclog::Secret::new(n),
                ))
                .build(),
        );
    }
}
