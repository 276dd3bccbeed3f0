//! How a service says which trace a span belongs to.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::tracing::Dispatch;
use ::tracing::span::Id;
use tracing_subscriber::registry::{Extensions, LookupSpan, SpanRef};

use crate::trace::TraceId;

/// An open span whose trace is asked for: see
/// [`Builder::trace_id`](crate::Builder::trace_id).
///
/// ```
/// fn trace(span: &irclog::OpenSpan<'_>) -> Option<[u8; 16]> {
///     struct Trace([u8; 16]);
///     span.with(|trace: &Trace| trace.0)
/// }
/// let builder = irclog::from_env().trace_id(trace);
/// ```
pub struct OpenSpan<'a> {
    id: &'a Id,
    dispatch: &'a Dispatch,
    extensions: &'a WithExtensions<'a>,
}

/// Calls with what layers keep with a span, which is locked meanwhile.
type WithExtensions<'a> = dyn Fn(&mut dyn FnMut(&Extensions<'_>)) + 'a;

impl OpenSpan<'_> {
    /// The span's id.
    ///
    /// ```
    /// let hook = |span: &irclog::OpenSpan<'_>| {
    ///     println!("{:?}", span.id());
    ///     None
    /// };
    /// let builder = irclog::from_env().trace_id(hook);
    /// ```
    #[must_use]
    pub fn id(&self) -> &Id {
        self.id
    }

    /// The subscriber that it belongs to.
    ///
    /// ```
    /// let hook = |span: &irclog::OpenSpan<'_>| {
    ///     span.dispatch().downcast_ref::<tracing_subscriber::Registry>();
    ///     None
    /// };
    /// let builder = irclog::from_env().trace_id(hook);
    /// ```
    #[must_use]
    pub fn dispatch(&self) -> &Dispatch {
        self.dispatch
    }

    /// What `read` makes of a value that another layer keeps with the span,
    /// `None` where there is none. The span is locked meanwhile.
    ///
    /// ```
    /// struct Trace([u8; 16]);
    /// let builder = irclog::from_env().trace_id(|span| span.with(|trace: &Trace| trace.0));
    /// ```
    pub fn with<T: 'static, R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        let (mut read, mut result) = (Some(read), None);
        (self.extensions)(&mut |extensions| {
            let value = extensions.get::<T>();
            result = value.and_then(|value| Some(read.take()?(value)));
        });
        result
    }
}

impl fmt::Debug for OpenSpan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSpan")
            .field("id", self.id)
            .finish_non_exhaustive()
    }
}

/// What the service gave.
#[derive(Clone)]
pub(crate) struct Hook(Arc<Call>);

type Call = dyn Fn(&OpenSpan<'_>) -> Option<[u8; 16]> + Send + Sync;

impl Hook {
    pub(crate) fn new(
        call: impl Fn(&OpenSpan<'_>) -> Option<[u8; 16]> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(call))
    }

    pub(super) fn ask<'a, R>(&self, span: &SpanRef<'a, R>, dispatch: &Dispatch) -> Option<TraceId>
    where
        R: LookupSpan<'a>,
    {
        let open = OpenSpan {
            id: &span.id(),
            dispatch,
            extensions: &|read| read(&span.extensions()),
        };
        // Its panic was told by the panic hook; the error is shown without.
        let asked = catch_unwind(AssertUnwindSafe(|| (self.0)(&open)));
        asked.ok().flatten().and_then(TraceId::new)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook").finish_non_exhaustive()
    }
}
