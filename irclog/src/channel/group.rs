//! Several channels of one connection: which of them a record goes to, and whose
//! turn it is. Each has its own lanes, its own account and its own numbers.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use log::Level;

use super::{Channel, Line, Seq};
use crate::line::{ChannelId, ChannelSet, LineId, Refusal, Room, Urgency};
use crate::loss::{Counts, Loss};
use crate::record::{Record, Site, StoryId};
use crate::twin::Twin;

/// All channels that the process speaks in, at least one.
#[derive(Debug)]
pub(crate) struct Channels {
    /// By their ids.
    all: Vec<Channel>,
    /// Who comes first next time, among those for whom it is as urgent.
    next: usize,
    /// Slots for copies of records.
    #[expect(clippy::vec_box, reason = "slots travel as boxes")]
    free: Vec<Box<Record>>,
}

/// Slots for copies that are kept while none is needed.
const MAX_FREE: usize = 256;

/// A moment in the order of records.
#[derive(Debug, Clone)]
pub(crate) struct Mark(Vec<Seq>);

impl Channels {
    /// Each has the id of its place among `all`.
    pub(crate) fn new(all: Vec<Channel>) -> Self {
        Self {
            all,
            next: 0,
            free: Vec::new(),
        }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = ChannelId> + use<> {
        ChannelId::first(self.all.len())
    }

    /// All of them.
    pub(crate) fn everyone(&self) -> ChannelSet {
        ChannelSet::first(self.all.len())
    }

    pub(crate) fn of(&self, id: ChannelId) -> &Channel {
        &self.all[id.index()]
    }

    pub(crate) fn at(&mut self, id: ChannelId) -> &mut Channel {
        &mut self.all[id.index()]
    }

    fn some(&mut self, ids: ChannelSet) -> impl Iterator<Item = &mut Channel> {
        let all = self.all.iter_mut();
        all.filter(move |channel| ids.contains(channel.options.id))
    }

    /// Takes a record in, for each of the channels that it is for. Gives a free
    /// slot back where there is one.
    pub(crate) fn push(&mut self, mut record: Box<Record>, now: Instant) -> Option<Box<Record>> {
        let (to, level) = (record.to, record.level);
        let Some(last) = self.ids().filter(|&id| to.contains(id)).last() else {
            return Some(record);
        };
        if to.len() == 1 {
            return self.at(last).push(record, now);
        }
        // That is the same for all of them.
        if self.of(last).hides(&record) {
            self.some(to).for_each(|channel| channel.hidden(level, 1));
            return Some(record);
        }
        record.twin = Some(Twin::default());
        for id in self.ids().filter(|&id| to.contains(id) && id != last) {
            let slot = self.free.pop();
            let mut copy = slot.unwrap_or_else(|| Box::new(Record::empty()));
            copy.copy(&record);
            let free = self.at(id).take_in(copy, now);
            if let Some(free) = free.and_then(|free| self.original(free)) {
                self.at(id).spare.put(free);
            }
        }
        let free = self.at(last).take_in(record, now)?;
        self.original(free)
    }

    /// A slot that is free again, of those that came with records: those for
    /// copies stay here. The more of them go round, the fewer of them a service's
    /// thread finds in its cache.
    pub(crate) fn recycle(&mut self) -> Option<Box<Record>> {
        loop {
            let slot = self.all.iter_mut().find_map(Channel::recycle)?;
            if let Some(slot) = self.original(slot) {
                return Some(slot);
            }
        }
    }

    /// Gives `slot` back unless it is for copies, and keeps it then.
    fn original(&mut self, mut slot: Box<Record>) -> Option<Box<Record>> {
        // Here, where nobody waits, and not when a service's thread fills it.
        slot.twin = None;
        if slot.is_copy {
            self.keep(slot);
            return None;
        }
        Some(slot)
    }

    fn keep(&mut self, slot: Box<Record>) {
        if self.free.len() < MAX_FREE {
            self.free.push(slot);
        }
    }

    /// Counts records for `to` that were counted at the source.
    pub(crate) fn shed(
        &mut self,
        to: ChannelSet,
        level: Level,
        site: Site<'_>,
        count: u64,
        now: Instant,
    ) {
        for channel in self.some(to) {
            channel.shed(level, site, count, now);
        }
    }

    /// Counts records for `to` that were lost before they came here.
    pub(crate) fn dropped(
        &mut self,
        to: ChannelSet,
        level: Level,
        reason: Loss,
        count: u64,
        now: Instant,
    ) {
        for channel in self.some(to) {
            channel.dropped(level, reason, count, now);
        }
    }

    /// Where the records of each channel are.
    pub(crate) fn counts(&self) -> Vec<Counts> {
        self.all.iter().map(Channel::counts).collect()
    }

    /// Everything that was pushed so far lies before it.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.all.iter().map(Channel::next_seq).collect())
    }

    /// The channels in which something before `mark` is not settled.
    pub(crate) fn unsettled(&self, mark: &Mark) -> ChannelSet {
        let settled = |channel: &Channel, mark| channel.oldest().is_none_or(|it| it >= mark);
        let all = self.ids().zip(self.all.iter().zip(&mark.0));
        all.filter(|(_, (channel, mark))| !settled(channel, **mark))
            .map(|(id, _)| id)
            .collect()
    }

    pub(crate) fn end_story(&mut self, story: StoryId, now: Instant) {
        self.all
            .iter_mut()
            .for_each(|channel| channel.end_story(story, now));
    }

    pub(crate) fn elapse(&mut self, now: Instant) {
        self.all.iter_mut().for_each(|channel| channel.elapse(now));
    }

    pub(crate) fn hurry(&mut self, now: Instant) {
        self.all.iter_mut().for_each(|channel| channel.hurry(now));
    }

    pub(crate) fn close(&mut self, now: Instant) {
        self.all.iter_mut().for_each(|channel| channel.close(now));
    }

    pub(crate) fn mute(&mut self, now: Instant) {
        self.all.iter_mut().for_each(|channel| channel.mute(now));
    }

    pub(crate) fn unmute(&mut self, now: Instant) {
        self.all.iter_mut().for_each(|channel| channel.unmute(now));
    }

    /// The connection is gone: what is not acknowledged is sent again first.
    pub(crate) fn disconnected(&mut self, now: Instant) {
        self.all
            .iter_mut()
            .for_each(|channel| channel.disconnected(now));
    }

    fn owner(&mut self, line: LineId) -> Option<&mut Channel> {
        self.all.get_mut(line.channel().index())
    }

    pub(crate) fn shown(&mut self, line: LineId, now: Instant) {
        if let Some(channel) = self.owner(line) {
            channel.shown(line, now);
        }
    }

    pub(crate) fn refused(&mut self, line: LineId, refusal: Refusal, now: Instant) {
        if let Some(channel) = self.owner(line) {
            channel.refused(line, refusal, now);
        }
    }

    pub(crate) fn doubted(&mut self, line: LineId, refusal: Refusal, now: Instant) {
        if let Some(channel) = self.owner(line) {
            channel.doubted(line, refusal, now);
        }
    }

    /// Whose turn it is among those that are `open`: who has an error, and then
    /// one after the other. `None` when there is nothing to say now.
    pub(crate) fn turn(&self, open: ChannelSet, now: Instant) -> Option<(ChannelId, Urgency)> {
        let wants = |id| Some((id, self.of(id).urgency(now)?));
        let wanting: Vec<_> = self
            .in_turn()
            .filter(|&id| open.contains(id))
            .filter_map(wants)
            .collect();
        let most = wanting.iter().map(|&(_, urgency)| urgency).max()?;
        wanting.into_iter().find(|&(_, urgency)| urgency == most)
    }

    /// All of them, beginning with whose turn it is.
    fn in_turn(&self) -> impl Iterator<Item = ChannelId> + use<> {
        let next = self.next;
        let rest = self.ids().skip(next);
        rest.chain(self.ids().take(next))
    }

    /// The next line of a channel, whose turn is over by that.
    pub(crate) fn next_line(&mut self, id: ChannelId, room: Room, now: Instant) -> Option<Line> {
        self.next = (id.index() + 1) % self.all.len();
        self.at(id).next_line(room, now)
    }

    /// What the line is called in `other`, if it is its next line as well, word
    /// by word.
    pub(crate) fn share(
        &mut self,
        line: &Line,
        other: ChannelId,
        room: Room,
        now: Instant,
    ) -> Option<LineId> {
        self.at(other).next_same(line, room, now)
    }

    /// When to ask again if none of those that are `open` has anything to say
    /// now.
    pub(crate) fn wake_at(&self, open: ChannelSet) -> Option<Instant> {
        let open = self.ids().filter(|&id| open.contains(id));
        open.filter_map(|id| self.of(id).wake_at()).min()
    }

    /// When one of those that are `open` has something to say although nothing
    /// was logged.
    pub(crate) fn pulse_at(&self, open: ChannelSet) -> Option<Instant> {
        let open = self.ids().filter(|&id| open.contains(id));
        open.filter_map(|id| self.of(id).pulse_at()).min()
    }

    /// How long the oldest record of all has waited.
    pub(crate) fn longest_wait(&self, now: Instant) -> Option<Duration> {
        self.all
            .iter()
            .filter_map(|channel| channel.longest_wait(now))
            .max()
    }

    /// About how many bytes are left to be said in each channel of `open`.
    pub(crate) fn left(&self, open: ChannelSet, now: Instant) -> Vec<Left> {
        let open = self.ids().filter(|&id| open.contains(id));
        open.map(|id| self.of(id).left(now)).collect()
    }
}

/// What a channel still has to say. In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) errors: usize,
    pub(crate) others: usize,
    /// Whether something is left to tell of what was not shown.
    pub(crate) untold: bool,
}
