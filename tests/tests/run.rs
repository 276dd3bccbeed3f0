//! `irclog run` and `irclog pipe`, with small scripts as the programs.
#![cfg(unix)]

use std::time::Duration;

use irclog_tests::loopback::{Config, Member, Server};
use irclog_tests::process::{Finished, Program, Running};
use irclog_tests::tool::{irclog, path};

const SOON: Duration = Duration::from_secs(20);

/// A server, and the arguments that make irclog log to it.
struct Bench {
    server: Server,
}

impl Bench {
    fn new() -> Self {
        Self {
            server: Server::start(Config::default()),
        }
    }

    /// `irclog <command>` with the channel's settings as options.
    fn tool(&self, command: &str) -> Program {
        // On an unknown server the first lines are slow, and this is about all.
        self.tool_within(command, "60")
    }

    /// The same, waiting at the end for so many seconds at most.
    fn tool_within(&self, command: &str, seconds: &str) -> Program {
        irclog()
            .arg(command)
            .args(["--server", "127.0.0.1", "--tls", "false", "--rate", "100"])
            .args(["--exit-timeout", seconds])
            .args(["--port", &self.server.port().to_string()])
            .args(["--channel", "#logs", "--nick", "teller"])
    }

    fn run(&self, script: &str) -> Program {
        self.tool("run")
            .args(["--name", "shop", "--", "sh", "-c", script])
    }

    fn member(&self) -> Member {
        self.server.member("#logs")
    }

    /// What was said in the channel so far, without formatting.
    fn said(&self) -> Vec<String> {
        let lines = self.server.received().all();
        let said = lines.iter().filter(|line| line.command() == "PRIVMSG");
        said.map(|line| undated(&plain(line.said()))).collect()
    }
}

trait Args {
    fn args<const N: usize>(self, args: [&str; N]) -> Self;
}

impl Args for Program {
    fn args<const N: usize>(self, args: [&str; N]) -> Self {
        args.into_iter().fold(self, Program::arg)
    }
}

/// Without bold and colours.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x03' => while chars.next_if(char::is_ascii_digit).is_some() {},
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

/// `[INFO] 23:59:59 text` without the time, which a late record is given.
fn undated(line: &str) -> String {
    match line.split_once("] ") {
        Some((tag, text)) if text.len() > 9 && text.as_bytes()[2] == b':' => {
            format!("{tag}] {}", &text[9..])
        }
        _ => line.to_owned(),
    }
}

fn shell(script: &str) -> Program {
    Program::at("/bin/sh")
        .arg("-c")
        .arg(script)
        .env("IRCLOG", path())
}

/// Waits for what the program itself says of its state.
fn wait_for(running: &Running, text: &str) {
    let seen = running.stdout().wait_for(|line| line.contains(text), SOON);
    assert!(seen.is_some(), "{text:?} is not in {running:#?}");
}

fn stdout(done: &Finished) -> Vec<&str> {
    done.stdout.iter().map(String::as_str).collect()
}

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
        "[ERROR] shop - ended with exit status 3",
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
fn bytes_are_copied_as_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("in");
    // All bytes, lines of all lengths, no line's end at the end.
    let bytes: Vec<u8> = (0..700_000_u32)
        .map(|n| (n.wrapping_mul(n) / 7).to_le_bytes()[0])
        .collect();
    std::fs::write(&file, &bytes).expect("a file");
    let script = "\"$IRCLOG\" run -- sh -c 'cat in; cat in >&2' >out 2>err; \
                  \"$IRCLOG\" pipe <in >piped 2>told";
    let script = format!("cd '{}'; {script}", folder.path().display());
    let done = shell(&script).run(SOON);
    assert!(done.status.success());
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    assert!(read("out") == bytes, "standard output was changed");
    assert!(read("piped") == bytes, "the input was changed");
    // irclog's own word is before it: that the channel is off.
    let err = read("err");
    assert!(
        err.ends_with(&bytes) && err.len() < bytes.len() + 200,
        "standard error was changed"
    );
}

#[test]
fn the_exit_status_is_the_program_s() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("no-interpreter");
    std::fs::write(&script, "#!/no/such/shell\n").expect("a file");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, executable).expect("our own file");
    let script = script.display().to_string();
    let folder = folder.path().display().to_string();
    let table: [(&[&str], i32, &str); 8] = [
        (&["sh", "-c", "exit 0"], 0, ""),
        (&["sh", "-c", "exit 42"], 42, ""),
        (&["sh", "-c", "kill -KILL $$"], 137, ""),
        (&["sh", "-c", "kill -TERM $$"], 143, ""),
        (
            &["no-such-program-here"],
            127,
            "no no-such-program-here in PATH",
        ),
        (&[&script], 127, "the interpreter or loader"),
        (&[&folder], 126, "is a directory"),
        (&["/etc/passwd"], 126, "not executable"),
    ];
    for (command, code, told) in table {
        let run = command
            .iter()
            .fold(irclog().arg("run"), |run, arg| run.arg(*arg));
        let done = run.run(SOON);
        assert_eq!(
            done.status.code(),
            Some(code),
            "{command:?} {:?}",
            done.stderr
        );
        assert!(done.printed(told), "{command:?} {:?}", done.stderr);
    }
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
        said.contains("[ERROR] shop - killed by signal 9 (SIGKILL)"),
        "{said}"
    );
}

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
fn signals_reach_the_program() {
    let script = "for s in HUP QUIT USR1 USR2 WINCH INT; do trap \"echo got $s\" $s; done; \
                  trap 'echo got TERM; exit 7' TERM; echo ready; while :; do sleep 0.02; done";
    let running = irclog().args(["run", "sh", "-c", script]).start();
    wait_for(&running, "ready");
    for signal in ["HUP", "QUIT", "USR1", "USR2", "WINCH", "INT", "TERM"] {
        running.signal(signal);
        wait_for(&running, &format!("got {signal}"));
    }
    let done = running.wait(SOON);
    assert_eq!(done.status.code(), Some(7));
    assert_eq!(done.stdout.len(), 8, "each came once: {:?}", done.stdout);
}

/// USR1 would end most programs.
#[test]
fn a_signal_that_the_channel_listens_to_is_not_passed_on() {
    let bench = Bench::new();
    let script = "trap 'echo got USR1' USR1; trap 'echo bye; exit 0' TERM; echo ready; \
                  while :; do sleep 0.02; done";
    let running = bench
        .tool_within("run", "0.5")
        .args(["--mute-signal", "usr1", "--", "sh", "-c", script])
        .start();
    wait_for(&running, "ready");
    assert!(bench.server.wait_joined("#logs", "teller", SOON));
    running.signal("USR1");
    running.signal("TERM");
    let done = running.wait(SOON);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(stdout(&done), ["ready", "bye"]);
}

#[test]
fn what_is_ignored_stays_ignored() {
    let script = "trap '' HUP; exec \"$IRCLOG\" run sh -c \
                  'echo ready; trap \"echo bye; exit 0\" TERM; while :; do sleep 0.02; done'";
    let running = shell(script).start();
    wait_for(&running, "ready");
    running.signal("HUP");
    running.signal("TERM");
    let done = running.wait(SOON);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(stdout(&done), ["ready", "bye"]);
}

/// Whoever presses Ctrl-C means one interrupt, and a second one is often
/// taken for impatience.
#[test]
fn an_interrupt_comes_once_from_a_terminal_and_to_a_whole_group() {
    // A terminal of its own: the script is the terminal's other side.
    let press = r#"
import os, pty, sys
pid, side = pty.fork()
if pid == 0:
    os.execv(os.environ["IRCLOG"], ["irclog", "run", "sh", "-c", sys.argv[1]])
seen = b""
pressed = told = False
while True:
    try:
        piece = os.read(side, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if b"ready" in seen and not pressed:
        pressed = True
        os.write(side, b"\x03")
    if b"got INT" in seen and not told:
        told = True
        os.kill(pid, 15)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(seen.decode().replace("\r", ""), "status", code)
"#;
    let script = "trap 'echo got INT' INT; trap 'sleep 0.3; echo end; exit 5' TERM; echo ready; \
                  while :; do sleep 0.02; done";
    let done = Program::at("/usr/bin/env")
        .args(["python3", "-c", press, script])
        .env("IRCLOG", path())
        .run(SOON);
    let seen = done.stdout.join("\n");
    assert_eq!(seen.matches("got INT").count(), 1, "{seen}");
    assert!(seen.contains("end") && seen.contains("status 5"), "{seen}");

    // Without a terminal, to the whole group, as a supervisor does.
    let group = "setsid sh -c 'echo group $$; exec \"$IRCLOG\" run sh -c \"$SCRIPT\"'";
    let running = shell(group).env("SCRIPT", script).start();
    wait_for(&running, "ready");
    let lines = running.stdout().all();
    let pid = lines[0].strip_prefix("group ").expect("its process id");
    let kill = |signal: &str, to: &str| {
        let done = shell(&format!("kill -s {signal} -- {to}")).run(SOON);
        assert!(done.status.success());
    };
    kill("INT", &format!("-{pid}"));
    wait_for(&running, "got INT");
    kill("TERM", pid);
    let done = running.wait(SOON);
    let seen = done.stdout.join("\n");
    assert_eq!(seen.matches("got INT").count(), 1, "{seen}");
    assert!(seen.ends_with("end"), "{seen}");
}

#[test]
fn as_process_1_it_reaps_orphans_and_passes_signals_on() {
    // A container's process 1, as far as a process can tell.
    let unshare = "unshare --pid --fork --mount-proc --kill-child";
    if !shell(&format!("{unshare} true")).run(SOON).status.success() {
        eprintln!("skipped: unshare is not allowed here");
        return;
    }
    let script = "(sleep 0.1 & sleep 0.1 &) ; sleep 0.5; \
                  echo \"zombies $(grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l)\"; \
                  echo \"parent $PPID\"; trap 'echo bye; exit 9' TERM; kill -TERM 1; \
                  while :; do sleep 0.02; done";
    let done = shell(&format!(
        "{unshare} \"$IRCLOG\" run sh -c '{}'",
        script.replace('\'', "'\\''")
    ))
    .run(SOON);
    assert_eq!(stdout(&done)[..2], ["zombies 0", "parent 1"], "{done:?}");
    // Sent by the program itself, it is not sent back to it.
    assert!(
        !done.printed("bye") || done.status.code() == Some(9),
        "{done:?}"
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
fn a_server_that_is_not_there_holds_nothing_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("a bound socket").port();
    drop(listener);
    let done = irclog()
        .args([
            "run",
            "--server",
            "127.0.0.1",
            "--tls",
            "false",
            "--channel",
            "#logs",
        ])
        .args(["--port", &port.to_string(), "--exit-timeout", "0.2"])
        .args([
            "--",
            "sh",
            "-c",
            "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done",
        ])
        .run(SOON);
    assert!(done.status.success());
    assert_eq!(done.stdout.len(), 20_000);
}

#[test]
fn what_the_program_left_running_does_not_keep_it_open() {
    let done = irclog()
        .args(["run", "sh", "-c", "sleep 15 & echo done"])
        .run(SOON);
    assert!(done.status.success());
    assert!(done.took < Duration::from_secs(10), "{:?}", done.took);
    assert_eq!(stdout(&done), ["done"]);
}

#[test]
fn when_nobody_reads_any_more_the_program_learns_it() {
    let done = shell("\"$IRCLOG\" run yes 2>/dev/null | head -n 2").run(SOON);
    assert_eq!(stdout(&done), ["y", "y"]);
}

/// Far more than memory may grow: lines, and one line without an end.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_bounded_however_much_is_written() {
    const MOST_KIB: u64 = 96 * 1024;
    for produce in [
        "yes 'INFO:     a line like many others, with some 70 bytes of text in it' | head -c 15000000",
        "head -c 200000000 /dev/zero | tr '\\0' x",
    ] {
        let bench = Bench::new();
        let script = format!(
            "{produce}; echo finished >&2; trap 'exit 0' TERM; while :; do sleep 0.1; done"
        );
        let running = shell(
            "exec \"$IRCLOG\" run --server 127.0.0.1 --tls false --channel '#logs' \
             --port $PORT --exit-timeout 0.1 -- sh -c \"$SCRIPT\" >/dev/null",
        )
        .env("PORT", bench.server.port().to_string())
        .env("SCRIPT", script)
        .start();
        let finished = running
            .stderr()
            .wait_for(|line| line == "finished", Duration::from_secs(120));
        assert!(finished.is_some(), "{running:#?}");
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid()))
            .expect("it is running");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak
            .and_then(|text| text.split_whitespace().next())
            .expect("a peak");
        let peak: u64 = peak.parse().expect("a number");
        eprintln!("peak {peak} KiB");
        assert!(peak < MOST_KIB, "{peak} KiB for {produce}");
        running.signal("TERM");
        assert!(running.wait(SOON).status.success());
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
        "cd '{}'; mkfifo lines; (echo first; sleep 15) >lines & \
         exec \"$IRCLOG\" pipe --server 127.0.0.1 --tls false --port {port} \
         --channel '#logs' --nick teller <lines",
        folder.path().display()
    );
    let running = shell(&script).start();
    let member = bench.member();
    let first = member.wait_for(|seen| seen.text.contains("first"), SOON);
    assert!(first.is_some(), "{running:#?}");
    running.signal("TERM");
    let left = member.wait_for(|seen| seen.kind == irclog_tests::seen::Kind::Quit, SOON);
    assert!(left.is_some(), "it says goodbye");
    assert_eq!(running.wait(SOON).status.code(), Some(143));
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
