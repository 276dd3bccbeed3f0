//! Your service's logs, live and redacted, in an IRC channel.

mod channel;
mod irc;
mod line;
mod record;
mod redact;

pub use redact::{register_secret, register_secret_as, scrub};
