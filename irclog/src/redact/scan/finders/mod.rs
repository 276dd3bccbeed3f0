//! What finds secrets, one kind a file: each is part of the scan.

mod glued;
mod host;
mod number;
mod opaque;
mod phrase;
mod repeat;
mod shape;
mod url;
mod value;
