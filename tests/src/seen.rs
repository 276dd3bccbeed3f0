//! What somebody in a channel sees.

use std::time::Instant;

/// One thing that a member of a channel saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose doing it was: a nick, or the name of a server.
    pub nick: String,
    /// The channel, or the own nick when it was said in private.
    pub target: String,
    /// What was said; for other kinds the parameter that tells the most: the
    /// new nick, the modes, the topic, the reason.
    pub text: String,
    /// What sort of thing it was.
    pub kind: Kind,
    /// When it arrived.
    pub at: Instant,
}

impl Seen {
    /// Whether it was said, rather than done: a PRIVMSG or a NOTICE.
    #[must_use]
    pub fn is_line(&self) -> bool {
        matches!(self.kind, Kind::Message | Kind::Notice)
    }
}

/// The sort of a thing [`Seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A PRIVMSG.
    Message,
    /// A NOTICE.
    Notice,
    /// Somebody joined.
    Join,
    /// Somebody left the channel.
    Part,
    /// Somebody left the network.
    Quit,
    /// `text` was put out of the channel.
    Kick,
    /// Somebody is now called `text`.
    Nick,
    /// The modes were changed.
    Mode,
    /// The topic was changed.
    Topic,
}
