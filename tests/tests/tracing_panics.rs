//! Panics of a service that logs through tracing. In a process of their own,
//! since every channel of it hears of them.

use std::panic::catch_unwind;

use irclog::{Handle, Layer};
use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::seen::Seen;
use irclog_tests::settings;
use tracing::subscriber::with_default;
use tracing::{error, info_span};
use tracing_subscriber::{Registry, prelude::*, registry};

const CHANNEL: &str = "#payments";

fn open(set: impl FnOnce(irclog::Builder) -> irclog::Builder) -> (Server, Layer<Registry>, Handle) {
    let server = Server::start(Config::default().channel(CHANNEL, "+n"));
    let builder = settings::on(&server, CHANNEL);
    let (layer, handle) = set(builder).layer().expect("the settings are right");
    (server, layer, handle)
}

/// What is in the channel once all is said.
fn close(server: &Server, handle: &Handle) -> Vec<String> {
    assert!(handle.shutdown(SOON).is_complete(), "{}", handle.stats());
    let lines = server.member(CHANNEL).lines();
    lines.iter().flat_map(Seen::records).collect()
}

#[test]
fn a_panic_inside_a_request_is_shown_beside_its_error() {
    let (server, layer, handle) = open(|builder| builder);
    with_default(registry().with(layer), || {
        let ended = catch_unwind(|| {
            let span = info_span!("http_request", method = "POST", uri = "/verify");
            let _entered = span.entered();
            error!(target: "x402", "no receipt came");
            panic!("receipt of order 7 expected");
        });
        assert!(ended.is_err());
    });
    let texts = close(&server, &handle);
    for said in [
        "POST /verify: no receipt came",
        "receipt of order 7 expected",
    ] {
        assert!(
            texts.iter().any(|text| text.contains(said)),
            "{said}: {texts:#?}"
        );
    }
}

#[test]
fn a_hook_that_panics_costs_no_error() {
    let (server, layer, handle) =
        open(|builder| builder.trace_id(|_| panic!("a bug of the service")));
    with_default(registry().with(layer), || {
        info_span!("settle").in_scope(|| error!(target: "x402", "late"));
    });
    let texts = close(&server, &handle);
    assert!(texts.iter().any(|text| text == "x402 - late"), "{texts:#?}");
}
