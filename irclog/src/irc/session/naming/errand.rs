//! Our account, and the nick that its password gives us: an errand of several
//! steps, each with a bound, that comes before the JOIN. Prove who the services
//! are, free the nick, take it, identify. The password goes only to services that
//! are known or proven.

use std::time::{Duration, Instant};

use irc_proto::Command;
use log::Level;

use super::ASK_EVERY;
use crate::config::{Hidden, Mechanism};
use crate::irc::foreign::told;
use crate::irc::services::{Answer, Evidence, Means, NICKSERV, address_of, nick_of};
use crate::irc::session::Session;
use crate::irc::session::membership::Presence;

/// A service, or the server, has this long to answer before we go on without.
const ANSWER_BOUND: Duration = Duration::from_secs(10);
/// The whole errand.
const ERRAND_BOUND: Duration = Duration::from_secs(30);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    #[default]
    Unknown,
    /// There is nobody to give the password to, which has been told.
    Unproven,
    Identified,
    /// The password is of no use on this connection.
    GivenUp,
}

#[derive(Debug)]
pub(super) struct Errand {
    pub(super) step: Step,
    pub(super) until: Instant,
    /// All steps together.
    pub(super) over_at: Instant,
}

#[derive(Debug)]
pub(super) enum Step {
    /// WHOIS is on its way.
    Proving(Evidence),
    Freeing(Means),
    Renaming {
        /// Services have been asked to let go of it.
        released: bool,
    },
    Identifying,
}

impl Session {
    /// WHOIS says something.
    pub(in crate::irc::session) fn whois(
        &mut self,
        number: u16,
        arguments: &[String],
        now: Instant,
    ) {
        let about = arguments.get(1).map_or("", String::as_str);
        let about_us = self.isupport.same(nick_of(about), NICKSERV)
            || self.naming.services.as_deref() == Some(about);
        let Some(errand) = &mut self.naming.errand else {
            return;
        };
        match (&mut errand.step, number) {
            _ if !about_us => {}
            (Step::Proving(evidence), 310 | 312 | 313) => {
                evidence.take(number, arguments.get(2..).unwrap_or_default());
            }
            (Step::Proving(evidence), 318 | 401) => match evidence.address() {
                Some(address) => {
                    self.naming.services = Some(address);
                    self.use_services(now);
                }
                None => self.no_services("nobody called NickServ here is a service", now),
            },
            // Nobody is there, or not by this address.
            (Step::Freeing(_) | Step::Identifying, 401 | 402 | 487) => {
                let services = self.naming.services.take().unwrap_or_default();
                self.no_services(&format!("no services answer at {services}"), now);
            }
            _ => {}
        }
    }

    /// Somebody says something to us, perhaps the services.
    pub(in crate::irc::session) fn told_by(&mut self, nick: &str, text: &str, now: Instant) {
        let ours = self.naming.services.as_deref().map(nick_of);
        let Some(errand) = &self.naming.errand else {
            return;
        };
        if !ours.is_some_and(|service| self.isupport.same(service, nick)) {
            return;
        }
        match (&errand.step, Answer::of(text)) {
            (Step::Freeing(means), Answer::NoCommand) => match means.next() {
                Some(next) => self.free(next, now),
                None => self.identify(now),
            },
            (&Step::Freeing(means), Answer::Freed) => {
                self.rename(means == Means::Release, now);
            }
            (Step::Freeing(_), Answer::Denied) => self.identify(now),
            (Step::Identifying, Answer::Accepted) => self.is_identified(now),
            (Step::Freeing(_) | Step::Identifying, Answer::Refused)
            | (Step::Identifying, Answer::Denied) => {
                let text = format!(
                    "{} refuses IRC_PASSWORD for {}: {}",
                    told(nick),
                    self.nick.wanted(),
                    told(text)
                );
                self.remark(Level::Warn, text);
                self.naming.account = Account::GivenUp;
                self.end_errand(now);
            }
            _ => {}
        }
    }

    /// The server, or a service, knows our account.
    pub(in crate::irc::session) fn is_identified(&mut self, now: Instant) {
        self.naming.account = Account::Identified;
        if matches!(
            self.naming.errand,
            Some(Errand {
                step: Step::Identifying,
                ..
            })
        ) {
            self.end_errand(now);
        }
    }

    /// Begins what there is to do; whether it goes on.
    pub(super) fn begin_errand(&mut self, now: Instant) -> bool {
        if self.naming.errand.is_some() {
            return true;
        }
        let has_nick = self.has_wanted_nick();
        if !self.password_may_go() || self.naming.account == Account::Identified && has_nick {
            return false;
        }
        let known = self.identity.services.clone();
        let network = self.isupport.network.as_deref().and_then(address_of);
        self.naming.services = known
            .or_else(|| network.map(str::to_owned))
            .or(self.naming.services.take());
        self.naming.began_at = Some(now);
        self.naming.errand = Some(Errand {
            step: Step::Proving(Evidence::default()),
            until: now + ANSWER_BOUND,
            over_at: now + ERRAND_BOUND,
        });
        if self.naming.services.is_some() {
            self.use_services(now);
        } else {
            self.send(&Command::WHOIS(None, NICKSERV.to_owned()));
        }
        true
    }

    /// Whether the server or a service knows our account.
    #[cfg(feature = "cli")]
    pub(in crate::irc::session) fn knows_account(&self) -> bool {
        self.naming.account == Account::Identified
    }

    fn password_may_go(&mut self) -> bool {
        if self.identity.password.is_none() || self.naming.account == Account::GivenUp {
            return false;
        }
        if !self.confidential {
            self.naming.account = Account::GivenUp;
            self.withhold("IRC_PASSWORD");
            return false;
        }
        if !self.identity.mechanisms.contains(&Mechanism::Plain) {
            if self.naming.account != Account::Identified {
                self.naming.account = Account::GivenUp;
                let text = "IRC_PASSWORD is not given to services: IRC_SASL leaves PLAIN out";
                self.remark(Level::Warn, text);
            }
            return false;
        }
        true
    }

    /// The services are known: free the nick if need be, take it, identify.
    fn use_services(&mut self, now: Instant) {
        if self.has_wanted_nick() {
            self.identify(now);
        } else if self.naming.taken && !self.naming.taken_over {
            self.free(Means::Ghost, now);
        } else {
            self.rename(false, now);
        }
    }

    pub(super) fn free(&mut self, means: Means, now: Instant) {
        let Some(password) = self.identity.password.clone() else {
            return;
        };
        self.step(Step::Freeing(means), now);
        self.tell_services(means.words(&self.nick.wanted(), password.expose()));
    }

    pub(super) fn rename(&mut self, released: bool, now: Instant) {
        self.step(Step::Renaming { released }, now);
        self.ask_nick();
    }

    pub(super) fn identify(&mut self, now: Instant) {
        let password = self.identity.password.as_ref().map(Hidden::expose);
        let Some(password) = password.filter(|_| self.naming.account != Account::Identified) else {
            return self.end_errand(now);
        };
        let words = format!("IDENTIFY {} {password}", self.account());
        self.step(Step::Identifying, now);
        self.tell_services(words);
    }

    pub(super) fn nobody_answered(&mut self, now: Instant) {
        match self.naming.errand.as_ref().map(|errand| &errand.step) {
            Some(Step::Proving(_)) => self.no_services("nobody answered to WHOIS NickServ", now),
            Some(&Step::Freeing(means)) => self.rename(means == Means::Release, now),
            Some(Step::Renaming { .. }) => self.identify(now),
            Some(Step::Identifying) => {
                let services = self.naming.services.as_deref().unwrap_or(NICKSERV);
                let text = format!(
                    "{services} did not answer to IRC_PASSWORD; going on without an account"
                );
                self.remark(Level::Warn, text);
                self.end_errand(now);
            }
            None => {}
        }
    }

    fn no_services(&mut self, why: &str, now: Instant) {
        let told = std::mem::replace(&mut self.naming.account, Account::Unproven);
        if told == Account::Unproven {
            return self.end_errand(now);
        }
        let text = format!(
            "IRC_PASSWORD stays here: {why}. Set IRC_SERVICES to where this network's services \
             take passwords (for example NickServ@services.example.net), or leave IRC_PASSWORD out"
        );
        self.remark(Level::Warn, text);
        self.end_errand(now);
    }

    pub(super) fn end_errand(&mut self, now: Instant) {
        self.naming.errand = None;
        if !self.has_wanted_nick() {
            self.naming.ask_at.get_or_insert(now + ASK_EVERY);
        }
        for id in self.those(|channel| matches!(channel.presence, Presence::Identifying)) {
            self.join(id, now);
        }
    }

    /// The next step of the errand, where there is one.
    fn step(&mut self, step: Step, now: Instant) {
        if let Some(errand) = &mut self.naming.errand {
            errand.step = step;
            errand.until = now + ANSWER_BOUND;
        }
    }

    fn tell_services(&mut self, words: String) {
        if let Some(services) = self.naming.services.clone() {
            self.send(&Command::PRIVMSG(services, words));
        }
    }
}
