//! A stream of a program: one thread shows it, another one logs its records.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use irclog::{Handle, tool};
use log::kv::Value;
use tokio::sync::oneshot;

use crate::backlog::{Backlog, Batch, Missed};
use crate::clock;
use crate::last_words::LastWords;
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
