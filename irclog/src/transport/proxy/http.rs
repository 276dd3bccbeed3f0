//! What is said to a proxy of HTTP: the method CONNECT (RFC 9110), and a name and
//! password by the scheme Basic (RFC 7617). Pure: bytes in, bytes out.

use data_encoding::BASE64;

use super::{Fault, Next, Peer};
use crate::config::Login;
use crate::irc::foreign::Foreign;

/// Answers are no longer: what servers of HTTP take themselves as a head.
const LONGEST_HEAD: usize = 8 * 1024;
const BEGINS: &[u8] = b"HTTP/";

/// The conversation with a proxy of HTTP.
#[derive(Debug)]
pub(super) struct Http {
    has_login: bool,
    request: Option<Vec<u8>>,
    is_open: bool,
    /// The head of the answer, as far as it has come.
    heard: Vec<u8>,
    /// Bytes that have come, with those of answers that another one follows.
    total: usize,
}

impl Http {
    pub(super) fn new(login: Option<&Login>, server: &str, port: u16) -> Self {
        let authority = if server.contains(':') {
            format!("[{server}]:{port}")
        } else {
            format!("{server}:{port}")
        };
        let login_line = login.map_or(String::new(), |login| {
            let both = format!("{}:{}", login.name, login.password.expose());
            let both = BASE64.encode(both.as_bytes());
            format!("Proxy-Authorization: Basic {both}\r\n")
        });
        let request =
            format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{login_line}\r\n");
        Self {
            has_login: login.is_some(),
            request: Some(request.into_bytes()),
            is_open: false,
            heard: Vec::new(),
            total: 0,
        }
    }

    /// What comes after the head is the server's, and not to be read here: no
    /// more than what has to come in any case.
    pub(super) fn next(&mut self) -> Next {
        if let Some(request) = self.request.take() {
            return Next::Send(request);
        }
        match *self.heard {
            _ if self.is_open => Next::Open,
            [.., b'\n' | b'\r'] => Next::Read(1),
            _ => Next::Read(2),
        }
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.heard.extend_from_slice(bytes);
        self.total += bytes.len();
        if self.total > LONGEST_HEAD {
            return Err(Fault::TooLong);
        }
        let begun = self.heard.len().min(BEGINS.len());
        if self.heard[..begun] != BEGINS[..begun] {
            return Err(Fault::NoProxy(match self.heard.first() {
                Some(4 | 5) => Peer::Socks,
                Some(b':' | b'N' | b'E') => Peer::Irc,
                _ => Peer::Unknown,
            }));
        }
        if !(self.heard.ends_with(b"\n\r\n") || self.heard.ends_with(b"\n\n")) {
            return Ok(());
        }
        let head = String::from_utf8_lossy(&self.heard).into_owned();
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let mut words = first.splitn(3, ' ').skip(1);
        let status = words.next().and_then(|status| status.parse::<u16>().ok());
        let reason = words.next().unwrap_or_default();
        match status {
            // That something else comes.
            Some(100..=199) => self.heard.clear(),
            Some(200..=299) => self.is_open = true,
            // tinyproxy has the first for a login that is wrong.
            Some(401 | 407) => {
                let schemes = schemes(lines);
                let takes_ours = schemes.is_empty() || schemes.iter().any(|s| s == "basic");
                return Err(match (self.has_login, takes_ours) {
                    (true, true) => Fault::WrongLogin,
                    _ => Fault::WantsLogin(schemes),
                });
            }
            Some(status) => {
                let reason = Foreign::new(reason.trim());
                return Err(Fault::Status(status, reason.told().into_owned()));
            }
            None => return Err(Fault::NoProxy(Peer::Unknown)),
        }
        Ok(())
    }
}

/// How the proxy wants to know who we are: `basic`, `ntlm`.
fn schemes<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let challenge = |line: &'a str| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.trim().eq_ignore_ascii_case("Proxy-Authenticate");
        let scheme = value.trim().split([' ', ',']).next()?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let scheme: String = scheme.chars().filter(|&c| is_token(c)).take(20).collect();
        (is_it && !scheme.is_empty()).then(|| scheme.to_ascii_lowercase())
    };
    lines.filter_map(challenge).take(8).collect()
}

#[cfg(test)]
mod tests;
