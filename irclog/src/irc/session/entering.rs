//! The way in: greeted, identified, joined; and back in after being kept out.

use std::time::Instant;

use irc_proto::{Command, Prefix};
use log::Level;

use super::{
    Event, GREETING_BOUND, IDENTIFY_BOUND, JOIN_BOUND, REJOIN_AFTER, REJOIN_LIMIT, Session, State,
};
use crate::config::Hidden;
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
        if self.own_nick != self.identity.nick {
            let text = format!(
                "nick {} is taken or too long here: speaking as {} (IRC_NICK)",
                self.identity.nick, self.own_nick
            );
            self.remark(Level::Warn, text);
        }
        match (&self.identity.password, self.confidential) {
            (Some(_), true) => {
                let dalnet = self
                    .isupport
                    .network
                    .as_ref()
                    .is_some_and(|network| network.eq_ignore_ascii_case("dalnet"));
                let service = if dalnet {
                    Services::Dalnet
                } else {
                    Services::Command
                };
                self.identify(service, now);
            }
            (Some(_), false) => {
                self.remark(
                    Level::Warn,
                    "IRC_PASSWORD is not sent: the connection is not encrypted and leaves the \
                     private network; set IRC_TLS=true",
                );
                self.join(now);
            }
            (None, _) => self.join(now),
        }
    }

    pub(super) fn identify(&mut self, service: Services, now: Instant) {
        let Some(password) = self.identity.password.as_ref().map(Hidden::expose) else {
            return;
        };
        let words = format!("IDENTIFY {} {password}", self.identity.nick);
        let command = match service {
            Services::Command => Command::Raw(
                "NICKSERV".into(),
                words.split(' ').map(str::to_owned).collect(),
            ),
            Services::Dalnet => Command::PRIVMSG("NickServ@services.dal.net".into(), words),
            Services::Nick => Command::PRIVMSG("NickServ".into(), words),
        };
        self.send(&command);
        self.state = State::Identifying {
            until: now + IDENTIFY_BOUND,
        };
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
        let key = key.map(|key| key.expose().to_owned());
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
        } else if matches!(self.state, State::Joining { .. } | State::Outside { .. }) {
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

    pub(super) fn nickserv(&mut self, text: &str, now: Instant) {
        let lower = text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if says(&[
            "incorrect",
            "invalid",
            "denied",
            "isn't registered",
            "is not registered",
            "not a registered",
            "wrong",
        ]) {
            let text = format!(
                "NickServ refuses IRC_PASSWORD for {}: {text}",
                self.identity.nick
            );
            self.remark(Level::Warn, text);
            self.join(now);
        } else if says(&[
            "identified",
            "accepted",
            "recognized",
            "recognised",
            "logged in",
        ]) {
            self.join(now);
        }
    }
}

/// How a network's NickServ is reached.
#[derive(Debug, Clone, Copy)]
pub(super) enum Services {
    /// `NICKSERV …`: the server itself knows who that is.
    Command,
    /// `DALnet` takes passwords only at the full address.
    Dalnet,
    /// A plain message, where the command is unknown.
    Nick,
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
