//! Servers, observers and child processes for irclog's tests and examples.
//!
//! Nothing here is a mock: [`loopback::Server`] speaks IRC over real TCP,
//! [`ngircd::Server`] and [`inspircd::Server`] are the daemons people run, and
//! an [`observer::Observer`] is the unmodified client of the `irc` crate. What
//! an observer sees, people see.
//!
//! All waiting is for a condition, with a deadline: see [`journal::Journal`].

use std::time::Duration;

pub mod atheme;
#[cfg(target_os = "linux")]
pub mod hybrid;
pub mod inspircd;
pub mod journal;
pub mod loopback;
pub mod measure;
pub mod ngircd;
pub mod observer;
pub mod port;
pub mod process;
pub mod proxy;
pub mod room;
pub mod seen;
pub mod seller;
pub mod service;
pub mod settings;
pub mod tally;
pub mod tool;

mod clock;
mod daemon;

/// How long the tests wait for what has to come. Only what is broken lets them
/// wait so long, so it is far above all that irclog, a server and a busy
/// machine take: the longest wait of irclog itself is half a minute.
pub const SOON: Duration = Duration::from_secs(120);
