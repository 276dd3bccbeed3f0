//! The ids that a text names, of its request and of its trace:
//! `request_id=7f3a`, or in JSON.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::FxHasher;

use crate::trace::TraceId;

/// Names of ids, without case and marks. Those of requests come before those
/// of traces, which may span several services.
const REQUESTS: &[&str] = &[
    "requestid",
    "xrequestid",
    "reqid",
    "correlationid",
    "xcorrelationid",
];
const TRACES: &[&str] = &[
    "traceid",
    "oteltraceid",
    "ddtraceid",
    "xtraceid",
    "traceparent",
];

/// What the names of ids end in.
const ENDS: &[&str] = &["id", "Id", "ID", "parent", "Parent"];

/// Bytes of the longest name, with its marks.
const MOST_NAME: usize = 32;

/// Bytes of an id.
const MOST_ID: usize = 64;

/// The id of the request that `text` belongs to, where it names one.
pub(crate) fn request(text: &str) -> Option<&str> {
    let mut trace = None;
    for (name, value) in pairs(text) {
        if is_one_of(name, REQUESTS) {
            return Some(&text[value]);
        }
        if trace.is_none() && is_one_of(name, TRACES) {
            trace = Some(&text[value]);
        }
    }
    trace.map(|id| match id.strip_prefix("00-") {
        // W3C's traceparent: version, trace, span, flags.
        Some(rest) => rest.split('-').next().unwrap_or(rest),
        None => id,
    })
}

/// The id that `text` gives a request, and not that of its trace.
#[cfg(feature = "cli")]
#[must_use]
pub fn request_id(text: &str) -> Option<&str> {
    let (_, value) = pairs(text).find(|(name, _)| is_one_of(name, REQUESTS))?;
    Some(&text[value])
}

/// `text` without the ids that stand in it by themselves, as `request_id=7f3a`:
/// for what is told beside a record that has them.
pub(crate) fn without(text: &str) -> String {
    let is_id = |word: &&str| {
        let known = |(name, value): (&str, Range<usize>)| {
            let is_all = value.end == word.len() && name.len() + 1 == value.start;
            is_all && (is_one_of(name, REQUESTS) || is_one_of(name, TRACES))
        };
        pairs(word).any(known)
    };
    if !text.split(' ').any(|word| is_id(&word)) {
        return text.to_owned();
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !is_id(word)).collect();
    words.join(" ")
}

/// The trace that `text` names.
pub(crate) fn trace(text: &str) -> Option<TraceId> {
    let mut traces = pairs(text).filter(|(name, _)| is_one_of(name, TRACES));
    traces.find_map(|(_, value)| TraceId::parse(&text[value]))
}

/// What tells a request of this id, of one program, from others.
pub(crate) fn key(id: &str, sender: &str) -> u64 {
    let mut hasher = FxHasher::default();
    (id, sender).hash(&mut hasher);
    hasher.finish()
}

/// Names that could be an id's, and where their values are.
fn pairs(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let bytes = text.as_bytes();
    let separators = (0..bytes.len()).filter(move |&at| matches!(bytes[at], b'=' | b':'));
    separators.filter_map(move |at| {
        let name = name_before(text, at)?;
        Some((name, value_after(bytes, at)?))
    })
}

/// The name that ends before `at`; only what ends as an id's does.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let head = &text[..at];
    let head = head.strip_suffix(['"', '\'']).unwrap_or(head);
    if !ENDS.iter().any(|end| head.ends_with(end)) {
        return None;
    }
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = (head.bytes().rev().take(MOST_NAME + 1))
        .take_while(|byte| is_of_name(byte))
        .count();
    (length <= MOST_NAME).then(|| &head[head.len() - length..])
}

/// Whether `name` is one of `known`, but for case and marks.
fn is_one_of(name: &str, known: &[&str]) -> bool {
    let letters = || {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|byte| byte.to_ascii_lowercase())
    };
    known.iter().any(|known| letters().eq(known.bytes()))
}

/// The value behind `at`: an id has a digit, and no space.
fn value_after(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = at + 1;
    if bytes[at] == b':' && bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    if matches!(bytes.get(start), Some(b'"' | b'\'')) {
        start += 1;
    }
    let is_of_id = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let id = bytes.get(start..)?.iter().take(MOST_ID + 1);
    let length = id.take_while(is_of_id).count();
    let value = start..start + length;
    let fits = length <= MOST_ID && bytes[value.clone()].iter().any(u8::is_ascii_digit);
    fits.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_request_is_found_by_its_name() {
        for (text, id) in [
            ("settle failed request_id=7f3a91", Some("7f3a91")),
            ("x-request-id: ab-12, then", Some("ab-12")),
            ("{\"requestId\": \"req-1\", \"n\": 2}", Some("req-1")),
            ("{'req.id':'r7'}", Some("r7")),
            (
                "a trace_id=0af7651916cd43dd8448eb211c80319c",
                Some("0af7651916cd43dd8448eb211c80319c"),
            ),
            ("trace_id=0af7 request_id=9", Some("9")),
            (
                "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                Some("0af7651916cd43dd8448eb211c80319c"),
            ),
            ("chain_id=8453", None),
            ("request_id=none", None),
            ("request_id=", None),
            ("id=7", None),
            ("valid=7", None),
            ("=:=", None),
            ("", None),
        ] {
            assert_eq!(request(text), id, "{text:?}");
        }
    }

    #[test]
    fn an_id_is_left_out_where_it_stands_by_itself() {
        for (text, without) in [
            ("reserved request_id=7f3a91 nonce=187", "reserved nonce=187"),
            ("trace_id=0af7651916cd43dd8448eb211c80319c", ""),
            ("chain_id=8453  twice", "chain_id=8453  twice"),
            ("{\"request_id\":\"7f3a\"}", "{\"request_id\":\"7f3a\"}"),
            ("x-request-id: ab-12", "x-request-id: ab-12"),
            ("", ""),
        ] {
            assert_eq!(super::without(text), without, "{text:?}");
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_none() {
        let long = format!("request_id={}", "7".repeat(MOST_ID + 1));
        assert_eq!(request(&long), None);
        assert_eq!(
            request(&long[..long.len() - 1]).map(str::len),
            Some(MOST_ID)
        );
    }

    #[test]
    fn requests_of_different_programs_are_different() {
        assert_ne!(key("7", "a"), key("7", "b"));
    }
}
