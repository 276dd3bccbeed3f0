//! One channel on a loopback server of its own, and a tracing layer that shows
//! its events there.

use irclog::{Builder, Handle, InitError};

use crate::loopback::{Config, Member, Server};
use crate::{SOON, settings};

const CHANNEL: &str = "#payments";

/// The channel, and the way into it.
#[derive(Debug)]
pub struct Room {
    /// Where the channel is.
    pub server: Server,
    /// The service's hold of what it logs there.
    pub handle: Handle,
}

impl Room {
    /// A channel, and the layer that `make` makes for it, from settings of a
    /// service that logs there.
    ///
    /// # Panics
    ///
    /// When the settings are wrong.
    pub fn open<L>(make: impl FnOnce(Builder) -> Result<(L, Handle), InitError>) -> (Self, L) {
        Self::on(server(), make)
    }

    /// The same on a server that stands still until it is resumed, from before
    /// anybody connects: what is logged until then waits together, however long
    /// that takes.
    ///
    /// # Panics
    ///
    /// When the settings are wrong.
    pub fn open_frozen<L>(
        make: impl FnOnce(Builder) -> Result<(L, Handle), InitError>,
    ) -> (Self, L) {
        let server = server();
        server.freeze();
        Self::on(server, make)
    }

    fn on<L>(
        server: Server,
        make: impl FnOnce(Builder) -> Result<(L, Handle), InitError>,
    ) -> (Self, L) {
        let settings = settings::on(&server, CHANNEL);
        let (layer, handle) = make(settings).expect("the settings are right");
        (Self { server, handle }, layer)
    }

    /// Somebody in the channel, who has seen all that was said there.
    #[must_use]
    pub fn member(&self) -> Member {
        self.server.member(CHANNEL)
    }

    /// The same once all is said that was logged.
    ///
    /// # Panics
    ///
    /// When something is not said.
    #[must_use]
    pub fn close(&self) -> Member {
        assert!(self.handle.flush(SOON), "{}", self.handle.stats());
        let report = self.handle.shutdown(SOON);
        assert!(report.is_complete(), "{report}");
        self.member()
    }
}

fn server() -> Server {
    Server::start(Config::default().channel(CHANNEL, "+n"))
}
