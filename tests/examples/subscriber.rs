//! What can be seen only in a process of its own: global subscribers and the
//! one logger of `log`. The argument names the scene, the environment the
//! server.

use std::time::Duration;

use tracing_subscriber::prelude::*;

const SOON: Duration = Duration::from_secs(10);

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("layer") => layer(),
        Some("init-then-subscriber") => {
            irclog::init();
            tracing_subscriber::registry().init();
        }
        Some("subscriber-then-init") => {
            tracing_subscriber::registry()
                .with(tracing_subscriber::fmt::layer())
                .init();
            irclog::init();
            tracing::info!("the service goes on");
        }
        scene => panic!("there is no scene {scene:?}"),
    }
}

/// Everything that one subscriber may hear: its own events, those of `log`,
/// and what irclog has to say.
fn layer() {
    let (layer, handle) = irclog::from_env().layer().expect("the settings are right");
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_ansi(false))
        .with(layer)
        .init();
    let request = tracing::info_span!("http_request", method = "POST", uri = "/settle");
    request.in_scope(|| {
        tracing::info!(target: "x402::handlers", "by tracing");
        log::warn!(target: "x402::legacy", "by log");
        log::debug!(target: "x402::legacy", "by log, but not for the channel");
    });
    assert!(handle.flush(SOON), "{}", handle.stats());
    println!("{}", handle.stats());
}
