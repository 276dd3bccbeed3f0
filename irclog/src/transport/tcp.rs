//! Plain TCP.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::ConnectError;
use crate::irc::backoff::Reason;

/// A look-up that hangs would hang the connection: resolvers give up after
/// 5 s a server, with up to three servers.
const RESOLVE_BOUND: Duration = Duration::from_secs(20);
/// One address has this long to answer: so long a packet or two may be lost.
const CONNECT_BOUND: Duration = Duration::from_secs(10);
/// An address that has not answered after this long is not waited for alone:
/// the next one is tried beside it. Longer than the way round the world, so
/// that a server that lives is rarely met by two connections. See RFC 8305,
/// section 5.
const NEXT_AFTER: Duration = Duration::from_secs(1);

/// Bytes that the system holds for us.
const RECEIVE_BUFFER: u32 = 64 * 1024;

/// Connects to the first of `addresses` that answers, beginning with the one
/// after `failures` others; from the address `bind`, if that is given. `whom` and
/// `mend` are for words alone.
pub(super) async fn dial(
    whom: &str,
    addresses: Vec<SocketAddr>,
    bind: Option<IpAddr>,
    failures: usize,
    mend: &str,
) -> Result<(TcpStream, SocketAddr), ConnectError> {
    let mut addresses = match bind {
        Some(bind) => from(bind, whom, addresses)?,
        None => addresses,
    };
    // The first may take connections and be of no use for all that.
    let first = failures % addresses.len().max(1);
    addresses.rotate_left(first);
    match race(addresses, move |address| open(address, bind)).await {
        Ok((stream, address)) => {
            // Lines are small and each should be seen at once.
            let _ = stream.set_nodelay(true);
            Ok((stream, address))
        }
        Err(last) => {
            let what = format!("cannot connect to {whom} ({last})");
            Err(ConnectError::new(Reason::Unreached, what, mend))
        }
    }
}

/// Those of `addresses` that can be reached from `bind`.
fn from(
    bind: IpAddr,
    whom: &str,
    mut addresses: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, ConnectError> {
    addresses.retain(|address| address.is_ipv4() == bind.is_ipv4());
    if addresses.is_empty() {
        let (ours, theirs) = match bind {
            IpAddr::V4(_) => ("IPv4", "IPv6"),
            IpAddr::V6(_) => ("IPv6", "IPv4"),
        };
        let what = format!("{whom} has {theirs} addresses only, and IRC_BIND is one of {ours}");
        let mend = format!("write an {theirs} address of this host in IRC_BIND, or leave it out");
        return Err(ConnectError::new(Reason::Unreached, what, mend));
    }
    let probe = socket(addresses[0]).and_then(|socket| socket.bind(SocketAddr::new(bind, 0)));
    match probe {
        Ok(()) => Ok(addresses),
        Err(error) => {
            let what = format!("connections cannot come from {bind} ({error})");
            let mend = "write an address of this host in IRC_BIND, as `ip address` lists them, or \
                        leave it out";
            Err(ConnectError::new(Reason::Unreached, what, mend))
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
}

async fn open(address: SocketAddr, bind: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = socket(address)?;
    if let Some(bind) = bind {
        socket.bind(SocketAddr::new(bind, 0))?;
    }
    // What we leave unread must not pile up in between, where an answer to a
    // PING would lie behind it.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    socket.connect(address).await
}

/// The first of `addresses` that `connect` opens, or what became of the last.
async fn race<T, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(T, SocketAddr), String>
where
    T: Send + 'static,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut tries = JoinSet::new();
    let mut left = addresses.into_iter().peekable();
    let mut last = String::new();
    loop {
        if let Some(address) = left.next() {
            let open = connect(address);
            tries.spawn(async move { (address, timeout(CONNECT_BOUND, open).await) });
        } else if tries.is_empty() {
            return Err(last);
        }
        let done = tokio::select! {
            biased;
            done = tries.join_next() => done,
            () = sleep(NEXT_AFTER), if left.peek().is_some() => None,
        };
        match done {
            Some(Ok((address, Ok(Ok(open))))) => return Ok((open, address)),
            Some(Ok((address, Ok(Err(error))))) => last = format!("{address}: {error}"),
            Some(Ok((address, Err(_)))) => {
                last = format!("{address}: no answer within {} s", CONNECT_BOUND.as_secs());
            }
            Some(Err(error)) => last = error.to_string(),
            None => {}
        }
    }
}

/// The addresses of `server`, which `setting` names; at least one.
pub(super) async fn resolve(
    server: &str,
    port: u16,
    setting: &str,
) -> Result<Vec<SocketAddr>, ConnectError> {
    let mend = format!("is {setting} spelt right?");
    let unknown = |what: String| ConnectError::new(Reason::Unreached, what, mend.as_str());
    let lookup = tokio::net::lookup_host((server, port));
    match timeout(RESOLVE_BOUND, lookup).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<SocketAddr> = addresses.collect();
            if addresses.is_empty() {
                return Err(unknown(format!("{server} has no address")));
            }
            Ok(addresses)
        }
        Ok(Err(error)) => Err(unknown(format!("{server} cannot be found ({error})"))),
        Err(_) => Err(unknown(format!("no name server answers for {server}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    fn addresses(count: u8) -> Vec<SocketAddr> {
        let address = |n| SocketAddr::from(([192, 0, 2, n], 6697));
        (1..=count).map(address).collect()
    }

    /// Opens the addresses that end in `alive`, refuses those that end in
    /// `refusing`, and leaves the others without an answer.
    async fn raced(count: u8, alive: &[u8], refusing: &[u8]) -> Result<(u8, Duration), String> {
        let (alive, refusing) = (alive.to_vec(), refusing.to_vec());
        let started = tokio::time::Instant::now();
        let open = |address: SocketAddr| {
            let last = address
                .to_string()
                .split([':', '.'])
                .nth(3)
                .unwrap()
                .parse();
            let last: u8 = last.unwrap();
            let (alive, refused) = (alive.contains(&last), refusing.contains(&last));
            async move {
                sleep(Duration::from_millis(80)).await;
                if refused {
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                if !alive {
                    pending::<()>().await;
                }
                Ok(last)
            }
        };
        let (opened, _) = race(addresses(count), open).await?;
        Ok((opened, started.elapsed()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_sixth_address_is_reached_behind_five_that_swallow_everything() {
        let (opened, took) = raced(6, &[6], &[]).await.unwrap();
        assert_eq!(opened, 6);
        assert!(took < Duration::from_secs(6), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_answers_meets_one_connection() {
        let (opened, took) = raced(6, &[1, 2, 3], &[]).await.unwrap();
        assert_eq!((opened, took), (1, Duration::from_millis(80)));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_refusal_the_next_is_tried_at_once() {
        let (opened, took) = raced(3, &[3], &[1, 2]).await.unwrap();
        assert_eq!((opened, took), (3, Duration::from_millis(240)));
    }

    #[tokio::test(start_paused = true)]
    async fn where_nobody_answers_the_last_one_is_told() {
        let why = raced(3, &[], &[1, 2]).await.unwrap_err();
        assert_eq!(why, "192.0.2.3:6697: no answer within 10 s");
    }
}
