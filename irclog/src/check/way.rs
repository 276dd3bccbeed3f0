//! The way to the server: names, a turn, the connection, the proxy, TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::{Finding, Stop, Walk};
use crate::config::{Config, Proxy};
use crate::transport::{Connection, Open, Route};
use crate::worker::attempt::{Place, StateFolder};

/// Name look-up, and then all addresses together, have so long.
const NETWORK_BOUND: Duration = Duration::from_secs(12);
/// A certificate that ends sooner is told.
const SOON_OVER: u64 = 14;

impl Walk<'_> {
    /// Up to an open connection, encrypted where it is to be.
    pub(super) async fn connection(
        &mut self,
        config: &Config,
        route: &Route,
    ) -> Result<Connection, Stop> {
        let (server, port) = (config.server.as_str(), config.port);
        let addresses = self.addresses(config, route).await?;
        let state = Arc::new(StateFolder::new(config.state_dir.as_deref()));
        let place = self.turn(&state, server, port).await;
        let open = match self.way(config, route, addresses).await {
            Ok(open) => open,
            Err(stop) => {
                place.give_back(&state).await;
                return Err(stop);
            }
        };
        let opened = route.begin(open, server, port).await;
        let connection = opened.map_err(|error| self.wrong("tls", error.what, error.mend))?;
        self.encryption(&connection, server);
        Ok(connection)
    }

    /// Of the server, or of the proxy.
    async fn addresses(&mut self, config: &Config, route: &Route) -> Result<Vec<SocketAddr>, Stop> {
        let (server, proxy) = (config.server.as_str(), config.proxy.as_ref());
        let host = proxy.map_or(server, |proxy| &proxy.host);
        let addresses = match bounded(route.resolve(server, config.port)).await {
            Some(Ok(addresses)) => addresses,
            Some(Err(error)) => return Err(self.wrong("dns", error.what, error.mend)),
            None => {
                let what = format!("no name server answers for {host}");
                let mend = "may this host look up names? Ask whoever runs its network";
                return Err(self.wrong("dns", what, mend));
            }
        };
        let known: Vec<String> = addresses.iter().map(|at| at.ip().to_string()).collect();
        let is_address = known == [host];
        let rest = match proxy {
            Some(_) if server.parse::<IpAddr>().is_err() => {
                format!("; {server} is for the proxy to look up")
            }
            _ => String::new(),
        };
        match (is_address, proxy) {
            (true, Some(_)) => self.skipped("dns", format!("IRC_PROXY names an address{rest}")),
            (true, None) => self.skipped("dns", "IRC_SERVER is an address"),
            (false, _) => self.ok("dns", format!("{host} is {}{rest}", known.join(", "))),
        }
        Ok(addresses)
    }

    /// Up to a server that takes the connection.
    async fn way(
        &mut self,
        config: &Config,
        route: &Route,
        addresses: Vec<SocketAddr>,
    ) -> Result<Open, Stop> {
        let (server, port) = (config.server.as_str(), config.port);
        let whom = match &config.proxy {
            Some(proxy) => proxy.to_string(),
            None => format!("{server} port {port}"),
        };
        let open = match bounded(route.dial(server, addresses, 0)).await {
            Some(Ok(open)) => open,
            Some(Err(error)) => return Err(self.wrong("connect", error.what, error.mend)),
            None => {
                let setting = config.proxy.as_ref().map_or("IRC_PORT", |_| "IRC_PROXY");
                let what = format!("nobody answers at {whom}");
                let mend = format!(
                    "most likely a firewall drops what is sent to that port: many networks allow \
                     443 alone. Ask for a way out to it, or for another port in {setting}"
                );
                return Err(self.wrong("connect", what, mend));
            }
        };
        let from = config
            .bind
            .map_or(String::new(), |bind| format!(" from {bind}"));
        self.ok("connect", format!("to {}{from}", open.address));
        match &config.proxy {
            Some(proxy) => self.through(proxy, config, route, open).await,
            None => Ok(open),
        }
    }

    /// What the proxy makes of it.
    async fn through(
        &mut self,
        proxy: &Proxy,
        config: &Config,
        route: &Route,
        open: Open,
    ) -> Result<Open, Stop> {
        let (server, port) = (config.server.as_str(), config.port);
        let is_private = open.is_private();
        match bounded(route.pass(open, server, port)).await {
            Some(Ok(open)) => {
                let what = format!("{proxy} connects us to {server} port {port}");
                let note = (proxy.login.is_some() && !is_private).then(|| {
                    "its name and password go there unencrypted, and over ground that is not \
                     private"
                        .to_owned()
                });
                let finding = note.as_ref().map_or(Finding::Ok, |_| Finding::Note);
                self.step("proxy", finding, std::iter::once(what).chain(note), None);
                Ok(open)
            }
            Some(Err(error)) => Err(self.wrong("proxy", error.what, error.mend)),
            None => {
                let what = format!(
                    "{proxy} has not connected us to {server} port {port} within {} s",
                    NETWORK_BOUND.as_secs()
                );
                let mend = "are IRC_SERVER and IRC_PORT right, and may the proxy go there? Ask \
                            its operator";
                Err(self.wrong("proxy", what, mend))
            }
        }
    }

    /// Waits until this host may connect once more.
    async fn turn(&mut self, state: &Arc<StateFolder>, server: &str, port: u16) -> Place {
        let mut has_waited = false;
        loop {
            match Place::take(state, server, port).await {
                Ok(place) => {
                    if let Some(unkept) = &place.unkept {
                        self.step("turn", Finding::Note, [unkept.clone()], None);
                    } else if has_waited {
                        self.ok("turn", "ours");
                    }
                    return place;
                }
                Err(wait) => {
                    let what = format!(
                        "others of this host have just connected to {server}, which would shut \
                         its door to all of them: our turn comes in {:.0} s (IRC_STATE_DIR)",
                        wait.as_secs_f64().ceil()
                    );
                    self.step("turn", Finding::Waiting, [what], None);
                    has_waited = true;
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    fn encryption(&mut self, connection: &Connection, server: &str) {
        let Some(certificate) = &connection.certificate else {
            let what = "off (IRC_TLS=false): everybody on the way can read along";
            return self.skipped("tls", what);
        };
        let until = certificate
            .until()
            .unwrap_or_else(|| "nobody knows when".into());
        let left = certificate.days_left();
        let days = left.map_or(String::new(), |days| format!(" ({days} days)"));
        let says = [
            format!(
                "the certificate of {server} is for {}, until {until}{days}",
                certificate.is_for()
            ),
            format!("to believe it alone: {}", certificate.pin()),
        ];
        let soon = left
            .is_some_and(|days| days < SOON_OVER)
            .then(|| "it ends soon: the server's operator has to renew it".to_owned());
        let notes: Vec<String> = connection.remark.clone().into_iter().chain(soon).collect();
        let finding = if notes.is_empty() {
            Finding::Ok
        } else {
            Finding::Note
        };
        self.step("tls", finding, says.into_iter().chain(notes), None);
    }
}

/// Within what the network may take.
async fn bounded<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(NETWORK_BOUND, future).await.ok()
}
