//! The one check of all settings.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use super::channels::{self, Read};
use super::table::{
    IRC_ACCOUNT, IRC_BIND, IRC_CA, IRC_CHANNEL, IRC_CHANNEL_KEY, IRC_CLIENT_CERT, IRC_CLIENT_KEY,
    IRC_DROP_FIELDS, IRC_ENABLED, IRC_EXIT_TIMEOUT, IRC_FORMATTING, IRC_HEARTBEAT, IRC_HIDE,
    IRC_HIDE_REQUESTS, IRC_LINK_TRACE, IRC_LINK_TX, IRC_LOG, IRC_MAX_AGE, IRC_MAX_LINES,
    IRC_MUTE_FILE, IRC_MUTE_SIGNAL, IRC_NICK, IRC_PASSWORD, IRC_PORT, IRC_PROXY, IRC_RATE,
    IRC_SASL, IRC_SCRUB_ALLOW, IRC_SCRUB_PUBLIC, IRC_SCRUB_RULES, IRC_SCRUB_TEE, IRC_SCRUB_WITHOUT,
    IRC_SERVER, IRC_SERVER_PASSWORD, IRC_SERVICES, IRC_START_LINE, IRC_STATE_DIR, IRC_TLS,
    IRC_TLS_PIN, IRC_TOKEN_KEY, IRC_VERSION, Kind, Setting, Unset,
};
use super::{
    ChannelConfig, Checked, Choice, ClientCertificate, Config, Directives, Hidden, INSIDE_RUN,
    Mechanism, Misread, Nick, Proxy, Settings, Surroundings, TlsConfig, address, is_nick_character,
    mechanism, proxy, shown,
};
use crate::error::Problem;
use crate::hide::{DropFields, Hide, Request};
use crate::links::{self, Flaw, Links, Template};
use crate::redact::rules::Rule;
use crate::redact::scrub::Scrubber;
use crate::redact::token::MIN_KEY_BYTES;
use crate::signal::MuteSignal;

/// `DALnet` and most other networks allow 30; a few allow one or two more.
pub(super) const LONGEST_NICK: usize = 30;

/// Characters of a version that are told: a whole hash of git's is one.
const LONGEST_VERSION: usize = 48;

/// What stands between commas.
fn list(text: &str) -> impl Iterator<Item = &str> + Clone {
    let parts = text.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty())
}

/// What is wrong with a pattern, in one line and without the pattern.
fn told(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// Why no server would take this nick.
fn wrong_nick(nick: &Nick) -> Option<String> {
    let whole = nick.to_string();
    if whole.is_empty() {
        Some("is empty".to_owned())
    } else if whole.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        Some("does not begin with a letter".to_owned())
    } else if let Some((at, bad)) = whole.char_indices().find(|&(_, c)| !is_nick_character(c)) {
        // What comes after it may be a password.
        let before = shown(&whole[..at]);
        Some(format!(
            "goes on with {bad:?} after {before}, but a nick has none"
        ))
    } else if nick.fixed_len() > LONGEST_NICK {
        Some(format!("is {} characters long", nick.fixed_len()))
    } else {
        None
    }
}

enum Wanted {
    Yes,
    No(String),
}

/// Goes through the settings and notes every problem on the way.
pub(super) struct Check<'a> {
    settings: &'a Settings,
    problems: Vec<Problem>,
    remarks: Vec<String>,
    /// Settings that have been asked for: what is odd about one is told once.
    seen: BTreeSet<&'static str>,
}

impl<'a> Check<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            problems: Vec::new(),
            remarks: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub(super) fn run(mut self, own: &Surroundings) -> Result<Checked, Vec<Problem>> {
        let choice = match self.wanted() {
            Wanted::No(why) => Choice::Off(why),
            Wanted::Yes => Choice::On(Box::new(self.config(own))),
        };
        let checked = Checked {
            choice,
            scrubber: Arc::new(self.scrubber()),
            scrub_tee: self.flag(&IRC_SCRUB_TEE),
            token_key: self.token_key(),
            remarks: self.remarks,
        };
        self.problems.extend_from_slice(&self.settings.refused);
        if self.problems.is_empty() {
            Ok(checked)
        } else {
            Err(self.problems)
        }
    }

    /// As [`Settings::console`]: in doubt it is scrubbed.
    pub(super) fn console(mut self) -> Option<Arc<Scrubber>> {
        let wanted = match self.value(&IRC_SCRUB_TEE) {
            Some((_, text)) => parse_bool(text) != Some(false),
            None => self.is_given(&IRC_SCRUB_TEE),
        };
        wanted.then(|| Arc::new(self.scrubber()))
    }

    fn wanted(&mut self) -> Wanted {
        if let Some((given_as, text)) = self.value(&IRC_ENABLED) {
            match parse_bool(text) {
                Some(true) if !self.settings.is_inside_run => return Wanted::Yes,
                Some(true) => {}
                Some(false) => return Wanted::No(format!("{given_as} is {}", shown(text))),
                None => self.problems.push(Problem::new(
                    given_as,
                    format!("is {}", shown(text)),
                    "write true, 1, yes or on; or false, 0, no or off; or leave it out",
                )),
            }
        }
        if self.settings.is_inside_run && !self.has_own_place() {
            return Wanted::No(format!(
                "irclog run shows already what this program says ({INSIDE_RUN} is set)"
            ));
        }
        let unset = |setting: &Setting| match self.misnamed(setting) {
            Some(name) => format!("{} is not, while {name} is: did you mean it?", setting.name),
            None => format!("{} is not", setting.name),
        };
        Wanted::No(
            match (self.is_given(&IRC_SERVER), self.is_given(&IRC_CHANNEL)) {
                (true, true) => return Wanted::Yes,
                (true, false) => format!("IRC_SERVER is set, but {}", unset(&IRC_CHANNEL)),
                (false, true) => format!("IRC_CHANNEL is set, but {}", unset(&IRC_SERVER)),
                (false, false) => {
                    let meant = [&IRC_SERVER, &IRC_CHANNEL].map(|setting| {
                        let name = self.misnamed(setting)?;
                        Some(format!("; {name} is: did you mean {}?", setting.name))
                    });
                    let meant: String = meant.into_iter().flatten().collect();
                    format!("IRC_SERVER and IRC_CHANNEL are not set{meant}")
                }
            },
        )
    }

    /// Whether server and channel were given in code, so that what is shown
    /// there is not shown by anybody else.
    fn has_own_place(&self) -> bool {
        let in_code = |setting: &Setting| {
            let value = self.settings.values.get(setting.name);
            value.map(|value| value.given_as.starts_with('.'))
        };
        let has_channel = in_code(&IRC_CHANNEL).unwrap_or(!self.settings.channels.is_empty());
        has_channel && in_code(&IRC_SERVER) == Some(true)
    }

    fn is_given(&self, setting: &Setting) -> bool {
        let name = setting.name;
        self.settings.values.contains_key(name)
            || self.settings.unreadable.contains_key(name)
            || name == IRC_CHANNEL.name && !self.settings.channels.is_empty()
    }

    /// A variable that was probably meant to be this setting.
    fn misnamed(&self, setting: &Setting) -> Option<&'a str> {
        let mut misnamed = self.settings.misnamed.iter();
        let (name, _) = misnamed.find(|(_, meant)| meant.name == setting.name)?;
        Some(name)
    }

    /// What was probably meant to be a setting, where that has no value of
    /// its own: else it may well be somebody else's.
    fn remark_misnamed(&mut self) {
        for (name, meant) in &self.settings.misnamed {
            if !self.is_given(meant) {
                let meant = meant.name;
                self.remarks.push(format!(
                    "{name} is no setting of irclog: did you mean {meant}?"
                ));
            }
        }
    }

    fn config(&mut self, own: &Surroundings) -> Config {
        self.remark_misnamed();
        let tls = self.tls();
        Config {
            server: self.server(),
            port: self.port(tls.is_some()),
            tls,
            proxy: self.proxy(),
            bind: self.bind(),
            channels: self.channels(),
            nick: self.nick(own),
            password: self.key(&IRC_PASSWORD),
            account: self.account(),
            mechanisms: self.mechanisms(),
            services: self.services(),
            server_password: self.key(&IRC_SERVER_PASSWORD),
            rate: self.number(&IRC_RATE),
            filter: self.filter(),
            hide: self.hide(),
            start_line: self.start_line(own),
            heartbeat: Some(self.seconds(&IRC_HEARTBEAT)).filter(|every| !every.is_zero()),
            drop_fields: self.drop_fields(),
            links: Links {
                trace: self.link(&IRC_LINK_TRACE, links::TRACE),
                tx: self.link(&IRC_LINK_TX, links::TX),
            },
            max_lines: NonZeroUsize::new(self.whole(&IRC_MAX_LINES)).unwrap_or(NonZeroUsize::MIN),
            max_age: self.seconds(&IRC_MAX_AGE),
            formatting: self.flag(&IRC_FORMATTING),
            exit_timeout: self.seconds(&IRC_EXIT_TIMEOUT),
            state_dir: self.state_dir(),
            mute_file: self.mute_file(),
            mute_signal: self.mute_signal(),
        }
    }

    fn server(&mut self) -> String {
        let Some((given_as, text)) = self.required(&IRC_SERVER) else {
            return String::new();
        };
        let text = text.trim();
        if let Some((what, instead)) = address::misplaced(text) {
            self.problems.push(Problem::new(given_as, what, instead));
        }
        text.trim_matches(['[', ']']).to_owned()
    }

    fn port(&mut self, tls: bool) -> u16 {
        let default = if tls { 6697 } else { 6667 };
        let Some((given_as, text)) = self.value(&IRC_PORT) else {
            return default;
        };
        match text.trim().parse() {
            Ok(port) if port > 0 => port,
            _ => {
                self.problems.push(Problem::new(
                    given_as,
                    format!("is {}, which is no port", shown(text)),
                    "write a number from 1 to 65535, or leave it out (6697 with TLS, 6667 without)",
                ));
                default
            }
        }
    }

    fn tls(&mut self) -> Option<TlsConfig> {
        let on = self.flag(&IRC_TLS);
        let pin = self.value(&IRC_TLS_PIN).and_then(|(given_as, text)| {
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
        let ca = self.value(&IRC_CA).map(|(given_as, text)| {
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
        let client = self.client_certificate();
        if !on && (pin.is_some() || ca.is_some() || client.is_some()) {
            self.problems.push(Problem::new(
                "IRC_TLS",
                "is off, so IRC_CA, IRC_TLS_PIN and IRC_CLIENT_CERT protect nothing",
                "set IRC_TLS=true, or unset those",
            ));
        }
        on.then_some(TlsConfig { ca, pin, client })
    }

    fn proxy(&mut self) -> Option<Proxy> {
        let (given_as, text) = self.value(&IRC_PROXY)?;
        match proxy::parse(text.trim()) {
            Ok(proxy) => Some(proxy),
            Err((what, instead)) => {
                self.problems.push(Problem::new(given_as, what, instead));
                None
            }
        }
    }

    fn bind(&mut self) -> Option<IpAddr> {
        let (given_as, text) = self.value(&IRC_BIND)?;
        let address = text.trim().trim_matches(['[', ']']).parse();
        if address.is_err() {
            self.problems.push(Problem::new(
                given_as,
                format!("is {}, which is no address", shown(text)),
                "write an address of this host, as `ip address` lists them, for example 192.0.2.17",
            ));
        }
        address.ok()
    }

    fn client_certificate(&mut self) -> Option<ClientCertificate> {
        let given = (self.value(&IRC_CLIENT_CERT), self.value(&IRC_CLIENT_KEY));
        let lacks = |setting: &Setting, other: &Setting| {
            Problem::new(
                setting.name,
                format!("is not set, but {} is", other.name),
                "give both, or neither",
            )
        };
        match given {
            (Some((_, certificate)), Some((_, key))) => Some(ClientCertificate {
                certificate: certificate.to_owned(),
                key: Hidden(key.to_owned()),
            }),
            (Some(_), None) => {
                self.problems.push(lacks(&IRC_CLIENT_KEY, &IRC_CLIENT_CERT));
                None
            }
            (None, Some(_)) => {
                self.problems.push(lacks(&IRC_CLIENT_CERT, &IRC_CLIENT_KEY));
                None
            }
            (None, None) => None,
        }
    }

    fn account(&mut self) -> Option<String> {
        let (given_as, text) = self.value(&IRC_ACCOUNT)?;
        let account = text.trim();
        let bad = |c: char| c.is_whitespace() || c.is_control();
        if account.is_empty() || account.contains(bad) {
            self.problems.push(Problem::new(
                given_as,
                format!("is {}, which is no name of an account", shown(text)),
                "write its name at the network's services, which is often the nick",
            ));
        }
        Some(account.to_owned())
    }

    fn mechanisms(&mut self) -> Vec<Mechanism> {
        let all = || Mechanism::ALL.to_vec();
        let Some((given_as, text)) = self.value(&IRC_SASL) else {
            return all();
        };
        let by_password = |mechanisms: &[Mechanism]| {
            let mut mechanisms = mechanisms.iter();
            mechanisms.any(|mechanism| mechanism.uses_password())
        };
        let what = match mechanism::read(&list(text)) {
            Err(other) => format!("names {}, which irclog does not have", shown(other)),
            Ok(none) if none.is_empty() => "names no mechanism".to_owned(),
            Ok(some) if self.is_given(&IRC_PASSWORD) && !by_password(&some) => {
                "leaves no use for IRC_PASSWORD, which is set".to_owned()
            }
            Ok(some) => return some,
        };
        self.problems.push(Problem::new(
            given_as,
            what,
            "write some of EXTERNAL (IRC_CLIENT_CERT), SCRAM-SHA-256 and PLAIN (IRC_PASSWORD), with \
             commas between, or leave it out: then all may be used",
        ));
        all()
    }

    fn channels(&mut self) -> Vec<ChannelConfig> {
        let given = self.required(&IRC_CHANNEL);
        let (given_as, mut read) = match given {
            Some((given_as, text)) => (given_as, Read::text(text)),
            None => (".channel_with()", Read::default()),
        };
        let from_text = (read.problems.len(), read.remarks.len());
        for (name, filter) in &self.settings.channels {
            read.add(name, filter);
        }
        for (n, Misread { what, instead }) in read.problems.into_iter().enumerate() {
            let given_as = if n < from_text.0 {
                given_as
            } else {
                ".channel_with()"
            };
            self.problems.push(Problem::new(given_as, what, instead));
        }
        for (n, remark) in read.remarks.into_iter().enumerate() {
            let given_as = if n < from_text.1 {
                given_as
            } else {
                ".channel_with()"
            };
            self.remarks.push(format!("{given_as} is {remark}"));
        }
        self.channel_keys(&mut read.channels);
        read.channels
    }

    fn channel_keys(&mut self, channels: &mut [ChannelConfig]) {
        let Some(key) = self.key(&IRC_CHANNEL_KEY) else {
            return;
        };
        let names: Vec<&str> = channels
            .iter()
            .map(|channel| channel.name.as_str())
            .collect();
        let given_as = self
            .value(&IRC_CHANNEL_KEY)
            .map_or("", |(given_as, _)| given_as);
        // Without a channel there is a problem already.
        let keys = (!names.is_empty()).then(|| channels::keys(&names, key.expose()));
        let problem = match keys {
            None => None,
            Some(None) => Some((
                "holds a key that does not say which channel it opens",
                "write the channel before its key, with a blank between several: \
                 IRC_CHANNEL_KEY='#alerts=KEY'",
            )),
            Some(Some(keys)) if keys.iter().any(|(_, key)| key.is_empty()) => Some((
                "is empty for a channel",
                "give a value, or leave that channel out",
            )),
            Some(Some(keys)) if keys.iter().any(|(_, key)| key.contains(' ')) => Some((
                "holds a character that IRC cannot carry (a line break, NUL or space)",
                "choose one without",
            )),
            Some(Some(keys)) => {
                let keys: Vec<(usize, Hidden)> = keys
                    .into_iter()
                    .map(|(n, key)| (n, Hidden(key.to_owned())))
                    .collect();
                for (n, key) in keys {
                    channels[n].key = Some(key);
                }
                None
            }
        };
        if let Some((what, instead)) = problem {
            self.problems.push(Problem::new(given_as, what, instead));
        }
    }

    fn nick(&mut self, own: &Surroundings) -> Nick {
        let Some((given_as, text)) = self.value(&IRC_NICK) else {
            let given = self.settings.default_nick.as_deref();
            return Nick::plain(given.unwrap_or(&own.nick));
        };
        let (nick, wrong) = match Nick::parse(text.trim(), own) {
            Ok(nick) => {
                let wrong = wrong_nick(&nick);
                (nick, wrong)
            }
            Err(wrong) => (Nick::plain(&own.nick), Some(wrong)),
        };
        if let Some(what) = wrong {
            self.problems.push(Problem::new(
                given_as,
                what,
                format!(
                    "write up to {LONGEST_NICK} letters, digits or -_[]{{}}\\`|^, beginning with \
                     a letter, for example facilitator-prod or facilitator-{{task}} (or leave it \
                     out: {})",
                    own.nick
                ),
            ));
        }
        nick
    }

    /// `facilitator 1.4.2 started, task 3f2a`
    fn start_line(&mut self, own: &Surroundings) -> Option<String> {
        let version = self.value(&IRC_VERSION).map(|(_, text)| text.trim());
        let version = version.filter(|text| !text.is_empty()).map(|text| {
            let short: String = text.chars().take(LONGEST_VERSION).collect();
            format!(" {short}")
        });
        let program = (self.settings.default_nick.as_deref()).unwrap_or(&own.nick);
        let version = version.unwrap_or_default();
        let mut line = format!("{program}{version} started");
        if let Some(instance) = &own.instance {
            line.push_str(", ");
            line.push_str(instance);
        }
        self.flag(&IRC_START_LINE).then_some(line)
    }

    fn services(&mut self) -> Option<String> {
        let (given_as, text) = self.value(&IRC_SERVICES)?;
        let address = text.trim();
        let is_host_character = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let (nick, server) = match address.split_once('@') {
            Some((nick, server)) => (nick, Some(server)),
            None => (address, None),
        };
        let good = !nick.is_empty()
            && nick.chars().all(is_nick_character)
            && server.is_none_or(|host| !host.is_empty() && host.chars().all(is_host_character));
        if !good {
            self.problems.push(Problem::new(
                given_as,
                format!("is {}, which is no address of a service", shown(text)),
                "write its nick and its server, for example NickServ@services.dal.net",
            ));
        }
        Some(address.to_owned())
    }

    fn key(&mut self, setting: &'static Setting) -> Option<Hidden> {
        let (given_as, text) = self.value(setting)?;
        if text.is_empty() {
            self.problems.push(Problem::new(
                given_as,
                "is empty",
                "give a value, or unset it",
            ));
            return None;
        }
        // Each of these would end the parameter or the line it is sent in.
        if text.contains(['\r', '\n', '\0']) {
            self.problems.push(Problem::new(
                given_as,
                "holds a character that IRC cannot carry (a line break or NUL)",
                "choose one without",
            ));
            return None;
        }
        Some(Hidden(text.to_owned()))
    }

    fn filter(&mut self) -> Directives {
        let (given_as, text) = self.value(&IRC_LOG).unwrap_or(("", preset(&IRC_LOG)));
        Directives::parse(text)
            .map_err(|Misread { what, instead }| {
                self.problems.push(Problem::new(given_as, what, instead));
            })
            .unwrap_or_else(|()| Directives::nothing())
    }

    fn hide(&mut self) -> Hide {
        let mut hide = Hide::default();
        if let Some((given_as, text)) = self.value(&IRC_HIDE_REQUESTS) {
            for request in list(text) {
                match Request::parse(request) {
                    Some(request) => hide.requests.push(request),
                    None => self.problems.push(Problem::new(
                        given_as,
                        format!("names {}, which is no request", shown(request)),
                        "write a path without its query, for example /health, or a method and a \
                         path, GET /health",
                    )),
                }
            }
        }
        if let Some((given_as, text)) = self.value(&IRC_HIDE) {
            match Regex::new(text) {
                // It would hide all.
                Ok(pattern) if pattern.is_match("") => self.problems.push(Problem::new(
                    given_as,
                    "matches a text of nothing, and so every record",
                    "write what such a record says, for example ^heartbeat; what levels are shown \
                     is said by IRC_LOG",
                )),
                Ok(pattern) => hide.pattern = Some(pattern),
                Err(error) => self.problems.push(Problem::new(
                    given_as,
                    format!("is no regular expression ({})", told(&error)),
                    "write one without look-around, for example ^heartbeat|cache (hit|miss)",
                )),
            }
        }
        hide
    }

    fn drop_fields(&mut self) -> DropFields {
        let Some((given_as, text)) = self.value(&IRC_DROP_FIELDS) else {
            return DropFields::default();
        };
        let is_name = |name: &&str| !name.contains([' ', '\t', '=', '"', '{', '*']);
        for name in list(text).filter(|name| !is_name(name)) {
            self.problems.push(Problem::new(
                given_as,
                format!("names {}, which is no field's name", shown(name)),
                "write names as the log has them, with commas between, for example body,req.headers",
            ));
        }
        DropFields::named(list(text).filter(is_name))
    }

    fn link(&mut self, setting: &'static Setting, place: &'static str) -> Option<Template> {
        let (given_as, text) = self.value(setting)?;
        let flaw = match Template::parse(text, place) {
            Ok(template) => return Some(template),
            Err(flaw) => flaw,
        };
        let (what, instead) = match flaw {
            // All of the channel would read it.
            Flaw::Password => (
                "has a name or password before its host".to_owned(),
                "leave it out: the channel reads the link, and whoever follows it logs in".into(),
            ),
            Flaw::NoAddress => (
                format!("is {}, which is no address", shown(text)),
                written(setting),
            ),
            Flaw::NoPlace => (
                format!("is {}, without {place}", shown(text)),
                format!(
                    "put {place} where the page's address has it, for example {}",
                    setting.example
                ),
            ),
            Flaw::TooLong(bytes) => (
                format!("has {bytes} bytes, which leaves no room in a line"),
                format!("shorten it to {} bytes", links::MOST),
            ),
        };
        self.problems.push(Problem::new(given_as, what, instead));
        None
    }

    fn scrubber(&mut self) -> Scrubber {
        let mut scrubber = Scrubber::default();
        let mut problems = Vec::new();
        let mut apply =
            |given_as: &str, change: &dyn Fn(Scrubber) -> Result<Scrubber, String>| match change(
                scrubber.clone(),
            ) {
                Ok(changed) => scrubber = changed,
                Err(why) => problems.push(Problem::new(
                    given_as,
                    "cannot be used",
                    why.trim_end_matches('.').to_owned(),
                )),
            };
        if let Some((given_as, text)) = self.value(&IRC_SCRUB_RULES) {
            for rule in text.lines().filter(|line| !line.trim().is_empty()) {
                apply(given_as, &|scrubber| {
                    Ok(scrubber.with_rule(Rule::parse(rule)?))
                });
            }
        }
        for (pattern, replacement) in &self.settings.rules {
            apply(".scrub_rule()", &|scrubber| {
                scrubber.rule(pattern, replacement)
            });
        }
        if let Some((given_as, text)) = self.value(&IRC_SCRUB_ALLOW) {
            for name in list(text) {
                apply(given_as, &|scrubber| scrubber.allow_name(name));
            }
        }
        if let Some((given_as, text)) = self.value(&IRC_SCRUB_PUBLIC) {
            for name in list(text) {
                apply(given_as, &|scrubber| scrubber.public_name(name));
            }
        }
        if let Some((given_as, text)) = self.value(&IRC_SCRUB_WITHOUT) {
            for class in list(text) {
                apply(given_as, &|scrubber| scrubber.class_off(class));
            }
        }
        self.problems.extend(problems);
        scrubber
    }

    fn token_key(&mut self) -> Option<Hidden> {
        let (given_as, _) = self.value(&IRC_TOKEN_KEY)?;
        let key = self.key(&IRC_TOKEN_KEY)?;
        if key.expose().len() < MIN_KEY_BYTES {
            self.problems.push(Problem::new(
                given_as,
                format!("is shorter than {MIN_KEY_BYTES} bytes, and could be guessed"),
                "write what `openssl rand -hex 16` prints, the same for every service whose \
                 tokens are to be compared",
            ));
        }
        Some(key)
    }

    fn flag(&mut self, setting: &'static Setting) -> bool {
        self.read(setting, parse_bool, || "write true or false".into())
    }

    fn number(&mut self, setting: &'static Setting) -> f64 {
        let (least, most, unit) = match setting.kind {
            Kind::Number { least, most, unit } => (least, most, unit),
            _ => (f64::MIN, f64::MAX, "any size"),
        };
        let parse = |text: &str| {
            let number = text.trim().parse().ok();
            number.filter(|number| (least..=most).contains(number))
        };
        self.read(setting, parse, || {
            format!("write a number of {unit} from {least} to {most}")
        })
    }

    fn seconds(&mut self, setting: &'static Setting) -> Duration {
        Duration::try_from_secs_f64(self.number(setting)).unwrap_or_default()
    }

    fn whole(&mut self, setting: &'static Setting) -> usize {
        let (least, most) = match setting.kind {
            Kind::Whole { least, most } => (least, most),
            _ => (0, usize::MAX),
        };
        let parse = |text: &str| {
            let number = text.trim().parse().ok();
            number.filter(|number| (least..=most).contains(number))
        };
        self.read(setting, parse, || {
            format!("write a whole number from {least} to {most}")
        })
    }

    /// The value of a setting whose default is one that could be given.
    fn read<T: Default>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Option<T>,
        instead: impl FnOnce() -> String,
    ) -> T {
        let preset = preset(setting);
        if let Some((given_as, text)) = self.value(setting) {
            if let Some(value) = parse(text) {
                return value;
            }
            self.problems.push(Problem::new(
                given_as,
                format!("is {}", shown(text)),
                format!("{}, or leave it out ({preset})", instead()),
            ));
        }
        parse(preset).unwrap_or_default()
    }

    fn state_dir(&mut self) -> Option<PathBuf> {
        let (given_as, text) = self.value(&IRC_STATE_DIR)?;
        if text.is_empty() {
            self.problems.push(Problem::new(
                given_as,
                "is empty",
                "name a folder that this process may write to, or unset it",
            ));
        }
        Some(PathBuf::from(text))
    }

    fn mute_file(&mut self) -> Option<PathBuf> {
        let (given_as, text) = self.value(&IRC_MUTE_FILE)?;
        if text.is_empty() {
            self.problems.push(Problem::new(
                given_as,
                "is empty",
                "name a file that may come into being, or unset it",
            ));
        }
        Some(PathBuf::from(text))
    }

    fn mute_signal(&mut self) -> Option<MuteSignal> {
        let (given_as, text) = self.value(&IRC_MUTE_SIGNAL)?;
        let signal = MuteSignal::parse(text);
        if signal.is_none() {
            self.problems.push(Problem::new(
                given_as,
                format!("is {}", shown(text)),
                format!(
                    "write one of {}, on Unix only",
                    MuteSignal::NAMES.join(", ")
                ),
            ));
        }
        signal
    }

    /// A setting that there has to be.
    fn required(&mut self, setting: &'static Setting) -> Option<(&'a str, &'a str)> {
        let value = self.value(setting);
        if !self.is_given(setting) {
            let what = match self.misnamed(setting) {
                Some(name) => format!("is not set, but {name} is"),
                None => "is not set".to_owned(),
            };
            self.problems
                .push(Problem::new(setting.name, what, written(setting)));
        }
        value
    }

    /// How it was given, and what. What kept it from being read is a problem.
    fn value(&mut self, setting: &'static Setting) -> Option<(&'a str, &'a str)> {
        let is_first = self.seen.insert(setting.name);
        let Some(value) = self.settings.values.get(setting.name) else {
            if let Some(problem) = self.settings.unreadable.get(setting.name)
                && is_first
            {
                self.problems.push(problem.clone());
            }
            return None;
        };
        if value.was_quoted && is_first {
            let read = if setting.belongs_in_a_file() {
                String::new()
            } else {
                format!(", and read as {}", shown(&value.text))
            };
            self.remarks.push(format!(
                "{} was given in quotes, which docker's --env-file keeps: they were taken off{read}",
                value.given_as
            ));
        }
        Some((&value.given_as, &value.text))
    }
}

/// What to write, by the example.
fn written(setting: &Setting) -> String {
    format!(
        "write it in quotes, for example {}='{}'",
        setting.name, setting.example
    )
}

/// The value that holds where none is given.
fn preset(setting: &Setting) -> &'static str {
    match setting.default {
        Unset::Value(value) => value,
        Unset::Required | Unset::None | Unset::Words(_) => "",
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

pub(super) fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
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
