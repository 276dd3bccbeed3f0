//! One JSON object a line, as pino, bunyan, zap, slog, structlog, logstash,
//! `tracing` and Google's and Elastic's schemas write it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use log::Level;
use serde_json::value::RawValue;

use super::{Head, level};

/// The values keep the text they were written in: an amount of 30 digits is
/// shown with all of them.
type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Takes a JSON record apart; `None` for an object that has neither a level
/// nor a message.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    if !line.starts_with('{') || !line.ends_with('}') {
        return None;
    }
    let mut object: Object<'_> = serde_json::from_str(line).ok()?;
    // `tracing` puts the message one level down.
    if let Some(fields) = object.get("fields").and_then(|raw| nested(raw)) {
        object.remove("fields");
        for (name, value) in fields {
            object.entry(name).or_insert(value);
        }
    }
    let level = take(&mut object, LEVEL, level_of);
    let message = take(&mut object, MESSAGE, text_of);
    if level.is_none() && message.is_none() {
        return None;
    }
    let target = take(&mut object, TARGET, text_of);
    let exception = take(&mut object, EXCEPTION, text_of);
    let spans = span_names(&mut object);
    object.retain(|name, _| !NOISE.contains(&name.to_ascii_lowercase().as_str()));

    let mut text = spans;
    text.push_str(message.as_deref().unwrap_or_default());
    for (name, value) in &object {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{name}={}", pair_value(value));
    }
    if let Some(exception) = exception {
        text.push('\n');
        text.push_str(&exception);
    }
    Some(Head {
        level,
        target: target.map(Cow::Owned),
        text: Cow::Owned(text),
        weak: false,
    })
}

/// Names in lower case; the first that is there counts.
const LEVEL: &[&str] = &[
    "level",
    "severity",
    "levelname",
    "log.level",
    "lvl",
    "loglevel",
    "log_level",
    "severity_text",
    "severitytext",
];
const MESSAGE: &[&str] = &[
    "message",
    "msg",
    "event",
    "short_message",
    "@message",
    "text",
    "body",
];
const TARGET: &[&str] = &[
    "target",
    "logger",
    "logger_name",
    "log.logger",
    "name",
    "module",
    "component",
    "caller",
];
const EXCEPTION: &[&str] = &[
    "exc_info",
    "exception",
    "traceback",
    "stack_trace",
    "stacktrace",
    "stack",
    "error.stack_trace",
];
/// What the channel shows itself, or what is the same on every line.
const NOISE: &[&str] = &[
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "t",
    "date",
    "datetime",
    "asctime",
    "@version",
    "v",
    "pid",
    "hostname",
];

/// Takes the first of `names` out that `read` can read. One that it cannot
/// stays among the other fields.
fn take<T>(
    object: &mut Object<'_>,
    names: &[&str],
    read: impl Fn(&RawValue) -> Option<T>,
) -> Option<T> {
    let (key, value) = names.iter().find_map(|name| {
        let (key, raw) = object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some((key.clone(), read(raw)?))
    })?;
    object.remove(&key);
    Some(value)
}

fn level_of(raw: &RawValue) -> Option<Level> {
    match text_of(raw) {
        Some(name) => level::named(&name),
        None => level::numbered(raw.get()),
    }
}

/// The inside of a JSON string.
fn text_of(raw: &RawValue) -> Option<String> {
    raw.get()
        .starts_with('"')
        .then(|| serde_json::from_str(raw.get()).ok())
        .flatten()
}

/// The value of a pair: quoted only where it would not be one word.
fn pair_value(raw: &RawValue) -> Cow<'_, str> {
    let is_word = |text: &String| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
    };
    match text_of(raw).filter(is_word) {
        Some(word) => Cow::Owned(word),
        None => Cow::Borrowed(raw.get()),
    }
}

fn nested(raw: &RawValue) -> Option<Object<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// The names of `tracing`'s spans, outermost first, as `outer inner: `.
fn span_names(object: &mut Object<'_>) -> String {
    let Some(spans) = object.get("spans") else {
        return String::new();
    };
    let Ok(spans) = serde_json::from_str::<Vec<Object<'_>>>(spans.get()) else {
        return String::new();
    };
    object.remove("spans");
    object.remove("span");
    let mut text = String::new();
    for span in &spans {
        let value = |names: &[&str]| {
            let raw = names.iter().find_map(|&name| span.get(name))?;
            text_of(raw)
        };
        let request = value(&["method", "http.method", "http.request.method"]).zip(value(&[
            "uri",
            "path",
            "http.target",
            "http.route",
            "url.path",
        ]));
        let space = if text.is_empty() { "" } else { " " };
        if let Some((method, path)) = request {
            let _ = write!(text, "{space}{method} {path}");
        } else {
            let _ = write!(text, "{space}{}", value(&["name"]).unwrap_or_default());
            for (name, raw) in span.iter().filter(|(name, _)| *name != "name") {
                let _ = write!(text, " {name}={}", pair_value(raw));
            }
        }
    }
    if !text.is_empty() {
        text.push_str(": ");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str) -> Option<(Option<Level>, String, String)> {
        let head = head(line)?;
        let target = head.target.unwrap_or_default().into_owned();
        Some((head.level, target, head.text.into_owned()))
    }

    #[test]
    fn schemas_are_read() {
        let table = [
            (
                r#"{"level":30,"time":1763820130123,"pid":7,"hostname":"a1","name":"pay","msg":"settled","ms":12}"#,
                Level::Info,
                "pay",
                "settled ms=12",
            ),
            (
                r#"{"severity":"WARNING","message":"slow RPC","logger":"rpc.pool"}"#,
                Level::Warn,
                "rpc.pool",
                "slow RPC",
            ),
            (
                r#"{"event":"refused","level":"error","timestamp":"2026-01-31T23:59:59Z","reason":"too late"}"#,
                Level::Error,
                "",
                "refused reason=\"too late\"",
            ),
            (
                r#"{"asctime":"2026-01-31 23:59:59,123","levelname":"CRITICAL","name":"shop","message":"out of gas"}"#,
                Level::Error,
                "shop",
                "out of gas",
            ),
            (
                r#"{"timestamp":"2026-01-31T23:59:59Z","level":"INFO","fields":{"message":"done","status":200},"target":"pay::api","span":{"name":"settle"},"spans":[{"method":"POST","uri":"/settle","name":"http_request"},{"id":7,"name":"settle"}]}"#,
                Level::Info,
                "pay::api",
                "POST /settle settle id=7: done status=200",
            ),
            (
                r#"{"level":"info","msg":"paid","amount":123456789012345678901234567890,"to":{"id":1}}"#,
                Level::Info,
                "",
                "paid amount=123456789012345678901234567890 to={\"id\":1}",
            ),
            (
                r#"{"Level":"Error","Message":"boom","exc_info":"Traceback (most recent call last):\n  x\nValueError: y"}"#,
                Level::Error,
                "",
                "boom\nTraceback (most recent call last):\n  x\nValueError: y",
            ),
            (
                r#"{"log.level":"debug","log.logger":"db","message":"a\tb","level":{"odd":1}}"#,
                Level::Debug,
                "db",
                "a\tb level={\"odd\":1}",
            ),
        ];
        for (line, level, target, text) in table {
            let expected = (Some(level), target.to_owned(), text.to_owned());
            assert_eq!(taken(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_object_that_is_no_record_is_left() {
        for line in [
            "{}",
            "{",
            r#"{"amount":1}"#,
            r#"{"level":"loud"}"#,
            r#"{"msg":1}"#,
            r#"{"msg":"a"} b"#,
            r#"{"msg":"a""#,
            "{not json}",
            r#"[{"msg":"a"}]"#,
        ] {
            assert_eq!(taken(line), None, "{line}");
        }
    }

    #[test]
    fn a_message_alone_is_a_record_without_a_level() {
        let expected = (None, String::new(), "hello".to_owned());
        assert_eq!(taken(r#"{"msg":"hello"}"#), Some(expected));
    }
}
