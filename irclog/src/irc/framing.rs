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

/// Holds the reading of lines to what is true of all bytes, in whatever pieces
/// they come: the first byte says in which.
///
/// # Panics
///
/// When it is not.
#[cfg(any(test, fuzzing))]
pub(crate) fn holds(input: &[u8]) {
    let Some((&piece, bytes)) = input.split_first() else {
        return;
    };
    let read = |piece: usize| {
        let mut framing = Framing::default();
        let (mut lines, mut skipped) = (Vec::new(), 0);
        for chunk in bytes.chunks(piece) {
            skipped += framing.feed(chunk, |line| lines.push(line.to_owned()));
            assert!(framing.line.len() <= MAX_INPUT_LINE);
        }
        (lines, skipped)
    };
    let whole = read(bytes.len().max(1));
    assert_eq!(read(usize::from(piece).max(1)), whole);
    for line in &whole.0 {
        assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
        assert!(!line.ends_with('\r'), "{line:?}");
        // A byte that is no UTF-8 becomes three.
        assert!(line.len() <= 3 * MAX_INPUT_LINE);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_comes_in_whatever_pieces(
            piece in any::<u8>(),
            parts in prop::collection::vec(
                prop_oneof![
                    any::<Vec<u8>>(),
                    Just(b"\r\n".to_vec()),
                    (8_600..8_800_usize).prop_map(|length| vec![b'x'; length]),
                ],
                0..20,
            ),
        ) {
            let mut input = vec![piece];
            input.extend(parts.concat());
            holds(&input);
        }
    }

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
