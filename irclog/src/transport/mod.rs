//! Sockets, plain and encrypted: the only rooms that know them.

mod budget;
mod certificate;
mod proxy;
mod tcp;
mod tls;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use self::budget::Budgeted;
use self::certificate::Certificate;
use self::tls::Tls;

use crate::config::{Config, Proxy};
use crate::error::Problem;
use crate::irc::backoff::Reason;

/// Every address together, name look-up and TLS handshake included.
const TOTAL_BOUND: Duration = Duration::from_secs(45);
/// A TLS server answers the first word at once. Who does not waits for lines
/// of text, most likely: that is told within ten seconds.
const HANDSHAKE_BOUND: Duration = Duration::from_secs(8);

const SERVER_MEND: &str = "are IRC_SERVER and IRC_PORT right (6697 with TLS is usual, 6667 \
                           without), and may this host connect there?";

/// An open connection.
pub(crate) struct Connection {
    pub(crate) stream: Box<dyn Stream>,
    /// Nobody but the server can read along: TLS, or an address that packets
    /// to leave no private network.
    pub(crate) confidential: bool,
    /// What the server showed of itself, where it is encrypted.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the command line tells it")
    )]
    pub(crate) certificate: Option<Certificate>,
    /// Worth a line on the console.
    pub(crate) remark: Option<String>,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Why a connection could not be opened, and what to do about it.
#[derive(Debug)]
pub(crate) struct ConnectError {
    /// What it means for the next try.
    pub(crate) reason: Reason,
    pub(crate) what: String,
    pub(crate) mend: String,
    /// It is the proxy who says so.
    by_proxy: bool,
}

impl ConnectError {
    fn new(reason: Reason, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            reason,
            what: what.into(),
            mend: mend.into(),
            by_proxy: false,
        }
    }

    fn by_proxy(self) -> Self {
        Self {
            by_proxy: true,
            ..self
        }
    }

    fn unreachable(what: impl Into<String>) -> Self {
        Self::new(Reason::Unreached, what, SERVER_MEND)
    }

    /// No server knows of the try.
    pub(crate) fn reached_nobody(&self) -> bool {
        self.reason == Reason::Unreached || self.by_proxy
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.mend)
    }
}

/// How to get to a server: from where, through what, and how it is encrypted.
#[derive(Clone)]
pub(crate) struct Route {
    tls: Option<Tls>,
    proxy: Option<Proxy>,
    bind: Option<IpAddr>,
}

impl Route {
    /// Prepares connections as `config` asks.
    pub(crate) fn new(config: &Config) -> Result<Self, Problem> {
        Ok(Self {
            tls: config.tls.as_ref().map(tls::connector).transpose()?,
            proxy: config.proxy.clone(),
            bind: config.bind,
        })
    }

    /// Connects to `server`, encrypted if that is asked for. Never falls back to
    /// plain text. `failures` tries in a row have come to nothing: of several
    /// addresses another one has its turn.
    pub(crate) async fn connect(
        &self,
        server: &str,
        port: u16,
        failures: usize,
    ) -> Result<Connection, ConnectError> {
        let attempt = async {
            let addresses = self.resolve(server, port).await?;
            let open = self.dial(server, addresses, failures).await?;
            let open = self.pass(open, server, port).await?;
            self.begin(open, server, port).await
        };
        match tokio::time::timeout(TOTAL_BOUND, attempt).await {
            Ok(result) => result,
            Err(_) => Err(ConnectError::unreachable(format!(
                "no connection to {server} port {port} within {} s",
                TOTAL_BOUND.as_secs()
            ))),
        }
    }

    /// The addresses to dial: of the proxy, where there is one, else of the
    /// server; at least one.
    pub(crate) async fn resolve(
        &self,
        server: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        match &self.proxy {
            Some(proxy) => tcp::resolve(&proxy.host, proxy.port, "IRC_PROXY").await,
            None => tcp::resolve(server, port, "IRC_SERVER").await,
        }
    }

    /// Connects to the first of `addresses` that answers, beginning with the one
    /// after `failures` others.
    pub(crate) async fn dial(
        &self,
        server: &str,
        addresses: Vec<SocketAddr>,
        failures: usize,
    ) -> Result<Open, ConnectError> {
        let (whom, mend) = match &self.proxy {
            Some(proxy) => (
                &*proxy.to_string(),
                "is IRC_PROXY right, does that proxy run, and may this host go there?",
            ),
            None => (server, SERVER_MEND),
        };
        let (stream, address) = tcp::dial(whom, addresses, self.bind, failures, mend).await?;
        Ok(Open {
            stream,
            address,
            is_private: is_private(address),
        })
    }

    /// Has the proxy, where there is one, connect us to the server.
    pub(crate) async fn pass(
        &self,
        mut open: Open,
        server: &str,
        port: u16,
    ) -> Result<Open, ConnectError> {
        if let Some(proxy) = &self.proxy {
            proxy::pass(&mut open.stream, proxy, server, port).await?;
            // What lies beyond the proxy is known by its number alone.
            let server = server.parse().map(|ip| SocketAddr::new(ip, port));
            open.is_private &= server.is_ok_and(is_private);
        }
        Ok(open)
    }

    /// Makes an open way to the server one for IRC: encrypted if that is asked
    /// for.
    pub(crate) async fn begin(
        &self,
        open: Open,
        server: &str,
        port: u16,
    ) -> Result<Connection, ConnectError> {
        let Some(tls) = &self.tls else {
            return Ok(Connection {
                stream: Box::new(Budgeted::new(open.stream)),
                confidential: open.is_private,
                certificate: None,
                remark: None,
            });
        };
        let encrypted = tls::handshake(tls, server, port, open.stream).await?;
        Ok(Connection {
            stream: Box::new(encrypted.stream),
            confidential: true,
            certificate: encrypted.certificate,
            remark: encrypted.remark,
        })
    }
}

/// A connection over which nothing has been said to the server.
pub(crate) struct Open {
    stream: TcpStream,
    /// Of the server, or of the proxy.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the command line tells it")
    )]
    pub(crate) address: SocketAddr,
    /// Whether packets to the server leave no private network.
    is_private: bool,
}

impl Open {
    /// Whether packets to whom it was opened to leave no private network.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the command line tells it")
    )]
    pub(crate) fn is_private(&self) -> bool {
        self.is_private
    }
}

/// Whether packets to `address` stay on ground that is private by its number:
/// loopback, RFC 1918, link-local, unique local.
fn is_private(address: SocketAddr) -> bool {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_ground_is_known_by_its_number() {
        for private in [
            "127.0.0.1:1",
            "10.1.2.3:1",
            "172.31.0.1:1",
            "192.168.1.1:1",
            "169.254.1.1:1",
            "[::1]:1",
            "[fd00::1]:1",
            "[fe80::1]:1",
            "[::ffff:10.0.0.1]:1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in [
            "172.32.0.1:1",
            "8.8.8.8:1",
            "100.64.0.1:1",
            "[2001:db8::1]:1",
            "[::ffff:8.8.8.8]:1",
        ] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }
}
