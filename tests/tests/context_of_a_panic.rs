//! What led to a panic. In a process of its own, since other panics would stand
//! between.

use std::panic::catch_unwind;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::seen::Seen;
use irclog_tests::settings;
use tracing::subscriber::with_default;
use tracing::{debug, info_span};
use tracing_subscriber::{prelude::*, registry};

const CHANNEL: &str = "#payments";

#[test]
fn a_panic_tells_what_led_to_it() {
    let server = Server::start(Config::default().channel(CHANNEL, "+n"));
    let builder = settings::on(&server, CHANNEL);
    let keeping = builder.context(12).context_filter("debug");
    let (layer, handle) = keeping.layer().expect("the settings are right");
    with_default(registry().with(layer), || {
        let ended = catch_unwind(|| {
            let span = info_span!("http_request", method = "POST", uri = "/verify");
            let _entered = span.entered();
            let _step = info_span!("receipt").entered();
            debug!(target: "x402", order = 7, "polling");
            panic!("no receipt of order 7");
        });
        assert!(ended.is_err());
        // No other ERROR comes before it, and the end does not.
        let told = server.member(CHANNEL).wait_for_text("↳ before", SOON);
        assert!(told.is_some(), "{}", handle.stats());
        assert!(catch_unwind(|| panic!("outside of any request")).is_err());
    });
    assert!(handle.shutdown(SOON).is_complete(), "{}", handle.stats());
    let lines: Vec<String> = server
        .member(CHANNEL)
        .lines()
        .iter()
        .map(Seen::undated)
        .collect();
    let before: Vec<&String> = lines.iter().filter(|line| line.starts_with('↳')).collect();
    assert_eq!(before.len(), 1, "{lines:#?}");
    assert!(
        before[0].ends_with("+0 ms DEBUG polling order=7"),
        "{lines:#?}"
    );
    assert_eq!(handle.stats().context(), 1);
}
