//! Lines that left, and lines that must leave again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::time::Instant;

use log::Level;

use super::Line;
use super::Seq;
use super::account::Tally;
use super::parcel::{Parcel, Part, Piece, Style};
use super::presence::Start;
use crate::line::{ChannelId, LineId};
use crate::loss::{Loss, PerLevel};

/// Every parcel that was opened and is not yet settled.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    channel: ChannelId,
    parcels: BTreeMap<u64, Parcel>,
    /// Pieces to be sent, in order.
    queues: PerLevel<VecDeque<(u64, Piece)>>,
    flights: BTreeMap<LineId, Flight>,
    next_parcel: u64,
    next_line: u64,
    /// The parcel that the last line was of, or came behind.
    last: Option<u64>,
}

/// A line on the wire.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) freight: Freight,
    pub(super) coloured: bool,
    /// Bytes of its text.
    pub(super) len: usize,
}

#[derive(Debug)]
pub(super) enum Freight {
    Piece {
        parcel: u64,
        piece: Piece,
    },
    Account(Tally),
    /// That the service has started.
    Start(Start),
    /// That it is still there.
    Pulse,
    /// What led to an ERROR: records of each level.
    Before(PerLevel<u64>),
}

/// Where the records of a level are, of those that left their lane.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Afloat {
    pub(super) in_flight: u64,
    pub(super) queued: u64,
}

impl Outbox {
    pub(super) fn new(channel: ChannelId) -> Self {
        Self {
            channel,
            ..Self::default()
        }
    }

    /// Queues `parts` as one parcel, behind what waits at `level`; its key.
    pub(super) fn push(&mut self, level: Level, parts: Vec<Part>) -> u64 {
        let mut parcel = Parcel::new(level, parts);
        parcel.waiting = 1;
        self.queues[level].push_back((self.next_parcel, parcel.whole()));
        self.parcels.insert(self.next_parcel, parcel);
        self.next_parcel += 1;
        self.next_parcel - 1
    }

    pub(super) fn waits(&self, level: Level) -> bool {
        !self.queues[level].is_empty()
    }

    /// Adds the records in here, and those that an account on the wire tells of.
    pub(super) fn add_unseen(&self, unseen: &mut PerLevel<u64>) {
        for part in self.parcels.values().flat_map(|parcel| &parcel.parts) {
            unseen[part.level] += part.shed;
            for (level, count) in part.counts() {
                unseen[level] += count;
            }
        }
        for flight in self.flights.values() {
            if let Freight::Account(tally) = &flight.freight {
                for (level, &count) in tally.lines().iter() {
                    unseen[level] += count;
                }
            }
        }
    }

    /// About how many bytes wait in here.
    pub(super) fn waiting_bytes(&self) -> usize {
        let pieces = self.queues.iter().flat_map(|(_, queue)| queue);
        pieces
            .filter_map(|(key, piece)| Some((self.parcels.get(key)?, piece)))
            .map(|(parcel, piece)| match piece.parts.len() {
                1 => piece.bytes.len(),
                _ => (parcel.parts[piece.parts.clone()].iter())
                    .map(|part| part.text.len() + part.suffix.len())
                    .sum(),
            })
            .sum()
    }

    /// The first of `levels` with a record of which a line has gone, and
    /// another waits.
    pub(super) fn begun(&self, levels: &[Level]) -> Option<Level> {
        let is_begun = |&level: &Level| {
            let first = self.queues[level].front();
            first.is_some_and(|(_, piece)| piece.nth > 0 || piece.parts.start > 0)
        };
        levels.iter().copied().find(is_begun)
    }

    #[cfg(test)]
    pub(super) fn flies(&self) -> bool {
        !self.flights.is_empty()
    }

    /// The next line of `level`.
    pub(super) fn send(&mut self, level: Level, style: Style) -> Option<Line> {
        let (key, piece) = self.queues[level].pop_front()?;
        let parcel = self.parcels.get_mut(&key)?;
        let cut = parcel.cut(&piece, style);
        let is_whole = cut.rest.is_empty() && piece.nth == 0 && piece.attempts == 0;
        parcel.flying += 1;
        parcel.waiting = parcel.waiting + cut.rest.len() - 1;
        for rest in cut.rest.into_iter().rev() {
            self.queues[level].push_front((key, rest));
        }
        // All of one record, which nothing else is told with.
        let twin = match parcel.parts.as_slice() {
            [only] if is_whole => only.twin.clone(),
            _ => None,
        };
        let freight = Freight::Piece {
            parcel: key,
            piece: cut.sent,
        };
        let line = self.launch(cut.text, freight, cut.coloured);
        self.last = Some(key);
        Some(Line { twin, ..line })
    }

    /// A line that says what was not shown.
    pub(super) fn send_account(&mut self, tally: Tally, text: String) -> Line {
        self.launch(text, Freight::Account(tally), false)
    }

    /// A line that says that the service is there.
    pub(super) fn send_presence(&mut self, start: Option<Start>, text: String) -> Line {
        self.launch(text, start.map_or(Freight::Pulse, Freight::Start), false)
    }

    /// A line that tells what led to the ERROR in a parcel.
    pub(super) fn send_before(
        &mut self,
        parcel: Option<u64>,
        records: PerLevel<u64>,
        text: String,
    ) -> Line {
        let line = self.launch(text, Freight::Before(records), false);
        self.last = parcel;
        line
    }

    /// Whether the last line was of this parcel, or came behind it.
    pub(super) fn follows(&self, parcel: u64) -> bool {
        self.last == Some(parcel)
    }

    fn launch(&mut self, text: String, freight: Freight, coloured: bool) -> Line {
        let id = LineId::new(self.channel, self.next_line);
        self.next_line += 1;
        self.last = None;
        let flight = Flight {
            freight,
            coloured,
            len: text.len(),
        };
        self.flights.insert(id, flight);
        Line {
            id,
            text,
            twin: None,
        }
    }

    /// Takes a line off the wire, whatever became of it.
    pub(super) fn land(&mut self, id: LineId) -> Option<Flight> {
        self.flights.remove(&id)
    }

    /// A line that was made and not sent waits again, as if it had not been.
    pub(super) fn take_back(&mut self, id: LineId) {
        if let Some(Flight {
            freight: Freight::Piece { parcel, piece },
            ..
        }) = self.land(id)
        {
            self.again(parcel, piece);
        }
    }

    /// Takes every line off the wire, the first sent first.
    pub(super) fn land_all(&mut self) -> Vec<Flight> {
        mem::take(&mut self.flights).into_values().collect()
    }

    /// A piece that landed was seen. Gives the parcel if that settles it.
    pub(super) fn seen(&mut self, key: u64) -> Option<Parcel> {
        self.parcels.get_mut(&key)?.flying -= 1;
        self.settled(key)
    }

    /// A piece that landed will be sent again, in its place before what comes
    /// later. Gives the parcel if that settles it, which is when another piece
    /// of it failed.
    pub(super) fn again(&mut self, key: u64, piece: Piece) -> Option<Parcel> {
        let parcel = self.parcels.get_mut(&key)?;
        parcel.flying -= 1;
        if parcel.failed.is_none() {
            parcel.waiting += 1;
            let place = |key: u64, piece: &Piece| (key, piece.parts.start, piece.bytes.start);
            let queue = &mut self.queues[parcel.level];
            let mine = place(key, &piece);
            let at = queue.partition_point(|(key, piece)| place(*key, piece) < mine);
            queue.insert(at, (key, piece));
        }
        self.settled(key)
    }

    /// A piece that landed will not be sent again, and so neither will the
    /// rest of its parcel.
    pub(super) fn failed(&mut self, key: u64, reason: Loss) -> Option<Parcel> {
        let parcel = self.parcels.get_mut(&key)?;
        parcel.flying -= 1;
        parcel.failed.get_or_insert(reason);
        parcel.waiting = 0;
        self.queues[parcel.level].retain(|&(other, _)| other != key);
        self.settled(key)
    }

    /// Gives up whatever waits to be sent. Gives the parcels that settles.
    pub(super) fn abandon(&mut self, reason: Loss) -> Vec<Parcel> {
        self.give_up(reason, |_, _| true)
    }

    /// Gives up what the channel refused and whose records all came before
    /// `limit`. Gives the parcels that settles.
    ///
    /// Nothing else grows too old here: what was begun is shown to its end, and
    /// what a lost connection left open is sent again.
    pub(super) fn expire(&mut self, limit: Instant) -> Vec<Parcel> {
        self.give_up(Loss::TooOld, |parcel, piece| {
            piece.refused && parcel.is_older_than(limit)
        })
    }

    /// Gives up the parcels of which a piece that waits is `hopeless`, whole.
    fn give_up(&mut self, reason: Loss, hopeless: impl Fn(&Parcel, &Piece) -> bool) -> Vec<Parcel> {
        let mut keys = BTreeSet::new();
        for (key, piece) in self.queues.iter().flat_map(|(_, queue)| queue) {
            if let Some(parcel) = self.parcels.get_mut(key)
                && hopeless(parcel, piece)
            {
                parcel.waiting = 0;
                parcel.failed.get_or_insert(reason);
                keys.insert(*key);
            }
        }
        for queue in self.queues.values_mut() {
            queue.retain(|(key, _)| !keys.contains(key));
        }
        (keys.into_iter())
            .filter_map(|key| self.settled(key))
            .collect()
    }

    pub(super) fn oldest(&self) -> Option<Seq> {
        self.parcels
            .values()
            .flat_map(|parcel| parcel.parts.iter().map(|part| part.seq))
            .min()
    }

    /// When the oldest record was logged that is not on the wire.
    pub(super) fn first_waiting(&self) -> Option<Instant> {
        let waiting = self.parcels.values().filter(|parcel| parcel.flying == 0);
        waiting
            .flat_map(|parcel| parcel.parts.iter().map(|part| part.first))
            .min()
    }

    pub(super) fn afloat(&self) -> PerLevel<Afloat> {
        let mut afloat = PerLevel::<Afloat>::default();
        for parcel in self.parcels.values() {
            for part in &parcel.parts {
                for (level, count) in part.counts() {
                    if parcel.flying > 0 {
                        afloat[level].in_flight += count;
                    } else {
                        afloat[level].queued += count;
                    }
                }
            }
        }
        afloat
    }

    fn settled(&mut self, key: u64) -> Option<Parcel> {
        self.parcels
            .get(&key)
            .is_some_and(Parcel::is_settled)
            .then(|| self.parcels.remove(&key))
            .flatten()
    }
}
