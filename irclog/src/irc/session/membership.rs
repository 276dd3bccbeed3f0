//! What is one channel's, beside what is the connection's: whether we are in
//! it, and whether it takes what we say.

use std::time::{Duration, Instant};

use super::{REJOIN_AFTER, Session};
use crate::config::{ChannelConfig, Hidden};
use crate::irc::flow::Mark;
use crate::irc::wire::Wire;
use crate::line::ChannelId;

/// A channel to speak in, and what opens it.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// With its prefix character.
    pub(crate) name: String,
    pub(crate) key: Option<Hidden>,
}

impl From<&ChannelConfig> for Destination {
    fn from(channel: &ChannelConfig) -> Self {
        Self {
            name: channel.name.clone(),
            key: channel.key.clone(),
        }
    }
}

/// How we are with a channel.
#[derive(Debug)]
pub(super) enum Presence {
    /// It was not asked to let us in yet.
    Apart,
    /// Until what is done about nick and account is over.
    Identifying,
    Joining {
        until: Instant,
    },
    /// It does not let us in; JOIN goes again at `at`.
    Outside {
        at: Instant,
    },
    Joined,
    /// We are in it, but it refuses what we say.
    Silenced {
        until: Instant,
    },
}

/// All that a session knows of one channel.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) name: String,
    pub(super) key: Option<Hidden>,
    pub(super) presence: Presence,
    /// All up to the JOIN that is not answered yet.
    pub(super) asked_in: Option<Mark>,
    /// Lines refused with 404 since one was shown.
    pub(super) refused_in_a_row: u32,
    /// The letters of our ranks there.
    pub(super) ranks: Vec<char>,
    /// When an invitation was last followed.
    pub(super) followed_at: Option<Instant>,
    /// Where our JOIN was forwarded to has been left.
    pub(super) left_forward: bool,
    /// How long the last refused JOIN waited; the next waits twice as long.
    pub(super) rejoin_wait: Duration,
    /// A JOIN was tried again soon after the account was proven.
    pub(super) waited_after_login: bool,
    /// The numeric and the words that the last JOIN was refused with.
    pub(super) kept_out: Option<(u16, String)>,
    /// The same of the last line.
    pub(super) refused: Option<(u16, String)>,
    /// The channel's modes and their arguments.
    pub(super) modes: Option<String>,
}

impl Membership {
    pub(super) fn new(to: Destination) -> Self {
        Self {
            name: to.name,
            key: to.key,
            presence: Presence::Apart,
            asked_in: None,
            refused_in_a_row: 0,
            ranks: Vec::new(),
            followed_at: None,
            left_forward: false,
            rejoin_wait: REJOIN_AFTER / 2,
            waited_after_login: false,
            kept_out: None,
            refused: None,
            modes: None,
        }
    }

    /// Whether we are in it, even if it refuses our lines.
    pub(super) fn is_inside(&self) -> bool {
        matches!(self.presence, Presence::Joined | Presence::Silenced { .. })
    }

    pub(super) fn is_joining(&self) -> bool {
        matches!(self.presence, Presence::Joining { .. })
    }

    /// Whether it may let us in next.
    pub(super) fn is_awaited(&self) -> bool {
        matches!(
            self.presence,
            Presence::Joining { .. } | Presence::Outside { .. }
        )
    }

    /// When something is to be done about it.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        match self.presence {
            Presence::Joining { until } | Presence::Silenced { until } => Some(until),
            Presence::Outside { at } => Some(at),
            Presence::Apart | Presence::Identifying | Presence::Joined => None,
        }
    }

    /// Until when it takes no line, where that is known.
    pub(super) fn shut_until(&self) -> Option<Instant> {
        match self.presence {
            Presence::Outside { at } => Some(at),
            Presence::Silenced { until } => Some(until),
            _ => None,
        }
    }
}

impl Session {
    pub(super) fn of(&self, id: ChannelId) -> &Membership {
        &self.memberships[id.index()]
    }

    pub(super) fn at(&mut self, id: ChannelId) -> &mut Membership {
        &mut self.memberships[id.index()]
    }

    /// All channels.
    pub(super) fn ids(&self) -> impl Iterator<Item = ChannelId> + use<> {
        ChannelId::first(self.memberships.len())
    }

    /// Which channel has this name, if it is one of ours.
    pub(super) fn find(&self, name: &str) -> Option<ChannelId> {
        self.ids()
            .find(|&id| self.isupport.same(name, &self.of(id).name))
    }

    /// Those whose presence is so.
    pub(super) fn those(&self, is_so: impl Fn(&Membership) -> bool) -> Vec<ChannelId> {
        self.ids().filter(|&id| is_so(self.of(id))).collect()
    }

    /// Their names: `#alerts, #x402`.
    pub(super) fn channel_names(&self) -> String {
        let names = self.memberships.iter().map(|channel| channel.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Which channel a line asks to let us in.
    pub(super) fn joins(&self, line: &Wire) -> Option<ChannelId> {
        let line = std::str::from_utf8(line.as_bytes()).ok()?;
        let name = line.strip_prefix("JOIN ")?.split_whitespace().next()?;
        self.ids().find(|&id| self.of(id).name == name)
    }
}
