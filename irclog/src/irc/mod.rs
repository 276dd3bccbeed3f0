//! The IRC protocol, sans-IO: takes bytes and `now`, returns bytes and
//! deadlines.

pub(crate) mod pacer;
