//! `irclog`, the command-line tool.

mod backlog;
mod check;
mod clock;
mod completions;
mod last_words;
mod lines;
mod meant;
mod metrics;
mod name;
mod pipe;
mod pump;
mod run;
mod screen;
mod scrub;
mod settings;
mod signals;
mod stage;
mod streams;

use clap::{Parser, Subcommand};

/// A service's logs, live and redacted, in an IRC channel.
#[derive(Debug, Parser)]
#[command(
    name = "irclog",
    version,
    arg_required_else_help = true,
    after_help = "Every setting can be given as an option or in the environment: --server is \
                  IRC_SERVER. The option goes first."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scrub(scrub::Arguments),
    Run(run::Arguments),
    Pipe(pipe::Arguments),
    Check(check::Arguments),
    Completions(completions::Arguments),
}

fn main() {
    irclog::tool::tell_by(stage::tell);
    // Also a bug is told on a line of its own, and what it says may be a line
    // of the program.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied());
        stage::tell(&format!(
            "a bug of irclog at {}: {}; all else goes on",
            place.unwrap_or_default(),
            irclog::scrub(text.unwrap_or_default())
        ));
    }));
    let arguments = Arguments::try_parse().unwrap_or_else(|error| meant::explain(&error));
    let code = match arguments.command {
        Command::Scrub(arguments) => scrub::run(&arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Pipe(arguments) => pipe::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    };
    // Waits for the channel, within IRC_EXIT_TIMEOUT; on Windows the end of the
    // process would not.
    irclog::tool::leave();
    std::process::exit(code);
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
