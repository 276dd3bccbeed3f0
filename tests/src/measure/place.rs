//! Where a service is measured: a server, and a member of the channel.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::{CHANNEL, NICK};
use crate::loopback;
use crate::observer::Observer;
use crate::seen::{Kind, Seen};
use crate::{inspircd, ngircd};

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ircd {
    /// Debian's ngircd.
    Ngircd,
    /// Debian's InspIRCd without capabilities.
    Inspircd,
    /// Debian's InspIRCd with echo-message and labeled-response.
    InspircdEcho,
    /// Debian's ircd-hybrid.
    Hybrid,
    /// The loopback server with the flood law of DALnet's Bahamut.
    BahamutModel,
    /// The loopback server with the throttles of Libera's Solanum.
    SolanumModel,
    /// A server that somebody else has started, on this machine.
    Running(SocketAddr),
}

impl Ircd {
    /// Lines of so many bytes of text that it shows of one client a second,
    /// for ever, as measured on it; `None` where it is not known.
    #[must_use]
    pub fn own_rate(self, bytes: f64) -> Option<f64> {
        match self {
            Self::Ngircd => Some(3.0 - 0.55 * (bytes - 80.0).max(0.0) / 320.0),
            Self::Inspircd | Self::InspircdEcho | Self::Hybrid | Self::SolanumModel => Some(1.0),
            Self::BahamutModel => Some(1.0 / (2.0 + (bytes / 120.0).ceil())),
            Self::Running(_) => None,
        }
    }

    /// Starts a server, with somebody in the channel who sees everything.
    ///
    /// # Errors
    ///
    /// Says why where the server cannot be had on this machine, or is not on
    /// it: what is measured here would be an attack elsewhere.
    pub fn open(self) -> Result<Place, String> {
        let (server, addr) = match self {
            Self::Ngircd => {
                let server = ngircd::Server::start();
                let addr = server.addr();
                (Server::Ngircd(server), addr)
            }
            Self::Inspircd | Self::InspircdEcho => {
                let config = if self == Self::InspircdEcho {
                    inspircd::Config::ircv3()
                } else {
                    inspircd::Config::default()
                };
                let server = inspircd::Server::start_with(&config);
                let addr = server.addr();
                (Server::Inspircd(server), addr)
            }
            #[cfg(target_os = "linux")]
            Self::Hybrid => {
                let server = crate::hybrid::Server::start()?;
                let addr = server.addr();
                (Server::Hybrid(server), addr)
            }
            #[cfg(not(target_os = "linux"))]
            Self::Hybrid => return Err("ircd-hybrid is taken from Debian".into()),
            Self::BahamutModel | Self::SolanumModel => {
                let config = if self == Self::BahamutModel {
                    loopback::Config::bahamut()
                } else {
                    loopback::Config::solanum()
                };
                let server = loopback::Server::start(config);
                let addr = server.addr();
                (Server::Loopback(server), addr)
            }
            Self::Running(addr) if addr.ip().is_loopback() => (Server::Running, addr),
            Self::Running(addr) => return Err(format!("{addr} is not on this machine")),
        };
        let eyes = match &server {
            // Its throttle counts connects from one address.
            Server::Loopback(server) => Eyes::Member(server.member(CHANNEL)),
            _ => Eyes::Observer(Observer::join(addr, CHANNEL, "ann")),
        };
        Ok(Place {
            addr,
            eyes,
            _server: server,
        })
    }
}

impl fmt::Display for Ircd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Ngircd => "ngircd",
            Self::Inspircd => "inspircd",
            Self::InspircdEcho => "inspircd, echo",
            Self::Hybrid => "ircd-hybrid",
            Self::BahamutModel => "bahamut model",
            Self::SolanumModel => "solanum model",
            Self::Running(addr) => return f.pad(&addr.to_string()),
        };
        f.pad(name)
    }
}

/// A running server and a member of the channel.
#[derive(Debug)]
pub struct Place {
    // Before the server, so that who looks leaves first.
    eyes: Eyes,
    addr: SocketAddr,
    _server: Server,
}

impl Place {
    /// Where the server listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Everything that was said so far, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<Seen> {
        match &self.eyes {
            Eyes::Observer(observer) => observer.lines(),
            Eyes::Member(member) => member.lines(),
        }
    }

    /// The first thing seen, past or to come, that satisfies `wanted`.
    pub fn wait_for(&self, wanted: impl FnMut(&Seen) -> bool, timeout: Duration) -> Option<Seen> {
        match &self.eyes {
            Eyes::Observer(observer) => observer.wait_for(wanted, timeout),
            Eyes::Member(member) => member.wait_for(wanted, timeout),
        }
    }

    /// The end of the service's nick, if it comes within `timeout`.
    pub(super) fn wait_left(&self, timeout: Duration) -> Option<Seen> {
        self.wait_for(|seen| seen.kind == Kind::Quit && seen.nick == NICK, timeout)
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "held so that it runs as long as the place")]
enum Server {
    Ngircd(ngircd::Server),
    Inspircd(inspircd::Server),
    #[cfg(target_os = "linux")]
    Hybrid(crate::hybrid::Server),
    Loopback(loopback::Server),
    Running,
}

#[derive(Debug)]
enum Eyes {
    Observer(Observer),
    Member(loopback::Member),
}
