//! What programs write as they are set up, each with more than one record.

use super::tests::records;

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
