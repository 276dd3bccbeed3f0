use super::*;

fn read(text: &str) -> (ProxyProtocol, String, u16, Option<(String, String)>) {
    let proxy = parse(text).unwrap_or_else(|(what, _)| panic!("{text}: {what}"));
    let login = proxy
        .login
        .map(|login| (login.name, login.password.expose().to_owned()));
    (proxy.protocol, proxy.host, proxy.port, login)
}

#[test]
fn a_url_is_read_as_other_programs_read_it() {
    use ProxyProtocol::{Http, Socks5};
    let plain = |protocol, host: &str, port| (protocol, host.to_owned(), port, None);
    assert_eq!(
        read("socks5://proxy.example:9050"),
        plain(Socks5, "proxy.example", 9050)
    );
    assert_eq!(
        read("SOCKS5H://10.0.0.1"),
        plain(Socks5, "10.0.0.1", SOCKS_PORT)
    );
    assert_eq!(read("http://proxy:3128/"), plain(Http, "proxy", 3128));
    assert_eq!(
        read("http://[2001:db8::1]:3128"),
        plain(Http, "2001:db8::1", 3128)
    );
    assert_eq!(read("socks5://::1"), plain(Socks5, "::1", SOCKS_PORT));
    let with = |text| read(text).3.unwrap();
    let login = |name: &str, password: &str| (name.to_owned(), password.to_owned());
    assert_eq!(with("socks5://ana:tiger@h:1"), login("ana", "tiger"));
    assert_eq!(
        with("http://ana:ti%40ger%3Alily@h:1"),
        login("ana", "ti@ger:lily")
    );
    assert_eq!(with("http://ana:ti@ger@h:1"), login("ana", "ti@ger"));
    assert_eq!(with("http://token@h:1"), login("token", ""));
}

#[test]
fn what_is_wrong_is_told_without_the_login() {
    for (text, wanted) in [
        ("", "what the proxy speaks"),
        ("proxy.example:1080", "socks5://HOST:PORT"),
        ("ana:tiger-lily@proxy:1080", "socks5://HOST:PORT"),
        ("https://ana:tiger-lily@proxy:443", "http://HOST:PORT"),
        ("socks4://proxy:1080", "socks5://HOST:PORT"),
        ("ftp://proxy:1080", "no scheme"),
        ("tiger-lily://proxy", "no scheme"),
        ("http://proxy", "add it: http://proxy:3128"),
        ("http://proxy:0", "from 1 to 65535"),
        ("http://proxy:tiger-lily", "from 1 to 65535"),
        ("http://proxy:3128/tiger-lily", "after the port"),
        ("http://:3128", "no host"),
        ("http://ana:tiger lily:3128", "no name and no address"),
        ("http://ana:ti/ger-lily@:1", "no host"),
        ("http://ti%3Ager:lily@proxy:1", "colon"),
        ("socks5://:tiger-lily@proxy:1", "without a name"),
        ("socks5://ana:%ff%fe@proxy:1", "UTF-8"),
    ] {
        let (what, instead) = parse(text).expect_err(text);
        let told = format!("{what}: {instead}");
        assert!(told.contains(wanted), "{text}: {told}");
        assert!(!told.contains("tiger") && !told.contains("lily"), "{told}");
    }
    let long = format!("socks5://ana:{}@proxy", "x".repeat(256));
    assert!(parse(&long).unwrap_err().0.contains("255"));
}

#[test]
fn the_password_is_the_secret_and_all_of_what_cannot_be_read() {
    let secrets = |text| secrets(text).map(Cow::into_owned).collect::<Vec<_>>();
    assert_eq!(secrets("http://proxy:3128"), [""; 0]);
    assert_eq!(secrets("http://ana:ti%40ger@proxy:1"), ["ti%40ger"]);
    assert_eq!(secrets("ana:tiger@proxy:1"), ["tiger", "ana:tiger@proxy:1"]);
    assert_eq!(secrets("tiger-lily@proxy"), ["tiger-lily@proxy"]);
}
