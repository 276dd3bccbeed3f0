//! What the service's threads and the worker share: filters, budgets, lanes, the
//! numbers, and what the service asks for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, SyncSender};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Instant;

use log::{Level, LevelFilter};

use crate::config::{ChannelConfig, Directives};
use crate::filters::{self, Filters};
use crate::fork::Generation;
use crate::hide::DropFields;
use crate::lanes::Lanes;
use crate::line::{ChannelId, ChannelSet, MAIN};
use crate::loss::{Counts, LEVELS, Loss};
use crate::record::{Record, Site};
use crate::shed::{Admission, Sites};
use crate::stats::{ChannelStats, State, Stats};
use crate::tallies::Tallies;
use crate::trails::Trails;

/// What the service asks of the worker: a way of its own, beside the records.
pub(crate) enum Command {
    /// Fall silent, or speak again. Obeyed as soon as it is heard: each record
    /// knows on which side of a silence it is.
    Mute(bool),
    /// Obeyed once the records are taken in that were logged before it.
    Request(Request),
}

/// What the worker answers when it is done.
pub(crate) enum Request {
    /// Answer `true` when everything logged before is settled.
    Flush(SyncSender<bool>),
    /// Show what can be shown until then, say goodbye, answer and end.
    Shutdown(Instant, SyncSender<()>),
}

pub(crate) type Observer = Box<dyn Fn(State) + Send>;

/// What the service's threads and the worker share.
pub(crate) struct Shared {
    /// The process that the worker is in.
    born: Generation,
    filter: filters::Latest,
    /// Those of the channels that have one.
    own_filters: Vec<Option<Directives>>,
    drop_fields: DropFields,
    /// What leads to ERRORs, where that is kept.
    trails: Option<Trails>,
    lanes: Lanes,
    sites: Sites,
    /// Cleared when the worker has ended: nobody would take the records.
    open: AtomicBool,
    /// It has ended by a panic, with records unsettled.
    crashed: AtomicBool,
    /// Records that came after the end.
    late: Tallies,
    silence: Silence,
    /// Records that nobody wants to see, and that were not made.
    hidden: Tallies,
    commands: Sender<Command>,
    stats: Mutex<Stats>,
    gate: Gate,
    observers: Mutex<Vec<Observer>>,
}

/// The silence that the service asked for by its handle. It holds from one
/// call to the next, not from one turn of the worker to another: what is
/// logged in between is never captured.
struct Silence {
    now: AtomicBool,
    /// How often it was asked for.
    count: AtomicU64,
    kept_out: Tallies,
}

/// What keeps unwanted records from being made at all, and has to be told what
/// the channel wants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate {
    /// `log`'s maximal level; the console needs `tee`, whatever the channel's
    /// filter becomes.
    Log { tee: Option<LevelFilter> },
    /// The interest that tracing keeps for each call site.
    #[cfg(feature = "tracing")]
    Interest,
}

impl Shared {
    /// `general` is the filter of the channels that have none of their own.
    pub(crate) fn new(
        general: &Directives,
        channels: &[ChannelConfig],
        drop_fields: DropFields,
        trails: Option<Trails>,
        gate: Gate,
        commands: Sender<Command>,
    ) -> Self {
        let count = channels.len();
        let own_filters: Vec<_> = channels.iter().map(|one| one.filter.clone()).collect();
        Self {
            born: Generation::present(),
            filter: filters::Latest::new(Filters::new(general, &own_filters)),
            own_filters,
            drop_fields,
            trails,
            lanes: Lanes::new(count),
            sites: Sites::new(),
            open: AtomicBool::new(true),
            crashed: AtomicBool::new(false),
            late: Tallies::new(count),
            silence: Silence {
                now: AtomicBool::new(false),
                count: AtomicU64::new(0),
                kept_out: Tallies::new(count),
            },
            hidden: Tallies::new(count),
            commands,
            stats: Mutex::new(Stats {
                state: State::Connecting,
                channels: channels
                    .iter()
                    .map(|one| ChannelStats::new(&one.name))
                    .collect(),
                ..Stats::default()
            }),
            gate,
            observers: Mutex::default(),
        }
    }

    pub(crate) fn filter(&self) -> &filters::Latest {
        &self.filter
    }

    /// The fields that are no part of a record's text.
    pub(crate) fn drop_fields(&self) -> &DropFields {
        &self.drop_fields
    }

    /// What leads to ERRORs, where that is kept.
    pub(crate) fn trails(&self) -> Option<&Trails> {
        self.trails.as_ref()
    }

    /// Whether anybody takes records.
    pub(crate) fn is_heard(&self) -> bool {
        self.open.load(Ordering::Relaxed) && !self.is_left_behind()
    }

    /// The most that any channel shows or that is kept.
    pub(crate) fn level(&self) -> LevelFilter {
        let kept = self.trails.as_ref().map(Trails::level);
        kept.unwrap_or(LevelFilter::Off).max(self.filter().filter())
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// A slot for a record of this call site that is for these channels, or
    /// `None` when there will be none: shed or lost, and counted as such.
    pub(crate) fn slot(&self, level: Level, site: Site<'_>, to: ChannelSet) -> Option<Box<Record>> {
        if !self.is_heard() {
            self.late.add(to, level, 1);
            return None;
        }
        if self.silence.now.load(Ordering::SeqCst) {
            self.silence.kept_out.add(to, level, 1);
            return None;
        }
        // Before the slot is filled: a silence that begins meanwhile has it.
        let silences = self.silence.count.load(Ordering::SeqCst);
        let Admission::Capture(place) = self.sites.admit(level, site) else {
            return None;
        };
        let mut slot = self.lanes.slot(level, to)?;
        slot.to = to;
        slot.place = place;
        slot.silences = silences;
        Some(slot)
    }

    /// Which channels a panic is for: those that want errors, or else the first.
    pub(crate) fn of_panics(&self, target: &str) -> ChannelSet {
        let to = self.filter().of(Level::Error, target);
        if to.is_empty() { MAIN.into() } else { to }
    }

    pub(crate) fn push(&self, record: Box<Record>) {
        self.lanes.push(record);
    }

    /// Lets the worker take records out of the lanes: `take` returns what it
    /// returns, and the numbers of each channel from then on. Whoever reads the
    /// numbers sees each record on one side.
    pub(crate) fn take_over<T>(&self, take: impl FnOnce() -> (T, Vec<Counts>)) -> T {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, counts) = take();
        for (channel, counts) in stats.channels.iter_mut().zip(counts) {
            channel.counts = counts;
        }
        taken
    }

    /// How often the service has silenced the channel so far: what was logged
    /// before the last time is not shown.
    pub(crate) fn silences(&self) -> u64 {
        self.silence.count.load(Ordering::SeqCst)
    }

    /// Takes the number of records that came while the service wanted silence.
    pub(crate) fn take_kept_out(&self, id: ChannelId, level: Level) -> u64 {
        self.silence.kept_out.take(id, level)
    }

    /// Counts a record that is not made, since nobody wants to see it.
    #[cfg(feature = "tracing")]
    pub(crate) fn count_hidden(&self, to: ChannelSet, level: Level) {
        self.hidden.add(to, level, 1);
    }

    /// Takes the number of those.
    pub(crate) fn take_hidden(&self, id: ChannelId, level: Level) -> u64 {
        self.hidden.take(id, level)
    }

    pub(crate) fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Takes the worker's numbers.
    pub(crate) fn publish(&self, stats: Stats) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = stats;
    }

    /// Lets the macros through what the console or the channel wants.
    pub(crate) fn open_gate(&self) {
        match self.gate {
            Gate::Log { tee } => {
                log::set_max_level(max_level(tee, Some(self.level())));
            }
            #[cfg(feature = "tracing")]
            Gate::Interest => tracing::callsite::rebuild_interest_cache(),
        }
    }

    /// Asks the worker for something, and wakes it. Whether it is there.
    pub(crate) fn ask(&self, command: Command) -> bool {
        let heard = self.commands.send(command).is_ok();
        if heard {
            self.lanes.poke();
        }
        heard
    }

    /// Nothing that is logged from here on is captured.
    pub(crate) fn fall_silent(&self) {
        self.silence.now.store(true, Ordering::SeqCst);
        self.silence.count.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn speak_again(&self) {
        self.silence.now.store(false, Ordering::SeqCst);
    }

    /// Sets the filter of the channels that have none of their own. Whether there
    /// is one, or no channel at all.
    pub(crate) fn set_filter(&self, general: &Directives) -> bool {
        if self.own_filters.iter().all(Option::is_some) && !self.own_filters.is_empty() {
            return false;
        }
        self.filter.set(Filters::new(general, &self.own_filters));
        self.open_gate();
        true
    }

    /// Has `observer` told of each change of the state.
    pub(crate) fn observe(&self, observer: Observer) {
        let observers = self.observers.lock();
        observers
            .unwrap_or_else(PoisonError::into_inner)
            .push(observer);
    }

    /// Tells the service's observers.
    pub(crate) fn state_changed(&self, state: State) {
        let lock = || {
            self.observers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        // Not under the lock: an observer may add another.
        let observers = std::mem::take(&mut *lock());
        for observer in &observers {
            let call = std::panic::AssertUnwindSafe(|| observer(state));
            // Its panic was told by the panic hook; the worker goes on.
            let _ = std::panic::catch_unwind(call);
        }
        let mut kept = lock();
        let added = std::mem::replace(&mut *kept, observers);
        kept.extend(added);
    }

    /// From here on nobody takes records.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Relaxed);
    }

    /// Whether the worker has ended by a panic, with records unsettled.
    pub(crate) fn has_crashed(&self) -> bool {
        self.crashed.load(Ordering::Relaxed)
    }

    /// The same after a panic of the worker, which settled nothing.
    pub(crate) fn crash(&self) {
        self.close();
        self.crashed.store(true, Ordering::Relaxed);
        self.stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .state = State::Closed;
        self.state_changed(State::Closed);
    }

    /// Whether this is a forked child, without the worker.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.born.is_over()
    }

    pub(crate) fn stats(&self) -> Stats {
        // Held until the lanes are counted as well: see `take_over`.
        let numbers = match self.stats.try_lock() {
            Ok(numbers) => numbers,
            // The worker may have held it when it was left behind.
            Err(TryLockError::WouldBlock) if self.is_left_behind() => {
                return Stats {
                    state: State::Forked,
                    ..Stats::default()
                };
            }
            Err(_) => self.stats.lock().unwrap_or_else(PoisonError::into_inner),
        };
        let mut stats = numbers.clone();
        if self.is_left_behind() {
            stats.state = State::Forked;
        }
        let closed = !self.open.load(Ordering::Relaxed);
        let waiting = self.lanes.waiting();
        let shed = self.sites.pending();
        for (id, channel) in ChannelId::first(stats.channels.len()).zip(&mut stats.channels) {
            for level in LEVELS {
                let counts = &mut channel.counts[level];
                counts.hide(self.hidden.get(id, level));
                counts.lose_before(Loss::LaneFull, self.lanes.full().get(id, level));
                counts.lose_before(Loss::Exit, self.late.get(id, level));
                counts.lose_before(Loss::Muted, self.silence.kept_out.get(id, level));
            }
        }
        // What is not known to be of one of them.
        for (n, level) in LEVELS.into_iter().enumerate() {
            let counts = &mut stats.elsewhere[level];
            counts.shed += shed[level];
            if closed {
                counts.lose_before(Loss::Exit, waiting[n]);
            } else {
                counts.pushed += waiting[n];
                counts.queued += waiting[n];
            }
        }
        stats
    }
}

/// The most verbose level that anybody wants: what the macros let through.
pub(crate) fn max_level(tee: Option<LevelFilter>, channel: Option<LevelFilter>) -> LevelFilter {
    tee.into_iter()
        .chain(channel)
        .max()
        .unwrap_or(LevelFilter::Off)
}
