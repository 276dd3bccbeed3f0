//! Programs of the field under `irclog run`, as they are installed here: what
//! of their output the channel shows. One that is not there is left out, which
//! is said.
#![cfg(unix)]

mod java;
mod node;
mod python;
mod rust;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use irclog_tests::SOON;
use irclog_tests::ngircd;
use irclog_tests::observer::Observer;
use irclog_tests::process::Program;
use irclog_tests::seen::Seen;
use irclog_tests::tool::irclog;

/// Says that `what` is not tested here, past the capture of the test's output.
fn skip(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

/// Whether `program` ends well with `args`, silently.
fn works(program: impl AsRef<Path>, args: &[&str]) -> bool {
    Command::new(program.as_ref())
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What the channel sees of `program` with `args`: one text for each record.
fn seen(program: impl AsRef<Path>, args: &[&str]) -> Vec<String> {
    seen_with(program, args, |tool| tool)
}

fn seen_with(
    program: impl AsRef<Path>,
    args: &[&str],
    with: impl Fn(Program) -> Program,
) -> Vec<String> {
    let server = ngircd::Server::start_with(&ngircd::Config::default().max_penalty(0));
    let observer = Observer::join(server.addr(), "#logs", "watcher");
    let port = server.addr().port().to_string();
    let tool = irclog()
        .arg("run")
        .arg("--server")
        .arg("127.0.0.1")
        .arg("--port")
        .arg(port);
    let options = "--tls false --rate 100 --exit-timeout 60 --channel #logs --nick teller \
                   --name shop --";
    let tool = options.split_whitespace().fold(tool, Program::arg);
    let tool = with(tool).arg(program.as_ref());
    let done = args.iter().copied().fold(tool, Program::arg).run(SOON);
    observer.catch_up();
    let said = observer.lines();
    assert!(!said.is_empty(), "{done:#?}");
    whole(said.iter().map(Seen::undated))
}

/// One text for each record: of lines that records share, and of records that
/// need more than one line.
fn whole(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut records: Vec<String> = Vec::new();
    for line in lines {
        for part in line.split(" · [") {
            let part = part.strip_prefix('[').unwrap_or(part);
            let (level, text) = part.split_once("] ").unwrap_or(("", part));
            let rest = text.strip_prefix("↪ ");
            // Errors come before others, also between two lines of one.
            let begun = records.iter_mut().rfind(|record| record.starts_with(level));
            match (rest, begun) {
                (Some(rest), Some(begun)) => {
                    begun.push(' ');
                    begun.push_str(rest);
                }
                _ => records.push(format!("{level} {text}")),
            }
        }
    }
    records
}

/// The only record of `said` that begins with `start` has `parts` in this
/// order.
#[track_caller]
fn shows(said: &[String], start: &str, parts: &[&str]) {
    let mut found = said.iter().filter(|record| record.starts_with(start));
    let (Some(record), None) = (found.next(), found.next()) else {
        panic!("{start:?} is not there once: {said:#?}");
    };
    let mut rest = record.as_str();
    for part in parts {
        let at = rest.find(part);
        assert!(at.is_some(), "{part:?} is not in {record:?} in this order");
        rest = &rest[at.unwrap_or(0) + part.len()..];
    }
}

/// No record of `said` has `part`.
#[track_caller]
fn lacks(said: &[String], part: &str) {
    let has = said.iter().any(|record| record.contains(part));
    assert!(!has, "{part:?} is there: {said:#?}");
}

#[track_caller]
fn counts(said: &[String], level: &str, count: usize) {
    let found = said
        .iter()
        .filter(|record| record.starts_with(level))
        .count();
    assert_eq!(found, count, "records of {level}: {said:#?}");
}
