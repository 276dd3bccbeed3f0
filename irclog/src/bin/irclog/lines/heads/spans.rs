//! What `tracing` writes between level and text: spans and the target.

use std::borrow::Cow;

use irclog::tool::request_id;

/// `spans: target: text`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) target: Option<&'a str>,
    /// The text, after the spans in short.
    pub(super) text: Cow<'a, str>,
}

/// Takes `text` apart as `tracing_subscriber`'s full and compact formats put
/// it together; text that has no target is left as it is.
pub(super) fn parts(text: &str) -> Parts<'_> {
    let text = text.trim_start();
    let unchanged = Parts {
        target: None,
        text: Cow::Borrowed(text),
    };
    let text = after_thread(text);
    let Some((first, rest)) = chunk(text) else {
        return unchanged;
    };
    let is_spans = first.contains('{')
        || first.replace("::", "").contains(':')
        || chunk(rest).is_some_and(|(next, _)| next.contains("::") && is_path(next));
    if !is_spans {
        if !is_path(first) {
            return unchanged;
        }
        return Parts {
            target: Some(first),
            text: Cow::Borrowed(rest),
        };
    }
    let (target, rest) = match chunk(rest) {
        Some((next, rest)) if is_path(next) => (Some(next), rest),
        _ => (None, rest),
    };
    let context: Vec<String> = spans(first).into_iter().map(short).collect();
    Parts {
        target,
        text: Cow::Owned(format!("{}: {rest}", context.join(" "))),
    }
}

/// Without `ThreadId(01)` and a thread's name before it.
fn after_thread(text: &str) -> &str {
    let Some(at) = text.find("ThreadId(") else {
        return text;
    };
    let name = text[..at].trim_end();
    match text[at..].split_once(") ") {
        Some((_, rest)) if !name.contains([' ', ':', '{']) => rest,
        _ => text,
    }
}

/// What stands before the first `: ` outside of braces and quotes.
fn chunk(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quoted => {
                bytes.next();
            }
            b'"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && text[at + 1..].starts_with(' ') => {
                return Some((&text[..at], &text[at + 2..]));
            }
            // A target has no space; a span's name may, before its fields.
            b' ' if depth == 0 && text[at..].find('{').is_none_or(|to| to > MAX_NAME) => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Bytes of the longest name of a span that is looked for.
const MAX_NAME: usize = 48;

fn is_path(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-' | '/'))
}

/// The spans of `a{x=1}:b:c{…}`, outermost first.
fn spans(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => {
                spans.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    spans.push(&text[start..]);
    spans.retain(|span| !span.is_empty());
    spans
}

/// Of a request its method and path, and the id where it has one; of every other
/// span all.
fn short(span: &str) -> String {
    let fields = span.split_once('{').map_or("", |(_, fields)| fields);
    match (field(fields, METHOD), field(fields, PATH)) {
        (Some(method), Some(path)) => match request_id(fields) {
            Some(id) => format!("{method} {path} request_id={id}"),
            None => format!("{method} {path}"),
        },
        _ => span.to_owned(),
    }
}

/// How spans of HTTP requests name their fields, older and newer ones.
const METHOD: &[&str] = &["method", "http.method", "http.request.method"];
const PATH: &[&str] = &["uri", "path", "http.target", "http.route", "url.path"];

/// The value of the first of `names` in `a=1 b="x y"}`.
fn field<'a>(fields: &'a str, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        fields.match_indices(name).find_map(|(at, _)| {
            let starts = at == 0 || fields[..at].ends_with(' ');
            let value = fields[at + name.len()..].strip_prefix('=')?;
            let value = match value.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => value.split([' ', '}']).next(),
            };
            value.filter(|value| starts && !value.is_empty())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (String, String) {
        let parts = parts(text);
        (
            parts.target.unwrap_or("-").to_owned(),
            parts.text.into_owned(),
        )
    }

    #[test]
    fn target_and_spans_are_told_apart() {
        let table = [
            ("pay::settle: done n=1", "pay::settle", "done n=1"),
            ("pay: done", "pay", "done"),
            (
                "run: pay::settle: Error: late",
                "pay::settle",
                "run: Error: late",
            ),
            ("pay::run: Error: late", "pay::run", "Error: late"),
            ("a{n=1}:b: pay: done", "pay", "a{n=1} b: done"),
            ("outer:inner: pay: done", "pay", "outer inner: done"),
            (
                "http_request{otel.name=POST /settle method=POST uri=/settle version=HTTP/1.1}:settle: pay::api: status=200",
                "pay::api",
                "POST /settle settle: status=200",
            ),
            (
                "request{method=POST uri=/settle request_id=7f3a}:settle: pay: late",
                "pay",
                "POST /settle request_id=7f3a settle: late",
            ),
            (
                "request{method=POST uri=/settle trace_id=7f3a}:settle: pay: late",
                "pay",
                "POST /settle settle: late",
            ),
            (
                "HTTP request{method=GET uri=\"/a b\"}: pay: x",
                "pay",
                "GET /a b: x",
            ),
            ("q{text=\"a: } b\"}: pay: x", "pay", "q{text=\"a: } b\"}: x"),
            ("main ThreadId(01) pay: x", "pay", "x"),
            ("ThreadId(12) pay: x", "pay", "x"),
        ];
        for (text, target, rest) in table {
            assert_eq!(taken(text), (target.to_owned(), rest.to_owned()), "{text}");
        }
    }

    #[test]
    fn text_without_a_target_is_left() {
        for text in [
            "",
            "plain text",
            "two words: text",
            "{\"a\": 1}",
            "a{b",
            ": x",
        ] {
            assert_eq!(taken(text), ("-".to_owned(), text.to_owned()));
        }
    }
}
