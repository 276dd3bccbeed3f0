//! Child processes, with a shell as the program.
#![cfg(unix)]

use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::process::Program;

fn shell(script: &str) -> Program {
    Program::at("/bin/sh").arg("-c").arg(script)
}

#[test]
fn the_exit_code_and_both_outputs_are_collected() {
    let done = shell("echo out; echo err >&2; exit 3").run(SOON);
    assert_eq!(done.status.code(), Some(3));
    assert_eq!(done.stdout, ["out"]);
    assert_eq!(done.stderr, ["err"]);
    assert!(done.printed("err") && !done.printed("other"));
}

#[test]
fn the_environment_is_what_the_test_sets() {
    let script = "echo \"[$IRC_SERVER][$RUST_LOG][$IRC_NICK]\"";
    let done = shell(script).env("IRC_NICK", "ann").run(SOON);
    assert_eq!(done.stdout, ["[][][ann]"]);
}

#[test]
fn output_can_be_waited_for_while_it_runs_and_signals_arrive() {
    let running = shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
    let running = running.start();
    let ready = running.stdout().wait_for(|line| line == "ready", SOON);
    assert!(ready.is_some());
    running.signal("TERM");
    let done = running.wait(SOON);
    assert!(done.status.success());
    assert_eq!(done.stdout, ["ready", "bye"]);
}

#[test]
fn a_child_that_keeps_the_pipe_does_not_keep_the_test() {
    let done = shell("sleep 60 & echo parent").run(SOON);
    assert_eq!(done.stdout, ["parent"]);
    assert!(done.took < Duration::from_secs(60));
}

#[test]
#[should_panic(expected = "has not ended after")]
fn what_does_not_end_is_killed_and_reported() {
    let _ = shell("sleep 60").run(Duration::from_millis(200));
}
