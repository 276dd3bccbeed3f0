use std::time::{Duration, Instant};

use log::Level;

use super::{Entry, Lines};

/// Feeds lines at made-up times and collects records.
pub(super) struct Bench {
    lines: Lines,
    now: Instant,
    seen: Vec<Entry>,
}

impl Bench {
    pub(super) fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "any moment will do as the first")]
        let now = Instant::now();
        Self {
            lines: Lines::new("shop"),
            now,
            seen: Vec::new(),
        }
    }

    pub(super) fn feed(&mut self, text: &str) -> &mut Self {
        self.feed_bytes(text.as_bytes())
    }

    pub(super) fn feed_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.lines.feed(bytes, self.now, &mut |entry| {
            self.seen.push(entry);
        });
        self
    }

    /// Whether a record is kept back for lines to come.
    pub(super) fn waits(&self) -> bool {
        self.lines.deadline().is_some()
    }

    /// Time goes by, and whoever runs this calls back when it was asked to.
    pub(super) fn pass(&mut self, millis: u64) -> &mut Self {
        let until = self.now + Duration::from_millis(millis);
        while let Some(deadline) = self.lines.deadline()
            && deadline <= until
        {
            self.now = deadline;
            self.lines
                .elapse(deadline, &mut |entry| self.seen.push(entry));
        }
        self.now = until;
        self
    }

    /// All records so far as `LEVEL sender target: text`, the last one included.
    pub(super) fn end(&mut self) -> Vec<String> {
        self.lines
            .finish(self.now, &mut |entry| self.seen.push(entry));
        self.seen
            .drain(..)
            .map(|entry| {
                let sender = entry.sender.map(|sender| sender + " ").unwrap_or_default();
                format!("{} {sender}{}: {}", entry.level, entry.target, entry.text)
            })
            .collect()
    }
}

pub(super) fn records(text: &str) -> Vec<String> {
    Bench::new().feed(text).end()
}

#[test]
fn bare_lines_are_records_of_the_program() {
    assert_eq!(
        records("one\n\ntwo\nthree"),
        ["INFO shop: one", "INFO shop: two", "INFO shop: three"]
    );
}

#[test]
fn a_logged_exception_is_one_record() {
    let text = "2026-01-31 23:59:59,123 - main - ERROR - settling failed\n\
                Traceback (most recent call last):\n\
                \x20 File \"/srv/main.py\", line 8, in settle\n\
                \x20   raise ValueError(\"late\")\n\
                \x20         ^^^^^^^^^^^^^^^^^^\n\
                ValueError: late\n\
                \n\
                The above exception was the direct cause of the following exception:\n\
                \n\
                Traceback (most recent call last):\n\
                \x20 File \"/srv/main.py\", line 9, in pay\n\
                \x20   settle()\n\
                shop.errors.Refused: no\n\
                2026-01-31 23:59:59,124 - main - INFO - next\n";
    assert_eq!(
        records(text),
        [
            "ERROR main: settling failed\nTraceback (most recent call last):\n\
             File \"/srv/main.py\", line 8, in settle\nraise ValueError(\"late\")\nValueError: late\n\
             The above exception was the direct cause of the following exception:\n\
             Traceback (most recent call last):\nFile \"/srv/main.py\", line 9, in pay\nsettle()\n\
             shop.errors.Refused: no",
            "INFO main: next",
        ]
    );
}

#[test]
fn a_crash_does_not_hide_behind_an_info() {
    let text = "INFO:     started\nTraceback (most recent call last):\n  File \"a.py\", line 1, in a\n\
                    boom()\nZeroDivisionError: by zero\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[0], "INFO uvicorn: started");
    assert!(
        seen[1].starts_with("ERROR shop: Traceback") && seen[1].ends_with("by zero"),
        "{seen:?}"
    );
}

#[test]
fn the_message_of_an_exception_may_have_more_lines() {
    let text = "Traceback (most recent call last):\n  File \"a.py\", line 1, in a\n\
                ValidationError: 1 error for Payment\namount\n  must be positive\n\
                INFO:     next\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen[0].ends_with("for Payment\namount\nmust be positive"),
        "{seen:?}"
    );
}

#[test]
fn what_is_printed_later_is_not_of_the_exception() {
    let mut bench = Bench::new();
    bench
        .feed("Traceback (most recent call last):\n  File \"a.py\", line 1, in a\nValueError: x\n");
    bench.pass(50).feed("trying again\n");
    assert_eq!(bench.end()[1], "INFO shop: trying again");
}

#[test]
fn traces_of_other_languages_are_one_error_each() {
    let table = [
        "thread 'main' panicked at src/main.rs:2:5:\nno price for this\nnote: run with RUST_BACKTRACE=1\n",
        "thread 'main' panicked at src/main.rs:2:5:\nlate\nstack backtrace:\n   0: std::begin\n\
         \x20            at /rust/std.rs:1:2\n   1: pay::main\n",
        "Exception in thread \"main\" java.lang.IllegalStateException: late\n\tat shop.Pay.go(Pay.java:8)\n\
         Caused by: java.io.IOException: closed\n\tat shop.Net.read(Net.java:9)\n\t... 3 more\n",
        "panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:8 +0x1d\nexit status 2\n",
        "TypeError: late is not a function\n    at settle (/srv/pay.js:8:3)\n    at node:internal/main:1:2\n",
        "/srv/pay.js:3\n    throw new Error('late')\n    ^\n\nTypeError: late\n    at settle (/srv/pay.js:3:9)\n",
        "pay.rb:3:in 'settle': late (RuntimeError)\n\tfrom pay.rb:7:in '<main>'\n",
        "Error: settling failed\n\nCaused by:\n    0: asking the facilitator\n    1: timed out\n",
    ];
    for text in table {
        let seen = records(&format!("before\n{text}INFO:     after\n"));
        assert_eq!(seen.len(), 3, "{seen:#?}");
        assert!(seen[1].starts_with("ERROR shop: "), "{seen:#?}");
        let pointers = text.lines().filter(|line| line.trim() == "^").count();
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(seen[1].lines().count(), lines - pointers, "{seen:#?}");
    }
}

#[test]
fn a_warning_with_an_exception_stays_a_warning() {
    let text = "23:59:59 [main] WARN  com.shop.Pay - slow\njava.io.IOException: late\n\tat shop.Pay.go(Pay.java:8)\n";
    let seen = records(text);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].starts_with("WARN com.shop.Pay: slow\njava.io"));
}

#[test]
fn a_warning_of_python_itself_is_one() {
    let text = "/srv/main.py:44: DeprecationWarning: \n   old\n\n   use new\n  @app.old\nnext\n";
    assert_eq!(
        records(text),
        [
            "WARN shop: /srv/main.py:44: DeprecationWarning:\nold\nuse new\n@app.old",
            "INFO shop: next"
        ]
    );
}

#[test]
fn indented_and_closing_lines_belong_to_what_they_follow() {
    let text = "config: {\n  \"price\": 1\n}\nnext {\n}\n)\n";
    assert_eq!(
        records(text),
        [
            "INFO shop: config: {\n\"price\": 1\n}",
            "INFO shop: next {\n}\n)"
        ]
    );
}

#[test]
fn a_key_over_several_lines_is_counted_and_not_kept() {
    let body = "QUJD".repeat(16);
    let text = format!(
        "loaded -----BEGIN PRIVATE KEY-----\n{body}\n{body}\nQQ==\n-----END PRIVATE KEY-----\nnext\n"
    );
    assert_eq!(
        records(&text),
        ["INFO shop: loaded [PEM: 4 lines]", "INFO shop: next"]
    );
    // Each line with a head of its own.
    let text = text.replace("loaded ", "").replace('\n', "\nINFO:tls:");
    let text = format!("INFO:tls:{text}").replace("INFO:tls:next\nINFO:tls:", "");
    assert_eq!(
        records(&(text + "ERROR:tls:expired\n")),
        ["INFO tls: [PEM: 4 lines]", "ERROR tls: expired"]
    );
}

#[test]
fn a_key_that_has_no_end_blinds_nobody() {
    let body = "QUJD".repeat(16);
    let begin = "INFO:auth:it must start with -----BEGIN PRIVATE KEY----- (check KEY)\n";
    for key in ["", &format!("{body}\n"), &format!("{body}\nQQ==\n")] {
        let mut text = format!("{begin}{key}");
        text.push_str(&"ERROR:shop:refused\nplain\n".repeat(40));
        let seen = records(&text);
        assert_eq!(seen.len(), 81, "{seen:#?}");
        assert_eq!(seen[1], "ERROR shop: refused");
        assert!(
            !seen.iter().any(|text| text.contains(&body[..20])),
            "{seen:#?}"
        );
    }
}

#[test]
fn a_record_waits_for_more_lines_but_not_for_long() {
    let mut bench = Bench::new();
    bench.feed("ERROR:root:failed\n").pass(99);
    assert_eq!(bench.seen.len(), 0);
    bench.feed("  detail\n").pass(99);
    assert_eq!(bench.seen.len(), 0);
    bench.pass(1);
    assert_eq!(bench.seen.len(), 1);
    assert_eq!(bench.lines.deadline(), None);
    assert_eq!(bench.end(), ["ERROR root: failed\ndetail"]);
}

#[test]
fn lines_that_keep_coming_do_not_keep_a_record_back() {
    let mut bench = Bench::new();
    bench.feed("ERROR:root:failed\n");
    for n in 0..100 {
        bench.pass(80).feed(&format!("  step {n}\n"));
    }
    let seen = bench.end();
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(seen[1].starts_with("ERROR root: …\nstep 62"), "{seen:#?}");
    let lines: usize = seen.iter().map(|text| text.matches("step").count()).sum();
    assert_eq!(lines, 100, "nothing is lost");
}

#[test]
fn a_trace_that_pauses_goes_on_with_its_level() {
    let mut bench = Bench::new();
    bench.feed("thread 'main' panicked at src/main.rs:2:5:\nlate\nstack backtrace:\n");
    bench.pass(1500).feed("   0: std::begin\n").pass(2000);
    let seen = bench.end();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1], "ERROR shop: …\n0: std::begin");
}

#[test]
fn records_of_any_size_are_bounded() {
    let mut bench = Bench::new();
    bench.feed("ERROR:root:dump\n");
    for _ in 0..5_000 {
        bench.feed(&format!("  {}\n", "x".repeat(200)));
    }
    let all: usize = bench
        .seen
        .iter()
        .map(|entry| entry.text.matches(&"x".repeat(200)).count())
        .sum();
    assert!(bench.seen.len() >= 15);
    assert!(
        bench
            .seen
            .iter()
            .all(|entry| entry.text.len() < 70_000 && entry.level == Level::Error)
    );
    bench.seen.clear();
    let rest = bench.end().concat().matches(&"x".repeat(200)).count();
    assert_eq!(all + rest, 5_000);
}

#[test]
fn services_of_one_stream_are_kept_apart() {
    let text = "pay-1   | ERROR:root:failed\npay-1   | Traceback (most recent call last):\n\
                web-1   | hello\nweb-1   |   more\npay-1   | INFO:     up\n";
    assert_eq!(
        records(text),
        [
            "ERROR pay-1 root: failed\nTraceback (most recent call last):",
            "INFO web-1 web: hello\nmore",
            "INFO pay-1 uvicorn: up",
        ]
    );
}

#[test]
fn escapes_and_bad_bytes_do_not_hide_a_level() {
    let mut bench = Bench::new();
    let line = b"\x1b[2m2026-01-31T23:59:59.123456Z\x1b[0m \x1b[33m WARN\x1b[0m \x1b[2mpay::settle\x1b[0m\x1b[2m:\x1b[0m late \xff\n";
    bench
        .lines
        .feed(line, bench.now, &mut |entry| bench.seen.push(entry));
    assert_eq!(bench.end(), ["WARN pay::settle: late \u{fffd}"]);
}

#[test]
fn what_was_cut_off_is_told_by_its_size() {
    let mut bench = Bench::new();
    bench.feed(&"y".repeat(1_000_000)).feed("\n");
    bench.pass(200);
    let entry = bench.seen.pop().unwrap();
    assert_eq!(entry.text.len() + entry.omitted, 1_000_000);
}

#[test]
fn errors_of_two_services_that_come_line_by_line_stay_two() {
    let text = "web  | ERROR:    Exception in ASGI application\n\
                pay  | thread 'main' panicked at src/pay.rs:8:5:\n\
                web  | Traceback (most recent call last):\n\
                pay  | no price\n\
                web  |   File \"/srv/web.py\", line 8, in pay\n\
                pay  | note: run with `RUST_BACKTRACE=1` environment variable\n\
                web  |     settle()\n\
                pay  | 2026-01-31T23:59:59.123456Z  INFO pay::settle: next\n\
                web  | ValueError: late\n";
    assert_eq!(
        records(text),
        [
            "ERROR pay pay: thread 'main' panicked at src/pay.rs:8:5:\nno price\n\
             note: run with `RUST_BACKTRACE=1` environment variable",
            "INFO pay pay::settle: next",
            "ERROR web uvicorn: Exception in ASGI application\nTraceback (most recent call last):\n\
             File \"/srv/web.py\", line 8, in pay\nsettle()\nValueError: late",
        ]
    );
}

#[test]
fn sources_are_bounded_and_none_is_lost() {
    let mut bench = Bench::new();
    for n in 0..500 {
        bench.feed(&format!("web-{n}  | ERROR:root:late {n}\n"));
    }
    let seen = bench.end();
    assert_eq!(seen.len(), 500);
    assert_eq!(seen[0], "ERROR web-0 root: late 0");
    assert_eq!(seen[499], "ERROR web-499 root: late 499");
}

#[test]
fn errors_that_follow_each_other_stay_apart() {
    let python = "Traceback (most recent call last):\n  File \"a.py\", line 1, in a\n    b()\nValueError: one\n";
    let table = [
        (format!("{python}{python}"), 2),
        (
            format!("ERROR:root:late\n{python}ERROR:root:late\n{python}"),
            2,
        ),
        (
            "thread 'a' panicked at a.rs:1:1:\none\nthread 'b' panicked at b.rs:1:1:\ntwo\n".into(),
            2,
        ),
        (
            "thread 'a' has overflowed its stack\nfatal runtime error: stack overflow\nKilled\n"
                .into(),
            2,
        ),
        (
            "com.shop.LateException: one\n\tat com.shop.Pay.go(Pay.java:8)\n\
             com.shop.Pay$LateException: two\n\tat com.shop.Pay.go(Pay.java:9)\n"
                .into(),
            2,
        ),
    ];
    for (text, count) in table {
        let seen = records(&text);
        assert_eq!(seen.len(), count, "{seen:#?}");
        assert!(
            seen.iter().all(|text| text.starts_with("ERROR ")),
            "{seen:#?}"
        );
    }
}

#[test]
fn what_follows_a_panic_of_go_is_not_swallowed() {
    let text = "panic: late [recovered]\n\tpanic: too late\n[signal SIGSEGV: segmentation violation]\n\n\
                goroutine 34 [running]:\nmain.settle(0xc000012345, {0x4a2b3c, 0x5})\n\t/srv/settle.go:88 +0x1d\n\
                created by main.main in goroutine 1\n\t/srv/main.go:12 +0x45\nexit status 2\nrestarting\nup\n";
    let seen = records(text);
    assert_eq!(seen.len(), 3, "{seen:#?}");
    assert!(seen[0].starts_with("ERROR shop: panic: late") && seen[0].ends_with("exit status 2"));
    assert_eq!(seen[1..], ["INFO shop: restarting", "INFO shop: up"]);
    let text = "2026/01/31 23:59:59 http: panic serving 10.0.0.7:80: late\ngoroutine 51 [running]:\n\
                net/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1868 +0xb9\n\
                2026/01/31 23:59:59 next\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(
        seen[0].starts_with("ERROR shop: http: panic serving"),
        "{seen:#?}"
    );
    assert_eq!(seen[1], "INFO shop: next");
}

#[test]
fn the_message_of_a_panic_may_have_more_lines() {
    let text = "thread 'main' (7) panicked at src/pay.rs:8:5:\nsettling 7 failed:\nthe next one is 187\n\
                tx 7 of 9\nnote: run with `RUST_BACKTRACE=1`\nnext\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(seen[0].contains("\ntx 7 of 9\nnote: "), "{seen:#?}");
    assert_eq!(seen[1], "INFO shop: next");
}

#[test]
fn reports_and_last_words_are_one_error_with_what_explains_them() {
    let table = [
        "The application panicked (crashed).\nMessage:  no price\nLocation: src/pay.rs:88\n\n  ━━━ SPANTRACE ━━━\n\n   0: pay::settle\n      at src/pay.rs:12\n\nBacktrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\nRun with RUST_BACKTRACE=full to include source snippets.\n",
        "Error: \n   0: settling failed\n   1: nonce too low\n\nLocation:\n   src/main.rs:12\n\nBacktrace omitted. Run with RUST_BACKTRACE=1\n",
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f2b (most recent call first):\n  File \"/srv/shop.py\", line 12 in settle\n\nExtension modules: numpy (total: 1)\n",
        "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb)\n",
        "<--- Last few GCs --->\n\n[7:0x5]  1234 ms: Mark-sweep\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb7a940 node::Abort()\n",
        "ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished name='Task-2' exception=ValueError('x')>\nTraceback (most recent call last):\n  File \"a.py\", line 1, in a\nValueError: x\n",
        "pydantic_core.ValidationError: 1 validation error for Settings\nusername\n  Field required [type=missing]\n    For further information visit https://errors.example/v/missing\n",
        "PHP Fatal error:  Uncaught Exception: late in /srv/pay.php:3\nStack trace:\n#0 /srv/pay.php(9): settle()\n#1 {main}\n  thrown in /srv/pay.php on line 3\n",
    ];
    for text in table {
        let seen = records(&format!("INFO:root:before\n{text}INFO:root:after\n"));
        assert_eq!(seen.len(), 3, "{seen:#?}");
        assert!(seen[1].starts_with("ERROR "), "{seen:#?}");
    }
}

/// uvicorn's line of a request, of a logger that writes the message alone.
#[test]
fn a_request_is_no_part_of_the_traceback_before_it() {
    let text = "ERROR:shop.pay:cannot settle\n\
                Traceback (most recent call last):\n\
                \x20 File \"/srv/pay.py\", line 17, in settle\n\
                \x20   1/0\n\
                ZeroDivisionError: division by zero\n\
                10.0.0.7:41214 - \"GET /settle HTTP/1.1\" 500\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(seen[0].ends_with("ZeroDivisionError: division by zero"));
    assert_eq!(
        seen[1],
        "INFO shop: 10.0.0.7:41214 - \"GET /settle HTTP/1.1\" 500"
    );
}

#[test]
fn an_error_of_node_is_one_record_with_the_line_that_threw_it() {
    let text = "/srv/pay.js:1\n\
                async function settle() { throw new Error('no key') }\n\
                \x20                               ^\n\
                \n\
                Error: no key\n\
                \x20   at settle (/srv/pay.js:1:31)\n\
                \n\
                Node.js v20.1.0\n";
    let seen = records(text);
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert!(seen[0].starts_with("ERROR shop: ") && seen[0].contains("Error: no key"));
    assert_eq!(records("http://localhost:3000\nready\n").len(), 2);
}

#[test]
fn the_frames_that_rich_draws_are_kept() {
    let text = "[12:00:00] ERROR    cannot settle                 pay.py:9\n\
                ╭────────────── Traceback (most recent call last) ──────────────╮\n\
                │ /srv/pay.py:8 in settle                                       │\n\
                │                                                               │\n\
                │ ❱ 8 {}[\"k\"]                                                   │\n\
                ╰───────────────────────────────────────────────────────────────╯\n\
                KeyError: 'k'\n";
    let seen = records(text);
    assert_eq!(seen.len(), 1, "{seen:#?}");
    for part in ["cannot settle", "/srv/pay.py:8 in settle", "KeyError: 'k'"] {
        assert!(seen[0].contains(part), "{part}: {seen:?}");
    }
    assert!(!seen[0].contains('│'), "{seen:?}");
}
