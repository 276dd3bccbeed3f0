//! What somebody meant whose arguments are none of ours.

use std::io::IsTerminal as _;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Ends with clap's words, or with ours where they say more: a program that is
/// to be run, a stream that is to be shown.
pub(crate) fn explain(error: &Error) -> ! {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if let Some(text) = words(error, &arguments, std::io::stdin().is_terminal()) {
        eprintln!("irclog: {text}");
        std::process::exit(2);
    }
    error.exit()
}

fn words(error: &Error, arguments: &[String], in_terminal: bool) -> Option<String> {
    let help = "irclog --help tells more";
    if arguments.is_empty() && !in_terminal {
        return Some(format!(
            "nothing was said of what to do with this stream: … | irclog pipe shows it in the \
             channel, … | irclog scrub writes it without its secrets; {help}"
        ));
    }
    let is_unknown = matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
    );
    let first = arguments.first()?;
    let suggests = error
        .get(ContextKind::SuggestedSubcommand)
        .is_some_and(|value| !matches!(value, ContextValue::None));
    if !is_unknown || suggests || first.starts_with('-') || is_command(first) {
        return None;
    }
    let command = arguments.join(" ");
    // It may hold what nobody should see.
    let command = irclog::scrub(&command);
    Some(format!(
        "there is no command {first:?}: to start a program and show its lines in the channel \
         write irclog run -- {command}; {help}"
    ))
}

fn is_command(word: &str) -> bool {
    ["run", "pipe", "scrub", "completions", "help"].contains(&word)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::Arguments;

    fn said(line: &str, in_terminal: bool) -> Option<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let all = std::iter::once("irclog".to_owned()).chain(words.clone());
        let error = Arguments::try_parse_from(all).expect_err("no arguments of ours");
        super::words(&error, &words, in_terminal)
    }

    #[test]
    fn a_program_and_a_stream_are_told_where_they_belong() {
        let text = said("python3 main.py --port 80", true).unwrap();
        assert!(
            text.contains("write irclog run -- python3 main.py --port 80;"),
            "{text}"
        );
        let text = said("", false).unwrap();
        assert!(text.contains("… | irclog pipe"), "{text}");
        for line in ["", "--help", "rum", "run", "pipe --prot 1"] {
            assert_eq!(said(line, true), None, "{line}");
        }
    }
}
