//! Our nick, beside everything else. Where it is somebody else's it is asked for
//! when that one is seen to leave, and every 50 s; with a password it is taken
//! back: see `errand`.

mod errand;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use irc_proto::Command;
use log::Level;

use self::errand::{Account, Errand, Step};
use super::Session;
use super::membership::Presence;
use crate::irc::foreign::told;
use crate::irc::isupport::Watch;
use crate::irc::services::Means;
use crate::line::ChannelId;

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
            None if self.is_open()
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
