//! What is said to a SOCKS5 proxy: RFC 1928, and RFC 1929 for a name and a
//! password. Pure: bytes in, bytes out.

use std::net::IpAddr;

use super::{Fault, Next, Peer};
use crate::config::Login;

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
const NO_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
const PORT_BYTES: usize = 2;

/// The conversation with a SOCKS5 proxy.
#[derive(Debug)]
pub(super) struct Socks {
    login: Option<Login>,
    server: String,
    port: u16,
    state: State,
    /// The part of an answer that has come.
    heard: Vec<u8>,
}

/// What is to be said or heard next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Greeting,
    Method,
    Login,
    LoginAnswer,
    Request,
    Reply,
    Open,
}

impl Socks {
    pub(super) fn new(login: Option<Login>, server: &str, port: u16) -> Self {
        Self {
            login,
            server: server.to_owned(),
            port,
            state: State::Greeting,
            heard: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Next {
        match self.state {
            State::Greeting => {
                self.state = State::Method;
                Next::Send(match self.login {
                    Some(_) => vec![VERSION, 2, NO_LOGIN, BY_PASSWORD],
                    None => vec![VERSION, 1, NO_LOGIN],
                })
            }
            State::Login => {
                self.state = State::LoginAnswer;
                Next::Send(self.login())
            }
            State::Request => {
                self.state = State::Reply;
                Next::Send(self.request())
            }
            State::Method | State::LoginAnswer => Next::Read(2 - self.heard.len()),
            State::Reply => Next::Read(reply_bytes(&self.heard) - self.heard.len()),
            State::Open => Next::Open,
        }
    }

    /// Whether the proxy has said that it is one, and now asks for the server.
    pub(super) fn is_connecting(&self) -> bool {
        self.state == State::Reply
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.heard.extend_from_slice(bytes);
        // Whoever does not know us says so with the first byte.
        let version = match self.state {
            State::LoginAnswer => LOGIN_VERSION,
            _ => VERSION,
        };
        match self.heard.first() {
            Some(&first) if first == version => {}
            // Some answer with the version of SOCKS.
            Some(&VERSION) => {}
            _ => return Err(Fault::NoProxy(peer(&self.heard))),
        }
        let &[_, answer, ..] = &*self.heard else {
            return Ok(());
        };
        match (self.state, answer) {
            (State::Method, NO_LOGIN) | (State::LoginAnswer, 0) => self.then(State::Request),
            (State::Method, BY_PASSWORD) if self.login.is_some() => self.then(State::Login),
            (State::Method, _) => return Err(Fault::WantsLogin(Vec::new())),
            (State::LoginAnswer, _) => return Err(Fault::WrongLogin),
            (State::Reply, 0) if self.heard.len() == reply_bytes(&self.heard) => {
                self.then(State::Open);
            }
            (State::Reply, why) if why > 0 => return Err(Fault::Refused(why)),
            _ => {}
        }
        Ok(())
    }

    fn then(&mut self, state: State) {
        self.heard.clear();
        self.state = state;
    }

    fn login(&self) -> Vec<u8> {
        let (name, password) = match &self.login {
            Some(login) => (login.name.as_str(), login.password.expose()),
            None => ("", ""),
        };
        let mut bytes = vec![LOGIN_VERSION];
        push_short(&mut bytes, name);
        push_short(&mut bytes, password);
        bytes
    }

    fn request(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, CONNECT, 0];
        match self.server.parse() {
            Ok(IpAddr::V4(ip)) => {
                bytes.push(IPV4);
                bytes.extend(ip.octets());
            }
            Ok(IpAddr::V6(ip)) => {
                bytes.push(IPV6);
                bytes.extend(ip.octets());
            }
            Err(_) => {
                bytes.push(NAME);
                push_short(&mut bytes, &self.server);
            }
        }
        bytes.extend(self.port.to_be_bytes());
        bytes
    }
}

/// A text behind its length. The check of the settings lets no longer one through.
fn push_short(bytes: &mut Vec<u8>, text: &str) {
    let len = u8::try_from(text.len()).unwrap_or(u8::MAX);
    bytes.push(len);
    bytes.extend(&text.as_bytes()[..usize::from(len)]);
}

/// The length of the reply that begins with `heard`, or of what of it has to come
/// before that is known.
fn reply_bytes(heard: &[u8]) -> usize {
    const HEAD: usize = 4;
    match *heard {
        [_, _, _, IPV4, ..] => HEAD + 4 + PORT_BYTES,
        [_, _, _, IPV6, ..] => HEAD + 16 + PORT_BYTES,
        [_, _, _, NAME, len, ..] => HEAD + 1 + usize::from(len) + PORT_BYTES,
        [_, _, _, NAME] => HEAD + 1,
        // An address of no kind: the port is what ends it.
        [_, _, _, _, ..] => HEAD + PORT_BYTES,
        _ => HEAD,
    }
}

/// Who answers so.
fn peer(heard: &[u8]) -> Peer {
    match heard.first() {
        Some(b'H') => Peer::Http,
        Some(0 | 4) => Peer::OldSocks,
        Some(b':' | b'N' | b'E') => Peer::Irc,
        _ => Peer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Talked, login, talk};
    use super::*;

    fn socks(login: Option<Login>, server: &str) -> Socks {
        Socks::new(login, server, 6697)
    }

    #[test]
    fn a_name_is_for_the_proxy_to_look_up() {
        let answers: [&[u8]; 2] = [&[5, 0], &[5, 0, 0, 1, 10, 0, 0, 1, 4, 5]];
        let Talked { said, result, left } = talk(socks(None, "irc.dal.net"), &answers, b"NOTICE");
        let request = [&[5, 1, 0, 3, 11][..], b"irc.dal.net", &[0x1a, 0x29]].concat();
        assert_eq!(said, [vec![5, 1, 0], request]);
        assert_eq!(result, Ok(()));
        assert_eq!(left, b"NOTICE", "what the server says is the session's");
    }

    #[test]
    fn addresses_are_sent_as_such_and_a_login_where_it_is_wanted() {
        let v6_answer = [&[5, 0, 0, 4][..], &[0; 18]].concat();
        let answers: [&[u8]; 3] = [&[5, 2], &[1, 0], &v6_answer];
        let talked = talk(socks(Some(login()), "192.0.2.7"), &answers, b"");
        let wanted: [&[u8]; 3] = [
            &[5, 2, 0, 2],
            b"\x01\x03ana\x05tiger",
            &[5, 1, 0, 1, 192, 0, 2, 7, 0x1a, 0x29],
        ];
        assert_eq!(talked.said, wanted);
        assert_eq!(talked.result, Ok(()));
        // The login is kept where nobody wants it.
        let named: &[u8] = &[5, 0, 0, 3, 2, b'h', b'i', 0, 0];
        let talked = talk(socks(Some(login()), "::1"), &[&[5, 0], named], b"x");
        assert_eq!(talked.said.len(), 2);
        assert_eq!(talked.said[1][..4], [5, 1, 0, 4]);
        assert_eq!((talked.result, &*talked.left), (Ok(()), &b"x"[..]));
    }

    #[test]
    fn each_refusal_is_told_apart() {
        let refused = |login: Option<Login>, answers: &[&[u8]]| {
            talk(socks(login, "irc.test"), answers, b"")
                .result
                .unwrap_err()
        };
        assert_eq!(refused(None, &[&[5, 255]]), Fault::WantsLogin(Vec::new()));
        assert_eq!(refused(None, &[&[5, 2]]), Fault::WantsLogin(Vec::new()));
        assert_eq!(
            refused(Some(login()), &[&[5, 2], &[1, 1]]),
            Fault::WrongLogin
        );
        assert_eq!(
            refused(Some(login()), &[&[5, 2], &[5, 1]]),
            Fault::WrongLogin
        );
        for why in 1..=9 {
            // Some send no more than that.
            assert_eq!(refused(None, &[&[5, 0], &[5, why]]), Fault::Refused(why));
        }
        for (says, who) in [
            (&b"HTTP/1.1 400"[..], Peer::Http),
            (&[0, 91], Peer::OldSocks),
            (b":irc.test NOTICE", Peer::Irc),
            (b"SSH-2.0", Peer::Unknown),
        ] {
            assert_eq!(refused(None, &[says]), Fault::NoProxy(who));
        }
    }
}
