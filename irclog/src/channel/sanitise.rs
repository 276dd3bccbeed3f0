//! Text that can neither end a line, nor format one, nor hide in one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Makes `text` one row of what a reader can see.
///
/// Padding and rows of one sign are shortened. Removes control codes, terminal escapes as whole sequences, IRC formatting
/// with its colour numbers, bidi and zero-width characters. New lines become
/// ` ⏎ `, but for those inside of brackets (JSON that was printed over many rows
/// is one row), blank rows and indentation go, and of many rows (a backtrace) the
/// first [`MAX_ROWS`] stay; of a Python traceback also the last, which names
/// the error. Borrowed when there was nothing to do.
pub(crate) fn sanitise(text: &str) -> Cow<'_, str> {
    let mut filler = Filler::default();
    if text.chars().all(|c| is_plain(c) && !filler.is_too_much(c)) {
        return Cow::Borrowed(text);
    }
    let mut rows = Rows::default();
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => rows.end(),
            '\t' => rows.push(' '),
            '\x1b' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\x03' => skip_colour(&mut chars, 2, char::is_ascii_digit),
            '\x04' => skip_colour(&mut chars, 6, char::is_ascii_hexdigit),
            hidden if !is_plain(hidden) => {}
            seen => rows.push(seen),
        }
    }
    Cow::Owned(rows.finish())
}

/// Rows of a record that are shown. Four lines of IRC hold about that many
/// frames; beyond, the reader wants the local log.
pub(super) const MAX_ROWS: usize = 12;

/// The end of a row inside a line.
const ROW_END: &str = " ⏎ ";

/// How a stack begins that is told from the outside in.
const TRACEBACK: &str = "Traceback (most recent call last)";

/// A terminal's string sequence that is longer than this was none. In
/// characters; hyperlinks and titles, their usual content, stay below.
const MAX_STRING: usize = 256;

#[derive(Default)]
struct Rows {
    text: String,
    /// Rows ended so far that have something in them.
    ended: usize,
    /// Whether the present row has something in it.
    begun: bool,
    /// The latest row behind those that are shown.
    last: String,
    filler: Filler,
}

/// Counts what only fills.
#[derive(Default)]
struct Filler {
    sign: char,
    count: usize,
}

impl Filler {
    /// Whether there is enough of this character already.
    fn is_too_much(&mut self, character: char) -> bool {
        if character != self.sign {
            self.sign = character;
            self.count = 0;
        }
        self.count += 1;
        match character {
            ' ' => self.count > 1,
            '=' | '-' | '_' | '*' | '#' | '~' | '─' | '━' | '█' | '═' => {
                self.count > MAX_SIGNS
            }
            _ => false,
        }
    }
}

/// So many of a sign say as much as any number of them.
const MAX_SIGNS: usize = 6;

impl Rows {
    fn push(&mut self, character: char) {
        if self.filler.is_too_much(character) {
            return;
        }
        if !self.begun {
            if character.is_whitespace() {
                return;
            }
            self.begun = true;
            if let Some(glue) = self.glue(character) {
                self.ended -= 1;
                let row = if self.ended < MAX_ROWS {
                    &mut self.text
                } else {
                    &mut self.last
                };
                row.push_str(glue);
            } else {
                self.last.clear();
                if (1..MAX_ROWS).contains(&self.ended) {
                    self.text.push_str(ROW_END);
                }
            }
        }
        if self.ended < MAX_ROWS {
            self.text.push(character);
        } else {
            self.last.push(character);
        }
    }

    /// What stands between the row before and one that begins with `next`,
    /// where both are one, broken at a bracket or a comma.
    fn glue(&self, next: char) -> Option<&'static str> {
        let row = if self.ended <= MAX_ROWS {
            &self.text
        } else {
            &self.last
        };
        let last = row.trim_end().chars().next_back()?;
        let glue = match (last, next) {
            ('[' | '(', _) | (_, ']' | ')') => "",
            ('{' | ',', _) | (_, '}') => " ",
            _ => return None,
        };
        // There a row of source may end with anything.
        (!self.text.contains(TRACEBACK)).then_some(glue)
    }

    fn end(&mut self) {
        if self.begun {
            self.begun = false;
            self.filler = Filler::default();
            self.ended += 1;
            self.text.truncate(self.text.trim_end().len());
        }
    }

    fn finish(mut self) -> String {
        self.end();
        let mut left = self.ended.saturating_sub(MAX_ROWS);
        let ends_with_error = left > 0 && self.text.contains(TRACEBACK);
        if ends_with_error {
            left -= 1;
        }
        if left > 0 {
            let plural = if left == 1 { "" } else { "s" };
            let _ = write!(self.text, "{ROW_END}… +{left} row{plural}");
        }
        if ends_with_error {
            let _ = write!(self.text, "{ROW_END}{}", self.last.trim_end());
        }
        self.text
    }
}

/// Whether a character is passed on as it is.
fn is_plain(character: char) -> bool {
    !(character.is_control() || is_invisible(character))
}

/// Characters that take no room but reorder, join or hide others. Variation
/// selector 16, which makes an emoji of its neighbour, is left.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'                      // soft hyphen
        | '\u{34f}'                   // grapheme joiner
        | '\u{61c}'                   // Arabic letter mark
        | '\u{115f}' | '\u{1160}'     // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'     // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'     // Mongolian selectors
        | '\u{200b}'..='\u{200f}'     // zero widths, direction marks
        | '\u{2028}'..='\u{202e}'     // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}'     // invisible operators, isolates
        | '\u{3164}'                  // Hangul filler
        | '\u{fe00}'..='\u{fe0e}'     // variation selectors
        | '\u{feff}'                  // byte order mark
        | '\u{ffa0}'                  // half-width Hangul filler
        | '\u{fff9}'..='\u{fffb}'     // interlinear annotation
        | '\u{1d173}'..='\u{1d17a}'   // musical format controls
        | '\u{e0000}'..='\u{e0fff}'   // tags, further selectors
    )
}

/// Skips what follows an ESC.
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        _ => {
            while chars.next_if(|next| matches!(next, ' '..='/')).is_some() {}
            chars.next_if(|next| matches!(next, '0'..='~'));
        }
    }
}

/// Skips parameters, intermediates and the final byte of a CSI sequence.
fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|next| matches!(next, '0'..='?')).is_some() {}
    while chars.next_if(|next| matches!(next, ' '..='/')).is_some() {}
    chars.next_if(|next| matches!(next, '@'..='~'));
}

/// Skips a string sequence (title, hyperlink) to its terminator. Without one
/// nearby nothing is skipped, so that no text is swallowed.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    for _ in 0..MAX_STRING {
        match ahead.next() {
            Some('\x07' | '\u{9c}') => {
                *chars = ahead;
                return;
            }
            Some('\x1b') => {
                if ahead.next_if_eq(&'\\').is_some() {
                    *chars = ahead;
                }
                return;
            }
            None | Some('\n' | '\r') => return,
            Some(_) => {}
        }
    }
}

/// Skips up to `digits` of a foreground and, behind a comma, a background.
fn skip_colour(chars: &mut Peekable<Chars<'_>>, digits: usize, is_digit: fn(&char) -> bool) {
    let skip = |chars: &mut Peekable<Chars<'_>>| {
        (0..digits)
            .take_while(|_| chars.next_if(is_digit).is_some())
            .count()
    };
    if skip(chars) == 0 {
        return;
    }
    let mut ahead = chars.clone();
    if ahead.next_if_eq(&',').is_some() && skip(&mut ahead) > 0 {
        *chars = ahead;
    }
}

/// Holds a text that was sanitised to what is true of all of them.
///
/// # Panics
///
/// When it is not.
#[cfg(any(test, fuzzing))]
pub(crate) fn holds(text: &str) {
    let row = sanitise(text);
    assert!(row.chars().all(is_plain), "{row:?} of {text:?}");
    assert_eq!(sanitise(&row), row, "of {text:?}");
    // A row's end is longer than the character that makes it.
    assert!(row.len() <= ROW_END.len() * text.len() + 32, "{text:?}");
}

#[cfg(test)]
mod tests {
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
}
