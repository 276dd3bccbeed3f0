//! One event: its text, its level and its place.

use std::error::Error;
use std::thread;

use ::tracing::{debug, error, info, info_span, trace, warn};
use log::Level;

use super::*;
use crate::context::become_worker;
use crate::line::MAIN;

#[test]
fn a_value_is_in_quotes_where_its_end_could_not_be_seen() {
    let texts = Settings::filter("info").texts(|| {
        info!(
            a = "",
            b = "x y",
            c = "x\u{7}",
            d = "x\"y",
            e = "xy",
            "said"
        );
    });
    assert_eq!(
        texts,
        ["said a=\"\" b=\"x y\" c=\"x\\u{7}\" d=\"x\\\"y\" e=xy"]
    );
}

#[test]
fn no_gap_stands_where_there_is_no_message() {
    let texts = Settings::filter("info").texts(|| {
        info!(a = 1, r#type = "t");
        info!(message = "said", a = 1);
        info!(a = 1, "said");
    });
    assert_eq!(texts, ["a=1 type=t", "said a=1", "said a=1"]);
}

#[test]
fn what_cannot_be_formatted_ends_the_text() {
    let texts = Settings::filter("info").texts(|| {
        info!(b = 1, "{Broken}");
        info!(a = %Broken, b = 1, "said");
    });
    assert_eq!(texts.len(), 2);
    assert!(!texts[0].contains("b=1"), "{texts:?}");
    assert!(texts[1].starts_with("said a="), "{texts:?}");
    assert!(!texts[1].contains("b=1"), "{texts:?}");
}

#[test]
fn an_error_is_told_with_eight_causes_and_each_once() {
    let names = ["e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9"];
    let long = Failed::chain(&names).unwrap();
    let again = Failed::chain(&["a: b", "b", "c", "c"]).unwrap();
    let texts = Settings::filter("info").texts(|| {
        info!(error = &*long as &dyn Error);
        info!(error = &*again as &dyn Error);
        let span = info_span!("pay", payer = &*again as &dyn Error);
        span.in_scope(|| info!("said"));
    });
    assert_eq!(
        texts,
        [
            "error=e0: e1: e2: e3: e4: e5: e6: e7: e8",
            "error=a: b: c",
            "pay payer=a: b: c: said"
        ]
    );
}

#[test]
fn what_came_through_log_has_its_own_place_and_a_field_of_that_name_is_shown() {
    let records = Settings::filter("info").records(|| {
        let mut record = log::Record::builder();
        record.target("payments").file(Some("pay.rs")).line(Some(7));
        let args = format_args!("paid");
        tracing_log::format_trace(&record.args(args).build()).unwrap();
        info!(log.file = "a.rs", "an event");
    });
    let site = &records[0].site;
    let place = (site.target.as_str(), site.file.as_str(), site.line);
    assert_eq!(place, ("payments", "pay.rs", 7));
    assert_eq!(records[0].text, "paid");
    assert_eq!(records[1].text, "an event log.file=a.rs");
}

#[test]
fn an_event_has_its_level_and_where_it_is() {
    let records = Settings::filter("trace").records(|| {
        error!(target: "pay", "1");
        warn!(target: "pay", "2");
        info!(target: "pay", "3");
        debug!(target: "pay", "4");
        trace!(target: "pay", "5");
    });
    let levels: Vec<_> = records.iter().map(|record| record.level).collect();
    assert_eq!(levels, Level::iter().collect::<Vec<_>>());
    let first = records[0].site.line;
    for (record, line) in records.iter().zip(first..) {
        let site = &record.site;
        assert_eq!((site.target.as_str(), site.line), ("pay", line));
        assert!(site.file.ends_with("events.rs"), "{site:?}");
    }
}

#[test]
fn a_dropped_field_is_known_by_the_name_that_is_shown() {
    let settings = Settings::filter("info").drop_fields(&["type"]);
    let settings = settings.spans(|spans| spans.set_fields(["type", "user"]));
    let texts = settings.texts(|| {
        let span = info_span!("pay", r#type = "exact", user = "ann");
        span.in_scope(|| info!(r#type = "exact", a = 1, "said"));
    });
    assert_eq!(texts, ["pay user=ann: said a=1"]);
}

#[test]
fn what_a_pattern_cannot_read_is_let_through_by_its_target() {
    let texts = Settings::filter("pay=info/paid").texts(|| {
        info!(target: "pay", "paid");
        info!(target: "pay", "refused");
        info!(target: "pay", "{Panics}");
        info!(target: "other", "{Panics}");
    });
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(texts[0], "paid");
}

#[test]
fn neither_the_workers_events_nor_irclog_s_own_words_are_taken() {
    let (room, layer) = Settings::filter("info").open();
    let dispatch = Dispatch::new(registry().with(layer));
    // Takes all, so that the layer is asked for each event.
    let _other = Dispatch::new(registry());
    dispatcher::with_default(&dispatch, || info!(target: "irclog", "no channel"));
    let worker = thread::spawn(move || {
        become_worker();
        dispatcher::with_default(&dispatch, || info!("connected"));
    });
    worker.join().unwrap();
    assert!(room.records().is_empty());
}

#[test]
fn of_a_hidden_request_troubles_are_shown_and_the_rest_is_counted() {
    let hidden = crate::hide::Request::parse("/health").unwrap();
    let settings = Settings::filter("debug").spans(|spans| spans.hide(&[hidden]));
    let (room, layer) = settings.open();
    with_default(registry().with(layer), || {
        let _request = info_span!("request", path = "/health").entered();
        let _step = info_span!("step", payer = "0x12").entered();
        error!("1");
        warn!("2");
        info!("3");
        debug!("4");
    });
    let levels: Vec<_> = room.records().iter().map(|record| record.level).collect();
    assert_eq!(levels, [Level::Error, Level::Warn]);
    assert_eq!(room.shared.take_hidden(MAIN, Level::Info), 1);
    assert_eq!(room.shared.take_hidden(MAIN, Level::Debug), 1);
}
