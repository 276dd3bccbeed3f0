//! What a record says of an error: a traceback as text, an object with its
//! parts, or structlog's list of frames.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::{Object, nested, pair_value, text_of};

/// Names in lower case of a text that is a traceback; the first that is there
/// counts.
const TRACES: &[&str] = &[
    "exc_info",
    "exception",
    "traceback",
    "stack_trace",
    "stacktrace",
    "stack",
    "error.stack_trace",
    "errorverbose",
    "@x",
    "exc_text",
];

/// Names of an object that is an error.
const ERRORS: &[&str] = &["err", "error", "exception", "exc_info", "exc"];

const EMPTY: &[&str] = &["error", "err", "cause"];

/// Takes what the record says of an error out: its type and message, then the
/// frames.
pub(super) fn take(object: &mut Object<'_>) -> Option<String> {
    if object
        .get("exception")
        .is_some_and(|raw| raw.get() == "true")
    {
        // What winston tells of the process beside an uncaught exception.
        for name in ["exception", "trace", "process", "os", "date"] {
            object.remove(name);
        }
    }
    // What is left of an error of JavaScript that nobody has formatted.
    object.retain(|name, raw| raw.get() != "{}" || !EMPTY.contains(&&**name));
    let of_object = super::take(object, ERRORS, |raw| {
        nested(raw).and_then(|error| parts(&error))
    });
    let listed = super::take(object, ERRORS, listed);
    // An error with its causes, as Rust prints it for a developer.
    let report = super::take(object, ERRORS, |raw| {
        let text = text_of(raw).filter(|text| text.contains('\n'))?;
        Some(text.replace("\n\n", "\n"))
    });
    let text = super::take(object, TRACES, text_of);
    // zap writes the same error twice.
    object.retain(|name, _| !name.eq_ignore_ascii_case("errorVerbose"));
    let mut all: Vec<String> = [of_object, listed, report, text]
        .into_iter()
        .flatten()
        .collect();
    all.dedup();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// `type: message`, words that tell more, and the stack of an object.
fn parts(error: &Object<'_>) -> Option<String> {
    let text = |names: &[&str]| names.iter().find_map(|&name| text_of(error.get(name)?));
    let kind = text(&["type", "name", "class", "kind"]);
    let message = text(&["message", "msg", "value"]);
    let stack = text(&["stack_trace", "stack", "stacktrace", "traceback"]);
    let first = match (&kind, &message) {
        (Some(kind), Some(message)) => format!("{kind}: {message}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => stack.clone()?,
    };
    // pino's message has those of the causes in it; its stack has them, too.
    let first = match stack.as_deref().and_then(|stack| stack.split_once('\n')) {
        Some((line, frames)) if first.starts_with(line) && frames.contains("\ncaused by: ") => {
            line.to_owned()
        }
        _ => first,
    };
    let mut all = first.clone();
    let mut causes = Vec::new();
    for (name, raw) in error {
        if SAID.contains(&&**name) || raw.get() == "{}" {
            continue;
        }
        // What is nested in an error is its cause, or a request, a socket, an
        // agent.
        let nested_errors = causes_of(raw);
        let value = match raw.get().as_bytes().first() {
            _ if !nested_errors.is_empty() => {
                causes.extend(nested_errors);
                continue;
            }
            Some(b'{') => Cow::Borrowed("{…}"),
            Some(b'[') => Cow::Borrowed("[…]"),
            _ => pair_value(raw),
        };
        let _ = write!(all, " {name}={value}");
    }
    if let Some(stack) = stack.filter(|stack| *stack != first) {
        let frames = stack.strip_prefix(&first).unwrap_or(&stack);
        all.push('\n');
        all.push_str(frames.trim_start_matches('\n').trim_end());
    }
    for cause in causes {
        all.push_str("\ncaused by: ");
        all.push_str(&cause);
    }
    Some(all)
}

/// Words of an error that are told as what they are.
const SAID: &[&str] = &[
    "type",
    "name",
    "class",
    "kind",
    "message",
    "msg",
    "value",
    "stack_trace",
    "stack",
    "stacktrace",
    "traceback",
];

/// Errors of a group that are told.
const MOST_CAUSES: usize = 8;

/// The cause that `raw` is, or the errors that it lists.
fn causes_of(raw: &RawValue) -> Vec<String> {
    let raw = raw.get();
    let causes: Vec<Object<'_>> = match raw.as_bytes().first() {
        Some(b'{') => serde_json::from_str(raw).map(|cause| vec![cause]),
        Some(b'[') => serde_json::from_str(raw),
        _ => return Vec::new(),
    }
    .unwrap_or_default();
    if !causes.iter().all(is_error) {
        return Vec::new();
    }
    causes.iter().take(MOST_CAUSES).filter_map(parts).collect()
}

fn is_error(error: &Object<'_>) -> bool {
    error.contains_key("message") && (error.contains_key("stack") || error.contains_key("type"))
}

/// structlog's `dict_tracebacks` as Python prints it: the outermost error comes
/// first there and last here.
fn listed(raw: &RawValue) -> Option<String> {
    if !raw.get().starts_with('[') {
        return None;
    }
    let errors: Vec<Object<'_>> = serde_json::from_str(raw.get()).ok()?;
    let mut all = Vec::new();
    for error in errors.iter().rev() {
        let text = |object: &Object<'_>, name: &str| object.get(name).and_then(|raw| text_of(raw));
        let kind = text(error, "exc_type")?;
        let value = text(error, "exc_value").unwrap_or_default();
        let frames: Vec<Object<'_>> = error
            .get("frames")
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let mut lines = String::from("Traceback (most recent call last):\n");
        for frame in &frames {
            let file = text(frame, "filename").unwrap_or_default();
            let line = frame.get("lineno").map_or("?", |raw| raw.get());
            let name = text(frame, "name").unwrap_or_default();
            let _ = writeln!(lines, "  File \"{file}\", line {line}, in {name}");
        }
        let _ = write!(lines, "{kind}: {value}");
        all.push(lines);
    }
    Some(all.join("\nThe above exception was the direct cause of the following exception:\n"))
}
