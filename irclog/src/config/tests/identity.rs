//! Who we are: nicks, accounts, certificates.

use super::*;

#[test]
fn nicks_that_no_server_takes_are_refused() {
    for nick in [
        "",
        "9lives",
        "-a",
        "a b",
        "caf\u{e9}",
        &"n".repeat(31),
        "a!b",
        "a\rb",
    ] {
        assert_eq!(problems(&with(&[("IRC_NICK", nick)])).len(), 1, "{nick:?}");
    }
    assert_eq!(
        on(&with(&[("IRC_NICK", "[x402]-prod")])).0.nick.to_string(),
        "[x402]-prod"
    );
}

#[test]
fn places_of_a_nick_are_filled_or_told() {
    let nick = |text: &str| on(&with(&[("IRC_NICK", text)])).0.nick.to_string();
    assert_eq!(nick("pay-{host}"), "pay-ip-10-0-3-17");
    assert_eq!(nick("pay{n}"), "pay1");
    for (text, word) in [
        ("pay-{task}", "{task}"),
        ("{n}pay", "does not begin"),
        ("pay{n}{n}", "twice"),
        ("pay {host}", "goes on with"),
    ] {
        let told = problems(&with(&[("IRC_NICK", text)]));
        assert!(told.len() == 1 && told[0].contains(word), "{told:?}");
    }
}

#[test]
fn a_certificate_of_ones_own_has_a_key_and_goes_over_tls() {
    let (cert, key) = (("IRC_CLIENT_CERT", "PEM"), ("IRC_CLIENT_KEY", "PEM"));
    for (given, word) in [
        (&[cert][..], "IRC_CLIENT_KEY"),
        (&[key], "IRC_CLIENT_CERT"),
        (&[cert, key, ("IRC_TLS", "false")], "IRC_TLS"),
    ] {
        let told = problems(&with(given));
        assert!(told.len() == 1 && told[0].starts_with(word), "{told:?}");
    }
    let account = |text: &str| on(&with(&[("IRC_ACCOUNT", text)])).0.account;
    assert_eq!(account("ann").as_deref(), Some("ann"));
    assert!(problems(&with(&[("IRC_ACCOUNT", "ann b")]))[0].starts_with("IRC_ACCOUNT"));
}

#[test]
fn services_are_an_address() {
    let services = |text: &str| on(&with(&[("IRC_SERVICES", text)])).0.services;
    for good in [
        "NickServ@services.dal.net",
        "Q@CServe.quakenet.org",
        "NickServ",
    ] {
        assert_eq!(services(good).as_deref(), Some(good));
    }
    for bad in [
        "",
        "@services.dal.net",
        "NickServ@",
        "a b",
        "NickServ@x y",
        "a,b@c",
        "a\r@c",
    ] {
        let told = problems(&with(&[("IRC_SERVICES", bad)]));
        assert!(told.len() == 1 && told[0].contains("NickServ@"), "{told:?}");
    }
}

#[test]
fn fingerprints_are_64_digits_with_or_without_colons() {
    let plain = "0123456789abcdef".repeat(4);
    let colons: Vec<&str> = (0..32).map(|n| &plain[2 * n..2 * n + 2]).collect();
    assert_eq!(
        parse_fingerprint(&plain),
        parse_fingerprint(&colons.join(":").to_uppercase())
    );
    assert_eq!(parse_fingerprint(&plain).map(|pin| pin[1]), Some(0x23));
    assert_eq!(parse_fingerprint(&plain[1..]), None);
    assert_eq!(parse_fingerprint(&format!("{plain}0")), None);
    assert_eq!(parse_fingerprint(&plain.replace('a', "g")), None);
}

#[test]
fn any_program_name_gives_a_nick() {
    for (program, nick) in [
        ("/usr/bin/x402-facilitator", "x402-facilitator"),
        ("x402-facilitator.exe", "x402-facilitator"),
        ("402 späť!", "sp"),
        ("--", "irclog"),
        ("", "irclog"),
    ] {
        assert_eq!(nick_of(Path::new(program)), nick, "{program:?}");
    }
    assert_eq!(nick_of(Path::new(&"n".repeat(99))).len(), 30);
}

#[test]
fn mechanisms_of_sasl_are_some_and_leave_no_setting_without_use() {
    let (config, _) = on(&with(&[("IRC_SASL", "plain, external")]));
    assert_eq!(config.mechanisms, [Mechanism::External, Mechanism::Plain]);
    let password = ("IRC_PASSWORD", "tiger-lily");
    for (given, wanted) in [
        (vec![("IRC_SASL", "true")], "names \"true\""),
        (vec![("IRC_SASL", " , ")], "names no mechanism"),
        (
            vec![("IRC_SASL", "EXTERNAL"), password],
            "no use for IRC_PASSWORD",
        ),
    ] {
        let told = problems(&with(&given)).join("");
        assert!(
            told.contains(wanted) && told.contains("SCRAM-SHA-256"),
            "{told}"
        );
    }
}
