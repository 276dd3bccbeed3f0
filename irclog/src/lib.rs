//! Your service's logs, live and redacted, in an IRC channel.

mod channel;
mod irc;
mod line;
mod record;
mod redact;

pub use redact::{register_secret, register_secret_as, scrub};

/// What the command-line tool is made of. No part of the stable interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod tool {
    pub use crate::redact::stream::{LineScrubber, Replaced};
}

#[doc = include_str!("redact/classes.md")]
pub mod redaction {}
