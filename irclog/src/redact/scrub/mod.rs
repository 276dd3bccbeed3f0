//! The pattern layer and the one pass over a text that applies all layers.

mod alphabet;
mod class;
mod name;
mod number;
mod prefix;
mod scan;
mod shape;
mod url;
mod value;
mod view;

pub(crate) use class::Class;

use self::scan::{Found, Scan};
use self::view::{View, ViewBuffer};
use crate::record::PublicSpan;

/// Text that went through the [`Scrubber`]: nothing else can make one, so
/// nothing else can reach the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scrubbed(String);

impl Scrubbed {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Finds secrets in free text by their shape and by their known values.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// Classes that the user turned off, as bits.
    off: u32,
}

/// Space that is reused from one text to the next.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    view: ViewBuffer,
    found: Vec<Found>,
}

impl Scrubber {
    /// Masks every secret in `text`, except in the bytes of `public` as far
    /// as patterns go.
    pub(crate) fn scrub(&self, text: &str, public: &[PublicSpan]) -> Scrubbed {
        let mut out = Scrubbed::default();
        self.scrub_into(text, public, &mut Scratch::default(), &mut out);
        out
    }

    /// As [`scrub`](Self::scrub), into buffers that are kept.
    pub(crate) fn scrub_into(
        &self,
        text: &str,
        public: &[PublicSpan],
        scratch: &mut Scratch,
        out: &mut Scrubbed,
    ) {
        out.0.clear();
        let found = &mut scratch.found;
        found.clear();
        let view = View::of(text, &mut scratch.view);
        Scan::new(view, found).run();
        found.retain(|span| span.class.bit() & self.off == 0);
        if found.is_empty() {
            out.0.push_str(text);
            return;
        }
        for span in found.iter_mut() {
            (span.start, span.end) = view.original(span.start, span.end);
        }
        stand_down(found, public);
        merge(found);
        let mut at = 0;
        for span in found.iter() {
            out.0.push_str(&text[at..span.start]);
            out.0.push_str(span.label);
            at = span.end;
        }
        out.0.push_str(&text[at..]);
    }
}

/// Takes the bytes of `public` out of what patterns found.
fn stand_down(found: &mut Vec<Found>, public: &[PublicSpan]) {
    if public.is_empty() {
        return;
    }
    let mut rest = Vec::with_capacity(found.len());
    for span in found.drain(..) {
        let mut start = span.start;
        for shown in public {
            if shown.end <= start || shown.start >= span.end {
                continue;
            }
            if shown.start > start {
                rest.push(Found {
                    start,
                    end: shown.start,
                    ..span
                });
            }
            start = shown.end;
        }
        if start < span.end {
            rest.push(Found { start, ..span });
        }
    }
    *found = rest;
}

/// Orders the spans and joins those that overlap; the weightier class names
/// the whole.
fn merge(found: &mut Vec<Found>) {
    found.sort_by_key(|span| span.start);
    let mut kept = 0;
    for at in 1..found.len() {
        let span = found[at];
        let last = &mut found[kept];
        if span.start < last.end {
            if span.class > last.class {
                last.class = span.class;
                last.label = span.label;
            }
            last.end = last.end.max(span.end);
        } else {
            kept += 1;
            found[kept] = span;
        }
    }
    found.truncate(kept + 1);
}

#[cfg(test)]
mod tests;
