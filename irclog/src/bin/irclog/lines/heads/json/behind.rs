//! JSON at the end of a line of text.

use std::borrow::Cow;
use std::fmt::Write as _;

use irclog::tool::DropFields;

use super::{Head, MESSAGE, Object, errors, told};

/// A record behind what a formatter of text has put before it, and an error in
/// what is behind a text.
pub(in crate::lines::heads) fn behind<'a>(head: Head<'a>, drop_fields: &DropFields) -> Head<'a> {
    let Cow::Borrowed(text) = head.text else {
        return head;
    };
    if !text.ends_with('}') {
        return head;
    }
    let Some(at) = text.find("{\"") else {
        return head;
    };
    let (before, record) = (text[..at].trim_end(), &text[at..]);
    let Ok(mut object) = serde_json::from_str::<Object<'_>>(record) else {
        return head;
    };
    let has_message = object
        .keys()
        .any(|key| MESSAGE.iter().any(|name| key.eq_ignore_ascii_case(name)));
    let is_logger = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(&byte))
    };
    if has_message
        && (before.is_empty() || is_logger(before))
        && let Some(inner) = super::head(record, drop_fields)
    {
        let named = (!before.is_empty()).then(|| Cow::Borrowed(before.trim_end_matches(':')));
        return Head {
            // What the program itself says counts: the object may be what a
            // stranger has sent.
            level: head.level.or(inner.level),
            target: head.target.or(named).or(inner.target),
            text: inner.text,
            weak: head.weak,
        };
    }
    let all = object.len();
    object.retain(|name, _| !drop_fields.has(name));
    let error = errors::take(&mut object);
    if error.is_none() && object.len() == all {
        return head;
    }
    let mut text = before.to_owned();
    for (name, value) in &object {
        let _ = write!(text, " {name}={}", told(value, &drop_fields.within(name)));
    }
    if let Some(error) = error {
        text.push('\n');
        text.push_str(&error);
    }
    Head {
        text: Cow::Owned(text),
        ..head
    }
}
