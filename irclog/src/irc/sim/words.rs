//! What the driver and a server say to each other.

/// A command on its way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// A line for the channel, by a number of the driver's.
    Line(u64),
    /// One that has its sender as a second target.
    LineAndCopy(u64),
    Ping(u64),
    Join,
    Quit,
    Other,
}

/// What a server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Echo(u64),
    /// The sender's own copy of a line.
    Copy,
    Pong(u64),
    Joined,
    ThrottleNotice,
    CannotSend,
    /// The answer to QUIT.
    Closed,
}
