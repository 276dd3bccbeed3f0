//! What `docs/incident.md` teaches is what a channel shows.

use std::collections::BTreeSet;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::process::Program;
use irclog_tests::tool;

const PAGE: &str = include_str!("../../../docs/incident.md");

/// The blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let blocks = PAGE.split(&fence).skip(1);
    blocks
        .map(|block| block.split_once("```").expect("a block has an end").0)
        .collect()
}

/// The setting that the page names for its links.
fn link() -> &'static str {
    let (_, behind) = PAGE.split_once("IRC_LINK_TRACE='").expect("a setting");
    behind.split_once('\'').expect("in quotes").0
}

/// The records that the channel is shown of `log`, of which some may share a
/// line.
fn shown(log: &str) -> BTreeSet<String> {
    let said = said(log, &[("IRC_LINK_TRACE", link())]);
    said.iter()
        .flat_map(|line| line.split(" · ").map(str::to_owned).collect::<Vec<_>>())
        .filter(|record| record.starts_with('['))
        .collect()
}

/// The lines that the channel is shown of `log`, with these settings.
fn said(log: &str, settings: &[(&str, &str)]) -> Vec<String> {
    let server = Server::start(Config::default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("log");
    std::fs::write(&file, log).expect("a file of our own");
    let script = "\"$IRCLOG\" pipe --name seller --exit-timeout 60 <\"$LOG\" >/dev/null";
    let mut program = Program::at("/bin/sh");
    for (name, value) in settings {
        program = program.env(name, value);
    }
    let done = program
        .arg("-c")
        .arg(script)
        .env("IRCLOG", tool::path())
        .env("LOG", file)
        .env("IRC_SERVER", "127.0.0.1")
        .env("IRC_PORT", server.port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", "#pay")
        .env("IRC_STATE_DIR", folder.path())
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    server.member("#pay").undated()
}

#[test]
fn what_led_to_an_error_is_what_the_page_says() {
    let (logs, channels) = (blocks("debug-log"), blocks("debug-irc"));
    assert_eq!((logs.len(), channels.len()), (1, 1));
    let expected: BTreeSet<String> = channels[0].lines().map(str::to_owned).collect();
    // Lines of the log may be read in different milliseconds, and at the end of
    // a program what led to an ERROR comes last, with whose it is.
    let without_time = |line: String| {
        let whose = " seller::balance 7f3a9c:";
        let line = match line.split_once(whose) {
            Some((head, rest)) if head.starts_with('↳') => format!("↳ before:{rest}"),
            _ => line,
        };
        let steps = line.split(" · ").map(|step| match step.split_once(" ms ") {
            Some((at, rest)) if at.starts_with('+') => rest.to_owned(),
            _ => step.to_owned(),
        });
        steps.collect::<Vec<_>>().join(" · ")
    };
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let lines = said(logs[0], &[("IRC_CONTEXT", "12")]);
        seen = lines.into_iter().map(without_time).collect();
        if seen == expected {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[test]
fn the_channel_shows_what_the_page_says() {
    let (logs, channels) = (blocks("log"), blocks("irc"));
    assert_eq!((logs.len(), channels.len()), (3, 3));
    for (log, channel) in logs.into_iter().zip(channels) {
        let expected: BTreeSet<String> = channel.lines().map(str::to_owned).collect();
        // A machine that stands still for 300 ms within these lines tells the
        // story in two.
        let mut seen = BTreeSet::new();
        for _ in 0..5 {
            seen = shown(log);
            if seen == expected {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}
