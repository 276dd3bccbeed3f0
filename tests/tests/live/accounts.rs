//! The wanted nick, and the password that goes with it.

use std::time::Duration;

use irclog_tests::loopback::{Config, Server};
use irclog_tests::observer::Observer;
use irclog_tests::service::{Service, Setup};
use irclog_tests::{inspircd, ngircd};
use log::Level;

const SOON: Duration = Duration::from_secs(20);
/// A nick that is free is ours within this time, also where nobody says that
/// it is.
const A_MINUTE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct-horse-battery";

fn setup(addr: std::net::SocketAddr) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service")).on(addr, "#pay", "teller")
}

fn with_password(server: &Server) -> Service {
    setup(server.addr()).env("IRC_PASSWORD", PASSWORD).start()
}

fn got_the_password(server: &Server) -> Vec<String> {
    let received = server.received().all();
    let lines = received.into_iter().map(|line| line.text);
    lines.filter(|line| line.contains(PASSWORD)).collect()
}

#[test]
fn a_stranger_called_nickserv_gets_no_password() {
    let server = Server::start(Config::default().no_services());
    let stranger = Observer::join(server.addr(), "#pay", "NickServ");
    let mut service = with_password(&server);
    service.wait_joined();
    assert!(service.told("IRC_SERVICES", SOON).is_some());
    for line in [
        ":irc.loopback.example 421 teller NICKSERV :Unknown command\r\n",
        ":NickServ!~u@h NOTICE teller :This nickname is registered. Please identify.\r\n",
        ":irc.loopback.example 900 teller teller!u@h teller :You are now logged in\r\n",
    ] {
        server.send_raw("teller", line);
    }
    service.log(Level::Info, "pay", "on and on");
    assert!(stranger.wait_for_text("on and on", SOON).is_some());
    assert!(service.flush(SOON));
    assert_eq!(got_the_password(&server), Vec::<String>::new());
}

#[test]
fn a_ghost_is_driven_out_before_a_channel_for_registered_nicks() {
    let config = Config::bahamut()
        .account("teller", PASSWORD)
        .channel("#pay", "+nr");
    let server = Server::start(config);
    let ghost = Observer::join(server.addr(), "#lobby", "teller");
    let mut service = with_password(&server);
    assert!(
        server.wait_joined("#pay", "teller", SOON),
        "{:?}",
        server.nicks()
    );
    service.log(Level::Info, "pay", "in at last");
    assert!(
        server
            .member("#pay")
            .wait_for_text("in at last", SOON)
            .is_some()
    );
    let asked = got_the_password(&server);
    assert!(
        asked[0].contains("NickServ@services.dal.net :GHOST teller"),
        "{asked:?}"
    );
    assert_eq!(server.nicks(), ["teller"], "one was ended");
    drop(ghost);
}

#[test]
fn a_wrong_password_is_told_and_costs_no_line() {
    let config = Config::default().account("teller", "another");
    let server = Server::start(config);
    let mut service = with_password(&server);
    service.wait_joined();
    assert!(service.told("refuses IRC_PASSWORD", SOON).is_some());
    service.log(Level::Info, "pay", "all the same");
    assert!(service.flush(SOON));
    assert_eq!(got_the_password(&server).len(), 1);
}

/// Two tasks at once for a while, as a rolling deploy has them.
fn deploys(addr: std::net::SocketAddr, eyes: &Observer) {
    let first = setup(addr).start();
    first.wait_joined();
    let mut second = setup(addr).start();
    second.wait_joined();
    assert_eq!(second.stats().nick, "teller_");
    let done = first.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(second.told("speaking as teller now", A_MINUTE).is_some());
    second.log(Level::Info, "pay", "the second speaks");
    let seen = eyes.wait_for_text("the second speaks", SOON);
    assert_eq!(seen.map(|seen| seen.nick).as_deref(), Some("teller"));
}

#[test]
fn a_rolling_deploy_leaves_the_wanted_nick_on_ngircd() {
    let server = ngircd::Server::start();
    let eyes = Observer::join(server.addr(), "#pay", "ann");
    deploys(server.addr(), &eyes);
}

#[test]
fn a_rolling_deploy_leaves_the_wanted_nick_on_inspircd() {
    let server = inspircd::Server::start_with(&inspircd::Config::ircv3());
    let eyes = Observer::join(server.addr(), "#pay", "ann");
    deploys(server.addr(), &eyes);
}

/// Who has the nick is in no channel of ours, and nobody says when he leaves.
#[test]
fn a_nick_that_is_left_unseen_is_ours_within_a_minute() {
    let server = ngircd::Server::start();
    let eyes = Observer::join(server.addr(), "#pay", "ann");
    let holder = Observer::join(server.addr(), "#lobby", "teller");
    let mut service = setup(server.addr()).start();
    service.wait_joined();
    assert!(service.told("is taken", SOON).is_some());
    drop(holder);
    assert!(service.told("speaking as teller now", A_MINUTE).is_some());
    service.log(Level::Info, "pay", "the same as ever");
    let seen = eyes.wait_for_text("the same as ever", SOON);
    assert_eq!(seen.map(|seen| seen.nick).as_deref(), Some("teller"));
}
