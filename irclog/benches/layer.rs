//! What a tracing event costs the service with irclog's layer: against
//! formatting the same text into a reused buffer, which is the least that
//! showing it could cost, and against the layer that writes to the console.
//!
//! `cargo bench -p irclog --features tracing --bench layer` prints nanoseconds
//! a call as the caller sees them, and ratios to the floor, taken round by
//! round. Nothing is sent: the channel's server is a closed port of this
//! machine.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures with the clock and waits between rounds"
)]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, debug, dispatcher, info, info_span};
use tracing_subscriber::{prelude::*, registry};

const ROUNDS: usize = 31;
const CALLS: u32 = 20_000;

fn main() {
    let (layer, handle) = irclog::builder()
        .server("127.0.0.1")
        .port(1)
        .tls(false)
        .channel("#bench")
        .exit_timeout(Duration::ZERO)
        .layer()
        .expect("the settings are right");
    let irclog_alone = Dispatch::new(registry().with(layer));
    let console = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    // As the channel's: what one subscriber wants, no other one can ignore for
    // nothing.
    let nowhere = Dispatch::new(registry().with(console.with_filter(LevelFilter::INFO)));
    let bare = Dispatch::new(registry().with(LevelFilter::INFO));
    let none = Dispatch::none();

    let cases: [Case<'_>; 8] = [
        ("format into a reused buffer (floor)", &none, &floor),
        ("a loop around nothing", &none, &|n| {
            black_box(n);
        }),
        (
            "irclog, below the channel's filter",
            &irclog_alone,
            &filtered,
        ),
        ("irclog, one call site in a storm", &irclog_alone, &event),
        ("irclog, a span of a request", &irclog_alone, &request),
        ("a bare registry, a span of a request", &bare, &request),
        ("fmt to nowhere, an event", &nowhere, &event),
        ("fmt to nowhere, a span of a request", &nowhere, &request),
    ];
    let mut rounds = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (times, (_, subscriber, call)) in rounds.iter_mut().zip(&cases) {
            dispatcher::with_default(subscriber, || {
                let start = Instant::now();
                (0..CALLS).for_each(call);
                times.push(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
            });
            // The worker empties its lanes every 20 ms.
            std::thread::sleep(Duration::from_millis(30));
        }
    }
    for ((name, ..), times) in cases.iter().zip(&rounds) {
        let ratios = times
            .iter()
            .zip(&rounds[0])
            .map(|(time, floor)| time / floor);
        let (time, ratio) = (median(times.clone()), median(ratios.collect()));
        println!("  {name:<42} {time:>7.1} ns   ×{ratio:.2}");
    }
    println!("\n{}", handle.stats());
}

/// What is measured: its name, the subscriber, and one call.
type Case<'a> = (&'static str, &'a Dispatch, &'a dyn Fn(u32));

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const PAYER: &str = "0x2C3E6F8A9B0d1E2f3A4b5C6d7E8f9A0b1C2d3E4f";

fn floor(n: u32) {
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

fn event(n: u32) {
    let amount = f64::from(n) / 100.0;
    info!("Payment {n} settled for {PAYER}: {amount} USDC");
}

fn filtered(n: u32) {
    let amount = f64::from(n) / 100.0;
    debug!("Payment {n} settled for {PAYER}: {amount} USDC");
}

fn request(_: u32) {
    let span = info_span!("http_request", otel.name = "POST /settle", method = "POST");
    black_box(span.is_disabled());
}
