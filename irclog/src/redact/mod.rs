#![doc = include_str!("guide.md")]

pub(crate) mod audience;
mod bytes;
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
