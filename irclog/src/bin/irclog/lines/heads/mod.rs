//! Which level, which logger, which text: what a line says of itself.

mod header;
mod json;
pub(super) mod level;
mod logfmt;
mod spans;
mod time;

use std::borrow::Cow;

use log::Level;

pub(super) use level::NAMES as LEVEL_NAMES;

/// A line that begins a record, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// `None` where it has a time stamp, but names no level.
    pub(super) level: Option<Level>,
    pub(super) target: Option<Cow<'a, str>>,
    /// Without level, target and time stamp.
    pub(super) text: Cow<'a, str>,
    /// It may as well be a line of a longer record: `error: …` is how
    /// exceptions end, too.
    pub(super) weak: bool,
}

/// Takes a line apart that begins a record by its form; `None` for bare text.
pub(super) fn recognise(line: &str) -> Option<Head<'_>> {
    json::head(line)
        .or_else(|| logfmt::head(line))
        .or_else(|| header::head(line).map(json::behind))
}
