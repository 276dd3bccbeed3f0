//! Whose turn it is: an ERROR's, the account's, that of the oldest record.

use std::time::{Duration, Instant};

use log::Level;

use super::layout;
use super::{Channel, Phase};
use crate::line::{Room, Urgency};
use crate::loss::{LEVELS, PerLevel};

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

    pub(super) fn choose(&self, now: Instant) -> Option<Choice> {
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

    pub(super) fn waits(&self, now: Instant) -> PerLevel<bool> {
        PerLevel::new(|level| self.has(level, now))
    }

    pub(super) fn has(&self, level: Level, now: Instant) -> bool {
        self.outbox.waits(level) || self.lanes[level].peek(now).is_some()
    }

    /// What was begun, then the level of the oldest record.
    pub(super) fn first_level(&self, now: Instant) -> Option<Level> {
        let others = || LEVELS[1..].iter().copied();
        let begun = others().find(|&level| self.outbox.waits(level));
        begun.or_else(|| {
            let first = |level: Level| Some((self.lanes[level].peek(now)?.seq, level));
            let first = others().filter_map(first).min_by_key(|&(seq, _)| seq);
            first.map(|(_, level)| level)
        })
    }

    /// Whether the channel does not keep up with what is logged.
    pub(super) fn is_behind(&self, now: Instant) -> bool {
        let lanes = || self.lanes.iter().map(|(_, lane)| lane);
        let ready: usize = lanes().map(|lane| lane.ready(now).count()).sum();
        ready > 1
            && (self.packing
                || ready > PACK_LENGTH
                || lanes().any(|lane| lane.longest_wait(now) > PACK_WAIT))
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
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
