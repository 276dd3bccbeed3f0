//! The settings: gathered as text from the environment or the builder, checked
//! once and all together, valid by construction afterwards.

mod check;
#[cfg_attr(
    not(feature = "cli"),
    expect(
        dead_code,
        unreachable_pub,
        reason = "what only the command line tells"
    )
)]
pub(crate) mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use self::check::Check;
use self::table::{Kind, Setting, TABLE};
use crate::error::Problem;
use crate::redact::scrub::Scrubber;
use crate::signal::MuteSignal;

/// How directives of a filter look.
pub(crate) const FILTER_EXAMPLES: &str =
    "write directives such as info or info,hyper=warn,my_crate::module=debug";

/// Settings as they were given, not yet checked.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Value>,
    /// What went wrong while gathering, by the setting it would have given.
    unreadable: BTreeMap<&'static str, Problem>,
    /// Rules of the scrubber given in code: pattern and replacement.
    rules: Vec<(String, String)>,
    /// The nick where none is given.
    default_nick: Option<String>,
}

#[derive(Clone)]
struct Value {
    text: String,
    /// How the user wrote it: `IRC_PORT`, `IRC_PORT_FILE`, `.port()`.
    given_as: String,
}

/// A password or key. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(String);

impl Hidden {
    #[cfg(test)]
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What the settings come to.
#[derive(Debug)]
pub(crate) enum Choice {
    On(Box<Config>),
    /// The channel is off, and why.
    Off(String),
}

/// Where to log to, and how. Every value is usable as it is.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) tls: Option<TlsConfig>,
    /// With its prefix character.
    pub(crate) channel: String,
    pub(crate) channel_key: Option<Hidden>,
    pub(crate) nick: String,
    pub(crate) password: Option<Hidden>,
    pub(crate) server_password: Option<Hidden>,
    /// Most lines a second.
    pub(crate) rate: f64,
    pub(crate) filter: String,
    /// Most lines of one record.
    pub(crate) max_lines: NonZeroUsize,
    /// What waited longer is only counted.
    pub(crate) max_age: Duration,
    /// Whether tags are bold and coloured.
    pub(crate) formatting: bool,
    /// How long the end of the process may wait for the channel.
    pub(crate) exit_timeout: Duration,
    /// While this file exists, the channel is silent.
    pub(crate) mute_file: Option<PathBuf>,
    /// This signal makes the channel silent, and the next one lets it speak.
    pub(crate) mute_signal: Option<MuteSignal>,
}

/// What a server must show to be believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TlsConfig {
    /// Certificates in PEM that are trusted beside the bundled ones.
    pub(crate) ca: Option<String>,
    /// SHA-256 of the server's own certificate: trusted alone, instead of any
    /// authority.
    pub(crate) pin: Option<[u8; 32]>,
}

/// The outcome of a check.
pub(crate) struct Checked {
    pub(crate) choice: Choice,
    /// Whether the channel is on or off: the console may be scrubbed too.
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) scrub_tee: bool,
    pub(crate) token_key: Option<Hidden>,
    /// Worth a line.
    pub(crate) remarks: Vec<String>,
}

impl Settings {
    /// Gathers what the environment gives. `read` reads a file.
    pub(crate) fn from_env(
        var: impl Fn(&str) -> Option<std::ffi::OsString>,
        read: impl Fn(&str) -> std::io::Result<String>,
    ) -> Self {
        let mut settings = Self::default();
        for name in TABLE.iter().map(|setting| setting.name) {
            let file_name = format!("{name}_FILE");
            let direct = var(name);
            let file = var(&file_name);
            let (given_as, text) = match (direct, file) {
                (None, None) => continue,
                (Some(_), Some(_)) => {
                    settings.unreadable.insert(
                        name,
                        Problem::new(
                            name,
                            format!("and {file_name} are both set"),
                            "unset one of the two",
                        ),
                    );
                    continue;
                }
                (Some(value), None) => (name.to_owned(), value.into_string().map_err(|_| None)),
                (None, Some(path)) => (
                    file_name.clone(),
                    path.into_string().map_err(|_| None).and_then(|path| {
                        read(&path)
                            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                            .map_err(|error| Some((path, error)))
                    }),
                ),
            };
            match text {
                Ok(text) => {
                    settings.values.insert(name, Value { text, given_as });
                }
                Err(why) => {
                    let problem = match why {
                        None => {
                            Problem::new(given_as, "is not valid UTF-8", "write it again in UTF-8")
                        }
                        Some((path, error)) => Problem::new(
                            given_as,
                            format!("names {path:?}, which cannot be read ({error})"),
                            "write the path of a file that this process may read",
                        ),
                    };
                    settings.unreadable.insert(name, problem);
                }
            }
        }
        settings
    }

    /// Sets `setting` from code, by its setter.
    pub(crate) fn set(&mut self, setting: &'static Setting, text: impl Into<String>) {
        let method = setting.setter.unwrap_or_default();
        self.set_as(setting, format!(".{method}()"), text);
    }

    /// Sets `setting`, which the user wrote as `given_as`.
    pub(crate) fn set_as(
        &mut self,
        setting: &'static Setting,
        given_as: String,
        text: impl Into<String>,
    ) {
        self.unreadable.remove(setting.name);
        let text = text.into();
        self.values.insert(setting.name, Value { text, given_as });
    }

    /// Adds a rule of the scrubber from code.
    pub(crate) fn add_rule(&mut self, pattern: String, replacement: String) {
        self.rules.push((pattern, replacement));
    }

    /// Adds to a setting that is a list.
    pub(crate) fn add(&mut self, setting: &'static Setting, text: &str) {
        let before = self
            .values
            .get(setting.name)
            .map_or("", |value| &value.text);
        let list = if before.is_empty() {
            text.to_owned()
        } else {
            format!("{before},{text}")
        };
        self.set(setting, list);
    }

    /// What was given for settings that are secret, by their names.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let secret = TABLE.iter().filter(|setting| setting.kind == Kind::Secret);
        secret.filter_map(|setting| {
            let value = self.values.get(setting.name)?;
            Some((setting.name, value.text.as_str()))
        })
    }

    /// The nick to use where none is given, instead of the process's own name.
    pub(crate) fn set_default_nick(&mut self, nick: String) {
        self.default_nick = Some(nick);
    }

    /// Checks everything and reports all problems at once.
    ///
    /// `default_nick` is used where no nick is given.
    pub(crate) fn check(&self, default_nick: &str) -> Result<Checked, Vec<Problem>> {
        Check::new(self).run(default_nick)
    }
}

/// Reads filter directives; the error is for the user.
pub(crate) fn parse_filter(directives: &str) -> Result<env_filter::Filter, String> {
    let mut builder = env_filter::Builder::new();
    match builder.try_parse(directives) {
        Ok(builder) => Ok(builder.build()),
        Err(error) => Err(error.to_string()),
    }
}

/// RFC 2812's set. `-` may not come first.
pub(crate) fn is_nick_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_[]{}\\`|^".contains(c)
}

/// The program's name as far as a nick can carry it.
pub(crate) fn nick_of(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default();
    let nick: String = stem
        .to_string_lossy()
        .chars()
        .filter(|&c| is_nick_character(c))
        .skip_while(|c| !c.is_ascii_alphabetic())
        .take(check::LONGEST_NICK)
        .collect();
    if nick.is_empty() {
        "irclog".into()
    } else {
        nick
    }
}
