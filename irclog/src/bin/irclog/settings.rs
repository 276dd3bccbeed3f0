//! The options of the command line: the settings of the environment under the
//! same names.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, error::Error};

/// Settings that were given as options.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    given: Vec<Given>,
}

#[derive(Debug, Clone)]
struct Given {
    variable: &'static str,
    /// How the user wrote it: `--port`.
    option: String,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Text(String),
    File(PathBuf),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // It may be a password.
            Self::Text(_) => f.write_str("Text([redacted])"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl Settings {
    /// The signal that the channel itself listens to.
    pub(crate) fn mute_signal(&self) -> Option<String> {
        const VARIABLE: &str = "IRC_MUTE_SIGNAL";
        let given = self.given.iter().find(|given| given.variable == VARIABLE);
        match given.map(|given| &given.value) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => std::env::var(VARIABLE).ok(),
        }
    }

    /// Opens the channel, for a program of this name.
    ///
    /// The program comes first: whatever is wrong with the settings is told,
    /// and the channel stays off.
    pub(crate) fn open_channel(self, program: &Path) {
        let mut builder = irclog::from_env().no_tee().program(program);
        for Given {
            variable,
            option,
            value,
        } in self.given
        {
            let text = match value {
                Value::Text(text) => {
                    if is_secret(variable) {
                        eprintln!(
                            "irclog: {option} can be read by everybody who may list processes: \
                             write {option}-file and a file's name, or set {variable}"
                        );
                    }
                    text
                }
                Value::File(path) => match std::fs::read_to_string(&path) {
                    Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                    Err(error) => {
                        eprintln!(
                            "irclog: the channel is off. {option} names {}, which cannot be \
                             read ({error}): write the path of a file that this process may read",
                            path.display()
                        );
                        return;
                    }
                },
            };
            builder = builder.__option(variable, option, text);
        }
        if let Err(error) = builder.try_init() {
            eprintln!("irclog: the channel is off. {error}");
        }
    }
}

/// One setting: its name in the environment, what its value is called, and
/// what it is for.
struct Setting {
    variable: &'static str,
    value: &'static str,
    help: &'static str,
}

const fn setting(variable: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting {
        variable,
        value,
        help,
    }
}

const SETTINGS: &[Setting] = &[
    setting(
        "IRC_SERVER",
        "HOST",
        "The server's host name or address, without a port",
    ),
    setting(
        "IRC_CHANNEL",
        "NAME",
        "The channel; quote it, a shell reads # as a comment",
    ),
    setting(
        "IRC_NICK",
        "NICK",
        "The nick, up to 30 characters [default: the command's name]",
    ),
    setting(
        "IRC_LOG",
        "FILTER",
        "Which records go to the channel: info, or warn,uvicorn.access=off [default: info]",
    ),
    setting(
        "IRC_PORT",
        "PORT",
        "The server's port [default: 6697 with TLS, 6667 without]",
    ),
    setting(
        "IRC_TLS",
        "BOOL",
        "Whether the connection is encrypted and verified [default: true]",
    ),
    setting(
        "IRC_CA",
        "PEM",
        "Certificates of authorities that are trusted beside the bundled ones, in PEM form",
    ),
    setting(
        "IRC_TLS_PIN",
        "SHA256",
        "The fingerprint of the one server certificate to trust",
    ),
    setting("IRC_CHANNEL_KEY", "KEY", "The channel's key"),
    setting(
        "IRC_PASSWORD",
        "PASSWORD",
        "The nick's password at NickServ",
    ),
    setting(
        "IRC_SERVER_PASSWORD",
        "PASSWORD",
        "The password of the server itself",
    ),
    setting(
        "IRC_RATE",
        "LINES",
        "The most lines a second; the server may allow less [default: 2]",
    ),
    setting(
        "IRC_MAX_LINES",
        "LINES",
        "The most lines of one record [default: 4]",
    ),
    setting(
        "IRC_MAX_AGE",
        "SECONDS",
        "What waited longer for the channel is only counted [default: 600]",
    ),
    setting(
        "IRC_FORMATTING",
        "BOOL",
        "Whether the tags of levels are bold and coloured [default: true]",
    ),
    setting(
        "IRC_EXIT_TIMEOUT",
        "SECONDS",
        "How long the end may wait for the channel [default: 5]",
    ),
    setting(
        "IRC_MUTE_FILE",
        "PATH",
        "The channel is silent while this file exists",
    ),
    setting(
        "IRC_MUTE_SIGNAL",
        "SIGNAL",
        "Silence and speech by turns: SIGUSR1, SIGUSR2, SIGHUP or SIGWINCH, which the program \
         does not get then",
    ),
    setting(
        "IRC_SCRUB_RULES",
        "REGEX => TEXT",
        "Rules of your own for what is a secret, one a line",
    ),
    setting(
        "IRC_SCRUB_ALLOW",
        "NAMES",
        "Names that announce no secret here, with commas between",
    ),
    setting(
        "IRC_SCRUB_WITHOUT",
        "CLASSES",
        "What to leave alone: ip, email, address, iban, card, with commas between",
    ),
    setting(
        "IRC_ENABLED",
        "BOOL",
        "Whether the channel is on [default: when server and channel are set]",
    ),
];

/// Settings that are better kept in a file: secrets, and long texts.
const IN_FILES: &[&str] = &[
    "IRC_CA",
    "IRC_CHANNEL_KEY",
    "IRC_PASSWORD",
    "IRC_SERVER_PASSWORD",
];

fn is_secret(variable: &str) -> bool {
    variable.ends_with("PASSWORD") || variable.ends_with("KEY")
}

/// `IRC_TLS_PIN` as `tls-pin`.
fn option_of(variable: &str) -> String {
    let name = variable.split_once('_').map_or(variable, |(_, name)| name);
    name.to_ascii_lowercase().replace('_', "-")
}

impl Args for Settings {
    fn augment_args(mut command: Command) -> Command {
        for setting in SETTINGS {
            let option = option_of(setting.variable);
            let has_file = IN_FILES.contains(&setting.variable);
            let file = format!("{option}-file");
            command = command.arg(
                Arg::new(option.clone())
                    .long(option.clone())
                    .value_name(setting.value)
                    .help(format!("{} ({})", setting.help, setting.variable))
                    .help_heading("Settings"),
            );
            if has_file {
                command = command.arg(
                    Arg::new(file.clone())
                        .long(file)
                        .value_name("PATH")
                        .value_parser(clap::value_parser!(PathBuf))
                        .conflicts_with(option.clone())
                        .help(format!(
                            "The file that --{option} is read from ({}_FILE)",
                            setting.variable
                        ))
                        .help_heading("Settings"),
                );
            }
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut given = Vec::new();
        for setting in SETTINGS {
            let option = option_of(setting.variable);
            let mut give = |option: &str, value| {
                given.push(Given {
                    variable: setting.variable,
                    option: format!("--{option}"),
                    value,
                });
            };
            if let Some(text) = matches.get_one::<String>(&option) {
                give(&option, Value::Text(text.clone()));
            }
            if IN_FILES.contains(&setting.variable) {
                let file = format!("{option}-file");
                if let Some(path) = matches.get_one::<PathBuf>(&file) {
                    give(&file, Value::File(path.clone()));
                }
            }
        }
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Settings, Error> {
        let command = Settings::augment_args(Command::new("irclog").no_binary_name(true));
        Settings::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }

    #[test]
    fn every_setting_of_the_environment_has_its_option() {
        // No console goes through the logger here, and no typed value.
        const OF_THE_LIBRARY: [&str; 2] = ["IRC_SCRUB_TEE", "IRCLOG_TOKEN_KEY"];
        let options = SETTINGS.iter().map(|setting| setting.variable);
        let options: BTreeSet<_> = options.chain(OF_THE_LIBRARY).collect();
        let variables: BTreeSet<_> = irclog::__SETTINGS.iter().copied().collect();
        assert_eq!(options, variables);
        assert!(IN_FILES.iter().all(|name| variables.contains(name)));
    }

    #[test]
    fn options_are_known_by_the_name_that_the_user_wrote() {
        let settings = parse(&["--tls-pin", "ab", "--password-file", "/run/p"]).unwrap();
        let seen: Vec<_> = settings
            .given
            .iter()
            .map(|given| (given.variable, given.option.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("IRC_TLS_PIN", "--tls-pin"),
                ("IRC_PASSWORD", "--password-file")
            ]
        );
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert!(parse(&["--password", "a", "--password-file", "b"]).is_err());
        assert!(parse(&["--prot", "6667"]).is_err());
        assert!(parse(&["--port"]).is_err());
    }

    #[test]
    fn a_password_is_not_in_the_debug_output() {
        let settings = parse(&["--password", "sesame-street"]).unwrap();
        assert!(!format!("{settings:?}").contains("sesame"));
    }
}
