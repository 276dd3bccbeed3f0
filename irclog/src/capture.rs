//! From a `log::Record` to a slot: formatted once, on the thread that logs.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use log::kv::{self, Key, Value, VisitSource};

use crate::hide::DropFields;
use crate::ids;
use crate::record::{Record, Site, replace};
use crate::redact::audience::PublicSpan;
use crate::redact::audience::{Audience, capture};
use crate::trail::Request;

/// Bytes of a record's text that are kept. The channel shows four lines of
/// some 400 bytes; the rest of the room lets the scrubber see a secret whole
/// that begins where the shown part ends.
pub(crate) const TEXT_LIMIT: usize = 16 * 1024;
/// The key of a key-value that says which of several programs wrote the
/// record. It is shown beside the record, and is no part of the text.
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the command line writes it")
)]
pub const SENDER: &str = "irclog.sender";
/// The key of a key-value that says how many bytes its text lacks at the end.
/// They count with those that capture cuts off.
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the command line writes it")
)]
pub const OMITTED: &str = "irclog.omitted";

/// Fills `slot` from `record`: message, then ` key=value` for each pair but
/// [`SENDER`], [`OMITTED`] and those of `drop_fields`.
///
/// A `Display` that panics or fails ends the text with a remark instead of
/// ending the service's thread.
pub(crate) fn fill(
    slot: &mut Record,
    record: &log::Record<'_>,
    time: SystemTime,
    drop_fields: &DropFields,
) {
    let pairs = record.key_values();
    // Most have none. That is asked once instead of three times.
    if pairs.count() == 0 {
        let origin = Origin {
            level: record.level(),
            site: site_of(record),
            sender: "",
        };
        return fill_with(slot, &origin, time, |writer| {
            writer.write_fmt(*record.args())
        });
    }
    let sender = pairs.get(Key::from_str(SENDER));
    let sender = sender.as_ref().and_then(Value::to_borrowed_str);
    let origin = Origin {
        level: record.level(),
        site: site_of(record),
        sender: sender.unwrap_or_default(),
    };
    fill_with(slot, &origin, time, |writer| {
        write(record, drop_fields, writer)
    });
    let omitted = pairs.get(Key::from_str(OMITTED));
    let omitted = omitted.as_ref().and_then(Value::to_u64).unwrap_or(0);
    slot.omitted += usize::try_from(omitted).unwrap_or(usize::MAX);
}

/// Writes the message of `record`, then ` key=value` for each pair that is shown.
pub(crate) fn write(
    record: &log::Record<'_>,
    drop_fields: &DropFields,
    writer: &mut dyn fmt::Write,
) -> fmt::Result {
    writer.write_fmt(*record.args())?;
    let mut shown = Pairs {
        writer,
        drop_fields,
    };
    record
        .key_values()
        .visit(&mut shown)
        .map_err(|_| fmt::Error)
}

/// The request that `text`, which is that of `record`, names.
pub(crate) fn request_of(record: &log::Record<'_>, text: &str) -> Option<Request> {
    let id = ids::request(text)?;
    let sender = record.key_values().get(Key::from_str(SENDER));
    let sender = sender.as_ref().and_then(Value::to_borrowed_str);
    Some(Request::named(id, sender.unwrap_or_default()))
}

/// Fills `slot` from plain text that no `log` call made.
pub(crate) fn fill_text(
    slot: &mut Record,
    level: log::Level,
    target: &str,
    text: &str,
    time: SystemTime,
) {
    let origin = Origin {
        level,
        site: Site {
            target,
            ..Site::default()
        },
        sender: "",
    };
    fill_with(slot, &origin, time, |writer| writer.write_str(text));
}

/// The call site of a record.
pub(crate) fn site_of<'a>(record: &log::Record<'a>) -> Site<'a> {
    Site {
        target: record.target(),
        file: record.file().unwrap_or_default(),
        line: record.line().unwrap_or_default(),
    }
}

/// What is known of a record before it is formatted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) level: log::Level,
    pub(crate) site: Site<'a>,
    /// See [`Record::sender`].
    pub(crate) sender: &'a str,
}

/// Fills `slot` with what `write` writes.
pub(crate) fn fill_with(
    slot: &mut Record,
    origin: &Origin<'_>,
    time: SystemTime,
    write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
) {
    slot.level = origin.level;
    slot.time = time;
    slot.site.set(origin.site);
    replace(&mut slot.sender, origin.sender);
    slot.text.clear();
    slot.public.clear();
    slot.within = None;
    slot.trace = None;
    slot.twin = None;
    slot.omitted = write_text(&mut slot.text, &mut slot.public, TEXT_LIMIT, write);
}

/// Appends what `write` writes to `text`, for the channel. Returns the bytes
/// beyond `limit`, which are left out.
///
/// A `write` that fails or panics ends the text with a remark.
pub(crate) fn write_text(
    text: &mut String,
    public: &mut Vec<PublicSpan>,
    limit: usize,
    write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
) -> usize {
    // The buffers stay whole whatever `write` does: both only ever grow by
    // whole pieces.
    let captured = catch_unwind(AssertUnwindSafe(|| {
        capture(text, public, limit, Audience::Channel, write)
    }));
    let Ok(captured) = captured else {
        text.push_str(" [formatting panicked]");
        return 0;
    };
    if captured.failed {
        text.push_str(" [formatting failed]");
    }
    captured.omitted
}

/// Writes key-values as ` key=value`.
struct Pairs<'a> {
    writer: &'a mut dyn fmt::Write,
    drop_fields: &'a DropFields,
}

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let key = key.as_str();
        if !matches!(key, SENDER | OMITTED) && !self.drop_fields.has(key) {
            write!(self.writer, " {key}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
