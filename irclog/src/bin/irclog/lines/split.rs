//! Bytes into lines of bounded length.

/// Bytes of a line that are kept. More than the 16 KiB that the channel's side
/// keeps of a record, so that the cut it makes, with its care for a secret
/// that lies across, is the one that counts.
pub(crate) const LINE_LIMIT: usize = 32 * 1024;

/// Collects a line over several reads.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    partial: Vec<u8>,
    omitted: usize,
    /// The line has returned to its beginning: what comes overwrites it.
    returned: bool,
}

impl Splitter {
    /// Calls `take` with each line, without its end, and with how many bytes
    /// of it were not kept.
    pub(super) fn feed(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8], usize)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.partial.is_empty() && line.len() <= LINE_LIMIT {
                take(line, 0);
            } else {
                self.keep(line);
                take(&self.partial, self.omitted);
                self.reset();
            }
            bytes = rest;
        }
        self.keep(bytes);
    }

    /// So many bytes of the line were left out before they came here.
    pub(super) fn omit(&mut self, bytes: usize) {
        self.omitted += bytes;
    }

    /// The last line, if it had no end.
    pub(super) fn finish(&mut self, take: &mut dyn FnMut(&[u8], usize)) {
        if !self.partial.is_empty() {
            take(&self.partial, self.omitted);
            self.reset();
        }
    }

    /// Of a line that is overwritten, a progress bar, only the last state
    /// counts, however much came before.
    fn keep(&mut self, mut bytes: &[u8]) {
        let visible = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace());
        if let Some(end) = visible {
            let back = bytes[..end].iter().rposition(|&byte| byte == b'\r');
            if back.is_some() || self.returned {
                self.reset();
                bytes = &bytes[back.map_or(0, |at| at + 1)..];
            }
        }
        let end = bytes.len()
            - bytes
                .iter()
                .rev()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
        self.returned |= bytes[end..].contains(&b'\r');
        let kept = bytes.len().min(LINE_LIMIT - self.partial.len());
        self.partial.extend_from_slice(&bytes[..kept]);
        self.omitted += bytes.len() - kept;
    }

    fn reset(&mut self) {
        self.partial.clear();
        self.omitted = 0;
        self.returned = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(Vec<u8>, usize)> {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        let mut take = |line: &[u8], omitted| lines.push((line.to_vec(), omitted));
        for piece in pieces {
            splitter.feed(piece, &mut take);
        }
        splitter.finish(&mut take);
        lines
    }

    fn whole(pieces: &[&[u8]]) -> Vec<String> {
        lines(pieces)
            .into_iter()
            .map(|(line, omitted)| {
                assert_eq!(omitted, 0);
                String::from_utf8(line).unwrap()
            })
            .collect()
    }

    #[test]
    fn lines_come_whole_however_they_are_read() {
        let text = b"one\n\ntwo\nthree";
        for size in 1..=text.len() {
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(whole(&pieces), ["one", "", "two", "three"], "by {size}");
        }
        assert_eq!(whole(&[b"end\n"]), ["end"]);
        assert_eq!(whole(&[b""]), [""; 0]);
    }

    #[test]
    fn the_last_state_of_an_overwritten_line_counts_whatever_its_length() {
        let states: String = (0..=1_000).fold(String::new(), |all, n| {
            all + &format!("\r{n:4} of 1000 |{}|", "#".repeat(80))
        });
        for size in [1, 7, 4_096, states.len()] {
            let text = format!("{states} done\r\nnext\r\n");
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            let seen = lines(&pieces);
            let last = String::from_utf8_lossy(&seen[0].0);
            let last = last.trim_end().rsplit('\r').next().unwrap_or_default();
            assert!(
                last.starts_with("1000 of 1000 |#") && last.ends_with("| done"),
                "{size}: {last}"
            );
            assert!(seen[0].0.len() <= LINE_LIMIT);
            assert_eq!(seen[0].1, 0, "what was overwritten is not missed");
            assert_eq!(seen[1].0, b"next\r");
        }
    }

    #[test]
    fn a_line_of_any_length_is_bounded_and_counted() {
        let piece = vec![b'x'; 10_000];
        let mut splitter = Splitter::default();
        let mut nothing = |_: &[u8], _| panic!("no line has ended yet");
        for _ in 0..1000 {
            splitter.feed(&piece, &mut nothing);
        }
        assert!(splitter.partial.capacity() <= 2 * LINE_LIMIT);
        let mut seen = Vec::new();
        let mut take = |line: &[u8], omitted| seen.push((line.len(), omitted));
        splitter.feed(b"y\nshort\n", &mut take);
        let whole = 10_000 * 1000 + 1;
        assert_eq!(seen, [(LINE_LIMIT, whole - LINE_LIMIT), (5, 0)]);
    }
}
