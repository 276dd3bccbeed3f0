//! What programs write as they are set up, each with more than one record.

use super::tests::{Bench, records};

#[test]
fn tracing_s_pretty_format_is_a_record_each() {
    let text = "ready\n  2026-01-31T23:59:59.123456Z  INFO shop: up, port: 80\n    at src/main.rs:8\n\n\
                \x20 2026-01-31T23:59:59.123457Z ERROR shop::pay: late, order: 7\n    at src/pay.rs:9\n    \
                in shop::settle with payer: 3\n\n  2026-01-31T23:59:59.123458Z  WARN shop: slow\n    at src/main.rs:10\n";
    assert_eq!(
        records(text),
        [
            "INFO shop: ready",
            "INFO shop: up, port: 80\nat src/main.rs:8",
            "ERROR shop::pay: late, order: 7\nat src/pay.rs:9\nin shop::settle with payer: 3",
            "WARN shop: slow\nat src/main.rs:10",
        ]
    );
}

#[test]
fn rich_aligns_levels_and_draws_tracebacks() {
    let text = "[23:59:59] INFO     up on port 80                                     shop.py:8\n\
                \x20          ERROR    no price                                          shop.py:9\n\
                \x20          CRITICAL out of gas                                        shop.py:10\n\
                \x20          INFO     going on                                          shop.py:11\n\
                ╭────── Traceback (most recent call last) ───────╮\n\
                │ /srv/shop.py:12 in <module>                    │\n\
                ╰────────────────────────────────────────────────╯\n\
                ValueError: late\n";
    assert_eq!(
        records(text)[..4],
        [
            "INFO shop: up on port 80",
            "ERROR shop: no price",
            "ERROR shop: out of gas",
            "INFO shop: going on",
        ]
    );
    let last = records(text).pop().unwrap_or_default();
    assert!(
        last.starts_with("ERROR shop: ") && last.ends_with("ValueError: late"),
        "{last}"
    );
}

#[test]
fn rich_with_the_date_and_code_of_no_file_is_shown_as_well() {
    let text = "[01/31/26 23:59:59] INFO     up on port 80                            <string>:8\n\
                \x20                   WARNING  slow                                     shop.py:9\n\
                \x20                   CRITICAL no gas                                   shop.py:10\n";
    assert_eq!(
        records(text),
        [
            "INFO string: up on port 80",
            "WARN shop: slow",
            "ERROR shop: no gas"
        ]
    );
}

#[test]
fn pairs_end_with_a_traceback_that_nobody_escaped() {
    let text = "level=warning event=slow\nlevel=error event=late order=7 exception=\"Traceback (most recent call last):\n\
                \x20 File \\\"/srv/pay.py\\\", line 8, in pay\nValueError: nonce\"\nlevel=info event=next\n";
    let seen = records(text);
    assert_eq!(seen.len(), 3, "{seen:#?}");
    assert!(
        seen[1].starts_with("ERROR shop: late order=7\nTraceback")
            && seen[1].contains("ValueError: nonce"),
        "{seen:#?}"
    );
}

#[test]
fn nothing_goes_on_with_what_says_nothing() {
    let mut bench = Bench::new();
    bench.feed("Error: late\n    at pay (/srv/pay.js:8:9)\n");
    bench.pass(400).feed("\nNode.js v20.1.0\n");
    assert_eq!(bench.end(), ["ERROR shop: late\nat pay (/srv/pay.js:8:9)"]);
}

#[test]
fn winston_names_levels_behind_labels_and_among_fields() {
    let text = "2026-01-31T23:59:59.123Z [shop] error: late\n[pay] warn: slow\n\
                {\"@fields\":{\"level\":\"error\",\"order\":7},\"@message\":\"no price\",\"@timestamp\":\"x\"}\n";
    assert_eq!(
        records(text),
        [
            "ERROR shop: late",
            "WARN pay: slow",
            "ERROR shop: no price order=7"
        ]
    );
}

#[test]
fn a_panic_of_go_may_have_more_lines() {
    let text = "panic: no price:\nfor order 7\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:8 +0x1d\nexit status 2\nready\n";
    assert_eq!(
        records(text),
        [
            "ERROR shop: panic: no price:\nfor order 7\ngoroutine 1 [running]:\nmain.main()\n\
             /srv/main.go:8 +0x1d\nexit status 2",
            "INFO shop: ready",
        ]
    );
}

#[test]
fn the_date_of_go_is_no_stream_behind_a_carrier_s_stamp() {
    let stamp = "2026-01-31T23:59:59.123456789Z";
    let text = format!(
        "{stamp} 2026/01/31 23:59:59 up\n{stamp} 2026/01/31 23:59:59 http: panic serving 10.0.0.7:80: late\n\
         {stamp} goroutine 7 [running]:\n{stamp} main.main()\n{stamp} \t/srv/main.go:8 +0x1d\n"
    );
    assert_eq!(
        records(&text),
        [
            "INFO shop: up",
            "ERROR shop: http: panic serving 10.0.0.7:80: late\ngoroutine 7 [running]:\nmain.main()\n\
             /srv/main.go:8 +0x1d"
        ]
    );
}

#[test]
fn a_report_waits_for_the_symbols_of_its_backtrace() {
    let mut bench = Bench::new();
    bench.feed("Error: late\n\nCaused by:\n    0: no price\n");
    bench.pass(400).feed("    1: not a number\n\n");
    bench
        .pass(400)
        .feed("Stack backtrace:\n   0: shop::pay\n             at ./src/pay.rs:8:9\n");
    assert_eq!(
        bench.end(),
        [
            "ERROR shop: late\nCaused by:\n0: no price\n1: not a number\nStack backtrace:\n\
             0: shop::pay\nat ./src/pay.rs:8:9"
        ]
    );
}

#[test]
fn a_thread_of_java_waits_for_its_frames() {
    let mut bench = Bench::new();
    bench.feed("Exception in thread \"worker 1\" com.shop.Late: no price\n");
    bench
        .pass(400)
        .feed("\tat com.shop.Pay.go(Pay.java:8)\nCaused by: java.io.IOException: closed\n");
    assert_eq!(
        bench.end(),
        [
            "ERROR shop: Exception in thread \"worker 1\" com.shop.Late: no price\n\
             at com.shop.Pay.go(Pay.java:8)\nCaused by: java.io.IOException: closed"
        ]
    );
}

#[test]
fn the_causes_of_a_logged_error_are_its_own() {
    let text = "2026-01-31T23:59:59.123456Z ERROR shop::pay: late err=no price\n\nCaused by:\n    0: rpc\n    1: closed\n\
                2026-01-31T23:59:59.123457Z  INFO shop: next\n";
    assert_eq!(
        records(text),
        [
            "ERROR shop::pay: late err=no price\nCaused by:\n0: rpc\n1: closed",
            "INFO shop: next",
        ]
    );
}

#[test]
fn exceptions_of_the_jvm_stay_with_what_logged_them() {
    let text = "23:59:59.123 [main] ERROR com.shop.Pay - closing\njava.lang.Exception: late\n\tat com.shop.Pay.go(Pay.java:8)\n\
                \tSuppressed: java.io.IOException: closed\n\t\t... 1 common frames omitted\n\
                23:59:59.124 [main] ERROR com.shop.Pay - settling\njava.io.IOException: closed\n\tat com.shop.Net.read(Net.java:9)\n\
                Wrapped by: com.shop.Pay$Late: no price\n\tat com.shop.Pay.go(Pay.java:8)\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(seen[0].contains("closing\njava.lang.Exception: late\n"));
    assert!(seen[1].ends_with(
        "at com.shop.Net.read(Net.java:9)\nWrapped by: com.shop.Pay$Late: no price\n\
         at com.shop.Pay.go(Pay.java:8)"
    ));
}

#[test]
fn java_s_own_logger_writes_the_level_below_the_place() {
    let text = "Jan 31, 2026 11:59:59 PM com.shop.Pay settle\nSEVERE: late\njava.io.IOException: closed\n\tat com.shop.Pay.go(Pay.java:8)\n\
                \nJan 31, 2026 11:59:59 PM com.shop.Pay$Book <init>\nINFO: open\n";
    assert_eq!(
        records(text),
        [
            "ERROR com.shop.Pay: late\njava.io.IOException: closed\nat com.shop.Pay.go(Pay.java:8)",
            "INFO com.shop.Pay$Book: open",
        ]
    );
}

#[test]
fn the_traceback_of_another_process_is_part_of_its_error() {
    let text = "[2026-01-31 23:59:59,123: ERROR/MainProcess] Task pay[7] raised unexpected: Late()\n\
                concurrent.futures.process._RemoteTraceback: \n\"\"\"\nTraceback (most recent call last):\n\
                \x20 File \"/srv/pay.py\", line 8, in pay\n    raise Late()\nKeyError: 'usdc'\n\"\"\"\n\n\
                The above exception was the direct cause of the following exception:\n\n\
                Traceback (most recent call last):\n  File \"/srv/main.py\", line 9, in run\n    pay()\nKeyError: 'usdc'\n\
                [2026-01-31 23:59:59,124: INFO/MainProcess] next\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(
        seen[0].starts_with("ERROR shop: Task pay[7]") && seen[0].ends_with("KeyError: 'usdc'")
    );
    assert!(!seen[0].contains("\"\"\""), "{}", seen[0]);
}

#[test]
fn whatever_node_throws_is_one_error_without_node_s_own_source() {
    let place = "node:internal/process/promises:391\n      triggerUncaughtException(err, true /* fromPromise */);\n      ^\n\n";
    let text = format!(
        "{place}[AggregateError: all failed] {{\n  [errors]: [\n    Error: one is down\n        at pay (/srv/pay.js:3:9)\n  ]\n}}\n\nNode.js v20.1.0\nnext\n"
    );
    let seen = records(&text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(
        seen[0].starts_with("ERROR shop: [AggregateError: all failed] {")
            && seen[0].contains("Error: one is down\nat pay (/srv/pay.js:3:9)"),
        "{}",
        seen[0]
    );
    assert_eq!(seen[1], "INFO shop: next");

    let text = "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module 'pay'\nRequire stack:\n- /srv/main.js\n\
                - /srv/shop.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)\n    at Object.<anonymous> (/srv/main.js:5:8) {\n\
                \x20 code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v20.1.0\n";
    let seen = records(text);
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert!(
        seen[0].starts_with(
            "ERROR shop: Error: Cannot find module 'pay'\nRequire stack:\n- /srv/main.js\n- /srv/shop.js\n"
        ),
        "{}",
        seen[0]
    );

    let text = "/srv/pay.js:3\n  throw 'no price';\n  ^\nno price\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\n\
                Node.js v20.1.0\n";
    let expected = ["ERROR shop: /srv/pay.js:3\nthrow 'no price';\nno price"];
    assert_eq!(records(text), expected);
    assert_eq!(
        records("[eval]:1\nthrow 'late'\n^\nlate\nnext\n"),
        [
            "ERROR shop: [eval]:1\nthrow 'late'\nlate",
            "INFO shop: next"
        ]
    );
    // However slowly it comes.
    let mut bench = Bench::new();
    for line in text.split_inclusive('\n') {
        bench.feed(line).pass(80);
    }
    assert_eq!(bench.end(), expected);
}

#[test]
fn a_report_of_color_eyre_ends_with_its_advice() {
    let text = "Error: \n   0: late\n   1: no price\n\nLocation:\n   src/main.rs:4\n\n\
                \x20 ━━━━━━━━━━━━━━━ BACKTRACE ━━━━━━━━━━━━━━━\n                    ⋮ 4 frames hidden ⋮\n   5: shop::pay::h0123456789abcdef\n\
                \x20     at /srv/src/pay.rs:4\n\nRun with COLORBT_SHOW_HIDDEN=1 environment variable to disable frame filtering.\n\
                Run with RUST_BACKTRACE=full to include source snippets.\nnext\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(
        seen[0].starts_with("ERROR shop: Error:\n0: late\n1: no price\n"),
        "{}",
        seen[0]
    );
    assert_eq!(seen[1], "INFO shop: next");
}

#[test]
fn errors_that_an_error_was_made_of_are_told_behind_it() {
    let text = concat!(
        r#"{"level":50,"err":{"type":"Error","message":"late: no price","stack":"Error: late\n    at pay (/srv/pay.js:8:9)\ncaused by: TypeError: no price\n    at price (/srv/price.js:2:3)"},"msg":"refused"}"#,
        "\n",
        r#"{"level":50,"err":{"type":"AggregateError","message":"all failed","stack":"AggregateError: all failed\n    at pay (/srv/pay.js:8:9)","aggregateErrors":[{"type":"Error","message":"one is down","stack":"Error: one is down\n    at ask (/srv/rpc.js:2:3)"},{"type":"TypeError","message":"bad reply","stack":"TypeError: bad reply"}]},"msg":"refused"}"#,
        "\n"
    );
    assert_eq!(
        records(text),
        [
            "ERROR shop: refused\nError: late\nat pay (/srv/pay.js:8:9)\ncaused by: TypeError: no price\n\
             at price (/srv/price.js:2:3)",
            "ERROR shop: refused\nAggregateError: all failed\nat pay (/srv/pay.js:8:9)\n\
             caused by: Error: one is down\nat ask (/srv/rpc.js:2:3)\ncaused by: TypeError: bad reply",
        ]
    );
}

#[test]
fn the_trace_of_a_structured_record_is_made_short() {
    let frames = r"\n    at step (node:internal/steps:7:1)".repeat(20);
    let text = format!(
        r#"{{"level":50,"err":{{"type":"Error","message":"late","stack":"Error: late\n    at pay (/srv/pay.js:8:9){frames}\ncaused by: TypeError: no price\n    at price (/srv/price.js:2:3){frames}"}},"msg":"refused"}}"#
    );
    let seen = records(&text);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].lines().count() <= 12, "{}", seen[0]);
    for part in [
        "Error: late",
        "at pay (/srv/pay.js",
        "caused by: TypeError: no price",
        "at price (/srv/price.js",
    ] {
        assert!(seen[0].contains(part), "{part}: {}", seen[0]);
    }
}

#[test]
fn what_winston_tells_of_the_process_is_left_out() {
    let text = r#"{"date":"x","error":{},"exception":true,"level":"error","message":"uncaughtException: late\nError: late\n    at pay (/srv/pay.js:8:9)","os":{"uptime":1},"process":{"pid":7},"stack":"Error: late\n    at pay (/srv/pay.js:8:9)","trace":[{"column":9}],"order":7}"#;
    assert_eq!(
        records(text),
        ["ERROR shop: uncaughtException: late order=7\nError: late\nat pay (/srv/pay.js:8:9)"]
    );
}

#[test]
fn a_structured_record_behind_a_text_is_read() {
    let text = concat!(
        r#"2026-01-31 23:59:59,123 ERROR shop.pay {"order": 7, "event": "late", "level": "error", "exception": "Traceback (most recent call last):\n  File \"/srv/pay.py\", line 8, in pay\nValueError: nonce"}"#,
        "\n",
        r#"error: refused {"order":7,"stack":"Error: late\n    at pay (/srv/pay.js:8:9)"}"#,
        "\n",
        r#"info: paid {"order":7}"#,
        "\n",
        // What strangers send.
        r#"INFO:shop:user-agent={"level":"error","message":"forged"}"#,
        "\n",
        r#"INFO:shop:{"level":"error","message":"forged"}"#,
        "\n"
    );
    assert_eq!(
        records(text),
        [
            "ERROR shop.pay: late order=7\nTraceback (most recent call last):\n\
             File \"/srv/pay.py\", line 8, in pay\nValueError: nonce",
            "ERROR shop: refused order=7\nError: late\nat pay (/srv/pay.js:8:9)",
            "INFO shop: paid {\"order\":7}",
            "INFO shop: user-agent={\"level\":\"error\",\"message\":\"forged\"}",
            "INFO shop: forged",
        ]
    );
}

#[test]
fn an_object_printed_for_people_names_its_level() {
    let text = "{\n  coin: 'dai',\n  level: 'error',\n  message: 'no price'\n}\n{\n  \"level\": \"warn\",\n  \"message\": \"slow\"\n}\n";
    let seen = records(text);
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert_eq!(
        records(
            "{ coin: 'dai', level: 'error', message: 'no price' }\n{ agent: \"x, level: 'error', y\" }\n"
        ),
        [
            "ERROR shop: { coin: 'dai', level: 'error', message: 'no price' }",
            "INFO shop: { agent: \"x, level: 'error', y\" }"
        ]
    );
    assert!(seen[0].starts_with("ERROR shop: {") && seen[1].starts_with("WARN shop: {"));
}

#[test]
fn an_uncaught_error_that_winston_prints_is_one() {
    let text =
        "error: uncaughtException: late\nError: late\n    at pay (/srv/pay.js:8:9)\ninfo: next\n";
    assert_eq!(
        records(text),
        [
            "ERROR shop: uncaughtException: late\nError: late\nat pay (/srv/pay.js:8:9)",
            "INFO shop: next"
        ]
    );
    assert_eq!(records("error: late\nError: later\n").len(), 2);
}

#[test]
fn a_report_in_a_field_is_shown_line_by_line() {
    let text = r#"{"timestamp":"x","level":"ERROR","fields":{"message":"refused","err":"late\n\nCaused by:\n    0: no price"},"target":"pay"}"#;
    assert_eq!(
        records(text),
        ["ERROR pay: refused\nlate\nCaused by:\n0: no price"]
    );
}

#[test]
fn frameworks_of_node_name_their_levels() {
    let text = "[Nest] 7  - 01/31/2026, 11:59:59 PM     LOG [PayService] up\n\
                [Nest] 7  - 01/31/2026, 11:59:59 PM   ERROR [PayService] late\nError: late\n    at pay (/srv/pay.js:8:9)\n\
                [Nest] 7  - 01/31/2026, 11:59:59 PM   FATAL no gas\n\
                [2026-01-31T23:59:59.123] [ERROR] pay - no price\n\
                ℹ up\n\n WARN  slow\n\n\n ERROR  late\n\n  at pay (pay.js:8:9)\n\n\n FATAL  no gas\n\n";
    assert_eq!(
        records(text),
        [
            "INFO PayService: up",
            "ERROR PayService: late\nError: late\nat pay (/srv/pay.js:8:9)",
            "ERROR shop: no gas",
            "ERROR pay: no price",
            "INFO shop: ℹ up",
            "WARN shop: slow",
            "ERROR shop: late\nat pay (pay.js:8:9)",
            "ERROR shop: no gas",
        ]
    );
}

#[test]
fn python_s_formats_need_no_punctuation() {
    let stamp = "2026-01-31 23:59:59,123";
    for (line, record) in [
        ("shop.pay ERROR late", "ERROR shop.pay: late"),
        ("shop ERROR late", "ERROR shop: late"),
        ("pay.py:8 ERROR late", "ERROR pay.py: late"),
        ("7 ERROR shop.pay - late", "ERROR shop.pay: late"),
        ("MainThread CRITICAL late", "ERROR MainThread: late"),
        (
            "[MainThread] ERROR    shop.pay.<module>:8 - late",
            "ERROR shop.pay.<module>: late",
        ),
        ("[ERROR] [shop.pay:8] late", "ERROR shop.pay: late"),
        ("error late", "ERROR shop: late"),
        ("errors: 0", "INFO shop: errors: 0"),
        ("the last ERROR was", "INFO shop: the last ERROR was"),
    ] {
        assert_eq!(records(&format!("{stamp} {line}\n")), [record], "{line}");
    }
    assert_eq!(
        records(&format!(
            "[{stamp}] ERROR in app: late\nCRITICAL: {stamp}: shop.pay: no gas\n"
        )),
        ["ERROR app: late", "ERROR shop: shop.pay: no gas"]
    );
}

#[test]
fn what_elastic_s_formatter_repeats_is_left_out() {
    let text = r#"{"@timestamp":"x","log.level":"error","message":"late","ecs":{"version":"1.6.0"},"log":{"logger":"shop.pay","origin":{"file":{"line":8}},"original":"late"},"process":{"pid":7},"order":7}"#;
    assert_eq!(records(text), ["ERROR shop.pay: late order=7"]);
}

#[test]
fn what_viem_says_of_a_call_is_part_of_its_error() {
    let text = "CallError: The contract function \"pay\" reverted with the following reason:\nno allowance\n\n\
                Contract Call:\n  address:   0x01\n  function:  pay(address)\n\nDocs: https://viem.test/pay\nDetails: late\nVersion: viem@2\n    \
                at pay (/srv/pay.js:8:9)\n\
                going on\nCallError: The contract function \"pay\" reverted.\n\nError: Late(uint256)\n      (7)\n \nContract Call:\n  address:   0x01\n    at pay (/srv/pay.js:9:9)\nlast\n";
    let seen = records(text);
    assert_eq!(seen.len(), 4, "{seen:#?}");
    assert!(
        seen[0].contains("reason:\nno allowance\n")
            && seen[0].ends_with("at pay (/srv/pay.js:8:9)"),
        "{}",
        seen[0]
    );
    assert_eq!(seen[1], "INFO shop: going on");
    assert!(
        seen[2].contains("reverted.\nError: Late(uint256)\n(7)\nContract Call:"),
        "{}",
        seen[2]
    );
    assert_eq!(seen[3], "INFO shop: last");
}

#[test]
fn what_postgresql_tells_of_an_error_is_part_of_it() {
    let stamp = "2026-01-31 23:59:59.123 UTC";
    let text = format!(
        "{stamp} [7] ERROR:  duplicate key\n{stamp} [7] DETAIL:  Key (a)=(1) already exists.\n\
         {stamp} [7] STATEMENT:  insert into t\n\t  values (1)\n{stamp} [8] LOG:  ready\n{stamp} [8] STATEMENT:  select 1\n"
    );
    assert_eq!(
        records(&text),
        [
            "ERROR shop: duplicate key\nDETAIL:  Key (a)=(1) already exists.\nSTATEMENT:  insert into t\nvalues (1)",
            "INFO shop: ready",
            "INFO shop: [8] STATEMENT:  select 1",
        ]
    );
}
