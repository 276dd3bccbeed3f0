//! An IRC server inside the process: real TCP, real registration, and faults
//! that are declared.
//!
//! ```
//! use std::time::Duration;
//! use irclog_tests::loopback::{Config, Server};
//! use irclog_tests::observer::Observer;
//!
//! let server = Server::start(Config::default().channel("#logs", "+n"));
//! let client = Observer::join(server.addr(), "#logs", "teller");
//! client.say("it works");
//! let mut member = server.member("#logs");
//! let seen = member.next_line(Duration::from_secs(5)).expect("teller was heard");
//! assert_eq!(seen.text, "it works");
//! ```

mod channel;
mod commands;
mod config;
mod connection;
mod fault;
mod framing;
mod member;
mod message;
mod state;
mod take;
mod talk;
mod throttle;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

pub use config::{Config, ControlCodes, Overlong};
pub use fault::{Action, Fault, Rewrite};
pub use member::Member;
pub use message::CaseMapping;
pub use throttle::{ChannelFlood, Patience, ReconnectThrottle, Throttle};
pub use tls::{Certificate, Tls};

use crate::journal::Journal;
use crate::port::Port;
use state::{Flow, Id, State};

/// A running server on a free port of 127.0.0.1, in a thread of its own.
///
/// It needs no runtime of its user, and closes everything on drop.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    port: Port,
    tls: Option<(Certificate, Arc<ServerConfig>)>,
    running: Option<Running>,
}

/// One line that a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Number of the connection, counted from 1.
    pub connection: usize,
    /// The line without its end; invalid UTF-8 replaced.
    pub text: String,
    /// The line without its end, as it came.
    pub bytes: Vec<u8>,
    /// Its length on the wire, with its end.
    pub wire_len: usize,
    /// When it was read.
    pub at: Instant,
}

impl Received {
    /// The command in upper case, such as `PRIVMSG`.
    #[must_use]
    pub fn command(&self) -> String {
        message::command(&self.text).to_ascii_uppercase()
    }

    /// The last parameter of a PRIVMSG or NOTICE, empty for all else.
    #[must_use]
    pub fn said(&self) -> &str {
        match self.command().as_str() {
            "PRIVMSG" | "NOTICE" => self.text.split_once(" :").map_or("", |(_, said)| said),
            _ => "",
        }
    }
}

/// A client that identified to NickServ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identify {
    /// The nick it had.
    pub nick: String,
    /// The account it named, its nick when it named none.
    pub account: String,
    /// The password it sent.
    pub password: String,
    /// When it did.
    pub at: Instant,
}

impl Server {
    /// Starts a server.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    #[must_use]
    pub fn start(config: Config) -> Self {
        let tls = config.tls.as_ref().map(tls::issue);
        let mut server = Self {
            shared: Arc::new(Shared::new(config)),
            port: Port::hold(),
            tls,
            running: None,
        };
        server.run();
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.port.addr()
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// How to know it again, when it speaks TLS.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.tls.as_ref().map(|(certificate, _)| certificate)
    }

    /// Sees what the members of a channel see, from its first line on,
    /// without a client of its own.
    #[must_use]
    pub fn member(&self, channel: &str) -> Member {
        Member::new(self.shared.lock().channel(channel).seen.clone())
    }

    /// Everything that clients sent, in the order in which it was read.
    #[must_use]
    pub fn received(&self) -> &Journal<Received> {
        &self.shared.received
    }

    /// Waits until a client sends, or has sent, a line that satisfies
    /// `wanted`; `None` when `timeout` has passed without one.
    pub fn wait_for(
        &self,
        mut wanted: impl FnMut(&str) -> bool,
        timeout: Duration,
    ) -> Option<Received> {
        self.received().wait_for(|line| wanted(&line.text), timeout)
    }

    /// Waits until `nick` has joined `channel`; whether it has.
    #[must_use]
    pub fn wait_joined(&self, channel: &str, nick: &str, timeout: Duration) -> bool {
        self.member(channel)
            .wait_for(
                |seen| seen.kind == crate::seen::Kind::Join && seen.nick == nick,
                timeout,
            )
            .is_some()
    }

    /// Who identified to NickServ, and how.
    #[must_use]
    pub fn identifies(&self) -> &Journal<Identify> {
        &self.shared.identifies
    }

    /// How many connections were made so far, those turned away included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.lock().accepted
    }

    /// The nicks of those who are connected and have one.
    #[must_use]
    pub fn nicks(&self) -> Vec<String> {
        let state = self.shared.lock();
        state
            .clients
            .values()
            .filter_map(|client| client.nick.clone())
            .collect()
    }

    /// Adds something that goes wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Takes all faults away.
    pub fn mend(&self) {
        self.shared.lock().faults.clear();
    }

    /// Somebody who is not there says `text` to a channel or a nick.
    pub fn say(&self, nick: &str, target: &str, text: &str) {
        let mut state = self.shared.lock();
        let prefix = format!("{nick}!~{nick}@elsewhere.example");
        let line = format!(":{prefix} PRIVMSG {target} :{text}");
        if target.starts_with('#') {
            state.publish("PRIVMSG", &prefix, target, &line);
            state.tell_channel(target, &line, None);
        } else if let Some(id) = state.find(target) {
            state.send(id, &line);
        }
    }

    /// Sends bytes to `nick` as they are.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn send_raw(&self, nick: &str, bytes: impl Into<Vec<u8>>) {
        self.with(nick, |state, id| state.write_raw(id, bytes.into()));
    }

    /// Changes modes of a channel, such as `+mc` or `+v nick`.
    pub fn mode(&self, channel: &str, modes: &str) {
        let mut state = self.shared.lock();
        let by = state.config.name.clone();
        state.mode(&by, channel, modes);
    }

    /// Puts `nick` out of a channel.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn kick(&self, channel: &str, nick: &str, reason: &str) {
        self.with(nick, |state, id| {
            let by = state.config.name.clone();
            state.kick(&by, channel, id, reason);
        });
    }

    /// Ends the connection of `nick` as an operator does.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn kill(&self, nick: &str, reason: &str) {
        self.with(nick, |state, id| state.kill(id, reason));
    }

    /// Ends the connection of `nick` without a word.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn close(&self, nick: &str) {
        self.with(nick, |state, id| {
            state.remove(id, "Connection reset by peer");
        });
    }

    /// Gives `nick` another nick, as services do.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn rename(&self, nick: &str, new: &str) {
        self.with(nick, |state, id| state.rename(id, new));
    }

    /// Gives `nick` another host, told by 396 and, to who has the capability,
    /// CHGHOST.
    ///
    /// # Panics
    ///
    /// When nobody has this nick.
    pub fn change_host(&self, nick: &str, host: &str) {
        self.with(nick, |state, id| state.change_host(id, host));
    }

    /// Everything stands still until [`resume`](Self::resume); connections are
    /// still accepted, by the system.
    pub fn freeze(&self) {
        self.set_flow(Flow::Frozen);
    }

    /// Goes on where it was.
    pub fn resume(&self) {
        self.set_flow(Flow::Running);
    }

    /// Dies: every connection ends without a word, the port refuses. What was
    /// received and seen so far stays.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            // Fails only when the thread has ended.
            let _ = running.stop.send(());
            let _ = running.thread.join();
            self.shared.forget_clients();
        }
    }

    /// Starts again on the same port after [`stop`](Self::stop), with the
    /// channels and faults as they were.
    ///
    /// # Panics
    ///
    /// When somebody else has taken the port: see [`Port`].
    pub fn start_again(&mut self) {
        if self.running.is_none() {
            self.run();
        }
    }

    fn run(&mut self) {
        let listener = self.port.listen().expect("the port is ours");
        listener
            .set_nonblocking(true)
            .expect("a socket may be asked not to block");
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let tls = self
            .tls
            .as_ref()
            .map(|(_, config)| TlsAcceptor::from(Arc::clone(config)));
        let thread = thread::Builder::new()
            .name("loopback ircd".to_owned())
            .spawn(move || serve(shared, listener, tls, stopped))
            .expect("the system has a thread to spare");
        self.running = Some(Running { stop, thread });
    }

    fn set_flow(&self, flow: Flow) {
        let mut state = self.shared.lock();
        state.flow = flow;
        let ids: Vec<Id> = state.clients.keys().copied().collect();
        for id in ids {
            state.set_flow(id, flow);
        }
    }

    #[track_caller]
    fn with(&self, nick: &str, what: impl FnOnce(&mut State, Id)) {
        let mut state = self.shared.lock();
        let Some(id) = state.find(nick) else {
            drop(state);
            panic!("nobody is called {nick}; there are {:?}", self.nicks());
        };
        what(&mut state, id);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// What the server's thread and its user's threads share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    received: Journal<Received>,
    identifies: Journal<Identify>,
}

impl Shared {
    fn new(config: Config) -> Self {
        let state = State::new(config);
        Self {
            received: state.received.clone(),
            identifies: state.identifies.clone(),
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_clients(&self) {
        let mut state = self.lock();
        let ids: Vec<Id> = state.clients.keys().copied().collect();
        for id in ids {
            state.remove(id, "Connection reset by peer");
        }
    }
}

fn serve(
    shared: Arc<Shared>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stopped: oneshot::Receiver<()>,
) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a current-thread runtime")
        .block_on(async {
            let listener =
                tokio::net::TcpListener::from_std(listener).expect("a non-blocking listener");
            tokio::select! {
                () = connection::accept(shared, listener, tls) => {}
                // Also when the handle is gone.
                _ = stopped => {}
            }
        });
}
