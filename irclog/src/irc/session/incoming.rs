//! What the server says, line by line, and what it means for us.

use std::time::Instant;

use irc_proto::{Command, Prefix};
use log::Level;

use super::entering::join_mend;
use super::membership::Presence;
use super::{BANNED, SILENCED_AT, SILENCED_FOR, Session, State};
use crate::irc::backoff::{Reason, classify};
use crate::irc::flow::{Proof, Token};
use crate::irc::foreign::{Foreign, told};
use crate::irc::modes;
use crate::line::{ChannelId, Refusal};

/// Bytes of last words to which nothing is added.
const LONGEST: usize = 1_000;

impl Session {
    pub(super) fn line(&mut self, line: &Foreign, now: Instant) {
        // The library deals the arguments by letters that it knows, not by
        // those of the server.
        if let Some((target, words)) = modes::parse(line.as_str()) {
            if let Some(id) = self.find(target) {
                self.channel_modes(id, &words, now);
            }
            return;
        }
        // What cannot be parsed concerns nobody: garbage, or a mode string
        // that the library does not know.
        let Some(message) = line.message() else {
            return;
        };
        let from = message.prefix;
        match message.command {
            Command::PING(token, _) => self.pongs.asked(token, now),
            Command::PONG(first, second) => {
                if let Some(token) = Token::parse(&second.unwrap_or(first)) {
                    self.flow.on_pong(token, now);
                }
            }
            Command::CAP(_, subcommand, first, second) => {
                self.negotiate(subcommand, first.as_deref(), second.as_deref(), now);
                if self.is_registered() && !self.capabilities.has("echo-message") {
                    self.flow.acknowledge_by(Proof::Ping);
                }
            }
            Command::AUTHENTICATE(parameter) => self.challenged(&parameter),
            Command::ERROR(text) => {
                if let State::Quitting { answered } = &mut self.state {
                    *answered = true;
                }
                let text = told(&text);
                // The numeric of a ban says more than the end of it, unless
                // the reason is in the end alone.
                if !self.last_words.starts_with(BANNED) {
                    self.last_words = text.into_owned();
                } else if !self.last_words.ends_with(&*text) && self.last_words.len() < LONGEST {
                    self.last_words.push_str("; ");
                    self.last_words.push_str(&text);
                }
            }
            Command::NICK(new) if self.is_own(from.as_ref()) => self.renamed(new, now),
            // Who left with half of the network will be back with it, and one
            // of two of a name does not survive that.
            Command::QUIT(Some(why)) if is_split(&why) => {}
            Command::NICK(_) | Command::QUIT(_) => {
                if let Some(from) = &from {
                    self.nick_is_free(source(from), now);
                }
            }
            Command::CHGHOST(user, host) if self.is_own(from.as_ref()) => {
                self.own_mask = Some(format!("{user}@{host}"));
            }
            Command::JOIN(channel, ..) if self.is_own(from.as_ref()) => {
                self.joined(&channel, from, now);
            }
            Command::PART(channel, _) if self.is_own(from.as_ref()) => {
                if let Some(id) = self.find(&channel) {
                    self.stay_outside(id, now, "we were removed from the channel");
                }
            }
            Command::KICK(channel, nick, why) if self.isupport.same(&nick, &self.own_nick) => {
                let Some(id) = self.find(&channel) else {
                    return;
                };
                let by = from.as_ref().map_or("somebody", source);
                let why = why.unwrap_or_default();
                let (by, why) = (told(by), told(&why));
                let text = format!("{by} kicked us from the channel ({why})");
                self.stay_outside(id, now, &text);
            }
            Command::KILL(nick, why) if self.isupport.same(&nick, &self.own_nick) => {
                let by = told(from.as_ref().map_or("somebody", source));
                self.last_words = format!("killed by {by} ({})", told(&why));
            }
            Command::INVITE(nick, channel) if self.isupport.same(&nick, &self.own_nick) => {
                if let Some(id) = self.find(&channel) {
                    self.invited(id, now);
                }
            }
            Command::PRIVMSG(target, text) if self.is_own(from.as_ref()) => {
                if let Some(id) = self.find(&target) {
                    self.echoed(id, &text, now);
                } else if self.isupport.same(&target, &self.own_nick) {
                    self.flow.on_copy(now);
                    self.collect_flow();
                }
            }
            Command::NOTICE(_, text) => self.notice(from.as_ref(), &text, now),
            Command::Response(response, arguments) => {
                self.numeric(response as u16, &arguments, now);
            }
            Command::Raw(name, arguments) => self.raw(&name, &arguments, now),
            _ => {}
        }
    }

    pub(super) fn raw(&mut self, name: &str, arguments: &[String], now: Instant) {
        if let Ok(number) = name.parse() {
            self.numeric(number, arguments, now);
        } else if name == "FAIL"
            && arguments
                .first()
                .is_some_and(|command| command == "PRIVMSG")
        {
            let refusal = match arguments.get(1).map(String::as_str) {
                Some("INVALID_UTF8") => Refusal::InvalidUtf8,
                _ => Refusal::CannotSend,
            };
            self.flow.on_refused(refusal, None, now);
        }
    }

    pub(super) fn numeric(&mut self, number: u16, arguments: &[String], now: Instant) {
        let whole = arguments.last().map_or("", String::as_str);
        let text = &*told(whole);
        let about = arguments.get(1).and_then(|channel| self.find(channel));
        if let Some(id) = about
            && self.about_channel(id, number, arguments, text, now)
        {
            return;
        }
        match number {
            1 => self.registered(arguments.first(), now),
            4 => {
                if let Some(version) = arguments.get(2) {
                    self.seen.version = Some(told(version).into_owned());
                    self.flow.server_is(version, now);
                }
            }
            5 => {
                let tokens = arguments.iter().skip(1);
                for token in tokens {
                    self.isupport.read(token);
                }
            }
            // The end of the greeting: limits are known, so names can be
            // checked against them.
            376 | 422 => self.greeted(now),
            396 => {
                if let (Some(host), Some(mask)) = (arguments.get(1), &self.own_mask) {
                    let user = mask.split('@').next().unwrap_or_default();
                    let host = host.rsplit('@').next().unwrap_or_default();
                    self.own_mask = Some(format!("{user}@{host}"));
                }
            }
            353 => {
                let channel = arguments.get(2).and_then(|channel| self.find(channel));
                if let Some(id) = channel {
                    self.names(id, whole, now);
                }
            }
            // Bahamut's, for who has just come or says too much: they name the
            // channel in the text only.
            480 | 490 => {
                let told_of = self.told_of_channel(text);
                if let Some(id) = told_of.filter(|&id| !self.of(id).is_joining()) {
                    self.cannot_send(id, number, text, now);
                }
            }
            // A copy went to a nick that is no longer ours.
            401 if self.is_former_nick(arguments.get(1)) => self.flow.on_copy(now),
            401 if about.is_none() => self.whois(number, arguments, now),
            408 => {
                if let Some(id) = about {
                    self.at(id).refused = Some((number, text.to_owned()));
                }
                self.flow.on_refused(Refusal::ControlCodes, about, now);
            }
            417 => {
                self.flow.on_refused(Refusal::TooLong, None, now);
            }
            432 | 433 | 436 | 437 if matches!(self.state, State::Registering { .. }) => {
                self.nick_refused(number, text);
            }
            432 | 433 | 435..=438 | 447 if about.is_none() || number != 437 => {
                self.nick_refused_later(number, text, now);
            }
            // MONITOR and WATCH: who is gone, or was not there.
            601 | 605 | 731 => {
                let gone = arguments.get(1).map_or("", String::as_str);
                for mask in gone.split(',') {
                    let nick = mask.split('!').next().unwrap_or_default();
                    self.nick_is_free(nick, now);
                }
            }
            310 | 312 | 313 | 318 | 402 | 487 => self.whois(number, arguments, now),
            464 => self.end(
                Reason::Refused,
                format!("the server refuses IRC_SERVER_PASSWORD ({text})"),
            ),
            465 => self.last_words = format!("{BANNED}{text}"),
            900 => self.is_identified(now),
            902..=908 => self.sasl_numeric(number, arguments, now),
            _ => {}
        }
    }

    /// A numeric that names a channel of ours; whether that was all of it.
    fn about_channel(
        &mut self,
        id: ChannelId,
        number: u16,
        arguments: &[String],
        text: &str,
        now: Instant,
    ) -> bool {
        let (joins, inside) = (self.of(id).is_joining(), self.is_inside(id));
        match number {
            324 => {
                let modes = arguments.get(2..).unwrap_or_default();
                self.at(id).modes = Some(told(&modes.join(" ")).into_owned());
            }
            366 => self.entered(id, now),
            404 => self.cannot_send(id, number, text, now),
            473 | 477 if joins && self.waits_after_login(id, now) => {}
            477 if !joins => self.cannot_send(id, number, text, now),
            401 | 403 | 442 if inside => {
                self.flow.on_refused(Refusal::CannotSend, Some(id), now);
                self.stay_outside(id, now, "the server says that we are not in the channel");
            }
            403 | 405 | 437 | 470 | 471 | 473 | 474 | 475 | 476 | 477 | 479 | 488 | 489 | 520
                if joins =>
            {
                let mend = join_mend(number);
                self.at(id).kept_out = Some((number, text.to_owned()));
                let text = format!("cannot join ({number} {text}): {mend}");
                self.stay_outside(id, now, &text);
            }
            _ => return false,
        }
        true
    }

    pub(super) fn notice(&mut self, from: Option<&Prefix>, text: &str, now: Instant) {
        match from {
            // A server, or nobody yet: only servers speak so.
            None | Some(Prefix::ServerName(_)) => {
                if text.contains("throttled due to flooding") {
                    self.flow.on_refused(Refusal::Throttled, None, now);
                }
                if matches!(classify(text), Reason::Closed) {
                    return;
                }
                self.last_words = told(text).into_owned();
            }
            Some(Prefix::Nickname(nick, ..)) => self.told_by(nick, text, now),
        }
    }

    fn told_of_channel(&self, text: &str) -> Option<ChannelId> {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')'));
        words
            .map(|word| word.trim_end_matches('.'))
            .find_map(|word| self.find(word))
    }

    fn is_former_nick(&self, nick: Option<&String>) -> bool {
        matches!((nick, &self.former_nick), (Some(nick), Some(former)) if self.isupport.same(nick, former))
    }

    pub(super) fn cannot_send(&mut self, id: ChannelId, number: u16, text: &str, now: Instant) {
        let lower = text.to_ascii_lowercase();
        let refusal = if lower.contains("color") || lower.contains("colour") || lower.contains("+c")
        {
            Refusal::ControlCodes
        } else {
            Refusal::CannotSend
        };
        self.flow.on_refused(refusal, Some(id), now);
        let is_open = self.is_open();
        let channel = self.at(id);
        channel.refused = Some((number, text.to_owned()));
        channel.refused_in_a_row += 1;
        // The first refusal may mean our formatting; the channel room mends
        // the line once. After the second, more lines would be lost one by one.
        let refuses = channel.refused_in_a_row >= SILENCED_AT;
        if refuses && is_open && matches!(channel.presence, Presence::Joined) {
            channel.presence = Presence::Silenced {
                until: now + SILENCED_FOR,
            };
            if channel.refused_in_a_row == SILENCED_AT {
                let text = format!(
                    "{} refuses what we say ({number} {text}): give {} a voice there (+v), or \
                     lift the channel's +m or ban",
                    self.of(id).name,
                    self.own_nick
                );
                self.remark_of(id, Level::Warn, text);
            }
        }
    }

    /// One of our lines came back. By its text where the server left it as it
    /// was, else it is taken for the oldest in flight.
    pub(super) fn echoed(&mut self, channel: ChannelId, text: &str, now: Instant) {
        if !self.capabilities.has("echo-message") {
            return;
        }
        let mut texts = self.texts.iter();
        match texts.find(|(line, sent)| line.channel() == channel && sent.is(text)) {
            Some(&(id, _)) => self.flow.on_echo_of(id, now),
            None => self.flow.on_echo_in(channel, now),
        }
        // At once, so that the next of two equal texts finds the second.
        self.collect_flow();
    }

    /// Voice, or more, is given or taken: some servers throttle those without.
    pub(super) fn channel_modes(&mut self, id: ChannelId, words: &[&str], now: Instant) {
        for change in modes::changes(words, &self.isupport) {
            let ours = |nick: &str| self.isupport.same(nick, &self.own_nick);
            if self.isupport.is_rank(change.letter) && change.argument.is_some_and(ours) {
                let ranks = &mut self.at(id).ranks;
                ranks.retain(|&rank| rank != change.letter);
                if change.set {
                    ranks.push(change.letter);
                }
                self.heed_ranks(now);
            }
        }
    }

    /// The pace is one for all channels: it is that of who has a voice where we
    /// have one in each.
    fn heed_ranks(&mut self, now: Instant) {
        let mut channels = self.memberships.iter();
        let voiced = channels.all(|channel| !channel.ranks.is_empty());
        self.flow.set_voiced(voiced, now);
    }

    /// The list of who is in the channel (353), with their ranks before them.
    pub(super) fn names(&mut self, id: ChannelId, names: &str, now: Instant) {
        for name in names.split(' ') {
            // `userhost-in-names` has more behind the nick.
            let (ranks, mask) = self.isupport.ranks_of(name);
            let nick = mask.split('!').next().unwrap_or_default();
            if self.isupport.same(nick, &self.own_nick) {
                self.at(id).ranks = ranks;
                self.heed_ranks(now);
            }
        }
    }

    pub(super) fn is_own(&self, from: Option<&Prefix>) -> bool {
        matches!(from, Some(Prefix::Nickname(nick, ..) | Prefix::ServerName(nick))
            if self.isupport.same(nick, &self.own_nick))
    }
}

/// Whether a QUIT is of two servers that lost each other: `a.net b.net`.
fn is_split(why: &str) -> bool {
    let is_server = |word: &str| word.contains('.') && !word.ends_with('.');
    let mut words = why.split(' ');
    words
        .by_ref()
        .take(2)
        .filter(|word| is_server(word))
        .count()
        == 2
        && words.next().is_none()
}

fn source(prefix: &Prefix) -> &str {
    match prefix {
        Prefix::ServerName(name) | Prefix::Nickname(name, ..) => name,
    }
}
