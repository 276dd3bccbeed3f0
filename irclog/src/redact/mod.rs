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

pub use irclog_macros::Redact;
pub use mask::Keep;
pub use token::Token;
pub use typed::{Element, Redact};
pub use wrappers::{Public, Secret};
