//! What finds secrets, one kind a file: each is part of the scan.

mod command;
mod foreign;
mod glued;
mod host;
mod login;
pub(in crate::redact) mod named;
mod number;
mod opaque;
mod open;
pub(in crate::redact) mod phrase;
mod place;
mod repeat;
mod report;
mod shape;
mod url;
mod value;
