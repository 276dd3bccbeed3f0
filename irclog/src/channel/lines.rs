//! Out: whose turn it is, and what its line says.

use std::time::{Duration, Instant, SystemTime};

use log::Level;

use super::entry::{Entry, What};
use super::figures::clock;
use super::fold::Lane;
use super::layout::{self, Times};
use super::parcel::{PACKED, Part, Style};
use super::references;
use super::varied::Varied;
use super::{BURST, Channel, Formatting, Line, Phase, split};
use crate::line::{LineId, Room, Urgency};
use crate::loss::{LEVELS, Loss, PerLevel};

impl Channel {
    /// How soon the next line must be seen; `None` when there is nothing to
    /// say now.
    pub(crate) fn urgency(&self, now: Instant) -> Option<Urgency> {
        self.choose(now).map(|choice| match choice {
            Choice::Record(Level::Error) => Urgency::Error,
            // Errors wait for it: it may use what is kept for them.
            _ if self.has(Level::Error, now) => Urgency::Error,
            Choice::Record(_) | Choice::Account | Choice::Presence | Choice::Before => {
                Urgency::Normal
            }
        })
    }

    /// About how many bytes the text of the next line will have, which is not
    /// made yet: others may still come before it.
    pub(crate) fn next_len(&self, room: impl Into<Room>, now: Instant) -> usize {
        let room = room.into();
        let most = room.line.get().min(self.ceiling);
        match self.choose(now) {
            Some(Choice::Record(level)) if !self.outbox.waits(level) => {
                let tag = layout::tag(level, false).len();
                let entry = self.lanes[level].peek(now);
                let own = entry.map_or(most, |entry| tag + entry.estimate(now));
                // Packed lines are full ones.
                let shared = if self.packs(level, now) {
                    room.shared
                } else {
                    0
                };
                own.max(shared).min(most)
            }
            // A begun record's next is one, too.
            _ => most,
        }
    }

    /// The next line cannot be written before a proof comes. Whether it is
    /// another now: errors, which it must not keep waiting.
    pub(crate) fn lets_errors_go_on(&mut self, now: Instant) -> bool {
        let waits = self.has(Level::Error, now);
        let is_error = matches!(self.choose(now), Some(Choice::Record(Level::Error)));
        waits && !is_error && self.turns.is_stuck()
    }

    /// How long the oldest record has waited that is not on the wire, whatever
    /// it waits for.
    pub(crate) fn longest_wait(&self, now: Instant) -> Option<Duration> {
        let lanes = self.lanes.iter().filter_map(|(_, lane)| lane.first());
        let first = (lanes.chain(self.outbox.first_waiting()))
            .chain(self.stories.first())
            .min()?;
        Some(now.saturating_duration_since(first))
    }

    /// When to ask again if there is nothing to say now.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        if self.silenced().is_some() {
            return None;
        }
        let lanes = self.lanes.iter().filter_map(|(_, lane)| lane.wake_at());
        (lanes.chain(self.account.due()))
            .chain(self.stories.due())
            .min()
    }

    /// When there is something to say although nothing was logged.
    pub(crate) fn pulse_at(&self) -> Option<Instant> {
        self.presence
            .due()
            .filter(|_| self.silenced().is_none() && self.phase == Phase::Open)
    }

    /// The next line, which fits into `room`. May be `None` although
    /// [`urgency`](Self::urgency) promised one, when all that waited had grown
    /// too old.
    pub(crate) fn next_line(&mut self, room: impl Into<Room>, now: Instant) -> Option<Line> {
        self.tidy(now);
        let room = room.into();
        if let Formatting::Plain { until } = self.formatting
            && now >= until
        {
            self.formatting = Formatting::On;
        }
        let style = Style {
            budget: room.line.get().min(self.ceiling),
            shared: room.shared,
            plain: !matches!(self.formatting, Formatting::On | Formatting::Acquitted),
            now,
        };
        if let (Phase::Closing { .. }, Some(left)) = (self.phase, room.left) {
            self.make_fit(left, style);
        }
        match self.choose(now)? {
            Choice::Account => self.account_line(style),
            Choice::Presence => self.presence_line(style),
            Choice::Before => self.before_line(room.left, style),
            Choice::Record(level) => {
                self.turns.took(level, self.waits(now));
                if !self.outbox.waits(level) {
                    self.open_parcel(level, style);
                }
                self.outbox.send(level, style)
            }
        }
    }

    /// The next line, where it is that of the same record as `line` of another
    /// channel and has the same text.
    pub(crate) fn next_same(&mut self, line: &Line, room: Room, now: Instant) -> Option<LineId> {
        let twin = line.twin.as_ref()?;
        let Some(Choice::Record(level)) = self.choose(now) else {
            return None;
        };
        let next = self.lanes[level].peek(now).and_then(Entry::twin);
        if self.outbox.waits(level) || self.packs(level, now) || next != Some(twin) {
            return None;
        }
        let own = self.next_line(room, now)?;
        if own.text == line.text {
            return Some(own.id);
        }
        // Who else has sent records here is told here only, and the like.
        self.outbox.take_back(own.id);
        None
    }

    fn choose(&self, now: Instant) -> Option<Choice> {
        if self.silenced().is_some() {
            return None;
        }
        let errors = self
            .has(Level::Error, now)
            .then_some(Choice::Record(Level::Error));
        let account_is_due = self.account.due().is_some_and(|due| due <= now);
        if let Phase::Closing { told } = self.phase {
            let account = !self.account.is_settled() && (!told || account_is_due);
            let others = || self.first_level(now).map(Choice::Record);
            return (errors.or_else(others))
                .or(account.then_some(Choice::Account))
                .or(self.befores.waits().then_some(Choice::Before));
        }
        // What a line of errors may carry has no need of its own for long.
        let yields = if account_is_due {
            self.turns.errors_yield()
        } else {
            self.turns.errors_must_yield()
        };
        if errors.is_some() && (!yields || self.turns.errors_go_on()) {
            return errors;
        }
        // The lines of a record stay together, but for errors.
        let begun = || self.outbox.begun(&LEVELS[1..]).map(Choice::Record);
        let turn = || self.turns.next(self.waits(now)).map(Choice::Record);
        // A start is told before what came of it, a pulse when nothing else is.
        let is_still = || self.presence.due().is_some_and(|due| due <= now);
        let presence = |says: bool| says.then_some(Choice::Presence);
        let before = self.befores.waits() && errors.is_none() && !self.is_behind(now);
        (before.then_some(Choice::Before))
            .or_else(|| presence(self.presence.is_new()))
            .or(account_is_due.then_some(Choice::Account))
            .or_else(begun)
            .or_else(turn)
            .or(errors)
            .or_else(|| presence(is_still()))
    }

    fn waits(&self, now: Instant) -> PerLevel<bool> {
        PerLevel::new(|level| self.has(level, now))
    }

    fn has(&self, level: Level, now: Instant) -> bool {
        self.outbox.waits(level) || self.lanes[level].peek(now).is_some()
    }

    /// What was begun, then the level of the oldest record.
    fn first_level(&self, now: Instant) -> Option<Level> {
        let others = || LEVELS[1..].iter().copied();
        let begun = others().find(|&level| self.outbox.waits(level));
        begun.or_else(|| {
            let first = |level: Level| Some((self.lanes[level].peek(now)?.seq, level));
            let first = others().filter_map(first).min_by_key(|&(seq, _)| seq);
            first.map(|(_, level)| level)
        })
    }

    /// Drops what is too old, makes a digest of what an outage left, and
    /// folds where records wait too long.
    fn tidy(&mut self, now: Instant) {
        self.elapse(now);
        self.befores.expire(now);
        let limit = now.checked_sub(self.options.max_age);
        let reconnected = std::mem::take(&mut self.reconnected);
        if let Some(limit) = limit {
            for parcel in self.outbox.expire(limit) {
                self.settle(&parcel, now);
            }
        }
        for level in LEVELS {
            if let Some(limit) = limit {
                for entry in self.lanes[level].expire(limit) {
                    self.drop_entry(level, entry, Loss::TooOld, now);
                }
            }
            let lane = &mut self.lanes[level];
            lane.observe(now, &mut self.spare);
            if reconnected && lane.longest_wait(now) > DIGEST_WAIT {
                lane.strain(&mut self.spare);
                for entry in lane.shorten(digest_length(level)) {
                    self.drop_entry(level, entry, Loss::Outage, now);
                }
            }
        }
    }

    /// The service ends, and only so many bytes can still be shown: of what is
    /// no ERROR the newest is chosen, and the rest given up.
    fn make_fit(&mut self, left: usize, style: Style) {
        self.packing |= left < BURST * style.budget;
        let cost = |level, entry: &_| self.cost(level, entry, style.now);
        let errors = self.lanes[Level::Error].entries();
        let errors: usize = errors.map(|entry| cost(Level::Error, entry)).sum();
        let mut left = left.saturating_sub(errors + self.outbox.waiting_bytes());
        let mut rest: Vec<_> = LEVELS[1..]
            .iter()
            .flat_map(|&level| {
                let entries = self.lanes[level].entries();
                entries.map(move |entry| (entry.newest, entry.id, level, cost(level, entry)))
            })
            .collect();
        rest.sort_unstable_by_key(|&(newest, id, ..)| std::cmp::Reverse((newest, id)));
        let mut rest = rest.into_iter();
        for (_, id, level, cost) in rest.by_ref() {
            let Some(fits) = left.checked_sub(cost) else {
                self.give_up(level, id, style.now);
                break;
            };
            left = fits;
        }
        for (_, id, level, _) in rest {
            self.give_up(level, id, style.now);
        }
    }

    /// About how many bytes an entry takes in its lines.
    pub(super) fn cost(&self, level: Level, entry: &Entry, now: Instant) -> usize {
        /// Bytes of the longest line.
        const LINE: usize = 512;
        let own = PACKED.len() + layout::tag(level, false).len() + 1 + entry.estimate(now);
        own.min(LINE * self.options.max_lines.get())
    }

    fn give_up(&mut self, level: Level, id: u64, now: Instant) {
        // So many lines are not there: those that are shall be full ones.
        self.packing = true;
        if let Some(entry) = self.lanes[level].remove_of(id) {
            self.drop_entry(level, entry, Loss::Exit, now);
        }
    }

    /// Opens a parcel of the next record, or of several that fit into a line:
    /// first those of the same level, then the less pressing, but an ERROR
    /// carries nobody else. At the end they come in the order of time.
    fn open_parcel(&mut self, level: Level, style: Style) {
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
    fn packs(&self, level: Level, now: Instant) -> bool {
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

    /// Whether the channel does not keep up with what is logged.
    fn is_behind(&self, now: Instant) -> bool {
        let lanes = || self.lanes.iter().map(|(_, lane)| lane);
        let ready: usize = lanes().map(|lane| lane.ready(now).count()).sum();
        ready > 1
            && (self.packing
                || ready > PACK_LENGTH
                || lanes().any(|lane| lane.longest_wait(now) > PACK_WAIT))
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
            requests: entry.story.as_ref().map_or(0, |story| story.requests),
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

    fn presence_line(&mut self, style: Style) -> Option<Line> {
        let (text, start) = match self.presence.start(style.now) {
            Some((text, start)) => (text, Some(start)),
            None => (self.presence.pulse(&self.counts(), style.now)?, None),
        };
        self.turns.took_other();
        let (text, _) = split::split(&text, style.budget);
        let text = if text.is_empty() { "?" } else { text }.to_owned();
        Some(self.outbox.send_presence(start, text))
    }

    /// What led to an ERROR; at the end only where there is room for it.
    fn before_line(&mut self, left: Option<usize>, style: Style) -> Option<Line> {
        let before = self.befores.first()?;
        let parcel = before.parcel;
        let follows = parcel.is_some_and(|parcel| self.outbox.follows(parcel));
        let line = before.line(style.budget, follows, &self.options.hide, &self.scrubber);
        let fits = |text: &str| left.is_none_or(|left| text.len() <= left);
        let Some((told, is_last)) = line.filter(|(told, _)| fits(&told.text)) else {
            self.befores.told(true, style.now);
            return None;
        };
        self.befores.told(is_last, style.now);
        self.turns.took_other();
        Some(self.outbox.send_before(parcel, told.records, told.text))
    }

    pub(super) fn account_line(&mut self, style: Style) -> Option<Line> {
        let tally = self.account.take(style.now)?;
        if let Phase::Closing { told } = &mut self.phase {
            *told = true;
        }
        self.turns.took_other();
        let text = tally.line();
        let (text, _) = split::split(&text, style.budget);
        let text = if text.is_empty() { "?" } else { text }.to_owned();
        Some(self.outbox.send_account(tally, text))
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

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Record(Level),
    Account,
    /// The service has started, or is still there.
    Presence,
    /// What led to an ERROR that was said.
    Before,
}

/// More entries than a burst takes, and they share lines.
const PACK_LENGTH: usize = 12;

/// The wait from which entries share lines.
const PACK_WAIT: Duration = Duration::from_millis(1500);

/// The wait from which an ERROR shares a line with the next: the server could
/// not take it at once.
const PACK_ERRORS_WAIT: Duration = Duration::from_millis(200);

/// The wait from which a backlog is an outage's, and told as a digest. A
/// minute is longer than any server takes to let us in.
const DIGEST_WAIT: Duration = Duration::from_secs(60);

/// Entries of a level that a digest has room for: at a line of three entries
/// every two seconds, INFO is through in 16 seconds and WARN in 43.
fn digest_length(level: Level) -> usize {
    match level {
        Level::Error => usize::MAX,
        Level::Warn => 64,
        Level::Info | Level::Debug | Level::Trace => 24,
    }
}
