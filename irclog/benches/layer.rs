//! What a tracing event costs the service with irclog's layer: against
//! formatting the same text into a reused buffer, which is the least that
//! showing it could cost, and against the layer that writes to the console.
//!
//! `cargo bench -p irclog --features tracing --bench layer` prints nanoseconds
//! a call as the caller sees them, and ratios to the floor, taken round by
//! round. Nothing is sent: the channel's server is a closed port of this
//! machine.

mod common;

use std::hint::black_box;
use std::time::Duration;

use common::call::{PAYER, floor, unreachable};
use common::{median, now, pause};
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, debug, dispatcher, info, info_span};
use tracing_subscriber::{prelude::*, registry};

const ROUNDS: usize = 31;
const CALLS: u32 = 20_000;

fn main() {
    let (layer, handle) = unreachable("#bench")
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
                let start = now();
                (0..CALLS).for_each(call);
                times.push(now().duration_since(start).as_nanos() as f64 / f64::from(CALLS));
            });
            // The worker empties its lanes every 20 ms.
            pause(Duration::from_millis(30));
        }
    }
    for ((name, ..), times) in cases.iter().zip(&rounds) {
        let ratios = times
            .iter()
            .zip(&rounds[0])
            .map(|(time, floor)| time / floor);
        let (time, ratio) = (median(times.iter().copied()), median(ratios));
        println!("  {name:<42} {time:>7.1} ns   ×{ratio:.2}");
    }
    println!("\n{}", handle.stats());
}

/// What is measured: its name, the subscriber, and one call.
type Case<'a> = (&'static str, &'a Dispatch, &'a dyn Fn(u32));

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
