//! Values that the process itself holds.

mod environment;
mod filter;
mod index;
mod json;
mod latest;
mod parts;
mod pieces;
pub(crate) mod vault;

pub(crate) use self::index::Tier;
