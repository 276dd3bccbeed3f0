//! Which environment variables hold secrets.

use std::net::{IpAddr, SocketAddr};

use super::super::parts::json_leaves;
use super::alphabet::{ALNUM, DIGIT, LETTER, TOKEN, is, union};
use super::likeness::is_word;
use super::name::{ends_harmless, names_secret, says_secret};
use super::url::is_key;

/// Bytes of the shortest password of several words.
const PASSPHRASE_BYTES: usize = 12;

/// The secret parts of a variable's value: all of it where the name says so
/// and the value is not plainly harmless; of a URL its credentials and the
/// keys in its path; and what a name within the value says is secret.
pub(in crate::redact) fn env_parts<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    let value = value.trim();
    if is_url(value)
        && let Some((_, url)) = value.split_once("://")
    {
        return one_url_parts(url).collect();
    }
    let upper = name.to_ascii_uppercase();
    let secret = !ends_harmless(upper.as_bytes()) && (says_secret(&upper) || names_secret(name));
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
    const CHOSEN: [&str; 5] = ["password", "passwd", "pwd", "passphrase", "mnemonic"];
    let name = name.to_ascii_lowercase();
    value.len() >= PASSPHRASE_BYTES
        && CHOSEN.iter().any(|word| name.contains(word))
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
mod tests {
    use super::*;

    #[test]
    fn takes_secrets_and_leaves_the_rest() {
        for (name, value, expected) in [
            (
                "EVM_PRIVATE_KEY",
                "kd93-KSl2-99sl-Qm1z",
                &["kd93-KSl2-99sl-Qm1z"][..],
            ),
            ("SIGNING_KEY", "a8Zk3LmQ9xT2", &["a8Zk3LmQ9xT2"]),
            ("GITHUB_TOKEN", "q8Zr2mKx7LpV", &["q8Zr2mKx7LpV"]),
            (
                "DATABASE_URL",
                "postgres://ana:hunter22@db/x",
                &["hunter22"],
            ),
            (
                "RPC_URL_BASE",
                "https://rpc.example.com/v2/Qm7xT29bLk3vZ8aPq4RsW1e",
                &["Qm7xT29bLk3vZ8aPq4RsW1e"],
            ),
            ("RPC_URL", "https://rpc.example.com/health", &[]),
            (
                "TOKEN_ADDRESS",
                "0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4",
                &[],
            ),
            (
                "PAYER_KEY",
                "0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4",
                &[],
            ),
            ("SECRET_BACKEND", "q8Zr2mKx7LpV", &[]),
            ("AWS_SECRET_REGION", "eu-west-1-q8Zr2mKx", &[]),
            ("SECRETS_PROVIDER", "secretsmanager", &[]),
            ("TLS_PRIVATE_KEY", "/etc/ssl/private/server.pem", &[]),
            ("TOKEN_MODE", "q8Zr2mKx7LpV", &[]),
            ("HOME", "q8Zr2mKx7LpV", &[]),
        ] {
            assert_eq!(env_parts(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn takes_what_a_name_within_a_value_says() {
        let secret = &["walrus-tusk7"][..];
        for (name, value, expected) in [
            (
                "RPC_URL",
                "wss://x.example.com/ws?api_key=walrus-tusk7&n=1",
                secret,
            ),
            (
                "JDBC",
                "jdbc:pg://db/shop?user=ana&password=walrus-tusk7",
                secret,
            ),
            (
                "DSN_OF_DB",
                "host=db user=ana password=walrus-tusk7 port=1",
                secret,
            ),
            (
                "SHOP_DB",
                "Server=db;User Id=ana;Password=walrus-tusk7;",
                secret,
            ),
            (
                "JAVA_OPTS",
                "-Xmx1g -Dshop.password=walrus-tusk7 -ea",
                secret,
            ),
            (
                "RPC_URLS",
                "https://a.example.com/x,https://ana:walrus-tusk7@b.example.com",
                secret,
            ),
            (
                "MIRRORS",
                "https://ana:walrus-tusk7@b.example.com|https://b.example.com/y c",
                secret,
            ),
            (
                "CONFIG",
                r#"{"db":{"password":"walrus-tusk7"},"n":1}"#,
                secret,
            ),
            ("CONFIG", r#"{"db":"pg://ana:walrus-tusk7@db/x"}"#, secret),
            ("HTTP_AUTH", "walrus-tusk7", secret),
            ("SHOP_KEY_B64", "walrus-tusk7", secret),
            ("SIGNING_KEYS", "walrus-tusk7", secret),
            ("WALLET_SEED_WORDS", "walrus-tusk7", secret),
            ("DB_PASSWORD", "walrus-tusk-orange", &["walrus-tusk-orange"]),
            (
                "DSN_OF_DB",
                "host=db password=walrus_tusk_orange",
                &["walrus_tusk_orange"],
            ),
            // What only looks like it.
            ("PATH_OF", "a=walrus-tusk7;token_mode=walrus-tusk7", &[]),
            (
                "JAVA_OPTS",
                "-Dkey.store=/etc/x -Dpassword.file=/run/x7",
                &[],
            ),
            ("SHOP_SECRET_PEER", "203.0.113.7:8402", &[]),
            ("SHOP_SECRET_PEER", "2001:db8::7", &[]),
            ("DB_PASSWORD", "walrus", &[]),
            ("DB_PASSWORD", "/run/secrets/of_the_db", &[]),
            ("SHOP_SECRET", "secrets-manager", &[]),
        ] {
            assert_eq!(env_parts(name, value), expected, "{name}={value}");
        }
        // All of it and what is in it.
        assert_eq!(
            env_parts(
                "A_SECRET",
                r#"{"token":"walrus-tusk7","u":"https://a.example.com"}"#
            )[1..],
            ["walrus-tusk7"]
        );
    }
}
