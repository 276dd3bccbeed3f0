//! Objects that were printed for people, over several lines.

use std::sync::LazyLock;

use log::Level;
use regex::Regex;

use super::super::heads;

/// The level that an object names, as Node or Python prints it (`level:
/// 'error'`), or JSON that was indented (`"level": "error"`).
pub(super) fn level(text: &str) -> Option<Level> {
    static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r#"(?m)^[{,\s]*["']?(?:level|levelname|severity|log\.level)["']?: ["']([A-Za-z]+)["'],?\s*[}]?$"#;
        Regex::new(pattern).expect("a valid pattern")
    });
    if !text.starts_with('{') || !text.contains('\n') {
        return None;
    }
    heads::level::named(LEVEL.captures(text)?.get(1)?.as_str())
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
            ("{ level: 'error' }", None),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
    }
}
