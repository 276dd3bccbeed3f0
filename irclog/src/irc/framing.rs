//! From bytes to lines, in bounded memory, whatever the server sends.

/// 8,191 bytes of tags and 512 of message, as `IRCv3` allows; a longer line is
/// no IRC and is skipped to its end.
const MAX_INPUT_LINE: usize = 8_191 + 512;

/// Collects the server's bytes and gives out whole lines.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    line: Vec<u8>,
    /// The rest of the present line is being skipped.
    overlong: bool,
}

impl Framing {
    /// Feeds `bytes` and calls `each` with every line that they complete,
    /// without its line break, invalid UTF-8 replaced. Empty lines are left
    /// out. Returns how many overlong lines began to be skipped.
    pub(crate) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&str)) -> usize {
        let mut skipped = 0;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (content, ended) = match piece.strip_suffix(b"\n") {
                Some(content) => (content, true),
                None => (piece, false),
            };
            if !self.overlong {
                if self.line.len() + content.len() > MAX_INPUT_LINE {
                    self.overlong = true;
                    self.line = Vec::new();
                    skipped += 1;
                } else {
                    self.line.extend_from_slice(content);
                }
            }
            if ended {
                if !self.overlong {
                    let end = self.line.iter().rposition(|byte| *byte != b'\r');
                    self.line.truncate(end.map_or(0, |last| last + 1));
                    if !self.line.is_empty() {
                        each(&String::from_utf8_lossy(&self.line));
                    }
                }
                self.line.clear();
                self.overlong = false;
            }
        }
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> (Vec<String>, usize) {
        let mut framing = Framing::default();
        let mut lines = Vec::new();
        let mut skipped = 0;
        for chunk in chunks {
            skipped += framing.feed(chunk, |line| lines.push(line.to_owned()));
        }
        assert!(framing.line.capacity() <= 2 * MAX_INPUT_LINE);
        (lines, skipped)
    }

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"PING :a\r\n:s 001 n :Hi\n\r\n\nX\r\n";
        for cut in 0..text.len() {
            let (got, skipped) = lines(&[&text[..cut], &text[cut..]]);
            assert_eq!(got, ["PING :a", ":s 001 n :Hi", "X"]);
            assert_eq!(skipped, 0);
        }
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        assert_eq!(lines(&[b"a\xffb\r\n"]).0, ["a\u{fffd}b"]);
    }

    #[test]
    fn megabytes_without_a_line_break_are_skipped_in_bounded_memory() {
        let chunk = [b'x'; 4096];
        let mut chunks: Vec<&[u8]> = vec![&chunk; 1000];
        chunks.push(b"end\r\nPING :b\r\n");
        let (got, skipped) = lines(&chunks);
        assert_eq!((got, skipped), (vec!["PING :b".to_owned()], 1));
    }
}
