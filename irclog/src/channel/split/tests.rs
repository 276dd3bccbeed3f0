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
fn a_comma_is_as_good_where_there_is_no_space() {
    assert_eq!(
        split(r#"{"id":7,"to":"ana","ms":3}"#, 22),
        (r#"{"id":7,"to":"ana","#, r#""ms":3}"#)
    );
    assert_eq!(split("aaaaaaaa1,234", 11), ("aaaaaaaa1,2", "34"));
}

#[test]
fn an_end_begins_with_a_word() {
    assert_eq!(end("pay to alice now", 9), "alice now");
    assert_eq!(end("pay to alice now", 8), "now");
    assert_eq!(end("pay to alice now", 40), "pay to alice now");
    assert_eq!(end(r#"{"id":7,"ms":3}"#, 10), r#""ms":3}"#);
    assert_eq!(end("0123456789", 5), "");
    assert_eq!(end("ééé é€", 4), "");
    assert_eq!(end("ééé é€", 5), "é€");
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
