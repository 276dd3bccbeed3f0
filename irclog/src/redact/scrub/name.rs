//! Names that announce a secret: `password`, `api_key`, `xAccessToken`.

use super::alphabet::{ALNUM, DIGIT, LOWER, UPPER, class, is};

/// What a name says about the value after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announces {
    /// `password`, `secret`, `private_key`: any value is secret.
    Secret,
    /// `token`, `session`, `auth`: a value is secret unless it is plainly a
    /// word, a small number or an address.
    Token,
    /// `signature`: as a token, but hexadecimal keeps its first digits.
    Signature,
    /// `pin`, `cvv`: digits are secret.
    Digits,
    /// `xKey`: a value that looks like a key is secret; also a UUID.
    VendorKey,
    /// `key` alone: a value that looks like a key is secret.
    Key,
    /// `mnemonic`, `seed phrase`: the value goes on over spaces.
    Phrase,
    /// `Authorization`, `Cookie`: the value goes on to the end of the line.
    Header,
}

/// Bytes of a name that are looked at, counted from its end.
const NAME_BYTES: usize = 64;

/// Whether a name may end in these two bytes: one table look-up, which most
/// words of a line do not pass.
pub(super) fn may_announce(last: u8, before: u8) -> bool {
    const fn at(byte: u8) -> usize {
        (byte & 31) as usize
    }
    static ENDINGS: [u32; 32] = {
        let mut table = [0u32; 32];
        let mut i = 0;
        while i < ATOMS.len() {
            let atom = ATOMS[i].as_bytes();
            table[at(atom[atom.len() - 1])] |= 1 << at(atom[atom.len() - 2]);
            i += 1;
        }
        let mut i = 0;
        while i < NEUTRAL.len() {
            let atom = NEUTRAL[i].as_bytes();
            let before = if atom.len() > 1 {
                atom[atom.len() - 2]
            } else {
                0
            };
            table[at(atom[atom.len() - 1])] |= 1 << at(before);
            i += 1;
        }
        table
    };
    is(last, DIGIT) || ENDINGS[at(last)] & (1 << at(before)) != 0
}

/// Every word that can end a name which announces something.
const ATOMS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "phrase",
    "words",
    "mnemonic",
    "seed",
    "secret",
    "secrets",
    "token",
    "key",
    "credential",
    "credentials",
    "creds",
    "auth",
    "authorization",
    "authorisation",
    "authentication",
    "cookie",
    "session",
    "sid",
    "sig",
    "signature",
    "pin",
    "cvv",
    "cvc",
    "otp",
    "totp",
    "jwt",
    "pat",
    "dsn",
    "bearer",
    "login",
    "payment",
    "keypair",
    "pw",
    "psk",
    "hmac",
    "certificate",
    "access",
    "private",
    "webhook",
    "salt",
    "passwort",
    "keys",
    "response",
    // Bundler names credentials by host.
    "com",
    "org",
    "net",
    "io",
];

/// Words at the end of a name that change nothing about its value.
const NEUTRAL: &[&str] = &[
    "value",
    "val",
    "str",
    "string",
    "raw",
    "hex",
    "b64",
    "base",
    "text",
    "plain",
    "bytes",
    "new",
    "old",
    "current",
    "prod",
    "production",
    "dev",
    "test",
    "live",
    "main",
    "staging",
    "env",
    "header",
    "param",
    "data",
    "encoded",
    "encrypted",
    "hash",
    "v",
    "x",
    "a",
    "b",
    "primary",
    "secondary",
    "default",
    "local",
    "master",
    "root",
];

/// Words that make a name harmless when they end it.
const HARMLESS: &[&str] = &[
    "address",
    "region",
    "name",
    "backend",
    "count",
    "length",
    "len",
    "size",
    "type",
    "kind",
    "path",
    "file",
    "dir",
    "url",
    "uri",
    "endpoint",
    "host",
    "port",
    "version",
    "status",
    "state",
    "error",
    "expired",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "valid",
    "required",
    "enabled",
    "disabled",
    "manager",
    "store",
    "provider",
    "contract",
    "symbol",
    "decimals",
    "index",
    "algorithm",
    "alg",
    "format",
    "policy",
    "arn",
    "exists",
    "present",
    "set",
    "age",
    "at",
    "in",
    "amount",
    "price",
    "limit",
    "usage",
    "used",
    "balance",
    "mint",
    "list",
    "time",
    "timeout",
    "max",
    "min",
    "rotation",
    "service",
    "mode",
    "level",
    "source",
    "scheme",
    "method",
    "label",
];

/// Words before `key` that make it a private one.
const KEY_OWNERS: &[&str] = &[
    "private",
    "priv",
    "secret",
    "sec",
    "api",
    "access",
    "auth",
    "signing",
    "sign",
    "signer",
    "encryption",
    "encrypt",
    "decryption",
    "master",
    "shared",
    "account",
    "wallet",
    "deployer",
    "relayer",
    "facilitator",
    "evm",
    "solana",
    "eth",
    "ssh",
    "rsa",
    "gpg",
    "pgp",
    "hmac",
    "aes",
    "license",
    "service",
    "client",
    "admin",
    "storage",
    "ingest",
    "insert",
    "write",
    "webhook",
    "session",
    "credential",
    "credentials",
    "consumer",
    "subscription",
    "app",
    "application",
    "merchant",
    "server",
    "root",
    "developer",
];

/// Words before `key` that make it an ordinary one.
const PLAIN_KEYS: &[&str] = &[
    "public",
    "pub",
    "cache",
    "primary",
    "foreign",
    "row",
    "partition",
    "sort",
    "group",
    "idempotency",
    "lookup",
    "routing",
    "dedup",
    "index",
    "hash",
    "map",
    "object",
    "config",
    "translation",
    "message",
    "event",
    "chain",
    "unknown",
    "missing",
    "verifying",
];

/// Run-together forms, found at the end of one word.
const JOINED: &[(&str, Announces)] = &[
    ("accessid", Announces::VendorKey),
    ("password", Announces::Secret),
    ("passwd", Announces::Secret),
    ("passphrase", Announces::Phrase),
    ("secret", Announces::Secret),
    ("credential", Announces::Secret),
    ("credentials", Announces::Secret),
    ("mnemonic", Announces::Phrase),
    ("seedphrase", Announces::Phrase),
    ("token", Announces::Token),
    ("apikey", Announces::Secret),
    ("privatekey", Announces::Secret),
    ("privkey", Announces::Secret),
    ("secretkey", Announces::Secret),
    ("accesskey", Announces::Secret),
    ("authkey", Announces::Secret),
    ("signingkey", Announces::Secret),
    ("encryptionkey", Announces::Secret),
    ("masterkey", Announces::Secret),
    ("sharedkey", Announces::Secret),
    ("accountkey", Announces::Secret),
    ("licensekey", Announces::Secret),
    ("sessionid", Announces::Token),
    ("sessid", Announces::Token),
    ("pwd", Announces::Secret),
];

/// What `name` announces, if anything. `name` is a token, or two words with a
/// space between them.
pub(super) fn announces(name: &[u8]) -> Option<Announces> {
    let name = &name[name.len().saturating_sub(NAME_BYTES)..];
    let mut lower = [0; NAME_BYTES];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();

    // Bundler keeps the credentials of a host under the host's name.
    if lower.starts_with(b"bundle_") && lower.windows(2).any(|pair| pair == b"__") {
        return Some(Announces::Secret);
    }
    let mut words = Words {
        name,
        end: name.len(),
    };
    let mut next = || words.next().map(|(start, end)| &lower[start..end]);
    let mut last = next()?;
    let mut skipped = false;
    for _ in 0..3 {
        if is(last[0], DIGIT) || one_of(NEUTRAL, last) {
            last = next()?;
            skipped = true;
        }
    }
    if one_of(HARMLESS, last) {
        return None;
    }
    let before = next();
    if last == b"pass" && before.is_some() && !name.contains(&b' ') {
        return Some(Announces::Secret);
    }
    if let Some(found) = ends(last, before) {
        return Some(found);
    }
    if last == b"id" {
        return match before {
            Some(b"session" | b"secret" | b"access") => Some(Announces::Token),
            Some(b"client" | b"app" | b"key") => Some(Announces::Key),
            _ => None,
        };
    }
    // `secretKeyBase`, `passwordForProd`: the secret word stands further in.
    let strong = |word: &[u8]| matches!(joined(word), Some(Announces::Secret | Announces::Phrase));
    if !skipped && before.is_some_and(strong) {
        return Some(Announces::Token);
    }
    None
}

/// Whether the last word of a name makes it harmless.
pub(super) fn ends_harmless(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = Words {
        name: &lower,
        end: lower.len(),
    }
    .find(|&(start, _)| !is(lower[start], DIGIT));
    last.is_some_and(|(start, end)| one_of(HARMLESS, &lower[start..end]))
        || lower.ends_with(b"public_key")
}

/// Whether the name of an environment variable, in upper case, says that its
/// value is secret.
pub(super) fn says_secret(name: &str) -> bool {
    const SAYING: &[&str] = &[
        "PRIVATE_KEY",
        "PRIVATEKEY",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "MNEMONIC",
        "TOKEN",
        "CREDENTIAL",
        "API_KEY",
        "APIKEY",
        "SEED_PHRASE",
        "KEYPAIR",
    ];
    const ENDING: &[&str] = &["_KEY", "_PWD", "_PASS", "_PAT", "_DSN", "_SEED"];
    SAYING.iter().any(|part| name.contains(part))
        || ENDING.iter().any(|end| name.ends_with(end))
        || name == "KEY"
}

fn ends(last: &[u8], before: Option<&[u8]>) -> Option<Announces> {
    let owner = |list: &[&str]| before.is_some_and(|word| one_of(list, word));
    Some(match last {
        b"key" | b"keys" if owner(KEY_OWNERS) => Announces::Secret,
        b"keys" => return None,
        b"key" if owner(PLAIN_KEYS) => return None,
        b"key" if before.is_some() => Announces::VendorKey,
        b"key" => Announces::Key,
        b"access" | b"login" | b"pat" | b"dsn" | b"webhook" if before.is_some() => {
            Announces::VendorKey
        }
        b"passwd" | b"pwd" | b"pw" | b"passcode" | b"secrets" | b"creds" | b"psk" | b"passwort"
        | b"keypair" | b"private" => Announces::Secret,
        b"phrase" | b"words"
            if owner(&[
                "seed", "recovery", "secret", "backup", "mnemonic", "wallet", "pass",
            ]) =>
        {
            Announces::Phrase
        }
        b"seed" => Announces::Phrase,
        b"authorization" | b"authorisation" | b"cookie" => Announces::Header,
        b"pass" | b"auth" | b"authentication" | b"session" | b"sid" | b"jwt" | b"bearer"
        | b"salt" => Announces::Token,
        b"sig" | b"signature" => Announces::Signature,
        b"payment" if owner(&["x"]) => Announces::Token,
        b"response" if owner(&["payment"]) => Announces::Token,
        b"hmac" | b"totp" => Announces::Token,
        b"pin" | b"cvv" | b"cvc" | b"otp" => Announces::Digits,
        _ => return joined(last),
    })
}

fn joined(word: &[u8]) -> Option<Announces> {
    JOINED
        .iter()
        .find(|(atom, _)| word.ends_with(atom.as_bytes()))
        .map(|&(_, kind)| kind)
}

fn one_of(list: &[&str], word: &[u8]) -> bool {
    list.iter().any(|item| item.as_bytes() == word)
}

/// The words of a name from its end: parted by joins, by case and where
/// letters and digits meet.
struct Words<'a> {
    name: &'a [u8],
    end: usize,
}

impl Iterator for Words<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.name;
        while self.end > 0 && !is(name[self.end - 1], ALNUM) {
            self.end -= 1;
        }
        if self.end == 0 {
            return None;
        }
        let end = self.end;
        let mut start = end - 1;
        while start > 0 && !parts(name, start) {
            start -= 1;
        }
        self.end = start;
        Some((start, end))
    }
}

/// Whether a new word begins at `at`, which is above 0.
fn parts(name: &[u8], at: usize) -> bool {
    let (left, right) = (class(name[at - 1]), class(name[at]));
    if left & ALNUM == 0 {
        return true;
    }
    if (left & DIGIT != 0) != (right & DIGIT != 0) {
        return true;
    }
    if right & UPPER == 0 {
        return false;
    }
    left & LOWER != 0 || name.get(at + 1).is_some_and(|&next| is(next, LOWER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_announces_by_its_words() {
        for (name, expected) in [
            ("password", Some(Announces::Secret)),
            ("DB_PASSWORD", Some(Announces::Secret)),
            ("dbPassword2", Some(Announces::Secret)),
            ("x-api-key", Some(Announces::Secret)),
            ("APIKey", Some(Announces::Secret)),
            ("private key", Some(Announces::Secret)),
            ("shopToken", Some(Announces::Token)),
            ("some_api_token_123", Some(Announces::Token)),
            ("SECRET_KEY_BASE", Some(Announces::Secret)),
            ("key", Some(Announces::Key)),
            ("seed_phrase", Some(Announces::Phrase)),
            ("Authorization", Some(Announces::Header)),
            ("token_contract", None),
            ("monkey", None),
            ("public_key", None),
            ("SECRET_NAME", None),
            ("tokens", None),
            ("keys", None),
            ("client_id", Some(Announces::Key)),
        ] {
            assert_eq!(announces(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn every_atom_passes_the_gate() {
        for atom in ATOMS.iter().chain(NEUTRAL).filter(|atom| atom.len() > 1) {
            let atom = atom.as_bytes();
            assert!(may_announce(atom[atom.len() - 1], atom[atom.len() - 2]));
            let upper = atom.to_ascii_uppercase();
            assert!(may_announce(upper[upper.len() - 1], upper[upper.len() - 2]));
        }
    }
}
