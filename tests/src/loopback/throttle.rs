//! What servers do to clients that talk fast. Pure: time is handed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How fast a server reads from a client, and when it loses its patience.
///
/// Each line costs time; the server goes on reading while the time owed is
/// under the credit. The presets reproduce what was measured on the real
/// daemons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// What every line costs.
    pub base: Duration,
    /// What every full [`step_bytes`](Self::step_bytes) cost on top.
    pub per_step: Duration,
    /// The bytes that make a step.
    pub step_bytes: usize,
    /// Whether the command counts among them, not its parameters only.
    pub counts_command: bool,
    /// Lines are read while less than this is owed.
    pub credit: Duration,
    /// How much may lie unread before the client is killed.
    pub patience: Patience,
    /// A second limit, on what one client may say to one channel.
    pub channel: Option<ChannelFlood>,
}

/// How much a server lets lie unread before it kills the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Never kills: it just reads slowly.
    Endless,
    /// Kills with `Excess Flood` over this many bytes.
    Bytes(usize),
    /// Kills with `RecvQ exceeded` over this many bytes.
    ReceiveQueue(usize),
    /// Kills with `Excess Flood` over this many lines.
    Lines(usize),
}

/// How Solanum's channels count what is said in them: so many at once, one
/// less with the time. Over it a line is not shown, nor is any after it until
/// the count is at nothing. The first such PRIVMSG is answered with a NOTICE,
/// the others with silence; who has a voice is spared. (There the count is the
/// channel's, for all its members; here each has its own.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelFlood {
    /// Lines at once.
    pub burst: u32,
    /// The time in which the count falls by one.
    pub every: Duration,
}

impl Throttle {
    /// Bahamut 2.2: two seconds a line and one more for each 120 bytes, ten
    /// seconds of credit, killed over 2,560 bytes.
    pub const BAHAMUT: Self = Self {
        base: Duration::from_secs(2),
        per_step: Duration::from_secs(1),
        step_bytes: 120,
        counts_command: false,
        credit: Duration::from_secs(10),
        patience: Patience::Bytes(2560),
        channel: None,
    };

    /// `UnrealIRCd` 6, for users that it does not know: a second a line and one
    /// more for each 90 bytes, ten seconds of credit, killed over 8,000 bytes.
    pub const UNREAL: Self = Self {
        base: Duration::from_secs(1),
        per_step: Duration::from_secs(1),
        step_bytes: 90,
        counts_command: true,
        credit: Duration::from_secs(10),
        patience: Patience::Bytes(8000),
        channel: None,
    };

    /// Solanum: five at once and two a second, killed over 20 lines; and of a
    /// member without a voice a channel shows ten at once and one a second.
    pub const SOLANUM: Self = Self {
        base: Duration::from_millis(500),
        per_step: Duration::ZERO,
        step_bytes: 512,
        counts_command: false,
        credit: Duration::from_millis(2500),
        patience: Patience::Lines(20),
        channel: Some(ChannelFlood {
            burst: 10,
            every: Duration::from_secs(1),
        }),
    };

    /// InspIRCd 3: ten at once, then one a second, killed at about 10 kB.
    pub const INSPIRCD: Self = Self {
        base: Duration::from_secs(1),
        per_step: Duration::ZERO,
        step_bytes: 512,
        counts_command: false,
        credit: Duration::from_secs(10),
        patience: Patience::ReceiveQueue(10_000),
        channel: None,
    };

    /// ngircd: three at once, then three a second, 2.45 when they are long.
    pub const NGIRCD: Self = Self {
        base: Duration::from_millis(334),
        per_step: Duration::from_millis(25),
        step_bytes: 120,
        counts_command: false,
        credit: Duration::from_secs(1),
        patience: Patience::Endless,
        channel: None,
    };

    /// Ergo: five at once, then two a second.
    pub const ERGO: Self = Self {
        base: Duration::from_millis(500),
        per_step: Duration::ZERO,
        step_bytes: 512,
        counts_command: false,
        credit: Duration::from_millis(2500),
        patience: Patience::Endless,
        channel: None,
    };

    /// What a line costs of which `bytes` count.
    #[must_use]
    pub fn cost(&self, bytes: usize) -> Duration {
        let steps = u32::try_from(bytes / self.step_bytes.max(1)).unwrap_or(u32::MAX);
        self.base
            .saturating_add(self.per_step.saturating_mul(steps))
    }
}

/// The account of one connection with a [`Throttle`].
#[derive(Debug)]
pub(super) struct Meter {
    throttle: Throttle,
    // The time up to which what was read is paid for.
    paid_until: Option<Instant>,
}

impl Meter {
    pub(super) fn new(throttle: Throttle) -> Self {
        Self {
            throttle,
            paid_until: None,
        }
    }

    /// When the next line is read: `None` for at once.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let paid_until = self.paid_until?;
        let owed = paid_until.saturating_duration_since(now);
        // Read while less than the credit is owed, so at the credit it waits.
        let over = owed.checked_sub(self.throttle.credit)?;
        Some(now + over + Duration::from_nanos(1))
    }

    /// Charges a line.
    pub(super) fn charge(&mut self, line: &[u8], now: Instant) {
        let parameters = || {
            let command = line.iter().position(|&byte| byte == b' ');
            command.map_or(0, |at| line.len() - at - 1)
        };
        let bytes = if self.throttle.counts_command {
            line.len()
        } else {
            parameters()
        };
        let start = self.paid_until.map_or(now, |until| until.max(now));
        self.paid_until = Some(start + self.throttle.cost(bytes));
    }

    /// Why the client is killed when this much lies unread.
    pub(super) fn verdict(&self, bytes: usize, lines: usize) -> Option<&'static str> {
        match self.throttle.patience {
            Patience::Bytes(most) if bytes > most => Some("Excess Flood"),
            Patience::Lines(most) if lines > most => Some("Excess Flood"),
            Patience::ReceiveQueue(most) if bytes > most => Some("RecvQ exceeded"),
            _ => None,
        }
    }

    /// Whether the server leaves what comes in on the socket's other side
    /// rather than counting it.
    pub(super) fn leaves_unread(&self) -> bool {
        self.throttle.patience == Patience::Endless
    }
}

/// What becomes of a line in a channel with a [`ChannelFlood`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Shown,
    /// Not shown, and its sender is told.
    Told,
    /// Not shown, without a word.
    Silence,
}

/// The account of one client with one channel.
#[derive(Debug)]
pub(super) struct Flood {
    limit: ChannelFlood,
    count: u32,
    // When the count last fell.
    since: Option<Instant>,
    // Nothing is shown until the count is at nothing.
    shut: bool,
}

impl Flood {
    /// What being told adds to the count.
    const TOLD: u32 = 2;

    pub(super) fn new(limit: ChannelFlood) -> Self {
        Self {
            limit,
            count: 0,
            since: None,
            shut: false,
        }
    }

    /// What becomes of one more line.
    pub(super) fn judge(&mut self, now: Instant) -> Verdict {
        let since = *self.since.get_or_insert(now);
        let passed =
            now.saturating_duration_since(since).as_nanos() / self.limit.every.as_nanos().max(1);
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        if passed > 1 {
            self.count = self.count.saturating_sub(passed);
            self.since = Some(since + self.limit.every * passed);
            self.shut &= self.count > 0;
        }
        if self.shut {
            return Verdict::Silence;
        }
        if self.count >= self.limit.burst {
            self.shut = true;
            self.count += Self::TOLD;
            return Verdict::Told;
        }
        self.count += 1;
        Verdict::Shown
    }
}

/// What a server does to a client that connects again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconnectThrottle {
    /// Connects that are let pass within `within`.
    pub connects: usize,
    /// The time in which they are counted.
    pub within: Duration,
    /// How long further ones are refused; each try starts it again.
    pub refused_for: Duration,
}

impl ReconnectThrottle {
    /// Bahamut: the third connect within 15 s is throttled for two minutes.
    pub const BAHAMUT: Self = Self {
        connects: 2,
        within: Duration::from_secs(15),
        refused_for: Duration::from_secs(120),
    };
}

/// What becomes of a connect under a [`ReconnectThrottle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Welcome,
    /// Told that it is throttled, then closed.
    Throttled,
    /// Closed without a word.
    Silence,
}

/// The account of one address with a [`ReconnectThrottle`].
#[derive(Debug, Default)]
pub(super) struct Door {
    recent: VecDeque<Instant>,
    shut_until: Option<Instant>,
}

impl Door {
    pub(super) fn knock(&mut self, throttle: &ReconnectThrottle, now: Instant) -> Admission {
        if self.shut_until.is_some_and(|until| now < until) {
            self.shut_until = Some(now + throttle.refused_for);
            return Admission::Silence;
        }
        self.shut_until = None;
        while self
            .recent
            .front()
            .is_some_and(|&at| now.duration_since(at) >= throttle.within)
        {
            self.recent.pop_front();
        }
        if self.recent.len() >= throttle.connects {
            self.recent.clear();
            self.shut_until = Some(now + throttle.refused_for);
            return Admission::Throttled;
        }
        self.recent.push_back(now);
        Admission::Welcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    /// Lines of `bytes` shown at once, and in the minute after, when all of
    /// them were sent at the start.
    fn shown(throttle: Throttle, bytes: usize) -> (usize, usize) {
        let start = clock::now();
        let mut meter = Meter::new(throttle);
        let line = format!("PRIVMSG {}", "x".repeat(bytes));
        let (mut at_once, mut later, mut now) = (0, 0, start);
        loop {
            match meter.next(now) {
                Some(at) if at > start + Duration::from_secs(60) => return (at_once, later),
                Some(at) => now = at,
                None => {
                    meter.charge(line.as_bytes(), now);
                    *(if now == start {
                        &mut at_once
                    } else {
                        &mut later
                    }) += 1;
                }
            }
        }
    }

    #[test]
    fn the_presets_have_the_measured_bursts_and_rates() {
        assert_eq!(shown(Throttle::BAHAMUT, 80), (5, 30));
        assert_eq!(shown(Throttle::BAHAMUT, 400), (2, 12));
        assert_eq!(shown(Throttle::UNREAL, 80), (10, 60));
        assert_eq!(shown(Throttle::UNREAL, 400), (2, 12));
        assert_eq!(shown(Throttle::INSPIRCD, 80), (10, 60));
        assert_eq!(shown(Throttle::ERGO, 80), (5, 120));
        assert_eq!(shown(Throttle::SOLANUM, 80), (5, 120));
        assert_eq!(shown(Throttle::NGIRCD, 80).0, 3);
        assert!((175..=180).contains(&shown(Throttle::NGIRCD, 80).1));
        assert!((140..=150).contains(&shown(Throttle::NGIRCD, 400).1));
    }

    #[test]
    fn patience_ends_one_byte_or_line_too_late() {
        let bahamut = Meter::new(Throttle::BAHAMUT);
        assert_eq!(bahamut.verdict(2560, 99), None);
        assert_eq!(bahamut.verdict(2561, 1), Some("Excess Flood"));
        let solanum = Meter::new(Throttle::SOLANUM);
        assert_eq!(solanum.verdict(99_999, 20), None);
        assert_eq!(solanum.verdict(1, 21), Some("Excess Flood"));
        assert_eq!(Meter::new(Throttle::ERGO).verdict(usize::MAX, 1), None);
    }

    #[test]
    fn a_channel_that_is_flooded_shows_nothing_until_its_count_is_at_nothing() {
        let start = clock::now();
        let limit = Throttle::SOLANUM.channel.unwrap();
        let mut flood = Flood::new(limit);
        let verdicts: Vec<Verdict> = (0..120_u32)
            .map(|n| flood.judge(start + n * Duration::from_millis(500)))
            .collect();
        let count = |wanted| {
            verdicts
                .iter()
                .filter(|&&verdict| verdict == wanted)
                .count()
        };
        // Two a second for a minute: 65 of 120 were not shown by the real one,
        // which said so once in each time of silence.
        let shown = count(Verdict::Shown);
        assert!((50..=60).contains(&shown), "{shown}");
        assert_eq!(count(Verdict::Told), 3, "{verdicts:?}");
        // One a second is always shown.
        let mut flood = Flood::new(limit);
        let each = |n: u32| flood.judge(start + n * limit.every);
        assert!((0..120).map(each).all(|verdict| verdict == Verdict::Shown));
    }

    #[test]
    fn every_try_against_a_shut_door_keeps_it_shut() {
        let start = clock::now();
        let law = ReconnectThrottle::BAHAMUT;
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut door = Door::default();
        assert_eq!(door.knock(&law, at(0)), Admission::Welcome);
        assert_eq!(door.knock(&law, at(5)), Admission::Welcome);
        assert_eq!(door.knock(&law, at(14)), Admission::Throttled);
        assert_eq!(door.knock(&law, at(100)), Admission::Silence);
        assert_eq!(door.knock(&law, at(200)), Admission::Silence);
        assert_eq!(door.knock(&law, at(320)), Admission::Welcome);
    }

    #[test]
    fn connects_every_eight_seconds_pass() {
        let start = clock::now();
        let mut door = Door::default();
        for n in 0..50 {
            let now = start + n * Duration::from_secs(8);
            let admission = door.knock(&ReconnectThrottle::BAHAMUT, now);
            assert_eq!(admission, Admission::Welcome, "connect {n}");
        }
    }
}
