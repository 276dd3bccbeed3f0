//! What each line of a traceback is.

/// A line of a traceback.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Without indentation and what is drawn before it.
    text: &'a str,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// What the program logged, before the traceback.
    Said,
    /// The type and the message of an error, or of a cause.
    Error,
    /// A further line of an error's message.
    Message { nth: usize },
    /// `Traceback (most recent call last):`, whose error comes below its
    /// frames, or `stack backtrace:`, whose error came before.
    Opening { below: bool },
    /// `own`: of the service, not of a library or of the language.
    Frame { own: bool },
    /// The code at the frame before, or its place.
    Code,
    /// How two errors hang together.
    Link,
    /// Which error of a group follows.
    Mark,
    /// What says nothing of its own: advice, counts of frames.
    Noise,
    /// What only draws or points, and means nothing once the lines stand behind
    /// each other.
    Drawn,
}

impl Line<'_> {
    /// Bytes of it, if no more than `most` may be shown.
    pub(super) fn shown_len(&self, most: usize) -> usize {
        self.text.len().min(most)
    }

    /// Appends it; of one that is longer than `most` bytes the beginning and
    /// the end.
    pub(super) fn write(&self, out: &mut String, most: usize) {
        const GAP: &str = " … ";
        let text = self.text;
        if self.role == Role::Mark {
            let number = text.trim_matches(['+', '-', ' ']);
            out.push('(');
            out.push_str(number);
            out.push(')');
            return;
        }
        if text.len() <= most {
            out.push_str(text);
            return;
        }
        let (mut head, mut tail) = (most * 3 / 4, text.len() - most / 4 + GAP.len());
        while !text.is_char_boundary(head) {
            head -= 1;
        }
        while !text.is_char_boundary(tail) {
            tail += 1;
        }
        out.push_str(text[..head].trim_end());
        out.push_str(GAP);
        out.push_str(text[tail..].trim_start());
    }
}

/// Takes `text` apart. The first line is what was said, or the error itself.
pub(super) fn parse(text: &str) -> Vec<Line<'_>> {
    let mut parser = Parser::default();
    let mut lines: Vec<Line<'_>> = text
        .split('\n')
        .filter(|line| !line.trim().is_empty())
        .map(|line| parser.line(line))
        .collect();
    // Rust and Go write the place of a frame below it.
    for at in 1..lines.len() {
        let text = lines[at].text;
        let is_place = text.starts_with("at ") || text.starts_with('/');
        let is_foreign = lines[at].role == Role::Code && is_place && !is_own(text);
        if is_foreign && let Role::Frame { own } = &mut lines[at - 1].role {
            *own = false;
        }
    }
    lines
}

#[derive(Debug, Default)]
struct Parser {
    /// Within an exception group a bar stands before each line.
    grouped: bool,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Said,
    /// Between the opening of a traceback and its error.
    Python,
    /// Behind a frame, whose code may follow.
    PythonFrame,
    /// Behind an error, with so many lines of its message.
    Message(usize),
    /// Frames behind their error.
    Frames,
    /// `Caused by:` of anyhow, and the numbered lines of color-eyre.
    Causes,
    /// Behind `Location:` of color-eyre.
    Place,
}

impl Parser {
    fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        if line.contains("Exception Group Traceback") {
            self.grouped = true;
        }
        let inside = if self.grouped { unbarred(line) } else { line };
        let text = inside.trim();
        if let Some(frame) = drawn_frame(text) {
            let own = is_own(frame);
            return Line {
                text: frame,
                role: Role::Frame { own },
            };
        }
        let role = self.role(inside, text);
        Line { text, role }
    }

    fn role(&mut self, line: &str, text: &str) -> Role {
        let indented = line.starts_with([' ', '\t']);
        if text.is_empty() || is_drawing(text) {
            if text.contains(" BACKTRACE ") {
                self.state = State::Frames;
            }
            return Role::Drawn;
        }
        if NOISE.iter().any(|noise| text.starts_with(noise)) {
            return Role::Noise;
        }
        if self.grouped && text.starts_with(['+', '-']) && text.contains("----") {
            let is_numbered = text.bytes().any(|b| b.is_ascii_digit() || b == b'.');
            return if is_numbered { Role::Mark } else { Role::Drawn };
        }
        if text.contains("Traceback (most recent call last)") {
            self.state = State::Python;
            return Role::Opening { below: true };
        }
        if is_link(text) {
            if text == "Location:" {
                self.state = State::Place;
            }
            return Role::Link;
        }
        if text.starts_with("File \"") || text.starts_with("> File \"") {
            self.state = State::PythonFrame;
            return Role::Frame { own: is_own(text) };
        }
        match self.state {
            State::PythonFrame if indented => {
                self.state = State::Python;
                return Role::Code;
            }
            // Values that loguru and Rich print below the code.
            State::Python if indented => return Role::Noise,
            State::PythonFrame | State::Python => {
                self.state = State::Message(0);
                return Role::Error;
            }
            State::Place => {
                self.state = State::Frames;
                return Role::Frame { own: is_own(text) };
            }
            _ => {}
        }
        self.elsewhere(indented, text)
    }

    /// Languages that print an error before its frames.
    fn elsewhere(&mut self, indented: bool, text: &str) -> Role {
        if is_opening(text) {
            self.state = State::Frames;
            return Role::Opening { below: false };
        }
        if text == "Caused by:" || text == "Error:" {
            self.state = State::Causes;
            return Role::Link;
        }
        if let Some(cause) = CAUSES.iter().find(|cause| text.starts_with(**cause)) {
            self.state = State::Message(0);
            return if cause.starts_with("Suppressed") {
                Role::Link
            } else {
                Role::Error
            };
        }
        if let Some(own) = frame(text) {
            self.state = State::Frames;
            return Role::Frame { own };
        }
        match self.state {
            State::Causes if indented || is_numbered(text) => Role::Error,
            State::Frames if text.starts_with("at ") || text.starts_with('/') => Role::Code,
            State::Frames if is_numbered(text) => Role::Frame { own: is_own(text) },
            State::Frames if text == "}" => Role::Noise,
            State::Message(nth) => {
                self.state = State::Message(nth + 1);
                Role::Message { nth }
            }
            _ if is_class(text) => {
                self.state = State::Message(0);
                Role::Error
            }
            State::Said => Role::Said,
            _ => {
                let nth = 3;
                Role::Message { nth }
            }
        }
    }
}

/// The line within the drawing of an exception group.
fn unbarred(line: &str) -> &str {
    let inside = line.trim_start();
    let inside = inside.strip_prefix("+-").unwrap_or(inside);
    match inside.strip_prefix(['|', '+']) {
        Some(rest) => rest.strip_prefix(' ').unwrap_or(rest),
        None => inside,
    }
}

/// `│ /srv/pay.py:8 in settle      │`, as Rich draws a frame in a box.
fn drawn_frame(text: &str) -> Option<&str> {
    let frame = text.strip_prefix('│')?.strip_suffix('│')?.trim();
    let (place, name) = frame.rsplit_once(" in ")?;
    let (file, line) = place.rsplit_once(':')?;
    let is_line = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
    let is_python = file.rsplit_once('.').is_some_and(|(_, kind)| kind == "py");
    (is_line && is_python && !name.contains(' ')).then_some(frame)
}

/// A rule, a box, an arrow at the line above.
fn is_drawing(text: &str) -> bool {
    text.starts_with(['│', '└', '╭', '╰', '├', '━', '┃'])
        || text.bytes().all(|b| matches!(b, b'^' | b'~' | b' ' | b'|'))
        // Around what another process of Python wrote.
        || text == "\"\"\""
}

const NOISE: &[&str] = &[
    "[Previous line repeated",
    "note: run with `RUST_BACKTRACE",
    "note: Some details are omitted",
    "Backtrace omitted",
    "Run with RUST_BACKTRACE",
    "Run with COLORBT_SHOW_HIDDEN",
    "⋮ ",
    "... ",
];

fn is_link(text: &str) -> bool {
    text.starts_with("During handling of the above exception")
        || text.starts_with("The above exception was the direct cause")
        || text == "Location:"
}

fn is_opening(text: &str) -> bool {
    matches!(
        text,
        "stack backtrace:" | "Stack backtrace:" | "Backtrace:" | "Stack trace:"
    )
}

/// How languages call a cause.
const CAUSES: &[&str] = &[
    "Caused by: ",
    "caused by: ",
    "Wrapped by: ",
    "[cause]: ",
    "cause: ",
    "Suppressed: ",
    "panic: ",
    "Message: ",
];

/// `0: asking the facilitator`.
fn is_numbered(text: &str) -> bool {
    text.split_once(": ")
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// `ValueError: late`, `com.shop.LateException`.
fn is_class(text: &str) -> bool {
    let name = text.split([':', ' ']).next().unwrap_or(text);
    let last = name.rsplit(['.', '$']).next().unwrap_or(name);
    last.starts_with(|c: char| c.is_ascii_uppercase())
        && ["Error", "Exception", "Failure", "ExceptionGroup"]
            .iter()
            .any(|end| last.ends_with(end))
}

/// Whether a frame of the JVM, JavaScript, Go or Ruby is the service's own;
/// `None` for another line.
fn frame(text: &str) -> Option<bool> {
    let place = text
        .strip_prefix("at ")
        .filter(|place| place.contains('('))
        .or_else(|| {
            text.strip_prefix("at ").filter(|place| {
                place.contains(':')
                    && place.ends_with(|c: char| c.is_ascii_digit())
                    && !place.starts_with(['/', '.'])
            })
        })
        .or_else(|| {
            text.strip_prefix("from ")
                .filter(|place| place.contains(":in "))
        })
        .or_else(|| {
            text.ends_with(')')
                .then_some(text)
                .filter(|text| is_go_call(text))
        })
        .or_else(|| text.strip_prefix("created by "))?;
    Some(is_own(place))
}

fn is_go_call(text: &str) -> bool {
    text.split_once('(').is_some_and(|(name, _)| {
        name.contains('.')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._/*".contains(&b))
    })
}

/// Whether the place that a frame names is not of a library, nor of the
/// language.
fn is_own(frame: &str) -> bool {
    const FOREIGN: &[&str] = &[
        "/site-packages/",
        "/dist-packages/",
        "/lib/python3",
        "<frozen ",
        "node_modules/",
        "node:",
        "(internal/",
        "/rustc/",
        "/.cargo/",
        "/cargo/registry/",
        "/usr/local/go/",
        "/pkg/mod/",
        "/gems/",
        "std::",
        "core::",
        "alloc::",
        "tokio::",
        "anyhow::",
        "eyre::",
        "rust_begin_unwind",
        "__libc_start",
        "<anonymous>",
    ];
    const PACKAGES: &[&str] = &[
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "kotlin.",
        "scala.",
        "org.springframework.",
        "org.apache.",
        "org.hibernate.",
        "io.netty.",
        "reactor.",
        "System.",
        "Microsoft.",
        "runtime.",
        "net/http.",
        "panic(",
    ];
    // What starts a program.
    let is_start = matches!(frame.split_once(": "), Some((_, "main" | "_start")));
    !is_start
        && !FOREIGN.iter().any(|part| frame.contains(part))
        && !PACKAGES.iter().any(|package| frame.starts_with(package))
}
