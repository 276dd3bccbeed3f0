//! What is asked for on the command line.

use irclog_tests::tool::irclog;

use super::{Args as _, Bench, SOON, shell, stdout};
use irclog_tests::port::Port;
use irclog_tests::process::Program;

#[test]
fn options_are_checked_and_a_wrong_setting_does_not_stop_the_program() {
    let done = irclog()
        .args(["run", "--prot", "1", "--", "echo", "ran"])
        .run(SOON);
    assert_eq!(done.status.code(), Some(2));
    assert!(
        done.printed("--prot") && !done.printed("ran"),
        "{:?}",
        done.stderr
    );

    let set = [
        "run",
        "--server",
        "a.example",
        "--channel",
        "#b",
        "--port",
        "x",
    ];
    let done = irclog().args(set).args(["echo", "-n", "ran"]).run(SOON);
    assert!(done.status.success());
    assert_eq!(stdout(&done), ["ran"]);
    assert!(
        done.printed("--port is \"x\", which is no port"),
        "{:?}",
        done.stderr
    );

    let set = [
        "run",
        "--server",
        "a.example",
        "--channel",
        "#b",
        "--password-file",
        "/no/such",
    ];
    let done = irclog().args(set).args(["echo", "ran"]).run(SOON);
    assert_eq!(stdout(&done), ["ran"]);
    assert!(
        done.printed("--password-file names /no/such"),
        "{:?}",
        done.stderr
    );
}

#[test]
fn options_go_before_the_environment() {
    let bench = Bench::new();
    let done = bench
        .tool("run")
        .env("IRC_NICK", "other")
        .env("IRC_PORT", "nonsense")
        .env("IRC_CHANNEL", "#elsewhere")
        .args(["--", "echo", "hello"])
        .run(SOON);
    assert!(done.status.success());
    assert!(bench.server.wait_joined("#logs", "teller", SOON));
    assert_eq!(bench.said(), ["[INFO] echo - hello"]);
}

#[test]
fn a_console_that_is_not_private_gets_the_scrubbed_lines() {
    const SCRIPT: &str = "printf 'pass'; printf 'word=tigre-lily '; echo 'and so on'; \
                          echo '-----BEGIN PRIVATE KEY-----'; echo MIGHAgEAMBMGByqGSM49; \
                          echo AwEHBG0wawIBAQQg; echo '-----END PRIVATE KEY-----'; \
                          echo 'DB_PASSWORD=tigre-lily' >&2; printf 'token=tigrelily22'";
    let hidden = ["tigre", "MIGHAgEA", "AwEHBG0w"];
    let bench = Bench::new();
    let options = [
        vec!["--scrub-tee", "true"],
        vec!["--scrub-tee", "perhaps"],
        vec!["--scrub-tee", "true", "--max-age", "long"],
    ];
    for more in options {
        let tool = bench.tool("run").env("IRC_LOG", "error");
        let tool = more.iter().fold(tool, Program::arg);
        let done = tool.args(["--", "sh", "-c", SCRIPT]).run(SOON);
        assert!(done.status.success(), "{done:#?}");
        assert_eq!(done.stdout[0], "password=[REDACTED] and so on");
        assert_eq!(done.stdout.last().unwrap(), "token=[REDACTED]");
        for secret in hidden {
            assert!(!done.printed(secret), "{more:?}: {done:#?}");
        }
    }
    let done =
        shell("printf 'password=tigre-lily\\nlast' | IRC_SCRUB_TEE=yes \"$IRCLOG\" pipe").run(SOON);
    assert_eq!(stdout(&done), ["password=[REDACTED]", "last"]);
    let done = bench
        .tool("run")
        .args(["--log", "error", "--", "sh", "-c", SCRIPT])
        .run(SOON);
    assert!(
        done.printed("tigre-lily"),
        "unchanged unless asked for: {done:#?}"
    );
}

#[test]
fn the_numbers_can_be_asked_for_over_http() {
    use std::io::{Read as _, Write as _};
    let bench = Bench::new();
    let port = Port::hold();
    let running = bench
        .tool("run")
        .args(["--metrics", &port.addr().to_string()])
        .args(["--", "sh", "-c", "echo ready; read x"])
        .listens()
        .start();
    assert!(bench.member().wait_for_text("ready", SOON).is_some());
    let ask = |request: &str| {
        let mut stream = std::net::TcpStream::connect(port.addr()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    };
    // Its echo may not be read yet.
    let numbers = ask("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    for part in [
        "HTTP/1.1 200 OK\r\n",
        "application/openmetrics-text",
        "\nirclog_logged_total{level=\"info\"} 1\n",
        "\nirclog_state{irclog_state=\"joined\"} 1\n",
        "nick=\"teller\"",
    ] {
        assert!(numbers.contains(part), "{part}: {numbers}");
    }
    assert!(ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404"));
    running.say("done");
    assert!(running.wait(SOON).status.success());

    let taken = bench.server.addr().to_string();
    let done = bench
        .tool("run")
        .args(["--metrics", &taken, "echo", "ran"])
        .run(SOON);
    assert_eq!(stdout(&done), ["ran"]);
    assert!(done.printed("--metrics 127.0.0.1"), "{done:#?}");
}

#[test]
fn loggers_of_the_program_can_be_filtered() {
    let bench = Bench::new();
    let script = "echo 'INFO:     127.0.0.1:6 - \"GET /health HTTP/1.1\" 200 OK'; \
                  echo 'INFO:     started'; echo 'DEBUG:pay.rpc:asked'; echo 'DEBUG:pay:quiet'";
    let done = bench
        .tool("run")
        .args(["--log", "info,uvicorn.access=off,pay.rpc=debug"])
        .args(["--", "sh", "-c", script])
        .run(SOON);
    assert_eq!(done.stdout.len(), 4, "{done:?}");
    let mut said = bench.said();
    said.sort();
    let wanted = ["[DEBUG] pay.rpc - asked", "[INFO] uvicorn - started"];
    assert_eq!(said, wanted);
}

#[test]
fn the_nick_is_the_command_s_name_unless_set() {
    let bench = Bench::new();
    let done = irclog()
        .args(["run", "/bin/echo", "hello"])
        .env("IRC_SERVER", "127.0.0.1")
        .env("IRC_PORT", bench.server.port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", "#logs")
        .run(SOON);
    assert!(done.status.success());
    assert!(bench.server.wait_joined("#logs", "echo", SOON));
}

#[test]
fn a_shell_can_complete_the_command_line() {
    for (shell_name, marks) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef irclog"),
        ("fish", "complete -c irclog"),
    ] {
        let done = irclog().args(["completions", shell_name]).run(SOON);
        assert!(done.status.success());
        assert!(
            done.printed(marks) && done.printed("exit-timeout"),
            "{shell_name}"
        );
    }
    let done = shell("\"$IRCLOG\" completions bash | bash -n").run(SOON);
    assert!(done.status.success(), "{:?}", done.stderr);
}
