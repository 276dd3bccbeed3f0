//! What may follow a line of a record.

use super::trace::Trace;

/// What the last line was, and so what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Frames of Python, indented; then the exception, not indented.
    Python,
    /// The exception's own line, with the lines of its message so far.
    PythonMessage(usize),
    /// `The above exception was …`: another traceback follows.
    PythonLink,
    /// Lines of the message of a Rust panic so far.
    PanicMessage(usize),
    Backtrace,
    /// Lines of the message of a panic of Go so far.
    GoMessage(usize),
    Go,
    /// Indented frames: Java, JavaScript, Ruby; causes and sections.
    Frames,
    /// A runtime has ended: little follows.
    Fatal,
    /// Every line begins with `#`.
    Report,
}

impl From<Trace> for Kind {
    fn from(trace: Trace) -> Self {
        match trace {
            Trace::Python => Self::Python,
            Trace::Panic => Self::PanicMessage(0),
            Trace::Go => Self::GoMessage(0),
            Trace::Frames => Self::Frames,
            Trace::Fatal => Self::Fatal,
        }
    }
}
