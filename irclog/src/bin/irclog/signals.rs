//! Signals: who gets them, and when they end the tool itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use irclog::Handle;

use crate::clock;

#[cfg(not(unix))]
pub(crate) use elsewhere::{Command, Signals};
#[cfg(unix)]
pub(crate) use unix::{Command, Signals};

/// The exit status, once there is nothing left but to wait for the channel.
/// From then on Ctrl-C ends the waiting.
#[derive(Debug, Clone)]
pub(crate) struct Ended(Arc<AtomicI32>);

const NOT_YET: i32 = -1;

impl Default for Ended {
    fn default() -> Self {
        Self(Arc::new(AtomicI32::new(NOT_YET)))
    }
}

impl Ended {
    pub(crate) fn set(&self, code: i32) {
        self.0.store(code, Ordering::Relaxed);
    }

    #[cfg_attr(not(unix), expect(dead_code, reason = "only signals ask"))]
    fn code(&self) -> Option<i32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|&code| code != NOT_YET)
    }
}

/// What whoever stops a container gives all of it by default (`docker stop`),
/// less what the end of a process takes itself.
const STOPPED_WITHIN: Duration = Duration::from_millis(9_500);
/// The least that a goodbye is given.
const GOODBYE: Duration = Duration::from_secs(1);

/// Says goodbye to the channel where a signal has asked for the end: in the time
/// that the signal's sender has left, of `timeout` at most.
pub(crate) fn say_goodbye(handle: &Handle, asked: Option<Instant>, timeout: Duration) {
    if let Some(asked) = asked {
        let since = clock::now().saturating_duration_since(asked);
        handle.shutdown(goodbye(since, timeout));
    }
}

/// How long the goodbye may take, so long after the signal.
fn goodbye(since: Duration, timeout: Duration) -> Duration {
    match STOPPED_WITHIN.checked_sub(since) {
        Some(left) => timeout.min(left.max(GOODBYE)),
        // Its sender gives more.
        None => timeout,
    }
}

#[cfg(unix)]
mod unix {
    use std::thread;
    use std::time::Instant;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use signal_hook::consts::{
        SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
        SIGURG, SIGUSR1, SIGUSR2, SIGWINCH,
    };
    use signal_hook::iterator::SignalsInfo;
    use signal_hook::iterator::exfiltrator::WithOrigin;
    use signal_hook::low_level::siginfo::{Cause, Origin};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::Ended;
    use crate::clock;

    /// What is passed on to the command.
    const FORWARDED: [i32; 13] = [
        SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM, SIGCONT, SIGTSTP,
        SIGTTIN, SIGTTOU, SIGURG,
    ];
    /// What a reader of a pipe takes, so that the first four end it in order
    /// and the others not at all.
    const TAKEN: [i32; 8] = [
        SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM,
    ];
    /// What would end us by default. systemd sends them to a process 1.
    #[cfg(target_os = "linux")]
    const OUTLIVED: std::ops::RangeInclusive<i32> = 34..=64;
    #[cfg(target_os = "linux")]
    const POWER: Option<i32> = Some(Signal::SIGPWR as i32);
    #[cfg(not(target_os = "linux"))]
    const OUTLIVED: std::ops::Range<i32> = 0..0;
    #[cfg(not(target_os = "linux"))]
    const POWER: Option<i32> = None;

    /// The signals that this process got, in order.
    pub(crate) struct Signals {
        got: UnboundedReceiver<Origin>,
        /// When the first one came that asks to end.
        asked: Option<Instant>,
    }

    /// Who signals go to.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Command {
        /// Of the command, and of its group where it has one of its own.
        pid: i32,
        shares_group: bool,
    }

    impl Command {
        pub(crate) fn new(pid: u32, shares_group: bool) -> Option<Self> {
            let pid = i32::try_from(pid).ok()?;
            Some(Self { pid, shares_group })
        }

        /// Whether anything is left of a group of its own. What a process 1
        /// has to reap is gone by then.
        pub(crate) fn is_over(self) -> bool {
            if std::process::id() == 1 {
                reap_orphans(0);
            }
            self.shares_group || kill(self.everybody(), None).is_err()
        }

        /// Who gets `signal`. A shell passes nothing on to what it has started:
        /// what ends, stops or wakes goes to all of them. Anything else is a
        /// word for the command, and would end or stop who does not know it.
        fn listener(self, signal: i32) -> Pid {
            match signal {
                SIGTSTP | SIGCONT => self.everybody(),
                _ if asks_to_end(signal) => self.everybody(),
                _ => Pid::from_raw(self.pid),
            }
        }

        /// Never a group that a terminal has.
        fn everybody(self) -> Pid {
            Pid::from_raw(if self.shares_group {
                self.pid
            } else {
                -self.pid
            })
        }
    }

    impl Signals {
        /// Takes signals from here on. Those that whoever started us wants
        /// ignored (`nohup`) stay ignored, here and by the command.
        ///
        /// `taken` names the one that the channel listens to itself.
        pub(crate) fn listen(ended: &Ended, taken: Option<&str>, forwards: bool) -> Self {
            let (sender, receiver) = unbounded_channel();
            let ignored = ignored();
            let taken = taken.and_then(named);
            let wanted = if forwards { &FORWARDED[..] } else { &TAKEN };
            let wanted = wanted
                .iter()
                .copied()
                .chain(is_init().then_some(SIGCHLD))
                .chain(POWER)
                .chain(OUTLIVED)
                .filter(|&signal| ignored >> (signal - 1) & 1 == 0 && Some(signal) != taken);
            let ended = ended.clone();
            let listening = SignalsInfo::<WithOrigin>::new(wanted).and_then(|mut signals| {
                thread::Builder::new()
                    .name("signals".into())
                    .spawn(move || {
                        for origin in &mut signals {
                            let interrupts = matches!(origin.signal, SIGINT | SIGQUIT);
                            if let Some(code) = ended.code()
                                && interrupts
                            {
                                signal_hook::low_level::exit(code);
                            }
                            // Nobody listens any more at the very end.
                            let _ = sender.send(origin);
                        }
                    })
            });
            if let Err(error) = listening {
                crate::stage::tell(&format!(
                    "signals are not passed on to the command ({error})"
                ));
            }
            Self {
                got: receiver,
                asked: None,
            }
        }

        /// When the command was asked to end.
        pub(crate) fn asked_to_end(&self) -> Option<Instant> {
            self.asked
        }

        /// Passes on what comes, for as long as this is awaited.
        ///
        /// Where the command shares our process group, what the terminal
        /// sends (Ctrl-C), or the command to its own group, went to both of
        /// us, and twice would be once too often: many servers take a second
        /// SIGINT for impatience.
        pub(crate) async fn forward(&mut self, command: Command) {
            while let Some(origin) = self.got.recv().await {
                if origin.signal == SIGCHLD {
                    reap_orphans(command.pid);
                    continue;
                }
                let by_child = origin
                    .process
                    .is_some_and(|process| process.pid == command.pid);
                let by_terminal = matches!(origin.cause, Cause::Kernel);
                let has_it = command.shares_group && (by_child || by_terminal);
                // What is outlived would end who does not know it.
                if !has_it
                    && FORWARDED.contains(&origin.signal)
                    && let Ok(signal) = Signal::try_from(origin.signal)
                {
                    self.note(origin.signal);
                    // Fails only when it is on its way out already.
                    let _ = kill(command.listener(origin.signal), signal);
                }
                // Stopped is who gets it by default, and so are we.
                let stops = origin.signal == SIGTSTP
                    || by_terminal && matches!(origin.signal, SIGTTIN | SIGTTOU);
                if stops {
                    let _ = kill(Pid::this(), Signal::SIGSTOP);
                }
            }
            std::future::pending::<()>().await;
        }

        /// The next signal that asks this process to end.
        pub(crate) async fn ending(&mut self) -> i32 {
            while let Some(origin) = self.got.recv().await {
                if asks_to_end(origin.signal) {
                    self.note(origin.signal);
                    return origin.signal;
                }
            }
            std::future::pending().await
        }

        fn note(&mut self, signal: i32) {
            if asks_to_end(signal) {
                self.asked.get_or_insert_with(clock::now);
            }
        }
    }

    fn asks_to_end(signal: i32) -> bool {
        matches!(signal, SIGTERM | SIGINT | SIGHUP | SIGQUIT)
    }

    /// The number of `SIGUSR1`, `usr1` and the like.
    fn named(name: &str) -> Option<i32> {
        let name = name.trim().to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let signal: Signal = format!("SIG{name}").parse().ok()?;
        Some(signal as i32)
    }

    fn is_init() -> bool {
        std::process::id() == 1
    }

    /// The signals that were ignored when this process began, as the kernel
    /// writes them: one bit each, SIGHUP lowest.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or(0)
    }

    /// Processes whose parents are gone become children of process 1, and stay
    /// zombies unless it waits for them. The command itself is left to whoever
    /// waits for its status.
    #[cfg(target_os = "linux")]
    fn reap_orphans(command: i32) {
        use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        while let Ok(status) = waitid(Id::All, look) {
            match status.pid() {
                Some(pid) if pid.as_raw() != command => {
                    let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
                }
                // None is left, or the command has ended and so do we.
                _ => return,
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn reap_orphans(_command: i32) {}
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "as where there is more to do"
)]
mod elsewhere {
    use std::time::Instant;

    use super::Ended;

    /// The console sends Ctrl-C to the command as well: there is nothing to
    /// pass on, only to outlive it.
    pub(crate) struct Signals;

    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Command;

    impl Command {
        pub(crate) fn new(_pid: u32, _shares_group: bool) -> Option<Self> {
            Some(Self)
        }

        pub(crate) fn is_over(self) -> bool {
            true
        }
    }

    impl Signals {
        pub(crate) fn listen(_: &Ended, _: Option<&str>, _forwards: bool) -> Self {
            Self
        }

        pub(crate) fn asked_to_end(&self) -> Option<Instant> {
            None
        }

        pub(crate) async fn forward(&mut self, _: Command) {
            loop {
                if tokio::signal::ctrl_c().await.is_err() {
                    return std::future::pending().await;
                }
            }
        }

        /// The number that Unix gives an interrupt.
        pub(crate) async fn ending(&mut self) -> i32 {
            match tokio::signal::ctrl_c().await {
                Ok(()) => 2,
                Err(_) => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goodbye_ends_in_the_time_that_a_container_is_given() {
        for (since, timeout, given) in [
            (0, 5_000, 5_000),
            (4_000, 5_000, 5_000),
            (6_000, 5_000, 3_500),
            (0, 60_000, 9_500),
            (9_400, 5_000, 1_000),
            (9_400, 200, 200),
            // Kubernetes gives 30 s.
            (20_000, 5_000, 5_000),
        ] {
            let millis = Duration::from_millis;
            assert_eq!(goodbye(millis(since), millis(timeout)), millis(given));
        }
    }
}
