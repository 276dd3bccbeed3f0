//! What the spans around an event say of it: `POST /verify`.

mod chosen;
mod told;

use std::fmt::{self, Write};
use std::sync::OnceLock;

use ::tracing::Metadata;
use ::tracing::dispatcher::WeakDispatch;
use ::tracing::field::Visit;
use tracing_subscriber::registry::{Extensions, LookupSpan, Scope, SpanRef};

pub(crate) use self::chosen::Spans;
use self::told::{Told, Values};
use crate::trace::TraceId;

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
        Contexts::told(&extensions, key).is_some_and(|told| told.hidden)
    })
}

/// Whether `span` says which request it is for.
pub(super) fn tells_request<'a, R>(span: &SpanRef<'a, R>, key: usize) -> bool
where
    R: LookupSpan<'a>,
{
    let extensions = span.extensions();
    let told = Contexts::told(&extensions, key);
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
    Contexts::told(&extensions, key)?.trace
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
        let told = Contexts::told(&extensions, key);
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
            told: Told::new(spans.are_all(), metadata.name()),
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
        if let Some(told) = all.told_mut(key) {
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

    /// What the layer with this `key` noted on the span of `extensions`.
    fn told<'e>(extensions: &'e Extensions<'_>, key: usize) -> Option<&'e Told> {
        let all = extensions.get::<Self>()?;
        let mut all = [&all.first].into_iter().chain(&all.others);
        all.find_map(|(of, told)| (*of == key).then_some(told))
    }

    /// The same to be changed.
    fn told_mut(&mut self, key: usize) -> Option<&mut Told> {
        let mut all = [&mut self.first].into_iter().chain(&mut self.others);
        all.find_map(|(of, told)| (*of == key).then_some(told))
    }
}

const BETWEEN: &str = " > ";
