//! How tracebacks, panics and stack traces look, line by line.

use std::sync::LazyLock;

use regex::Regex;

/// The sort of a trace: what may follow its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// Indented frames, then the exception, not indented.
    Python,
    /// Its message in a line of its own, then an optional backtrace.
    Panic,
    /// Frames that are not indented.
    Go,
    /// The exception, then indented frames: Java, JavaScript, Ruby, anyhow.
    Frames,
}

/// The trace that `line` is the first line of.
pub(super) fn begins(line: &str) -> Option<Trace> {
    static PANIC: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^thread '.*' (?:\([0-9]+\) )?panicked at ").expect("a valid pattern")
    });
    let line = line.trim_start_matches([' ', '+', '|']);
    if line.contains("Traceback (most recent call last)") {
        return Some(Trace::Python);
    }
    if line.starts_with("thread '") && PANIC.is_match(line) {
        return Some(Trace::Panic);
    }
    if starts_with_any(line, GO) {
        return Some(Trace::Go);
    }
    (starts_with_any(line, FRAMES) || is_exception(line)).then_some(Trace::Frames)
}

const GO: &[&str] = &["panic: ", "fatal error: ", "SIGSEGV: ", "goroutine "];
const FRAMES: &[&str] = &[
    "Exception in thread ",
    "Unhandled exception",
    "Unhandled rejection",
    "Uncaught ",
    "Caused by: ",
    "Error: ",
    "terminate called ",
    "Segmentation fault",
];

/// `ValueError: bad`, `shop.errors.PaymentRefused: late`,
/// `java.lang.IllegalStateException`: a class name, then a message or nothing.
pub(super) fn is_exception(line: &str) -> bool {
    static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
        let class = r"[A-Z]\w*(?:Error|Exception|Failure|Interrupt|Exit|Timeout)";
        Regex::new(&format!(r"^(?:[A-Za-z_][\w$]*\.)*{class}(?:: | \[|$)"))
            .expect("a valid pattern")
    });
    EXCEPTION.is_match(line)
}

/// Whether `line`, which is indented, is a stack frame.
pub(super) fn is_frame(line: &str) -> bool {
    let frame = line.trim_start();
    frame.starts_with("at ") && frame.contains([':', '('])
        || frame.starts_with("File \"") && frame.contains(", line ")
        || frame.starts_with("from ") && frame.contains(":in ")
}

/// Whether `line` goes on with a trace although it is not indented.
pub(super) fn links(line: &str) -> bool {
    starts_with_any(line, LINKS)
}

const LINKS: &[&str] = &[
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Caused by:",
    "Suppressed:",
    "... ",
    "note: ",
    "stack backtrace:",
    "Stack backtrace:",
    "Backtrace:",
    "Location:",
    "goroutine ",
    "created by ",
    "exit status ",
    "Node.js v",
    "--- End of ",
];

/// Whether `line` only points into the line above, which means nothing once
/// the lines stand behind each other.
pub(super) fn is_pointer(line: &str) -> bool {
    let marks = line.trim_matches([' ', '|']);
    !marks.is_empty() && marks.bytes().all(|b| matches!(b, b'^' | b'~' | b' '))
}

fn starts_with_any(line: &str, heads: &[&str]) -> bool {
    heads.iter().any(|head| line.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_of_traces_are_known() {
        use Trace::{Frames, Go, Panic, Python};
        for (line, trace) in [
            ("Traceback (most recent call last):", Some(Python)),
            (
                "  + Exception Group Traceback (most recent call last):",
                Some(Python),
            ),
            ("thread 'main' panicked at src/main.rs:2:5:", Some(Panic)),
            (
                "thread 'tokio-rt' (4711) panicked at src/main.rs:2:5:",
                Some(Panic),
            ),
            ("panic: runtime error: index out of range [3]", Some(Go)),
            (
                "Exception in thread \"main\" java.lang.Error: x",
                Some(Frames),
            ),
            ("TypeError: x is not a function", Some(Frames)),
            ("shop.errors.SettleError: late", Some(Frames)),
            ("KeyboardInterrupt", Some(Frames)),
            ("Error: settling failed", Some(Frames)),
            ("Errors: 0", None),
            ("thread 'main' started", None),
            ("NoErrors: all well", None),
            ("ValueErrors are bad", None),
            ("", None),
        ] {
            assert_eq!(begins(line), trace, "{line}");
        }
    }

    #[test]
    fn frames_are_known() {
        for line in [
            "\tat com.shop.Pay.settle(Pay.java:88)",
            "    at settle (/srv/pay.js:88:7)",
            "  File \"/srv/main.py\", line 88, in settle",
            "\tfrom pay.rb:3:in 'settle'",
        ] {
            assert!(is_frame(line), "{line}");
        }
        for line in ["    at noon", "  from here", "  File not found"] {
            assert!(!is_frame(line), "{line}");
        }
    }

    #[test]
    fn pointers_are_marks_alone() {
        assert!(is_pointer("    ^^^^~~~^^^") && is_pointer("    | ^^^^"));
        assert!(!is_pointer("    a ^ b") && !is_pointer("  ") && !is_pointer(""));
    }
}
