//! When may the next line go, and what became of those that went.
//!
//! One [`Flow`] per connection. It joins the pacer (how fast), the window
//! (how much is unproven) and the proofs (what was shown). It writes nothing
//! itself: it says when, and is told what was written.

mod ending;
mod meter;
mod proofs;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use self::meter::Meter;
pub(crate) use self::proofs::Token;
use super::pacer::{Kind, Pacer};
use super::speed::{Sample, Verdict};
pub(crate) use super::window::Mark;
use super::window::Window;
use crate::line::{ChannelId, LineId, Refusal, Urgency};

/// With a PING unanswered for so long, the connection is dead. A server may
/// stall for 60 s and then still work off what it holds of ours: a window of
/// short lines takes DALnet's 50 s. Servers give up on us after 140 s and more.
const DEAD_AFTER: Duration = Duration::from_secs(120);
/// With a PING unanswered for so long the server stands still: no law known
/// lets one wait there for longer than 15 s.
const STILL_AFTER: Duration = Duration::from_secs(20);
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
/// No probe so shortly after the way in, either: where commands are counted,
/// it has used up the burst, and the probe would look like being too fast.
const AFTER_ENTRY: Duration = Duration::from_secs(4);
/// A caller that was told to wait and does not come back has nothing to send.
const WAITING_FOR: Duration = Duration::from_secs(10);

/// How a connection is paced.
#[derive(Debug, Clone)]
pub(crate) struct FlowConfig {
    /// Most lines in any one second; a fraction above 1 counts down. Below 1,
    /// one line every `1 / rate` seconds. Held within 0.01 to 1,000.
    /// Defaults to 2.
    pub(crate) rate: f64,
}

impl Default for FlowConfig {
    fn default() -> Self {
        Self { rate: 2.0 }
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
    /// It is among those of which the server refused some: it may have been
    /// shown.
    Doubted(LineId, Refusal),
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
    proof: Proof,
    /// A line may have us as a second target, for nothing.
    copies: bool,
    events: VecDeque<FlowEvent>,
    /// What was refused since the last PONG, and by which channel where the
    /// server said so.
    refusals: Vec<(Option<ChannelId>, Refusal)>,
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
    /// The next line is the one that may go whatever the debt is.
    greets: bool,
    /// Whether a proof is worth more than the credit that it takes.
    proves_at_once: bool,
    entered_at: Option<Instant>,
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
            proof: Proof::Ping,
            copies: false,
            events: VecDeque::new(),
            refusals: Vec::new(),
            resync: false,
            hold: None,
            waiting: None,
            error_waiting: false,
            error_bytes: 0,
            pressed: false,
            full: None,
            greets: false,
            proves_at_once: false,
            entered_at: None,
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
    pub(crate) fn server_is(&mut self, version: &str, now: Instant) {
        self.step(now);
        let written = self.window.written();
        let charged = self.pacer.speed.server_is(version, written, now);
        let debt = self.pacer.debt(now) * charged;
        self.pacer.set_debt(debt, now);
        self.copies = self.pacer.speed.second_target_is_free();
    }

    /// Bytes of a line, with CR and LF, that the server takes without turning
    /// deaf for a while, where it is known to do that after longer ones.
    pub(crate) fn prompt_bytes(&self) -> Option<usize> {
        self.pacer.speed.prompt_bytes()
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

    /// What has been written so far, for [`Flow::on_answer`].
    pub(crate) fn written(&mut self, now: Instant) -> Mark {
        let debt = self.pacer.debt(now);
        self.window.mark(debt, now)
    }

    /// The server answered to what was written last before `mark`: all before
    /// it is parsed, whatever it cost. Nothing of ours waits there, so one
    /// line may go at once, even beyond the credit: it is read when the server
    /// reads on.
    ///
    /// `greets` says whether there is such a line: of several channels only the
    /// first that lets us in has one.
    pub(crate) fn on_answer(&mut self, mark: Mark, greets: bool, now: Instant) {
        self.heard(now);
        self.window.prove(mark);
        self.greets |= greets;
        self.entered_at = Some(now);
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
        if !self.has_room(bytes, urgency) {
            self.full = Some(self.full.map_or(urgency, |full| full.max(urgency)));
            return self.wait(urgency, Slot::AfterProof, now);
        }
        let kind = match urgency {
            _ if self.greets => Kind::First,
            Urgency::Error => Kind::Error,
            Urgency::Normal if self.pacer.speed.probing() => Kind::Probe,
            Urgency::Normal => Kind::Normal,
        };
        let mut at = self.pacer.ready_at(bytes, kind);
        if kind == Kind::Normal
            && let Some(probe_at) = self.probe_at(now)
        {
            if at > now && probe_at <= now {
                self.pacer.speed.probe();
                at = self.pacer.ready_at(bytes, Kind::Probe);
            } else {
                at = at.min(probe_at.max(now));
            }
        }
        if at <= now {
            Slot::Now
        } else {
            self.wait(urgency, Slot::At(at), now)
        }
    }

    /// A line was written, with a `copy` for ourselves or without.
    pub(crate) fn sent(&mut self, line: LineId, bytes: usize, copy: bool, now: Instant) {
        self.step(now);
        let debt = self.pacer.debt(now);
        self.pacer.line(bytes, now);
        self.window.line(line, bytes, copy, debt, now);
        self.last_line = Some(now);
        self.greets = false;
        self.waiting = None;
        self.error_waiting = false;
    }

    /// The line that was [`sent`](Self::sent) last goes to another channel as
    /// well, where it is called `line`.
    pub(crate) fn sent_as_well(&mut self, line: LineId) {
        self.window.same_line(line);
    }

    /// Whether `more` bytes of further targets on a line of `bytes` cost
    /// nothing, as is known of few kinds of server.
    pub(crate) fn takes_more_targets(&self, bytes: usize, more: usize) -> bool {
        let speed = &self.pacer.speed;
        speed.second_target_is_free() && speed.cost(bytes + more) <= speed.cost(bytes)
    }

    /// Something came from the server, whatever it was.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.step(now);
        self.heard_at = self.heard_at.max(now);
    }

    /// The server did not show a line. With echoes it is the oldest in
    /// flight, else one of those since the last proof: which, the next PONG
    /// tells. Of the lines for one channel, where the server names it.
    pub(crate) fn on_refused(
        &mut self,
        refusal: Refusal,
        channel: Option<ChannelId>,
        now: Instant,
    ) {
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
                if let Some(line) = self.window.take_oldest(channel) {
                    self.events.push_back(FlowEvent::Refused(line.id, refusal));
                }
            }
            (_, Proof::Ping) => {
                let is_of = |line: LineId| channel.is_none_or(|by| line.channel() == by);
                if self.window.lines().any(|line| is_of(line.id)) {
                    self.refusals.push((channel, refusal));
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
        let still = STILL_AFTER.saturating_sub(self.unanswered);
        let next = if still.is_zero() {
            DEAD_AFTER.saturating_sub(self.unanswered)
        } else {
            still
        };
        ping.min(self.last_step + next.min(LONGEST_STEP))
    }

    /// Whether the server stands still: it has long not answered, and the
    /// connection is not given up yet.
    pub(crate) fn stands_still(&self) -> bool {
        self.unanswered >= STILL_AFTER
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

    /// Has each line proven as soon as it is written, whatever else could be said
    /// for the credit. For who says one line and leaves.
    #[cfg(feature = "cli")]
    pub(crate) fn prove_at_once(&mut self) {
        self.proves_at_once = true;
    }

    /// Lines of `bytes` a second that the server is taken to allow, and whether
    /// that is known of its kind.
    #[cfg(feature = "cli")]
    pub(crate) fn allowed(&self, bytes: usize) -> (f64, bool) {
        let speed = &self.pacer.speed;
        (1.0 / speed.cost(bytes).max(1e-3), speed.knows_law())
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
        self.pacer.speed.receive_queue()
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

    /// From when on a probe would disturb nobody, if it may be at all: no PING
    /// is on its way, and no error has just been there that another may
    /// follow.
    fn probe_at(&self, now: Instant) -> Option<Instant> {
        if self.window.outstanding().is_some() || !self.pacer.speed.may_probe(now) {
            return None;
        }
        let after_error = self.last_error.map(|at| at + AFTER_ERROR);
        let after_entry = self.entered_at.map(|at| at + AFTER_ENTRY);
        Some(after_error.max(after_entry).unwrap_or(now))
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
}

#[cfg(test)]
mod tests;
