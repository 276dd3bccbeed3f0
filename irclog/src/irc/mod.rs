//! The IRC protocol, sans-IO: takes bytes and `now`, returns bytes and
//! deadlines.

pub(crate) mod backoff;
pub(crate) mod flow;
pub(crate) mod foreign;
pub(crate) mod framing;
mod isupport;
mod law;
mod modes;
mod nick;
mod pacer;
mod pongs;
mod registration;
pub(crate) mod remarks;
mod sasl;
mod services;
pub(crate) mod session;
mod speed;
pub(crate) mod turns;
mod window;
pub(crate) mod wire;

#[cfg(test)]
pub(crate) mod sim;
