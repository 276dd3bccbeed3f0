//! A run of token bytes.

/// A run of token bytes and what they are together.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Token {
    pub(in crate::redact) start: usize,
    pub(in crate::redact) end: usize,
    pub(in crate::redact) classes: u8,
}
