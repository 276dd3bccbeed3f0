//! A run of words.

/// Bytes between two words: `", "`, a line end and an indent, ` 12. `, the rest
/// of a column.
pub(in crate::redact) const GAP_BYTES: usize = 14;

/// Consecutive tokens that could be words of a phrase.
#[derive(Debug, Default)]
pub(in crate::redact) struct Run {
    pub(in crate::redact) start: usize,
    pub(in crate::redact) end: usize,
    pub(in crate::redact) count: u32,
}
