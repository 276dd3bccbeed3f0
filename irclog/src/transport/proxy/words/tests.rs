use std::time::Duration;

use super::*;
use crate::config::{Hidden, Login};

fn told(fault: &Fault, protocol: ProxyProtocol, login: bool) -> String {
    let proxy = Proxy {
        protocol,
        host: "proxy.test".into(),
        port: 1080,
        login: login.then(|| Login {
            name: "ana".into(),
            password: Hidden::new("tiger-lily"),
        }),
    };
    let error = explain(fault, true, &proxy, "irc.test", 6697);
    assert!(!error.to_string().contains("lily"));
    error.to_string()
}

#[test]
fn each_fault_has_words_and_a_mend_of_its_own() {
    use ProxyProtocol::{Http, Socks5};
    let status = |status| Fault::Status(status, "because".into());
    let wants = |scheme: &str| Fault::WantsLogin(vec![scheme.into()]);
    for (fault, protocol, login, wanted) in [
        (
            Fault::NoProxy(Peer::Http),
            Socks5,
            true,
            "http://proxy.test:1080",
        ),
        (
            Fault::NoProxy(Peer::Socks),
            Http,
            true,
            "socks5://proxy.test:1080",
        ),
        (Fault::NoProxy(Peer::Irc), Http, true, "IRC_SERVER"),
        (
            Fault::WantsLogin(Vec::new()),
            Socks5,
            false,
            "socks5://NAME:PASSWORD@",
        ),
        (Fault::WantsLogin(Vec::new()), Socks5, true, "its operator"),
        (wants("basic"), Http, false, "http://NAME:PASSWORD@"),
        (wants("ntlm"), Http, true, "a login by ntlm"),
        (Fault::WrongLogin, Http, true, "%40"),
        (Fault::Refused(1), Socks5, false, "general failure"),
        (Fault::Refused(2), Socks5, false, "does not allow"),
        (Fault::Refused(3), Socks5, false, "network unreachable"),
        (Fault::Refused(4), Socks5, false, "host unreachable"),
        (Fault::Refused(5), Socks5, false, "is IRC_PORT right"),
        (Fault::Refused(6), Socks5, false, "firewall"),
        (Fault::Refused(7), Socks5, false, "another proxy"),
        (Fault::Refused(8), Socks5, false, "IRC_TLS_PIN"),
        (Fault::Refused(91), Socks5, false, "reply 91"),
        (status(403), Http, false, "ConnectPort"),
        (
            status(502),
            Http,
            false,
            "cannot connect to irc.test port 6697 (502 because)",
        ),
        (status(405), Http, false, "a web server"),
        (status(429), Http, false, "(429 because)"),
        (Fault::TooLong, Http, false, "without an end"),
        (Fault::Closed(None), Http, false, "instead of connecting"),
        (
            Fault::Late(Duration::from_secs(20)),
            Http,
            false,
            "within 20 s",
        ),
    ] {
        let told = told(&fault, protocol, login);
        assert!(told.contains(wanted), "{fault:?}: {told}");
        assert!(told.contains("prox") && told.contains(": "), "{told}");
    }
}
