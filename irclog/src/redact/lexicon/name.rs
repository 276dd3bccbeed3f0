//! Names that announce a secret: `password`, `api_key`, `xAccessToken`.

pub(in crate::redact) mod endings;
mod gate;
mod words;

pub(in crate::redact) use self::gate::{may_announce, may_end};
#[cfg(test)]
pub(in crate::redact) use self::words::ATOMS;
pub(in crate::redact) use self::words::is_postposed;
use self::words::{is_harmless, is_neutral, owns_a_plain_key, owns_a_private_key};
use crate::redact::text::alphabet::{ALNUM, DIGIT, LOWER, UPPER, class, is};
use crate::redact::text::letters::unaccented;
use crate::redact::text::random::is_random;

/// What a name says about the value after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Announces {
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

/// Bytes of a piece of a name that is none if it looks random.
const RANDOM_BYTES: usize = 20;

/// What `name` announces, if anything. `name` is a token, or two words with a
/// space between them; `assigned`, whether what follows makes the rest a value.
pub(in crate::redact) fn announces(name: &[u8], assigned: bool) -> Option<Announces> {
    let name = &name[name.len().saturating_sub(NAME_BYTES)..];
    let mut lower = [0; NAME_BYTES];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();

    // Bundler keeps the credentials of a host under the host's name.
    if lower.starts_with(b"bundle_") && lower.windows(2).any(|pair| pair == b"__") {
        return Some(Announces::Secret);
    }
    if name.len() >= RANDOM_BYTES && is_random_itself(name) {
        return None;
    }
    let mut words = Words {
        name,
        end: name.len(),
    };
    let mut next = || words.next().map(|(start, end)| &lower[start..end]);
    let mut last = next()?;
    let mut skipped = false;
    for _ in 0..3 {
        if is(last[0], DIGIT) || last.len() == 1 || is_neutral(last) {
            last = next()?;
            skipped = true;
        }
    }
    if is_harmless(last) {
        return None;
    }
    let mut before = next();
    // `mot de passe`, `frase de recuperacion`.
    if before == Some(b"de") {
        before = next();
    }
    if assigned && matches!(before, Some(b"clave" | b"llave")) && is_postposed(last) {
        return Some(Announces::Secret);
    }
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
    if assigned && !skipped && before.is_some_and(strong) {
        return Some(Announces::Token);
    }
    None
}

/// Whether a name is a secret of its own, which ends like a name by chance:
/// `...kTPw==`. It would be passed over for what follows it.
fn is_random_itself(name: &[u8]) -> bool {
    let last = name.iter().rposition(|&byte| !is(byte, ALNUM));
    let piece = &name[last.map_or(0, |at| at + 1)..];
    piece.len() >= RANDOM_BYTES && is_random(piece)
}

/// Whether any value of `name` is secret.
pub(in crate::redact) fn names_secret(name: &str) -> bool {
    let name = unaccented(name);
    matches!(
        announces(name.as_bytes(), true),
        Some(Announces::Secret | Announces::Phrase | Announces::Token | Announces::Digits)
    )
}

/// Whether a name says that its value is a password, a PIN or a secret: that
/// may be a word or a number.
pub(in crate::redact) fn names_password(name: &str) -> bool {
    const WORDS: &[&[u8]] = &[
        b"pass", b"pin", b"secrets", b"clave", b"senha", b"secreto", b"passe",
    ];
    const ENDINGS: &[&[u8]] = &[
        b"password",
        b"passwd",
        b"pwd",
        b"passphrase",
        b"secret",
        b"contrasena",
    ];
    let name = unaccented(name);
    let lower = name.to_ascii_lowercase();
    let words = Words {
        name: name.as_bytes(),
        end: name.len(),
    };
    words
        .map(|(start, end)| &lower.as_bytes()[start..end])
        .any(|word| {
            WORDS.contains(&word)
                || ENDINGS.iter().any(|ending| word.ends_with(ending))
                || word.ends_with(b"pass") && joined(word).is_some()
        })
}

/// Whether the last word of a name makes it harmless.
pub(in crate::redact) fn ends_harmless(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = Words {
        name: &lower,
        end: lower.len(),
    }
    .find(|&(start, _)| !is(lower[start], DIGIT));
    last.is_some_and(|(start, end)| is_harmless(&lower[start..end]))
        || lower.ends_with(b"public_key")
}

/// Whether the name of an environment variable, in upper case, says that its
/// value is secret.
pub(in crate::redact) fn says_secret(name: &str) -> bool {
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
    const NOTATIONS: &[&str] = &["_B64", "_BASE64", "_HEX", "_PEM", "_JSON"];
    let name = NOTATIONS
        .iter()
        .find_map(|notation| name.strip_suffix(notation))
        .unwrap_or(name);
    SAYING.iter().any(|part| name.contains(part))
        || ENDING.iter().any(|end| name.ends_with(end))
        || name == "KEY"
}

fn ends(last: &[u8], before: Option<&[u8]>) -> Option<Announces> {
    let owner = |list: &[&[u8]]| before.is_some_and(|word| list.contains(&word));
    Some(match last {
        b"key" | b"keys" if before.is_some_and(owns_a_private_key) => Announces::Secret,
        b"code"
            if owner(&[
                b"pin",
                b"recovery",
                b"backup",
                b"verification",
                b"security",
                b"otp",
                b"mfa",
                b"totp",
                b"pass",
                b"unlock",
                b"access",
                b"auth",
                b"authorization",
                b"activation",
                b"sms",
            ]) =>
        {
            Announces::Digits
        }
        b"keys" | b"code" => return None,
        b"key" if before.is_some_and(owns_a_plain_key) => return None,
        b"key" if before.is_some() => Announces::VendorKey,
        b"key" => Announces::Key,
        b"access" | b"login" | b"pat" | b"dsn" | b"webhook" if before.is_some() => {
            Announces::VendorKey
        }
        b"passwd" | b"pwd" | b"pw" | b"passcode" | b"secrets" | b"creds" | b"psk" | b"passwort"
        | b"keypair" | b"private" | b"identified" => Announces::Secret,
        b"phrase" | b"words"
            if owner(&[
                b"seed",
                b"recovery",
                b"secret",
                b"backup",
                b"mnemonic",
                b"wallet",
                b"pass",
            ]) =>
        {
            Announces::Phrase
        }
        b"pair" if owner(&[b"key"]) => Announces::Token,
        b"seed" | b"semilla" => Announces::Phrase,
        b"recuperacion" if owner(&[b"frase", b"palabras"]) => Announces::Phrase,
        b"passe" if owner(&[b"mot"]) => Announces::Secret,
        b"clave" if owner(&[b"palabra", b"palabras"]) => return None,
        b"authorization" | b"authorisation" | b"cookie" => Announces::Header,
        b"pass" | b"auth" | b"authentication" | b"session" | b"sid" | b"jwt" | b"bearer"
        | b"salt" | b"hmac" | b"totp" | b"identify" | b"passwords" | b"llave" => Announces::Token,
        b"sig" | b"signature" => Announces::Signature,
        b"payment" if owner(&[b"x"]) => Announces::Token,
        b"pin" | b"cvv" | b"cvc" | b"otp" | b"pincode" => Announces::Digits,
        _ => return joined(last),
    })
}

/// Run-together forms, at the end of one word: `authtoken`, `dbpassword`.
fn joined(word: &[u8]) -> Option<Announces> {
    let ends = |list: &[&[u8]]| list.iter().any(|end| word.ends_with(end));
    let (kind, list): (_, &[&[u8]]) = match word.last()? {
        b'd' if ends(&[b"sessionid", b"sessid"]) => return Some(Announces::Token),
        b'd' if word.ends_with(b"accessid") => return Some(Announces::VendorKey),
        b'd' => (Announces::Secret, &[b"password", b"passwd", b"pwd"]),
        b'y' if word.ends_with(b"passkey") => return Some(Announces::Token),
        b'e' if word == b"clave" || word.ends_with(b"motdepasse") => {
            return Some(Announces::Secret);
        }
        b'e' => (Announces::Phrase, &[b"passphrase", b"seedphrase"]),
        b'a' if word == b"senha" => return Some(Announces::Secret),
        b'a' => (Announces::Secret, &[b"contrasena"]),
        b'o' => (Announces::Secret, &[b"secreto"]),
        b't' => (Announces::Secret, &[b"secret"]),
        b'n' => (Announces::Token, &[b"token"]),
        b'l' => (Announces::Secret, &[b"credential"]),
        b's' => (
            Announces::Secret,
            &[
                b"credentials",
                b"dbpass",
                b"userpass",
                b"rootpass",
                b"requirepass",
                b"adminpass",
                b"authpass",
                b"storepass",
                b"keypass",
                b"pgpass",
            ],
        ),
        b'w' => (Announces::Secret, &[b"rootpw", b"dbpw", b"userpw"]),
        b'c' => (Announces::Phrase, &[b"mnemonic"]),
        b'y' => (
            Announces::Secret,
            &[
                b"apikey",
                b"privatekey",
                b"privkey",
                b"secretkey",
                b"accesskey",
                b"authkey",
                b"signingkey",
                b"encryptionkey",
                b"masterkey",
                b"sharedkey",
                b"accountkey",
                b"licensekey",
            ],
        ),
        _ => return None,
    };
    ends(list).then_some(kind)
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
    use crate::redact::text::alphabet::union;

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
            ("key_b64", Some(Announces::Key)),
            ("api_key_v2", Some(Announces::Secret)),
            ("monkey", None),
            ("private_key_pem", Some(Announces::Secret)),
            ("signer_key_pair", Some(Announces::Token)),
            ("authorization_code", Some(Announces::Digits)),
            ("status_code", None),
            ("TOKEN_NETWORK", None),
            ("8baQdB9eztKIJPh4JLmITPw", None),
            ("public_key", None),
            ("SECRET_NAME", None),
            ("tokens", None),
            ("keys", None),
            ("client_id", Some(Announces::Key)),
        ] {
            assert_eq!(announces(name.as_bytes(), true), expected, "{name}");
        }
    }

    #[test]
    fn what_announces_passes_the_gate() {
        for atom in ATOMS {
            let title = [&atom[..1].to_ascii_uppercase(), &atom[1..]].concat();
            for name in [
                [b"my_", *atom].concat(),
                [b"my_", *atom].concat().to_ascii_uppercase(),
                [b"xmy", *atom].concat(),
                [b"x-", *atom].concat(),
                [b"x", &title[..]].concat(),
                [b"my_", *atom, b"_2"].concat(),
                [b"my", &title[..], b"Base"].concat(),
                [b"my", &atom.to_ascii_uppercase()[..], b"Base64"].concat(),
                [b"-", *atom, b"-"].concat(),
            ] {
                assert!(
                    may_announce(&name, union(&name), true) || announces(&name, true).is_none(),
                    "{:?}",
                    String::from_utf8_lossy(&name)
                );
            }
        }
    }

    #[test]
    fn words_that_only_sound_alike_announce_nothing() {
        for word in [
            "connection",
            "version",
            "default_format",
            "Rated",
            "x402_rs",
        ] {
            assert!(
                !may_announce(word.as_bytes(), union(word.as_bytes()), true),
                "{word}"
            );
        }
    }
}
