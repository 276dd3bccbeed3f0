//! What led to an ERROR, told behind it in at most two lines: `↳ before: +0 ms
//! INFO Settling · DEBUG nonce 187 reserved · +2 ms DEBUG simulate base`.
//!
//! It gives way to all else: while the channel cannot keep up it waits, for ten
//! seconds at most, and it is told of the first of a kind in a minute.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use log::Level;

use super::figures::{clock, duration};
use super::kind::of_any_request;
use super::layout;
use super::memory::Memory;
use super::parcel::{CUT_OFF, PACKED};
use super::split::split;
use crate::hide::Hide;
use crate::ids;
use crate::loss::PerLevel;
use crate::record::Record;
use crate::redact::scrub::{PemState, Scratch, Scrubbed, Scrubber};
use crate::trail::{Step, Trail};

/// What is still to be told, and what was.
#[derive(Debug, Default)]
pub(super) struct Befores {
    waiting: VecDeque<Before>,
    /// When it was last told of a kind.
    told: Memory<Instant>,
}

/// What led to one ERROR.
#[derive(Debug, Clone)]
pub(super) struct Before {
    kind: u64,
    trail: Arc<Trail>,
    record: Box<Record>,
    since: Instant,
    /// The parcel that it comes behind.
    pub(super) parcel: Option<u64>,
    /// Other records are in that, too.
    shares: bool,
    /// How many of its lines were told.
    lines: usize,
}

/// One line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) text: String,
    /// The records that it shows.
    pub(super) records: PerLevel<u64>,
}

/// How soon the same is told again of one kind.
const AGAIN: Duration = Duration::from_secs(60);

/// Behind its ERROR by more it explains nothing any more.
const LATE: Duration = Duration::from_secs(10);

/// ERRORs whose story waits to be told. Where there are more the channel does
/// not keep up.
const MOST_WAITING: usize = 4;

/// Lines of one.
const MOST_LINES: usize = 2;

/// Bytes that one record may have, the first that lets all of them fit.
const SHARES: [usize; 8] = [320, 240, 180, 140, 110, 90, 70, 50];

/// An ERROR that came so long after what led to it says so.
const PAUSE: Duration = Duration::from_millis(100);

/// Bytes of an ERROR's text that tell which it is.
const MOST_BEGIN: usize = 40;

const BEGINS: &str = "↳ before";
const CONTINUES: &str = "↳ ";

impl Befores {
    /// Keeps what led to `record`, an ERROR that is about to be told, where that
    /// is to be told as well.
    pub(super) fn keep(&mut self, record: &Record, now: Instant) {
        let Some(trail) = record.trail.as_ref() else {
            return;
        };
        let kind = of_any_request(record);
        let is_again = |at| now.saturating_duration_since(at) < AGAIN;
        if self.told.get(kind).is_some_and(is_again)
            || self.waiting.len() >= MOST_WAITING
            || self.waiting.iter().any(|before| before.kind == kind)
        {
            return;
        }
        self.waiting.push_back(Before {
            kind,
            trail: Arc::clone(trail),
            record: Box::new(record.clone()),
            since: now,
            parcel: None,
            shares: false,
            lines: 0,
        });
    }

    /// The ERRORs of those kept last are in this parcel, and share a line or not.
    pub(super) fn are_in(&mut self, parcel: u64, share: bool) {
        for before in &mut self.waiting {
            if before.parcel.is_none() {
                before.parcel = Some(parcel);
                before.shares = share;
            }
        }
    }

    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The next to be told.
    pub(super) fn first(&self) -> Option<&Before> {
        self.waiting.front()
    }

    /// A line of the first was told, which was the last of it or not.
    pub(super) fn told(&mut self, is_last: bool, now: Instant) {
        if let Some(before) = self.waiting.front_mut() {
            self.told.put(before.kind, now, now);
            before.lines += 1;
            if is_last || before.lines >= MOST_LINES {
                self.waiting.pop_front();
            }
        }
    }

    /// Leaves out what comes too late.
    pub(super) fn expire(&mut self, now: Instant) {
        let is_late = |before: &Before| now.saturating_duration_since(before.since) > LATE;
        self.waiting.retain(|before| !is_late(before));
    }

    /// Leaves out all that waits.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

impl Before {
    /// The next line of it, of `budget` bytes, and whether that is the last.
    /// What does not `follow` the lines of its ERROR says which that is. `None`
    /// where there is nothing to be told.
    pub(super) fn line(
        &self,
        budget: usize,
        follows: bool,
        hide: &Hide,
        scrubber: &Scrubber,
    ) -> Option<(Told, bool)> {
        let steps = self.steps(hide, scrubber);
        let whose = if follows && !self.shares {
            String::new()
        } else {
            self.whose(scrubber)
        };
        let lines = SHARES
            .iter()
            .map(|&share| self.lines(&steps, self.trail.is_cut, share, &whose, budget))
            .find(|(_, left_out)| *left_out == 0);
        let lines = lines.map(|(lines, _)| lines).or_else(|| {
            // The nearest to the ERROR say most of it.
            let least = *SHARES.last()?;
            (1..steps.len())
                .map(|from| self.lines(&steps[from..], true, least, &whose, budget))
                .find_map(|(lines, left_out)| (left_out == 0).then_some(lines))
        })?;
        let count = lines.len();
        let told = lines.into_iter().nth(self.lines)?;
        Some((told, self.lines + 1 >= count))
    }

    /// Which ERROR it is of: when it came, and its request or how it begins.
    fn whose(&self, scrubber: &Scrubber) -> String {
        let record = &self.record;
        let mut whose = format!(" {}", clock(record.time));
        let target = layout::target(record, scrubber);
        // Redacted whole, before anything is taken from it.
        let text = layout::text(record, scrubber);
        let about = if let Some(id) = ids::request(&text) {
            id.to_owned()
        } else {
            let (head, rest) = split(&text, MOST_BEGIN);
            let mark = if rest.is_empty() { "" } else { CUT_OFF };
            format!("{head}{mark}")
        };
        for part in [target, about] {
            if !part.is_empty() {
                let _ = write!(whose, " {part}");
            }
        }
        whose
    }

    /// What is told of the records, redacted; the same several times is one.
    fn steps(&self, hide: &Hide, scrubber: &Scrubber) -> Vec<Shown> {
        let mut pem = PemState::default();
        let mut steps: Vec<Shown> = Vec::new();
        for step in &self.trail.steps {
            let text = text(step, &mut pem, scrubber);
            if hide.hides_text(&text) {
                continue;
            }
            match steps.last_mut() {
                Some(last) if last.level == step.level && last.text == text => last.times += 1,
                _ => steps.push(Shown {
                    level: step.level,
                    time: step.time,
                    text,
                    times: 1,
                }),
            }
        }
        steps
    }

    /// Lines of `steps`, of which each text has `share` bytes at most, and how
    /// many steps they have no room for. It `is_cut` where others came before.
    fn lines(
        &self,
        steps: &[Shown],
        is_cut: bool,
        share: usize,
        whose: &str,
        budget: usize,
    ) -> (Vec<Told>, usize) {
        let mut lines: Vec<Told> = Vec::new();
        let (mut first, mut before) = (None, None);
        for (nth, step) in steps.iter().enumerate() {
            let first = *first.get_or_insert(step.time);
            let since = |time: SystemTime| time.duration_since(first).unwrap_or_default();
            let mut text = String::new();
            let offset = offset(since(step.time));
            if before.as_ref() != Some(&offset) {
                let _ = write!(text, "{offset} ");
            }
            step.write(&mut text, share);
            if nth + 1 == steps.len() {
                let pause = self
                    .record
                    .time
                    .duration_since(step.time)
                    .unwrap_or_default();
                if pause >= PAUSE {
                    let _ = write!(
                        text,
                        "{PACKED}{} ERROR",
                        self::offset(since(self.record.time))
                    );
                }
            }
            before = Some(offset);
            match lines.last_mut() {
                Some(line) if line.text.len() + PACKED.len() + text.len() <= budget => {
                    line.text.push_str(PACKED);
                    line.text.push_str(&text);
                    line.records[step.level] += step.times;
                }
                last => {
                    let head = match last {
                        None if is_cut => format!("{BEGINS}{whose}: {CUT_OFF} "),
                        None => format!("{BEGINS}{whose}: "),
                        Some(_) => CONTINUES.to_owned(),
                    };
                    if lines.len() == MOST_LINES || head.len() + text.len() > budget {
                        return (lines, steps.len() - nth);
                    }
                    let mut records = PerLevel::default();
                    records[step.level] += step.times;
                    lines.push(Told {
                        text: head + &text,
                        records,
                    });
                }
            }
        }
        (lines, 0)
    }
}

/// A record as it is told.
#[derive(Debug)]
struct Shown {
    level: Level,
    time: SystemTime,
    text: String,
    times: u64,
}

impl Shown {
    fn write(&self, line: &mut String, share: usize) {
        let Self {
            level, text, times, ..
        } = self;
        let (head, rest) = split(text, share);
        let _ = write!(line, "{level} {head}");
        if !rest.is_empty() {
            line.push_str(CUT_OFF);
        }
        if *times > 1 {
            let _ = write!(line, " ×{times}");
        }
    }
}

/// `+2 ms`.
fn offset(since: Duration) -> String {
    if since < Duration::from_millis(1) {
        return "+0 ms".to_owned();
    }
    format!("+{}", duration(since))
}

/// The text of a record, redacted and visible, in one row.
fn text(step: &Step, pem: &mut PemState, scrubber: &Scrubber) -> String {
    let guard = layout::guard_of(&step.text, step.omitted);
    let text = if pem.concerns(&step.text) {
        // A block may come line by line, a record each.
        let (mut scratch, mut out) = (Scratch::default(), Scrubbed::default());
        scrubber.scrub_next(pem, &step.text, &step.public, &mut scratch, &mut out);
        layout::clean(out.as_str(), &[], guard.min(out.as_str().len()), scrubber)
    } else {
        layout::clean(&step.text, &step.public, guard, scrubber)
    };
    // The ERROR names the request, and no text may look like a further record
    // in the line.
    ids::without(text.trim()).replace(PACKED, " ∙ ")
}
