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

/// Commands of credit on a server that counts commands: the smallest known
/// burst that matters (ngircd's 3 is at a rate that we never reach).
const BURST: f64 = 5.0;
/// Commands that ordinary lines may use of it: two remain for errors, one
/// for what we do not know.
const BURST_CEILING: f64 = 2.0;

/// A delay above the shortest round trip from which a server counts as
/// behind. Jitter is below, one line on a server of two lines a second above.
const BEHIND: Duration = Duration::from_millis(450);
/// Below this it counts as keeping up.
const ABREAST: Duration = Duration::from_millis(250);

/// Commands that must come back undelayed before the next rise.
const STEP: u64 = 4;
/// Commands beyond the sustained rate that a server can swallow as burst:
/// 10 is the largest known. More prove that the rate itself is sustained.
const LARGEST_BURST: f64 = 15.0;
/// A failed attempt at more speed delays an error for some seconds. Few of
/// them keep such errors far below one in a hundred.
const FIRST_RETRY: Duration = Duration::from_secs(30 * 60);
const LONGEST_RETRY: Duration = Duration::from_secs(4 * 3600);
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
    /// It has a queue of ours: let it drain.
    Behind,
}

/// The cost of a command, learnt from proofs.
#[derive(Debug)]
pub(super) struct Speed {
    /// Commands a second that we never want to exceed.
    cap: f64,
    pace: Pace,
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
    /// The rate that is known to hold for any length of time.
    sustained: f64,
    /// Commands written, and when, at the last change of `rate`.
    changed: u64,
    changed_at: Instant,
    /// The first and the last proof of a time in which the server was behind
    /// without a break: between them it did nothing but work.
    busy: Option<(Proof, Proof)>,
    /// What was in flight at the last cut says nothing about the new rate.
    cut: u64,
}

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
            base: None,
            attempt_at: now,
            retry: FIRST_RETRY,
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
            // Timers fire late: at a high rate two commands are too little.
            Pace::Learnt(learnt) => (BURST_CEILING / learnt.rate).max(0.1),
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
        matches!(self.pace, Pace::Penalty { probing: false, stretch } if stretch <= 1.0)
            && now >= self.attempt_at
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

    /// Whether the server was behind at the last proof.
    pub(super) fn behind(&self) -> bool {
        matches!(&self.pace, Pace::Learnt(learnt) if learnt.busy.is_some())
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
        self.base = Some(base);
        let lag = round_trip.saturating_sub(base);
        match &mut self.pace {
            Pace::Penalty { stretch, probing } => {
                let forbidden = sample.debt - CREDIT;
                if *stretch <= 1.0 && forbidden >= OVERDRAFT - CREDIT {
                    // The law demands this delay, less its clock's grain.
                    *probing = false;
                    if round_trip.saturating_sub(known).as_secs_f64() < forbidden / 2.0 {
                        self.believe(sample.written, now);
                    } else {
                        self.postpone(now);
                    }
                    return Verdict::KeepsUp;
                }
                if forbidden <= -1.0 && lag > Duration::from_secs(2) {
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
        self.attempt_at = self.attempt_at.max(now + Duration::from_secs(3600));
        match &mut self.pace {
            Pace::Penalty { probing, .. } => *probing = false,
            Pace::Learnt(learnt) => {
                // Not what was tried, then; and a little less than what held
                // so far, since others talk in the channel, too.
                let rate = (learnt.rate / 1.5).max(learnt.sustained.min(learnt.rate) * 0.95);
                learnt.sustained = learnt.sustained.min(rate);
                learnt.set(rate, written, now);
            }
        }
    }

    /// The law does not hold here.
    fn believe(&mut self, written: u64, now: Instant) {
        // Four of the five servers known take one command a second or more.
        // Who allows 50 lines a second knows of a server that takes them:
        // doubling from one would need longer than the burst lasts.
        let rate = (self.cap / 16.0).max(1.0).min(self.cap);
        self.attempt_at = now;
        self.pace = Pace::Learnt(Learnt {
            rate,
            sustained: (1.0 / COMMAND_COST).min(rate),
            changed: written,
            changed_at: now,
            busy: None,
            cut: 0,
        });
    }

    fn postpone(&mut self, now: Instant) {
        self.attempt_at = now + self.retry;
        self.retry = (self.retry * 2).min(LONGEST_RETRY);
    }

    fn follow(&mut self, sample: Sample, lag: Duration, pressed: bool, now: Instant) -> Verdict {
        let Pace::Learnt(learnt) = &mut self.pace else {
            return Verdict::KeepsUp;
        };
        if lag < ABREAST {
            learnt.busy = None;
            let Some(rate) = learnt.rise(sample, self.cap, pressed, now >= self.attempt_at, now)
            else {
                return Verdict::KeepsUp;
            };
            learnt.set(rate, sample.written, now);
            return Verdict::KeepsUp;
        }
        let proof = Proof {
            command: sample.command,
            at: now,
        };
        let first = learnt.busy.map_or(proof, |(first, _)| first);
        learnt.busy = Some((first, proof));
        if let Some(measured) = measured(first, proof)
            && measured < learnt.rate * 1.3
        {
            let rate = (measured * 0.98).clamp(SLOWEST, self.cap);
            learnt.sustained = rate;
            learnt.rate = rate;
            learnt.changed = sample.written;
            learnt.changed_at = now;
        }
        if lag < BEHIND || sample.command <= learnt.cut {
            return Verdict::KeepsUp;
        }
        learnt.cut = sample.written;
        let failed = learnt.rate > learnt.sustained;
        let rate = if failed {
            learnt.sustained.max(learnt.rate / 1.5)
        } else {
            learnt.rate * 0.9
        };
        learnt.set(rate.max(SLOWEST), sample.written, now);
        if failed {
            self.postpone(now);
        }
        Verdict::Behind
    }
}

impl Learnt {
    fn set(&mut self, rate: f64, written: u64, now: Instant) {
        self.rate = rate.max(SLOWEST);
        self.changed = written;
        self.changed_at = now;
    }

    /// The next rate after a proof without delay, if there is one.
    fn rise(
        &mut self,
        sample: Sample,
        cap: f64,
        pressed: bool,
        may_try: bool,
        now: Instant,
    ) -> Option<f64> {
        let commands = sample.command.saturating_sub(self.changed);
        if !pressed || commands < STEP {
            return None;
        }
        if self.rate < self.sustained {
            return Some((self.rate * 1.05).min(self.sustained));
        }
        let expected =
            self.sustained * now.saturating_duration_since(self.changed_at).as_secs_f64();
        if commands as f64 - expected >= LARGEST_BURST {
            self.sustained = self.rate;
        }
        let factor = if self.rate < 2.0 { 1.5 } else { 2.0 };
        (may_try && self.rate < cap).then(|| (self.rate * factor).min(cap))
    }
}

/// Commands a second between two proofs of an unbroken queue. None when they
/// are too few to tell: a server's clock may count whole seconds.
fn measured(first: Proof, last: Proof) -> Option<f64> {
    let commands = last.command.saturating_sub(first.command);
    let time = last.at.saturating_duration_since(first.at).as_secs_f64();
    (commands >= STEP && time >= 0.5).then(|| commands as f64 / time)
}
