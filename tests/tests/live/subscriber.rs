//! The tracing layer in processes of their own: global subscribers, the one
//! logger of `log`, values that panic.

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::process::Program;

const CHANNEL: &str = "#payments";

fn scene(name: &str, server: &Server) -> Program {
    Program::example("subscriber")
        .arg(name)
        .env("IRC_SERVER", "127.0.0.1")
        .env("IRC_PORT", server.port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", CHANNEL)
        .env("IRC_NICK", "facilitator")
}

fn server() -> Server {
    Server::start(Config::default().channel(CHANNEL, "+n"))
}

#[test]
fn log_records_come_once_with_their_place_and_irclogs_own_words_stay_out() {
    let server = server();
    let done = scene("layer", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let lines = server.member(CHANNEL).lines();
    let with = |text: &str| {
        let found = lines.iter().filter(|line| line.text.contains(text));
        found.map(|line| line.text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(with("by tracing").len(), 1, "{lines:#?}");
    assert!(with("by tracing")[0].ends_with("x402::handlers - POST /settle: by tracing"));
    assert_eq!(with("by log").len(), 1, "{lines:#?}");
    assert!(with("by log")[0].ends_with("x402::legacy - POST /settle: by log"));
    assert_eq!(with("joined").len(), 0, "{lines:#?}");
    assert_eq!(
        with("observer").len(),
        0,
        "the worker's thread is not heard"
    );
    assert!(done.printed("x402::observer: now closed"), "{done:#?}");
    let own = |line: &&String| line.contains(" INFO ") && line.contains("irclog: joined #payments");
    assert!(
        done.stdout.iter().find(own).is_some(),
        "its words are events: {done:#?}"
    );
    let early = |line: &&String| line.starts_with("irclog: the channel is on");
    assert!(
        done.stderr.iter().find(early).is_some(),
        "before there is a subscriber: {done:#?}"
    );
}

// In a process of its own: where another subscriber wants the event, tracing
// evaluates its fields before it asks this one.
#[test]
fn a_rejected_event_is_not_even_looked_at_until_the_filter_wants_it() {
    let server = server();
    let done = scene("rejected", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.printed("looked at: 0, then 1, then 1"), "{done:#?}");
    assert_eq!(
        server.member(CHANNEL).undated(),
        ["[INFO] x402 - an info look=1"]
    );
}

#[test]
fn the_environment_is_enough_and_the_end_of_the_process_is_waited_for() {
    let server = server();
    let done = scene("environment", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert_eq!(server.member(CHANNEL).records(), ["x402 - the last word"]);
}

#[test]
fn a_wrong_setting_is_told_and_the_service_goes_on() {
    let server = server();
    let done = scene("environment", &server)
        .env("IRC_PORT", "66x")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let told = |line: &String| line.contains("the channel is off. IRC_PORT is \"66x\"");
    assert!(done.stderr.iter().any(told), "{done:#?}");
    let goes_on = |line: &String| line.contains("the last word");
    assert!(done.stdout.iter().any(goes_on), "{done:#?}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn beside_init_a_layer_shows_nothing_twice() {
    let server = server();
    let done = scene("init-then-layer", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.printed("leave init() out"), "{done:#?}");
    assert_eq!(server.connections(), 1);
    assert_eq!(server.member(CHANNEL).records(), ["x402 - by log"]);
}

#[test]
fn init_beside_a_subscriber_says_to_use_the_layer() {
    let server = server();
    let done = scene("subscriber-then-init", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.printed("irclog::layer()"), "{done:#?}");
    assert!(done.printed("the service goes on"), "{done:#?}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_subscriber_that_leaves_log_alone_does_not_stop_init() {
    let server = server();
    let done = scene("subscriber-without-log-then-init", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(
        done.printed("registry().with(irclog::layer())"),
        "{done:#?}"
    );
    assert_eq!(server.member(CHANNEL).records(), ["x402 - by log"]);
}

#[test]
fn a_subscriber_after_init_panics_with_an_explanation() {
    let server = server();
    let done = scene("init-then-subscriber", &server).run(SOON);
    assert!(!done.status.success(), "{done:#?}");
    assert!(done.printed("SetLoggerError"), "{done:#?}");
    assert!(
        done.printed("registry().with(irclog::layer())"),
        "{done:#?}"
    );
}

#[test]
fn a_console_of_tracing_is_scrubbed_by_its_writer_or_said_not_to_be() {
    let server = server();
    let done = scene("scrubbed", &server)
        .env("IRC_SCRUB_TEE", "true")
        .env("IRC_SCRUB_RULES", "order-[0-9]+ => order-#")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(done.printed("by tracing: order-#"), "{done:#?}");
    assert!(done.printed("of several lines"), "{done:#?}");
    assert!(!done.printed("tigre"), "{done:#?}");
    assert!(!done.printed("not scrubbed"), "{done:#?}");

    let done = scene("not-scrubbed", &server)
        .env("IRC_SCRUB_TEE", "true")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    assert!(
        done.printed("with_writer(irclog::scrubbed(std::io::stdout))"),
        "{done:#?}"
    );
    let shown = server.member(CHANNEL).records().concat();
    assert!(
        shown.contains("by tracing") && !shown.contains("tigre"),
        "{shown}"
    );
}

#[test]
fn a_value_that_misbehaves_harms_nobody() {
    let server = server();
    let done = scene("misbehaving", &server).run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let lines: Vec<String> = server.member(CHANNEL).records();
    let lines: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("x402"))
        .collect();
    assert_eq!(
        lines,
        [
            "x402 - /a body=(5000 bytes) bad=half [formatting panicked]: one",
            "x402 - two bad=half [formatting panicked]",
            "x402 - from within",
            "x402 - three value=logged",
        ]
    );
}
