//! A service on a real ngircd, watched by the unmodified client of the `irc`
//! crate.

use std::time::Duration;

use irclog_tests::SOON;
use irclog_tests::ngircd::Server;
use irclog_tests::observer::Observer;
use irclog_tests::seen::{Kind, Seen, plain};
use irclog_tests::service::{Service, Setup, value};
use irclog_tests::tally::Tally;
use log::Level;

fn service(server: &Server) -> Setup {
    Setup::at(env!("CARGO_BIN_EXE_service")).on(server.addr(), "#pay", "teller")
}

fn joined(server: &Server) -> (Observer, Service) {
    let ann = Observer::join(server.addr(), "#pay", "ann");
    let service = service(server).start();
    service.wait_joined();
    (ann, service)
}

/// The records that were seen, each alone: what shared a line is taken apart.
fn records(lines: &[Seen]) -> Vec<String> {
    let texts = lines.iter().map(Seen::plain);
    texts
        .flat_map(|text| {
            text.split(" · ")
                .map(str::to_owned)
                .collect::<Vec<String>>()
        })
        .collect()
}

/// Hex digits that look like nothing in particular, the same for each `seed`.
fn digits(seed: u64, count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from_digit(u32::try_from(state >> 60).expect("four bits"), 16).expect("a digit")
        })
        .collect()
}

/// Whether any 12 characters in a row of `secret` are in `text`.
fn leaks(text: &str, secret: &str) -> bool {
    let least = secret.len().min(12);
    (0..=secret.len() - least).any(|at| text.contains(&secret[at..at + least]))
}

#[test]
fn what_leaks_is_noticed() {
    let key = digits(1, 64);
    assert!(leaks(&format!("...{}...", &key[30..42]), &key));
    assert!(!leaks(&format!("0x{}…", &key[..8]), &key));
}

#[test]
fn records_of_a_payment_service_arrive_redacted() {
    let server = Server::start();
    let (ann, mut service) = joined(&server);
    let (key, rpc, tx, signature) = (digits(1, 64), digits(2, 32), digits(3, 64), digits(4, 130));
    let (payer, token) = (digits(5, 40), format!("sk-{}", digits(6, 48)));
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmYWNpbGl0YXRvci10ZXN0In0.\
               c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGw";
    let (scheme, password) = ("postgres", "correct-horse-battery");
    let said: &[(Level, &str, String, &str)] = &[
        (
            Level::Info,
            "x402::provider",
            format!(
                "Using HTTP transport chain=eip155:84532 rpc_url=https://base.g.alchemy.com/v2/{rpc} \
                 rate_limit=Some(50)"
            ),
            "Using HTTP transport chain=eip155:84532",
        ),
        (
            Level::Info,
            "x402::telemetry",
            "status=200 elapsed=3ms".into(),
            "status=200 elapsed=3ms",
        ),
        (
            Level::Warn,
            "x402::handlers",
            format!(
                "Verification failed error=InsufficientFunds(0x{payer}) authorization=Bearer {jwt}"
            ),
            "Verification failed error=InsufficientFunds(0x",
        ),
        (
            Level::Error,
            "x402::handlers",
            format!(
                "Raw JSON body: {{\"x402Version\": 1, \"payload\": {{\"signature\": \
                 \"0x{signature}\", \"nonce\": \"0x{tx}\"}}}}"
            ),
            "Raw JSON body: {\"x402Version\": 1",
        ),
        (
            Level::Error,
            "x402::signer",
            format!("cannot sign with private_key=0x{key}: wrong chain"),
            "wrong chain",
        ),
        (
            Level::Warn,
            "x402::llm",
            format!("quota of {token} is used up"),
            "is used up",
        ),
        (
            Level::Error,
            "x402::store",
            format!("{scheme}://facilitator:{password}@db.internal/x402 does not answer"),
            "does not answer",
        ),
    ];
    for (level, target, text, _) in said {
        service.log(*level, target, text);
    }
    service.ask(&format!("typed {key} 0x{payer} 0x{tx}"));
    assert!(service.flush(SOON), "{:?}", ann.lines());

    let seen = records(&ann.lines());
    for (level, target, _, shown) in said {
        // What waited for more than two seconds says since when.
        let (tag, head) = (format!("[{level}] "), format!("{target} - "));
        let found = seen
            .iter()
            .any(|text| text.starts_with(&tag) && text.contains(&head) && text.contains(shown));
        assert!(found, "{tag}{head}…{shown}… is not in {seen:#?}");
    }
    let typed = format!("settled 0x{tx} by Settlement");
    assert!(
        seen.iter().any(|text| text.contains(&typed)),
        "what is Public is shown in full: {seen:#?}"
    );
    let all = ann.raw().all().join("\n");
    let secrets = [
        ("a private key", key.as_str()),
        ("an RPC key", &rpc),
        ("a signature", &signature),
        ("a token", &token),
        ("a JWT", jwt),
        ("a password", password),
        ("an address", &payer),
    ];
    for (what, secret) in secrets {
        assert!(!leaks(&all, secret), "{what} leaks: {all}");
    }
    let numbers = service.stats();
    assert_eq!(
        (numbers.logged, numbers.shown),
        (8, 8),
        "each by itself: {numbers:?}"
    );
}

#[test]
fn a_level_keeps_its_order() {
    const EACH: usize = 25;
    let server = Server::start();
    let (ann, mut service) = joined(&server);
    for n in 0..EACH {
        for level in [Level::Info, Level::Warn, Level::Error] {
            // A target each: records of one call site would share a line.
            service.log(level, &format!("x402::worker{n}"), &format!("number {n}"));
        }
    }
    // A backlog of errors from the first moment on goes at the safest pace.
    let settled = service.flush(SOON);
    assert!(settled, "{:?} {:#?}", service.stats(), ann.lines());
    let seen = records(&ann.lines());
    for level in ["INFO", "WARN", "ERROR"] {
        let numbers: Vec<usize> = seen
            .iter()
            .filter(|text| text.contains(&format!("[{level}]")))
            .filter_map(|text| text.rsplit(' ').next()?.parse().ok())
            .collect();
        assert_eq!(numbers, (0..EACH).collect::<Vec<_>>(), "{level}: {seen:#?}");
    }
}

#[test]
fn a_record_is_seen_within_a_second() {
    let server = Server::start();
    let (ann, mut service) = joined(&server);
    // What an ordinary client says at the same moment tells how long the server
    // and who watches take; the service itself tells what the machine let it
    // wait.
    let bob = Observer::join(server.addr(), "#pay", "bob");
    let levels = [Level::Info, Level::Warn, Level::Error, Level::Info];
    for (n, level) in levels.into_iter().enumerate() {
        let text = format!("Payment {n} settled");
        let before = service.waited();
        service.log(level, "x402::settle", &text);
        bob.say(&format!("{n} by bob"));
        let seen = ann.wait_for_text(&text, SOON);
        let beside = ann.wait_for_text(&format!("{n} by bob"), SOON);
        let (Some(seen), Some(beside)) = (seen, beside) else {
            panic!("{text} is lost: {:?}", ann.lines());
        };
        let late = seen.at.saturating_duration_since(beside.at);
        let waited = service.waited().saturating_sub(before);
        let own = late.saturating_sub(waited);
        assert!(
            own < Duration::from_secs(1),
            "{late:?}, {waited:?} of it for a processor: {:?}",
            ann.lines()
        );
        assert!(service.flush(SOON));
    }
}

#[test]
fn nothing_that_is_logged_becomes_a_command_or_formatting() {
    let server = Server::start();
    let (ann, mut service) = joined(&server);
    let attempts = [
        "one\r\nTOPIC #pay :owned",
        "two\rTOPIC #pay :owned",
        "three\nQUIT :owned",
        "four\0five",
        "\u{1}ACTION waves\u{1}",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{2}\u{3}04,01[ERROR]\u{f} forged",
        "\u{9b}31m\u{85}JOIN #evil\u{2028}PART #pay",
        "\r\n:irc.test.example 001 teller :hello",
        ":leading colon",
    ];
    for attempt in attempts {
        service.log(Level::Info, "inject", attempt);
        service.log(Level::Warn, "inject\r\nQUIT :target", attempt);
    }
    service.log(Level::Error, "inject", "the end");
    assert!(service.flush(SOON), "{:?}", service.stats());
    assert!(ann.wait_for_text("the end", SOON).is_some());
    let done = |seen: &&Seen| !seen.is_line() && seen.kind != Kind::Join;
    assert_eq!(ann.all().iter().find(done), None, "nobody did anything");
    for seen in ann.lines() {
        assert_eq!(seen.nick, "teller");
        let text = plain(&seen.text);
        assert!(!text.chars().any(char::is_control), "{:?}", seen.text);
        // Formatting is ours: two codes before and one after each tag.
        let codes = seen.text.chars().filter(|c| c.is_control()).count();
        assert_eq!(codes, 3 * text.split(" · ").count(), "{:?}", seen.text);
    }
}

#[test]
fn a_server_that_dies_and_returns_is_told_what_it_missed() {
    let mut server = Server::start();
    let (_, mut service) = joined(&server);
    service.log(Level::Info, "x402::settle", "before the crash");
    assert!(service.flush(SOON));
    server.stop();
    let told = service.told("does not see this log", SOON);
    assert!(told.expect("it is noticed").contains("next try in"));
    service.log(Level::Info, "x402::settle", "during the outage");
    service.log(Level::Error, "x402::settle", "failed in the outage");
    let numbers = service.stats();
    assert_eq!((numbers.shown, numbers.queued), (1, 2), "{numbers:?}");
    server.start_again();
    let ann = Observer::join(server.addr(), "#pay", "ann");
    for text in ["failed in the outage", "during the outage"] {
        let seen = ann.wait_for_text(text, SOON);
        assert!(seen.is_some(), "{text} is lost: {:?}", ann.lines());
    }
    assert!(service.flush(SOON));
    assert!(
        !ann.lines()
            .iter()
            .any(|seen| seen.text.contains("before the crash")),
        "what was acknowledged is not sent again"
    );
    let numbers = service.stats();
    assert_eq!((numbers.logged, numbers.shown), (3, 3), "{numbers:?}");
}

#[test]
fn a_storm_leaves_memory_flat_and_the_accounts_exact() {
    const RECORDS: u64 = 100_000;
    /// Lines that may have been on their way when the error was raised.
    const IN_FLIGHT: usize = 10;
    let server = Server::start();
    let (ann, mut service) = joined(&server);
    let memory = |answer: &str, name| -> u64 {
        let value = value(answer, name).expect("a number");
        value.parse().expect("kB")
    };
    let first = service.ask(&format!("storm 4 {RECORDS}"));
    let (before, after) = (memory(&first, "before"), memory(&first, "after"));
    assert!(before > 0, "the system tells: {first}");
    assert!(after < before + 16 * 1024, "grew by much: {first}");
    let numbers = service.stats();
    assert!(numbers.balance(), "{numbers:?}");
    assert_eq!(numbers.logged, RECORDS, "{numbers:?}");

    // Everything has its size now: twice as long a storm needs nothing more.
    let second = service.ask(&format!("storm 4 {}", 2 * RECORDS));
    let grown = memory(&second, "after").saturating_sub(after);
    assert!(grown < 2 * 1024, "grew by {grown} kB: {first}, {second}");

    let before = ann.lines().len();
    service.log(Level::Error, "x402::settle", "after the storm");
    let error = ann.wait_for_text("after the storm", SOON);
    assert!(error.is_some(), "it is lost: {ann:?}");
    let waited_for = ann.lines().split_off(before);
    let others = waited_for.iter().map(Seen::plain);
    let others = others.take_while(|line| !line.contains("after the storm"));
    let others = others.filter(|line| !line.contains("[ERROR]")).count();
    assert!(
        others <= IN_FLIGHT,
        "an error waits for errors only: {waited_for:#?}"
    );
    let (_, numbers) = service.shutdown(Duration::from_secs(10));
    assert!(numbers.balance(), "{numbers:?}");
    assert_eq!(numbers.logged, 3 * RECORDS + 1, "{numbers:?}");
    assert_eq!(numbers.queued, 0, "{numbers:?}");
    let last = ann.wait_for(
        |seen| seen.kind == Kind::Quit && seen.nick == "teller",
        SOON,
    );
    assert!(last.is_some(), "it says goodbye");
    // Also of what was acknowledged too late to be in the numbers.
    let told = Tally::of(&ann.lines(), "teller");
    assert_eq!(told.told(), numbers.logged, "{told:?} {numbers:?}");
    // Whether anything had to be left out is up to how fast the storm was.
    if numbers.dropped > 0 {
        let account = ann.lines().pop().expect("lines").plain();
        assert!(account.contains("not shown"), "{numbers:?} {account}");
    }
}
