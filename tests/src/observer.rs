//! An ordinary IRC client in a channel: what it sees, people see.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::StreamExt as _;
use irc::client::data::Config;
use irc::client::{Client, ClientStream, Sender};
use irc::proto::{Command, Message, Prefix, Response};
use tokio::sync::oneshot;

use crate::journal::{Journal, Reader};
use crate::seen::{Kind, Seen};
use crate::{SOON, clock};

/// Between two tries to join.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// How long a QUIT may take when the observer is dropped.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// The unmodified client of the `irc` crate, in a thread of its own, member of
/// one channel. It leaves on drop.
#[derive(Debug)]
pub struct Observer {
    seen: Journal<Seen>,
    raw: Journal<String>,
    sender: Sender,
    channel: String,
    asked: AtomicUsize,
    leave: Option<oneshot::Sender<()>>,
}

impl Observer {
    /// Connects to `addr` as `nick` and joins `channel`.
    ///
    /// Returns when the server has confirmed the join. Where the server ends
    /// the connection before that, it tries again.
    ///
    /// # Panics
    ///
    /// When it is not in the channel after [`SOON`], with everything that the
    /// server said.
    #[must_use]
    pub fn join(addr: SocketAddr, channel: &str, nick: &str) -> Self {
        Self::join_with(addr, channel, nick, None)
    }

    /// Like [`join`](Self::join), on a server that asks for `password`.
    ///
    /// # Panics
    ///
    /// As [`join`](Self::join).
    #[must_use]
    pub fn join_with(addr: SocketAddr, channel: &str, nick: &str, password: Option<&str>) -> Self {
        let deadline = clock::now() + SOON;
        loop {
            match Self::enter(addr, channel, nick, password) {
                Ok(observer) => return observer,
                Err(raw) => assert!(
                    clock::now() < deadline,
                    "the observer {nick} is not in {channel} on {addr}; the server said {raw:#?}"
                ),
            }
            thread::park_timeout(RETRY_PAUSE);
        }
    }

    /// Tries once; what the server said where it is not in the channel.
    fn enter(
        addr: SocketAddr,
        channel: &str,
        nick: &str,
        password: Option<&str>,
    ) -> Result<Self, Journal<String>> {
        let config = Config {
            nickname: Some(nick.to_owned()),
            server: Some(addr.ip().to_string()),
            port: Some(addr.port()),
            password: password.map(str::to_owned),
            channels: vec![channel.to_owned()],
            // Without it, one byte of invalid UTF-8 would end the stream.
            encoding: Some("UTF-8".to_owned()),
            ..Config::default()
        };
        let seen = Journal::new();
        let raw = Journal::new();
        let (leave, leaving) = oneshot::channel();
        let (senders, sender) = mpsc::channel();
        let task = Watch {
            config,
            seen: seen.clone(),
            raw: raw.clone(),
        };
        thread::Builder::new()
            .name(format!("observer {nick}"))
            .spawn(move || task.run(&senders, leaving))
            .expect("the system has a thread to spare");
        let joined = |seen: &Seen| seen.kind == Kind::Join && seen.nick == nick;
        let Ok(sender) = sender.recv_timeout(SOON) else {
            return Err(raw);
        };
        if seen.wait_for(joined, SOON).is_none() {
            return Err(raw);
        }
        Ok(Self {
            seen,
            raw,
            sender,
            channel: channel.to_owned(),
            asked: AtomicUsize::new(0),
            leave: Some(leave),
        })
    }

    /// Waits until all is here that the server has sent it before this call:
    /// what it has told another client of, such as by a PONG or an echo, may
    /// still be on its way to this one.
    pub fn catch_up(&self) {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let token = format!("caught-up-{number}");
        // Who is not connected any more has had all that it ever will.
        if self.sender.send(Command::PING(token.clone(), None)).is_ok() {
            let answer = |line: &String| line.contains(" PONG ") && line.ends_with(&token);
            let _ = self.raw.wait_for(answer, SOON);
        }
    }

    /// Everything it has seen in the channel until now, oldest first: see
    /// [`catch_up`](Self::catch_up).
    #[must_use]
    pub fn all(&self) -> Vec<Seen> {
        self.catch_up();
        self.seen.all()
    }

    /// Everything that was said until now (PRIVMSG and NOTICE), oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<Seen> {
        let mut seen = self.all();
        seen.retain(Seen::is_line);
        seen
    }

    /// The first thing seen, before or from now on, that satisfies `wanted`;
    /// `None` when `timeout` has passed or the connection is gone without one.
    pub fn wait_for(&self, wanted: impl FnMut(&Seen) -> bool, timeout: Duration) -> Option<Seen> {
        self.seen.wait_for(wanted, timeout)
    }

    /// The first line said that contains `text`, as [`wait_for`](Self::wait_for).
    #[must_use]
    pub fn wait_for_text(&self, text: &str, timeout: Duration) -> Option<Seen> {
        self.wait_for(|seen| seen.is_line() && seen.text.contains(text), timeout)
    }

    /// Reads what is seen one by one, from the first on.
    #[must_use]
    pub fn reader(&self) -> Reader<Seen> {
        self.seen.reader()
    }

    /// Every message from the server as it came, for what [`Seen`] leaves out.
    #[must_use]
    pub fn raw(&self) -> &Journal<String> {
        &self.raw
    }

    /// Whether the connection is there.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        !self.seen.is_closed()
    }

    /// Says `text` in the channel.
    ///
    /// # Panics
    ///
    /// When the connection is gone.
    pub fn say(&self, text: &str) {
        self.send(Command::PRIVMSG(self.channel.clone(), text.to_owned()));
    }

    /// Sends any command, such as an operator's MODE.
    ///
    /// # Panics
    ///
    /// When the connection is gone.
    pub fn send(&self, command: Command) {
        self.sender
            .send(command)
            .expect("the observer is connected");
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            // Fails only when the connection has ended before. The thread goes
            // on for a moment: servers take a second to see a QUIT to its end.
            let _ = leave.send(());
        }
    }
}

struct Watch {
    config: Config,
    seen: Journal<Seen>,
    raw: Journal<String>,
}

impl Watch {
    fn run(self, senders: &mpsc::Sender<Sender>, leaving: oneshot::Receiver<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a current-thread runtime");
        let (seen, raw) = (self.seen.clone(), self.raw.clone());
        if let Err(e) = runtime.block_on(self.connected(senders, leaving)) {
            raw.push(format!("the client ended: {e}"));
        }
        seen.close();
        raw.close();
    }

    async fn connected(
        self,
        senders: &mpsc::Sender<Sender>,
        mut leaving: oneshot::Receiver<()>,
    ) -> irc::error::Result<()> {
        let mut client = Client::from_config(self.config.clone()).await?;
        client.identify()?;
        // Nobody waits for it any more when the constructor has given up.
        let _ = senders.send(client.sender());
        let mut stream = client.stream()?;
        loop {
            tokio::select! {
                next = stream.next() => match next {
                    Some(message) => self.take(&message?),
                    None => return Ok(()),
                },
                _ = &mut leaving => break,
            }
        }
        client.send_quit("seen enough")?;
        // Its sender writes only while the stream is polled.
        let _ = tokio::time::timeout(LEAVE_TIMEOUT, drain(&mut stream)).await;
        Ok(())
    }

    fn take(&self, message: &Message) {
        if let Some(seen) = read(message) {
            self.seen.push(seen);
        }
        self.raw.push(message.to_string().trim_end().to_owned());
    }
}

async fn drain(stream: &mut ClientStream) {
    while let Some(Ok(_)) = stream.next().await {}
}

/// What a member would notice of `message`.
fn read(message: &Message) -> Option<Seen> {
    let nick = match &message.prefix {
        Some(Prefix::Nickname(nick, _, _)) => nick,
        Some(Prefix::ServerName(name)) => name,
        None => "",
    };
    let none = String::new();
    let (kind, target, text) = match &message.command {
        Command::PRIVMSG(target, text) => (Kind::Message, target, text.clone()),
        Command::NOTICE(target, text) => (Kind::Notice, target, text.clone()),
        Command::JOIN(channel, _, _) => (Kind::Join, channel, String::new()),
        Command::PART(channel, reason) => (Kind::Part, channel, reason.clone().unwrap_or_default()),
        Command::QUIT(reason) => (Kind::Quit, &none, reason.clone().unwrap_or_default()),
        Command::KICK(channel, who, _) => (Kind::Kick, channel, who.clone()),
        Command::NICK(new) => (Kind::Nick, &none, new.clone()),
        Command::TOPIC(channel, topic) => (Kind::Topic, channel, topic.clone().unwrap_or_default()),
        Command::ChannelMODE(channel, modes) => {
            let modes: Vec<String> = modes.iter().map(ToString::to_string).collect();
            (Kind::Mode, channel, modes.join(" "))
        }
        Command::Response(Response::RPL_TOPIC, args) => {
            (Kind::Topic, args.get(1)?, args.last()?.clone())
        }
        _ => return None,
    };
    Some(Seen {
        nick: nick.to_owned(),
        target: target.to_owned(),
        text,
        kind,
        at: clock::now(),
    })
}
