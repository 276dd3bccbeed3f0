use super::super::tests::{login, talk};
use super::*;

fn http(login: Option<&Login>) -> Http {
    Http::new(login, "irc.dal.net", 6697)
}

fn refused(login: Option<&Login>, answer: &[u8]) -> Fault {
    talk(http(login), &[answer], b"").result.unwrap_err()
}

#[test]
fn the_way_is_asked_for_and_what_the_server_says_is_not_read() {
    for answer in [
        &b"HTTP/1.0 200 Connection established\r\n\r\n"[..],
        b"HTTP/1.1 200\r\nProxy-Agent: tinyproxy\r\nVia: \r\n\r\n",
        b"HTTP/1.1 204 x\nA: b\n\n",
        b"HTTP/1.1 103 soon\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        let talked = talk(http(None), &[answer], b"\n\r\n:irc.test NOTICE");
        assert_eq!(talked.result, Ok(()), "{}", answer.escape_ascii());
        assert_eq!(talked.left, b"\n\r\n:irc.test NOTICE");
        let wanted = "CONNECT irc.dal.net:6697 HTTP/1.1\r\nHost: irc.dal.net:6697\r\n\r\n";
        assert_eq!(talked.said, [wanted.as_bytes()]);
    }
}

#[test]
fn a_login_goes_with_it_and_an_address_stands_in_brackets() {
    let login = login();
    let mut http = Http::new(Some(&login), "2001:db8::1", 6667);
    let Next::Send(request) = http.next() else {
        panic!("nothing is said");
    };
    let request = String::from_utf8(request).unwrap();
    assert!(request.starts_with("CONNECT [2001:db8::1]:6667 HTTP/1.1\r\n"));
    assert!(request.ends_with("\r\nProxy-Authorization: Basic YW5hOnRpZ2Vy\r\n\r\n"));
}

#[test]
fn each_refusal_is_told_apart() {
    let login = login();
    let asks = |scheme: &str| {
        format!("HTTP/1.1 407 x\r\nproxy-authenticate: {scheme}\r\n\r\n").into_bytes()
    };
    let wants = |scheme: &str| Fault::WantsLogin(vec![scheme.to_owned()]);
    let basic = asks("Basic realm=\"x\"");
    assert_eq!(refused(None, &basic), wants("basic"));
    assert_eq!(refused(Some(&login), &basic), Fault::WrongLogin);
    assert_eq!(refused(Some(&login), &asks("NTLM")), wants("ntlm"));
    let bare = b"HTTP/1.1 407\r\n\r\n";
    assert_eq!(refused(Some(&login), bare), Fault::WrongLogin);
    let unauthorized = b"HTTP/1.1 401 Unauthorized\r\nServer: tinyproxy\r\n\r\n";
    assert_eq!(refused(Some(&login), unauthorized), Fault::WrongLogin);
    assert_eq!(
        refused(None, b"HTTP/1.0 502 Bad\x1b[2J Gateway\r\n\r\n"),
        Fault::Status(502, "Bad Gateway".into())
    );
    for (says, who) in [
        (&[5, 255][..], Peer::Socks),
        (b":irc.test NOTICE * :hi", Peer::Irc),
        (b"SSH-2.0-x", Peer::Unknown),
        (b"HTTP/1.1 yes\r\n\r\n", Peer::Unknown),
        (b"HTTP/\r\n\r\n", Peer::Unknown),
    ] {
        assert_eq!(refused(None, says), Fault::NoProxy(who));
    }
    let endless = [b"HTTP/1.1 200 OK\r\n", &[b'x'; 2 * LONGEST_HEAD][..]].concat();
    assert_eq!(refused(None, &endless), Fault::TooLong);
    let endless = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(LONGEST_HEAD / 20);
    assert_eq!(refused(None, &endless), Fault::TooLong);
}
