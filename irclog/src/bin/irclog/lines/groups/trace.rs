//! How tracebacks, panics and stack traces look, line by line.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::Regex;

/// The sort of a trace: what may follow its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// Indented frames, then the exception, not indented.
    Python,
    /// Its message in lines of its own, then an optional backtrace.
    Panic,
    /// Frames that are not indented.
    Go,
    /// The exception, then indented frames or sections: Java, JavaScript,
    /// Ruby, anyhow, color-eyre.
    Frames,
    /// The last words of a runtime, or of who started it.
    Fatal,
}

/// The trace that `line` is the first line of.
pub(super) fn begins(line: &str) -> Option<Trace> {
    static PANIC: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^thread '.*' (?:\([0-9]+\) )?panicked at ").expect("a valid pattern")
    });
    let line = line.trim_start_matches([' ', '+', '|', '\t']);
    // What a line must begin with is cheap to see.
    let first = line.bytes().next()?;
    if line.len() > 24 && TRACEBACK.find(line.as_bytes()).is_some() {
        return Some(Trace::Python);
    }
    match first {
        b't' if line.starts_with("thread '") && PANIC.is_match(line) => Some(Trace::Panic),
        b'F' if line.starts_with("File \"") && line.contains("\", line ") => Some(Trace::Python),
        _ if starts_with_any(line, GO) => Some(Trace::Go),
        _ if starts_with_any(line, FRAMES) || line == "Error:" || is_exception(line) => {
            Some(Trace::Frames)
        }
        _ if is_fatal(line) => Some(Trace::Fatal),
        _ => None,
    }
}

static TRACEBACK: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("Traceback (most recent call last)"));

const GO: &[&str] = &[
    "panic: ",
    "fatal error: ",
    "SIGSEGV: ",
    "goroutine ",
    "http: panic serving ",
];
const FRAMES: &[&str] = &[
    "Exception in thread ",
    "Unhandled exception",
    "Unhandled rejection",
    "Uncaught ",
    "Caused by: ",
    "Error: ",
    "The application panicked (crashed)",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Task was destroyed but it is pending",
    "PHP Fatal error: ",
    "PHP Parse error: ",
    "** (",
    "=ERROR REPORT====",
    "=CRASH REPORT====",
];

/// The last words of a runtime, a kernel or a shell.
fn is_fatal(line: &str) -> bool {
    static FATAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x) ^ (?:
                thread\ '.*'\ (?:\([0-9]+\)\ )?has\ overflowed\ its\ stack
              | fatal\ runtime\ error:
              | Fatal\ Python\ error:
              | FATAL\ ERROR:
              | terminate\ called\x20
              | (?:Segmentation\ fault|Bus\ error|Illegal\ instruction|Aborted|Killed|Trace/breakpoint\ trap)
                (?:\ \(core\ dumped\))? (?:$|:)
              | \*\*\*\ stack\ smashing\ detected
              | (?:malloc|free|realloc|munmap_chunk|calloc)\(\):
              | (?:double\ free\ or\ corruption|corrupted\ (?:size|double-linked))
              | ==[0-9]+==\ ?ERROR:
              | (?:\#\ )?A\ fatal\ error\ has\ been\ detected\ by
              | <---\ (?:Last\ few\ GCs|JS\ stacktrace)
              | memory\ allocation\ of\ [0-9]+\ bytes\ failed
              | Out\ of\ memory:\ Kill
              | exec\ .*:\ (?:exec\ format\ error|no\ such\ file|permission\ denied)
              | Error\ response\ from\ daemon:
              | (?:/bin/)?(?:ba|da|z)?sh:\ (?:line\ )?(?:[0-9]+:\ )?.*:\ (?:command\ )?not\ found
              | npm\ (?:ERR!|error)\x20
            )",
        )
        .expect("a valid pattern")
    });
    let is_possible = matches!(
        line.as_bytes()[0],
        b't' | b'f'
            | b'F'
            | b'S'
            | b'B'
            | b'I'
            | b'A'
            | b'K'
            | b'T'
            | b'*'
            | b'm'
            | b'r'
            | b'c'
            | b'd'
            | b'='
            | b'#'
            | b'<'
            | b'O'
            | b'e'
            | b'E'
            | b's'
            | b'b'
            | b'z'
            | b'/'
            | b'n'
    );
    is_possible && FATAL.is_match(line)
}

/// `ValueError: bad`, `shop.errors.PaymentRefused: late`,
/// `java.lang.IllegalStateException`, `com.shop.Pay$LateException: x`: a class
/// name, then a message or nothing.
pub(super) fn is_exception(line: &str) -> bool {
    static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
        let package = r"(?:[A-Za-z_][\w$]*\.)";
        let class = r"_?[A-Z][\w$]*(?:Error|Exception|Failure|Interrupt|Exit|Timeout|ExceptionGroup|Traceback)";
        let bare = "(?:Error|Exception|Throwable)";
        Regex::new(&format!(
            r"^(?:{package}*{class}|{package}+{bare})(?:: | \[|:?$)"
        ))
        .expect("a valid pattern")
    });
    // Few of the letters that a class ends with stand near a colon or the end.
    let end = line.find([':', ' ', '[']).unwrap_or(line.len());
    let name = &line.as_bytes()[..end];
    matches!(name, [.., b'r' | b'n' | b'e' | b't' | b'p' | b'k'])
        && name.len() >= 4
        && EXCEPTION.is_match(line)
}

/// `ValueError: bad`, and any other class: how the exception of a traceback is
/// named, behind its frames.
pub(super) fn is_headline(line: &str) -> bool {
    let name = line.split([':', ' ', '(']).next().unwrap_or(line);
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && (name.len() == line.len() || line[name.len()..].starts_with(':'))
}

/// Whether `line`, which is indented, is a stack frame.
pub(super) fn is_frame(line: &str) -> bool {
    let frame = line.trim_start();
    frame.starts_with("at ") && frame.contains([':', '('])
        || frame.starts_with("File \"") && frame.contains(", line ")
        || frame.starts_with("from ") && frame.contains(":in ")
        || frame.starts_with('#') && frame.contains(" 0x") && frame.contains(" in ")
}

/// Whether `line` is of a trace by itself.
pub(super) fn is_of_trace(line: &str) -> bool {
    line.starts_with(' ') && is_frame(line) || begins(line).is_some()
}

/// loguru marks the frame in which an exception was caught.
pub(super) fn is_marked_frame(line: &str) -> bool {
    line.starts_with("> File \"")
}

/// Whether `line` goes on with a trace although it is not indented.
pub(super) fn links(line: &str) -> bool {
    starts_with_any(line, LINKS) || is_fatal_behind(line)
}

const LINKS: &[&str] = &[
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Caused by:",
    "Wrapped by: ",
    "Suppressed:",
    "... ",
    "note: ",
    "stack backtrace:",
    "Stack backtrace:",
    "Backtrace:",
    "Backtrace omitted",
    "Run with RUST_BACKTRACE",
    "Run with COLORBT_SHOW_HIDDEN",
    "Message: ",
    "Location:",
    "Require stack:",
    "Node.js v",
    "(Use `node --trace-uncaught",
    "--- End of ",
    "Current thread ",
    "Thread 0x",
    "Extension modules: ",
    "FATAL ERROR: ",
    "<--- JS stacktrace",
    "Aborted",
    "Stack trace:",
    "#0 ",
    "#1 ",
    "#2 ",
    "#3 ",
    "#4 ",
    "#5 ",
    "#6 ",
    "#7 ",
    "#8 ",
    "#9 ",
];

/// A runtime says of what happened just before that it ends for it, or how its
/// memory was.
fn is_fatal_behind(line: &str) -> bool {
    line.starts_with("fatal runtime error: ")
        || line.starts_with('[') && line.contains(":0x") && line.contains(" ms: ")
}

/// Whether `line` goes on with a panic of Go.
pub(super) fn is_of_go(line: &str) -> bool {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:[\w./*()\[\]{}·\-%]+\(.*\)|(?:r[0-9a-z]{1,2}|rflags|[cfg]s) +0x[0-9a-f]+)$",
        )
        .expect("a valid pattern")
    });
    starts_with_any(
        line,
        &[
            "goroutine ",
            "created by ",
            "exit status ",
            "[signal ",
            "...additional frames",
            "[recovered]",
            "runtime: ",
        ],
    ) || CALL.is_match(line)
}

/// What asyncio and aiohttp say of what they complain about, a line each.
pub(super) fn is_context(line: &str) -> bool {
    const NAMES: &[&str] = &[
        "future: ",
        "task: ",
        "handle: ",
        "protocol: ",
        "transport: ",
        "client_session: ",
        "connector: ",
        "connections: ",
        "context: ",
        "source_traceback: ",
    ];
    starts_with_any(line, NAMES)
}

/// Whether `line` goes on with the message of the error that `text` is: what
/// viem says of a call, and what was announced.
pub(super) fn is_of_message(text: &str, line: &str) -> bool {
    const SECTIONS: &[&str] = &[
        "URL: ",
        "Status: ",
        "Request body: ",
        "Request Arguments:",
        "Raw Call Arguments:",
        "Estimate Gas Arguments:",
        "Contract Call:",
        "Docs: ",
        "Details: ",
        "Version: ",
    ];
    let is_without_frames = !text.contains("\n    at ");
    is_without_frames
        && (starts_with_any(line, SECTIONS)
            || text.ends_with(':')
            || text.ends_with(" reverted.") && line.starts_with("Error: "))
}

/// What `PostgreSQL` tells of the error before, without the number of the process.
pub(super) fn detail(text: &str) -> Option<&str> {
    const NAMES: &[&str] = &[
        "DETAIL:  ",
        "HINT:  ",
        "STATEMENT:  ",
        "CONTEXT:  ",
        "QUERY:  ",
        "LOCATION:  ",
    ];
    let at = NAMES.iter().find_map(|name| text.find(name))?;
    // Before it stands what `log_line_prefix` asks for.
    let is_prefix = at == 0 || at < 64 && text[..at].ends_with([' ', ':']);
    is_prefix.then(|| &text[at..])
}

/// Whether a traceback is what `text` announces.
pub(super) fn awaits_traceback(text: &str) -> bool {
    text.contains(" exception was never retrieved")
        || text.starts_with("Exception ignored in")
        || text.starts_with("Exception in callback")
}

/// pydantic lists what is wrong in lines of its own, not all indented.
pub(super) fn has_listed_message(text: &str) -> bool {
    text.contains(" validation error for ") || text.contains(" validation errors for ")
}

/// Whether `text` begins with the place of a line of source, as Node shows it
/// before what was thrown there.
pub(super) fn is_place(text: &str) -> bool {
    let first = text.split('\n').next().unwrap_or(text);
    let line = first.rsplit(':').next().unwrap_or_default();
    first.len() > line.len()
        && !line.is_empty()
        && line.bytes().all(|b| b.is_ascii_digit())
        && !first.contains(' ')
}

/// Whether `text` is such a place in a file of JavaScript, and nothing else.
pub(super) fn is_script_place(text: &str) -> bool {
    const SCRIPTS: [&str; 7] = [".js:", ".mjs:", ".cjs:", ".jsx:", ".ts:", ".mts:", ".tsx:"];
    is_place(text)
        && !text.contains('\n')
        && (text.starts_with("[eval") || SCRIPTS.iter().any(|script| text.contains(script)))
}

/// Whether there is more of the trace `text` for sure, or most likely: frames
/// behind a thread of Java, symbols of a backtrace behind a list of causes.
pub(super) fn awaits_more(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text).trim_start();
    let is_cause = |(number, _): (&str, &str)| {
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    last.starts_with("Exception in thread ")
        || last == "Caused by:"
        || last.split_once(": ").is_some_and(is_cause)
}

/// `com.shop.Pay settle`: how Java's own logger names a place, with the level
/// in the line below.
pub(super) fn java_place(text: &str) -> Option<&str> {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^((?:[a-z_]\w*\.)*[A-Z][\w$]*) [\w$<>]+$").expect("a valid pattern")
    });
    Some(PLACE.captures(text)?.get(1)?.as_str())
}

/// The quotes around a traceback that came from another process of Python.
pub(super) const QUOTES: &str = "\"\"\"";

/// Whether `line` only points into the line above, which means nothing once
/// the lines stand behind each other.
pub(super) fn is_pointer(line: &str) -> bool {
    let marks = line.trim_matches([' ', '|']);
    !marks.is_empty() && marks.bytes().all(|b| matches!(b, b'^' | b'~' | b' '))
}

/// What says nothing of the error that it stands with.
pub(super) fn is_filler(line: &str) -> bool {
    starts_with_any(line, &["Node.js v", "(Use `node --trace-uncaught"])
}

/// A line of a box or a rule, as Rich and color-eyre draw them.
pub(super) fn is_drawn(line: &str) -> bool {
    line.starts_with(['│', '╭', '╰', '┃', '├', '└', '━'])
}

fn starts_with_any(line: &str, heads: &[&str]) -> bool {
    heads.iter().any(|head| line.starts_with(head))
}

#[cfg(test)]
mod tests;
