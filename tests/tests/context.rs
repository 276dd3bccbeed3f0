//! What led to an ERROR of a service that logs through tracing. In a process of
//! their own: every channel of one hears of its panics, and leaves this out first.

use irclog::{Public, Secret};
use irclog_tests::SOON;
use irclog_tests::room::Room;
use tracing::subscriber::with_default;
use tracing::{debug, debug_span, error, info, info_span, trace, warn};
use tracing_subscriber::{prelude::*, registry};

/// Lines of the channel as they are, once all is said.
fn lines_of(room: &Room) -> Vec<String> {
    room.close().undated()
}

/// Waits until somebody reads what led to an ERROR. At the end it would be shown
/// only where there is time.
fn wait_for_context(room: &Room) {
    let told = room.member().wait_for_text("↳ before", SOON);
    assert!(told.is_some(), "{}", room.handle.stats());
}

/// Keeps what leads to errors.
fn keeps(builder: irclog::Builder) -> irclog::Builder {
    builder
        .context(12)
        .context_filter("debug,hyper=off")
        .drop_fields(["body"])
}

#[test]
fn an_error_tells_what_led_to_it_in_its_request_and_no_other() {
    let (room, layer) = Room::open(|builder| keeps(builder).layer());
    let subscriber = registry().with(layer);
    with_default(subscriber, || {
        let request = |uri: &str| info_span!("http_request", method = "POST", uri);
        let (mine, other) = (request("/settle"), request("/verify"));
        other.in_scope(|| debug!(target: "x402", "of another request"));
        debug!(target: "x402", "of no request");
        mine.in_scope(|| {
            info!(target: "x402", tx = %Public("0x8f3a"), "Settling");
            let _step = debug_span!("broadcast").entered();
            debug!(target: "x402", body = "long", "nonce {} reserved", 187);
            debug!(target: "hyper::client", "checkout");
            debug!(target: "x402", key = %Secret::new("b7"), "signing");
            trace!(target: "x402", "beyond what is kept");
            // Nothing else is to wait with it.
            assert!(room.handle.flush(SOON));
            error!(target: "x402", "execution reverted");
            debug!(target: "x402", "behind it");
        });
        drop(mine);
        wait_for_context(&room);
        other.in_scope(|| warn!(target: "x402", "late"));
    });
    let stats = room.handle.clone();
    let lines = lines_of(&room);
    let before: Vec<&String> = lines.iter().filter(|line| line.starts_with('↳')).collect();
    assert_eq!(before.len(), 1, "{lines:#?}");
    let steps: Vec<&str> = before[0].split(" · ").collect();
    assert_eq!(steps.len(), 3, "{lines:#?}");
    assert_eq!(steps[0], "↳ before: +0 ms INFO Settling tx=0x8f3a");
    assert!(steps[1].ends_with("DEBUG nonce 187 reserved"), "{lines:#?}");
    assert!(
        steps[2].ends_with("DEBUG signing key=[redacted]"),
        "{lines:#?}"
    );
    let error = lines
        .iter()
        .position(|line| line.contains("execution reverted"));
    assert!(
        error.is_some_and(|at| lines[at + 1] == *before[0]),
        "{lines:#?}"
    );
    assert!(
        lines.iter().all(|line| !line.contains("DEBUG]")),
        "{lines:#?}"
    );
    assert_eq!(stats.stats().context(), 3);
}

#[test]
fn the_same_error_of_two_requests_at_once_has_one_context() {
    let (room, layer) = Room::open(|builder| keeps(builder).layer());
    with_default(registry().with(layer), || {
        let spans = ["/a", "/b"].map(|uri| info_span!("http_request", method = "GET", uri));
        for span in &spans {
            span.in_scope(|| debug!(target: "x402", "a step"));
        }
        for span in spans {
            span.in_scope(|| error!(target: "x402", "nonce too low: next nonce 187"));
            drop(span);
            assert!(room.handle.flush(SOON));
            wait_for_context(&room);
        }
    });
    let lines = lines_of(&room);
    let before = lines.iter().filter(|line| line.starts_with('↳')).count();
    assert_eq!(before, 1, "of one kind the first has it: {lines:#?}");
}

#[test]
fn without_the_setting_nothing_is_kept() {
    let (room, layer) = Room::open(|builder| builder.context_filter("debug").layer());
    with_default(registry().with(layer), || {
        let span = info_span!("http_request", method = "POST", uri = "/settle");
        span.in_scope(|| {
            debug!(target: "x402", "a step");
            error!(target: "x402", "failed");
        });
    });
    assert_eq!(lines_of(&room), ["[ERROR] x402 - POST /settle: failed"]);
}

#[test]
fn spans_that_never_close_keep_no_error_from_its_context() {
    let (room, layer) = Room::open(|builder| keeps(builder).layer());
    with_default(registry().with(layer), || {
        let open: Vec<_> = (0..20_000)
            .map(|n| {
                let span = info_span!("http_request", method = "GET", uri = n);
                span.in_scope(|| debug!(target: "x402", "a step of an open one"));
                span
            })
            .collect();
        let span = info_span!("http_request", method = "POST", uri = "/settle");
        span.in_scope(|| {
            debug!(target: "x402", "a step");
            error!(target: "x402", "failed");
        });
        drop(span);
        wait_for_context(&room);
        drop(open);
    });
    let lines = lines_of(&room);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("↳ before: +0 ms DEBUG a step")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().all(|line| !line.contains("of an open one")),
        "{lines:#?}"
    );
}
