//! The way in: greeted, identified, joined; and back in after being kept out.

use std::time::Instant;

use irc_proto::{Command, Prefix};
use log::Level;

use super::{Event, GREETING_BOUND, JOIN_BOUND, REJOIN_AFTER, REJOIN_LIMIT, Session, State};
use crate::irc::backoff::Reason;
use crate::irc::flow::Proof;

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
        self.enter(now);
    }

    pub(super) fn join(&mut self, now: Instant) {
        let longest = self.isupport.channel_len.unwrap_or(usize::MAX);
        let channel = self.identity.channel.clone();
        if channel.len() > longest {
            // Some servers cut the name in silence and join another channel.
            self.end(
                Reason::Refused,
                format!(
                    "IRC_CHANNEL {channel} is {} bytes long, and this server takes {longest}: \
                     choose a shorter one",
                    channel.len()
                ),
            );
            return;
        }
        let key = self.identity.channel_key.as_ref();
        let mut key = key.map(|key| key.expose().to_owned());
        if key.is_some() && !self.confidential {
            self.withhold("IRC_CHANNEL_KEY");
            // Told once.
            self.identity.channel_key = None;
            key = None;
        }
        self.left_forward = false;
        self.send(&Command::JOIN(channel, key, None));
        self.state = State::Joining {
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
        if self.is_channel(channel) {
            self.entered(now);
        } else if matches!(self.state, State::Joining { .. } | State::Outside { .. })
            && !std::mem::replace(&mut self.left_forward, true)
        {
            // Ours forwards there: nobody who reads this log is meant to.
            let why = format!("irclog speaks in {} only", self.identity.channel);
            self.send(&Command::PART(channel.to_owned(), Some(why)));
        }
    }

    pub(super) fn entered(&mut self, now: Instant) {
        if matches!(self.state, State::Joining { .. } | State::Outside { .. }) {
            if let Some(mark) = self.asked_in.take() {
                self.flow.on_answer(mark, now);
            }
            self.state = State::Joined;
            self.refused_in_a_row = 0;
            self.rejoin_wait = REJOIN_AFTER / 2;
            self.events.push_back(Event::Joined);
        }
    }

    #[track_caller]
    pub(super) fn stay_outside(&mut self, now: Instant, why: &str) {
        let wait = (self.rejoin_wait * 2).min(REJOIN_LIMIT);
        self.rejoin_wait = wait;
        if self.is_inside() {
            self.events.push_back(Event::Left);
        }
        self.state = State::Outside { at: now + wait };
        let channel = &self.identity.channel;
        let text = format!("{channel}: {why}; next try in {} s", wait.as_secs());
        self.remark(Level::Warn, text);
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
