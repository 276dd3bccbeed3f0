//! One connection's life, from the first word to QUIT: a state machine that
//! takes lines and `now`, and gives lines, events and a deadline.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use irc_proto::{ChannelMode, Command, Message, Mode, Prefix};
use log::Level;

use super::backoff::{Reason, classify};
use super::flow::{Flow, FlowConfig, FlowEvent, Proof, Slot, Token};
use super::framing::Framing;
use super::isupport::Isupport;
use super::registration::{Capabilities, NickChoice, request_capabilities};
use super::wire::{MAX_LINE, Wire};
use crate::config::Hidden;
use crate::line::{LineId, Refusal, Urgency};

/// From the first byte to 001: `DALnet` looks up names and idents first, for
/// up to 30 s.
const REGISTRATION_BOUND: Duration = Duration::from_secs(60);
/// `NickServ` has this long to answer before we join without it.
const IDENTIFY_BOUND: Duration = Duration::from_secs(10);
/// A JOIN has this long to be answered before it is sent again.
const JOIN_BOUND: Duration = Duration::from_secs(20);
/// A refused JOIN is tried again after this long, doubling up to the limit:
/// somebody may lift the ban or invite us.
const REJOIN_AFTER: Duration = Duration::from_secs(30);
const REJOIN_LIMIT: Duration = Duration::from_secs(300);
/// A channel that refuses our lines is tried again after this long.
const SILENCED_FOR: Duration = Duration::from_secs(15);
/// User and host of our own prefix until the server shows them: the longest
/// user and host that ircds with the usual limits give.
const ASSUMED_MASK: usize = 10 + 1 + 63;
/// Bytes of text that a line always has, whatever the server says.
const LEAST_BUDGET: usize = 64;

/// Begins the last words of a server that bans us.
const BANNED: &str = "banned: ";
/// What to look at when a server does not speak as one.
const WRONG_PORT: &str = ": is IRC_PORT the port of an IRC server, and IRC_TLS right for it?";

/// Who we are, and where we speak.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) nick: String,
    pub(crate) channel: String,
    pub(crate) channel_key: Option<Hidden>,
    pub(crate) server_password: Option<Hidden>,
    pub(crate) password: Option<Hidden>,
}

/// What one connection learns for the next one to the same server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Learnt {
    pub(crate) nick_len: Option<usize>,
}

/// What the session tells its owner.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// Worth a word on the console.
    Remark(Level, String),
    /// We are in the channel: lines may go.
    Joined,
    /// We are no longer in the channel, but still connected.
    Left,
    Shown(LineId),
    Refused(LineId, Refusal),
    /// The connection is of no more use.
    End(Reason, String),
}

#[derive(Debug)]
enum State {
    Registering {
        until: Instant,
    },
    Identifying {
        until: Instant,
    },
    Joining {
        until: Instant,
    },
    /// The channel does not let us in; JOIN goes again at `at`.
    Outside {
        at: Instant,
    },
    Joined,
    /// In the channel, but it refuses what we say.
    Silenced {
        until: Instant,
    },
    Quitting,
    Ended,
}

pub(crate) struct Session {
    identity: Identity,
    /// Whether the way to the server may carry the account's password.
    confidential: bool,
    state: State,
    framing: Framing,
    isupport: Isupport,
    capabilities: Capabilities,
    nick: NickChoice,
    own_nick: String,
    /// `user@host` of our own prefix, as the server shows it.
    own_mask: Option<String>,
    flow: Flow,
    /// What is in flight, to know its echo by. Ascending in id.
    texts: VecDeque<(LineId, String)>,
    out: VecDeque<Wire>,
    events: VecDeque<Event>,
    /// The last ERROR or notice of the server before an end: its reason.
    last_words: String,
    /// Lines refused with 404 since one was shown.
    refused_in_a_row: u32,
    /// How long the last refused JOIN waited; the next waits twice as long.
    rejoin_wait: Duration,
}

impl Session {
    /// Begins a session on a connection that has just been opened.
    /// `confidential` says whether it is encrypted or stays on private ground.
    pub(crate) fn new(
        identity: Identity,
        learnt: &Learnt,
        flow: &FlowConfig,
        confidential: bool,
        now: Instant,
    ) -> Self {
        let nick = NickChoice::new(&identity.nick, learnt.nick_len);
        let mut session = Self {
            own_nick: nick.current(),
            nick,
            confidential,
            state: State::Registering {
                until: now + REGISTRATION_BOUND,
            },
            framing: Framing::default(),
            isupport: Isupport::default(),
            capabilities: Capabilities::default(),
            own_mask: None,
            flow: Flow::new(flow, now),
            texts: VecDeque::new(),
            out: VecDeque::new(),
            events: VecDeque::new(),
            last_words: String::new(),
            refused_in_a_row: 0,
            rejoin_wait: REJOIN_AFTER / 2,
            identity,
        };
        // All at once: a server without CAP never answers it, and would be
        // waited for in vain.
        session.send(&request_capabilities());
        if let Some(password) = session.identity.server_password.clone() {
            session.send(&Command::PASS(password.expose().to_owned()));
        }
        session.send(&Command::NICK(session.own_nick.clone()));
        session.send(&Command::USER(
            "irclog".into(),
            "0".into(),
            "irclog: a service's log".into(),
        ));
        session
    }

    /// Takes what the server sent.
    pub(crate) fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.flow.heard(now);
        let mut framing = std::mem::take(&mut self.framing);
        let skipped = framing.feed(bytes, |line| self.line(line, now));
        self.framing = framing;
        if skipped > 0 {
            self.events.push_back(Event::Remark(
                Level::Warn,
                "the server sends lines that are too long for IRC; they are skipped \
                 (is IRC_PORT the port of an IRC server?)"
                    .into(),
            ));
        }
        self.collect_flow();
    }

    /// Lets deadlines pass that are due.
    pub(crate) fn elapse(&mut self, now: Instant) {
        match self.state {
            State::Registering { until } if now >= until => self.end(
                Reason::Unreachable,
                format!(
                    "the server did not finish the registration (no 001) within 60 s{WRONG_PORT}"
                ),
            ),
            State::Identifying { until } if now >= until => {
                self.remark(
                    Level::Warn,
                    "NickServ did not answer to IRC_PASSWORD; joining without an account",
                );
                self.join(now);
            }
            State::Joining { until } if now >= until => self.join(now),
            State::Outside { at } if now >= at => self.join(now),
            State::Silenced { until } if now >= until => self.state = State::Joined,
            _ => {}
        }
        if self.pings() && self.flow.dead(now) {
            self.end(Reason::Closed, "the server does not answer PING".into());
        }
        self.collect_flow();
    }

    /// When [`elapse`](Self::elapse) or [`transmit`](Self::transmit) has
    /// something to do, at the latest.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let own = match self.state {
            State::Registering { until }
            | State::Identifying { until }
            | State::Joining { until }
            | State::Silenced { until } => Some(until),
            State::Outside { at } => Some(at),
            State::Joined | State::Quitting | State::Ended => None,
        };
        let flow = self.pings().then(|| self.flow.wake_at());
        [own, flow].into_iter().flatten().min()
    }

    /// The next protocol line to write, PING included.
    pub(crate) fn transmit(&mut self, now: Instant) -> Option<Wire> {
        if self.out.is_empty()
            && self.pings()
            && let Some(token) = self.flow.ping(now)
        {
            self.send(&Command::PING(token.to_string(), None));
        }
        let line = self.out.pop_front()?;
        self.flow.on_command(line.len(), now);
        Some(line)
    }

    pub(crate) fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether we are in the channel and it takes our lines.
    pub(crate) fn is_joined(&self) -> bool {
        matches!(self.state, State::Joined)
    }

    /// Whether a line with `text` bytes of text may go now.
    pub(crate) fn slot(&mut self, text: usize, urgency: Urgency, now: Instant) -> Slot {
        let around = "PRIVMSG  :\r\n".len() + self.identity.channel.len();
        self.flow.slot(around + text, urgency, now)
    }

    /// All was said, and the proof of it is waited for: see [`Flow::hurry`].
    pub(crate) fn hurry(&mut self) {
        self.flow.hurry();
    }

    /// Makes the line that says `text` in the channel; the caller asked
    /// [`slot`](Self::slot) before.
    pub(crate) fn say(&mut self, id: LineId, text: &str, now: Instant) -> Wire {
        let command = Command::PRIVMSG(self.identity.channel.clone(), text.to_owned());
        let line = Wire::new(&command, self.isupport.line_len);
        self.flow.sent(id, line.len(), now);
        self.texts.push_back((id, text.to_owned()));
        line
    }

    /// Bytes of text that one line carries to everybody whole: what the
    /// server's limit leaves beside our own prefix, which it puts before.
    pub(crate) fn budget(&self) -> NonZeroUsize {
        let mask = self.own_mask.as_ref().map_or(ASSUMED_MASK, String::len);
        let around = ":!".len()
            + self.own_nick.len()
            + mask
            + " PRIVMSG  :\r\n".len()
            + self.identity.channel.len();
        let room = self.isupport.line_len.saturating_sub(around);
        NonZeroUsize::new(room.max(LEAST_BUDGET)).unwrap_or(NonZeroUsize::MIN)
    }

    /// Says goodbye. The server closes the connection when it has worked
    /// through everything before.
    pub(crate) fn quit(&mut self, message: &str) {
        self.state = State::Quitting;
        self.send(&Command::QUIT(Some(message.to_owned())));
    }

    /// The connection has ended, by itself or with `error`.
    pub(crate) fn closed(&mut self, error: Option<&std::io::Error>) {
        let quitting = matches!(self.state, State::Quitting);
        let registered = self.is_registered();
        let mut why = match (error, self.last_words.is_empty()) {
            (_, false) => self.last_words.clone(),
            (Some(error), true) => error.to_string(),
            (None, true) => "the server closed the connection".into(),
        };
        if !registered && self.last_words.is_empty() {
            why.push_str(" before the registration was over");
            why.push_str(WRONG_PORT);
        }
        let reason = match classify(&self.last_words) {
            Reason::Closed if !registered && !quitting => Reason::Unreachable,
            reason => reason,
        };
        self.end(reason, why);
        self.collect_flow();
    }

    pub(crate) fn nick(&self) -> &str {
        &self.own_nick
    }

    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    pub(crate) fn learnt(&self) -> Learnt {
        Learnt {
            nick_len: self.isupport.nick_len,
        }
    }

    fn send(&mut self, command: &Command) {
        self.out.push_back(Wire::new(command, MAX_LINE));
    }

    fn remark(&mut self, level: Level, text: impl Into<String>) {
        self.events.push_back(Event::Remark(level, text.into()));
    }

    fn end(&mut self, reason: Reason, text: String) {
        if !matches!(self.state, State::Ended) {
            self.state = State::Ended;
            self.events.push_back(Event::End(reason, text));
        }
    }

    fn collect_flow(&mut self) {
        while let Some(event) = self.flow.poll() {
            let (FlowEvent::Shown(line) | FlowEvent::Refused(line, _)) = event;
            self.texts.retain(|(id, _)| *id != line);
            self.events.push_back(match event {
                FlowEvent::Shown(line) => {
                    self.refused_in_a_row = 0;
                    Event::Shown(line)
                }
                FlowEvent::Refused(line, refusal) => Event::Refused(line, refusal),
            });
        }
    }

    fn line(&mut self, line: &str, now: Instant) {
        // What cannot be parsed concerns nobody: garbage, or a mode string
        // that the library does not know.
        let Ok(message) = line.parse::<Message>() else {
            return;
        };
        let from = message.prefix;
        match message.command {
            Command::PING(token, _) => self.send(&Command::PONG(token, None)),
            Command::PONG(first, second) => {
                if let Some(token) = Token::parse(&second.unwrap_or(first)) {
                    self.flow.on_pong(token, now);
                }
            }
            Command::CAP(_, subcommand, first, second) => {
                let answer =
                    self.capabilities
                        .answer(subcommand, first.as_deref(), second.as_deref());
                if let Some(answer) = answer {
                    self.send(&answer);
                }
            }
            // The numeric of a ban says more than the end of it.
            Command::ERROR(text) if !self.last_words.starts_with(BANNED) => {
                self.last_words = text;
            }
            Command::NICK(new) if self.is_own(from.as_ref()) => {
                self.own_nick = new;
                let text = format!("the server calls us {} now", self.own_nick);
                self.remark(Level::Warn, text);
            }
            Command::CHGHOST(user, host) if self.is_own(from.as_ref()) => {
                self.own_mask = Some(format!("{user}@{host}"));
            }
            Command::JOIN(channel, ..) if self.is_own(from.as_ref()) => {
                self.joined(&channel, from);
            }
            Command::PART(channel, _)
                if self.is_own(from.as_ref()) && self.is_channel(&channel) =>
            {
                self.stay_outside(now, "we were removed from the channel");
            }
            Command::KICK(channel, nick, why)
                if self.isupport.same(&nick, &self.own_nick) && self.is_channel(&channel) =>
            {
                let by = from.as_ref().map_or("somebody", source);
                let why = why.unwrap_or_default();
                self.stay_outside(now, &format!("{by} kicked us from the channel ({why})"));
            }
            Command::KILL(nick, why) if self.isupport.same(&nick, &self.own_nick) => {
                self.last_words = format!("killed ({why})");
            }
            Command::PRIVMSG(target, text)
                if self.is_own(from.as_ref()) && self.is_channel(&target) =>
            {
                self.echoed(&text, now);
            }
            Command::ChannelMODE(channel, modes) if self.is_channel(&channel) => {
                self.channel_modes(&modes, now);
            }
            Command::NOTICE(_, text) => self.notice(from.as_ref(), &text, now),
            Command::Response(response, arguments) => {
                self.numeric(response as u16, &arguments, now);
            }
            Command::Raw(name, arguments) => self.raw(&name, &arguments, now),
            _ => {}
        }
    }

    fn raw(&mut self, name: &str, arguments: &[String], now: Instant) {
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
            self.flow.on_refused(refusal, now);
        }
    }

    fn numeric(&mut self, number: u16, arguments: &[String], now: Instant) {
        let text = arguments.last().map_or("", String::as_str);
        let about_channel = arguments
            .get(1)
            .is_some_and(|channel| self.is_channel(channel));
        match number {
            1 => self.registered(arguments.first(), now),
            4 => {
                if let Some(version) = arguments.get(2) {
                    self.flow.server_is(version);
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
            353 if arguments
                .get(2)
                .is_some_and(|channel| self.is_channel(channel)) =>
            {
                self.names(text, now);
            }
            366 if about_channel => self.entered(),
            404 if about_channel => self.cannot_send(text, now),
            408 => {
                self.flow.on_refused(Refusal::ControlCodes, now);
            }
            417 => {
                self.flow.on_refused(Refusal::TooLong, now);
            }
            421 if arguments.get(1).is_some_and(|name| name == "NICKSERV") => {
                self.identify(Services::Nick, now);
            }
            432 | 433 | 436 | 437 if matches!(self.state, State::Registering { .. }) => {
                self.nick_refused(number, text);
            }
            464 => self.end(
                Reason::Refused,
                format!("the server refuses IRC_SERVER_PASSWORD ({text})"),
            ),
            465 => self.last_words = format!("{BANNED}{text}"),
            900 if matches!(self.state, State::Identifying { .. }) => self.join(now),
            401 | 403 | 442 if about_channel && self.is_inside() => {
                self.flow.on_refused(Refusal::CannotSend, now);
                self.stay_outside(now, "the server says that we are not in the channel");
            }
            403 | 405 | 437 | 470 | 471 | 473 | 474 | 475 | 476 | 477 | 479 | 488 | 489 | 520
                if about_channel && matches!(self.state, State::Joining { .. }) =>
            {
                let mend = join_mend(number);
                let text = format!("cannot join ({number} {text}): {mend}");
                self.stay_outside(now, &text);
            }
            _ => {}
        }
    }

    fn registered(&mut self, nick: Option<&String>, now: Instant) {
        if !matches!(self.state, State::Registering { .. }) {
            return;
        }
        if let Some(nick) = nick {
            self.own_nick.clone_from(nick);
        }
        if self.capabilities.has("echo-message") {
            self.flow.acknowledge_by(Proof::Echo);
        }
        // 376 or 422 follows with the limits; a server that forgets it is not
        // waited for longer than for an answer of NickServ.
        self.state = State::Registering {
            until: now + REGISTRATION_BOUND,
        };
        self.last_words.clear();
    }

    fn greeted(&mut self, now: Instant) {
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

    fn identify(&mut self, service: Services, now: Instant) {
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

    fn join(&mut self, now: Instant) {
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

    fn joined(&mut self, channel: &str, from: Option<Prefix>) {
        if let Some(Prefix::Nickname(_, user, host)) = from
            && !user.is_empty()
            && !host.is_empty()
        {
            self.own_mask = Some(format!("{user}@{host}"));
        }
        if self.is_channel(channel) {
            self.entered();
        }
    }

    fn entered(&mut self) {
        if matches!(self.state, State::Joining { .. } | State::Outside { .. }) {
            self.state = State::Joined;
            self.refused_in_a_row = 0;
            self.rejoin_wait = REJOIN_AFTER / 2;
            self.events.push_back(Event::Joined);
        }
    }

    fn stay_outside(&mut self, now: Instant, why: &str) {
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

    fn cannot_send(&mut self, text: &str, now: Instant) {
        let lower = text.to_ascii_lowercase();
        let refusal = if lower.contains("color") || lower.contains("colour") || lower.contains("+c")
        {
            Refusal::ControlCodes
        } else {
            Refusal::CannotSend
        };
        self.flow.on_refused(refusal, now);
        self.refused_in_a_row += 1;
        // The first refusal may mean our formatting; the channel room mends
        // the line once. After the second, more lines would be lost one by one.
        if self.refused_in_a_row >= 2 && matches!(self.state, State::Joined) {
            self.state = State::Silenced {
                until: now + SILENCED_FOR,
            };
            if self.refused_in_a_row == 2 {
                let text = format!(
                    "{} refuses what we say (404 {text}): give {} a voice there (+v), or lift \
                     the channel's +m or ban",
                    self.identity.channel, self.own_nick
                );
                self.remark(Level::Warn, text);
            }
        }
    }

    /// One of our lines came back. By its text where the server left it as it
    /// was, else it is taken for the oldest in flight.
    fn echoed(&mut self, text: &str, now: Instant) {
        if !self.capabilities.has("echo-message") {
            return;
        }
        match self.texts.iter().find(|(_, sent)| sent == text) {
            Some(&(id, _)) => self.flow.on_echo_of(id, now),
            None => self.flow.on_echo(now),
        }
        // At once, so that the next of two equal texts finds the second.
        self.collect_flow();
    }

    /// Voice, or more, is given or taken: some servers throttle those without.
    fn channel_modes(&mut self, modes: &[Mode<ChannelMode>], now: Instant) {
        for mode in modes {
            let (given, kind, nick) = match mode {
                Mode::Plus(kind, Some(nick)) => (true, kind, nick),
                Mode::Minus(kind, Some(nick)) => (false, kind, nick),
                _ => continue,
            };
            let raises = matches!(
                kind,
                ChannelMode::Founder
                    | ChannelMode::Admin
                    | ChannelMode::Oper
                    | ChannelMode::Halfop
                    | ChannelMode::Voice
            );
            if raises && self.isupport.same(nick, &self.own_nick) {
                self.flow.set_voiced(given, now);
            }
        }
    }

    /// The list of who is in the channel (353), with their ranks before them.
    fn names(&mut self, names: &str, now: Instant) {
        for name in names.split(' ') {
            let nick = name.trim_start_matches(['~', '&', '@', '%', '+']);
            if self.isupport.same(nick, &self.own_nick) {
                self.flow.set_voiced(nick.len() < name.len(), now);
            }
        }
    }

    fn nick_refused(&mut self, number: u16, text: &str) {
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

    fn notice(&mut self, from: Option<&Prefix>, text: &str, now: Instant) {
        match from {
            // A server, or nobody yet: only servers speak so.
            None | Some(Prefix::ServerName(_)) => {
                if text.contains("throttled due to flooding") {
                    self.flow.on_refused(Refusal::Throttled, now);
                }
                if matches!(classify(text), Reason::Closed) {
                    return;
                }
                text.clone_into(&mut self.last_words);
            }
            Some(Prefix::Nickname(nick, ..))
                if nick.eq_ignore_ascii_case("NickServ")
                    && matches!(self.state, State::Identifying { .. }) =>
            {
                self.nickserv(text, now);
            }
            Some(Prefix::Nickname(..)) => {}
        }
    }

    fn nickserv(&mut self, text: &str, now: Instant) {
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

    fn is_own(&self, from: Option<&Prefix>) -> bool {
        matches!(from, Some(Prefix::Nickname(nick, ..) | Prefix::ServerName(nick))
            if self.isupport.same(nick, &self.own_nick))
    }

    fn is_channel(&self, name: &str) -> bool {
        self.isupport.same(name, &self.identity.channel)
    }

    /// Whether a PING would be answered: not before 001, not after QUIT.
    fn pings(&self) -> bool {
        !matches!(
            self.state,
            State::Registering { .. } | State::Quitting | State::Ended
        )
    }

    /// Whether the server knows us.
    pub(crate) fn is_registered(&self) -> bool {
        !matches!(self.state, State::Registering { .. })
    }

    /// Until when the channel takes no line, where that is known.
    pub(crate) fn shut_until(&self) -> Option<Instant> {
        match self.state {
            State::Outside { at } => Some(at),
            State::Silenced { until } => Some(until),
            _ => None,
        }
    }

    /// Whether we are in the channel, even if it refuses our lines.
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self.state, State::Joined | State::Silenced { .. })
    }
}

/// How a network's NickServ is reached.
#[derive(Debug, Clone, Copy)]
enum Services {
    /// `NICKSERV …`: the server itself knows who that is.
    Command,
    /// `DALnet` takes passwords only at the full address.
    Dalnet,
    /// A plain message, where the command is unknown.
    Nick,
}

fn source(prefix: &Prefix) -> &str {
    match prefix {
        Prefix::ServerName(name) | Prefix::Nickname(name, ..) => name,
    }
}

/// What to do about a refused JOIN.
fn join_mend(number: u16) -> &'static str {
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

#[cfg(test)]
mod tests;
