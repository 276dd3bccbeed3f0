//! What the channel sees of a program, and of a pipe.

use irclog_tests::seen::Kind;

use super::{Args as _, Bench, SOON, shell, stdout};

#[test]
fn records_of_both_streams_reach_the_channel_and_the_output_is_unchanged() {
    let bench = Bench::new();
    let script = "echo 'INFO:     started'; echo '{\"level\":\"warn\",\"msg\":\"slow\",\"ms\":7}'; \
                  echo plain >&2; exit 3";
    let done = bench.run(script).run(SOON);
    assert_eq!(done.status.code(), Some(3));
    assert_eq!(
        stdout(&done),
        [
            "INFO:     started",
            "{\"level\":\"warn\",\"msg\":\"slow\",\"ms\":7}"
        ]
    );
    assert!(done.stderr.contains(&"plain".to_owned()));
    let said = bench.said().join("\n");
    for line in [
        "[INFO] uvicorn - started",
        "[WARN] shop - slow ms=7",
        "[INFO] shop - plain",
        "[ERROR] shop - ended with exit status 3: plain",
    ] {
        assert!(said.contains(line), "{line:?} is not in {said}");
    }
}

#[test]
fn a_traceback_is_one_record_and_its_secret_is_masked() {
    let bench = Bench::new();
    let key = "9d".repeat(32);
    let script = format!(
        "printf '%s\\n' '2026-01-31 23:59:59,123 - main - ERROR - settling failed' \
         'Traceback (most recent call last):' '  File \"main.py\", line 8, in settle' \
         '    sign(private_key=\"{key}\")' 'ValueError: late' >&2"
    );
    let done = bench.run(&script).run(SOON);
    assert!(done.status.success());
    assert!(
        done.printed(&key),
        "the program's own output is its own business"
    );
    let said = bench.said();
    let errors: Vec<_> = said
        .iter()
        .filter(|line| line.contains("[ERROR]"))
        .collect();
    assert_eq!(errors.len(), 1, "{said:#?}");
    assert!(
        errors[0].starts_with("[ERROR] main - settling failed"),
        "{said:#?}"
    );
    assert!(errors[0].contains("ValueError: late"), "{said:#?}");
    assert!(
        !errors[0].contains("23:59:59") && !errors[0].contains(&key[..12]),
        "{said:#?}"
    );
}

#[test]
fn a_program_that_cannot_be_started_or_is_killed_is_told_to_the_channel() {
    let bench = Bench::new();
    let done = bench.tool("run").arg("no-such-program-here").run(SOON);
    assert_eq!(done.status.code(), Some(127));
    let done = bench.run("kill -KILL $$").run(SOON);
    assert_eq!(done.status.code(), Some(137));
    let said = bench.said().join("\n");
    assert!(
        said.contains("[ERROR] no-such-program-here - there is no"),
        "{said}"
    );
    assert!(
        said.contains("[ERROR] shop - killed by signal 9 (SIGKILL): out of memory?"),
        "{said}"
    );
}

#[test]
fn the_last_lines_are_delivered() {
    let bench = Bench::new();
    let done = bench.run("echo one; echo two >&2; printf three").run(SOON);
    assert!(done.status.success());
    let said = bench.said().join(" ");
    for word in ["one", "two", "three"] {
        assert!(said.contains(&format!("shop - {word}")), "{said}");
    }
}

#[test]
fn a_pipe_is_shown_and_copied() {
    let bench = Bench::new();
    let port = bench.server.port();
    let script = format!(
        "printf 'ERROR:root:failed\\n  detail\\nbare\\n' | \"$IRCLOG\" pipe --server 127.0.0.1 \
         --tls false --port {port} --channel '#logs' --nick teller --name shop --exit-timeout 60"
    );
    let done = shell(&script).run(SOON);
    assert!(done.status.success());
    assert_eq!(stdout(&done), ["ERROR:root:failed", "  detail", "bare"]);
    let said = bench.said().join("\n");
    assert!(said.contains("[ERROR] root - failed ⏎ detail"), "{said}");
    assert!(said.contains("[INFO] shop - bare"), "{said}");
}

#[test]
fn a_pipe_ends_by_a_signal_with_its_last_lines_delivered() {
    let bench = Bench::new();
    let port = bench.server.port();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!(
        "cd '{}'; mkfifo lines; (echo first; sleep 200) >lines & \
         exec \"$IRCLOG\" pipe --server 127.0.0.1 --tls false --port {port} \
         --channel '#logs' --nick teller <lines",
        folder.path().display()
    );
    let running = shell(&script).start();
    let member = bench.member();
    let first = member.wait_for(|seen| seen.text.contains("first"), SOON);
    assert!(first.is_some(), "{running:#?}");
    running.signal("TERM");
    let left = member.wait_for(|seen| seen.kind == Kind::Quit, SOON);
    assert!(left.is_some(), "it says goodbye");
    assert_eq!(running.wait(SOON).status.code(), Some(143));
}

#[test]
fn fields_and_rules_that_nobody_wants_are_left_out() {
    let bench = Bench::new();
    let script = "echo '{\"level\":\"error\",\"msg\":\"late\",\"body\":\"abc\",\"req\":{\"id\":7,\"key\":\"x\"}}'; \
                  echo '==========='; echo 'paid         body=[1, 2] ms=3'";
    let done = bench
        .tool("run")
        .args(["--name", "shop", "--drop-fields", "body,req.key"])
        .args(["--", "sh", "-c", script])
        .run(SOON);
    assert_eq!(done.stdout.len(), 3, "the console shows all: {done:#?}");
    let said = bench.said().join(" · ");
    for shown in ["shop - late req={\"id\":7}", "shop - paid ms=3"] {
        assert!(said.contains(shown), "{shown}: {said}");
    }
    assert!(!said.contains("=="), "{said}");
}

#[test]
fn requests_of_machines_and_what_a_pattern_matches_are_hidden() {
    let bench = Bench::new();
    let access = |path: &str, status: &str| {
        format!("echo 'INFO:     127.0.0.1:6 - \"GET {path} HTTP/1.1\" {status}'")
    };
    let script = [
        access("/health", "200 OK"),
        access("/health", "503 Service Unavailable"),
        "echo 'WARNING:pay:heartbeat late'; echo 'ERROR:pay:heartbeat lost'".to_owned(),
        access("/verify", "200 OK"),
    ];
    let done = bench
        .tool("run")
        .args([
            "--hide-requests",
            "/health,/metrics",
            "--hide",
            "^heartbeat",
        ])
        .args(["--", "sh", "-c", &script.join("; ")])
        .run(SOON);
    assert_eq!(done.stdout.len(), 5, "the console shows all: {done:#?}");
    let said = bench.said().join(" · ");
    for shown in ["503 Service", "heartbeat lost", "GET /verify"] {
        assert!(said.contains(shown), "{shown}: {said}");
    }
    for hidden in ["/health HTTP/1.1\" 200", "heartbeat late"] {
        assert!(!said.contains(hidden), "{hidden}: {said}");
    }
}
