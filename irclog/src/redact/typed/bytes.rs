//! Bytes in the notation that people compare them in.

use std::fmt;

/// Displays bytes as lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hex<'a> {
    prefix: &'static str,
    bytes: &'a [u8],
}

impl<'a> Hex<'a> {
    /// Digits only.
    pub(crate) fn bare(bytes: &'a [u8]) -> Self {
        Self { prefix: "", bytes }
    }

    /// `0x`, then the digits.
    pub(crate) fn prefixed(bytes: &'a [u8]) -> Self {
        Self {
            prefix: "0x",
            bytes,
        }
    }
}

/// Bytes that are written at once: a key, or half a signature.
const CHUNK: usize = 32;

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        f.write_str(self.prefix)?;
        let mut text = [0; CHUNK * 2];
        for chunk in self.bytes.chunks(CHUNK) {
            for (pair, byte) in text.chunks_exact_mut(2).zip(chunk) {
                pair[0] = DIGITS[usize::from(byte >> 4)];
                pair[1] = DIGITS[usize::from(byte & 15)];
            }
            let digits = &text[..chunk.len() * 2];
            f.write_str(str::from_utf8(digits).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_std_prints_it() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
        for length in [0, 1, 31, 32, 33, 64, 300] {
            let digits: Vec<String> = bytes[..length].iter().map(|b| format!("{b:02x}")).collect();
            let expected = digits.concat();
            assert_eq!(Hex::bare(&bytes[..length]).to_string(), expected);
            assert_eq!(
                Hex::prefixed(&bytes[..length]).to_string(),
                format!("0x{expected}")
            );
        }
    }
}
