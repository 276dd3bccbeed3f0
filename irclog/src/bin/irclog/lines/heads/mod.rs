//! Which level, which logger, which text: what a line says of itself.

mod fields;
mod header;
mod json;
pub(super) mod level;
mod logfmt;
mod spans;
mod time;

use std::borrow::Cow;

use irclog::tool::DropFields;
use log::Level;

pub(super) use fields::without;
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
    recognise_without(line, &DropFields::default())
}

/// The same, and leaves these fields out of its text.
pub(super) fn recognise_without<'a>(line: &'a str, drop_fields: &DropFields) -> Option<Head<'a>> {
    json::head(line, drop_fields).or_else(|| {
        let behind = |head| json::behind(head, drop_fields);
        let head = logfmt::head(line).or_else(|| header::head(line).map(behind))?;
        let text = fields::without(head.text, drop_fields);
        Some(Head { text, ..head })
    })
}
