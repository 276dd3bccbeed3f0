//! The one check of all settings.

mod identity;
mod place;
mod visible;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::table::{
    IRC_CHANNEL, IRC_ENABLED, IRC_EXIT_TIMEOUT, IRC_FORMATTING, IRC_HEARTBEAT, IRC_LINK_TRACE,
    IRC_LINK_TX, IRC_MAX_AGE, IRC_MAX_LINES, IRC_MUTE_FILE, IRC_MUTE_SIGNAL, IRC_PASSWORD,
    IRC_RATE, IRC_SCRUB_TEE, IRC_SERVER, IRC_SERVER_PASSWORD, IRC_STATE_DIR, Kind, Setting, Unset,
};
use crate::config::{Checked, Choice, Config, INSIDE_RUN, Settings, Surroundings, shown};
use crate::error::Problem;
use crate::links;
use crate::links::Links;
use crate::redact::scrub::Scrubber;
use crate::signal::MuteSignal;

/// `DALnet` and most other networks allow 30; a few allow one or two more.
pub(super) const LONGEST_NICK: usize = 30;

/// What stands between commas.
fn list(text: &str) -> impl Iterator<Item = &str> + Clone {
    let parts = text.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty())
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

    pub(super) fn is_given(&self, setting: &Setting) -> bool {
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
            context: self.context(own),
            max_lines: NonZeroUsize::new(self.whole(&IRC_MAX_LINES)).unwrap_or(NonZeroUsize::MIN),
            max_age: self.seconds(&IRC_MAX_AGE),
            formatting: self.flag(&IRC_FORMATTING),
            exit_timeout: self.seconds(&IRC_EXIT_TIMEOUT),
            state_dir: self.state_dir(),
            mute_file: self.mute_file(),
            mute_signal: self.mute_signal(),
        }
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
        if let Some(problem) = self.settings.unreadable.get(setting.name)
            && is_first
        {
            self.problems.push(problem.clone());
        }
        let value = self.settings.values.get(setting.name)?;
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
