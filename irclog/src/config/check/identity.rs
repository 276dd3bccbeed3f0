//! Who speaks there: the nick, the account, and what proves it.

use super::{Check, LONGEST_NICK, list};
use crate::config::table::{
    IRC_ACCOUNT, IRC_CLIENT_CERT, IRC_CLIENT_KEY, IRC_NICK, IRC_PASSWORD, IRC_SASL, IRC_SERVICES,
    IRC_START_LINE, IRC_VERSION, Setting,
};
use crate::config::{
    ClientCertificate, Hidden, Mechanism, Nick, Surroundings, is_nick_character, mechanism, shown,
};
use crate::error::Problem;

impl Check<'_> {
    pub(super) fn client_certificate(&mut self) -> Option<ClientCertificate> {
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

    pub(super) fn account(&mut self) -> Option<String> {
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

    pub(super) fn mechanisms(&mut self) -> Vec<Mechanism> {
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

    pub(super) fn nick(&mut self, own: &Surroundings) -> Nick {
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
    pub(super) fn start_line(&mut self, own: &Surroundings) -> Option<String> {
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

    pub(super) fn services(&mut self) -> Option<String> {
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

    pub(super) fn key(&mut self, setting: &'static Setting) -> Option<Hidden> {
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
}

/// Characters of a version that are told: a whole hash of git's is one.
const LONGEST_VERSION: usize = 48;

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
