//! One JSON object a line, as pino, bunyan, zap, slog, structlog, loguru,
//! Serilog, logstash, `tracing` and Google's, Elastic's and `MongoDB`'s schemas
//! write it.

mod behind;
mod errors;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use irclog::tool::DropFields;
use log::Level;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Head, level};
pub(super) use behind::behind;

/// The values keep the text they were written in: an amount of 30 digits is
/// shown with all of them.
type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Takes a JSON record apart; `None` for an object that has neither a level
/// nor a message.
pub(super) fn head<'a>(line: &'a str, drop_fields: &DropFields) -> Option<Head<'a>> {
    if !line.starts_with('{') || !line.ends_with('}') {
        return None;
    }
    let mut object: Object<'_> = serde_json::from_str(line).ok()?;
    if let Some(head) = loguru(&object) {
        return Some(head);
    }
    // `tracing` puts the message one level down, Elastic level and logger,
    // winston's logstash all but the message.
    for inner in ["fields", "log", "@fields"] {
        if let Some(fields) = object.get(inner).and_then(|raw| nested(raw)) {
            object.remove(inner);
            for (name, value) in fields {
                object.entry(name).or_insert(value);
            }
        }
    }
    if object.contains_key("ecs.version") || object.contains_key("ecs") {
        // Where Elastic's formatter was called, and the message once more.
        for name in ["origin", "original", "process"] {
            object.remove(name);
        }
    }
    let level = take(&mut object, LEVEL, level_of);
    let mut message = take(&mut object, MESSAGE, text_of).or_else(|| template(&mut object));
    if level.is_none() && message.is_none() {
        return None;
    }
    let target = take(&mut object, TARGET, text_of);
    object.retain(|name, _| !drop_fields.has(name));
    let error = errors::take(&mut object);
    if let (Some(message), Some(error)) = (&mut message, &error)
        && let Some(at) = message.find(error.as_str())
    {
        // winston has the stack in the message as well.
        message.truncate(at);
        message.truncate(message.trim_end().len());
    }
    let spans = span_names(&mut object);
    object.retain(|name, _| !is_noise(name));

    let mut text = spans;
    text.push_str(message.as_deref().unwrap_or_default());
    let mut pairs: Vec<_> = (object.iter())
        .map(|(name, value)| (name, told(value, &drop_fields.within(name))))
        .collect();
    // Where something has to be cut, it is what is long.
    pairs.sort_by_key(|(_, value)| value.len() > LONG_VALUE);
    for (name, value) in pairs {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{name}={value}");
    }
    if let Some(error) = error {
        text.push('\n');
        text.push_str(&error);
    }
    Some(Head {
        level,
        target: target.map(Cow::Owned),
        text: Cow::Owned(text),
        weak: false,
    })
}

/// Bytes of a value that comes behind those that are shorter.
const LONG_VALUE: usize = 128;

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
    "@l",
    "s",
];
const MESSAGE: &[&str] = &[
    "message",
    "msg",
    "event",
    "short_message",
    "@message",
    "@m",
    "text",
    "body",
];
const TARGET: &[&str] = &[
    "target",
    "logger",
    "logger_name",
    "log.logger",
    "sourcecontext",
    "name",
    "module",
    "component",
    "caller",
];
/// What the channel shows itself, or what is the same on every line.
const NOISE: &[&str] = &[
    "time",
    "timestamp",
    "@timestamp",
    "@t",
    "@i",
    "ts",
    "t",
    "date",
    "datetime",
    "asctime",
    "@version",
    "ecs",
    "ecs.version",
    "v",
    "pid",
    "hostname",
    "logging.googleapis.com/sourcelocation",
    "logging.googleapis.com/trace",
    "logging.googleapis.com/spanid",
];

fn is_noise(name: &str) -> bool {
    NOISE.iter().any(|noise| name.eq_ignore_ascii_case(noise))
}

/// What loguru's `serialize=True` writes: the record is in one field, the text
/// as it would have been printed in another.
fn loguru<'a>(object: &Object<'a>) -> Option<Head<'a>> {
    let record = nested(object.get("record")?)?;
    let text = text_of(object.get("text")?)?;
    let message = text_of(record.get("message")?)?;
    let level = level_of(record.get("level")?);
    let target = record.get("name").and_then(|raw| text_of(raw));
    let traceback = text.find("\nTraceback (most recent call last)");
    let text = match traceback {
        Some(at) => message + text[at..].trim_end(),
        None => message,
    };
    Some(Head {
        level,
        target: target.map(Cow::Owned),
        text: Cow::Owned(text),
        weak: false,
    })
}

/// Serilog's `@mt`: a message with the names of fields in it.
fn template(object: &mut Object<'_>) -> Option<String> {
    let template = take(object, &["@mt"], text_of)?;
    let mut text = String::new();
    let mut rest = template.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else {
            break;
        };
        let field = name.trim_start_matches(['@', '$']);
        let field = field.split([':', ',']).next().unwrap_or(field);
        text.push_str(before);
        match object.remove(field) {
            Some(value) => text.push_str(&pair_value(value)),
            None => {
                let _ = write!(text, "{{{name}}}");
            }
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

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
    if let Some(object) = nested(raw) {
        let name = ["name", "text", "label", "value", "level"].iter();
        return name
            .filter_map(|&name| object.get(name))
            .find_map(|raw| level_of(raw));
    }
    match text_of(raw) {
        // One of MongoDB's, and no other word of one letter.
        Some(letter) if letter.len() <= 2 => Some(match letter.as_bytes() {
            [b'E' | b'F'] => Level::Error,
            [b'W'] => Level::Warn,
            [b'I'] => Level::Info,
            [b'D', ..] => Level::Debug,
            _ => return None,
        }),
        Some(name) => level::named(&name),
        None => level::numbered(raw.get()),
    }
}

/// The inside of a JSON string. Half a character that was escaped is as good
/// as any that is no text.
fn text_of(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    if !raw.starts_with('"') {
        return None;
    }
    serde_json::from_str(raw)
        .or_else(|_| serde_json::from_str(&without_surrogates(raw)))
        .ok()
}

/// Escaped surrogates that have no other half, replaced.
fn without_surrogates(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        text.push_str(before);
        let half = |at: usize| {
            let code = escape.get(at..at + 6)?.strip_prefix("\\u")?;
            let code = u16::from_str_radix(code, 16).ok()?;
            (0xd800..0xe000).contains(&code).then_some(code)
        };
        let len = match (half(0), half(6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..)) => 12,
            (Some(_), _) => {
                text.push(char::REPLACEMENT_CHARACTER);
                rest = &escape[6..];
                continue;
            }
            (None, _) => {
                let second = escape[1..].chars().next().map_or(0, char::len_utf8);
                1 + second
            }
        };
        text.push_str(&escape[..len]);
        rest = &escape[len..];
    }
    text.push_str(rest);
    text
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

/// The same without some of the fields inside.
fn told<'a>(raw: &'a RawValue, drop_fields: &DropFields) -> Cow<'a, str> {
    match nested(raw) {
        Some(object) if !drop_fields.is_empty() => {
            let fields = object.iter().filter(|(name, _)| !drop_fields.has(name));
            let fields = fields.map(|(name, raw)| {
                let value = match nested(raw) {
                    Some(_) => told(raw, &drop_fields.within(name)),
                    None => Cow::Borrowed(raw.get()),
                };
                format!("{}:{value}", Value::from(&**name))
            });
            Cow::Owned(format!("{{{}}}", fields.collect::<Vec<_>>().join(",")))
        }
        _ => pair_value(raw),
    }
}

fn nested(raw: &RawValue) -> Option<Object<'_>> {
    if !raw.get().starts_with('{') {
        return None;
    }
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
mod tests;
