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
use crate::channel::Channel;
use crate::irc::session::{Last, Session};
use crate::irc::wire::Wire;
use crate::line::{MAIN, Room};
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

    /// The room for the next line, `None` when there is nothing to say or no
    /// time for it: the credit of the last line and of QUIT is not lent, and
    /// nothing is written that the server would not work off before the end.
    pub(super) fn room(
        &mut self,
        session: &mut Session,
        channel: &Channel,
        now: Instant,
    ) -> Option<Room> {
        if self.said_goodbye || self.full || channel.has_said_all() || !session.is_joined(MAIN) {
            return None;
        }
        let until = self.until.checked_sub(GOODBYE).unwrap_or(now);
        let few = channel.counts().total().queued <= LAST_WORDS;
        let fits = |room: &Room| channel.fits_whole(room.left.unwrap_or_default(), now);
        let mut whole = session.last_room(MAIN, &[Last::Quit], until, now);
        if few && !fits(&whole) {
            whole = session.last_room(MAIN, &[], until, now);
        }
        let room = if fits(&whole) {
            whole
        } else {
            session.last_room(MAIN, &[Last::Line(ACCOUNT), Last::Quit], until, now)
        };
        self.full = room.left == Some(0);
        (!self.full).then_some(room)
    }

    /// Whether it is time to leave: all is said, nothing more would be worked
    /// off in time, or no more is left of it than the `goodbye` needs.
    fn is_settled(&self, goodbye: Duration, channel: &Channel, now: Instant) -> bool {
        // What is on the way needs no PING now: the server's answer to QUIT
        // proves it.
        self.full || self.is_past(goodbye, now) || channel.has_said_all()
    }

    fn is_past(&self, goodbye: Duration, now: Instant) -> bool {
        now + goodbye >= self.until
    }

    /// Says QUIT, and gives the line to be written before it: the account of
    /// what is left out, where there is any.
    fn leave(
        &mut self,
        session: &mut Session,
        channel: &mut Channel,
        now: Instant,
    ) -> Option<Wire> {
        let until = self.until.checked_sub(GOODBYE / 2).unwrap_or(now);
        let mut account = None;
        if session.is_joined(MAIN)
            && let Some(permit) = session.last_slot(MAIN, ACCOUNT, until, now)
            && let Some(line) = channel.farewell(session.budget(MAIN), now)
        {
            account = Some(session.say(permit, MAIN, line.id, &line.text, now));
        }
        if session.flow().unacknowledged().next().is_none() {
            // Only the nick is at stake. QUIT waits in the server like all
            // else.
            let lag = session.flow().lag().unwrap_or_default();
            self.until = self.until.min(now + GOODBYE + lag);
        }
        session.quit("irclog: the service has ended");
        self.said_goodbye = true;
        account
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
        let settled = closing.is_settled(goodbye, &self.worker.channel, now);
        let too_late = |at| closing.is_past(goodbye, at);
        match &mut self.link {
            Link::Up(up) if !closing.said_goodbye => {
                let shut = up.session.shut_until(MAIN).is_some_and(too_late);
                if !(settled || shut) {
                    return;
                }
                if !up.session.is_registered() {
                    self.link = Link::Gone;
                    return;
                }
                let channel = &mut self.worker.channel;
                if let Some(account) = closing.leave(&mut up.session, channel, now) {
                    up.write(account.as_bytes());
                }
            }
            Link::Waiting { until } => {
                if settled || !self.met || too_late(*until) {
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
        let _ = self.worker.channel.farewell(NonZeroUsize::MAX, ended);
        self.tell_unseen();
        self.publish(ended);
        for (_, reply) in self.flushes.drain(..) {
            let _ = reply.try_send(false);
        }
        for reply in self.closing.into_iter().flat_map(|closing| closing.replies) {
            let _ = reply.try_send(());
        }
    }

    /// Tells the console what the channel could not be told any more.
    fn tell_unseen(&self) {
        let unseen = by_level(&self.worker.channel.unseen());
        // Whoever muted it wanted that.
        if unseen.is_empty() || self.muted {
            return;
        }
        let given = self.closing.as_ref().map(|closing| closing.given);
        let given = given.unwrap_or_default().as_secs_f64();
        let why = match (&self.outage, &self.trouble) {
            (Some((why, _)), _) | (None, Some(why)) => why.clone(),
            (None, None) if self.met => {
                format!("the server did not take it in the {given:.1} s that the end had")
            }
            (None, None) => {
                format!("the channel was not joined in the {given:.1} s that the end had")
            }
        };
        let config = &self.worker.config;
        let text = format!(
            "{} on {} did not see the last of this log ({unseen}): {why}",
            config.channel, config.server
        );
        self.worker.notices.tell(Level::Warn, &text);
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
