//! How much of a story is known, and for how long.

use super::*;

#[test]
fn what_goes_on_for_minutes_is_no_request() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "task", Level::Error, "first error");
    bench.later(61.0);
    bench.within(&VERIFY, "task", Level::Error, "second error");
    let lines = bench.all();
    assert!(
        lines[0].contains("second error"),
        "it goes at once: {lines:?}"
    );
}

#[test]
fn there_are_never_too_many_stories() {
    const MOST: u64 = 256;
    let mut bench = Bench::new();
    for story in 0..40 * MOST {
        let request = Request {
            story,
            head: "GET /: ",
        };
        bench.within(&request, "check", Level::Error, "late");
        assert!(bench.channel.stories.len() as u64 <= MOST);
        if story % 100 == 0 {
            bench.all();
            bench.acknowledge();
        }
    }
}

#[test]
fn requests_of_a_fold_are_counted_up_to_a_bound() {
    // The first three get lines of their own.
    for (requests, told) in [
        (3 + 500, " in 500 requests "),
        (3 + 501, " in over 500 requests "),
        (3 + 900, " in over 500 requests "),
    ] {
        let mut bench = Bench::new();
        for story in 0..requests {
            let request = Request {
                story,
                head: "pay: ",
            };
            bench.within(&request, "send", Level::Error, "the rpc is down");
            bench.end(&request);
        }
        bench.wait(1.0);
        let lines = bench.all();
        assert!(lines[0].contains(told), "{lines:?}");
    }
}

/// Too long to be told with others.
fn long(n: u64) -> String {
    format!("e{n} {}", "pay ".repeat(60))
}

#[test]
fn so_many_errors_of_a_request_wait_and_fewer_where_many_fail() {
    for (others, waits) in [(0, 24), (31, 24), (32, 4)] {
        let mut bench = Bench::new();
        for story in 2..2 + others {
            let other = Request { story, head: "" };
            bench.within(&other, "check", Level::Error, "late");
        }
        for n in 0..waits {
            bench.within(&VERIFY, "check", Level::Error, &long(n));
        }
        assert_eq!(bench.all(), [""; 0], "{others}");
        bench.within(&VERIFY, "check", Level::Error, &long(waits));
        assert_eq!(bench.all().len(), 1, "{others}");
    }
}

#[test]
fn what_waits_is_not_forgotten_for_another_story() {
    let mut bench = Bench::new();
    for story in 1..=256 {
        let request = Request { story, head: "" };
        bench.within(&request, "check", Level::Error, "late");
    }
    assert_eq!(bench.all(), [""; 0]);
    bench.within(
        &Request { story: 0, head: "" },
        "check",
        Level::Error,
        "late",
    );
    assert_eq!(bench.all().len(), 1, "it goes at once");
    assert_eq!(bench.total().queued, 256);
}

#[test]
fn an_id_that_comes_after_minutes_is_another_request_s() {
    let late = "upstream timed out request_id=7f3a";
    let mut bench = Bench::new();
    bench.log(Level::Error, late);
    assert_eq!(bench.later(0.25).len(), 1);
    bench.wait(60.0);
    bench.log(Level::Error, late);
    assert_eq!(bench.all(), [""; 0], "it waits for the rest");
    assert_eq!(bench.later(0.25).len(), 1);
}

#[test]
fn what_still_waits_after_a_minute_is_kept() {
    let late = "upstream timed out request_id=7f3a";
    let mut bench = Bench::new();
    bench.log(Level::Error, late);
    bench.later(0.25);
    bench.wait(55.0);
    bench.log(Level::Error, late);
    bench.later(0.0);
    bench.wait(4.0);
    bench.log(Level::Error, late);
    bench.wait(1.0);
    bench.log(Level::Error, "no funds request_id=7f3a");
    assert_eq!(bench.all().len(), 1, "it goes at once");
    assert_eq!(bench.total().queued, 1);
}

#[test]
fn each_error_waits_for_its_own_time() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "a", Level::Error, "no funds");
    bench.wait(0.2);
    bench.within(&VERIFY, "a", Level::Error, "the rpc is down");
    assert_eq!(bench.later(0.05), ["[ERROR] pay - POST /verify: no funds"]);
    assert_eq!(bench.later(0.2).len(), 1);
}

#[test]
fn errors_stand_in_the_order_in_which_they_came_last() {
    let dump = "pay ".repeat(60);
    let texts = [
        "the payer has no funds",
        "the rpc is down",
        "payer has no funds",
    ]
    .map(|text| format!("{text} {dump}"));
    let mut bench = Bench::new();
    bench.within(&VERIFY, "a", Level::Error, &texts[0]);
    bench.later(0.25);
    bench.wait(5.0);
    for text in &texts[1..] {
        bench.within(&VERIFY, "a", Level::Error, text);
    }
    bench.end(&VERIFY);
    let shown = bench.all().join("\n");
    let at = ["the rpc is down", "no funds"].map(|text| shown.find(text).unwrap());
    assert!(at[0] < at[1], "{shown}");
}

#[test]
fn some_spans_are_named() {
    let mut bench = Bench::new();
    for span in ["a", "b", "c", "d", "e", "f", "g", "a"] {
        bench.within(&VERIFY, span, Level::Error, "late");
    }
    bench.end(&VERIFY);
    let lines = bench.all();
    assert!(lines[0].ends_with("late ×8: a, b, c, d, e, f"), "{lines:?}");
}

#[test]
fn a_fuller_text_takes_no_place_of_what_was_shown() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "a", Level::Error, "execution reverted: no funds");
    bench.later(0.25);
    bench.within(&VERIFY, "a", Level::Error, "execution reverted: no funds");
    let fuller = "payment 7: execution reverted: no funds";
    bench.within(&VERIFY, "a", Level::Error, fuller);
    bench.end(&VERIFY);
    assert_eq!(
        bench.all(),
        ["[ERROR] pay - POST /verify: execution reverted: no funds ×2 again in 1 ms: a"]
    );
}

#[test]
fn a_warning_is_known_by_what_was_said_first() {
    let core = "execution reverted: no funds";
    let fuller = format!("payment 7 of the order was refused by the chain: {core}");
    let fullest = format!("settling in two steps has come to its end: {fuller}");
    let mut bench = Bench::new();
    for text in [core, &fuller, &fullest] {
        bench.within(&VERIFY, "a", Level::Error, text);
    }
    bench.within(&VERIFY, "a", Level::Warn, &format!("answering: {core}"));
    bench.end(&VERIFY);
    let lines = bench.all();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("settling") && lines[0].contains("×4"),
        "{lines:?}"
    );
}

#[test]
fn an_error_is_not_known_by_what_is_no_longer_shown() {
    let core = "execution reverted: no funds";
    let mut bench = Bench::new();
    bench.within(&VERIFY, "a", Level::Error, core);
    for text in ["payment 7", "refund 9"] {
        bench.within(&VERIFY, "a", Level::Error, &format!("{text}: {core}"));
    }
    bench.end(&VERIFY);
    let lines = bench.all();
    assert!(
        lines[0].contains("payment 7") && lines[0].contains("×2"),
        "{lines:?}"
    );
    assert!(lines[1].contains("refund 9"), "{lines:?}");
}
