//! Redaction in three layers: typed (decided at compile time), known values
//! (secrets that the process holds), patterns (shapes of secrets in text).

pub(crate) mod audience;
#[cfg(test)]
mod canary;
#[doc(hidden)]
pub mod derived;
mod mask;
pub(crate) mod scrub;
pub(crate) mod token;
mod typed;
mod wrappers;

use std::borrow::Cow;
use std::cell::RefCell;

use self::scrub::{Scratch, Scrubbed, Scrubber};

pub use irclog_macros::Redact;
pub use mask::Keep;
pub use token::Token;
pub use typed::{Element, Redact};
pub use wrappers::{Public, Secret};

/// Masks the secrets in `text`, for any other sink than the channel.
pub fn scrub(text: &str) -> Cow<'_, str> {
    thread_local! {
        static KEPT: RefCell<(Scratch, Scrubbed)> = RefCell::default();
    }
    let scrubber = Scrubber::default();
    let masked = |scratch: &mut Scratch, out: &mut Scrubbed| {
        scrubber.scrub_into(text, &[], scratch, out);
        (out.as_str() != text).then(|| out.as_str().to_owned())
    };
    let changed = KEPT
        .try_with(|kept| {
            let (scratch, out) = &mut *kept.borrow_mut();
            masked(scratch, out)
        })
        .unwrap_or_else(|_| masked(&mut Scratch::default(), &mut Scrubbed::default()));
    changed.map_or(Cow::Borrowed(text), Cow::Owned)
}
