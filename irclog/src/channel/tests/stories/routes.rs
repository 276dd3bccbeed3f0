//! Requests that are known by their method and path only.

use super::*;

/// What a facilitator writes of one failed request, as `irclog pipe` takes it
/// in: with the spans as text.
fn piped(bench: &mut Bench, why: &str, code: u16) {
    let spans = "POST /settle post_settle assert_valid_payment";
    let inner = format!("{spans} assert_balance{{payer=0x6bdc}}: error={why}");
    bench.log(Level::Error, &inner);
    bench.log(Level::Error, &format!("{spans}: error={why}"));
    let wrapped =
        format!("POST /settle post_settle: Settlement failed error=Onchain(\"{why}\") body={{}}");
    bench.log(Level::Warn, &wrapped);
    bench.log(
        Level::Info,
        &format!("POST /settle: status={code} elapsed=2ms"),
    );
}

#[test]
fn a_request_is_known_by_the_spans_that_a_line_begins_with() {
    let mut bench = Bench::new();
    let why = "execution reverted: transfer exceeds balance";
    piped(&mut bench, why, 500);
    bench.log(
        Level::Error,
        "POST /settle: response failed classification=Status code: 500 Internal Server Error \
         latency=2 ms",
    );
    bench.log(Level::Info, "GET /health: status=200 elapsed=0ms");
    assert_eq!(
        bench.later(0.1),
        [
            "[ERROR] pay - POST /settle 500 in 2 ms post_settle assert_valid_payment \
             assert_balance{payer=0x6bdc}: error=execution reverted: transfer exceeds balance ×3",
            "[INFO] pay - GET /health: status=200 elapsed=0ms"
        ]
    );
}

#[test]
fn requests_of_one_route_that_follow_each_other_are_stories_of_their_own() {
    let mut bench = Bench::new();
    let failed = "POST /settle: response failed classification=Status code: 500 Internal Server \
                  Error latency=2 ms";
    for _ in 0..3 {
        piped(&mut bench, "nonce too low: next nonce 187", 500);
        bench.log(Level::Error, failed);
    }
    let lines = bench.later(0.3);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("/settle 500 in 2 ms")),
        "{lines:?}"
    );
}

#[test]
fn a_route_s_other_requests_end_no_error_of_this_one() {
    let mut bench = Bench::new();
    bench.log(Level::Error, "POST /settle post_settle: error=rpc is down");
    bench.log(Level::Info, "POST /settle: status=200 elapsed=7ms");
    bench.log(Level::Info, "POST /verify: status=500 elapsed=9ms");
    bench.log(Level::Error, "POST /settle pay: error=nonce too low: 187");
    bench.log(Level::Info, "POST /settle: status=500 elapsed=2ms");
    bench.log(Level::Info, "POST /settle: status=400 elapsed=3ms");
    let lines = bench.later(0.3);
    let shows = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(
        shows("POST /settle 500 in 2 ms pay: error=nonce"),
        "{lines:?}"
    );
    assert!(shows("POST /settle: status=200"), "{lines:?}");
    assert!(shows("POST /verify: status=500"), "{lines:?}");
}

#[test]
fn errors_of_a_later_request_do_not_wait_for_those_of_an_earlier_one() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.log(Level::Error, "POST /settle pay: error=rpc is down");
        let lines = bench.later(0.3);
        assert_eq!(
            lines,
            ["[ERROR] pay - POST /settle pay: error=rpc is down"],
            "each after its own bound"
        );
    }
    assert_eq!(bench.channel.stories.len(), 0);
}

#[test]
fn a_later_request_of_a_route_waits_no_longer_where_another_error_is_held() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for text in ["rpc is down", "nonce too low", "rpc is down", "no funds"] {
        bench.log(Level::Error, &format!("POST /settle: error={text}"));
        lines.extend(bench.later(0.2));
    }
    lines.extend(bench.later(0.25));
    assert_eq!(
        lines,
        ["rpc is down", "nonce too low", "rpc is down", "no funds"]
            .map(|text| format!("[ERROR] pay - POST /settle: error={text}"))
    );
}

#[test]
fn a_warning_behind_the_end_of_a_request_is_of_that_request() {
    let mut bench = Bench::new();
    bench.log(Level::Error, "POST /settle pay: error=nonce too low");
    bench.log(Level::Info, "POST /settle: status=500 elapsed=2ms");
    bench.log(Level::Warn, "POST /settle: answering nonce too low");
    assert_eq!(
        bench.later(0.3),
        ["[ERROR] pay - POST /settle 500 in 2 ms pay: error=nonce too low ×2"]
    );
}

#[test]
fn a_warning_of_a_route_repeats_all_of_an_error_or_goes_its_own_way() {
    let mut bench = Bench::new();
    bench.log(Level::Error, "POST /settle: error=a b c d e");
    bench.log(Level::Warn, "POST /settle: x b c d e");
    assert_eq!(bench.later(0.3).len(), 2);
}

#[test]
fn a_status_from_before_an_error_is_not_its_end() {
    let mut bench = Bench::new();
    bench.wait(1.0);
    bench.log(Level::Error, "POST /settle: error=no funds");
    let mut status = Box::new(Record::empty());
    // Lines of different levels may overtake each other.
    status.time = bench.wall() - Duration::from_millis(1);
    status.text.push_str("POST /settle: status=500");
    bench.channel.push(status, bench.now);
    let lines = bench.later(0.3);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn another_status_of_a_route_is_another_request_s() {
    let mut bench = Bench::new();
    bench.log(Level::Error, "POST /settle: error=no funds");
    bench.log(Level::Info, "POST /settle: status=500");
    bench.log(Level::Info, "POST /settle: status=400");
    let lines = bench.later(0.3);
    assert!(
        lines[0].contains("/settle 500: error=no funds"),
        "{lines:?}"
    );
    assert!(lines[1].contains("/settle: status=400"), "{lines:?}");
}
