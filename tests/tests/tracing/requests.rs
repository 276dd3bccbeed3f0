//! Many events, and requests that fail.

use irclog::Builder;
use irclog_tests::SOON;
use irclog_tests::room::Room;
use tracing::subscriber::with_default;
use tracing::{Subscriber, error, field, info, info_span};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{prelude::*, registry};

use super::{shown, texts};

#[test]
fn a_storm_of_events_is_accounted_for() {
    const EVENTS: u64 = 20_000;
    let (room, layer) = Room::open(Builder::layer);
    with_default(registry().with(layer), || {
        for n in 0..EVENTS {
            let span = info_span!("request", method = "POST", path = "/settle");
            span.in_scope(|| info!(target: "x402", n, "settled"));
        }
        error!(target: "x402", "nonce too low");
    });
    let report = room.handle.shutdown(SOON);
    let stats = report.stats();
    assert_eq!(stats.logged(), EVENTS + 1, "{report}");
    let lines = room.member().lines();
    assert!(lines.iter().any(|line| line.text.contains("nonce too low")));
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("x402 - POST /settle: settled"))
    );
    assert!(lines.len() < 2_000, "{} lines", lines.len());
}

/// What says the same in three functions of a request, and how that ends.
mod request {
    use tracing::{error, info, info_span, instrument, warn};

    const REVERTED: &str = "server returned an error: execution reverted: invalid signature";

    #[instrument(target = "x402", skip_all, err)]
    fn assert_enough_balance() -> Result<(), String> {
        Err(REVERTED.to_owned())
    }

    #[instrument(target = "x402", skip_all, err)]
    fn assert_valid_payment() -> Result<(), String> {
        assert_enough_balance()
    }

    #[instrument(target = "x402", skip_all)]
    fn post_verify() {
        if let Err(error) = assert_valid_payment() {
            let error = format!("Verification(OnchainFailure({error:?}))");
            warn!(target: "x402", %error, body = "{\"x402Version\":1}", "Verification failed");
        }
    }

    pub(super) fn fail(uri: &str) {
        let span = info_span!("http_request", method = "POST", uri);
        let _entered = span.entered();
        post_verify();
        info!(target: "x402::telemetry", status = 500, elapsed = "3ms");
        let class = "Status code: 500 Internal Server Error";
        error!(target: "tower_http::trace::on_failure", classification = class, latency = "3 ms", "response failed");
    }
}

#[test]
fn a_failed_request_is_one_line_with_its_status() {
    let (room, layer) = Room::open(Builder::layer);
    with_default(registry().with(layer), || {
        request::fail("/verify");
        request::fail("/settle");
    });
    assert_eq!(
        texts(&room),
        [
            "x402 - POST /verify 500 in 3 ms: error=server returned an error: execution reverted: \
             invalid signature ×3: assert_enough_balance, assert_valid_payment, post_verify",
            "x402 - POST /settle 500 in 3 ms: error=server returned an error: execution reverted: \
             invalid signature ×3: assert_enough_balance, assert_valid_payment, post_verify",
        ]
    );
}

#[test]
fn an_error_is_shown_as_soon_as_its_request_ends_and_never_much_later() {
    let (room, layer) = Room::open(Builder::layer);
    let mut member = room.member();
    let mut next_text = || member.next(SOON).map(|seen| seen.plain());
    with_default(registry().with(layer), || {
        let open = info_span!("http_request", method = "POST", uri = "/verify");
        open.in_scope(|| error!(target: "x402", "never closed"));
        // It is shown although the span stays open, and nobody flushes.
        let shown = std::iter::from_fn(&mut next_text).find(|text| text.contains("never"));
        assert!(shown.is_some());
        let across = info_span!("http_request", method = "POST", uri = "/settle");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let dispatch = tracing::dispatcher::get_default(Clone::clone);
                let across = across.clone();
                scope.spawn(move || {
                    tracing::dispatcher::with_default(&dispatch, || {
                        let _entered = across.entered();
                        error!(target: "x402", "the chain is away");
                    });
                });
            }
        });
        drop(across);
        let shown = std::iter::from_fn(&mut next_text).find(|text| text.contains("away"));
        assert!(shown.is_some_and(|text| text.ends_with("the chain is away ×4: http_request")));
        drop(open);
    });
    let _ = room.close();
    let stats = room.handle.stats();
    assert_eq!((stats.shown(), stats.folded()), (2, 3));
}

#[test]
fn an_error_names_the_trace_of_its_spans() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let lines = shown(
        |builder| {
            builder
                .link_trace("https://tempo.example/{trace_id}")
                .trace_id(|span| span.with(|_: &Marked| [7; 16]))
        },
        |handle| {
            let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
            info_span!("by field", traceparent = %parent)
                .in_scope(|| error!(target: "x402", "one"));
            let late = info_span!("by record", trace_id = field::Empty);
            late.record("trace_id", TRACE);
            late.in_scope(|| error!(target: "x402", "two"));
            drop(late);
            info_span!("unknown").in_scope(|| error!(target: "x402", "three"));
            assert!(handle.flush(SOON));
        },
    );
    assert_eq!(
        lines,
        [
            format!("x402 - one https://tempo.example/{TRACE}"),
            format!("x402 - two https://tempo.example/{TRACE}"),
            "x402 - three".to_owned(),
        ]
    );
    let (room, layer) = Room::open(|builder| {
        builder
            .trace_id(|span| span.with(|_: &Marked| [7; 16]))
            .layer()
    });
    with_default(registry().with(Marks).with(layer), || {
        info_span!("settle").in_scope(|| error!(target: "x402", "late"));
    });
    assert_eq!(texts(&room), ["x402 - late trace=07070707"]);
}

/// What [`Marks`] keeps with each span.
struct Marked;

/// Stands for another layer that knows traces.
struct Marks;

impl<S> tracing_subscriber::Layer<S> for Marks
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(
        &self,
        _: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let span = context.span(id).expect("it is new");
        span.extensions_mut().insert(Marked);
    }
}

#[test]
fn a_value_that_is_registered_while_its_error_waits_is_masked() {
    const KEY: &str = "Jf83kqLw0zPa7VnX";
    let lines = shown(
        |builder| builder,
        |_| {
            let span = info_span!("http_request", method = "POST", uri = "/verify");
            span.in_scope(|| error!(target: "x402", "the gateway wrote {KEY}"));
            assert!(irclog::register_secret(KEY));
        },
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!lines[0].contains(KEY), "{lines:?}");
}

#[test]
fn a_hundred_thousand_failed_requests_at_once_lose_no_count() {
    const REQUESTS: u64 = 100_000;
    let (room, layer) = Room::open(Builder::layer);
    let handle = room.handle.clone();
    with_default(registry().with(layer), || {
        // None of them ends before the last has begun.
        let open: Vec<tracing::Span> = (0..REQUESTS)
            .map(|_| {
                let span = info_span!("http_request", method = "POST", uri = "/verify");
                span.in_scope(|| error!(target: "x402", "the chain is away"));
                span
            })
            .collect();
        drop(open);
        assert!(handle.flush(SOON), "{}", handle.stats());
    });
    let stats = handle.stats();
    assert_eq!(stats.logged(), REQUESTS, "{stats}");
    assert_eq!(
        stats.shown() + stats.folded() + stats.shed() + stats.dropped(),
        REQUESTS,
        "{stats}"
    );
    let _ = room.handle.shutdown(SOON);
}
