//! Through proxies as Debian has them: whatever a service says arrives, and what
//! stands in the way is named.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server, Tls};
use irclog_tests::observer::Observer;
use irclog_tests::port::Port;
use irclog_tests::service::{Service, Setup};
use irclog_tests::{ngircd, proxy, tool};
use log::Level;
use serde_json::Value;
use tempfile::TempDir;

/// A fault is named in this time.
const NAMED: Duration = Duration::from_secs(15);

fn at(addr: SocketAddr) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service")).on(addr, "#pay", "teller")
}

#[track_caller]
fn arrives(ann: &Observer, service: &mut Service, text: &str) {
    service.log(Level::Warn, "pay", text);
    let seen = ann.wait_for_text(text, SOON);
    assert!(seen.is_some(), "{:#?}", service.process().stderr());
}

/// With the port of the URL's host behind it, as the console tells it.
fn told_address(url: &str) -> String {
    let address = url.rsplit(['/', '@']).next().expect("an address");
    address.replace(':', " port ")
}

#[test]
fn a_log_arrives_through_each_proxy_and_the_password_nowhere() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    for (proxy, asks) in [
        (proxy::Server::microsocks(false), false),
        (proxy::Server::microsocks(true), true),
        (proxy::Server::dante(None), false),
        (proxy::Server::tinyproxy(false, None), false),
        (proxy::Server::tinyproxy(true, None), true),
    ] {
        let url = if asks {
            proxy.url_with(proxy.login())
        } else {
            proxy.url()
        };
        let mut service = at(server.addr()).env("IRC_PROXY", &url).start();
        let through = service
            .told("through the ", SOON)
            .expect("the proxy is told");
        assert!(through.contains(&told_address(&url)), "{through}");
        arrives(
            &ann,
            &mut service,
            &format!("a record through {}", told_address(&url)),
        );
        // Known to be secret, however it looks.
        let (_, password) = proxy.login();
        if asks {
            service.log(Level::Warn, "pay", &format!("we use {password} today"));
            assert!(ann.wait_for_text("today", SOON).is_some());
        }
        let done = service.end("return", SOON);
        assert!(done.status.success(), "{done:#?}");
        assert!(!done.printed("tiger"), "{done:#?}");
    }
    let lines = ann.all();
    assert!(
        !lines.iter().any(|line| line.text.contains("tiger")),
        "{lines:#?}"
    );
}

#[test]
fn tls_goes_through_a_proxy_to_the_server_by_its_name() {
    for proxy in [
        proxy::Server::dante(None),
        proxy::Server::tinyproxy(false, None),
    ] {
        let server = Server::start(Config::default().tls(Tls::for_name("localhost")));
        let ca = &server.certificate().expect("it speaks TLS").ca_pem;
        let setup = |name: &str| {
            at(server.addr())
                .env("IRC_SERVER", name)
                .env("IRC_TLS", "true")
                .env("IRC_CA", ca)
                .env("IRC_PROXY", &proxy.url())
                .start()
        };
        let mut service = setup("localhost");
        service.wait_joined();
        service.log(Level::Warn, "pay", "nobody reads along");
        let seen = server.member("#pay").wait_for_text("nobody reads", SOON);
        assert!(seen.is_some(), "{:#?}", service.process().stderr());
        assert!(service.end("return", SOON).status.success());
        // The certificate is not for the address.
        let service = setup("127.0.0.1");
        let told = service.told("the certificate of 127.0.0.1 is for localhost", SOON);
        assert!(told.is_some(), "{:#?}", service.process().stderr());
    }
}

#[test]
fn a_proxy_that_was_away_is_found_again_and_nothing_is_lost() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    for mut proxy in [
        proxy::Server::microsocks(false),
        proxy::Server::tinyproxy(false, None),
    ] {
        let mut service = at(server.addr()).env("IRC_PROXY", &proxy.url()).start();
        service.wait_joined();
        let name = told_address(&proxy.url());
        arrives(&ann, &mut service, &format!("before {name}"));
        proxy.stop();
        // The way was the proxy's.
        assert!(service.told("connection", SOON).is_some());
        service.log(Level::Warn, "pay", &format!("meanwhile {name}"));
        let told = service.told("does that proxy run", SOON);
        assert!(told.is_some(), "{:#?}", service.process().stderr());
        proxy.start_again();
        let seen = ann.wait_for_text(&format!("meanwhile {name}"), SOON);
        assert!(seen.is_some(), "{:#?}", service.process().stderr());
        assert!(service.end("return", SOON).status.success());
    }
}

#[test]
fn an_account_password_stays_where_the_way_behind_a_proxy_is_not_known_to_be_private() {
    let server = Server::start(Config::default().account("teller", "correct-horse"));
    let proxy = proxy::Server::microsocks(false);
    let mut service = at(server.addr())
        .env("IRC_SERVER", "localhost")
        .env("IRC_PASSWORD", "correct-horse")
        .env("IRC_PROXY", &proxy.url())
        .start();
    service.wait_joined();
    let told = service.told("IRC_PASSWORD is not sent", SOON);
    assert!(told.is_some(), "{:#?}", service.process().stderr());
    service.log(Level::Warn, "pay", "a record");
    assert!(service.flush(SOON));
    assert!(service.end("return", SOON).status.success());
    let lines = server.received().all();
    let leaked = lines
        .iter()
        .find(|line| line.text.contains("correct-horse"));
    assert!(leaked.is_none(), "{leaked:?}");
}

#[test]
fn connections_come_from_the_address_that_was_asked_for() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let mut service = at(server.addr()).env("IRC_BIND", "127.0.0.2").start();
    arrives(&ann, &mut service, "from elsewhere");
    let joined = |line: &String| line.contains("@127.0.0.2 JOIN") && line.contains("teller");
    assert!(
        ann.raw().wait_for(joined, SOON).is_some(),
        "{:#?}",
        ann.raw()
    );
    assert!(service.end("return", SOON).status.success());

    for (bind, words) in [
        ("192.0.2.17", "connections cannot come from 192.0.2.17"),
        (
            "::1",
            "has IPv4 addresses only, and IRC_BIND is one of IPv6",
        ),
    ] {
        let service = at(server.addr()).env("IRC_BIND", bind).start();
        let told = service.told(words, SOON).expect(bind);
        assert!(told.contains("IRC_BIND"), "{told}");
    }
}

#[test]
fn what_listens_and_never_answers_is_left_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("socks5://{}", silent.local_addr().expect("a port"));
    let server = ngircd::Server::start();
    let service = at(server.addr()).env("IRC_PROXY", &url).start();
    let told = service.told("says nothing for 8 s", SOON).expect("told");
    assert!(told.contains("does it speak SOCKS5"), "{told}");
}

/// The settings of a service on `addr` through the proxy at `url`, checked. The
/// last step with all that it says, and whether the line was acknowledged.
fn checked(addr: SocketAddr, url: &str, more: &[(&str, &str)]) -> (String, String, bool) {
    let state = TempDir::new().expect("a temporary folder");
    let mut program = tool::irclog()
        .arg("check")
        .arg("--json")
        .env("IRC_STATE_DIR", state.path())
        .env("IRC_SERVER", addr.ip().to_string())
        .env("IRC_PORT", addr.port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", "#pay")
        .env("IRC_NICK", "teller")
        .env("IRC_PROXY", url);
    for (name, value) in more {
        program = program.env(*name, *value);
    }
    let done = program.run(SOON);
    assert!(done.took < NAMED, "{done:#?}");
    assert!(!done.printed("lily"), "{done:#?}");
    let found: Value = serde_json::from_str(&done.stdout.join("\n")).expect("a document");
    let steps = found["steps"].as_array().expect("steps");
    let proxy = steps.iter().find(|step| step["step"] == "proxy");
    let acknowledged = found["acknowledged"] == true;
    let step = if acknowledged { proxy } else { steps.last() };
    let step = step.unwrap_or_else(|| panic!("{found:#?}"));
    let name = step["step"].as_str().expect("a name").to_owned();
    (
        name,
        format!("{} {}", step["says"], step["mend"]),
        acknowledged,
    )
}

#[test]
fn a_check_goes_through_the_proxy_and_says_so() {
    let server = ngircd::Server::start();
    for proxy in [
        proxy::Server::microsocks(true),
        proxy::Server::tinyproxy(true, None),
    ] {
        let url = proxy.url_with(proxy.login());
        let (step, says, acknowledged) = checked(server.addr(), &url, &[]);
        assert!(acknowledged, "{says}");
        assert_eq!(step, "proxy");
        assert!(says.contains("connects us to 127.0.0.1 port"), "{says}");
    }
}

/// A proxy, a server, further settings, the step that is wrong, and words of its
/// mend.
type Case<'a> = (
    &'a str,
    SocketAddr,
    &'a [(&'a str, &'a str)],
    &'a str,
    &'a [&'a str],
);

#[track_caller]
fn are_named(cases: &[Case<'_>]) {
    for (url, addr, more, wanted, words) in cases {
        let (step, says, acknowledged) = checked(*addr, url, more);
        assert!(!acknowledged && step == *wanted, "{url}: {step}: {says}");
        for word in *words {
            assert!(says.contains(word), "{url}: no {word:?} in {says}");
        }
    }
}

const WRONG: (&str, &str) = ("ana", "water-lily");
const NO_SERVER: &[(&str, &str)] = &[("IRC_SERVER", "irc.nobody.invalid")];

#[test]
fn a_check_names_a_proxy_that_is_not_there() {
    let server = ngircd::Server::start();
    let here = server.addr();
    let nobody = Port::hold();
    let away = format!("http://{}", nobody.addr());
    let irc = format!("socks5://{here}");
    are_named(&[
        (
            "ana:water-lily@proxy:1080",
            here,
            &[],
            "settings",
            &["IRC_PROXY", "socks5://HOST"],
        ),
        (
            "http://proxy.nobody.invalid:3128",
            here,
            &[],
            "dns",
            &["proxy.nobody", "IRC_PROXY"],
        ),
        (
            &away,
            here,
            &[],
            "connect",
            &["the HTTP proxy", "refused", "is IRC_PROXY right"],
        ),
        (&irc, here, &[], "proxy", &["SOCKS5"]),
    ]);
}

#[test]
fn a_check_names_what_a_proxy_of_socks_refuses() {
    let server = ngircd::Server::start();
    let here = server.addr();
    let nobody = Port::hold();
    let open = proxy::Server::microsocks(false);
    let asks = proxy::Server::microsocks(true);
    let blocks = proxy::Server::dante(Some(here.port()));
    are_named(&[
        (
            &asks.url(),
            here,
            &[],
            "proxy",
            &["wants a name and password", "socks5://NAME:"],
        ),
        (
            &asks.url_with(WRONG),
            here,
            &[],
            "proxy",
            &["does not accept the name", "%40"],
        ),
        (
            &open.url(),
            nobody.addr(),
            &[],
            "proxy",
            &["connection refused", "IRC_PORT"],
        ),
        (
            &open.url(),
            here,
            NO_SERVER,
            "proxy",
            &["irc.nobody.invalid", "IRC_SERVER"],
        ),
        (
            &blocks.url(),
            here,
            &[],
            "proxy",
            &["does not allow", "its operator"],
        ),
        (&open.wrong_url(), here, &[], "proxy", &["socks5://"]),
    ]);
}

#[test]
fn a_check_names_what_a_proxy_of_http_refuses() {
    let server = ngircd::Server::start();
    let here = server.addr();
    let nobody = Port::hold();
    let open = proxy::Server::tinyproxy(false, None);
    let asks = proxy::Server::tinyproxy(true, None);
    let one_port = proxy::Server::tinyproxy(false, Some(443));
    are_named(&[
        (
            &asks.url(),
            here,
            &[],
            "proxy",
            &["wants a name and password", "http://NAME:"],
        ),
        (
            &asks.url_with(WRONG),
            here,
            &[],
            "proxy",
            &["does not accept the name"],
        ),
        (
            &one_port.url(),
            here,
            &[],
            "proxy",
            &["does not allow", "403", "ConnectPort"],
        ),
        (
            &open.url(),
            nobody.addr(),
            &[],
            "proxy",
            &["cannot connect to 127.0.0.1", "IRC_PORT"],
        ),
        (
            &open.url(),
            here,
            NO_SERVER,
            "proxy",
            &["cannot connect to irc.nobody", "IRC_SERVER"],
        ),
        (&open.wrong_url(), here, &[], "proxy", &["http://"]),
    ]);
}
