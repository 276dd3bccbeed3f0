//! `irclog check`: what is sound is found sound, and each of many broken set-ups
//! is named with its step and its mend, in time.

use std::net::SocketAddr;
use std::time::Duration;

use irc::proto::Command;
use irclog_tests::SOON;
use irclog_tests::atheme::Network;
use irclog_tests::loopback::{Action, Config, Fault, Server, Tls};
use irclog_tests::observer::Observer;
use irclog_tests::port::Port;
use irclog_tests::process::{Finished, Program};
use irclog_tests::{inspircd, ngircd, tool};
use serde_json::Value;
use tempfile::TempDir;

/// A sound network is walked through in this time.
const SOUND: Duration = Duration::from_secs(5);
/// And each fault is named in this.
const BROKEN: Duration = Duration::from_secs(15);

/// How long the server may take to close the connection.
const GOODBYE: Duration = Duration::from_secs(5);

/// With the settings of a service on `addr`, in plain text, and a state of its
/// own, so that it takes turns with nobody.
struct Check {
    program: Program,
    _state: TempDir,
}

impl Check {
    fn at(addr: SocketAddr) -> Self {
        Self::bare()
            .env("IRC_SERVER", &addr.ip().to_string())
            .env("IRC_PORT", &addr.port().to_string())
            .env("IRC_TLS", "false")
            .env("IRC_CHANNEL", "#pay")
            .env("IRC_NICK", "teller")
    }

    fn bare() -> Self {
        let state = TempDir::new().expect("a temporary folder");
        let program = tool::irclog()
            .arg("check")
            .arg("--json")
            .env("IRC_STATE_DIR", state.path());
        Self {
            program,
            _state: state,
        }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.env(name, value);
        self
    }

    fn arg(mut self, arg: &str) -> Self {
        self.program = self.program.arg(arg);
        self
    }

    fn run(self, bound: Duration) -> Found {
        let done = self.program.run(SOON);
        let text = done.stdout.join("\n");
        let document = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{done:#?}"));
        let found = Found { done, document };
        // Until the last step is told; then it waits for the server's goodbye.
        let seconds = |step: &Value| step["seconds"].as_f64().expect("seconds");
        let took: f64 = found.steps().iter().map(seconds).sum();
        assert!(
            took < bound.as_secs_f64(),
            "{took} s: {:#?}",
            found.document
        );
        let took = found.done.took;
        assert!(took < bound + GOODBYE, "{took:?}: {:#?}", found.document);
        found
    }

    /// Finds the fault at `step`, the last one, and says each of `words`.
    #[track_caller]
    fn names(self, step: &str, words: &[&str]) {
        let found = self.run(BROKEN);
        assert_eq!(found.done.status.code(), Some(1), "{:#?}", found.document);
        assert_eq!(found.document["acknowledged"], false);
        let last = found.steps().last().expect("a step").clone();
        assert_eq!(last["step"], step, "{:#?}", found.document);
        assert_eq!(last["finding"], "wrong", "{last:#?}");
        let mend = last["mend"].as_str().expect("a mend");
        let all = format!("{} {mend}", last["says"]);
        for word in words {
            assert!(all.contains(word), "no {word:?} in {all}");
        }
    }
}

struct Found {
    done: Finished,
    document: Value,
}

impl Found {
    fn steps(&self) -> &[Value] {
        self.document["steps"].as_array().expect("steps")
    }

    #[track_caller]
    fn step(&self, name: &str) -> &Value {
        let step = self.steps().iter().find(|step| step["step"] == name);
        step.unwrap_or_else(|| panic!("no {name} in {:#?}", self.document))
    }

    /// Every step is done, and the line was acknowledged.
    #[track_caller]
    fn is_sound(&self) {
        assert_eq!(self.done.status.code(), Some(0), "{:#?}", self.document);
        assert_eq!(self.document["acknowledged"], true);
        assert!(self.steps().iter().all(|step| step["finding"] != "wrong"));
        self.step("look");
    }
}

#[test]
fn a_sound_network_is_walked_through_and_the_line_is_seen() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let found = Check::at(server.addr()).run(SOUND);
    found.is_sound();
    assert_eq!(found.step("modes")["says"][0], "#pay has no modes");
    let seen = ann.wait_for_text("check: what teller logs will be seen here", SOON);
    assert!(seen.is_some(), "{:#?}", ann.lines());

    let config = inspircd::Config::ircv3();
    let server = inspircd::Server::start_with(&config);
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let found = Check::at(server.addr()).run(SOUND);
    found.is_sound();
    let says = found.step("test line")["says"].to_string();
    assert!(says.contains("echo"), "{says}");
    assert!(ann.wait_for_text("check: what teller", SOON).is_some());
}

#[test]
fn a_running_service_keeps_its_name() {
    let server = Server::start(Config::default());
    let _service = Observer::join(server.addr(), "#pay", "teller");
    let _check = Observer::join(server.addr(), "#pay", "teller-check");
    let found = Check::at(server.addr()).run(SOUND);
    found.is_sound();
    let registration = found.step("registration");
    assert_eq!(registration["finding"], "note");
    let says = registration["says"].to_string();
    assert!(says.contains("teller-check is taken"), "{says}");
    assert!(server.nicks().contains(&"teller".to_owned()));
}

#[test]
fn a_short_nick_still_says_that_it_is_the_check() {
    let server = ngircd::Server::start();
    let check = Check::at(server.addr()).env("IRC_NICK", "facilitator");
    let found = check.run(SOUND);
    found.is_sound();
    let says = found.step("registration")["says"].to_string();
    assert!(says.contains("fac-check"), "{says}");
}

#[test]
fn steps_are_told_as_they_are_done() {
    let server = Server::start(Config::default());
    let (ip, port) = (server.addr().ip().to_string(), server.port().to_string());
    let state = TempDir::new().unwrap();
    let done = tool::irclog()
        .arg("check")
        .arg("--server")
        .arg(ip)
        .arg("--port")
        .arg(port)
        .arg("--tls")
        .arg("false")
        .arg("--channel")
        .arg("#pay")
        .arg("--log")
        .arg("info,hyper=warn")
        .env("IRC_STATE_DIR", state.path())
        .run(SOON);
    assert_eq!(done.status.code(), Some(0), "{done:#?}");
    assert!(done.printed("#pay shows INFO to ERROR, hyper: WARN and ERROR"));
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let steps = done.stdout.iter().filter(|line| !line.starts_with(' '));
    let findings: Vec<String> = steps.filter_map(|line| first(line)).collect();
    let known = |finding: &String| ["ok", "note", "skipped"].contains(&finding.as_str());
    assert!(
        findings.len() > 10 && findings.iter().all(known),
        "{done:#?}"
    );
}

#[test]
fn settings_that_are_missing_or_wrong() {
    let addr = Port::hold().addr();
    Check::bare().names("settings", &["IRC_SERVER", "IRC_CHANNEL"]);
    let wrong = Check::at(addr).env("IRC_PORT", "ircs");
    wrong.names("settings", &["IRC_PORT", "1 to 65535"]);
    let off = Check::at(addr).env("IRC_ENABLED", "false");
    off.names("settings", &["IRC_ENABLED"]);
}

#[test]
fn a_name_that_nobody_has() {
    let check = Check::at(Port::hold().addr()).env("IRC_SERVER", "irc.nobody.invalid");
    check.names("dns", &["irc.nobody.invalid", "IRC_SERVER"]);
}

#[test]
fn a_port_at_which_nobody_listens() {
    let port = Port::hold();
    Check::at(port.addr()).names("connect", &["refused", "IRC_PORT", "6697"]);
}

#[test]
fn a_port_for_plain_text_where_tls_is_wanted() {
    let server = ngircd::Server::start();
    let check = Check::at(server.addr()).env("IRC_TLS", "true");
    check.names("tls", &["TLS", "IRC_PORT", "6697", "IRC_TLS=false"]);
}

#[test]
fn a_port_for_tls_where_plain_text_is_wanted() {
    let server = Server::start(Config::default().tls(Tls::default()));
    Check::at(server.addr()).names("registration", &["IRC_TLS", "TLS port"]);
}

#[test]
fn certificates_that_are_not_believed() {
    let pin = |server: &Server| format!("IRC_TLS_PIN={}", server.certificate().unwrap().sha256);
    let other = "0".repeat(64);
    for (tls, given, word) in [
        (Tls::default().self_signed(), None, "self-signed"),
        (Tls::default(), None, "IRC_CA_FILE"),
        (
            Tls::default(),
            Some(other.as_str()),
            "not the one of IRC_TLS_PIN",
        ),
        (Tls::expired().self_signed(), None, "expired on 2002-01-01"),
    ] {
        let server = Server::start(Config::default().tls(tls));
        let mut check = Check::at(server.addr()).env("IRC_TLS", "true");
        if let Some(given) = given {
            check = check.env("IRC_TLS_PIN", given);
        }
        check.names("tls", &[word, &pin(&server)]);
    }
    let server = Server::start(Config::default().tls(Tls::for_name("irc.other.example")));
    let authority = &server.certificate().unwrap().ca_pem;
    let check = Check::at(server.addr())
        .env("IRC_TLS", "true")
        .env("IRC_CA", authority);
    check.names(
        "tls",
        &["is for irc.other.example", "IRC_SERVER", &pin(&server)],
    );
}

#[test]
fn a_certificate_that_is_believed_is_told_with_its_end_and_its_pin() {
    let server = Server::start(Config::default().tls(Tls::default()));
    let certificate = server.certificate().unwrap();
    let check = Check::at(server.addr())
        .env("IRC_TLS", "true")
        .env("IRC_CA", &certificate.ca_pem);
    let found = check.run(SOUND);
    found.is_sound();
    let says = found.step("tls")["says"].to_string();
    for word in [
        "localhost, 127.0.0.1",
        "until 4096-01-01",
        &certificate.sha256,
    ] {
        assert!(says.contains(word), "no {word} in {says}");
    }
}

#[test]
fn a_password_of_the_server_that_is_wrong() {
    let config = ngircd::Config::default().password("open-sesame");
    let server = ngircd::Server::start_with(&config);
    let check = Check::at(server.addr()).env("IRC_SERVER_PASSWORD", "open-barley");
    check.names("registration", &["password", "IRC_SERVER_PASSWORD"]);
    let right = Check::at(server.addr()).env("IRC_SERVER_PASSWORD", "open-sesame");
    // Here a command costs a second, and the password is one more.
    right.run(BROKEN).is_sound();
}

#[test]
fn an_address_that_is_shut_out() {
    let ban = Fault::on_command("USER")
        .does(Action::Send(
            "465 {nick} :You are banned: open proxy".into(),
        ))
        .does(Action::Disconnect("K-Lined".into()));
    let server = Server::start(Config::default().fault(ban));
    Check::at(server.addr()).names("registration", &["open proxy", "operators"]);
}

#[test]
fn a_server_that_says_nothing() {
    let server = Server::start(Config::default().fault(Fault::on_connect().does(Action::Freeze)));
    Check::at(server.addr()).names("registration", &["not said a word", "IRC_PORT"]);
}

#[test]
fn channels_that_do_not_let_us_in() {
    let config = ngircd::Config::default()
        .channel("#guests", "i")
        .channel("#keys", "k sesame");
    let server = ngircd::Server::start_with(&config);
    let check = |channel: &str| Check::at(server.addr()).env("IRC_CHANNEL", channel);
    let check_guests = check("#guests").arg("--wait").arg("0");
    check_guests.names("join", &["473", "/invite", "/mode #guests +I teller!*@*"]);
    check("#keys").names("join", &["475", "IRC_CHANNEL_KEY"]);
    let right = check("#keys").env("IRC_CHANNEL_KEY", "sesame").run(BROKEN);
    right.is_sound();
    assert!(!right.done.printed("sesame"), "{:#?}", right.done);

    let server = Server::start(Config::default().channel("#pay", "+r"));
    Check::at(server.addr()).names("join", &["477", "IRC_PASSWORD"]);
}

#[test]
fn of_several_channels_each_is_walked_through() {
    let config = ngircd::Config::default().channel("#keys", "k sesame");
    let server = ngircd::Server::start_with(&config);
    let ann = Observer::join(server.addr(), "#alerts", "ann");
    let check = Check::at(server.addr()).env("IRC_CHANNEL", "#pay #keys #alerts=error");
    let run = check.run(BROKEN);
    assert!(!run.done.status.success(), "{:#?}", run.done);
    for told in [
        "in #pay",
        "#keys does not let us in (475",
        "in #alerts",
        "#alerts shows ERROR",
    ] {
        assert!(run.done.printed(told), "{told}: {:#?}", run.done);
    }
    assert!(
        ann.wait_for_text("irclog - check", SOON).is_some(),
        "after #keys"
    );
}

#[test]
fn an_invitation_is_waited_for() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    ann.send(Command::Raw(
        "MODE".into(),
        vec!["#pay".into(), "+i".into()],
    ));
    ann.catch_up();
    let check = Check::at(server.addr()).program.start();
    let asked = check
        .stderr()
        .wait_for(|line| line.contains("/invite tel-check"), SOON);
    let asked = asked.unwrap_or_else(|| panic!("{:#?}", check.stderr()));
    let nick = asked.split("/invite ").nth(1).unwrap();
    let nick = nick.split(' ').next().unwrap();
    ann.send(Command::INVITE(nick.into(), "#pay".into()));
    let done = check.wait(SOON);
    assert_eq!(done.status.code(), Some(0), "{done:#?}");
    assert!(done.printed("after an invitation"));
}

#[test]
fn a_channel_that_takes_no_lines() {
    let config = ngircd::Config::default().channel("#pay", "mn");
    let server = ngircd::Server::start_with(&config);
    let words = ["moderated (+m)", "/mode #pay +v teller", "/mode #pay -m"];
    Check::at(server.addr()).names("test line", &words);
}

#[test]
fn colours_that_a_channel_refuses_are_left_out() {
    let server = Server::start(Config::bahamut().channel("#pay", "+nc"));
    let found = Check::at(server.addr()).run(BROKEN);
    found.is_sound();
    assert_eq!(found.step("colours")["finding"], "note");
    let says = found.step("modes")["says"].to_string();
    assert!(says.contains("+c: colours"), "{says}");
}

#[test]
fn a_line_that_is_never_acknowledged() {
    let swallows = Fault::on_command("PRIVMSG").does(Action::Freeze);
    let server = Server::start(Config::default().fault(swallows));
    Check::at(server.addr()).names("test line", &["not acknowledge", "try again"]);
}

#[test]
fn an_account_is_that_of_the_service() {
    const PASSWORD: &str = "correct-horse-battery";
    let network = Network::start();
    network.register("teller", PASSWORD, None);
    let check = |password: &str| {
        let check = Check::at(network.tls_addr())
            .env("IRC_TLS", "true")
            .env("IRC_TLS_PIN", &network.certificate().sha256);
        check.env("IRC_PASSWORD", password).run(BROKEN)
    };
    let right = check(PASSWORD);
    right.is_sound();
    let says = right.step("identification")["says"].to_string();
    assert!(says.contains("the account teller is proven"), "{says}");
    let wrong = check("wrong-horse-battery");
    let step = wrong.step("identification");
    assert_eq!(step["finding"], "note");
    assert!(
        step["says"]
            .to_string()
            .contains("refuse the account teller"),
        "{step}"
    );
    assert!(step["mend"].to_string().contains("IRC_PASSWORD"), "{step}");
    // The channel is open to strangers as well.
    assert_eq!(wrong.document["acknowledged"], true);

    let _founder = network.channel("#known", "+R");
    let stranger = Check::at(network.addr()).env("IRC_CHANNEL", "#known");
    stranger.names("join", &["477", "IRC_PASSWORD"]);
}

#[test]
fn a_server_of_which_nothing_is_known_and_that_echoes_nothing() {
    let config = Config::default().no_capabilities().version("other-1.0");
    let server = Server::start(config);
    Check::at(server.addr()).run(SOUND).is_sound();
}
