//! Where a stream is shown: as it is, or scrubbed.

use std::io::{self, ErrorKind, Write};

use irclog::tool::ScrubbedStream;

use crate::stage::{self, Stage, Turns};
use crate::streams::{Sink, Stream};

/// One of our own streams.
pub(crate) struct Screen {
    to: Sink,
    turns: Option<Turns>,
    state: State,
    scrubbed: Option<ScrubbedStream>,
    ready: Vec<u8>,
}

enum State {
    Working,
    /// Nobody reads it any more: `| head` has seen enough.
    Unread,
    /// It cannot be written: a full disk. That has been told.
    Broken,
}

impl Screen {
    /// Shows on `stream` what comes through `scrubbed`, or all.
    pub(crate) fn new(stream: Stream, scrubbed: Option<ScrubbedStream>) -> Self {
        Self {
            to: Sink(stream),
            turns: None,
            state: State::Working,
            scrubbed,
            ready: Vec::new(),
        }
    }

    /// Takes turns with whoever else writes there.
    pub(crate) fn on(mut self, stage: &Stage) -> Self {
        self.turns = stage.turns(self.to.0);
        self
    }

    pub(crate) fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread)
    }

    pub(crate) fn show(&mut self, bytes: &[u8]) {
        match &self.scrubbed {
            None => self.write(bytes),
            Some(_) => self.scrub(|stream, ready| stream.feed(bytes, ready)),
        }
    }

    /// Shows what was held back.
    pub(crate) fn finish(&mut self) {
        self.scrub(ScrubbedStream::finish);
    }

    fn scrub(&mut self, work: impl FnOnce(&mut ScrubbedStream, &mut Vec<u8>)) {
        let mut ready = std::mem::take(&mut self.ready);
        if let Some(stream) = &mut self.scrubbed {
            work(stream, &mut ready);
        }
        if !ready.is_empty() {
            self.write(&ready);
        }
        ready.clear();
        self.ready = ready;
    }

    fn write(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Working) {
            return;
        }
        let mut turn = self.turns.as_ref().map(stage::turn);
        let shown = self.to.write_all(bytes).and_then(|()| self.to.flush());
        if let Some(turn) = &mut turn {
            let last = bytes.last().filter(|_| shown.is_ok());
            turn.shown(self.to.0, last.copied());
        }
        drop(turn);
        if let Err(error) = shown {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        if error.kind() == ErrorKind::BrokenPipe {
            self.state = State::Unread;
            return;
        }
        stage::tell(&format!(
            "output cannot be written here any more ({error}); the channel goes on"
        ));
        self.state = State::Broken;
    }
}
