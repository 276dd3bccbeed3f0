//! Until when the worker sleeps, and what wakes it.

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use super::goodbye::goodbye;
use super::link::{Io, Link};
use super::speaking::{next_turn, open};
use super::{COALESCE, Run, now};
use crate::irc::session::Turn;
use crate::lanes::Sleep;
use crate::line::Urgency;

impl Run {
    /// When something has to be done although nothing comes, and which records
    /// may wait until then.
    ///
    /// A record that could not be shown earlier if it were known earlier is no
    /// reason to wake up: that costs more than hundreds of records do.
    fn wake_at(&mut self, now: Instant) -> (Option<Instant>, Sleep) {
        let mut sleep = Sleep::Deep;
        let link = match &mut self.link {
            Link::Waiting { until } => Some(*until),
            Link::Up(up) => {
                let channels = &mut self.worker.channels;
                let open = open(&up.session, channels);
                let next = next_turn(&mut self.closing, &mut up.session, channels, open, now);
                let turn = match next {
                    _ if open.is_empty() => None,
                    Some((id, room, urgency)) => {
                        if urgency == Urgency::Normal {
                            sleep = Sleep::UntilError;
                        }
                        let text = channels.of(id).next_len(room, now);
                        match up.session.slot(id, text, urgency, now) {
                            // Having waited may open a slot that was shut before.
                            Turn::Now(_) => Some(now),
                            Turn::At(at) => Some(at),
                            // What comes next, or the session's own deadline,
                            // ends this wait.
                            Turn::AfterProof => None,
                        }
                    }
                    None => {
                        let at = channels.wake_at(open);
                        // Records are being gathered: another may well be of
                        // their kind.
                        sleep = at.map_or(Sleep::Light, |_| Sleep::UntilError);
                        [at, channels.pulse_at(open)].into_iter().flatten().min()
                    }
                };
                [turn, up.session.wake_at()].into_iter().flatten().min()
            }
            Link::Connecting(_) | Link::Gone => None,
        };
        let closing = self.closing.as_ref().map(|closing| {
            if closing.said_goodbye {
                closing.until
            } else {
                let goodbye = goodbye(&mut self.link, now);
                closing.until.checked_sub(goodbye).unwrap_or(closing.until)
            }
        });
        // What is slept through is taken over when budgets are given out. The
        // end does not wait for that.
        if self.collect_at.is_none() || self.closing.is_some() {
            sleep = Sleep::Light;
        }
        let own = [
            self.collect_at,
            self.switch.wake_at(),
            self.remarks.wake_at(),
        ];
        let wake_at = [link, closing].into_iter().chain(own).flatten().min();
        (wake_at, sleep)
    }

    /// Waits until there is something to do, and takes note of it.
    pub(super) async fn wait(&mut self, buffer: &mut [u8]) {
        let before = now();
        let (wake_at, sleep) = self.wake_at(before);
        let shared = Arc::clone(&self.worker.shared);
        let not_before = self.drained_at + COALESCE;
        let records = async {
            tokio::time::sleep_until(not_before.into()).await;
            shared.lanes().sleep(sleep).await;
        };
        let timer = async {
            match wake_at {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => pending().await,
            }
        };
        let io = tokio::select! {
            biased;
            io = self.link.next(buffer) => io,
            () = self.signal.recv() => {
                self.switch.toggle();
                return;
            }
            () = records => return,
            () = timer => {
                self.give_up(now());
                return;
            }
        };
        self.take(io, buffer, now());
    }

    /// Takes note of what the socket did.
    fn take(&mut self, io: Io, buffer: &[u8], now: Instant) {
        match (io, &mut self.link) {
            (Io::Tried(tried), _) => self.tried(tried, now),
            (Io::Read(count), Link::Up(up)) => up.session.receive(&buffer[..count], now),
            (Io::Wrote(count), Link::Up(up)) => up.wrote(count),
            (Io::Flushed, Link::Up(up)) => up.flushed(),
            (Io::Closed(error), Link::Up(up)) => up.session.closed(error.as_ref(), now),
            (Io::Read(_) | Io::Wrote(_) | Io::Flushed | Io::Closed(_), _) => {}
        }
    }
}
