//! The way in: greeted, identified, joined; and back in after being kept out.

use std::time::Instant;

use irc_proto::{Command, Prefix};
use log::Level;

use super::membership::{Membership, Presence};
use super::{
    Event, GREETING_BOUND, INVITED_AGAIN, JOIN_BOUND, REJOIN_AFTER, REJOIN_LIMIT, SILENCED_AT,
    Session, State,
};
use crate::irc::backoff::Reason;
use crate::irc::flow::Proof;
use crate::irc::foreign::remark;
use crate::line::ChannelId;

impl Session {
    pub(super) fn registered(&mut self, nick: Option<&String>, now: Instant) {
        // Once: one that goes on to say 001 would never be joined.
        if !matches!(
            self.state,
            State::Registering {
                welcomed: false,
                ..
            }
        ) {
            return;
        }
        if let Some(nick) = nick {
            self.own_nick.clone_from(nick);
        }
        if self.capabilities.has("echo-message") {
            self.flow.acknowledge_by(Proof::Echo);
        }
        // 376 or 422 follows with the limits.
        self.state = State::Registering {
            until: now + GREETING_BOUND,
            welcomed: true,
        };
        self.last_words.clear();
    }

    pub(super) fn greeted(&mut self, now: Instant) {
        if !matches!(self.state, State::Registering { .. }) {
            return;
        }
        if let Some(longest) = self.isupport.nick_len {
            self.nick.learn_longest(longest);
        }
        self.tell_nick();
        self.state = State::Greeted;
        self.enter(now);
    }

    /// Lets deadlines of channels pass that are due.
    pub(super) fn elapse_channels(&mut self, now: Instant) {
        for id in self.those(|channel| channel.wakes_at().is_some_and(|at| now >= at)) {
            match self.of(id).presence {
                Presence::Joining { .. } => self.join(id, now),
                Presence::Outside { .. } => self.enter_again(id, now),
                Presence::Silenced { .. } => self.at(id).presence = Presence::Joined,
                Presence::Apart | Presence::Identifying | Presence::Joined => {}
            }
        }
    }

    pub(super) fn join(&mut self, id: ChannelId, now: Instant) {
        let longest = self.isupport.channel_len.unwrap_or(usize::MAX);
        let channel = self.of(id).name.clone();
        if channel.len() > longest {
            // Some servers cut the name in silence and join another channel.
            let text = format!(
                "IRC_CHANNEL {channel} is {} bytes long, and this server takes {longest}: \
                 choose a shorter one",
                channel.len()
            );
            if self.memberships.len() == 1 {
                self.end(Reason::Refused, text);
            } else {
                self.stay_outside(id, now, &text);
            }
            return;
        }
        let key = self.of(id).key.as_ref();
        let mut key = key.map(|key| key.expose().to_owned());
        if key.is_some() && !self.confidential {
            self.withhold("IRC_CHANNEL_KEY");
            // Told once.
            self.at(id).key = None;
            key = None;
        }
        self.send(&Command::JOIN(channel, key, None));
        let channel = self.at(id);
        channel.left_forward = false;
        channel.presence = Presence::Joining {
            until: now + JOIN_BOUND,
        };
    }

    pub(super) fn joined(&mut self, channel: &str, from: Option<Prefix>, now: Instant) {
        if let Some(Prefix::Nickname(_, user, host)) = from
            && !user.is_empty()
            && !host.is_empty()
        {
            self.own_mask = Some(format!("{user}@{host}"));
        }
        if let Some(id) = self.find(channel) {
            self.entered(id, now);
        } else if let Some(&id) = self
            .those(|channel| channel.is_awaited() && !channel.left_forward)
            .first()
        {
            self.at(id).left_forward = true;
            // Ours forwards there: nobody who reads this log is meant to.
            let why = format!("irclog speaks in {} only", self.channel_names());
            self.send(&Command::PART(channel.to_owned(), Some(why)));
        }
    }

    pub(super) fn entered(&mut self, id: ChannelId, now: Instant) {
        if !self.is_open() || !self.of(id).is_awaited() {
            return;
        }
        let greets = !self.memberships.iter().any(Membership::is_inside);
        let channel = self.at(id);
        channel.presence = Presence::Joined;
        channel.refused_in_a_row = 0;
        channel.rejoin_wait = REJOIN_AFTER / 2;
        if let Some(mark) = channel.asked_in.take() {
            self.flow.on_answer(mark, greets, now);
        }
        self.be_a_bot();
        self.events.push_back(Event::Joined(id));
    }

    /// A line was shown in this channel.
    pub(super) fn takes_lines(&mut self, id: ChannelId) {
        if std::mem::take(&mut self.at(id).refused_in_a_row) >= SILENCED_AT {
            let text = format!("{} takes our lines again", self.of(id).name);
            self.remark_of(id, Level::Info, text);
        }
    }

    /// Somebody who may wants us in this channel.
    pub(super) fn invited(&mut self, id: ChannelId, now: Instant) {
        let is_open = self.is_open();
        let channel = self.at(id);
        let Presence::Outside { at } = &mut channel.presence else {
            return;
        };
        let free_at = channel.followed_at.map_or(now, |last| last + INVITED_AGAIN);
        if free_at > now {
            *at = free_at.min(*at);
        } else if is_open {
            channel.followed_at = Some(now);
            self.join(id, now);
        }
    }

    /// Says that we are a program, once, where the server has a mode for that.
    fn be_a_bot(&mut self) {
        if let Some(letter) = self.isupport.bot.take() {
            let mode = vec![self.own_nick.clone(), format!("+{letter}")];
            self.send(&Command::Raw("MODE".into(), mode));
        }
    }

    #[track_caller]
    pub(super) fn stay_outside(&mut self, id: ChannelId, now: Instant, why: &str) {
        if self.is_inside(id) {
            self.events.push_back(Event::Left(id));
        }
        let channel = self.at(id);
        let wait = (channel.rejoin_wait * 2).min(REJOIN_LIMIT);
        channel.rejoin_wait = wait;
        channel.presence = Presence::Outside { at: now + wait };
        let channel = &channel.name;
        let text = format!("{channel}: {why}; next try in {} s", wait.as_secs());
        self.events
            .push_back(Event::KeptOut(id, remark(text.clone())));
        self.remark_of(id, Level::Warn, text);
    }

    pub(super) fn nick_refused(&mut self, number: u16, text: &str) {
        let next = if number == 432 {
            self.nick.too_long()
        } else {
            self.naming.taken = true;
            self.nick.taken()
        };
        match next {
            Some(nick) => {
                self.own_nick.clone_from(&nick);
                self.send(&Command::NICK(nick));
            }
            None => self.end(
                Reason::Refused,
                format!(
                    "the server takes no form of the nick {} ({number} {text}): choose another \
                     in IRC_NICK",
                    self.identity.nick
                ),
            ),
        }
    }
}

/// What to do about a refused JOIN.
pub(super) fn join_mend(number: u16) -> &'static str {
    match number {
        403 | 476 | 479 => "IRC_CHANNEL is no channel name here",
        405 => "this nick is in too many channels",
        470 => "the channel forwards to another: name that one in IRC_CHANNEL",
        471 => "the channel is full (+l), or takes registered nicks only",
        473 => "the channel is invite-only (+i): invite the nick or set an exception (+I)",
        474 => "the nick is banned (+b)",
        475 => "the channel has a key (+k): set IRC_CHANNEL_KEY",
        477 => "the channel takes registered nicks only: register the nick and set IRC_PASSWORD",
        489 | 520 => "the channel takes only encrypted or privileged clients: set IRC_TLS=true",
        _ => "ask the channel's operators",
    }
}
