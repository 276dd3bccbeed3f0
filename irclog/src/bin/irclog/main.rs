//! `irclog`, the command-line tool.

mod scrub;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A service's logs, live and redacted, in an IRC channel.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scrub(scrub::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Scrub(arguments) => scrub::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("irclog: {error}");
            ExitCode::FAILURE
        }
    }
}
