//! Your service's logs, live and redacted, in an IRC channel.

#[allow(dead_code, reason = "used once the worker is wired up")]
mod channel;
mod irc;
#[allow(dead_code, reason = "used once the worker is wired up")]
mod line;
#[allow(dead_code, reason = "used once the worker is wired up")]
mod loss;
mod record;
mod redact;
