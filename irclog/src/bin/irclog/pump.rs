//! A stream of a program: shown, and its records logged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use irclog::tool;
use log::Level;
use log::kv::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::watch;

use crate::clock;
use crate::lines::{Entry, Lines};
use crate::screen::Screen;
use crate::stage;

/// Bytes that are read at once: what a pipe holds on Linux.
const PIECE: usize = 64 * 1024;

/// Copies `from` to `screen` and logs its lines as records of `program`, until
/// `from` ends, nobody reads the screen any more, or `stop` says so.
///
/// Memory is bounded, whatever comes; and nothing here waits for IRC: what
/// the logger has no room for it drops and counts.
pub(crate) async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut screen: Screen<impl AsyncWrite + Unpin>,
    program: String,
    mut stop: watch::Receiver<bool>,
    last_words: LastWords,
) {
    let mut log = |entry: Entry| {
        last_words.hear(&entry);
        log(entry);
    };
    let mut lines = Lines::new(&program);
    let mut piece = vec![0; PIECE];
    loop {
        let read = tokio::select! {
            biased;
            read = from.read(&mut piece) => read,
            () = until(lines.deadline()) => {
                guarded(&mut lines, &program, |lines| lines.elapse(clock::now(), &mut log));
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let bytes = match read {
            Ok(0) => break,
            Ok(length) => &piece[..length],
            Err(error) => {
                stage::tell(&format!(
                    "the output of {program} cannot be read any further ({error})"
                ));
                break;
            }
        };
        screen.show(bytes).await;
        guarded(&mut lines, &program, |lines| {
            lines.feed(bytes, clock::now(), &mut log);
        });
        if screen.is_unread() {
            // The program learns it when it writes again, as it would have
            // without us.
            break;
        }
    }
    screen.finish().await;
    guarded(&mut lines, &program, |lines| {
        lines.finish(clock::now(), &mut log);
    });
}

/// What a program said last: why it has ended, if it did so badly.
#[derive(Debug, Clone)]
pub(crate) struct LastWords {
    least: Level,
    said: Arc<Mutex<Option<String>>>,
}

impl LastWords {
    /// Of a stream on which it says everything: what it called an error.
    pub(crate) fn errors() -> Self {
        Self::of(Level::Error)
    }

    /// Of one that is meant for errors.
    pub(crate) fn all() -> Self {
        Self::of(Level::Trace)
    }

    fn of(least: Level) -> Self {
        Self {
            least,
            said: Arc::default(),
        }
    }

    fn hear(&self, entry: &Entry) {
        if entry.level <= self.least {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let telling = telling_line(&entry.text);
            let said = said.get_or_insert_default();
            said.clear();
            // What is cut in two is not recognised any more.
            said.push_str(head(telling, LONG_LINE));
        }
    }

    /// The line that tells most, without its secrets.
    pub(crate) fn take(&self) -> Option<String> {
        const SHOWN: usize = 240;
        let said = self
            .said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        let said = irclog::scrub(said.trim());
        let shown = head(&said, SHOWN);
        let more = if shown.len() < said.len() { "…" } else { "" };
        (!said.is_empty()).then(|| format!("{shown}{more}"))
    }
}

/// Bytes of a line that the scrubber judges: more than are shown.
const LONG_LINE: usize = 4 * 1024;

/// At most so many bytes of `text`.
fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The last line of a Python traceback, the message of a panic, else the first.
fn telling_line(text: &str) -> &str {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if text.contains("Traceback (most recent call last)") || text.contains("\n… ") {
        lines.next_back().unwrap_or(first)
    } else if first.starts_with("thread '") && first.ends_with(':') {
        lines.next().unwrap_or(first)
    } else {
        first
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Should reading lines ever panic, the program's output goes on all the same.
fn guarded(lines: &mut Lines, program: &str, work: impl FnOnce(&mut Lines)) {
    if catch_unwind(AssertUnwindSafe(|| work(lines))).is_err() {
        *lines = Lines::new(program);
    }
}

/// Hands a record to the logger. It names no file: what its text looks like
/// decides what it is folded with.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a record is handed over and done with"
)]
pub(crate) fn log(entry: Entry) {
    let mut pairs = Vec::new();
    if let Some(sender) = &entry.sender {
        pairs.push((tool::SENDER, Value::from(sender.as_str())));
    }
    if entry.omitted > 0 {
        pairs.push((tool::OMITTED, Value::from(entry.omitted)));
    }
    log::logger().log(
        &log::Record::builder()
            .level(entry.level)
            .target(&entry.target)
            .args(format_args!("{}", entry.text))
            .key_values(&pairs.as_slice())
            .build(),
    );
}
