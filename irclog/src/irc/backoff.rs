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
mod tests {
    use super::*;

    const NEVER: Duration = Duration::ZERO;

    #[test]
    fn texts_are_told_apart() {
        for (text, reason) in [
            (
                "You have been throttled for 2 minutes for too many connections",
                Reason::Throttled,
            ),
            (
                "Closing Link: host (Reconnecting too fast, throttled)",
                Reason::Throttled,
            ),
            ("Trying to reconnect too fast.", Reason::Throttled),
            ("Too many connections from your host", Reason::TooMany),
            (
                "Connection refused, too many connections from your IP address",
                Reason::TooMany,
            ),
            (
                "No more connections allowed from your host via this connect class (local)",
                Reason::TooMany,
            ),
            ("Closing Link: 127.0.0.1 (Server is full)", Reason::TooMany),
            ("Closing Link: nick[host] (K-Lined: abuse)", Reason::Banned),
            ("You are banned from this server", Reason::Banned),
            ("Closing Link: (G:Lined)", Reason::Banned),
            ("Closing Link: (AKILL ID:7)", Reason::Banned),
            ("Closing Link: host (Bad Password)", Reason::Refused),
            ("Access denied: Bad password?", Reason::Refused),
            // KILLs of people, in the words of six servers.
            (
                "Closing Link: host (Killed (oper (go away)))",
                Reason::Banned,
            ),
            (
                "Closing Link: nick[host] by op0 (Local kill by op0 (bye))",
                Reason::Banned,
            ),
            ("KILLed by op0: go away", Reason::Banned),
            (
                "Closing Link: nick[host] (Killed by op0 (bye))",
                Reason::Banned,
            ),
            ("Killed (op0 (your ghost annoys))", Reason::Banned),
            ("killed by hub!op0 (bye)", Reason::Banned),
            // Bans that name their time.
            (
                "banned: Temporary K-line 1 min. - testing (2026/11/26)",
                Reason::BannedFor(Duration::from_secs(60)),
            ),
            (
                "You are banned from this server for 2 hours: abuse",
                Reason::BannedFor(Duration::from_secs(7200)),
            ),
            ("banned for 5s", Reason::BannedFor(BRIEFEST_BAN)),
            (
                "banned for 4294967295 weeks",
                Reason::BannedFor(LONGEST_BAN),
            ),
            (
                "You are banned from this server (#12, 3 times)",
                Reason::Banned,
            ),
            (
                "Killed (services.example.net (NickServ (RECOVER)))",
                Reason::Closed,
            ),
            (
                "Closing Link: host (Killed (NickServ (GHOST command used by other)))",
                Reason::Closed,
            ),
            (
                "Closing Link: host (Killed (irc.example.net (Nick collision)))",
                Reason::Closed,
            ),
            (
                "Closing Link: host (Ping timeout: 240 seconds)",
                Reason::Closed,
            ),
            ("Closing Link: host (Excess Flood)", Reason::Closed),
            ("Server going down", Reason::Closed),
            ("", Reason::Closed),
        ] {
            assert_eq!(classify(text), reason, "{text}");
        }
    }

    #[test]
    fn waits_stay_within_their_bounds() {
        use Reason::{
            Banned, BannedFor, Closed, NoIrc, Refused, Silent, Throttled, TooMany, Unreached,
        };
        // The reasons so far, and the least and the most seconds to wait now.
        for (reasons, least, most) in [
            (&[Closed][..], 1, 3),
            (&[NoIrc], 1, 3),
            (&[Closed, Closed], 15, 45),
            (&[Closed, NoIrc, Closed], 15, 75),
            (&[Unreached], 1, 3),
            (&[Closed, Unreached], 4, 8),
            (&[Unreached; 60], 4, 8),
            (&[Unreached; 200], 30, 60),
            (&[Unreached, Unreached, Closed], 1, 3),
            (&[Closed, Unreached, Closed], 15, 45),
            (&[Throttled, Unreached], 150, 450),
            (&[Silent], 16, 20),
            (&[Closed, Silent], 16, 20),
            (&[Silent, Silent], 121, 170),
            (&[Throttled, Silent], 121, 170),
            (&[Silent, Silent, Silent], 301, 600),
            (&[Silent; 4], 901, 1800),
            (&[Silent; 40], 901, 1800),
            (&[Silent, Silent, Unreached], 150, 750),
            (&[Silent, Silent, Closed], 150, 750),
            (&[Closed; 12], 15, 315),
            (&[TooMany], 120, 240),
            (&[Throttled], 150, 300),
            (&[Throttled, Closed], 150, 450),
            (&[Refused], 300, 600),
            (&[Banned], 900, 1800),
            (&[BannedFor(Duration::from_secs(60))], 60, 120),
            (&[BannedFor(Duration::from_secs(60)), Closed], 60, 120),
            (&[Banned; 40], 900, 15_300),
        ] {
            for seed in 0..200 {
                let mut backoff = Backoff::new(seed);
                let mut wait = Duration::ZERO;
                for &reason in reasons {
                    wait = backoff.ended(reason, NEVER);
                }
                let bounds = Duration::from_secs(least)..=Duration::from_secs(most);
                assert!(bounds.contains(&wait), "{reasons:?}: {wait:?}");
            }
        }
    }

    #[test]
    fn waits_use_the_whole_range() {
        let waits: Vec<Duration> = (0..200)
            .map(|seed| {
                let mut backoff = Backoff::new(seed);
                backoff.ended(Reason::Closed, NEVER);
                backoff.ended(Reason::Closed, NEVER)
            })
            .collect();
        assert!(waits.iter().min() < Some(&Duration::from_secs(17)));
        assert!(waits.iter().max() > Some(&Duration::from_secs(43)));
    }

    #[test]
    fn only_a_connection_that_lasted_starts_anew() {
        let mut backoff = Backoff::new(1);
        for _ in 0..5 {
            backoff.ended(Reason::Throttled, NEVER);
        }
        assert!(
            backoff.ended(Reason::Closed, Duration::from_secs(59)) >= Reason::Throttled.floor()
        );
        assert!(backoff.ended(Reason::Closed, Duration::from_secs(60)) <= QUICK.1);
    }

    /// A server that restarts is back with us ten seconds after it is up.
    #[test]
    fn a_restart_is_found_within_ten_seconds() {
        for seed in 0..200 {
            for down in [1, 5, 30, 200, 500] {
                let up = Duration::from_secs(down);
                let mut backoff = Backoff::new(seed);
                let mut at = backoff.ended(Reason::Closed, Duration::from_secs(3600));
                while at < up {
                    at += backoff.ended(Reason::Unreached, NEVER);
                }
                assert!(at < up + Duration::from_secs(10), "{down}: {at:?}");
            }
        }
    }

    /// `DALnet`'s: the third connect within 15 s shuts it for two minutes, and
    /// each further one begins them anew.
    #[derive(Default)]
    struct Door {
        knocks: Vec<Duration>,
        shut_until: Duration,
    }

    impl Door {
        /// Lets in, or says why not.
        fn knock(&mut self, at: Duration) -> Result<(), Reason> {
            let was_shut = at < self.shut_until;
            self.knocks
                .retain(|knock| *knock + Duration::from_secs(15) > at);
            self.knocks.push(at);
            if was_shut || self.knocks.len() > 2 {
                self.shut_until = at + Duration::from_secs(120);
                return Err(if was_shut {
                    Reason::Silent
                } else {
                    Reason::Throttled
                });
            }
            Ok(())
        }
    }

    /// A container that starts anew every few seconds, with a new file system:
    /// nothing is known of its earlier lives.
    #[test]
    fn after_twelve_starts_in_a_row_the_thirteenth_is_in_in_three_minutes() {
        for seed in 0..500 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut door = Door::default();
            let mut at = Duration::ZERO;
            for _ in 0..12 {
                let _ = door.knock(at);
                at += Duration::from_secs(random.u64(1..6));
            }
            let mut backoff = Backoff::new(seed);
            let mut last = at;
            while let Err(reason) = door.knock(at) {
                last = at;
                at += backoff.ended(reason, NEVER);
            }
            let waited = at.saturating_sub(last);
            assert!(waited <= Duration::from_secs(180), "{waited:?}");
            assert!(backoff.failures() <= 2, "{seed}");
        }
    }

    #[test]
    fn a_door_that_closes_in_a_crowd_is_shut_at_once() {
        let mut backoff = Backoff::new(1);
        backoff.opened(true);
        assert!(backoff.ended(Reason::Silent, NEVER) > Duration::from_secs(120));
        assert!(backoff.is_shut());
        backoff.opened(false);
        backoff.ended(Reason::Closed, Duration::from_secs(60));
        assert!(!backoff.is_shut());
        assert!(backoff.ended(Reason::Silent, NEVER) <= ONCE_MORE.1);
    }

    /// Whatever fails between, a server sees no third connect within 15 s.
    #[test]
    fn tries_that_reach_nobody_do_not_hurry_those_that_do() {
        for seed in 0..500 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut backoff = Backoff::new(seed);
            let (mut at, mut seen) = (Duration::ZERO, vec![Duration::ZERO]);
            let mut reason = Reason::Closed;
            for _ in 0..60 {
                at += backoff.ended(reason, NEVER);
                reason = Reason::Unreached;
                if random.bool() {
                    seen.push(at);
                    reason = Reason::Closed;
                }
            }
            assert!(
                seen.windows(3)
                    .all(|three| three[2] > three[0] + Duration::from_secs(15)),
                "{seen:?}"
            );
        }
    }

    /// Connects that fail at once, against the throttles that are known: the
    /// third within 15 s, the tenth within a minute.
    #[test]
    fn no_throttle_is_met() {
        for seed in 0..500 {
            let mut backoff = Backoff::new(seed);
            let mut connects = vec![Duration::ZERO];
            for _ in 0..30 {
                let wait = backoff.ended(Reason::Closed, NEVER);
                connects.push(*connects.last().unwrap() + wait);
            }
            assert!(
                connects
                    .windows(3)
                    .all(|three| three[2] > three[0] + Duration::from_secs(15)),
                "{connects:?}"
            );
            assert!(
                connects
                    .windows(10)
                    .all(|ten| ten[9] > ten[0] + Duration::from_secs(60)),
                "{connects:?}"
            );
        }
    }
}
