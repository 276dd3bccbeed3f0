//! The handle: what a service may ask of irclog after `init`.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use env_filter::Filter;
use log::Level;

use crate::exit::is_forked_child;
use crate::lanes::Lanes;
use crate::logger::is_worker;
use crate::loss::{Counts, Loss, PerLevel};
use crate::record::Record;
use crate::stats::{Report, State, Stats};

/// What the service asks of the worker: a way of its own, beside the records.
pub(crate) enum Command {
    /// Answer `true` when everything logged before is settled.
    Flush(SyncSender<bool>),
    /// Show what can be shown until then, say goodbye, answer and end.
    Shutdown(Instant, SyncSender<()>),
}

/// What the service's threads and the worker share.
pub(crate) struct Shared {
    filter: ArcSwap<Filter>,
    lanes: Lanes,
    /// Cleared when the worker has ended: nobody would take the records.
    open: AtomicBool,
    /// Records that came after the end.
    late: PerLevel<AtomicU64>,
    commands: Sender<Command>,
    stats: Mutex<Stats>,
}

impl Shared {
    pub(crate) fn new(filter: Filter, commands: Sender<Command>) -> Self {
        Self {
            filter: ArcSwap::from_pointee(filter),
            lanes: Lanes::new(),
            open: AtomicBool::new(true),
            late: PerLevel::new(|_| AtomicU64::new(0)),
            commands,
            stats: Mutex::new(Stats::default()),
        }
    }

    pub(crate) fn filter(&self) -> Guard<Arc<Filter>> {
        self.filter.load()
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// A slot for a record of `level`, or `None` when it is lost, which is
    /// counted.
    pub(crate) fn slot(&self, level: Level) -> Option<Box<Record>> {
        if !self.open.load(Ordering::Relaxed) || is_forked_child() {
            self.late[level].fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.lanes.slot(level)
    }

    pub(crate) fn push(&self, record: Box<Record>) {
        self.lanes.push(record);
    }

    /// Lets the worker take records out of the lanes: `take` returns what it
    /// returns, and the numbers from then on. Whoever reads the numbers sees
    /// each record on one side.
    pub(crate) fn take_over<T>(&self, take: impl FnOnce() -> (T, Counts)) -> T {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, counts) = take();
        stats.counts = counts;
        taken
    }

    /// Takes the worker's numbers.
    pub(crate) fn publish(&self, stats: Stats) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = stats;
    }

    /// From here on nobody takes records.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        // Held until the lanes are counted as well: see `take_over`.
        let numbers = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stats = numbers.clone();
        let closed = !self.open.load(Ordering::Relaxed);
        let waiting = self.lanes.waiting();
        let full = self.lanes.full();
        for (n, level) in crate::loss::LEVELS.into_iter().enumerate() {
            let counts = &mut stats.counts[level];
            let late = self.late[level].load(Ordering::Relaxed);
            counts.lose_before(Loss::LaneFull, full[n]);
            counts.lose_before(Loss::Exit, late);
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
#[derive(Clone)]
pub struct Handle {
    shared: Option<Arc<Shared>>,
}

impl Handle {
    pub(crate) fn new(shared: Option<Arc<Shared>>) -> Self {
        Self { shared }
    }

    /// Waits until everything logged before this call is settled: shown and
    /// acknowledged by the server, or accounted for as not shown.
    ///
    /// Returns whether it is, `false` after `timeout`. Always `true` when the
    /// channel is off, and `false` at once in a forked child.
    #[must_use = "false means that records are still on their way"]
    pub fn flush(&self, timeout: Duration) -> bool {
        let Some(shared) = self.reachable() else {
            return self.shared.is_none();
        };
        let (reply, answer) = mpsc::sync_channel(1);
        if shared.commands.send(Command::Flush(reply)).is_err() {
            // The worker has ended and has settled everything before.
            return true;
        }
        shared.lanes.poke();
        answer.recv_timeout(timeout).unwrap_or(false)
    }

    /// Shows what can be shown within `timeout`, ERRORs first, says how many
    /// lines are left out, leaves the channel, and ends the background thread.
    ///
    /// Later records go to the console only. The end of the process does this
    /// by itself, with the bound of `IRC_EXIT_TIMEOUT`.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        if let Some(shared) = self.reachable() {
            let (reply, answer) = mpsc::sync_channel(1);
            let until = now() + timeout;
            if shared
                .commands
                .send(Command::Shutdown(until, reply))
                .is_ok()
            {
                shared.lanes.poke();
                // The worker keeps the bound; the margin is for the machine.
                let _ = answer.recv_timeout(timeout + SHUTDOWN_MARGIN);
            }
        }
        Report::new(self.stats())
    }

    /// What became of the records so far, and how the connection is.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared
            .as_ref()
            .map_or_else(Stats::default, |shared| shared.stats())
    }

    /// The state of the connection: a short way to [`Stats::state`].
    #[must_use]
    pub fn state(&self) -> State {
        self.stats().state
    }

    /// The shared part, where waiting for the worker can end.
    fn reachable(&self) -> Option<&Arc<Shared>> {
        self.shared
            .as_ref()
            .filter(|_| !is_worker() && !is_forked_child())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// The worker's answer may be this late on a busy machine.
const SHUTDOWN_MARGIN: Duration = Duration::from_millis(500);

#[expect(
    clippy::disallowed_methods,
    reason = "a timeout that the service gives begins when it gives it"
)]
fn now() -> Instant {
    Instant::now()
}
