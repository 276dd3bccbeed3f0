//! What can be seen only in a process of its own: global subscribers and the
//! one logger of `log`. The argument names the scene, the environment the
//! server.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use tracing_subscriber::prelude::*;

const SOON: Duration = Duration::from_secs(30);

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("layer") => layer(),
        Some("init-then-subscriber") => {
            irclog::init();
            tracing_subscriber::registry().init();
        }
        Some("init-then-layer") => {
            irclog::init();
            let subscriber = tracing_subscriber::registry().with(irclog::layer());
            tracing::subscriber::set_global_default(subscriber).expect("the first one");
            tracing::info!(target: "x402", "by tracing");
            log::info!(target: "x402", "by log");
        }
        Some("subscriber-then-init") => {
            tracing_subscriber::registry()
                .with(tracing_subscriber::fmt::layer())
                .init();
            irclog::init();
            tracing::info!("the service goes on");
        }
        Some("subscriber-without-log-then-init") => {
            let subscriber = tracing_subscriber::registry().with(tracing_subscriber::fmt::layer());
            tracing::subscriber::set_global_default(subscriber).expect("the first one");
            irclog::init();
            log::info!(target: "x402", "by log");
            tracing::info!(target: "x402", "by tracing");
        }
        Some("environment") => {
            tracing_subscriber::registry()
                .with(irclog::layer())
                .with(tracing_subscriber::fmt::layer())
                .init();
            tracing::info!(target: "x402", "the last word");
        }
        Some("scrubbed") => {
            let console =
                tracing_subscriber::fmt::layer().with_writer(irclog::scrubbed(std::io::stdout));
            secrets(
                tracing_subscriber::registry()
                    .with(console)
                    .with(irclog::layer()),
            );
        }
        Some("not-scrubbed") => {
            let console = tracing_subscriber::fmt::layer();
            secrets(
                tracing_subscriber::registry()
                    .with(console)
                    .with(irclog::layer()),
            );
        }
        Some("misbehaving") => misbehaving(),
        Some("rejected") => rejected(),
        scene => panic!("there is no scene {scene:?}"),
    }
}

/// A service that logs what it should not.
fn secrets(subscriber: impl Into<tracing::Dispatch>) {
    tracing::dispatcher::set_global_default(subscriber.into()).expect("the first one");
    tracing::info!(target: "x402", password = "tigre-lily", "by tracing: order-4711");
    tracing::info!(target: "x402", "the\npassword: tigre-lily\nof several lines");
}

/// Events that the channel's filter rejects, takes, and rejects again.
fn rejected() {
    let (layer, handle) = irclog::from_env()
        .filter("warn")
        .layer()
        .expect("the settings are right");
    tracing_subscriber::registry().with(layer).init();
    let looks = Cell::new(0);
    let look = || {
        looks.set(looks.get() + 1);
        looks.get()
    };
    let mut counts = Vec::new();
    for filter in ["warn", "x402=info", "warn"] {
        handle.set_filter(filter).expect("directives");
        tracing::info!(target: "x402", look = look(), "an info");
        tracing::debug!(target: "x402", look = look(), "a debug");
        counts.push(looks.get().to_string());
    }
    println!("looked at: {}", counts.join(", then "));
    assert!(handle.flush(SOON), "{}", handle.stats());
}

/// Everything that one subscriber may hear: its own events, those of `log`,
/// and what irclog has to say.
fn layer() {
    let (layer, handle) = irclog::from_env().layer().expect("the settings are right");
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_ansi(false))
        .with(layer)
        .init();
    handle.on_state_change(|state| tracing::info!(target: "x402::observer", "now {state}"));
    let request = tracing::info_span!("http_request", method = "POST", uri = "/settle");
    request.in_scope(|| {
        tracing::info!(target: "x402::handlers", "by tracing");
        log::warn!(target: "x402::legacy", "by log");
        log::debug!(target: "x402::legacy", "by log, but not for the channel");
    });
    assert!(handle.flush(SOON), "{}", handle.stats());
    println!("{}", handle.shutdown(SOON));
}

/// Values whose `Debug` panics, logs by itself, or is too long.
fn misbehaving() {
    struct Panics;
    impl fmt::Debug for Panics {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            panic!("a bug of the service")
        }
    }
    struct Logs;
    impl fmt::Debug for Logs {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            tracing::info!(target: "x402", "from within");
            f.write_str("logged")
        }
    }
    let (layer, handle) = irclog::from_env()
        .span_fields(["path", "body", "bad"])
        .layer()
        .expect("the settings are right");
    tracing_subscriber::registry().with(layer).init();
    let body = "b".repeat(5_000);
    let span = tracing::info_span!("request", path = "/a", body = %body, bad = ?Panics);
    span.in_scope(|| tracing::info!(target: "x402", "one"));
    assert!(handle.flush(SOON), "{}", handle.stats());
    tracing::info!(target: "x402", bad = ?Panics, after = 1, "two");
    assert!(handle.flush(SOON), "{}", handle.stats());
    tracing::info!(target: "x402", value = ?Logs, "three");
}
