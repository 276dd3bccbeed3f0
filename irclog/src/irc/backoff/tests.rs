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
    assert!(backoff.ended(Reason::Closed, Duration::from_secs(59)) >= Reason::Throttled.floor());
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
