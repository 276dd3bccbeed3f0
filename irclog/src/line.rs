//! What the channel room and the protocol room say to each other about a line.

use std::num::NonZeroUsize;

/// One of the channels that a process speaks in, by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChannelId(u8);

impl ChannelId {
    /// The first `count` of them.
    pub(crate) fn first(count: usize) -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self).take(count)
    }

    /// Its place, from 0.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The one that there always is.
pub(crate) const MAIN: ChannelId = ChannelId(0);

/// One line on its way to the channel. Ascending in the order of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineId(pub(crate) u64);

/// Bytes of text that a line may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// At most.
    pub(crate) line: NonZeroUsize,
    /// At most where several records share it.
    pub(crate) shared: usize,
    /// All that can still be shown before the service ends, where it does.
    pub(crate) left: Option<usize>,
}

impl From<NonZeroUsize> for Room {
    fn from(line: NonZeroUsize) -> Self {
        Self {
            line,
            shared: line.get(),
            left: None,
        }
    }
}

/// How soon a line must be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    Normal,
    /// May use the part of the burst credit that is kept for errors.
    Error,
}

/// Why a server did not show a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// 404: moderated, banned, or no longer in the channel.
    CannotSend,
    /// 408 (or 404 in a channel that is +c): no formatting here.
    ControlCodes,
    /// 417: over the server's limit.
    TooLong,
    /// The server says that it drops what comes too fast.
    Throttled,
    /// `FAIL PRIVMSG INVALID_UTF8`.
    InvalidUtf8,
    /// Nobody said no, but what came back proves that it may be gone.
    Unproven,
}
