//! The one loop, and the only reader of the clock: lanes and commands in,
//! lines out, on a thread of its own.

pub(crate) mod attempt;
mod goodbye;
mod intake;
pub(crate) mod link;
mod names;
mod pem;
mod starts;
mod switch;

use std::future::pending;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use log::Level;

use self::attempt::{Aim, StateFolder, Tried};
use self::goodbye::{Closing, goodbye};
use self::link::{Io, Link, Up};
use self::names::Names;
use self::pem::PemBlocks;
use self::switch::Switch;
use crate::channel::{Channels, Mark};
use crate::config::{Config, channels};
use crate::handle::{Command, Request, Shared};
use crate::irc::backoff::{Backoff, Reason};
use crate::irc::flow::FlowConfig;
use crate::irc::remarks::Remarks;
use crate::irc::session::{Destination, Event, Identity, Learnt, Session, Turn};
use crate::lanes::Sleep;
use crate::line::{ChannelId, ChannelSet, MAIN, Room, Urgency};
use crate::loss::Counts;
use crate::notice::Notices;
use crate::record::StoryId;
use crate::redact::scrub::Scrubber;
use crate::signal::{MuteSignal, Signal};
use crate::stats::{ChannelStats, State, Stats};
use crate::transport::{Connection, Route};

/// While there is work the lanes are emptied at most this often, which bounds
/// the wake-ups to 50 a second however fast the service logs.
pub(crate) const COALESCE: Duration = Duration::from_millis(20);
/// An outage for the same reason is told again after this long, however often
/// the server is tried.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// Room for what the server sends at once.
const READ_BUFFER: usize = 4_096;

/// What the worker is made of; `wiring` puts it together.
pub(crate) struct Worker {
    pub(crate) config: Config,
    pub(crate) route: Route,
    pub(crate) state: Arc<StateFolder>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: Receiver<Command>,
    /// By the places of the settings' channels.
    pub(crate) channels: Channels,
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) notices: Arc<Notices>,
    pub(crate) mute_file: Option<PathBuf>,
    pub(crate) mute_signal: Option<MuteSignal>,
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
            ended: Vec::new(),
            drained_at: started,
            collect_at: None,
            names: Names::default(),
            pem: PemBlocks::new(Arc::clone(&self.scrubber)),
            switch: Switch::new(self.mute_file.clone(), started),
            muted: false,
            silences: 0,
            requests: Vec::new(),
            silenced: Vec::new(),
            signal: Signal::listen(self.mute_signal, &self.notices),
            state: State::Connecting,
            met: ChannelSet::default(),
            started,
            start: Start::New,
            outage: None,
            trouble: None,
            kept_out: vec![None; self.config.channels.len()],
            remarks: Remarks::default(),
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
    flushes: Vec<(Mark, SyncSender<bool>)>,
    closing: Option<Closing>,
    /// Requests that have ended, while their records are still in the lanes.
    ended: Vec<StoryId>,
    drained_at: Instant,
    /// When the budgets of the call sites are due; `None` while none is used.
    collect_at: Option<Instant>,
    names: Names,
    pem: PemBlocks,
    switch: Switch,
    muted: bool,
    /// How often the handle has asked for silence, as far as it was heard.
    silences: u64,
    /// Requests that were heard and not yet obeyed.
    requests: Vec<Request>,
    /// What is to be said of the silences on the console.
    silenced: Vec<&'static str>,
    signal: Signal,
    state: State,
    /// The channels that we have ever been in.
    met: ChannelSet,
    started: Instant,
    /// Whether the channel is told that the service has started.
    start: Start,
    /// Why the channel does not see this log, and until when that is known.
    outage: Option<(String, Instant)>,
    /// Why no channel lets us in, as far as the server said.
    trouble: Option<String>,
    /// The same of each channel.
    kept_out: Vec<Option<String>>,
    /// What a server could make us tell without end.
    remarks: Remarks,
}

impl Run {
    /// Everything that can be done without waiting.
    fn turn(&mut self, now: Instant) {
        // Taken before the records: what was logged before a request counts
        // for it. What is heard while they are taken in has its turn next.
        self.heed(now);
        let requests = std::mem::take(&mut self.requests);
        self.drain(now);
        self.obey(requests, now);
        self.obey_switch(now);
        while let Some((level, text)) = self.remarks.due(now) {
            self.worker.notices.tell(level, &text);
        }
        for what in std::mem::take(&mut self.silenced) {
            self.worker.notices.tell(Level::Warn, what);
        }
        self.proceed(now);
        // Whoever is told that all is settled finds it so in the numbers.
        self.publish(now);
        self.answer_flushes();
    }

    /// Takes the commands in. Silence begins and ends at once.
    fn heed(&mut self, now: Instant) {
        while let Ok(command) = self.worker.commands.try_recv() {
            match command {
                Command::Mute(muted) => {
                    self.silences += u64::from(muted);
                    self.switch.set(muted);
                    self.obey_switch(now);
                }
                Command::Request(request) => self.requests.push(request),
            }
        }
    }

    fn obey(&mut self, requests: Vec<Request>, now: Instant) {
        for request in requests {
            match request {
                Request::Flush(reply) => {
                    self.worker.channels.hurry(now);
                    self.flushes.push((self.worker.channels.mark(), reply));
                }
                Request::Shutdown(until, reply) => {
                    if let Some(closing) = &mut self.closing {
                        closing.replies.push(reply);
                        continue;
                    }
                    // What was counted and not told yet belongs to the end.
                    self.collect(now);
                    self.worker.channels.close(now);
                    self.closing = Some(Closing::new(until, reply, now));
                }
            }
        }
    }

    /// Falls silent, or speaks again.
    fn obey_switch(&mut self, now: Instant) {
        let muted = self.switch.is_muted(now);
        if muted == self.muted {
            return;
        }
        self.muted = muted;
        let channels = &mut self.worker.channels;
        let what = if muted {
            channels.mute(now);
            "muted: nothing goes to the channel"
        } else {
            channels.unmute(now);
            "no longer muted"
        };
        // Told later: the numbers may be locked at the moment.
        self.silenced.push(what);
    }

    /// Moves the connection on: deadlines, what the server said, new lines.
    fn proceed(&mut self, now: Instant) {
        if let Link::Waiting { until } = self.link
            && now >= until
            && !self.past_goodbye(now)
        {
            self.connect(now);
        }
        if let Link::Up(up) = &mut self.link {
            up.session.elapse(now);
            if up.is_choked() {
                let why = std::io::Error::other("the server asks for more than it takes");
                up.session.closed(Some(&why), now);
            }
        }
        self.hear(now);
        self.speak(now);
        self.say_goodbye(now);
        if let Link::Up(up) = &mut self.link {
            while let Some(line) = up.session.transmit(now) {
                up.write(line.as_bytes());
            }
        }
    }

    fn connect(&mut self, now: Instant) {
        let config = &self.worker.config;
        let (server, port) = (config.server.clone(), config.port);
        if self.outage.as_ref().is_none_or(|(_, until)| now >= *until) {
            let how = config.tls.as_ref().map_or("plain text", |_| "TLS");
            let proxy = config.proxy.as_ref();
            let through = proxy.map_or(String::new(), |proxy| format!(", through {proxy}"));
            let text = format!("connecting to {server} port {port} ({how}{through})");
            self.worker.notices.tell(Level::Info, &text);
        }
        let aim = Aim {
            server,
            port,
            route: self.worker.route.clone(),
            failures: self.backoff.failures(),
            start: self.service(),
        };
        let state = Arc::clone(&self.worker.state);
        self.link = Link::Connecting(Box::pin(aim.attempt(state)));
    }

    /// The service, where it has not been noted yet that it has started.
    fn service(&self) -> Option<u64> {
        let config = &self.worker.config;
        let line = (config.start_line.as_deref()).filter(|_| self.start == Start::New)?;
        // Each of the instances of one service has a start of its own.
        let names = channels::names(&config.channels);
        Some(attempt::service(&config.server, config.port, &names, line))
    }

    fn tried(&mut self, tried: Tried, now: Instant) {
        match tried {
            Tried::NotYet(wait) => {
                let until = now + self.backoff.beside_others(wait);
                self.link = Link::Waiting { until };
                let seconds = (until - now).as_secs_f64();
                let text = format!(
                    "others of this host have just connected to {}, which would shut its door to \
                     all of them: our turn comes in {seconds:.0} s (IRC_STATE_DIR)",
                    self.worker.config.server
                );
                self.worker.notices.tell(Level::Info, &text);
            }
            Tried::Made {
                crowded,
                start,
                result,
            } => {
                self.backoff.opened(crowded);
                if result.is_ok() && self.start == Start::New {
                    self.start = start.map_or(Start::Over, Start::ToTell);
                }
                match result {
                    Ok(connection) => self.begin(connection, now),
                    Err(error) => self.lose(error.reason, &error.to_string(), now),
                }
            }
        }
    }

    /// A connection is open: begins its session.
    fn begin(&mut self, connection: Connection, now: Instant) {
        if let Some(text) = connection.remark {
            let kind = (Location::caller(), MAIN);
            let told = self.remarks.admit(kind, Level::Warn, text, now);
            if let Some((level, text)) = told {
                self.worker.notices.tell(level, &text);
            }
        }
        let config = &self.worker.config;
        let identity = Identity {
            nick: config.nick.clone(),
            channels: config.channels.iter().map(Destination::from).collect(),
            server_password: config.server_password.clone(),
            password: config.password.clone(),
            services: config.services.clone(),
            account: config.account.clone(),
            on_behalf_of: None,
            certificate: config.tls.as_ref().is_some_and(|tls| tls.client.is_some()),
            mechanisms: config.mechanisms.clone(),
            seed: fastrand::u64(..),
        };
        let flow = FlowConfig { rate: config.rate };
        let session = Session::new(identity, &self.learnt, &flow, connection.confidential, now);
        self.link = Link::Up(Box::new(Up::new(session, connection.stream)));
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
                Event::Remark(level, text) => {
                    self.worker.notices.tell(level, &text);
                    let mut ids = self.worker.channels.ids();
                    if level <= Level::Warn && !ids.any(|id| up.session.is_inside(id)) {
                        self.trouble = Some(text);
                    }
                }
                Event::Joined(id) => {
                    let text = format!(
                        "joined {} on {} as {}",
                        self.worker.config.channels[id.index()].name,
                        self.worker.config.server,
                        up.session.nick()
                    );
                    let kind = (Location::caller(), id);
                    let told = self.remarks.admit(kind, Level::Info, text, now);
                    if let Some((level, text)) = told {
                        self.worker.notices.tell(level, &text);
                    }
                    up.joined_at.get_or_insert(now);
                    if !self.met.contains(id) {
                        let start = start_line(&self.worker, self.start);
                        let start = start.map(|text| (text, self.started));
                        self.worker.channels.at(id).began(start, now);
                    }
                    self.met.insert(id);
                    self.outage = None;
                    self.trouble = None;
                    self.kept_out[id.index()] = None;
                }
                // What was on the way may be refused now, and comes again once
                // we are back.
                Event::Left(id) => self.worker.channels.at(id).disconnected(now),
                Event::KeptOut(id, why) => self.kept_out[id.index()] = Some(why),
                Event::Shown(line) => self.worker.channels.shown(line, now),
                Event::Refused(line, refusal) => {
                    self.worker.channels.refused(line, refusal, now);
                }
                Event::Doubted(line, refusal) => {
                    self.worker.channels.doubted(line, refusal, now);
                }
                Event::End(reason, why) => self.lose(reason, &why, now),
            }
        }
    }

    /// The connection is gone, or never came to be.
    fn lose(&mut self, reason: Reason, why: &str, now: Instant) {
        let mut joined_for = Duration::ZERO;
        if let Link::Up(up) = &self.link {
            self.learnt = up.session.learnt();
            joined_for = up
                .joined_at
                .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        }
        if self.has_said_goodbye() {
            self.link = Link::Gone;
            return;
        }
        self.worker.channels.disconnected(now);
        let wait = self.backoff.ended(reason, joined_for);
        let why = &match reason {
            Reason::Silent if self.backoff.is_shut() => format!(
                "{why} It is taken for how servers treat who connects too often: each try would \
                 prolong it"
            ),
            _ => why.to_owned(),
        };
        self.link = Link::Waiting { until: now + wait };
        if matches!(&self.outage, Some((known, until)) if known == why && now < *until) {
            return;
        }
        self.outage = Some((why.clone(), now + TELL_AGAIN));
        let wait = wait.as_secs_f64();
        self.worker.notices.tell(
            Level::Warn,
            &format!(
                "{} on {} {} not see this log: {why}; next try in {wait:.0} s",
                channels::names(&self.worker.config.channels),
                self.worker.config.server,
                if self.worker.config.channels.len() == 1 {
                    "does"
                } else {
                    "do"
                },
            ),
        );
    }

    /// Sends what the pace allows, the most urgent first.
    fn speak(&mut self, now: Instant) {
        let Link::Up(up) = &mut self.link else {
            return;
        };
        loop {
            let channels = &mut self.worker.channels;
            let open = open(&up.session, channels);
            let next = next_turn(&mut self.closing, &mut up.session, channels, open, now);
            let Some((id, room, urgency)) = next else {
                return;
            };
            let text = channels.of(id).next_len(room, now);
            let permit = match up.session.slot(id, text, urgency, now) {
                Turn::Now(permit) => permit,
                // A shorter line may have room where this one has none.
                Turn::AfterProof if channels.at(id).lets_errors_go_on(now) => continue,
                Turn::At(_) | Turn::AfterProof => return,
            };
            let Some(line) = channels.next_line(id, room, now) else {
                return;
            };
            // Where others have the same to say, one line says it to all.
            let (mut to, mut others) = (ChannelSet::from(id), Vec::new());
            for other in open.iter().filter(|&it| it != id && line.is_shared()) {
                let mut with = to;
                with.insert(other);
                if up.session.may_share(with, line.text.len())
                    && let Some(same) = channels.share(&line, other, up.session.room(other), now)
                {
                    to = with;
                    others.push(same);
                }
            }
            let wire = (up.session).say_to(permit, line.id, &others, &line.text, now);
            up.write(wire.as_bytes());
        }
    }

    fn publish(&mut self, now: Instant) {
        let channels = &self.worker.channels;
        let ids = || channels.ids();
        let (state, session) = match &self.link {
            Link::Waiting { .. } => (State::Disconnected, None),
            Link::Connecting(_) => (State::Connecting, None),
            Link::Up(up) if self.has_said_goodbye() => (State::Closed, Some(&up.session)),
            Link::Up(up) if ids().any(|id| up.session.is_inside(id)) => {
                (State::Joined, Some(&up.session))
            }
            Link::Up(up) => (State::Connecting, Some(&up.session)),
            Link::Gone => (State::Closed, None),
        };
        let joined = |id| session.is_some_and(|session| session.is_inside(id));
        let counts = channels.counts().into_iter();
        let each = ids().zip(&self.worker.config.channels).zip(counts);
        let each = each.map(|((id, channel), counts)| ChannelStats {
            name: channel.name.clone(),
            joined: joined(id),
            oldest_queued: channels.of(id).longest_wait(now),
            counts,
        });
        self.worker.shared.publish(Stats {
            state,
            muted: self.muted,
            server: self.worker.config.server.clone(),
            nick: session.map_or_else(String::new, |session| session.nick().to_owned()),
            rate: session.map_or(0.0, |session| session.flow().rate(now)),
            lag: session.and_then(|session| session.flow().lag()),
            oldest_queued: channels.longest_wait(now),
            channels: each.collect(),
            elsewhere: Counts::default(),
        });
        if state != self.state {
            self.state = state;
            self.worker.shared.state_changed(state);
        }
    }

    fn answer_flushes(&mut self) {
        let channels = &self.worker.channels;
        // What a channel keeps out is not waited for while another listens.
        let kept_out: ChannelSet = match &self.link {
            Link::Up(up) if channels.ids().any(|id| up.session.is_joined(id)) => {
                let is_out = |&id: &ChannelId| {
                    up.session.shut_until(id).is_some() && !up.session.is_inside(id)
                };
                channels.ids().filter(is_out).collect()
            }
            _ => ChannelSet::default(),
        };
        self.flushes.retain(|(mark, reply)| {
            let unsettled = channels.unsettled(mark);
            let over = unsettled.iter().all(|id| kept_out.contains(id));
            if over {
                // Whoever asked may have stopped waiting.
                let _ = reply.try_send(unsettled.is_empty());
            }
            !over
        });
    }

    /// When something has to be done although nothing comes, and which records
    /// may wait until then.
    ///
    /// A record that could not be shown earlier if it were known earlier is no
    /// reason to wake up: that costs more than hundreds of records do.
    fn wake_at(&mut self, now: Instant) -> (Option<Instant>, Sleep) {
        let mut sleep = Sleep::Deep;
        let link = match &mut self.link {
            Link::Waiting { until } => Some(*until),
            Link::Up(up) => {
                let channels = &mut self.worker.channels;
                let open = open(&up.session, channels);
                let next = next_turn(&mut self.closing, &mut up.session, channels, open, now);
                let turn = match next {
                    _ if open.is_empty() => None,
                    Some((id, room, urgency)) => {
                        if urgency == Urgency::Normal {
                            sleep = Sleep::UntilError;
                        }
                        let text = channels.of(id).next_len(room, now);
                        match up.session.slot(id, text, urgency, now) {
                            // Having waited may open a slot that was shut before.
                            Turn::Now(_) => Some(now),
                            Turn::At(at) => Some(at),
                            // What comes next, or the session's own deadline,
                            // ends this wait.
                            Turn::AfterProof => None,
                        }
                    }
                    None => {
                        let at = channels.wake_at(open);
                        // Records are being gathered: another may well be of
                        // their kind.
                        sleep = at.map_or(Sleep::Light, |_| Sleep::UntilError);
                        [at, channels.pulse_at(open)].into_iter().flatten().min()
                    }
                };
                [turn, up.session.wake_at()].into_iter().flatten().min()
            }
            Link::Connecting(_) | Link::Gone => None,
        };
        let closing = self.closing.as_ref().map(|closing| {
            if closing.said_goodbye {
                closing.until
            } else {
                let goodbye = goodbye(&mut self.link, now);
                closing.until.checked_sub(goodbye).unwrap_or(closing.until)
            }
        });
        // What is slept through is taken over when budgets are given out. The
        // end does not wait for that.
        if self.collect_at.is_none() || self.closing.is_some() {
            sleep = Sleep::Light;
        }
        let own = [
            self.collect_at,
            self.switch.wake_at(),
            self.remarks.wake_at(),
        ];
        let wake_at = [link, closing].into_iter().chain(own).flatten().min();
        (wake_at, sleep)
    }

    /// Waits until there is something to do, and takes note of it.
    async fn wait(&mut self, buffer: &mut [u8]) {
        let before = now();
        let (wake_at, sleep) = self.wake_at(before);
        let shared = Arc::clone(&self.worker.shared);
        let not_before = self.drained_at + COALESCE;
        let records = async {
            tokio::time::sleep_until(not_before.into()).await;
            shared.lanes().sleep(sleep).await;
        };
        let timer = async {
            match wake_at {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => pending().await,
            }
        };
        let io = tokio::select! {
            biased;
            io = self.link.next(buffer) => io,
            () = self.signal.recv() => {
                self.switch.toggle();
                return;
            }
            () = records => return,
            () = timer => {
                self.give_up(now());
                return;
            }
        };
        self.take(io, buffer, now());
    }

    /// Takes note of what the socket did.
    fn take(&mut self, io: Io, buffer: &[u8], now: Instant) {
        match (io, &mut self.link) {
            (Io::Tried(tried), _) => self.tried(tried, now),
            (Io::Read(count), Link::Up(up)) => up.session.receive(&buffer[..count], now),
            (Io::Wrote(count), Link::Up(up)) => up.wrote(count),
            (Io::Flushed, Link::Up(up)) => up.flushed(),
            (Io::Closed(error), Link::Up(up)) => up.session.closed(error.as_ref(), now),
            (Io::Read(_) | Io::Wrote(_) | Io::Flushed | Io::Closed(_), _) => {}
        }
    }
}

/// What is known of whether the channel is told of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Nobody was asked yet.
    New,
    /// With how many before that nobody was told of.
    ToTell(u64),
    Over,
}

/// What the channel is told of the start.
fn start_line(worker: &Worker, start: Start) -> Option<String> {
    let (line, Start::ToTell(untold)) = (worker.config.start_line.as_deref()?, start) else {
        return None;
    };
    Some(match untold {
        0 => line.to_owned(),
        _ => format!("{line} (and {untold} times since that was last told)"),
    })
}

/// Which of the `open` channels speaks next, in how much room, and how soon it
/// must be seen.
fn next_turn(
    closing: &mut Option<Closing>,
    session: &mut Session,
    channels: &mut Channels,
    open: ChannelSet,
    now: Instant,
) -> Option<(ChannelId, Room, Urgency)> {
    match closing {
        // What is kept for the next error is of no use when no more will come.
        Some(closing) => closing
            .room(session, channels, now)
            .map(|(id, room)| (id, room, Urgency::Error)),
        None => channels
            .turn(open, now)
            .map(|(id, urgency)| (id, session.room(id), urgency)),
    }
}

/// The channels that take our lines.
fn open(session: &Session, channels: &Channels) -> ChannelSet {
    channels.ids().filter(|&id| session.is_joined(id)).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the worker is the one room that reads the clock"
)]
fn now() -> Instant {
    Instant::now()
}
