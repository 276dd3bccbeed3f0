//! The kit watches itself: what starts processes. The loopback server is tested in
//! a program that starts none, since a process that is being started holds its
//! parent's listeners for a moment, and a server that was stopped still answers.

mod daemons;
mod process;
