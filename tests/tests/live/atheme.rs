//! Accounts on a real network with services: `InspIRCd` and Atheme.

use irclog_tests::SOON;
use irclog_tests::atheme::{Certificate, Network};
use irclog_tests::observer::Observer;
use irclog_tests::service::{Service, Setup};
use log::Level;

const PASSWORD: &str = "correct-horse-battery";

fn over_tls(network: &Network) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(network.tls_addr(), "#pay", "teller")
        .env("IRC_TLS", "true")
        .env("IRC_TLS_PIN", &network.certificate().sha256)
}

/// In a channel for those whom the services know.
#[track_caller]
fn is_heard(network: &Network, setup: Setup, account: &str) -> Service {
    let _founder = network.channel("#pay", "+R");
    let eyes = Observer::join(network.addr(), "#eyes", "ann");
    let mut service = setup.start();
    service.wait_joined();
    service.log(Level::Warn, "pay", "known to the services");
    assert!(service.flush(SOON), "{:#?}", service.process().stderr());
    drop(eyes);
    assert_eq!(service.stats().shown, 1, "{account}");
    service
}

#[test]
fn a_password_goes_by_sasl_where_the_server_has_it() {
    let network = Network::start();
    network.register("teller", PASSWORD, None);
    let setup = over_tls(&network).env("IRC_PASSWORD", PASSWORD);
    let service = is_heard(&network, setup, "teller");
    assert!(service.end("return", SOON).status.success());
    // An account of another name than the nick, and in plain text on loopback.
    network.register("accountant", PASSWORD, None);
    let setup = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(network.addr(), "#pay", "teller2")
        .env("IRC_PASSWORD", PASSWORD)
        .env("IRC_ACCOUNT", "accountant");
    let service = is_heard(&network, setup, "accountant");
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn a_certificate_proves_the_account() {
    let network = Network::start();
    let own = Certificate::new();
    network.register("teller", PASSWORD, Some(&own.sha256));
    let setup = over_tls(&network)
        .env("IRC_CLIENT_CERT", &own.pem)
        .env("IRC_CLIENT_KEY", &own.key);
    let service = is_heard(&network, setup, "teller");
    assert!(service.end("return", SOON).status.success());
}

#[test]
fn what_the_services_refuse_is_told_with_the_setting() {
    let network = Network::start();
    network.register("teller", "another", None);
    let setup = over_tls(&network).env("IRC_PASSWORD", PASSWORD);
    let service = setup.start();
    let told = service.told("refuse the account teller", SOON);
    assert!(told.is_some_and(|told| told.contains("IRC_PASSWORD")));
    service.wait_joined();
    let own = Certificate::new();
    let setup = over_tls(&network)
        .env("IRC_NICK", "teller3")
        .env("IRC_CLIENT_CERT", &own.pem)
        .env("IRC_CLIENT_KEY", &own.key);
    let service = setup.start();
    let told = service.told("refuse the account teller3", SOON);
    assert!(told.is_some_and(|told| told.contains("IRC_CLIENT_CERT")));
    service.wait_joined();
}

/// Whoever still has the nick is driven out, by the password.
#[test]
fn a_nick_in_use_is_freed_by_its_password() {
    let network = Network::start();
    network.register("teller", PASSWORD, None);
    let ghost = Observer::join(network.addr(), "#lobby", "teller");
    let setup = over_tls(&network).env("IRC_PASSWORD", PASSWORD);
    let mut service = is_heard(&network, setup, "teller");
    assert_eq!(service.stats().nick, "teller");
    drop(ghost);
}
