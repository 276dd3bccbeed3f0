//! What became of the lines that were written: PINGs and echoes, when they
//! are asked for and what they prove.

use std::fmt;
use std::time::{Duration, Instant};

use super::super::pacer::Kind;
use super::super::speed::Speed;
use super::super::window::{InFlight, Passed};
use super::{DEAD_AFTER, Flow, FlowEvent, Proof};
use crate::line::{ChannelId, LineId, Refusal, Urgency};

/// Wire length of `PING :` with a token, CR and LF.
pub(super) const PING_BYTES: usize = 20;
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
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// An unanswered PING is repeated after this time, in case it or its answer
/// was lost in the server (a flood filter, a proxy), and then less often.
const FIRST_REPEAT: Duration = Duration::from_secs(10);
const REPEAT: Duration = Duration::from_secs(40);
/// The parameter of a PING of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token(pub(super) u64);

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

impl Flow {
    /// The token of a PING that is to be written now, if one is due. The
    /// caller writes it and calls [`Flow::on_command`]. Not before
    /// registration is over: servers refuse it.
    pub(crate) fn ping(&mut self, now: Instant) -> Option<Token> {
        self.step(now);
        if self.ping_at() > now {
            return None;
        }
        self.full = None;
        let debt = self.pacer.debt(now);
        Some(Token(self.window.barrier(debt, now)))
    }

    /// A PONG with a token of ours. Late, repeated and unknown ones do no
    /// harm.
    pub(crate) fn on_pong(&mut self, token: Token, now: Instant) {
        self.heard(now);
        let passed = self.window.pass(token.0);
        self.passed(passed, now);
    }

    /// A copy of a line came back to us, or the server said that it could not:
    /// either proves as a PONG does.
    pub(crate) fn on_copy(&mut self, now: Instant) {
        self.heard(now);
        let passed = self.window.pass_copy();
        self.passed(passed, now);
    }

    fn passed(&mut self, passed: Option<Passed>, now: Instant) {
        let Some(Passed { sample, missed }) = passed else {
            return;
        };
        self.unanswered = Duration::ZERO;
        self.resync = false;
        // Asked while this was on its way: there is room again.
        self.full = None;
        self.learn(sample, now);
        let mut lines = self.window.take_proven();
        if let Some(missed) = missed {
            // What kept the copy from us may have kept the line from the
            // others. It goes again, and PINGs will do from now on.
            self.copies = false;
            let hidden = lines.extract_if(.., |line| line.number() == missed);
            let hidden: Vec<InFlight> = hidden.collect();
            self.refuse_all(&hidden, Refusal::Unproven);
        }
        let refusals = std::mem::take(&mut self.refusals);
        self.prove(&lines, &refusals, now);
    }

    /// Whether the next line, of `bytes` and `more` with ourselves as a second
    /// target, should go to us as well: where the server charges nothing for
    /// that, what comes back is a proof for which no PING is paid.
    pub(crate) fn wants_copy(&self, bytes: usize, more: usize) -> bool {
        if !self.copies || self.proof != Proof::Ping || self.window.outstanding().is_some() {
            return false;
        }
        let speed = &self.pacer.speed;
        speed.cost(bytes + more) <= speed.cost(bytes)
            || self.window.since_barrier() + 1 >= self.lines_per_ping()
            || !self.has_room(2 * bytes + more, Urgency::Normal)
    }

    /// These lines were processed, and what the server had to say of them
    /// came before.
    fn prove(
        &mut self,
        lines: &[InFlight],
        refusals: &[(Option<ChannelId>, Refusal)],
        now: Instant,
    ) {
        match self.proof {
            Proof::Echo => self.refuse_all(lines, Refusal::Unproven),
            Proof::Ping => self.resolve_by_channel(lines, refusals, now),
        }
    }

    /// The server took its leave after our QUIT: all that came before was
    /// processed.
    pub(crate) fn on_goodbye(&mut self, now: Instant) {
        let lines = self.window.take_all();
        let refusals = std::mem::take(&mut self.refusals);
        self.prove(&lines, &refusals, now);
    }

    /// A line came back from this channel; which one, the text does not tell. It
    /// is the oldest of those in flight there.
    pub(crate) fn on_echo_in(&mut self, channel: ChannelId, now: Instant) {
        match self.window.first_of(channel) {
            Some(line) => self.on_echo_of(line, now),
            None => self.heard(now),
        }
    }

    /// The oldest line in flight came back.
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

    /// Refusals came whose lines only a PONG can tell.
    pub(super) fn unresolved(&self) -> bool {
        self.resync || !self.refusals.is_empty()
    }

    /// When the next PING is due.
    pub(super) fn ping_at(&self) -> Instant {
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

    fn lines_per_ping(&self) -> u64 {
        if self.pacer.speed.trying() {
            Speed::step()
        } else {
            LINES_PER_PING
        }
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
        if self.proves_at_once && oldest.is_some() {
            return Some(self.last_step);
        }
        let waiting = self.waiting.filter(|&until| self.last_step < until);
        if self.error_waiting && waiting.is_some() {
            // The PING would take the place that the error waits for.
            return None;
        }
        if !self.has_room(self.error_bytes, Urgency::Error) {
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
        if self.window.since_barrier() >= self.lines_per_ping() {
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

    fn show(&mut self, id: LineId, now: Instant) {
        self.shown.add(now);
        self.events.push_back(FlowEvent::Shown(id));
    }

    pub(super) fn refuse_all(&mut self, lines: &[InFlight], refusal: Refusal) {
        self.events.extend(
            lines
                .iter()
                .map(|line| FlowEvent::Refused(line.id, refusal)),
        );
    }

    /// A PONG came: these lines were shown, but for as many as were refused. What
    /// one channel refuses says nothing of the lines for another.
    fn resolve_by_channel(
        &mut self,
        lines: &[InFlight],
        refusals: &[(Option<ChannelId>, Refusal)],
        now: Instant,
    ) {
        let mut left: Vec<InFlight> = lines.to_vec();
        while let Some(first) = left.first().copied() {
            let channel = first.id.channel();
            let own: Vec<InFlight> = left
                .extract_if(.., |line| line.id.channel() == channel)
                .collect();
            let own_refusals: Vec<Refusal> = refusals
                .iter()
                .filter(|(by, _)| by.is_none_or(|by| by == channel))
                .map(|&(_, refusal)| refusal)
                .collect();
            // Which of the channels it was, nobody knows.
            let vague = own.len() < lines.len() && refusals.iter().any(|(by, _)| by.is_none());
            self.resolve(&own, &own_refusals, vague, now);
        }
    }

    fn resolve(&mut self, lines: &[InFlight], refusals: &[Refusal], vague: bool, now: Instant) {
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
        let meant = |line: &InFlight| !longest_only || line.bytes >= limit;
        let certain = !vague && lines.iter().filter(|line| meant(line)).count() <= refusals.len();
        for line in lines {
            if !meant(line) {
                self.show(line.id, now);
            } else if certain {
                self.events.push_back(FlowEvent::Refused(line.id, reason));
            } else {
                self.events.push_back(FlowEvent::Doubted(line.id, reason));
            }
        }
    }
}
