//! What a terminal would show of a line.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// `line` as text: without terminal escapes, invalid UTF-8 replaced, and of a
/// line that was overwritten (a progress bar) the last state.
pub(super) fn clean(line: &[u8]) -> Cow<'_, str> {
    let line = line.trim_ascii_end();
    let last = line
        .iter()
        .rposition(|&b| b == b'\r')
        .map_or(0, |at| at + 1);
    let text = String::from_utf8_lossy(&line[last..]);
    // All at once: most lines have none, and bytes are compared many at a time
    // where nothing ends it. In UTF-8 the others begin with this byte, as some
    // letters do.
    let is_odd = |byte: u8| is_control(byte) || byte == 0xc2;
    let may_be_odd = text.bytes().fold(false, |any, byte| any | is_odd(byte));
    if !may_be_odd || !text.bytes().any(is_control) && !text.contains(C1) {
        return text;
    }
    let plain = anstream::adapter::strip_str(&text).to_string();
    Cow::Owned(plain.replace(|c: char| c.is_control() && c != '\t', ""))
}

/// A progress bar as tqdm draws it, and what was written behind it.
pub(super) fn behind_bar(line: &str) -> Option<(&str, &str)> {
    static BAR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[^|]{0,120}?[0-9]+%\|[^|]*\| [^\[\]]*\[[^\]]*\]").expect("a valid pattern")
    });
    memchr::memchr(b'%', line.as_bytes())?;
    memchr::memmem::find(line.as_bytes(), b"%|")?;
    let end = BAR.find(line)?.end();
    Some(line.split_at(end)).filter(|(_, behind)| !behind.is_empty())
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\t' || byte == 0x7f
}

/// The control characters beyond ASCII: a few terminals read `U+009B` as the
/// beginning of an escape.
const C1: fn(char) -> bool = |c| ('\u{80}'..='\u{9f}').contains(&c);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_terminal_would() {
        let table: [(&[u8], &str); 9] = [
            (b"plain", "plain"),
            (b"windows\r", "windows"),
            (
                b"\x1b[2m12:00\x1b[0m \x1b[32m INFO\x1b[0m up",
                "12:00  INFO up",
            ),
            (b"\x1b]8;;https://x.test\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"bad \xff byte", "bad \u{fffd} byte"),
            (b"10 %\r50 %\r100 %\r", "100 %"),
            ("späte 🚀 €".as_bytes(), "späte 🚀 €"),
            (b"\tat com.shop.Pay\x07\x00", "\tat com.shop.Pay"),
            (b"", ""),
        ];
        for (line, text) in table {
            assert_eq!(clean(line), text, "{line:?}");
        }
    }

    #[test]
    fn a_line_behind_a_bar_is_found() {
        let bar = "pay: 100%|####| 7/7 [00:58<00:10, 99.1it/s]";
        assert_eq!(
            behind_bar(&format!("{bar}ERROR:x:y")),
            Some((bar, "ERROR:x:y"))
        );
        assert_eq!(behind_bar(bar), None);
        assert_eq!(behind_bar("100%| sure"), None);
    }

    #[test]
    fn no_control_character_but_tab_is_left() {
        let all: Vec<u8> = (0..=255).filter(|&b| b != b'\n').collect();
        let text = String::from_utf8_lossy(&all).into_owned() + "\u{9b}31m\u{85}";
        let cleaned = clean(text.as_bytes()).into_owned();
        assert!(
            !cleaned.chars().any(|c| c.is_control() && c != '\t'),
            "{cleaned:?}"
        );
    }
}
