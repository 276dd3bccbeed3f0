//! The settings: gathered as text from the environment or the builder, checked
//! once and all together, valid by construction afterwards.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::error::Problem;

/// Every setting by the name it has in the environment. Each can also be read
/// from a file, named by the same setting with `_FILE` at its end.
pub const NAMES: &[&str] = &[
    "IRC_ENABLED",
    "IRC_SERVER",
    "IRC_PORT",
    "IRC_TLS",
    "IRC_CA",
    "IRC_TLS_PIN",
    "IRC_CHANNEL",
    "IRC_CHANNEL_KEY",
    "IRC_NICK",
    "IRC_PASSWORD",
    "IRC_SERVER_PASSWORD",
    "IRC_RATE",
    "IRC_LOG",
    "IRC_EXIT_TIMEOUT",
];

/// `DALnet` and most other networks allow 30; a few allow one or two more.
const LONGEST_NICK: usize = 30;
/// A rate above this is no longer meant for people, nor allowed by any ircd.
const HIGHEST_RATE: f64 = 1000.0;
const DEFAULT_RATE: f64 = 2.0;
const DEFAULT_FILTER: &str = "info";
const DEFAULT_EXIT_TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_EXIT_TIMEOUT: f64 = 300.0;

/// Settings as they were given, not yet checked.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Value>,
    /// What went wrong while gathering, by the setting it would have given.
    unreadable: BTreeMap<&'static str, Problem>,
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
    /// How long the end of the process may wait for the channel.
    pub(crate) exit_timeout: Duration,
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

/// The outcome of a check: the choice, and remarks worth a line.
pub(crate) struct Checked {
    pub(crate) choice: Choice,
    pub(crate) remarks: Vec<String>,
}

impl Settings {
    /// Gathers what the environment gives. `read` reads a file.
    pub(crate) fn from_env(
        var: impl Fn(&str) -> Option<std::ffi::OsString>,
        read: impl Fn(&str) -> std::io::Result<String>,
    ) -> Self {
        let mut settings = Self::default();
        for &name in NAMES {
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

    /// Sets `name` from code; `method` is what the user called.
    pub(crate) fn set(&mut self, name: &'static str, method: &str, text: impl Into<String>) {
        self.set_as(name, format!(".{method}()"), text);
    }

    /// Sets `name`, which the user wrote as `given_as`.
    pub(crate) fn set_as(&mut self, name: &'static str, given_as: String, text: impl Into<String>) {
        self.unreadable.remove(name);
        let text = text.into();
        self.values.insert(name, Value { text, given_as });
    }

    /// The nick to use where none is given, instead of the process's own name.
    pub(crate) fn set_default_nick(&mut self, nick: String) {
        self.default_nick = Some(nick);
    }

    /// Checks everything and reports all problems at once.
    ///
    /// `default_nick` is used where no nick is given.
    pub(crate) fn check(&self, default_nick: &str) -> Result<Checked, Vec<Problem>> {
        let mut check = Check {
            settings: self,
            problems: Vec::new(),
            remarks: Vec::new(),
        };
        let choice = match check.wanted() {
            Wanted::No(why) => Choice::Off(why),
            Wanted::Yes => Choice::On(Box::new(check.config(default_nick))),
        };
        // A problem in a setting that plays no part, because the channel is
        // off, is worth a word all the same, but nothing depends on it.
        if check.problems.is_empty() {
            Ok(Checked {
                choice,
                remarks: check.remarks,
            })
        } else {
            Err(check.problems)
        }
    }
}

enum Wanted {
    Yes,
    No(String),
}

struct Check<'a> {
    settings: &'a Settings,
    problems: Vec<Problem>,
    remarks: Vec<String>,
}

impl<'a> Check<'a> {
    fn wanted(&mut self) -> Wanted {
        if let Some((given_as, text)) = self.value("IRC_ENABLED") {
            match parse_bool(text) {
                Some(true) => return Wanted::Yes,
                Some(false) => return Wanted::No(format!("{given_as} is {text:?}")),
                None => self.problems.push(Problem::new(
                    given_as,
                    format!("is {text:?}"),
                    "write true, 1, yes or on; or false, 0, no or off; or leave it out",
                )),
            }
        }
        let given = |name: &str| {
            self.settings.values.contains_key(name) || self.settings.unreadable.contains_key(name)
        };
        match (given("IRC_SERVER"), given("IRC_CHANNEL")) {
            (true, true) => Wanted::Yes,
            (false, false) => Wanted::No("IRC_SERVER and IRC_CHANNEL are not set".into()),
            (true, false) => Wanted::No("IRC_SERVER is set, but IRC_CHANNEL is not".into()),
            (false, true) => Wanted::No("IRC_CHANNEL is set, but IRC_SERVER is not".into()),
        }
    }

    fn config(&mut self, default_nick: &str) -> Config {
        let unreadable: Vec<Problem> = self.settings.unreadable.values().cloned().collect();
        self.problems.extend(unreadable);
        let tls = self.tls();
        Config {
            server: self.server(),
            port: self.port(tls.is_some()),
            tls,
            channel: self.channel(),
            channel_key: self.key("IRC_CHANNEL_KEY"),
            nick: self.nick(default_nick),
            password: self.key("IRC_PASSWORD"),
            server_password: self.key("IRC_SERVER_PASSWORD"),
            rate: self.number(
                "IRC_RATE",
                DEFAULT_RATE,
                0.01,
                HIGHEST_RATE,
                "lines a second",
            ),
            filter: self.filter(),
            exit_timeout: Duration::from_secs_f64(self.number(
                "IRC_EXIT_TIMEOUT",
                DEFAULT_EXIT_TIMEOUT.as_secs_f64(),
                0.0,
                LONGEST_EXIT_TIMEOUT,
                "seconds",
            )),
        }
    }

    fn server(&mut self) -> String {
        const INSTEAD: &str = "write the host alone, for example irc.dal.net";
        let Some((given_as, text)) = self.value("IRC_SERVER") else {
            if !self.settings.unreadable.contains_key("IRC_SERVER") {
                self.problems
                    .push(Problem::new("IRC_SERVER", "is not set", INSTEAD));
            }
            return String::new();
        };
        let text = text.trim();
        let bad_character = |c: char| {
            !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%' | '[' | ']'))
        };
        let what = if text.is_empty() {
            Some("is empty".into())
        } else if text.contains("://") {
            Some(format!("is {text:?}, an address with a scheme"))
        } else if text.contains(bad_character) {
            Some(format!("is {text:?}, which is no host name"))
        } else if text.matches(':').count() == 1 {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            self.problems.push(Problem::new(
                given_as,
                format!("is {text:?}, with a port in it"),
                format!("write {host} here and {port} in IRC_PORT"),
            ));
            None
        } else {
            None
        };
        if let Some(what) = what {
            self.problems.push(Problem::new(given_as, what, INSTEAD));
        }
        text.trim_matches(['[', ']']).to_owned()
    }

    fn port(&mut self, tls: bool) -> u16 {
        let default = if tls { 6697 } else { 6667 };
        let Some((given_as, text)) = self.value("IRC_PORT") else {
            return default;
        };
        match text.trim().parse() {
            Ok(port) if port > 0 => port,
            _ => {
                self.problems.push(Problem::new(
                    given_as,
                    format!("is {text:?}, which is no port"),
                    "write a number from 1 to 65535, or leave it out (6697 with TLS, 6667 without)",
                ));
                default
            }
        }
    }

    fn tls(&mut self) -> Option<TlsConfig> {
        let on = match self.value("IRC_TLS") {
            None => true,
            Some((given_as, text)) => parse_bool(text).unwrap_or_else(|| {
                self.problems.push(Problem::new(
                    given_as,
                    format!("is {text:?}"),
                    "write true or false, or leave it out (true)",
                ));
                true
            }),
        };
        let pin = self.value("IRC_TLS_PIN").and_then(|(given_as, text)| {
            let pin = parse_fingerprint(text);
            if pin.is_none() {
                self.problems.push(Problem::new(
                    given_as,
                    "is no SHA-256 fingerprint",
                    "write the 64 hex digits that `openssl x509 -noout -fingerprint -sha256` \
                     prints, with or without colons",
                ));
            }
            pin
        });
        let ca = self.value("IRC_CA").map(|(given_as, text)| {
            if !text.contains("-----BEGIN CERTIFICATE-----") {
                self.problems.push(Problem::new(
                    given_as,
                    "holds no certificate in PEM form",
                    "give the text that begins with -----BEGIN CERTIFICATE-----, or name its \
                     file in IRC_CA_FILE",
                ));
            }
            text.to_owned()
        });
        if !on && (pin.is_some() || ca.is_some()) {
            self.problems.push(Problem::new(
                "IRC_TLS",
                "is off, so IRC_CA and IRC_TLS_PIN protect nothing",
                "set IRC_TLS=true, or unset those two",
            ));
        }
        on.then_some(TlsConfig { ca, pin })
    }

    fn channel(&mut self) -> String {
        const INSTEAD: &str = "write it in quotes, for example IRC_CHANNEL='#karmacadabra'";
        let Some((given_as, text)) = self.value("IRC_CHANNEL") else {
            if !self.settings.unreadable.contains_key("IRC_CHANNEL") {
                self.problems
                    .push(Problem::new("IRC_CHANNEL", "is not set", INSTEAD));
            }
            return String::new();
        };
        let text = text.trim();
        if text.is_empty() {
            self.problems.push(Problem::new(
                given_as,
                "is empty (in a .env or YAML file an unquoted # begins a comment)",
                INSTEAD,
            ));
        } else if text.contains([' ', ',', '\u{7}']) || text.chars().any(char::is_control) {
            self.problems.push(Problem::new(
                given_as,
                format!("is {text:?}, but a channel has no space, comma or control character"),
                "name one channel, for example '#karmacadabra'",
            ));
        }
        if text.is_empty() || text.starts_with(['#', '&', '+', '!']) {
            text.to_owned()
        } else {
            self.remarks
                .push(format!("{given_as} is {text:?}: reading it as \"#{text}\""));
            format!("#{text}")
        }
    }

    fn nick(&mut self, default_nick: &str) -> String {
        let Some((given_as, text)) = self.value("IRC_NICK") else {
            let given = self.settings.default_nick.as_deref();
            return given.unwrap_or(default_nick).to_owned();
        };
        let nick = text.trim();
        let what = if nick.is_empty() {
            Some("is empty".to_owned())
        } else if nick.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            Some(format!("is {nick:?}, but a nick begins with a letter"))
        } else if let Some(bad) = nick.chars().find(|&c| !is_nick_character(c)) {
            Some(format!("is {nick:?}, but a nick has no {bad:?}"))
        } else if nick.len() > LONGEST_NICK {
            Some(format!("is {} characters long", nick.len()))
        } else {
            None
        };
        if let Some(what) = what {
            self.problems.push(Problem::new(
                given_as,
                what,
                format!(
                    "write up to {LONGEST_NICK} letters, digits or -_[]{{}}\\`|^, beginning with \
                     a letter, for example facilitator-prod (or leave it out: {default_nick})"
                ),
            ));
        }
        nick.to_owned()
    }

    fn key(&mut self, name: &'static str) -> Option<Hidden> {
        let (given_as, text) = self.value(name)?;
        if text.is_empty() {
            self.problems.push(Problem::new(
                given_as,
                "is empty",
                "give a value, or unset it",
            ));
            return None;
        }
        // Each of these would end the parameter or the line it is sent in.
        if text.contains(['\r', '\n', '\0']) || (text.contains(' ') && name == "IRC_CHANNEL_KEY") {
            self.problems.push(Problem::new(
                given_as,
                "holds a character that IRC cannot carry (a line break, NUL or space)",
                "choose one without",
            ));
            return None;
        }
        Some(Hidden(text.to_owned()))
    }

    fn filter(&mut self) -> String {
        let Some((given_as, text)) = self.value("IRC_LOG") else {
            return DEFAULT_FILTER.into();
        };
        if let Err(why) = parse_filter(text) {
            self.problems.push(Problem::new(
                given_as,
                format!("is {text:?}: {why}"),
                "write directives such as info or info,hyper=warn,my_crate::module=debug",
            ));
        }
        text.to_owned()
    }

    fn number(
        &mut self,
        name: &'static str,
        default: f64,
        least: f64,
        most: f64,
        unit: &str,
    ) -> f64 {
        let Some((given_as, text)) = self.value(name) else {
            return default;
        };
        match text.trim().parse::<f64>() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.problems.push(Problem::new(
                    given_as,
                    format!("is {text:?}"),
                    format!("write a number of {unit} from {least} to {most}, or leave it out ({default})"),
                ));
                default
            }
        }
    }

    fn value(&self, name: &'static str) -> Option<(&'a str, &'a str)> {
        let value = self.settings.values.get(name)?;
        Some((&value.given_as, &value.text))
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

fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "1", "yes", "on"]) {
        Some(true)
    } else if is(&["false", "0", "no", "off"]) {
        Some(false)
    } else {
        None
    }
}

fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .trim()
        .bytes()
        .filter(|byte| *byte != b':')
        .map(|byte| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[pair.len() - 1])
        .collect();
    bytes.try_into().ok().filter(|_| digits.len() == 64)
}

/// RFC 2812's set. `-` may not come first.
pub(crate) fn is_nick_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_[]{}\\`|^".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        Settings::from_env(
            |name| {
                let found = pairs.iter().find(|(given, _)| given == name);
                found.map(|(_, value)| value.into())
            },
            |path| match path {
                "/run/secrets/password" => Ok("hunter2-hunter2\n".into()),
                _ => Err(std::io::ErrorKind::NotFound.into()),
            },
        )
    }

    fn on(pairs: &[(&str, &str)]) -> (Config, Vec<String>) {
        match settings(pairs).check("svc") {
            Ok(Checked {
                choice: Choice::On(config),
                remarks,
            }) => (*config, remarks),
            Ok(Checked {
                choice: Choice::Off(why),
                ..
            }) => panic!("off: {why}"),
            Err(problems) => panic!("{problems:?}"),
        }
    }

    fn off(pairs: &[(&str, &str)]) -> String {
        match settings(pairs).check("svc") {
            Ok(Checked {
                choice: Choice::Off(why),
                ..
            }) => why,
            _ => panic!("not off: {pairs:?}"),
        }
    }

    fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
        let Err(problems) = settings(pairs).check("svc") else {
            panic!("accepted: {pairs:?}");
        };
        problems.iter().map(ToString::to_string).collect()
    }

    const PLACE: [(&str, &str); 2] = [("IRC_SERVER", "irc.dal.net"), ("IRC_CHANNEL", "#k")];

    fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut all = PLACE.to_vec();
        all.extend_from_slice(more);
        all
    }

    #[test]
    fn server_and_channel_are_enough() {
        let (config, remarks) = on(&PLACE);
        assert_eq!(config.server, "irc.dal.net");
        assert_eq!(config.channel, "#k");
        assert_eq!(config.port, 6697);
        assert_eq!(config.tls, Some(TlsConfig::default()));
        assert_eq!(config.nick, "svc");
        assert!((config.rate - 2.0).abs() < f64::EPSILON);
        assert_eq!(config.filter, "info");
        assert_eq!(config.exit_timeout, Duration::from_secs(5));
        assert!(remarks.is_empty());
    }

    #[test]
    fn without_tls_the_port_is_6667() {
        assert_eq!(on(&with(&[("IRC_TLS", "no")])).0.port, 6667);
        assert_eq!(on(&with(&[("IRC_TLS", "no")])).0.tls, None);
    }

    #[test]
    fn enabled_is_read_not_just_looked_for() {
        for word in ["false", "0", "no", "off", "FALSE", " off "] {
            assert!(
                off(&with(&[("IRC_ENABLED", word)])).contains("IRC_ENABLED"),
                "{word}"
            );
        }
        for word in ["true", "1", "yes", "on", "On"] {
            on(&with(&[("IRC_ENABLED", word)]));
        }
        let told = problems(&with(&[("IRC_ENABLED", "maybe")]));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("\"maybe\"") && told[0].contains("true, 1, yes or on"));
    }

    #[test]
    fn unset_means_on_exactly_when_server_and_channel_are_set() {
        assert!(off(&[]).contains("not set"));
        assert!(off(&PLACE[..1]).contains("IRC_CHANNEL is not"));
        assert!(off(&PLACE[1..]).contains("IRC_SERVER is not"));
    }

    #[test]
    fn enabled_without_a_place_is_a_problem_for_each() {
        let told = problems(&[("IRC_ENABLED", "true")]);
        assert_eq!(told.len(), 2);
        assert!(told.iter().any(|line| line.starts_with("IRC_SERVER")));
        assert!(told.iter().any(|line| line.starts_with("IRC_CHANNEL")));
    }

    #[test]
    fn an_empty_channel_is_explained_by_the_comment_sign() {
        let told = problems(&[("IRC_SERVER", "irc.dal.net"), ("IRC_CHANNEL", "")]);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("unquoted #") && told[0].contains("'#karmacadabra'"));
    }

    #[test]
    fn a_channel_without_its_sign_gets_it_and_is_told() {
        let (config, remarks) = on(&[("IRC_SERVER", "h"), ("IRC_CHANNEL", "karmacadabra")]);
        assert_eq!(config.channel, "#karmacadabra");
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].contains("#karmacadabra"));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let told = problems(&[
            ("IRC_SERVER", "irc://irc.dal.net"),
            ("IRC_CHANNEL", "#a,#b"),
            ("IRC_PORT", "66x"),
            ("IRC_TLS", "perhaps"),
            ("IRC_TLS_PIN", "abc"),
            ("IRC_NICK", "two words"),
            ("IRC_RATE", "fast"),
            ("IRC_LOG", "info=warn=debug"),
            ("IRC_EXIT_TIMEOUT", "-1"),
            ("IRC_PASSWORD", "a\nQUIT"),
        ]);
        for setting in [
            "IRC_SERVER",
            "IRC_CHANNEL",
            "IRC_PORT",
            "IRC_TLS ",
            "IRC_TLS_PIN",
            "IRC_NICK",
            "IRC_RATE",
            "IRC_LOG",
            "IRC_EXIT_TIMEOUT",
            "IRC_PASSWORD",
        ] {
            assert!(
                told.iter().any(|line| line.starts_with(setting)),
                "{setting}: {told:#?}"
            );
        }
        assert!(
            !told.concat().contains("QUIT"),
            "a password is never repeated"
        );
    }

    #[test]
    fn bad_servers_say_where_the_parts_belong() {
        let told = problems(&[("IRC_SERVER", "irc.dal.net:6697"), ("IRC_CHANNEL", "#k")]);
        assert!(
            told[0].contains("irc.dal.net here and 6697 in IRC_PORT"),
            "{told:?}"
        );
        assert_eq!(
            on(&[("IRC_SERVER", "[::1]"), ("IRC_CHANNEL", "#k")])
                .0
                .server,
            "::1"
        );
    }

    #[test]
    fn ports_and_rates_out_of_range_are_refused() {
        for port in ["0", "65536", "-1", "", "6697 "] {
            let result = settings(&with(&[("IRC_PORT", port)])).check("svc");
            assert_eq!(result.is_ok(), port == "6697 ", "{port:?}");
        }
        for rate in ["0", "-2", "NaN", "inf", "1e9", ""] {
            assert_eq!(problems(&with(&[("IRC_RATE", rate)])).len(), 1, "{rate:?}");
        }
    }

    #[test]
    fn nicks_that_no_server_takes_are_refused() {
        for nick in [
            "",
            "9lives",
            "-a",
            "a b",
            "caf\u{e9}",
            &"n".repeat(31),
            "a!b",
            "a\rb",
        ] {
            assert_eq!(problems(&with(&[("IRC_NICK", nick)])).len(), 1, "{nick:?}");
        }
        assert_eq!(
            on(&with(&[("IRC_NICK", "[x402]-prod")])).0.nick,
            "[x402]-prod"
        );
    }

    #[test]
    fn a_secret_can_come_from_a_file_and_is_not_shown() {
        let (config, _) = on(&with(&[("IRC_PASSWORD_FILE", "/run/secrets/password")]));
        assert_eq!(
            config.password.as_ref().map(Hidden::expose),
            Some("hunter2-hunter2")
        );
        assert!(!format!("{config:?}").contains("hunter2"));
        let told = problems(&with(&[("IRC_PASSWORD_FILE", "/nowhere")]));
        assert!(told[0].starts_with("IRC_PASSWORD_FILE") && told[0].contains("/nowhere"));
        let both = [
            ("IRC_NICK", "a"),
            ("IRC_NICK_FILE", "/run/secrets/password"),
        ];
        assert!(problems(&with(&both))[0].contains("both set"));
    }

    #[test]
    fn code_overrides_a_bad_environment() {
        let mut settings = settings(&with(&[("IRC_PORT", "x"), ("IRC_NICK_FILE", "/nowhere")]));
        settings.set("IRC_PORT", "port", "7000");
        settings.set("IRC_NICK", "nick", "other");
        let Ok(Checked {
            choice: Choice::On(config),
            ..
        }) = settings.check("svc")
        else {
            panic!("refused");
        };
        assert_eq!((config.port, config.nick.as_str()), (7000, "other"));
    }

    #[test]
    fn fingerprints_are_64_digits_with_or_without_colons() {
        let plain = "0123456789abcdef".repeat(4);
        let colons: Vec<&str> = (0..32).map(|n| &plain[2 * n..2 * n + 2]).collect();
        assert_eq!(
            parse_fingerprint(&plain),
            parse_fingerprint(&colons.join(":").to_uppercase())
        );
        assert_eq!(parse_fingerprint(&plain).map(|pin| pin[1]), Some(0x23));
        assert_eq!(parse_fingerprint(&plain[1..]), None);
        assert_eq!(parse_fingerprint(&format!("{plain}0")), None);
        assert_eq!(parse_fingerprint(&plain.replace('a', "g")), None);
    }
}
