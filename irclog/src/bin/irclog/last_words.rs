//! What a program said last, and the line of it that tells most.

use std::sync::{Arc, Mutex, PoisonError};

use log::Level;

use crate::lines::Entry;

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

    pub(crate) fn hear(&self, entry: &Entry) {
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
