//! The wrappers beside crates that know nothing of them.

mod closed;
mod zeroize;
