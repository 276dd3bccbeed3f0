//! A stream of a program: one thread shows it, another one logs its records.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use irclog::{Handle, tool};
use log::Level;
use log::kv::Value;
use tokio::sync::oneshot;

use crate::backlog::{Backlog, Batch, Missed};
use crate::clock;
use crate::lines::{Entry, Lines};
use crate::screen::Screen;
use crate::stage;
use crate::streams::{PIECE, Source, Stop, Stopped};

/// A stream that is being copied.
pub(crate) struct Pump {
    /// Each ends when one of its threads does.
    done: Vec<oneshot::Receiver<()>>,
    #[cfg(not(unix))]
    backlog: Option<Arc<Backlog>>,
}

/// Where the records of a stream go.
pub(crate) struct Record {
    /// The channel's, which is told what was left out.
    pub(crate) handle: Handle,
    /// What lines that name no logger are shown as.
    pub(crate) program: String,
    pub(crate) last_words: LastWords,
    /// Whether the program may say what is to be masked.
    pub(crate) masks: bool,
}

impl Record {
    fn lines(&self) -> Lines {
        Lines::new(&self.program)
            .masking(self.masks)
            .dropping(tool::drop_fields(&self.handle))
    }
}

impl Pump {
    /// Copies `from` to `screen` and logs its lines as records, if any are
    /// wanted, until `from` ends, nobody reads the screen any more, or
    /// `stopped` says so.
    ///
    /// Copying waits for the two of them only: what cannot be logged in time is
    /// counted. Memory is bounded, whatever comes.
    pub(crate) fn start(
        from: Source,
        screen: Screen,
        name: &str,
        stopped: Stopped,
        record: Option<Record>,
    ) -> std::io::Result<Self> {
        let mut done = Vec::new();
        let mut backlog = None;
        if let Some(record) = record {
            let ours = Arc::<Backlog>::default();
            backlog = Some(Arc::clone(&ours));
            done.push(begin("lines", move || read(&record, &ours))?);
        }
        #[cfg(not(unix))]
        let kept = backlog.clone();
        let name = name.to_owned();
        done.push(begin("copy", move || {
            copy(from, screen, &name, stopped, backlog.as_deref());
            if let Some(backlog) = backlog {
                backlog.end();
            }
        })?);
        Ok(Self {
            done,
            #[cfg(not(unix))]
            backlog: kept,
        })
    }

    /// Waits until all was copied and logged.
    pub(crate) async fn done(&mut self) {
        while let Some(done) = self.done.last_mut() {
            // Also a bug ends it.
            let _ = done.await;
            self.done.pop();
        }
    }

    /// Gives up what cannot be stopped: it hangs in reading.
    #[cfg(not(unix))]
    fn leave(&mut self) {
        self.done.truncate(usize::from(self.backlog.is_some()));
        if let Some(backlog) = &self.backlog {
            backlog.end();
        }
    }
}

/// Waits until all was copied and logged: after `patience` for what there is,
/// since somebody may hold a stream open for good.
#[cfg_attr(
    not(unix),
    expect(clippy::drop_non_drop, reason = "what it ends cannot be ended there")
)]
pub(crate) async fn finish(pumps: &mut [Pump], stop: Stop, patience: Duration) {
    let done = async {
        for pump in &mut *pumps {
            pump.done().await;
        }
    };
    if tokio::time::timeout(patience, done).await.is_ok() {
        return;
    }
    drop(stop);
    for pump in pumps {
        #[cfg(not(unix))]
        pump.leave();
        pump.done().await;
    }
}

fn begin(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<oneshot::Receiver<()>> {
    let (tell, done) = oneshot::channel();
    thread::Builder::new().name(name.into()).spawn(move || {
        work();
        // Nobody may wait any more.
        let _ = tell.send(());
    })?;
    Ok(done)
}

fn copy(
    mut from: Source,
    mut screen: Screen,
    name: &str,
    mut stopped: Stopped,
    backlog: Option<&Backlog>,
) {
    let mut piece = vec![0; PIECE];
    // Who does not read any more is told so when it writes again, as it would
    // be without us.
    while !screen.is_unread() {
        let bytes = match from.read(&mut piece, &mut stopped) {
            Ok(0) => break,
            Ok(length) => &piece[..length],
            Err(error) => {
                stage::tell(&format!(
                    "the output of {name} cannot be read any further ({error})"
                ));
                break;
            }
        };
        screen.show(bytes);
        if let Some(backlog) = backlog {
            backlog.push(bytes);
        }
    }
    screen.finish();
}

/// For so long nothing is read while more comes than can be: an ERROR is still
/// seen within a second.
const LONGEST_REST: Duration = Duration::from_millis(250);

fn read(record: &Record, backlog: &Backlog) {
    // The program, and what shows its output, come first.
    tool::give_way();
    let mut log = |entry: Entry| {
        record.last_words.hear(&entry);
        log(entry);
    };
    let mut lines = record.lines();
    let mut batch = Batch::default();
    loop {
        let goes_on = backlog.take(&mut batch, lines.deadline());
        let began = clock::now();
        let mut missed = Missed::default();
        guarded(&mut lines, record, |lines| {
            missed = batch.read(lines, &mut log);
            for (level, count) in missed.iter() {
                tool::missed(&record.handle, level, &record.program, count);
            }
        });
        if !goes_on {
            break;
        }
        if !missed.is_empty() {
            // Most is left out anyway: rather let it be copied.
            let took = clock::now().saturating_duration_since(began);
            backlog.rest((took * 3).min(LONGEST_REST));
        }
    }
    guarded(&mut lines, record, |lines| {
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
        // What goes on with a record that was shown before tells less.
        let goes_on = entry.text.starts_with("…\n");
        if entry.level <= self.least && !goes_on {
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

/// The last line of a Python traceback, the message of a panic or a report, the
/// line before the frames of others, else the first.
fn telling_line(text: &str) -> &str {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let is_python = [
        "Traceback (most recent call last)",
        "\nFile \"",
        "\nThe above exception was",
    ];
    if is_python.iter().any(|sign| text.contains(sign)) {
        return lines.next_back().unwrap_or(first);
    }
    if first.starts_with("thread '") && first.ends_with(':') {
        return lines.next().unwrap_or(first);
    }
    if first == "Error:" {
        let cause = lines.next().unwrap_or(first);
        return cause.strip_prefix("0: ").unwrap_or(cause);
    }
    if first.starts_with("The application panicked") {
        let message = lines.find_map(|line| line.strip_prefix("Message: "));
        return message.unwrap_or(first).trim();
    }
    if first.starts_with(['[', 'p', 'f', 'g', 'S']) && is_of_runtime(first) {
        return first.trim_end_matches(" {");
    }
    if text.contains("\nCaused by:\n") {
        return first;
    }
    let Some((before, _)) = text.split_once("\nat ") else {
        // Rich's frames, and what Node shows of what was thrown, end with it.
        let is_place = |(file, rest): (&str, &str)| {
            !file.contains(' ') && rest.starts_with(|c: char| c.is_ascii_digit())
        };
        let is_last = first.rsplit_once(':').is_some_and(is_place);
        return lines.next_back().filter(|_| is_last).unwrap_or(first);
    };
    // Its message may have more lines, and what stands around it as well.
    let is_error = |line: &&str| {
        let name = line.split(':').next().unwrap_or(line);
        !name.contains(' ') && (name.ends_with("Error") || name.ends_with("Exception"))
    };
    let mut before = before.lines();
    before
        .clone()
        .find(is_error)
        .or_else(|| before.next_back())
        .unwrap_or(first)
}

/// How Go ends, and how Node shows what was thrown and is no error.
fn is_of_runtime(line: &str) -> bool {
    ["panic: ", "fatal error: ", "goroutine ", "SIGSEGV: "]
        .iter()
        .any(|start| line.starts_with(start))
        || line.starts_with('[') && line.contains(": ")
}

/// Should reading lines ever panic, the program's output goes on all the same.
fn guarded(lines: &mut Lines, record: &Record, work: impl FnOnce(&mut Lines)) {
    if catch_unwind(AssertUnwindSafe(|| work(lines))).is_err() {
        *lines = record.lines();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells_most_is_the_error_s() {
        for (text, line) in [
            ("cannot bind :80", "cannot bind :80"),
            (
                "Traceback (most recent call last):\nFile \"a.py\", line 1, in a\nKeyError: 'k'",
                "KeyError: 'k'",
            ),
            (
                "thread 'main' panicked at src/main.rs:2:5:\nno key",
                "no key",
            ),
            (
                "Error: no key\nat settle (/srv/pay.js:1:2)\n… 5 lines …\nNode.js v20.1.0",
                "Error: no key",
            ),
            (
                "/srv/pay.js:1\nsettle()\nError: no key\nat settle (/srv/pay.js:1:2)",
                "Error: no key",
            ),
            (
                "Error: Cannot find module 'pay'\nRequire stack:\n- /srv/a.js\nat require (/srv/a.js:1:2)",
                "Error: Cannot find module 'pay'",
            ),
            (
                "/srv/pay.js:8\nreturn new CallError(cause, {\nCallError: refused\nURL: x\n… 9 lines …\nat pay (/srv/a.js:1:2)",
                "CallError: refused",
            ),
            (
                "[AggregateError: all failed] {\n[errors]: [\nError: one\nat pay (/srv/a.js:1:2)",
                "[AggregateError: all failed]",
            ),
            (
                "panic: late [recovered]\npanic: again\ngoroutine 1 [running]:\n… 3 lines …\nmain.main()",
                "panic: late [recovered]",
            ),
            (
                "Error:\n0: no key\n1: closed\nLocation:\nsrc/main.rs:8",
                "no key",
            ),
            (
                "The application panicked (crashed).\nMessage:  no key\nLocation: src/main.rs:8",
                "no key",
            ),
            (
                "settling 7 failed\nCaused by:\n0: no key\n… 30 lines …\n4: shop::main\nat src/main.rs:8",
                "settling 7 failed",
            ),
        ] {
            assert_eq!(telling_line(text), line);
        }
    }
}
