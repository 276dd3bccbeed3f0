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
    let mut bench = Bench::new();
    for story in 0..100_000 {
        let request = Request {
            story,
            head: "GET /: ",
        };
        bench.within(&request, "check", Level::Error, "late");
        assert!(bench.channel.stories.len() <= 256);
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
