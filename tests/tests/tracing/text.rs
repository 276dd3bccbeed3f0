//! What a line says of an event and the spans around it.

use std::fmt;

use irclog::{Handle, Public, Secret};
use irclog_tests::SOON;
use tracing::{error, field, info, info_span, trace_span, warn};

use super::shown;

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
