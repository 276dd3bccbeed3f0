//! What a command costs on this server, and how we find out.
//!
//! We start from the strictest law known, [`STRICTEST`]. A server is
//! believed to be faster only when it has done what that law forbids: a
//! command sent far beyond the credit came back without the delay that the
//! law demands. From then on the speed is a rate of commands a second that
//! rises while proofs come back undelayed and falls to what was measured as
//! soon as they do not.

mod learnt;

use std::time::{Duration, Instant};

use self::learnt::Learnt;
use super::law::{COMMAND_QUEUE, Charge, LEAST_QUEUE, Law, Penalty, STRICTEST};

/// The part of a penalty law's credit that ordinary lines may use. The other
/// half holds one long error or two short ones.
const CEILING: f64 = 0.5;
/// Seconds over the credit that a server of the penalty law cannot hide: its
/// clock counts whole seconds, so that they show as a delay of at least 2 s.
const OVERDRAFT: f64 = 3.0;

/// Commands of credit on an unknown server that counts commands: the smallest
/// known burst that matters (ngircd's 3 is at a rate that we never reach).
const BURST: f64 = 5.0;
/// Servers look at what waits once a second of their clock. In seconds.
const CLOCK_GRAIN: f64 = 1.0;

/// Commands for each line, with its share of a PING.
const WITH_PINGS: f64 = 1.1;
/// Commands a second after a channel's throttle.
const THROTTLED_RATE: f64 = 1.0;

/// A delay above the shortest round trip from which a server counts as
/// behind. Jitter is below, one line on a server of two lines a second above.
const BEHIND: Duration = Duration::from_millis(450);
/// Below this it counts as keeping up.
const ABREAST: Duration = Duration::from_millis(250);
/// So many proofs in a row between the two mean that its credit is used up.
const LATE_PROOFS: u32 = 3;

/// The first commands after a pause find a server with nothing to do.
const FIRST_AFTER_REST: u64 = 3;
/// Commands that must come back undelayed before the next rise.
const STEP: u64 = 3;
/// A failed attempt at more speed delays an error for some seconds. Few of
/// them keep such errors far below one in a hundred.
const FIRST_RETRY: Duration = Duration::from_secs(20 * 60);
/// A probe of the penalty law uses up all of the credit.
const PROBE_RETRY: Duration = Duration::from_secs(2 * 3600);
const LONGEST_RETRY: Duration = Duration::from_secs(8 * 3600);
/// A throttle loses lines and keeps silent for long: no more attempts for
/// this time.
const AFTER_THROTTLE: Duration = Duration::from_secs(4 * 3600);
/// A command that is known to have been processed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// How many commands had been written up to and including this one.
    pub(super) command: u64,
    pub(super) sent_at: Instant,
    /// The debt when it was written, itself not included.
    pub(super) debt: f64,
    /// How many have been written by now.
    pub(super) written: u64,
}

/// What a sample says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    KeepsUp,
    /// The law does not hold for it: what we thought it had still to work
    /// off is done.
    Believed,
    /// It has a queue of ours: let it drain.
    Behind,
}

/// The cost of a command, learnt from proofs.
#[derive(Debug)]
pub(super) struct Speed {
    /// Commands a second that we never want to exceed.
    cap: f64,
    pace: Pace,
    /// What is known of the server by its name.
    law: Option<&'static Law>,
    /// Commands a second above which the channel is known to be throttled
    /// for those without voice.
    plain_limit: Option<f64>,
    voiced: bool,
    /// When the last proof came, where it was late although the law allowed it
    /// at once.
    late: Option<Instant>,
    /// The shortest round trip of this connection.
    base: Option<Duration>,
    /// When more than now may be tried.
    attempt_at: Instant,
    retry: Duration,
}

#[derive(Debug)]
enum Pace {
    /// A penalty law, each cost multiplied by `stretch` (1 or more).
    Penalty {
        law: Penalty,
        stretch: f64,
        probing: bool,
    },
    /// Commands a second, whatever their length.
    Learnt(Learnt),
}

impl Pace {
    fn of(law: Penalty) -> Self {
        Self::Penalty {
            law,
            stretch: 1.0,
            probing: false,
        }
    }
}

impl Speed {
    /// At most `cap` lines a second are wanted.
    pub(super) fn new(cap: f64, now: Instant) -> Self {
        Self {
            cap,
            pace: Pace::of(STRICTEST),
            law: None,
            plain_limit: None,
            voiced: false,
            late: None,
            base: None,
            attempt_at: now,
            retry: PROBE_RETRY,
        }
    }

    /// What the server calls itself. Where its law is known nothing needs to
    /// be tried, and no line is lost on the try. Returns the part of the debt
    /// so far that it has really charged: who charges by the command begins
    /// when registration is over.
    pub(super) fn server_is(&mut self, version: &str, written: u64, now: Instant) -> f64 {
        self.law = Law::of(version);
        let Some(law) = self.law else {
            return 1.0;
        };
        self.plain_limit = law.plain_limit;
        let (per_second, burst) = match law.charge {
            Charge::Penalty(penalty) => {
                self.pace = Pace::of(penalty);
                return penalty.per_command / STRICTEST.per_command;
            }
            Charge::Commands {
                per_second, burst, ..
            } => (per_second, burst),
        };
        let rate = per_second.min(self.limit());
        // A network that set other figures is found out, in time.
        self.attempt_at = now + FIRST_RETRY;
        self.retry = FIRST_RETRY;
        self.pace = Pace::Learnt(Learnt {
            previous: rate / 1.5,
            sustained: rate,
            failed: true,
            ..Learnt::new(rate, burst, written, now)
        });
        0.0
    }

    /// Whether the channel has given us a voice, or more.
    pub(super) fn set_voiced(&mut self, voiced: bool, written: u64, now: Instant) {
        if voiced == std::mem::replace(&mut self.voiced, voiced) {
            return;
        }
        let (limit, known) = (self.limit(), self.known_rate());
        if voiced && known.is_none() {
            self.attempt_at = self.attempt_at.min(now);
        }
        if let Pace::Learnt(learnt) = &mut self.pace {
            let rate = known.unwrap_or(learnt.rate).min(limit);
            learnt.set(rate, written, now);
            learnt.sustained = known.unwrap_or(learnt.sustained).min(limit);
        }
    }

    /// Commands a second that the server takes for ever, if its law says so.
    fn known_rate(&self) -> Option<f64> {
        match self.law?.charge {
            Charge::Commands { per_second, .. } => Some(per_second),
            Charge::Penalty(_) => None,
        }
    }

    /// Commands a second that may be tried at all.
    fn limit(&self) -> f64 {
        // The pacer counts the lines themselves. Where the server is known to
        // take more, PINGs need not be at their cost.
        let cap = self.cap * self.known_rate().map_or(1.0, |_| WITH_PINGS);
        match self.plain_limit {
            Some(limit) if !self.voiced => limit.min(cap),
            _ => cap,
        }
    }

    /// Seconds of the server's time for a command of `bytes` on the wire.
    pub(super) fn cost(&self, bytes: usize) -> f64 {
        match &self.pace {
            Pace::Penalty { law, stretch, .. } => law.cost(bytes) * stretch,
            Pace::Learnt(learnt) => 1.0 / learnt.rate,
        }
    }

    /// Seconds until a command of `bytes` is taken up by a server that has so
    /// much to work off already, beyond what is left of a
    /// [spaced burst](Self::spaced_burst).
    pub(super) fn wait(&self, debt: f64, bytes: usize) -> f64 {
        let over = match &self.pace {
            // Most servers that nobody knows are twice as fast, and this is
            // no time for the strictest.
            Pace::Penalty { .. } if self.law.is_none() => {
                return ((debt - self.credit()) / 2.0).max(0.0);
            }
            // It goes on reading while the debt is below the credit, and by
            // the last line it may pass it.
            Pace::Penalty { .. } => debt - self.credit(),
            // The debt has been lowered by what is left of the burst.
            Pace::Learnt(_) if self.spaced_burst().is_some() => debt,
            Pace::Learnt(_) => debt + self.cost(bytes) - self.credit(),
        };
        if over < 0.0 { 0.0 } else { over + CLOCK_GRAIN }
    }

    /// The commands that the server takes at once after a rest, where it gives
    /// no credit again while it is busy.
    pub(super) fn spaced_burst(&self) -> Option<f64> {
        match self.law?.charge {
            Charge::Commands {
                burst,
                spaced: true,
                ..
            } => Some(burst),
            Charge::Commands { .. } | Charge::Penalty(_) => None,
        }
    }

    /// The debt in seconds up to which the server processes at once.
    pub(super) fn credit(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { law, stretch, .. } => law.credit * stretch,
            Pace::Learnt(learnt) => learnt.burst / learnt.rate,
        }
    }

    /// The debt in seconds that ordinary lines may make.
    pub(super) fn ceiling(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { law, stretch, .. } => CEILING * law.credit * stretch,
            Pace::Learnt(learnt) => learnt.ceiling(),
        }
    }

    /// The debt in seconds that a probe makes.
    pub(super) fn overdraft(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { law, .. } => law.credit + OVERDRAFT,
            Pace::Learnt(_) => self.ceiling(),
        }
    }

    /// Whether more speed than the law allows may be tried now.
    pub(super) fn may_probe(&self, now: Instant) -> bool {
        let unstretched =
            matches!(self.pace, Pace::Penalty { probing: false, stretch, .. } if stretch <= 1.0);
        // A law that is known, and not left yet, is the penalty law.
        unstretched && self.law.is_none() && now >= self.attempt_at
    }

    pub(super) fn probe(&mut self) {
        if let Pace::Penalty { probing, .. } = &mut self.pace {
            *probing = true;
        }
    }

    pub(super) fn probing(&self) -> bool {
        matches!(self.pace, Pace::Penalty { probing: true, .. })
    }

    /// Whether the present rate is one that was not yet sustained: proofs are
    /// wanted more often.
    pub(super) fn trying(&self) -> bool {
        matches!(&self.pace, Pace::Learnt(learnt) if learnt.rate > learnt.sustained)
    }

    /// Whether a proof is wanted of what the pause has brought.
    pub(super) fn resting(&self) -> bool {
        matches!(&self.pace, Pace::Learnt(learnt) if learnt.rested)
    }

    /// Whether it is known how this server charges.
    #[cfg(feature = "cli")]
    pub(super) fn knows_law(&self) -> bool {
        self.law.is_some()
    }

    /// Bytes that the server takes unprocessed: this one, all servers, or
    /// those that are known to charge by the command.
    pub(super) fn receive_queue(&self) -> usize {
        match (&self.pace, self.law) {
            (_, Some(law)) => law.receive_queue,
            // One proof is not enough to bet the connection on.
            (Pace::Learnt(learnt), None) if learnt.sustained > 1.0 / STRICTEST.per_command => {
                COMMAND_QUEUE
            }
            (Pace::Penalty { .. } | Pace::Learnt(_), None) => LEAST_QUEUE,
        }
    }

    /// Bytes of a line up to which the server goes on to listen.
    pub(super) fn prompt_bytes(&self) -> Option<usize> {
        self.law?.prompt_bytes
    }

    /// Whether a second target of a line is known to cost nothing.
    pub(super) fn second_target_is_free(&self) -> bool {
        self.law.is_some_and(|law| law.second_target_is_free)
    }

    /// How long the server may take to answer although nothing waits there.
    pub(super) fn round(&self) -> Duration {
        match self.law.map(|law| law.charge) {
            Some(Charge::Commands { round, .. }) => round,
            Some(Charge::Penalty(_)) | None => Duration::ZERO,
        }
    }

    /// Commands between two proofs while a new rate is tried.
    pub(super) fn step() -> u64 {
        STEP
    }

    /// How much longer than it has to a round trip took.
    pub(super) fn lag(&self, round_trip: Duration) -> Duration {
        round_trip.saturating_sub(self.base.unwrap_or(round_trip) + self.round())
    }

    /// Learns from a command that came back. `pressed` says whether lines had
    /// to wait for the pace since the last rise.
    pub(super) fn learn(&mut self, sample: Sample, pressed: bool, now: Instant) -> Verdict {
        let round_trip = now.saturating_duration_since(sample.sent_at);
        let known = self.base.unwrap_or_default();
        let base = self.base.map_or(round_trip, |base| base.min(round_trip));
        // A wait that the law demands is no measure of the way: taken for
        // one, it would make the next such wait look like none.
        let waited =
            matches!(self.pace, Pace::Penalty { law, .. } if sample.debt > law.credit - 1.0);
        if !waited {
            self.base = Some(base);
        }
        let lag = round_trip.saturating_sub(base + self.round());
        match &mut self.pace {
            Pace::Penalty {
                law,
                stretch,
                probing,
            } => {
                let forbidden = sample.debt - law.credit;
                if *stretch <= 1.0 && forbidden >= OVERDRAFT {
                    // The law demands this delay, less its clock's grain.
                    *probing = false;
                    if round_trip.saturating_sub(known).as_secs_f64() < forbidden / 2.0 {
                        self.believe(sample.written, now);
                        return Verdict::Believed;
                    }
                    self.postpone(now);
                    return Verdict::KeepsUp;
                }
                let late = forbidden <= -1.0 && lag > Duration::from_secs(2);
                let before = self.late;
                if !late {
                    self.late = None;
                } else if before.is_none_or(|at| sample.sent_at >= at) {
                    self.late = Some(now);
                    if before.is_some() {
                        // Once may be a stall, and all that was on the way comes
                        // late then; this server is slower than the law.
                        *stretch = (*stretch * 1.25).min(8.0);
                        return Verdict::Behind;
                    }
                }
                if lag < ABREAST {
                    *stretch = (*stretch / 1.1).max(1.0);
                }
                Verdict::KeepsUp
            }
            Pace::Learnt(_) => self.follow(sample, lag, pressed, now),
        }
    }

    /// The server says that it drops what comes too fast.
    pub(super) fn throttled(&mut self, written: u64, now: Instant) {
        self.postpone(now);
        self.attempt_at = self.attempt_at.max(now + AFTER_THROTTLE);
        match &mut self.pace {
            Pace::Penalty { probing, .. } => *probing = false,
            Pace::Learnt(learnt) => {
                // The one server known to throttle channels takes a line a
                // second. Below that it is others who talk, too.
                let rate = if learnt.rate > THROTTLED_RATE * 1.2 {
                    self.plain_limit = Some(THROTTLED_RATE);
                    THROTTLED_RATE
                } else {
                    learnt.rate * 0.75
                };
                learnt.set(rate, written, now);
                learnt.sustained = learnt.rate;
            }
        }
    }

    /// The law does not hold here.
    fn believe(&mut self, written: u64, now: Instant) {
        // Four of the five servers known take one command a second or more.
        // Who allows 50 lines a second knows of a server that takes them:
        // doubling from one would need longer than the burst lasts.
        let rate = (self.cap / 16.0).max(1.0).min(self.limit());
        self.attempt_at = now;
        self.retry = FIRST_RETRY;
        self.pace = Pace::Learnt(Learnt {
            previous: rate / 1.5,
            sustained: (1.0 / STRICTEST.per_command).min(rate),
            ..Learnt::new(rate, BURST, written, now)
        });
    }

    fn postpone(&mut self, now: Instant) {
        self.attempt_at = now + self.retry;
        self.retry = (self.retry * 4).min(LONGEST_RETRY);
    }

    fn follow(&mut self, sample: Sample, lag: Duration, pressed: bool, now: Instant) -> Verdict {
        let limit = self.limit();
        let Pace::Learnt(learnt) = &mut self.pace else {
            return Verdict::KeepsUp;
        };
        if sample.command <= learnt.cut {
            return Verdict::KeepsUp;
        }
        if learnt.rested && sample.debt > learnt.ceiling() {
            // An error that went into the pause.
            return Verdict::KeepsUp;
        }
        let rested =
            std::mem::take(&mut learnt.rested) && sample.command <= learnt.cut + FIRST_AFTER_REST;
        if lag < ABREAST {
            learnt.late = 0;
            learnt.rise(sample, limit, pressed, now >= self.attempt_at, now);
            return Verdict::KeepsUp;
        }
        if rested {
            // The server had nothing to do: the way itself became longer.
            self.base = self.base.map(|base| base + lag);
            return Verdict::KeepsUp;
        }
        learnt.late += 1;
        if lag < BEHIND && learnt.late < LATE_PROOFS {
            return Verdict::KeepsUp;
        }
        learnt.late = 0;
        learnt.cut = sample.written;
        learnt.rested = true;
        if lag >= BEHIND && learnt.fall(sample, now) {
            self.postpone(now);
        }
        Verdict::Behind
    }
}
