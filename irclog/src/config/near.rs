//! Names and words that are almost others, and whose they are.

use super::table::{Setting, TABLE};

/// Whether somebody who wrote `word` may have meant `other`: two letters
/// changed places, one is missing, too many or another; in words of eight and
/// more, twice.
pub(super) fn is_near(word: &str, other: &str) -> bool {
    let length = word.len().min(other.len());
    let allowed = match length {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    };
    word.len().abs_diff(other.len()) <= allowed && distance(word, other) <= allowed
}

/// The setting that somebody meant who set the variable `name`, if that is
/// none: it is misspelt, or what other tools call the same.
pub(super) fn meant(name: &str) -> Option<&'static Setting> {
    let upper = name.to_ascii_uppercase();
    let plain = upper.strip_suffix("_FILE").unwrap_or(&upper);
    if TABLE.iter().any(|setting| setting.name == name) {
        return None;
    }
    let rest = plain
        .strip_prefix("IRCLOG_")
        .or_else(|| plain.strip_prefix("IRC_"))?;
    let named = |setting: &&&Setting| rest_of(setting) == rest;
    let called = |setting: &&&Setting| setting.near.contains(&plain);
    let near = |setting: &&&Setting| is_near(rest, rest_of(setting));
    let all = || TABLE.iter();
    let found = all().find(named).or_else(|| all().find(called));
    let found = found.or_else(|| all().find(near)).copied()?;
    let is_it = name == found.name || name.strip_suffix("_FILE") == Some(found.name);
    (!is_it).then_some(found)
}

/// The name without what comes before its first underscore.
fn rest_of(setting: &Setting) -> &'static str {
    setting
        .name
        .split_once('_')
        .map_or(setting.name, |(_, rest)| rest)
}

/// The optimal string alignment distance: insertions, deletions, substitutions
/// and transpositions of neighbours.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, letter) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, &other) in right.iter().enumerate() {
            let mut least = (above[column] + usize::from(letter != other))
                .min(above[column + 1] + 1)
                .min(current[column] + 1);
            if column > 0 && previous == Some(other) && letter == right[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
        previous = Some(letter);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_book() {
        for (left, right, wanted) in [
            ("", "", 0),
            ("", "abc", 3),
            ("nick", "nick", 0),
            ("nikc", "nick", 1),
            ("channels", "channel", 1),
            ("ca", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(left, right), wanted, "{left} {right}");
            assert_eq!(distance(right, left), wanted, "{right} {left}");
        }
    }

    #[test]
    fn misspelt_and_foreign_names_are_known() {
        for (name, setting) in [
            ("IRC_NIKC", "IRC_NICK"),
            ("IRC_CHANNELS", "IRC_CHANNEL"),
            ("IRC_HOST", "IRC_SERVER"),
            ("IRC_USE_SSL", "IRC_TLS"),
            ("IRC_SERVR", "IRC_SERVER"),
            ("IRC_MAXLINES", "IRC_MAX_LINES"),
            ("IRC_EXITTIMEOUT", "IRC_EXIT_TIMEOUT"),
            ("IRC_PASSWORT_FILE", "IRC_PASSWORD"),
            ("IRCLOG_SERVER", "IRC_SERVER"),
            ("IRCLOG_CHANNEL_FILE", "IRC_CHANNEL"),
            ("irc_server", "IRC_SERVER"),
            ("Irc_Nickname", "IRC_NICK"),
        ] {
            let found = meant(name).map(|setting| setting.name);
            assert_eq!(found, Some(setting), "{name}");
        }
    }

    #[test]
    fn our_own_names_and_those_of_others_are_left_alone() {
        for name in [
            "IRC_HMAC_SECRET",
            "IRC_BOT_OWNER",
            "IRC_SERVER",
            "IRC_PASSWORD_FILE",
            "IRC_",
            "IRC",
            "IRCLOG_REWRITE",
            "SERVER",
            "PATH",
            "CIRC_SERVER",
        ] {
            assert!(meant(name).is_none(), "{name}");
        }
    }
}
