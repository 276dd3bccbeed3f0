//! Signals: who gets them, and when they end the tool itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

#[cfg(not(unix))]
pub(crate) use elsewhere::Signals;
#[cfg(unix)]
pub(crate) use unix::Signals;

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

#[cfg(unix)]
mod unix {
    use std::thread;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use signal_hook::consts::{
        SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
    };
    use signal_hook::iterator::SignalsInfo;
    use signal_hook::iterator::exfiltrator::WithOrigin;
    use signal_hook::low_level::siginfo::{Cause, Origin};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::Ended;

    /// What is passed on to the command.
    const FORWARDED: [i32; 7] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH];

    /// The signals that this process got, in order.
    pub(crate) struct Signals(UnboundedReceiver<Origin>);

    impl Signals {
        /// Takes signals from here on. Those that whoever started us wants
        /// ignored (`nohup`) stay ignored, here and by the command.
        ///
        /// `taken` names the one that the channel listens to itself.
        pub(crate) fn listen(ended: &Ended, taken: Option<&str>) -> Self {
            let (sender, receiver) = unbounded_channel();
            let ignored = ignored();
            let taken = taken.and_then(named);
            let wanted = FORWARDED
                .into_iter()
                .chain(is_init().then_some(SIGCHLD))
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
            Self(receiver)
        }

        /// Passes on what comes, for as long as this is awaited.
        ///
        /// Where the command shares our process group, what the terminal
        /// sends (Ctrl-C), or the command to its own group, went to both of
        /// us, and twice would be once too often: many servers take a second
        /// SIGINT for impatience.
        pub(crate) async fn forward(&mut self, child: u32, shares_group: bool) {
            let Ok(child) = i32::try_from(child) else {
                return std::future::pending().await;
            };
            while let Some(origin) = self.0.recv().await {
                if origin.signal == SIGCHLD {
                    reap_orphans(child);
                    continue;
                }
                let by_child = origin.process.is_some_and(|process| process.pid == child);
                if shares_group && (by_child || matches!(origin.cause, Cause::Kernel)) {
                    continue;
                }
                if let Ok(signal) = Signal::try_from(origin.signal) {
                    // Fails only when it is on its way out already.
                    let _ = kill(Pid::from_raw(child), signal);
                }
            }
            std::future::pending::<()>().await;
        }

        /// The next signal that asks this process to end.
        pub(crate) async fn ending(&mut self) -> i32 {
            while let Some(origin) = self.0.recv().await {
                if matches!(origin.signal, SIGTERM | SIGINT | SIGHUP | SIGQUIT) {
                    return origin.signal;
                }
            }
            std::future::pending().await
        }
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
mod elsewhere {
    use super::Ended;

    /// The console sends Ctrl-C to the command as well: there is nothing to
    /// pass on, only to outlive it.
    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn listen(_: &Ended, _: Option<&str>) -> Self {
            Self
        }

        pub(crate) async fn forward(&mut self, _child: u32, _shares_group: bool) {
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
