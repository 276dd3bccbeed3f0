//! Which events and spans the layer asks for, and irclog's own words to others.

use std::sync::Mutex;

use ::tracing::{Level, debug_span, info_span, trace_span};
use log::Log;
use tracing_subscriber::Registry;

use super::*;

fn hint(settings: Settings) -> Option<LevelFilter> {
    let (_room, layer) = settings.open::<Registry>();
    Filter::<Registry>::max_level_hint(layer.filter())
}

#[test]
fn the_most_verbose_level_is_that_of_events_and_told_spans() {
    for (filter, alone) in [
        ("off", LevelFilter::OFF),
        ("error", LevelFilter::ERROR),
        ("warn", LevelFilter::WARN),
        ("info", LevelFilter::INFO),
        ("debug", LevelFilter::DEBUG),
        ("trace", LevelFilter::TRACE),
    ] {
        let without = Settings::filter(filter).spans(|spans| spans.set_depth(0));
        assert_eq!(hint(without), Some(alone));
        let all = Settings::filter(filter).spans(|spans| spans.set_fields(["user", "*"]));
        assert_eq!(hint(all), Some(alone));
        let told = match filter {
            "off" => LevelFilter::OFF,
            _ => alone.max(LevelFilter::DEBUG),
        };
        assert_eq!(hint(Settings::filter(filter)), Some(told));
        let hidden = crate::hide::Request::parse("/health").unwrap();
        let hides = Settings::filter(filter).spans(|spans| {
            spans.set_depth(0);
            spans.hide(&[hidden]);
        });
        assert_eq!(hint(hides), Some(told));
    }
    let kept = Settings::filter("warn").kept("trace");
    assert_eq!(hint(kept), Some(LevelFilter::TRACE));
    let off: Layer<Registry> = new(None, Spans::default());
    let hint = Filter::<Registry>::max_level_hint(off.filter());
    assert_eq!(hint, Some(LevelFilter::OFF));
}

/// Whether a layer with these settings wants this span, by both ways in which it
/// is asked.
fn wants(settings: Settings, span: &::tracing::Span) -> bool {
    let (_room, layer) = settings.open::<Registry>();
    let metadata = span.metadata().unwrap();
    let interest = Filter::<Registry>::callsite_enabled(layer.filter(), metadata);
    assert_ne!(interest.is_always(), interest.is_never());
    interest.is_always()
}

#[test]
fn a_span_is_wanted_for_its_fields_or_as_an_event() {
    with_default(registry(), || {
        let told = debug_span!(target: "lib", "told", method = "GET");
        let traced = debug_span!(target: "lib", "traced", trace_id = "0");
        let other = debug_span!(target: "lib", "other", user = "ann");
        let deep = trace_span!(target: "lib", "deep", method = "GET");
        let own = info_span!(target: "own", "own");
        let default = || Settings::filter("own=info");
        assert!(wants(default(), &told));
        assert!(wants(default(), &traced));
        assert!(!wants(default(), &other));
        assert!(!wants(default(), &deep));
        assert!(wants(default(), &own));
        assert!(wants(default().kept("lib=debug"), &other));
        let all = || default().spans(|spans| spans.set_fields(["*"]));
        assert!(!wants(all(), &told), "only what the filter lets through");
        assert!(wants(all(), &own));
        let none = || default().spans(|spans| spans.set_depth(0));
        assert!(!wants(none(), &told));
        assert!(wants(none(), &own));
    });
}

/// The events that reach it, as `LEVEL target text`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> tracing_subscriber::Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (metadata, text) = (event.metadata(), fields::Text(event));
        let told = format!("{} {} {text}", metadata.level(), metadata.target());
        self.0.lock().unwrap().push(told);
    }
}

#[test]
fn own_words_go_to_other_layers_at_their_level() {
    let levels = [
        (log::Level::Error, Level::ERROR),
        (log::Level::Warn, Level::WARN),
        (log::Level::Info, Level::INFO),
        (log::Level::Debug, Level::DEBUG),
        (log::Level::Trace, Level::TRACE),
    ];
    for (n, (most, _)) in levels.iter().enumerate() {
        let seen = Seen::default();
        let filter = level_filter(most.to_level_filter());
        with_default(registry().with(filter).with(seen.clone()), || {
            for (level, _) in &levels {
                let mut record = log::Record::builder();
                record.level(*level);
                let is_enabled = SubscriberTee.enabled(record.build().metadata());
                assert_eq!(is_enabled, level <= most);
                SubscriberTee.log(&record.args(format_args!("lost")).build());
            }
        });
        let expected = levels[..=n].iter();
        let expected: Vec<_> = expected
            .map(|(_, level)| format!("{level} irclog lost"))
            .collect();
        assert_eq!(*seen.0.lock().unwrap(), expected);
    }
}
