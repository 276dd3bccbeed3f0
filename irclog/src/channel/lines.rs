//! Out: the next line, of whoever has the turn.

use std::time::{Duration, Instant};

use log::Level;

use super::choice::Choice;
use super::entry::Entry;
use super::layout;
use super::parcel::{PACKED, Style};
use super::{BURST, Channel, Formatting, Line, Phase, split};
use crate::line::{LineId, Room};
use crate::loss::{LEVELS, Loss};

impl Channel {
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
