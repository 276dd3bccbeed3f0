//! Your service's logs, live and redacted, in an IRC channel.

// The code that the derive writes names this crate from outside.
#[cfg(test)]
extern crate self as irclog;

mod channel;
mod irc;
mod line;
mod record;
pub mod redact;

#[doc(hidden)]
pub use redact::derived as __private;
pub use redact::{Keep, Public, Redact, Secret, Token};
