//! From bytes to lines, as servers do it.

/// One line as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Without its end.
    pub(super) bytes: Vec<u8>,
    /// With its end.
    pub(super) wire_len: usize,
}

/// Cuts a stream into lines at CR, LF or both: a bare CR ends a line on
/// Bahamut, ngircd and Solanum alike. Empty lines are skipped.
#[derive(Debug, Default)]
pub(super) struct Framer {
    pending: Vec<u8>,
}

impl Framer {
    /// Takes in what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// Bytes of a line that has not ended yet.
    pub(super) fn unfinished(&self) -> usize {
        self.pending.len()
    }

    /// The next complete line.
    pub(super) fn next_line(&mut self) -> Option<Line> {
        loop {
            let end = self
                .pending
                .iter()
                .position(|byte| matches!(byte, b'\r' | b'\n'))?;
            let wire_len = match self.pending[end..] {
                [b'\r', b'\n', ..] => end + 2,
                // The LF that belongs to it may still be on its way.
                [b'\r'] => return None,
                _ => end + 1,
            };
            let bytes = self.pending[..end].to_vec();
            self.pending.drain(..wire_len);
            if !bytes.is_empty() {
                return Some(Line { bytes, wire_len });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&str]) -> Vec<(String, usize)> {
        let mut framer = Framer::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            framer.push(chunk.as_bytes());
            while let Some(line) = framer.next_line() {
                lines.push((String::from_utf8(line.bytes).unwrap(), line.wire_len));
            }
        }
        lines
    }

    #[test]
    fn a_bare_cr_ends_a_line_so_that_injection_is_noticed() {
        let got = lines(&["PRIVMSG #c :a\rTOPIC #c :x\r\n"]);
        assert_eq!(
            got,
            [("PRIVMSG #c :a".into(), 14), ("TOPIC #c :x".into(), 13)]
        );
    }

    #[test]
    fn chunks_do_not_matter_not_even_between_cr_and_lf() {
        let whole = lines(&["NICK a\r\nUSER b\nQUIT\r\n"]);
        assert_eq!(lines(&["NI", "CK a\r", "\nUSER b", "\nQUIT\r\n"]), whole);
        assert_eq!(whole[0], ("NICK a".into(), 8));
    }

    #[test]
    fn what_has_no_end_is_no_line() {
        let mut framer = Framer::default();
        framer.push(b"PING x");
        assert_eq!(framer.next_line(), None);
        assert_eq!(framer.unfinished(), 6);
    }
}
