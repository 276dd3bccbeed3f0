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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::{Hidden, Login};

    pub(super) fn login() -> Login {
        Login {
            name: "ana".into(),
            password: Hidden::new("tiger"),
        }
    }

    pub(super) struct Talked {
        pub(super) said: Vec<Vec<u8>>,
        pub(super) result: Result<(), Fault>,
        /// What came and was not read.
        pub(super) left: Vec<u8>,
    }

    /// Talks to a proxy that gives one of `answers` to each thing that is said,
    /// and behind the last one what the `server` says.
    pub(super) fn talk(talk: impl Into<Talk>, answers: &[&[u8]], server: &[u8]) -> Talked {
        let mut talk = talk.into();
        let mut answers = answers.iter().peekable();
        let (mut said, mut left) = (Vec::new(), Vec::new());
        let result = loop {
            match talk.next() {
                Next::Open => break Ok(()),
                Next::Send(bytes) => {
                    assert!(left.is_empty(), "{left:?} is not read");
                    said.push(bytes);
                    left.extend_from_slice(answers.next().copied().unwrap_or_default());
                    if answers.peek().is_none() {
                        left.extend_from_slice(server);
                    }
                }
                Next::Read(count) => {
                    assert!((1..=LONGEST_READ).contains(&count), "{count}");
                    let count = count.min(left.len());
                    if count == 0 {
                        break Err(Fault::Closed(None));
                    }
                    let part: Vec<u8> = left.drain(..count).collect();
                    if let Err(fault) = talk.receive(&part) {
                        break Err(fault);
                    }
                }
            }
        };
        Talked { said, result, left }
    }

    fn proxy(protocol: ProxyProtocol, login: Option<Login>) -> Proxy {
        Proxy {
            protocol,
            host: "proxy.test".into(),
            port: 1080,
            login,
        }
    }

    proptest! {
        #[test]
        fn whatever_a_proxy_says_ends_without_a_panic(
            mut says in proptest::collection::vec(any::<u8>(), 0..600),
            begins in 0..4_usize,
            with_login: bool,
        ) {
            let begin: [&[u8]; 4] = [b"", &[5, 0, 5, 0, 0], &[5, 2, 1, 0, 5, 0, 0, 3], b"HTTP/1.1 "];
            says.splice(0..0, begin[begins].iter().copied());
            for protocol in [ProxyProtocol::Socks5, ProxyProtocol::Http] {
                let proxy = proxy(protocol, with_login.then(login));
                let mut talk = Talk::new(&proxy, "irc.test", 6697);
                let mut rest = &says[..];
                loop {
                    match talk.next() {
                        Next::Open => break,
                        Next::Send(_) => {}
                        Next::Read(count) => {
                            prop_assert!((1..=LONGEST_READ).contains(&count));
                            let (part, after) = rest.split_at(count.min(rest.len()));
                            rest = after;
                            if part.is_empty() {
                                break;
                            }
                            if let Err(fault) = talk.receive(part) {
                                let error = words::explain(&fault, true, &proxy, "irc.test", 6697);
                                prop_assert!(!error.to_string().chars().any(char::is_control));
                                break;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Speaks to a peer that says `says` and then nothing, or hangs up.
    async fn faced(protocol: ProxyProtocol, says: &[u8], open: bool) -> (String, Duration) {
        let (mut near, mut far) = tokio::io::duplex(1024);
        far.write_all(says).await.unwrap();
        let far = open.then_some(far);
        let started = tokio::time::Instant::now();
        let proxy = proxy(protocol, None);
        let error = pass(&mut near, &proxy, "irc.test", 6697).await.unwrap_err();
        drop(far);
        (error.to_string(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_that_says_nothing_is_left_in_time() {
        let (told, took) = faced(ProxyProtocol::Socks5, b"", true).await;
        assert_eq!(took, ANSWER_BOUND);
        assert!(told.contains("says nothing"), "{told}");
        // It has answered, and is on its way.
        let (told, took) = faced(ProxyProtocol::Socks5, &[5, 0, 5], true).await;
        assert_eq!(took, CONNECT_BOUND);
        assert!(told.contains("irc.test port 6697"), "{told}");
        let (_, took) = faced(ProxyProtocol::Http, b"HTTP/1.1 200", true).await;
        assert_eq!(took, CONNECT_BOUND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_prolongs_nothing() {
        let (mut near, mut far) = tokio::io::duplex(1024);
        let drip = tokio::spawn(async move {
            far.write_all(b"HTTP/1.1 200 OK\r\nX: ").await.unwrap();
            while far.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let started = tokio::time::Instant::now();
        let proxy = proxy(ProxyProtocol::Http, None);
        pass(&mut near, &proxy, "irc.test", 1).await.unwrap_err();
        assert!(started.elapsed() <= CONNECT_BOUND + ANSWER_BOUND);
        drip.abort();
    }

    #[tokio::test]
    async fn a_proxy_that_hangs_up_is_told() {
        for protocol in [ProxyProtocol::Socks5, ProxyProtocol::Http] {
            let (told, _) = faced(protocol, b"", false).await;
            assert!(told.contains("closed"), "{told}");
        }
    }
}
