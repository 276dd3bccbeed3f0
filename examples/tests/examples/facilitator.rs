//! The facilitator, asked over HTTP, and what its channel shows of that.

use irclog_tests::SOON;
use irclog_tests::ngircd;
use irclog_tests::observer::Observer;
use irclog_tests::process::Program;
use irclog_tests::seen::Kind;

#[test]
fn its_channel_tells_payments_and_troubles_and_no_secret() {
    let done = Program::example("facilitator").run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let channel: Vec<&str> = done
        .stdout
        .iter()
        .filter_map(|line| line.strip_prefix("channel │ "))
        .collect();
    let shows = |text: &str| channel.iter().any(|line| line.contains(text));
    assert!(
        shows("→ facilitator has joined #karmacadabra"),
        "{channel:#?}"
    );
    assert!(
        shows("POST /verify: Verified 0.01 USDC on base, 0x2c3e…0a1b to"),
        "{channel:#?}"
    );
    assert!(
        shows("POST /verify: Refused 0.00001 USDC on base"),
        "{channel:#?}"
    );
    assert!(
        shows("POST /settle 500 in ")
            && shows(": Settlement failed error=execution reverted: FiatTokenV2:"),
        "{channel:#?}"
    );
    assert!(
        shows("rpc.example/v2/[REDACTED]): 429 Too Many Requests"),
        "the error has its cause, and no key: {channel:#?}"
    );
    let errors = channel.iter().filter(|line| line.contains("[ERROR]"));
    assert_eq!(errors.count(), 2, "one line for each failure: {channel:#?}");
    let said = done.stdout.iter().filter(|line| line.contains("ERROR"));
    let said = said.filter(|line| !line.starts_with("channel"));
    assert_eq!(said.count(), 6, "which the console has thrice: {done:#?}");
    let settled = channel
        .iter()
        .filter_map(|line| line.split_once("POST /settle: Settled "))
        .filter_map(|(_, rest)| rest.split_once("tx=0x"))
        .any(|(_, tx)| tx.chars().take_while(char::is_ascii_hexdigit).count() == 64);
    assert!(settled, "a public transaction is whole: {channel:#?}");
    assert!(!shows("/health"), "{channel:#?}");
    assert!(shows("← facilitator has left"), "{channel:#?}");
    assert!(done.printed("uri=/health"), "the console has it: {done:#?}");
    assert!(
        done.printed("0 of 3 secrets are in the channel's"),
        "{done:#?}"
    );
}

#[test]
fn on_a_real_server_it_serves_until_it_is_told_to_end() {
    const SIGNATURE: &str = "61f0c3a5987b4d2e";
    let server = ngircd::Server::start_with(&ngircd::Config::default().nick_length(20));
    let ann = Observer::join(server.addr(), "#karmacadabra", "ann");
    let running = Program::example("facilitator")
        .env("IRC_SERVER", server.addr().ip().to_string())
        .env("IRC_PORT", server.addr().port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_NICK", "facilitator")
        .env("SERVE_SECONDS", "600")
        .start();
    let heard = |text: &str| {
        let seen = ann.wait_for_text(text, SOON);
        seen.unwrap_or_else(|| panic!("{text:?} is not in {:#?}", ann.lines()))
    };
    let listening = running
        .stdout()
        .wait_for(|line| line.starts_with("listening on http://"), SOON)
        .expect("it serves");
    let address = listening.trim_start_matches("listening on ");

    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let health = agent.get(format!("{address}/health")).call();
    assert_eq!(health.expect("an answer").status(), 200);
    let body = format!(
        r#"{{"signature":"0x{}","network":"base"}}"#,
        SIGNATURE.repeat(8)
    );
    let refused = agent.post(format!("{address}/settle")).send(&body);
    assert_eq!(refused.expect("an answer").status(), 400);
    let seen = heard("POST /settle: Request cannot be read error=missing field");
    assert_eq!(seen.nick, "facilitator");
    heard("POST /settle: status=400");

    running.signal("TERM");
    let done = running.wait(SOON);
    assert!(done.status.success(), "{done:#?}");
    heard("x402::run - Shutting down");
    let left = ann.wait_for(
        |seen| seen.kind == Kind::Quit && seen.nick == "facilitator",
        SOON,
    );
    assert!(left.is_some(), "{:#?}", ann.all());
    for line in ann.lines() {
        assert!(!line.text.contains(SIGNATURE), "{line:?}");
        assert!(!line.text.contains("/health"), "{line:?}");
        assert!(!line.text.contains("q7RkT2vXbN5m"), "the RPC key: {line:?}");
    }
}
