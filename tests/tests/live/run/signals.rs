//! Signals on their way to the program, and what a process 1 has to do.

use irclog_tests::process::Program;
use irclog_tests::tool::{irclog, path};

use super::{Args as _, Bench, SOON, shell, stdout, wait_for};

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

/// A shell keeps a signal for itself until what it waits for has ended.
#[test]
fn a_signal_reaches_what_a_shell_has_started_and_its_goodbye_is_waited_for() {
    let service =
        "trap \"sleep 0.5; echo goodbye; exit 0\" TERM; echo ready; while :; do sleep 0.02; done";
    let script = format!("true && sh -c '{service}'; echo never");
    let running = irclog().args(["run", "sh", "-c", &script]).start();
    wait_for(&running, "ready");
    running.signal("TERM");
    let done = running.wait(SOON);
    assert_eq!(stdout(&done), ["ready", "goodbye"], "{done:?}");
    assert_eq!(done.status.code(), Some(128 + 15));
}

#[test]
fn what_does_not_end_is_waited_for_no_longer_than_was_said() {
    let service = "trap \"\" TERM; echo ready $$; while :; do sleep 0.1; done";
    let script = format!("sh -c '{service}' & wait");
    let running = irclog()
        .args(["run", "--stop-timeout", "0.3", "sh", "-c", &script])
        .start();
    wait_for(&running, "ready");
    running.signal("TERM");
    let done = running.wait(SOON);
    assert_eq!(done.status.code(), Some(128 + 15));
    let ready = &stdout(&done)[0];
    let pid = ready.strip_prefix("ready ").expect("its process id");
    assert!(
        shell(&format!("kill -KILL {pid}"))
            .run(SOON)
            .status
            .success()
    );
}

#[test]
fn signals_of_supervisors_and_terminals_do_not_end_it() {
    let script = "for s in ALRM CONT TTIN TTOU URG; do trap \"echo got $s\" $s; done; \
                  trap 'echo got TERM; exit 7' TERM; echo ready; while :; do sleep 0.02; done";
    let running = irclog().args(["run", "sh", "-c", script]).start();
    wait_for(&running, "ready");
    for signal in ["ALRM", "TTIN", "TTOU", "URG", "CONT"] {
        running.signal(signal);
        wait_for(&running, &format!("got {signal}"));
    }
    running.signal("RTMIN+3");
    if cfg!(target_os = "linux") {
        running.signal("PWR");
    }
    running.signal("TERM");
    assert_eq!(running.wait(SOON).status.code(), Some(7));
}

/// A word for the command would end what it has started and does not know it.
#[test]
fn other_signals_go_to_the_command_alone() {
    let started = "trap \"echo goodbye; exit 0\" TERM; echo ready; while :; do sleep 0.02; done";
    let script = format!(
        "for s in USR1 USR2 WINCH ALRM; do trap \"echo got $s\" $s; done; trap : TERM; \
         sh -c '{started}' & while kill -0 $! 2>/dev/null; do wait; done"
    );
    let running = irclog().args(["run", "sh", "-c", &script]).start();
    wait_for(&running, "ready");
    for signal in ["USR1", "USR2", "WINCH", "ALRM"] {
        running.signal(signal);
        wait_for(&running, &format!("got {signal}"));
    }
    running.signal("TERM");
    let done = running.wait(SOON);
    assert!(stdout(&done).contains(&"goodbye"), "{done:?}");
}

/// Ctrl-Z stops irclog and the program, and `fg` wakes both.
#[test]
#[cfg(target_os = "linux")]
fn what_stops_it_stops_the_program_as_well() {
    let script = "trap 'echo bye; exit 0' TERM; echo ready $$; while :; do sleep 0.02; done";
    let running = irclog().args(["run", "sh", "-c", script]).start();
    wait_for(&running, "ready");
    let ready = running.stdout().all();
    let program = ready[0].strip_prefix("ready ").expect("its process id");
    for (signal, states) in [("TSTP", "T"), ("CONT", "RS")] {
        running.signal(signal);
        let is = |pid: &str| format!("grep -qE '^State:.[{states}]' /proc/{pid}/status");
        let both = format!("{} && {}", is(program), is(&running.pid().to_string()));
        let seen = shell(&format!("until {both}; do sleep 0.01; done")).run(SOON);
        assert!(seen.status.success(), "{signal}: {seen:?}");
    }
    running.signal("TERM");
    assert_eq!(running.wait(SOON).status.code(), Some(0));
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
                  'trap \"echo bye; exit 0\" TERM; echo ready; while :; do sleep 0.02; done'";
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
    // The orphans end by themselves; how soon after it they are gone is up to
    // the machine.
    let script = "(sleep 0.1 & sleep 0.1 &) ; sleep 0.3; n=1; i=0; \
                  while [ $n != 0 ] && [ $i -lt 500 ]; do i=$((i+1)); sleep 0.1; \
                  n=$(grep -lE '^(State:.Z|Name:.sleep)' /proc/[0-9]*/status 2>/dev/null | wc -l); done; \
                  echo \"zombies $n\"; \
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
