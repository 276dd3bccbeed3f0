//! The options of the command line: the settings of the environment under the
//! same names.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, error::Error};
use irclog::tool::{
    Finding, Kind, ScrubbedStream, Setting, Step, TABLE, Unset, check, console, given, read_file,
    with_option,
};
use irclog::{Builder, Handle};

use crate::stage;

const EXIT_TIMEOUT: &str = "IRC_EXIT_TIMEOUT";

/// Settings that were given as options.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    given: Vec<Given>,
}

#[derive(Debug, Clone)]
struct Given {
    setting: &'static Setting,
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

/// The settings as they come to: options before the environment.
pub(crate) struct Opening {
    builder: Builder,
    /// Why the channel stays off.
    refused: Option<String>,
}

impl Settings {
    /// Puts the options before the environment, for a program of this name.
    pub(crate) fn read(self, program: &Path) -> Opening {
        let mut builder = irclog::from_env().no_tee().program(program);
        let mut refused = None;
        for Given {
            setting,
            option,
            value,
        } in self.given
        {
            let text = match value {
                Value::Text(text) => {
                    if setting.kind == Kind::Secret {
                        let variable = setting.name;
                        stage::tell(&format!(
                            "{option} can be read by everybody who may list processes: \
                             write {option}-file and a file's name, or set {variable}"
                        ));
                    }
                    text
                }
                Value::File(path) => match read_file(&path) {
                    Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                    Err(error) => {
                        refused = Some(format!(
                            "{option} names {}, which cannot be read ({error}): write the path of \
                             a file that this process may read",
                            path.display()
                        ));
                        continue;
                    }
                },
            };
            builder = with_option(builder, setting, option, text);
        }
        // What is read was written anyway, and nobody knows the program's crate.
        let is_given = |name| given(&builder, name).is_some();
        if is_given("IRC_CONTEXT") && !is_given("IRC_CONTEXT_LOG") {
            builder = builder.context_filter("debug");
        }
        Opening { builder, refused }
    }
}

impl Opening {
    /// Says nothing of a start unless it was asked to: what is read may have
    /// begun long ago.
    pub(crate) fn of_others(mut self) -> Self {
        if given(&self.builder, "IRC_START_LINE").is_none() {
            self.builder = self.builder.start_line(false);
        }
        self
    }

    /// The signal that the channel itself listens to.
    pub(crate) fn mute_signal(&self) -> Option<&str> {
        given(&self.builder, "IRC_MUTE_SIGNAL")
    }

    /// How long what the program has started may take to end after a signal;
    /// `None` for as long as it wants.
    pub(crate) fn stop_timeout(&self) -> Option<Duration> {
        let seconds = given(&self.builder, "IRC_STOP_TIMEOUT")?
            .trim()
            .parse()
            .ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// How long the end may wait for the channel.
    pub(crate) fn exit_timeout(&self) -> Duration {
        let default = TABLE
            .iter()
            .find(|setting| setting.name == EXIT_TIMEOUT)
            .and_then(|setting| match setting.default {
                Unset::Value(text) => Some(text),
                _ => None,
            });
        // What cannot be read keeps the channel off.
        let text = given(&self.builder, EXIT_TIMEOUT).or(default);
        let seconds = text.and_then(|text| text.trim().parse().ok());
        let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        timeout.unwrap_or_default()
    }

    /// What a stream goes through before it is shown here, if anything.
    pub(crate) fn console(&self) -> Option<ScrubbedStream> {
        console(&self.builder)
    }

    /// Walks the way to the channel and tells each step. Whether the test line
    /// was acknowledged.
    pub(crate) fn check(self, wait: Duration, tell: &mut dyn FnMut(&Step)) -> bool {
        if let Some(why) = self.refused {
            tell(&Step {
                name: "settings",
                finding: Finding::Wrong,
                took: Duration::ZERO,
                says: vec![why],
                mend: None,
            });
            return false;
        }
        check(&self.builder, wait, tell)
    }

    /// Opens the channel.
    ///
    /// The program comes first: whatever is wrong with the settings is told,
    /// and the channel stays off.
    pub(crate) fn open(self) -> Option<Handle> {
        let opened = match self.refused {
            Some(why) => Err(why),
            None => self.builder.try_init().map_err(|error| error.to_string()),
        };
        match opened {
            Ok(handle) => Some(handle),
            Err(why) => {
                stage::tell(&format!("the channel is off. {why}"));
                None
            }
        }
    }
}

/// The settings that are options, too.
fn options() -> impl Iterator<Item = &'static Setting> {
    TABLE.iter().copied().filter(|setting| setting.is_option)
}

/// What `--help` says of it.
fn help(setting: &Setting) -> String {
    let mut meaning = setting.meaning.replace('`', "");
    meaning[..1].make_ascii_uppercase();
    let default = match setting.default {
        Unset::Required | Unset::None => String::new(),
        Unset::Value(told) | Unset::Words(told) => format!(" [default: {told}]"),
    };
    format!("{meaning}{default} ({})", setting.name)
}

/// `IRC_TLS_PIN` as `tls-pin`.
fn option_of(setting: &Setting) -> String {
    let variable = setting.name;
    let name = variable.split_once('_').map_or(variable, |(_, name)| name);
    name.to_ascii_lowercase().replace('_', "-")
}

impl Args for Settings {
    fn augment_args(mut command: Command) -> Command {
        for setting in options() {
            let option = option_of(setting);
            let file = format!("{option}-file");
            command = command.arg(
                Arg::new(option.clone())
                    .long(option.clone())
                    .value_name(setting.value)
                    .help(help(setting))
                    .help_heading("Settings"),
            );
            if setting.belongs_in_a_file() {
                command = command.arg(
                    Arg::new(file.clone())
                        .long(file)
                        .value_name("PATH")
                        .value_parser(clap::value_parser!(PathBuf))
                        .conflicts_with(option.clone())
                        .help(format!(
                            "The file that --{option} is read from ({}_FILE)",
                            setting.name
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
        for setting in options() {
            let option = option_of(setting);
            let mut give = |option: &str, value| {
                given.push(Given {
                    setting,
                    option: format!("--{option}"),
                    value,
                });
            };
            if let Some(text) = matches.get_one::<String>(&option) {
                give(&option, Value::Text(text.clone()));
            }
            if setting.belongs_in_a_file() {
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
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Settings, Error> {
        let command = Settings::augment_args(Command::new("irclog").no_binary_name(true));
        Settings::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }

    #[test]
    fn help_tells_every_option_with_its_variable() {
        let help = Settings::augment_args(Command::new("irclog"))
            .render_help()
            .to_string();
        for setting in options() {
            assert!(help.contains(&format!("--{} <", option_of(setting))));
            assert!(help.contains(&format!("({})", setting.name)));
        }
    }

    #[test]
    fn options_are_known_by_the_name_that_the_user_wrote() {
        let settings = parse(&["--tls-pin", "ab", "--password-file", "/run/p"]).unwrap();
        let seen: Vec<_> = settings
            .given
            .iter()
            .map(|given| (given.setting.name, given.option.as_str()))
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
