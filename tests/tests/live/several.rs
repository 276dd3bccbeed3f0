//! Several channels of one connection, on real servers, with an observer in
//! each.

use std::time::Duration;

use irc::proto::Command;
use irclog_tests::SOON;
use irclog_tests::loopback;
use irclog_tests::observer::Observer;
use irclog_tests::seen::Kind;
use irclog_tests::service::{Service, Setup, value};
use irclog_tests::tally::Tally;
use irclog_tests::{inspircd, ngircd};
use log::Level;

const CHANNELS: &str = "#pay #alerts=error #x402=off,x402=debug";

fn setup(addr: std::net::SocketAddr, channels: &str) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service")).on(addr, channels, "teller")
}

/// Waits until the service is in each of the observers' channels.
fn meet(observers: &[&Observer]) {
    for observer in observers {
        let joined = observer.wait_for(
            |seen| seen.kind == Kind::Join && seen.nick == "teller",
            SOON,
        );
        assert!(joined.is_some(), "{:#?}", observer.raw());
    }
}

/// What an observer has read of the service, each record alone.
fn read(observer: &Observer) -> Vec<String> {
    let lines = observer.lines();
    lines
        .iter()
        .flat_map(irclog_tests::seen::Seen::records)
        .collect()
}

fn of(service: &mut Service, channel: &str, name: &str) -> String {
    let answer = service.ask(&format!("channel {channel}"));
    value(&answer, name).expect("a number").to_owned()
}

/// Says one record of each kind, and looks at who reads which.
fn each_reads_its_own(pay: &Observer, alerts: &Observer, x402: &Observer, service: &mut Service) {
    meet(&[pay, alerts, x402]);
    service.log(Level::Info, "svc", "an ordinary record");
    service.log(Level::Debug, "x402::settle", "a detail");
    service.log(Level::Info, "x402::settle", "for two");
    service.log(Level::Error, "x402::settle", "for all three");
    service.log(Level::Error, "svc", "for the two");
    assert!(service.flush(SOON), "{:?}", service.stats());
    for (observer, expected) in [
        (
            pay,
            vec![
                "an ordinary record",
                "for two",
                "for all three",
                "for the two",
            ],
        ),
        (alerts, vec!["for all three", "for the two"]),
        (x402, vec!["a detail", "for two", "for all three"]),
    ] {
        let texts = read(observer);
        assert_eq!(texts.len(), expected.len(), "{texts:#?}");
        for text in expected {
            assert!(
                texts.iter().any(|it| it.ends_with(text)),
                "{text}: {texts:#?}"
            );
        }
    }
    for (channel, shown) in [("#pay", "4"), ("#alerts", "2"), ("#x402", "3")] {
        assert_eq!(of(service, channel, "shown"), shown, "{channel}");
        assert_eq!(of(service, channel, "logged"), shown, "{channel}");
        assert_eq!(of(service, channel, "joined"), "true", "{channel}");
    }
    let numbers = service.stats();
    assert_eq!(
        (numbers.logged, numbers.shown),
        (9, 9),
        "one for each channel"
    );
    assert!(numbers.balance(), "{numbers:?}");
}

#[test]
fn each_channel_of_ngircd_reads_what_its_filter_says() {
    let server = ngircd::Server::start();
    let join = |channel, nick| Observer::join(server.addr(), channel, nick);
    let (pay, alerts, x402) = (
        join("#pay", "ann"),
        join("#alerts", "bob"),
        join("#x402", "cem"),
    );
    let mut service = setup(server.addr(), CHANNELS).start();
    assert!(
        service
            .told(
                "#alerts shows ERROR; #x402 shows only x402: DEBUG to ERROR",
                SOON
            )
            .is_some()
            || service.ready().starts_with("ready")
    );
    each_reads_its_own(&pay, &alerts, &x402, &mut service);
    let (_, numbers) = service.shutdown(SOON);
    assert_eq!(numbers.dropped, 0, "{numbers:?}");
    for observer in [&pay, &alerts, &x402] {
        let left = observer.wait_for(|seen| seen.kind == Kind::Quit, SOON);
        assert!(left.is_some(), "{:#?}", observer.raw());
    }
}

#[test]
fn each_channel_of_inspircd_reads_what_its_filter_says_with_and_without_echo() {
    for config in [inspircd::Config::default(), inspircd::Config::ircv3()] {
        let server = inspircd::Server::start_with(&config);
        let join = |channel, nick| Observer::join(server.addr(), channel, nick);
        let (pay, alerts, x402) = (
            join("#pay", "ann"),
            join("#alerts", "bob"),
            join("#x402", "cem"),
        );
        let mut service = setup(server.addr(), CHANNELS).start();
        each_reads_its_own(&pay, &alerts, &x402, &mut service);
    }
}

#[test]
fn a_channel_that_refuses_us_keeps_nothing_from_the_others() {
    let config = ngircd::Config::default()
        .channel("#alerts", "i")
        .channel("#locked", "k sesame");
    let server = ngircd::Server::start_with(&config);
    let pay = Observer::join(server.addr(), "#pay", "ann");
    let mut service = setup(server.addr(), "#alerts=error #pay #locked")
        .env("IRC_CHANNEL_KEY", "#locked=wrong")
        .env("RUST_LOG", "info")
        .start();
    meet(&[&pay]);
    for told in ["#alerts: cannot join (473", "#locked: cannot join (475"] {
        assert!(
            service.told(told, SOON).is_some(),
            "{:#?}",
            service.process().stderr()
        );
    }
    service.log(Level::Error, "svc", "seen by one of three");
    assert!(pay.wait_for_text("seen by one of three", SOON).is_some());
    // Whoever waits is told at once that not all can be seen.
    assert!(!service.flush(SOON), "two keep it out");
    assert_eq!(of(&mut service, "#pay", "shown"), "1");
    assert_eq!(of(&mut service, "#alerts", "joined"), "false");
    let bound = Duration::from_secs(5);
    let (took, numbers) = service.shutdown(bound);
    assert!(took < bound, "nobody waits for what stays shut: {took:?}");
    assert_eq!((numbers.shown, numbers.dropped), (1, 2), "{numbers:?}");
    for (channel, dropped) in [("#pay", "0"), ("#alerts", "1"), ("#locked", "1")] {
        assert_eq!(of(&mut service, channel, "dropped"), dropped, "{channel}");
    }
    let unseen = service.told(
        "#alerts on 127.0.0.1 did not see the last of this log (1 ERROR)",
        SOON,
    );
    assert!(unseen.is_some_and(|line| line.contains("473")));
}

#[test]
fn an_invitation_lets_the_digest_in_while_the_others_go_on() {
    let server = ngircd::Server::start();
    let alerts = Observer::join(server.addr(), "#alerts", "op");
    alerts.send(Command::Raw(
        "MODE".into(),
        vec!["#alerts".into(), "+i".into()],
    ));
    let pay = Observer::join(server.addr(), "#pay", "ann");
    alerts.catch_up();
    let mut service = setup(server.addr(), "#pay #alerts=error")
        .env("RUST_LOG", "info")
        .start();
    meet(&[&pay]);
    assert!(service.told("#alerts: cannot join (473", SOON).is_some());
    service.log(Level::Error, "svc", "before the invitation");
    assert!(pay.wait_for_text("before the invitation", SOON).is_some());
    alerts.send(Command::INVITE("teller".into(), "#alerts".into()));
    assert!(
        alerts
            .wait_for_text("before the invitation", SOON)
            .is_some()
    );
    assert!(service.flush(SOON), "{:?}", service.stats());
    assert_eq!(of(&mut service, "#alerts", "shown"), "1");
}

#[test]
fn equal_lines_go_once_to_two_targets_where_the_server_takes_that() {
    for (token, commands) in [
        ("MAXTARGETS=20", 1),
        ("TARGMAX=PRIVMSG:1", 2),
        ("EXCEPTS", 2),
    ] {
        let config = loopback::Config::inspircd()
            .version("InspIRCd-3")
            .isupport(token);
        let server = loopback::Server::start(config);
        let (pay, alerts) = (server.member("#pay"), server.member("#alerts"));
        let mut service = setup(server.addr(), "#pay #alerts=error").start();
        for channel in ["#pay", "#alerts"] {
            assert!(server.wait_joined(channel, "teller", SOON));
        }
        // What was shown in both proves that the client knows that it is in both.
        service.log(Level::Error, "svc", "the first");
        assert!(service.flush(SOON), "{:?}", service.stats());
        service.log(Level::Error, "svc", "for both of them");
        assert!(service.flush(SOON), "{:?}", service.stats());
        for member in [&pay, &alerts] {
            let line = member.wait_for(|seen| seen.text.contains("for both of them"), SOON);
            assert!(line.is_some(), "{token}");
        }
        let received = server.received().all();
        let lines: Vec<&str> = received
            .iter()
            .filter(|line| line.said().contains("for both"))
            .map(|line| line.text.as_str())
            .collect();
        assert_eq!(lines.len(), commands, "{token}: {lines:#?}");
        let numbers = service.stats();
        assert_eq!((numbers.logged, numbers.shown), (4, 4), "{numbers:?}");
    }
}

#[test]
fn an_error_of_any_channel_comes_before_all_else() {
    let server = loopback::Server::start(loopback::Config::default());
    let alerts = server.member("#alerts");
    let mut service = setup(server.addr(), "#pay #alerts=error #x402=debug")
        .env("IRC_RATE", "2")
        .start();
    for channel in ["#pay", "#alerts", "#x402"] {
        assert!(server.wait_joined(channel, "teller", SOON));
    }
    service.burst(400, Level::Info, "svc", "a storm of");
    service.log(Level::Error, "svc", "an error in the storm");
    let first = alerts.wait_for(|seen| seen.text.contains("an error in the storm"), SOON);
    assert!(first.is_some(), "{:#?}", server.received().all());
    let received = server.received().all();
    let before = received
        .iter()
        .take_while(|line| !line.said().contains("an error in"))
        .count();
    let lines = received[..before]
        .iter()
        .filter(|line| line.text.starts_with("PRIVMSG"));
    assert!(lines.count() <= 12, "it overtakes: {received:#?}");
}

#[test]
fn at_the_end_each_channel_is_told_what_it_did_not_see() {
    const RECORDS: u64 = 150;
    let server = ngircd::Server::start();
    let pay = Observer::join(server.addr(), "#pay", "ann");
    let x402 = Observer::join(server.addr(), "#x402", "cem");
    let mut service = setup(server.addr(), "#pay=off,svc=info #x402=off,x402=info").start();
    meet(&[&pay, &x402]);
    for n in 0..RECORDS {
        let text = format!("record {} of a service that ends", words(n));
        service.log(Level::Info, "svc", &text);
        service.log(Level::Warn, "x402", &text);
    }
    service.log(Level::Error, "x402", "the last error");
    let (took, numbers) = service.shutdown(Duration::from_secs(5));
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert!(numbers.balance(), "{numbers:?}");
    for observer in [&pay, &x402] {
        let left = observer.wait_for(|seen| seen.kind == Kind::Quit, SOON);
        assert!(left.is_some(), "{:#?}", observer.raw());
    }
    for (observer, channel, logged) in [(&pay, "#pay", RECORDS), (&x402, "#x402", RECORDS + 1)] {
        let lines = observer.lines();
        let tally = Tally::of(&lines, "teller");
        assert_eq!(tally.told(), logged, "{channel}: {lines:#?}");
        assert_eq!(of(&mut service, channel, "logged"), logged.to_string());
    }
    assert!(x402.wait_for_text("the last error", SOON).is_some());
}

/// No two of them are of one kind.
fn words(n: u64) -> String {
    let letter = |n: u64| char::from(b'a' + u8::try_from(n % 26).expect("a letter"));
    [letter(n / 26), letter(n)].iter().collect()
}
