//! Bytes into lines of bounded length.

/// Bytes of a line that are kept. More than the 16 KiB that the channel's side
/// keeps of a record, so that the cut it makes, with its care for a secret
/// that lies across, is the one that counts.
pub(super) const LINE_LIMIT: usize = 32 * 1024;

/// Collects a line over several reads.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    partial: Vec<u8>,
    omitted: usize,
}

impl Splitter {
    /// Calls `take` with each line, without its end, and with how many bytes
    /// of it were not kept.
    pub(super) fn feed(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8], usize)) {
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
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

    /// The last line, if it had no end.
    pub(super) fn finish(&mut self, take: &mut dyn FnMut(&[u8], usize)) {
        if !self.partial.is_empty() {
            take(&self.partial, self.omitted);
            self.reset();
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LINE_LIMIT - self.partial.len());
        self.partial.extend_from_slice(&bytes[..kept]);
        self.omitted += bytes.len() - kept;
    }

    fn reset(&mut self) {
        self.partial.clear();
        self.omitted = 0;
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
