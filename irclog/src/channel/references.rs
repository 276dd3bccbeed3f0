//! What leads on from a record: its trace, and a transaction's page.

use std::fmt::Write as _;

use log::Level;

use crate::ids;
use crate::links::{Links, is_transaction};
use crate::record::Record;
use crate::redact::scrub::Scrubber;
use crate::trace::SHOWN;

/// What stands behind the text of `record`, which is `shown` so: ` trace=0af76519`
/// with an ERROR, or a link, and a link to its transaction.
pub(super) fn of(record: &Record, shown: &str, links: &Links, scrubber: &Scrubber) -> String {
    let mut references = String::new();
    if record.level == Level::Error {
        refer_to_trace(record, shown, links, scrubber, &mut references);
    }
    if let Some(template) = &links.tx
        && let Some(tx) = transaction(record)
        // What is masked all the same, since the process holds it, is no link.
        && shown.contains(tx)
    {
        let _ = write!(references, " {}", template.fill(tx));
    }
    references
}

fn refer_to_trace(
    record: &Record,
    shown: &str,
    links: &Links,
    scrubber: &Scrubber,
    references: &mut String,
) {
    let Some(id) = record.trace.or_else(|| ids::trace(&record.text)) else {
        return;
    };
    let id = id.to_string();
    let digits = &id[..SHOWN];
    // A value that must stay hidden, or a rule of the user.
    let alone = scrubber.scrub(&format!("trace_id={id}"), &[]);
    if !alone.as_str().contains(digits) {
        return;
    }
    if let Some(template) = &links.trace {
        let _ = write!(references, " {}", template.fill(&id));
    } else if !shown.contains(digits) {
        let _ = write!(references, " trace={digits}");
    }
}

/// The first transaction that the author of the record marked as public.
fn transaction(record: &Record) -> Option<&str> {
    record.public.iter().find_map(|span| {
        let text = record.text.get(span.clone())?;
        let before = record.text.get(..span.start)?;
        is_transaction(text, before).then_some(text)
    })
}
