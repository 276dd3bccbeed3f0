//! How a request ended, and what comes when it has.

use super::*;

/// An error of the request `7f3a`, which no span tells of.
const LATE: &str = "upstream timed out: rpc-1 request_id=7f3a";
const STATUS: &str = "status=504 elapsed=30ms request_id=7f3a";

#[test]
fn a_status_ends_the_wait_where_no_span_does() {
    // Seconds from the error to the status, and on to the line.
    for (status, line) in [(0.1, 0.05), (0.23, 0.02)] {
        let mut bench = Bench::new();
        bench.log(Level::Error, LATE);
        bench.wait(status);
        bench.log(Level::Info, STATUS);
        assert_eq!(bench.later(line - 0.001), [""; 0], "{status}");
        let lines = bench.later(0.001);
        assert_eq!(lines, [format!("[ERROR] pay - {LATE} (504 in 30 ms)")]);
    }
}

#[test]
fn a_status_ends_no_wait_for_a_span() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "check", Level::Error, "late");
    bench.within(&VERIFY, "http", Level::Info, "status=500");
    assert_eq!(bench.later(0.249), [""; 0]);
    assert_eq!(bench.later(0.001), ["[ERROR] pay - POST /verify 500: late"]);
}

#[test]
fn what_is_known_first_of_the_end_stays_and_the_rest_is_added() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "check", Level::Error, "late");
    bench.within(&VERIFY, "http", Level::Info, "status=500");
    bench.within(&VERIFY, "proxy", Level::Info, "status=502 elapsed=3ms");
    bench.end(&VERIFY);
    assert_eq!(
        bench.all(),
        ["[ERROR] pay - POST /verify 500 in 3 ms: late"]
    );
}

#[test]
fn a_status_stands_with_the_last_of_the_errors_that_wait() {
    let mut bench = Bench::new();
    for text in ["the rpc is down", "no funds"] {
        bench.within(&VERIFY, "check", Level::Error, text);
    }
    bench.within(&VERIFY, "http", Level::Info, "status=500");
    bench.end(&VERIFY);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - POST /verify: the rpc is down",
            "[ERROR] pay - POST /verify 500: no funds"
        ]
    );
}

#[test]
fn a_status_of_what_was_shown_waits_for_what_is_said_again() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "check", Level::Error, "late");
    assert_eq!(bench.later(0.25).len(), 1);
    bench.within(&VERIFY, "http", Level::Info, "status=500");
    assert_eq!(bench.later(9.999), [""; 0]);
    assert_eq!(bench.later(0.001).len(), 1);
    let mut bench = Bench::new();
    bench.log(Level::Error, LATE);
    assert_eq!(bench.later(0.25).len(), 1);
    bench.log(Level::Info, STATUS);
    assert_eq!(bench.later(0.049), [""; 0]);
    assert_eq!(bench.later(0.001).len(), 1);
}

#[test]
fn an_error_that_names_a_status_waits_for_none_where_only_a_route_is_known() {
    let mut bench = Bench::new();
    let text = "POST /settle: order 17 was cancelled by its payer, status=409";
    bench.log(Level::Error, text);
    assert_eq!(bench.all(), [format!("[ERROR] pay - {text}")]);
    let mut bench = Bench::new();
    bench.log(Level::Error, &format!("{text} request_id=7f3a"));
    assert_eq!(bench.all(), [""; 0], "more of the request may come");
}
