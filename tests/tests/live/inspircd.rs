//! A service on a real InspIRCd, which sends our own lines back to us.

use irc::proto::Command;
use irclog_tests::SOON;
use irclog_tests::inspircd::{Config, Server};
use irclog_tests::observer::Observer;
use irclog_tests::service::{Service, Setup};
use log::Level;

fn joined(server: &Server) -> (Observer, Service) {
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .start();
    service.wait_joined();
    (ann, service)
}

#[test]
fn long_records_arrive_whole_and_are_acknowledged_by_their_echo() {
    let server = Server::start_with(&Config::ircv3());
    let (ann, mut service) = joined(&server);
    let text = "Verifikation gescheitert: Guthaben für Zahlung 7 nicht gedeckt · 余额不足 ";
    service.log(Level::Error, "x402::handlers", &text.repeat(12));
    service.log(Level::Warn, "x402::handlers", "the next one");
    assert!(service.flush(SOON), "{:?}", service.stats());
    let lines = ann.lines();
    let shown: String = lines
        .iter()
        .map(|seen| seen.plain().replace("↪ ", "").replace(['↪', '…'], ""))
        .collect();
    assert!(shown.matches("余额不足").count() == 12, "{lines:#?}");
    assert!(ann.wait_for_text("the next one", SOON).is_some());
    let numbers = service.stats();
    assert_eq!((numbers.logged, numbers.shown), (2, 2), "{numbers:?}");
}

#[test]
fn a_channel_that_becomes_colourless_is_spoken_to_plainly() {
    let server = Server::start_with(&Config::ircv3().module("blockcolor"));
    let (ann, mut service) = joined(&server);
    service.log(Level::Error, "pay", "in colour");
    assert!(service.flush(SOON));
    ann.send(Command::Raw(
        "MODE".into(),
        vec!["#pay".into(), "+c".into()],
    ));
    let set = ann.raw().wait_for(
        |line| line.contains("MODE #pay") && line.contains("+c"),
        SOON,
    );
    assert!(set.is_some(), "{:#?}", ann.raw());
    service.log(Level::Error, "pay", "in plain");
    assert!(service.flush(SOON), "{:?}", service.stats());
    // Acknowledged is not yet read by every other client.
    assert!(ann.wait_for_text("in plain", SOON).is_some());
    let lines = ann.lines();
    assert!(lines[0].text.contains('\u{3}'), "{lines:#?}");
    let last = lines.last().expect("lines");
    assert!(last.text.contains("in plain"), "{lines:#?}");
    assert!(!last.text.chars().any(char::is_control), "{lines:#?}");
    assert_eq!(service.stats().shown, 2);
}
