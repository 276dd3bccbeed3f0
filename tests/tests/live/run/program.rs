//! The program runs as it would alone: its output, its exit status, the time
//! and memory it takes.

use irclog_tests::loopback::Received;
use irclog_tests::port::Port;
use irclog_tests::process::Program;
use irclog_tests::tool::irclog;

use super::{Args as _, Bench, SOON, shell, stdout, wait_for};

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
fn a_server_that_is_not_there_holds_nothing_up() {
    let nobody = Port::hold();
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
        .args([
            "--port",
            &nobody.number().to_string(),
            "--exit-timeout",
            "0.2",
        ])
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
#[cfg(target_os = "linux")]
fn a_root_without_devices_is_no_hindrance() {
    let unshare = "unshare --mount sh -ec 'mount -t tmpfs none /dev; exec \"$@\"' sh";
    if !shell(&format!("{unshare} true")).run(SOON).status.success() {
        eprintln!("skipped: unshare is not allowed here");
        return;
    }
    let bench = Bench::new();
    let port = bench.server.port();
    let done = shell(&format!(
        "{unshare} \"$IRCLOG\" run --server 127.0.0.1 --port {port} --tls false \
         --channel '#logs' --exit-timeout 60 -- echo without devices"
    ))
    .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert_eq!(bench.said().len(), 1, "{done:#?}");
}

#[test]
fn what_the_program_left_running_does_not_keep_it_open() {
    let done = irclog()
        .args(["run", "sh", "-c", "sleep 200 & echo done"])
        .run(SOON);
    assert!(done.status.success());
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
        let bench = super::Bench::new();
        let script = format!(
            "trap 'exit 0' TERM; {produce}; echo finished >&2; while :; do sleep 0.1; done"
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
            .wait_for(|line| line == "finished", SOON * 5);
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
fn irclog_inside_of_the_program_stays_off_and_says_so() {
    let bench = Bench::new();
    let port = bench.server.port().to_string();
    let set = |program: Program| {
        program
            .env("IRC_SERVER", "127.0.0.1")
            .env("IRC_PORT", &port)
            .env("IRC_TLS", "false")
            .env("IRC_CHANNEL", "#logs")
            .env("IRC_NICK", "teller")
            .env("IRC_LOG", "info")
            .env("IRC_EXIT_TIMEOUT", "60")
    };
    let script = "echo hello | \"$IRCLOG\" pipe";
    let done = set(shell("\"$IRCLOG\" run --name shop -- sh -c \"$SCRIPT\""))
        .env("SCRIPT", script)
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert_eq!(bench.server.connections(), 1);
    let said = bench.said();
    let hello = said.iter().filter(|line| line.contains("hello")).count();
    assert_eq!(hello, 1, "{said:#?}");
    let off = done
        .stderr
        .iter()
        .filter(|line| line.contains("IRCLOG_RUN"));
    assert_eq!(off.count(), 1, "{done:#?}");

    // Where nothing shows its output, it may do so itself.
    let script = "\"$IRCLOG\" run --enabled false -- sh -c 'echo \"mark=$IRCLOG_RUN\"'";
    let done = set(shell(script)).run(SOON);
    assert_eq!(stdout(&done), ["mark="]);
}

#[test]
fn the_program_gets_the_environment_but_for_what_is_dropped() {
    let script = "echo \"$IRC_HMAC_SECRET,$IRC_PASSWORD,$SHOP_A,$SHOP_B,$KEPT\"";
    let run = |more: &[&str]| {
        let tool = more
            .iter()
            .fold(irclog().arg("run"), |tool, more| tool.arg(*more));
        let done = tool
            .env("IRC_HMAC_SECRET", "1")
            .env("IRC_PASSWORD", "2")
            .env("SHOP_A", "3")
            .env("SHOP_B", "4")
            .env("KEPT", "5")
            .args(["--", "sh", "-c", script])
            .run(SOON);
        done.stdout[0].clone()
    };
    assert_eq!(run(&[]), "1,2,3,4,5");
    assert_eq!(run(&["--drop-env", "IRC_PASSWORD,SHOP_*"]), "1,,,,5");
    assert_eq!(
        run(&["--drop-env", "SHOP_A", "--drop-env", "KEPT"]),
        "1,2,,4,"
    );
}

#[test]
fn our_words_never_fall_into_a_line_of_the_program() {
    // On a stream of its own, and where both are one.
    for both in ["", "2>&1"] {
        let bench = Bench::new();
        let script = "echo ready; printf 'a prompt: ' >&2; read x; echo answered >&2; \
                      printf tail >&2";
        let port = bench.server.port().to_string();
        let running = shell(&format!(
            "\"$IRCLOG\" run --server 127.0.0.1 --tls false --rate 100 --port {port} \
             --channel '#logs' --nick teller --exit-timeout 20 -- sh -c \"$SCRIPT\" {both}"
        ))
        .env("SCRIPT", script)
        .listens()
        .start();
        wait_for(&running, "ready");
        assert!(bench.member().wait_for_text("ready", SOON).is_some());
        bench.server.close("teller");
        let back = |line: &Received| line.connection == 2 && line.command() == "JOIN";
        let back = bench.server.received().wait_for(back, SOON);
        assert!(back.is_some(), "{running:#?}");
        running.say("go on");
        let done = running.wait(SOON);
        let lines = if both.is_empty() {
            &done.stderr
        } else {
            &done.stdout
        };
        let own: Vec<&String> = lines
            .iter()
            .filter(|line| line.contains("irclog: "))
            .collect();
        assert!(
            own.iter().any(|line| line.contains("the connection")),
            "{done:#?}"
        );
        assert!(
            own.iter().all(|line| line.starts_with("irclog: ")),
            "{done:#?}"
        );
        let at = |text: &str| lines.iter().position(|line| line == text);
        let kicked = lines
            .iter()
            .position(|line| line.contains("the connection"));
        assert!(at("a prompt: answered") < kicked, "{done:#?}");
        assert!(at("tail").is_some(), "{done:#?}");
    }
}

#[test]
fn the_order_of_both_streams_is_kept_where_both_are_one_file() {
    const LINES: usize = 400;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = "i=0; while [ $i -lt 400 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done";
    let in_a_file = "\"$IRCLOG\" run -- sh -c \"$SCRIPT\" >both 2>&1; grep -v ^irclog: both";
    let in_a_pipe = "\"$IRCLOG\" run -- sh -c \"$SCRIPT\" 2>&1 | grep -v ^irclog:";
    for shown in [in_a_file, in_a_pipe] {
        let done = shell(&format!("cd '{}'; {shown}", folder.path().display()))
            .env("SCRIPT", script)
            .run(SOON);
        let expected = (0..LINES).flat_map(|n| [format!("out {n}"), format!("err {n}")]);
        assert_eq!(done.stdout, expected.collect::<Vec<_>>(), "{shown}");
    }
}

/// Node sets the descriptors that it has from its parent so, and with it all
/// who share them.
#[test]
fn an_output_that_does_not_wait_is_waited_for() {
    let script = r#"
import os, subprocess, sys, time
ours, theirs = os.pipe()
os.set_blocking(theirs, False)
tool = subprocess.Popen([os.environ["IRCLOG"], *sys.argv[1:]], stdout=theirs)
os.close(theirs)
seen = 0
while piece := os.read(ours, 4096):
    seen += len(piece)
print("seen", seen, "status", tool.wait())
"#;
    let script = format!("python3 -c '{script}' run -- head -c 3000000 /dev/zero");
    let done = shell(&script).run(SOON);
    assert_eq!(stdout(&done), ["seen 3000000 status 0"], "{done:#?}");
    assert!(!done.printed("cannot be written"), "{done:#?}");
}

/// Recognising is slower than copying: what there is no time for is counted,
/// and no ERROR is without a word.
#[test]
fn a_program_is_not_held_up_by_what_is_made_of_its_lines() {
    // Long ones: few of them fill the backlog, and these have to be read by an
    // unoptimised program on a machine that others are busy on.
    const LINES: usize = 100_000;
    let bench = Bench::new();
    let more = "as many as there are, ".repeat(10);
    let script = format!(
        "yes 'DEBUG:shop:one of many, {more}' | head -n {}; \
         echo 'ERROR:shop:settling failed'; echo finished >&2; \
         read x",
        LINES - 1
    );
    let running = bench
        .tool("run")
        .args(["--log", "debug"])
        .args(["--", "sh", "-c", &script])
        .listens()
        .start();
    let finished = running.stderr().wait_for(|line| line == "finished", SOON);
    assert!(finished.is_some(), "{running:#?}");
    let member = bench.member();
    assert!(member.wait_for_text("settling failed", SOON).is_some());
    running.say("go on");
    let done = running.wait(SOON);
    assert!(done.status.success());
    assert_eq!(done.stdout.len(), LINES);
    // Each is shown, or told of by its number.
    let mut told = 0;
    for line in bench.said() {
        if let Some((_, left_out)) = line.split_once('(')
            && let Some((count, _)) = left_out.split_once(" DEBUG)")
        {
            told += number(count);
        } else if line.contains("one of many") {
            let count = line.split_once('×').map(|(_, count)| count);
            let count = count.and_then(|count| count.split(' ').next());
            told += count.map_or(1, number);
        }
    }
    assert_eq!(told, LINES - 1, "{:#?}", bench.said());
}

fn number(text: &str) -> usize {
    text.replace(',', "").parse().expect("a number")
}
