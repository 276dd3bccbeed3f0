//! The settings: gathered as text from the environment or the builder, checked
//! once and all together, valid by construction afterwards.

mod address;
pub(crate) mod channels;
mod check;
pub(crate) mod file;
mod filter;
mod mechanism;
mod near;
mod nick;
mod proxy;
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

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::channels::ChannelConfig;
use self::check::Check;
pub(crate) use self::filter::{Directives, Misread};
pub(crate) use self::mechanism::Mechanism;
pub(crate) use self::nick::{Nick, Surroundings};
pub(crate) use self::proxy::{Login, Proxy, ProxyProtocol};
use self::table::{IRC_CHANNEL, IRC_CHANNEL_KEY, IRC_PROXY, IRC_SECRETS, Kind, Setting, TABLE};
use crate::error::Problem;
use crate::hide::{DropFields, Hide};
use crate::links::Links;
use crate::redact::scrub::Scrubber;
use crate::signal::MuteSignal;

/// Set in the environment of a program whose output `irclog run` shows.
#[cfg_attr(
    not(feature = "cli"),
    expect(unreachable_pub, reason = "the command line sets it")
)]
pub const INSIDE_RUN: &str = "IRCLOG_RUN";

/// Settings as they were given, not yet checked.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Value>,
    /// What went wrong while gathering, by the setting it would have given.
    unreadable: BTreeMap<&'static str, Problem>,
    /// Channels given in code beside `IRC_CHANNEL`: name and filter.
    channels: Vec<(String, String)>,
    /// Rules of the scrubber given in code: pattern and replacement.
    rules: Vec<(String, String)>,
    /// The nick where none is given.
    default_nick: Option<String>,
    /// What is wrong with what was given in code and is no setting's value.
    refused: Vec<Problem>,
    /// Whether `irclog run` shows what this process says.
    is_inside_run: bool,
    /// Variables that are no settings, and what was probably meant.
    misnamed: Vec<(String, &'static Setting)>,
}

#[derive(Clone)]
struct Value {
    text: String,
    /// How the user wrote it: `IRC_PORT`, `IRC_PORT_FILE`, `.port()`, and
    /// `IRC_SCRUB_ALLOW with .scrub_allow()`.
    given_as: String,
    /// Whether it stood in quotes that nobody had taken off.
    was_quoted: bool,
}

/// Shows what was given, without secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = TABLE.iter().filter_map(|setting| {
            let value = self.values.get(setting.name)?;
            let text = match setting.kind {
                Kind::Secret => "[redacted]".to_owned(),
                _ => shown(&value.text),
            };
            Some((setting.name, text))
        });
        f.debug_map().entries(given).finish()
    }
}

/// A password or key. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(String);

impl Hidden {
    #[cfg(any(test, fuzzing))]
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
    /// What the way to the server goes through.
    pub(crate) proxy: Option<Proxy>,
    /// The address of this host that connections come from.
    pub(crate) bind: Option<IpAddr>,
    /// At least one.
    pub(crate) channels: Vec<ChannelConfig>,
    pub(crate) nick: Nick,
    pub(crate) password: Option<Hidden>,
    /// The account's name, where it is not the nick.
    pub(crate) account: Option<String>,
    /// How it may be proven by SASL, the strongest first.
    pub(crate) mechanisms: Vec<Mechanism>,
    /// Where the network's services take the password, if the user says so.
    pub(crate) services: Option<String>,
    pub(crate) server_password: Option<Hidden>,
    /// Most lines a second.
    pub(crate) rate: f64,
    pub(crate) filter: Directives,
    /// Records that nobody wants to see.
    pub(crate) hide: Hide,
    /// What the channel is told when the service has started, if it is.
    pub(crate) start_line: Option<String>,
    /// How long it may be still, if it is told then that the service is there.
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) drop_fields: DropFields,
    /// Links that stand with records.
    pub(crate) links: Links,
    /// What is kept to be shown with an ERROR of the same request, if anything.
    pub(crate) context: Option<ContextConfig>,
    /// Most lines of one record.
    pub(crate) max_lines: NonZeroUsize,
    /// What waited longer is only counted.
    pub(crate) max_age: Duration,
    /// Whether tags are bold and coloured.
    pub(crate) formatting: bool,
    /// How long the end of the process may wait for the channel.
    pub(crate) exit_timeout: Duration,
    /// Where the processes of a host tell each other when they connect.
    pub(crate) state_dir: Option<PathBuf>,
    /// While this file exists, the channel is silent.
    pub(crate) mute_file: Option<PathBuf>,
    /// This signal makes the channel silent, and the next one lets it speak.
    pub(crate) mute_signal: Option<MuteSignal>,
}

/// What is kept of each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContextConfig {
    pub(crate) records: NonZeroUsize,
    pub(crate) filter: Directives,
}

/// What a server must show to be believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TlsConfig {
    /// Certificates in PEM that are trusted beside the bundled ones.
    pub(crate) ca: Option<String>,
    /// SHA-256 of the server's own certificate: trusted alone, instead of any
    /// authority.
    pub(crate) pin: Option<[u8; 32]>,
    /// What we show the server of ourselves.
    pub(crate) client: Option<ClientCertificate>,
}

/// A certificate of ours with its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientCertificate {
    pub(crate) certificate: String,
    pub(crate) key: Hidden,
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
    /// Gathers what these variables give. `read` reads a file.
    pub(crate) fn from_env(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        read: impl Fn(&str) -> io::Result<String>,
    ) -> Self {
        let mut settings = Self::default();
        let named = variables.into_iter().filter_map(|(name, value)| {
            // No setting has another name than one in ASCII.
            Some((name.into_string().ok()?, value))
        });
        let mut variables: BTreeMap<String, OsString> = named
            .filter(|(name, _)| {
                name.get(..3)
                    .is_some_and(|start| start.eq_ignore_ascii_case("IRC"))
            })
            .collect();
        settings.is_inside_run = variables
            .remove(INSIDE_RUN)
            .is_some_and(|mark| !mark.is_empty());
        for &setting in TABLE {
            let every = std::iter::once(&setting.name).chain(setting.aliases);
            let mut all = every
                .flat_map(|name| [((*name).to_owned(), false), (format!("{name}_FILE"), true)])
                .filter_map(|(name, is_file)| Some((variables.remove(&name)?, name, is_file)));
            let Some((value, name, is_file)) = all.next() else {
                continue;
            };
            let given = match all.next() {
                Some((_, other, _)) => Err(Problem::new(
                    &name,
                    format!("and {other} are both set"),
                    "unset one of the two",
                )),
                None if is_file => in_utf8(&name, value)
                    .and_then(|path| read_file(setting, &name, &path, &read))
                    .map(|text| Value::outside(text, name)),
                None => in_utf8(&name, value)
                    .and_then(|text| not_a_path(setting, text, &read))
                    .map(|text| Value::outside(text, name)),
            };
            match given {
                Ok(value) => settings.values.insert(setting.name, value).map(|_| ()),
                Err(problem) => settings
                    .unreadable
                    .insert(setting.name, problem)
                    .map(|_| ()),
            };
        }
        settings.misnamed = variables
            .into_keys()
            .filter_map(|name| near::meant(&name).map(|setting| (name, setting)))
            .collect();
        settings
    }

    /// Sets `setting` from code, by its setter.
    pub(crate) fn set(&mut self, setting: &'static Setting, text: impl Into<String>) {
        self.give(setting, Value::in_code(setting, text.into()));
    }

    /// Sets `setting` to what the user wrote outside of the code as `given_as`.
    #[cfg(feature = "cli")]
    pub(crate) fn set_as(&mut self, setting: &'static Setting, given_as: String, text: String) {
        self.give(setting, Value::outside(text, given_as));
    }

    fn give(&mut self, setting: &'static Setting, value: Value) {
        self.unreadable.remove(setting.name);
        self.values.insert(setting.name, value);
    }

    /// Adds a channel with a filter of its own from code.
    pub(crate) fn add_channel(&mut self, name: String, filter: String) {
        self.channels.push((name, filter));
    }

    /// Adds a rule of the scrubber from code.
    pub(crate) fn add_rule(&mut self, pattern: String, replacement: String) {
        self.rules.push((pattern, replacement));
    }

    /// Adds to a setting that is a list. What is wrong with those that are
    /// there stays so.
    pub(crate) fn add(&mut self, setting: &'static Setting, text: &str) {
        let added = Value::in_code(setting, text.to_owned());
        let Some(value) = self.values.get_mut(setting.name) else {
            self.values.insert(setting.name, added);
            return;
        };
        if !value.text.is_empty() {
            value.text.push(',');
        }
        value.text.push_str(&added.text);
        if !value.given_as.ends_with(&added.given_as) {
            value.given_as = format!("{} with {}", value.given_as, added.given_as);
        }
    }

    /// Notes what is wrong with something that is no setting's value.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.refused.push(problem);
    }

    /// What was given for a setting.
    pub(crate) fn given(&self, setting: &Setting) -> Option<&str> {
        let value = self.values.get(setting.name)?;
        Some(&value.text)
    }

    /// What the console is to be scrubbed by, if it is. That holds also where
    /// something else is wrong.
    pub(crate) fn console(&self) -> Option<Arc<Scrubber>> {
        Check::new(self).console()
    }

    /// The lines of [`IRC_SECRETS`](table::IRC_SECRETS).
    pub(crate) fn listed_secrets(&self) -> impl Iterator<Item = &str> {
        let given = self.given(&IRC_SECRETS).unwrap_or_default();
        given.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// What was given for settings that are secret, by their names, but for
    /// the list of others.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let secret = TABLE.iter().filter(|setting| {
            let is_other = setting.name == IRC_SECRETS.name || setting.name == IRC_PROXY.name;
            setting.kind == Kind::Secret && !is_other
        });
        let values = secret.filter_map(|setting| {
            let value = self.values.get(setting.name)?;
            Some((setting.name, Cow::Borrowed(value.text.as_str())))
        });
        // Where the proxy stands is no secret.
        let proxy = self.values.get(IRC_PROXY.name);
        let proxy = proxy
            .into_iter()
            .flat_map(|value| proxy::secrets(&value.text));
        let proxy = proxy.map(|secret| (IRC_PROXY.name, secret));
        let keys = self.channel_keys();
        let keys = keys.map(|(name, key)| (name, Cow::Borrowed(key)));
        values.chain(proxy).chain(keys)
    }

    /// The keys of channels, each by itself.
    fn channel_keys(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let channels = self.given(&IRC_CHANNEL).unwrap_or_default();
        let channels = channels::Read::text(channels).channels;
        let from_text = channels.iter().map(|channel| channel.name.as_str());
        let from_code = self.channels.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = from_text.chain(from_code).collect();
        let keys = self.given(&IRC_CHANNEL_KEY);
        let keys = keys.and_then(|text| channels::keys(&names, text));
        let keys = keys.into_iter().flatten();
        keys.map(|(_, key)| (IRC_CHANNEL_KEY.name, key))
    }

    /// The nick to use where none is given, instead of the process's own name.
    pub(crate) fn set_default_nick(&mut self, nick: String) {
        self.default_nick = Some(nick);
    }

    /// Checks everything and reports all problems at once.
    ///
    /// `own` fills what depends on where this process runs.
    pub(crate) fn check(&self, own: &Surroundings) -> Result<Checked, Vec<Problem>> {
        Check::new(self).run(own)
    }
}

impl Value {
    /// What the code gives by the setting's own setter.
    fn in_code(setting: &Setting, text: String) -> Self {
        let method = setting.setter.unwrap_or_default();
        Self {
            text,
            given_as: format!(".{method}()"),
            was_quoted: false,
        }
    }

    /// A value from outside of the code, where quotes around it were meant for
    /// a shell that never saw them: `docker --env-file` keeps them.
    fn outside(text: String, given_as: String) -> Self {
        match unquoted(&text) {
            Some(inner) => Self {
                text: inner.to_owned(),
                given_as,
                was_quoted: true,
            },
            None => Self {
                text,
                given_as,
                was_quoted: false,
            },
        }
    }
}

/// The text within, where one pair of quotes is around all of it.
fn unquoted(text: &str) -> Option<&str> {
    const PAIRS: [(char, char); 4] = [
        ('\'', '\''),
        ('"', '"'),
        ('\u{2018}', '\u{2019}'),
        ('\u{201c}', '\u{201d}'),
    ];
    let text = text.trim();
    PAIRS.into_iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains([open, close])).then_some(inner)
    })
}

fn in_utf8(given_as: &str, text: OsString) -> Result<String, Problem> {
    text.into_string()
        .map_err(|_| Problem::new(given_as, "is not valid UTF-8", "write it again in UTF-8"))
}

fn read_file(
    setting: &Setting,
    given_as: &str,
    path: &str,
    read: impl Fn(&str) -> io::Result<String>,
) -> Result<String, Problem> {
    let path = unquoted(path).unwrap_or(path);
    let text = read(path).map_err(|error| {
        // The secret itself may stand where its file belongs.
        let what = if setting.kind == Kind::Secret && !path.starts_with(['/', '.']) {
            format!("names a file that cannot be read ({error})")
        } else {
            format!("names {path:?}, which cannot be read ({error})")
        };
        let instead = "write the path of a file that this process may read";
        Problem::new(given_as, what, instead)
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// No password is the path of a file that is there.
fn not_a_path(
    setting: &Setting,
    text: String,
    read: impl Fn(&str) -> io::Result<String>,
) -> Result<String, Problem> {
    let path = unquoted(&text).unwrap_or(&text);
    if setting.belongs_in_a_file() && path.starts_with('/') && read(path).is_ok() {
        return Err(Problem::new(
            setting.name,
            "is the path of a file",
            format!("set {}_FILE to it instead", setting.name),
        ));
    }
    Ok(text)
}

/// A value as a message may repeat it: shortened, and without what looks like
/// a secret.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let scrubbed = crate::redact::scrub(text);
    let head: String = scrubbed.chars().take(LONGEST).collect();
    let more = if head.len() < scrubbed.len() {
        "…"
    } else {
        ""
    };
    format!("{head:?}{more}")
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
