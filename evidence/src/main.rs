//! What a log call costs by irclog and by others, in one run:
//!
//! ```sh
//! cargo run --release --manifest-path evidence/Cargo.toml
//! ```
//!
//! A process has one logger, so each contestant runs in a process of its own,
//! in turn with the others, `ROUNDS` times (environment, 5): a machine that
//! changes its speed changes it for all. Ratios are taken within a round. The
//! results are written into `docs/cost.md` and `docs/images/cost.svg`.
//!
//! irclog is connected to an IRC server on loopback in the parent's process, all
//! others write to `/dev/null`. Where valgrind is installed, instructions are
//! counted as well.

#![allow(clippy::disallowed_methods)] // this is a stopwatch

mod contestants;
mod measure;
mod report;
mod sites;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use irclog_tests::loopback::{Config, Server};

use contestants::{CHANNEL, Contestant};

/// What was measured of a contestant, by name.
type Figures = BTreeMap<String, f64>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => all(),
        ["measure", name, port] => measure::all(Contestant::named(name), number(port)),
        ["count", name, port, what] => measure::hot(Contestant::named(name), number(port), what),
        _ => panic!("this takes no arguments: see ROUNDS"),
    }
}

fn number(text: &str) -> u16 {
    text.parse().expect("a port")
}

fn all() {
    let rounds = std::env::var("ROUNDS").map_or(5, |text| text.parse().expect("a number"));
    let irc = Server::start(Config::default().channel(CHANNEL, "+n"));
    let port = irc.port().to_string();
    let mut measured: Vec<Vec<Figures>> = vec![Vec::new(); Contestant::ALL.len()];
    for round in 1..=rounds {
        for (figures, contestant) in measured.iter_mut().zip(Contestant::ALL) {
            eprintln!("round {round} of {rounds}: {}", contestant.name());
            figures.push(ask(contestant, &port));
        }
    }
    let counted = count(&port);
    report::write(&measured, &counted, rounds);
}

fn myself() -> std::path::PathBuf {
    std::env::current_exe().expect("a program")
}

fn ask(contestant: Contestant, port: &str) -> Figures {
    let output = Command::new(myself())
        .args(["measure", contestant.name(), port])
        .stderr(Stdio::null())
        .output()
        .expect("the program that runs");
    assert!(
        output.status.success(),
        "{}: {}",
        contestant.name(),
        output.status
    );
    let text = String::from_utf8(output.stdout).expect("figures");
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect()
}

/// Instructions a call: of whom, of which call, how many. None without valgrind.
fn count(port: &str) -> Vec<(Contestant, &'static str, f64)> {
    let asked = [
        (Contestant::Empty, "one"),
        (Contestant::Floor, "one"),
        (Contestant::Irclog, "one"),
        (Contestant::Irclog, "captured"),
    ];
    let counts = asked.into_iter().filter_map(|(contestant, what)| {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg("--toggle-collect=*hot_path*")
            .arg(myself())
            .args(["count", contestant.name(), port, what])
            .stdout(Stdio::null())
            .output()
            .ok()?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let collected = told
            .lines()
            .find_map(|line| line.split_once("Collected : "))?
            .1;
        let instructions: f64 = collected.trim().parse().ok()?;
        Some((
            contestant,
            what,
            instructions / f64::from(measure::counted(what)),
        ))
    });
    counts.collect()
}
