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

/// What is shown instead of something, as it stands in a text that was scrubbed
/// before.
const MARKS: [&[u8]; 12] = [
    b"[REDACTED]",
    b"[REDACTED_KEY]",
    b"[JWT]",
    b"[PEM]",
    b"[MNEMONIC]",
    b"[[BYTES]]",
    b"[BYTES]",
    b"[HEX]",
    b"[CARD]",
    b"[IBAN]",
    b"[EMAIL]",
    b"[IP]",
];

/// Bytes of the longest name of a variable that is looked for in a mark.
const MARKED_NAME_BYTES: usize = 64;

/// The length of the mark of ours that `rest` begins with: it is no value, and
/// stands where one was.
pub(in crate::redact) fn mark(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b'[') {
        return None;
    }
    if let Some(name) = rest.strip_prefix(b"[ENV:") {
        let len = name
            .iter()
            .take(MARKED_NAME_BYTES)
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        return (name.get(len) == Some(&b']')).then_some(b"[ENV:]".len() + len);
    }
    let mark = MARKS.iter().find(|mark| rest.starts_with(mark))?;
    Some(mark.len())
}

/// Whether a mark of ours stands anywhere in `text`.
pub(in crate::redact) fn holds_mark(text: &[u8]) -> bool {
    let opens = |at: &usize| text[*at] == b'[';
    (0..text.len())
        .filter(opens)
        .any(|at| mark(&text[at..]).is_some())
}
