//! Who is connected, who is where, and how lines get to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::channel::Channel;
use super::config::Config;
use super::fault::Fault;
use super::throttle::{Door, Flood};
use super::{Identify, Received};
use crate::clock;
use crate::journal::Journal;
use crate::seen::{Kind, Seen};

/// Number of a connection, counted from 1.
pub(super) type Id = usize;

/// Whether a connection reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Running,
    StalledUntil(Instant),
    Frozen,
    /// Reads no more; closed as soon as what was sent is written.
    Draining,
}

/// One connection as the rest of the server knows it.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four facts, each true or false whatever the others are"
)]
pub(super) struct Client {
    /// What is to be written. The connection closes when it is dropped.
    pub(super) out: mpsc::UnboundedSender<Vec<u8>>,
    pub(super) flow: Arc<watch::Sender<Flow>>,
    pub(super) nick: Option<String>,
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) caps: BTreeSet<String>,
    pub(super) negotiating: bool,
    pub(super) password: Option<String>,
    /// The answer that registration still waits for.
    pub(super) cookie: Option<String>,
    pub(super) registered: bool,
    pub(super) identified: bool,
    pub(super) unanswered_ping: bool,
    pub(super) floods: BTreeMap<String, Flood>,
}

/// A line on its way to one client, before tags and the end are added.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) tags: Vec<String>,
    pub(super) line: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) config: Arc<Config>,
    pub(super) clients: BTreeMap<Id, Client>,
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) faults: Vec<Fault>,
    pub(super) door: Door,
    pub(super) accepted: usize,
    pub(super) received: Journal<Received>,
    pub(super) identifies: Journal<Identify>,
    /// What new connections start with.
    pub(super) flow: Flow,
    /// What one client is answered with, while its line is processed.
    capture: Option<(Id, Vec<Reply>)>,
}

impl State {
    pub(super) fn new(config: Config) -> Self {
        let mut state = Self {
            clients: BTreeMap::new(),
            channels: BTreeMap::new(),
            faults: config.faults.clone(),
            door: Door::default(),
            accepted: 0,
            received: Journal::new(),
            identifies: Journal::new(),
            flow: Flow::Running,
            capture: None,
            config: Arc::new(config),
        };
        let config = Arc::clone(&state.config);
        for (name, modes) in &config.channels {
            state.channel(name).apply(modes);
        }
        state
    }

    /// The channel `name`, made when there is none.
    pub(super) fn channel(&mut self, name: &str) -> &mut Channel {
        let key = self.config.fold(name);
        self.channels
            .entry(key)
            .or_insert_with(|| Channel::new(name))
    }

    pub(super) fn connect(
        &mut self,
        id: Id,
        out: mpsc::UnboundedSender<Vec<u8>>,
        flow: Arc<watch::Sender<Flow>>,
    ) {
        let client = Client {
            out,
            flow,
            nick: None,
            user: None,
            host: self.config.host.clone(),
            caps: BTreeSet::new(),
            negotiating: false,
            password: None,
            cookie: None,
            registered: false,
            identified: false,
            unanswered_ping: false,
            floods: BTreeMap::new(),
        };
        self.clients.insert(id, client);
    }

    /// Tells everybody who shares a channel with `id` that it is gone, and
    /// closes its connection once what was sent to it is written.
    pub(super) fn remove(&mut self, id: Id, reason: &str) {
        if !self.clients.contains_key(&id) {
            return;
        }
        let line = format!(":{} QUIT :{reason}", self.prefix(id));
        self.tell_peers(id, &line, false);
        let nick = self.nick(id).to_owned();
        for channel in self.channels.values_mut() {
            if channel.members.remove(&id).is_some() {
                channel.seen.push(seen(Kind::Quit, &nick, "", reason));
            }
        }
        if let Some(client) = self.clients.remove(&id) {
            client.flow.send_replace(Flow::Draining);
        }
    }

    /// Closes with the line that servers say last.
    pub(super) fn disconnect(&mut self, id: Id, reason: &str) {
        let host = self
            .clients
            .get(&id)
            .map(|client| client.host.clone())
            .unwrap_or_default();
        self.send_past_capture(id, &format!("ERROR :Closing Link: {host} ({reason})"));
        self.remove(id, reason);
    }

    /// The nick of `id`, `*` before it has one.
    pub(super) fn nick(&self, id: Id) -> &str {
        self.clients
            .get(&id)
            .and_then(|client| client.nick.as_deref())
            .unwrap_or("*")
    }

    /// `nick!user@host` of `id`.
    pub(super) fn prefix(&self, id: Id) -> String {
        let Some(client) = self.clients.get(&id) else {
            return String::new();
        };
        let user = client.user.as_deref().unwrap_or("unknown");
        format!("{}!{user}@{}", self.nick(id), client.host)
    }

    pub(super) fn find(&self, nick: &str) -> Option<Id> {
        let wanted = self.config.fold(nick);
        self.clients
            .iter()
            .find(|(_, client)| {
                client
                    .nick
                    .as_deref()
                    .is_some_and(|nick| self.config.fold(nick) == wanted)
            })
            .map(|(&id, _)| id)
    }

    /// Sends a numeric: `:server 404 nick rest`.
    pub(super) fn numeric(&mut self, to: Id, numeric: u16, rest: &str) {
        let line = format!(
            ":{} {numeric:03} {} {rest}",
            self.config.name,
            self.nick(to)
        );
        self.send(to, &line);
    }

    /// Sends one line, cut at the longest that the server sends.
    pub(super) fn send(&mut self, to: Id, line: &str) {
        let mut bytes = line.as_bytes().to_vec();
        bytes.truncate(self.config.line_len - 2);
        let Some(client) = self.clients.get(&to) else {
            return;
        };
        let tags = if client.caps.contains("server-time") {
            vec![format!("time={}", clock::server_time())]
        } else {
            Vec::new()
        };
        let reply = Reply { tags, line: bytes };
        match &mut self.capture {
            Some((captured, replies)) if *captured == to => replies.push(reply),
            _ => self.write_raw(to, reply.encode()),
        }
    }

    /// Sends one line at once, also when what comes before it is held back.
    pub(super) fn send_past_capture(&mut self, to: Id, line: &str) {
        let capture = self.capture.take();
        self.send(to, line);
        self.capture = capture;
    }

    /// Sends bytes as they are.
    pub(super) fn write_raw(&self, to: Id, bytes: Vec<u8>) {
        if let Some(client) = self.clients.get(&to) {
            // Fails only when the client is just leaving.
            let _ = client.out.send(bytes);
        }
    }

    /// Holds back what `id` is sent until [`release`](Self::release).
    pub(super) fn hold(&mut self, id: Id) {
        self.capture = Some((id, Vec::new()));
    }

    pub(super) fn release(&mut self) -> Vec<Reply> {
        self.capture
            .take()
            .map(|(_, replies)| replies)
            .unwrap_or_default()
    }

    /// Sends `line` to everybody in a channel, except perhaps one.
    pub(super) fn tell_channel(&mut self, name: &str, line: &str, except: Option<Id>) {
        let members: Vec<Id> = self
            .channels
            .get(&self.config.fold(name))
            .map(|channel| channel.members.keys().copied().collect())
            .unwrap_or_default();
        for id in members {
            if Some(id) != except {
                self.send(id, line);
            }
        }
    }

    /// Sends `line` once to everybody who shares a channel with `id`.
    pub(super) fn tell_peers(&mut self, id: Id, line: &str, itself: bool) {
        let mut peers: BTreeSet<Id> = self
            .channels
            .values()
            .filter(|channel| channel.members.contains_key(&id))
            .flat_map(|channel| channel.members.keys().copied())
            .collect();
        if itself {
            peers.insert(id);
        } else {
            peers.remove(&id);
        }
        for peer in peers {
            self.send(peer, line);
        }
    }

    /// Gives `id` another nick, and tells who has to know.
    pub(super) fn rename(&mut self, id: Id, nick: &str) {
        let line = format!(":{} NICK :{nick}", self.prefix(id));
        self.tell_peers(id, &line, true);
        let old = self.nick(id).to_owned();
        for channel in self.channels.values() {
            if channel.members.contains_key(&id) {
                channel.seen.push(seen(Kind::Nick, &old, "", nick));
            }
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.nick = Some(nick.to_owned());
        }
    }

    /// Puts `id` out of the channel `name`.
    pub(super) fn kick(&mut self, by: &str, name: &str, id: Id, reason: &str) {
        let nick = self.nick(id).to_owned();
        self.tell_channel(name, &format!(":{by} KICK {name} {nick} :{reason}"), None);
        let channel = self.channel(name);
        channel.members.remove(&id);
        channel.seen.push(seen(Kind::Kick, by, name, &nick));
    }

    /// Changes modes of the channel `name`, and tells its members.
    pub(super) fn mode(&mut self, by: &str, name: &str, modes: &str) {
        let promotions = self.channel(name).apply(modes);
        for promotion in promotions {
            if let Some(id) = self.find(&promotion.nick)
                && let Some(rank) = self.channel(name).members.get_mut(&id)
            {
                match promotion.mode {
                    'o' => rank.op = promotion.set,
                    _ => rank.voice = promotion.set,
                }
            }
        }
        self.tell_channel(name, &format!(":{by} MODE {name} {modes}"), None);
        let channel = self.channel(name);
        channel.seen.push(seen(Kind::Mode, by, name, modes));
    }

    /// Ends `id` as an operator does.
    pub(super) fn kill(&mut self, id: Id, reason: &str) {
        let line = format!(":{} KILL {} :{reason}", self.config.name, self.nick(id));
        self.send_past_capture(id, &line);
        self.disconnect(id, &format!("Killed ({reason})"));
    }

    pub(super) fn change_host(&mut self, id: Id, host: &str) {
        let user = self
            .clients
            .get(&id)
            .and_then(|client| client.user.clone())
            .unwrap_or_default();
        let line = format!(":{} CHGHOST {user} {host}", self.prefix(id));
        self.numeric(id, 396, &format!("{host} :is now your displayed host"));
        let peers: Vec<Id> = self
            .clients
            .iter()
            .filter(|(_, client)| client.caps.contains("chghost"))
            .map(|(&id, _)| id)
            .collect();
        for peer in peers {
            self.send(peer, &line);
        }
        if let Some(client) = self.clients.get_mut(&id) {
            host.clone_into(&mut client.host);
        }
    }

    pub(super) fn stall(&mut self, id: Id, time: Duration) {
        self.set_flow(id, Flow::StalledUntil(clock::now() + time));
    }

    pub(super) fn set_flow(&mut self, id: Id, flow: Flow) {
        if let Some(client) = self.clients.get(&id) {
            client.flow.send_replace(flow);
        }
    }
}

impl Reply {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.line.len() + 2);
        if !self.tags.is_empty() {
            bytes.extend_from_slice(format!("@{} ", self.tags.join(";")).as_bytes());
        }
        bytes.extend_from_slice(&self.line);
        bytes.extend_from_slice(b"\r\n");
        bytes
    }
}

pub(super) fn seen(kind: Kind, nick: &str, target: &str, text: &str) -> Seen {
    Seen {
        nick: nick.split('!').next().unwrap_or_default().to_owned(),
        target: target.to_owned(),
        text: text.to_owned(),
        kind,
        at: clock::now(),
    }
}
