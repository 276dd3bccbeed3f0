//! `name=value` in a text, to be left out.

use std::borrow::Cow;

use irclog::tool::DropFields;

use super::logfmt::{is_key_byte, value_end};

/// `text` without the pairs that are not to be shown.
pub(in super::super) fn without<'a>(text: Cow<'a, str>, drop_fields: &DropFields) -> Cow<'a, str> {
    if drop_fields.is_empty() {
        return text;
    }
    let mut left = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(equals) = memchr::memchr(b'=', &text.as_bytes()[at..]).map(|next| at + next) {
        at = equals + 1;
        let key = &text[from..equals];
        let key = key.trim_end_matches(|c: char| c.is_ascii() && is_key_byte(c as u8));
        let start = from + key.len();
        if start < equals && drop_fields.has(&text[start..equals]) {
            let end = at + value(&text[at..]);
            left.push_str(text[from..start].trim_end_matches(' '));
            from = end;
            at = end;
        }
    }
    if from == 0 {
        return text;
    }
    left.push_str(&text[from..]);
    Cow::Owned(left.trim_start_matches(' ').to_owned())
}

/// Bytes of the value that `text` begins with. What has no end goes on to that
/// of the line: a traceback may follow it.
fn value(text: &str) -> usize {
    let text = text.split('\n').next().unwrap_or_default();
    let is_named = text.starts_with(|c: char| c.is_alphabetic());
    let word = text.find([' ', ',', '{', '(']).unwrap_or(text.len());
    // As Rust shows a struct: `Body { id: 7 }`, `Some(7)`.
    let brackets = text[word..].trim_start_matches(' ');
    if is_named && (brackets.starts_with('{') || text[word..].starts_with('(')) {
        let before = text.len() - brackets.len();
        return value_end(brackets).map_or(text.len(), |end| before + end);
    }
    match value_end(text) {
        Some(end) if text.starts_with(['"', '\'', '{', '[', '(', '<']) => end,
        Some(end) => text[..end].find(',').unwrap_or(end),
        None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_goes_with_all_of_its_value() {
        let drop = DropFields::named(["body", "req.headers"]);
        for (text, left) in [
            ("paid body=7 ms=3", "paid ms=3"),
            ("paid Body=\"a b\" ms=3", "paid ms=3"),
            ("body={\"a\": [1, 2]} paid", "paid"),
            ("paid body=Body { id: 7, to: \"a b\" } ms=3", "paid ms=3"),
            ("paid body=Some(Body { id: 7 }) ms=3", "paid ms=3"),
            ("paid req.headers={'a': 'b c'}, ms=3", "paid, ms=3"),
            ("paid body=a,ms=3", "paid,ms=3"),
            ("paid body={\"a\": 1", "paid"),
            ("paid somebody=7 nobody = 7", "paid somebody=7 nobody = 7"),
            ("body=a body=b", ""),
            ("é body=é é=1", "é é=1"),
            ("late body=x\nTraceback (most", "late\nTraceback (most"),
            ("late body={x\nValueError: y", "late\nValueError: y"),
        ] {
            assert_eq!(without(Cow::Borrowed(text), &drop), left, "{text}");
        }
        let all = Cow::Borrowed("paid body=7");
        assert_eq!(without(all, &DropFields::default()), "paid body=7");
    }
}
