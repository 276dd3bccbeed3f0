//! Where a text too long for one line is cut.

use unicode_segmentation::GraphemeCursor;

/// The longest head of `text` that fits into `room` bytes, and what is left.
///
/// Cuts at a space where one is near the end, else behind a comma, else between
/// graphemes, else between characters; the space at the cut belongs to neither.
/// The head is empty only when not even the first character fits.
///
/// The caller asks line by line instead of splitting ahead, because the room
/// may change between two lines of one record.
pub(super) fn split(text: &str, room: usize) -> (&str, &str) {
    if text.len() <= room {
        return (text, "");
    }
    let cut = char_floor(text, room);
    if text[cut..].starts_with(' ') && cut > 0 {
        return (&text[..cut], &text[cut + 1..]);
    }
    let near = char_floor(text, room - room / SPACE_SHARE);
    if let Some(space) = text[near..cut].rfind(' ').map(|at| near + at)
        && space > 0
    {
        return (&text[..space], &text[space + 1..]);
    }
    // JSON may have none.
    if let Some(comma) = (near..cut).rev().find(|&at| parts(text, at)) {
        return text.split_at(comma + 1);
    }
    text.split_at(grapheme_floor(text, cut))
}

/// The longest end of `text` that fits into `room` bytes and begins behind a
/// space or a comma; empty where there is none.
pub(super) fn end(text: &str, room: usize) -> &str {
    let Some(first) = text.len().checked_sub(room + 1) else {
        return text;
    };
    let is_gap = |at: usize| text.as_bytes()[at] == b' ' || parts(text, at);
    let gap = (first..text.len()).find(|&at| is_gap(at));
    gap.map_or("", |gap| text[gap + 1..].trim_start())
}

/// Whether the byte at `at` is a comma that stands between two values, and not
/// in a number.
fn parts(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    bytes[at] == b',' && !(is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
}

/// A space in the last quarter of the room is near enough: less wastes lines,
/// more cuts words that a quarter of a line would have kept whole.
const SPACE_SHARE: usize = 4;

/// How far behind the cut the segmentation looks to see whether a grapheme
/// goes on there. In bytes; emoji sequences have up to 35.
const LOOK_AHEAD: usize = 64;

/// The last character boundary at or before `at`.
pub(super) fn char_floor(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// The last grapheme boundary at or before `cut`; `cut` itself where a single
/// grapheme would take more than half of the line.
fn grapheme_floor(text: &str, cut: usize) -> usize {
    let window = &text[..char_floor(text, cut + LOOK_AHEAD)];
    let mut cursor = GraphemeCursor::new(cut, window.len(), true);
    if cursor.is_boundary(window, 0) == Ok(true) {
        return cut;
    }
    match cursor.prev_boundary(window, 0) {
        Ok(Some(boundary)) if boundary > cut / 2 => boundary,
        _ => cut,
    }
}

#[cfg(test)]
mod tests;
