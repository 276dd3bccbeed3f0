//! A text reduced to its letters and digits in lower case.

use crate::redact::text::alphabet::{ALNUM, is};

/// The letters and digits of `bytes`, in lower case.
pub(in crate::redact) fn squeeze(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .filter(|&&byte| is(byte, ALNUM))
        .map(u8::to_ascii_lowercase)
        .collect()
}

/// A squeezed text and where each byte of it stood. Reused.
#[derive(Debug, Default)]
pub(in crate::redact) struct Squeezed {
    pub(in crate::redact) bytes: Vec<u8>,
    origin: Vec<u32>,
}

impl Squeezed {
    pub(in crate::redact) fn fill(&mut self, text: &[u8]) {
        self.bytes.clear();
        self.origin.clear();
        for (at, &byte) in text.iter().enumerate() {
            if is(byte, ALNUM) {
                self.bytes.push(byte.to_ascii_lowercase());
                #[allow(clippy::cast_possible_truncation)] // a text is bounded
                self.origin.push(at as u32);
            }
        }
    }

    /// Where a non-empty range of the squeezed text stood.
    pub(in crate::redact) fn range(&self, start: usize, end: usize) -> (usize, usize) {
        (
            self.origin[start] as usize,
            self.origin[end - 1] as usize + 1,
        )
    }
}
