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
mod tests {
    use super::*;
    use log::Level;

    /// A slot with remains that must not shine through, filled.
    fn filled(arguments: fmt::Arguments<'_>) -> Record {
        let mut slot = Record::empty();
        slot.text = "old text".into();
        slot.public.push(0..3);
        slot.omitted = 9;
        let pairs = [
            ("status", Value::from(200)),
            ("path", Value::from("/verify")),
            (SENDER, Value::from("facilitator-1")),
            ("body", Value::from("left out")),
        ];
        let record = log::Record::builder()
            .level(Level::Warn)
            .target("x402::handlers")
            .file(Some("src/handlers.rs"))
            .line(Some(88))
            .key_values(&pairs)
            .args(arguments)
            .build();
        fill(
            &mut slot,
            &record,
            SystemTime::UNIX_EPOCH,
            &DropFields::named(["body"]),
        );
        slot
    }

    #[test]
    fn message_then_pairs() {
        let slot = filled(format_args!("done in {} ms", 3));
        assert_eq!(slot.text, "done in 3 ms status=200 path=/verify");
        assert_eq!(slot.sender, "facilitator-1");
        assert_eq!(slot.level, Level::Warn);
        assert_eq!(slot.site.target, "x402::handlers");
        assert_eq!(
            (slot.site.file.as_str(), slot.site.line),
            ("src/handlers.rs", 88)
        );
        assert!(slot.public.is_empty());
        assert_eq!(slot.omitted, 0);
    }

    #[test]
    fn public_bytes_are_noted_where_they_lie() {
        let slot = filled(format_args!("tx {} done", crate::Public("0xabc")));
        assert!(slot.text.starts_with("tx 0xabc done"));
        assert_eq!(slot.public, std::iter::once(3..8).collect::<Vec<_>>());
    }

    struct Broken(bool);

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            assert!(!self.0, "a bug of the service");
            Err(fmt::Error)
        }
    }

    #[test]
    fn a_broken_display_harms_nobody() {
        for (panics, end) in [
            (true, "[formatting panicked]"),
            (false, "[formatting failed]"),
        ] {
            let slot = filled(format_args!("a {} b", Broken(panics)));
            assert_eq!(slot.text, format!("a half {end}"));
        }
    }

    #[test]
    fn what_was_cut_off_before_counts() {
        let mut slot = Record::empty();
        let pairs = [(OMITTED, Value::from(5_u64))];
        let record = log::Record::builder()
            .args(format_args!("head"))
            .key_values(&pairs)
            .build();
        fill(
            &mut slot,
            &record,
            SystemTime::UNIX_EPOCH,
            &DropFields::named(["body"]),
        );
        assert_eq!((slot.text.as_str(), slot.omitted), ("head", 5));
    }

    #[test]
    fn a_huge_record_is_cut_and_its_rest_counted() {
        let huge = "é".repeat(TEXT_LIMIT);
        let slot = filled(format_args!("x{huge}"));
        let pairs = " status=200 path=/verify".len();
        assert!(slot.text.len() <= TEXT_LIMIT);
        assert_eq!(slot.text.len() + slot.omitted, 1 + huge.len() + pairs);
    }
}
