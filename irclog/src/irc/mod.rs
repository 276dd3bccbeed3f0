//! The IRC protocol, sans-IO: takes bytes and `now`, returns bytes and
//! deadlines.

#[allow(dead_code, reason = "the session that uses it is on its way")]
pub(crate) mod backoff;
#[allow(dead_code, reason = "the session that uses it is on its way")]
pub(crate) mod flow;
#[allow(dead_code, reason = "the session that uses it is on its way")]
mod pacer;
#[allow(dead_code, reason = "the session that uses it is on its way")]
mod speed;
#[allow(dead_code, reason = "the session that uses it is on its way")]
mod window;

#[cfg(test)]
mod sim;
