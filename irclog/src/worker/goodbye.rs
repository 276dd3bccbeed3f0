//! The end: what the time allows is shown, what is left out is told, and then
//! QUIT.

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use log::Level;

use super::link::Link;
use super::{Run, now};
use crate::channel::Channels;
use crate::irc::session::{Last, Session};
use crate::irc::wire::Wire;
use crate::line::{ChannelId, ChannelSet, Room};
use crate::loss::PerLevel;

/// Of the time that is left at the end, this much is for the server's answer
/// to QUIT.
const GOODBYE: Duration = Duration::from_millis(500);
/// What is added to it at most where a server is behind and nobody knows why.
const LONGEST_LAG: Duration = Duration::from_millis(1500);
/// So few records at the end are shown even if QUIT is then not worked off in
/// time: the server sees the connection close.
const LAST_WORDS: u64 = 4;
/// Bytes of text that the last line has, which says what is left out.
const ACCOUNT: usize = 80;

/// The last phase: show what the time allows, then leave.
pub(super) struct Closing {
    pub(super) until: Instant,
    /// How long it was from the beginning of the end.
    given: Duration,
    pub(super) replies: Vec<SyncSender<()>>,
    /// QUIT is on its way: the server's end of the connection is awaited.
    pub(super) said_goodbye: bool,
    /// The server would not work off another line in time.
    full: bool,
}

impl Closing {
    pub(super) fn new(until: Instant, reply: SyncSender<()>, now: Instant) -> Self {
        Self {
            until,
            given: until.saturating_duration_since(now),
            replies: vec![reply],
            said_goodbye: false,
            full: false,
        }
    }

    /// The next channel that has something to say, and the room for its line;
    /// `None` when there is nothing to say or no time for it: the credit of the
    /// last lines and of QUIT is not lent, and nothing is written that the
    /// server would not work off before the end.
    pub(super) fn room(
        &mut self,
        session: &mut Session,
        channels: &Channels,
        now: Instant,
    ) -> Option<(ChannelId, Room)> {
        if self.said_goodbye || self.full {
            return None;
        }
        let speaks = |&id: &ChannelId| session.is_joined(id) && !channels.of(id).has_said_all();
        let open: ChannelSet = channels.ids().filter(speaks).collect();
        let (id, _) = channels.turn(open, now)?;
        let until = self.until.checked_sub(GOODBYE).unwrap_or(now);
        let queued = |id| channels.of(id).counts().total().queued;
        let few = open.iter().map(queued).sum::<u64>() <= LAST_WORDS;
        let all = channels.left(open, now);
        let whole: usize = all.iter().map(|left| left.errors + left.others).sum();
        let untold = all.iter().any(|left| left.untold);
        let fits = |room: &Room| !untold && whole <= room.left.unwrap_or_default();
        let mut room = session.last_room(id, &[Last::Quit], until, now);
        if few && !fits(&room) {
            room = session.last_room(id, &[], until, now);
        }
        if !fits(&room) {
            let mut after = vec![Last::Line(ACCOUNT); open.len()];
            after.push(Last::Quit);
            room = session.last_room(id, &after, until, now);
            self.full = room.left == Some(0);
            // Errors of all come first, and of the rest each has its part.
            if let Some(left) = room.left.filter(|&left| left < whole) {
                let errors: usize = all.iter().map(|left| left.errors).sum();
                let sharing = all.iter().filter(|left| left.others > 0).count();
                let rest = left.saturating_sub(errors) / sharing.max(1);
                room.left = Some((channels.of(id).left(now).errors + rest).min(left));
            }
        }
        (!self.full).then_some((id, room))
    }

    /// Whether it is time to leave: all is said in every channel that is not
    /// `shut`, nothing more would be worked off in time, or no more is left of
    /// it than the `goodbye` needs.
    fn is_settled(
        &self,
        goodbye: Duration,
        channels: &Channels,
        shut: ChannelSet,
        now: Instant,
    ) -> bool {
        // What is on the way needs no PING now: the server's answer to QUIT
        // proves it.
        let mut ids = channels.ids();
        let said = |id| shut.contains(id) || channels.of(id).has_said_all();
        self.full || self.is_past(goodbye, now) || ids.all(said)
    }

    fn is_past(&self, goodbye: Duration, now: Instant) -> bool {
        now + goodbye >= self.until
    }

    /// Says QUIT, and gives the lines to be written before it: the account of
    /// what is left out of each channel, where there is any.
    fn leave(&mut self, session: &mut Session, channels: &mut Channels, now: Instant) -> Vec<Wire> {
        let until = self.until.checked_sub(GOODBYE / 2).unwrap_or(now);
        let mut accounts = Vec::new();
        for id in channels.ids() {
            if session.is_joined(id)
                && let Some(permit) = session.last_slot(id, ACCOUNT, until, now)
                && let Some(line) = channels.at(id).farewell(session.budget(id), now)
            {
                accounts.push(session.say(permit, line.id, &line.text, now));
            }
        }
        if session.flow().unacknowledged().next().is_none() {
            // Only the nick is at stake. QUIT waits in the server like all
            // else.
            let lag = session.flow().lag().unwrap_or_default();
            self.until = self.until.min(now + GOODBYE + lag);
        }
        session.quit("irclog: the service has ended");
        self.said_goodbye = true;
        accounts
    }
}

impl Run {
    /// At the end: the account of what is left out as the last line, then QUIT.
    /// Nobody is waited for in vain: not a server that was never met and does
    /// not answer, nor a channel that stays shut for longer than the bound.
    pub(super) fn say_goodbye(&mut self, now: Instant) {
        let goodbye = goodbye(&mut self.link, now);
        let Some(closing) = &mut self.closing else {
            return;
        };
        let channels = &mut self.worker.channels;
        let too_late = |at| closing.is_past(goodbye, at);
        let shut: ChannelSet = match &self.link {
            Link::Up(up) => {
                let is_shut = |&id: &ChannelId| up.session.shut_until(id).is_some_and(too_late);
                channels.ids().filter(is_shut).collect()
            }
            Link::Waiting { .. } | Link::Connecting(_) | Link::Gone => ChannelSet::default(),
        };
        let settled = closing.is_settled(goodbye, channels, shut, now);
        match &mut self.link {
            Link::Up(up) if !closing.said_goodbye && settled => {
                if !up.session.is_registered() {
                    self.link = Link::Gone;
                    return;
                }
                for account in closing.leave(&mut up.session, channels, now) {
                    up.write(account.as_bytes());
                }
            }
            Link::Waiting { until } => {
                if settled || self.met.is_empty() || closing.is_past(goodbye, *until) {
                    self.link = Link::Gone;
                }
            }
            Link::Connecting(_) if settled => self.link = Link::Gone,
            Link::Connecting(_) | Link::Up(_) | Link::Gone => {}
        }
    }

    pub(super) fn past_goodbye(&mut self, now: Instant) -> bool {
        let goodbye = goodbye(&mut self.link, now);
        self.closing
            .as_ref()
            .is_some_and(|closing| closing.is_past(goodbye, now))
    }

    pub(super) fn has_said_goodbye(&self) -> bool {
        self.closing
            .as_ref()
            .is_some_and(|closing| closing.said_goodbye)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.closing.is_some() && matches!(self.link, Link::Gone)
    }

    /// Settles what is left and answers whoever waits.
    pub(super) fn end(mut self) {
        self.worker.shared.close();
        let ended = now();
        self.drain(ended);
        self.collect(ended);
        // Without a connection there is nobody to tell; what waits is counted.
        for id in self.worker.channels.ids() {
            let _ = self
                .worker
                .channels
                .at(id)
                .farewell(NonZeroUsize::MAX, ended);
        }
        self.tell_unseen();
        self.publish(ended);
        for (_, reply) in self.flushes.drain(..) {
            let _ = reply.try_send(false);
        }
        for reply in self.closing.into_iter().flat_map(|closing| closing.replies) {
            let _ = reply.try_send(());
        }
    }

    /// Tells the console what the channels could not be told any more.
    fn tell_unseen(&self) {
        // Whoever muted it wanted that.
        if self.muted {
            return;
        }
        let given = self.closing.as_ref().map(|closing| closing.given);
        let given = given.unwrap_or_default().as_secs_f64();
        let config = &self.worker.config;
        for (id, channel) in self.worker.channels.ids().zip(&config.channels) {
            let unseen = by_level(&self.worker.channels.of(id).unseen());
            if unseen.is_empty() {
                continue;
            }
            let outage = self.outage.as_ref().map(|(why, _)| why);
            let kept_out = self.kept_out[id.index()].as_ref();
            let why = match outage.or(kept_out).or(self.trouble.as_ref()) {
                Some(why) => why.clone(),
                None if self.met.contains(id) => {
                    format!("the server did not take it in the {given:.1} s that the end had")
                }
                None => format!("the channel was not joined in the {given:.1} s that the end had"),
            };
            let text = format!(
                "{} on {} did not see the last of this log ({unseen}): {why}",
                channel.name, config.server
            );
            self.worker.notices.tell(Level::Warn, &text);
        }
    }

    /// The server did not close within the bound.
    pub(super) fn give_up(&mut self, now: Instant) {
        if let Some(closing) = &self.closing
            && closing.said_goodbye
            && now >= closing.until
        {
            self.link = Link::Gone;
        }
    }
}

/// How much of the time that is left the last line and QUIT need.
pub(super) fn goodbye(link: &mut Link, now: Instant) -> Duration {
    match link {
        Link::Up(up) => goodbye_of(&mut up.session, now),
        Link::Waiting { .. } | Link::Connecting(_) | Link::Gone => GOODBYE,
    }
}

/// The same on an open connection: more where the server is behind, for they
/// queue up there.
fn goodbye_of(session: &mut Session, now: Instant) -> Duration {
    let lag = session.flow().lag().unwrap_or_default();
    GOODBYE + session.quit_waits(now).max(lag.min(LONGEST_LAG))
}

/// `4 ERROR, 36 INFO`, empty where there is none.
fn by_level(counts: &PerLevel<u64>) -> String {
    let counts = counts.iter().filter(|&(_, &count)| count > 0);
    let counts: Vec<String> = counts
        .map(|(level, count)| format!("{count} {level}"))
        .collect();
    counts.join(", ")
}
