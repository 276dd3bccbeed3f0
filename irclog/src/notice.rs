//! What irclog has to say of itself: to the console, never to the channel.

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, Once};

use log::{Level, Log, Metadata, Record};

use crate::fork::{self, ForkLock, Watch};

/// The target of irclog's own records.
const TARGET: &str = "irclog";

/// Tells each thing once: to the tee where the tee would show it, else
/// straight to standard error, so that a silent console hides no problem.
pub(crate) struct Notices {
    tee: Option<Box<dyn Log>>,
    last: Mutex<String>,
}

impl Notices {
    pub(crate) fn new(tee: Option<Box<dyn Log>>) -> Self {
        static WATCHED: Once = Once::new();
        WATCHED.call_once(|| {
            fork::watch(Watch {
                before: before_fork,
                after: after_fork,
            });
        });
        Self {
            tee,
            last: Mutex::new(String::new()),
        }
    }

    /// The console's logger.
    pub(crate) fn tee(&self) -> Option<&dyn Log> {
        self.tee.as_deref()
    }

    /// Tells `text`, unless it is what was told last.
    pub(crate) fn tell(&self, level: Level, text: &str) {
        // Whoever has it tells something else, or was left behind by a fork.
        if let Ok(mut last) = self.last.try_lock() {
            if *last == text {
                return;
            }
            text.clone_into(&mut last);
        }
        self.write(level, text);
    }

    fn write(&self, level: Level, text: &str) {
        let held = hold();
        let metadata = Metadata::builder().level(level).target(TARGET).build();
        if let Some(tee) = self.tee()
            && !is_lost()
            && tee.enabled(&metadata)
        {
            tee.log(
                &Record::builder()
                    .metadata(metadata)
                    .args(format_args!("{text}"))
                    .build(),
            );
        } else {
            outside(text);
        }
        drop(held);
    }
}

/// Who says what no logger takes. Set by the command-line tool, which has a
/// program's lines on the same console.
#[cfg(feature = "cli")]
static TELLER: std::sync::OnceLock<fn(&str)> = std::sync::OnceLock::new();

/// From now on `teller` says what no logger takes.
#[cfg(feature = "cli")]
pub fn tell_by(teller: fn(&str)) {
    let _ = TELLER.set(teller);
}

fn outside(text: &str) {
    #[cfg(feature = "cli")]
    if let Some(teller) = TELLER.get() {
        return teller(text);
    }
    write_line(format_args!("irclog: {text}"));
}

/// Writes a line to standard error without its lock, which would stay locked in
/// the child of a fork that comes meanwhile.
pub(crate) fn write_line(line: fmt::Arguments<'_>) {
    let line = format!("{line}\n");
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let stderr = std::io::stderr();
        if let Ok(copy) = stderr.as_fd().try_clone_to_owned() {
            // Nothing is left to tell it to when standard error is closed.
            let _ = std::fs::File::from(copy).write_all(line.as_bytes());
            return;
        }
    }
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Held while irclog writes to the console. The tee has locks of its own; a
/// fork while irclog's thread holds them leaves them locked in the child, where
/// the thread is not.
static CONSOLE: ForkLock<()> = ForkLock::new(());

thread_local! {
    static WRITES: Cell<bool> = const { Cell::new(false) };
    static HELD: Cell<Option<MutexGuard<'static, ()>>> = const { Cell::new(None) };
    static FORKS: Cell<bool> = const { Cell::new(false) };
}

struct Held {
    _guard: MutexGuard<'static, ()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = WRITES.try_with(|writes| writes.set(false));
    }
}

/// `None` on a thread that holds it already: a tee may do anything.
fn hold() -> Option<Held> {
    let entered = WRITES.try_with(|writes| !writes.replace(true)) == Ok(true);
    entered.then(|| Held {
        _guard: CONSOLE.lock(),
    })
}

/// Whether this is the child of a fork that met irclog's thread at the console,
/// stuck there: what it held of the tee stays locked, so that nobody must use
/// the tee any more.
pub(crate) fn is_lost() -> bool {
    CONSOLE.is_lost()
}

/// Keeps irclog's threads off the console until [`after_fork`], if that can be
/// had without waiting.
fn before_fork() {
    // A tee that forks does so while irclog writes.
    if WRITES.try_with(Cell::get) == Ok(false) {
        let guard = CONSOLE.hold();
        let _ = FORKS.try_with(|forks| forks.set(guard.is_none()));
        let _ = HELD.try_with(|held| held.set(guard));
    }
}

/// In the parent and in the child, on the thread that forked.
fn after_fork(in_child: bool) {
    if FORKS.try_with(|forks| forks.replace(false)) == Ok(true) && in_child {
        CONSOLE.lose();
    }
    let _ = HELD.try_with(Cell::take);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Tape(Arc<Mutex<Vec<String>>>, Level);

    impl Log for Tape {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.level() <= self.1
        }
        fn log(&self, record: &Record<'_>) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            self.0.lock().unwrap().push(line);
        }
        fn flush(&self) {}
    }

    #[test]
    fn a_thing_is_told_once_until_another_is() {
        let lines = Arc::default();
        let notices = Notices::new(Some(Box::new(Tape(Arc::clone(&lines), Level::Info))));
        for text in ["joined", "joined", "lost", "joined"] {
            notices.tell(Level::Info, text);
        }
        notices.tell(
            Level::Debug,
            "a level that the tee hides goes to standard error",
        );
        assert_eq!(
            *lines.lock().unwrap(),
            [
                "INFO irclog joined",
                "INFO irclog lost",
                "INFO irclog joined"
            ]
        );
    }
}
