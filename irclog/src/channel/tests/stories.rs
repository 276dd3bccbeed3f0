//! One failed request is one story.

mod bounds;
mod endings;
mod links;
mod routes;

use super::*;
use crate::record::{StoryId, Within};

const REVERTED: &str = "error=server returned an error response: error code 3: execution \
                        reverted: FiatTokenV2: invalid signature, data: \"0x08c379a0\"";

/// One request of a service that logs through tracing.
struct Request {
    story: u64,
    head: &'static str,
}

const VERIFY: Request = Request {
    story: 1,
    head: "POST /verify: ",
};

impl Bench {
    fn within(&mut self, request: &Request, span: &'static str, level: Level, text: &str) {
        let mut record = Box::new(Record::empty());
        record.level = level;
        record.time = self.wall();
        record.site.target.push_str("pay");
        record.site.file.push_str("src/settle.rs");
        record.site.line = u32::try_from(span.len()).unwrap();
        record.text = format!("{}{text}", request.head);
        record.within = Some(Within {
            story: StoryId(request.story),
            span,
            text: request.head.len(),
        });
        self.channel.push(record, self.now);
        self.check();
    }

    /// What a failed verification logs.
    fn fail(&mut self, request: &Request) {
        let wrapped = format!("Verification failed error=Onchain({REVERTED:?}) body={{\"x\":1}}");
        let failed = "response failed classification=Status code: 500 Internal Server Error \
                      latency=3 ms";
        self.within(request, "assert_enough_balance", Level::Error, REVERTED);
        self.within(request, "assert_valid_payment", Level::Error, REVERTED);
        self.within(request, "post_verify", Level::Warn, &wrapped);
        self.within(
            request,
            "http_request",
            Level::Info,
            "status=500 elapsed=3ms",
        );
        self.within(request, "http_request", Level::Error, failed);
    }

    fn end(&mut self, request: &Request) {
        self.channel.end_story(StoryId(request.story), self.now);
        self.check();
    }

    /// All that can be said once the stories have waited.
    fn later(&mut self, seconds: f64) -> Vec<String> {
        self.wait(seconds);
        self.channel.elapse(self.now);
        self.check();
        self.all()
    }
}

#[test]
fn a_failed_request_is_one_line() {
    let mut bench = Bench::new();
    bench.fail(&VERIFY);
    assert_eq!(bench.all(), [""; 0], "it waits for the end");
    assert_eq!(bench.total().queued, 5);
    bench.end(&VERIFY);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - POST /verify 500 in 3 ms: error=server returned an error response: \
             error code 3: execution reverted: FiatTokenV2: invalid signature, data: \
             \"0x08c379a0\" ×3: assert_enough_balance, assert_valid_payment, post_verify"
        ]
    );
    assert_eq!(bench.total().in_flight, 5);
    bench.acknowledge();
    let counts = bench.channel.counts();
    let of = |level| (counts[level].shown, counts[level].folded);
    assert_eq!(of(Level::Error), (1, 2));
    assert_eq!(of(Level::Warn), (0, 1));
    assert_eq!(of(Level::Info), (0, 1));
    assert!(bench.channel.is_settled());
}

#[test]
fn an_error_waits_no_longer_than_its_bound_for_a_span_that_never_closes() {
    let mut bench = Bench::new();
    bench.within(&VERIFY, "check", Level::Error, "late error=timeout");
    assert_eq!(
        bench.channel.wake_at(),
        Some(bench.now + Duration::from_millis(250))
    );
    assert_eq!(bench.later(0.249), [""; 0]);
    assert_eq!(bench.later(0.001).len(), 1);
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
}

#[test]
fn an_error_outside_of_a_request_goes_at_once() {
    let mut bench = Bench::new();
    bench.log(Level::Error, "settlement failed");
    assert_eq!(bench.all(), ["[ERROR] pay - settlement failed"]);
}

#[test]
fn a_different_error_is_not_hidden() {
    let mut bench = Bench::new();
    let errors = [
        "nonce 7 too low",
        "nonce 8 too low",
        "settlement failed",
        "the chain is away",
        "a fifth error",
        "a sixth error",
    ];
    for error in errors {
        bench.within(&VERIFY, "check", Level::Error, error);
    }
    bench.within(&VERIFY, "check", Level::Warn, "the payer was told by mail");
    bench.within(&VERIFY, "check", Level::Info, "order 12 closed, status=500");
    bench.end(&VERIFY);
    let lines = bench.all();
    for text in errors.iter().chain(&["told by mail", "order 12 closed"]) {
        assert!(
            lines.iter().any(|line| line.contains(text)),
            "{text}: {lines:?}"
        );
    }
}

#[test]
fn a_request_that_is_dumped_at_error_is_told_by_its_failure() {
    const SETTLE: Request = Request {
        story: 3,
        head: "POST /settle: ",
    };
    let mut bench = Bench::new();
    let body = format!("Raw body: {{\"terms\": \"{}\"}}", "pay ".repeat(60));
    let failure = "Reading it FAILED: invalid type: string \"1\", expected u8";
    let said = [
        "=== SETTLE REQUEST ===",
        &body,
        failure,
        "line 1, column 19",
        "Parsed as JSON:",
        "  - version: String(\"1\")",
        "  - payload is there: true",
    ];
    for text in said {
        bench.within(&SETTLE, "post_settle", Level::Error, text);
    }
    bench.within(&SETTLE, "http", Level::Info, "status=400 elapsed=0ms");
    bench.end(&SETTLE);
    let lines = bench.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    let start = format!("[ERROR] pay - POST /settle 400 in 0 ms: {failure} · ===");
    assert!(lines[0].starts_with(&start), "{lines:#?}");
    for text in said {
        let text = text.trim_start_matches([' ', '-']);
        let is_there = lines.iter().any(|line| line.contains(text));
        assert!(is_there, "{text}: {lines:#?}");
    }
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (2, 6));
}

#[test]
fn errors_of_a_request_stand_in_one_order_however_they_are_released() {
    let body = format!("Raw body: {}", "pay ".repeat(60));
    let said = [&body, "start", "it failed", "item 1", "item two"];
    let orders = [true, false].map(|ends| {
        let mut bench = Bench::new();
        let other = Request {
            story: 2,
            head: "POST /settle: ",
        };
        for (at, text) in said.iter().enumerate() {
            bench.within(&VERIFY, "a", Level::Error, text);
            if at == 2 {
                bench.within(&other, "b", Level::Error, "late");
            }
        }
        if ends {
            bench.end(&VERIFY);
            bench.end(&other);
            bench.all()
        } else {
            bench.later(0.25)
        }
    });
    assert_eq!(orders[0], orders[1]);
    let starts = [
        "/verify: it failed · start",
        "/verify: Raw",
        "/settle: late",
    ];
    let right = |(line, start): (&String, &str)| line.contains(start);
    assert!(orders[0].iter().zip(starts).all(right), "{orders:#?}");
    assert_eq!(orders[0].len(), starts.len());
}

#[test]
fn one_request_is_counted_once_though_its_error_goes_on() {
    for head in ["POST /verify: ", ""] {
        let mut bench = Bench::new();
        let request = Request { story: 1, head };
        for _ in 0..2 {
            bench.within(&request, "task", Level::Error, "late");
            bench.wait(10.3);
            bench.channel.elapse(bench.now);
        }
        let lines = bench.all();
        assert!(lines[0].contains("late ×2 in 10 s"), "{lines:?}");
    }
}

#[test]
fn one_request_is_counted_once_though_it_logs_several_errors_of_a_kind() {
    let mut bench = Bench::new();
    for story in 0..20 {
        let request = Request {
            story,
            head: "pay: ",
        };
        for nonce in 1000..1003 {
            let text = format!("nonce {nonce} too low");
            bench.within(&request, "send", Level::Error, &text);
        }
        bench.end(&request);
    }
    bench.wait(1.0);
    let lines = bench.all();
    assert!(lines[0].contains(" in 20 requests"), "{lines:?}");
}

#[test]
fn two_requests_with_one_text_are_two_stories() {
    let mut bench = Bench::new();
    let settle = Request {
        story: 2,
        head: "POST /settle: ",
    };
    for (request, span) in [
        (&VERIFY, "a"),
        (&settle, "b"),
        (&VERIFY, "c"),
        (&settle, "d"),
    ] {
        bench.within(request, span, Level::Error, REVERTED);
    }
    bench.end(&settle);
    let lines = bench.all();
    assert!(
        lines[0].ends_with("×2: b, d") && lines.len() == 1,
        "{lines:?}"
    );
    bench.end(&VERIFY);
    let lines = bench.all();
    assert!(
        lines[0].ends_with("×2: a, c") && lines.len() == 1,
        "{lines:?}"
    );
}

#[test]
fn an_error_that_goes_on_is_told_twice() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for _ in 0..18 {
        bench.within(
            &VERIFY,
            "parse",
            Level::Error,
            "invalid type: string, expected u64",
        );
        lines.extend(bench.later(0.5));
        bench.acknowledge();
    }
    bench.within(
        &VERIFY,
        "http_request",
        Level::Info,
        "status=400 elapsed=9s",
    );
    bench.end(&VERIFY);
    lines.extend(bench.all());
    bench.acknowledge();
    assert_eq!(
        lines,
        [
            "[ERROR] pay - POST /verify: invalid type: string, expected u64",
            "[ERROR] pay - POST /verify 400 in 9 s: invalid type: string, expected u64 ×17 again \
             in 9 s: parse"
        ]
    );
    assert_eq!((bench.total().shown, bench.total().folded), (2, 17));
}

#[test]
fn a_request_is_known_by_its_id_as_well() {
    let mut bench = Bench::new();
    for (level, text) in [
        (Level::Error, "upstream timed out: rpc-1 request_id=7f3a"),
        (Level::Error, "upstream timed out: rpc-1 request_id=9b11"),
        (
            Level::Warn,
            "giving up: upstream timed out: rpc-1 request_id=7f3a",
        ),
        (
            Level::Info,
            "GET /quote status=504 elapsed=30ms request_id=7f3a",
        ),
    ] {
        bench.log(level, text);
    }
    let lines = bench.later(0.3);
    assert_eq!(
        lines,
        [
            "[ERROR] pay - upstream timed out: rpc-1 request_id=7f3a (504 in 30 ms) ×2",
            "[ERROR] pay - upstream timed out: rpc-1 request_id=9b11"
        ]
    );
}

#[test]
fn the_fuller_text_is_shown() {
    let mut bench = Bench::new();
    bench.within(
        &VERIFY,
        "call",
        Level::Error,
        "execution reverted: no funds",
    );
    bench.within(
        &VERIFY,
        "pay",
        Level::Error,
        "payment 7: execution reverted: no funds",
    );
    let answer = "answering: execution reverted: no funds";
    bench.within(&VERIFY, "answer", Level::Warn, answer);
    bench.end(&VERIFY);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - POST /verify: payment 7: execution reverted: no funds ×3: call, pay, answer"
        ]
    );
}

#[test]
fn under_strain_stories_fold_by_call_site_with_their_number() {
    let mut bench = Bench::new();
    let heads = std::iter::repeat_n("POST /verify: ", 40);
    for (story, head) in (0u64..).zip(heads) {
        let request = Request { story, head };
        bench.fail(&request);
        bench.end(&request);
    }
    let lines = bench.all();
    bench.acknowledge();
    assert!(lines.len() < 8, "{lines:?}");
    let folded = lines.iter().find(|line| line.contains("requests"));
    assert!(
        folded.is_some_and(|line| line.contains(" in 3")),
        "{lines:?}"
    );
    let total = bench.total();
    assert_eq!(total.shown + total.folded, 200);
}

#[test]
fn what_waits_is_counted_when_the_channel_is_muted_or_closed() {
    let mut bench = Bench::new();
    bench.fail(&VERIFY);
    bench.channel.mute(bench.now);
    bench.check();
    assert_eq!(bench.total().dropped_for(Loss::Muted), 5);
    bench.channel.unmute(bench.now);
    let mut bench = Bench::new();
    bench.fail(&VERIFY);
    bench.channel.close(bench.now);
    assert_eq!(bench.all().len(), 1, "the end does not wait");
    let mut bench = Bench::new();
    bench.fail(&VERIFY);
    assert!(bench.farewell().is_some_and(|line| line.contains('5')));
    assert_eq!(bench.total().dropped_for(Loss::Exit), 5);
}

#[test]
fn secrets_stay_hidden_where_a_status_is_put_in() {
    let mut bench = Bench::new();
    let query = Request {
        story: 1,
        head: "GET /quote?api_key=sk_live_4eC39HqLyjWDarjtT1zdp7dc: ",
    };
    bench.within(
        &query,
        "a",
        Level::Error,
        "key sk_live_4eC39HqLyjWDarjtT1zdp7dc is refused",
    );
    bench.within(&query, "b", Level::Info, "status=401 elapsed=2ms");
    bench.end(&query);
    let lines = bench.all();
    assert!(lines[0].contains("401 in 2 ms"), "{lines:?}");
    assert!(!lines[0].contains("4eC39HqL"), "{lines:?}");
}
