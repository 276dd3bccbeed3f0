//! When to connect again after a connection ended or never came about.
//!
//! Servers punish those who come back too often, and some start the
//! punishment anew with each try. So the wait depends on what they said, and
//! grows, with full jitter, until a connection has lasted.

use std::time::Duration;

/// A connection that was joined for this long has shown that all is well.
const LASTED: Duration = Duration::from_secs(60);
/// The first try after a connection that had lasted is quick: most ends are
/// a restart of the server. Within two seconds, so that a fleet of services
/// does not come back as one.
const QUICK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3));
/// Between tries that reach nobody: a server that is back is found within ten
/// seconds, and one that is not is asked nothing.
const UNREACHED: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(8));
/// A restart is over by then.
const UNREACHED_FOR: Duration = Duration::from_secs(600);
/// After a door was closed without a word: once more, when a throttle that
/// counts to three in 15 s has forgotten the first connect.
const ONCE_MORE: (Duration, Duration) = (Duration::from_secs(16), Duration::from_secs(20));
/// After that it is a throttle, which each try renews and repeated ones raise:
/// `DALnet`'s lasts 2, then 5, then 15 minutes and more from the last connect.
const SHUT: [(Duration, Duration); 3] = [
    (Duration::from_secs(121), Duration::from_secs(170)),
    (Duration::from_secs(301), Duration::from_secs(600)),
    (Duration::from_secs(901), Duration::from_secs(1800)),
];
/// After that it is down, or `IRC_PORT` is wrong.
const DOWN: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(60));

/// A ban that names its time is believed within these bounds.
const BRIEFEST_BAN: Duration = Duration::from_secs(30);
const LONGEST_BAN: Duration = Duration::from_secs(24 * 3600);

/// Why a connection ended or did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Nobody was reached: no address, or no TCP connection. No server knows
    /// of it, so none can mind.
    Unreached,
    /// It ended for a reason that is no fault of ours: a restart, a timeout.
    Closed,
    /// Connected, but to nobody who speaks TLS or IRC.
    NoIrc,
    /// The door was closed before a word was said: once it may be anything,
    /// twice it is how servers treat who comes too often.
    Silent,
    /// Too many connections from this host, or a server that is full. Our own
    /// ghost may be among them until the server notices.
    TooMany,
    /// We came back too often.
    Throttled,
    /// A password or a setting of ours is wrong: only people can change that.
    Refused,
    /// Banned from the server for so long, as it says.
    BannedFor(Duration),
    /// Banned from the server, or thrown out by one of its operators.
    Banned,
}

impl Reason {
    /// The shortest wait.
    pub(crate) fn floor(self) -> Duration {
        Duration::from_secs(match self {
            Self::BannedFor(time) => return time,
            // DALnet's throttle counts to three in 15 s.
            Self::Unreached | Self::Closed | Self::NoIrc | Self::Silent => 15,
            // A ghost lives for two to five minutes.
            Self::TooMany => 120,
            // DALnet's lasts two minutes from the last try.
            Self::Throttled => 150,
            Self::Refused => 300,
            Self::Banned => 900,
        })
    }

    /// The longest wait on top of the floor.
    fn ceiling(self) -> Duration {
        Duration::from_secs(match self {
            Self::Unreached | Self::Closed | Self::NoIrc | Self::Silent => 300,
            Self::TooMany | Self::Throttled => 900,
            // It is over when it is over.
            Self::BannedFor(_) => 60,
            Self::Refused => 3600,
            Self::Banned => 4 * 3600,
        })
    }
}

/// What the text of an ERROR, or of a NOTICE before registration, says about
/// the end of the connection. [`Reason::Closed`] where it says nothing that
/// we know.
pub(crate) fn classify(text: &str) -> Reason {
    let text = text.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if says(&[
        "throttle",
        "connect too fast",
        "connecting too fast",
        "too many times in too short",
    ]) {
        Reason::Throttled
    } else if says(&[
        "too many connections",
        "too many user connections",
        "too many clones",
        "too many host connections",
        "no more connections",
        "maximum number of connections",
        "server is full",
        "server full",
    ]) {
        Reason::TooMany
    } else if says(&[
        "k-line", "k:line", "g-line", "g:line", "z-line", "z:line", "d-line", "d:line", "kline",
        "gline", "zline", "dline", "akill", "autokill", "banned",
    ]) {
        match duration(&text) {
            Some(time) => Reason::BannedFor(time.clamp(BRIEFEST_BAN, LONGEST_BAN)),
            None => Reason::Banned,
        }
    } else if let Some(killer) = killer(&text) {
        // The services kill to free a nick, a server on a collision. Neither
        // judges.
        if is_person(killer) {
            Reason::Banned
        } else {
            Reason::Closed
        }
    } else if says(&[
        "bad password",
        "invalid password",
        "incorrect password",
        "password incorrect",
        "password mismatch",
        "wrong password",
        "access denied",
        "not authorized",
        "unauthorized connection",
        "authentication failed",
        "sasl",
    ]) {
        Reason::Refused
    } else {
        Reason::Closed
    }
}

/// Who ended the connection by KILL: `killed (ann (…))`, `local kill by ann`,
/// `killed by hub!ann`. In lower case.
fn killer(text: &str) -> Option<&str> {
    let marks = ["killed (", "killed by ", "kill by "];
    let after = marks.iter().find_map(|mark| text.split_once(mark))?.1;
    let end = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ':' | ',');
    let path = after.split(end).next()?;
    path.rsplit('!').next()
}

/// Whether a KILL at the end is not a person's: another has the nick now, by
/// its password.
pub(crate) fn is_taken_over(last_words: &str) -> bool {
    killer(&last_words.to_ascii_lowercase()).is_some_and(|killer| !is_person(killer))
}

fn is_person(killer: &str) -> bool {
    !(killer.contains('.') || killer.ends_with("serv") || killer == "services")
}

/// How long something lasts, where `text` says so: `1 min.`, `2 hours`, `30m`.
fn duration(text: &str) -> Option<Duration> {
    let mut words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    while let Some(word) = words.next() {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let Ok(count) = digits.parse::<u32>() else {
            continue;
        };
        let unit = match &word[digits.len()..] {
            "" => words.peek().copied().unwrap_or_default(),
            unit => unit,
        };
        let seconds = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => continue,
        };
        return Some(Duration::from_secs(u64::from(count) * seconds));
    }
    None
}

/// The waits between connections to one server.
#[derive(Debug)]
pub(crate) struct Backoff {
    random: fastrand::Rng,
    /// Ends of connections in a row since one lasted.
    failures: u32,
    /// Tries in a row that reached nobody.
    unreached: u32,
    /// How long they have waited, together.
    unreached_for: Duration,
    /// Doors in a row that were closed without a word.
    silent: usize,
    /// The gravest reason since then.
    gravest: Reason,
}

impl Backoff {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            failures: 0,
            unreached: 0,
            unreached_for: Duration::ZERO,
            silent: 0,
            gravest: Reason::Unreached,
        }
    }

    /// Tries in a row that came to nothing.
    pub(crate) fn failures(&self) -> usize {
        self.failures.saturating_add(self.unreached) as usize
    }

    /// A connection ended after it had been in the channel for `joined`: zero
    /// if it never was. Returns how long to wait before the next.
    pub(crate) fn ended(&mut self, reason: Reason, joined: Duration) -> Duration {
        if joined >= LASTED {
            self.failures = 0;
            self.silent = 0;
            self.gravest = Reason::Unreached;
        }
        // A server that throttles closes later tries without a word.
        self.gravest = self.gravest.max(reason);
        let gravest = self.gravest;
        if reason == Reason::Unreached && gravest <= Reason::NoIrc {
            return self.unreached();
        }
        self.unreached = 0;
        self.unreached_for = Duration::ZERO;
        if reason == Reason::Silent {
            return self.shut();
        }
        let reason = gravest;
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 && reason <= Reason::NoIrc {
            return self.between(QUICK.0, QUICK.1);
        }
        let floor = reason.floor();
        let doublings = self.failures.saturating_sub(1).min(16);
        let jitter = (floor * (1 << doublings)).min(reason.ceiling());
        self.between(floor, floor + jitter)
    }

    /// How long to wait for a turn that comes after `wait`, so that those who
    /// wait for the same do not come as one.
    pub(crate) fn beside_others(&mut self, wait: Duration) -> Duration {
        self.between(wait, wait + Duration::from_secs(2))
    }

    /// A connection is open, and `crowded` says that others of this host have
    /// connected lately: a door that closes now is a throttle at once.
    pub(crate) fn opened(&mut self, crowded: bool) {
        if crowded && self.silent == 0 {
            self.silent = 1;
        }
    }

    /// Whether the door is taken for shut by a throttle.
    pub(crate) fn is_shut(&self) -> bool {
        self.silent > 1
    }

    fn shut(&mut self) -> Duration {
        // Who was told so before needs no second silence to believe it.
        if self.silent == 0 && self.gravest >= Reason::TooMany {
            self.silent = 1;
        }
        self.silent = self.silent.saturating_add(1);
        self.failures = self.failures.saturating_add(1);
        let (least, most) = match self.silent {
            0 | 1 => ONCE_MORE,
            n => SHUT[(n - 2).min(SHUT.len() - 1)],
        };
        if self.is_shut() {
            self.gravest = self.gravest.max(Reason::Throttled);
        }
        self.between(least, most)
    }

    fn unreached(&mut self) -> Duration {
        self.unreached = self.unreached.saturating_add(1);
        let (least, most) = if self.failures == 0 && self.unreached == 1 {
            QUICK
        } else if self.unreached_for < UNREACHED_FOR {
            UNREACHED
        } else {
            DOWN
        };
        let wait = self.between(least, most);
        self.unreached_for = self.unreached_for.saturating_add(wait);
        wait
    }

    fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.random.f64())
    }
}

#[cfg(test)]
mod tests;
