use super::*;

/// A frame of a Python library and its code.
fn library(n: usize) -> String {
    format!(
        "  File \"/srv/.venv/lib/python3.12/site-packages/web/app{n}.py\", line {n}, in run\n    return run({n})\n"
    )
}

fn libraries(count: usize) -> String {
    (0..count).map(library).collect()
}

#[track_caller]
fn keeps(text: &str, wanted: &[&str]) -> String {
    let short = shorten(text);
    assert!(short.len() <= BYTES + 20, "{} bytes: {short}", short.len());
    assert!(short.lines().count() <= LINES, "{short}");
    let mut rest = short.as_str();
    for part in wanted {
        let at = rest.find(part);
        assert!(at.is_some(), "{part:?} in this order: {short}");
        rest = &rest[at.unwrap_or(0)..];
    }
    assert!(short.matches(" lines …").count() <= 1, "said once: {short}");
    short
}

#[test]
fn a_short_trace_loses_its_indentation_and_nothing_else() {
    let text = "failed\nTraceback (most recent call last):\n  File \"a.py\", line 3, in a\n    b()\n    ^^^\nValueError: late";
    assert_eq!(
        shorten(text),
        "failed\nTraceback (most recent call last):\nFile \"a.py\", line 3, in a\nb()\nValueError: late"
    );
}

#[test]
fn the_own_frame_the_error_and_its_root_cause_stay() {
    let text = format!(
        "ERROR in app\nTraceback (most recent call last):\n  File \"/srv/shop.py\", line 13, in pay\n    {{}}[\"nonce\"]\nKeyError: 'nonce'\n\
         \nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n{}\
         \x20 File \"/srv/shop.py\", line 15, in chain\n    raise Refused(order) from e\n{}shop.Refused: order 7:\nfirst detail\nsecond detail",
        libraries(20),
        libraries(3),
    );
    let short = keeps(
        &text,
        &[
            "ERROR in app",
            "File \"/srv/shop.py\", line 13, in pay\n{}[\"nonce\"]\nKeyError: 'nonce'",
            "The above exception was the direct cause",
            "File \"/srv/shop.py\", line 15, in chain\nraise Refused(order) from e",
            "shop.Refused: order 7:\nfirst detail\nsecond detail",
        ],
    );
    assert!(short.contains("lines …"), "{short}");
}

#[test]
fn a_function_called_main_is_the_service_s_own() {
    let text = format!(
        "failed\nTraceback (most recent call last):\n{}  File \"/srv/shop.py\", line 6, in main\n    async with tasks() as group:\n{}ValueError: late",
        libraries(9),
        libraries(9),
    );
    keeps(
        &text,
        &["failed", "in main\nasync with tasks()", "ValueError: late"],
    );
}

#[test]
fn every_error_of_a_group_stays() {
    let bar = |text: &str, bar: &str| -> String {
        text.lines()
            .fold(String::new(), |all, line| all + bar + line + "\n")
    };
    let sub = |n: usize| {
        bar(
            &format!(
                "Traceback (most recent call last):\n  File \"/srv/tasks.py\", line {n}, in task\n    check()\n    ^^^^^\nValueError: task {n} is late"
            ),
            "    | ",
        )
    };
    let text = format!(
        "settle failed\n  + Exception Group Traceback (most recent call last):\n{}  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n{}    +---------------- 2 ----------------\n{}    +------------------------------------",
        bar(&libraries(12), "  | "),
        sub(1),
        sub(2),
    );
    keeps(
        &text,
        &[
            "settle failed",
            "ExceptionGroup: unhandled errors in a TaskGroup",
            "(1)",
            "ValueError: task 1 is late",
            "(2)",
            "ValueError: task 2 is late",
        ],
    );
}

#[test]
fn the_jvm_prints_the_root_cause_last() {
    let frames = |package: &str| -> String {
        (0..30).fold(String::new(), |all, n| {
            all + &format!("\tat {package}.Some{n}.run(Some.java:{n})\n")
        })
    };
    let text = format!(
        "com.shop.Pay$LateException: order 7\n{}\tat com.shop.Pay.settle(Pay.java:88)\n{}Caused by: java.io.IOException: closed\n{}\t... 30 more",
        frames("org.springframework.web"),
        frames("java.util"),
        frames("java.net"),
    );
    keeps(
        &text,
        &[
            "com.shop.Pay$LateException: order 7",
            "at com.shop.Pay.settle(Pay.java:88)",
            "Caused by: java.io.IOException: closed",
        ],
    );
}

#[test]
fn a_backtrace_shows_the_frames_of_the_service() {
    let frames = (0..40).fold(String::new(), |all, n| {
        all + &format!(
            "  {n}: core::ops::call_once{n}\n             at /rustc/9fc6/library/core.rs:250:5\n"
        )
    });
    let text = format!(
        "thread 'main' panicked at src/settle.rs:88:5:\nsettling 7 failed:\nnonce too low\nstack backtrace:\n{frames}  41: x402::settle\n             at ./src/settle.rs:88:5\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace."
    );
    keeps(
        &text,
        &[
            "thread 'main' panicked at src/settle.rs:88:5:\nsettling 7 failed:\nnonce too low",
            "41: x402::settle",
        ],
    );
}

#[test]
fn the_last_cause_of_anyhow_stays() {
    let text = format!(
        "settling 7 failed\n\nCaused by:\n    0: error sending request\n    1: client error (Connect)\n    2: Connection refused (os error 111)\n\nStack backtrace:\n{}",
        "   0: anyhow::error::from\n             at /usr/local/cargo/registry/src/anyhow/error.rs:565:25\n".repeat(30)
    );
    keeps(
        &text,
        &[
            "settling 7 failed",
            "0: error sending",
            "1: client error",
            "2: Connection refused",
        ],
    );
}

#[test]
fn a_report_of_color_eyre_shows_its_causes_and_the_service_s_frame() {
    let text = format!(
        "Error: \n   0: settling 7 failed\n   1: no price\n\nLocation:\n   src/pay.rs:4\n\n  ━━━━━ BACKTRACE ━━━━━\n     ⋮ 4 frames hidden ⋮\n{}  25: shop::pay::price::h0123456789abcdef\n      at /srv/shop/src/pay.rs:4\n     ⋮ 9 frames hidden ⋮\n\nRun with COLORBT_SHOW_HIDDEN=1 environment variable to disable frame filtering.",
        "   5: <E as eyre::context::StdError>::ext_report::h0\n      at /root/.cargo/registry/src/eyre-0.6.14/src/context.rs:23\n   6: boxed<dyn core[c1]::Fn>\n      at /rustc/5980/library/alloc/src/boxed.rs:22\n".repeat(10)
    );
    let short = keeps(
        &text,
        &[
            "Error:\n0: settling 7 failed\n1: no price",
            "src/pay.rs:4",
            "25: shop::pay::price::h0123456789abcdef\nat /srv/shop/src/pay.rs:4",
        ],
    );
    assert!(
        !short.contains("hidden") && !short.contains("Run with"),
        "{short}"
    );
}

#[test]
fn what_loguru_prints_of_variables_goes_first() {
    let frame = "  File \"/srv/shop.py\", line 6, in settle\n    login(user, password)\n    │     │     └ 'tiger-lily-22'\n    │     └ 'shop'\n    └ <function login at 0x7f23>\n\n";
    let text = format!(
        "settling failed\nTraceback (most recent call last):\n\n{}\nValueError: late",
        frame.repeat(6)
    );
    let short = keeps(
        &text,
        &[
            "settling failed",
            "in settle\nlogin(user, password)",
            "ValueError: late",
        ],
    );
    assert!(!short.contains("tiger"), "{short}");
}

#[test]
fn no_line_pushes_the_others_out() {
    let text = format!(
        "failed\nTraceback (most recent call last):\n{}  File \"/srv/pay.py\", line 3, in pay\n    go()\nValueError: {} the end",
        libraries(3),
        "far ".repeat(2_000)
    );
    keeps(
        &text,
        &[
            "failed",
            "in pay\ngo()",
            "ValueError: far",
            " … ",
            "the end",
        ],
    );
}

#[test]
fn secrets_are_masked_before_anything_is_cut() {
    let key = "4f3c2a1b".repeat(8);
    let text = format!(
        "failed\nTraceback (most recent call last):\n{}ValueError: private_key={key} {}",
        libraries(30),
        "x ".repeat(600)
    );
    let short = keeps(&text, &["failed", "private_key="]);
    assert!(!short.contains(&key[8..20]), "{short}");
}

#[test]
fn one_line_of_any_length_is_the_channel_s_business() {
    let text = "lore ".repeat(1000);
    assert_eq!(shorten(&text), text);
}

#[test]
fn no_text_breaks_it() {
    for text in [
        "",
        "\n",
        "é\né",
        "  + Exception Group Traceback (most recent call last):\n|\n+",
        "File \"\nTraceback (most recent call last):",
    ] {
        let long = format!("{text}\n").repeat(400);
        assert!(shorten(&long).len() <= BYTES + 20);
    }
}
