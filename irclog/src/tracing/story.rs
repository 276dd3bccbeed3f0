//! Which request an event belongs to, and when that has ended.

use std::sync::atomic::{AtomicUsize, Ordering};

use ::tracing::span::Id;
use tracing_subscriber::registry::{LookupSpan, Scope, SpanRef};

use super::spans::tells_request;
use crate::record::StoryId;
use crate::trail::Request;

/// The open requests in which something has failed. While there is none, an
/// event that is no ERROR costs one look at their number.
#[derive(Debug)]
pub(super) struct Failures(AtomicUsize);

/// What failed in a span, by layer.
struct Failed(Vec<usize>);

/// The request of an event, and the innermost of its spans.
pub(super) struct Place<'a, R: LookupSpan<'a>> {
    request: SpanRef<'a, R>,
    /// Whether that span says that it is one.
    is_told: bool,
    pub(super) innermost: &'static str,
}

impl Failures {
    /// Where what leads to errors `is_kept`, each event has a place to be found,
    /// as if something had failed.
    pub(super) fn new(is_kept: bool) -> Self {
        Self(AtomicUsize::new(usize::from(is_kept)))
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// The story that an event at `place` belongs to. An ERROR begins one.
    pub(super) fn story<'a, R>(
        &self,
        place: &Place<'a, R>,
        key: usize,
        is_error: bool,
    ) -> Option<StoryId>
    where
        R: LookupSpan<'a>,
    {
        let failed = {
            let extensions = place.request.extensions();
            let failed = extensions.get::<Failed>();
            failed.is_some_and(|failed| failed.0.contains(&key))
        };
        if !failed {
            if !is_error {
                return None;
            }
            self.begin(&place.request, key);
        }
        Some(id(&place.request.id()))
    }

    fn begin<'a, R>(&self, span: &SpanRef<'a, R>, key: usize)
    where
        R: LookupSpan<'a>,
    {
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Failed>() {
            // Another thread was faster.
            Some(failed) if failed.0.contains(&key) => return,
            Some(failed) => failed.0.push(key),
            None => extensions.insert(Failed(vec![key])),
        }
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The story that ends with `span`, if one does.
    pub(super) fn end<'a, R>(&self, span: &SpanRef<'a, R>, key: usize) -> Option<StoryId>
    where
        R: LookupSpan<'a>,
    {
        let extensions = span.extensions();
        let failed = extensions.get::<Failed>()?;
        if !failed.0.contains(&key) {
            return None;
        }
        self.0.fetch_sub(1, Ordering::Relaxed);
        Some(id(&span.id()))
    }
}

fn id(span: &Id) -> StoryId {
    StoryId(span.into_u64())
}

impl<'a, R: LookupSpan<'a>> Place<'a, R> {
    pub(super) fn request(&self) -> Request {
        Request::of_span(self.request.id().into_u64(), self.is_told)
    }
}

/// The outermost span that tells a request, or else the outermost of all.
pub(super) fn place<'a, R>(scope: Option<Scope<'a, R>>, key: usize) -> Option<Place<'a, R>>
where
    R: LookupSpan<'a>,
{
    let mut innermost = None;
    let (mut outermost, mut request) = (None, None);
    for span in scope? {
        innermost.get_or_insert(span.name());
        if tells_request(&span, key) {
            request = Some(span);
        } else {
            outermost = Some(span);
        }
    }
    Some(Place {
        is_told: request.is_some(),
        request: request.or(outermost)?,
        innermost: innermost?,
    })
}
