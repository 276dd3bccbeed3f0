//! The end: what the time allows is shown, what is left out is told, and then
//! QUIT.

use std::num::NonZeroUsize;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::link::Link;
use super::{Run, now};
use crate::channel::Channel;
use crate::line::Urgency;

/// Of the time that is left at the end, this much is for QUIT and the
/// server's answer.
const GOODBYE: Duration = Duration::from_millis(500);
/// What is added to it at most: about what ordinary lines may lie in a server.
const LONGEST_LAG: Duration = Duration::from_millis(1500);
/// So few records at the end may use up the burst credit: more would leave no
/// room for the line that says what is left out.
const LAST_WORDS: u64 = 4;

/// The last phase: show what the time allows, then leave.
pub(super) struct Closing {
    pub(super) until: Instant,
    pub(super) replies: Vec<SyncSender<()>>,
    /// QUIT is on its way: the server's end of the connection is awaited.
    pub(super) said_goodbye: bool,
}

impl Run {
    /// At the end: the account of what is left out as the last line, then QUIT.
    /// Nobody is waited for in vain: not a server that was never met and does
    /// not answer, nor a channel that stays shut for longer than the bound.
    pub(super) fn say_goodbye(&mut self, now: Instant) {
        // What is on the way needs no PING now: the server's answer to QUIT
        // proves it.
        let settled = self.past_goodbye(now) || self.worker.channel.has_said_all(now);
        let Some(closing) = &mut self.closing else {
            return;
        };
        let goodbye = goodbye(&self.link);
        let too_late = |at: Instant| at + goodbye >= closing.until;
        match &mut self.link {
            Link::Up(up) if !closing.said_goodbye => {
                let shut = up.session.shut_until().is_some_and(too_late);
                if !(settled || shut) {
                    return;
                }
                if !up.session.is_registered() {
                    self.link = Link::Gone;
                    return;
                }
                if up.session.is_joined()
                    && let Some(line) = self.worker.channel.farewell(up.session.budget(), now)
                {
                    let wire = up.session.say(line.id, &line.text, now);
                    up.write(wire.as_bytes());
                }
                if up.session.flow().unacknowledged().next().is_none() {
                    // Only the nick is at stake. QUIT waits in the server like
                    // all else.
                    let lag = up.session.flow().lag().unwrap_or_default();
                    closing.until = closing.until.min(now + GOODBYE + lag);
                }
                up.session.quit("irclog: the service has ended");
                closing.said_goodbye = true;
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

    pub(super) fn past_goodbye(&self, now: Instant) -> bool {
        self.closing
            .as_ref()
            .is_some_and(|closing| now + goodbye(&self.link) >= closing.until)
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
        self.publish(ended);
        for (_, reply) in self.flushes.drain(..) {
            let _ = reply.try_send(false);
        }
        for reply in self.closing.into_iter().flat_map(|closing| closing.replies) {
            let _ = reply.try_send(());
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

/// How soon the next line must be seen; `None` where there is none.
pub(super) fn urgency(
    channel: &Channel,
    closing: Option<&Closing>,
    now: Instant,
) -> Option<Urgency> {
    let urgency = channel.urgency(now)?;
    // What is kept for the next error is of no use when no more will come.
    if closing.is_some() && channel.counts().total().queued <= LAST_WORDS {
        return Some(Urgency::Error);
    }
    Some(urgency)
}

/// How much of the time that is left the last line and QUIT need: more where
/// the server is behind, for they queue up there.
pub(super) fn goodbye(link: &Link) -> Duration {
    let lag = match link {
        Link::Up(up) => up.session.flow().lag().unwrap_or_default(),
        Link::Waiting { .. } | Link::Connecting(_) | Link::Gone => Duration::ZERO,
    };
    GOODBYE + lag.min(LONGEST_LAG)
}
