//! One connection: reads as fast as the throttle lets it, writes what it is
//! told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;
use tokio_rustls::TlsAcceptor;

use super::fault::Action;
use super::framing::{Framer, Line};

use super::state::{Flow, Id};
use super::take::Taken;
use super::throttle::{Admission, Meter};
use super::{Received, Shared};
use crate::clock;

/// Read at once: as much as real servers do.
const READ_BYTES: usize = 8 * 1024;

/// What a slow reader takes in ahead of what it processes; the rest waits in
/// the socket.
const READ_AHEAD: usize = 2 * 1024;

/// A line that goes on for longer than this ends the connection.
const ENDLESS_LINE: usize = 64 * 1024;

/// Before accepting again, when the system could not.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until it is dropped.
pub(super) async fn accept(shared: Arc<Shared>, listener: TcpListener, tls: Option<TlsAcceptor>) {
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            // Out of file descriptors: the others go on meanwhile.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Small lines both ways: without it they would wait for each other.
        let _ = socket.set_nodelay(true);
        tokio::spawn(admit(Arc::clone(&shared), socket, tls.clone()));
    }
}

async fn admit(shared: Arc<Shared>, mut socket: TcpStream, tls: Option<TlsAcceptor>) {
    let (id, admission, name) = {
        let mut state = shared.lock();
        state.accepted += 1;
        let admission = match state.config.reconnects {
            Some(throttle) => state.door.knock(&throttle, clock::now()),
            None => Admission::Welcome,
        };
        (state.accepted, admission, state.config.name.clone())
    };
    match admission {
        Admission::Silence => return,
        Admission::Throttled => {
            let notice = format!(
                ":{name} NOTICE ZUSR :You have been throttled for 2 minutes for too many connections.\r\n\
                 ERROR :Closing Link: (throttled)\r\n"
            );
            // It is turned away whether it hears it or not.
            let _ = socket.write_all(notice.as_bytes()).await;
            return;
        }
        Admission::Welcome => {}
    }
    match tls {
        None => serve(shared, socket, id).await,
        Some(acceptor) => {
            if !shared.shakes_hands(id) {
                return std::future::pending().await;
            }
            // A client that does not trust the certificate just goes away.
            if let Ok(stream) = acceptor.accept(socket).await {
                serve(shared, stream, id).await;
            }
        }
    }
}

impl Shared {
    /// Whether the TLS handshake is answered: a server that freezes at once
    /// freezes before it.
    fn shakes_hands(&self, id: Id) -> bool {
        let mut state = self.lock();
        // Looked at, not used up: the faults have their turn after it.
        let faults = state.faults.clone();
        let actions = state.connect_actions(id);
        let freezes = matches!(actions.first(), Some(Action::Freeze));
        if !freezes {
            state.faults = faults;
        }
        !freezes
    }
}

async fn serve<S>(shared: Arc<Shared>, stream: S, id: Id)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (read, write) = tokio::io::split(stream);
    let (out, outbox) = mpsc::unbounded_channel();
    let flow = {
        let mut state = shared.lock();
        let (flow, watched) = watch::channel(state.flow);
        state.connect(id, out, Arc::new(flow));
        state.greet_with_faults(id);
        watched
    };
    let writer = tokio::spawn(write_all(write, outbox, flow.clone()));
    let mut reader = Reader {
        shared: Arc::clone(&shared),
        id,
        flow,
        framer: Framer::default(),
        queue: VecDeque::new(),
        meter: shared.lock().config.throttle.map(Meter::new),
        next_ping: None,
    };
    let reason = reader.run(read).await;
    shared.lock().remove(id, reason);
    // Ends when everything is written, so that the last words are heard.
    let _ = writer.await;
}

/// Writes what comes, until nothing more can come.
async fn write_all<W: AsyncWrite + Unpin>(
    mut write: W,
    mut outbox: mpsc::UnboundedReceiver<Vec<u8>>,
    mut flow: watch::Receiver<Flow>,
) {
    while let Some(bytes) = outbox.recv().await {
        passed(&mut flow).await;
        if write.write_all(&bytes).await.is_err() {
            return;
        }
        // TLS keeps what it was given until it is told to send.
        if write.flush().await.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    let _ = write.shutdown().await;
}

/// Waits until the connection may go on; `false` when it only drains.
async fn passed(flow: &mut watch::Receiver<Flow>) -> bool {
    loop {
        let current = *flow.borrow_and_update();
        let changed = match current {
            Flow::Running => return true,
            Flow::Draining => return false,
            Flow::Frozen => flow.changed().await,
            Flow::StalledUntil(at) => {
                tokio::select! {
                    () = sleep_until(at.into()) => return true,
                    changed = flow.changed() => changed,
                }
            }
        };
        if changed.is_err() {
            return false;
        }
    }
}

struct Reader {
    shared: Arc<Shared>,
    id: Id,
    flow: watch::Receiver<Flow>,
    framer: Framer,
    queue: VecDeque<Pending>,
    meter: Option<Meter>,
    next_ping: Option<Instant>,
}

struct Pending {
    line: Line,
    /// Its faults have had their turn.
    struck: bool,
}

impl Reader {
    /// Reads to the end; returns why it came to it.
    async fn run<S: AsyncRead>(&mut self, mut read: ReadHalf<S>) -> &'static str {
        let mut buffer = vec![0; READ_BYTES];
        let ping_every = self.shared.lock().config.ping_every;
        self.next_ping = ping_every.map(|every| clock::now() + every);
        loop {
            if !passed(&mut self.flow).await {
                return "Connection closed";
            }
            let wake = self.process();
            let may_read = wake.is_none() || self.reads_ahead();
            tokio::select! {
                biased;
                _ = self.flow.changed() => {}
                () = at(self.next_ping) => self.ask_alive(ping_every),
                () = at(wake) => {}
                read = read.read(&mut buffer), if may_read => match read {
                    Ok(0) => return "Connection closed",
                    Err(_) => return "Read error",
                    Ok(bytes) => if let Some(reason) = self.take_in(&buffer[..bytes]) {
                        self.shared.lock().disconnect(self.id, reason);
                        return reason;
                    },
                },
            }
        }
    }

    /// Takes in what was read; returns why the client must go.
    fn take_in(&mut self, bytes: &[u8]) -> Option<&'static str> {
        self.framer.push(bytes);
        while let Some(line) = self.framer.next_line() {
            self.shared.received.push(Received {
                connection: self.id,
                text: String::from_utf8_lossy(&line.bytes).into_owned(),
                bytes: line.bytes.clone(),
                wire_len: line.wire_len,
                at: clock::now(),
            });
            self.queue.push_back(Pending {
                line,
                struck: false,
            });
        }
        if self.framer.unfinished() > ENDLESS_LINE {
            return Some("RecvQ exceeded");
        }
        let meter = self.meter.as_ref()?;
        meter.verdict(self.unread(), self.queue.len())
    }

    /// Processes what the throttle lets pass; returns when the next line may.
    fn process(&mut self) -> Option<Instant> {
        while let Some(pending) = self.queue.front_mut() {
            let now = clock::now();
            if let Some(meter) = &mut self.meter
                && !pending.struck
            {
                if let Some(later) = meter.next(now) {
                    return Some(later);
                }
                meter.charge(&pending.line.bytes, now);
            }
            let taken = self
                .shared
                .lock()
                .take(self.id, &pending.line, pending.struck);
            match taken {
                Taken::Postponed => {
                    pending.struck = true;
                    return None;
                }
                Taken::Late(bytes, delay) => self.send_later(bytes, delay),
                Taken::Done => {}
                Taken::Gone => return None,
            }
            self.queue.pop_front();
        }
        None
    }

    fn send_later(&self, bytes: Vec<u8>, delay: Duration) {
        let state = self.shared.lock();
        if let Some(client) = state.clients.get(&self.id) {
            // Weak: what is late does not keep the connection open.
            let out = client.out.downgrade();
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                if let Some(out) = out.upgrade() {
                    let _ = out.send(bytes);
                }
            });
        }
    }

    fn ask_alive(&mut self, every: Option<Duration>) {
        self.shared.lock().ask_alive(self.id);
        self.next_ping = every.map(|every| clock::now() + every);
    }

    fn reads_ahead(&self) -> bool {
        let slow = self.meter.as_ref().is_some_and(Meter::leaves_unread);
        !slow || self.unread() < READ_AHEAD
    }

    fn unread(&self) -> usize {
        let lines: usize = self.queue.iter().map(|p| p.line.wire_len).sum();
        lines + self.framer.unfinished()
    }
}

/// Waits until `time`; for ever when there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
