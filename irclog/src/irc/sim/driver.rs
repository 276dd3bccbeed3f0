//! One hour of a client with an endless backlog, in virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::server::{Kind, Server};
use super::words::{Command, Reply};
use crate::irc::flow::{Flow, FlowConfig, FlowEvent, Mark, Proof, Slot, Token};
use crate::line::{LineId, Refusal, Urgency};

/// Bytes of a second target.
const COPY_BYTES: usize = ",facilitator".len();

const HOUR: Duration = Duration::from_secs(3600);

/// What is to be simulated.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) kind: Kind,
    /// Bytes of text in a line.
    pub(super) text: usize,
    /// One way.
    pub(super) latency: Duration,
    pub(super) proof: Proof,
    pub(super) rate: f64,
    pub(super) length: Duration,
    /// Seconds between errors, on average; more where three would lie within
    /// ten.
    pub(super) errors_every: f64,
    pub(super) stalls: Vec<(Duration, Duration)>,
    pub(super) pongs: Pongs,
    /// Every so many echoes come with another text, which only their order
    /// tells; the others are known by their text.
    pub(super) altered: Option<u64>,
    /// What has us as its target never comes back.
    pub(super) copies_lost: bool,
    /// What the server calls itself, where it does.
    pub(super) version: Option<&'static str>,
    /// From when to when the channel refuses every line with a 404.
    pub(super) moderated: Option<(Duration, Duration)>,
    /// When the way becomes longer, and by how much in each direction.
    pub(super) detour: Option<(Duration, Duration)>,
    /// How often, and how far, the client's clock leaps.
    pub(super) leaps: Option<(Duration, Duration)>,
    /// How late every timer of the client fires.
    pub(super) lateness: Duration,
    pub(super) seed: u64,
}

/// What happens to PONGs on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pongs {
    Faithful,
    /// Every so many is lost.
    Lost(u64),
    /// Each comes twice, and once more a minute later.
    Thrice,
    Never,
}

impl Scenario {
    pub(super) fn new(kind: Kind, text: usize, proof: Proof) -> Self {
        Self {
            kind,
            text,
            latency: Duration::from_millis(80),
            proof,
            rate: 2.0,
            length: HOUR,
            errors_every: 8.0,
            stalls: Vec::new(),
            pongs: Pongs::Faithful,
            altered: None,
            copies_lost: false,
            version: None,
            moderated: None,
            detour: None,
            leaps: None,
            lateness: Duration::ZERO,
            seed: 7,
        }
    }

    /// Bytes of a line on the wire.
    pub(super) fn bytes(&self) -> usize {
        "PRIVMSG #chan :\r\n".len() + self.text
    }

    pub(super) fn run(&self) -> Outcome {
        Driver::new(self).run()
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) killed: Option<&'static str>,
    pub(super) dead: bool,
    /// Different lines that the server showed.
    pub(super) shown: usize,
    /// Lines that it showed again.
    pub(super) repeated: usize,
    pub(super) refused: usize,
    pub(super) throttles: usize,
    /// Lines that were reported as shown and were not.
    pub(super) lies: usize,
    /// Lines of which nothing was ever heard, and which are not in flight.
    pub(super) silent: usize,
    pub(super) pings: usize,
    /// When the first line was shown.
    pub(super) first: Option<Duration>,
    /// Of each error, the seconds from raising to showing, sorted.
    pub(super) error_delays: Vec<f64>,
    /// The most lines that were sent within one second.
    pub(super) most_in_a_second: usize,
}

impl Outcome {
    /// The delay that so many of a thousand errors stay below.
    pub(super) fn error_delay(&self, per_mille: usize) -> f64 {
        let last = self.error_delays.len().saturating_sub(1);
        self.error_delays
            .get(last * per_mille / 1000)
            .copied()
            .unwrap_or(0.0)
    }
}

/// What a line is about: the same when it is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Error(usize),
    Record(u64),
}

struct Driver<'a> {
    scenario: &'a Scenario,
    start: Instant,
    now: Duration,
    flow: Flow,
    server: Server,
    to_server: VecDeque<(Duration, Command, usize)>,
    to_client: BTreeMap<(Duration, u64), Reply>,
    replies: u64,
    /// Raised and not yet sent, most urgent first.
    errors: VecDeque<Subject>,
    again: VecDeque<Subject>,
    raises: Vec<Duration>,
    raised: usize,
    records: u64,
    lines: Vec<Subject>,
    pending: BTreeSet<u64>,
    shown_lines: BTreeSet<u64>,
    shown: BTreeMap<Subject, Duration>,
    sent_at: VecDeque<Duration>,
    /// The JOIN, until it is answered.
    asked_in: Option<Mark>,
    server_ping: Duration,
    pongs: u64,
    outcome: Outcome,
}

#[expect(
    clippy::disallowed_methods,
    reason = "an Instant has no other beginning; only differences count"
)]
pub(super) fn start() -> Instant {
    Instant::now()
}

impl<'a> Driver<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let mut random = fastrand::Rng::with_seed(scenario.seed);
        let start = start();
        let mut server = Server::new(
            scenario.kind,
            scenario.proof == Proof::Echo,
            Duration::from_millis(random.u64(0..1000)),
        );
        for &(from, to) in &scenario.stalls {
            server.stall(from, to);
        }
        let mut flow = Flow::new(
            &FlowConfig {
                rate: scenario.rate,
            },
            start,
        );
        flow.acknowledge_by(scenario.proof);
        if let Some(version) = scenario.version {
            flow.server_is(version, start);
            flow.set_voiced(scenario.kind == Kind::SolanumVoiced, start);
        }
        Self {
            scenario,
            start,
            now: Duration::ZERO,
            flow,
            server,
            to_server: VecDeque::new(),
            to_client: BTreeMap::new(),
            replies: 0,
            errors: VecDeque::new(),
            again: VecDeque::new(),
            raises: raises(&mut random, scenario.errors_every, scenario.length),
            raised: 0,
            records: 0,
            lines: Vec::new(),
            pending: BTreeSet::new(),
            shown_lines: BTreeSet::new(),
            shown: BTreeMap::new(),
            sent_at: VecDeque::new(),
            asked_in: None,
            server_ping: Duration::from_secs(120),
            pongs: 0,
            outcome: Outcome::default(),
        }
    }

    fn run(mut self) -> Outcome {
        for (command, line) in [
            (Command::Other, "CAP LS 302\r\n"),
            (Command::Other, "NICK irclog\r\n"),
            (Command::Other, "USER irclog 0 * :irclog\r\n"),
            (Command::Join, "JOIN #chan\r\n"),
        ] {
            self.command(command, line.len());
        }
        self.asked_in = Some(self.flow.written(self.instant()));
        while self.now < self.scenario.length && self.server.killed.is_none() {
            self.serve();
            self.listen();
            let slot = self.talk();
            if self.flow.dead(self.instant()) {
                self.outcome.dead = true;
                break;
            }
            let lateness = self.scenario.lateness;
            let wake = self.since_start(self.flow.wake_at()) + lateness;
            let slot = slot.map(|slot| slot + lateness);
            let next = [
                self.server.wakes_at(self.now),
                self.to_server.front().map(|&(at, ..)| at),
                self.to_client.first_key_value().map(|(&(at, _), _)| at),
                self.raises.get(self.raised).copied(),
                slot,
                Some(wake),
                Some(self.server_ping),
            ];
            let next = next
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(self.scenario.length);
            self.now = next.max(self.now + Duration::from_micros(10));
        }
        self.account()
    }

    fn instant(&self) -> Instant {
        let leaps = self.scenario.leaps.map(|(every, far)| {
            let count = self.now.as_secs() / every.as_secs();
            far * u32::try_from(count).expect("few leaps")
        });
        self.start + self.now + leaps.unwrap_or_default()
    }

    /// The other way round.
    fn since_start(&self, at: Instant) -> Duration {
        self.now + at.saturating_duration_since(self.instant())
    }

    fn command(&mut self, command: Command, bytes: usize) {
        self.flow.on_command(bytes, self.instant());
        self.to_server
            .push_back((self.now + self.latency(), command, bytes));
    }

    fn serve(&mut self) {
        while let Some(&(at, command, bytes)) = self.to_server.front()
            && at <= self.now
        {
            self.to_server.pop_front();
            self.server.receive(command, bytes, self.now);
        }
        for (reply, on_record_only) in self.server.work(self.now) {
            match reply {
                Reply::Echo(_) if self.moderated() => self.reply(Reply::CannotSend),
                Reply::Echo(line) => {
                    self.showed(line);
                    if !on_record_only {
                        self.reply(reply);
                    }
                }
                _ => self.reply(reply),
            }
        }
    }

    fn latency(&self) -> Duration {
        let detour = self.scenario.detour.filter(|&(from, _)| from <= self.now);
        self.scenario.latency + detour.map_or(Duration::ZERO, |(_, longer)| longer)
    }

    fn moderated(&self) -> bool {
        self.scenario
            .moderated
            .is_some_and(|(from, to)| (from..to).contains(&self.now))
    }

    fn showed(&mut self, line: u64) {
        self.shown_lines.insert(line);
        let Some(&subject) = usize::try_from(line)
            .ok()
            .and_then(|index| self.lines.get(index))
        else {
            return;
        };
        if self.shown.contains_key(&subject) {
            self.outcome.repeated += 1;
            return;
        }
        self.shown.insert(subject, self.now);
        self.outcome.first.get_or_insert(self.now);
        if let Subject::Error(index) = subject
            && let Some(&raised) = self.raises.get(index)
        {
            self.outcome
                .error_delays
                .push(self.now.saturating_sub(raised).as_secs_f64());
        }
    }

    fn reply(&mut self, reply: Reply) {
        let mut delays = vec![Duration::ZERO];
        if matches!(reply, Reply::Copy) && self.scenario.copies_lost {
            delays.clear();
        }
        if matches!(reply, Reply::Pong(_)) {
            self.pongs += 1;
            match self.scenario.pongs {
                Pongs::Lost(every) if self.pongs.is_multiple_of(every) => delays.clear(),
                Pongs::Faithful | Pongs::Lost(_) => {}
                Pongs::Thrice => delays.extend([Duration::ZERO, Duration::from_secs(60)]),
                Pongs::Never => delays.clear(),
            }
        }
        for delay in delays {
            self.replies += 1;
            self.to_client
                .insert((self.now + self.latency() + delay, self.replies), reply);
        }
    }

    fn listen(&mut self) {
        while let Some(entry) = self.to_client.first_entry()
            && entry.key().0 <= self.now
        {
            let reply = entry.remove();
            let now = self.instant();
            match reply {
                Reply::Echo(line) => match self.scenario.altered {
                    Some(every) if !line.is_multiple_of(every) => {
                        self.flow.on_echo_of(LineId(line), now);
                    }
                    _ => self.flow.on_echo(now),
                },
                Reply::Copy => self.flow.on_copy(now),
                Reply::Joined => {
                    if let Some(mark) = self.asked_in.take() {
                        self.flow.on_answer(mark, true, now);
                    }
                }
                Reply::CannotSend => self.flow.on_refused(Refusal::CannotSend, None, now),
                Reply::Pong(token) => {
                    let text = format!("log{token:x}");
                    self.flow
                        .on_pong(Token::parse(&text).expect("our own token"), now);
                }
                Reply::Closed => unreachable!("nobody says QUIT here"),
                Reply::ThrottleNotice => {
                    self.outcome.throttles += 1;
                    self.flow.on_refused(Refusal::Throttled, None, now);
                }
            }
        }
        if self.now >= self.server_ping {
            self.server_ping += Duration::from_secs(120);
            self.flow.heard(self.instant());
            self.command(Command::Other, "PONG :irc.example.net\r\n".len());
        }
        while let Some(event) = self.flow.poll() {
            match event {
                FlowEvent::Shown(LineId(line)) => {
                    self.pending.remove(&line);
                    if !self.shown_lines.contains(&line) {
                        self.outcome.lies += 1;
                    }
                }
                FlowEvent::Refused(LineId(line), _) | FlowEvent::Doubted(LineId(line), _) => {
                    self.pending.remove(&line);
                    self.outcome.refused += 1;
                    let index = usize::try_from(line).expect("a number of our own");
                    match self.lines[index] {
                        error @ Subject::Error(_) => self.errors.push_back(error),
                        record @ Subject::Record(_) => self.again.push_back(record),
                    }
                }
            }
        }
    }

    /// Sends what may be sent; says when more may be.
    fn talk(&mut self) -> Option<Duration> {
        while let Some(&at) = self.raises.get(self.raised)
            && at <= self.now
        {
            self.errors.push_back(Subject::Error(self.raised));
            self.raised += 1;
        }
        if self.asked_in.is_some() {
            return None;
        }
        let mut asked_again = false;
        loop {
            let now = self.instant();
            if let Some(token) = self.flow.ping(now) {
                let text = token.to_string();
                let number =
                    u64::from_str_radix(text.trim_start_matches("log"), 16).expect("a number");
                self.outcome.pings += 1;
                self.command(Command::Ping(number), "PING :\r\n".len() + text.len());
            }
            let urgency = if self.errors.is_empty() {
                Urgency::Normal
            } else {
                Urgency::Error
            };
            let mut bytes = self.scenario.bytes();
            if self.flow.wants_copy(bytes, COPY_BYTES) {
                bytes += COPY_BYTES;
            }
            match self.flow.slot(bytes, urgency, now) {
                Slot::At(at) => return Some(self.since_start(at)),
                // A PING may have become due because of the question.
                Slot::AfterProof if !asked_again => asked_again = true,
                Slot::AfterProof => return None,
                Slot::Now => self.send(urgency),
            }
        }
    }

    fn send(&mut self, urgency: Urgency) {
        let subject = match urgency {
            Urgency::Error => self.errors.pop_front(),
            Urgency::Normal => self.again.pop_front(),
        };
        let subject = subject.unwrap_or_else(|| {
            self.records += 1;
            Subject::Record(self.records)
        });
        let line = self.lines.len() as u64;
        self.lines.push(subject);
        self.pending.insert(line);
        let mut bytes = self.scenario.bytes();
        let copy = self.flow.wants_copy(bytes, COPY_BYTES);
        let command = if copy {
            bytes += COPY_BYTES;
            Command::LineAndCopy(line)
        } else {
            Command::Line(line)
        };
        self.flow.sent(LineId(line), bytes, copy, self.instant());
        self.to_server
            .push_back((self.now + self.latency(), command, bytes));
        self.sent_at.push_back(self.now);
        while self
            .sent_at
            .front()
            .is_some_and(|&at| at + Duration::from_secs(1) <= self.now)
        {
            self.sent_at.pop_front();
        }
        self.outcome.most_in_a_second = self.outcome.most_in_a_second.max(self.sent_at.len());
    }

    fn account(mut self) -> Outcome {
        for LineId(line) in self.flow.unacknowledged() {
            self.pending.remove(&line);
        }
        self.outcome.silent = self.pending.len();
        self.outcome.killed = self.server.killed;
        self.outcome.shown = self.shown.len();
        self.outcome.error_delays.sort_by(f64::total_cmp);
        self.outcome
    }
}

/// Random moments, of which never three lie within ten seconds.
fn raises(random: &mut fastrand::Rng, every: f64, length: Duration) -> Vec<Duration> {
    let mut raises: Vec<Duration> = Vec::new();
    let mut at = Duration::from_secs(2);
    loop {
        at += Duration::from_secs_f64(-every * (1.0 - random.f64()).ln());
        if let [.., before, _] = raises[..] {
            at = at.max(before + Duration::from_secs(10));
        }
        // Those of the last seconds have no time to be shown.
        if at + Duration::from_secs(30) > length {
            return raises;
        }
        raises.push(at);
    }
}
