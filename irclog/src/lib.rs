//! Your service's logs, live and redacted, in an IRC channel.

mod channel;
mod config;
mod error;
mod irc;
mod lanes;
mod line;
mod notice;
mod record;
mod redact;

pub use error::{InitError, Problem};
