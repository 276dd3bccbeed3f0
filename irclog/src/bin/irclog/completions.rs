//! `irclog completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Print a script that makes a shell complete irclog's command line.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irclog completions bash > /etc/bash_completion.d/irclog
  irclog completions zsh > \"${fpath[1]}/_irclog\"
  irclog completions fish > ~/.config/fish/completions/irclog.fish")]
pub(crate) struct Arguments {
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> i32 {
    let mut command = crate::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "irclog", &mut script);
    match std::io::Write::write_all(&mut std::io::stdout(), &script) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("irclog: the script cannot be written to standard output ({error})");
            1
        }
    }
}
