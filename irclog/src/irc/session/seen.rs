//! What the server has told, for somebody who wants to know why: the command
//! line's check.

#[cfg(feature = "cli")]
use irc_proto::Command;

#[cfg(feature = "cli")]
use super::membership::Presence;
#[cfg(feature = "cli")]
use super::{Session, State};
#[cfg(feature = "cli")]
use crate::line::ChannelId;

/// Kept as it was said, cleaned.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What the server calls its own program.
    pub(super) version: Option<String>,
}

/// How far the way in has led.
#[cfg(feature = "cli")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Registering,
    /// Nick and account are seen to.
    Identifying,
    Joining,
    /// The channel does not let us in.
    Outside,
    Inside,
    Over,
}

#[cfg(feature = "cli")]
impl Session {
    /// How far the way into this channel has led.
    pub(crate) fn progress(&self, id: ChannelId) -> Progress {
        match (&self.state, &self.of(id).presence) {
            (State::Registering { .. }, _) => Progress::Registering,
            (State::Quitting { .. } | State::Ended, _) => Progress::Over,
            (State::Greeted, Presence::Apart | Presence::Identifying) => Progress::Identifying,
            (State::Greeted, Presence::Joining { .. }) => Progress::Joining,
            (State::Greeted, Presence::Outside { .. }) => Progress::Outside,
            (State::Greeted, Presence::Joined | Presence::Silenced { .. }) => Progress::Inside,
        }
    }

    /// Whether the server has said anything.
    pub(crate) fn has_heard(&self) -> bool {
        self.heard
    }

    /// The network's name, where it has said one.
    pub(crate) fn network(&self) -> Option<&str> {
        self.isupport.network.as_deref()
    }

    /// What the server calls its own program.
    pub(crate) fn version(&self) -> Option<&str> {
        self.seen.version.as_deref()
    }

    /// The nick that is ours in the end, as long as it may be here.
    pub(crate) fn wanted_nick(&self) -> String {
        self.nick.wanted()
    }

    /// The name of the account that is to be proven.
    pub(crate) fn account_name(&self) -> String {
        self.account()
    }

    /// Whether the server or a service knows our account.
    pub(crate) fn is_known(&self) -> bool {
        self.knows_account()
    }

    /// The numeric and the words that the last JOIN was refused with.
    pub(crate) fn kept_out(&self, id: ChannelId) -> Option<&(u16, String)> {
        self.of(id).kept_out.as_ref()
    }

    /// The numeric and the words that the last line was refused with.
    pub(crate) fn refused_with(&self, id: ChannelId) -> Option<&(u16, String)> {
        self.of(id).refused.as_ref()
    }

    /// Has each line proven as soon as it is written.
    pub(crate) fn prove_at_once(&mut self) {
        self.flow.prove_at_once();
    }

    /// Asks for the channel's modes; [`modes`](Self::modes) has the answer.
    pub(crate) fn ask_modes(&mut self, id: ChannelId) {
        let channel = self.of(id).name.clone();
        self.send(&Command::Raw("MODE".into(), vec![channel]));
    }

    /// The channel's modes and their arguments: `+ntk sesame`.
    pub(crate) fn modes(&self, id: ChannelId) -> Option<&str> {
        self.of(id).modes.as_deref()
    }

    /// Whether we have voice there, or more.
    pub(crate) fn has_rank(&self, id: ChannelId) -> bool {
        !self.of(id).ranks.is_empty()
    }

    /// What proves that a line was shown.
    pub(crate) fn proof(&self) -> &'static str {
        if self.capabilities.has("echo-message") {
            "its echo"
        } else {
            "the server's answer to what came after it"
        }
    }
}
