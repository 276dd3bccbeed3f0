//! The layer beside others, which do not notice.

use std::io;
use std::sync::{Arc, Mutex};

use irclog::Builder;
use irclog_tests::room::Room;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::with_default;
use tracing::{Subscriber, error, info, info_span, trace, warn};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, prelude::*, registry};

use super::texts;

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
    let (ops, ops_layer) =
        Room::open_frozen(|builder| builder.span_fields(["method", "user"]).layer());
    let (public, public_layer) = Room::open(|builder| builder.filter("warn").layer());
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
