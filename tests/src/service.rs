//! A service under test, in a process of its own, that does what it is told.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use log::Level;

use crate::journal::Reader;
use crate::process::{Finished, Program, Running};
use crate::{SOON, clock};

/// What a [`Service`] is started with.
#[derive(Debug, Clone)]
#[must_use = "nothing runs before `start`"]
pub struct Setup {
    program: Program,
}

impl Setup {
    /// The program `service` at `path`, with no settings at all.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self {
            program: Program::at(path).listens(),
        }
    }

    /// In `channel` of the server at `addr`, in plain text, as `nick`, at 20
    /// lines a second. Of what it logs the console shows errors only.
    pub fn on(self, addr: SocketAddr, channel: &str, nick: &str) -> Self {
        self.env("IRC_SERVER", &addr.ip().to_string())
            .env("IRC_PORT", &addr.port().to_string())
            .env("IRC_TLS", "false")
            .env("IRC_CHANNEL", channel)
            .env("IRC_NICK", nick)
            .env("IRC_RATE", "20")
            // In a storm the console would be what is measured.
            .env("RUST_LOG", "error")
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.env(name, value);
        self
    }

    /// How irclog is set up. Defaults to `try_init`.
    pub fn by(mut self, setup: &str) -> Self {
        self.program = self.program.arg(setup);
        self
    }

    /// Starts it, and waits until irclog has said yes or no.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[must_use]
    pub fn start(self) -> Service {
        let running = self.program.start();
        let answers = running.stdout().reader();
        let mut service = Service {
            running,
            answers,
            ready: String::new(),
        };
        service.ready = service.answer();
        service
    }
}

/// A running service. Killed on drop.
#[derive(Debug)]
pub struct Service {
    running: Running,
    answers: Reader<String>,
    ready: String,
}

impl Service {
    /// What it said of its setup: `ready` and the milliseconds that it took,
    /// or `refused` and why.
    #[must_use]
    pub fn ready(&self) -> &str {
        &self.ready
    }

    /// The process with its outputs.
    #[must_use]
    pub fn process(&self) -> &Running {
        &self.running
    }

    /// Has it do something, and returns its answer.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    pub fn ask(&mut self, command: &str) -> String {
        self.ask_within(command, Duration::ZERO)
    }

    /// Has it do something that takes `time`, and returns its answer.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    pub fn ask_within(&mut self, command: &str, time: Duration) -> String {
        self.running.say(command);
        self.answer_within(time + SOON)
    }

    /// Has it log `text`.
    pub fn log(&mut self, level: Level, target: &str, text: &str) {
        self.ask(&format!("log {level} {} {}", hex(target), hex(text)));
    }

    /// Has it log one record that holds `text` so many times.
    pub fn log_repeated(&mut self, level: Level, target: &str, text: &str, count: usize) {
        let (target, text) = (hex(target), hex(text));
        self.ask(&format!("log {level} {target} {text}*{count}"));
    }

    /// Has it log `text` so many times, numbered from 1. Returns how long that
    /// took.
    pub fn burst(&mut self, count: usize, level: Level, target: &str, text: &str) -> Duration {
        let (target, text) = (hex(target), hex(text));
        let answer = self.ask(&format!("burst {count} {level} {target} {text}"));
        last_millis(&answer)
    }

    /// Whether all is settled within `bound`.
    pub fn flush(&mut self, bound: Duration) -> bool {
        self.running.say(format!("flush {}", bound.as_millis()));
        let answer = self.answer_within(bound + SOON);
        answer.starts_with("flushed true")
    }

    /// Shuts irclog down; returns how long that took, and the numbers at the
    /// end.
    ///
    /// # Panics
    ///
    /// When the answer holds no time.
    pub fn shutdown(&mut self, bound: Duration) -> (Duration, Numbers) {
        let answer = self.ask(&format!("shutdown {}", bound.as_millis()));
        let took = value(&answer, "took").and_then(|word| word.parse().ok());
        let took = took.unwrap_or_else(|| panic!("no time in {answer}"));
        (Duration::from_millis(took), Numbers::read(&answer))
    }

    /// The numbers.
    pub fn stats(&mut self) -> Numbers {
        Numbers::read(&self.ask("stats"))
    }

    /// What its threads have waited for a processor so far, all together, where
    /// the system keeps an account of it; else nothing.
    pub fn waited(&mut self) -> Duration {
        last_millis(&self.ask("waited"))
    }

    /// Waits until it has said on its console that it is in the channel.
    ///
    /// # Panics
    ///
    /// When it has not after [`SOON`].
    pub fn wait_joined(&self) {
        assert!(
            self.told("joined ", SOON).is_some(),
            "the service has not joined: {:#?}",
            self.running.stderr()
        );
    }

    /// The first line on its console that contains `text`, before or from now
    /// on.
    #[must_use]
    pub fn told(&self, text: &str, timeout: Duration) -> Option<String> {
        let stderr = self.running.stderr();
        stderr.wait_for(|line| line.contains(text), timeout)
    }

    /// Has it end by `command`, and waits until it has. What that
    /// [`took`](Finished::took) is counted from the command.
    ///
    /// # Panics
    ///
    /// When it has not ended after `timeout`.
    #[must_use]
    pub fn end(self, command: &str, timeout: Duration) -> Finished {
        let told = clock::now();
        self.running.say(command);
        let mut done = self.running.wait(timeout);
        done.took = done.ended.saturating_duration_since(told);
        done
    }

    /// The next answer.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn answer(&mut self) -> String {
        self.answer_within(SOON)
    }

    fn answer_within(&mut self, timeout: Duration) -> String {
        self.answers.next(timeout).unwrap_or_else(|| {
            panic!(
                "the service does not answer; its console: {:#?}",
                self.running.stderr()
            )
        })
    }
}

/// The numbers of a service, as `Handle::stats` gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named and documented as in `irclog::Stats`")]
pub struct Numbers {
    pub state: String,
    pub nick: String,
    pub logged: u64,
    pub shown: u64,
    pub folded: u64,
    pub shed: u64,
    pub dropped: u64,
    pub in_flight: u64,
    pub queued: u64,
}

impl Numbers {
    /// Reads the answer to `stats` or `shutdown`.
    ///
    /// # Panics
    ///
    /// When a number is missing.
    #[must_use]
    pub fn read(answer: &str) -> Self {
        let number = |name: &str| {
            value(answer, name)
                .and_then(|value| value.parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {answer}"))
        };
        Self {
            state: value(answer, "state").unwrap_or_default().to_owned(),
            nick: value(answer, "nick").unwrap_or_default().to_owned(),
            logged: number("logged"),
            shown: number("shown"),
            folded: number("folded"),
            shed: number("shed"),
            dropped: number("dropped"),
            in_flight: number("in_flight"),
            queued: number("queued"),
        }
    }

    /// Whether every record is in exactly one place.
    #[must_use]
    pub fn balance(&self) -> bool {
        self.logged
            == self.shown + self.folded + self.shed + self.dropped + self.in_flight + self.queued
    }
}

/// The value of `name=value` in `answer`.
#[must_use]
pub fn value<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer
        .split(' ')
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// The milliseconds that an answer ends with.
///
/// # Panics
///
/// When it does not end with a number.
#[must_use]
pub fn last_millis(answer: &str) -> Duration {
    let millis = answer.rsplit(' ').next().and_then(|word| word.parse().ok());
    Duration::from_millis(millis.unwrap_or_else(|| panic!("no time in {answer}")))
}

fn hex(text: &str) -> String {
    let mut digits = String::with_capacity(2 * text.len());
    for byte in text.bytes() {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_record_is_noticed() {
        let answer = "stats state=joined nick=ann logged=9 shown=3 folded=2 shed=1 dropped=1 \
                      in_flight=1 queued=1";
        let mut numbers = Numbers::read(answer);
        assert_eq!((numbers.state.as_str(), numbers.logged), ("joined", 9));
        assert!(numbers.balance());
        numbers.logged += 1;
        assert!(!numbers.balance());
    }

    #[test]
    fn answers_end_with_their_time() {
        assert_eq!(last_millis("flushed true 12"), Duration::from_millis(12));
        assert_eq!(value("a b=1 c=2", "c"), Some("2"));
        assert_eq!(value("a b=1 c=2", "a"), None);
    }
}
