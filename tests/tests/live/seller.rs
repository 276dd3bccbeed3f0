//! A Python service under `irclog run`, watched on a real ngircd.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use irclog_tests::SOON;
use irclog_tests::ngircd;
use irclog_tests::observer::Observer;
use irclog_tests::port::Port;
use irclog_tests::process::Running;
use irclog_tests::seller;
use irclog_tests::tool::irclog;

const SIGNATURE: &str = "0x7c1f9a5be2d84036c1f9a5be2d840367c1f9a5be2d840367c1f9a5be2d8403674\
                         e6b0d2f8a1c3957e6b0d2f8a1c3957e6b0d2f8a1c3957e6b0d2f8a1c39571b";
const NONCE: &str = "d2a7e94c1f6b3058d2a7e94c1f6b3058e1b60c739fa5284de1b60c739fa5284d";
const RPC_KEY: &str = "Zk3vQ9xT2mB7nR5wL8cJ4hF6";

#[test]
fn a_python_service_is_shown_without_its_secrets() {
    let server = ngircd::Server::start_with(&ngircd::Config::default().max_penalty(1));
    let observer = Observer::join(server.addr(), "#logs", "watcher");
    let own = Port::hold();
    let nobody = Port::hold();
    let port = own.number();
    let seller = start(&server, port, nobody.number());
    let up = seller
        .stderr()
        .wait_for(|line| line.contains("Uvicorn running"), SOON);
    assert!(up.is_some(), "{seller:#?}");

    let rich = payment(20_000);
    let poor = payment(1);
    assert_eq!(status(port, "GET", "/health", ""), 200);
    assert_eq!(status(port, "GET", "/coffee", ""), 402);
    assert_eq!(status(port, "POST", "/coffee", &poor), 402);
    assert_eq!(status(port, "POST", "/coffee", &rich), 502);
    assert_eq!(status(port, "POST", "/coffee", "{\"signature\":\"\"}"), 500);

    for (parts, what) in [
        (
            vec!["[INFO]", "main - ☕ Coffee Seller starting up"],
            "the banner",
        ),
        (
            vec!["[INFO]", "main - Price: $0.01 USDC"],
            "the banner, without its margin",
        ),
        (
            vec!["[INFO]", "uvicorn - Application startup complete."],
            "uvicorn's own lines",
        ),
        (
            vec![
                "uvicorn.access - 127.0.0.1:",
                "\"GET /coffee HTTP/1.1\" 402",
            ],
            "requests",
        ),
        (
            vec!["[WARN]", "main - [402] Too little, body: {\"signature\""],
            "a warning",
        ),
        (
            vec![
                "[ERROR]",
                "main - [SETTLE] Payment from 0x",
                "ConnectionError: no route to http://127.0.0.1:",
            ],
            "a logged exception, in one record",
        ),
        (
            vec![
                "[ERROR]",
                "uvicorn - Exception in ASGI application",
                "lines …",
            ],
            "an exception that nobody caught, shortened",
        ),
        (
            vec!["1 validation error for Payment", "For further information"],
            "how it ends",
        ),
    ] {
        let seen = observer.wait_for(
            |seen| parts.iter().all(|part| seen.text.contains(part)),
            SOON,
        );
        assert!(
            seen.is_some(),
            "{what}: {parts:?} is not in {:#?}",
            said(&observer)
        );
    }

    seller.signal("TERM");
    let done = seller.wait(SOON);
    // uvicorn shuts down first, and then dies of the signal it got.
    assert_eq!(done.status.code(), Some(143), "{:#?}", done.stderr);
    let last = observer.wait_for_text("Finished server process", SOON);
    assert!(last.is_some(), "{:#?}", said(&observer));

    let said = said(&observer);
    // A traceback goes on in further lines of its record, which say so.
    let errors = said.iter().filter(|line| line.contains("[ERROR] "));
    let records = errors.filter(|line| !line.contains("[ERROR] ↪ "));
    assert_eq!(records.count(), 2, "one record each: {said:#?}");
    assert!(
        !said
            .iter()
            .any(|line| line.contains("DEBUG") || line.contains("not shown")),
        "{said:#?}"
    );
    for secret in [SIGNATURE, NONCE, RPC_KEY] {
        assert!(done.printed(secret), "the service itself prints {secret}");
        assert_no_part_of(secret, &said);
    }
}

/// Listens on `port`, and asks for what it needs where nobody does.
fn start(server: &ngircd::Server, port: u16, nobody: u16) -> Running {
    let facilitator = format!("http://127.0.0.1:{nobody}/v2/{RPC_KEY}");
    irclog()
        .arg("run")
        .arg(seller::python())
        .arg(seller::service())
        .env("PORT", port.to_string())
        .env("FACILITATOR_URL", facilitator)
        .env("IRC_SERVER", server.addr().ip().to_string())
        .env("IRC_PORT", server.addr().port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", "#logs")
        .env("IRC_NICK", "seller")
        .env("IRC_RATE", "100")
        .env("IRC_EXIT_TIMEOUT", "60")
        .start()
}

/// No 12 characters in a row of `secret` were said.
fn assert_no_part_of(secret: &str, said: &[String]) {
    let parts = (0..=secret.len() - 12).map(|at| &secret[at..at + 12]);
    for part in parts {
        let leak = said.iter().find(|line| line.contains(part));
        assert!(leak.is_none(), "{part} of {secret} is in {leak:?}");
    }
}

/// Everything that the seller said, without formatting.
fn said(observer: &Observer) -> Vec<String> {
    let lines = observer.lines();
    let said = lines.iter().filter(|seen| seen.nick == "seller");
    said.map(|seen| seen.text.replace(['\x02', '\x0f'], ""))
        .collect()
}

fn payment(value: u32) -> String {
    format!(
        "{{\"signature\":\"{SIGNATURE}\",\"authorization\":{{\"payer\":\"0x{}\",\"value\":{value},\
         \"nonce\":\"0x{NONCE}\",\"valid_before\":4102444800}}}}",
        "ab".repeat(20)
    )
}

/// The status that a request is answered with.
fn status(port: u16, method: &str, path: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the service listens");
    stream.set_read_timeout(Some(SOON)).expect("a timeout");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .expect("the service reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the service answers");
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or_else(|| panic!("no status in {answer:?}"))
}
