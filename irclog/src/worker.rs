//! The one loop, and the only reader of the clock: lanes and commands in,
//! lines out, on a thread of its own.

use std::future::{Future, pending};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use log::Level;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_rustls::TlsConnector;

use crate::channel::{Channel, Seq};
use crate::config::Config;
use crate::handle::{Command, Shared};
use crate::irc::backoff::{Backoff, Reason};
use crate::irc::flow::{FlowConfig, Slot};
use crate::irc::session::{Event, Identity, Learnt, Session};
use crate::lanes::{CAPACITY, Lanes};
use crate::loss::{LEVELS, Loss};
use crate::notice::Notices;
use crate::stats::{State, Stats};
use crate::transport::{self, ConnectError, Connection, Stream};

/// While there is work the lanes are emptied this often, which bounds the
/// wake-ups to 50 a second however fast the service logs.
pub(crate) const COALESCE: Duration = Duration::from_millis(20);
/// Of the time that is left at the end, this much is for QUIT and the
/// server's answer.
const GOODBYE: Duration = Duration::from_millis(500);
/// Bytes of an ordinary line's text: what the pace is asked for before the
/// line is made.
const USUAL_TEXT: usize = 160;
/// Records that change hands at once, while nobody can read the numbers: a
/// fraction of a millisecond.
const BATCH: usize = 256;
/// Room for what the server sends at once.
const READ_BUFFER: usize = 4_096;

/// What the worker is made of; `builder` puts it together.
pub(crate) struct Worker {
    pub(crate) config: Config,
    pub(crate) tls: Option<TlsConnector>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) channel: Channel,
    pub(crate) notices: Arc<Notices>,
}

impl Worker {
    /// Runs until the service says `shutdown`.
    pub(crate) async fn run(self) {
        let started = now();
        let mut run = Run {
            link: Link::Waiting { until: started },
            backoff: Backoff::new(fastrand::u64(..)),
            learnt: Learnt::default(),
            flushes: Vec::new(),
            closing: None,
            drained_at: started,
            worker: self,
        };
        let mut buffer = vec![0; READ_BUFFER];
        loop {
            run.turn(now());
            if run.has_ended() {
                break;
            }
            run.wait(&mut buffer).await;
        }
        run.end();
    }
}

struct Run {
    worker: Worker,
    link: Link,
    backoff: Backoff,
    learnt: Learnt,
    /// Who waits until every record before a place in the order is settled.
    flushes: Vec<(Seq, SyncSender<bool>)>,
    closing: Option<Closing>,
    drained_at: Instant,
}

/// The last phase: show what the time allows, then leave.
struct Closing {
    until: Instant,
    replies: Vec<SyncSender<()>>,
    /// QUIT is on its way: the server's end of the connection is awaited.
    said_goodbye: bool,
}

enum Link {
    Waiting {
        until: Instant,
    },
    Connecting(Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>),
    Up(Box<Up>),
    /// Closed for good.
    Gone,
}

struct Up {
    session: Session,
    reader: ReadHalf<Box<dyn Stream>>,
    writer: WriteHalf<Box<dyn Stream>>,
    /// Bytes for the server, not yet taken by the socket.
    out: Vec<u8>,
    /// Written, but perhaps still in the TLS layer.
    unflushed: bool,
}

/// What ended a wait.
enum Wake {
    Records,
    Connected(Result<Connection, ConnectError>),
    Read(usize),
    Wrote(usize),
    Flushed,
    Closed(Option<std::io::Error>),
    Timer,
}

impl Run {
    /// Everything that can be done without waiting.
    fn turn(&mut self, now: Instant) {
        self.drain(now);
        self.obey(now);
        self.proceed(now);
        self.answer_flushes();
        self.publish();
    }

    /// Takes the records over from the service's threads.
    ///
    /// No more than the lanes hold: in a storm they never run empty, and the
    /// connection has to be served as well.
    fn drain(&mut self, now: Instant) {
        let shared = Arc::clone(&self.worker.shared);
        let lanes = shared.lanes();
        let channel = &mut self.worker.channel;
        let mut left = CAPACITY;
        while left > 0 {
            let taken = shared.take_over(|| {
                let taken = take(lanes, channel, left.min(BATCH), now);
                (taken, channel.counts())
            });
            if taken > 0 {
                self.drained_at = now;
            }
            left -= taken;
            if taken < BATCH {
                break;
            }
        }
        while let Some(spare) = channel.recycle() {
            lanes.recycle(spare);
        }
    }

    fn obey(&mut self, now: Instant) {
        while let Ok(command) = self.worker.commands.try_recv() {
            match command {
                Command::Flush(reply) => {
                    self.worker.channel.hurry(now);
                    self.flushes.push((self.worker.channel.next_seq(), reply));
                }
                Command::Shutdown(until, reply) => {
                    if let Some(closing) = &mut self.closing {
                        closing.replies.push(reply);
                        continue;
                    }
                    self.worker.channel.close(now);
                    self.closing = Some(Closing {
                        until,
                        replies: vec![reply],
                        said_goodbye: false,
                    });
                }
            }
        }
    }

    /// Moves the connection on: deadlines, what the server said, new lines.
    fn proceed(&mut self, now: Instant) {
        if let Link::Waiting { until } = self.link
            && now >= until
            && !self.past_goodbye(now)
        {
            self.connect();
        }
        if let Link::Up(up) = &mut self.link {
            up.session.elapse(now);
        }
        self.hear(now);
        self.speak(now);
        self.say_goodbye(now);
        if let Link::Up(up) = &mut self.link {
            while let Some(line) = up.session.transmit(now) {
                up.out.extend_from_slice(line.as_bytes());
            }
        }
    }

    fn connect(&mut self) {
        let config = &self.worker.config;
        let (server, port) = (config.server.clone(), config.port);
        self.worker.notices.tell(
            Level::Info,
            &format!(
                "connecting to {server} port {port} ({})",
                if config.tls.is_some() {
                    "TLS"
                } else {
                    "plain text"
                }
            ),
        );
        let tls = self.worker.tls.clone();
        self.link = Link::Connecting(Box::pin(async move {
            transport::connect(&server, port, tls.as_ref()).await
        }));
    }

    /// A connection is open: begins its session.
    fn begin(&mut self, connection: Connection, now: Instant) {
        let config = &self.worker.config;
        let identity = Identity {
            nick: config.nick.clone(),
            channel: config.channel.clone(),
            channel_key: config.channel_key.clone(),
            server_password: config.server_password.clone(),
            password: config.password.clone(),
        };
        let flow = FlowConfig {
            rate: config.rate,
            ..FlowConfig::default()
        };
        let session = Session::new(identity, &self.learnt, &flow, connection.confidential, now);
        let (reader, writer) = tokio::io::split(connection.stream);
        self.link = Link::Up(Box::new(Up {
            session,
            reader,
            writer,
            out: Vec::new(),
            unflushed: false,
        }));
    }

    /// Takes the session's events.
    fn hear(&mut self, now: Instant) {
        loop {
            let Link::Up(up) = &mut self.link else {
                return;
            };
            let Some(event) = up.session.event() else {
                return;
            };
            match event {
                Event::Remark(level, text) => self.worker.notices.tell(level, &text),
                Event::Joined => {
                    let text = format!(
                        "joined {} on {} as {}",
                        self.worker.config.channel,
                        self.worker.config.server,
                        up.session.nick()
                    );
                    self.worker.notices.tell(Level::Info, &text);
                    self.backoff.joined(now);
                }
                Event::Shown(line) => self.worker.channel.shown(line, now),
                Event::Refused(line, refusal) => {
                    self.worker.channel.refused(line, refusal, now);
                }
                Event::End(reason, why) => self.lose(reason, &why, now),
            }
        }
    }

    /// The connection is gone, or never came to be.
    fn lose(&mut self, reason: Reason, why: &str, now: Instant) {
        if let Link::Up(up) = &self.link {
            self.learnt = up.session.learnt();
        }
        if let Some(closing) = &self.closing
            && closing.said_goodbye
        {
            // A server that ends the connection after QUIT has worked through
            // all that came before it.
            if let Link::Up(up) = &self.link {
                for line in up.session.flow().unacknowledged() {
                    self.worker.channel.shown(line, now);
                }
            }
            self.link = Link::Gone;
            return;
        }
        self.worker.channel.disconnected(now);
        let until = self.backoff.next(reason, now);
        self.link = Link::Waiting { until };
        let wait = until.saturating_duration_since(now).as_secs_f64();
        self.worker.notices.tell(
            Level::Warn,
            &format!(
                "{} on {} does not see this log: {why}; next try in {wait:.0} s",
                self.worker.config.channel, self.worker.config.server
            ),
        );
    }

    /// Sends what the pace allows, the most urgent first.
    fn speak(&mut self, now: Instant) {
        let Link::Up(up) = &mut self.link else {
            return;
        };
        while up.session.is_joined() {
            let channel = &mut self.worker.channel;
            let Some(urgency) = channel.urgency(now) else {
                return;
            };
            let budget = up.session.budget();
            if up.session.slot(USUAL_TEXT, urgency, now) != Slot::Now {
                return;
            }
            let Some(line) = channel.next_line(budget, now) else {
                return;
            };
            let wire = up.session.say(line.id, &line.text, now);
            up.out.extend_from_slice(wire.as_bytes());
        }
    }

    fn publish(&mut self) {
        let (state, nick) = match &self.link {
            Link::Waiting { .. } => (State::Disconnected, String::new()),
            Link::Connecting(_) => (State::Connecting, String::new()),
            Link::Up(up) if up.session.is_inside() => (State::Joined, up.session.nick().into()),
            Link::Up(up) => (State::Connecting, up.session.nick().into()),
            Link::Gone => (State::Closed, String::new()),
        };
        self.worker.shared.publish(Stats {
            state,
            nick,
            counts: self.worker.channel.counts(),
        });
    }

    fn answer_flushes(&mut self) {
        let oldest = self.worker.channel.oldest();
        self.flushes.retain(|(mark, reply)| {
            let settled = oldest.is_none_or(|oldest| oldest >= *mark);
            if settled {
                // Whoever asked may have stopped waiting.
                let _ = reply.try_send(true);
            }
            !settled
        });
    }

    /// At the end: the account of what is left out as the last line, then QUIT.
    fn say_goodbye(&mut self, now: Instant) {
        let past = self.past_goodbye(now);
        let Some(closing) = &mut self.closing else {
            return;
        };
        match &mut self.link {
            Link::Up(up) if !closing.said_goodbye => {
                if !(past || self.worker.channel.is_settled()) {
                    return;
                }
                if up.session.is_joined()
                    && let Some(line) = self.worker.channel.farewell(up.session.budget(), now)
                {
                    let wire = up.session.say(line.id, &line.text, now);
                    up.out.extend_from_slice(wire.as_bytes());
                }
                up.session.quit("irclog: the service has ended");
                closing.said_goodbye = true;
            }
            Link::Waiting { .. } | Link::Connecting(_) => {
                if past || self.worker.channel.is_settled() {
                    self.link = Link::Gone;
                }
            }
            Link::Up(_) | Link::Gone => {}
        }
    }

    fn past_goodbye(&self, now: Instant) -> bool {
        self.closing
            .as_ref()
            .is_some_and(|closing| now + GOODBYE >= closing.until)
    }

    fn has_ended(&self) -> bool {
        self.closing.is_some() && matches!(self.link, Link::Gone)
    }

    /// Settles what is left and answers whoever waits.
    fn end(mut self) {
        self.worker.shared.close();
        let ended = now();
        self.drain(ended);
        // Without a connection there is nobody to tell; what waits is counted.
        let _ = self.worker.channel.farewell(NonZeroUsize::MAX, ended);
        self.publish();
        for (_, reply) in self.flushes.drain(..) {
            let _ = reply.try_send(false);
        }
        for reply in self.closing.into_iter().flat_map(|closing| closing.replies) {
            let _ = reply.try_send(());
        }
    }

    /// When something has to be done although nothing comes.
    fn wake_at(&mut self, now: Instant) -> Option<Instant> {
        let link = match &mut self.link {
            Link::Waiting { until } => Some(*until),
            Link::Up(up) => {
                let channel = &self.worker.channel;
                let turn = match channel.urgency(now) {
                    _ if !up.session.is_joined() => None,
                    Some(urgency) => match up.session.slot(USUAL_TEXT, urgency, now) {
                        // Having waited may open a slot that was shut before.
                        Slot::Now => Some(now),
                        Slot::At(at) => Some(at),
                        // What comes next, or the session's own deadline, ends
                        // this wait.
                        Slot::AfterProof => None,
                    },
                    None => channel.wake_at(),
                };
                [turn, up.session.wake_at()].into_iter().flatten().min()
            }
            Link::Connecting(_) | Link::Gone => None,
        };
        let closing = self.closing.as_ref().map(|closing| {
            if closing.said_goodbye {
                closing.until
            } else {
                closing.until.checked_sub(GOODBYE).unwrap_or(closing.until)
            }
        });
        [link, closing].into_iter().flatten().min()
    }

    /// Waits until there is something to do, and takes note of it.
    async fn wait(&mut self, buffer: &mut [u8]) {
        let before = now();
        let wake_at = self.wake_at(before);
        let shared = Arc::clone(&self.worker.shared);
        let not_before = self.drained_at + COALESCE;
        let records = async {
            tokio::time::sleep_until(not_before.into()).await;
            shared.lanes().sleep().await;
        };
        let timer = async {
            match wake_at {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => pending().await,
            }
        };
        let wake = tokio::select! {
            biased;
            wake = self.link.io(buffer) => wake,
            () = records => Wake::Records,
            () = timer => Wake::Timer,
        };
        let now = now();
        match wake {
            Wake::Records => {}
            Wake::Timer => {
                // The server did not close within the bound.
                if let Some(closing) = &self.closing
                    && closing.said_goodbye
                    && now >= closing.until
                {
                    self.link = Link::Gone;
                }
            }
            Wake::Connected(Ok(connection)) => self.begin(connection, now),
            Wake::Connected(Err(error)) => {
                self.lose(Reason::Connect, &error.to_string(), now);
            }
            Wake::Read(count) => {
                if let Link::Up(up) = &mut self.link {
                    up.session.receive(&buffer[..count], now);
                }
            }
            Wake::Wrote(count) => {
                if let Link::Up(up) = &mut self.link {
                    up.out.drain(..count);
                    up.unflushed = true;
                }
            }
            Wake::Flushed => {
                if let Link::Up(up) = &mut self.link {
                    up.unflushed = false;
                }
            }
            Wake::Closed(error) => {
                if let Link::Up(up) = &mut self.link {
                    up.session.closed(error.as_ref());
                }
            }
        }
    }
}

impl Link {
    /// The next thing that the socket does. Safe to drop half-way: nothing is
    /// taken from the socket or given to it then.
    async fn io(&mut self, buffer: &mut [u8]) -> Wake {
        match self {
            Self::Waiting { .. } | Self::Gone => pending().await,
            Self::Connecting(connecting) => Wake::Connected(connecting.await),
            Self::Up(up) => {
                let Up {
                    reader,
                    writer,
                    out,
                    unflushed,
                    ..
                } = &mut **up;
                let read = async {
                    match reader.read(buffer).await {
                        Ok(0) => Wake::Closed(None),
                        Ok(count) => Wake::Read(count),
                        Err(error) => Wake::Closed(Some(error)),
                    }
                };
                let write = async {
                    let wrote = if !out.is_empty() {
                        writer.write(out).await.map(Wake::Wrote)
                    } else if *unflushed {
                        writer.flush().await.map(|()| Wake::Flushed)
                    } else {
                        pending().await
                    };
                    match wrote {
                        Ok(wake) => wake,
                        // The reason comes through the reading half, after
                        // what the server still had to say.
                        Err(_) => pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    wake = read => wake,
                    wake = write => wake,
                }
            }
        }
    }
}

/// Moves up to `most` records, and the losses of the lanes, to the channel.
/// Returns how many records.
fn take(lanes: &Lanes, channel: &mut Channel, most: usize, now: Instant) -> usize {
    let mut taken = 0;
    while taken < most
        && let Some(record) = lanes.pop()
    {
        taken += 1;
        if let Some(spare) = channel.push(record, now) {
            lanes.recycle(spare);
        }
    }
    for (level, count) in LEVELS.into_iter().zip(lanes.take_full()) {
        if count > 0 {
            channel.dropped(level, Loss::LaneFull, count, now);
        }
    }
    taken
}

#[expect(
    clippy::disallowed_methods,
    reason = "the worker is the one room that reads the clock"
)]
fn now() -> Instant {
    Instant::now()
}
