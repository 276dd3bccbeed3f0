//! A record that may go on: what it is, and which lines belong to it.

use std::time::{Duration, Instant};

use log::Level;

use super::super::Entry;
use super::super::heads::Head;
use super::inspected;
use super::kind::Kind;
use super::pem::Block;
use super::trace::{self, Trace};

/// How long a record is kept open although lines keep coming, and how long
/// after it a line may still belong to it.
pub(super) const LONGEST: Duration = Duration::from_secs(5);
/// How long a record waits for a line more. A logger writes a record and its
/// traceback at once; a person does not notice a tenth of a second.
const QUIET: Duration = Duration::from_millis(100);
/// The same within a trace: looking up the symbols of a backtrace takes time.
const TRACE_QUIET: Duration = Duration::from_secs(1);
/// Lines that come within this time were most likely written at once.
const BURST: Duration = Duration::from_millis(20);
/// Lines of an exception's message behind its first one.
const MESSAGE_LINES: usize = 16;

/// What a record begins with that goes on with one that was shown.
const MORE: &str = "…";

/// A record that may go on.
#[derive(Debug, Clone)]
pub(super) struct Open {
    level: Level,
    /// The line itself named the level.
    stated: bool,
    target: String,
    text: String,
    omitted: usize,
    lines: usize,
    kind: Kind,
    /// There has been a trace, so that another one is another error.
    traced: bool,
    /// Node has pointed at the line of source that threw what comes next.
    thrown: bool,
    /// The class that Java's own logger names above the level.
    place: Option<String>,
    /// The PEM block that it is inside of.
    block: Option<Block>,
    since: Instant,
    last: Instant,
}

impl Open {
    /// The record that `line` begins. `target` and `level` are for a line that
    /// names none.
    pub(super) fn begin(
        line: &str,
        head: Option<&Head<'_>>,
        target: &str,
        level: Option<Level>,
        now: Instant,
    ) -> Self {
        let text = said(line, head).trim_start();
        let trace = trace::begins(text).or_else(|| trace::begins(line));
        let stated = head.and_then(|head| head.level);
        Self {
            level: stated.unwrap_or_else(|| match trace {
                Some(_) => Level::Error,
                None => level.unwrap_or_else(|| unstated(text)),
            }),
            stated: stated.is_some(),
            target: head
                .and_then(|head| head.target.as_deref())
                .unwrap_or(target)
                .to_owned(),
            text: text.to_owned(),
            omitted: 0,
            lines: 1,
            kind: match trace {
                // What a structured record has is whole.
                _ if text.contains('\n') && !text.ends_with("(most recent call last):") => {
                    Kind::Plain
                }
                Some(trace) => trace.into(),
                None if text.starts_with('#') => Kind::Report,
                None => Kind::Plain,
            },
            // A structured record may have a trace in it.
            traced: trace.is_some() || text.split('\n').skip(1).any(trace::is_of_trace),
            thrown: false,
            place: head
                .filter(|head| head.level.is_none() && head.target.is_none())
                .and_then(|_| trace::java_place(text))
                .map(ToOwned::to_owned),
            block: Block::begins(line),
            since: now,
            last: now,
        }
    }

    /// What goes on with it after it was emitted.
    pub(super) fn gone_on(self, now: Instant) -> Self {
        Self {
            text: MORE.to_owned(),
            omitted: 0,
            lines: 1,
            since: now,
            ..self
        }
    }

    /// The class of which the next line tells level and text, if this is where
    /// Java's own logger names it.
    pub(super) fn place_of(&self, head: Option<&Head<'_>>) -> Option<&str> {
        let is_told = head.is_some_and(|head| head.level.is_some() && head.target.is_none());
        self.place.as_deref().filter(|_| is_told && self.lines == 1)
    }

    /// Nothing has come of what it was to go on with.
    pub(super) fn is_empty(&self) -> bool {
        self.text == MORE && self.omitted == 0
    }

    pub(super) fn omit(&mut self, bytes: usize) {
        self.omitted += bytes;
    }

    pub(super) fn last(&self) -> Instant {
        self.last
    }

    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// How long it waits for a line more.
    pub(super) fn deadline(&self) -> Instant {
        let quiet = match self.kind {
            _ if self.block.is_some() || self.thrown => TRACE_QUIET,
            Kind::Python | Kind::PythonLink | Kind::PanicMessage(_) | Kind::Backtrace => {
                TRACE_QUIET
            }
            Kind::GoMessage(_) | Kind::Go | Kind::Fatal => TRACE_QUIET,
            Kind::Frames if trace::awaits_more(&self.text) => TRACE_QUIET,
            Kind::Plain | Kind::PythonMessage(_) | Kind::Frames | Kind::Report => QUIET,
        };
        (self.last + quiet).min(self.since + LONGEST)
    }

    /// The record as it is shown; what it is stays, for lines that are late.
    pub(super) fn entry(&mut self, sender: Option<String>) -> Entry {
        self.tell_block();
        if !self.stated
            && let Some(level) = inspected::level(&self.text)
        {
            self.level = level;
        }
        let text = std::mem::take(&mut self.text);
        let text = if self.traced {
            irclog::tool::shorten(&text)
        } else {
            unindented(text)
        };
        Entry {
            level: self.level,
            sender,
            target: self.target.clone(),
            text,
            omitted: self.omitted,
        }
    }

    /// Whether `line` belongs to this record.
    pub(super) fn joins(&self, line: &str, head: Option<&Head<'_>>, now: Instant) -> bool {
        if let Some(block) = &self.block
            && block.holds(said(line, head))
        {
            return true;
        }
        if self.is_detailed_by(line, head, now) {
            return true;
        }
        if head.is_some_and(|head| !head.weak) {
            return false;
        }
        let at_once = now.saturating_duration_since(self.last) <= BURST;
        if trace::is_drawn(line) && trace::begins(line).is_some() {
            // The box of a crash.
            return self.kind == Kind::PythonLink || self.is_complaint_of(line, head, at_once);
        }
        if line.starts_with([' ', '\t']) || trace::is_drawn(line) {
            return true;
        }
        if self.thrown {
            return true;
        }
        match self.kind {
            Kind::Python => {
                let is_error = trace::is_headline(line) || trace::is_marked_frame(line) || at_once;
                is_error && matches!(trace::begins(line), None | Some(Trace::Frames))
            }
            Kind::PythonLink => trace::links(line) || trace::begins(line) == Some(Trace::Python),
            Kind::PanicMessage(0) => !begins_other(line),
            Kind::Frames | Kind::PythonMessage(_) if self.text.ends_with(trace::QUOTES) => {
                trace::links(line) || trace::begins(line) == Some(Trace::Python)
            }
            Kind::PythonMessage(lines) | Kind::PanicMessage(lines) => {
                trace::links(line)
                    || head.is_none() && at_once && lines < MESSAGE_LINES && !begins_other(line)
            }
            Kind::Backtrace => trace::links(line),
            Kind::GoMessage(lines) => {
                trace::is_of_go(line)
                    || head.is_none() && at_once && lines < MESSAGE_LINES && !begins_other(line)
            }
            Kind::Go => trace::is_of_go(line),
            Kind::Report => line.starts_with('#'),
            Kind::Frames if trace::has_listed_message(&self.text) && at_once => {
                head.is_none() && self.lines < MESSAGE_LINES && !begins_other(line)
            }
            Kind::Frames | Kind::Fatal => {
                trace::links(line)
                    || closes(line) && self.lines > 1
                    || line == trace::QUOTES && self.text.ends_with("Traceback:")
                    || at_once
                        && self.lines < MESSAGE_LINES
                        && trace::is_of_message(&self.text, line)
                    || line.starts_with("- ") && self.text.contains("\nRequire stack:")
                    || self.is_complaint_of(line, head, at_once)
            }
            Kind::Plain => {
                self.is_complaint_of(line, head, at_once)
                    || at_once && head.is_none() && trace::is_script_place(&self.text)
                    || trace::is_pointer(line) && trace::is_place(&self.text)
                    || closes(line) && (self.lines > 1 || self.text.ends_with(['{', '[', '(']))
            }
        }
    }

    /// `PostgreSQL` tells more of an error in records of their own.
    fn is_detailed_by(&self, line: &str, head: Option<&Head<'_>>, now: Instant) -> bool {
        self.stated
            && self.level <= Level::Warn
            && head.is_some_and(|head| !head.weak && head.level.is_none())
            && now.saturating_duration_since(self.last) <= BURST
            && trace::detail(said(line, head)).is_some()
    }

    /// The program itself called it a warning or an error, or showed the line
    /// of source that failed, and says with `line` what it was.
    fn is_complaint_of(&self, line: &str, head: Option<&Head<'_>>, at_once: bool) -> bool {
        let is_complaint = self.stated && self.level <= Level::Warn && !self.traced;
        if trace::begins(line) == Some(Trace::Python) {
            // A crash must not hide behind an INFO that came just before.
            return is_complaint || trace::awaits_traceback(&self.text);
        }
        let is_thrown = self.lines > 1 && trace::is_place(&self.text);
        // winston tells an uncaught error's message, then the error.
        let is_same = |message| is_complaint && self.text.ends_with(message);
        let is_error = trace::is_exception(line)
            || line
                .strip_prefix("Error: ")
                .is_some_and(|message| is_thrown || is_same(message));
        if !at_once || head.is_some_and(|head| head.level.is_some() && !is_error) {
            return false;
        }
        (is_error || trace::links(line)) && (is_complaint || is_thrown)
            || trace::is_context(line) && (self.level <= Level::Warn)
    }

    pub(super) fn append(
        &mut self,
        line: &str,
        head: Option<&Head<'_>>,
        omitted: usize,
        now: Instant,
    ) {
        let line = if self.is_detailed_by(line, head, now) {
            trace::detail(said(line, head)).unwrap_or(line)
        } else {
            line
        };
        self.last = now;
        self.omitted += omitted;
        if let Some(block) = &mut self.block {
            let text = said(line, head);
            if block.holds(text) {
                block.take(text);
                if block.has_ended() {
                    self.tell_block();
                }
                return;
            }
            self.tell_block();
        }
        self.block = Block::begins(line);
        if self.thrown && !line.trim().is_empty() {
            self.thrown = false;
            self.kind = Kind::Frames;
            if self.text.starts_with("node:") || self.text.contains("/node_modules/") {
                // Nobody's own source.
                self.text.clear();
            }
        } else {
            self.kind = self.kind_after(line);
        }
        if self.kind != Kind::Plain && self.kind != Kind::Report {
            self.traced = true;
            if !self.stated {
                self.level = Level::Error;
            }
        } else if !self.stated && trace::begins(line.trim_start_matches(['#', ' '])).is_some() {
            self.level = Level::Error;
        }
        if trace::is_pointer(line) && (line.starts_with(' ') || trace::is_place(&self.text)) {
            self.thrown = !self.traced && trace::is_place(&self.text);
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.lines += 1;
    }

    fn kind_after(&self, line: &str) -> Kind {
        let indented = line.starts_with([' ', '\t']) || trace::is_drawn(line);
        match self.kind {
            Kind::PanicMessage(_) | Kind::Backtrace if trace::links(line) => Kind::Backtrace,
            Kind::PanicMessage(lines) => Kind::PanicMessage(lines + 1),
            Kind::Backtrace => Kind::Backtrace,
            Kind::GoMessage(lines) if !trace::is_of_go(line) => Kind::GoMessage(lines + 1),
            Kind::GoMessage(_) | Kind::Go => Kind::Go,
            Kind::Report => Kind::Report,
            Kind::Python if indented || trace::is_marked_frame(line) => Kind::Python,
            Kind::Python => Kind::PythonMessage(0),
            Kind::PythonMessage(_) | Kind::PythonLink if trace::links(line) => Kind::PythonLink,
            Kind::PythonLink | Kind::PythonMessage(_)
                if trace::begins(line) == Some(Trace::Python) =>
            {
                Kind::Python
            }
            Kind::PythonLink => Kind::PythonLink,
            Kind::PythonMessage(lines) => Kind::PythonMessage(lines + 1),
            Kind::Plain if indented => match trace::begins(line) {
                Some(Trace::Python) => Kind::Python,
                _ if trace::is_frame(line) => Kind::Frames,
                _ => Kind::Plain,
            },
            kind => match trace::begins(line) {
                Some(Trace::Python) => Kind::Python,
                Some(_) if kind == Kind::Plain => Kind::Frames,
                None if kind == Kind::Plain && trace::links(line) => Kind::Frames,
                _ => kind,
            },
        }
    }

    /// The lines of a block are no text: so many they were.
    fn tell_block(&mut self) {
        if let Some(block) = self.block.take() {
            block.tell(&mut self.text);
        }
    }
}

/// Lines stand behind each other in a channel: there is nothing to indent.
fn unindented(text: String) -> String {
    if !text.contains(['\n', '\t']) {
        return text;
    }
    let lines: Vec<&str> = text.split('\n').map(str::trim_start).collect();
    lines.join("\n")
}

/// Whether `line` is the first of another error.
fn begins_other(line: &str) -> bool {
    trace::begins(line).is_some() && !trace::is_exception(line)
}

/// The level of a line that names none and is no trace: INFO, on both streams.
/// Standard error is no sign of an error: Python, Go and Rust log everything
/// there by default.
fn unstated(text: &str) -> Level {
    if text.contains("Warning:") {
        // Python's `main.py:3: UserWarning: …`, Node's `(node:1) Warning: …`
        Level::Warn
    } else {
        Level::Info
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
