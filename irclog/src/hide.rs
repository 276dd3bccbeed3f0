//! What the user does not want to see: requests that only a machine makes,
//! rules, texts that say nothing, and fields that say too much.

use std::sync::LazyLock;

use log::Level;
use regex::{Captures, Regex};

use crate::record::Record;
use crate::redact::scrub::Scrubber;

/// What is hidden of the records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hide {
    /// Of these nothing below WARN is shown, unless they failed.
    pub(crate) requests: Vec<Request>,
    /// Records with a redacted text that this matches, but for ERRORs.
    pub(crate) pattern: Option<Regex>,
}

impl Hide {
    /// Whether nobody wants to see `record`.
    pub(crate) fn hides(&self, record: &Record, scrubber: &Scrubber) -> bool {
        record.level > Level::Warn
            && (is_rule(&record.text) || self.is_for_a_hidden_request(&record.text))
            || record.level > Level::Error && self.matches(record, scrubber)
    }

    fn is_for_a_hidden_request(&self, text: &str) -> bool {
        if self.requests.is_empty() {
            return false;
        }
        let Some(told) = Told::by(text) else {
            return false;
        };
        !told.has_failed
            && self
                .requests
                .iter()
                .any(|request| request.is(told.method, told.path))
    }

    fn matches(&self, record: &Record, scrubber: &Scrubber) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| {
            let text = scrubber.scrub(&record.text, &record.public);
            pattern.is_match(text.as_str())
        })
    }

    /// Whether nobody wants to see a record of this text, which is redacted,
    /// beside another one.
    pub(crate) fn hides_text(&self, text: &str) -> bool {
        let matches = |pattern: &Regex| pattern.is_match(text);
        text.is_empty() || is_rule(text) || self.pattern.as_ref().is_some_and(matches)
    }
}

/// Whether `text` is a rule of one sign and nothing else, which says nothing.
#[must_use]
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the command line asks as well")
)]
pub fn is_rule(text: &str) -> bool {
    const SIGNS: &[char] = &['=', '-', '_', '*', '#', '~', '─', '━', '═', '+'];
    let text = text.trim();
    text.len() >= 4 && text.chars().all(|c| SIGNS.contains(&c))
}

/// Fields that are left out of a record, by name.
#[derive(Debug, Clone, Default)]
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the command line reads it")
)]
pub struct DropFields(Vec<Box<str>>);

impl DropFields {
    /// Those of these names.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(Box::from).collect())
    }

    /// Whether there are none.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the field of this name is left out, in capitals or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Those inside of the field of this name: `headers` in `req`, for
    /// `req.headers`.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        let inside = self.0.iter().filter_map(|own| {
            let (outer, rest) = own.split_at_checked(name.len())?;
            let is_of = outer.eq_ignore_ascii_case(name);
            rest.strip_prefix('.').filter(|_| is_of)
        });
        Self::named(inside)
    }
}

/// A request, such as `GET /health` or, whatever its method, `/health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    method: Option<String>,
    path: String,
}

impl Request {
    /// `None` where `text` names no path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (method, path) = match text.trim().split_once(' ') {
            Some((method, path)) => (Some(method), path.trim()),
            None => (None, text.trim()),
        };
        let is_method = |method: &str| method.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_path = path.starts_with('/') && !path.contains([' ', '?']);
        (is_path && method.is_none_or(is_method)).then(|| Self {
            method: method.map(str::to_ascii_uppercase),
            path: path.to_owned(),
        })
    }

    /// Whether it is the one with this method and path. A query does not
    /// matter.
    pub(crate) fn is(&self, method: Option<&str>, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let is_method = |own: &str| method.is_some_and(|method| own.eq_ignore_ascii_case(method));
        path == self.path && self.method.as_deref().is_none_or(is_method)
    }
}

/// What the text of a record tells of a request.
#[derive(Debug, PartialEq, Eq)]
struct Told<'a> {
    method: Option<&'a str>,
    path: &'a str,
    /// Whoever logs requests at INFO logs those that failed so as well.
    has_failed: bool,
}

impl<'a> Told<'a> {
    /// The first request in `text`: `"GET /health HTTP/1.1" 200`, or
    /// `method=GET path=/health status=200` and the like.
    fn by(text: &'a str) -> Option<Self> {
        static LINE: LazyLock<Regex> = LazyLock::new(|| {
            compiled(
                r#"(?:^|[^\w/])(?<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?:https?://[^/\s"]+)?(?<path>/[^\s"']*)(?: HTTP/[0-9.]+)?"?(?:[\s:,>(-]+(?<status>[0-9]{3})\b)?"#,
            )
        });
        static PATH: LazyLock<Regex> = LazyLock::new(|| {
            compiled(
                r#"(?:^|[\s,{.])"?(?:path|uri|url|route|matched_path|http\.target|http\.route|url\.path)"?[=:]\s?"?(?:https?://[^/\s"]+)?(?<path>/[^\s"',}]*)"#,
            )
        });
        static METHOD: LazyLock<Regex> = LazyLock::new(|| {
            compiled(
                r#"(?:^|[\s,{.])"?(?:http\.(?:request\.)?)?method"?[=:]\s?"?(?<method>[A-Z]+)\b"#,
            )
        });
        static STATUS: LazyLock<Regex> = LazyLock::new(|| {
            compiled(r#"\b(?:status|status_?[cC]ode)"?[=:]\s?"?(?<status>[0-9]{3})\b"#)
        });
        let part = |found: &Captures<'a>, name| found.name(name).map(|part| part.as_str());
        let find = |pattern: &Regex, name| part(&pattern.captures(text)?, name);
        let line = LINE.captures(text);
        let (method, path, status) = match &line {
            Some(line) => (
                part(line, "method"),
                part(line, "path")?,
                part(line, "status"),
            ),
            None => (find(&METHOD, "method"), find(&PATH, "path")?, None),
        };
        let status = status.or_else(|| find(&STATUS, "status"));
        Some(Self {
            method,
            path: path.trim_end_matches([':', ',', ';', ')', '.']),
            has_failed: status.is_some_and(|status| matches!(status.as_bytes()[0], b'4' | b'5')),
        })
    }
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

#[cfg(test)]
mod tests;
