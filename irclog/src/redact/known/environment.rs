//! Which environment variables hold secrets.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::redact::known::json::json_leaves;
use crate::redact::lexicon::looks_secret::is_key;
use crate::redact::lexicon::looks_secret::is_word;
use crate::redact::lexicon::name::{ends_harmless, names_password, names_secret, says_secret};
use crate::redact::lexicon::words::{COMMON, PASSPHRASES};
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, TOKEN, is, union};

/// Bytes of the shortest password of several words.
const PASSPHRASE_BYTES: usize = 12;

/// Bytes of the shortest value that is taken, whatever it is of.
const VALUE_BYTES: usize = 8;

/// Bytes of the shortest password that is taken, and of one of digits.
const PASSWORD_BYTES: usize = 6;
const PIN_BYTES: usize = 8;

/// Why the value of a variable whose name says password is not masked wherever
/// it appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Untaken {
    Short,
    Digits,
    Common,
    Elsewhere,
    Plain,
}

impl fmt::Display for Untaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "shorter than 6 bytes",
            Self::Digits => "digits, fewer than 8",
            Self::Common => "a word of every log",
            Self::Elsewhere => "another variable, or the program, has it in the open",
            Self::Plain => "a path, an address or a name of several words",
        })
    }
}

/// The name of a variable, and what is said of it.
type Named<'a, T> = (&'a str, T);

/// The secrets among `vars`, each with the name of its variable; and the
/// variables whose name says password, and whose value is not among them.
/// `program` is the name of the process.
pub(in crate::redact) fn secrets_of<'a>(
    vars: &'a [(String, String)],
    program: &str,
) -> (Vec<Named<'a, &'a str>>, Vec<Named<'a, Untaken>>) {
    let (mut secrets, mut untaken) = (Vec::new(), Vec::new());
    for (at, (name, value)) in vars.iter().enumerate() {
        let parts = env_parts(name, value);
        let mut taken = parts.clone();
        taken.retain(|part| part.len() >= VALUE_BYTES);
        let whole = value.trim();
        if is_password(name) && !whole.is_empty() && !is_url(whole) && !taken.contains(&whole) {
            let others = || {
                let others = vars.iter().enumerate().filter(|&(other, _)| other != at);
                others.map(|(_, (name, value))| open_text(name, value))
            };
            match why_untaken(whole, parts.contains(&whole), program, others) {
                None => taken.push(whole),
                Some(why) => untaken.push((name.as_str(), why)),
            }
        }
        secrets.extend(taken.into_iter().map(|part| (name.as_str(), part)));
    }
    (secrets, untaken)
}

/// Whether a variable names where a container learns of itself.
fn is_address(name: &str) -> bool {
    name.starts_with("ECS_CONTAINER_METADATA_URI")
}

/// Whether the name of a variable says password.
fn is_password(name: &str) -> bool {
    // What shells keep the directory in.
    !matches!(name, "PWD" | "OLDPWD") && !ends_harmless(name.as_bytes()) && names_password(name)
}

/// Why the value of a variable whose name says password is not taken. `odd`:
/// it is not plainly harmless.
fn why_untaken<I: Iterator<Item = String>>(
    value: &str,
    odd: bool,
    program: &str,
    others: impl Fn() -> I,
) -> Option<Untaken> {
    let lower = value.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&lower);
    let bytes = value.as_bytes();
    if bytes.len() < PASSWORD_BYTES {
        Some(Untaken::Short)
    } else if bytes.iter().all(u8::is_ascii_digit) && bytes.len() < PIN_BYTES {
        Some(Untaken::Digits)
    } else if COMMON.has(lower.as_bytes()) {
        Some(Untaken::Common)
    } else if has(program) || others().any(|other| has(&other)) {
        Some(Untaken::Elsewhere)
    } else {
        // Of letters or digits, or of more than words.
        let plain = !odd && bytes.iter().any(|&byte| !is(byte, ALNUM));
        plain.then_some(Untaken::Plain)
    }
}

/// The value of a variable without what is secret in it.
fn open_text(name: &str, value: &str) -> String {
    let shell = matches!(name, "PWD" | "OLDPWD");
    if !shell && names_secret_variable(name) {
        return String::new();
    }
    env_parts(name, value)
        .into_iter()
        .fold(value.to_owned(), |open, part| open.replace(part, "\n"))
}

/// The values that the names on a command line announce.
#[cfg(any(test, feature = "cli"))]
pub(in crate::redact) fn announced_in(arguments: &[impl AsRef<str>]) -> Vec<Named<'_, &str>> {
    let mut found = Vec::new();
    let mut announced = None;
    for argument in arguments.iter().map(AsRef::as_ref) {
        let name = argument.trim_start_matches('-');
        let pair = name.split_once('=');
        if let Some(name) = announced.take()
            && is_pair(name, argument)
            && !argument.starts_with('-')
        {
            found.push((name, argument));
        } else if let Some((name, value)) = pair {
            // A script that is an argument has anything in it.
            let option = name.bytes().all(|byte| is(byte, TOKEN));
            if option && !value.contains(char::is_whitespace) && is_pair(name, value) {
                found.push((name, value));
            }
        } else if argument.starts_with("--") {
            announced = Some(name);
        }
    }
    found.retain(|(_, value)| value.len() >= PASSWORD_BYTES);
    found
}

/// Whether a variable is secret by its name.
pub(in crate::redact) fn names_secret_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    !ends_harmless(upper.as_bytes())
        && (says_secret(name) || names_secret(name) || names_password(name))
}

/// The secret parts of a variable's value: all of it where the name says so
/// and the value is not plainly harmless; of a URL its credentials and the
/// keys in its path; and what a name within the value says is secret.
fn env_parts<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    let value = value.trim();
    if is_address(name) {
        return Vec::new();
    }
    if is_url(value)
        && let Some((_, url)) = value.split_once("://")
    {
        return one_url_parts(url).collect();
    }
    let secret = names_secret_variable(name);
    let mut parts = Vec::new();
    if secret && (!is_harmless_value(value) || is_passphrase(name, value)) {
        parts.push(value);
    }
    if value.starts_with(['{', '[']) {
        json_leaves(value, |name, leaf| {
            if is_pair(name, leaf) {
                parts.push(leaf);
            }
        });
    } else {
        parts.extend(paired(value));
    }
    parts.extend(url_parts(value));
    parts
}

/// Whether a value is one URL and no more: what is not secret in it is worth
/// reading.
fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        // `jdbc:postgresql`
        let joins = |byte| matches!(byte, b'+' | b'-' | b'.' | b':');
        scheme.bytes().all(|byte| is(byte, ALNUM) || joins(byte))
            && !rest.contains("://")
            && !rest.contains(char::is_whitespace)
    })
}

/// The secrets of a connection string: `Server=db;Password=...`,
/// `host=db password=...`, `--password=...`.
fn paired(value: &str) -> impl Iterator<Item = &str> {
    // Where semicolons part, a password may have anything else in it.
    let parts: &[char] = if value.contains(';') {
        &[';', '\n']
    } else {
        &[' ', ',', '&', '?', '\t', '\n']
    };
    value.split(parts).filter_map(|pair| {
        let (name, part) = pair.split_once('=')?;
        let part = part.trim().trim_matches(['"', '\'']);
        is_pair(name.trim(), part).then_some(part)
    })
}

/// Whether a name within a value says that what it is given is secret.
fn is_pair(name: &str, part: &str) -> bool {
    names_secret(name)
        && !ends_harmless(name.as_bytes())
        && (!is_harmless_value(part) || is_passphrase(name, part))
}

/// Whether a value of several words is a password: one alone may be anything,
/// but nobody else writes the same words in a row.
fn is_passphrase(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    value.len() >= PASSPHRASE_BYTES
        && PASSPHRASES.list.iter().any(|word| {
            name.as_bytes()
                .windows(word.len())
                .any(|part| part == *word)
        })
        && value
            .split(['-', '_', '+'])
            .all(|word| !word.is_empty() && word.bytes().all(|byte| is(byte, LETTER)))
        && value.contains(['-', '_', '+'])
}

/// Addresses, words, paths, flags, small numbers, URLs without credentials:
/// what would mask ordinary text and hide nothing.
pub(in crate::redact) fn is_harmless_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    if let Some(digits) = value.strip_prefix("0x") {
        return digits.len() <= 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if value.split([' ', ',', ';', '|', '\n']).all(is_url) {
        return url_parts(value).is_empty();
    }
    if value.parse::<IpAddr>().is_ok() || value.parse::<SocketAddr>().is_ok() {
        return true;
    }
    let is_path = (value.starts_with(['/', '.', '~'])
        || value.as_bytes().get(1..3) == Some(b":\\"))
        && bytes
            .iter()
            .all(|&byte| is(byte, TOKEN) || matches!(byte, b'\\' | b':' | b' '))
        && value
            .split(['/', '\\', '.'])
            .all(|piece| !is_key(piece.as_bytes()));
    let is_number =
        bytes.len() < 16 && union(bytes) & !DIGIT == 0 && bytes.iter().all(|&byte| is(byte, DIGIT));
    is_word(bytes) || is_path || is_number || !bytes.iter().any(|&byte| is(byte, ALNUM))
}

/// What is secret in every URL of `text`.
fn url_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut left = text;
    while let Some((_, rest)) = left.split_once("://") {
        left = rest;
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
        let mut url = &rest[..rest.find(ends).unwrap_or(rest.len())];
        // The scheme of the next one, and what parts them.
        if let Some((own, _)) = url.split_once("://") {
            url = own
                .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'))
                .trim_end_matches([',', ';', '|']);
        }
        parts.extend(one_url_parts(url));
    }
    parts
}

/// Of a URL, given without its scheme, the user (if it is a key), the password,
/// and the keys of path and query.
fn one_url_parts(url: &str) -> impl Iterator<Item = &str> {
    let info = url
        .rsplit_once('@')
        .filter(|(info, _)| !info.contains('/') || info.contains(':'));
    let (info, rest) = info.unwrap_or(("", url));
    let (user, password) = info.split_once(':').unwrap_or((info, ""));
    let pieces = rest.split(['/', '?', '&', '#', ';']).skip(1);
    let keys = pieces.filter_map(|piece| match piece.split_once('=') {
        Some((name, part)) if is_pair(name, part) => Some(part),
        Some((_, part)) => Some(part).filter(|part| is_key(part.as_bytes())),
        None => Some(piece).filter(|piece| is_key(piece.as_bytes())),
    });
    let user = Some(user).filter(|user| is_key(user.as_bytes()));
    user.into_iter()
        .chain([password])
        .chain(keys)
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests;
