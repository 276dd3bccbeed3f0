//! The tracing layer: what of events and spans is in the channel, and that
//! other layers do not notice.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use irclog::{Builder, Handle, Public, Secret};
use irclog_tests::SOON;
use irclog_tests::room::Room;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::with_default;
use tracing::{Subscriber, error, field, info, info_span, trace, trace_span, warn};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, prelude::*, registry};

/// The texts of all lines, without their tags, once all is said.
fn texts(room: &Room) -> Vec<String> {
    let mut texts = room.close().records();
    // Of other tests of this process: all channels hear of a panic.
    texts.retain(|text| !text.starts_with("panic - "));
    texts
}

/// The lines in the channel after `log` has run below a layer with these
/// settings.
fn shown(set: impl FnOnce(Builder) -> Builder, log: impl FnOnce(&Handle)) -> Vec<String> {
    let (room, layer) = Room::open(|builder| set(builder).layer());
    with_default(registry().with(layer), || log(&room.handle));
    texts(&room)
}

#[test]
fn an_event_is_its_message_then_its_fields_behind_the_request() {
    let lines = shown(
        |builder| builder,
        |handle| {
            let one_by_one = || assert!(handle.flush(SOON));
            let span = info_span!("http_request", otel.kind = "server", method = %"POST", uri = %"/verify");
            let _entered = span.enter();
            info!(target: "x402", status = 200, elapsed = %"3ms");
            one_by_one();
            let step = info_span!("assert_balance", payer = "0x12");
            step.in_scope(|| warn!(target: "x402", reason = "no funds", tries = ?Some(2), r#type = "exact", "refused {}", 7));
            one_by_one();
            error!(target: "x402", parent: None, empty = "", "alone");
        },
    );
    assert_eq!(
        lines,
        [
            "x402 - POST /verify: status=200 elapsed=3ms",
            "x402 - POST /verify > assert_balance payer=0x12: refused 7 reason=\"no funds\" tries=Some(2) type=exact",
            "x402 - alone empty=\"\"",
        ]
    );
}

#[test]
fn spans_are_chosen_by_field_and_counted_from_within() {
    let log = |handle: &Handle| {
        let outer = info_span!(
            "http_request",
            otel.name = "POST /settle",
            method = "POST",
            uri = "/settle",
            user = field::Empty,
        );
        let _outer = outer.enter();
        let _again = info_span!("request", otel.name = "POST /settle").entered();
        let _step = trace_span!("assert_balance", payer = "0x12", attempt = 1).entered();
        let _call = tracing::debug_span!("rpc", method = "eth_call", payer = "0x34").entered();
        info!(target: "x402", "before");
        assert!(handle.flush(SOON));
        outer.record("user", "ann");
        outer.record("user", "bob b");
        info!(target: "x402", "after");
    };
    let by_default = shown(|builder| builder, log);
    assert_eq!(
        by_default,
        [
            "x402 - POST /settle > eth_call payer=0x34: before",
            "x402 - POST /settle > eth_call payer=0x34: after",
        ],
    );
    let chosen = shown(
        |builder| builder.span_fields(["user", "payer", "method"]),
        log,
    );
    assert_eq!(
        chosen,
        [
            "x402 - POST > eth_call payer=0x34: before",
            "x402 - POST user=\"bob b\" > eth_call payer=0x34: after",
        ],
        "a span at TRACE is not worth its cost"
    );
    let everything = shown(
        |builder| builder.filter("trace").span_fields(["*"]).span_depth(2),
        log,
    );
    assert_eq!(
        everything,
        [
            "x402 - assert_balance payer=0x12 attempt=1 > eth_call payer=0x34: before",
            "x402 - assert_balance payer=0x12 attempt=1 > eth_call payer=0x34: after",
        ]
    );
    let none = shown(|builder| builder.span_depth(0), log);
    assert_eq!(none, ["x402 - before", "x402 - after"]);
}

#[test]
fn types_decide_what_is_shown_in_fields_and_spans() {
    let tx = format!("0x{}", "1f2e3d4c5b6a7988".repeat(4));
    let other = format!("0x{}", "8897a6b5c4d3e2f1".repeat(4));
    let key = Secret::new("correct-horse-battery-staple".to_owned());
    let lines = shown(
        |builder| builder.span_fields(["tx", "key", "hash", "uri"]),
        |handle| {
            let span = info_span!(
                "settle",
                tx = %Public(&tx),
                key = ?key,
                hash = %other,
                uri = "/v2/x?api_key=f00dcafe12345678f00d",
            );
            let _entered = span.enter();
            info!(target: "x402", "inside");
            assert!(handle.flush(SOON));
            info!(target: "x402", parent: None, tx = ?Public(&tx), hash = other, ?key, "settled");
            assert!(handle.flush(SOON));
            info!(target: "x402", parent: None, "message {} {}", Public(&tx), other);
        },
    );
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for line in &lines {
        assert!(line.contains(&tx), "public: {line}");
        assert!(!line.contains(&other[14..]), "not public: {line}");
    }
    let all = lines.concat();
    assert!(
        !all.contains("horse") && !all.contains("f00dcafe12345678"),
        "{all}"
    );
    assert_eq!(all.matches("key=[redacted]").count(), 2, "{all}");
}

#[test]
fn what_is_public_and_empty_makes_nothing_public_behind_it() {
    let tx = format!("0x{}", "1f2e3d4c5b6a7988".repeat(4));
    let lines = shown(
        |builder| builder.span_fields(["a", "tx"]),
        |handle| {
            let span = info_span!("settle", a = ?Public(""), tx = %Public(&tx));
            span.in_scope(|| info!(target: "x402", "one"));
            assert!(handle.flush(SOON));
            let span = info_span!("settle", a = ?Public(""), tx = %format_args!("{tx}"));
            span.in_scope(|| info!(target: "x402", "two"));
            assert!(handle.flush(SOON));
            let span = info_span!("settle", a = ?Public(""), tx = "aéb");
            span.in_scope(|| info!(target: "x402", "three"));
        },
    );
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert_eq!(lines[0], format!("x402 - settle tx={tx}: one"));
    assert!(!lines[1].contains(&tx[14..]), "{lines:#?}");
    assert_eq!(lines[2], "x402 - settle tx=aéb: three");
}

#[test]
fn the_secret_in_an_error_chain_stays_out_and_its_cause_is_told_once() {
    #[derive(Debug)]
    struct Failed(&'static str, Option<Box<Failed>>);
    impl fmt::Display for Failed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    impl std::error::Error for Failed {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }
    let timeout = Failed("timed out", None);
    let url = "error sending request for url \
               (https://base.rpc.example/v2/Zx8Kq2LmN4pR7sTvWy9BcDfGhJ): timed out";
    let request = Failed(url, Some(Box::new(timeout)));
    let top = Failed("settlement failed", Some(Box::new(request)));
    let lines = shown(
        |builder| builder,
        |_| error!(target: "x402", error = &top as &dyn std::error::Error, "no receipt"),
    );
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("x402 - no receipt error=settlement failed: error sending request"),
        "{lines:?}"
    );
    assert_eq!(lines[0].matches("timed out").count(), 1, "{lines:?}");
    assert!(!lines[0].contains("Zx8Kq2LmN4pR7s"), "{lines:?}");
}

/// What a layer for the console writes.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A layer that writes there all that reaches it.
fn console<S>(screen: &Screen) -> impl tracing_subscriber::Layer<S> + use<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let screen = screen.clone();
    tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || screen.clone())
}

impl io::Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_filter_moves_another() {
    let quiet_screen = Screen::default();
    let verbose_screen = Screen::default();
    let log = || {
        let span = tracing::debug_span!("request", method = "GET", path = "/supported");
        span.in_scope(|| {
            error!(target: "x402", "an error");
            info!(target: "x402", "an info");
            trace!(target: "x402", "a trace");
            info!(target: "hyper", "noise");
        });
    };

    let (room, layer) = Room::open(|builder| builder.filter("info,hyper=off").layer());
    let subscriber = registry()
        .with(console(&verbose_screen).with_filter(EnvFilter::new("trace")))
        .with(layer)
        .with(console(&quiet_screen).with_filter(LevelFilter::ERROR));
    with_default(subscriber, log);
    assert_eq!(
        texts(&room),
        [
            "x402 - GET /supported: an error",
            "x402 - GET /supported: an info"
        ]
    );
    let text = verbose_screen.text();
    assert_eq!(text.lines().count(), 4, "{text}");
    let text = quiet_screen.text();
    assert!(
        text.contains("an error") && text.lines().count() == 1,
        "{text}"
    );
    assert!(
        !text.contains("/supported"),
        "the span was not for this layer: {text}"
    );

    // A filter that is a layer of its own is one for everybody.
    let screen = Screen::default();
    let (room, layer) = Room::open(|builder| builder.filter("trace").layer());
    let subscriber = registry()
        .with(EnvFilter::new("error"))
        .with(layer)
        .with(console(&screen));
    with_default(subscriber, log);
    assert_eq!(texts(&room), ["x402 - an error"]);
    assert_eq!(screen.text().lines().count(), 1, "{}", screen.text());

    // A layer without any filter beside a channel that wants little.
    let screen = Screen::default();
    let (room, layer) = Room::open(|builder| builder.filter("error").layer());
    let subscriber = registry().with(layer).with(console(&screen));
    with_default(subscriber, log);
    assert_eq!(texts(&room), ["x402 - GET /supported: an error"]);
    assert_eq!(screen.text().lines().count(), 4, "{}", screen.text());
}

#[test]
fn of_a_hidden_request_only_its_troubles_are_shown() {
    let lines = shown(
        |builder| {
            builder
                .hide_requests(["/health", "GET /metrics"])
                .span_depth(0)
        },
        |_| {
            let ask = |method: &str, uri: &str| {
                let _span = info_span!("request", method, uri).entered();
                let _step = info_span!("handler").entered();
                info!(target: "x402", "{method} {uri}");
                if uri.contains("health") {
                    warn!(target: "x402", "slow");
                }
            };
            ask("GET", "/health?deep=1");
            ask("GET", "/metrics");
            ask("POST", "/metrics");
            ask("GET", "/healthy");
        },
    );
    assert_eq!(
        lines,
        [
            "x402 - slow",
            "x402 - slow",
            "x402 - POST /metrics",
            "x402 - GET /healthy"
        ]
    );
    let named = shown(
        |builder| builder.hide_requests(["GET /health"]),
        |_| {
            let span = info_span!(
                "request",
                otel.name = field::Empty,
                method = "GET",
                uri = "/x"
            );
            span.record("otel.name", "GET /health");
            span.in_scope(|| info!(target: "x402", "hidden"));
            span.record("otel.name", "GET /x");
            span.in_scope(|| info!(target: "x402", "shown"));
        },
    );
    assert_eq!(named, ["x402 - GET /x: shown"]);
}

#[test]
fn fields_that_nobody_wants_are_left_out() {
    let lines = shown(
        |builder| builder.span_fields(["*"]).drop_fields(["body", "payer"]),
        |_| {
            let _span = info_span!("verify", payer = "0x12", network = "base").entered();
            info!(target: "x402", body = "a long one", ms = 3, "paid");
            info!(target: "x402", Body = ?Some("another"), "refused");
        },
    );
    assert_eq!(
        lines,
        [
            "x402 - verify network=base: paid ms=3",
            "x402 - verify network=base: refused"
        ]
    );
}

#[test]
fn the_filters_pattern_sees_message_and_fields() {
    let lines = shown(
        |builder| builder.filter("info/settled.*base"),
        |_| {
            info!(target: "x402", network = "base", "settled");
            info!(target: "x402", network = "avalanche", "settled");
            info!(target: "x402", network = "base", "refused");
        },
    );
    assert_eq!(lines, ["x402 - settled network=base"]);
}

#[test]
fn a_layer_that_is_off_or_none_disturbs_nobody() {
    let screen = Screen::default();
    let (off, handle) = irclog::builder().enabled(false).layer().unwrap();
    let subscriber = registry().with(console(&screen)).with(off);
    with_default(subscriber, || trace!("beside a layer that is off"));
    assert_eq!(handle.state(), irclog::State::Off);

    // The environment of a test names no server.
    let none = irclog::layer_from_env();
    assert!(none.is_none());
    let subscriber = registry().with(none).with(console(&screen));
    with_default(subscriber, || trace!("beside none"));
    let text = screen.text();
    assert!(
        text.contains("a layer that is off") && text.contains("beside none"),
        "{text}"
    );

    let (room, layer) = Room::open(Builder::layer);
    with_default(
        registry().with(Some(layer)),
        || info!(target: "x402", "some"),
    );
    assert_eq!(texts(&room), ["x402 - some"]);
}

#[test]
fn two_channels_show_each_their_own() {
    let (ops, ops_layer) = Room::open(|builder| builder.span_fields(["method", "user"]).layer());
    let (public, public_layer) = Room::open(|builder| builder.filter("warn").layer());
    // What is logged waits together, however long that takes.
    ops.server.freeze();
    with_default(registry().with(ops_layer).with(public_layer), || {
        let span = info_span!("request", method = "POST", path = "/verify", user = "ann");
        let _entered = span.enter();
        info!(target: "x402", "verified");
        warn!(target: "x402", "slow");
    });
    ops.server.resume();
    assert_eq!(
        texts(&ops),
        [
            "x402 - POST user=ann: slow",
            "x402 - POST user=ann: verified"
        ],
        "the more urgent first"
    );
    assert_eq!(texts(&public), ["x402 - POST /verify: slow"]);
}

/// Keeps something of its own on each span and looks it up at each event, as
/// the OpenTelemetry layer does.
struct Traces(Arc<Mutex<Vec<String>>>);

struct TraceName(String);

impl<S> tracing_subscriber::Layer<S> for Traces
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::Id,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let span = context.span(id).unwrap();
        let name = attributes.metadata().name().to_owned();
        span.extensions_mut().insert(TraceName(name));
    }

    fn on_event(
        &self,
        event: &tracing::Event<'_>,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        let span = context.event_span(event).unwrap();
        let extensions = span.extensions();
        let name = &extensions.get::<TraceName>().unwrap().0;
        self.0.lock().unwrap().push(name.clone());
    }
}

#[test]
fn another_layer_keeps_what_it_has_on_the_spans() {
    let traced = Arc::default();
    let (room, layer) = Room::open(Builder::layer);
    let subscriber = registry()
        .with(Traces(Arc::clone(&traced)))
        .with(layer)
        .with(EnvFilter::new("info"));
    with_default(subscriber, || {
        let span = info_span!("request", method = "GET", path = "/a");
        span.in_scope(|| info!(target: "x402", "hello"));
    });
    assert_eq!(texts(&room), ["x402 - GET /a: hello"]);
    assert_eq!(*traced.lock().unwrap(), ["request"]);
}

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
