//! What is shown, and what of it is masked.

use std::num::NonZeroUsize;

use regex::Regex;

use super::{Check, list, preset, written};
use crate::config::table::{
    IRC_CONTEXT, IRC_CONTEXT_LOG, IRC_DROP_FIELDS, IRC_HIDE, IRC_HIDE_REQUESTS, IRC_LOG,
    IRC_SCRUB_ALLOW, IRC_SCRUB_PUBLIC, IRC_SCRUB_RULES, IRC_SCRUB_WITHOUT, IRC_TOKEN_KEY, Setting,
};
use crate::config::{ContextConfig, Directives, Hidden, Misread, Surroundings, shown};
use crate::error::Problem;
use crate::hide::DropFields;
use crate::hide::Hide;
use crate::hide::Request;
use crate::links;
use crate::links::Flaw;
use crate::links::Template;
use crate::redact::rules::Rule;
use crate::redact::scrub::Scrubber;
use crate::redact::token::MIN_KEY_BYTES;

impl Check<'_> {
    pub(super) fn filter(&mut self) -> Directives {
        let (given_as, text) = self.value(&IRC_LOG).unwrap_or(("", preset(&IRC_LOG)));
        self.directives(given_as, text)
    }

    fn directives(&mut self, given_as: &str, text: &str) -> Directives {
        Directives::parse(text)
            .map_err(|Misread { what, instead }| {
                self.problems.push(Problem::new(given_as, what, instead));
            })
            .unwrap_or_else(|()| Directives::nothing())
    }

    /// What is kept of each request, for the program that `own` names.
    pub(super) fn context(&mut self, own: &Surroundings) -> Option<ContextConfig> {
        let records = NonZeroUsize::new(self.whole(&IRC_CONTEXT));
        let filter = match self.value(&IRC_CONTEXT_LOG) {
            Some((given_as, text)) => {
                if !self.is_given(&IRC_CONTEXT) {
                    self.remarks.push(format!(
                        "{given_as} has no effect without IRC_CONTEXT: write IRC_CONTEXT=12"
                    ));
                }
                self.directives(given_as, text)
            }
            None => self.directives("", &of_the_program(own)),
        };
        records.map(|records| ContextConfig { records, filter })
    }

    pub(super) fn hide(&mut self) -> Hide {
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

    pub(super) fn drop_fields(&mut self) -> DropFields {
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

    pub(super) fn link(
        &mut self,
        setting: &'static Setting,
        place: &'static str,
    ) -> Option<Template> {
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

    pub(super) fn scrubber(&mut self) -> Scrubber {
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

    pub(super) fn token_key(&mut self) -> Option<Hidden> {
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
}

/// What is kept where nobody says what: nothing of the libraries that would have
/// to be paid for, and is seen by nobody.
fn of_the_program(own: &Surroundings) -> String {
    // As its crate is called.
    let name = own.nick.replace('-', "_");
    let is_crate = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_crate {
        format!("info,{name}=debug")
    } else {
        "info".to_owned()
    }
}

/// What is wrong with a pattern, in one line and without the pattern.
fn told(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
