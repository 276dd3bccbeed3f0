//! An event's fields as text: the message, then ` key=value`.

use std::error::Error;
use std::fmt::{self, Write};

use ::tracing::Event;
use ::tracing::field::{Field, Visit};
use tracing_log::NormalizeEvent as _;

use crate::hide::DropFields;

/// Writes the message of `event`, then its other fields but for those of
/// `drop_fields`.
pub(super) fn write(
    event: &Event<'_>,
    drop_fields: &DropFields,
    writer: &mut dyn Write,
) -> fmt::Result {
    let mut message = Message {
        writer,
        found: false,
        result: Ok(()),
    };
    event.record(&mut message);
    let Message { found, result, .. } = message;
    result?;
    let mut pairs = Pairs {
        writer,
        first: !found,
        of_log: event.is_log(),
        drop_fields,
        result: Ok(()),
    };
    event.record(&mut pairs);
    pairs.result
}

/// The same as a `Display`.
pub(super) struct Text<'a>(pub(super) &'a Event<'a>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0, &DropFields::default(), f)
    }
}

/// Writes one value as it stands after `key=`.
///
/// `Debug` and `Display` of our own types note their public bytes as they do
/// in a message.
pub(super) struct ValueWriter<'a> {
    pub(super) writer: &'a mut dyn Write,
    pub(super) result: fmt::Result,
}

impl Visit for ValueWriter<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        self.result = write!(self.writer, "{value:?}");
    }

    fn record_str(&mut self, _: &Field, value: &str) {
        // In quotes where its end could not be seen otherwise: by readers, and
        // by whoever looks for secrets after a name.
        let quoted = value.is_empty()
            || value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
        self.result = if quoted {
            write!(self.writer, "{value:?}")
        } else {
            self.writer.write_str(value)
        };
    }

    fn record_error(&mut self, _: &Field, value: &(dyn Error + 'static)) {
        self.result = write_error(value, self.writer);
    }
}

/// A name as it was meant: `r#type` is `type`.
pub(super) fn name(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

/// Causes that are followed: an error may be its own cause by mistake.
const MAX_CAUSES: usize = 8;

/// An error and its causes, `connect: timed out`. Many errors tell their cause
/// themselves; it is not told twice.
fn write_error(error: &(dyn Error + 'static), writer: &mut dyn Write) -> fmt::Result {
    write!(writer, "{error}")?;
    let mut cause = error.source();
    if cause.is_none() {
        return Ok(());
    }
    let mut told = error.to_string();
    for _ in 0..MAX_CAUSES {
        let Some(this) = cause else { break };
        let text = this.to_string();
        if !told.contains(&text) {
            write!(writer, ": {this}")?;
            told.push_str(&text);
        }
        cause = this.source();
    }
    Ok(())
}

struct Message<'a> {
    writer: &'a mut dyn Write,
    found: bool,
    result: fmt::Result,
}

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == MESSAGE {
            self.found = true;
            self.result = write!(self.writer, "{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == MESSAGE {
            self.found = true;
            self.result = self.writer.write_str(value);
        }
    }
}

struct Pairs<'a> {
    writer: &'a mut dyn Write,
    first: bool,
    of_log: bool,
    drop_fields: &'a DropFields,
    result: fmt::Result,
}

impl Pairs<'_> {
    fn pair(&mut self, field: &Field, value: impl FnOnce(&mut ValueWriter<'_>)) {
        // A `log` record's place is carried in fields; it is shown as such.
        let hidden = field.name() == MESSAGE
            || self.of_log && field.name().starts_with("log.")
            || self.drop_fields.has(name(field));
        if hidden || self.result.is_err() {
            return;
        }
        let gap = if self.first { "" } else { " " };
        self.first = false;
        self.result = write!(self.writer, "{gap}{}=", name(field)).and_then(|()| {
            let mut writer = ValueWriter {
                writer: self.writer,
                result: Ok(()),
            };
            value(&mut writer);
            writer.result
        });
    }
}

impl Visit for Pairs<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.pair(field, |writer| writer.record_debug(field, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.pair(field, |writer| writer.record_str(field, value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.pair(field, |writer| writer.record_error(field, value));
    }
}

/// The field that the macros put an event's text into.
const MESSAGE: &str = "message";
