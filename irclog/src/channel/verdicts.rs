//! What the connection says about lines, and people about all of it.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use log::Level;

use super::group::Left;
use super::layout;
use super::outbox::{Flight, Freight};
use super::parcel::{Parcel, Piece, Style};
use super::{Channel, Formatting, Line, Phase};
use crate::line::{LineId, Refusal};
use crate::loss::{LEVELS, Loss, PerLevel};

impl Channel {
    /// The line was seen, as far as the server can prove it.
    pub(crate) fn shown(&mut self, id: LineId, now: Instant) {
        let Some(flight) = self.outbox.land(id) else {
            return;
        };
        if self.presence.due().is_some() {
            let counts = self.counts();
            self.presence.shown(&counts, now);
        }
        let parcel = match flight.freight {
            Freight::Piece { parcel, .. } => parcel,
            Freight::Before(records) => {
                for (level, &count) in records.iter() {
                    self.counts[level].context += count;
                }
                return;
            }
            Freight::Account(_) | Freight::Start(_) | Freight::Pulse => return,
        };
        match (self.formatting, flight.coloured) {
            (Formatting::Trial, false) => {
                self.formatting = Formatting::Plain {
                    until: now + PLAIN_FOR,
                };
            }
            (Formatting::Acquitted, true) => self.formatting = Formatting::On,
            _ => {}
        }
        if let Some(parcel) = self.outbox.seen(parcel) {
            self.settle(&parcel, now);
        }
    }

    /// The line was not shown. It is mended and sent again where that may
    /// help, a bounded number of times.
    pub(crate) fn refused(&mut self, id: LineId, refusal: Refusal, now: Instant) {
        if let Some(flight) = self.outbox.land(id) {
            self.put_back(flight, refusal, now);
        }
    }

    /// The line was not shown, or another was not: whoever reads it again
    /// shall know.
    pub(crate) fn doubted(&mut self, id: LineId, refusal: Refusal, now: Instant) {
        if let Some(mut flight) = self.outbox.land(id) {
            if let Freight::Piece { piece, .. } = &mut flight.freight {
                piece.repeated = true;
            }
            self.put_back(flight, refusal, now);
        }
    }

    /// The connection is gone. What is not acknowledged is sent again first.
    pub(crate) fn disconnected(&mut self, now: Instant) {
        for flight in self.outbox.land_all() {
            self.put_back(flight, Refusal::Unproven, now);
        }
        if self.formatting != Formatting::Off {
            self.formatting = Formatting::On;
        }
        self.ceiling = usize::MAX;
        self.reconnected = true;
    }

    /// The channel was joined for the first time. Where there is a `start`, it
    /// is told of it: its text, and when it was.
    pub(crate) fn began(&mut self, start: Option<(String, Instant)>, now: Instant) {
        if let Some((text, at)) = start {
            let text = layout::clean(&text, &[], 0, &self.scrubber);
            self.presence.started(text, at);
        }
        self.presence.begin(&self.counts(), now);
    }

    /// Shows whatever waits for its interval as soon as it can be: somebody
    /// waits for it.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.hurry_stories(now);
        for lane in self.lanes.values_mut() {
            lane.hurry(now);
        }
    }

    /// The service ends: from now on ERROR first, then the rest in its order,
    /// then what is left out.
    pub(crate) fn close(&mut self, now: Instant) {
        if self.phase != Phase::Open {
            return;
        }
        self.hurry_stories(now);
        self.phase = Phase::Closing { told: false };
        for lane in self.lanes.values_mut() {
            lane.close(now);
        }
    }

    /// Time is up: gives up whatever still waits, and says so in the last line
    /// of all. `None` where there is nothing to say, or the channel is muted.
    pub(crate) fn farewell(&mut self, budget: NonZeroUsize, now: Instant) -> Option<Line> {
        if self.phase == Phase::Ended {
            return None;
        }
        self.phase = Phase::Ended;
        self.befores.clear();
        self.drop_waiting(Loss::Exit, now);
        if self.muted_since.is_some() {
            return None;
        }
        self.account_line(Style {
            budget: budget.get().min(self.ceiling),
            shared: 0,
            plain: true,
            now,
        })
    }

    /// Whether nothing waits, flies or is left to tell.
    #[cfg(test)]
    pub(crate) fn is_settled(&self) -> bool {
        self.oldest().is_none() && !self.outbox.flies() && self.account.is_settled()
    }

    /// Whether no record waits to be said: what flies may still come back, and
    /// something may be left to tell.
    pub(crate) fn has_said_all(&self) -> bool {
        let waits = |level| self.outbox.waits(level) || self.lanes[level].len() > 0;
        !LEVELS.into_iter().any(waits) && !self.befores.waits()
    }

    /// What is left to be said, by size.
    pub(crate) fn left(&self, now: Instant) -> Left {
        let cost = |level| -> usize {
            let entries = self.lanes[level].entries();
            entries.map(|entry| self.cost(level, entry, now)).sum()
        };
        Left {
            errors: cost(Level::Error) + self.outbox.waiting_bytes(),
            others: LEVELS[1..].iter().map(|&level| cost(level)).sum(),
            untold: !self.account.is_settled(),
        }
    }

    /// What of the records nobody is known to have seen or been told of.
    pub(crate) fn unseen(&self) -> PerLevel<u64> {
        let mut unseen = self.account.untold();
        self.outbox.add_unseen(&mut unseen);
        for level in LEVELS {
            let lane = &self.lanes[level];
            unseen[level] += lane.entries().map(|entry| entry.shed).sum::<u64>();
            lane.add_records(&mut unseen);
        }
        self.stories.add_records(&mut unseen);
        unseen
    }

    /// Says nothing from now on, and drops what waits.
    pub(crate) fn mute(&mut self, now: Instant) {
        if self.muted_since.is_none() {
            self.muted_since = Some(now);
            self.befores.clear();
            self.drop_waiting(Loss::Muted, now);
        }
    }

    /// Goes on, beginning with how long it was silent.
    pub(crate) fn unmute(&mut self, now: Instant) {
        if let Some(since) = self.muted_since.take() {
            self.account
                .silent_for(now.saturating_duration_since(since), now);
        }
    }

    fn drop_waiting(&mut self, reason: Loss, now: Instant) {
        self.drop_stories(reason, now);
        for parcel in self.outbox.abandon(reason) {
            self.settle(&parcel, now);
        }
        for level in LEVELS {
            for entry in self.lanes[level].shorten(0) {
                self.drop_entry(level, entry, reason, now);
            }
        }
    }

    /// Mends a line that did not make it, or gives it up.
    fn put_back(&mut self, flight: Flight, refusal: Refusal, now: Instant) {
        let (parcel, mut piece) = match flight.freight {
            Freight::Piece { parcel, piece } => (parcel, piece),
            Freight::Account(tally) => return self.account.give_back(&tally),
            Freight::Start(start) => return self.presence.give_back(start),
            // Another comes, and the other was worth one try.
            Freight::Pulse | Freight::Before(_) => return,
        };
        let verdict = match self.silenced() {
            Some(reason) => Err(reason),
            None => self.mend(&mut piece, refusal, flight.coloured, flight.len),
        };
        let settled = match verdict {
            Ok(()) => self.outbox.again(parcel, piece),
            Err(reason) => self.outbox.failed(parcel, reason),
        };
        if let Some(parcel) = settled {
            self.settle(&parcel, now);
        }
    }

    /// Whether and how it can be sent again.
    fn mend(
        &mut self,
        piece: &mut Piece,
        refusal: Refusal,
        coloured: bool,
        len: usize,
    ) -> Result<(), Loss> {
        let mut most = MAX_ATTEMPTS;
        piece.refused = refusal == Refusal::CannotSend;
        match refusal {
            Refusal::ControlCodes if coloured => {
                self.formatting = Formatting::Off;
                return Ok(());
            }
            Refusal::CannotSend => {
                most = MAX_REFUSALS;
                match self.formatting {
                    Formatting::On if coloured => self.formatting = Formatting::Trial,
                    Formatting::Trial if !coloured => self.formatting = Formatting::Acquitted,
                    _ => {}
                }
            }
            Refusal::TooLong if len > MIN_CEILING => {
                self.ceiling = self.ceiling.min(MIN_CEILING.max(len - len / 4));
            }
            Refusal::InvalidUtf8 if !piece.ascii => piece.ascii = true,
            // Said once for many: some of them may have been seen.
            Refusal::Throttled | Refusal::Unproven => piece.repeated = true,
            // Plain already, or short: there is nothing to mend, unless it was
            // another that was meant.
            Refusal::ControlCodes | Refusal::TooLong | Refusal::InvalidUtf8 => {
                if !piece.repeated {
                    return Err(Loss::Refused);
                }
            }
        }
        piece.attempts += 1;
        if piece.attempts <= most {
            Ok(())
        } else if refusal == Refusal::Unproven {
            Err(Loss::Unproven)
        } else {
            Err(Loss::Refused)
        }
    }

    /// Books what became of a parcel.
    pub(super) fn settle(&mut self, parcel: &Parcel, now: Instant) {
        for part in &parcel.parts {
            if let Some(reason) = parcel.failed {
                self.lose(part.level, reason, 0, part.shed, (part.first, now));
                for (level, count) in part.counts() {
                    self.lose(level, reason, count, 0, (part.first, now));
                }
            } else {
                for (level, count) in part.counts() {
                    self.counts[level].folded += count;
                }
                let shown = part.records.min(1);
                let counts = &mut self.counts[part.level];
                counts.shown += shown;
                counts.folded -= shown;
            }
        }
    }
}

/// Times a line may come back before it is given up.
const MAX_ATTEMPTS: u8 = 4;

/// Times that a channel may refuse it, which may be moderated for a while. The
/// session asks again after 15 s at the soonest: ten minutes, unless it grows
/// too old before.
const MAX_REFUSALS: u8 = 40;

/// How long to do without formatting where only its absence helped: what was
/// refused without a reason may have had another.
const PLAIN_FOR: Duration = Duration::from_secs(600);

/// A line so short is not refused for its length. In bytes.
const MIN_CEILING: usize = 64;
