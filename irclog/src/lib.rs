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
mod stats;
mod transport;
mod worker;

pub use builder::{Builder, builder, from_env, init, try_init};
#[doc(hidden)]
pub use config::NAMES as __SETTINGS;
pub use error::{InitError, Problem};
pub use handle::Handle;
#[doc(hidden)]
pub use redact::derived as __private;
pub use redact::{Keep, Public, Redact, Secret, Token, scrub};
pub use stats::{Report, State, Stats};
