//! Our nick and our account, beside everything else: services that are proven,
//! a nick that is taken back, and a password only where it belongs.
//!
//! With a password this is an errand of several steps, each with a bound, that
//! comes before the JOIN: prove who the services are, free the nick, take it,
//! identify. Without one the nick is asked for when its holder is seen to
//! leave, and every 50 s.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use irc_proto::Command;
use log::Level;

use super::Session;
use super::membership::Presence;
use crate::config::{Hidden, Mechanism};
use crate::irc::foreign::told;
use crate::irc::isupport::Watch;
use crate::irc::services::{Answer, Evidence, Means, NICKSERV, address_of, nick_of};
use crate::line::ChannelId;

/// A service, or the server, has this long to answer before we go on without.
const ANSWER_BOUND: Duration = Duration::from_secs(10);
/// The whole errand.
const ERRAND_BOUND: Duration = Duration::from_secs(30);
/// The wanted nick is asked for this often: free for a minute, it is ours. It
/// costs as much as a line.
const ASK_EVERY: Duration = Duration::from_secs(50);
/// The same after services took it from us a second time, doubling: they will
/// go on.
const ASK_AFTER_RENAMES: Duration = Duration::from_secs(600);
const ASK_LIMIT: Duration = Duration::from_secs(2 * 3600);

/// Between two errands that a change of our nick begins.
const BETWEEN_ERRANDS: Duration = Duration::from_secs(60);
/// Between two tries because the holder was seen to leave.
const BETWEEN_LEAVES: Duration = Duration::from_secs(5);

fn passed(since: Option<Instant>, least: Duration, now: Instant) -> bool {
    since.is_none_or(|at| now.saturating_duration_since(at) >= least)
}

/// What is known and under way on this connection.
#[derive(Debug, Default)]
pub(super) struct Naming {
    errand: Option<Errand>,
    /// Where the password may go.
    services: Option<String>,
    account: Account,
    /// A NICK that is not answered yet.
    asked: Option<String>,
    /// Somebody else has, or had, the wanted nick.
    pub(super) taken: bool,
    /// When the wanted nick is asked for again.
    ask_at: Option<Instant>,
    watches: bool,
    /// It was taken from us by its password before: see [`Learnt`].
    ///
    /// [`Learnt`]: super::Learnt
    pub(super) taken_over: bool,
    /// When the last errand began of which nobody but the server knows why, and
    /// when the nick was asked for because somebody left: no server keeps us
    /// busy with that.
    began_at: Option<Instant>,
    followed_at: Option<Instant>,
    /// How often we were renamed without having asked for it.
    renamed: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Account {
    #[default]
    Unknown,
    /// There is nobody to give the password to, which has been told.
    Unproven,
    Identified,
    /// The password is of no use on this connection.
    GivenUp,
}

#[derive(Debug)]
struct Errand {
    step: Step,
    until: Instant,
    /// All steps together.
    over_at: Instant,
}

#[derive(Debug)]
enum Step {
    /// WHOIS is on its way.
    Proving(Evidence),
    Freeing(Means),
    Renaming {
        /// Services have been asked to let go of it.
        released: bool,
    },
    Identifying,
}

impl Naming {
    /// The password is of no use on this connection.
    pub(super) fn give_up(&mut self) {
        self.account = Account::GivenUp;
    }

    pub(super) fn new(taken_over: bool) -> Self {
        Self {
            taken_over,
            ..Self::default()
        }
    }
}

impl Session {
    /// Greeted: sees to nick and account, and goes into the channels.
    pub(super) fn enter(&mut self, now: Instant) {
        if !self.has_wanted_nick() {
            self.watch(self.naming.taken);
            // Unless only its length was refused, before the right one was
            // known.
            let wait = if self.naming.taken {
                ASK_EVERY
            } else {
                Duration::ZERO
            };
            self.naming.ask_at = Some(now + wait);
        }
        for id in self.ids() {
            self.enter_named(id, now);
        }
    }

    /// The same of one channel, after having been outside for a while.
    pub(super) fn enter_again(&mut self, id: ChannelId, now: Instant) {
        if !self.has_wanted_nick() && self.naming.errand.is_none() {
            self.naming.ask_at = Some(now + ASK_EVERY);
            self.ask_nick();
        }
        self.enter_named(id, now);
    }

    fn enter_named(&mut self, id: ChannelId, now: Instant) {
        if self.begin_errand(now) {
            self.at(id).presence = Presence::Identifying;
        } else {
            self.join(id, now);
        }
    }

    /// Whether our nick is the wanted one.
    pub(super) fn has_wanted_nick(&self) -> bool {
        self.isupport.same(&self.own_nick, &self.nick.wanted())
    }

    /// Tells why we have another nick than `IRC_NICK` says, when we do.
    pub(super) fn tell_nick(&mut self) {
        let (full, wanted) = (self.identity.nick.to_string(), self.nick.wanted());
        let mut why = Vec::new();
        if self.nick.is_cut() {
            let longest = self.nick.longest();
            why.push(format!(
                "nick {full} is too long here (at most {longest} characters)"
            ));
        }
        if !self.has_wanted_nick() && self.naming.taken {
            why.push(format!(
                "nick {wanted} is taken: it will be asked for again"
            ));
        }
        if why.is_empty() {
            return;
        }
        let text = format!(
            "{}; speaking as {} (IRC_NICK)",
            why.join(", and "),
            told(&self.own_nick)
        );
        self.remark(Level::Warn, text);
    }

    /// Lets deadlines pass that are due.
    pub(super) fn elapse_naming(&mut self, now: Instant) {
        if let Some(errand) = &self.naming.errand {
            if now >= errand.over_at {
                self.end_errand(now);
            } else if now >= errand.until {
                self.nobody_answered(now);
            }
        } else if self.naming.ask_at.is_some_and(|at| now >= at) {
            self.naming.ask_at = Some(now + ASK_EVERY);
            if !self.has_wanted_nick() {
                self.ask_nick();
            }
        }
    }

    pub(super) fn naming_wakes_at(&self) -> Option<Instant> {
        match &self.naming.errand {
            Some(errand) => Some(errand.until.min(errand.over_at)),
            None => self.naming.ask_at,
        }
    }

    /// Leaves all as it is: we are going.
    pub(super) fn drop_naming(&mut self) {
        self.naming.errand = None;
        self.naming.ask_at = None;
    }

    /// The server calls us something else.
    pub(super) fn renamed(&mut self, new: String, now: Instant) {
        let asked = self.naming.asked.take();
        let by_us = asked.is_some_and(|asked| self.isupport.same(&asked, &new));
        self.former_nick = Some(std::mem::replace(&mut self.own_nick, new));
        if self.has_wanted_nick() {
            let text = format!("speaking as {} now", told(&self.own_nick));
            self.remark(Level::Info, text);
            self.naming.ask_at = None;
            self.watch(false);
            match &self.naming.errand {
                Some(Errand {
                    step: Step::Freeing(_) | Step::Renaming { .. },
                    ..
                }) => self.identify(now),
                None if passed(self.naming.began_at, BETWEEN_ERRANDS, now) => {
                    self.begin_errand(now);
                }
                Some(_) | None => {}
            }
        } else if !by_us {
            self.renamed_by_others(now);
        }
    }

    fn renamed_by_others(&mut self, now: Instant) {
        self.naming.taken = true;
        self.naming.renamed += 1;
        let own = told(&self.own_nick);
        let text = if self.identity.password.is_none() {
            format!(
                "the server calls us {own} now: if {} belongs to an account, set IRC_PASSWORD, \
                 or choose another IRC_NICK",
                self.nick.wanted()
            )
        } else {
            format!("the server calls us {own} now")
        };
        self.remark(Level::Warn, text);
        // Identified, it was somebody with our password who wanted it.
        let may_insist = self.naming.account != Account::Identified && self.naming.renamed == 1;
        if !(may_insist && self.begin_errand(now)) {
            let doublings = self.naming.renamed.saturating_sub(2).min(8);
            let wait = match self.naming.renamed {
                ..2 => ASK_EVERY,
                _ => (ASK_AFTER_RENAMES * (1 << doublings)).min(ASK_LIMIT),
            };
            self.naming.ask_at = Some(now + wait);
        }
    }

    /// Somebody was seen to leave the nick `gone`.
    pub(super) fn nick_is_free(&mut self, gone: &str, now: Instant) {
        if self.has_wanted_nick() || !self.isupport.same(gone, &self.nick.wanted()) {
            return;
        }
        match self.naming.errand.as_ref().map(|errand| &errand.step) {
            Some(Step::Freeing(_)) => self.rename(false, now),
            None if self.pings()
                && self.naming.asked.is_none()
                && passed(self.naming.followed_at, BETWEEN_LEAVES, now) =>
            {
                self.naming.followed_at = Some(now);
                self.ask_nick();
            }
            Some(_) | None => {}
        }
    }

    /// The server does not give us the nick that we asked for.
    pub(super) fn nick_refused_later(&mut self, number: u16, text: &str, now: Instant) {
        let Some(asked) = self.naming.asked.take() else {
            return;
        };
        if !std::mem::replace(&mut self.naming.taken, true) {
            let text =
                format!("the server does not give us the nick {asked} yet ({number} {text})");
            self.remark(Level::Warn, text);
        }
        self.watch(true);
        let renaming = self.naming.errand.as_ref().map(|errand| &errand.step);
        match renaming {
            Some(Step::Renaming { released: false }) => self.free(Means::Release, now),
            Some(Step::Renaming { released: true }) => self.identify(now),
            _ => {}
        }
    }

    /// WHOIS says something.
    pub(super) fn whois(&mut self, number: u16, arguments: &[String], now: Instant) {
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
    pub(super) fn told_by(&mut self, nick: &str, text: &str, now: Instant) {
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
    pub(super) fn is_identified(&mut self, now: Instant) {
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
    fn begin_errand(&mut self, now: Instant) -> bool {
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
    pub(super) fn knows_account(&self) -> bool {
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

    fn free(&mut self, means: Means, now: Instant) {
        let Some(password) = self.identity.password.clone() else {
            return;
        };
        self.step(Step::Freeing(means), now);
        self.tell_services(means.words(&self.nick.wanted(), password.expose()));
    }

    fn rename(&mut self, released: bool, now: Instant) {
        self.step(Step::Renaming { released }, now);
        self.ask_nick();
    }

    fn identify(&mut self, now: Instant) {
        let password = self.identity.password.as_ref().map(Hidden::expose);
        let Some(password) = password.filter(|_| self.naming.account != Account::Identified) else {
            return self.end_errand(now);
        };
        let words = format!("IDENTIFY {} {password}", self.account());
        self.step(Step::Identifying, now);
        self.tell_services(words);
    }

    fn nobody_answered(&mut self, now: Instant) {
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

    fn end_errand(&mut self, now: Instant) {
        self.naming.errand = None;
        if !self.has_wanted_nick() {
            self.naming.ask_at.get_or_insert(now + ASK_EVERY);
        }
        for id in self.those(|channel| matches!(channel.presence, Presence::Identifying)) {
            self.join(id, now);
        }
    }

    fn step(&mut self, step: Step, now: Instant) {
        let until = now + ANSWER_BOUND;
        match &mut self.naming.errand {
            Some(errand) => {
                errand.step = step;
                errand.until = until;
            }
            None => {
                self.naming.errand = Some(Errand {
                    step,
                    until,
                    over_at: now + ERRAND_BOUND,
                });
            }
        }
    }

    fn tell_services(&mut self, words: String) {
        if let Some(services) = self.naming.services.clone() {
            self.send(&Command::PRIVMSG(services, words));
        }
    }

    fn ask_nick(&mut self) {
        let wanted = self.nick.wanted();
        self.send(&Command::NICK(wanted.clone()));
        self.naming.asked = Some(wanted);
    }

    /// Has the server say when the holder of the wanted nick leaves, where one
    /// command is enough for that.
    fn watch(&mut self, wanted: bool) {
        let nick = self.nick.wanted();
        let sign = if wanted { '+' } else { '-' };
        if std::mem::replace(&mut self.naming.watches, wanted) == wanted {
            return;
        }
        match self.isupport.watch {
            Some(Watch::Monitor) => self.send(&Command::MONITOR(sign.to_string(), Some(nick))),
            Some(Watch::Watch) => {
                self.send(&Command::Raw("WATCH".into(), vec![format!("{sign}{nick}")]));
            }
            None => {}
        }
    }
}
