//! What was found: a span and what is shown instead.

use std::sync::Arc;

use crate::redact::lexicon::class::Class;

/// A span to mask. What is to stay readable (first digits, a user name) lies
/// outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) struct Found {
    pub(in crate::redact) start: usize,
    pub(in crate::redact) end: usize,
    pub(in crate::redact) class: Class,
    pub(in crate::redact) label: Label,
}

/// What is shown instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Label {
    Fixed(&'static str),
    /// Of a known value or a rule: an index.
    Own(usize),
}

impl Label {
    pub(in crate::redact) fn text<'a>(&self, own: &'a [Arc<str>]) -> &'a str {
        match *self {
            Self::Fixed(text) => text,
            Self::Own(at) => &own[at],
        }
    }
}

/// The label of what is masked as a whole.
pub(in crate::redact) const REDACTED: &str = "[REDACTED]";
