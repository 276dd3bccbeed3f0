//! Out: whose turn it is, and what its line says.

use std::time::{Duration, Instant, SystemTime};

use log::Level;

use super::fold::{Entry, Lane, Order};
use super::layout;
use super::parcel::{PACKED, Part, Style};
use super::{BURST, Channel, Formatting, Line, Phase, split};
use crate::line::{Room, Urgency};
use crate::loss::{LEVELS, Loss, PerLevel};

impl Channel {
    /// How soon the next line must be seen; `None` when there is nothing to
    /// say now.
    pub(crate) fn urgency(&self, now: Instant) -> Option<Urgency> {
        self.choose(now).map(|choice| match choice {
            Choice::Record(Level::Error) => Urgency::Error,
            Choice::Record(_) | Choice::Account => Urgency::Normal,
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
                let entry = self.lanes[level].peek(self.order(), now);
                let own = entry.map_or(most, |entry| tag + entry.estimate(now));
                // Packed lines are full ones.
                let shared = if self.packs(now) { room.shared } else { 0 };
                own.max(shared).min(most)
            }
            // A begun record's next is one, too.
            _ => most,
        }
    }

    /// How long the oldest record has waited that is not on the wire, whatever
    /// it waits for.
    pub(crate) fn longest_wait(&self, now: Instant) -> Option<Duration> {
        let lanes = self.lanes.iter().filter_map(|(_, lane)| lane.first());
        let first = lanes.chain(self.outbox.first_waiting()).min()?;
        Some(now.saturating_duration_since(first))
    }

    /// When to ask again if there is nothing to say now.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        if self.silenced().is_some() {
            return None;
        }
        let lanes = self.lanes.iter().filter_map(|(_, lane)| lane.wake_at());
        lanes.chain(self.account.due()).min()
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
        match self.choose(now)? {
            Choice::Account => self.account_line(style),
            Choice::Record(level) => {
                self.turns.took(level, self.waits(now));
                if !self.outbox.waits(level) {
                    self.open_parcel(level, style);
                }
                self.outbox.send(level, style)
            }
        }
    }

    fn choose(&self, now: Instant) -> Option<Choice> {
        if self.silenced().is_some() {
            return None;
        }
        let waits = self.waits(now);
        let account_is_due = self.account.due().is_some_and(|due| due <= now);
        if let Phase::Closing { order, told } = self.phase {
            let level = match order {
                _ if waits[Level::Error] => Some(Level::Error),
                Order::Oldest => self.turns.next(waits),
                Order::Newest => self.newest_level(now),
            };
            let account = !self.account.is_settled() && (!told || account_is_due);
            return (level.map(Choice::Record)).or(account.then_some(Choice::Account));
        }
        let level = self.turns.next(waits);
        if account_is_due && (level != Some(Level::Error) || self.turns.errors_yield()) {
            return Some(Choice::Account);
        }
        level.map(Choice::Record)
    }

    fn waits(&self, now: Instant) -> PerLevel<bool> {
        PerLevel::new(|level| {
            self.outbox.waits(level) || self.lanes[level].peek(self.order(), now).is_some()
        })
    }

    /// What was begun, then the level of the newest record.
    fn newest_level(&self, now: Instant) -> Option<Level> {
        let begun = LEVELS.into_iter().find(|&level| self.outbox.waits(level));
        let newest = |level| self.lanes[level].peek(Order::Newest, now);
        begun.or_else(|| {
            (LEVELS.into_iter())
                .filter_map(|level| newest(level).map(|entry| (entry.newest, level)))
                .max()
                .map(|(_, level)| level)
        })
    }

    fn order(&self) -> Order {
        match self.phase {
            Phase::Closing { order, .. } => order,
            Phase::Open | Phase::Ended => Order::Oldest,
        }
    }

    /// Drops what is too old, makes a digest of what an outage left, and
    /// folds where records wait too long.
    fn tidy(&mut self, now: Instant) {
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

    /// Opens a parcel of the next record, or of several that fit into a line:
    /// first those of the same level, then the less pressing, but an ERROR
    /// carries nobody else.
    fn open_parcel(&mut self, level: Level, style: Style) {
        let order = self.order();
        self.packing = self.packs(style.now);
        let Some(first) = self.lanes[level].take(order, style.now) else {
            return;
        };
        let first = self.part(first, style.now);
        let mut packing = Packing {
            room: (style.shared.min(style.budget)).saturating_sub(first.whole_len(style)),
            parts: vec![first],
            misfits: Vec::new(),
        };
        if self.packing && packing.parts[0].omitted == 0 {
            self.pack(level, &mut packing, style);
            if level != Level::Error {
                for &other in LEVELS[1..].iter().filter(|&&other| other != level) {
                    // What is begun there comes before what waits.
                    if !self.outbox.waits(other) {
                        self.pack(other, &mut packing, style);
                    }
                }
            }
        }
        if order == Order::Newest {
            packing.parts.reverse();
        }
        self.outbox.push(level, packing.parts);
        for part in packing.misfits {
            self.outbox.push(part.level, vec![part]);
        }
    }

    /// Adds records of `donor` to a line while they fit.
    fn pack(&mut self, donor: Level, packing: &mut Packing, style: Style) {
        let order = self.order();
        loop {
            let fits = |entry: &Entry| {
                let len = PACKED.len() + layout::tag(donor, style.plain).len() + 1;
                entry.record.omitted == 0 && len + entry.estimate(style.now) <= packing.room
            };
            if !self.lanes[donor].peek(order, style.now).is_some_and(fits) {
                return;
            }
            let Some(entry) = self.lanes[donor].take(order, style.now) else {
                return;
            };
            self.turns.fed(donor);
            let part = self.part(entry, style.now);
            let len = PACKED.len() + part.whole_len(style);
            if len > packing.room {
                packing.misfits.push(part);
                return;
            }
            packing.room -= len;
            packing.parts.push(part);
        }
    }

    /// Whether so much waits that records should share lines.
    fn packs(&self, now: Instant) -> bool {
        if !self.options.pack {
            return false;
        }
        let lanes = || self.lanes.iter().map(|(_, lane)| lane);
        if self.phase != Phase::Open {
            return self.packing || lanes().map(Lane::len).sum::<usize>() > BURST;
        }
        let ready: usize = lanes().map(|lane| lane.ready(now).count()).sum();
        ready > 1
            && (self.packing
                || ready > PACK_LENGTH
                || lanes().any(|lane| lane.longest_wait(now) > PACK_WAIT))
    }

    /// Redacts and lays out an entry; its slot is free from here on.
    fn part(&mut self, entry: Entry, now: Instant) -> Part {
        let span = entry.span(now);
        let record = entry.record;
        let count = entry.records + entry.shed;
        let mut part = Part {
            level: record.level,
            text: String::new(),
            suffix: String::new(),
            clock: layout::clock(record.time),
            first: entry.first,
            newest: entry.newest,
            omitted: record.omitted + layout::cut_guard(&record),
            max_lines: self.options.max_lines.get(),
            seq: entry.seq,
            records: entry.records,
            shed: entry.shed,
        };
        if record.time == SystemTime::UNIX_EPOCH {
            part.clock.clear();
        }
        if entry.records == 0 {
            part.text = layout::target(&record, &self.scrubber);
            if part.text.is_empty() {
                // There are more of them than have a place in the table.
                part.text.push_str("(many call sites)");
            }
        } else {
            // No text may look like a second record in the line.
            part.text = layout::body(&record, &self.scrubber).replace(" · [", " ∙ [");
        }
        if count > 1 || entry.records == 0 {
            part.suffix = layout::times(&record, count, span, &self.scrubber);
            part.max_lines = 1;
        }
        self.spare.put(record);
        part
    }

    pub(super) fn account_line(&mut self, style: Style) -> Option<Line> {
        let tally = self.account.take(style.now)?;
        if let Phase::Closing { told, .. } = &mut self.phase {
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
}

/// More entries than a burst takes, and they share lines.
const PACK_LENGTH: usize = 12;

/// The wait from which entries share lines.
const PACK_WAIT: Duration = Duration::from_millis(1500);

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
