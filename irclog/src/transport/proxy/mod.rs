//! The way through a proxy: what is said to it is pure (`socks`, `http`); here
//! that meets a stream, within bounds of time and bytes.

mod http;
mod socks;
mod words;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use self::http::Http;
use self::socks::Socks;
use super::ConnectError;
use crate::config::{Proxy, ProxyProtocol};

/// A proxy answers the first words at once.
const ANSWER_BOUND: Duration = Duration::from_secs(8);
/// The way to the server takes it as long as it would take us: a look-up, and
/// addresses of which one or two do not answer.
const CONNECT_BOUND: Duration = Duration::from_secs(20);
/// No part of an answer that is read at once is longer: that of a name in SOCKS.
const LONGEST_READ: usize = 1 + 255 + 2;

/// What the conversation asks for.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// To be sent.
    Send(Vec<u8>),
    /// As many bytes, or fewer: those after them may be the server's.
    Read(usize),
    /// From here on it is the server who speaks.
    Open,
}

/// Why there is no way through.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    /// What listens there is something else.
    NoProxy(Peer),
    /// A login that we do not have; by these schemes, where it names them.
    WantsLogin(Vec<String>),
    WrongLogin,
    /// A reply of SOCKS5.
    Refused(u8),
    /// A status of HTTP, with its words.
    Status(u16, String),
    /// The answer has no end.
    TooLong,
    /// The connection was closed, and by what error.
    Closed(Option<String>),
    /// Nothing came in this time.
    Late(Duration),
}

/// Who it is instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    Http,
    Socks,
    /// SOCKS4.
    OldSocks,
    Irc,
    Unknown,
}

#[derive(Debug)]
enum Talk {
    Socks(Socks),
    Http(Http),
}

impl From<Socks> for Talk {
    fn from(socks: Socks) -> Self {
        Self::Socks(socks)
    }
}

impl From<Http> for Talk {
    fn from(http: Http) -> Self {
        Self::Http(http)
    }
}

impl Talk {
    fn new(proxy: &Proxy, server: &str, port: u16) -> Self {
        let login = &proxy.login;
        match proxy.protocol {
            ProxyProtocol::Socks5 => Socks::new(login.clone(), server, port).into(),
            ProxyProtocol::Http => Http::new(login.as_ref(), server, port).into(),
        }
    }

    fn next(&mut self) -> Next {
        match self {
            Self::Socks(socks) => socks.next(),
            Self::Http(http) => http.next(),
        }
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Socks(socks) => socks.receive(bytes),
            Self::Http(http) => http.receive(bytes),
        }
    }

    /// Whether the proxy is on its way to the server.
    fn is_connecting(&self) -> bool {
        match self {
            Self::Socks(socks) => socks.is_connecting(),
            // It has no answer before.
            Self::Http(_) => true,
        }
    }
}

/// Has `proxy`, at the other end of `stream`, connect us to the server. After
/// that no byte of the server's has been read.
pub(super) async fn pass(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    server: &str,
    port: u16,
) -> Result<(), ConnectError> {
    let mut talk = Talk::new(proxy, server, port);
    let mut connecting = false;
    loop {
        // What has begun to connect is given that time once, however slowly it
        // says so.
        let bound = if connecting {
            CONNECT_BOUND
        } else {
            ANSWER_BOUND
        };
        let stage = until_next_stage(stream, &mut talk, connecting);
        let result = timeout(bound, stage).await;
        match result.unwrap_or(Err(Fault::Late(bound))) {
            Ok(Stage::Open) => return Ok(()),
            Ok(Stage::Connecting) => connecting = true,
            Err(fault) => {
                return Err(words::explain(&fault, connecting, proxy, server, port));
            }
        }
    }
}

enum Stage {
    Connecting,
    Open,
}

async fn until_next_stage(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    talk: &mut Talk,
    connecting: bool,
) -> Result<Stage, Fault> {
    let mut buffer = [0; LONGEST_READ];
    loop {
        match talk.next() {
            Next::Open => return Ok(Stage::Open),
            Next::Send(bytes) => {
                let sent = async {
                    stream.write_all(&bytes).await?;
                    stream.flush().await
                };
                sent.await
                    .map_err(|error| Fault::Closed(Some(error.to_string())))?;
                if talk.is_connecting() && !connecting {
                    return Ok(Stage::Connecting);
                }
            }
            Next::Read(count) => {
                let part = &mut buffer[..count.min(LONGEST_READ)];
                match stream.read(part).await {
                    Ok(0) => return Err(Fault::Closed(None)),
                    Ok(read) => talk.receive(&buffer[..read])?,
                    Err(error) => return Err(Fault::Closed(Some(error.to_string()))),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
