//! What the spans around an event say before it.

use ::tracing::{debug_span, error, field, info, info_span, trace_span, warn};

use super::*;
use crate::redact::Public;
use crate::trace::TraceId;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACE: &str = "11111111111111111111111111111111";

fn default() -> Settings {
    Settings::filter("info")
}

fn fields(names: &[&str]) -> Settings {
    default().spans(|spans| spans.set_fields(names.iter().copied()))
}

#[test]
fn three_spans_are_told_or_sixteen_at_most() {
    let log = || {
        let spans = (0..20).map(|n| info_span!("step", payer = n).entered());
        let _spans: Vec<_> = spans.collect();
        info!("said");
    };
    assert_eq!(
        default().texts(log),
        ["step payer=17 > step payer=18 > step payer=19: said"]
    );
    let most = default().spans(|spans| spans.set_depth(100)).texts(log);
    assert_eq!(most[0].matches(" > ").count(), 15, "{most:?}");
    let none = default().spans(|spans| spans.set_depth(0)).texts(log);
    assert_eq!(none, ["said"]);
}

#[test]
fn a_span_is_told_up_to_debug_and_by_its_chosen_fields() {
    let log = || {
        let _deep = trace_span!("deep", paid = 1).entered();
        let _step = debug_span!("step", user = "ann", paid = 2, other = 3).entered();
        info!("said");
    };
    // Of the same length.
    let mut chosen = fields(&["user", "paid"]);
    chosen.filter = "trace";
    assert_eq!(chosen.texts(log), ["step user=ann paid=2: said"]);
    let mut all = fields(&["user", "*"]);
    all.filter = "trace";
    assert_eq!(
        all.texts(log),
        ["deep paid=1 > step user=ann paid=2 other=3: said"]
    );
}

#[test]
fn with_all_fields_a_span_without_one_is_told_by_its_name() {
    let log = || {
        let _outer = info_span!("settle").entered();
        let _inner = info_span!("broadcast").entered();
        info!("said");
    };
    assert_eq!(fields(&["*"]).texts(log), ["settle > broadcast: said"]);
    assert_eq!(default().texts(log), ["said"]);
}

#[test]
fn a_request_is_told_once_however_many_spans_are_made_for_it() {
    let texts = default().texts(|| {
        let again = || info_span!("request", method = "POST", path = "/a");
        let outer = info_span!("http", method = "POST", path = "/a");
        let paying = info_span!("http", method = "POST", path = "/a", payer = 1);
        let other = info_span!("http", method = "POST", path = "/b");
        outer.in_scope(|| again().in_scope(|| info!("1")));
        paying.in_scope(|| again().in_scope(|| info!("2")));
        other.in_scope(|| again().in_scope(|| info!("3")));
        outer.in_scope(|| info_span!("step", payer = 1).in_scope(|| info!("4")));
    });
    assert_eq!(
        texts,
        [
            "POST /a: 1",
            "POST /a payer=1 > POST /a: 2",
            "POST /b > POST /a: 3",
            "POST /a > step payer=1: 4",
        ]
    );
}

#[test]
fn a_name_of_its_own_stands_for_method_and_path() {
    let texts = default().texts(|| {
        let first = info_span!("http", otel.name = "GET /a b", method = "GET", payer = 1);
        first.in_scope(|| info!("1"));
        let last = info_span!("http", path = "/a", otel.name = "GET /a", payer = 1);
        last.in_scope(|| info!("2"));
        info_span!("http", method = "GET").in_scope(|| info!("3"));
        info_span!("http", path = "/a", uri = "/b").in_scope(|| info!("4"));
    });
    assert_eq!(
        texts,
        [
            "GET /a b payer=1: 1",
            "GET /a payer=1: 2",
            "GET: 3",
            "/b: 4"
        ]
    );
}

#[test]
fn what_is_recorded_later_replaces_or_is_added() {
    let records = default().records(|| {
        let span = info_span!(
            "pay",
            network = "base",
            payer = %Public("0x12"),
            tx = field::Empty,
            user = field::Empty,
        );
        span.in_scope(|| info!("1"));
        span.record("tx", field::display(Public("0x34")));
        span.in_scope(|| info!("2"));
        span.record("network", "avalanche");
        span.record("user", "ann");
        span.record("tx", "");
        span.in_scope(|| info!("3"));
    });
    let told: Vec<_> = records.iter().map(|record| public(record)).collect();
    assert_eq!(told[0], ["0x12"]);
    assert_eq!(told[1], ["0x12", "0x34"]);
    assert_eq!(told[2], ["0x12", "0x34"]);
    assert_eq!(
        texts(records),
        [
            "pay network=base payer=0x12: 1",
            "pay network=base payer=0x12 tx=0x34: 2",
            "pay network=avalanche payer=0x12 tx=0x34: 3",
        ]
    );
}

#[test]
fn only_public_values_are_public() {
    let records = default().records(|| {
        let span =
            info_span!("pay", network = %Public("base"), payer = "0x12", tx = %Public("0x34"));
        span.in_scope(|| info!("said"));
    });
    assert_eq!(public(&records[0]), ["base", "0x34"]);
}

#[test]
fn of_a_long_value_only_the_length_is_told() {
    let (full, over) = ("a".repeat(1024), "b".repeat(1021));
    let records = default().records(|| {
        let begins = format_args!("{}{over}", Public("0x12"));
        let span =
            info_span!("pay", network = "base", payer = full, tx = %begins, from = %Public("me"));
        span.in_scope(|| info!("said"));
    });
    assert_eq!(public(&records[0]), ["me"]);
    assert_eq!(
        records[0].text,
        format!("pay network=base payer={full} tx=(1025 bytes) from=me: said")
    );
}

#[test]
fn an_empty_value_says_nothing() {
    let records = default().records(|| {
        let span =
            info_span!("pay", network = "", payer = %"", tx = ?Public(""), from = %Public("me"));
        span.in_scope(|| info!("said"));
        let silent = info_span!("pay", payer = "", trace_id = "none");
        silent.in_scope(|| info!("said"));
    });
    assert_eq!(public(&records[0]), ["me"]);
    assert_eq!(texts(records), ["pay from=me: said", "said"]);
}

#[test]
fn an_error_has_the_trace_that_the_nearest_span_names() {
    let parse = TraceId::parse;
    let records = default().records(|| {
        let outer = info_span!("outer", payer = 1, trace_id = TRACE, traceparent = "none");
        outer.in_scope(|| {
            warn!("1");
            error!("2");
            info_span!("step", payer = 2).in_scope(|| error!("3"));
            info_span!("step", trace_id = OTHER_TRACE).in_scope(|| error!("4"));
        });
        outer.record("payer", 2);
        outer.in_scope(|| error!("5"));
        outer.record("trace_id", OTHER_TRACE);
        outer.in_scope(|| error!("6"));
    });
    let mut told: Vec<_> = records
        .iter()
        .map(|record| (record.text.chars().last(), record.trace))
        .collect();
    told.sort_by_key(|(last, _)| *last);
    let (trace, other) = (parse(TRACE), parse(OTHER_TRACE));
    assert!(trace.is_some() && other.is_some());
    let expected = [None, trace, trace, other, trace, other];
    let expected: Vec<_> = ('1'..='6').map(Some).zip(expected).collect();
    assert_eq!(told, expected);
    assert!(records.iter().all(|record| !record.text.contains(TRACE)));
}

#[test]
fn the_hook_is_asked_for_spans_whose_fields_name_no_trace() {
    let hook = || Hook::new(|span| (span.id().into_u64() != 0).then_some([7; 16]));
    let settings = default().spans(|spans| spans.set_trace_hook(hook()));
    let records = settings.records(|| {
        info_span!("settle", trace_id = TRACE).in_scope(|| error!("1"));
        info_span!("settle").in_scope(|| error!("2"));
    });
    assert_eq!(records[0].trace, TraceId::parse(TRACE));
    assert_eq!(records[1].trace, TraceId::new([7; 16]));
}

#[test]
fn a_request_is_hidden_by_its_name_or_by_method_and_path() {
    let settings = || {
        let requests = ["GET /a", "/b"].map(|text| crate::hide::Request::parse(text).unwrap());
        default().spans(|spans| {
            spans.set_depth(0);
            spans.hide(&requests);
        })
    };
    let texts = settings().texts(|| {
        let in_span = |span: ::tracing::Span, text: &str| span.in_scope(|| info!("{text}"));
        in_span(info_span!("http", otel.name = "GET /a"), "-");
        in_span(
            info_span!("http", otel.name = "POST /a"),
            "named, by another method",
        );
        in_span(info_span!("http", otel.name = "/b"), "-");
        in_span(info_span!("http", method = "GET", path = "/a"), "-");
        in_span(
            info_span!("http", method = "POST", path = "/a"),
            "another method",
        );
        in_span(info_span!("http", path = "/b"), "-");
        in_span(info_span!("http", method = "GET"), "no path");
        in_span(info_span!("step", payer = 1), "a step");
        let late = info_span!("http", path = field::Empty);
        late.record("path", "/b");
        in_span(late, "-");
        let _outer = info_span!("http", path = "/b").entered();
        in_span(info_span!("step", payer = 1), "-");
    });
    assert_eq!(
        texts,
        [
            "named, by another method",
            "another method",
            "no path",
            "a step"
        ]
    );
}

#[test]
fn each_of_two_layers_has_what_it_was_told() {
    let hidden = crate::hide::Request::parse("/b").unwrap();
    let (first, first_layer) = fields(&["user"]).open();
    let hides = default().spans(|spans| spans.hide(&[hidden]));
    let (second, second_layer) = hides.open();
    with_default(registry().with(first_layer).with(second_layer), || {
        let span = info_span!("http", path = "/a", user = "ann", payer = field::Empty);
        span.in_scope(|| info!("1"));
        span.record("user", "bob");
        span.record("payer", 7);
        span.in_scope(|| info!("2"));
        let span = info_span!("http", path = "/b", user = "ann");
        span.in_scope(|| info!("3"));
    });
    assert_eq!(
        texts(first.records()),
        ["http user=ann: 1", "http user=bob: 2", "http user=ann: 3"]
    );
    assert_eq!(texts(second.records()), ["/a: 1", "/a payer=7: 2"]);
}
