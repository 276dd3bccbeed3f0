//! The place in the code that a line ends with.

use std::borrow::Cow;

use super::Head;

/// Without the place that Rich writes at the right edge: it is the target.
pub(super) fn taken_off(head: Head<'_>) -> Head<'_> {
    let Cow::Borrowed(text) = head.text else {
        return head;
    };
    // Most lines end otherwise, and some are long.
    if !text.ends_with(|end: char| end.is_ascii_digit()) {
        return head;
    }
    let place = || {
        let (text, place) = text.rsplit_once("  ")?;
        let (file, line) = place.trim_start().rsplit_once(':')?;
        // Python's own names for what is no file stand in angles.
        let file = file
            .strip_suffix(".py")
            .or_else(|| file.strip_prefix('<')?.strip_suffix('>'))?;
        let is_place = !line.is_empty()
            && line.bytes().all(|byte| byte.is_ascii_digit())
            && file
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        (head.target.is_none() && is_place && !file.is_empty()).then(|| (text.trim_end(), file))
    };
    match place() {
        Some((text, file)) => Head {
            target: Some(Cow::Borrowed(file)),
            text: Cow::Borrowed(text),
            ..head
        },
        None => head,
    }
}
