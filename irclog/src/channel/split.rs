//! Where a text too long for one line is cut.

use unicode_segmentation::GraphemeCursor;

/// The longest head of `text` that fits into `room` bytes, and what is left.
///
/// Cuts behind a space where one is near the end, else between graphemes,
/// else between characters; the space at the cut belongs to neither. The head
/// is empty only when not even the first character fits.
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
    text.split_at(grapheme_floor(text, cut))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_left_whole() {
        assert_eq!(split("settled", 7), ("settled", ""));
        assert_eq!(split("", 1), ("", ""));
    }

    #[test]
    fn cuts_at_the_exact_byte_without_a_space() {
        assert_eq!(split("abcdefgh", 7), ("abcdefg", "h"));
    }

    #[test]
    fn prefers_a_space_near_the_end() {
        assert_eq!(split("pay to alice now", 14), ("pay to alice", "now"));
        assert_eq!(split("pay to alice now", 12), ("pay to alice", "now"));
        assert_eq!(split("a bcdefghijklmnop", 10), ("a bcdefghi", "jklmnop"));
    }

    #[test]
    fn a_leading_space_is_no_place_to_cut() {
        assert_eq!(split(" abc", 2), (" a", "bc"));
    }

    #[test]
    fn keeps_graphemes_whole_where_it_can() {
        let family = "👨‍👩‍👧";
        let text = format!("abcdefghijklmnopqrstuvwxyz{family}");
        assert_eq!(split(&text, 30), ("abcdefghijklmnopqrstuvwxyz", family));
        assert_eq!(
            split("ae\u{301}", 2).0,
            "ae",
            "a grapheme of half the line is cut"
        );
    }

    #[test]
    fn never_cuts_inside_a_character() {
        assert_eq!(split("€€", 5), ("€", "€"));
        assert_eq!(split("€€", 2), ("", "€€"));
    }

    proptest! {
        #[test]
        fn no_head_is_over_its_room_and_nothing_is_lost(text in "\\PC{0,200}", room in 4_usize..80) {
            let mut rest = text.as_str();
            let mut joined = String::new();
            while !rest.is_empty() {
                let (head, tail) = split(rest, room);
                prop_assert!(head.len() <= room);
                prop_assert!(!head.is_empty());
                joined.push_str(head);
                if head.len() + tail.len() < rest.len() {
                    joined.push(' ');
                }
                rest = tail;
            }
            prop_assert_eq!(joined, text);
        }
    }
}
