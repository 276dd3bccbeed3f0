//! How a record looks: tag, time, target, text, count.

use std::fmt::Write as _;
use std::time::Duration;

use log::Level;

use super::figures::{duration, thousands};
use super::sanitise::sanitise;
use super::split::char_floor;
use super::story::{Folded, MOST_REQUESTS};
use crate::record::Record;
use crate::redact::audience::PublicSpan;
use crate::redact::scrub::Scrubber;
use crate::twin::Source;

/// The text of a record, redacted and visible.
pub(super) fn text(record: &Record, scrubber: &Scrubber) -> String {
    let make = || clean(&record.text, &record.public, cut_guard(record), scrubber);
    let text = match &record.twin {
        Some(twin) => twin.text(source(record), scrubber, make),
        None => make(),
    };
    if text.trim().is_empty() {
        return String::from("(empty)");
    }
    // No text may look like a second record in the line.
    text.replace(" · [", " ∙ [")
}

fn source(record: &Record) -> Source {
    Source {
        text: record.text.clone(),
        public: record.public.clone(),
        omitted: record.omitted,
    }
}

/// What stands before a text: `target - `, or `sender target - `.
pub(super) fn head(record: &Record, names_sender: bool, scrubber: &Scrubber) -> String {
    let mut head = target(record, scrubber);
    // Who names no logger may be called like its program.
    if names_sender && record.sender != record.site.target {
        let mut sender = clean(&record.sender, &[], 0, scrubber).replace(' ', "_");
        if sender.len() > MAX_SENDER {
            sender.truncate(char_floor(&sender, MAX_SENDER));
            sender.push('…');
        }
        let gap = if head.is_empty() { "" } else { " " };
        head.insert_str(0, &format!("{sender}{gap}"));
    }
    if !head.is_empty() {
        head.push_str(" - ");
    }
    head
}

/// The target, redacted and visible.
pub(super) fn target(record: &Record, scrubber: &Scrubber) -> String {
    let target = clean(&record.site.target, &[], 0, scrubber);
    if target.len() <= MAX_TARGET {
        return target;
    }
    without_middle(&target)
}

/// `x402_chain::…::facilitator`: the first of its parts, and of the last as many
/// as there is room for, but one.
fn without_middle(target: &str) -> String {
    let separator = ["::", ".", "/"].into_iter().find(|it| target.contains(it));
    if let Some(separator) = separator
        && let Some((first, rest)) = target.split_once(separator)
    {
        let room = MAX_TARGET.saturating_sub(first.len() + 2 * separator.len() + "…".len());
        let mut starts = rest
            .match_indices(separator)
            .map(|(at, _)| at + separator.len());
        let last = rest.rfind(separator).map(|at| at + separator.len());
        let from = starts.find(|&at| rest.len() - at <= room).or(last);
        if let Some(from) = from {
            let shown = format!("{first}{separator}…{separator}{}", &rest[from..]);
            if shown.len() < target.len() && shown.len() <= LONGEST_TARGET {
                return shown;
            }
        } else if target.len() <= LONGEST_TARGET {
            return target.to_owned();
        }
    }
    let half = MAX_TARGET / 2;
    let tail = &target[char_floor(target, target.len() - half)..];
    format!("{}…{tail}", &target[..char_floor(target, half)])
}

/// How often a record came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// Records that were read.
    pub(super) records: u64,
    /// Records that were only counted: nobody knows what they said.
    pub(super) shed: u64,
    /// From how many senders.
    pub(super) senders: usize,
    /// Of how many requests that failed, as far as it is known; of more than
    /// [`MOST_REQUESTS`] where it is more.
    pub(super) requests: usize,
    /// In how long.
    pub(super) span: Duration,
}

impl Times {
    /// ` in 40 requests from 3` where it is more than one.
    fn from(&self) -> String {
        let mut text = String::new();
        if self.requests > MOST_REQUESTS {
            let _ = write!(text, " in over {MOST_REQUESTS} requests");
        } else if self.requests > 1 {
            let _ = write!(text, " in {} requests", self.requests);
        }
        if self.senders > 1 {
            let _ = write!(text, " from {}", self.senders);
        }
        text
    }
}

/// ` ×21 in 10 s (settle.rs:88)`: how often, and where from; and what was
/// counted unread, ` ×21 in 10 s, +1,482 more from settle.rs:88`.
pub(super) fn times(record: &Record, times: Times, scrubber: &Scrubber) -> String {
    let from = times.from();
    let Times {
        records,
        shed,
        span,
        ..
    } = times;
    let place = place(record, scrubber);
    let span = duration(span);
    let mut text = String::new();
    if records > 1 {
        let _ = write!(text, " ×{}{from} in {span}", thousands(records));
        if shed == 0 && !place.is_empty() {
            let _ = write!(text, " ({place})");
        }
    }
    if shed > 0 {
        let comma = if records > 0 { "," } else { "" };
        let _ = write!(text, "{comma} +{} more", thousands(shed));
        if !place.is_empty() {
            let _ = write!(text, " from {place}");
        }
        if records <= 1 {
            let _ = write!(text, " in {span}");
        }
    }
    text
}

/// ` ×40 of other kinds (settle.rs:88) in 9 s, last: `, which the last of them
/// follows.
pub(super) fn other_kinds(record: &Record, times: Times, scrubber: &Scrubber) -> String {
    let place = place(record, scrubber);
    let mut text = format!(
        "×{} of other kinds{}",
        thousands(times.records),
        times.from()
    );
    if !place.is_empty() {
        let _ = write!(text, " ({place})");
    }
    let _ = write!(text, " in {}", duration(times.span));
    if times.shed > 0 {
        let _ = write!(text, ", +{} more", thousands(times.shed));
        if !place.is_empty() {
            let _ = write!(text, " from {place}");
        }
    }
    text.push_str(", last: ");
    text
}

/// What a request said again, ` ×3: assert_balance, post_verify`, and how it
/// ended where the text has no place for that.
pub(super) fn story(story: &Folded, records: u64, scrubber: &Scrubber) -> String {
    let mut text = String::new();
    // Of several requests the number of them is told.
    if records != 1 {
        return text;
    }
    if let Some(ending) = story.ending {
        let _ = write!(text, " ({ending})");
    }
    if story.repeats > 0 {
        let _ = write!(text, " ×{}", thousands(1 + story.repeats));
        if let Some(again) = story.again {
            let _ = write!(text, " again in {}", duration(again));
        }
        if !story.spans.is_empty() {
            let spans = clean(&story.spans.join(", "), &[], 0, scrubber);
            let _ = write!(text, ": {spans}");
        }
    }
    text
}

/// `settle.rs:88`, empty where it is not known or too long.
fn place(record: &Record, scrubber: &Scrubber) -> String {
    let file = &record.site.file;
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = clean(file, &[], 0, scrubber);
    if file.is_empty() || file.len() > MAX_FILE {
        return String::new();
    }
    format!("{file}:{}", record.site.line)
}

/// `[INFO]`, bold and in the level's colour unless `plain`.
///
/// The reset comes before whatever follows, so that no digit or comma of a
/// text can be taken for a part of the colour.
pub(crate) fn tag(level: Level, plain: bool) -> String {
    if plain {
        format!("[{level}]")
    } else {
        format!("{BOLD}{COLOUR}{:02}[{level}]{RESET}", colour(level))
    }
}

/// A target longer than this loses its middle: it says less than the text it
/// pushes away. In bytes.
const MAX_TARGET: usize = 32;

/// Bytes of a target of which one part alone is long.
const LONGEST_TARGET: usize = 64;

/// The same of the name of a program or task. In bytes.
const MAX_SENDER: usize = 48;

/// A file name longer than this is not worth its place in a fold. In bytes.
const MAX_FILE: usize = 48;

const BOLD: char = '\x02';
const COLOUR: char = '\x03';
const RESET: char = '\x0f';

/// mIRC colours that stay readable on a light and on a dark ground.
fn colour(level: Level) -> u8 {
    match level {
        Level::Error => 4,
        Level::Warn => 7,
        Level::Info => 3,
        Level::Debug => 12,
        Level::Trace => 14,
    }
}

/// Bytes before a cut that are not shown. Longer than any secret that has no
/// beginning to be known by; tokens with one are masked also when cut.
const CUT_GUARD: usize = 256;

/// How many bytes at the end of the text are not shown, because half a secret
/// may be left there that nothing can recognise any more.
pub(super) fn cut_guard(record: &Record) -> usize {
    guard_of(&record.text, record.omitted)
}

/// The same of a `text` that lacks so many bytes at its end.
pub(super) fn guard_of(text: &str, omitted: usize) -> usize {
    if omitted == 0 {
        0
    } else {
        CUT_GUARD.min(text.len())
    }
}

/// Redacted first, visible second. Where making it visible took something
/// out, a secret may have come together, so it is redacted once more; not
/// where the author marked parts as public, whose places are lost by then.
pub(super) fn clean(
    text: &str,
    public: &[PublicSpan],
    guard: usize,
    scrubber: &Scrubber,
) -> String {
    let redacted = scrubber.scrub_cut(text, public, guard);
    let visible = sanitise(redacted.as_str());
    if public.is_empty() && visible != redacted.as_str() {
        let again = scrubber.scrub(&visible, &[]);
        return sanitise(again.as_str()).into_owned();
    }
    visible.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(target: &str, text: &str) -> Record {
        let mut record = Record::empty();
        record.site.target = target.to_owned();
        record.text = text.to_owned();
        record
    }

    fn body_of(target: &str, text: &str) -> String {
        let (record, scrubber) = (record(target, text), Scrubber::default());
        head(&record, false, &scrubber) + &super::text(&record, &scrubber)
    }

    #[test]
    fn a_record_names_its_target_first() {
        assert_eq!(
            body_of("x402::handlers", "Payment settled"),
            "x402::handlers - Payment settled"
        );
        assert_eq!(body_of("", "Payment settled"), "Payment settled");
        assert_eq!(body_of("a\nb\x02", "c\td"), "a ⏎ b - c d");
    }

    #[test]
    fn a_record_without_a_visible_text_says_so() {
        for text in ["", " ", "\n\n", "\x02\x03\x0f", "\x1b[31m"] {
            assert_eq!(body_of("t", text), "t - (empty)", "{text:?}");
        }
    }

    #[test]
    fn a_long_target_leaves_room_for_the_text() {
        let body = body_of(&"é".repeat(200), "text");
        assert!(body.len() < MAX_TARGET + 12, "{body}");
        assert!(body.contains('…') && body.ends_with(" - text"));
        for (target, shown) in [
            (
                "x402_rs::facilitator::settle::evm",
                "x402_rs::…::settle::evm",
            ),
            (
                "x402_chain_eip155::v1_eip155_exact::facilitator",
                "x402_chain_eip155::…::facilitator",
            ),
            (
                "com.ultravioleta.payments.settle.Worker",
                "com.….payments.settle.Worker",
            ),
            (
                "facilitator_of_the_payments::settle",
                "facilitator_of_the_payments::settle",
            ),
            (
                "x402_axum::facilitator_client::a",
                "x402_axum::facilitator_client::a",
            ),
        ] {
            assert_eq!(body_of(target, "text"), format!("{shown} - text"));
        }
    }

    #[test]
    fn a_count_says_how_often_and_where() {
        let mut record = record("t", "x");
        record.site.file = "/home/build/src/settle.rs".to_owned();
        record.site.line = 88;
        let scrubber = Scrubber::default();
        let of = |records, shed| Times {
            records,
            shed,
            senders: 1,
            requests: 0,
            span: Duration::from_secs(10),
        };
        for (records, shed, text) in [
            (1_532, 0, " ×1,532 in 10 s (settle.rs:88)"),
            (21, 1_482, " ×21 in 10 s, +1,482 more from settle.rs:88"),
            (1, 4, ", +4 more from settle.rs:88 in 10 s"),
            (0, 4, " +4 more from settle.rs:88 in 10 s"),
            (1, 0, ""),
        ] {
            assert_eq!(times(&record, of(records, shed), &scrubber), text);
        }
        assert_eq!(
            other_kinds(&record, of(40, 7), &scrubber),
            "×40 of other kinds (settle.rs:88) in 10 s, +7 more from settle.rs:88, last: "
        );
        let mut several = of(14, 0);
        several.senders = 3;
        assert_eq!(
            times(&record, several, &scrubber),
            " ×14 from 3 in 10 s (settle.rs:88)"
        );
        record.site.file.clear();
        assert_eq!(times(&record, of(2, 0), &scrubber), " ×2 in 10 s");
        assert_eq!(times(&record, of(0, 9), &scrubber), " +9 more in 10 s");
        assert_eq!(
            other_kinds(&record, of(40, 0), &scrubber),
            "×40 of other kinds in 10 s, last: "
        );
    }

    #[test]
    fn tags_carry_their_colour_and_a_reset() {
        assert_eq!(tag(Level::Error, false), "\x02\x0304[ERROR]\x0f");
        assert_eq!(tag(Level::Warn, false), "\x02\x0307[WARN]\x0f");
        assert_eq!(tag(Level::Info, false), "\x02\x0303[INFO]\x0f");
        assert_eq!(tag(Level::Debug, false), "\x02\x0312[DEBUG]\x0f");
        assert_eq!(tag(Level::Trace, false), "\x02\x0314[TRACE]\x0f");
        assert_eq!(tag(Level::Info, true), "[INFO]");
    }
}
