//! That a service is there: told when it has started, and when it has long had
//! nothing to say.

use irc::proto::Command;
use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::observer::Observer;
use irclog_tests::process::Program;
use irclog_tests::service::Setup;
use irclog_tests::tool;
use irclog_tests::{inspircd, ngircd};
use log::Level;
use tempfile::TempDir;

fn service(server: &Server, state: &TempDir) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_STATE_DIR", state.path().to_str().unwrap())
        .env("IRC_START_LINE", "true")
        .env("IRC_VERSION", "1.4.2")
        .env("HOSTNAME", "3f2a1b2c3d4e")
}

fn texts(server: &Server) -> Vec<String> {
    let lines = server.received().all();
    let said = lines.iter().map(|line| line.said().to_owned());
    said.filter(|text| !text.is_empty()).collect()
}

#[test]
fn a_start_is_told_before_what_came_of_it_and_no_record() {
    let server = Server::start(Config::default());
    let state = TempDir::new().unwrap();
    let mut service = service(&server, &state).start();
    service.wait_joined();
    service.log(Level::Info, "pay", "the first record");
    assert!(service.flush(SOON));
    assert_eq!(service.stats().shown, 1, "the start is no record");
    let texts = texts(&server);
    assert_eq!(texts[0], "service 1.4.2 started, container 3f2a1b2c3d4e");
    assert!(texts[1].contains("the first record"), "{texts:?}");
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn it_is_seen_on_a_real_server() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let state = TempDir::new().unwrap();
    let service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_STATE_DIR", state.path().to_str().unwrap())
        .env("IRC_START_LINE", "true")
        .env("IRC_HEARTBEAT", "2")
        .start();
    assert!(ann.wait_for_text("service started", SOON).is_some());
    let pulse = ann.wait_for_text("2 s: no records, nothing lost", SOON);
    assert!(pulse.is_some(), "{:#?}", ann.lines());
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn a_real_server_knows_that_it_is_a_program() {
    let server = inspircd::Server::start_with(&inspircd::Config::ircv3().module("botmode"));
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_START_LINE", "true")
        .start();
    assert!(ann.wait_for_text("service started", SOON).is_some());
    service.log(Level::Info, "pay", "a record");
    assert!(service.flush(SOON));
    ann.send(Command::Raw("WHOIS".into(), vec!["teller".into()]));
    let told = ann
        .raw()
        .wait_for(|line| line.contains(" 335 ann teller "), SOON);
    assert!(told.is_some(), "{:#?}", ann.raw());
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn a_service_that_starts_again_and_again_says_so_once() {
    let server = Server::start(Config::default());
    let state = TempDir::new().unwrap();
    // The third would have to wait for its turn to connect.
    for number in 1..=2 {
        let mut service = service(&server, &state).start();
        service.wait_joined();
        service.log(Level::Info, "pay", &format!("record {number}"));
        assert!(service.flush(SOON));
        assert!(service.end("return", SOON).status.success());
    }
    let texts = texts(&server);
    let starts = texts.iter().filter(|text| text.contains(" started"));
    assert_eq!(starts.count(), 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("record 2")));
}

#[test]
fn both_can_be_turned_off() {
    let server = Server::start(Config::default());
    let state = TempDir::new().unwrap();
    let mut service = service(&server, &state)
        .env("IRC_START_LINE", "false")
        .env("IRC_HEARTBEAT", "0")
        .start();
    service.wait_joined();
    service.log(Level::Info, "pay", "a record");
    assert!(service.flush(SOON));
    let texts = texts(&server);
    assert!(
        texts.len() == 1 && texts[0].contains("a record"),
        "{texts:?}"
    );
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn a_secret_in_the_version_is_not_shown() {
    let server = Server::start(Config::default());
    let state = TempDir::new().unwrap();
    let service = service(&server, &state)
        .env("IRC_VERSION", "ghp_16C7e42F292c6912E7710c838347Ae178B4a")
        .start();
    let told = server.wait_for(|line| line.contains("started"), SOON);
    let told = told.expect("a start").said().to_owned();
    assert!(!told.contains("16C7e42F292c"), "{told}");
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn what_is_only_read_is_not_said_to_have_started() {
    let state = TempDir::new().unwrap();
    for (wish, told) in [
        ("unset IRC_START_LINE", false),
        ("IRC_START_LINE=yes", true),
    ] {
        let server = Server::start(Config::default());
        let script = format!("{wish}; echo paid | \"$IRCLOG\" pipe --name shop --exit-timeout 60");
        let done = Program::at("/bin/sh")
            .arg("-c")
            .arg(script)
            .env("IRCLOG", tool::path())
            .env("IRC_SERVER", "127.0.0.1")
            .env("IRC_PORT", server.port().to_string())
            .env("IRC_TLS", "false")
            .env("IRC_CHANNEL", "#pay")
            .env("IRC_STATE_DIR", state.path())
            .run(SOON);
        assert!(done.status.success(), "{done:#?}");
        let texts = texts(&server);
        let is_start = |text: &String| text.starts_with("shop started");
        assert_eq!(texts.iter().any(is_start), told, "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("paid")), "{texts:?}");
    }
}
