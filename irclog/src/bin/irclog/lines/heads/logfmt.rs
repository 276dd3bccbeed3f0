//! `time=… level=info msg="…" key=value`, as logrus, slog and many Go programs
//! write it.

use std::borrow::Cow;

use super::{Head, level};

/// The first line of a traceback of Python.
const OPENING: &str = "Traceback (most recent call last):";

/// Takes a line apart that is pairs from its beginning to its end, a level or
/// a message among them.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    // A cheap look before anything is collected.
    let first = line.split_once('=')?.0;
    if !is_key(first) {
        return None;
    }
    let mut level = None;
    let mut target = None;
    let mut message: Option<Cow<'_, str>> = None;
    let mut exception: Option<Cow<'_, str>> = None;
    let mut pairs = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (key, value, after) = pair(rest)?;
        match key.to_ascii_lowercase().as_str() {
            // Heroku's router has no other word for it.
            "level" | "lvl" | "severity" | "at"
                if level.is_none() && level::named(&unquoted(value)).is_some() =>
            {
                level = level::named(&unquoted(value));
            }
            // A traceback that was not escaped goes on in the lines below.
            "exception" | "exc_info" | "stack"
                if exception.is_none() && value.ends_with(OPENING) =>
            {
                exception = Some(Cow::Borrowed(value.trim_start_matches(['"', '\''])));
            }
            "exception" | "exc_info" | "stack" if exception.is_none() && value.contains("\\n") => {
                exception = Some(unquoted(value));
            }
            "msg" | "message" | "event" if message.is_none() => message = Some(unquoted(value)),
            "logger" | "target" | "module" | "component" if target.is_none() => {
                target = Some(unquoted(value));
            }
            "time" | "ts" | "timestamp" | "t" | "asctime" => {}
            _ => {
                pairs.push(' ');
                pairs.push_str(&rest[..key.len() + 1 + value.len()]);
            }
        }
        rest = after.trim_start();
    }
    let message = match (level, message) {
        (None, None) => return None,
        // A key called event or message alone is as likely a plain text.
        (None, Some(_)) if !line.contains("msg=") => return None,
        (_, message) => message.unwrap_or_default(),
    };
    let text = match (message.is_empty(), pairs.is_empty()) {
        (_, true) => message,
        (true, _) => Cow::Owned(pairs.split_off(1)),
        (false, _) => Cow::Owned(message.into_owned() + &pairs),
    };
    let text = match exception {
        Some(exception) => Cow::Owned(format!("{text}\n{exception}")),
        None => text,
    };
    Some(Head {
        level,
        target,
        text,
        weak: false,
    })
}

/// `key`, `value` as it stands there, and what follows.
fn pair(text: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = text.split_once('=')?;
    if !is_key(key) {
        return None;
    }
    let end = value_end(rest).or_else(|| rest.ends_with(OPENING).then_some(rest.len()))?;
    let (value, after) = rest.split_at(end);
    (after.is_empty() || after.starts_with(' ')).then_some((key, value, after))
}

/// Where the value ends that `text` begins with: at a space, but for what is
/// quoted or, as Python shows it, in brackets.
pub(super) fn value_end(text: &str) -> Option<usize> {
    let (mut quote, mut escaped, mut depth) = (None, false, 0_u32);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => {
                quote = None;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, b'"' | b'\'') if at == 0 || depth > 0 => quote = Some(byte),
            (None, b'{' | b'[' | b'(' | b'<') if at == 0 || depth > 0 => depth += 1,
            (None, b'}' | b']' | b')' | b'>') if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, b' ') if depth == 0 => return Some(at),
            _ => {}
        }
    }
    (quote.is_none() && depth == 0).then_some(text.len())
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_key_byte)
}

pub(super) fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'@')
}

/// The inside of a quoted value; Go quotes as JSON does, for all that matters.
fn unquoted(value: &str) -> Cow<'_, str> {
    let quoted = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    if let Some(inside) = quoted('\'') {
        if !inside.contains('\\') {
            return Cow::Borrowed(inside);
        }
        let text = inside.replace("\\'", "'").replace("\\n", "\n");
        return Cow::Owned(text.replace("\\\\", "\\"));
    }
    let Some(inside) = quoted('"') else {
        return Cow::Borrowed(value);
    };
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    match serde_json::from_str(value) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(inside),
    }
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    fn taken(line: &str) -> Option<(Option<Level>, String, String)> {
        let head = head(line)?;
        let target = head.target.unwrap_or_default().into_owned();
        Some((head.level, target, head.text.into_owned()))
    }

    #[test]
    fn pairs_are_read() {
        let table = [
            (
                r#"time="2026-01-31T23:59:59Z" level=warning msg="slow \"RPC\"" took=3s url="http://a b""#,
                Some(Level::Warn),
                "",
                r#"slow "RPC" took=3s url="http://a b""#,
            ),
            (
                r#"at=error code=H10 desc="App crashed" path="/pay" status=503"#,
                Some(Level::Error),
                "",
                r#"code=H10 desc="App crashed" path="/pay" status=503"#,
            ),
            (
                "ts=1.5 lvl=eror level=loud logger=pay msg=refused",
                Some(Level::Error),
                "pay",
                "refused level=loud",
            ),
            (
                "level='error' event='settle failed' order=4711 payer={'id': 'a b'} by=<Pay at 0x7>",
                Some(Level::Error),
                "",
                "settle failed order=4711 payer={'id': 'a b'} by=<Pay at 0x7>",
            ),
            (
                "timestamp='2026-01-31T23:59:59Z' level='critical' event='it\\'s late' logger='shop.pay'",
                Some(Level::Error),
                "shop.pay",
                "it's late",
            ),
            (
                "level=error msg=late exc_info=\"a\\nb\"",
                Some(Level::Error),
                "",
                "late\na\nb",
            ),
            ("level=INFO a=1", Some(Level::Info), "", "a=1"),
            ("msg=hello a=", None, "", "hello a="),
        ];
        for (line, level, target, text) in table {
            assert_eq!(
                taken(line),
                Some((level, target.to_owned(), text.to_owned())),
                "{line}"
            );
        }
    }

    #[test]
    fn other_text_is_left() {
        for line in [
            "",
            "a=1 b=2",
            "level=loud",
            "level=info and more",
            "total = 3",
            "x level=info msg=y",
            "level=info msg=\"open",
            "=1 level=info",
            "event=paid",
        ] {
            assert_eq!(taken(line), None, "{line}");
        }
    }
}
