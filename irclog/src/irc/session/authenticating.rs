//! The account, proven while registering: SASL as far as a session has to do
//! with it.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use irc_proto::{CapSubCommand, Command};
use log::Level;

use super::membership::Presence;
use super::{Session, State};
use crate::config::Mechanism;
use crate::irc::foreign::told;
use crate::irc::registration::{Negotiation, SASL};
use crate::irc::sasl::{Credentials, Next, Sasl};
use crate::line::ChannelId;

/// Services have this long for all of it; then the registration goes on.
const BOUND: Duration = Duration::from_secs(15);
/// Some services tell the server of an account only after a while (Anope's
/// about 1.5 s): a JOIN refused so shortly after is tried again.
const PAUSE: Duration = Duration::from_secs(2);
const PAUSE_WITHIN: Duration = Duration::from_secs(15);

/// Where the proof of the account is.
#[derive(Debug, Default)]
pub(super) struct Authentication {
    /// Under way, and until when.
    attempt: Option<(Sasl, Instant)>,
    /// When it came to its good end.
    fresh: Option<Instant>,
}

impl Session {
    /// Whether there is something to prove the account with, and a way that
    /// may carry it.
    pub(super) fn wants_sasl(&self) -> bool {
        let identity = &self.identity;
        let has_means = |mechanism: &Mechanism| {
            if mechanism.uses_password() {
                identity.password.is_some()
            } else {
                identity.certificate
            }
        };
        self.confidential && identity.mechanisms.iter().any(has_means)
    }

    /// The name of our account.
    pub(super) fn account(&self) -> String {
        let named = self.identity.account.clone();
        let other = self.identity.on_behalf_of.as_ref();
        named
            .or_else(|| other.map(|nick| self.nick.of(nick)))
            .unwrap_or_else(|| self.nick.wanted())
    }

    pub(super) fn negotiate(
        &mut self,
        subcommand: CapSubCommand,
        first: Option<&str>,
        second: Option<&str>,
        now: Instant,
    ) {
        match self.capabilities.answer(subcommand, first, second) {
            Negotiation::GoesOn => {}
            Negotiation::Say(command) => self.send(&command),
            Negotiation::Over => self.authenticate(now),
        }
    }

    fn authenticate(&mut self, now: Instant) {
        let registering = matches!(self.state, State::Registering { .. });
        if self.authentication.attempt.is_some() {
            return;
        }
        if !registering || !self.capabilities.has(SASL) {
            return self.go_on();
        }
        let credentials = Credentials {
            account: self.account(),
            named: self.identity.account.is_some(),
            password: self.identity.password.clone(),
            certificate: self.identity.certificate,
            mechanisms: self.identity.mechanisms.clone(),
        };
        let sasl = Sasl::new(credentials, self.capabilities.mechanisms());
        self.attempt(sasl, now + BOUND);
    }

    /// Begins with what is left to try.
    fn attempt(&mut self, mut sasl: Sasl, until: Instant) {
        let Some(mechanism) = sasl.begin() else {
            let offered = self
                .capabilities
                .mechanisms()
                .unwrap_or("nothing that it names");
            let ours = match &*self.identity.mechanisms {
                all if all.len() == Mechanism::ALL.len() => {
                    "irclog has EXTERNAL (IRC_CLIENT_CERT), SCRAM-SHA-256 and PLAIN (IRC_PASSWORD)"
                        .to_owned()
                }
                some => {
                    let names: Vec<&str> = some.iter().map(|some| some.name()).collect();
                    format!("IRC_SASL allows {}", names.join(" and "))
                }
            };
            let text = format!(
                "SASL is not to be had here: {ours}, the server {}",
                told(offered)
            );
            self.remark(Level::Warn, text);
            return self.go_on();
        };
        self.send(&Command::AUTHENTICATE(mechanism.name().to_owned()));
        self.authentication.attempt = Some((sasl, until));
    }

    /// The server's AUTHENTICATE.
    pub(super) fn challenged(&mut self, parameter: &str) {
        let Some((sasl, _)) = &mut self.authentication.attempt else {
            return;
        };
        match sasl.challenged(parameter) {
            Next::Wait => {}
            Next::Send(parameters) => {
                for parameter in parameters {
                    self.send(&Command::AUTHENTICATE(parameter));
                }
            }
            Next::Abort(why) => {
                let text = format!("the server does not do its part of SASL: {why}");
                self.give_up_sasl(&text);
            }
        }
    }

    /// 902 to 908.
    pub(super) fn sasl_numeric(&mut self, number: u16, arguments: &[String], now: Instant) {
        let Some((mut sasl, until)) = self.authentication.attempt.take() else {
            return;
        };
        let text = arguments.last().map_or("", String::as_str);
        match number {
            908 => {
                sasl.offers(arguments.get(1).map_or("", String::as_str));
                self.authentication.attempt = Some((sasl, until));
            }
            903 | 907 if sasl.is_mutual() => {
                self.authentication.fresh = Some(now);
                self.is_identified(now);
                self.go_on();
            }
            903 | 907 => {
                self.give_up_sasl("the server says that it knows us and does not prove itself");
            }
            // It has no such mechanism, or none at the moment.
            _ if !sasl.has_begun() => self.attempt(sasl, until),
            _ => {
                let by = sasl.mechanism().map_or("", Mechanism::name);
                let mend = match sasl.mechanism() {
                    Some(mechanism) if mechanism.uses_password() => {
                        "check IRC_PASSWORD, and IRC_ACCOUNT where the account is not the nick"
                    }
                    _ => {
                        "add the fingerprint of IRC_CLIENT_CERT to the account \
                         (/msg NickServ CERT ADD), or set IRC_ACCOUNT"
                    }
                };
                let text = format!(
                    "the services refuse the account {} by {by} ({number} {}): {mend}",
                    told(&self.account()),
                    told(text)
                );
                self.remark(Level::Warn, text);
                // Nothing weaker is tried instead.
                self.naming.give_up();
                self.go_on();
            }
        }
    }

    pub(super) fn elapse_sasl(&mut self, now: Instant) {
        let late = |&(_, until): &(Sasl, Instant)| now >= until;
        if self.authentication.attempt.as_ref().is_some_and(late) {
            self.give_up_sasl("the services did not answer to SASL; going on without");
        }
    }

    pub(super) fn sasl_wakes_at(&self) -> Option<Instant> {
        let attempt = self.authentication.attempt.as_ref();
        attempt.map(|&(_, until)| until)
    }

    fn give_up_sasl(&mut self, why: &str) {
        self.authentication.attempt = None;
        self.remark(Level::Warn, why);
        self.send(&Command::AUTHENTICATE("*".into()));
        self.go_on();
    }

    /// Lets the registration go on.
    fn go_on(&mut self) {
        if let Some(end) = self.capabilities.end() {
            self.send(&end);
        }
    }

    /// A JOIN was refused for want of an account. Whether it is tried again
    /// soon, since the services have only just told us that we have one.
    pub(super) fn waits_after_login(&mut self, id: ChannelId, now: Instant) -> bool {
        let fresh = self.authentication.fresh;
        let channel = self.at(id);
        let waits = !channel.waited_after_login && fresh.is_some_and(|at| now < at + PAUSE_WITHIN);
        if waits {
            channel.waited_after_login = true;
            channel.presence = Presence::Outside { at: now + PAUSE };
        }
        waits
    }
}
