//! The request that a line names where it begins, as the spans of `tracing` are
//! copied: `POST /settle post_settle assert_time{now=7}: text`.

/// What stands before a line's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// `POST /settle`.
    pub(super) request: &'a str,
    /// Bytes before the text.
    pub(super) len: usize,
}

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
];

/// Bytes that spans have at most.
const MOST_BYTES: usize = 2_048;

const END: &str = ": ";

/// The head of `text`, where it has one.
pub(super) fn of(text: &str) -> Option<Head<'_>> {
    let (method, behind) = text.split_once(' ')?;
    if !METHODS.contains(&method) || !behind.starts_with('/') {
        return None;
    }
    let path = behind.find(' ')?;
    let path = behind[..path].strip_suffix(':').map_or(path, str::len);
    let request = &text[..method.len() + 1 + path];
    let mut len = request.len();
    while !text[len..].starts_with(END) {
        let span = text[len..].strip_prefix(' ')?;
        len += 1 + span_len(span)?;
        if len > MOST_BYTES {
            return None;
        }
    }
    Some(Head {
        request,
        len: len + END.len(),
    })
}

/// Bytes of `name`, `name{fields}` or `field=value`.
fn span_len(text: &str) -> Option<usize> {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = text.bytes().take_while(is_of_name).count();
    let rest = text.as_bytes().get(name..).filter(|_| name > 0)?;
    match rest.first()? {
        b' ' | b':' => Some(name),
        b'{' => {
            let mut depth = 0_usize;
            for (at, byte) in rest.iter().enumerate().take(MOST_BYTES) {
                match byte {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    return Some(name + at + 1);
                }
            }
            None
        }
        b'=' => {
            let value = &text[name..];
            let end = value.find(' ')?;
            let value = &value[..end];
            Some(name + value.strip_suffix(':').unwrap_or(value).len())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_named_before_the_text() {
        for (text, request, own) in [
            ("POST /settle: late", "POST /settle", "late"),
            ("GET /a?b=c:d: late: 7", "GET /a?b=c:d", "late: 7"),
            (
                "POST /verify post_verify assert_time: error=expired",
                "POST /verify",
                "error=expired",
            ),
            (
                "POST /verify check{payer=0x1 body={\"a\": 1}} pay: late",
                "POST /verify",
                "late",
            ),
            ("POST /pay order=7 span=x: late", "POST /pay", "late"),
        ] {
            let head = of(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((head.request, &text[head.len..]), (request, own));
        }
    }

    #[test]
    fn what_only_looks_like_a_request_is_none() {
        for text in [
            "POST /settle",
            "POST /settle ",
            "POST /settle status=500",
            "POST /settle answered with \"no\": late",
            "POST settle: late",
            "GOT /settle: late",
            "POST /settle check{a: late",
            "GET /ü : late",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        let long = "a=b ".repeat(MOST_BYTES / 4);
        assert_eq!(of(&format!("POST /settle {long}c: late")), None);
    }
}
