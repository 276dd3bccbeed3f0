#![doc = include_str!("guide.md")]

#[cfg(test)]
mod canary;
mod known;
#[cfg(test)]
mod layers;
mod lexicon;
mod scan;
pub(crate) mod scrubber;
mod survey;
mod text;
mod typed;
mod view;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::LazyLock;

use self::scrubber::{Scratch, Scrubbed, Scrubber};

pub(crate) use self::known::vault;
// What the channel asks for.
#[cfg_attr(not(feature = "channel"), allow(unused_imports))]
pub(crate) use self::scrubber::{self as scrub, rules, stream};
#[cfg_attr(not(feature = "channel"), allow(unused_imports))]
pub(crate) use self::text::encoding::from_percent;
#[cfg_attr(not(feature = "channel"), allow(unused_imports))]
pub(crate) use self::typed::{audience, token};

#[doc(hidden)]
pub use self::typed::derived;
pub use self::typed::{Element, Keep, Public, Redact, Secret, Token};
pub use irclog_macros::Redact;

/// Masks the secrets in `text`, for any other sink than the channel.
///
/// Both layers that work on free text apply: the values registered with
/// [`register_secret`], and the patterns of secrets. The text is borrowed
/// where nothing had to be masked.
///
/// ```
/// assert_eq!(irclog::scrub("password=tigrelily22"), "password=[REDACTED]");
/// assert_eq!(irclog::scrub("settled 3 payments"), "settled 3 payments");
/// ```
#[must_use = "the text that was given still holds its secrets"]
pub fn scrub(text: &str) -> Cow<'_, str> {
    static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::default);
    thread_local! {
        static KEPT: RefCell<(Scratch, Scrubbed)> = RefCell::default();
    }
    let masked = |scratch: &mut Scratch, out: &mut Scrubbed| {
        let found = SCRUBBER.scrub_if_found(text, scratch, out);
        (found && out.as_str() != text).then(|| out.as_str().to_owned())
    };
    let changed = KEPT
        .try_with(|kept| {
            let (scratch, out) = &mut *kept.borrow_mut();
            masked(scratch, out)
        })
        // While the thread ends.
        .unwrap_or_else(|_| masked(&mut Scratch::default(), &mut Scrubbed::default()));
    changed.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Masks `value` from now on wherever it appears, as `[REDACTED]`: as it is,
/// in any case, split over lines, and in hexadecimal, base64, base58,
/// percent-encoding, escapes and lists of bytes.
///
/// For secrets that the process learns while it runs. May be called from any
/// thread, before and after `init()`, and is cheap. Values of 4 to 7 bytes
/// are masked only as they are; shorter ones would mask ordinary text: then
/// nothing is registered and the answer is `false`.
///
/// ```
/// assert!(irclog::register_secret("4be1f5c08a924d06"));
/// assert_eq!(irclog::scrub("key 4be1f5c08a924d06"), "key [REDACTED]");
/// assert!(!irclog::register_secret("abc"), "too short");
/// ```
#[must_use = "a value that is too short is not masked"]
pub fn register_secret(value: impl AsRef<str>) -> bool {
    vault::PROCESS.register("", value.as_ref())
}

/// As [`register_secret`], masked as `[label]`.
///
/// ```
/// assert!(irclog::register_secret_as("SIGNER", "4be1f5c08a924d06"));
/// assert_eq!(irclog::scrub("by 4be1f5c08a924d06"), "by [SIGNER]");
/// ```
#[must_use = "a value that is too short is not masked"]
pub fn register_secret_as(label: impl AsRef<str>, value: impl AsRef<str>) -> bool {
    vault::PROCESS.register(label.as_ref(), value.as_ref())
}
