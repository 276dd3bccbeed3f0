//! How a service ends, and what of its last words arrives.

#![cfg(unix)]

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::loopback::{Action, Config, Fault, Server};
use irclog_tests::process::Finished;
use irclog_tests::seen::{Kind, Seen};
use irclog_tests::service::{Service, Setup, last_millis};
use irclog_tests::tally::Tally;
use log::Level;

/// An end waits for 5 s, unless set otherwise. Where it waited for something
/// else it would be 10 s or more, which is what a connection may take: what is
/// between the two is the machine's.
const BOUND: Duration = Duration::from_secs(9);
/// In the service's own account, which leaves out what its threads waited for
/// a processor.
const AT_ONCE: Duration = Duration::from_secs(1);

fn service(server: &Server) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service")).on(server.addr(), "#pay", "teller")
}

fn joined(server: &Server) -> Service {
    let service = service(server).start();
    service.wait_joined();
    service
}

#[track_caller]
fn saw(server: &Server, text: &str, done: &Finished) {
    let texts = server.member("#pay").undated();
    assert!(
        texts.iter().any(|line| line.contains(text)),
        "{text} is not among {texts:#?}; {done:#?}"
    );
}

/// The nick is gone from the channel, with a word.
#[track_caller]
fn left(server: &Server) {
    let why = gone(server);
    assert!(why.contains("ended"), "{why}");
}

/// The nick is gone from the channel: why.
#[track_caller]
fn gone(server: &Server) -> String {
    let quit = |seen: &Seen| seen.kind == Kind::Quit && seen.nick == "teller";
    let quit = server.member("#pay").wait_for(quit, SOON);
    quit.expect("it has left").text
}

#[test]
fn the_first_record_is_also_the_last() {
    // The connection is not yet there when the service ends.
    for end in ["return", "exit 0"] {
        let server = Server::start(Config::default());
        let mut service = service(&server).start();
        service.log(Level::Info, "pay", "first and last");
        let done = service.end(end, SOON);
        assert!(done.status.success() && done.took < BOUND, "{done:#?}");
        saw(&server, "pay - first and last", &done);
        left(&server);
    }
}

#[test]
fn several_last_records_arrive_on_a_slow_server() {
    for config in [Config::bahamut(), Config::unreal()] {
        let server = Server::start(config);
        let mut service = joined(&server);
        for level in [Level::Info, Level::Warn, Level::Error] {
            service.log(level, "pay", "last words");
        }
        let done = service.end("exit 3", SOON);
        assert_eq!(done.status.code(), Some(3), "the service's own exit code");
        for level in ["INFO", "WARN", "ERROR"] {
            saw(&server, &format!("[{level}] "), &done);
        }
        left(&server);
    }
}

#[test]
fn a_panic_of_main_is_shown_and_ends_as_it_would() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "before it");
    let done = service.end("panic no-such-account", SOON);
    assert_eq!(done.status.code(), Some(101));
    assert!(
        done.printed("no-such-account"),
        "the hook before still speaks"
    );
    saw(&server, "before it", &done);
    saw(&server, "[ERROR] panic - thread 'main' panicked at ", &done);
    saw(&server, "no-such-account", &done);
    left(&server);
}

#[test]
fn a_panic_that_is_caught_waits_for_nobody() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    server.freeze();
    let caught = service.ask("panic-caught in-a-handler");
    assert_eq!(caught, "caught true");
    let ended = service.ask("panic-in-thread in-a-task");
    assert!(last_millis(&ended) < AT_ONCE, "{ended}");
    server.resume();
    assert!(service.flush(SOON));
    let done = service.end("return", SOON);
    assert!(done.status.success());
    saw(&server, "in-a-handler", &done);
    saw(&server, "thread 'settler' panicked", &done);
}

#[test]
fn an_abort_runs_nothing() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "settled");
    assert!(service.flush(SOON));
    server.freeze();
    service.log(Level::Error, "pay", "lost with the process");
    let done = service.end("abort", SOON);
    assert_eq!(done.status.signal(), Some(libc::SIGABRT), "{done:#?}");
    assert_eq!(server.member("#pay").undated().len(), 1);
}

#[test]
fn a_frozen_server_holds_up_no_longer_than_the_bound() {
    let server = Server::start(Config::default());
    let mut service = service(&server).env("IRC_EXIT_TIMEOUT", "2").start();
    service.wait_joined();
    server.freeze();
    service.log(Level::Error, "pay", "to nobody");
    let (took, numbers) = service.shutdown(Duration::from_secs(2));
    assert!(took < Duration::from_millis(2600), "{took:?}");
    assert!(numbers.balance(), "{numbers:?}");
    assert_eq!(numbers.shown, 0, "nobody has seen it: {numbers:?}");
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn an_idle_service_leaves_a_frozen_server_soon() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "settled");
    assert!(service.flush(SOON));
    server.freeze();
    let (took, _) = service.shutdown(Duration::from_secs(5));
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn a_dead_server_holds_up_no_longer_than_the_bound() {
    let mut server = Server::start(Config::default());
    let mut service = joined(&server);
    server.stop();
    assert!(service.told("does not see this log", SOON).is_some());
    service.log(Level::Error, "pay", "to nobody");
    let done = service.end("return", SOON);
    assert!(done.status.success() && done.took < BOUND, "{done:#?}");
}

#[test]
fn of_a_large_backlog_errors_come_first_and_the_rest_is_told() {
    const RECORDS: u64 = 2_000;
    let server = Server::start(Config::ngircd());
    let mut service = joined(&server);
    service.burst(2_000, Level::Info, "pay", "Payment settled");
    for n in 0..3 {
        service.log(Level::Error, &format!("pay{n}"), "settlement failed");
    }
    let (_, numbers) = service.shutdown(Duration::from_secs(10));
    assert!(numbers.balance(), "{numbers:?}");
    assert_eq!(numbers.logged, RECORDS + 3, "{numbers:?}");
    assert_eq!(numbers.queued, 0, "{numbers:?}");
    let done = service.end("return", SOON);
    for n in 0..3 {
        saw(&server, &format!("pay{n} - settlement failed"), &done);
    }
    // Also of what was acknowledged too late to be in the numbers.
    let told = Tally::of(&server.member("#pay").lines(), "teller");
    assert_eq!(told.told(), RECORDS + 3, "{told:?} {numbers:?}");
    let texts = server.member("#pay").undated();
    // What was shed at the source is told in a fold.
    if numbers.dropped > 0 {
        let last = texts.last().expect("lines");
        assert!(last.contains("not shown"), "{numbers:?} {texts:#?}");
    }
    left(&server);
}

#[test]
fn what_exit_leaves_out_is_its_last_line() {
    // A line each two seconds at the best: a hundred different warnings are
    // too many for three.
    let server = Server::start(Config::ngircd());
    let mut service = joined(&server);
    for n in 0..100 {
        let text = format!("{n}: {}", "not yet confirmed, ".repeat(8));
        service.log(Level::Warn, &format!("pay{n}"), &text);
    }
    service.log(Level::Error, "pay", "the one that matters");
    let (_, numbers) = service.shutdown(Duration::from_secs(5));
    assert!(numbers.balance() && numbers.dropped > 50, "{numbers:?}");
    // With its goodbye or without it: that is not waited for where the server
    // is behind.
    gone(&server);
    let texts = server.member("#pay").undated();
    let error = texts
        .iter()
        .any(|text| text.contains("the one that matters"));
    assert!(error, "{numbers:?} {texts:#?}");
    let last = texts.last().expect("lines");
    let told = format!("… {} lines not shown", numbers.dropped);
    assert!(last.starts_with(&told), "{numbers:?} {texts:#?}");
}

#[test]
fn nothing_that_follows_a_shutdown_is_lost_in_silence() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "shown");
    let (_, numbers) = service.shutdown(SOON);
    assert_eq!(numbers.shown, 1, "{numbers:?}");
    left(&server);
    service.log(Level::Error, "pay", "for the console");
    let numbers = service.stats();
    assert!(numbers.balance(), "{numbers:?}");
    assert_eq!((numbers.logged, numbers.dropped), (2, 1), "{numbers:?}");
    assert_eq!(numbers.state, "closed");
    assert!(service.told("for the console", SOON).is_some());
    let (took, _) = service.shutdown(Duration::from_secs(5));
    assert!(took < AT_ONCE, "{took:?}");
    assert!(service.flush(SOON), "nothing is on its way");
}

#[test]
fn a_forked_child_neither_hangs_nor_speaks() {
    let server = Server::start(Config::default());
    let mut service = service(&server).by("slow-tee").start();
    // Irclog's thread is at the console, which it will never leave in the child.
    let child = service.ask("fork-while-joining");
    assert!(child.starts_with("child flushed=false"), "{child}");
    assert!(child.ends_with("state=Forked"), "{child}");
    let parent = service.answer();
    assert!(parent.starts_with("forked 7 "), "{parent}");
    assert!(last_millis(&parent) < AT_ONCE, "{parent}");
    service.log(Level::Info, "pay", "the parent goes on");
    assert!(service.flush(SOON));
    let texts = server.member("#pay").undated();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(service.told("said by the forked child", SOON).is_some());
    let numbers = service.stats();
    assert_eq!((numbers.logged, numbers.shown), (1, 1), "{numbers:?}");
}

/// A console that does not take what irclog says: nobody can log there, but
/// whoever forks is not held up, and the child goes on.
#[test]
fn a_fork_waits_for_no_console() {
    let server = Server::start(Config::default());
    let mut service = service(&server).by("stuck-tee").start();
    let child = service.ask("fork-while-joining");
    assert!(child.ends_with("state=Forked"), "{child}");
    let parent = service.answer();
    assert!(parent.starts_with("forked 7 "), "{parent}");
    assert!(last_millis(&parent) < AT_ONCE, "{parent}");
    let told = service.told("said by the forked child", SOON);
    assert_eq!(
        told.as_deref(),
        Some("[ERROR child] said by the forked child")
    );
}

#[test]
fn a_forked_child_registers_and_scrubs() {
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service")).start();
    assert_eq!(service.ask("fork-while-registering 100"), "ended 100");
}

/// What is missing is told; nothing panics for it.
#[test]
fn few_descriptors_are_no_panic() {
    let server = Server::start(Config::default());
    for free in [0, 1, 3, 5, 6, 7, 8, 9, 12] {
        let setup = service(&server).by(&format!("free-descriptors-{free}"));
        let service = setup.start();
        let ready = service.ready().to_owned();
        if free < 8 {
            assert!(ready.contains("open files"), "{free}: {ready}");
        }
        let done = service.end("return", SOON);
        assert!(done.status.success(), "{free}: {done:#?}");
        assert!(!done.printed("panicked"), "{free}: {done:#?}");
    }
}

#[test]
fn a_value_may_flush_while_it_is_shown() {
    let server = Server::start(Config::default());
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "before it");
    assert_eq!(service.ask("flush-in-display"), "logged");
    assert!(service.flush(SOON));
    let done = service.end("return", SOON);
    saw(&server, "the value that true flushes", &done);
}

#[test]
fn a_console_may_flush_at_each_record() {
    let server = Server::start(Config::default());
    let mut service = service(&server).by("flushing-tee").start();
    assert!(service.told("joined", SOON).is_some());
    for n in 0..3 {
        service.log(Level::Info, "pay", &format!("record {n}"));
    }
    assert!(service.flush(SOON));
    let done = service.end("return", SOON);
    for n in 0..3 {
        saw(&server, &format!("record {n}"), &done);
    }
    assert!(done.printed("record 2 flushed Some(true)"), "{done:#?}");
}

#[test]
fn a_server_that_does_not_close_after_quit_is_left_in_time() {
    let fault = Fault::on_command("QUIT").does(Action::Ignore);
    let server = Server::start(Config::default().fault(fault));
    let mut service = joined(&server);
    service.log(Level::Info, "pay", "last words");
    let done = service.end("return", SOON);
    assert!(done.status.success() && done.took < BOUND, "{done:#?}");
    saw(&server, "last words", &done);
}

#[test]
fn a_quit_proves_what_came_before_it_unless_it_ends_otherwise() {
    // What was not shown is waited for until the bound, and in vain here.
    let soon = Duration::from_millis(1500);
    for (end, shown, bound) in [("Quit: bye", 1, SOON), ("Excess Flood", 0, soon)] {
        let no_pong = Fault::on_command("PING").does(Action::Ignore);
        let closes = Fault::on_command("QUIT").does(Action::Disconnect(end.into()));
        let config = Config::default().no_capabilities();
        let server = Server::start(config.fault(no_pong).fault(closes));
        let mut service = joined(&server);
        service.log(Level::Error, "pay", "last words");
        let seen = server.member("#pay").wait_for_text("last words", SOON);
        assert!(seen.is_some());
        let (_, numbers) = service.shutdown(bound);
        assert!(numbers.balance(), "{numbers:?}");
        assert_eq!(numbers.shown, shown, "{end}: {numbers:?}");
    }
}
