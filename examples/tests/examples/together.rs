//! Three services in one channel of a real server: the facilitator, which
//! logs through tracing; the seller, a Python program under `irclog run`; and
//! the ledger, which logs through `log`. A payment is followed across them.
#![cfg(unix)]

use std::collections::BTreeSet;

use irclog_tests::SOON;
use irclog_tests::ngircd;
use irclog_tests::observer::Observer;
use irclog_tests::port::Port;
use irclog_tests::process::{Program, Running};
use irclog_tests::seen::{Kind, SEPARATOR, undated};
use irclog_tests::{seller, tool};

const CHANNEL: &str = "#karmacadabra";

const SIGNATURE: &str = "3e8b5d1f7a2c9046e1f7b3a85d2c6f904b7e1a3c8d5f2069c4b8e7a1f3d2c5069\
                         b5e8d1c7f3a2b4609e8c7d5f1a3b2c4e6d8f0917a5c3b1e2d4f6a8091b7c3e51b";
const NONCE: &str = "a94e7c1b3d5f8062e9a7c5b3d1f0826447c9e1b5a3d7f208f6e4c2b0a8d6e4f2";
const PAYER: &str = "0x9b2d4f6a8c0e1b3d5f7a9c2e4b6d8f0a1c3e5b7d";
/// What the facilitator and the ledger hold themselves.
const RPC_KEY: &str = "q7RkT2vXbN5mWz8LpYc4HdJs9FgE3aUo";
const PASSWORD: &str = "Wr4pT-9qLm7-Zx2vK";

#[test]
fn one_payment_is_followed_across_three_services() {
    let config = ngircd::Config::default().nick_length(20).max_penalty(1);
    let server = ngircd::Server::start_with(&config);
    let channel = Channel(Observer::join(server.addr(), CHANNEL, "ann"));

    let facilitator = on(&server, Program::example("facilitator"), "facilitator").start();
    let listening = facilitator
        .stdout()
        .wait_for(|line| line.starts_with("listening on http://"), SOON);
    let listening = listening.unwrap_or_else(|| panic!("{facilitator:#?}"));
    let address = listening.trim_start_matches("listening on ");
    let mut ledger = on(&server, Program::example("payments"), "ledger")
        .arg("ledger")
        .env("RUST_LOG", "info")
        .listens()
        .start();
    let held = Port::hold();
    let port = held.number();
    let tool = tool::irclog()
        .arg("run")
        .arg(seller::python())
        .arg(seller::service());
    let seller = on(&server, tool, "coffee-seller")
        .env("FACILITATOR_URL", address)
        .env("PORT", port.to_string())
        .start();
    for (nick, last_of_start) in [
        ("facilitator", "chain=avalanche"),
        ("ledger", "opened postgres://"),
        ("coffee-seller", "Uvicorn running on"),
    ] {
        channel.hears(nick, last_of_start);
    }

    ask(&format!("http://127.0.0.1:{port}/coffee"), 402);
    ask(&format!("{address}/health"), 200);
    let tx = buy(port, 200)["transaction"].as_str().map(str::to_owned);
    let tx = tx.expect("a transaction");
    assert_eq!(tx.len(), 66, "{tx}");
    channel.hears("facilitator", &format!("tx={tx}"));
    // Python says of no text that it is public: the first digits are shown.
    channel.hears("coffee-seller", &format!("Coffee paid, tx {}", &tx[..10]));
    ledger.say(&tx);
    channel.hears("ledger", &format!("Booked as entry 1: tx={tx}"));

    // Paid with the same authorization again, it fails in two services.
    buy(port, 502);
    channel.hears("facilitator", "Settlement failed error=execution reverted");
    channel.hears("coffee-seller", "SettlementError: unexpected_settle_error");
    ledger.say(&tx);
    channel.hears("ledger", "Booked before, as entry 1");

    ledger.hang_up();
    seller.signal("TERM");
    facilitator.signal("TERM");
    channel.hears("ledger", "closed, 1 booked");
    channel.hears("coffee-seller", "Finished server process");
    channel.hears("facilitator", "Shutting down");
    let consoles = [
        ("facilitator", facilitator),
        ("ledger", ledger),
        ("coffee-seller", seller),
    ]
    .map(|(nick, running)| (nick, channel.sees_leave(nick, running)));

    assert_eq!(
        channel.records(),
        listed(),
        "what was said, and what docs/three-services.md shows"
    );
    for (nick, texts) in [
        ("facilitator", &FACILITATOR[..]),
        ("ledger", &LEDGER[..]),
        ("coffee-seller", &SELLER[..]),
    ] {
        channel.has_in_order(nick, texts);
    }
    for (nick, secret) in [
        ("coffee-seller", SIGNATURE),
        ("coffee-seller", NONCE),
        ("facilitator", RPC_KEY),
        ("ledger", PASSWORD),
    ] {
        let (_, console) = consoles.iter().find(|(of, _)| *of == nick).expect("it");
        let printed = console.iter().any(|line| line.contains(secret));
        assert!(printed, "{nick} itself prints {secret}: {console:#?}");
        channel.has_no_part_of(secret);
    }
}

/// What each says, at one level, in the order in which it says it: errors
/// overtake.
const FACILITATOR: [&str; 6] = [
    "chain=base ",
    "chain=base-sepolia",
    "chain=avalanche",
    "POST /settle: Settled 0.01 USDC on base, 0x9b2d…5b7d to",
    "POST /settle 500 in ",
    "Shutting down",
];
const LEDGER: [&str; 3] = [
    "opened postgres://",
    "Booked as entry 1",
    "closed, 1 booked",
];
const SELLER: [&str; 8] = [
    "Coffee Seller starting up",
    "Pay to:",
    "Price: $0.01 USDC",
    "Application startup complete",
    "Uvicorn running on",
    "Coffee paid, tx 0x",
    "\"POST /coffee HTTP/1.1\" 502",
    "Finished server process",
];

/// The records that the page shows, each with who said it.
fn listed() -> BTreeSet<(String, String)> {
    let page = include_str!("../../../docs/three-services.md");
    let listing = page.split_once("```text\n").expect("a listing").1;
    let listing = listing.split_once("```").expect("its end").0;
    let said = listing.lines().filter_map(|row| row.split_once(" < "));
    said.flat_map(|(_, said)| {
        let (nick, line) = said.split_once("> ").expect("who said it");
        records_of(nick, line)
    })
    .collect()
}

/// The records of one line, without what differs from run to run.
fn records_of(nick: &str, line: &str) -> Vec<(String, String)> {
    let line = undated(line);
    let records = line.split(SEPARATOR).map(blurred);
    records.map(|record| (nick.to_owned(), record)).collect()
}

/// `record` without ports, the numbers of processes and how long it took, and
/// of a traceback only what it is about: how much of it is shown is up to the
/// length of the project's path.
fn blurred(record: &str) -> String {
    let record = record.split(" ⏎ File ").next().unwrap_or(record);
    let mut blurred = record.to_owned();
    for before in ["127.0.0.1:", "process [", " 500 in ", "elapsed="] {
        if let Some((head, tail)) = blurred.split_once(before) {
            let tail = tail.trim_start_matches(|c: char| c.is_ascii_digit());
            blurred = format!("{head}{before}N{tail}");
        }
    }
    blurred
}

/// The channel, as somebody in it sees it.
struct Channel(Observer);

impl Channel {
    /// Waits until `nick` has said `text`.
    fn hears(&self, nick: &str, text: &str) {
        let heard = self.0.wait_for(
            |seen| seen.nick == nick && seen.plain().contains(text),
            SOON,
        );
        assert!(heard.is_some(), "{nick} has not said {text:?}: {self}");
    }

    /// Waits until `running`, here called `nick`, has ended and left; returns
    /// what it printed.
    fn sees_leave(&self, nick: &str, running: Running) -> Vec<String> {
        let done = running.wait(SOON);
        let left = |seen: &irclog_tests::seen::Seen| seen.kind == Kind::Quit && seen.nick == nick;
        assert!(self.0.wait_for(left, SOON).is_some(), "{nick}: {self}");
        [done.stdout, done.stderr].concat()
    }

    /// What was said, each record with who said it.
    fn records(&self) -> BTreeSet<(String, String)> {
        let lines = self.0.lines();
        let records = lines
            .iter()
            .flat_map(|seen| records_of(&seen.nick, &seen.plain()));
        records.collect()
    }

    fn has_in_order(&self, nick: &str, texts: &[&str]) {
        let lines = self.0.lines();
        let said = lines.iter().filter(|seen| seen.nick == nick);
        let records: Vec<String> = said.flat_map(irclog_tests::seen::Seen::records).collect();
        let mut rest = records.iter();
        for text in texts {
            let found = rest.any(|record| record.contains(text));
            assert!(found, "{text:?} is not there, or not there: {records:#?}");
        }
    }

    /// No 12 characters in a row of `secret` were said by anybody.
    fn has_no_part_of(&self, secret: &str) {
        let parts: Vec<&str> = (0..=secret.len() - 12)
            .map(|at| &secret[at..at + 12])
            .collect();
        for seen in self.0.lines() {
            let part = parts.iter().find(|part| seen.text.contains(**part));
            assert!(part.is_none(), "{part:?} of {secret} is in {seen:?}");
        }
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for seen in self.0.all() {
            write!(f, "\n{:?} <{}> {}", seen.kind, seen.nick, seen.plain())?;
        }
        Ok(())
    }
}

/// `program` with the settings for the channel, as `nick`.
fn on(server: &ngircd::Server, program: Program, nick: &str) -> Program {
    program
        .env("IRC_SERVER", server.addr().ip().to_string())
        .env("IRC_PORT", server.addr().port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", CHANNEL)
        .env("IRC_NICK", nick)
        .env("IRC_START_LINE", "true")
        .env("IRC_EXIT_TIMEOUT", "30")
}

/// Buys a coffee, always with the same authorization; the answer.
fn buy(port: u16, expected: u16) -> serde_json::Value {
    let payment = serde_json::json!({
        "signature": format!("0x{SIGNATURE}"),
        "authorization": {
            "payer": PAYER,
            "value": 10_000,
            "nonce": format!("0x{NONCE}"),
            "valid_before": 4_102_444_800_u64,
        },
    });
    let mut answer = agent()
        .post(format!("http://127.0.0.1:{port}/coffee"))
        .send(payment.to_string())
        .expect("the seller answers");
    assert_eq!(answer.status(), expected);
    let body = answer.body_mut().read_to_string().expect("a text");
    serde_json::from_str(&body).expect("JSON")
}

/// Asks `url`, as nobody who pays.
fn ask(url: &str, expected: u16) {
    let answer = agent().get(url).call().expect("an answer");
    assert_eq!(answer.status(), expected, "{url}");
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent()
}
