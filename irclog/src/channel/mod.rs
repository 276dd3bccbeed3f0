//! What the reader of the channel sees. Pure: takes `now`, returns lines.
//!
//! A record waits in the lane of its level (`lane`), has its turn (`choice`,
//! `schedule`), perhaps with others (`packing`), gets its looks (`layout`,
//! `sanitise`), is cut into lines (`parcel`, `split`) and stays on the books until
//! each of them is acknowledged (`outbox`). What cannot be shown is told
//! (`account`).

mod account;
mod before;
mod choice;
mod entry;
mod figures;
mod group;
mod identifiers;
mod kind;
mod lane;
mod layout;
mod lines;
mod memory;
mod outbox;
mod packing;
mod parcel;
mod presence;
#[cfg(test)]
mod properties;
mod references;
pub(crate) mod sanitise;
mod schedule;
mod slots;
mod split;
mod stories;
mod story;
#[cfg(test)]
mod tests;
mod varied;
mod verdicts;

pub(crate) use self::group::{Channels, Mark};
#[cfg(feature = "cli")]
pub(crate) use self::layout::tag;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use log::Level;

use self::account::Account;
use self::before::Befores;
use self::entry::Entry;
use self::lane::{Lane, Pushed, Shed};
use self::outbox::Outbox;
use self::presence::Presence;
use self::schedule::Turns;
use self::slots::Slots;
use self::story::{Folded, Stories, Taken};
use crate::hide::Hide;
use crate::line::{ChannelId, LineId};
use crate::links::Links;
use crate::loss::{Counts, Loss, PerLevel};
use crate::record::{Record, Site};
use crate::redact::scrub::Scrubber;
use crate::twin::Twin;

/// A record's place in the order of pushing, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seq(pub(crate) u64);

/// The text of one PRIVMSG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) id: LineId,
    pub(crate) text: String,
    /// Where it is all of one record that goes to other channels as well.
    twin: Option<Twin>,
}

impl Line {
    /// Whether it is all of one record that goes to other channels as well.
    pub(crate) fn is_shared(&self) -> bool {
        self.twin.is_some()
    }
}

/// How the channel shows what it shows.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Which of the channels it is. Defaults to the first.
    pub(crate) id: ChannelId,
    /// Lines of one record. Defaults to 4.
    pub(crate) max_lines: NonZeroUsize,
    /// What waited longer is only counted. Defaults to 10 minutes.
    pub(crate) max_age: Duration,
    /// Whether tags are bold and coloured. Defaults to true.
    pub(crate) formatting: bool,
    /// Records that nobody wants to see. Defaults to none.
    pub(crate) hide: Hide,
    /// How long the channel may be still before it is told that the service is
    /// there. Defaults to any time.
    pub(crate) heartbeat: Option<Duration>,
    /// Links that stand with records. Defaults to none.
    pub(crate) links: Links,
    /// Which sender goes without saying as long as there is no other: who is
    /// called as we are. Defaults to none.
    pub(crate) nick: String,
}

impl Default for Options {
    fn default() -> Self {
        const MAX_LINES: NonZeroUsize = NonZeroUsize::new(4).unwrap();
        Self {
            id: ChannelId::default(),
            max_lines: MAX_LINES,
            max_age: Duration::from_secs(600),
            formatting: true,
            hide: Hide::default(),
            heartbeat: None,
            links: Links::default(),
            nick: String::new(),
        }
    }
}

/// Everything between the lanes of the service and the connection.
///
/// Whether the channel keeps up is read off what waits here and for how long,
/// not asked from the pacer: the wait is what the reader feels, it is right on
/// any server and through any outage, and nobody has to predict a rate.
#[derive(Debug)]
pub(crate) struct Channel {
    options: Options,
    scrubber: Arc<Scrubber>,
    lanes: PerLevel<Lane>,
    /// What waits for the rest of its request, before the lanes.
    stories: Stories,
    outbox: Outbox,
    turns: Turns,
    account: Account,
    presence: Presence,
    /// What led to the ERRORs that were said last.
    befores: Befores,
    /// All but what waits and flies, which is counted when asked for.
    counts: Counts,
    spare: Slots,
    next_seq: u64,
    phase: Phase,
    muted_since: Option<Instant>,
    formatting: Formatting,
    /// Bytes of a line that this server was seen to refuse, less a quarter.
    ceiling: usize,
    /// Whether the next line is the first after a connection was made.
    reconnected: bool,
    /// Whether records share lines, until what piled up is through.
    packing: bool,
    senders: Senders,
}

/// Who has sent records.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Senders {
    Nobody,
    One(String),
    Several,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// The service ends: ERROR first, then what there is room for of the rest,
    /// then what was not shown, for which the interval is not waited for once.
    Closing {
        told: bool,
    },
    /// Time was up. Nothing more is shown.
    Ended,
}

/// Whether tags are formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Formatting {
    On,
    /// A formatted line was refused without a reason: plain for a trial.
    Trial,
    /// The plain one was refused as well, so that was not it.
    Acquitted,
    /// The plain one was shown.
    Plain {
        until: Instant,
    },
    /// The channel says that it takes none, or the user wants none.
    Off,
}

/// Bytes of a text kept while it waits. Four lines show a quarter of it; the
/// rest gives the scrubber its context.
const MAX_HELD: usize = 8 * 1024;

impl Channel {
    pub(crate) fn new(options: Options, scrubber: Arc<Scrubber>) -> Self {
        let formatting = if options.formatting {
            Formatting::On
        } else {
            Formatting::Off
        };
        let presence = Presence::new(options.heartbeat);
        Self {
            scrubber,
            presence,
            lanes: PerLevel::new(Lane::new),
            stories: Stories::default(),
            outbox: Outbox::new(options.id),
            turns: Turns::default(),
            account: Account::default(),
            befores: Befores::default(),
            counts: Counts::default(),
            spare: Slots::default(),
            next_seq: 0,
            phase: Phase::Open,
            muted_since: None,
            formatting,
            ceiling: usize::MAX,
            reconnected: true,
            packing: false,
            senders: Senders::Nobody,
            options,
        }
    }

    /// Takes a record in. Gives a free slot back where there is one.
    pub(crate) fn push(&mut self, record: Box<Record>, now: Instant) -> Option<Box<Record>> {
        if self.hides(&record) {
            self.hidden(record.level, 1);
            return Some(record);
        }
        self.take_in(record, now)
    }

    /// Whether nobody wants to see `record`.
    fn hides(&self, record: &Record) -> bool {
        self.options.hide.hides(record, &self.scrubber)
    }

    /// The same of a record that somebody wants to see.
    fn take_in(&mut self, mut record: Box<Record>, now: Instant) -> Option<Box<Record>> {
        let level = record.level;
        let seq = Seq(self.next_seq);
        self.next_seq += 1;
        self.counts[level].pushed += 1;
        self.account.anchor(now, record.time);
        if let Some(reason) = self.silenced() {
            self.lose(level, reason, 1, 0, (now, now));
            return Some(record);
        }
        limit(&mut record);
        match &self.senders {
            Senders::Nobody => self.senders = Senders::One(record.sender.clone()),
            Senders::One(known) if *known != record.sender => self.senders = Senders::Several,
            Senders::One(_) | Senders::Several => {}
        }
        // At the end nothing is waited for.
        if self.phase == Phase::Open {
            record = match self.stories.take(record, seq, now) {
                Taken::Not(record) => record,
                Taken::Folded(free) => return Some(free),
                Taken::Held => return self.recycle(),
            };
        }
        self.enqueue(record, None, seq, now)
    }

    /// Puts a record into its lane, with what was folded into it as its story.
    fn enqueue(
        &mut self,
        record: Box<Record>,
        story: Option<Box<Folded>>,
        seq: Seq,
        now: Instant,
    ) -> Option<Box<Record>> {
        let level = record.level;
        let mut records = PerLevel::default();
        records[level] += 1;
        if let Some(story) = &story {
            story.add_records(&mut records);
        }
        let lane = &mut self.lanes[level];
        match lane.push(record, story, seq, now) {
            Pushed::Folded(free) => free.or_else(|| self.recycle()),
            Pushed::Queued => {
                if lane.is_overlong() {
                    lane.strain(&mut self.spare);
                }
                self.recycle()
            }
            Pushed::Evicted(oldest) => {
                self.drop_entry(level, *oldest, Loss::Backlog, now);
                self.recycle()
            }
            Pushed::Full(record) => {
                self.lose_all(&records, Loss::Backlog, (now, now));
                Some(record)
            }
        }
    }

    /// A slot that is free again.
    pub(crate) fn recycle(&mut self) -> Option<Box<Record>> {
        self.spare.take()
    }

    /// Counts records that were counted at the source instead of formatted.
    /// They are told with the next line of their call site.
    pub(crate) fn shed(&mut self, level: Level, site: Site<'_>, count: u64, now: Instant) {
        if count == 0 {
            return;
        }
        self.counts[level].shed += count;
        if self.silenced().is_some() {
            self.account.lose(level, count, now, now);
            return;
        }
        let seq = Seq(self.next_seq);
        let spare = &mut self.spare;
        let time = self.account.time_of_day(now);
        let slot = || {
            let mut slot = spare.take().unwrap_or_else(|| Box::new(Record::empty()));
            slot.level = level;
            slot.time = time.unwrap_or(SystemTime::UNIX_EPOCH);
            slot
        };
        match self.lanes[level].shed(site, count, seq, now, slot) {
            Shed::Counted => {}
            Shed::Evicted(entry) => self.drop_entry(level, *entry, Loss::Backlog, now),
            Shed::Full => self.account.lose(level, count, now, now),
        }
    }

    /// Counts records that nobody wants to see.
    pub(crate) fn hidden(&mut self, level: Level, count: u64) {
        self.counts[level].hide(count);
    }

    /// Counts records that were lost before they came here.
    pub(crate) fn dropped(&mut self, level: Level, reason: Loss, count: u64, now: Instant) {
        self.counts[level].lost_before += count;
        self.lose(level, reason, count, 0, (now, now));
    }

    /// Where every record is.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.counts;
        let mut waiting = PerLevel::default();
        self.stories.add_records(&mut waiting);
        for (_, lane) in self.lanes.iter() {
            lane.add_records(&mut waiting);
        }
        for (level, afloat) in self.outbox.afloat().iter() {
            counts[level].in_flight = afloat.in_flight;
            counts[level].queued = afloat.queued + waiting[level];
        }
        counts
    }

    /// The smallest of those that still wait or are not acknowledged.
    pub(crate) fn oldest(&self) -> Option<Seq> {
        let lanes = self.lanes.iter().filter_map(|(_, lane)| lane.oldest());
        (lanes.chain(self.outbox.oldest()))
            .chain(self.stories.oldest())
            .min()
    }

    /// What the next record pushed will be.
    pub(crate) fn next_seq(&self) -> Seq {
        Seq(self.next_seq)
    }

    /// The first of them was logged at `since`.
    fn lose(
        &mut self,
        level: Level,
        reason: Loss,
        records: u64,
        shed: u64,
        (since, now): (Instant, Instant),
    ) {
        self.counts[level].drop_for(reason, records);
        self.account.lose(level, records + shed, since, now);
    }

    /// The same of several levels.
    fn lose_all(&mut self, records: &PerLevel<u64>, reason: Loss, times: (Instant, Instant)) {
        for (level, &count) in records.iter() {
            self.lose(level, reason, count, 0, times);
        }
    }

    fn drop_entry(&mut self, level: Level, entry: Entry, reason: Loss, now: Instant) {
        let mut records = PerLevel::default();
        entry.add_records(level, &mut records);
        self.lose_all(&records, reason, (entry.first, now));
        self.lose(level, reason, 0, entry.shed, (entry.first, now));
        entry.recycle(&mut self.spare);
    }

    /// Whether it has to be said who sent `record`.
    fn names_sender(&self, record: &Record) -> bool {
        !record.sender.is_empty()
            && (self.senders == Senders::Several || record.sender != self.options.nick)
    }

    /// Why nothing is taken in at the moment.
    fn silenced(&self) -> Option<Loss> {
        if self.muted_since.is_some() {
            Some(Loss::Muted)
        } else if self.phase == Phase::Ended {
            Some(Loss::Exit)
        } else {
            None
        }
    }
}

/// So few entries are sent one by one also at exit: any server takes them as
/// a burst.
const BURST: usize = 4;

/// Keeps of a long text what can be shown and what the scrubber needs to
/// judge it.
fn limit(record: &mut Record) {
    let cut = split::char_floor(&record.text, MAX_HELD);
    record.omitted += record.text.len() - cut;
    record.text.truncate(cut);
    if record.text.capacity() > 2 * MAX_HELD {
        record.text.shrink_to(MAX_HELD);
    }
    record.public.retain_mut(|span| {
        span.end = span.end.min(cut);
        span.start < span.end
    });
}
