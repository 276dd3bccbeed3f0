//! From a program's output to log records: split, clean, recognise, group.
//!
//! Pure: bytes and the time go in, [`Entry`]s come out.

mod clean;
mod group;
mod pem;
mod recognise;
mod shorten;
mod split;
mod trace;

use std::fmt;
use std::time::Instant;

use log::Level;

use group::Group;
use split::Splitter;

/// One record of a program, which may have been several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) level: Level,
    /// The logger as the program names it, else the program.
    pub(crate) target: String,
    /// Without level, logger and time stamp, which the channel shows itself.
    pub(crate) text: String,
    /// Bytes that were not kept at the end of `text`.
    pub(crate) omitted: usize,
}

/// Writes the text, then as many bytes as were omitted: whoever formats it
/// keeps what it has room for and counts the rest, so the reader is told the
/// true size.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FILLER: &str = match str::from_utf8(&[b'.'; 4096]) {
            Ok(filler) => filler,
            Err(_) => unreachable!(),
        };
        f.write_str(&self.text)?;
        let mut left = self.omitted;
        while left > 0 {
            let part = left.min(FILLER.len());
            f.write_str(&FILLER[..part])?;
            left -= part;
        }
        Ok(())
    }
}

/// Makes records of one stream of a program.
#[derive(Debug)]
pub(crate) struct Lines {
    splitter: Splitter,
    group: Group,
}

impl Lines {
    /// `program` is the target of lines that name no logger.
    pub(crate) fn new(program: &str) -> Self {
        Self {
            splitter: Splitter::default(),
            group: Group::new(program),
        }
    }

    /// Takes what was read at `now`, in pieces of any size.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Instant, emit: &mut dyn FnMut(Entry)) {
        let group = &mut self.group;
        self.splitter.feed(bytes, &mut |line, omitted| {
            group.push(&clean::clean(line), omitted, now, emit);
        });
    }

    /// When to call [`elapse`](Self::elapse) unless something is fed before.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.group.deadline()
    }

    /// Emits the record that waits for more, if it has waited enough.
    pub(crate) fn elapse(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        self.group.elapse(now, emit);
    }

    /// The stream has ended: emits what is left, also without a line's end.
    pub(crate) fn finish(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        let group = &mut self.group;
        self.splitter.finish(&mut |line, omitted| {
            group.push(&clean::clean(line), omitted, now, emit);
        });
        group.flush(emit);
    }
}

#[cfg(test)]
mod tests;
