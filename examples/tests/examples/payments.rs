//! The example that people run first does what it says.

use irclog_tests::SOON;
use irclog_tests::ngircd;
use irclog_tests::observer::Observer;
use irclog_tests::process::Program;

#[test]
fn payments_shows_a_channel_without_secrets_and_ends_by_itself() {
    let done = Program::example("payments").run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let channel: Vec<&str> = done
        .stdout
        .iter()
        .filter_map(|line| line.split_once("channel │ "))
        .map(|(_, seen)| seen)
        .collect();
    let shows = |text: &str| channel.iter().any(|line| line.contains(text));
    assert!(
        shows("→ facilitator has joined #karmacadabra"),
        "{channel:#?}"
    );
    // With the time of day between the two, if it had to wait.
    let config =
        |line: &&str| line.contains("<facilitator> [WARN] ") && line.contains(" x402::config");
    assert!(channel.iter().any(config), "{channel:#?}");
    assert!(shows("[ERROR] "), "{channel:#?}");
    assert!(shows("← facilitator has left"), "{channel:#?}");
    // Every digit of a transaction that was declared public.
    let public = channel
        .iter()
        .filter_map(|line| line.split_once("Payment settled - TX: 0x"))
        .any(|(_, tx)| tx.chars().take_while(char::is_ascii_hexdigit).count() == 64);
    assert!(public, "{channel:#?}");
    assert!(done.printed(" 0 of them in the channel"), "{done:#?}");
}

#[test]
fn payments_on_a_real_server_is_seen_by_an_ordinary_client() {
    let server = ngircd::Server::start();
    let watcher = Observer::join(server.addr(), "#karmacadabra", "watcher");
    let done = Program::example("payments")
        .env("IRC_SERVER", "127.0.0.1")
        .env("IRC_PORT", server.addr().port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_NICK", "facil")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let lines = watcher.lines();
    let shows = |text: &str| lines.iter().any(|line| line.text.contains(text));
    assert!(shows("private key 0x[REDACTED_KEY]"), "{lines:#?}");
    assert!(shows("Payment settled - TX: 0x"), "{lines:#?}");
    assert!(shows("nonce too low"), "{lines:#?}");
    assert!(lines.iter().all(|line| line.nick == "facil"), "{lines:#?}");
}
