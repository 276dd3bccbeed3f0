//! README's first program does what README says.

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::process::Program;

const README: &str = include_str!("../../../README.md");
const PROGRAM: &str = include_str!("../../examples/first.rs");

/// The code block of README that begins with `start`.
fn block(start: &str) -> String {
    let begin = README.find(start).expect("a block");
    let end = begin + README[begin..].find("\n```").expect("an end");
    // The program is called otherwise here.
    README[begin..end].replace("service", "first")
}

/// The lines without the times of day.
fn undated(lines: &[String]) -> Vec<String> {
    let dated = lines.iter().filter_map(|line| line.split_once("Z "));
    dated.map(|(_, rest)| rest.to_owned()).collect()
}

#[test]
fn it_is_the_one_that_is_compiled_here() {
    assert!(PROGRAM.ends_with(&format!("\n\n{}\n", block("use irclog::{Public, Redact};"))));
}

#[test]
fn at_home_it_prints_what_is_said_there() {
    let done = Program::example("first").run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let said: Vec<String> = block("[2026-").lines().map(str::to_owned).collect();
    assert_eq!(undated(&done.stderr), undated(&said));
}

#[test]
fn in_the_channel_it_shows_what_is_said_there() {
    let server = Server::start(Config::default());
    let done = Program::example("first")
        .env("IRC_SERVER", "127.0.0.1")
        .env("IRC_PORT", server.port().to_string())
        .env("IRC_TLS", "false")
        .env("IRC_CHANNEL", "#karmacadabra")
        .env("IRC_NICK", "facilitator-prod")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let lines = server.member("#karmacadabra").lines();
    let shown: Vec<String> = lines
        .iter()
        .map(|line| format!("<{}> {}", line.nick, line.undated()))
        .collect();
    assert_eq!(shown, [block("<facilitator-prod>")]);
}
