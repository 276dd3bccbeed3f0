//! Your service's logs, live and redacted, in an IRC channel.

// The code that the derive writes names this crate from outside.
#[cfg(test)]
extern crate self as irclog;

mod builder;
mod capture;
mod channel;
mod config;
mod error;
mod exit;
mod handle;
mod irc;
mod lanes;
mod line;
mod logger;
mod loss;
mod notice;
mod record;
pub mod redact;
mod shed;
mod signal;
mod stats;
#[cfg(feature = "tracing")]
mod tracing;
mod transport;
mod worker;

#[cfg(feature = "tracing")]
pub use self::tracing::{EventFilter, EventLayer, Layer};
pub use builder::{Builder, builder, from_env, init, try_init};
#[cfg(feature = "tracing")]
pub use builder::{layer, layer_from_env};
#[doc(hidden)]
pub use config::NAMES as __SETTINGS;
pub use error::{InitError, Problem};
pub use handle::Handle;
#[doc(hidden)]
pub use redact::derived as __private;
pub use redact::{Keep, Public, Redact, Secret, Token, register_secret, register_secret_as, scrub};
pub use stats::{Report, State, Stats};

/// What the command-line tool is made of. No part of the stable interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod tool {
    pub use crate::redact::stream::{LineScrubber, Replaced};
}

#[doc = include_str!("redact/classes.md")]
pub mod redaction {}
