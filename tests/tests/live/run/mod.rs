//! `irclog run` and `irclog pipe`, with small scripts as the programs.
#![cfg(unix)]

mod options;
mod program;
mod records;
mod signals;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Member, Server};
use irclog_tests::process::{Finished, Program, Running};
use irclog_tests::tool::{irclog, path};

/// A server, and the arguments that make irclog log to it.
struct Bench {
    server: Server,
}

impl Bench {
    fn new() -> Self {
        Self {
            server: Server::start(Config::default()),
        }
    }

    /// `irclog <command>` with the channel's settings as options.
    fn tool(&self, command: &str) -> Program {
        // On an unknown server the first lines are slow, and this is about all.
        self.tool_within(command, "60")
    }

    /// The same, waiting at the end for so many seconds at most.
    fn tool_within(&self, command: &str, seconds: &str) -> Program {
        irclog()
            .arg(command)
            .args(["--server", "127.0.0.1", "--tls", "false", "--rate", "100"])
            .args(["--exit-timeout", seconds])
            .args(["--port", &self.server.port().to_string()])
            .args(["--channel", "#logs", "--nick", "teller"])
    }

    fn run(&self, script: &str) -> Program {
        self.tool("run")
            .args(["--name", "shop", "--", "sh", "-c", script])
    }

    fn member(&self) -> Member {
        self.server.member("#logs")
    }

    /// What was said in the channel so far, without formatting and times of day.
    fn said(&self) -> Vec<String> {
        self.member().undated()
    }
}

trait Args {
    fn args<const N: usize>(self, args: [&str; N]) -> Self;
}

impl Args for Program {
    fn args<const N: usize>(self, args: [&str; N]) -> Self {
        args.into_iter().fold(self, Program::arg)
    }
}

fn shell(script: &str) -> Program {
    Program::at("/bin/sh")
        .arg("-c")
        .arg(script)
        .env("IRCLOG", path())
}

/// Waits for what the program itself says of its state.
fn wait_for(running: &Running, text: &str) {
    let seen = running.stdout().wait_for(|line| line.contains(text), SOON);
    assert!(seen.is_some(), "{text:?} is not in {running:#?}");
}

fn stdout(done: &Finished) -> Vec<&str> {
    done.stdout.iter().map(String::as_str).collect()
}
