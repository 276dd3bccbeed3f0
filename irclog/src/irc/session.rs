//! One connection's life, from the first word to QUIT: a state machine that
//! takes lines and `now`, and gives lines, events and a deadline.

mod authenticating;
mod ending;
mod entering;
#[cfg(test)]
mod floods;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod incoming;
mod membership;
mod naming;
pub(crate) mod seen;
#[cfg(test)]
mod several;
mod speaking;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::panic::Location;
use std::time::{Duration, Instant};

use irc_proto::Command;
use log::Level;

use self::authenticating::Authentication;
pub(crate) use self::membership::Destination;
use self::membership::{Membership, Presence};
use self::naming::Naming;
use self::seen::Seen;
#[cfg(any(test, feature = "cli"))]
pub(crate) use self::speaking::Permit;
pub(crate) use self::speaking::{Last, Turn};
use super::backoff::{Reason, is_taken_over};
use super::flow::{Flow, FlowConfig, FlowEvent};
use super::foreign::{Foreign, remark};
use super::framing::Framing;
use super::isupport::Isupport;
use super::nick::NickChoice;
use super::pongs::Pongs;
use super::registration::{Capabilities, request_capabilities};
use super::remarks::Remarks;
use super::wire::{MAX_LINE, Wire};
use crate::config::{Hidden, Mechanism, Nick};
use crate::line::{ChannelId, LineId, MAIN, Refusal};

/// From the first byte to 001: `DALnet` looks up names and idents first, for
/// up to 30 s.
const REGISTRATION_BOUND: Duration = Duration::from_secs(60);
/// From 001 to 376 or 422: a server that forgets them is joined without.
const GREETING_BOUND: Duration = Duration::from_secs(10);
/// A JOIN has this long to be answered before it is sent again.
const JOIN_BOUND: Duration = Duration::from_secs(20);
/// A refused JOIN is tried again after this long, doubling up to the limit:
/// somebody may lift the ban or invite us.
const REJOIN_AFTER: Duration = Duration::from_secs(30);
const REJOIN_LIMIT: Duration = Duration::from_secs(300);
/// Invitations are followed no more often: who invites may kick as well.
const INVITED_AGAIN: Duration = Duration::from_secs(10);
/// A channel that refuses our lines is tried again after this long.
const SILENCED_FOR: Duration = Duration::from_secs(15);
/// So many refusals in a row mean the channel, not a line.
const SILENCED_AT: u32 = 2;

/// Begins the last words of a server that bans us.
const BANNED: &str = "banned: ";
/// What to look at when a server does not speak as one.
pub(crate) const WRONG_PORT: &str =
    ": is IRC_PORT the port of an IRC server, and IRC_TLS right for it?";

/// Who we are, and where we speak.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) nick: Nick,
    /// At least one.
    pub(crate) channels: Vec<Destination>,
    pub(crate) server_password: Option<Hidden>,
    pub(crate) password: Option<Hidden>,
    /// Where this network's services take the password, where the user says
    /// so: `NickServ@services.dal.net`.
    pub(crate) services: Option<String>,
    /// The account's name, where it is not the nick.
    pub(crate) account: Option<String>,
    /// Whose account it is then, where we are there for somebody else.
    pub(crate) on_behalf_of: Option<Nick>,
    /// TLS was opened with a certificate of ours.
    pub(crate) certificate: bool,
    /// How the account may be proven by SASL, the strongest first. Without PLAIN
    /// among them nobody is given the password itself.
    pub(crate) mechanisms: Vec<Mechanism>,
    /// For what is left to chance.
    pub(crate) seed: u64,
}

/// What one connection learns for the next one to the same server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Learnt {
    pub(crate) nick_len: Option<usize>,
    /// Services ended an earlier connection, as they do for who has the
    /// password: another process of ours has the nick, and is left in peace.
    pub(crate) taken_over: bool,
}

/// What the session tells its owner.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// Worth a word on the console.
    Remark(Level, String),
    /// We are in this channel: lines may go.
    Joined(ChannelId),
    /// We are no longer in this channel, but still connected.
    Left(ChannelId),
    /// This channel does not let us in, and why.
    KeptOut(ChannelId, String),
    Shown(LineId),
    Refused(LineId, Refusal),
    /// Refused, or shown: the server did not say which of several it means.
    Doubted(LineId, Refusal),
    /// The connection is of no more use.
    End(Reason, String),
}

#[derive(Debug)]
enum State {
    Registering {
        until: Instant,
        /// The server has said 001, and nothing is missing but the end of its
        /// greeting.
        welcomed: bool,
    },
    /// The greeting is over: how far we are with each channel, its membership
    /// says.
    Greeted,
    Quitting {
        /// The server said ERROR, as it does to a QUIT.
        answered: bool,
    },
    Ended,
}

/// One connection's life, sans-IO. It reads no clock and knows no socket: its
/// owner hands in bytes and `now`, which never goes back, and takes lines,
/// events and a deadline.
///
/// A session is driven in turns. In each:
///
/// 1. What has happened is handed in, in the order in which it happened:
///    [`receive`](Self::receive) for bytes, [`closed`](Self::closed) for the
///    end of the connection, [`elapse`](Self::elapse) in any case, since
///    deadlines may have passed.
/// 2. [`event`](Self::event) is called until it gives `None`. After
///    [`Event::End`] the session is of no more use, and nothing else is called
///    but the getters.
/// 3. What there is to say is said: [`slot`](Self::slot), and with the
///    [`Permit`] that it gives [`say`](Self::say), again and again while
///    [`is_joined`](Self::is_joined). [`hurry`](Self::hurry) when nothing more
///    will come. At the end [`last_slot`](Self::last_slot) for one more line,
///    and [`quit`](Self::quit), after which nothing is said.
/// 4. [`transmit`](Self::transmit) is called until it gives `None`. What it and
///    `say` give has to reach the socket whole and in the order of the calls.
/// 5. [`wake_at`](Self::wake_at) and the last answer of `slot` say when the next
///    turn is, if nothing comes before it.
///
/// The getters ([`room`](Self::room), [`budget`](Self::budget),
/// [`nick`](Self::nick), [`flow`](Self::flow), [`learnt`](Self::learnt) and the
/// like) may be called at any time. Their answers hold until the next call that
/// takes `now`: a line has to be cut for the `room` of the same turn.
pub(crate) struct Session {
    identity: Identity,
    /// Whether the way to the server may carry the account's password.
    confidential: bool,
    state: State,
    framing: Framing,
    isupport: Isupport,
    capabilities: Capabilities,
    nick: NickChoice,
    naming: Naming,
    seen: Seen,
    authentication: Authentication,
    own_nick: String,
    /// What we were called before the server renamed us.
    former_nick: Option<String>,
    /// `user@host` of our own prefix, as the server shows it.
    own_mask: Option<String>,
    flow: Flow,
    /// By [`ChannelId`].
    memberships: Vec<Membership>,
    /// What is in flight, to know its echo by.
    texts: VecDeque<(LineId, Foreign)>,
    out: VecDeque<Wire>,
    pongs: Pongs,
    /// What was told lately: no server fills the console.
    remarks: Remarks,
    /// The time of what is being done.
    now: Instant,
    /// Whether the server has said anything.
    heard: bool,
    events: VecDeque<Event>,
    /// The last ERROR or notice of the server before an end: its reason.
    last_words: String,
    /// What the console was told last of whether the server goes on.
    pulse: Pulse,
}

/// Whether the server answers at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pulse {
    Beats,
    StandsStill,
}

impl Session {
    /// Begins a session on a connection that has just been opened.
    /// `confidential` says whether it is encrypted or stays on private ground.
    pub(crate) fn new(
        mut identity: Identity,
        learnt: &Learnt,
        flow: &FlowConfig,
        confidential: bool,
        now: Instant,
    ) -> Self {
        let channels = std::mem::take(&mut identity.channels);
        let nick = NickChoice::new(&identity.nick, learnt.nick_len, identity.seed);
        let mut session = Self {
            own_nick: nick.current(),
            nick,
            naming: Naming::new(learnt.taken_over),
            seen: Seen::default(),
            authentication: Authentication::default(),
            confidential,
            state: State::Registering {
                until: now + REGISTRATION_BOUND,
                welcomed: false,
            },
            framing: Framing::default(),
            isupport: Isupport::default(),
            capabilities: Capabilities::default(),
            former_nick: None,
            own_mask: None,
            flow: Flow::new(flow, now),
            memberships: channels.into_iter().map(Membership::new).collect(),
            texts: VecDeque::new(),
            out: VecDeque::new(),
            pongs: Pongs::default(),
            remarks: Remarks::default(),
            now,
            heard: false,
            events: VecDeque::new(),
            last_words: String::new(),
            pulse: Pulse::Beats,
            identity,
        };
        session.capabilities = Capabilities::new(session.wants_sasl());
        // All at once: a server without CAP never answers it, and would be
        // waited for in vain.
        session.send(&request_capabilities());
        if let Some(password) = session.identity.server_password.clone() {
            if confidential {
                session.send(&Command::PASS(password.expose().to_owned()));
            } else {
                session.withhold("IRC_SERVER_PASSWORD");
            }
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
        self.now = now;
        self.heard |= !bytes.is_empty();
        self.flow.heard(now);
        let mut framing = std::mem::take(&mut self.framing);
        let skipped = framing.feed(bytes, |line| self.line(&Foreign::new(line), now));
        self.framing = framing;
        if skipped > 0 {
            self.remark(
                Level::Warn,
                "the server sends lines that are too long for IRC; they are skipped \
                 (is IRC_PORT the port of an IRC server?)",
            );
            if !self.is_registered() {
                // More of it would only be waited for.
                self.end(Reason::NoIrc, format!("that is no IRC{WRONG_PORT}"));
            }
        }
        self.collect_flow();
    }

    /// Lets deadlines pass that are due.
    pub(crate) fn elapse(&mut self, now: Instant) {
        self.now = now;
        match self.state {
            State::Registering {
                until,
                welcomed: true,
            } if now >= until => self.greeted(now),
            State::Registering { until, .. } if now >= until => self.end(
                Reason::NoIrc,
                format!(
                    "the server did not finish the registration (no 001) within 60 s{WRONG_PORT}"
                ),
            ),
            State::Greeted => self.elapse_channels(now),
            _ => {}
        }
        if self.is_open() {
            self.elapse_naming(now);
        }
        self.elapse_sasl(now);
        if self.is_open() && self.flow.dead(now) {
            self.end(Reason::Closed, "the server does not answer PING".into());
        }
        self.watch_for_a_stall();
        while let Some((level, text)) = self.remarks.due(now) {
            self.events.push_back(Event::Remark(level, text));
        }
        self.collect_flow();
    }

    /// A server that stands still is told once, and that it goes on again.
    fn watch_for_a_stall(&mut self) {
        let pulse = if self.is_open() && self.flow.stands_still() {
            Pulse::StandsStill
        } else {
            Pulse::Beats
        };
        if pulse == std::mem::replace(&mut self.pulse, pulse) {
            return;
        }
        let channels = self.channel_names();
        let does = if self.memberships.len() == 1 {
            ("does", "sees")
        } else {
            ("do", "see")
        };
        if pulse == Pulse::StandsStill {
            let text = format!(
                "{channels} {} not see this log for now: the server has not answered for 20 s. \
                 What is logged waits here; after 120 s a new connection is made",
                does.0
            );
            self.remark(Level::Warn, text);
        } else if self.is_open() {
            self.remark(
                Level::Info,
                format!(
                    "the server answers again: {channels} {} what waited",
                    does.1
                ),
            );
        }
    }

    /// When [`elapse`](Self::elapse) or [`transmit`](Self::transmit) has
    /// something to do, at the latest.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let own = match self.state {
            State::Registering { until, .. } => Some(until),
            State::Greeted => self
                .memberships
                .iter()
                .filter_map(Membership::wakes_at)
                .min(),
            State::Quitting { .. } | State::Ended => None,
        };
        let flow = self.is_open().then(|| self.flow.wake_at());
        let naming = self.naming_wakes_at().filter(|_| self.is_open());
        let (pongs, remarks) = (self.pongs.wake_at(), self.remarks.wake_at());
        [own, flow, naming, self.sasl_wakes_at(), pongs, remarks]
            .into_iter()
            .flatten()
            .min()
    }

    /// The next protocol line to write, PING included.
    pub(crate) fn transmit(&mut self, now: Instant) -> Option<Wire> {
        if let Some(token) = self.pongs.next(now) {
            let pong = Wire::new(&Command::PONG(token, None), MAX_LINE);
            self.out.push_front(pong);
        }
        if self.out.is_empty()
            && self.is_open()
            && let Some(token) = self.flow.ping(now)
        {
            self.send(&Command::PING(token.to_string(), None));
        }
        let line = self.out.pop_front()?;
        self.flow.on_command(line.len(), now);
        if let Some(id) = self.joins(&line) {
            let mark = self.flow.written(now);
            self.at(id).asked_in = Some(mark);
        }
        Some(line)
    }

    pub(crate) fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether we are in this channel and it takes our lines.
    pub(crate) fn is_joined(&self, id: ChannelId) -> bool {
        self.is_open() && matches!(self.of(id).presence, Presence::Joined)
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
            taken_over: self.naming.taken_over || is_taken_over(&self.last_words),
        }
    }

    fn send(&mut self, command: &Command) {
        self.out.push_back(Wire::new(command, MAX_LINE));
    }

    /// Tells that a password stays here.
    #[track_caller]
    fn withhold(&mut self, setting: &str) {
        let text = format!(
            "{setting} is not sent: the connection is not encrypted and leaves the private \
             network; set IRC_TLS=true"
        );
        self.remark(Level::Warn, text);
    }

    /// Tells `text`; of what this place in the code tells again and again, the
    /// last every ten seconds with a count.
    #[track_caller]
    fn remark(&mut self, level: Level, text: impl Into<String>) {
        self.remark_of(MAIN, level, text);
    }

    /// The same of one of the channels: what is told of another is of another
    /// kind.
    #[track_caller]
    fn remark_of(&mut self, id: ChannelId, level: Level, text: impl Into<String>) {
        let kind = (Location::caller(), id);
        let text = remark(text.into());
        if let Some((level, text)) = self.remarks.admit(kind, level, text, self.now) {
            self.events.push_back(Event::Remark(level, text));
        }
    }

    fn collect_flow(&mut self) {
        while let Some(event) = self.flow.poll() {
            let (FlowEvent::Shown(line)
            | FlowEvent::Refused(line, _)
            | FlowEvent::Doubted(line, _)) = event;
            self.texts.retain(|(id, _)| *id != line);
            if let FlowEvent::Shown(_) = event {
                self.takes_lines(line.channel());
            }
            self.events.push_back(match event {
                FlowEvent::Shown(line) => Event::Shown(line),
                FlowEvent::Refused(line, refusal) => Event::Refused(line, refusal),
                FlowEvent::Doubted(line, refusal) => Event::Doubted(line, refusal),
            });
        }
    }

    /// Whether the server knows us.
    pub(crate) fn is_registered(&self) -> bool {
        !matches!(self.state, State::Registering { .. })
    }

    /// Whether the greeting is over and the end has not begun: only then a PING
    /// is answered.
    fn is_open(&self) -> bool {
        matches!(self.state, State::Greeted)
    }

    /// Until when this channel takes no line, where that is known.
    pub(crate) fn shut_until(&self, id: ChannelId) -> Option<Instant> {
        self.of(id).shut_until().filter(|_| self.is_open())
    }

    /// Whether we are in this channel, even if it refuses our lines.
    pub(crate) fn is_inside(&self, id: ChannelId) -> bool {
        self.is_open() && self.of(id).is_inside()
    }
}
