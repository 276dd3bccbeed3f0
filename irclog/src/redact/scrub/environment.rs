//! Which environment variables hold secrets.

use super::alphabet::{ALNUM, DIGIT, TOKEN, is, union};
use super::likeness::is_word;
use super::name::{ends_harmless, says_secret};
use super::url::is_key;

/// The secret parts of a variable's value: all of it where the name says so
/// and the value is not plainly harmless; of a URL its credentials and the
/// keys in its path.
pub(in crate::redact) fn env_parts<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    let value = value.trim();
    let upper = name.to_ascii_uppercase();
    if value.contains("://") && !value.contains([' ', '\n']) {
        return url_parts(value);
    }
    let secret = !ends_harmless(upper.as_bytes()) && says_secret(&upper);
    if secret && !is_harmless_value(value) {
        vec![value]
    } else {
        Vec::new()
    }
}

/// Addresses, words, paths, flags, small numbers, URLs without credentials:
/// what would mask ordinary text and hide nothing.
pub(in crate::redact) fn is_harmless_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    if let Some(digits) = value.strip_prefix("0x") {
        return digits.len() <= 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if value.contains("://") {
        return url_parts(value).is_empty();
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

/// The user (if it is a key), the password, the keys of path and query.
fn url_parts(url: &str) -> Vec<&str> {
    let Some((_, rest)) = url.split_once("://") else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let mut rest = rest;
    if let Some((info, after)) = rest.rsplit_once('@')
        && (!info.contains('/') || info.contains(':'))
    {
        let (user, password) = info.split_once(':').unwrap_or((info, ""));
        if is_key(user.as_bytes()) {
            parts.push(user);
        }
        parts.push(password);
        rest = after;
    }
    for piece in rest.split(['/', '?', '&', '=', '#']).skip(1) {
        if is_key(piece.as_bytes()) {
            parts.push(piece);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
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
}
