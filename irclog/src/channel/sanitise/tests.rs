use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn whatever_a_text_holds(
        parts in prop::collection::vec(
            prop_oneof![
                any::<String>(),
                "[\u{0}-\u{20}\u{7f}-\u{9f}\u{200b}-\u{202e}0-9,;mHx]{0,20}",
                Just("\u{1b}]0;".to_owned()),
                Just("\u{1b}[31".to_owned()),
            ],
            0..12,
        ),
    ) {
        holds(&parts.concat());
    }
}

#[test]
fn plain_text_is_borrowed() {
    let text = "Payment settled · 0,5 USDC ✔️ — größer ⏎";
    assert!(matches!(sanitise(text), Cow::Borrowed(same) if same == text));
}

#[test]
fn what_only_fills_costs_nothing() {
    for (text, short) in [
        ("a == b --- c", "a == b --- c"),
        ("==== start ====", "==== start ===="),
        ("========== start ==========", "====== start ======"),
        ("paid         [rpc]   ms=7", "paid [rpc] ms=7"),
        ("100%|██████████| 7/7", "100%|██████| 7/7"),
        ("0x0000000000", "0x0000000000"),
        ("a\n-----\nb", "a ⏎ ----- ⏎ b"),
    ] {
        assert_eq!(sanitise(text), short);
    }
}

#[test]
fn no_command_can_be_injected() {
    assert_eq!(
        sanitise("paid\rTOPIC #c :owned\0\r\nQUIT"),
        "paid ⏎ TOPIC #c :owned ⏎ QUIT"
    );
}

#[test]
fn terminal_escapes_leave_nothing_behind() {
    for (given, wanted) in [
        (
            "\x1b[2m2025-01-01\x1b[0m \x1b[38;5;12mINFO\x1b[m",
            "2025-01-01 INFO",
        ),
        ("\u{9b}31mred\u{9b}0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x1b(Bascii\x1b=", "ascii"),
        ("cut \x1b[31", "cut"),
        ("end\x1b", "end"),
    ] {
        assert_eq!(sanitise(given), wanted, "{given:?}");
    }
}

#[test]
fn an_unterminated_string_swallows_no_text() {
    assert_eq!(sanitise("\x1b]not a title"), "not a title");
    let long = "a".repeat(10_000);
    assert_eq!(sanitise(&format!("\x1b]{long}\x07")), long);
}

#[test]
fn irc_formatting_goes_with_its_numbers() {
    for (given, wanted) in [
        (
            "\x02bold\x0f \x1ditalic\x1f \x16x\x11y\x1e",
            "bold italic xy",
        ),
        ("\x0304,07alarm\x03 off", "alarm off"),
        ("\x0304,text", ",text"),
        ("\x03,5", ",5"),
        ("\x03123", "3"),
        ("\x04ff0000,00ff00x", "x"),
    ] {
        assert_eq!(sanitise(given), wanted, "{given:?}");
    }
}

#[test]
fn hidden_characters_go() {
    assert_eq!(
        sanitise("a\u{202e}b\u{200b}c\u{feff}d\u{2066}e\u{e0041}f\u{ad}g"),
        "abcdefg"
    );
}

#[test]
fn rows_are_joined_and_counted() {
    assert_eq!(sanitise("\n\na\r\n  b\tc \n\n\nd\n"), "a ⏎ b c ⏎ d");
    assert_eq!(sanitise("\n\r\n \t\n"), "");
    assert_eq!(sanitise("\x02\x0f\u{200b}"), "");
    let frames: Vec<String> = (0..40).map(|n| format!("  {n}: frame")).collect();
    let shown = sanitise(&frames.join("\n")).into_owned();
    assert!(shown.starts_with("0: frame ⏎ 1: frame ⏎ "), "{shown}");
    assert!(shown.ends_with("11: frame ⏎ … +28 rows"), "{shown}");
    assert!(sanitise(&frames[..MAX_ROWS].join("\n")).ends_with("11: frame"));
    assert!(sanitise(&frames[..=MAX_ROWS].join("\n")).ends_with("… +1 row"));
}

#[test]
fn what_was_printed_over_many_rows_is_one_row_again() {
    for (text, row) in [
        (
            "paid {\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\nthen",
            "paid { \"a\": [1, 2], \"b\": {} } ⏎ then",
        ),
        ("Payment {\n    id: 7,\n}", "Payment { id: 7, }"),
        ("a\n[b]", "a ⏎ [b]"),
        (
            "Traceback (most recent call last):\n  pay(\nValueError: x",
            "Traceback (most recent call last): ⏎ pay( ⏎ ValueError: x",
        ),
    ] {
        assert_eq!(sanitise(text), row);
    }
    let pairs = (0..40).fold(String::new(), |all, n| all + &format!("  \"k{n}\": {n},\n"));
    let shown = sanitise(&format!("{{\n{pairs}}}\nend")).into_owned();
    assert!(shown.ends_with("\"k39\": 39, } ⏎ end"), "{shown}");
    let rows = (0..MAX_ROWS).fold(String::new(), |all, n| all + &format!("row {n}\n"));
    let shown = sanitise(&format!("{rows}more {{\n}}\nmore")).into_owned();
    assert!(shown.ends_with("… +2 rows"), "{shown}");
}

#[test]
fn a_python_traceback_keeps_its_error() {
    let frames = "  File \"pay.py\", line 88\n    settle()\n".repeat(10);
    let shown = sanitise(&format!("{TRACEBACK}:\n{frames}ValueError: no funds\n")).into_owned();
    assert!(
        shown.starts_with("Traceback (most recent call last): ⏎ File"),
        "{shown}"
    );
    assert!(
        shown.ends_with(" ⏎ … +9 rows ⏎ ValueError: no funds"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn nothing_but_visible_text_comes_out(text in any::<String>(), controls in "[\\x00-\\x20\\[0-9;,a-f\u{80}-\u{9f}\u{2028}]{0,60}") {
        for given in [text.clone() + &controls, controls + &text] {
            let shown = sanitise(&given);
            prop_assert!(shown.chars().all(is_plain), "{given:?} gave {shown:?}");
            prop_assert_eq!(sanitise(&shown), shown.clone(), "sanitised twice");
        }
    }
}
