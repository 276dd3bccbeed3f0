//! A pair of eyes in a channel.

use std::time::Duration;

use crate::journal::{Journal, Reader};
use crate::seen::Seen;

/// Sees what the members of a channel of a [`Server`](super::Server) see, from
/// the channel's first line on.
#[derive(Debug)]
pub struct Member {
    seen: Journal<Seen>,
    reader: Reader<Seen>,
}

impl Member {
    pub(super) fn new(seen: Journal<Seen>) -> Self {
        let reader = seen.reader();
        Self { seen, reader }
    }

    /// Everything seen so far, oldest first, read or not.
    #[must_use]
    pub fn all(&self) -> Vec<Seen> {
        self.seen.all()
    }

    /// Everything that was said so far (PRIVMSG and NOTICE), oldest first,
    /// read or not.
    #[must_use]
    pub fn lines(&self) -> Vec<Seen> {
        let mut seen = self.seen.all();
        seen.retain(Seen::is_line);
        seen
    }

    /// The texts of [`lines`](Self::lines), without formatting and times of day.
    #[must_use]
    pub fn undated(&self) -> Vec<String> {
        self.lines().iter().map(Seen::undated).collect()
    }

    /// The records in [`lines`](Self::lines), in order.
    #[must_use]
    pub fn records(&self) -> Vec<String> {
        self.lines().iter().flat_map(Seen::records).collect()
    }

    /// The next thing that was not read yet, waiting for it no longer than
    /// `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Option<Seen> {
        self.reader.next(timeout)
    }

    /// The next line that was not read yet; what is no line is skipped.
    pub fn next_line(&mut self, timeout: Duration) -> Option<Seen> {
        self.reader.next_where(Seen::is_line, timeout)
    }

    /// The first thing seen, before or from now on, that satisfies `wanted`;
    /// does not count as reading.
    pub fn wait_for(&self, wanted: impl FnMut(&Seen) -> bool, timeout: Duration) -> Option<Seen> {
        self.seen.wait_for(wanted, timeout)
    }

    /// The first line that contains `text`, as [`wait_for`](Self::wait_for).
    #[must_use]
    pub fn wait_for_text(&self, text: &str, timeout: Duration) -> Option<Seen> {
        self.wait_for(|seen| seen.is_line() && seen.text.contains(text), timeout)
    }

    /// Waits until `count` lines were said since the beginning; whether they
    /// were.
    #[must_use]
    pub fn wait_lines(&self, count: usize, timeout: Duration) -> bool {
        let mut lines = 0;
        count == 0
            || self
                .wait_for(
                    |seen| {
                        lines += usize::from(seen.is_line());
                        lines == count
                    },
                    timeout,
                )
                .is_some()
    }
}
