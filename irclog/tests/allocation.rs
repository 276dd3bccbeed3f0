//! Once everything has its size, a captured record allocates nothing on the
//! thread that logs it.

mod counting;

use std::time::{Duration, Instant};

use log::{Level, Record};

use self::counting::allocations;

/// Records of a round: fewer than a lane holds, and than the slots that are
/// kept.
const ROUND: u64 = 500;

/// What the worker needs to have recycled the slots of the first rounds, on a
/// very busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_captured_record_allocates_nothing() {
    let handle = irclog::builder()
        .server("127.0.0.1")
        .port(1)
        .tls(false)
        .channel("#test")
        .no_tee()
        .exit_timeout(Duration::ZERO)
        .try_init()
        .expect("the only logger of this process");
    assert!(allocations(|| drop(String::from("x"))) > 0, "it counts");

    let deadline = now() + PATIENCE;
    let (mut fewest, mut free) = (u64::MAX, 0);
    while free < 5 && now() < deadline {
        let before = handle.stats();
        let allocated = allocations(|| (0..ROUND).for_each(log_one));
        let after = handle.stats();
        assert_eq!(after.logged() - before.logged(), ROUND);
        // What found its lane full cost nothing, and proves nothing.
        if after.dropped() == before.dropped() {
            fewest = fewest.min(allocated);
            free += u32::from(allocated == 0);
        }
        std::thread::yield_now();
    }
    assert_eq!(free, 5, "at least {fewest} allocations in {ROUND} records");
}

/// A record without a file is captured whatever its call site has used up.
fn log_one(n: u64) {
    log::logger().log(
        &Record::builder()
            .level(Level::Info)
            .target("x402::settle")
            .args(format_args!(
                "Payment {n} settled, tx {}: {} USDC, {:?}",
                irclog::Public("0x8f3a"),
                n as f64 / 4.0,
                irclog::Secret::new(n),
            ))
            .build(),
    );
}

#[expect(clippy::disallowed_methods, reason = "a deadline for a real thread")]
fn now() -> Instant {
    Instant::now()
}
