//! The way in for services that log through tracing: a layer beside their
//! others. Behind it everything is the same as for `log`.

mod fields;
mod hook;
mod spans;
mod story;
mod tee;
#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use ::tracing::dispatcher::WeakDispatch;
use ::tracing::level_filters::LevelFilter;
use ::tracing::span::{Attributes, Id, Record as Recorded};
use ::tracing::subscriber::Interest;
use ::tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::capture::{self, Origin};
use crate::context::is_worker;
use crate::line::ChannelSet;
use crate::logger::now;
use crate::record::{Record, Site, Within};
use crate::redact::audience::Mark;
use crate::shared::Shared;
use crate::trail::{Request, Trail};
use crate::trails::Trails;

pub(crate) use self::hook::Hook;
pub use self::hook::OpenSpan;
use self::spans::Contexts;
pub(crate) use self::spans::Spans;
use self::story::{Failures, Place};
pub(crate) use self::tee::SubscriberTee;

/// Shows a service's tracing events in the channel, beside its other layers.
///
/// Made by [`layer`](crate::layer()), [`layer_from_env`](crate::layer_from_env)
/// and [`Builder::layer`](crate::Builder::layer). Which events it takes is
/// said by `IRC_LOG` alone: its filter hides nothing from other layers, and
/// theirs, given by `with_filter`, hide nothing from it. (An `EnvFilter` that
/// is itself a layer, and so `tracing_subscriber::fmt().with_env_filter(…)`,
/// is a filter of the whole subscriber: what it rejects reaches nobody.)
///
/// A line is the event's message, then its fields as ` key=value`; before it
/// stands what the spans around it say of themselves:
///
/// ```text
/// x402::telemetry - POST /verify: status=200 elapsed=3ms
/// ```
///
/// That is the span field `otel.name`, or else the HTTP method and path, from
/// the fields that OpenTelemetry, tower-http and others have for them; see
/// [`Builder::span_fields`](crate::Builder::span_fields).
pub type Layer<S> = Filtered<EventLayer, EventFilter, S>;

/// The part of [`Layer`] that takes events and spans.
///
/// ```
/// let (layer, _handle) = irclog::builder()
///     .enabled(false)
///     .layer::<tracing_subscriber::Registry>()?;
/// let layer: irclog::Layer<tracing_subscriber::Registry> = layer;
/// # Ok::<(), irclog::InitError>(())
/// ```
#[derive(Debug)]
pub struct EventLayer {
    /// `None` where the channel is off.
    out: Option<Out>,
    /// The subscriber that this layer is in.
    dispatch: OnceLock<WeakDispatch>,
}

/// The part of [`Layer`] that says which events and spans it takes.
///
/// ```
/// type Layer = irclog::Layer<tracing_subscriber::Registry>;
/// # let (layer, _handle) = irclog::builder().enabled(false).layer()?;
/// # let layer: Layer = layer;
/// let filter: &irclog::EventFilter = layer.filter();
/// # Ok::<(), irclog::InitError>(())
/// ```
#[derive(Debug)]
pub struct EventFilter {
    out: Option<Out>,
}

#[derive(Clone)]
struct Out {
    shared: Arc<Shared>,
    spans: Arc<Spans>,
    failures: Arc<Failures>,
}

/// Makes the layer; one that takes nothing where `shared` is `None`.
pub(crate) fn new<S>(shared: Option<Arc<Shared>>, spans: Spans) -> Layer<S> {
    let spans = Arc::new(spans);
    let out = shared.map(|shared| Out {
        failures: Arc::new(Failures::new(shared.trails().is_some())),
        shared,
        spans,
    });
    let layer = EventLayer {
        out: out.clone(),
        dispatch: OnceLock::new(),
    };
    Filtered::new(layer, EventFilter { out })
}

impl<S> Filter<S> for EventFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.out.as_ref().is_some_and(|out| out.wants(metadata))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match &self.out {
            Some(out) if out.wants(metadata) => Interest::always(),
            _ => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match &self.out {
            Some(out) => {
                let events = level_filter(out.shared.level());
                events.max(out.spans.max_level(events))
            }
            None => LevelFilter::OFF,
        })
    }
}

impl<S> tracing_subscriber::Layer<S> for EventLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some((out, span)) = self.out.as_ref().zip(context.span(id)) else {
            return;
        };
        let metadata = attributes.metadata();
        Contexts::add(&span, out.key(), metadata, &out.spans, &|visitor| {
            attributes.record(visitor);
        });
    }

    fn on_record(&self, id: &Id, values: &Recorded<'_>, context: Context<'_, S>) {
        let Some((out, span)) = self.out.as_ref().zip(context.span(id)) else {
            return;
        };
        let metadata = span.metadata();
        Contexts::add(&span, out.key(), metadata, &out.spans, &|visitor| {
            values.record(visitor);
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(out) = &self.out else {
            return;
        };
        if is_worker() {
            return;
        }
        // What came through `log` names its real place in its fields.
        let of_log = event.normalized_metadata();
        let metadata = of_log.as_ref().unwrap_or_else(|| event.metadata());
        let to = out.admit(metadata, event);
        if to.is_empty() {
            out.keep(metadata, event, &context);
            return;
        }
        if *metadata.level() > ::tracing::Level::WARN
            && out.spans.hides()
            && spans::are_hidden(context.event_scope(event), out.key())
        {
            out.shared.count_hidden(to, level(*metadata.level()));
            return;
        }
        let origin = Origin {
            level: level(*metadata.level()),
            site: Site {
                target: metadata.target(),
                file: metadata.file().unwrap_or_default(),
                line: metadata.line().unwrap_or_default(),
            },
            sender: "",
        };
        if let Some(mut slot) = out.shared.slot(origin.level, origin.site, to) {
            let mut text = 0;
            capture::fill_with(&mut slot, &origin, now(), |writer| {
                let spans = context.event_scope(event);
                if spans::write(spans, out.key(), out.spans.depth(), writer)? {
                    writer.write_str(": ")?;
                }
                text = Mark::here().offset();
                fields::write(event, out.shared.drop_fields(), writer)
            });
            let is_error = origin.level == log::Level::Error;
            if is_error || !out.failures.are_none() {
                let place = story::place(context.event_scope(event), out.key());
                if let Some(place) = place {
                    out.join(&mut slot, &place, text);
                }
            }
            if is_error {
                slot.trace = spans::trace_of(
                    context.event_scope(event),
                    out.key(),
                    &out.spans,
                    &self.dispatch,
                );
            }
            out.shared.push(slot);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(out) = &self.out
            && !out.failures.are_none()
            && let Some(span) = context.span(&id)
        {
            if let Some(trails) = out.shared.trails() {
                trails.end(id.into_u64());
            }
            if let Some(story) = out.failures.end(&span, out.key()) {
                out.shared.lanes().end_story(story);
            }
        }
    }
}

impl Out {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            self.spans.wants(metadata, || self.takes(metadata))
        } else {
            metadata.target() != tee::TARGET && self.takes(metadata)
        }
    }

    /// Whether it is shown, or kept.
    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        let is_kept = |trails: &Trails| trails.wants(&log_metadata(metadata));
        self.lets_through(metadata) || self.shared.trails().is_some_and(is_kept)
    }

    fn lets_through(&self, metadata: &Metadata<'_>) -> bool {
        self.shared.filter().enabled(&log_metadata(metadata))
    }

    /// Asked again for each event: the filter may look into the text, and may
    /// have changed since the call site's interest was kept.
    fn admit(&self, metadata: &Metadata<'_>, event: &Event<'_>) -> ChannelSet {
        let admitted = asked(metadata, event, |record| self.shared.filter().admit(record));
        let by_target = || {
            self.shared
                .filter()
                .of(level(*metadata.level()), metadata.target())
        };
        admitted.unwrap_or_else(by_target)
    }

    /// Notes what a captured event has to do with others of its request. Its own
    /// text begins at `text`.
    fn join<'a, R>(&self, slot: &mut Record, place: &Place<'a, R>, text: usize)
    where
        R: LookupSpan<'a>,
    {
        let is_error = slot.level == log::Level::Error;
        let story = self.failures.story(place, self.key(), is_error);
        slot.within = story.map(|story| Within {
            story,
            span: place.innermost,
            text,
        });
        let Some(trails) = self.shared.trails() else {
            return;
        };
        let own = slot.text.get(text..).unwrap_or_default();
        let mut record = log::Record::builder();
        record.metadata(metadata_of(slot.level, &slot.site.target));
        if is_error {
            slot.trail = trails.take(place.request(), slot.time);
        } else if trails.admits(&record.args(format_args!("{own}")).build()) {
            trails.copy(place.request(), slot, text);
        }
    }

    /// Keeps an event that no channel shows, in case its request fails.
    #[cold]
    fn keep<S>(&self, metadata: &Metadata<'_>, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(trails) = self.shared.trails() else {
            return;
        };
        let admits = asked(metadata, event, |record| trails.admits(record));
        if !admits.unwrap_or(true) || !self.shared.is_heard() {
            return;
        }
        let place = story::place(context.event_scope(event), self.key());
        let Some(request) = place.map(|place| place.request()) else {
            return;
        };
        let write =
            |writer: &mut dyn fmt::Write| fields::write(event, self.shared.drop_fields(), writer);
        trails.keep(level(*metadata.level()), now(), write, |_| Some(request));
    }

    /// What tells the notes of this layer on a span from those of another.
    fn key(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").finish_non_exhaustive()
    }
}

/// What has led to where this thread is, in the innermost of its spans that is a
/// request of which something is kept.
///
/// Asked by the panic hook, and so without a look at what layers keep with the
/// spans: whoever panicked may hold the lock of that.
pub(crate) fn trail_of_thread(shared: &Shared) -> Option<Arc<Trail>> {
    let trails = shared.trails()?;
    dispatcher::get_default(|dispatch| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let current = dispatch.current_span();
        let mut scope = registry.span(current.id()?)?.scope();
        scope.find_map(|span| trails.take(Request::of_span(span.id().into_u64(), false), now()))
    })
}

/// What `ask` says of an event, `None` where its text cannot be formatted: that
/// is done only where a filter has a pattern for it. If it panics, so will the
/// capture, which says so in the channel.
fn asked<T>(
    metadata: &Metadata<'_>,
    event: &Event<'_>,
    ask: impl Fn(&log::Record<'_>) -> T,
) -> Option<T> {
    let text = fields::Text(event);
    let asked = |text: fmt::Arguments<'_>| {
        let mut record = log::Record::builder();
        ask(&record.metadata(log_metadata(metadata)).args(text).build())
    };
    catch_unwind(AssertUnwindSafe(|| asked(format_args!("{text}")))).ok()
}

fn log_metadata<'a>(metadata: &Metadata<'a>) -> log::Metadata<'a> {
    metadata_of(level(*metadata.level()), metadata.target())
}

fn metadata_of(level: log::Level, target: &str) -> log::Metadata<'_> {
    log::Metadata::builder().level(level).target(target).build()
}

fn level(level: ::tracing::Level) -> log::Level {
    match level {
        ::tracing::Level::ERROR => log::Level::Error,
        ::tracing::Level::WARN => log::Level::Warn,
        ::tracing::Level::INFO => log::Level::Info,
        ::tracing::Level::DEBUG => log::Level::Debug,
        ::tracing::Level::TRACE => log::Level::Trace,
    }
}

fn level_filter(level: log::LevelFilter) -> LevelFilter {
    match level {
        log::LevelFilter::Off => LevelFilter::OFF,
        log::LevelFilter::Error => LevelFilter::ERROR,
        log::LevelFilter::Warn => LevelFilter::WARN,
        log::LevelFilter::Info => LevelFilter::INFO,
        log::LevelFilter::Debug => LevelFilter::DEBUG,
        log::LevelFilter::Trace => LevelFilter::TRACE,
    }
}
