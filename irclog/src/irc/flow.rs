//! When may the next line go, and what became of those that went.
//!
//! One [`Flow`] per connection. It joins the pacer (how fast), the window
//! (how much is unproven) and the proofs (what was shown). It writes nothing
//! itself: it says when, and is told what was written.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use super::pacer::{Kind, Pacer};
use super::speed::{Sample, Speed, Verdict};
use super::window::{InFlight, Window};
use crate::line::{LineId, Refusal, Urgency};

/// Wire length of `PING :` with a token, CR and LF.
const PING_BYTES: usize = 20;
/// Ordinary lines between two PINGs: a PING costs as much as a line
/// everywhere, and 20 unprocessed commands are the end on Solanum.
const LINES_PER_PING: u64 = 15;
/// A burst that nothing followed for this long is over: prove it.
const QUIET: Duration = Duration::from_secs(1);
/// Lines stay unproven no longer than this while there is credit for a PING.
const UNPROVEN_FOR: Duration = Duration::from_secs(10);
/// A line whose echo is this late needs a PING to tell.
const ECHO_OVERDUE: Duration = Duration::from_secs(5);
/// Servers ask at intervals of 90 to 120 s. We ask earlier, and learn of a
/// dead connection before the server would.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// An unanswered PING is repeated after this time, in case it or its answer
/// was lost in the server (a flood filter, a proxy), and then less often.
const FIRST_REPEAT: Duration = Duration::from_secs(10);
const REPEAT: Duration = Duration::from_secs(40);
/// With a PING unanswered for so long, the connection is dead. A server may
/// stall for 60 s and then still work off what it holds of ours: a window of
/// short lines takes DALnet's 50 s. Servers give up on us after 140 s and more.
const DEAD_AFTER: Duration = Duration::from_secs(120);
/// The most that one step of the clock adds to the waiting. A leap (a
/// suspended machine) must not kill a connection whose PONG lies unread.
const LONGEST_STEP: Duration = Duration::from_secs(10);
/// In flight for longer than this beyond the round trip: the backlog stays
/// on our side.
const IN_FLIGHT: Duration = Duration::from_secs(1);
/// Solanum drops everything until its counter (10 and 2 for the flood, one a
/// second) is at zero, and says so only once.
const THROTTLE_HOLD: Duration = Duration::from_secs(13);
/// No probe so shortly after an error: the next one may follow.
const AFTER_ERROR: Duration = Duration::from_secs(3);
/// A caller that was told to wait and does not come back has nothing to send.
const WAITING_FOR: Duration = Duration::from_secs(10);

/// How a connection is paced.
#[derive(Debug, Clone)]
pub(crate) struct FlowConfig {
    /// Most lines in any one second; a fraction above 1 counts down. Below 1,
    /// one line every `1 / rate` seconds. Held within 0.01 to 1,000.
    /// Defaults to 2.
    pub(crate) rate: f64,
    /// Bytes that the server takes unprocessed without killing us, if that is
    /// known. Defaults to the smallest of any server, 2,560, and once this
    /// one has proven to charge by the command to that of such servers, 8,192.
    pub(crate) receive_queue: Option<usize>,
}

impl Default for FlowConfig {
    fn default() -> Self {
        Self {
            rate: 2.0,
            receive_queue: None,
        }
    }
}

/// What acknowledges a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A PONG: what was sent before its PING was processed.
    Ping,
    /// The server sends our own lines back (`echo-message`).
    Echo,
}

/// When a line may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Now,
    /// Ask again then.
    At(Instant),
    /// Ask again after the next event or [`Flow::wake_at`].
    AfterProof,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowEvent {
    Shown(LineId),
    Refused(LineId, Refusal),
}

/// The parameter of a PING of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token(u64);

impl Token {
    /// The token in the last parameter of a PONG, if it looks like ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text.strip_prefix("log")?, 16)
            .ok()
            .map(Self)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log{:x}", self.0)
    }
}

/// The flow of lines on one connection.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and they come in any combination"
)]
pub(crate) struct Flow {
    pacer: Pacer,
    window: Window,
    receive_queue: Option<usize>,
    proof: Proof,
    events: VecDeque<FlowEvent>,
    /// What was refused since the last PONG.
    refusals: Vec<Refusal>,
    /// The server drops lines: a PING must come back before the next.
    resync: bool,
    /// No line before this, whoever asks.
    hold: Option<Instant>,
    /// Until when somebody who was told to wait is expected to ask again.
    waiting: Option<Instant>,
    /// One of those has an error to send.
    error_waiting: bool,
    /// The longest error so far, in bytes.
    error_bytes: usize,
    /// Lines had to wait since the speed last rose.
    pressed: bool,
    /// The window was full when somebody asked.
    full: Option<Urgency>,
    /// Only the proof of what was sent is waited for.
    hurried: bool,
    last_line: Option<Instant>,
    last_error: Option<Instant>,
    heard_at: Instant,
    last_step: Instant,
    /// How long a PING has been unanswered, as far as we saw time pass.
    unanswered: Duration,
    round_trip: Option<Duration>,
    shown: Meter,
}

impl Flow {
    /// A connection that has just been opened: nothing is proven and nothing
    /// learnt. A speed is not carried over from an earlier connection, since
    /// one name often stands for many servers; finding it takes seconds.
    pub(crate) fn new(config: &FlowConfig, now: Instant) -> Self {
        let rate = if config.rate.is_finite() {
            config.rate.clamp(0.01, 1000.0)
        } else {
            FlowConfig::default().rate
        };
        Self {
            pacer: Pacer::new(rate, now),
            window: Window::new(),
            receive_queue: config.receive_queue,
            proof: Proof::Ping,
            events: VecDeque::new(),
            refusals: Vec::new(),
            resync: false,
            hold: None,
            waiting: None,
            error_waiting: false,
            error_bytes: 0,
            pressed: false,
            full: None,
            hurried: false,
            last_line: None,
            last_error: None,
            heard_at: now,
            last_step: now,
            unanswered: Duration::ZERO,
            round_trip: None,
            shown: Meter::new(now),
        }
    }

    /// What acknowledges lines from now on. Defaults to [`Proof::Ping`].
    pub(crate) fn acknowledge_by(&mut self, proof: Proof) {
        self.proof = proof;
    }

    /// What the server calls itself (004, its version). Its law may be known,
    /// and then nothing is tried that it punishes.
    pub(crate) fn server_is(&mut self, version: &str) {
        self.pacer.speed.server_is(version);
    }

    /// Whether we have voice, or more, in the channel: some servers throttle
    /// channels only for those without. Defaults to false.
    pub(crate) fn set_voiced(&mut self, voiced: bool, now: Instant) {
        self.step(now);
        self.pacer
            .speed
            .set_voiced(voiced, self.window.written(), now);
    }

    /// A protocol command of `bytes` (with CR and LF) was written.
    pub(crate) fn on_command(&mut self, bytes: usize, now: Instant) {
        self.step(now);
        self.pacer.command(bytes, now);
        self.window.command(bytes);
    }

    /// Whether a line of `bytes` (the whole wire length, with CR and LF) may
    /// be written.
    pub(crate) fn slot(&mut self, bytes: usize, urgency: Urgency, now: Instant) -> Slot {
        self.step(now);
        if urgency == Urgency::Error {
            self.last_error = Some(now);
            self.error_bytes = self.error_bytes.max(bytes);
        }
        if let Some(hold) = self.hold.filter(|&hold| hold > now) {
            return Slot::At(hold);
        }
        self.hold = None;
        if self.unresolved() || self.urgency_blocked(urgency, now) {
            return self.wait(urgency, Slot::AfterProof, now);
        }
        let queue = self
            .receive_queue
            .unwrap_or_else(|| self.pacer.speed.receive_queue());
        if !self.window.has_room(bytes, urgency, queue) {
            self.full = Some(self.full.map_or(urgency, |full| full.max(urgency)));
            return self.wait(urgency, Slot::AfterProof, now);
        }
        let kind = match urgency {
            Urgency::Error => Kind::Error,
            Urgency::Normal if self.pacer.speed.probing() => Kind::Probe,
            Urgency::Normal => Kind::Normal,
        };
        let mut at = self.pacer.ready_at(bytes, kind);
        if at > now && kind == Kind::Normal && self.may_probe(now) {
            self.pacer.speed.probe();
            at = self.pacer.ready_at(bytes, Kind::Probe);
        }
        if at <= now {
            Slot::Now
        } else {
            self.wait(urgency, Slot::At(at), now)
        }
    }

    /// A line was written.
    pub(crate) fn sent(&mut self, line: LineId, bytes: usize, now: Instant) {
        self.step(now);
        let debt = self.pacer.debt(now);
        self.pacer.line(bytes, now);
        self.window.line(line, bytes, debt, now);
        self.last_line = Some(now);
        self.waiting = None;
        self.error_waiting = false;
    }

    /// The token of a PING that is to be written now, if one is due. The
    /// caller writes it and calls [`Flow::on_command`]. Not before
    /// registration is over: servers refuse it.
    pub(crate) fn ping(&mut self, now: Instant) -> Option<Token> {
        self.step(now);
        if self.ping_at() > now {
            return None;
        }
        self.full = None;
        self.hurried = false;
        let debt = self.pacer.debt(now);
        Some(Token(self.window.barrier(debt, now)))
    }

    /// Nothing more will be sent and somebody waits for the proof of what
    /// was: the next PING needs to leave no credit for others.
    pub(crate) fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Something came from the server, whatever it was.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.step(now);
        self.heard_at = self.heard_at.max(now);
    }

    /// A PONG with a token of ours. Late, repeated and unknown ones do no
    /// harm.
    pub(crate) fn on_pong(&mut self, token: Token, now: Instant) {
        self.heard(now);
        let Some(sample) = self.window.pass(token.0) else {
            return;
        };
        self.unanswered = Duration::ZERO;
        self.resync = false;
        // Asked while this PONG was on its way: there is room again.
        self.full = None;
        self.learn(sample, now);
        let lines = self.window.take_proven();
        let refusals = std::mem::take(&mut self.refusals);
        self.prove(&lines, &refusals, now);
    }

    /// These lines were processed, and what the server had to say of them
    /// came before.
    fn prove(&mut self, lines: &[InFlight], refusals: &[Refusal], now: Instant) {
        match self.proof {
            Proof::Echo => self.refuse_all(lines, Refusal::Unproven),
            Proof::Ping => self.resolve(lines, refusals, now),
        }
    }

    /// The server took its leave after our QUIT: all that came before was
    /// processed.
    pub(crate) fn on_goodbye(&mut self, now: Instant) {
        let lines = self.window.take_all();
        let refusals = std::mem::take(&mut self.refusals);
        self.prove(&lines, &refusals, now);
    }

    /// One of our lines came back; which one, the text does not tell. It is
    /// the oldest in flight.
    pub(crate) fn on_echo(&mut self, now: Instant) {
        self.heard(now);
        if let Some((id, sample)) = self.window.echo() {
            self.show(id, now);
            self.learn(sample, now);
        }
    }

    /// This line came back, known by its label or its text. Lines before it
    /// that did not come back were not shown.
    pub(crate) fn on_echo_of(&mut self, line: LineId, now: Instant) {
        if self.window.contains(line) {
            let lost = self.window.take_before(line);
            self.refuse_all(&lost, Refusal::Unproven);
            self.on_echo(now);
        } else {
            self.heard(now);
        }
    }

    /// The server did not show a line. With echoes it is the oldest in
    /// flight, else one of those since the last proof: which, the next PONG
    /// tells.
    pub(crate) fn on_refused(&mut self, refusal: Refusal, now: Instant) {
        self.heard(now);
        match (refusal, self.proof) {
            (Refusal::Throttled, _) => {
                // It says so once for many: whatever is in flight may be gone.
                let lines = self.window.take_all();
                self.refuse_all(&lines, refusal);
                self.refusals.clear();
                self.resync = true;
                self.hold = Some(now + THROTTLE_HOLD);
                self.pacer.speed.throttled(self.window.written(), now);
            }
            (_, Proof::Echo) => {
                if let Some(line) = self.window.take_oldest() {
                    self.events.push_back(FlowEvent::Refused(line.id, refusal));
                }
            }
            (_, Proof::Ping) => {
                if self.window.lines().next().is_some() {
                    self.refusals.push(refusal);
                }
            }
        }
    }

    /// The next thing known about a line.
    pub(crate) fn poll(&mut self) -> Option<FlowEvent> {
        self.events.pop_front()
    }

    /// When to call again although nothing came: for [`Flow::ping`] and
    /// [`Flow::dead`].
    pub(crate) fn wake_at(&self) -> Instant {
        let ping = self.ping_at();
        if self.window.outstanding().is_none() {
            return ping;
        }
        let left = DEAD_AFTER.saturating_sub(self.unanswered).min(LONGEST_STEP);
        ping.min(self.last_step + left)
    }

    /// Whether the connection is beyond hope.
    pub(crate) fn dead(&mut self, now: Instant) -> bool {
        self.step(now);
        self.unanswered >= DEAD_AFTER
    }

    /// Lines in flight and their bytes.
    #[cfg(test)]
    fn in_flight(&self) -> (usize, usize) {
        self.window.lines().fold((0, 0), |(lines, bytes), line| {
            (lines + 1, bytes + line.bytes)
        })
    }

    /// Lines that were written and neither shown nor refused, oldest first:
    /// to be sent again on the next connection.
    pub(crate) fn unacknowledged(&self) -> impl Iterator<Item = LineId> + '_ {
        self.window.lines().map(|line| line.id)
    }

    /// The last round trip through the server's queue.
    pub(crate) fn lag(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Acknowledged lines a second, over about half a minute.
    pub(crate) fn rate(&self, now: Instant) -> f64 {
        self.shown.rate(now)
    }

    fn step(&mut self, now: Instant) {
        let step = now.saturating_duration_since(self.last_step);
        self.last_step = self.last_step.max(now);
        if self.window.outstanding().is_some() {
            self.unanswered += step.min(LONGEST_STEP);
        } else {
            self.unanswered = Duration::ZERO;
        }
    }

    fn wait(&mut self, urgency: Urgency, slot: Slot, now: Instant) -> Slot {
        self.error_waiting |= urgency == Urgency::Error;
        let at = if let Slot::At(at) = slot { at } else { now };
        self.waiting = Some(at + WAITING_FOR);
        self.pressed = true;
        slot
    }

    fn has_room(&self, bytes: usize, urgency: Urgency) -> bool {
        self.window.has_room(bytes, urgency, self.receive_queue())
    }

    fn receive_queue(&self) -> usize {
        let learnt = || self.pacer.speed.receive_queue();
        self.receive_queue.unwrap_or_else(learnt)
    }

    /// Refusals came whose lines only a PONG can tell.
    fn unresolved(&self) -> bool {
        self.resync || !self.refusals.is_empty()
    }

    /// Ordinary lines wait while the server is more than a second behind.
    fn urgency_blocked(&self, urgency: Urgency, now: Instant) -> bool {
        if urgency == Urgency::Error {
            return false;
        }
        let oldest = match self.proof {
            Proof::Ping => self.window.outstanding().map(|(oldest, ..)| oldest),
            Proof::Echo => self.window.oldest_at(),
        };
        oldest.is_some_and(|at| self.pacer.speed.lag(now.saturating_duration_since(at)) > IN_FLIGHT)
    }

    /// Whether a probe would disturb nobody: no PING is on its way, and no
    /// error has just been there that another may follow.
    fn may_probe(&self, now: Instant) -> bool {
        let quiet = self
            .last_error
            .is_none_or(|at| now.saturating_duration_since(at) >= AFTER_ERROR);
        quiet && self.window.outstanding().is_none() && self.pacer.speed.may_probe(now)
    }

    /// When the next PING is due.
    fn ping_at(&self) -> Instant {
        if let Some((_, newest, count)) = self.window.outstanding() {
            let repeat = if count == 1 { FIRST_REPEAT } else { REPEAT };
            // What is unread in a server that stalls must not become too much.
            let queue = self.receive_queue();
            let room = self.window.has_room_to_repeat(PING_BYTES, queue);
            return newest + if room { repeat } else { DEAD_AFTER };
        }
        let keep_alive = self.heard_at + KEEP_ALIVE;
        self.proof_at().map_or(keep_alive, |at| at.min(keep_alive))
    }

    /// When a PING is due for the sake of a proof.
    fn proof_at(&self) -> Option<Instant> {
        if self.unresolved() {
            return Some(self.last_step);
        }
        let oldest = self.window.oldest_at();
        if self.full == Some(Urgency::Error) {
            return Some(self.last_step);
        }
        if self.proof == Proof::Echo {
            // The echo of the line that overdraws tells nothing: the debt was
            // smaller when it was written.
            let probed = self.pacer.speed.probing() && self.pacer.overdrawn();
            let probe = probed.then_some(self.last_step);
            return oldest.and(probe).or(oldest.map(|at| at + ECHO_OVERDUE));
        }
        let waiting = self.waiting.filter(|&until| self.last_step < until);
        if self.error_waiting && waiting.is_some() {
            // The PING would take the place that the error waits for.
            return None;
        }
        if !self.has_room(self.error_bytes, Urgency::Error) {
            return Some(self.pacer.ready_at(PING_BYTES, Kind::Reserve));
        }
        if self.hurried && oldest.is_some() {
            // Where it would only queue up, QUIT had better queue up alone.
            return Some(self.pacer.ready_at(PING_BYTES, Kind::Reserve));
        }
        let soon = self.pacer.ready_at(PING_BYTES, Kind::Ping);
        if self.full.is_some() || self.pacer.speed.resting() {
            return Some(soon);
        }
        let last = self.last_line.filter(|_| oldest.is_some())?;
        if self.pacer.speed.probing() {
            let overdrawn = self.pacer.overdrawn();
            return overdrawn.then_some(self.last_step).or(Some(last + QUIET));
        }
        let wanted = if self.pacer.speed.trying() {
            Speed::step()
        } else {
            LINES_PER_PING
        };
        if self.window.since_barrier() >= wanted {
            return Some(soon);
        }
        let unproven = oldest.map(|at| soon.max(at + UNPROVEN_FOR).max(last + QUIET));
        if waiting.is_some() {
            return None;
        }
        let quiet = self
            .pacer
            .ready_at(PING_BYTES, Kind::QuietPing)
            .max(last + QUIET);
        Some(unproven.map_or(quiet, |unproven| unproven.min(quiet)))
    }

    fn learn(&mut self, sample: Sample, now: Instant) {
        self.round_trip = Some(now.saturating_duration_since(sample.sent_at));
        let verdict = self.pacer.speed.learn(sample, self.pressed, now);
        self.pressed = self.waiting.is_some();
        let speed = &self.pacer.speed;
        let queue = self.window.unproven_commands() as f64 * speed.cost(0);
        match verdict {
            Verdict::KeepsUp => {}
            // What the server still holds, and all of the credit: errors need
            // it, and a rate that just holds would never give it back. Right
            // after a probe, which used it up, a delay would be taken for the
            // rate's.
            Verdict::Believed | Verdict::Behind => self.pacer.set_debt(queue + speed.credit(), now),
        }
    }

    fn show(&mut self, id: LineId, now: Instant) {
        self.shown.add(now);
        self.events.push_back(FlowEvent::Shown(id));
    }

    fn refuse_all(&mut self, lines: &[InFlight], refusal: Refusal) {
        self.events.extend(
            lines
                .iter()
                .map(|line| FlowEvent::Refused(line.id, refusal)),
        );
    }

    /// A PONG came: these lines were shown, but for as many as were refused.
    fn resolve(&mut self, lines: &[InFlight], refusals: &[Refusal], now: Instant) {
        let Some(&reason) = refusals.last() else {
            for line in lines {
                self.show(line.id, now);
            }
            return;
        };
        // The server names no line. Of lines that were too long it means the
        // longest; of others it may mean any, and then all count as refused.
        let longest_only = refusals.iter().all(|&refusal| refusal == Refusal::TooLong);
        let mut lengths: Vec<usize> = lines.iter().map(|line| line.bytes).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        let limit = lengths
            .get(refusals.len().saturating_sub(1))
            .copied()
            .unwrap_or(0);
        for line in lines {
            if longest_only && line.bytes < limit {
                self.show(line.id, now);
            } else {
                self.events.push_back(FlowEvent::Refused(line.id, reason));
            }
        }
    }
}

/// A rate of events that forgets.
#[derive(Debug)]
struct Meter {
    per_second: f64,
    at: Instant,
}

impl Meter {
    /// Seconds after which an event counts for a third.
    const MEMORY: f64 = 30.0;

    fn new(now: Instant) -> Self {
        Self {
            per_second: 0.0,
            at: now,
        }
    }

    fn add(&mut self, now: Instant) {
        self.per_second = self.rate(now) + 1.0 / Self::MEMORY;
        self.at = self.at.max(now);
    }

    fn rate(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.per_second * (-passed / Self::MEMORY).exp()
    }
}

#[cfg(test)]
mod tests;
