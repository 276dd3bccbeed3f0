//! Settings that are wrong, and servers that are none: one clear line that
//! names the setting and the mend, and the service goes on.

// Memory is read from procfs.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::loopback::{Action, Config, Fault, Server};
use irclog_tests::port::Port;
use irclog_tests::process::Finished;
use irclog_tests::service::{Service, Setup, last_millis};
use log::Level;

/// Setting up waits for nothing.
const AT_ONCE: Duration = Duration::from_secs(1);
/// What the end may take where there is nobody to wait for: who is waited for
/// in vain is waited for 5 s.
const NOT_HELD_UP: Duration = Duration::from_secs(4);

fn bare() -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service"))
}

fn on(addr: SocketAddr) -> Setup {
    bare().on(addr, "#pay", "teller")
}

/// The lines of irclog itself.
fn told(done: &Finished) -> Vec<&String> {
    let lines = done.stderr.iter();
    lines.filter(|line| line.contains("irclog")).collect()
}

/// Ends the service, which must not wait for long.
#[track_caller]
fn end(service: Service) -> Finished {
    let mut service = service;
    let alive = service.ask("log INFO 74 74");
    assert_eq!(alive, "logged");
    let done = service.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.took < NOT_HELD_UP, "held up: {done:#?}");
    done
}

/// Ends a service that has a server to say goodbye to.
#[track_caller]
fn leave(service: Service) {
    assert!(service.end("return", SOON).status.success());
}

/// With these settings `init` says one line that contains each of `words`,
/// with and without `RUST_LOG`, and the console goes on.
#[track_caller]
fn says(settings: &[(&str, &str)], words: &[&str]) {
    for rust_log in [None, Some("info"), Some("off")] {
        let mut setup = bare().by("init");
        for (name, value) in settings {
            setup = setup.env(name, value);
        }
        if let Some(directives) = rust_log {
            setup = setup.env("RUST_LOG", directives);
        }
        let mut service = setup.start();
        assert!(last_millis(service.ready()) < AT_ONCE, "{service:?}");
        service.log(Level::Info, "pay", "the console goes on");
        let done = end(service);
        let told = told(&done);
        assert_eq!(told.len(), 1, "{rust_log:?}: {:#?}", done.stderr);
        for word in words {
            assert!(told[0].contains(word), "no {word:?} in {}", told[0]);
        }
        let console = done.stderr.iter().any(|line| line.contains("goes on"));
        assert_eq!(console, rust_log != Some("off"), "{:#?}", done.stderr);
    }
}

const SERVER: (&str, &str) = ("IRC_SERVER", "irc.dal.net");
const CHANNEL: (&str, &str) = ("IRC_CHANNEL", "#pay");

#[test]
fn no_settings_at_all() {
    says(&[], &["off", "IRC_SERVER", "IRC_CHANNEL"]);
}

#[test]
fn an_empty_channel() {
    says(
        &[SERVER, ("IRC_CHANNEL", "")],
        &["off", "IRC_CHANNEL", "comment", "'#karmacadabra'"],
    );
}

#[test]
fn an_empty_or_overlong_nick() {
    for nick in ["", "a-nick-of-more-than-thirty-bytes"] {
        says(
            &[SERVER, CHANNEL, ("IRC_NICK", nick)],
            &["off", "IRC_NICK", "up to 30", "facilitator-prod"],
        );
    }
}

#[test]
fn a_port_that_is_no_number() {
    for port in ["ircs", "", "99999"] {
        says(
            &[SERVER, CHANNEL, ("IRC_PORT", port)],
            &["off", "IRC_PORT", "1 to 65535"],
        );
    }
}

#[test]
fn a_level_that_is_none() {
    for (filter, mend) in [
        ("all", "did you mean trace?"),
        ("info uvicorn=warn", "write info,uvicorn=warn"),
        ("info;uvicorn=warn", "write info,uvicorn=warn"),
        ("", "such as info"),
    ] {
        says(
            &[SERVER, CHANNEL, ("IRC_LOG", filter)],
            &["off", "IRC_LOG", mend],
        );
    }
}

#[test]
fn names_that_are_almost_those_of_settings() {
    says(
        &[("IRC_HOST", "irc.dal.net"), ("IRC_CHANNELS", "#pay")],
        &[
            "off",
            "did you mean IRC_SERVER?",
            "did you mean IRC_CHANNEL?",
        ],
    );
}

#[test]
fn a_password_where_the_server_belongs() {
    says(
        &[
            ("IRC_SERVER", "ircs://teller:tiger-lily@irc.dal.net"),
            CHANNEL,
        ],
        &[
            "off",
            "IRC_SERVER",
            "write irc.dal.net here",
            "IRC_PASSWORD",
        ],
    );
}

#[test]
fn quotes_that_docker_kept_and_pythons_levels_are_understood() {
    let server = Server::start(Config::default());
    let member = server.member("#pay");
    let mut service = on(server.addr())
        .env("IRC_CHANNEL", "'#pay'")
        .env("IRC_LOG", "\"warning\"")
        .start();
    assert!(server.wait_joined("#pay", "teller", SOON));
    let quoted = service.told("IRC_CHANNEL was given in quotes", SOON);
    assert!(quoted.is_some(), "{service:?}");
    let plan = service.told("the channel is on", SOON).expect("it is said");
    for word in ["#pay", "teller", "without TLS", "shows WARN and ERROR"] {
        assert!(plan.contains(word), "{plan}");
    }
    service.log(Level::Info, "pay", "an info");
    service.log(Level::Error, "pay", "an error");
    assert!(member.wait_for_text("an error", SOON).is_some());
    leave(service);
    let shown = member.lines();
    assert!(shown.iter().all(|line| !line.plain().contains("an info")));
}

#[test]
fn several_problems_are_told_together() {
    let service = bare()
        .by("init")
        .env("IRC_SERVER", "irc://irc.dal.net")
        .env("IRC_CHANNEL", "")
        .env("IRC_RATE", "fast")
        .start();
    let done = end(service);
    for setting in ["IRC_SERVER", "IRC_CHANNEL", "IRC_RATE"] {
        let lines = done.stderr.iter().filter(|line| line.contains(setting));
        assert_eq!(lines.count(), 1, "{setting}: {:#?}", done.stderr);
    }
}

#[test]
fn try_init_returns_what_init_tells() {
    let service = bare()
        .env("IRC_SERVER", "irc.dal.net")
        .env("IRC_CHANNEL", "")
        .start();
    let refused = service.ready().to_owned();
    assert!(
        refused.starts_with("refused IRC_CHANNEL is empty"),
        "{refused}"
    );
    let done = end(service);
    assert!(done.stderr.is_empty(), "{:#?}", done.stderr);
}

#[test]
fn a_channel_without_its_sign_is_read_with_it_and_that_is_said() {
    let server = Server::start(Config::default());
    let service = on(server.addr()).env("IRC_CHANNEL", "pay").start();
    assert!(server.wait_joined("#pay", "teller", SOON));
    let remark = service.told("IRC_CHANNEL", SOON);
    assert!(remark.expect("it is said").contains("#pay"));
    leave(service);
}

#[test]
fn another_logger_is_there_already() {
    let server = Server::start(Config::default());
    let mut service = on(server.addr()).by("second").start();
    let refused = service.ready().to_owned();
    for word in ["another logger", "tee", "tracing"] {
        assert!(refused.contains(word), "{refused}");
    }
    service.log(Level::Info, "pay", "still mine");
    let done = end(service);
    assert!(done.printed("the other logger: still mine"), "{done:#?}");
    assert_eq!(server.connections(), 0);

    let mut service = on(server.addr()).by("init-second").start();
    service.log(Level::Info, "pay", "still mine");
    let done = end(service);
    assert!(done.printed("the other logger: still mine"), "{done:#?}");
    assert_eq!(told(&done).len(), 1, "{done:#?}");
    assert!(told(&done)[0].contains("another logger"));
}

/// The service finds that the server is none, says so in one line that names
/// the settings, and ends without waiting.
#[track_caller]
fn is_told(setup: Setup, words: &[&str]) {
    let mut service = setup.by("init").start();
    assert!(last_millis(service.ready()) < AT_ONCE, "{service:?}");
    service.log(Level::Error, "pay", "to nobody");
    let told = service.told("does not see this log", SOON);
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    for word in words {
        assert!(told.contains(word), "no {word:?} in {told}");
    }
    end(service);
}

#[test]
fn an_unknown_host() {
    let addr = SocketAddr::from(([127, 0, 0, 1], 6667));
    is_told(
        on(addr)
            .env("IRC_SERVER", "irc.nowhere.invalid")
            // Where no name server answers, the system asks for long.
            .env("RES_OPTIONS", "timeout:1 attempts:1"),
        &["irc.nowhere.invalid", "IRC_SERVER"],
    );
}

#[test]
fn a_closed_port() {
    let nobody = Port::hold();
    let settings = ["refused", "IRC_PORT", "IRC_SERVER"];
    is_told(on(nobody.addr()), &settings);
}

/// A peer that does what it likes with each connection, until it fails.
fn peer(
    act: impl Fn(&mut std::net::TcpStream) -> std::io::Result<()> + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("its number");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| act(&mut stream));
        }
    });
    addr
}

#[test]
fn a_server_that_never_answers_holds_nobody_up_beyond_the_bound() {
    let addr = peer(|stream| {
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).map(drop)
    });
    let mut service = on(addr).by("init").env("IRC_EXIT_TIMEOUT", "1").start();
    assert!(last_millis(service.ready()) < AT_ONCE);
    service.log(Level::Info, "pay", "to nobody");
    end(service);
    // With nothing to say there is nothing to wait for, whatever the bound.
    let service = on(addr).by("init").env("IRC_LOG", "off").start();
    end(service);
}

/// It waits for a line of text, as most servers do, and hears none.
#[test]
fn tls_to_a_port_of_plain_text_is_told_within_ten_seconds() {
    let addr = peer(|stream| {
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).map(drop)
    });
    let service = on(addr).env("IRC_TLS", "true").by("init").start();
    let told = service.told("TLS handshake", Duration::from_secs(10));
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    for word in ["IRC_PORT", "6697", "IRC_TLS=false"] {
        assert!(told.contains(word), "no {word} in {told}");
    }
    end(service);
}

#[test]
fn a_server_that_talks_garbage() {
    let addr = peer(|stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nServer: \xff\xfe\0\r\n\r\n<html>")
    });
    is_told(on(addr), &["IRC_PORT", "IRC_TLS"]);
}

#[test]
fn megabytes_without_a_new_line_cost_no_memory() {
    let addr = peer(|stream| {
        let block = vec![b'x'; 64 * 1024];
        for _ in 0..512 {
            stream.write_all(&block)?;
        }
        Ok(())
    });
    let mut service = on(addr).start();
    let before: u64 = service.ask("memory").parse().expect("kB");
    let told = service.told("too long for IRC", SOON);
    assert!(told.expect("it is said").contains("IRC_PORT"));
    assert!(service.told("does not see this log", SOON).is_some());
    let after: u64 = service.ask("memory").parse().expect("kB");
    assert!(
        after < before + 4096,
        "{before} kB before, {after} kB after"
    );
    let lines = service.process().stderr().all();
    let said = lines
        .iter()
        .filter(|line| line.contains("too long for IRC"));
    assert_eq!(said.count(), 1, "{lines:#?}");
    end(service);
}

#[test]
fn a_nick_in_use_gets_a_suffix_and_that_is_said() {
    let server = Server::start(Config::default());
    let first = on(server.addr()).start();
    assert!(server.wait_joined("#pay", "teller", SOON));
    let second = on(server.addr()).start();
    assert!(server.wait_joined("#pay", "teller_", SOON));
    let told = second.told("teller_", SOON).expect("it is said");
    assert!(told.contains("IRC_NICK"), "{told}");
    leave(second);
    leave(first);
}

#[test]
fn a_ban_from_the_server() {
    let config = Config::default().fault(
        Fault::on_command("USER")
            .does(Action::Say(
                ":{server} 465 {nick} :You are banned from this server: spam".into(),
            ))
            .does(Action::Disconnect("K-Lined".into())),
    );
    let server = Server::start(config);
    is_told(on(server.addr()), &["banned", "spam"]);
}

#[test]
fn a_wrong_password_of_the_server() {
    let server = Server::start(Config::default().password("sesame"));
    is_told(on(server.addr()), &["IRC_SERVER_PASSWORD"]);
}

#[test]
fn channels_that_do_not_let_us_in() {
    for (modes, words) in [
        ("+i", ["invite", "+I"]),
        ("+k sesame", ["key", "IRC_CHANNEL_KEY"]),
        ("+b teller!*@*", ["banned", "+b"]),
        ("+r", ["registered", "IRC_PASSWORD"]),
    ] {
        let server = Server::start(Config::default().channel("#pay", modes));
        let mut service = on(server.addr()).by("init").start();
        let told = service.told("cannot join", SOON);
        let told = told.unwrap_or_else(|| panic!("{modes}: {:#?}", service.process().stderr()));
        for word in words {
            assert!(told.contains(word), "{modes}: no {word} in {told}");
        }
        service.log(Level::Error, "pay", "to nobody");
        end(service);
    }
}

#[test]
fn a_key_opens_its_channel() {
    let server = Server::start(Config::default().channel("#pay", "+k sesame"));
    let service = on(server.addr()).env("IRC_CHANNEL_KEY", "sesame").start();
    assert!(server.wait_joined("#pay", "teller", SOON));
    leave(service);
}

#[test]
fn a_moderated_channel_is_explained() {
    let server = Server::start(Config::default().channel("#pay", "+m"));
    let mut service = on(server.addr()).start();
    service.wait_joined();
    service.log(Level::Error, "pay", "unheard");
    service.log(Level::Warn, "pay", "unheard as well");
    let told = service.told("+v", SOON);
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    assert!(told.contains(" (404 ") && told.contains("#pay"), "{told}");
    let numbers = service.stats();
    assert!(numbers.balance() && numbers.shown == 0, "{numbers:?}");
    end(service);
}

#[test]
fn a_channel_without_colours_is_spoken_to_plainly() {
    let server = Server::start(Config::default().channel("#pay", "+c"));
    let mut service = on(server.addr()).start();
    service.wait_joined();
    service.log(Level::Error, "pay", "first");
    assert!(service.flush(SOON));
    service.log(Level::Error, "pay", "second");
    assert!(service.flush(SOON));
    let lines = server.member("#pay").lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (seen, end) in lines.iter().zip(["pay - first", "pay - second"]) {
        let text = &seen.text;
        assert!(
            text.starts_with("[ERROR] ") && text.ends_with(end),
            "{text:?}"
        );
    }
    leave(service);
}
