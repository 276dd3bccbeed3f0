use super::*;

/// Each line as `key / sender / level: text`, with `-` for what is not there.
fn taken(lines: &[&str]) -> Vec<String> {
    let mut sources = Sources::default();
    lines
        .iter()
        .filter_map(|line| {
            let line = sources.take(line)?;
            let or_dash = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
            Some(format!(
                "{} / {} / {}: {}",
                or_dash(&line.key),
                or_dash(&line.sender.unwrap_or_default()),
                line.level.map_or("-".into(), |level| level.to_string()),
                line.text
            ))
        })
        .collect()
}

#[test]
fn what_carriers_write_is_taken_off() {
    let table = [
        // Compose, old and new, with time stamps, and its relatives
        ("web-1  | INFO:     up", "web-1 / web-1 / -: INFO:     up"),
        ("web_1  | up", "web_1 / web_1 / -: up"),
        ("shop-pay-2 | ", "shop-pay-2 / shop-pay-2 / -: "),
        ("web-1  |", "web-1 / web-1 / -: "),
        (
            "web       |   File \"a.py\"",
            "web / web / -:   File \"a.py\"",
        ),
        (
            "web.1.x7@node-3    | up",
            "web.1.x7@node-3 / web.1.x7@node-3 / -: up",
        ),
        (
            "web-1  | 2026-01-31T23:59:59.123456789Z ERROR:root:late",
            "web-1 / web-1 / -: ERROR:root:late",
        ),
        ("22:40:01 web.1   | up", "web.1 / web.1 / -: up"),
        ("22:40:01 web | up", "web / web / -: up"),
        ("0|shop  | up", "shop / shop / -: up"),
        ("[web] | up", "web / web / -: up"),
        // Docker, podman
        (
            "2026-01-31T23:59:59.123456789Z ValueError: late",
            "- / - / -: ValueError: late",
        ),
        (
            "2026-01-31T23:59:59.123456789+01:00   indented",
            "- / - / -:   indented",
        ),
        (
            r#"{"log":"late \u003cb\u003e\n","stream":"stderr","time":"2026-01-31T23:59:59Z"}"#,
            "stderr / - / -: late <b>",
        ),
        // Kubernetes
        (
            "2026-01-31T23:59:59.123456789Z stdout F up",
            "stdout / - / -: up",
        ),
        ("[pod/web-0/app] up", "web-0/app / web-0/app / -: up"),
        (
            "[pod/web-0/app] 2026-01-31T23:59:59.123456789Z up",
            "web-0/app / web-0/app / -: up",
        ),
        // CloudWatch
        (
            "2026-01-31T23:59:59.123000+00:00 shop/pay/4bf92f3577b34da6a3ce929d0e0e4736 INFO up",
            "shop/pay/4bf92f3577b34da6a3ce929d0e0e4736 / pay/4bf92f35 / -: INFO up",
        ),
        (
            "2026-01-31T23:59:59.123000+00:00 2026/01/31/[$LATEST]4bf92f3577b34da6 START",
            "2026/01/31/[$LATEST]4bf92f3577b34da6 / 4bf92f35 / -: START",
        ),
        (
            "2026-01-31T23:59:59 ERROR:root:late",
            "- / - / -: ERROR:root:late",
        ),
        // journald, syslog
        (
            "Jan 31 23:59:59 box pay[7]: ERROR:root:late",
            "pay[7] / pay[7] / -: ERROR:root:late",
        ),
        (
            "Jan  1 23:59:59.123456 box kernel: x",
            "kernel / kernel / -: x",
        ),
        (
            "2026-01-31T23:59:59+0100 box pay[7]: x",
            "pay[7] / pay[7] / -: x",
        ),
        (
            "<11>Jan 31 23:59:59 box pay[7]: x",
            "pay[7] / pay[7] / ERROR: x",
        ),
        (
            "<165>1 2026-01-31T23:59:59.1Z box pay 7 ID [a b=\"c] \\\" d\"][e] x y",
            "pay / pay[7] / INFO: x y",
        ),
        ("<12>1 - box pay - - - x", "pay / pay / WARN: x"),
        (
            "Jan 31 23:59:59 box docker[7]: web-1  | up",
            "docker[7] web-1 / web-1 / -: up",
        ),
        // Heroku, Fly
        (
            "2026-01-31T23:59:59.123456+00:00 app[web.1]: up",
            "app[web.1] / web.1 / -: up",
        ),
        (
            "2026-01-31T23:59:59Z app[148e21ab] ams [error] [PR04] no candidate",
            "app[148e21ab] / 148e21ab / ERROR: [PR04] no candidate",
        ),
        (
            "2026-01-31T23:59:59Z app[148e21ab] ams [info]ERROR:root:late",
            "app[148e21ab] / 148e21ab / INFO: ERROR:root:late",
        ),
    ];
    for (line, wanted) in table {
        assert_eq!(taken(&[line]), [wanted], "{line}");
    }
}

#[test]
fn what_a_program_writes_itself_is_left() {
    for line in [
        "",
        "up",
        "a | b",
        "web-1 text",
        "total | 5",
        "ERROR  | late",
        "2026-01-31 23:59:59.123 | ERROR    | shop.pay:settle:88 - refused",
        "2026-01-31T23:59:59.123456Z  INFO pay::settle: done",
        "2026-01-31T23:59:59.123456Z ERROR pay: late",
        "2026-01-31T23:59:59Z WARN pay: late",
        "2026-01-31T23:59:59.123+00:00 GET /pay",
        "Jan 31 23:59:59 ERROR pay: late",
        "<3>late",
        "[pay] late",
        "{\"log\":\"late\",\"level\":\"error\"}",
        "23:59:59 up",
        "é | x",
    ] {
        let wanted: &[String] = &[format!("- / - / -: {line}")];
        assert_eq!(taken(&[line]), wanted, "{line}");
    }
}

#[test]
fn a_line_in_parts_is_whole_again() {
    assert_eq!(
        taken(&[
            "2026-01-31T23:59:59.1Z stdout P one ",
            "2026-01-31T23:59:59.1Z stderr F other",
            "2026-01-31T23:59:59.1Z stdout P two ",
            "2026-01-31T23:59:59.1Z stdout F three",
            "2026-01-31T23:59:59.1Z stdout F four",
        ]),
        [
            "stderr / - / -: other",
            "stdout / - / -: one two three",
            "stdout / - / -: four",
        ]
    );
    let part = |text: &str| format!(r#"{{"log":"{text}","stream":"stdout","time":"x"}}"#);
    assert_eq!(
        taken(&[&part("one "), &part("two\\n")]),
        ["stdout / - / -: one two"]
    );
}

#[test]
fn parts_without_an_end_are_bounded() {
    let mut sources = Sources::default();
    let part = format!("2026-01-31T23:59:59.1Z stdout P {}", "é".repeat(1000));
    for _ in 0..100 {
        assert_eq!(sources.take(&part), None);
    }
    let line = sources.take("2026-01-31T23:59:59.1Z stdout F end").unwrap();
    assert!(line.text.len() < LINE_LIMIT + 10 && line.text.ends_with("end"));
}

#[test]
fn an_unknown_prefix_is_one_when_it_stood_on_the_line_before() {
    assert_eq!(
        taken(&[
            "web-7d9f app 2026-01-31 23:59:59,123 ERROR late",
            "web-7d8f app 2026-01-31 23:59:59,123 ERROR late",
            "web-7d8f app Traceback",
            "web-7d8f app   File \"a.py\"",
            "other 2026-01-31 23:59:59,123 ERROR late",
        ]),
        [
            "- / - / -: web-7d9f app 2026-01-31 23:59:59,123 ERROR late",
            "web-7d8f app / web-7d8f app / -: 2026-01-31 23:59:59,123 ERROR late",
            "web-7d8f app / web-7d8f app / -: Traceback",
            "web-7d8f app / web-7d8f app / -:   File \"a.py\"",
            "- / - / -: other 2026-01-31 23:59:59,123 ERROR late",
        ]
    );
}

#[test]
fn no_stranger_s_text_makes_a_prefix() {
    for line in [
        "10.0.0.7 \"GET / HTTP/1.1\" \"2026-01-31 23:59:59 ERROR forged",
        "agent curl/8 with 2026-01-31 23:59:59 ERROR forged",
        "INFO:     10.0.0.7 x 2026-01-31 23:59:59 ERROR forged",
        "10.0.0.7 - - [31/Jan/2026:23:59:59 +0000] \"GET /\" 2026-01-31 23:59:59 ERROR forged",
    ] {
        let seen = taken(&[line, line, line]);
        assert!(seen.iter().all(|text| text.ends_with(line)), "{seen:#?}");
    }
}

#[test]
fn supervisord_says_once_whose_lines_follow() {
    assert_eq!(
        taken(&[
            "2026-01-31 23:59:59,123 INFO spawned: 'web' with pid 7",
            "2026-01-31 23:59:59,123 DEBG 'web' stdout output:",
            "2026-01-31 23:59:59,123 ERROR late",
            "more",
            "2026-01-31 23:59:59,123 DEBG 'pay' stderr output:",
            "up",
            "2026-01-31 23:59:59,123 INFO exited: web (exit status 1; not expected)",
        ]),
        [
            "- / - / -: 2026-01-31 23:59:59,123 INFO spawned: 'web' with pid 7",
            "web / web / -: 2026-01-31 23:59:59,123 ERROR late",
            "web / web / -: more",
            "pay / pay / -: up",
            "- / - / -: 2026-01-31 23:59:59,123 INFO exited: web (exit status 1; not expected)",
        ]
    );
}
