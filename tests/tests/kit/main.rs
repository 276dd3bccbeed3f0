//! The kit watches itself.

mod daemons;
mod loopback;
mod process;
