//! A line in the making: the record that has its turn, and those that ride along.

use std::time::{Duration, Instant, SystemTime};

use log::Level;

use super::entry::{Entry, What};
use super::figures::clock;
use super::lane::Lane;
use super::layout::{self, Times};
use super::parcel::{PACKED, Part, Style};
use super::references;
use super::varied::Varied;
use super::{BURST, Channel, Phase};
use crate::loss::{LEVELS, PerLevel};

impl Channel {
    /// Opens a parcel of the next record, or of several that fit into a line:
    /// first those of the same level, then the less pressing, which an ERROR
    /// carries only when it would keep them for long. At the end they come in the order of time.
    pub(super) fn open_parcel(&mut self, level: Level, style: Style) {
        let closing = self.phase != Phase::Open;
        let packs = self.packs(level, style.now);
        self.packing = packs || self.packing && self.interrupts(level, style.now);
        let Some(first) = self.lanes[level].take(style.now) else {
            return;
        };
        if level == Level::Error {
            self.befores.keep(&first.record, style.now);
        }
        let first = self.part(first, style.now);
        let mut packing = Packing {
            room: (style.shared.min(style.budget)).saturating_sub(first.whole_len(false, style)),
            parts: vec![first],
            misfits: Vec::new(),
        };
        if packs && packing.parts[0].omitted == 0 {
            if closing && level != Level::Error {
                while packing.misfits.is_empty()
                    && let Some(next) = self.first_level(style.now)
                    && !self.outbox.waits(next)
                    && self.pack(next, &mut packing, style)
                {}
            } else {
                while self.pack(level, &mut packing, style) {}
                if level == Level::Error && self.turns.errors_yield() {
                    self.give_a_lift(&mut packing, style);
                }
                for &other in LEVELS[1..].iter().filter(|&&other| other != level) {
                    // What is begun there comes before what waits.
                    if level != Level::Error && !self.outbox.waits(other) {
                        while self.pack(other, &mut packing, style) {}
                    }
                }
            }
        }
        for part in &mut packing.parts {
            packing.room = part.grow(packing.room);
        }
        let shared = packing.parts.len() > 1;
        let parcel = self.outbox.push(level, packing.parts);
        self.befores.are_in(parcel, shared);
        for part in packing.misfits {
            self.outbox.push(part.level, vec![part]);
        }
    }

    /// After many lines of errors, one record of another level goes with them:
    /// that costs them less than a line.
    fn give_a_lift(&mut self, packing: &mut Packing, style: Style) {
        let mut waits = self.waits(style.now);
        waits[Level::Error] = false;
        if let Some(level) = self.turns.next(waits)
            && !self.outbox.waits(level)
            && self.pack(level, packing, style)
        {
            self.turns.took_other();
        }
    }

    /// Adds the next record of `donor` to a line if it fits.
    fn pack(&mut self, donor: Level, packing: &mut Packing, style: Style) -> bool {
        let fits = |entry: &Entry| {
            let len = PACKED.len() + layout::tag(donor, style.plain).len() + 1;
            entry.record.omitted == 0 && len + entry.estimate(style.now) <= packing.room
        };
        if !self.lanes[donor].peek(style.now).is_some_and(fits) {
            return false;
        }
        let Some(entry) = self.lanes[donor].take(style.now) else {
            return false;
        };
        self.turns.fed(donor);
        if donor == Level::Error {
            self.befores.keep(&entry.record, style.now);
        }
        let part = self.part(entry, style.now);
        let len = PACKED.len() + part.whole_len(true, style);
        if len > packing.room {
            packing.misfits.push(part);
            return false;
        }
        packing.room -= len;
        packing.parts.push(part);
        true
    }

    /// Whether so much waits that records of `level` should share lines.
    pub(super) fn packs(&self, level: Level, now: Instant) -> bool {
        let lanes = || self.lanes.iter().map(|(_, lane)| lane);
        if self.phase != Phase::Open {
            return self.packing || lanes().map(Lane::len).sum::<usize>() > BURST;
        }
        if self.interrupts(level, now) {
            return false;
        }
        if level == Level::Error {
            // One that had to wait has the next for company.
            let lane = &self.lanes[level];
            let several = lane.ready(now).nth(1).is_some();
            return several && (self.packing || lane.longest_wait(now) > PACK_ERRORS_WAIT);
        }
        self.is_behind(now)
    }

    /// Whether errors wait for a line of `level`: it has to be short.
    fn interrupts(&self, level: Level, now: Instant) -> bool {
        level != Level::Error && self.has(Level::Error, now)
    }

    /// Redacts and lays out an entry; its slots are free from here on.
    fn part(&mut self, entry: Entry, now: Instant) -> Part {
        let record = &entry.record;
        let scrubber = &self.scrubber;
        let times = Times {
            records: entry.records,
            shed: entry.shed,
            senders: entry.senders.len(),
            requests: entry.story.as_ref().map_or(0, |story| story.requests()),
            span: entry.span(now),
        };
        let mut part = Part {
            level: record.level,
            text: String::new(),
            varied: None,
            suffix: String::new(),
            clock: clock(record.time),
            first: entry.first,
            newest: entry.newest,
            omitted: record.omitted,
            max_lines: self.options.max_lines.get(),
            seq: entry.seq,
            records: entry.records,
            shed: entry.shed,
            joined: entry
                .story
                .as_ref()
                .map_or_else(PerLevel::default, |story| story.records),
            twin: entry.twin().cloned(),
        };
        if record.time == SystemTime::UNIX_EPOCH {
            part.clock.clear();
        }
        part.omitted += layout::cut_guard(record);
        if entry.is_bare() {
            part.text = layout::target(record, scrubber);
            if part.text.is_empty() {
                // There are more of them than have a place in the table.
                part.text.push_str("(many call sites)");
            }
        } else {
            part.text = layout::head(record, self.names_sender(record), scrubber);
        }
        if entry.what == What::Kinds && entry.records > 1 {
            part.text += &layout::other_kinds(record, times, scrubber);
            part.text += &layout::text(record, scrubber);
            part.max_lines = 1;
        } else if !entry.is_bare() {
            let others = entry.variety.others.iter();
            let texts = [record].into_iter().chain(others);
            let texts: Vec<String> = texts.map(|record| layout::text(record, scrubber)).collect();
            let varied = Varied::new(&texts, &record.text, &entry.variety.places);
            part.varied = Some((std::mem::take(&mut part.text), varied));
            part.grow(0);
        }
        if entry.what != What::Kinds || entry.records <= 1 {
            part.suffix = layout::times(record, times, scrubber);
        }
        if !part.suffix.is_empty() {
            part.max_lines = 1;
        }
        if let Some(story) = &entry.story {
            part.suffix += &layout::story(story, entry.records, scrubber);
        }
        if entry.records == 1 {
            part.suffix += &references::of(record, &part.text, &self.options.links, scrubber);
        }
        entry.recycle(&mut self.spare);
        part
    }
}

/// A line that several records share, in the making.
struct Packing {
    parts: Vec<Part>,
    /// Bytes left in the line.
    room: usize,
    /// Records that grew when they were laid out, and get lines of their own.
    misfits: Vec<Part>,
}

/// The wait from which an ERROR shares a line with the next: the server could
/// not take it at once.
const PACK_ERRORS_WAIT: Duration = Duration::from_millis(200);
