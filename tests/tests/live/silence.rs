//! Silence that a person asks for, from outside of the service.
#![cfg(unix)]

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::seen::Seen;
use irclog_tests::service::Setup;
use log::Level;

#[test]
fn a_file_and_a_signal_silence_a_service_that_knows_nothing_of_it() {
    let server = Server::start(Config::default());
    let member = server.member("#pay");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("mute");
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_MUTE_FILE", file.to_str().expect("UTF-8"))
        .env("IRC_MUTE_SIGNAL", "SIGUSR2")
        .start();
    service.wait_joined();

    std::fs::write(&file, "").expect("a file");
    assert!(service.told("muted", SOON).is_some());
    service.log(Level::Error, "pay", "under the file");
    assert!(service.flush(SOON));
    std::fs::remove_file(&file).expect("a file");
    assert!(member.wait_for_text("muted for", SOON).is_some());
    service.log(Level::Error, "pay", "between the two");
    assert!(member.wait_for_text("between the two", SOON).is_some());

    service.process().signal("USR2");
    assert!(member.wait_for_text("between the two", SOON).is_some());
    let silent = (0..50).any(|n| {
        service.log(Level::Error, "pay", &format!("under the signal {n}"));
        assert!(service.flush(SOON));
        service.stats().dropped > 1
    });
    assert!(silent, "the signal was not heard");
    service.process().signal("USR2");
    let mut silences = 0;
    let second = |seen: &Seen| {
        silences += usize::from(seen.text.contains("muted for"));
        silences == 2
    };
    let told = member.wait_for(second, SOON);
    assert!(told.is_some(), "{:#?}", member.lines());
    service.log(Level::Error, "pay", "after both");
    let done = service.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    let texts: Vec<String> = member.lines().iter().map(Seen::plain).collect();
    assert!(
        !texts.iter().any(|line| line.contains("under the file")),
        "{texts:#?}"
    );
    let accounts = texts.iter().filter(|line| line.contains("muted for"));
    assert_eq!(accounts.count(), 2, "{texts:#?}");
}
