//! The handle: what a service may ask of irclog after `init`.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[cfg(feature = "cli")]
use log::Level;

use crate::config::{Directives, Misread};
use crate::context::is_worker;
use crate::error::Problem;
#[cfg(feature = "cli")]
use crate::hide::DropFields;
use crate::shared::{Command, Request, Shared};
use crate::stats::{Report, State, Stats};

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
        shared.map_or_else(DropFields::default, |shared| shared.drop_fields().clone())
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
            shared.lanes().count_missed(to, level, count);
            shared.lanes().poke();
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
        if !shared.ask(Command::Request(Request::Flush(reply))) {
            // The worker has ended and has settled everything before.
            return !shared.has_crashed();
        }
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
            if shared.ask(Command::Request(Request::Shutdown(until, reply))) {
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
            shared.fall_silent();
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
            shared.speak_again();
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
        if let Some(shared) = &self.shared
            && !shared.set_filter(&directives)
        {
            return Err(Problem::new(
                "set_filter",
                "would change nothing, since every channel has a filter of its own",
                "name a channel without one in IRC_CHANNEL",
            ));
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
            shared.observe(Box::new(observer));
        }
    }

    fn command(&self, command: Command) {
        if let Some(shared) = &self.shared
            && !shared.is_left_behind()
        {
            shared.ask(command);
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

    use log::Level;

    use super::*;
    use crate::config::ChannelConfig;
    use crate::hide::DropFields;
    use crate::line::MAIN;
    use crate::loss::Loss;
    use crate::record::Site;
    use crate::shared::Gate;

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
