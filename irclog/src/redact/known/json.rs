//! The leaves of a JSON text.

/// Calls `each` with every string and number of a JSON text, escapes and all,
/// and the name before it.
pub(in crate::redact) fn json_leaves<'a>(json: &'a str, mut each: impl FnMut(&'a str, &'a str)) {
    let bytes = json.as_bytes();
    let mut name = "";
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() {
            let start = at;
            while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
                at += 1;
            }
            each(name, &json[start..at]);
            continue;
        }
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        at = start;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let end = at.min(bytes.len());
        at += 1;
        let is_name = bytes[at.min(bytes.len())..]
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
            == Some(&b':');
        let Some(string) = json.get(start..end) else {
            continue;
        };
        if is_name {
            name = string;
        } else {
            each(name, string);
        }
    }
}
