//! The link to the server as the loop sees it: waiting, connecting or up; and
//! its next event.

use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

use super::attempt::Tried;
use crate::irc::session::Session;
use crate::transport::Stream;

/// Bytes that may wait to be written. What a server takes unread is far less,
/// and so is what the pace lets go.
const MOST_OUT: usize = 64 * 1024;

/// How we are connected.
pub(super) enum Link {
    Waiting {
        until: Instant,
    },
    Connecting(Pin<Box<dyn Future<Output = Tried> + Send>>),
    Up(Box<Up>),
    /// Closed for good.
    Gone,
}

/// An open connection with its session.
pub(crate) struct Up {
    pub(crate) session: Session,
    pub(crate) joined_at: Option<Instant>,
    reader: ReadHalf<Box<dyn Stream>>,
    writer: WriteHalf<Box<dyn Stream>>,
    /// Bytes for the server, not yet taken by the socket.
    out: Vec<u8>,
    /// Written, but perhaps still in the TLS layer.
    unflushed: bool,
}

/// What the socket did.
pub(crate) enum Io {
    Tried(Tried),
    Read(usize),
    Wrote(usize),
    Flushed,
    Closed(Option<std::io::Error>),
}

impl Up {
    pub(crate) fn new(session: Session, stream: Box<dyn Stream>) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            session,
            joined_at: None,
            reader,
            writer,
            out: Vec::new(),
            unflushed: false,
        }
    }

    /// Puts `bytes` on the way to the server.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Whether the server asks for more than it takes.
    pub(crate) fn is_choked(&self) -> bool {
        self.out.len() > MOST_OUT
    }

    pub(crate) fn wrote(&mut self, count: usize) {
        self.out.drain(..count);
        self.unflushed = true;
    }

    pub(crate) fn flushed(&mut self) {
        self.unflushed = false;
    }
}

impl Link {
    /// The next thing that the socket does. Safe to drop half-way: nothing is
    /// taken from the socket or given to it then.
    pub(crate) async fn next(&mut self, buffer: &mut [u8]) -> Io {
        match self {
            Self::Waiting { .. } | Self::Gone => pending().await,
            Self::Connecting(connecting) => Io::Tried(connecting.await),
            Self::Up(up) => up.next(buffer).await,
        }
    }
}

impl Up {
    /// The next thing that the socket does, as [`Link::next`].
    pub(crate) async fn next(&mut self, buffer: &mut [u8]) -> Io {
        let Self {
            reader,
            writer,
            out,
            unflushed,
            ..
        } = self;
        let read = async {
            match reader.read(buffer).await {
                Ok(0) => Io::Closed(None),
                Ok(count) => Io::Read(count),
                Err(error) => Io::Closed(Some(error)),
            }
        };
        let write = async {
            let wrote = if !out.is_empty() {
                writer.write(out).await.map(Io::Wrote)
            } else if *unflushed {
                writer.flush().await.map(|()| Io::Flushed)
            } else {
                pending().await
            };
            match wrote {
                Ok(io) => io,
                // The reason comes through the reading half, after what the
                // server still had to say.
                Err(_) => pending().await,
            }
        };
        // Writing first: a flood leaves something to read at any time.
        tokio::select! {
            biased;
            io = write => io,
            io = read => io,
        }
    }
}
