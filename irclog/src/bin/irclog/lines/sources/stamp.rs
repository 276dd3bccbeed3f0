//! The time stamps of carriers: always at the beginning, always of one form.

/// A time stamp as RFC 3339 writes it, and its relatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Bytes of it.
    pub(super) len: usize,
    /// Digits of the second's fraction.
    pub(super) fraction: usize,
    pub(super) has_zone: bool,
}

/// The stamp that `text` begins with, its date and its time a `T` apart.
pub(super) fn iso(text: &[u8]) -> Option<Stamp> {
    const FORM: &[u8; 19] = b"0000-00-00T00:00:00";
    if text.len() < FORM.len() || !fits(text, FORM) {
        return None;
    }
    let mut at = FORM.len();
    let mut fraction = 0;
    if matches!(text.get(at), Some(b'.' | b',')) {
        fraction = digits(&text[at + 1..]);
        at += 1 + fraction;
    }
    let zone = match text.get(at) {
        Some(b'Z') => 1,
        Some(b'+' | b'-') if fits(&text[at + 1..], b"00:00") => 6,
        Some(b'+' | b'-') if fits(&text[at + 1..], b"0000") => 5,
        _ => 0,
    };
    Some(Stamp {
        len: at + zone,
        fraction,
        has_zone: zone > 0,
    })
}

/// The bytes of `Nov 25 22:40:01` at the beginning of `text`, or with a
/// fraction.
pub(super) fn syslog(text: &[u8]) -> Option<usize> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = text.get(..3)?;
    if !MONTHS.chunks(3).any(|known| known == month) {
        return None;
    }
    let day = text.get(3..7)?;
    let is_day = matches!(day, [b' ', b' ' | b'0'..=b'9', b'0'..=b'9', b' ']);
    if !is_day || !fits(text.get(7..)?, b"00:00:00") {
        return None;
    }
    let mut at = 15;
    if text.get(at) == Some(&b'.') {
        at += 1 + digits(&text[at + 1..]);
    }
    Some(at)
}

/// The bytes of `22:40:01` at the beginning of `text`.
pub(super) fn time(text: &[u8]) -> Option<usize> {
    fits(text, b"00:00:00").then_some(8)
}

/// Whether `text` begins like `form`, whose zeros stand for any digit.
fn fits(text: &[u8], form: &[u8]) -> bool {
    text.len() >= form.len()
        && form.iter().zip(text).all(|(form, byte)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => form == byte,
        })
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_measured() {
        for (text, len, fraction, has_zone) in [
            ("2026-01-31T23:59:59 x", 19, 0, false),
            ("2026-01-31T23:59:59Z x", 20, 0, true),
            ("2026-01-31T23:59:59.123456789Z x", 30, 9, true),
            ("2026-01-31T23:59:59.123000+00:00 x", 32, 6, true),
            ("2026-01-31T23:59:59+0000 x", 24, 0, true),
        ] {
            let stamp = Stamp {
                len,
                fraction,
                has_zone,
            };
            assert_eq!(iso(text.as_bytes()), Some(stamp), "{text}");
        }
        assert_eq!(iso(b"2026-01-31 23:59:59Z"), None);
        assert_eq!(iso(b"2026-01-31T23:59"), None);
        assert_eq!(syslog(b"Jan  2 23:59:59 x"), Some(15));
        assert_eq!(syslog(b"Jan 12 23:59:59.123456 x"), Some(22));
        assert_eq!(syslog(b"Jan came"), None);
        assert_eq!(syslog("Jané 2 23:59:59".as_bytes()), None);
        assert_eq!(time(b"23:59:59"), Some(8));
    }
}
