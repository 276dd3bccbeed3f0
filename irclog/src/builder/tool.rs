//! What the command-line tool needs of a builder. No part of the stable
//! interface.

use std::time::Duration;

use log::Level;

use super::Builder;
use crate::check::{self, Step};
use crate::config::table::{Setting, TABLE};
use crate::console::ScrubbedStream;
use crate::handle::Handle;
use crate::hide::DropFields;
use crate::wiring;

/// `builder` with what the user of a command line gave as `given_as`.
pub fn with_option(
    mut builder: Builder,
    setting: &'static Setting,
    given_as: String,
    text: String,
) -> Builder {
    builder.settings.set_as(setting, given_as, text);
    builder
}

/// What was given for the setting of this name.
#[must_use]
pub fn given<'a>(builder: &'a Builder, name: &str) -> Option<&'a str> {
    let setting = TABLE.iter().find(|setting| setting.name == name)?;
    builder.settings.given(setting)
}

/// A stream for the console, where it is to be scrubbed.
#[must_use]
pub fn console(builder: &Builder) -> Option<ScrubbedStream> {
    let scrubber = builder.settings.console()?;
    wiring::know_secrets(&builder.settings);
    Some(ScrubbedStream::by(scrubber))
}

/// Walks the way of a line to the channel with these settings, and tells each
/// step when it is done, or what is waited for. Whoever has to let us in has so
/// long for it. Returns whether the test line was acknowledged.
pub fn check(builder: &Builder, wait: Duration, tell: &mut dyn FnMut(&Step)) -> bool {
    check::run(&builder.settings, wait, tell)
}

/// The fields that the channel is not shown.
#[must_use]
pub fn drop_fields(handle: &Handle) -> DropFields {
    handle.drop_fields()
}

/// Counts lines of `target` that nobody had the time to make records of.
pub fn missed(handle: &Handle, level: Level, target: &str, count: u64) {
    handle.count_missed(level, target, count);
}
