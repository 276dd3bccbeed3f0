//! Over TLS: whom a service believes, and that it never speaks in the clear.

use std::io::Write as _;
use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server, Tls};
use irclog_tests::service::{Service, Setup};
use log::Level;
use tempfile::NamedTempFile;

/// Who is waited for in vain is waited for 5 s.
const NOT_HELD_UP: Duration = Duration::from_secs(4);

fn server(tls: Tls) -> Server {
    Server::start(Config::default().tls(tls))
}

fn service(server: &Server) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_TLS", "true")
}

fn ca_file(server: &Server) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    let pem = &certificate(server).ca_pem;
    file.write_all(pem.as_bytes()).expect("it can be written");
    file
}

fn certificate(server: &Server) -> &irclog_tests::loopback::Certificate {
    server.certificate().expect("it speaks TLS")
}

/// The line that makes its certificate believed.
fn pin(server: &Server) -> String {
    format!("IRC_TLS_PIN={}", certificate(server).sha256)
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path in UTF-8")
}

#[track_caller]
fn arrives(server: &Server, mut service: Service) {
    service.log(Level::Warn, "tls", "nobody reads along");
    let seen = server.member("#pay").wait_for_text("nobody reads", SOON);
    assert!(seen.is_some(), "{:#?}", service.process().stderr());
    assert!(service.end("return", SOON).status.success());
}

/// The service says `why` with the name of the `setting`, the server hears no
/// word of IRC, and the end of the service waits for nothing.
#[track_caller]
fn is_refused(server: &Server, setup: Setup, setting: &str, why: &str) {
    let mut service = setup.start();
    service.log(Level::Warn, "tls", "somebody would read along");
    let told = service.told(why, SOON);
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    assert!(told.contains(setting), "{told}");
    let heard = server.received().all();
    assert!(heard.is_empty(), "{heard:?}");
    let done = service.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.took < NOT_HELD_UP, "held up: {done:#?}");
}

#[test]
fn an_authority_of_ones_own_is_trusted_by_its_file() {
    let server = server(Tls::default());
    let file = ca_file(&server);
    let service = service(&server).env("IRC_CA_FILE", path(&file)).start();
    arrives(&server, service);
}

#[test]
fn a_name_is_checked_as_well_as_an_address() {
    let server = server(Tls::for_name("localhost"));
    let file = ca_file(&server);
    let service = service(&server)
        .env("IRC_SERVER", "localhost")
        .env("IRC_CA_FILE", path(&file));
    arrives(&server, service.start());
}

#[test]
fn a_pinned_certificate_is_trusted_whoever_signed_it() {
    let server = server(Tls::for_name("somebody.else.example"));
    let pin = &certificate(&server).sha256;
    let service = service(&server).env("IRC_TLS_PIN", pin).start();
    arrives(&server, service);
}

#[test]
fn another_certificate_than_the_pinned_one_is_refused_and_told() {
    let server = server(Tls::default());
    let file = ca_file(&server);
    let setup = service(&server)
        .env("IRC_TLS_PIN", &"0".repeat(64))
        .env("IRC_CA_FILE", path(&file));
    is_refused(&server, setup, &pin(&server), "is not the one");
}

#[test]
fn an_unknown_authority_is_refused() {
    let server = server(Tls::default());
    let setup = service(&server);
    is_refused(&server, setup, "IRC_CA_FILE", "unknown authority");
}

#[test]
fn a_self_signed_certificate_is_refused_with_the_line_that_pins_it() {
    let server = server(Tls::default().self_signed());
    let setup = service(&server);
    is_refused(&server, setup, &pin(&server), "is self-signed");
}

#[test]
fn an_expired_self_signed_certificate_can_be_pinned() {
    let server = server(Tls::expired().self_signed());
    let setup = service(&server);
    is_refused(&server, setup, &pin(&server), "expired on 2002-01-01");
}

#[test]
fn a_self_signed_certificate_is_trusted_by_its_file() {
    let server = server(Tls::default().self_signed());
    let file = ca_file(&server);
    let mut service = service(&server).env("IRC_CA_FILE", path(&file)).start();
    service.log(Level::Warn, "tls", "a first line");
    let seen = server.member("#pay").wait_for_text("a first line", SOON);
    assert!(seen.is_some(), "{:#?}", service.process().stderr());
    let said = service.process().stderr();
    assert!(
        !said.all().iter().any(|line| line.contains("believed")),
        "{said:#?}"
    );
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn what_is_wrong_with_a_certificate_that_was_given_itself_is_told() {
    for (tls, what) in [
        (
            Tls::for_name("somebody.else.example"),
            "is for somebody.else.example",
        ),
        (Tls::expired(), "expired on 2002-01-01"),
    ] {
        let server = server(tls.self_signed());
        let file = ca_file(&server);
        let service = service(&server).env("IRC_CA_FILE", path(&file)).start();
        let told = service.told(what, SOON);
        let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
        assert!(told.contains("IRC_CA"), "{told}");
        arrives(&server, service);
    }
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let server = server(Tls::for_name("somebody.else.example"));
    let file = ca_file(&server);
    let setup = service(&server).env("IRC_CA_FILE", path(&file));
    is_refused(&server, setup, "IRC_SERVER", "is for somebody.else.example");
}

#[test]
fn an_expired_certificate_is_refused() {
    let server = server(Tls::expired());
    let file = ca_file(&server);
    let setup = service(&server).env("IRC_CA_FILE", path(&file));
    let mend = "the server's operator has to renew it";
    is_refused(&server, setup, mend, "expired on 2002-01-01");
}

#[test]
fn plain_text_to_a_tls_port_is_explained() {
    let server = server(Tls::default());
    let service = service(&server).env("IRC_TLS", "false").start();
    let told = service.told("does not see this log", SOON);
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    assert!(told.contains("IRC_TLS"), "{told}");
    assert!(service.end("return", SOON).took < NOT_HELD_UP);
}

#[test]
fn tls_to_a_plain_port_is_explained_and_nothing_is_said_in_the_clear() {
    let server = Server::start(Config::default());
    let setup = service(&server);
    let mut service = setup.start();
    service.log(Level::Warn, "tls", "somebody would read along");
    let told = service.told("does not see this log", SOON);
    let told = told.unwrap_or_else(|| panic!("{:#?}", service.process().stderr()));
    assert!(
        told.contains("IRC_PORT") && told.contains("IRC_TLS"),
        "{told}"
    );
    let heard = server.received().all();
    let in_clear = heard
        .iter()
        .any(|line| line.text.contains("read along") || line.text.contains("NICK"));
    assert!(!in_clear, "{heard:?}");
    assert!(service.end("return", SOON).took < NOT_HELD_UP);
}
