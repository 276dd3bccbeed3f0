//! Installing nothing: a layer for the service's own tracing subscriber.

use std::sync::atomic::Ordering;

use log::Level;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;

use super::{Builder, from_env};
use crate::config::Choice;
use crate::console;
use crate::error::InitError;
use crate::handle::Handle;
use crate::notice::Notices;
use crate::shared::Gate;
use crate::stats::State;
use crate::tracing::{self as room, Hook, Layer, OpenSpan, SubscriberTee};
use crate::wiring::{Core, FOR_LOG, Tee, check};

/// A tracing layer that logs to the channel as the environment says.
///
/// Never panics and never fails the service: what is wrong with the settings
/// is told on standard error, with what to write instead, and the layer takes
/// nothing. The settings are listed in the [crate's documentation](crate).
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer())
///     .with(irclog::layer())
///     .init();
/// ```
///
/// Nothing is installed in `log`: the subscriber's own `init` does that, and
/// `log` records reach the layer through it, each with its real target, file
/// and line. Use this *instead of* [`init`](crate::init).
#[must_use = "a layer does nothing before it is in a subscriber"]
pub fn layer<S>() -> Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    match from_env().layer() {
        Ok((layer, _)) => layer,
        Err(error) => {
            tell(&error);
            room::new(None, from_env().spans)
        }
    }
}

/// As [`layer`], but `None` where the channel is off, be it by the settings or
/// because something is wrong with them.
///
/// `Option<Layer>` is a layer itself: `registry().with(layer_from_env())`.
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer())
///     .with(irclog::layer_from_env())
///     .init();
/// ```
#[must_use = "a layer does nothing before it is in a subscriber"]
pub fn layer_from_env<S>() -> Option<Layer<S>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    match from_env().layer() {
        Ok((layer, handle)) => (handle.state() != State::Off).then_some(layer),
        Err(error) => {
            tell(&error);
            None
        }
    }
}

impl Builder {
    /// How many of the spans around an event are told before it, counted from
    /// the innermost among those that have something to tell; at most 16.
    /// Defaults to 3. With 0 an event stands alone.
    ///
    /// Only for [`layer`](Self::layer).
    ///
    /// ```
    /// let builder = irclog::from_env().span_depth(1);
    /// ```
    pub fn span_depth(mut self, depth: usize) -> Self {
        self.spans.set_depth(depth);
        self
    }

    /// The fields of spans that are told. Replaces the default: `otel.name`,
    /// the names in use for an HTTP method (`method`, `http.request.method`,
    /// `http.method`) and path (`http.route`, `matched_path`, `uri`, `path`,
    /// `url.path`, `http.target`), and what a payment is about (`network`,
    /// `payer`, `from`, `tx`).
    ///
    /// `otel.name`, method and path stand alone, `POST /verify`, and where
    /// there is an `otel.name`, method and path are not told again; others
    /// stand with their name, `payer=0x12ab`, after the span's name where none
    /// of the former is there. A span up to DEBUG that has one of the fields is told whatever
    /// its own level and target are. With `"*"` all fields are told, of spans
    /// that the filter lets through.
    ///
    /// Values are redacted like those of events, formatted once, and told by
    /// their length only when longer than 1,024 bytes.
    ///
    /// Only for [`layer`](Self::layer).
    ///
    /// ```
    /// let builder = irclog::from_env().span_fields(["network", "payer", "tx"]);
    /// ```
    pub fn span_fields(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.spans.set_fields(names);
        self
    }

    /// How to know the trace that a span belongs to, beyond its fields
    /// `trace_id` and `traceparent`: what another layer knows of it. Returns the
    /// 16 bytes of W3C's Trace Context. The first eight digits stand with an
    /// ERROR, or a link ([`link_trace`](Self::link_trace)).
    ///
    /// It is asked for each ERROR, on the thread that logs it, for its spans from
    /// the innermost until one has an answer. It must not log. A panic of it
    /// counts as no answer. Defaults to none.
    ///
    /// Only for [`layer`](Self::layer). With `tracing-opentelemetry` 0.33 and
    /// later:
    ///
    /// ```ignore
    /// use opentelemetry::trace::TraceContextExt as _;
    /// use tracing_opentelemetry::get_otel_context;
    ///
    /// let builder = irclog::from_env().trace_id(|span| {
    ///     let context = get_otel_context(span.id(), span.dispatch())?;
    ///     Some(context.span().span_context().trace_id().to_bytes())
    /// });
    /// ```
    ///
    /// With a type of the service's own, kept with the span by a layer:
    ///
    /// ```
    /// struct Trace([u8; 16]);
    ///
    /// let builder = irclog::from_env().trace_id(|span| span.with(|trace: &Trace| trace.0));
    /// ```
    pub fn trace_id(
        mut self,
        hook: impl Fn(&OpenSpan<'_>) -> Option<[u8; 16]> + Send + Sync + 'static,
    ) -> Self {
        self.spans.set_trace_hook(Hook::new(hook));
        self
    }

    /// Checks the settings, and makes a layer for a tracing subscriber instead
    /// of installing a logger.
    ///
    /// The console is a matter of the subscriber's other layers: a
    /// [`tee`](Self::tee) has no part in it. They are also where irclog says
    /// what it has to say of itself, as events of the target `irclog`; what
    /// comes before there is a subscriber, and what none of them takes, goes
    /// to standard error.
    ///
    /// # Errors
    ///
    /// [`InitError::Settings`] with all problems of the settings at once,
    /// [`InitError::AlreadyInstalled`] when irclog is the logger of `log` in
    /// this process, [`InitError::Thread`] when the background thread cannot be
    /// started.
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    ///
    /// let (layer, handle) = irclog::from_env().span_depth(1).layer()?;
    /// tracing_subscriber::registry().with(layer).init();
    /// println!("{}", handle.stats());
    /// # Ok::<(), irclog::InitError>(())
    /// ```
    pub fn layer<S>(self) -> Result<(Layer<S>, Handle), InitError>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if FOR_LOG.load(Ordering::Relaxed) {
            return Err(InitError::AlreadyInstalled);
        }
        let checked = check(&self.settings)?;
        let console_shows_all = checked.scrub_tee && !console::is_scrubbed();
        let mut spans = self.spans;
        if let Choice::On(config) = &checked.choice {
            spans.hide(&config.hide.requests);
            spans.drop_fields(&config.drop_fields);
        }
        let core = Core::prepare(
            checked,
            Gate::Interest,
            Notices::new(Some(Box::new(SubscriberTee))),
        )?;
        if matches!(self.tee, Tee::Given(..)) {
            core.notices.tell(
                Level::Warn,
                "tee() has no part in a layer: add a layer for the console to the subscriber, \
                 such as tracing_subscriber::fmt::layer()",
            );
        }
        if console_shows_all {
            core.notices.tell(
                Level::Warn,
                "the console is not scrubbed: IRC_SCRUB_TEE has no part in a layer; give the \
                 console's own layer a writer that scrubs, before irclog's layer is made: \
                 tracing_subscriber::fmt::layer().with_writer(irclog::scrubbed(std::io::stdout))",
            );
        }
        let layer = room::new(core.shared(), spans);
        Ok((layer, core.start()?))
    }
}

/// There is no subscriber yet that could take it.
fn tell(error: &InitError) {
    Notices::new(None).tell(Level::Error, &format!("the channel is off. {error}"));
}
