//! irclog's own words beside the lines of a program: never within one.

use std::io::Write as _;
use std::mem;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::streams::{Sink, Stream};

/// Words that wait for the end of a line, at most.
const WAITING: usize = 64;

static OUTLET: Mutex<Outlet> = Mutex::new(Outlet::Direct { within: false });

fn outlet() -> MutexGuard<'static, Outlet> {
    OUTLET.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where our words go.
enum Outlet {
    /// To standard error at once; on a line of their own, if the one that
    /// stands there has no end.
    Direct {
        within: bool,
    },
    Stage(Sender<String>),
}

/// Says something on standard error, on a line of its own.
pub(crate) fn tell(text: &str) {
    let Some(line) = for_now(text) else {
        return;
    };
    // Nothing is held meanwhile: it may be stuck. And nothing is left to tell
    // it to when it is closed.
    let _ = Sink(Stream::Errors).write_all(line.as_bytes());
}

/// The line to write at once, where it is not for the stage.
fn for_now(text: &str) -> Option<String> {
    let mut outlet = outlet();
    let is_within = match &mut *outlet {
        Outlet::Stage(stage) if stage.send(text.to_owned()).is_ok() => return None,
        Outlet::Stage(_) => false,
        Outlet::Direct { within } => mem::take(within),
    };
    let end = if is_within { "\n" } else { "" };
    Some(format!("{end}irclog: {text}\n"))
}

/// Who writes to standard error, in turns.
pub(crate) struct Stage {
    turns: Turns,
    teller: Option<JoinHandle<()>>,
}

/// To be held by whoever writes, for as long as it does.
pub(crate) type Turns = Arc<Mutex<Turn>>;

/// The turn, as soon as whoever has it is done.
pub(crate) fn turn(turns: &Turns) -> MutexGuard<'_, Turn> {
    turns.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands there.
#[derive(Default)]
pub(crate) struct Turn {
    /// Whether the last line of standard output, and of standard error, has no
    /// end yet.
    unfinished: [bool; 2],
    waiting: Vec<String>,
    /// Words beyond those that wait.
    missed: usize,
}

impl Stage {
    /// From now on our words wait for the ends of lines.
    pub(crate) fn open() -> Self {
        let (sender, words) = channel();
        let turns = Turns::default();
        let teller = thread::Builder::new().name("teller".into()).spawn({
            let turns = Arc::clone(&turns);
            move || {
                for text in words {
                    turn(&turns).say(text);
                }
            }
        });
        let teller = teller.ok();
        if teller.is_some() {
            *outlet() = Outlet::Stage(sender);
        }
        Self { turns, teller }
    }

    /// The turns that this stream has to keep: none where it goes elsewhere.
    pub(crate) fn turns(&self, stream: Stream) -> Option<Turns> {
        let shared = match stream {
            Stream::Output => is_one_place(),
            Stream::Errors => true,
        };
        shared.then(|| Arc::clone(&self.turns))
    }

    /// Says what still waits: no more lines come.
    pub(crate) fn close(self) {
        let within = turn(&self.turns).is_within();
        *outlet() = Outlet::Direct { within };
        if let Some(teller) = self.teller {
            let _ = teller.join();
        }
        let turn = mem::take(&mut *turn(&self.turns));
        for text in turn.left() {
            tell(&text);
        }
    }
}

impl Turn {
    fn is_within(&self) -> bool {
        self.unfinished.contains(&true)
    }

    fn say(&mut self, text: String) {
        if self.waiting.len() < WAITING {
            self.waiting.push(text);
        } else {
            self.missed += 1;
        }
        self.say_waiting();
    }

    /// Says what waits, if there is no line that it would fall into.
    fn say_waiting(&mut self) {
        if self.is_within() || self.waiting.is_empty() {
            return;
        }
        let mut text = String::new();
        for line in mem::take(self).left() {
            text.push_str("irclog: ");
            text.push_str(&line);
            text.push('\n');
        }
        let _ = Sink(Stream::Errors).write_all(text.as_bytes());
    }

    fn left(self) -> impl Iterator<Item = String> {
        let more = format!("and {} more were not told in time", self.missed);
        let more = (self.missed > 0).then_some(more);
        self.waiting.into_iter().chain(more)
    }

    /// What `stream` shows now ends with this byte; `None` where it shows
    /// nothing any more.
    pub(crate) fn shown(&mut self, stream: Stream, last: Option<u8>) {
        self.unfinished[stream as usize] = last.is_some_and(|last| last != b'\n');
        self.say_waiting();
    }
}

/// Whether standard output and standard error are the same file or terminal.
#[cfg(unix)]
pub(crate) fn is_one_place() -> bool {
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::fs::MetadataExt as _;
    let place = |stream: BorrowedFd<'_>| {
        let file = std::fs::File::from(stream.try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let output = place(std::io::stdout().as_fd());
    output.is_some() && output == place(std::io::stderr().as_fd())
}

#[cfg(not(unix))]
pub(crate) fn is_one_place() -> bool {
    use std::io::IsTerminal as _;
    std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}
