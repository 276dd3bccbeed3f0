//! The promises of delivery, watched for a short time each. The command for
//! the long runs is `cargo bench -p irclog-tests --bench delivery`.

use std::time::Duration;

use irclog_tests::measure::{Backlog, Exit, Ircd, Storm, Subject};

/// Twice what is promised: a test shares its machine with others.
const SOON: Duration = Duration::from_secs(2);
/// The service, the server and who watches each have to get their turn.
const TURNS: u32 = 3;

fn subject() -> Subject {
    Subject::at(env!("CARGO_BIN_EXE_service"))
}

#[track_caller]
fn storm(ircd: Ircd) {
    let storm = Storm {
        rate: 20_000,
        threads: 4,
        errors: 4,
        seed: 3,
    };
    let place = ircd.open().expect("a server of this machine");
    let figures = storm.run(&place, &subject());
    assert_eq!(figures.unseen(), 0, "{figures}");
    let busy = figures.late * TURNS;
    assert!(figures.latency(1.0) < SOON + busy, "{figures}");
    assert!(figures.is_exact(), "{figures}");
    assert_eq!(figures.lost, 0, "{figures}");
}

#[test]
fn an_error_overtakes_a_storm_on_ngircd() {
    storm(Ircd::Ngircd);
}

#[test]
fn an_error_overtakes_a_storm_where_a_line_takes_two_seconds() {
    storm(Ircd::BahamutModel);
}

#[test]
fn an_error_overtakes_a_storm_where_channels_are_throttled() {
    storm(Ircd::SolanumModel);
}

/// More lines a second in the second half of 40 s than the strictest law would
/// let through, by which one goes that does not know its server or learn from
/// it. How near it comes to the server's own rate is measured where the machine
/// has no say: by the simulation, and by the benchmark.
#[track_caller]
fn backlog(ircd: Ircd) {
    let backlog = Backlog {
        time: Duration::from_secs(40),
        bytes: 80,
    };
    let place = ircd.open().expect("a server of this machine");
    let figures = backlog.run(&place, &subject());
    assert!(figures.is_exact(), "{figures}");
    assert_eq!(figures.lost, 0, "{figures}");
    let strictest = 1.0 / (2.0 + (figures.line_bytes() / 120.0).floor());
    assert!(figures.late_rate > 1.5 * strictest, "{figures}");
}

#[test]
fn a_backlog_is_shown_and_accounted_for_on_ngircd() {
    backlog(Ircd::Ngircd);
}

#[test]
fn a_backlog_is_shown_and_accounted_for_where_lines_come_back() {
    backlog(Ircd::InspircdEcho);
}

#[test]
fn an_exit_tells_of_every_record_and_holds_nobody_up() {
    // The bound of 5 s for many; far less for one, which has all the time.
    for (records, most) in [(1, 4), (12, 9), (100, 9)] {
        let place = Ircd::Ngircd.open().expect("a server of this machine");
        let figures = Exit { records }.run(&place, &subject());
        assert!(figures.is_exact(), "{figures}");
        assert!(figures.took < Duration::from_secs(most), "{figures}");
    }
}

/// All of them, or the last line says how many were not shown.
#[track_caller]
fn forty_at_the_end(ircd: Ircd) {
    let place = ircd.open().expect("a server of this machine");
    let figures = Exit { records: 40 }.run(&place, &subject());
    println!("{ircd:?}: {figures}");
    assert!(figures.is_exact(), "{figures}");
    assert!(figures.took < Duration::from_secs(5), "{figures}");
    assert!(figures.left, "{figures}");
}

#[test]
fn the_end_after_forty_records_is_told_on_ngircd() {
    forty_at_the_end(Ircd::Ngircd);
}

#[test]
fn the_end_after_forty_records_is_told_on_inspircd() {
    forty_at_the_end(Ircd::Inspircd);
}

#[test]
fn the_end_after_forty_records_is_told_where_a_line_takes_two_seconds() {
    forty_at_the_end(Ircd::BahamutModel);
}

#[test]
fn the_end_after_forty_records_is_told_where_channels_are_throttled() {
    forty_at_the_end(Ircd::SolanumModel);
}
