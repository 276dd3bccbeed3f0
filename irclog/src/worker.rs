//! The one loop, and the only reader of the clock: lanes and commands in,
//! lines out, on a thread of its own.

pub(crate) mod attempt;
mod connection;
mod goodbye;
mod intake;
pub(crate) mod link;
mod names;
mod pem;
mod report;
mod speaking;
mod starts;
mod switch;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use log::Level;

use self::attempt::StateFolder;
use self::connection::Start;
use self::goodbye::Closing;
use self::link::Link;
use self::names::Names;
use self::pem::PemBlocks;
use self::switch::Switch;
use crate::channel::{Channels, Mark};
use crate::config::Config;
use crate::irc::backoff::Backoff;
use crate::irc::remarks::Remarks;
use crate::irc::session::Learnt;
use crate::line::ChannelSet;
use crate::notice::Notices;
use crate::record::StoryId;
use crate::redact::scrub::Scrubber;
use crate::shared::{Command, Request, Shared};
use crate::signal::{MuteSignal, Signal};
use crate::stats::State;
use crate::transport::Route;

/// While there is work the lanes are emptied at most this often, which bounds
/// the wake-ups to 50 a second however fast the service logs.
pub(crate) const COALESCE: Duration = Duration::from_millis(20);
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
}

#[expect(
    clippy::disallowed_methods,
    reason = "the worker is the one room that reads the clock"
)]
fn now() -> Instant {
    Instant::now()
}
