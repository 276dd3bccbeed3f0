//! Which spans are told, and what of them.

use ::tracing::Metadata;
use ::tracing::field::Field;
use ::tracing::level_filters::LevelFilter;

use crate::hide::{DropFields, Request};
use crate::trace::TraceId;
use crate::tracing::fields;
use crate::tracing::hook::Hook;

/// Which spans are told, and what of them.
#[derive(Debug, Clone)]
pub(crate) struct Spans {
    depth: usize,
    fields: Fields,
    pub(super) hidden: Vec<Request>,
    dropped: DropFields,
    hook: Option<Hook>,
}

#[derive(Debug, Clone)]
enum Fields {
    Named(Names),
    All,
}

/// Chosen names. Most fields are none of them, and each field of each new span
/// is asked for.
#[derive(Debug, Clone)]
struct Names {
    names: Vec<String>,
    /// A bit for each length, the longest taken together.
    lengths: u64,
}

impl Names {
    fn new(names: Vec<String>) -> Self {
        let lengths = names.iter().map(|name| Self::length(name));
        Self {
            lengths: lengths.fold(0, |all, bit| all | bit),
            names,
        }
    }

    fn contain(&self, name: &str) -> bool {
        self.lengths & Self::length(name) != 0 && self.names.iter().any(|known| known == name)
    }

    fn length(name: &str) -> u64 {
        1 << name.len().min(63)
    }
}

impl Default for Spans {
    fn default() -> Self {
        let names = [NAME].iter().chain(METHODS).chain(PATHS).chain(DETAILS);
        Self {
            depth: DEFAULT_DEPTH,
            fields: Fields::Named(Names::new(names.map(|&name| name.to_owned()).collect())),
            hidden: Vec::new(),
            dropped: DropFields::default(),
            hook: None,
        }
    }
}

impl Spans {
    pub(crate) fn set_trace_hook(&mut self, hook: Hook) {
        self.hook = Some(hook);
    }

    pub(in crate::tracing) fn trace_hook(&self) -> Option<&Hook> {
        self.hook.as_ref()
    }

    pub(crate) fn set_depth(&mut self, depth: usize) {
        self.depth = depth.min(MAX_DEPTH);
    }

    pub(crate) fn set_fields(&mut self, names: impl IntoIterator<Item = impl Into<String>>) {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.fields = if names.iter().any(|name| name == ALL) {
            Fields::All
        } else {
            Fields::Named(Names::new(names))
        };
    }

    /// Fields that are not told whatever else is said.
    pub(crate) fn drop_fields(&mut self, names: &DropFields) {
        self.dropped = names.clone();
    }

    pub(crate) fn hide(&mut self, requests: &[Request]) {
        self.hidden = requests.to_vec();
    }

    /// Whether any span is hidden: only then an event has to be asked.
    pub(in crate::tracing) fn hides(&self) -> bool {
        !self.hidden.is_empty()
    }

    pub(in crate::tracing) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a span is worth its cost.
    ///
    /// A span is no line of its own, so its level does not matter to what is
    /// shown: one at DEBUG, as tower-http makes them, tells where an INFO
    /// event belongs. One without a chosen field says which events are of one
    /// story, and gives its name to them.
    pub(in crate::tracing) fn wants(
        &self,
        metadata: &Metadata<'_>,
        is_enabled: impl FnOnce() -> bool,
    ) -> bool {
        let is_told = !self.are_all() && self.is_told(metadata);
        is_told || is_enabled()
    }

    /// Whether a span has something to tell.
    pub(super) fn is_told(&self, metadata: &Metadata<'_>) -> bool {
        match &self.fields {
            _ if self.depth == 0 && !self.hides() => false,
            Fields::All => true,
            Fields::Named(_) => {
                *metadata.level() <= ::tracing::Level::DEBUG
                    && (metadata.fields().iter())
                        .any(|field| self.tells(&field) || TraceId::is_name(field.name()))
            }
        }
    }

    /// Whether every field is told, and so also a span without one.
    pub(super) fn are_all(&self) -> bool {
        matches!(self.fields, Fields::All)
    }

    /// The most verbose level of a span that [`wants`](Self::wants) may want,
    /// where that of events is `events`.
    pub(in crate::tracing) fn max_level(&self, events: LevelFilter) -> LevelFilter {
        match &self.fields {
            _ if events == LevelFilter::OFF => LevelFilter::OFF,
            _ if self.depth == 0 && !self.hides() => events,
            Fields::All => events,
            Fields::Named(_) => LevelFilter::DEBUG,
        }
    }

    pub(super) fn tells(&self, field: &Field) -> bool {
        let name = fields::name(field);
        let is_chosen = match &self.fields {
            Fields::All => true,
            Fields::Named(names) => names.contain(name),
        };
        is_chosen && !self.dropped.has(name)
    }
}

/// Stands for all fields.
const ALL: &str = "*";

/// OpenTelemetry's own name for the span, where it is better than that in the
/// code: `POST /verify`.
pub(super) const NAME: &str = "otel.name";

/// Fields for the method of a request: tower-http's, then OpenTelemetry's of
/// today and of before.
pub(super) const METHODS: &[&str] = &["method", "http.request.method", "http.method"];

/// Fields for what a request asks for, the most telling first.
pub(super) const PATHS: &[&str] = &[
    "http.route",
    "matched_path",
    "uri",
    "path",
    "url.path",
    "http.target",
];

/// Fields that say what a payment is about, wherever in the request they are.
const DETAILS: &[&str] = &["network", "payer", "from", "tx"];

/// A request, the step that it is in, and a call to another service.
const DEFAULT_DEPTH: usize = 3;

/// More spans than this leave no room for the event.
const MAX_DEPTH: usize = 16;
