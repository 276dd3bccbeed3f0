//! What a command costs on this server, and how we find out.
//!
//! We start from the strictest law known, DALnet's: 2 s a command and 1 s
//! more for every 120 bytes of parameters, with 10 s of credit. A server is
//! believed to be faster only when it has done what that law forbids: a
//! command sent far beyond the credit came back without the delay that the
//! law demands. From then on the speed is a rate of commands a second that
//! rises while proofs come back undelayed and falls to what was measured as
//! soon as they do not.

use std::time::{Duration, Instant};

/// Seconds per command by the penalty law.
const COMMAND_COST: f64 = 2.0;
/// Bytes of parameters for which one more second is charged.
const BYTES_PER_SECOND: usize = 120;
/// `PRIVMSG `, CR and LF are not parameters.
const NOT_PARAMETERS: usize = 10;
/// Seconds of debt up to which a server of the penalty law goes on reading.
const CREDIT: f64 = 10.0;
/// The part of it that ordinary lines may use. The other half holds one
/// long error (5 s) or two short ones.
const CEILING: f64 = 5.0;
/// A debt that a server of the penalty law cannot hide: its clock counts
/// whole seconds, so that 3 s over the credit show as a delay of at least 2 s.
const OVERDRAFT: f64 = CREDIT + 3.0;

/// Unprocessed bytes over which Bahamut kills.
const PENALTY_QUEUE: usize = 2560;
/// The same for InspIRCd; ngircd and Ergo read slowly instead, Solanum counts
/// commands.
const COMMAND_QUEUE: usize = 8192;

/// Commands of credit on a server that counts commands: the smallest known
/// burst that matters (ngircd's 3 is at a rate that we never reach).
const BURST: f64 = 5.0;
/// Commands that ordinary lines may use of it: a server that spaces commands
/// evenly has no credit at all, and what goes early waits there.
const BURST_CEILING: f64 = 1.0;
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
/// A server that is behind again within this time is not so by accident.
const OFTEN: Duration = Duration::from_secs(600);

/// Commands that must come back undelayed before the next rise.
const STEP: u64 = 3;
/// Commands beyond the sustained rate that a server can swallow as burst:
/// 10 is the largest known. More prove that the rate itself is sustained.
const LARGEST_BURST: f64 = 15.0;
/// A failed attempt at more speed delays an error for some seconds. Few of
/// them keep such errors far below one in a hundred.
const FIRST_RETRY: Duration = Duration::from_secs(20 * 60);
/// A probe of the penalty law uses up all of the credit.
const PROBE_RETRY: Duration = Duration::from_secs(2 * 3600);
const LONGEST_RETRY: Duration = Duration::from_secs(8 * 3600);
/// A throttle loses lines and keeps silent for long: no more attempts for
/// this time.
const AFTER_THROTTLE: Duration = Duration::from_secs(4 * 3600);
/// Commands a second below which we do not go.
const SLOWEST: f64 = 0.1;

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
    /// Commands a second above which the channel is known to be throttled
    /// for those without voice.
    plain_limit: Option<f64>,
    voiced: bool,
    /// The server is known to keep the penalty law.
    penalty_known: bool,
    /// The last proof was late although the law allowed it at once.
    late: bool,
    /// The shortest round trip of this connection.
    base: Option<Duration>,
    /// When more than now may be tried.
    attempt_at: Instant,
    retry: Duration,
}

#[derive(Debug)]
enum Pace {
    /// The penalty law, each cost multiplied by `stretch` (1 or more).
    Penalty { stretch: f64, probing: bool },
    /// Commands a second, whatever their length.
    Learnt(Learnt),
}

#[derive(Debug)]
struct Learnt {
    rate: f64,
    /// The rate to fall back to when this one does not hold.
    previous: f64,
    /// The rate that is known to hold for any length of time.
    sustained: f64,
    /// Commands written, and when, at the last change of `rate`.
    changed: u64,
    changed_at: Instant,
    /// When the server was last seen to be behind: its credit was used up.
    empty: Option<Proof>,
    /// What was in flight at the last cut says nothing about the new rate.
    cut: u64,
    /// An attempt failed: the next ones are smaller.
    failed: bool,
    /// Nothing has come back since the pause after the cut.
    rested: bool,
    /// Proofs in a row that were a little late.
    late: u32,
}

/// A command that came back, and when.
#[derive(Debug, Clone, Copy)]
struct Proof {
    command: u64,
    at: Instant,
}

impl Speed {
    pub(super) fn new(cap: f64, now: Instant) -> Self {
        Self {
            cap,
            pace: Pace::Penalty {
                stretch: 1.0,
                probing: false,
            },
            plain_limit: None,
            voiced: false,
            penalty_known: false,
            late: false,
            base: None,
            attempt_at: now,
            retry: PROBE_RETRY,
        }
    }

    /// What the server calls itself. Where its law is known nothing needs to
    /// be tried, and no line is lost on the try.
    pub(super) fn server_is(&mut self, version: &str) {
        let version = version.to_ascii_lowercase();
        self.penalty_known = version.contains("bahamut");
        if ["solanum", "charybdis", "ircd-seven"]
            .iter()
            .any(|name| version.contains(name))
        {
            self.plain_limit = Some(THROTTLED_RATE);
        }
    }

    /// Whether the channel has given us a voice, or more.
    pub(super) fn set_voiced(&mut self, voiced: bool, written: u64, now: Instant) {
        if voiced && !self.voiced {
            self.attempt_at = self.attempt_at.min(now);
        }
        self.voiced = voiced;
        let limit = self.limit();
        if let Pace::Learnt(learnt) = &mut self.pace
            && learnt.rate > limit
        {
            learnt.set(limit, written, now);
            learnt.sustained = learnt.sustained.min(limit);
        }
    }

    /// Commands a second that may be tried at all.
    fn limit(&self) -> f64 {
        match self.plain_limit {
            Some(limit) if !self.voiced => limit.min(self.cap),
            _ => self.cap,
        }
    }

    /// Seconds of the server's time for a command of `bytes` on the wire.
    pub(super) fn cost(&self, bytes: usize) -> f64 {
        match &self.pace {
            Pace::Penalty { stretch, .. } => {
                let long = bytes.saturating_sub(NOT_PARAMETERS) / BYTES_PER_SECOND;
                (COMMAND_COST + long as f64) * stretch
            }
            Pace::Learnt(learnt) => 1.0 / learnt.rate,
        }
    }

    /// The debt in seconds up to which the server processes at once.
    pub(super) fn credit(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { stretch, .. } => CREDIT * stretch,
            Pace::Learnt(learnt) => BURST / learnt.rate,
        }
    }

    /// The debt in seconds that ordinary lines may make.
    pub(super) fn ceiling(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { stretch, .. } => CEILING * stretch,
            Pace::Learnt(learnt) => learnt.ceiling(),
        }
    }

    /// The debt in seconds that a probe makes.
    pub(super) fn overdraft(&self) -> f64 {
        match &self.pace {
            Pace::Penalty { .. } => OVERDRAFT,
            Pace::Learnt(_) => self.ceiling(),
        }
    }

    /// Whether more speed than the law allows may be tried now.
    pub(super) fn may_probe(&self, now: Instant) -> bool {
        let unstretched =
            matches!(self.pace, Pace::Penalty { probing: false, stretch } if stretch <= 1.0);
        unstretched && !self.penalty_known && now >= self.attempt_at
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

    /// Bytes that the server takes unprocessed: of all servers, or of those
    /// that are known to charge by the command.
    pub(super) fn receive_queue(&self) -> usize {
        match &self.pace {
            // One proof is not enough to bet the connection on.
            Pace::Learnt(learnt) if learnt.sustained > 1.0 / COMMAND_COST => COMMAND_QUEUE,
            Pace::Penalty { .. } | Pace::Learnt(_) => PENALTY_QUEUE,
        }
    }

    /// Commands between two proofs while a new rate is tried.
    pub(super) fn step() -> u64 {
        STEP
    }

    /// How much longer than the shortest one a round trip took.
    pub(super) fn lag(&self, round_trip: Duration) -> Duration {
        round_trip.saturating_sub(self.base.unwrap_or(round_trip))
    }

    /// Learns from a command that came back. `pressed` says whether lines had
    /// to wait for the pace since the last rise.
    pub(super) fn learn(&mut self, sample: Sample, pressed: bool, now: Instant) -> Verdict {
        let round_trip = now.saturating_duration_since(sample.sent_at);
        let known = self.base.unwrap_or_default();
        let base = self.base.map_or(round_trip, |base| base.min(round_trip));
        // A wait that the law demands is no measure of the way: taken for
        // one, it would make the next such wait look like none.
        let waited = matches!(self.pace, Pace::Penalty { .. }) && sample.debt > CREDIT - 1.0;
        if !waited {
            self.base = Some(base);
        }
        let lag = round_trip.saturating_sub(base);
        match &mut self.pace {
            Pace::Penalty { stretch, probing } => {
                let forbidden = sample.debt - CREDIT;
                if *stretch <= 1.0 && forbidden >= OVERDRAFT - CREDIT {
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
                let again = std::mem::replace(&mut self.late, late);
                if late && again {
                    // Once may be a stall; this server is slower than the law.
                    *stretch = (*stretch * 1.25).min(8.0);
                    return Verdict::Behind;
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
            rate,
            previous: rate / 1.5,
            sustained: (1.0 / COMMAND_COST).min(rate),
            changed: written,
            changed_at: now,
            empty: None,
            cut: 0,
            failed: false,
            rested: false,
            late: 0,
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

impl Learnt {
    fn ceiling(&self) -> f64 {
        // Timers fire late: at a high rate one command is too little.
        (BURST_CEILING / self.rate).max(0.1)
    }

    fn set(&mut self, rate: f64, written: u64, now: Instant) {
        self.rate = rate.max(SLOWEST);
        self.changed = written;
        self.changed_at = now;
    }

    /// After a proof without delay.
    fn rise(&mut self, sample: Sample, cap: f64, pressed: bool, may_try: bool, now: Instant) {
        let commands = sample.command.saturating_sub(self.changed);
        if !pressed || commands < STEP {
            return;
        }
        if self.rate < self.sustained {
            self.set((self.rate * 1.05).min(self.sustained), sample.written, now);
            return;
        }
        let excess = commands as f64
            - self.previous * now.saturating_duration_since(self.changed_at).as_secs_f64();
        if excess >= LARGEST_BURST {
            self.sustained = self.rate;
        }
        // After a failure one step at a time, each until it is certain.
        let certain = self.rate <= self.sustained;
        if may_try && self.rate < cap && (certain || !self.failed) {
            self.previous = self.rate;
            let factor = match self.rate {
                _ if self.failed => 1.25,
                rate if rate < 2.0 => 1.5,
                _ => 2.0,
            };
            self.set((self.rate * factor).min(cap), sample.written, now);
        }
    }

    /// After a proof that came late. Says whether it was an attempt that
    /// failed.
    fn fall(&mut self, sample: Sample, now: Instant) -> bool {
        let proof = Proof {
            command: sample.command,
            at: now,
        };
        let before = self.empty.replace(proof);
        let measured = before.and_then(|before| measured(before, proof));
        let attempt = self.rate > self.sustained;
        let rate = match measured {
            Some(measured) => {
                let rate = (measured * 0.98).clamp(self.rate / 2.0, self.rate);
                self.sustained = rate;
                rate
            }
            // The step before was hardly tried, either.
            None if attempt && !self.failed => (self.rate / 2.0).max(self.sustained),
            None if attempt => self.previous,
            // It held for long: a stall rather than a law, unless it is so
            // again and again.
            None => {
                if before.is_some_and(|before| now.saturating_duration_since(before.at) < OFTEN) {
                    self.sustained *= 0.95;
                }
                self.rate * 0.9
            }
        };
        if attempt {
            self.failed = true;
            self.previous = rate * 0.9;
        }
        self.set(rate, sample.written, now);
        attempt
    }
}

/// Commands a second between two times at which the server's credit was used
/// up: what came in is what went out, unless credit was left unused, and then
/// the true rate is higher.
fn measured(before: Proof, after: Proof) -> Option<f64> {
    let commands = after.command.saturating_sub(before.command);
    let time = after.at.saturating_duration_since(before.at);
    (commands >= 8 && time <= Duration::from_secs(120))
        .then(|| commands as f64 / time.as_secs_f64().max(0.001))
}
