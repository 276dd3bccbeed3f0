//! Lines that belong together become one record.

use std::time::{Duration, Instant};

use log::Level;

use super::Entry;
use super::pem::Block;
use super::recognise::{self, Head};
use super::shorten::{Matters, shorten};
use super::trace::{self, Trace};

/// How long a record waits for a line more. A logger writes a record and its
/// traceback at once; a person does not notice a tenth of a second.
const QUIET: Duration = Duration::from_millis(100);
/// The same within a trace: looking up the symbols of a backtrace takes time.
const TRACE_QUIET: Duration = Duration::from_secs(1);
/// How long a record is kept open although lines keep coming.
const LONGEST: Duration = Duration::from_secs(5);
/// Lines that come within this time were most likely written at once.
const BURST: Duration = Duration::from_millis(20);
/// Lines of an exception's message behind its first one.
const MESSAGE_LINES: usize = 16;
/// Lines of one record: Java ends a trace after 1,024 frames.
const MOST_LINES: usize = 1_100;
/// Bytes of one record, after which another one goes on.
const MOST_BYTES: usize = 64 * 1024;

/// Collects the lines of one stream.
#[derive(Debug)]
pub(super) struct Group {
    program: String,
    open: Option<Open>,
    /// What was emitted for the time it took or for its size: a line that
    /// belongs to it may still come.
    emitted: Option<Open>,
}

/// A record that may go on.
#[derive(Debug, Clone)]
struct Open {
    /// The service that the line names before everything else.
    source: Option<String>,
    level: Level,
    /// The line itself named the level.
    stated: bool,
    target: String,
    text: String,
    omitted: usize,
    lines: usize,
    kind: Kind,
    /// The PEM block that it is inside of.
    block: Option<Block>,
    since: Instant,
    last: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Python,
    /// Behind the exception's own line, with the lines of its message so far.
    PythonMessage(usize),
    /// Its message comes with the next line.
    PanicMessage,
    Panic,
    Go,
    Frames,
}

impl Kind {
    fn of(line: &str) -> Self {
        match trace::begins(line) {
            None => Self::Plain,
            Some(Trace::Python) => Self::Python,
            Some(Trace::Panic) => Self::PanicMessage,
            Some(Trace::Go) => Self::Go,
            Some(Trace::Frames) => Self::Frames,
        }
    }

    fn is_trace(self) -> bool {
        self != Self::Plain
    }
}

impl Group {
    pub(super) fn new(program: &str) -> Self {
        Self {
            program: program.to_owned(),
            open: None,
            emitted: None,
        }
    }

    /// Takes the next line, of which `omitted` bytes are missing at its end.
    pub(super) fn push(
        &mut self,
        line: &str,
        omitted: usize,
        now: Instant,
        emit: &mut dyn FnMut(Entry),
    ) {
        let (source, line) = recognise::source(line);
        if line.trim().is_empty() {
            return;
        }
        let head = recognise::recognise(line);
        let joins =
            |open: &Open| open.source.as_deref() == source && open.joins(line, head.as_ref(), now);
        if self.open.is_none() {
            let goes_on =
                |open: &Open| now.saturating_duration_since(open.last) < LONGEST && joins(open);
            self.open = self.emitted.take().filter(goes_on).map(|open| Open {
                text: "…".to_owned(),
                omitted: 0,
                lines: 1,
                since: now,
                ..open
            });
        }
        if let Some(open) = &mut self.open
            && open.takes_into_block(said(line, head.as_ref()), now)
        {
            return;
        }
        match &mut self.open {
            Some(open) if joins(open) => open.append(line, omitted, now),
            _ => {
                self.flush(emit);
                let mut open = self.begin(line, head, now);
                open.source = source.map(str::to_owned);
                open.omitted = omitted;
                if !open.stated
                    && let Some(source) = source
                {
                    source.clone_into(&mut open.target);
                }
                self.open = Some(open);
            }
        }
        let is_full = |open: &Open| open.lines >= MOST_LINES || open.text.len() >= MOST_BYTES;
        if self.open.as_ref().is_some_and(is_full) {
            self.emit_open(emit);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.as_ref().map(Open::deadline)
    }

    pub(super) fn elapse(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.emit_open(emit);
        }
    }

    /// Emits what is open: nothing belongs to it any more.
    pub(super) fn flush(&mut self, emit: &mut dyn FnMut(Entry)) {
        self.emit_open(emit);
        self.emitted = None;
    }

    fn emit_open(&mut self, emit: &mut dyn FnMut(Entry)) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.tell_block();
        let text = std::mem::take(&mut open.text);
        emit(Entry {
            level: open.level,
            target: open.target.clone(),
            text: match open.kind {
                Kind::Plain => text,
                Kind::Python | Kind::PythonMessage(_) => shorten(text, Matters::Last),
                Kind::PanicMessage | Kind::Panic | Kind::Go | Kind::Frames => {
                    shorten(text, Matters::First)
                }
            },
            omitted: open.omitted,
        });
        self.emitted = Some(open);
    }

    fn begin(&self, line: &str, head: Option<Head<'_>>, now: Instant) -> Open {
        let (level, target, text) = match head {
            Some(head) => (head.level, head.target, head.text.into_owned()),
            None => (None, None, line.trim_start().to_owned()),
        };
        let kind = match Kind::of(&text) {
            Kind::Plain => Kind::of(line),
            kind => kind,
        };
        Open {
            source: None,
            level: level.unwrap_or_else(|| unstated(&text, kind)),
            stated: level.is_some(),
            target: target.map_or_else(|| self.program.clone(), std::borrow::Cow::into_owned),
            text,
            omitted: 0,
            lines: 1,
            kind,
            block: Block::begins(line),
            since: now,
            last: now,
        }
    }
}

/// The level of a line that names none: ERROR for a trace, else INFO, on both
/// streams. Standard error is no sign of an error: Python, Go and Rust log
/// everything there by default.
fn unstated(text: &str, kind: Kind) -> Level {
    if kind.is_trace() {
        Level::Error
    } else if text.contains("Warning:") {
        // Python's `main.py:3: UserWarning: …`, Node's `(node:1) Warning: …`
        Level::Warn
    } else {
        Level::Info
    }
}

impl Open {
    /// Whether `line` belongs to this record.
    fn joins(&self, line: &str, head: Option<&Head<'_>>, now: Instant) -> bool {
        let at_once = now.saturating_duration_since(self.last) <= BURST;
        if let Some(block) = &self.block
            && block.holds(said(line, head))
        {
            return true;
        }
        match self.kind {
            _ if head.is_some_and(|head| !head.weak) => return false,
            Kind::Python | Kind::PanicMessage | Kind::Go => return true,
            _ if line.starts_with([' ', '\t']) => return true,
            Kind::PythonMessage(lines) if at_once && lines < MESSAGE_LINES => return true,
            _ => {}
        }
        let is_trace = self.kind.is_trace();
        if head.is_some() {
            return false;
        }
        if line.starts_with("Traceback (most recent call last)") {
            // A crash must not hide behind an INFO that came just before.
            return is_trace || self.is_complaint();
        }
        trace::links(line) && is_trace
            || trace::is_exception(line) && at_once && (self.is_complaint() || self.lines > 1)
            || closes(line) && (self.lines > 1 || self.text.ends_with(['{', '[', '(']))
            || line.starts_with(['│', '╭', '╰', '┃', '├', '└'])
    }

    /// The program itself called it a warning or an error.
    fn is_complaint(&self) -> bool {
        self.stated && self.level <= Level::Warn
    }

    /// Takes a line of the PEM block that is open, if it is one.
    fn takes_into_block(&mut self, text: &str, now: Instant) -> bool {
        let Some(block) = self.block.as_mut().filter(|block| block.holds(text)) else {
            return false;
        };
        self.last = now;
        block.take(text);
        if block.has_ended() {
            self.tell_block();
        }
        true
    }

    fn append(&mut self, line: &str, omitted: usize, now: Instant) {
        self.last = now;
        self.tell_block();
        self.block = Block::begins(line);
        self.kind = self.kind_after(line);
        if self.kind == Kind::Frames && !self.stated {
            self.level = Level::Error;
        }
        if line.starts_with(' ') && trace::is_pointer(line) {
            return;
        }
        self.text.push('\n');
        self.text.push_str(line.trim_start());
        self.lines += 1;
        self.omitted += omitted;
    }

    /// The lines of a block are no text: so many they were.
    fn tell_block(&mut self) {
        if let Some(block) = self.block.take() {
            block.tell(&mut self.text);
        }
    }

    fn kind_after(&self, line: &str) -> Kind {
        let indented = line.starts_with([' ', '\t']);
        match self.kind {
            Kind::PanicMessage => Kind::Panic,
            Kind::Go => Kind::Go,
            Kind::Python if !indented => Kind::PythonMessage(0),
            Kind::PythonMessage(_) if trace::links(line) => Kind::PythonMessage(0),
            Kind::PythonMessage(lines) if trace::begins(line) != Some(Trace::Python) => {
                Kind::PythonMessage(lines + 1)
            }
            Kind::Plain if indented && !trace::is_frame(line) => Kind::Plain,
            kind => match trace::begins(line) {
                Some(Trace::Python) => Kind::Python,
                Some(_) if kind == Kind::Plain => Kind::Frames,
                None if kind == Kind::Plain && trace::is_frame(line) => Kind::Frames,
                _ => kind,
            },
        }
    }

    fn deadline(&self) -> Instant {
        let quiet = if self.kind == Kind::Plain && self.block.is_none() {
            QUIET
        } else {
            TRACE_QUIET
        };
        (self.last + quiet).min(self.since + LONGEST)
    }
}

/// The line without what stands before its text.
fn said<'a>(line: &'a str, head: Option<&'a Head<'_>>) -> &'a str {
    head.map_or(line, |head| &head.text)
}

/// The end of something that was printed over several lines.
fn closes(line: &str) -> bool {
    line.starts_with(['}', ']', ')'])
}
