//! Names that announce a secret: `password`, `api_key`, `xAccessToken`.

mod gate;
pub(in crate::redact) mod suffix_filter;

pub(in crate::redact) use self::gate::{may_announce, may_end};
pub(in crate::redact) use crate::redact::lexicon::words::Announces;
use crate::redact::lexicon::words::{
    BEGINNING, HARMLESS, NEUTRAL, POSTPOSED, POSTPOSING, announced, announced_ahead, is_chosen,
};
use crate::redact::text::alphabet::{ALNUM, DIGIT, LOWER, UPPER, class, is};
use crate::redact::text::letters::unaccented;
use crate::redact::text::random::is_random;

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

    let begins = |word: &&[u8]| lower.starts_with(word) && lower.get(word.len()) == Some(&b'_');
    if BEGINNING.list.iter().any(begins) && lower.windows(2).any(|pair| pair == b"__") {
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
        if is(last[0], DIGIT) || last.len() == 1 || NEUTRAL.has(last) {
            last = next()?;
            skipped = true;
        }
    }
    if HARMLESS.has(last) {
        return None;
    }
    let mut before = next();
    // `mot de passe`, `frase de recuperacion`.
    if before == Some(b"de") {
        before = next();
    }
    if assigned && before.is_some_and(|word| POSTPOSING.has(word)) && POSTPOSED.has(last) {
        return Some(Announces::Secret);
    }
    if let Some(found) = announced(last, before, name.contains(&b' ')) {
        return Some(found);
    }
    // `secretKeyBase`, `passwordForProd`: the secret word stands further in; but
    // what has an id is another thing.
    let further_in = assigned && !skipped && last != b"id";
    let ahead = if further_in { before } else { None };
    match announced_ahead(ahead?)? {
        Announces::Secret | Announces::Phrase => Some(Announces::Token),
        _ => None,
    }
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
    let name = unaccented(name);
    let lower = name.to_ascii_lowercase();
    let mut words = Words {
        name: name.as_bytes(),
        end: name.len(),
    };
    words.any(|(start, end)| is_chosen(&lower.as_bytes()[start..end]))
}

/// Whether the last word of a name makes it harmless.
pub(in crate::redact) fn ends_harmless(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = Words {
        name: &lower,
        end: lower.len(),
    }
    .find(|&(start, _)| !is(lower[start], DIGIT));
    last.is_some_and(|(start, end)| HARMLESS.has(&lower[start..end]))
        || lower.ends_with(b"public_key")
}

/// Whether the name of an environment variable says that its value is secret:
/// who reads a log has the name beside the value, and who masks a value
/// wherever it stands has nothing else, so that less has to be said here.
pub(in crate::redact) fn says_secret(name: &str) -> bool {
    const NOTATIONS: [&[u8]; 5] = [b"b64", b"base64", b"hex", b"pem", b"json"];
    let lower = name.to_ascii_lowercase();
    let words: Vec<&[u8]> = lower
        .as_bytes()
        .split(|&byte| !is(byte, ALNUM))
        .filter(|word| !word.is_empty())
        .collect();
    let (last, rest) = match &words[..] {
        [rest @ .., word] if NOTATIONS.contains(word) => (rest.last().copied(), rest),
        all => (all.last().copied(), all),
    };
    let before = rest.len().checked_sub(2).map(|at| rest[at]);
    let Some(last) = last else {
        return false;
    };
    if last == b"key" || announced(last, before, false).is_some() {
        return true;
    }
    rest.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).map(|at| rest[at]);
        // `GITHUB_TOKENS`, `API_KEYS_OF_SHOP`.
        let one = word.strip_suffix(b"s").unwrap_or(word);
        [*word, one].into_iter().any(|word| {
            announced_ahead(word).is_some()
                || matches!(
                    announced(word, before, false),
                    Some(Announces::Secret | Announces::Phrase)
                )
        })
    })
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
    use crate::redact::lexicon::words::ATOMS;
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
