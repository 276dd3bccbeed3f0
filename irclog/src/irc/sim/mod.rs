//! Servers in virtual time: what the pace is worth, an hour at a time.
//!
//! The table is printed by
//! `cargo test -p irclog --lib irc::sim -- --nocapture`.

mod driver;
mod faults;
mod incident;
mod rounds;
pub(crate) mod server;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use self::driver::{Outcome, Scenario};
use self::server::Kind;
use super::flow::Proof;

const TEXTS: [usize; 3] = [80, 200, 400];
const LATENCIES: [u64; 3] = [5, 80, 250];

#[test]
fn every_server_for_an_hour() {
    println!(
        "{:<14} {:>5} {:>4} {:>6} {:>5} | {:>6} {:>5} {:>6} {:>5} {:>5} {:>5} | {:>6} {:>6} {:>6}",
        "server",
        "named",
        "text",
        "ms",
        "proof",
        "shown",
        "%",
        "pings",
        "again",
        "refus",
        "throt",
        "p50",
        "p99",
        "max"
    );
    let mut failures = Vec::new();
    let mut seed = 0;
    let mut delays: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for kind in Kind::ALL {
        for text in TEXTS {
            for latency in LATENCIES {
                for (proof, named) in ways(kind) {
                    let mut scenario = Scenario::new(kind, text, proof);
                    scenario.version = named.then(|| kind.version());
                    seed += 1;
                    scenario.seed = seed;
                    scenario.latency = Duration::from_millis(latency);
                    let outcome = scenario.run();
                    let share = share(&scenario, &outcome);
                    let row = format!(
                        "{:<14} {:>5} {:>4} {:>6} {:>5} | {:>6} {:>5.1} {:>6} {:>5} {:>5} {:>5} | {:>6.3} {:>6.3} {:>6.3}",
                        format!("{kind:?}"),
                        named,
                        text,
                        latency,
                        format!("{proof:?}"),
                        outcome.shown,
                        share * 100.0,
                        outcome.pings,
                        outcome.repeated,
                        outcome.refused,
                        outcome.throttles,
                        outcome.error_delay(500),
                        outcome.error_delay(990),
                        outcome.error_delay(1000),
                    );
                    println!("{row}");
                    if kind == Kind::NgircdRounds && scenario.bytes() > 256 {
                        // Two such lines a second, and it is deaf half of the
                        // time: an error waits that out. Lines are packed
                        // shorter there.
                        let late = outcome.error_delay(990) > 1.25;
                        failures.extend(late.then(|| row.clone()));
                    } else {
                        delays
                            .entry(format!("{kind:?} {proof:?} named: {named}"))
                            .or_default()
                            .extend(&outcome.error_delays);
                    }
                    let safe = outcome.killed.is_none()
                        && !outcome.dead
                        && outcome.lies == 0
                        && outcome.silent == 0;
                    let capped = outcome.most_in_a_second <= 2;
                    if !(safe && capped && share >= 0.9) {
                        failures.push(format!(
                            "{row} killed {:?} dead {} lies {} silent {} most {}",
                            outcome.killed,
                            outcome.dead,
                            outcome.lies,
                            outcome.silent,
                            outcome.most_in_a_second
                        ));
                    }
                }
            }
        }
    }
    for (server, mut delays) in delays {
        delays.sort_by(f64::total_cmp);
        let within = delays.partition_point(|&delay| delay < 1.0) as f64 / delays.len() as f64;
        println!(
            "{server:<32} {} errors, {:.2} % within a second",
            delays.len(),
            within * 100.0
        );
        if within < 0.99 {
            failures.push(format!(
                "{server}: {within:.4} of the errors within a second"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_error_is_needed_to_find_the_speed() {
    let mut failures = Vec::new();
    for kind in Kind::ALL {
        for text in TEXTS {
            for (proof, named) in ways(kind) {
                let mut scenario = Scenario::new(kind, text, proof);
                scenario.version = named.then(|| kind.version());
                scenario.errors_every = 1e9;
                // The resolution of the runtime's timers.
                scenario.lateness = Duration::from_millis(1);
                scenario.latency = Duration::from_millis(1);
                let outcome = scenario.run();
                let share = share(&scenario, &outcome);
                if share < 0.9 || outcome.killed.is_some() || outcome.silent > 0 {
                    failures.push(format!(
                        "{kind:?} {text} B {proof:?}, named {named}: {:.1} %",
                        share * 100.0
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// With which proofs, and whether with a name that is known.
fn ways(kind: Kind) -> impl Iterator<Item = (Proof, bool)> {
    let proofs = [Proof::Ping, Proof::Echo];
    proofs
        .into_iter()
        .filter(move |&proof| proof == Proof::Ping || kind.has_echo())
        .flat_map(|proof| [(proof, false), (proof, true)])
        .filter(move |&(_, named)| named || !misleads(kind))
}

/// Whether the pace cannot be right for who does not know the name: rounds
/// look like a server that is behind, and where short commands cost less than
/// the strictest law says, length seems to cost nothing. Neither server can
/// be told to hide what it is.
fn misleads(kind: Kind) -> bool {
    matches!(kind, Kind::NgircdRounds | Kind::Unreal)
}

/// The part of what the server can do, or the cap allows, that was shown.
fn share(scenario: &Scenario, outcome: &Outcome) -> f64 {
    let rate = scenario.kind.own_rate(scenario.bytes()).min(scenario.rate);
    outcome.shown as f64 / (rate * scenario.length.as_secs_f64())
}
