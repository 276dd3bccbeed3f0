//! Plain TCP.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{CONNECT_BOUND, ConnectError};

/// A look-up that hangs would hang the connection: resolvers give up after
/// 5 s a server, with up to three servers.
const RESOLVE_BOUND: Duration = Duration::from_secs(20);

/// Connects to the first address of `server` that answers.
pub(super) async fn connect(
    server: &str,
    port: u16,
) -> Result<(TcpStream, SocketAddr), ConnectError> {
    let addresses = resolve(server, port).await?;
    let mut last = String::new();
    for address in addresses {
        match tokio::time::timeout(CONNECT_BOUND, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Lines are small and each should be seen at once.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Ok(Err(error)) => last = format!("{address}: {error}"),
            Err(_) => {
                last = format!("{address}: no answer within {} s", CONNECT_BOUND.as_secs());
            }
        }
    }
    Err(ConnectError::Unreachable(format!(
        "cannot connect to {server} ({last})"
    )))
}

async fn resolve(server: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let lookup = tokio::net::lookup_host((server, port));
    match tokio::time::timeout(RESOLVE_BOUND, lookup).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<SocketAddr> = addresses.collect();
            if addresses.is_empty() {
                return Err(ConnectError::Resolve(format!("{server} has no address")));
            }
            Ok(addresses)
        }
        Ok(Err(error)) => Err(ConnectError::Resolve(format!(
            "{server} cannot be found ({error})"
        ))),
        Err(_) => Err(ConnectError::Resolve(format!(
            "no name server answers for {server}"
        ))),
    }
}
