//! A session that is driven step by step: until something has come to pass, and
//! no longer than it may take.

use std::time::{Duration, Instant};

use log::Level;

use crate::irc::backoff::Reason;
use crate::irc::flow::FlowConfig;
use crate::irc::session::{Event, Identity, Learnt, Permit, Session};
use crate::line::{LineId, Refusal};
use crate::transport::Connection;
use crate::worker::link::{Io, Up};

const READ_BUFFER: usize = 4_096;

/// A conversation with a server.
pub(super) struct Talk {
    up: Up,
    buffer: Vec<u8>,
    /// What the session found worth a warning, since it was last asked.
    warnings: Vec<String>,
    /// What became of the lines.
    fates: Vec<(LineId, Result<(), Refusal>)>,
    end: Option<(Reason, String)>,
    /// When to look again although nothing comes.
    pub(super) wake_at: Option<Instant>,
}

/// How a wait ended.
pub(super) enum Waited<T> {
    For(T),
    /// The time is up.
    Late,
    /// So is the connection.
    Ended,
}

impl Talk {
    pub(super) fn begin(connection: Connection, identity: Identity, flow: &FlowConfig) -> Self {
        let now = now();
        let confidential = connection.confidential;
        let mut session = Session::new(identity, &Learnt::default(), flow, confidential, now);
        // No server kills for five commands.
        session.prove_at_once();
        Self {
            up: Up::new(session, connection.stream),
            buffer: vec![0; READ_BUFFER],
            warnings: Vec::new(),
            fates: Vec::new(),
            end: None,
            wake_at: None,
        }
    }

    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.up.session
    }

    /// Says `text` in the channel, with the permit of the session.
    pub(super) fn say(&mut self, permit: Permit, id: LineId, text: &str, now: Instant) {
        let wire = self.up.session.say(permit, id, text, now);
        self.up.write(wire.as_bytes());
    }

    /// What became of a line: shown, or refused.
    pub(super) fn fate(&self, id: LineId) -> Option<Result<(), Refusal>> {
        let fate = self.fates.iter().find(|(line, _)| *line == id)?;
        Some(fate.1)
    }

    /// The session's warnings since the last call.
    pub(super) fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Why the connection is of no more use.
    pub(super) fn end(&self) -> Option<&(Reason, String)> {
        self.end.as_ref()
    }

    /// Goes on until `done` says what it was to find out, for `bound` at most.
    pub(super) async fn until<T>(
        &mut self,
        bound: Duration,
        mut done: impl FnMut(&mut Self, Instant) -> Option<T>,
    ) -> Waited<T> {
        let until = now() + bound;
        loop {
            let now = now();
            self.up.session.elapse(now);
            self.hear();
            let found = done(self, now);
            while let Some(line) = self.up.session.transmit(now) {
                self.up.write(line.as_bytes());
            }
            if let Some(found) = found {
                return Waited::For(found);
            }
            if self.end.is_some() {
                return Waited::Ended;
            }
            if now >= until {
                return Waited::Late;
            }
            let wake_at = [self.wake_at.take(), self.up.session.wake_at()];
            let wake_at = wake_at.into_iter().flatten().min();
            self.wait(wake_at.unwrap_or(until).min(until)).await;
        }
    }

    fn hear(&mut self) {
        while let Some(event) = self.up.session.event() {
            match event {
                Event::Remark(level, text) if level <= Level::Warn => self.warnings.push(text),
                Event::Remark(..) | Event::Joined(_) | Event::Left(_) | Event::KeptOut(..) => {}
                Event::Shown(line) => self.fates.push((line, Ok(()))),
                Event::Refused(line, refusal) | Event::Doubted(line, refusal) => {
                    self.fates.push((line, Err(refusal)));
                }
                Event::End(reason, why) => {
                    self.end.get_or_insert((reason, why));
                }
            }
        }
    }

    async fn wait(&mut self, until: Instant) {
        let io = tokio::select! {
            biased;
            io = self.up.next(&mut self.buffer) => io,
            () = tokio::time::sleep_until(until.into()) => return,
        };
        let now = now();
        match io {
            Io::Read(count) => self.up.session.receive(&self.buffer[..count], now),
            Io::Wrote(count) => self.up.wrote(count),
            Io::Flushed => self.up.flushed(),
            Io::Closed(error) => self.up.session.closed(error.as_ref(), now),
            Io::Tried(_) => {}
        }
    }

    /// Leaves, and waits until the server has closed the connection.
    pub(super) async fn leave(mut self, bound: Duration) {
        // Before that nobody listens to it.
        if self.end.is_none() && self.up.session.is_registered() {
            self.up.session.quit("irclog check");
            let _: Waited<()> = self.until(bound, |_, _| None).await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the check is a loop of its own beside the worker's"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
