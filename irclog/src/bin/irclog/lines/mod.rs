//! From a program's output to log records: split, clean, whose line it is,
//! what it says of itself, and which lines belong together.
//!
//! Pure, but for what [`mask`] makes known: bytes and the time go in, [`Entry`]s
//! come out.

mod clean;
mod encoding;
mod glance;
mod groups;
mod heads;
pub(crate) mod mask;
mod sources;
mod split;

use std::time::Instant;

use irclog::tool::DropFields;
use log::Level;

use encoding::Encoding;
use groups::Groups;
use sources::Sources;
use split::Splitter;

pub(crate) use glance::glance;
pub(crate) use split::LINE_LIMIT;

/// One record of a program, which may have been several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) level: Level,
    /// Which of several programs, where a carrier has said it.
    pub(crate) sender: Option<String>,
    /// The logger as the program names it, else the program.
    pub(crate) target: String,
    /// Without level, logger and time stamp, which the channel shows itself.
    pub(crate) text: String,
    /// Bytes that were not kept at the end of `text`.
    pub(crate) omitted: usize,
}

/// Makes records of one stream of a program.
#[derive(Debug)]
pub(crate) struct Lines {
    encoding: Encoding,
    splitter: Splitter,
    sources: Sources,
    groups: Groups,
    /// Whether a line may say what is to be masked.
    masks: bool,
}

impl Lines {
    /// `program` is the target of lines that name no logger.
    pub(crate) fn new(program: &str) -> Self {
        Self {
            encoding: Encoding::default(),
            splitter: Splitter::default(),
            sources: Sources::default(),
            groups: Groups::new(program),
            masks: false,
        }
    }

    /// Lets lines say what is to be masked (`::add-mask::VALUE`), if so.
    pub(crate) fn masking(mut self, masks: bool) -> Self {
        self.masks = masks;
        self
    }

    /// Leaves these fields out of records.
    pub(crate) fn dropping(mut self, drop_fields: DropFields) -> Self {
        self.groups.drop_fields(drop_fields);
        self
    }

    /// Takes what came at `now`, in pieces of any size.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Instant, emit: &mut dyn FnMut(Entry)) {
        let (sources, groups, masks) = (&mut self.sources, &mut self.groups, self.masks);
        self.splitter
            .feed(self.encoding.decode(bytes), &mut |line, omitted| {
                if masks && mask::taken(line) {
                    return;
                }
                take(line, omitted, sources, groups, now, emit);
            });
    }

    /// Bytes of the line that was begun are left out, and have been counted.
    pub(crate) fn omit(&mut self, bytes: usize) {
        self.splitter.omit(bytes);
    }

    /// Lines are left out here: nothing before belongs to what comes.
    pub(crate) fn skip(&mut self, emit: &mut dyn FnMut(Entry)) {
        self.groups.flush(emit);
    }

    /// When to call [`elapse`](Self::elapse) unless something is fed before.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.groups.deadline()
    }

    /// Emits the records that wait for more, if they have waited enough.
    pub(crate) fn elapse(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        self.groups.elapse(now, emit);
    }

    /// The stream has ended: emits what is left, also without a line's end.
    pub(crate) fn finish(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        let (sources, groups, masks) = (&mut self.sources, &mut self.groups, self.masks);
        self.splitter.finish(&mut |line, omitted| {
            if masks && mask::taken(line) {
                return;
            }
            take(line, omitted, sources, groups, now, emit);
        });
        groups.flush(emit);
    }
}

fn take(
    line: &[u8],
    omitted: usize,
    sources: &mut Sources,
    groups: &mut Groups,
    now: Instant,
    emit: &mut dyn FnMut(Entry),
) {
    let text = clean::clean(line);
    let mut text = &*text;
    if let Some((bar, behind)) = clean::behind_bar(text)
        && heads::recognise(behind).is_some_and(|head| !head.weak)
    {
        // Nobody has ended the line of the progress bar.
        if let Some(line) = sources.take(bar) {
            groups.push(&line, 0, now, emit);
        }
        text = behind;
    }
    if let Some(line) = sources.take(text) {
        groups.push(&line, omitted, now, emit);
    }
}

#[cfg(test)]
mod programs;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
