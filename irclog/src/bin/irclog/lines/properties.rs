//! Whatever sources write, and in whatever order: no ERROR is shown as less,
//! and none is lost.

use proptest::prelude::*;

use super::tests::Bench;

/// How carriers mark the lines of the source `n`. Lines without a mark come
/// from one source, so that they do not stand between each other's.
const CARRIERS: &[fn(usize, &str) -> String] = &[
    |n, line| format!("web-{n}  | {line}"),
    |n, line| format!("shop_{n}  | 2026-01-31T23:59:59.123456789Z {line}"),
    |n, line| format!("[pod/pay-{n}/app] {line}"),
    |n, line| format!("Jan 31 23:59:59 box pay[{}]: {line}", n + 1),
    |n, line| format!("2026-01-31T23:59:59.123000+00:00 shop/pay/{n:032x} {line}"),
    |n, line| format!("2026-01-31T23:59:59.123456+00:00 app[web.{n}]: {line}"),
    |n, line| format!("<14>1 2026-01-31T23:59:59Z box pay{n} 7 - - {line}"),
];

/// What a program writes at once; `§` stands for the number that must be shown
/// in an ERROR.
const ERRORS: &[&str] = &[
    "ERROR:root:late §",
    "2026-01-31 23:59:59,123 - main - ERROR - late §",
    "2026-01-31T23:59:59.123456Z ERROR pay::settle: late §",
    "[2026-01-31T23:59:59Z ERROR pay] late §",
    "{\"level\":\"error\",\"msg\":\"late §\"}",
    "time=x level=error msg=\"late §\"",
    "level='error' event='late §' order=7",
    "ERROR[01-31|22:40:03.123] late §",
    "2026-01-31 23:59:59.123 | ERROR    | shop:settle:88 - late §",
    "ERROR:root:late §\nTraceback (most recent call last):\n  File \"a.py\", line 1, in a\n    b()\nValueError: x",
    "Traceback (most recent call last):\n  File \"a.py\", line 1, in a\nValueError: late §",
    "thread 'main' panicked at src/pay.rs:8:5:\nlate §\nnote: run with `RUST_BACKTRACE=1`",
    "panic: late §\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:8 +0x1d\nexit status 2",
    "TypeError: late §\n    at settle (/srv/pay.js:8:3)",
    "com.shop.Pay$LateException: late §\n\tat com.shop.Pay.go(Pay.java:8)\nCaused by: java.io.IOException: x",
    "thread 'main' has overflowed its stack, late §",
];

const OTHERS: &[&str] = &[
    "plain text",
    "INFO:     127.0.0.1:6 - \"GET /health HTTP/1.1\" 200 OK",
    "config {\n  \"a\": 1\n}",
    "the key must start with -----BEGIN PRIVATE KEY----- (check it)",
    "-----BEGIN PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2",
    "goroutine 7 [running]:",
    "  10%|#  | 1/10 [00:01<00:09]\r100%|###| 10/10 [00:10<00:00]",
    "Traceback (most recent call last):",
    "==========",
    "",
    "{\"msg\":\"x\"}",
    "\u{feff}\u{1b}[31mred",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Sources speak by turns, line by line.
    #[test]
    fn every_error_is_shown_as_one(
        said in prop::collection::vec((0_usize..50, any::<prop::sample::Index>(), any::<bool>()), 1..120),
        turns in prop::collection::vec(0_usize..50, 0..400),
        pause in 0_u64..40,
    ) {
        let mut queues: Vec<Vec<String>> = vec![Vec::new(); 50];
        let mut errors = Vec::new();
        for (number, (source, which, is_error)) in said.iter().enumerate() {
            let text = if *is_error {
                errors.push(number);
                ERRORS[which.index(ERRORS.len())].replace('§', &format!("<{number}>"))
            } else {
                OTHERS[which.index(OTHERS.len())].to_owned()
            };
            let carrier = CARRIERS[source % CARRIERS.len()];
            queues[*source].extend(text.split('\n').map(|line| carrier(*source, line)));
        }
        for queue in &mut queues {
            queue.reverse();
        }
        let mut bench = Bench::new();
        let rest = (0..50).flat_map(|source| vec![source; queues[source].len()]);
        let rest: Vec<usize> = rest.collect();
        for (nth, source) in turns.into_iter().chain(rest).enumerate() {
            if let Some(line) = queues[source].pop() {
                bench.feed(&(line + "\n"));
            }
            // All of it comes within a second, as an error's lines do.
            if nth % 20 == 0 {
                bench.pass(pause);
            }
        }
        // A second after its last line everything is there.
        bench.pass(1_000);
        let waiting = bench.waits();
        prop_assert!(!waiting);
        let seen = bench.end();
        for number in errors {
            let mark = format!("<{number}>");
            let shown: Vec<&String> = seen.iter().filter(|text| text.contains(&mark)).collect();
            prop_assert_eq!(shown.len(), 1, "{}: {:#?}", mark, seen);
            prop_assert!(shown[0].starts_with("ERROR "), "{:#?}", shown);
        }
    }

    #[test]
    fn no_bytes_break_it(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)
    ) {
        let mut bench = Bench::new();
        for piece in &pieces {
            bench.feed_bytes(piece).pass(7);
        }
        bench.end();
    }
}
