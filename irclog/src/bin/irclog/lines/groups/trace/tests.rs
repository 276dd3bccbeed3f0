use super::*;

#[test]
fn first_lines_of_traces_are_known() {
    use Trace::{Fatal, Frames, Go, Panic, Python};
    for (line, trace) in [
        ("Traceback (most recent call last):", Some(Python)),
        (
            "  + Exception Group Traceback (most recent call last):",
            Some(Python),
        ),
        ("thread 'main' panicked at src/main.rs:2:5:", Some(Panic)),
        (
            "thread 'tokio-rt' (4711) panicked at src/main.rs:2:5:",
            Some(Panic),
        ),
        ("panic: runtime error: index out of range [3]", Some(Go)),
        ("http: panic serving 10.0.0.7:80: late", Some(Go)),
        (
            "Exception in thread \"main\" java.lang.Error: x",
            Some(Frames),
        ),
        ("TypeError: x is not a function", Some(Frames)),
        ("shop.errors.SettleError: late", Some(Frames)),
        ("com.shop.Pay$LateException: late", Some(Frames)),
        ("KeyboardInterrupt", Some(Frames)),
        ("Error: settling failed", Some(Frames)),
        ("Error:", Some(Frames)),
        ("thread 'main' (7) has overflowed its stack", Some(Fatal)),
        ("fatal runtime error: stack overflow", Some(Fatal)),
        ("Segmentation fault (core dumped)", Some(Fatal)),
        ("Killed", Some(Fatal)),
        ("free(): double free detected in tcache 2", Some(Fatal)),
        (
            "==7==ERROR: AddressSanitizer: heap-use-after-free",
            Some(Fatal),
        ),
        ("sh: 1: facilitator: not found", Some(Fatal)),
        ("bash: line 3: pay: command not found", Some(Fatal)),
        ("terminate called after throwing an instance", Some(Fatal)),
        ("npm ERR! code 1", Some(Fatal)),
        ("Killed 3 idle workers", None),
        ("free(): is called", Some(Fatal)),
        ("Errors: 0", None),
        ("thread 'main' started", None),
        ("NoErrors: all well", None),
        ("ValueErrors are bad", None),
        ("", None),
    ] {
        assert_eq!(begins(line), trace, "{line}");
    }
}

#[test]
fn frames_are_known() {
    for line in [
        "\tat com.shop.Pay.settle(Pay.java:88)",
        "    at settle (/srv/pay.js:88:7)",
        "  File \"/srv/main.py\", line 88, in settle",
        "\tfrom pay.rb:3:in 'settle'",
    ] {
        assert!(is_frame(line), "{line}");
    }
    for line in ["    at noon", "  from here", "  File not found"] {
        assert!(!is_frame(line), "{line}");
    }
}

#[test]
fn what_go_prints_is_told_from_other_lines() {
    for line in [
        "goroutine 34 [running]:",
        "main.settle(0xc000012345, {0x4a2b3c, 0x5})",
        "net/http.(*conn).serve.func1()",
        "panic({0x5f3a40?, 0x6e8b10?})",
        "created by main.main in goroutine 1",
        "exit status 2",
        "[signal SIGSEGV: segmentation violation]",
        "rax    0x0",
    ] {
        assert!(is_of_go(line), "{line}");
    }
    for line in ["listening on :80", "settled (late)", "next", "done()."] {
        assert!(!is_of_go(line), "{line}");
    }
}

#[test]
fn pointers_are_marks_alone() {
    assert!(is_pointer("    ^^^^~~~^^^") && is_pointer("    | ^^^^"));
    assert!(!is_pointer("    a ^ b") && !is_pointer("  ") && !is_pointer(""));
}
