//! A port of loopback that is ours before anybody listens on it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tokio::net::TcpSocket;

/// A port of 127.0.0.1 that is kept free for the one program that is told of
/// it, until this is dropped: nobody is given it by chance, neither who asks
/// the system for any port nor who connects to somewhere. Who connects to it
/// before a program listens there is refused.
///
/// It is a bound socket that does not listen. Linux lets another socket bind
/// to the same port by its number where both set `SO_REUSEADDR`, which the
/// daemons and the standard library's listener do. Other systems do not: there
/// it is a port that was free a moment ago.
#[derive(Debug)]
pub struct Port {
    addr: SocketAddr,
    _held: Option<TcpSocket>,
}

impl Port {
    /// Takes one.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    #[must_use]
    pub fn hold() -> Self {
        let socket = TcpSocket::new_v4().expect("the system has a socket to spare");
        socket
            .set_reuseaddr(true)
            .and_then(|()| socket.bind((Ipv4Addr::LOCALHOST, 0).into()))
            .expect("loopback has a free port");
        Self {
            addr: socket.local_addr().expect("a bound socket has a port"),
            _held: cfg!(target_os = "linux").then_some(socket),
        }
    }

    /// 127.0.0.1 and the port.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.addr.port()
    }

    /// Listens on it, within this process.
    ///
    /// # Errors
    ///
    /// When somebody else does.
    pub fn listen(&self) -> std::io::Result<TcpListener> {
        TcpListener::bind(self.addr)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn it_refuses_until_somebody_listens_and_again_after_it() {
        let port = Port::hold();
        assert!(TcpStream::connect(port.addr()).is_err());
        let listener = port.listen().expect("it was kept");
        assert!(TcpStream::connect(port.addr()).is_ok());
        assert!(port.listen().is_err(), "one at a time");
        drop(listener);
        assert!(TcpStream::connect(port.addr()).is_err());
        assert!(port.listen().is_ok(), "it is still ours");
    }
}
