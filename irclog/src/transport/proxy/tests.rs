use proptest::prelude::*;

use super::*;
use crate::config::{Hidden, Login};

pub(super) fn login() -> Login {
    Login {
        name: "ana".into(),
        password: Hidden::new("tiger"),
    }
}

pub(super) struct Talked {
    pub(super) said: Vec<Vec<u8>>,
    pub(super) result: Result<(), Fault>,
    /// What came and was not read.
    pub(super) left: Vec<u8>,
}

/// Talks to a proxy that gives one of `answers` to each thing that is said,
/// and behind the last one what the `server` says.
pub(super) fn talk(talk: impl Into<Talk>, answers: &[&[u8]], server: &[u8]) -> Talked {
    let mut talk = talk.into();
    let mut answers = answers.iter().peekable();
    let (mut said, mut left) = (Vec::new(), Vec::new());
    let result = loop {
        match talk.next() {
            Next::Open => break Ok(()),
            Next::Send(bytes) => {
                assert!(left.is_empty(), "{left:?} is not read");
                said.push(bytes);
                left.extend_from_slice(answers.next().copied().unwrap_or_default());
                if answers.peek().is_none() {
                    left.extend_from_slice(server);
                }
            }
            Next::Read(count) => {
                assert!((1..=LONGEST_READ).contains(&count), "{count}");
                let count = count.min(left.len());
                if count == 0 {
                    break Err(Fault::Closed(None));
                }
                let part: Vec<u8> = left.drain(..count).collect();
                if let Err(fault) = talk.receive(&part) {
                    break Err(fault);
                }
            }
        }
    };
    Talked { said, result, left }
}

fn proxy(protocol: ProxyProtocol, login: Option<Login>) -> Proxy {
    Proxy {
        protocol,
        host: "proxy.test".into(),
        port: 1080,
        login,
    }
}

proptest! {
    #[test]
    fn whatever_a_proxy_says_ends_without_a_panic(
        mut says in proptest::collection::vec(any::<u8>(), 0..600),
        begins in 0..4_usize,
        with_login: bool,
    ) {
        let begin: [&[u8]; 4] = [b"", &[5, 0, 5, 0, 0], &[5, 2, 1, 0, 5, 0, 0, 3], b"HTTP/1.1 "];
        says.splice(0..0, begin[begins].iter().copied());
        for protocol in [ProxyProtocol::Socks5, ProxyProtocol::Http] {
            let proxy = proxy(protocol, with_login.then(login));
            let mut talk = Talk::new(&proxy, "irc.test", 6697);
            let mut rest = &says[..];
            loop {
                match talk.next() {
                    Next::Open => break,
                    Next::Send(_) => {}
                    Next::Read(count) => {
                        prop_assert!((1..=LONGEST_READ).contains(&count));
                        let (part, after) = rest.split_at(count.min(rest.len()));
                        rest = after;
                        if part.is_empty() {
                            break;
                        }
                        if let Err(fault) = talk.receive(part) {
                            let error = words::explain(&fault, true, &proxy, "irc.test", 6697);
                            prop_assert!(!error.to_string().chars().any(char::is_control));
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// Speaks to a peer that says `says` and then nothing, or hangs up.
async fn faced(protocol: ProxyProtocol, says: &[u8], open: bool) -> (String, Duration) {
    let (mut near, mut far) = tokio::io::duplex(1024);
    far.write_all(says).await.unwrap();
    let far = open.then_some(far);
    let started = tokio::time::Instant::now();
    let proxy = proxy(protocol, None);
    let error = pass(&mut near, &proxy, "irc.test", 6697).await.unwrap_err();
    drop(far);
    (error.to_string(), started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_says_nothing_is_left_in_time() {
    let (told, took) = faced(ProxyProtocol::Socks5, b"", true).await;
    assert_eq!(took, ANSWER_BOUND);
    assert!(told.contains("says nothing"), "{told}");
    // It has answered, and is on its way.
    let (told, took) = faced(ProxyProtocol::Socks5, &[5, 0, 5], true).await;
    assert_eq!(took, CONNECT_BOUND);
    assert!(told.contains("irc.test port 6697"), "{told}");
    let (_, took) = faced(ProxyProtocol::Http, b"HTTP/1.1 200", true).await;
    assert_eq!(took, CONNECT_BOUND);
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_prolongs_nothing() {
    let (mut near, mut far) = tokio::io::duplex(1024);
    let drip = tokio::spawn(async move {
        far.write_all(b"HTTP/1.1 200 OK\r\nX: ").await.unwrap();
        while far.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let started = tokio::time::Instant::now();
    let proxy = proxy(ProxyProtocol::Http, None);
    pass(&mut near, &proxy, "irc.test", 1).await.unwrap_err();
    assert!(started.elapsed() <= CONNECT_BOUND + ANSWER_BOUND);
    drip.abort();
}

#[tokio::test]
async fn a_proxy_that_hangs_up_is_told() {
    for protocol in [ProxyProtocol::Socks5, ProxyProtocol::Http] {
        let (told, _) = faced(protocol, b"", false).await;
        assert!(told.contains("closed"), "{told}");
    }
}
