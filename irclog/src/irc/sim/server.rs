//! How seven servers treat a client that talks, as measured on each.
//!
//! Time is a [`Duration`] since the start. A server is handed commands as
//! they arrive and says when it will next look at its queue.

use std::collections::VecDeque;
use std::time::Duration;

use super::rounds::Rounds;
use super::words::{Command, Reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bahamut,
    Unreal,
    /// A plain member of the channel.
    Solanum,
    /// Voiced: exempt from the channel's throttle.
    SolanumVoiced,
    Inspircd,
    Ergo,
    /// By its figures: so many a second, evenly.
    Ngircd,
    /// As its main loop has it.
    NgircdRounds,
    Hybrid,
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Bahamut,
        Self::Unreal,
        Self::Solanum,
        Self::SolanumVoiced,
        Self::Inspircd,
        Self::Ergo,
        Self::Ngircd,
        Self::NgircdRounds,
        Self::Hybrid,
    ];

    pub(crate) fn has_echo(self) -> bool {
        !matches!(
            self,
            Self::Bahamut | Self::Ngircd | Self::NgircdRounds | Self::Hybrid
        )
    }

    /// What it calls itself.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Bahamut => "bahamut-2.2.4",
            Self::Unreal => "UnrealIRCd-6.1.8.1",
            Self::Solanum | Self::SolanumVoiced => "solanum-1.0-dev",
            Self::Inspircd => "InspIRCd-3",
            Self::Ergo => "ergo-2.11.1",
            Self::Ngircd | Self::NgircdRounds => "ngircd-26.1",
            Self::Hybrid => "ircd-hybrid-1:8.2.43+dfsg.1-1",
        }
    }

    /// Lines of `bytes` on the wire that it shows a second, for ever.
    pub(crate) fn own_rate(self, bytes: usize) -> f64 {
        match self {
            Self::Bahamut => 1.0 / bahamut_cost(bytes) as f64,
            Self::Unreal => 1.0 / unreal_cost(bytes) as f64,
            Self::Solanum | Self::Inspircd | Self::Hybrid => 1.0,
            Self::SolanumVoiced | Self::Ergo => 2.0,
            Self::Ngircd | Self::NgircdRounds => 1.0 / ngircd_cost(bytes),
        }
    }
}

/// One server and one client of it.
#[derive(Debug)]
pub(crate) struct Server {
    kind: Kind,
    echo: bool,
    /// Where its clock's whole seconds lie.
    phase: Duration,
    queue: VecDeque<(Command, usize)>,
    queued: usize,
    /// Times in which it neither reads nor works.
    stalls: Vec<(Duration, Duration)>,
    /// What lies in the kernel while it stalls.
    unread: Vec<(Command, usize)>,
    law: Law,
    flood: Flood,
    pub(crate) killed: Option<&'static str>,
}

#[derive(Debug)]
enum Law {
    /// Whole seconds up to which this client has been charged.
    Penalty {
        cost: fn(usize) -> u64,
        since: u64,
    },
    /// Tokens, refilled evenly.
    Bucket {
        tokens: f64,
        size: f64,
        rate: f64,
        at: Duration,
    },
    /// Tokens, refilled every so many seconds by as many.
    Ticks {
        used: f64,
        size: f64,
        every: u64,
        second: u64,
    },
    /// A burst, then even spacing until two seconds were silent.
    FakeLag {
        burst: u32,
        throttled: bool,
        last: Duration,
    },
    Rounds(Rounds),
}

/// Solanum's throttle of a channel.
#[derive(Debug, Default)]
struct Flood {
    count: u64,
    since: u64,
    noticed: bool,
}

impl Server {
    pub(crate) fn new(kind: Kind, echo: bool, phase: Duration) -> Self {
        let bucket = |size, rate| Law::Bucket {
            tokens: size,
            size,
            rate,
            at: Duration::ZERO,
        };
        let law = match kind {
            Kind::Bahamut => Law::Penalty {
                cost: bahamut_cost,
                since: 0,
            },
            Kind::Unreal => Law::Penalty {
                cost: unreal_cost,
                since: 0,
            },
            Kind::Solanum | Kind::SolanumVoiced => bucket(5.0, 2.0),
            Kind::Inspircd => Law::Ticks {
                used: 0.0,
                size: 10.0,
                every: 1,
                second: 0,
            },
            Kind::Hybrid => Law::Ticks {
                used: 0.0,
                size: 5.0,
                every: 2,
                second: 0,
            },
            Kind::Ergo => Law::FakeLag {
                burst: 0,
                throttled: false,
                last: Duration::ZERO,
            },
            Kind::Ngircd => bucket(1.0, 1.0),
            Kind::NgircdRounds => Law::Rounds(Rounds::default()),
        };
        Self {
            kind,
            echo,
            phase,
            queue: VecDeque::new(),
            queued: 0,
            stalls: Vec::new(),
            unread: Vec::new(),
            law,
            flood: Flood::default(),
            killed: None,
        }
    }

    pub(crate) fn stall(&mut self, from: Duration, to: Duration) {
        self.stalls.push((from, to));
    }

    /// A command of `bytes` arrives.
    pub(crate) fn receive(&mut self, command: Command, bytes: usize, now: Duration) {
        if self.stalled_until(now).is_some() {
            self.unread.push((command, bytes));
            return;
        }
        self.queue.push_back((command, bytes));
        self.queued += bytes;
        match self.kind {
            Kind::Bahamut if self.queued > 2560 => self.killed = Some("Excess Flood"),
            Kind::Solanum | Kind::SolanumVoiced if self.queue.len() > 20 => {
                self.killed = Some("Excess Flood");
            }
            Kind::Unreal if self.queued > 8000 => self.killed = Some("Excess Flood"),
            Kind::Inspircd if self.queued > 8192 => self.killed = Some("RecvQ exceeded"),
            _ => {}
        }
    }

    /// When it will next do something by itself.
    pub(crate) fn wakes_at(&self, now: Duration) -> Option<Duration> {
        if let Some(end) = self.stalled_until(now) {
            return (!self.unread.is_empty() || !self.queue.is_empty()).then_some(end);
        }
        let &(_, bytes) = self.queue.front()?;
        let next_second = Duration::from_secs(self.second(now) + 1).saturating_sub(self.phase);
        Some(match &self.law {
            Law::Penalty { .. } | Law::Ticks { .. } => next_second,
            Law::Bucket {
                tokens, rate, at, ..
            } => {
                let missing = (self.bucket_cost(bytes) - tokens).max(0.0) / rate;
                (*at + Duration::from_secs_f64(missing + 1e-6)).max(now)
            }
            Law::FakeLag { last, .. } => (*last + Duration::from_millis(500)).max(now),
            Law::Rounds(rounds) => rounds.wakes_at().max(now),
        })
    }

    /// Works off what may be worked off now.
    pub(crate) fn work(&mut self, now: Duration) -> Vec<(Reply, bool)> {
        let mut replies = Vec::new();
        if self.stalled_until(now).is_some() {
            return replies;
        }
        for (command, bytes) in std::mem::take(&mut self.unread) {
            self.receive(command, bytes, now);
        }
        let second = self.second(now);
        let mut handled = match &mut self.law {
            Law::Rounds(rounds) => rounds.handled(&self.queue, now, second),
            _ => usize::MAX,
        };
        while self.killed.is_none()
            && handled > 0
            && !self.queue.is_empty()
            && self.charge(now)
            && let Some((command, bytes)) = self.queue.pop_front()
        {
            handled -= 1;
            self.queued -= bytes;
            match command {
                Command::Ping(token) => replies.push((Reply::Pong(token), false)),
                Command::Line(line) => self.show(line, now, &mut replies),
                Command::LineAndCopy(line) => {
                    self.show(line, now, &mut replies);
                    replies.push((Reply::Copy, false));
                }
                Command::Join => replies.push((Reply::Joined, false)),
                Command::Quit => replies.push((Reply::Closed, false)),
                Command::Other => {}
            }
        }
        if self.kind == Kind::Hybrid && self.queued > 2560 {
            // It looks at its queue when it has parsed what it may.
            self.killed = Some("Excess Flood");
        }
        replies
    }

    /// Each reply comes with whether it is on record only: a line that was
    /// shown where no echo is sent.
    fn show(&mut self, line: u64, now: Duration, replies: &mut Vec<(Reply, bool)>) {
        if self.kind == Kind::Solanum {
            let second = self.second(now);
            match self.flood.message(second) {
                Throttle::Passes => {}
                Throttle::First => return replies.push((Reply::ThrottleNotice, false)),
                Throttle::Silent => return,
            }
        }
        replies.push((Reply::Echo(line), !self.echo));
    }

    /// Whether the next command may be worked off, and if so its charge.
    fn charge(&mut self, now: Duration) -> bool {
        let second = self.second(now);
        let bytes = self.queue.front().map_or(0, |&(_, bytes)| bytes);
        let cost = self.bucket_cost(bytes);
        match &mut self.law {
            Law::Penalty { cost, since } => {
                *since = (*since).max(second);
                let free = *since - second < 10;
                *since += if free { cost(bytes) } else { 0 };
                free
            }
            Law::Bucket {
                tokens,
                size,
                rate,
                at,
            } => {
                *tokens = (*tokens + *rate * now.saturating_sub(*at).as_secs_f64()).min(*size);
                *at = now;
                let free = *tokens + 1e-6 >= cost;
                *tokens -= if free { cost } else { 0.0 };
                free
            }
            Law::Ticks {
                used,
                size,
                every,
                second: last,
            } => {
                let ticks = second / *every - *last / *every;
                *used = (*used - (ticks * *every) as f64).max(0.0);
                *last = second;
                let free = *used < *size;
                *used += if free { 1.0 } else { 0.0 };
                free
            }
            Law::FakeLag {
                burst,
                throttled,
                last,
            } => {
                let passed = now.saturating_sub(*last);
                if passed > Duration::from_secs(2) {
                    *burst = 0;
                    *throttled = false;
                }
                if *throttled && passed < Duration::from_millis(500) {
                    return false;
                }
                *burst += 1;
                *throttled |= *burst >= 5;
                *last = now;
                true
            }
            Law::Rounds(_) => true,
        }
    }

    fn bucket_cost(&self, bytes: usize) -> f64 {
        if self.kind == Kind::Ngircd {
            ngircd_cost(bytes)
        } else {
            1.0
        }
    }

    fn second(&self, now: Duration) -> u64 {
        (now + self.phase).as_secs()
    }

    fn stalled_until(&self, now: Duration) -> Option<Duration> {
        self.stalls
            .iter()
            .find(|(from, to)| (*from..*to).contains(&now))
            .map(|&(_, to)| to)
    }
}

enum Throttle {
    Passes,
    First,
    Silent,
}

impl Flood {
    fn message(&mut self, second: u64) -> Throttle {
        if self.since + 1 < second {
            self.count = self.count.saturating_sub(second - self.since);
            self.since = second;
            self.noticed &= self.count > 0;
        }
        if self.noticed {
            return Throttle::Silent;
        }
        if self.count >= 10 {
            self.noticed = true;
            self.count += 2;
            return Throttle::First;
        }
        self.count += 1;
        Throttle::Passes
    }
}

/// Seconds that Bahamut charges.
fn bahamut_cost(bytes: usize) -> u64 {
    2 + (bytes.saturating_sub(10) / 120) as u64
}

/// Seconds that `UnrealIRCd` charges.
fn unreal_cost(bytes: usize) -> u64 {
    1 + (bytes.saturating_sub(2) / 90) as u64
}

/// Seconds of ngircd's time: 3 a second of 97 bytes, 2.45 of 417; three in
/// advance.
fn ngircd_cost(bytes: usize) -> f64 {
    let share = bytes.saturating_sub(97) as f64 / 320.0;
    1.0 / 3.0 + share * (1.0 / 2.45 - 1.0 / 3.0)
}
