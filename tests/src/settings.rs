//! Settings of a service that logs to a loopback server.

use crate::loopback::Server;

/// For `channel` of `server`, as `facilitator`, as fast as it can be, and without
/// a line that says that it has started.
pub fn on(server: &Server, channel: &str) -> irclog::Builder {
    irclog::builder()
        .start_line(false)
        .server("127.0.0.1")
        .port(server.port())
        .tls(false)
        .channel(channel)
        .nick("facilitator")
        .rate(1000.0)
}
