//! Where a stream is shown: as it is, or scrubbed.

use std::io::ErrorKind;

use irclog::tool::ScrubbedStream;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::stage::{self, Stage, Stream, Turns};

/// One of our own streams.
pub(crate) struct Screen<W> {
    to: W,
    turns: Option<(Turns, Stream)>,
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

impl<W: AsyncWrite + Unpin> Screen<W> {
    /// Shows on `to` what comes through `scrubbed`, or all.
    pub(crate) fn new(to: W, scrubbed: Option<ScrubbedStream>) -> Self {
        Self {
            to,
            turns: None,
            state: State::Working,
            scrubbed,
            ready: Vec::new(),
        }
    }

    /// Takes turns with whoever else writes there.
    pub(crate) fn on(mut self, stage: &Stage, stream: Stream) -> Self {
        self.turns = stage.turns(stream);
        self
    }

    pub(crate) fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread)
    }

    pub(crate) async fn show(&mut self, bytes: &[u8]) {
        match &self.scrubbed {
            None => self.write(bytes).await,
            Some(_) => self.scrub(|stream, ready| stream.feed(bytes, ready)).await,
        }
    }

    /// Shows what was held back.
    pub(crate) async fn finish(&mut self) {
        self.scrub(ScrubbedStream::finish).await;
    }

    async fn scrub(&mut self, work: impl FnOnce(&mut ScrubbedStream, &mut Vec<u8>)) {
        let mut ready = std::mem::take(&mut self.ready);
        if let Some(stream) = &mut self.scrubbed {
            work(stream, &mut ready);
        }
        if !ready.is_empty() {
            self.write(&ready).await;
        }
        ready.clear();
        self.ready = ready;
    }

    async fn write(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Working) {
            return;
        }
        let turn = match &self.turns {
            Some((turns, stream)) => Some((turns.lock().await, *stream)),
            None => None,
        };
        let shown = async {
            self.to.write_all(bytes).await?;
            self.to.flush().await
        };
        let shown = shown.await;
        if let Some((mut turn, stream)) = turn {
            let last = bytes.last().filter(|_| shown.is_ok());
            turn.shown(stream, last.copied()).await;
        }
        match shown {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.state = State::Unread,
            Err(error) => {
                stage::tell(&format!(
                    "output cannot be written here any more ({error}); the channel goes on"
                ));
                self.state = State::Broken;
            }
        }
    }
}
