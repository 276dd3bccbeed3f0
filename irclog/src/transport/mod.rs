//! Sockets, plain and encrypted: the only rooms that know them.

mod budget;
mod certificate;
mod tcp;
mod tls;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use self::budget::Budgeted;
use self::certificate::Certificate;
pub(crate) use self::tcp::{dial, resolve};
pub(crate) use self::tls::{Tls, connector};

use crate::irc::backoff::Reason;

/// Every address together, name look-up and TLS handshake included.
const TOTAL_BOUND: Duration = Duration::from_secs(45);
/// A TLS server answers the first word at once. Who does not waits for lines
/// of text, most likely: that is told within ten seconds.
const HANDSHAKE_BOUND: Duration = Duration::from_secs(8);

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
}

impl ConnectError {
    fn new(reason: Reason, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            reason,
            what: what.into(),
            mend: mend.into(),
        }
    }

    fn unreachable(what: impl Into<String>) -> Self {
        let mend = "are IRC_SERVER and IRC_PORT right, and may this host go there?";
        Self::new(Reason::Unreached, what, mend)
    }

    /// No server knows of the try.
    pub(crate) fn reached_nobody(&self) -> bool {
        self.reason == Reason::Unreached
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.mend)
    }
}

/// Connects to `server`, encrypted if `tls` says how. Never falls back to
/// plain text. `failures` tries in a row have come to nothing: of several
/// addresses another one has its turn.
pub(crate) async fn connect(
    server: &str,
    port: u16,
    tls: Option<&Tls>,
    failures: usize,
) -> Result<Connection, ConnectError> {
    let attempt = async {
        let addresses = resolve(server, port).await?;
        let open = dial(server, addresses, failures).await?;
        open.begin(server, port, tls).await
    };
    match tokio::time::timeout(TOTAL_BOUND, attempt).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::unreachable(format!(
            "no connection to {server} port {port} within {} s",
            TOTAL_BOUND.as_secs()
        ))),
    }
}

/// A connection over which nothing has been said.
pub(crate) struct Open {
    stream: TcpStream,
    pub(crate) address: SocketAddr,
}

impl Open {
    /// Makes it one for IRC: encrypted if `tls` says how.
    pub(crate) async fn begin(
        self,
        server: &str,
        port: u16,
        tls: Option<&Tls>,
    ) -> Result<Connection, ConnectError> {
        let Some(tls) = tls else {
            return Ok(Connection {
                stream: Box::new(Budgeted::new(self.stream)),
                confidential: is_private(self.address),
                certificate: None,
                remark: None,
            });
        };
        let encrypted = tls::handshake(tls, server, port, self.stream).await?;
        Ok(Connection {
            stream: Box::new(encrypted.stream),
            confidential: true,
            certificate: encrypted.certificate,
            remark: encrypted.remark,
        })
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
