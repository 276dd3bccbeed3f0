//! The channel's filter, in directives that are refused where the grammar of
//! `RUST_LOG` takes them for something else than was meant.

use std::fmt;
use std::str::FromStr as _;

use env_filter::Filter;
use log::LevelFilter;

use super::near::is_near;

/// What is wrong with directives, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    pub(crate) what: String,
    pub(crate) instead: String,
}

const EXAMPLES: &str = "write directives such as info or info,hyper=warn,my_crate::module=debug";

/// Directives that have been read: `Display` says what they show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directives {
    /// With the names of levels that `env_filter` knows.
    text: String,
    /// For targets that no directive names.
    others: LevelFilter,
    targets: Vec<(String, LevelFilter)>,
    /// What texts have to match.
    pattern: Option<String>,
}

impl Directives {
    pub(crate) fn parse(text: &str) -> Result<Self, Misread> {
        let text = text.trim();
        let (list, pattern) = match text.split_once('/') {
            Some((list, pattern)) => (list, Some(pattern)),
            None => (text, None),
        };
        let is_separated = |c: char| c == ';' || c.is_whitespace();
        let words = || {
            list.split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
        };
        if words().next().is_none() {
            return Err(misread("names no level", EXAMPLES));
        }
        let mut parts = words().flat_map(|word| word.split('=')).map(str::trim);
        if parts.any(|part| part.contains(is_separated)) {
            let mended: Vec<&str> = list
                .split(|c| c == ',' || is_separated(c))
                .filter(|word| !word.is_empty())
                .collect();
            return Err(misread(
                "has a blank or semicolon where a comma belongs",
                format!("write {}", mended.join(",")),
            ));
        }
        let mut directives = Self {
            text: String::new(),
            pattern: pattern.map(str::to_owned),
            ..Self::nothing()
        };
        for word in words() {
            directives.add(word)?;
        }
        if let Some(pattern) = pattern {
            directives.text.push('/');
            directives.text.push_str(pattern);
        }
        // Whatever the rules above let through.
        directives
            .compile()
            .map_err(|error| misread(&format!("cannot be read ({error})"), EXAMPLES))?;
        Ok(directives)
    }

    /// Directives that show nothing.
    pub(crate) fn nothing() -> Self {
        Self {
            text: "off".into(),
            others: LevelFilter::Off,
            targets: Vec::new(),
            pattern: None,
        }
    }

    fn add(&mut self, word: &str) -> Result<(), Misread> {
        if word.contains(['[', '{']) {
            return Err(misread(
                &format!("says {word:?}, but it knows no spans"),
                "name a level, or a target and its level: info,my_crate::module=debug",
            ));
        }
        let (target, level) = match word.split_once('=') {
            None => (None, word),
            Some((target, level)) => (Some(target.trim()), level.trim()),
        };
        if level.contains('=') {
            return Err(misread(&format!("says {word:?}"), EXAMPLES));
        }
        let read = match (target, level) {
            // As env_filter has it: all of a target.
            (Some(_), "") => LevelFilter::Trace,
            _ => read_level(level).ok_or_else(|| match target {
                None => no_level(word),
                Some(target) => misread(
                    &format!("gives {target} the level {level:?}, which is none"),
                    match meant(level) {
                        Some(meant) => format!("did you mean {target}={meant}?"),
                        None => format!("write one of {LEVELS}"),
                    },
                ),
            })?,
        };
        let directive = match target {
            None | Some("") => read.to_string(),
            Some(target) => format!("{target}={read}"),
        };
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&directive);
        match target {
            None | Some("") => self.others = read,
            Some(target) => {
                self.targets.retain(|(known, _)| known != target);
                self.targets.push((target.to_owned(), read));
            }
        }
        Ok(())
    }

    /// What decides about each record.
    pub(crate) fn filter(&self) -> Filter {
        // It was compiled before.
        self.compile().unwrap_or_else(|_| {
            let mut nothing = env_filter::Builder::new();
            nothing.filter_level(LevelFilter::Off).build()
        })
    }

    /// The targets that it names.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|(target, _)| target.as_str())
    }

    /// What it lets through of what begins with `target`, unless a longer target
    /// of its own says otherwise.
    pub(crate) fn level_of(&self, target: &str) -> LevelFilter {
        let named = self.targets.iter();
        let named = named.filter(|(known, _)| target.starts_with(known.as_str()));
        let longest = named.max_by_key(|(known, _)| known.len());
        longest.map_or(self.others, |&(_, level)| level)
    }

    /// Whether it looks into texts.
    pub(crate) fn has_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    fn compile(&self) -> Result<Filter, env_filter::ParseError> {
        let mut builder = env_filter::Builder::new();
        builder.try_parse(&self.text)?;
        Ok(builder.build())
    }
}

impl fmt::Display for Directives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.others {
            LevelFilter::Off if self.targets.is_empty() => f.write_str("nothing")?,
            LevelFilter::Off => f.write_str("only")?,
            level => f.write_str(from(level))?,
        }
        for (n, (target, level)) in self.targets.iter().enumerate() {
            let first = n == 0 && self.others == LevelFilter::Off;
            let separator = if first { " " } else { ", " };
            write!(f, "{separator}{target}: {}", from(*level))?;
        }
        match &self.pattern {
            Some(pattern) => write!(f, ", where the text matches {pattern:?}"),
            None => Ok(()),
        }
    }
}

/// A level and what is worse.
fn from(level: LevelFilter) -> &'static str {
    match level {
        LevelFilter::Off => "nothing",
        LevelFilter::Error => "ERROR",
        LevelFilter::Warn => "WARN and ERROR",
        LevelFilter::Info => "INFO to ERROR",
        LevelFilter::Debug => "DEBUG to ERROR",
        LevelFilter::Trace => "everything",
    }
}

const LEVELS: &str = "error, warn, info, debug, trace or off";

/// A level by its own name or by Python's.
fn read_level(text: &str) -> Option<LevelFilter> {
    LevelFilter::from_str(text).ok().or_else(|| {
        let level = match text.to_ascii_lowercase().as_str() {
            "critical" | "fatal" => LevelFilter::Error,
            "warning" => LevelFilter::Warn,
            "notset" => LevelFilter::Trace,
            _ => return None,
        };
        Some(level)
    })
}

/// What somebody means who takes this word for a level.
fn meant(word: &str) -> Option<&'static str> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let word = word.to_ascii_lowercase();
    let known = match word.as_str() {
        // syslog, Go, Java, Windows, loguru; and Python's numbers.
        "err" | "severe" | "emerg" | "emergency" | "alert" | "panic" | "crit" | "40" | "50" => {
            "error"
        }
        "30" => "warn",
        "information" | "notice" | "success" | "config" | "default" | "normal" | "20" => "info",
        "verbose" | "fine" | "10" => "debug",
        "all" | "any" | "everything" | "finer" | "finest" | "max" | "true" | "yes" | "on" | "*" => {
            "trace"
        }
        "none" | "no" | "false" | "disabled" | "disable" | "silent" | "quiet" | "null" => "off",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known);
    }
    ["error", "warn", "info", "debug", "trace", "off", "warning"]
        .into_iter()
        .find(|level| is_near(&word, level))
        .map(|level| if level == "warning" { "warn" } else { level })
}

/// `RUST_LOG` would read this word as a target, and show nothing else.
fn no_level(word: &str) -> Misread {
    let what = format!("says {word:?}, which is no level");
    match meant(word) {
        Some(meant) => misread(&what, format!("did you mean {meant}?")),
        None => misread(
            &what,
            format!("write one of {LEVELS}; for a target, {word}=info"),
        ),
    }
}

fn misread(what: &str, instead: impl Into<String>) -> Misread {
    Misread {
        what: what.to_owned(),
        instead: instead.into(),
    }
}

#[cfg(test)]
mod tests;
