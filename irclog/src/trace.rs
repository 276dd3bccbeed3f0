//! The id of a trace, as W3C's Trace Context has it.

use std::fmt;

/// What all services that a request goes through have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceId([u8; 16]);

/// Digits that stand for it where it is shown.
pub(crate) const SHOWN: usize = 8;

impl TraceId {
    /// `None` where all of it is zero, which is none.
    #[cfg(feature = "tracing")]
    pub(crate) fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// Whether a field of this name holds one.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_name(name: &str) -> bool {
        matches!(
            name,
            "trace_id" | "traceId" | "trace.id" | "otel.trace_id" | "traceparent"
        )
    }

    /// Reads 32 hexadecimal digits, or what a `traceparent` holds:
    /// `00-0af7…319c-b7ad…3331-01`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches('"');
        let id = match text.strip_prefix("00-") {
            Some(rest) => rest.split('-').next()?,
            None => text,
        };
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u128::from_str_radix(id, 16).ok()?;
        (number != 0).then(|| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn an_id_is_read_alone_and_from_a_traceparent() {
        for text in [
            ID,
            "\"0AF7651916cd43dd8448eb211c80319c\"",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            let id = TraceId::parse(text);
            assert_eq!(id.map(|id| id.to_string()).as_deref(), Some(ID), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_none() {
        for text in [
            "",
            "00000000000000000000000000000000",
            "0af7651916cd43dd8448eb211c80319",
            "0af7651916cd43dd8448eb211c80319cc",
            "+af7651916cd43dd8448eb211c80319c",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "7532159783214",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }
}
