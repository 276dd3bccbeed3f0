//! Panics of a service that logs through tracing. In a process of their own,
//! since every channel of it hears of them.

use std::panic::catch_unwind;

use irclog::Builder;
use irclog_tests::room::Room;
use tracing::subscriber::with_default;
use tracing::{error, info_span};
use tracing_subscriber::{prelude::*, registry};

#[test]
fn a_panic_inside_a_request_is_shown_beside_its_error() {
    let (room, layer) = Room::open(Builder::layer);
    with_default(registry().with(layer), || {
        let ended = catch_unwind(|| {
            let span = info_span!("http_request", method = "POST", uri = "/verify");
            let _entered = span.entered();
            error!(target: "x402", "no receipt came");
            panic!("receipt of order 7 expected");
        });
        assert!(ended.is_err());
    });
    let texts = room.close().records();
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
    let (room, layer) =
        Room::open(|builder| builder.trace_id(|_| panic!("a bug of the service")).layer());
    with_default(registry().with(layer), || {
        info_span!("settle").in_scope(|| error!(target: "x402", "late"));
    });
    let texts = room.close().records();
    assert!(texts.iter().any(|text| text == "x402 - late"), "{texts:#?}");
}
