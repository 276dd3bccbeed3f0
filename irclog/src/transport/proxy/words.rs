//! What each fault means, and what to do about it, for whoever has to mend it.

use super::{Fault, Peer};
use crate::config::{Proxy, ProxyProtocol};
use crate::irc::backoff::Reason;
use crate::irc::foreign::Foreign;
use crate::transport::ConnectError;

const LOGIN_SHAPE: &str = "://NAME:PASSWORD@HOST:PORT";

/// Why `proxy` does not connect us to the server. `connecting`: it had been asked
/// to by then.
pub(super) fn explain(
    fault: &Fault,
    connecting: bool,
    proxy: &Proxy,
    server: &str,
    port: u16,
) -> ConnectError {
    let to = format!("{server} port {port}");
    let shape = match proxy.protocol {
        ProxyProtocol::Socks5 => format!("socks5{LOGIN_SHAPE}"),
        ProxyProtocol::Http => format!("http{LOGIN_SHAPE}"),
    };
    let (reason, what, mend) = match fault {
        Fault::NoProxy(peer) => no_proxy(*peer, proxy),
        Fault::WantsLogin(schemes) => wants_login(schemes, proxy, &shape),
        Fault::WrongLogin => (
            Reason::Refused,
            format!("{proxy} does not accept the name and password of IRC_PROXY"),
            format!(
                "are they right? {shape}, where `@`, `:`, `/` and `%` in a name or password are \
                 written %40, %3A, %2F and %25"
            ),
        ),
        Fault::Refused(reply) => refused(*reply, proxy, server, &to),
        Fault::Status(status, reason) => answered(*status, reason, proxy, port, &to),
        Fault::TooLong => (
            Reason::NoIrc,
            format!("{proxy} gives an answer without an end"),
            "is it a proxy? Check IRC_PROXY".into(),
        ),
        Fault::Closed(error) => {
            let why = error.as_ref().map_or(String::new(), |error| {
                format!(" ({})", Foreign::new(error).told())
            });
            closed(connecting, &why, proxy, &to)
        }
        Fault::Late(bound) if !connecting => (
            Reason::NoIrc,
            format!("{proxy} says nothing for {} s", bound.as_secs()),
            other_protocol(proxy.protocol),
        ),
        Fault::Late(bound) => (
            Reason::Unreached,
            format!(
                "{proxy} has not connected us to {to} within {} s",
                bound.as_secs()
            ),
            format!("{REACHABLE}; {}", other_protocol(proxy.protocol)),
        ),
    };
    ConnectError::new(reason, what, mend).by_proxy()
}

const REACHABLE: &str = "are IRC_SERVER and IRC_PORT right, and may the proxy go there?";

fn other_protocol(protocol: ProxyProtocol) -> String {
    match protocol {
        ProxyProtocol::Socks5 => {
            "does it speak SOCKS5? A proxy of HTTP is written http://HOST:PORT"
        }
        ProxyProtocol::Http => "does it speak HTTP? A SOCKS5 proxy is written socks5://HOST:PORT",
    }
    .into()
}

fn no_proxy(peer: Peer, proxy: &Proxy) -> (Reason, String, String) {
    let protocol = proxy.protocol;
    let (host, port) = (&proxy.host, proxy.port);
    let (who, mend) = match peer {
        Peer::Http => (
            "speaks HTTP",
            format!("write IRC_PROXY=http://{host}:{port} (with the login, if it has one)"),
        ),
        Peer::Socks => (
            "speaks SOCKS5",
            format!("write IRC_PROXY=socks5://{host}:{port} (with the login, if it has one)"),
        ),
        Peer::OldSocks => (
            "speaks an older SOCKS than 5",
            "name a proxy of SOCKS5 or HTTP in IRC_PROXY".into(),
        ),
        Peer::Irc => (
            "speaks IRC",
            "name the proxy in IRC_PROXY, and the IRC server in IRC_SERVER".into(),
        ),
        Peer::Unknown => (
            "speaks something else",
            "check the host and the port of IRC_PROXY".into(),
        ),
    };
    let what = format!("what answers at {host} port {port} is no {protocol} proxy: it {who}");
    (Reason::NoIrc, what, mend)
}

fn wants_login(schemes: &[String], proxy: &Proxy, shape: &str) -> (Reason, String, String) {
    let (what, mend) = match (&proxy.login, proxy.protocol) {
        (_, ProxyProtocol::Http) if !(schemes.is_empty() || schemes.iter().any(|s| s == "basic")) => (
            format!("{proxy} wants a login by {}", schemes.join(" or ")),
            "irclog has Basic alone: ask the proxy's operator for a way by that, or run a proxy \
             beside the service that does the rest (cntlm, px)"
                .into(),
        ),
        (None, _) => (
            format!("{proxy} wants a name and password"),
            format!("write them into IRC_PROXY: {shape}"),
        ),
        (Some(_), _) => (
            format!("{proxy} takes neither a name and password nor nobody's"),
            "ask its operator whether this host may use it, and how".into(),
        ),
    };
    (Reason::Refused, what, mend)
}

/// The replies of RFC 1928.
fn refused(reply: u8, proxy: &Proxy, server: &str, to: &str) -> (Reason, String, String) {
    let (reason, why, mend) = match reply {
        1 => (
            Reason::Unreached,
            format!("cannot connect to {to} and does not say why (general failure)"),
            format!("{REACHABLE} And can it look up {server}?"),
        ),
        2 => (
            Reason::Refused,
            format!("does not allow connections to {to}"),
            "ask its operator to allow them".into(),
        ),
        3 => (
            Reason::Unreached,
            format!("has no way to the network of {server} (network unreachable)"),
            "has the proxy a way out, and one for IPv6 if the server's address is one?".into(),
        ),
        4 => (
            Reason::Unreached,
            format!("cannot reach {server} (host unreachable)"),
            format!("is IRC_SERVER spelt right, and can the proxy look up {server}?"),
        ),
        5 => (
            Reason::Unreached,
            format!("found nobody at {to} (connection refused)"),
            "is IRC_PORT right? It is usually 6697 with TLS and 6667 without".into(),
        ),
        6 => (
            Reason::Unreached,
            format!("had no answer from {to} (time to live expired)"),
            "most likely a firewall is in its way: ask its operator, or try another port".into(),
        ),
        7 => (
            Reason::Refused,
            "connects nobody to anything (command not supported)".into(),
            "name another proxy in IRC_PROXY".into(),
        ),
        8 => (
            Reason::Refused,
            format!("does not take what {server} is (address type not supported)"),
            "write the server's IPv4 address in IRC_SERVER, and with TLS its fingerprint in \
             IRC_TLS_PIN; or name another proxy"
                .into(),
        ),
        _ => (
            Reason::Unreached,
            format!("does not connect us to {to} (reply {reply}, which SOCKS5 does not know)"),
            REACHABLE.into(),
        ),
    };
    (reason, format!("{proxy} {why}"), mend)
}

fn answered(
    status: u16,
    reason: &str,
    proxy: &Proxy,
    port: u16,
    to: &str,
) -> (Reason, String, String) {
    let answer = format!("{status} {reason}");
    let answer = answer.trim();
    match status {
        403 | 451 => (
            Reason::Refused,
            format!("{proxy} does not allow connections to {to} ({answer})"),
            format!(
                "ask its operator to admit this host, and CONNECT to port {port} (ConnectPort in \
                 tinyproxy, SSL_ports and Safe_ports in Squid)"
            ),
        ),
        500 | 502..=504 => (
            Reason::Unreached,
            format!("{proxy} cannot connect to {to} ({answer})"),
            REACHABLE.into(),
        ),
        400 | 404 | 405 | 501 => (
            Reason::Refused,
            format!("{proxy} does not know the method CONNECT ({answer})"),
            "is it a proxy, or a web server? Check the host and the port of IRC_PROXY".into(),
        ),
        _ => (
            Reason::Unreached,
            format!("{proxy} does not connect us to {to} ({answer})"),
            "ask its operator".into(),
        ),
    }
}

fn closed(connecting: bool, why: &str, proxy: &Proxy, to: &str) -> (Reason, String, String) {
    if connecting {
        return (
            Reason::Unreached,
            format!("{proxy} closed the connection instead of connecting us to {to}{why}"),
            format!("{REACHABLE} And {}", other_protocol(proxy.protocol)),
        );
    }
    (
        Reason::NoIrc,
        format!("{proxy} closed the connection without an answer{why}"),
        format!(
            "may this host use it? And {}",
            other_protocol(proxy.protocol)
        ),
    )
}

#[cfg(test)]
mod tests;
