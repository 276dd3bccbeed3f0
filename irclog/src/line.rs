//! What the channel room and the protocol room say to each other about a line.

use std::num::NonZeroUsize;

/// Channels that one process speaks in, at most: as many as networks let a
/// client join, and a bit each in [`ChannelSet`].
pub(crate) const MOST_CHANNELS: usize = 16;

/// One of the channels that a process speaks in, by its place among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChannelId(u8);

impl ChannelId {
    /// The first `count` of them.
    pub(crate) fn first(count: usize) -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self).take(count.min(MOST_CHANNELS))
    }

    /// Its place, from 0.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The one that there always is.
pub(crate) const MAIN: ChannelId = ChannelId(0);

/// Some of the channels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChannelSet(u16);

impl ChannelSet {
    /// The first `count` of them.
    pub(crate) fn first(count: usize) -> Self {
        ChannelId::first(count).collect()
    }

    pub(crate) fn insert(&mut self, id: ChannelId) {
        self.0 |= 1 << id.0;
    }

    pub(crate) fn contains(self, id: ChannelId) -> bool {
        self.0 >> id.0 & 1 == 1
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = ChannelId> {
        ChannelId::first(MOST_CHANNELS).filter(move |&id| self.contains(id))
    }
}

impl FromIterator<ChannelId> for ChannelSet {
    fn from_iter<T: IntoIterator<Item = ChannelId>>(ids: T) -> Self {
        let mut set = Self::default();
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }
}

impl From<ChannelId> for ChannelSet {
    fn from(id: ChannelId) -> Self {
        Self(1 << id.0)
    }
}

/// One line on its way to a channel. Of each channel ascending in the order of
/// sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineId(pub(crate) u64);

impl LineId {
    const NTH_BITS: u32 = 56;

    /// The `nth` line of a channel.
    pub(crate) fn new(channel: ChannelId, nth: u64) -> Self {
        Self(u64::from(channel.0) << Self::NTH_BITS | nth)
    }

    /// Where it goes.
    pub(crate) fn channel(self) -> ChannelId {
        ChannelId((self.0 >> Self::NTH_BITS) as u8)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_it_goes() {
        for channel in ChannelId::first(MOST_CHANNELS) {
            for nth in [0, 1, 1 << 40] {
                let line = LineId::new(channel, nth);
                assert_eq!(line.channel(), channel);
                assert!(line < LineId::new(channel, nth + 1));
            }
        }
        assert_eq!(LineId(7).channel(), MAIN);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let ids: Vec<ChannelId> = ChannelId::first(MOST_CHANNELS).collect();
        let set: ChannelSet = [ids[0], ids[15], ids[3]].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [ids[0], ids[3], ids[15]]);
        assert_eq!(set.len(), 3);
        assert!(ChannelSet::default().is_empty() && !set.is_empty());
        assert_eq!(ChannelSet::first(2), [ids[0], ids[1]].into_iter().collect());
    }
}
