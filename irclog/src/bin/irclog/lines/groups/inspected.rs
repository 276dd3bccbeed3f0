//! Objects that were printed for people, over several lines.

use std::sync::LazyLock;

use log::Level;
use regex::Regex;

use super::super::heads;

/// The level that an object names, as Node or Python prints it (`level:
/// 'error'`), or JSON that was indented (`"level": "error"`).
pub(super) fn level(text: &str) -> Option<Level> {
    static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = format!(r"(?m)^[{{,\s]*{FIELD},?\s*\}}?$");
        Regex::new(&pattern).expect("a valid pattern")
    });
    if !text.starts_with('{') {
        return None;
    }
    let name = if text.contains('\n') {
        LEVEL.captures(text)?.get(1)?.as_str()
    } else {
        of_one_line(text)?
    };
    heads::level::named(name)
}

const FIELD: &str = r#"["']?(?:level|levelname|severity|log\.level)["']?: ["']([A-Za-z]+)["']"#;

/// The same of an object that was short enough for one line. What stands in
/// quotes or deeper is somebody's text.
fn of_one_line(text: &str) -> Option<&str> {
    static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = format!(r"^\s*{FIELD}\s*[,}}]");
        Regex::new(&pattern).expect("a valid pattern")
    });
    if !text.ends_with('}') || !text.contains("level") && !text.contains("severity") {
        return None;
    }
    let (mut quote, mut escaped, mut depth) = (None, false, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'{' | b'[' | b'(') => depth += 1,
            (None, b'}' | b']' | b')') => depth = depth.saturating_sub(1),
            (Some(_) | None, _) => {}
        }
        let is_field = depth == 1 && quote.is_none() && matches!(byte, b'{' | b',');
        if is_field && let Some(found) = LEVEL.captures(&text[at + 1..]) {
            return Some(found.get(1)?.as_str());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_its_own_names_the_level() {
        for (text, expected) in [
            (
                "{\n  coin: 'dai',\n  level: 'error',\n  message: 'late'\n}",
                Some(Level::Error),
            ),
            (
                "{\n  \"level\": \"warning\",\n  \"a\": 1\n}",
                Some(Level::Warn),
            ),
            ("{\n  'levelname': 'INFO'\n}", Some(Level::Info)),
            ("{\n  message: 'the level: \\'error\\' is one'\n}", None),
            ("{\n  level: 'ground'\n}", None),
            ("level: 'error'\nx", None),
            ("{ level: 'error' }", Some(Level::Error)),
            ("{ a: [1, 2], level: 'warn', b: 3 }", Some(Level::Warn)),
            (
                "{'message': 'it\\'s', 'levelname': 'INFO'}",
                Some(Level::Info),
            ),
            ("{ agent: 'x, level: \\'error\\', y' }", None),
            ("{ body: { level: 'error' } }", None),
            ("{ level: 'error' } and more", None),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
    }
}
