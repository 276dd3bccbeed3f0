//! Names that announce a secret: `password`, `api_key`, `xAccessToken`.

use super::alphabet::{ALNUM, DIGIT, JOIN, LETTER, LOWER, UPPER, class, is};

/// A list of words, and a function that finds a word in it by its bytes: a
/// decision tree, where a list would be compared word by word.
macro_rules! words {
    ($(#[$doc:meta])* $list:ident, $find:ident, $($word:literal)+) => {
        $(#[$doc])*
        #[allow(dead_code)]
        const $list: &[&[u8]] = &[$($word),+];

        fn $find(word: &[u8]) -> bool {
            matches!(word, $($word)|+)
        }
    };
}

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

/// Whether `token` could announce something: whether it ends as one of the
/// [`ATOMS`] does, or may where its last word does not count (`api_token_2`)
/// or a value is `assigned` to it (`SECRET_SALTED=`).
///
/// `classes` are those of its bytes together.
pub(super) fn may_announce(token: &[u8], classes: u8, assigned: bool) -> bool {
    if ends_in_atom(token) {
        return true;
    }
    // One word, in small letters or capitals, has no end further in.
    if classes & (DIGIT | JOIN) == 0 && classes & LETTER != LETTER || classes & LETTER == 0 {
        return false;
    }
    let further_in = assigned
        || passes_over(token)
        || token.len() > NAME_BYTES
        // Bundler's names begin alike.
        || matches!(token.first(), Some(b'b' | b'B'));
    let from = token.len().saturating_sub(NAME_BYTES);
    further_in
        && (from + 1..token.len()).any(|end| {
            // Most bytes of a name are small letters, in which no word ends.
            !is(token[end], LOWER) && word_ends(token, end) && ends_in_atom(&token[..end])
        })
}

/// Whether the last word of a name may be one that does not count: a number, a
/// letter, `id`, or [`NEUTRAL`].
fn passes_over(name: &[u8]) -> bool {
    /// By last letter, the letters before it.
    static NEUTRAL_ENDINGS: [u32; 32] = {
        let mut table = [0; 32];
        let mut i = 0;
        while i < NEUTRAL.len() {
            if let [.., second, last] = NEUTRAL[i] {
                table[(*last & 31) as usize] |= 1 << (*second & 31);
            }
            i += 1;
        }
        table
    };
    match *name {
        [.., second, last] => {
            !is(last, LETTER)
                || !is(second, LETTER)
                || is(last, UPPER) && is(second, LOWER)
                || matches!((second, last), (b'i' | b'I', b'd' | b'D'))
                || NEUTRAL_ENDINGS[usize::from(last & 31)] >> (second & 31) & 1 != 0
        }
        _ => false,
    }
}

/// Whether the letter before `at` is the last of its word; at `at` stands no
/// small letter.
fn word_ends(name: &[u8], at: usize) -> bool {
    let next = class(name[at]);
    is(name[at - 1], LETTER) && (next & UPPER == 0 || parts(name, at))
}

/// Whether `word` ends as one of the [`ATOMS`] does, as far as eight letters
/// tell.
#[inline]
fn ends_in_atom(word: &[u8]) -> bool {
    is_end(last_letters(word))
}

/// Whether what stands before the end of a token can be a name or a flag by
/// its last letters; `before` may begin ahead of the token, since no letter of
/// an ending is anything else in lower case.
#[inline]
pub(super) fn may_end(before: &[u8]) -> bool {
    const USER: u64 = packed(b"-user");
    const BEGIN: u64 = packed(b"-begin");
    let end = last_letters(before);
    // `-u` and `-p`.
    let short_flag = end >> 8 & 0xff == u64::from(b'-');
    short_flag || end & 0xff_ffff_ffff == USER || end & 0xffff_ffff_ffff == BEGIN || is_end(end)
}

/// The last eight bytes of a word, in lower case whatever is a letter.
#[inline]
fn last_letters(word: &[u8]) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    SMALL
        | match word.last_chunk() {
            Some(last) => u64::from_be_bytes(*last),
            None => packed(word),
        }
}

#[inline]
fn is_end(end: u64) -> bool {
    let mut at = ENDS.first[slot(end)];
    while let Some(&(letters, mask, next)) = ENDS.ends.get(usize::from(at)) {
        if (end ^ letters) & mask == 0 {
            return true;
        }
        at = next;
    }
    false
}

/// The last bytes of a word as a number.
const fn packed(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < word.len() {
        packed = packed << 8 | word[at] as u64;
        at += 1;
    }
    packed
}

/// The ends of the [`ATOMS`] in lists by their last three letters.
struct Ends {
    first: [u8; 1 << 11],
    /// The letters, which of them count, and the next of the list.
    ends: [(u64, u64, u8); ATOMS.len()],
}

/// The list of an end: a hash of three letters, found by trial.
#[inline]
const fn slot(end: u64) -> usize {
    #[allow(clippy::cast_possible_truncation)] // three bytes
    let letters = end as u32 & 0x1f_1f1f;
    (letters.wrapping_mul(0x9e37_79b1) >> 21) as usize
}

static ENDS: Ends = {
    let mut ends = Ends {
        first: [u8::MAX; 1 << 11],
        ends: [(0, 0, u8::MAX); ATOMS.len()],
    };
    // Those of two letters are in many lists, thus the last of each.
    let mut at = 0;
    while at < 2 * ATOMS.len() {
        let (i, short) = (at % ATOMS.len(), at < ATOMS.len());
        let atom = ATOMS[i];
        let mask = u64::MAX >> (64 - 8 * if atom.len() < 8 { atom.len() } else { 8 });
        let letters = packed(atom) & mask;
        #[allow(clippy::cast_possible_truncation)] // few atoms
        let me = i as u8;
        if short && atom.len() == 2 {
            ends.ends[i] = (letters, mask, u8::MAX);
            let mut before = 0;
            while before < 32 {
                ends.first[slot(letters | before << 16)] = me;
                before += 1;
            }
        } else if !short && atom.len() > 2 {
            let first = slot(letters);
            ends.ends[i] = (letters, mask, ends.first[first]);
            ends.first[first] = me;
        }
        at += 1;
    }
    ends
};

/// Every word without which, at the end of one of its words, a name announces
/// nothing.
pub(super) const ATOMS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"pwd",
    b"pass",
    b"passphrase",
    b"passcode",
    b"phrase",
    b"words",
    b"mnemonic",
    b"seed",
    b"secret",
    b"secrets",
    b"token",
    b"key",
    b"credential",
    b"credentials",
    b"creds",
    b"auth",
    b"authorization",
    b"authorisation",
    b"authentication",
    b"cookie",
    b"session",
    b"sid",
    b"sig",
    b"signature",
    b"pin",
    b"cvv",
    b"cvc",
    b"otp",
    b"totp",
    b"jwt",
    b"pat",
    b"dsn",
    b"bearer",
    b"login",
    b"payment",
    b"keypair",
    b"pw",
    b"psk",
    b"hmac",
    b"access",
    b"private",
    b"webhook",
    b"salt",
    b"passwort",
    b"keys",
    b"sessionid",
    b"sessid",
    b"accessid",
    // `recovery code`, `pin code`.
    b"code",
    b"pincode",
    b"passwords",
    // What a client says to a service: `IDENTIFY`, `IDENTIFIED BY`.
    b"identify",
    b"identified",
    // Before `id`.
    b"client",
    b"app",
    // Bundler's names for credentials.
    b"bundle",
    // A scheme of authorization, which is no name.
    b"basic",
];

words!(
    /// Words at the end of a name that change nothing about its value.
    NEUTRAL, is_neutral,
    b"value" b"val" b"str" b"string" b"raw" b"hex" b"b64" b"base" b"text" b"plain" b"bytes"
    b"new" b"old" b"current" b"prod" b"production" b"dev" b"test" b"live" b"main" b"staging"
    b"env" b"header" b"param" b"data" b"encoded" b"encrypted" b"hash"
    b"primary" b"secondary" b"default" b"local" b"master" b"root"
);

words!(
    /// Words that make a name harmless when they end it.
    HARMLESS, is_harmless,
    b"address" b"region" b"name" b"backend" b"count" b"length" b"len" b"size" b"type" b"kind"
    b"path" b"file" b"dir" b"url" b"uri" b"endpoint" b"host" b"port" b"version" b"status"
    b"state" b"error" b"expired" b"expiry" b"expires" b"expiration" b"ttl" b"valid" b"required"
    b"enabled" b"disabled" b"manager" b"store" b"provider" b"contract" b"symbol" b"decimals"
    b"index" b"algorithm" b"alg" b"format" b"policy" b"arn" b"exists" b"present" b"set" b"age"
    b"at" b"in" b"amount" b"price" b"limit" b"usage" b"used" b"balance" b"mint" b"list" b"time"
    b"timeout" b"max" b"min" b"rotation" b"service" b"mode" b"level" b"source" b"scheme"
    b"method" b"label"
);

words!(
    /// Words before `key` that make it a private one.
    KEY_OWNERS, owns_a_private_key,
    b"private" b"priv" b"secret" b"sec" b"api" b"access" b"auth" b"signing" b"sign" b"signer"
    b"encryption" b"encrypt" b"decryption" b"master" b"shared" b"account" b"wallet" b"deployer"
    b"relayer" b"facilitator" b"evm" b"solana" b"eth" b"ssh" b"rsa" b"gpg" b"pgp" b"hmac" b"aes"
    b"license" b"service" b"client" b"admin" b"storage" b"ingest" b"insert" b"write" b"webhook"
    b"session" b"credential" b"credentials" b"consumer" b"subscription" b"app" b"application"
    b"merchant" b"server" b"root" b"developer"
);

words!(
    /// Words before `key` that make it an ordinary one.
    PLAIN_KEYS, owns_a_plain_key,
    b"public" b"pub" b"cache" b"primary" b"foreign" b"row" b"partition" b"sort" b"group"
    b"idempotency" b"lookup" b"routing" b"dedup" b"index" b"hash" b"map" b"object" b"config"
    b"translation" b"message" b"event" b"chain" b"unknown" b"missing" b"verifying"
);

/// What `name` announces, if anything. `name` is a token, or two words with a
/// space between them; `assigned`, whether what follows makes the rest a value.
pub(super) fn announces(name: &[u8], assigned: bool) -> Option<Announces> {
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
        if is(last[0], DIGIT) || last.len() == 1 || is_neutral(last) {
            last = next()?;
            skipped = true;
        }
    }
    if is_harmless(last) {
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
    if assigned && !skipped && before.is_some_and(strong) {
        return Some(Announces::Token);
    }
    None
}

/// Whether any value of `name` is secret.
pub(in crate::redact) fn names_secret(name: &str) -> bool {
    matches!(
        announces(name.as_bytes(), true),
        Some(Announces::Secret | Announces::Phrase | Announces::Token | Announces::Digits)
    )
}

/// Whether the last word of a name makes it harmless.
pub(super) fn ends_harmless(name: &[u8]) -> bool {
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
        b"seed" => Announces::Phrase,
        b"authorization" | b"authorisation" | b"cookie" => Announces::Header,
        b"pass" | b"auth" | b"authentication" | b"session" | b"sid" | b"jwt" | b"bearer"
        | b"salt" | b"hmac" | b"totp" | b"identify" | b"passwords" => Announces::Token,
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
        b'e' => (Announces::Phrase, &[b"passphrase", b"seedphrase"]),
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
    use super::super::alphabet::union;
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
            ("key_b64", Some(Announces::Key)),
            ("api_key_v2", Some(Announces::Secret)),
            ("monkey", None),
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
    fn every_atom_passes_the_gate() {
        for atom in ATOMS {
            let title = [&atom[..1].to_ascii_uppercase(), &atom[1..]].concat();
            for name in [
                [b"my_", *atom].concat(),
                [b"my_", *atom].concat().to_ascii_uppercase(),
                [b"xmy", *atom].concat(),
                [b"my_", *atom, b"_2"].concat(),
                [b"my", &title[..], b"Base"].concat(),
                [b"my", &atom.to_ascii_uppercase()[..], b"Base64"].concat(),
                [b"-", *atom, b"-"].concat(),
            ] {
                assert!(
                    may_announce(&name, union(&name), true),
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
