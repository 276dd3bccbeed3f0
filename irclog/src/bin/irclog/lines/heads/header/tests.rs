use log::Level;

use super::*;

fn taken(line: &str) -> (Option<Level>, String, String) {
    let head = head(line).unwrap_or_else(|| panic!("not recognised: {line}"));
    let target = head.target.unwrap_or_default().into_owned();
    (head.level, target, head.text.into_owned())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of lines")]
fn known_loggers_are_recognised() {
    use Level::{Debug, Error, Info, Trace, Warn};
    let table = [
        // Python's logging
        (
            "2026-01-31 23:59:59,123 - main - INFO - 🚀 up",
            Info,
            "main",
            "🚀 up",
        ),
        (
            "2026-01-31 23:59:59,123 - shop.pay - WARNING -    price: 1 - 2",
            Warn,
            "shop.pay",
            "price: 1 - 2",
        ),
        (
            "2026-01-31 23:59:59,123 - ERROR - main - refused",
            Error,
            "main",
            "refused",
        ),
        (
            "2026-01-31 23:59:59,123 - ERROR - two words - refused",
            Error,
            "",
            "two words - refused",
        ),
        (
            "2026-01-31 23:59:59,123 INFO main: text",
            Info,
            "",
            "main: text",
        ),
        ("main - CRITICAL - out of gas", Error, "main", "out of gas"),
        ("INFO - main - text", Info, "main", "text"),
        ("INFO:root:text: more", Info, "root", "text: more"),
        (
            "WARNING:shop.pay:[402] unpaid",
            Warn,
            "shop.pay",
            "[402] unpaid",
        ),
        (
            "[2026-01-31 23:59:59,123] INFO in app: text",
            Info,
            "app",
            "text",
        ),
        // uvicorn, gunicorn, Celery, loguru, structlog, Rich
        (
            "INFO:     127.0.0.1:6 - \"GET /health HTTP/1.1\" 200 OK",
            Info,
            "uvicorn.access",
            "127.0.0.1:6 - \"GET /health HTTP/1.1\" 200 OK",
        ),
        (
            "INFO:     Application startup complete.",
            Info,
            "uvicorn",
            "Application startup complete.",
        ),
        (
            "WARNING:  Invalid HTTP request received.",
            Warn,
            "uvicorn",
            "Invalid HTTP request received.",
        ),
        (
            "ERROR:    Exception in ASGI application",
            Error,
            "uvicorn",
            "Exception in ASGI application",
        ),
        (
            "[2026-01-31 23:59:59 +0000] [1234] [INFO] Booting worker",
            Info,
            "",
            "Booting worker",
        ),
        (
            "[2026-01-31 23:59:59,123: WARNING/MainProcess] no broker",
            Warn,
            "",
            "no broker",
        ),
        (
            "2026-01-31 23:59:59.123 | ERROR    | shop.pay:settle:88 - refused",
            Error,
            "shop.pay",
            "refused",
        ),
        (
            "2026-01-31 23:59:59 [warning  ] slow                           [rpc.pool] ms=7",
            Warn,
            "",
            "slow                           [rpc.pool] ms=7",
        ),
        (
            "      INFO   Started server process [1]",
            Info,
            "",
            "Started server process [1]",
        ),
        // Rust: env_logger, tracing
        (
            "[2026-01-31T23:59:59Z INFO  pay::settle] done",
            Info,
            "pay::settle",
            "done",
        ),
        ("[2026-01-31T23:59:59Z ERROR pay] ", Error, "pay", ""),
        (
            "2026-01-31T23:59:59.123456Z  INFO pay::settle: done n=1",
            Info,
            "pay::settle",
            "done n=1",
        ),
        (
            "2026-01-31T23:59:59.123456Z TRACE pay: done",
            Trace,
            "pay",
            "done",
        ),
        (
            "2026-01-31T23:59:59.123456Z ERROR req{method=POST uri=/settle}:inner: pay: failed e=\"x: y\"",
            Error,
            "pay",
            "POST /settle inner: failed e=\"x: y\"",
        ),
        (" WARN pay::settle: late", Warn, "pay::settle", "late"),
        ("DEBUG pay::settle: late", Debug, "pay::settle", "late"),
        // JVM
        (
            "2026-01-31 23:59:59.123  INFO 1 --- [  main] com.shop.Pay   : Started",
            Info,
            "com.shop.Pay",
            "Started",
        ),
        (
            "23:59:59.123 [main] DEBUG com.shop.Pay - text",
            Debug,
            "com.shop.Pay",
            "text",
        ),
        (
            "2026-01-31 23:59:59 WARN  [worker-1] com.shop.Pay$Inner - text",
            Warn,
            "com.shop.Pay$Inner",
            "text",
        ),
        ("SEVERE: no database", Error, "", "no database"),
        // Go, nginx, syslog, systemd, Node
        (
            "I0131 23:59:59.123456   12 pool.go:88] dialled",
            Info,
            "pool.go",
            "dialled",
        ),
        (
            "E0131 23:59:59.123456   12 pool.go:88] refused",
            Error,
            "pool.go",
            "refused",
        ),
        ("INFO[0012] listening", Info, "", "listening"),
        ("3:04PM WRN slow RPC ms=7", Warn, "", "slow RPC ms=7"),
        (
            "2026-01-31T23:59:59.123Z\tinfo\tpool/pool.go:12\tdialled",
            Info,
            "pool/pool.go:12",
            "dialled",
        ),
        (
            "2026/01/31 23:59:59 [error] 12#12: *1 upstream",
            Error,
            "",
            "12#12: *1 upstream",
        ),
        (
            "2026/01/31 23:59:59 ERROR refused id=7",
            Error,
            "",
            "refused id=7",
        ),
        ("<3>disk is full", Error, "", "disk is full"),
        ("<4>disk is nearly full", Warn, "", "disk is nearly full"),
        (
            "2026-01-31T23:59:59.123Z info: listening",
            Info,
            "",
            "listening",
        ),
        ("error: refused", Error, "", "refused"),
        ("warning: unused", Warn, "", "unused"),
        ("[ERROR] refused", Error, "", "refused"),
        ("[INFO] [shop.pay] settled", Info, "shop.pay", "settled"),
        ("[INFO] [VERIFY] asks", Info, "", "[VERIFY] asks"),
        ("ERROR could not settle", Error, "", "could not settle"),
        // the rest of the world
        (
            "ERROR[01-31|22:40:03.123] Failed err=x",
            Error,
            "",
            "Failed err=x",
        ),
        ("WARN [01-31|22:40:03] Served", Warn, "", "Served"),
        (
            "E[2026-01-31|22:40:03.123] late module=x",
            Error,
            "",
            "late module=x",
        ),
        ("ERRO[0012] late", Error, "", "late"),
        (
            "Jan 31 23:59:59.123 ERRO late, id: 7",
            Error,
            "",
            "late, id: 7",
        ),
        (
            "E, [2026-01-31T23:59:59.123456 #7] ERROR -- pay: late",
            Error,
            "pay",
            "late",
        ),
        ("7:M 31 Jan 2026 23:59:59.123 # late", Warn, "", "late"),
        ("7:M 31 Jan 2026 23:59:59.123 * Ready", Info, "", "Ready"),
        (
            "[E 260131 23:59:59 web:2239] 500 GET /",
            Error,
            "web",
            "500 GET /",
        ),
        ("fail: Shop.Settle[0]", Error, "Shop.Settle", ""),
        (
            "2026-01-31 23:59:59,123 | ERROR | shop.pay | late",
            Error,
            "shop.pay",
            "late",
        ),
        ("2026-01-31 23:59:59 | ERROR | late", Error, "", "late"),
        ("ERROR | late", Error, "", "late"),
        (
            "2026-01-31T23:59:59.123Z\t5d4e1f7a-2c90-46e1-b3a8-5d2c6f904b7e\tERROR\tlate",
            Error,
            "",
            "late",
        ),
        (
            "[ERROR]\t2026-01-31T23:59:59.123Z\t5d4e1f7a-2c90-46e1-b3a8-5d2c6f904b7e\tlate",
            Error,
            "",
            "late",
        ),
        (
            "ERROR 2026-01-31 23:59:59,123 views 7 late",
            Error,
            "",
            "views 7 late",
        ),
        (
            "[Sat Jan 31 23:59:59.123456 2026] [core:error] [pid 7:tid 8] [client ::1:80] late",
            Error,
            "core",
            "late",
        ),
        (
            "2026-01-31T23:59:59.123456Z 0 [ERROR] [MY-010119] [Server] late",
            Error,
            "",
            "[Server] late",
        ),
        (
            "2026-01-31 23:59:59.123 UTC [7] ERROR:  late",
            Error,
            "",
            "late",
        ),
        (
            "2026-01-31 23:59:59.123 CET [7] shop@db FATAL:  late",
            Error,
            "",
            "late",
        ),
        (
            "2026.01.31 23:59:59.123456 [ 7 ] {} <Error> Pay: late",
            Error,
            "Pay",
            "late",
        ),
        ("31.01.2026 23:59:59 ERROR late", Error, "", "late"),
        ("1769903999.123 ERROR late", Error, "", "late"),
        ("26/01/31 23:59:59 WARN Pay: late", Warn, "", "Pay: late"),
        (
            "2026-01-31 23:59:59 [scrapy.core.engine] ERROR: late",
            Error,
            "scrapy.core.engine",
            "late",
        ),
        (
            "[2026-01-31T23:59:59.123+0000] {taskinstance.py:1776} ERROR - late",
            Error,
            "taskinstance.py",
            "late",
        ),
        (
            "2026-01-31 23:59:59,123 7 ERROR shop odoo.sql_db: late",
            Error,
            "odoo.sql_db",
            "late",
        ),
        ("[23:59:59.700] ERROR (1): late", Error, "", "late"),
        (
            "[23:59:59.700] ERROR (shop/7 on box): late",
            Error,
            "shop",
            "late",
        ),
        (" ERROR pay::settle > late", Error, "pay::settle", "late"),
        ("PHP Warning:  late in x", Warn, "", "late in x"),
        // twice: `docker logs --timestamps`
        (
            "2026-01-31T23:59:59.123456789Z 2026-01-31 23:59:59,123 - main - INFO - up",
            Info,
            "main",
            "up",
        ),
        (
            "2026-01-31T23:59:59.123456789Z [2026-01-31T23:59:59Z WARN  pay] late",
            Warn,
            "pay",
            "late",
        ),
    ];
    for (line, level, target, text) in table {
        let expected = (Some(level), target.to_owned(), text.to_owned());
        assert_eq!(taken(line), expected, "{line}");
    }
}

#[test]
fn a_time_stamp_alone_begins_a_record_without_a_level() {
    for (line, text) in [
        ("2026/01/31 23:59:59 listening on :80", "listening on :80"),
        ("23:59:59 - done", "done"),
        ("[2026-01-31 23:59:59] done", "done"),
        (
            "10.0.0.7 - - [31/Jan/2026:23:59:59 +0000] \"GET / HTTP/1.1\" 200 5",
            "10.0.0.7 \"GET / HTTP/1.1\" 200 5",
        ),
    ] {
        assert_eq!(
            taken(line),
            (None, String::new(), text.to_owned()),
            "{line}"
        );
    }
}

#[test]
fn letters_of_several_bytes_may_stand_anywhere() {
    for before in 0..16 {
        let line = format!("{}\u{fffd}\u{fffd} and so on", "A".repeat(before));
        assert!(head(&line).is_none(), "{line}");
    }
}

#[test]
fn text_is_not_taken_for_a_level() {
    for line in [
        "",
        "hello",
        "ERRORS: 0",
        "INFORMED choice",
        "errors were found",
        "information about it",
        "  indented INFO text",
        "    at pay (pay.js:1)",
        "Informational: text",
        "[402] unpaid",
        "Traceback (most recent call last):",
        "ValueError: bad",
        "thread 'main' panicked at src/main.rs:1:1:",
        "note: run with `RUST_BACKTRACE=1`",
        "{\"a\":1}",
        "€ 12:00",
        "a - b - c",
        "<br>",
        "1769903999 monkeys",
        "FATAL ERROR: Reached heap limit",
        "<9>x",
    ] {
        assert_eq!(head(line), None, "{line}");
    }
}

#[test]
fn a_word_and_a_colon_is_only_weakly_a_header() {
    assert!(head("error: refused").unwrap().weak);
    assert!(!head("ERROR: refused").unwrap().weak);
}
