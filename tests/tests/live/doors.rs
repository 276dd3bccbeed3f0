//! Servers that shut their door to who connects too often.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use irclog_tests::loopback::{Config, ReconnectThrottle, Server};
use irclog_tests::service::{Service, Setup};

/// Beyond all that is waited for here: one throttle's 15 s after another.
const LATER: Duration = Duration::from_secs(90);

fn setup() -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service"))
}

/// In a fleet of one host each service waits for its turn, and none is turned
/// away: the third connect within 15 s would shut the door to all.
#[test]
fn services_of_one_host_take_turns() {
    let state = tempfile::tempdir().expect("a folder");
    let state = state.path().to_str().expect("UTF-8");
    let server = Server::start(Config::default().reconnects(ReconnectThrottle::BAHAMUT));
    let services: Vec<Service> = (0..4)
        .map(|n| {
            setup()
                .on(server.addr(), "#pay", &format!("teller-{n}"))
                .env("IRC_STATE_DIR", state)
                .start()
        })
        .collect();
    for (n, service) in services.iter().enumerate() {
        let nick = format!("teller-{n}");
        assert!(
            server.wait_joined("#pay", &nick, LATER),
            "{nick}: {:?}",
            service.process().stderr()
        );
    }
    assert_eq!(server.connections(), 4, "nobody was turned away");
    let waited = services
        .iter()
        .filter(|service| service.told("our turn", Duration::ZERO).is_some());
    assert_eq!(waited.count(), 2);
}

/// Whoever cannot keep anything connects all the same.
#[test]
fn a_folder_that_cannot_be_used_holds_nobody_up() {
    let server = Server::start(Config::default());
    let services = ["teller-0", "teller-1", "teller-2"].map(|nick| {
        setup()
            .on(server.addr(), "#pay", nick)
            .env("IRC_STATE_DIR", "/dev/null/none")
            .start()
    });
    for service in &services {
        service.wait_joined();
        assert!(service.told("our turn", Duration::ZERO).is_none());
    }
}

/// Once it may be anything; twice it is how servers treat who comes too often.
#[test]
fn a_door_closed_twice_without_a_word_is_taken_for_a_throttle() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("its number");
    thread::spawn(move || listener.incoming().for_each(drop));
    let service = setup().on(addr, "#pay", "teller").start();
    let told = service.told("without a word", LATER).expect("it is said");
    let wait = |told: &str| -> u64 {
        let wait = told.rsplit("next try in ").next().expect("a time");
        wait.trim_end_matches(" s").parse().expect("seconds")
    };
    assert!((16..=20).contains(&wait(&told)), "{told}");
    assert!(
        told.contains("IRC_PORT") && told.contains("IRC_TLS"),
        "{told}"
    );
    let told = service.told("connects too often", LATER);
    let told = told.unwrap_or_else(|| panic!("{:?}", service.process().stderr()));
    assert!((121..=170).contains(&wait(&told)), "{told}");
}
