//! What goes wrong, and must neither kill nor lose in silence.

use std::time::Duration;

use super::driver::{Outcome, Pongs, Scenario};
use super::server::Kind;
use super::{misleads, share, ways};
use crate::irc::flow::Proof;

const MINUTE: Duration = Duration::from_secs(60);

#[track_caller]
fn assert_nothing_lost(outcome: &Outcome) {
    assert_eq!(outcome.killed, None);
    assert!(!outcome.dead, "declared dead");
    assert_eq!(outcome.lies, 0, "reported as shown");
    assert_eq!(outcome.silent, 0, "never heard of again");
}

/// Each server, unknown and by its name.
fn kinds() -> impl Iterator<Item = (Kind, Option<&'static str>)> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| [(kind, None), (kind, Some(kind.version()))])
}

#[test]
fn a_known_law_needs_no_trial() {
    let mut scenario = Scenario::new(Kind::Bahamut, 200, Proof::Ping);
    scenario.version = Some("bahamut-2.2.4");
    let outcome = scenario.run();
    assert_nothing_lost(&outcome);
    assert!(share(&scenario, &outcome) >= 0.9);
    assert!(
        outcome.error_delay(1000) < 1.0,
        "{}",
        outcome.error_delay(1000)
    );

    let mut scenario = Scenario::new(Kind::Solanum, 200, Proof::Ping);
    scenario.version = Some("solanum-1.0-dev");
    let outcome = scenario.run();
    assert_nothing_lost(&outcome);
    assert_eq!((outcome.throttles, outcome.repeated), (0, 0));
    assert!(share(&scenario, &outcome) >= 0.9);
}

#[test]
fn the_first_line_goes_with_the_answer_to_join() {
    for (kind, version) in kinds() {
        for text in [80, 400] {
            let mut scenario = Scenario::new(kind, text, Proof::Ping);
            scenario.version = version;
            scenario.latency = Duration::from_millis(5);
            scenario.length = 3 * MINUTE;
            let outcome = scenario.run();
            assert_nothing_lost(&outcome);
            // ngircd goes round once a second, and is deaf after more than
            // three commands in it.
            let least = match kind {
                Kind::Ngircd | Kind::NgircdRounds => Duration::from_millis(2_100),
                _ => Duration::from_millis(100),
            };
            let first = outcome.first.unwrap_or(Duration::MAX);
            assert!(first < least, "{kind:?} {version:?} {text} B: {first:?}");
        }
    }
}

#[test]
fn a_stall_of_a_minute_kills_nobody() {
    // All that was on the way is late at once where each line is echoed.
    let echoed = kinds().filter(|(kind, _)| *kind == Kind::Unreal);
    let ways = kinds().map(|(kind, version)| (kind, version, Proof::Ping));
    let ways = ways.chain(echoed.map(|(kind, version)| (kind, version, Proof::Echo)));
    for (kind, version, proof) in ways {
        for text in [80, 400] {
            let mut scenario = Scenario::new(kind, text, proof);
            scenario.version = version;
            scenario.length = 15 * MINUTE;
            scenario.stalls = vec![(2 * MINUTE, 3 * MINUTE), (9 * MINUTE, 10 * MINUTE)];
            let outcome = scenario.run();
            assert_nothing_lost(&outcome);
            // Two of the fifteen minutes nobody could have used.
            let possible = share(&scenario, &outcome) * 15.0 / 13.0;
            assert!(
                possible > 0.7 || version.is_none() && misleads(kind),
                "{kind:?} {version:?} {proof:?} {text}: {possible:.2}"
            );
        }
    }
}

#[test]
fn pongs_may_be_lost_late_or_repeated() {
    for pongs in [Pongs::Lost(3), Pongs::Thrice] {
        for (kind, version) in kinds() {
            let mut scenario = Scenario::new(kind, 80, Proof::Ping);
            scenario.version = version;
            scenario.length = 20 * MINUTE;
            scenario.pongs = pongs;
            let outcome = scenario.run();
            assert_nothing_lost(&outcome);
            // Every third PONG lost costs 10 s of waiting.
            let least = if pongs == Pongs::Thrice { 0.85 } else { 0.2 };
            let share = share(&scenario, &outcome);
            assert!(share > least, "{kind:?} {version:?} {pongs:?}: {share:.2}");
        }
    }
}

#[test]
fn copies_may_be_kept_from_us() {
    for kind in [Kind::Bahamut, Kind::Inspircd, Kind::Hybrid] {
        for text in [80, 400] {
            let mut scenario = Scenario::new(kind, text, Proof::Ping);
            scenario.version = Some(kind.version());
            scenario.length = 20 * MINUTE;
            let with = scenario.run();
            assert_nothing_lost(&with);
            scenario.copies_lost = true;
            let without = scenario.run();
            assert_nothing_lost(&without);
            assert!(with.pings * 5 < without.pings, "{kind:?} {text}");
            let share = share(&scenario, &without);
            assert!(share > 0.8, "{kind:?} {text}: {share:.2}");
        }
    }
}

#[test]
fn a_server_that_never_answers_is_dead() {
    let mut scenario = Scenario::new(Kind::Ngircd, 80, Proof::Ping);
    scenario.pongs = Pongs::Never;
    let outcome = scenario.run();
    assert!(outcome.dead);
    assert_eq!(outcome.silent, 0, "what is in flight is known");
}

#[test]
fn echoes_may_come_back_altered() {
    for kind in [
        Kind::Inspircd,
        Kind::Ergo,
        Kind::SolanumVoiced,
        Kind::Solanum,
    ] {
        let mut scenario = Scenario::new(kind, 200, Proof::Echo);
        scenario.length = 20 * MINUTE;
        scenario.altered = Some(3);
        let outcome = scenario.run();
        assert_nothing_lost(&outcome);
        assert!(share(&scenario, &outcome) > 0.9, "{kind:?}");
    }
}

#[test]
fn what_a_moderated_channel_refuses_is_known() {
    for (kind, proof) in [
        (Kind::Ngircd, Proof::Ping),
        (Kind::Bahamut, Proof::Ping),
        (Kind::Ergo, Proof::Echo),
    ] {
        let mut scenario = Scenario::new(kind, 80, proof);
        scenario.length = 20 * MINUTE;
        scenario.moderated = Some((5 * MINUTE, 6 * MINUTE));
        let outcome = scenario.run();
        assert_nothing_lost(&outcome);
        assert!(outcome.refused > 0);
        assert!(share(&scenario, &outcome) > 0.8, "{kind:?}");
    }
}

#[test]
fn a_clock_that_leaps_kills_nobody() {
    for (kind, version) in kinds() {
        let mut scenario = Scenario::new(kind, 400, Proof::Ping);
        scenario.version = version;
        scenario.length = 30 * MINUTE;
        scenario.leaps = Some((MINUTE, 10 * MINUTE));
        assert_nothing_lost(&scenario.run());
    }
}

#[test]
fn a_longer_way_is_no_slower_server() {
    for kind in Kind::ALL {
        for (proof, named) in ways(kind) {
            let mut scenario = Scenario::new(kind, 200, proof);
            scenario.version = named.then(|| kind.version());
            scenario.length = 30 * MINUTE;
            scenario.detour = Some((5 * MINUTE, Duration::from_millis(400)));
            let outcome = scenario.run();
            assert_nothing_lost(&outcome);
            let share = share(&scenario, &outcome);
            assert!(share > 0.85, "{kind:?} {proof:?} {named}: {share:.2}");
        }
    }
}

/// Errors before, in and after the probe: a wait of the law's must never be
/// taken for the way.
#[test]
fn errors_from_the_first_second_on() {
    for kind in [Kind::Bahamut, Kind::Unreal, Kind::Solanum, Kind::Inspircd] {
        for seed in 0..60 {
            let mut scenario = Scenario::new(kind, [80, 200, 400][seed % 3], Proof::Ping);
            scenario.latency = Duration::from_millis(250);
            scenario.length = 3 * MINUTE;
            scenario.errors_every = 3.0;
            scenario.seed = seed as u64;
            assert_nothing_lost(&scenario.run());
        }
    }
}

/// The way in uses up a burst of five commands: a probe right after it would
/// take the server for one of the strictest law.
#[test]
fn a_small_burst_is_no_slow_server() {
    for seed in 0..30 {
        let mut scenario = Scenario::new(Kind::Hybrid, 80, Proof::Ping);
        scenario.latency = Duration::from_millis(5);
        scenario.length = 10 * MINUTE;
        scenario.seed = seed;
        let outcome = scenario.run();
        assert_nothing_lost(&outcome);
        let share = share(&scenario, &outcome);
        assert!(share > 0.8, "{seed}: {share:.2}");
    }
}
