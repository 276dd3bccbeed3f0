//! What was found by several means, as one row of spans.

use std::sync::Arc;

use crate::redact::known::Tier;
use crate::redact::lexicon::class::Class;
use crate::redact::scan::found::{Found, Label};
use crate::redact::text::squeeze::Squeezed;
use crate::redact::typed::audience::PublicSpan;
use crate::redact::view::View;

/// Every value of `tiers`, in the text and in its view.
pub(super) fn find_known(
    tiers: &[Arc<Tier>],
    view: View<'_>,
    text: &str,
    squeezed: &mut Squeezed,
    found: &mut Vec<Found>,
    labels: &mut Vec<Arc<str>>,
) {
    let mut push = |start: usize, end: usize, label: &Arc<str>| {
        let label = intern(labels, label);
        // Overlapping hits of one value come one after the other.
        if let Some(last) = found.last_mut()
            && last.class == Class::Known
            && last.label == label
            && start <= last.end
        {
            last.start = last.start.min(start);
            last.end = last.end.max(end);
            return;
        }
        found.push(Found {
            start,
            end,
            class: Class::Known,
            label,
        });
    };
    let original = View::plain(text);
    let views = [view, original];
    for view in &views[..if view.is_plain() { 1 } else { 2 }] {
        squeezed.fill(view.bytes);
        let is_cut = |at: usize| view.is_cut(squeezed.range(at - 1, at).1);
        let cut: Option<&dyn Fn(usize) -> bool> =
            if view.has_cuts() { Some(&is_cut) } else { None };
        for tier in tiers {
            tier.find_exact(view.bytes, |start, end, label| {
                let (start, end) = view.original(start, end);
                push(start, end, label);
            });
            tier.find_squeezed(&squeezed.bytes, cut, |start, end, label| {
                let (start, end) = squeezed.range(start, end);
                let (start, end) = view.original(start, end);
                push(start, end, label);
            });
        }
    }
}

pub(super) fn intern(labels: &mut Vec<Arc<str>>, label: &Arc<str>) -> Label {
    let at = labels
        .iter()
        .position(|known| known == label)
        .unwrap_or_else(|| {
            labels.push(Arc::clone(label));
            labels.len() - 1
        });
    Label::Own(at)
}

/// Takes the bytes of `public` out of what patterns found.
pub(super) fn stand_down(found: &mut Vec<Found>, kept: &mut Vec<Found>, public: &[PublicSpan]) {
    kept.clear();
    for span in found.iter() {
        let mut start = span.start;
        let first = public.partition_point(|shown| shown.end <= start);
        for shown in &public[first..] {
            if shown.start >= span.end {
                break;
            }
            if shown.start > start {
                kept.push(Found {
                    start,
                    end: shown.start,
                    ..*span
                });
            }
            start = start.max(shown.end);
        }
        if start < span.end {
            kept.push(Found { start, ..*span });
        }
    }
    std::mem::swap(found, kept);
}

/// Orders the spans and joins those that overlap; the weightier class names
/// the whole.
pub(super) fn merge(found: &mut Vec<Found>) {
    if found.is_empty() {
        return;
    }
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
