//! The parts of a known value that are secrets of their own.

use super::json::json_leaves;
use std::borrow::Cow;

use crate::redact::known::environment::is_harmless_value;
use crate::redact::lexicon::name::names_secret;
use crate::redact::text::encoding::{from_base64, from_percent};

/// Bytes of the shortest part.
const PART_BYTES: usize = 8;

/// A value, its lines and, if it is JSON, its leaves; the same of what it is
/// in base64, as files are kept in variables; and what percent-encoding stands
/// for in them, as the password of a URL is used.
pub(super) fn parts(value: &str) -> Vec<Cow<'_, str>> {
    let mut parts = vec![Cow::Borrowed(value)];
    parts.extend(inner_parts(value).into_iter().map(Cow::Borrowed));
    let file = from_base64(value)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| text.starts_with(['{', '[']) || text.contains('\n'));
    if let Some(file) = file {
        let own = |part: &str| Cow::Owned(part.to_owned());
        parts.extend(inner_parts(&file).into_iter().map(own));
    }
    let decoded: Vec<_> = parts
        .iter()
        .filter_map(|part| Some(String::from_utf8(from_percent(part)?).ok()?.into()))
        .filter(|part: &Cow<'_, str>| part.len() >= PART_BYTES)
        .collect();
    parts.extend(decoded);
    parts
}

/// The lines of a value or, if it is JSON, its leaves.
fn inner_parts(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let long = |part: &&str| part.len() >= PART_BYTES;
    if value.starts_with(['{', '[']) {
        json_leaves(value, |name, leaf| {
            // `"type": "service_account"` would mask ordinary text.
            if long(&leaf) && (names_secret(name) || !is_harmless_value(leaf)) {
                parts.push(leaf);
            }
        });
    } else if value.contains('\n') {
        parts.extend(
            value
                .lines()
                .map(str::trim)
                .filter(|line| !line.starts_with("-----"))
                .filter(long),
        );
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_secret_by_their_name_or_their_look() {
        let json = r#"{"type": "service_account", "inner": {"password": "walrus-tusk", "n": 5},
            "keys": ["a8Zk3LmQ9xT2", "production"], "pin": 1234567890123456789}"#;
        assert_eq!(
            parts(json)[1..],
            ["walrus-tusk", "a8Zk3LmQ9xT2", "1234567890123456789"]
        );
        assert_eq!(parts(r#"["walrus\"Tusk9"]"#)[1..], [r#"walrus\"Tusk9"#]);
    }

    #[test]
    fn lines_are_secret_whatever_they_are() {
        let value = "-----BEGIN X-----\nwalrus-tusk\n  orange peel \nshort\n-----END X-----";
        assert_eq!(parts(value)[1..], ["walrus-tusk", "orange peel"]);
    }

    #[test]
    fn a_file_in_base64_has_parts_and_percent_stands_for_something() {
        // {"k":"walrusTusk99"}, and two lines.
        for file in ["eyJrIjoid2FscnVzVHVzazk5In0=", "aGVhZAp3YWxydXNUdXNrOTkK"] {
            assert_eq!(parts(file)[1..], ["walrusTusk99"], "{file}");
        }
        assert_eq!(parts("walrus%20tusk%2F9")[1..], ["walrus tusk/9"]);
        assert_eq!(parts("100%25%2")[1..], [""; 0]);
    }
}
