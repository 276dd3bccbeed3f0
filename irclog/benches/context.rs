//! What a record costs that is kept in case its request fails, and never shown:
//! against one that is captured for the channel.
//!
//! `cargo bench -p irclog --features tracing --bench context` prints nanoseconds
//! a record as the caller sees them, and ratios to a captured one of the same
//! way in, taken round by round. By `log` the request is known by its id in the
//! text, by tracing from two spans around the event. Nothing is sent: the
//! channel's server is a closed port of this machine.

mod common;

use std::time::Duration;

use common::call::unreachable;
use common::{median, now, pause};
use log::{Level, Record};
use tracing::{Dispatch, debug, dispatcher, error, info, info_span};
use tracing_subscriber::{prelude::*, registry};

const ROUNDS: usize = 101;
/// Of one round, which is run twice: fewer than a call site may log before it is
/// shed.
const RECORDS: u64 = 30;
/// Until each call site has a new budget.
const PAUSE: Duration = Duration::from_millis(300);
/// Of one request: more than are kept.
const OF_A_REQUEST: u64 = 15;

/// A way of logging `RECORDS` of them.
type Case<'a> = (&'static str, Box<dyn Fn() + 'a>);

fn main() {
    let (without, _) = unreachable("#bench")
        .layer()
        .expect("the settings are right");
    let without = Dispatch::new(registry().with(without));
    let context = unreachable("#bench").context(12).context_filter("debug");
    let (with, handle) = context.layer().expect("the settings are right");
    let with = Dispatch::new(registry().with(with));
    let by_tracing: [Case<'_>; 5] = [
        (
            "captured, off",
            Box::new(|| in_requests(&without, |n| info!(n, network = "base", "settled"))),
        ),
        (
            "kept",
            Box::new(|| in_requests(&with, |n| debug!(n, network = "base", "settled"))),
        ),
        (
            "captured and kept",
            Box::new(|| in_requests(&with, |n| info!(n, network = "base", "settled"))),
        ),
        (
            "below both filters, off",
            Box::new(|| in_requests(&without, |n| debug!(n, network = "base", "settled"))),
        ),
        (
            "an ERROR that takes what was kept, each 15th",
            Box::new(|| {
                in_requests(&with, |n| {
                    if n % OF_A_REQUEST == OF_A_REQUEST - 1 {
                        error!(n, network = "base", "failed");
                    } else {
                        debug!(n, network = "base", "settled");
                    }
                });
            }),
        ),
    ];
    compare("tracing, with its spans", &by_tracing);
    println!("{}", handle.stats());

    // A process that has this has no layer any more.
    let handle = unreachable("#bench")
        .no_tee()
        .context(12)
        .context_filter("kept=debug")
        .try_init()
        .expect("the only logger of this process");
    let by_log: [Case<'_>; 3] = [
        ("captured", Box::new(|| log_all(Level::Info, "shown"))),
        ("kept", Box::new(|| log_all(Level::Debug, "kept"))),
        (
            "captured and kept",
            Box::new(|| log_all(Level::Info, "kept")),
        ),
    ];
    compare("log", &by_log);
    println!("{}", handle.stats());
}

fn log_all(level: Level, target: &str) {
    for n in 0..RECORDS {
        let request = n / OF_A_REQUEST;
        log::logger().log(
            &Record::builder()
                .level(level)
                .target(target)
                .args(format_args!(
                    "payment {n} settled on base in 3 ms, request_id=r{request:06}"
                ))
                .build(),
        );
    }
}

fn in_requests(dispatch: &Dispatch, log: impl Fn(u64)) {
    dispatcher::with_default(dispatch, || {
        for request in 0..RECORDS / OF_A_REQUEST {
            let span = info_span!("http_request", method = "POST", uri = "/settle");
            let _entered = span.entered();
            let _step = info_span!("settle", payer = "0x2c3e").entered();
            let first = request * OF_A_REQUEST;
            (first..first + OF_A_REQUEST).for_each(&log);
        }
    });
}

fn compare(way: &str, cases: &[Case<'_>]) {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (times, (_, run)) in rounds.iter_mut().zip(cases) {
            // The first wakes up what a pause has let fall asleep.
            run();
            let start = now();
            run();
            times.push(now().duration_since(start).as_secs_f64() * 1e9 / RECORDS as f64);
        }
        pause(PAUSE);
    }
    println!("by {way}, {ROUNDS} rounds of {RECORDS}:");
    for ((name, _), times) in cases.iter().zip(&rounds) {
        let ratios = times.iter().zip(&rounds[0]);
        let ratio = median(ratios.map(|(time, base)| time / base));
        let time = median(times.iter().copied());
        println!("  {name:<46} {time:>7.1} ns   {ratio:>5.2} of a captured one");
    }
}
