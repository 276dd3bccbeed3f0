//! What the spans around an event say of it: `POST /verify`.

use std::fmt::{self, Write};
use std::ops::Range;
use std::sync::OnceLock;

use ::tracing::Metadata;
use ::tracing::dispatcher::WeakDispatch;
use ::tracing::field::{Field, Visit};
use ::tracing::level_filters::LevelFilter;
use tracing_subscriber::registry::{LookupSpan, Scope, SpanRef};

use super::fields::{self, ValueWriter};
use super::hook::Hook;
use crate::capture;
use crate::hide::{DropFields, Request};
use crate::redact::audience::Mark;
use crate::redact::audience::PublicSpan;
use crate::trace::TraceId;

/// Which spans are told, and what of them.
#[derive(Debug, Clone)]
pub(crate) struct Spans {
    depth: usize,
    fields: Fields,
    hidden: Vec<Request>,
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

    pub(super) fn trace_hook(&self) -> Option<&Hook> {
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
    pub(super) fn hides(&self) -> bool {
        !self.hidden.is_empty()
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a span is worth its cost.
    ///
    /// A span is no line of its own, so its level does not matter to what is
    /// shown: one at DEBUG, as tower-http makes them, tells where an INFO
    /// event belongs. One without a chosen field says which events are of one
    /// story, and gives its name to them.
    pub(super) fn wants(&self, metadata: &Metadata<'_>, is_enabled: impl FnOnce() -> bool) -> bool {
        let is_told = matches!(self.fields, Fields::Named(_)) && self.is_told(metadata);
        is_told || is_enabled()
    }

    /// Whether a span has something to tell.
    fn is_told(&self, metadata: &Metadata<'_>) -> bool {
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

    /// The most verbose level of a span that [`wants`](Self::wants) may want,
    /// where that of events is `events`.
    pub(super) fn max_level(&self, events: LevelFilter) -> LevelFilter {
        match &self.fields {
            _ if events == LevelFilter::OFF => LevelFilter::OFF,
            _ if self.depth == 0 && !self.hides() => events,
            Fields::All => events,
            Fields::Named(_) => LevelFilter::DEBUG,
        }
    }

    fn tells(&self, field: &Field) -> bool {
        let name = fields::name(field);
        let is_chosen = match &self.fields {
            Fields::All => true,
            Fields::Named(names) => names.contain(name),
        };
        is_chosen && !self.dropped.has(name)
    }
}

/// Writes what the spans in `scope` have to say, the outermost first. Returns
/// whether that is anything.
pub(super) fn write<'a, R>(
    scope: Option<Scope<'a, R>>,
    key: usize,
    depth: usize,
    writer: &mut dyn Write,
) -> Result<bool, fmt::Error>
where
    R: LookupSpan<'a>,
{
    match scope {
        Some(scope) => write_outward(scope, key, depth, None, writer),
        None => Ok(false),
    }
}

/// Whether one of the spans in `scope` is hidden.
pub(super) fn are_hidden<'a, R>(scope: Option<Scope<'a, R>>, key: usize) -> bool
where
    R: LookupSpan<'a>,
{
    scope.into_iter().flatten().any(|span| {
        let extensions = span.extensions();
        let told = extensions.get::<Contexts>().and_then(|all| all.of(key));
        told.is_some_and(|told| told.hidden)
    })
}

/// Whether `span` says which request it is for.
pub(super) fn tells_request<'a, R>(span: &SpanRef<'a, R>, key: usize) -> bool
where
    R: LookupSpan<'a>,
{
    let extensions = span.extensions();
    let told = extensions.get::<Contexts>().and_then(|all| all.of(key));
    told.is_some_and(|told| told.head().iter().any(Option::is_some))
}

/// The trace that the spans in `scope` belong to, the innermost first: by their
/// fields, or as the service says.
pub(super) fn trace_of<'a, R>(
    scope: Option<Scope<'a, R>>,
    key: usize,
    spans: &Spans,
    dispatch: &OnceLock<WeakDispatch>,
) -> Option<TraceId>
where
    R: LookupSpan<'a>,
{
    let hook = spans.trace_hook();
    let dispatch = hook.and_then(|_| dispatch.get()?.upgrade());
    scope?.find_map(|span| {
        let asked = || hook?.ask(&span, dispatch.as_ref()?);
        trace(&span, key).or_else(asked)
    })
}

/// The trace that the fields of `span` name.
fn trace<'a, R>(span: &SpanRef<'a, R>, key: usize) -> Option<TraceId>
where
    R: LookupSpan<'a>,
{
    let extensions = span.extensions();
    let told = extensions.get::<Contexts>().and_then(|all| all.of(key));
    told.and_then(|told| told.trace)
}

/// `scope` goes outwards: what it begins with is written last.
fn write_outward<'a, R>(
    mut scope: Scope<'a, R>,
    key: usize,
    depth: usize,
    inner: Option<&Told>,
    writer: &mut dyn Write,
) -> Result<bool, fmt::Error>
where
    R: LookupSpan<'a>,
{
    if depth == 0 {
        return Ok(false);
    }
    while let Some(span) = scope.next() {
        let extensions = span.extensions();
        let told = extensions.get::<Contexts>().and_then(|all| all.of(key));
        let Some(told) = told.filter(|told| !told.is_silent()) else {
            continue;
        };
        // Two layers of a stack may both make a span for the request.
        if inner.is_some_and(|inner| told.adds_nothing_to(inner)) {
            continue;
        }
        if write_outward(scope, key, depth - 1, Some(told), writer)? {
            writer.write_str(BETWEEN)?;
        }
        told.write(writer)?;
        return Ok(true);
    }
    Ok(false)
}

/// What was noted on a span, by layer: two layers may show different fields.
pub(super) struct Contexts {
    first: (usize, Told),
    others: Vec<(usize, Told)>,
}

impl Contexts {
    /// Notes what `record` gives of the fields that `spans` tells.
    pub(super) fn add<'a, R>(
        span: &SpanRef<'a, R>,
        key: usize,
        metadata: &Metadata<'static>,
        spans: &Spans,
        record: &dyn Fn(&mut dyn Visit),
    ) where
        R: LookupSpan<'a>,
    {
        if !spans.is_told(metadata) {
            return;
        }
        // Formatting runs code of the service, which may use this very span:
        // it comes before the lock.
        let mut values = Values {
            spans,
            told: Told::new(matches!(spans.fields, Fields::All), metadata.name()),
        };
        record(&mut values);
        let mut new = values.told;
        let mut extensions = span.extensions_mut();
        let Some(all) = extensions.get_mut::<Self>() else {
            new.hide_if(spans);
            extensions.insert(Self {
                first: (key, new),
                others: Vec::new(),
            });
            return;
        };
        if let Some(told) = all.of_mut(key) {
            // Most of what is recorded later is not told.
            if !new.pairs.is_empty() || new.trace.is_some() {
                told.take(&new);
                told.hide_if(spans);
            }
        } else {
            new.hide_if(spans);
            all.others.push((key, new));
        }
    }

    fn of(&self, key: usize) -> Option<&Told> {
        let mut all = [&self.first].into_iter().chain(&self.others);
        all.find_map(|(of, told)| (*of == key).then_some(told))
    }

    fn of_mut(&mut self, key: usize) -> Option<&mut Told> {
        let mut all = [&mut self.first].into_iter().chain(&mut self.others);
        all.find_map(|(of, told)| (*of == key).then_some(told))
    }
}

/// What one span tells. Its values lie in one text: most spans are told by
/// nobody, so making one must not cost an allocation a value.
struct Told {
    /// Told also without a field.
    always: bool,
    name: &'static str,
    text: String,
    /// Ordered and disjoint ranges of `text`.
    public: Vec<PublicSpan>,
    /// In the order in which they were recorded, the place of each in `text`.
    pairs: Vec<(&'static str, Range<usize>)>,
    /// Of what happens in it only the troubles are shown.
    hidden: bool,
    /// What its fields name, told or not.
    trace: Option<TraceId>,
}

/// One field's value.
#[derive(Clone, Copy)]
struct Value<'a> {
    told: &'a Told,
    start: usize,
    end: usize,
}

impl Told {
    fn new(always: bool, name: &'static str) -> Self {
        Self {
            always,
            name,
            text: String::new(),
            public: Vec::new(),
            pairs: Vec::new(),
            hidden: false,
            trace: None,
        }
    }

    /// Takes values over; what was recorded before under a name is replaced.
    fn take(&mut self, new: &Self) {
        let mut all = Self::new(self.always, self.name);
        for (name, value) in self.values() {
            all.push(name, new.value(name).unwrap_or(value));
        }
        for (name, value) in new.values() {
            if self.value(name).is_none() {
                all.push(name, value);
            }
        }
        all.trace = new.trace.or(self.trace);
        *self = all;
    }

    fn push(&mut self, name: &'static str, value: Value<'_>) {
        let start = self.text.len();
        self.text.push_str(value.text());
        let public = value.public();
        self.public
            .extend(public.map(|span| start + span.start..start + span.end));
        self.pairs.push((name, start..self.text.len()));
    }

    fn hide_if(&mut self, spans: &Spans) {
        self.hidden = spans.hidden.iter().any(|request| self.is(request));
    }

    fn is_silent(&self) -> bool {
        self.pairs.is_empty() && !self.always
    }

    /// `POST /verify payer=0x12`, or `assert_balance payer=0x12` where nothing
    /// stands for the name.
    fn write(&self, writer: &mut dyn Write) -> fmt::Result {
        let mut begun = false;
        for value in self.head().into_iter().flatten() {
            if begun {
                writer.write_char(' ')?;
            }
            value.write(writer)?;
            begun = true;
        }
        if !begun {
            writer.write_str(self.name)?;
        }
        for (name, value) in self.rest() {
            write!(writer, " {name}=")?;
            value.write(writer)?;
        }
        Ok(())
    }

    /// What stands for the span's name, if anything does.
    fn head(&self) -> [Option<Value<'_>>; 2] {
        let first = |names: &[&str]| names.iter().find_map(|name| self.value(name));
        match self.value(NAME) {
            Some(name) => [Some(name), None],
            None => [first(METHODS), first(PATHS)],
        }
    }

    /// What is told with its name.
    fn rest(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.values()
            .filter(|(name, _)| *name != NAME && !is_request(name))
    }

    fn is(&self, request: &Request) -> bool {
        match self.head() {
            [Some(name), None] => match name.text().split_once(' ') {
                Some((method, path)) => request.is(Some(method), path),
                None => request.is(None, name.text()),
            },
            [method, Some(path)] => {
                let method = method.map(Value::text);
                request.is(method, path.text())
            }
            _ => false,
        }
    }

    fn adds_nothing_to(&self, other: &Self) -> bool {
        let head = self.head();
        let same = head
            .iter()
            .zip(other.head())
            .all(|(own, other)| own.map(Value::text) == other.map(Value::text));
        head.iter().any(Option::is_some) && same && self.rest().next().is_none()
    }

    fn values(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.pairs.iter().map(|(name, range)| {
            let value = Value {
                told: self,
                start: range.start,
                end: range.end,
            };
            (*name, value)
        })
    }

    fn value(&self, name: &str) -> Option<Value<'_>> {
        let mut values = self.values();
        values.find_map(|(known, value)| (known == name).then_some(value))
    }
}

impl<'a> Value<'a> {
    fn text(self) -> &'a str {
        &self.told.text[self.start..self.end]
    }

    /// Ranges of the text.
    fn public(self) -> impl Iterator<Item = PublicSpan> + use<'a> {
        let all = self.told.public.iter();
        let own = all.filter(move |span| span.start >= self.start && span.end <= self.end);
        own.map(move |span| span.start - self.start..span.end - self.start)
    }

    /// Notes the public bytes in the text that is being captured.
    fn write(self, writer: &mut dyn Write) -> fmt::Result {
        let text = self.text();
        let mut from = 0;
        for span in self.public() {
            writer.write_str(&text[from..span.start])?;
            let mark = Mark::here();
            writer.write_str(&text[span.start..span.end])?;
            mark.note_public();
            from = span.end;
        }
        writer.write_str(&text[from..])
    }
}

/// Whether the field tells the method or the path of a request.
fn is_request(name: &str) -> bool {
    METHODS.contains(&name) || PATHS.contains(&name)
}

/// Formats the chosen ones among the fields it visits.
struct Values<'a> {
    spans: &'a Spans,
    told: Told,
}

impl Values<'_> {
    fn note(&mut self, field: &Field, write: impl FnOnce(&mut ValueWriter<'_>)) {
        let name = fields::name(field);
        let (is_told, is_trace) = (self.spans.tells(field), TraceId::is_name(name));
        if !is_told && !is_trace {
            return;
        }
        // Where the span has a name of its own the request is not told.
        if is_request(name) && self.told.value(NAME).is_some() {
            return;
        }
        let Told {
            text,
            public,
            trace,
            ..
        } = &mut self.told;
        let start = text.len();
        if text.capacity() == 0 {
            text.reserve(USUAL_TEXT);
        }
        let omitted = capture::write_text(text, public, start + MAX_VALUE, |writer| {
            let mut writer = ValueWriter {
                writer,
                result: Ok(()),
            };
            write(&mut writer);
            writer.result
        });
        if omitted > 0 {
            let length = text.len() - start + omitted;
            public.retain(|span| span.start < start);
            text.truncate(start);
            // Writing to a String does not fail.
            let _ = write!(text, "({length} bytes)");
        }
        if is_trace {
            *trace = TraceId::parse(&text[start..]).or(*trace);
        }
        // What is recorded as an empty text, as for "not known yet", says
        // nothing.
        let value = &text[start..];
        if !is_told || value.is_empty() || value == EMPTY_STR {
            public.retain(|span| span.start < start);
            text.truncate(start);
            return;
        }
        self.told.pairs.push((name, start..self.told.text.len()));
    }
}

impl Visit for Values<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, |writer| writer.record_debug(field, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // `GET /health` stands for itself, without quotes.
        if field.name() == NAME {
            self.note(field, |writer| {
                writer.result = writer.writer.write_str(value);
            });
        } else {
            self.note(field, |writer| writer.record_str(field, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.note(field, |writer| writer.record_error(field, value));
    }
}

/// Stands for all fields.
const ALL: &str = "*";

/// OpenTelemetry's own name for the span, where it is better than that in the
/// code: `POST /verify`.
const NAME: &str = "otel.name";

/// Fields for the method of a request: tower-http's, then OpenTelemetry's of
/// today and of before.
const METHODS: &[&str] = &["method", "http.request.method", "http.method"];

/// Fields for what a request asks for, the most telling first.
const PATHS: &[&str] = &[
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

/// Bytes of one value. A longer one is no context but a body, and only its
/// length is told: a part of it could hold a part of a secret.
const MAX_VALUE: usize = 1024;

/// Bytes that the values of a span have as a rule: a method and a path.
const USUAL_TEXT: usize = 64;

const BETWEEN: &str = " > ";

/// How an empty `str` is written.
const EMPTY_STR: &str = "\"\"";
