//! The handle: what a service may ask of irclog after `init`.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use log::{Level, LevelFilter};

use crate::config::{ChannelConfig, Directives, Misread};
use crate::context::is_worker;
use crate::error::Problem;
use crate::filters::{self, Filters};
use crate::fork::Generation;
use crate::hide::DropFields;
use crate::lanes::Lanes;
use crate::line::{ChannelId, ChannelSet, MAIN};
use crate::loss::{Counts, LEVELS, Loss};
use crate::record::{Record, Site};
use crate::shed::{Admission, Sites};
use crate::stats::{ChannelStats, Report, State, Stats};
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

type Observer = Box<dyn Fn(State) + Send>;

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
    fn is_left_behind(&self) -> bool {
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

/// Speaks to the logger that `init` installed.
///
/// Cheap to clone, usable from any thread. Dropping it changes nothing: the
/// logger lives as long as the process.
///
/// ```
/// let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
/// assert_eq!(handle.state(), irclog::State::Off);
/// println!("{}", handle.stats());
/// ```
#[derive(Clone)]
pub struct Handle {
    shared: Option<Arc<Shared>>,
}

impl Handle {
    pub(crate) fn new(shared: Option<Arc<Shared>>) -> Self {
        Self { shared }
    }

    /// The fields that are no part of a record's text.
    #[cfg(feature = "cli")]
    pub(crate) fn drop_fields(&self) -> DropFields {
        let shared = self.shared.as_ref();
        shared.map_or_else(DropFields::default, |shared| shared.drop_fields.clone())
    }

    /// Counts records of `target` for which there was no time, where they would
    /// have been logged.
    #[cfg(feature = "cli")]
    pub(crate) fn count_missed(&self, level: Level, target: &str, count: u64) {
        let Some(shared) = &self.shared else {
            return;
        };
        let to = shared.filter().of(level, target);
        if !to.is_empty() {
            shared.lanes.count_missed(to, level, count);
            shared.lanes.poke();
        }
    }

    /// Waits until everything logged before this call is settled: shown and
    /// acknowledged by the server, or accounted for as not shown.
    ///
    /// Returns whether it is, `false` after `timeout`. Always `true` when the
    /// channel is off, and `false` at once in a forked child.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let everything = handle.flush(std::time::Duration::from_secs(5));
    /// assert!(everything);
    /// ```
    #[must_use = "false means that records are still on their way"]
    pub fn flush(&self, timeout: Duration) -> bool {
        let Some(shared) = self.reachable() else {
            return self.shared.is_none();
        };
        let (reply, answer) = mpsc::sync_channel(1);
        let request = Command::Request(Request::Flush(reply));
        if shared.commands.send(request).is_err() {
            // The worker has ended and has settled everything before.
            return !shared.crashed.load(Ordering::Relaxed);
        }
        shared.lanes.poke();
        answer.recv_timeout(timeout).unwrap_or(false)
    }

    /// Shows what can be shown within `timeout`, ERRORs first, says how many
    /// lines are left out, leaves the channel, and ends the background thread.
    ///
    /// Later records go to the console only. The end of the process does this
    /// by itself, with the bound of `IRC_EXIT_TIMEOUT`; on Windows not before
    /// [`std::process::exit`], which asks nobody there.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let report = handle.shutdown(std::time::Duration::from_secs(5));
    /// assert!(report.is_complete(), "{report}");
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "the report is for the curious; the work is done"
    )]
    pub fn shutdown(&self, timeout: Duration) -> Report {
        if let Some(shared) = self.reachable() {
            let (reply, answer) = mpsc::sync_channel(1);
            // A year is as good as for ever.
            let timeout = timeout.min(LONGEST);
            let until = now() + timeout.saturating_sub((timeout / 10).min(ANSWER));
            let request = Command::Request(Request::Shutdown(until, reply));
            if shared.commands.send(request).is_ok() {
                shared.lanes.poke();
                let _ = answer.recv_timeout(timeout);
            }
        }
        Report::new(self.stats())
    }

    /// What became of the records so far, and how the connection is.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let stats = handle.stats();
    /// println!("{} of {} records shown", stats.shown(), stats.logged());
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared
            .as_ref()
            .map_or_else(Stats::default, |shared| shared.stats())
    }

    /// The state of the connection: a short way to [`Stats::state`].
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// let is_healthy = handle.state() == irclog::State::Joined;
    /// ```
    #[must_use]
    pub fn state(&self) -> State {
        self.stats().state
    }

    /// Says nothing in the channel from now on, and drops what is queued,
    /// which is counted: for the moment in which a public stream shows what it
    /// should not. What the server has already cannot be taken back.
    ///
    /// The console goes on. A file named by `IRC_MUTE_FILE` and the signal of
    /// `IRC_MUTE_SIGNAL` do the same without a change of the service.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// handle.mute();
    /// // What happens here is not for the stream.
    /// handle.unmute();
    /// ```
    pub fn mute(&self) {
        if let Some(shared) = &self.shared {
            shared.silence.now.store(true, Ordering::SeqCst);
            shared.silence.count.fetch_add(1, Ordering::SeqCst);
        }
        self.command(Command::Mute(true));
    }

    /// Speaks again, and says in the channel how long it was silent.
    ///
    /// Also ends the silence that a signal asked for, but not that of a file
    /// that is still there.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// handle.unmute();
    /// ```
    pub fn unmute(&self) {
        if let Some(shared) = &self.shared {
            shared.silence.now.store(false, Ordering::SeqCst);
        }
        self.command(Command::Mute(false));
    }

    /// Changes which records go to the channel from now on, in the directives
    /// of `IRC_LOG`; of several channels, to those without a filter of their own.
    /// The console's filter stays as it is.
    ///
    /// # Errors
    ///
    /// A [`Problem`] with what to write instead, also where every channel has a
    /// filter of its own; the filter is unchanged then.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// handle.set_filter("warn,my_crate=debug")?;
    /// let error = handle.set_filter("all").unwrap_err();
    /// assert!(error.to_string().contains("did you mean trace?"));
    /// # Ok::<(), irclog::Problem>(())
    /// ```
    pub fn set_filter(&self, directives: &str) -> Result<(), Problem> {
        let directives = Directives::parse(directives)
            .map_err(|Misread { what, instead }| Problem::new("set_filter", what, instead))?;
        if let Some(shared) = &self.shared {
            if shared.own_filters.iter().all(Option::is_some) && !shared.own_filters.is_empty() {
                return Err(Problem::new(
                    "set_filter",
                    "would change nothing, since every channel has a filter of its own",
                    "name a channel without one in IRC_CHANNEL",
                ));
            }
            let filters = Filters::new(&directives, &shared.own_filters);
            shared.filter.set(filters);
            shared.open_gate();
        }
        Ok(())
    }

    /// Calls `observer` with the new state whenever the connection's changes,
    /// on irclog's own thread: for health checks and metrics.
    ///
    /// It should return soon, since nothing is sent meanwhile. What it logs
    /// goes to the console only.
    ///
    /// ```
    /// # let handle = irclog::builder().enabled(false).no_tee().try_init().unwrap();
    /// handle.on_state_change(|state| log::info!("the channel is {state}"));
    /// ```
    pub fn on_state_change(&self, observer: impl Fn(State) + Send + 'static) {
        if let Some(shared) = &self.shared
            // Its state does not change any more.
            && !shared.is_left_behind()
        {
            shared
                .observers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Box::new(observer));
        }
    }

    fn command(&self, command: Command) {
        if let Some(shared) = &self.shared
            && !shared.is_left_behind()
            && shared.commands.send(command).is_ok()
        {
            shared.lanes.poke();
        }
    }

    /// The shared part, where waiting for the worker can end.
    fn reachable(&self) -> Option<&Arc<Shared>> {
        self.shared
            .as_ref()
            .filter(|shared| !is_worker() && !shared.is_left_behind())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// The most verbose level that anybody wants: what the macros let through.
pub(crate) fn max_level(tee: Option<LevelFilter>, channel: Option<LevelFilter>) -> LevelFilter {
    tee.into_iter()
        .chain(channel)
        .max()
        .unwrap_or(LevelFilter::Off)
}

/// The longest that anybody waits.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The worker is to end so long before the time is up, and a tenth of it at
/// most: its answer may be late on a busy machine.
const ANSWER: Duration = Duration::from_millis(250);

#[expect(
    clippy::disallowed_methods,
    reason = "a timeout that the service gives begins when it gives it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use super::*;

    fn handle() -> (Handle, Arc<Shared>, Receiver<Command>) {
        let (sender, commands) = mpsc::channel();
        let filter = Directives::parse("info").unwrap();
        let channels = [ChannelConfig {
            name: "#k".into(),
            key: None,
            filter: None,
        }];
        let gate = Gate::Log { tee: None };
        let shared = Arc::new(Shared::new(
            &filter,
            &channels,
            DropFields::default(),
            None,
            gate,
            sender,
        ));
        (Handle::new(Some(Arc::clone(&shared))), shared, commands)
    }

    #[test]
    fn after_a_crash_nothing_counts_as_settled() {
        let (handle, shared, commands) = handle();
        drop(commands);
        assert!(handle.flush(Duration::from_secs(1)), "an orderly end");
        let (told, states) = mpsc::channel();
        handle.on_state_change(move |state| told.send(state).unwrap());
        shared.crash();
        assert!(!handle.flush(Duration::from_secs(1)));
        assert_eq!(handle.state(), State::Closed);
        assert_eq!(states.try_recv(), Ok(State::Closed));
    }

    #[test]
    fn no_timeout_is_too_long() {
        let (handle, _shared, commands) = handle();
        let worker = std::thread::spawn(move || match commands.recv() {
            Ok(Command::Request(Request::Shutdown(_, reply))) => reply.send(()).unwrap(),
            _ => panic!("a shutdown"),
        });
        handle.shutdown(Duration::MAX);
        worker.join().unwrap();
    }

    #[test]
    fn a_silence_keeps_out_what_is_logged_in_it_and_knows_what_came_before() {
        let (handle, shared, _commands) = handle();
        let site = Site {
            target: "pay",
            file: "settle.rs",
            line: 88,
        };
        let slot = || shared.slot(Level::Error, site, MAIN.into());
        let before = slot().expect("no silence yet");
        handle.mute();
        assert!(slot().is_none());
        assert_eq!(handle.stats().counts().total().dropped_for(Loss::Muted), 1);
        handle.unmute();
        let after = slot().expect("the silence is over");
        assert!(before.silences < shared.silences());
        assert_eq!(after.silences, shared.silences());
        assert_eq!(shared.take_kept_out(MAIN, Level::Error), 1);
        assert_eq!(shared.take_kept_out(MAIN, Level::Error), 0);
    }
}
