//! Sockets, plain and encrypted: the only rooms that know them.

mod budget;
mod certificate;
mod tcp;
mod tls;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use self::budget::Budgeted;
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
    /// Worth a line on the console.
    pub(crate) remark: Option<String>,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Why a connection could not be opened, and what to do about it.
#[derive(Debug)]
pub(crate) enum ConnectError {
    Resolve(String),
    Unreachable(String),
    /// The door was closed before a word of TLS was said.
    Silent(String),
    /// What is wrong with the certificate or the handshake, with its mend.
    Tls(String),
}

impl ConnectError {
    /// No server knows of the try.
    pub(crate) fn reached_nobody(&self) -> bool {
        self.reason() == Reason::Unreached
    }

    /// What it means for the next try.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Resolve(_) | Self::Unreachable(_) => Reason::Unreached,
            Self::Silent(_) => Reason::Silent,
            Self::Tls(_) => Reason::NoIrc,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(why) => write!(f, "{why}: is IRC_SERVER spelt right?"),
            Self::Unreachable(why) => {
                write!(
                    f,
                    "{why}: are IRC_SERVER and IRC_PORT right, and may this host go there?"
                )
            }
            Self::Silent(why) | Self::Tls(why) => f.write_str(why),
        }
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
        let (stream, address) = tcp::connect(server, port, failures).await?;
        match tls {
            None => Ok(Connection {
                stream: Box::new(Budgeted::new(stream)),
                confidential: is_private(address),
                remark: None,
            }),
            Some(tls) => {
                let opened = tls::handshake(tls, server, port, stream).await?;
                Ok(Connection {
                    stream: Box::new(opened.stream),
                    confidential: true,
                    remark: opened.remark,
                })
            }
        }
    };
    match tokio::time::timeout(TOTAL_BOUND, attempt).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Unreachable(format!(
            "no connection to {server} port {port} within {} s",
            TOTAL_BOUND.as_secs()
        ))),
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
