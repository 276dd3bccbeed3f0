//! Keyed stand-ins: equal values are seen to be equal, and nothing else.

use std::fmt::{self, Write as _};

use log::kv::{ToValue, Value};
use once_cell::sync::OnceCell;
use ring::{digest, hmac, rand};

use crate::redact::typed::audience::Mark;
use crate::redact::typed::bytes::Hex;
use crate::redact::typed::wrappers::REDACTED;
use crate::redact::typed::{Element, Redact};

/// Shows a keyed stand-in for a value, `token:3f9a1c02d4e5`.
///
/// Equal values have equal tokens within the process, so a reader can follow
/// one customer through the log without knowing who it is. With a common
/// `IRC_TOKEN_KEY` they are equal across services and restarts; without
/// it the key is random. There is no token without a key: where no random
/// key can be had, the value is `[redacted]`.
///
/// ```
/// use irclog::Token;
///
/// assert_eq!(Token("ultravioleta").to_string(), Token("ultravioleta").to_string());
/// assert_ne!(Token("ultravioleta").to_string(), Token("someone else").to_string());
/// ```
///
/// A token of `#[redact(token)]` belongs to its field: the same value in
/// another field has another token, and so has the same value in this
/// wrapper. `#[redact(token, domain = "customer")]` makes fields of one
/// domain comparable.
#[derive(Clone, Copy, Default)]
pub struct Token<T: ?Sized>(pub T);

impl<T: fmt::Display + ?Sized> fmt::Display for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(Domain(""), &&self.0, f)
    }
}

impl<T: fmt::Display + ?Sized> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: fmt::Display + ?Sized> Redact for Token<T> {}
impl<T: fmt::Display + ?Sized> Element for Token<T> {}

impl<T: fmt::Display> ToValue for Token<T> {
    fn to_value(&self) -> Value<'_> {
        Value::from_display(self)
    }
}

/// The least length of a key that somebody chose, in bytes: 128 bits.
pub(crate) const MIN_KEY_BYTES: usize = 16;

/// What can be wrong with a token key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKeyError {
    /// Shorter than [`MIN_KEY_BYTES`]: it could be guessed.
    TooShort {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Another key is in use already; changing it would break equality.
    AlreadySet,
}

impl fmt::Display for TokenKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { bytes } => write!(
                f,
                "the token key has {bytes} bytes and needs {MIN_KEY_BYTES} or more: \
                 set IRC_TOKEN_KEY to the output of `openssl rand -hex 32`"
            ),
            Self::AlreadySet => f.write_str(
                "the token key is set already and cannot change within a process: \
                 set IRC_TOKEN_KEY once, before the first start",
            ),
        }
    }
}

impl std::error::Error for TokenKeyError {}

/// Sets the key of all tokens of this process. Defaults to a random one.
///
/// Tokens that were made before keep the random key: call it before the
/// service logs.
///
/// # Errors
/// If `key` is too short, or another was set before. Setting the same key
/// again is fine.
pub(crate) fn set_token_key(key: &[u8]) -> Result<(), TokenKeyError> {
    KEYS.choose(key)
}

/// Values of different domains have different tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain(pub(crate) &'static str);

/// Writes the token of what `text` displays as.
pub(crate) fn write(
    domain: Domain,
    text: &dyn fmt::Display,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let Some(tag) = KEYS.tag(domain, text) else {
        return f.write_str(REDACTED);
    };
    // Ours, and no secret: the pattern layer need not wonder what it is.
    let before = Mark::here();
    write!(f, "token:{}", Hex::bare(&tag.as_ref()[..TOKEN_BYTES]))?;
    before.note_public();
    Ok(())
}

/// Bytes of the MAC that are shown. 48 bits: among a million customers the
/// chance that any two look equal is one in five hundred, and a token stays
/// short enough to compare by eye.
const TOKEN_BYTES: usize = 6;

const _: () = assert!(TOKEN_BYTES <= digest::SHA256_OUTPUT_LEN);

struct Mac(hmac::Context);

impl fmt::Write for Mac {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

static KEYS: Keys = Keys {
    chosen: OnceCell::new(),
    random: OnceCell::new(),
};

struct Keys {
    /// Shared between services.
    chosen: OnceCell<hmac::Key>,
    /// Of this process, made when a token is needed and no key was chosen.
    random: OnceCell<hmac::Key>,
}

impl Keys {
    fn choose(&self, key: &[u8]) -> Result<(), TokenKeyError> {
        if key.len() < MIN_KEY_BYTES {
            return Err(TokenKeyError::TooShort { bytes: key.len() });
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        // Keys cannot be compared, but what they make can.
        let sample = hmac::sign(&key, b"same key");
        let current = self.chosen.get_or_init(|| key);
        hmac::verify(current, b"same key", sample.as_ref()).map_err(|_| TokenKeyError::AlreadySet)
    }

    /// The whole MAC; `None` if there is no key or nothing to sign.
    fn tag(&self, domain: Domain, text: &dyn fmt::Display) -> Option<hmac::Tag> {
        let mut mac = Mac(hmac::Context::with_key(self.current()?));
        // The length in front, so that no domain can continue into the text.
        mac.0.update(&(domain.0.len() as u64).to_le_bytes());
        mac.0.update(domain.0.as_bytes());
        write!(mac, "{text}").ok()?;
        Some(mac.0.sign())
    }

    fn current(&self) -> Option<&hmac::Key> {
        self.chosen.get().or_else(|| {
            self.random
                .get_or_try_init(|| {
                    hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new())
                })
                .ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef";

    fn keys() -> Keys {
        Keys {
            chosen: OnceCell::new(),
            random: OnceCell::new(),
        }
    }

    fn tag(keys: &Keys, domain: &'static str, text: &str) -> String {
        let tag = keys.tag(Domain(domain), &text).expect("there is a key");
        Hex::bare(&tag.as_ref()[..TOKEN_BYTES]).to_string()
    }

    #[test]
    fn a_chosen_key_makes_the_same_token_everywhere() {
        let keys = keys();
        assert_eq!(keys.choose(KEY), Ok(()));
        // Computed by another implementation of HMAC-SHA256: other
        // services and other releases must agree.
        assert_eq!(tag(&keys, "", "ann"), "97d8ed2664f4");
        assert_eq!(tag(&keys, "Paid.customer", "ann"), "c0b51a04b5a7");
    }

    #[test]
    fn without_a_chosen_key_it_is_random() {
        let (one, two) = (keys(), keys());
        assert_eq!(tag(&one, "", "ann"), tag(&one, "", "ann"));
        assert_ne!(tag(&one, "", "ann"), tag(&two, "", "ann"));
    }

    #[test]
    fn a_domain_cannot_continue_into_the_text() {
        let keys = keys();
        assert_ne!(tag(&keys, "ab", "c"), tag(&keys, "a", "bc"));
        assert_ne!(tag(&keys, "ab", ""), tag(&keys, "", "ab"));
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        let keys = keys();
        let error = keys.choose(&KEY[..15]).expect_err("15 bytes are too few");
        assert_eq!(error, TokenKeyError::TooShort { bytes: 15 });
        assert!(error.to_string().contains("IRC_TOKEN_KEY"), "{error}");
        assert!(keys.chosen.get().is_none());
        assert_eq!(
            set_token_key(b""),
            Err(TokenKeyError::TooShort { bytes: 0 })
        );
    }

    #[test]
    fn a_key_is_chosen_once() {
        let keys = keys();
        let random = tag(&keys, "", "ann");
        assert_eq!(keys.choose(KEY), Ok(()));
        let chosen = tag(&keys, "", "ann");
        assert_ne!(chosen, random);
        assert_eq!(keys.choose(KEY), Ok(()));
        assert_eq!(
            keys.choose(b"another key of 16"),
            Err(TokenKeyError::AlreadySet)
        );
        assert_eq!(tag(&keys, "", "ann"), chosen);
    }

    #[test]
    fn what_cannot_be_displayed_is_redacted() {
        struct Fails;

        impl fmt::Display for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("canary")?;
                Err(fmt::Error)
            }
        }

        assert_eq!(Token(Fails).to_string(), "[redacted]");
        assert_eq!(crate::Keep::new(Fails).first(1).to_string(), "[redacted]");
    }
}
