//! A server that goes wrong by script, and records that are none.

use std::thread;
use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::loopback::{Action, Config, ControlCodes, Fault, Overlong, Received, Server};
use irclog_tests::seen::{Kind, Seen};
use irclog_tests::service::{Service, Setup};
use log::Level;

/// What irclog ever says to a server.
const COMMANDS: [&str; 9] = [
    "CAP", "PASS", "NICK", "USER", "JOIN", "PRIVMSG", "PING", "PONG", "QUIT",
];

fn service(server: &Server) -> Service {
    let service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .start();
    service.wait_joined();
    service
}

#[track_caller]
fn sees(server: &Server, text: &str) -> String {
    let seen = server.member("#pay").wait_for_text(text, SOON);
    let seen =
        seen.unwrap_or_else(|| panic!("no {text:?} in {:#?}", server.member("#pay").undated()));
    seen.plain()
}

/// Ends the service and checks what holds whatever goes wrong: nothing but
/// IRC was said, in lines of at most 512 bytes, and every record is accounted
/// for.
#[track_caller]
fn ends_well(server: &Server, mut service: Service) {
    let numbers = service.stats();
    assert!(numbers.balance(), "{numbers:?}");
    let done = service.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    for line in server.received().all() {
        assert!(
            line.wire_len <= 512,
            "{} bytes: {}",
            line.wire_len,
            line.text
        );
        assert!(COMMANDS.contains(&line.command().as_str()), "{}", line.text);
        assert!(
            !line
                .bytes
                .iter()
                .any(|byte| matches!(byte, 0 | b'\r' | b'\n')),
            "{line:?}"
        );
    }
}

/// Runs a test in several forms at the same time: most of it is waiting.
fn at_once<T: Send>(forms: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for form in forms {
            scope.spawn(|| test(form));
        }
    });
}

#[test]
fn a_stall_delays_and_loses_nothing() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    service.log(Level::Info, "pay", "before the stall");
    assert!(service.flush(SOON));
    server.freeze();
    service.log(Level::Info, "pay", "during the stall");
    service.log(Level::Error, "pay", "failed during the stall");
    assert!(!service.flush(Duration::from_secs(4)), "not yet seen");
    server.resume();
    assert!(service.flush(SOON));
    sees(&server, "failed during the stall");
    let numbers = service.stats();
    assert_eq!((numbers.logged, numbers.shown), (3, 3), "{numbers:?}");
    assert_eq!(server.connections(), 1);
    assert!(
        !server
            .member("#pay")
            .undated()
            .iter()
            .any(|text| text.contains('↻'))
    );
    ends_well(&server, service);
}

#[test]
fn a_server_that_is_back_is_found_within_ten_seconds() {
    let mut server = Server::start(Config::default());
    let service = service(&server);
    server.stop();
    // The quick first try has met nobody.
    assert!(service.told("refused", SOON).is_some());
    server.start_again();
    let before = server.received().len();
    let joins = |line: &Received| line.command() == "JOIN";
    let again = server
        .received()
        .wait_from(before, joins, Duration::from_secs(11));
    assert!(again.is_some(), "{:#?}", service.process().stderr());
    ends_well(&server, service);
}

#[test]
fn lines_in_flight_when_it_dies_come_again_and_say_so() {
    at_once(
        [Config::default(), Config::default().no_capabilities()],
        |config| {
            // Seen by the channel, never proven to us.
            let dies = Fault::on_line(|line| line.contains("in flight")).on_connection(1);
            let server = Server::start(config.fault(dies.does(Action::Delay(SOON))));
            let mut service = service(&server);
            service.log(Level::Info, "pay", "acknowledged");
            assert!(service.flush(SOON));
            // Neither echo nor PONG of what follows reaches us.
            server.fault(
                Fault::on_command("PING")
                    .on_connection(1)
                    .does(Action::Ignore),
            );
            service.log(Level::Warn, "pay", "in flight");
            sees(&server, "in flight");
            server.close("teller");
            let again = server.member("#pay").wait_for_text("↻", SOON);
            let again = again
                .unwrap_or_else(|| panic!("not again: {:#?}", server.member("#pay").undated()))
                .plain();
            assert!(again.contains("in flight"), "{again}");
            assert!(service.flush(SOON));
            let texts = server.member("#pay").undated();
            assert_eq!(texts.len(), 3, "{texts:#?}");
            let numbers = service.stats();
            assert_eq!((numbers.logged, numbers.shown), (2, 2), "{numbers:?}");
            assert_eq!(server.connections(), 2);
            ends_well(&server, service);
        },
    );
}

#[test]
fn a_silent_throttle_loses_nothing() {
    let notice = ":{server} NOTICE {nick} :*** Message to {target} throttled due to flooding";
    let fault = Fault::on_command("PRIVMSG").after(1).times(2);
    let fault = fault.does(Action::Answer(notice.into()));
    let server = Server::start(Config::default().no_capabilities().fault(fault));
    let mut service = service(&server);
    for n in 0..5 {
        let text = format!("{n}: {}", "not yet confirmed, ".repeat(8));
        service.log(Level::Warn, &format!("pay{n}"), &text);
    }
    assert!(
        service.flush(SOON),
        "{:?} {:#?}",
        service.stats(),
        server.member("#pay").undated()
    );
    let texts = server.member("#pay").undated();
    for n in 0..5 {
        let head = format!("pay{n} - {n}: not yet");
        // What may have been seen before says so.
        let first = texts
            .iter()
            .filter(|text| text.contains(&head) && !text.starts_with('↻'));
        let all = texts.iter().filter(|text| text.contains(&head));
        assert!(all.count() > 0 && first.count() <= 1, "{head}: {texts:#?}");
    }
    let numbers = service.stats();
    assert_eq!(numbers.shown, 5, "{numbers:?}");
    assert_eq!(server.connections(), 1);
    ends_well(&server, service);
}

#[test]
fn a_copy_to_ourselves_is_a_proof_and_no_more() {
    let server = Server::start(Config::bahamut());
    let mut service = service(&server);
    service.log(Level::Error, "pay", "first");
    assert!(service.flush(SOON));
    let to_both = |line: &Received| line.text.starts_with("PRIVMSG #pay,teller ");
    let received = server.received().all();
    assert!(received.iter().any(to_both), "{received:#?}");
    let pings = received.iter().filter(|line| line.command() == "PING");
    assert_eq!(pings.count(), 0, "no PING was paid for");
    assert_eq!(server.member("#pay").undated(), ["[ERROR] pay - first"]);

    // What the channel refuses is refused, although its copy comes back.
    server.mode("#pay", "+m");
    service.log(Level::Error, "pay", "second");
    assert!(service.told(" (404 ", SOON).is_some());
    assert_eq!(service.stats().shown, 1);
    server.mode("#pay", "-m");
    assert!(service.flush(SOON), "{:?}", service.stats());
    sees(&server, "second");
    assert_eq!(service.stats().shown, 2);
    ends_well(&server, service);
}

#[test]
fn the_looks_of_records_are_the_users_choice() {
    let server = Server::start(Config::default());
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_MAX_LINES", "2")
        .env("IRC_FORMATTING", "false")
        .start();
    service.wait_joined();
    service.log_repeated(Level::Error, "pay", "not yet confirmed, ", 200);
    assert!(service.flush(SOON));
    let lines = server.member("#pay").lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].text.starts_with("[ERROR] pay"), "{lines:#?}");
    assert!(lines[1].text.contains("… +"), "{lines:#?}");
    ends_well(&server, service);
}

/// A service whose records may wait for ten seconds.
fn impatient_service(server: &Server) -> Service {
    let service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_MAX_AGE", "10")
        .start();
    service.wait_joined();
    service
}

/// Checks that the one record so far, which says `text`, is counted when the
/// channel is open again, and the next one shown.
#[track_caller]
fn is_counted_instead_of_shown(server: &Server, mut service: Service, text: &str) {
    assert!(service.flush(SOON), "{:?}", service.stats());
    service.log(Level::Error, "pay", "the next one");
    sees(server, "the next one");
    sees(server, "… 1 line not shown since");
    assert!(service.flush(SOON));
    let numbers = service.stats();
    assert_eq!((numbers.shown, numbers.dropped), (1, 1), "{numbers:?}");
    let texts = server.member("#pay").undated().join("\n");
    assert!(!texts.contains(text), "{texts}");
    ends_well(server, service);
}

#[test]
fn what_waited_outside_for_too_long_is_counted_instead_of_shown() {
    let server = Server::start(Config::default());
    let mut service = impatient_service(&server);
    server.kick("#pay", "teller", "too loud");
    let told = service.told("kicked", SOON).expect("it is said");
    assert!(told.contains("next try in 30 s"), "{told}");
    service.log(Level::Error, "pay", "while outside");
    is_counted_instead_of_shown(&server, service, "while outside");
}

/// After the second refusal nothing is tried for 15 s.
#[test]
fn what_was_refused_for_too_long_is_counted_instead_of_shown() {
    let server = Server::start(Config::default());
    let mut service = impatient_service(&server);
    server.mode("#pay", "+m");
    service.log(Level::Error, "pay", "unheard");
    assert!(service.told(" (404 ", SOON).is_some());
    server.mode("#pay", "-m");
    is_counted_instead_of_shown(&server, service, "unheard");
}

#[test]
fn answers_to_ping_may_be_late_or_come_twice() {
    at_once(
        [Action::Delay(Duration::from_secs(3)), Action::Repeat(2)],
        |action| {
            let fault = Fault::on_command("PING").does(action.clone());
            let server = Server::start(Config::default().no_capabilities().fault(fault));
            let mut service = service(&server);
            for n in 0..4 {
                service.log(Level::Warn, "pay", &format!("payment {n} is slow"));
            }
            assert!(service.flush(SOON), "{action:?}: {:?}", service.stats());
            let numbers = service.stats();
            assert_eq!(
                (numbers.logged, numbers.shown),
                (4, 4),
                "{action:?}: {numbers:?}"
            );
            let texts = server.member("#pay").undated().join("\n");
            for n in 0..4 {
                let count = texts.matches(&format!("payment {n} is slow")).count();
                assert_eq!(count, 1, "{action:?}: {texts}");
            }
            ends_well(&server, service);
        },
    );
}

#[test]
fn without_an_answer_to_ping_nothing_counts_as_shown() {
    let fault = Fault::on_command("PING").does(Action::Ignore);
    let server = Server::start(Config::default().no_capabilities().fault(fault));
    let mut service = service(&server);
    service.log(Level::Error, "pay", "unproven");
    sees(&server, "unproven");
    assert!(!service.flush(Duration::from_secs(3)));
    let numbers = service.stats();
    assert_eq!((numbers.shown, numbers.in_flight), (0, 1), "{numbers:?}");
    ends_well(&server, service);
}

#[test]
fn an_altered_echo_is_still_an_echo() {
    let rewrite = Action::rewrite(|line| line.replace("settled", "s*ttl*d").replace('\u{3}', ""));
    let server = Server::start(Config::default().fault(Fault::on_command("PRIVMSG").does(rewrite)));
    let mut service = service(&server);
    for n in 0..3 {
        service.log(Level::Error, "pay", &format!("settled {n}"));
    }
    assert!(service.flush(SOON), "{:?}", service.stats());
    assert_eq!(service.stats().shown, 3);
    ends_well(&server, service);
}

#[test]
fn a_channel_that_falls_silent_for_a_while_misses_nothing() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    service.log(Level::Error, "pay", "heard");
    assert!(service.flush(SOON));
    server.mode("#pay", "+m");
    for n in 0..3 {
        service.log(Level::Error, &format!("pay{n}"), "unheard");
    }
    let told = service.told(" (404 ", SOON).expect("it is said");
    assert!(told.contains("+v"), "{told}");
    server.mode("#pay", "-m");
    service.log(Level::Error, "pay", "heard again");
    sees(&server, "heard again");
    assert!(service.flush(SOON));
    // Nothing is lost to a moment of it.
    let numbers = service.stats();
    assert_eq!(numbers.shown, 5, "{numbers:?}");
    ends_well(&server, service);
}

#[test]
fn a_channel_that_becomes_colourless_is_spoken_to_plainly() {
    let all = [
        ControlCodes::Refuse408,
        ControlCodes::Refuse404,
        ControlCodes::Strip,
    ];
    at_once(all, |codes| {
        let server = Server::start(Config::default().control_codes(codes));
        let mut service = service(&server);
        service.log(Level::Error, "pay", "in colour");
        assert!(service.flush(SOON));
        server.mode("#pay", "+c");
        service.log(Level::Error, "pay", "in plain");
        service.log(Level::Error, "pay", "in plain too");
        assert!(service.flush(SOON));
        let lines = server.member("#pay").lines();
        assert!(lines[0].text.contains('\u{3}'), "{lines:?}");
        let rest: String = lines[1..].iter().map(|seen| seen.text.as_str()).collect();
        assert!(!rest.chars().any(char::is_control), "{codes:?}: {rest:?}");
        assert!(
            rest.contains("in plain") && rest.contains("in plain too"),
            "{rest:?}"
        );
        let numbers = service.stats();
        assert_eq!(numbers.shown, 3, "{codes:?}: {numbers:?}");
        ends_well(&server, service);
    });
}

#[test]
fn a_new_nick_and_host_are_noted() {
    // It refuses what does not fit with our prefix: one byte too much is seen.
    let server = Server::start(Config::default().overlong(Overlong::Refuse));
    let mut service = service(&server);
    server.change_host("teller", &format!("{}.users.example", "h".repeat(48)));
    server.rename("teller", "Guest12345678901234567890");
    assert!(service.told("Guest12345678901234567890", SOON).is_some());
    service.log(Level::Error, "pay", &"settlement failed ".repeat(100));
    assert!(service.flush(SOON), "{:?}", service.stats());
    let numbers = service.stats();
    assert_eq!(numbers.nick, "Guest12345678901234567890");
    assert_eq!((numbers.shown, numbers.dropped), (1, 0), "{numbers:?}");
    let lines = server.member("#pay").lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines.iter().all(|line| line.nick == numbers.nick));
    ends_well(&server, service);
}

/// With +n nobody outside is heard: what we say until we know that we are out
/// is refused, and comes again.
#[test]
fn a_channel_closed_to_those_outside_hears_all_when_we_are_back() {
    let server = Server::start(Config::default().channel("#pay", "+n"));
    let mut service = service(&server);
    service.log(Level::Error, "pay", "inside");
    assert!(service.flush(SOON));
    server.kick("#pay", "teller", "out");
    for n in 0..3 {
        service.log(Level::Error, &format!("pay{n}"), "said outside");
    }
    assert!(service.flush(SOON), "{:?}", service.stats());
    for n in 0..3 {
        sees(&server, &format!("pay{n} - said outside"));
    }
    let numbers = service.stats();
    assert_eq!((numbers.shown, numbers.dropped), (4, 0), "{numbers:?}");
    ends_well(&server, service);
}

#[test]
fn after_a_kick_it_comes_back_with_what_was_missed() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    service.log(Level::Info, "pay", "before the kick");
    assert!(service.flush(SOON));
    server.kick("#pay", "teller", "too loud");
    let told = service.told("kicked", SOON).expect("it is said");
    assert!(
        told.contains("too loud") && told.contains("next try"),
        "{told}"
    );
    service.log(Level::Error, "pay", "while outside");
    assert_eq!(service.stats().queued, 1);
    sees(&server, "while outside");
    assert_eq!(server.connections(), 1);
    let join = |seen: &&Seen| seen.kind == Kind::Join;
    let joins = server.member("#pay").all();
    assert_eq!(joins.iter().filter(join).count(), 2);
    ends_well(&server, service);
}

#[test]
fn an_operator_s_kill_is_told_and_not_defied() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    service.log(Level::Info, "pay", "before the kill");
    assert!(service.flush(SOON));
    server.kill("teller", "go away");
    let told = service
        .told("does not see this log", SOON)
        .expect("it is said");
    assert!(told.contains("go away"), "{told}");
    let wait = told.rsplit("next try in ").next().expect("a time");
    let seconds: u64 = wait.trim_end_matches(" s").parse().expect("seconds");
    assert!(seconds >= 60, "{told}");
    ends_well(&server, service);
}

#[test]
fn odd_records_are_shown_as_what_they_are() {
    let configs = [Config::default(), Config::ergo(), Config::ngircd()];
    at_once(configs, |config| {
        let server = Server::start(config);
        let mut service = service(&server);
        let megabyte = 1024 * 1024 / 18;
        service.log_repeated(Level::Error, "odd", "settlement failed ", megabyte);
        service.log_repeated(Level::Error, "odd", "\u{1}", 300);
        service.log_repeated(Level::Error, "odd", "\n", 300);
        service.log(Level::Error, "odd", "");
        service.log_repeated(Level::Error, "odd", "\u{fffd}", 50);
        service.log(Level::Error, "odd", "the end of them");
        let settled = service.flush(SOON);
        let texts = server.member("#pay").undated();
        assert!(settled, "{:?} {texts:#?}", service.stats());
        let long = texts.iter().filter(|text| text.contains("settlement"));
        let long: Vec<&String> = long.collect();
        assert_eq!(long.len(), 4, "{long:#?}");
        assert!(
            long[3].contains("… +") && long[3].contains("MB"),
            "{long:#?}"
        );
        let all = texts.join("\n");
        // Equal texts of one call site are counted instead of repeated, as far
        // as they wait together.
        let empty = texts.iter().flat_map(|text| text.split(" · "));
        let empty = empty.filter(|record| record.contains("(empty)"));
        assert_eq!(empty.map(times).sum::<u64>(), 3, "{all}");
        assert!(all.contains("\u{fffd}"), "{all}");
        let numbers = service.stats();
        assert_eq!(numbers.logged, 6, "{numbers:?}");
        assert_eq!(numbers.shown + numbers.folded, 6, "{numbers:?}");
        assert_eq!(server.connections(), 1);
        ends_well(&server, service);
    });
}

/// For how many records `record` stands.
fn times(record: &str) -> u64 {
    let count = record.rsplit_once(" ×").map(|(_, count)| count);
    let digits = count.and_then(|count| count.split(' ').next());
    digits.map_or(1, |digits| digits.parse().expect("a count"))
}

#[test]
fn ten_thousand_call_sites_are_all_accounted_for() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    for _ in 0..2 {
        assert_eq!(service.ask("sites 10000"), "logged");
    }
    service.log(Level::Error, "pay", "after the sites");
    sees(&server, "after the sites");
    let numbers = service.stats();
    assert_eq!(numbers.logged, 20_001, "{numbers:?}");
    ends_well(&server, service);
}

#[test]
fn what_strangers_say_is_obeyed_by_nobody() {
    let server = Server::start(Config::default());
    let mut service = service(&server);
    for text in [
        "\u{1}VERSION\u{1}",
        "\u{1}PING 12\u{1}",
        "!quit",
        "\u{1}DCC SEND x 1 2 3\u{1}",
    ] {
        server.say("mallory", "teller", text);
        server.say("mallory", "#pay", text);
    }
    server.send_raw(
        "teller",
        b":mallory!m@h NOTICE teller :*** Message to #pay throttled due to flooding\r\n".to_vec(),
    );
    server.send_raw(
        "teller",
        b":\xff\xfe\x00 \xc3\x28 \r\n\r\n:\r\n@a= :b\r\n".to_vec(),
    );
    service.log(Level::Info, "pay", "unimpressed");
    assert!(service.flush(SOON));
    let said: Vec<String> = server
        .received()
        .all()
        .into_iter()
        .filter(|line| matches!(line.command().as_str(), "PRIVMSG" | "NOTICE" | "QUIT"))
        .map(|line| line.text)
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    ends_well(&server, service);
}
