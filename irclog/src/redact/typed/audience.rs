//! Who is about to read what this thread is formatting, and where the public
//! bytes of it lie.
//!
//! `fmt::Arguments` is formatted inside the logger, on the thread that logs:
//! so the logger can say here for whom it formats, and the wrappers can say
//! which bytes are theirs, without a mark in the text itself.

use std::cell::Cell;
use std::fmt;
use std::mem;
use std::ops::Range;

/// A byte range of a text that its author marked [`Public`]: the pattern layer
/// stands down on exactly these bytes.
///
/// [`Public`]: crate::Public
pub(crate) type PublicSpan = Range<usize>;

/// Formats with `write` to the end of `buf`, for `audience`.
///
/// At `limit` bytes (of the whole of `buf`) storing stops at a character
/// boundary, counting goes on. The ranges of what was `Public` are appended
/// to `public`, ordered and disjoint, in bytes of `buf`; what lies beyond
/// `limit` is clipped. Only [`Audience::Channel`] has public ranges.
///
/// The audience that was set before, its ranges included, is back in place
/// when this returns or unwinds, so that a `Display` which itself logs harms
/// neither record. Allocates only while the two buffers still grow.
pub(crate) fn capture(
    buf: &mut String,
    public: &mut Vec<PublicSpan>,
    limit: usize,
    audience: Audience,
    write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
) -> Captured {
    let mut writer = Writer::enter(buf, public, limit, audience);
    let failed = write(&mut writer).is_err();
    Captured {
        omitted: writer.omitted,
        failed,
    }
}

/// Calls `call` with `audience` set: for loggers that format by themselves.
///
/// Their writers are not ours, so nothing is noted and no `local` field is
/// shown in full, whatever the audience.
pub(crate) fn with_audience<R>(audience: Audience, call: impl FnOnce() -> R) -> R {
    let _scope = Scope::enter(audience, 0, 0);
    call()
}

/// Calls `call`, which writes into the current capture only a part of what it
/// formats: nothing in it is public or shown in full.
pub(crate) fn with_masked_audience<R>(call: impl FnOnce() -> R) -> R {
    struct Unmask(Audience);

    impl Drop for Unmask {
        fn drop(&mut self) {
            NOW.with(|now| now.audience.set(self.0));
        }
    }

    let _unmask = Unmask(NOW.with(|now| now.audience.replace(Audience::Outside)));
    call()
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Audience {
    /// Anybody: other loggers, `println!`. Redacted, nothing is noted.
    #[default]
    Outside,
    /// The channel. Redacted, public ranges are noted.
    Channel,
    /// A console that was declared local: fields marked `local` in full.
    Local,
}

/// What became of one [`capture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Captured {
    /// Bytes that did not fit.
    pub(crate) omitted: usize,
    /// A `Display` or `Debug` returned an error; what it wrote before stands.
    pub(crate) failed: bool,
}

/// A place in the text that is being captured, to compare with a later one.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    written: usize,
}

impl Mark {
    /// Where the innermost capture of this thread stands now.
    #[must_use]
    #[inline]
    pub fn here() -> Self {
        Self {
            written: NOW.with(|now| now.written.get()),
        }
    }

    /// Bytes of the text before it.
    #[cfg(feature = "tracing")]
    pub(crate) fn offset(self) -> usize {
        self.written
    }

    /// Whether text written since was written for a local console, straight
    /// into the record: then, and only then, `local` fields may be shown.
    ///
    /// A nested `format!` writes into a string of its own, which may go
    /// anywhere, and leaves the capture where it was.
    #[must_use]
    #[inline]
    pub fn reveals(self) -> bool {
        NOW.with(|now| now.audience.get() == Audience::Local && now.written.get() > self.written)
    }

    /// Notes all that was written since as public.
    ///
    /// If it went elsewhere, into a nested `format!`, nothing is noted, and
    /// the pattern layer will look at it: the safe direction.
    pub(crate) fn note_public(self) {
        NOW.with(|now| {
            let written = now.written.get();
            if now.audience.get() != Audience::Channel
                || written <= self.written
                || self.written >= now.limit.get()
            {
                return;
            }
            let _ = SPANS.try_with(|spans| {
                let mut noted = spans.take();
                // Ranges are noted at their end: those inside this one are
                // there already.
                while noted.last().is_some_and(|last| last.start >= self.written) {
                    noted.pop();
                }
                noted.push(self.written..written);
                spans.set(noted);
                now.has_spans.set(true);
            });
        });
    }
}

/// The `fmt::Write` of [`capture`].
struct Writer<'a> {
    buf: &'a mut String,
    public: &'a mut Vec<PublicSpan>,
    /// What `buf` may grow to: never less than it has, and no more than that
    /// once something did not fit.
    limit: usize,
    omitted: usize,
    /// Which capture of this thread it is; only the innermost one counts.
    depth: u32,
    // Restores the outer state when the writer is dropped, after
    // `Writer::drop` has taken the ranges.
    _scope: Scope,
}

impl<'a> Writer<'a> {
    fn enter(
        buf: &'a mut String,
        public: &'a mut Vec<PublicSpan>,
        limit: usize,
        audience: Audience,
    ) -> Self {
        let scope = Scope::enter(audience, buf.len(), limit);
        Self {
            limit: limit.max(buf.len()),
            buf,
            public,
            omitted: 0,
            depth: scope.depth(),
            _scope: scope,
        }
    }

    /// Stores what fits of a text that does not.
    #[cold]
    fn cut(&mut self, text: &str) {
        let fits = floor_char_boundary(text, self.limit - self.buf.len());
        self.buf.push_str(&text[..fits]);
        self.limit = self.buf.len();
        self.omitted = self.omitted.saturating_add(text.len() - fits);
    }
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.limit - self.buf.len() {
            self.buf.push_str(text);
        } else {
            self.cut(text);
        }
        NOW.with(|now| {
            // A `Display` that holds this formatter while a capture of its
            // own runs must not make that one believe it was written to.
            if now.depth.get() == self.depth {
                let written = now.written.get().saturating_add(text.len());
                now.written.set(written);
            }
        });
        Ok(())
    }
}

/// The last character boundary of `text` at or before `at`.
// `str::floor_char_boundary` is younger than our lowest compiler.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !NOW.with(|now| now.has_spans.get()) {
            return;
        }
        let _ = SPANS.try_with(|spans| {
            // The thread keeps the buffer, for the next.
            let mut noted = spans.take();
            self.public.append(&mut noted);
            spans.set(noted);
        });
        let end = self.buf.len();
        while let Some(last) = self.public.last_mut() {
            if last.start < end {
                last.end = last.end.min(end);
                break;
            }
            self.public.pop();
        }
    }
}

/// The state of the thread within one capture, and what to put back after it.
struct Scope {
    outer: State,
    outer_spans: Vec<PublicSpan>,
}

impl Scope {
    fn enter(audience: Audience, written: usize, limit: usize) -> Self {
        let outer = NOW.with(Now::state);
        let within = State {
            audience,
            written,
            limit,
            depth: outer.depth.wrapping_add(1),
            has_spans: false,
        };
        NOW.with(|now| now.set(within));
        let outer_spans = if outer.has_spans {
            SPANS.try_with(Cell::take).unwrap_or_default()
        } else {
            Vec::new()
        };
        Self { outer, outer_spans }
    }

    /// Of the capture that it is the state of.
    fn depth(&self) -> u32 {
        self.outer.depth.wrapping_add(1)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        NOW.with(|now| now.set(self.outer));
        if self.outer.has_spans {
            let spans = mem::take(&mut self.outer_spans);
            let _ = SPANS.try_with(|noted| noted.set(spans));
        }
    }
}

#[derive(Clone, Copy)]
struct State {
    audience: Audience,
    /// Where the capture stands, counting what did not fit.
    written: usize,
    /// Beyond it no range is worth noting.
    limit: usize,
    depth: u32,
    /// Whether there is anything in `SPANS`. Few texts have something public.
    has_spans: bool,
}

/// The same, each by itself: a piece of text changes one of them.
struct Now {
    audience: Cell<Audience>,
    written: Cell<usize>,
    limit: Cell<usize>,
    depth: Cell<u32>,
    has_spans: Cell<bool>,
}

impl Now {
    fn state(&self) -> State {
        State {
            audience: self.audience.get(),
            written: self.written.get(),
            limit: self.limit.get(),
            depth: self.depth.get(),
            has_spans: self.has_spans.get(),
        }
    }

    fn set(&self, state: State) {
        self.audience.set(state.audience);
        self.written.set(state.written);
        self.limit.set(state.limit);
        self.depth.set(state.depth);
        self.has_spans.set(state.has_spans);
    }
}

thread_local! {
    /// Plain data: it needs no destructor, so it outlives the teardown of
    /// the thread's other locals and can always be read.
    static NOW: Now = const {
        Now {
            audience: Cell::new(Audience::Outside),
            written: Cell::new(0),
            limit: Cell::new(0),
            depth: Cell::new(0),
            has_spans: Cell::new(false),
        }
    };
    static SPANS: Cell<Vec<PublicSpan>> = const { Cell::new(Vec::new()) };
}

#[cfg(test)]
mod tests;
