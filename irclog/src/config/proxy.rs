//! The proxy that the way to the server goes through, read from a URL as other
//! programs take it, and never repeated: it may hold a password.

use std::borrow::Cow;
use std::fmt;

use super::Hidden;
use super::address::is_host;
use crate::redact::from_percent;

/// Where SOCKS is by custom. Proxies of HTTP have no such port: 3128, 8080 and
/// 8888 are each as likely.
const SOCKS_PORT: u16 = 1080;
/// SOCKS has one byte for the length of each.
const LONGEST_OF_SOCKS: usize = 255;

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) protocol: ProxyProtocol,
    /// A name, or an address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) login: Option<Login>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyProtocol {
    /// RFC 1928. The proxy looks the server's name up.
    Socks5,
    /// The method CONNECT, RFC 9110, section 9.3.6.
    Http,
}

/// Whom the proxy knows us as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) name: String,
    pub(crate) password: Hidden,
}

impl fmt::Display for ProxyProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Socks5 => "SOCKS5",
            Self::Http => "HTTP",
        })
    }
}

/// `the SOCKS5 proxy proxy.example port 1080`
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            protocol,
            host,
            port,
            ..
        } = self;
        write!(f, "the {protocol} proxy {host} port {port}")
    }
}

/// The login of a proxy's URL, percent-encoded as it stands there, and what comes
/// after it.
fn login_and_rest(text: &str) -> (Option<&str>, &str) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    // A password may hold `@`.
    match rest.rsplit_once('@') {
        Some((login, rest)) => (Some(login), rest),
        None => (None, rest),
    }
}

/// The password in a proxy's URL, as it is written there.
pub(super) fn password(text: &str) -> Option<&str> {
    let (login, _) = login_and_rest(text);
    let (_, password) = login?.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

/// Reads `socks5://name:password@host:port` or `http://…`. What is wrong and what
/// to write instead, without the login.
pub(super) fn parse(text: &str) -> Result<Proxy, (String, String)> {
    let example = || "write socks5://HOST:PORT or http://HOST:PORT".to_owned();
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(("does not say what the proxy speaks".into(), example()));
    };
    let protocol = protocol(scheme)?;
    let (login, rest) = login_and_rest(text);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#']) {
        let what = "has something after the port".to_owned();
        return Err((what, example()));
    }
    let (host, port) = match rest.rsplit_once(':') {
        // The colons of an address without brackets are its own.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    if !is_host(host) {
        let what = match host {
            "" => "names no host".to_owned(),
            _ => "has a host that is no name and no address".to_owned(),
        };
        let instead = format!(
            "{}; `@`, `:` and `/` in a name or password are written %40, %3A and %2F",
            example()
        );
        return Err((what, instead));
    }
    let port = match (port, protocol) {
        (Some(port), _) => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
            let what = "has a port that is no number from 1 to 65535".to_owned();
            (what, example())
        })?,
        (None, ProxyProtocol::Socks5) => SOCKS_PORT,
        (None, ProxyProtocol::Http) => {
            let instead = format!("add it: http://{host}:3128 is Squid's, :8888 tinyproxy's");
            return Err(("has no port".into(), instead));
        }
    };
    Ok(Proxy {
        protocol,
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
        login: login.map(|login| read_login(login, protocol)).transpose()?,
    })
}

fn protocol(scheme: &str) -> Result<ProxyProtocol, (String, String)> {
    let scheme = scheme.to_ascii_lowercase();
    let (what, instead) = match &*scheme {
        "socks5" | "socks5h" => return Ok(ProxyProtocol::Socks5),
        "http" => return Ok(ProxyProtocol::Http),
        "https" => (
            "is a proxy that is spoken to over TLS, which irclog does not do",
            "write http://HOST:PORT, which most proxies of HTTPS are: the way to the IRC server \
             is encrypted all the same, from end to end",
        ),
        "socks" | "socks4" | "socks4a" => (
            "is a proxy of an older SOCKS than 5, or does not say which",
            "write socks5://HOST:PORT if it speaks SOCKS5, as nearly all do",
        ),
        _ => (
            "begins with no scheme that irclog knows",
            "write socks5://HOST:PORT or http://HOST:PORT",
        ),
    };
    Err((what.into(), instead.into()))
}

fn read_login(login: &str, protocol: ProxyProtocol) -> Result<Login, (String, String)> {
    let decoded = |part: &str| match from_percent(part) {
        None => Ok(part.to_owned()),
        Some(bytes) => String::from_utf8(bytes).map_err(|_| {
            let what = "has a name or password that is not in UTF-8".to_owned();
            (what, "write it percent-encoded in UTF-8".to_owned())
        }),
    };
    let (name, password) = login.split_once(':').unwrap_or((login, ""));
    let (name, password) = (decoded(name)?, decoded(password)?);
    let fault = match protocol {
        ProxyProtocol::Socks5 if name.is_empty() => Some("has a password without a name"),
        ProxyProtocol::Socks5 if name.len().max(password.len()) > LONGEST_OF_SOCKS => {
            Some("has a name or password of more than 255 bytes, which SOCKS5 cannot carry")
        }
        ProxyProtocol::Http if name.contains(':') => {
            Some("has a name with a colon in it, which HTTP cannot carry")
        }
        _ => None,
    };
    if let Some(what) = fault {
        let instead = "ask the proxy's operator for another one".to_owned();
        return Err((what.to_owned(), instead));
    }
    Ok(Login {
        name,
        password: Hidden(password),
    })
}

/// What is secret in the text of a proxy's URL: all of it where it cannot be
/// read.
pub(super) fn secrets(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let unreadable = text.contains('@') && parse(text).is_err();
    let whole = unreadable.then_some(Cow::Borrowed(text));
    password(text).map(Cow::Borrowed).into_iter().chain(whole)
}

#[cfg(test)]
mod tests;
