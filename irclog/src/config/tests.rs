//! Settings as users write them, right and wrong.

use super::check::parse_fingerprint;
use super::table::{
    IRC_CHANNEL, IRC_CLIENT_CERT, IRC_CLIENT_KEY, IRC_MUTE_SIGNAL, IRC_NICK, IRC_PORT, IRC_SERVER,
    Unset,
};
use super::*;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_env(
        pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
        |path| match path {
            "/run/secrets/password" => Ok("hunter2-hunter2\n".into()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        },
    )
}

/// What the tests' process is called, and where it runs.
fn own() -> Surroundings {
    Surroundings {
        nick: "svc".into(),
        host: Some("ip-10-0-3-17".into()),
        task: None,
        instance: None,
    }
}

fn on(pairs: &[(&str, &str)]) -> (Config, Vec<String>) {
    match settings(pairs).check(&own()) {
        Ok(Checked {
            choice: Choice::On(config),
            remarks,
            ..
        }) => (*config, remarks),
        Ok(Checked {
            choice: Choice::Off(why),
            ..
        }) => panic!("off: {why}"),
        Err(problems) => panic!("{problems:?}"),
    }
}

fn off(pairs: &[(&str, &str)]) -> String {
    match settings(pairs).check(&own()) {
        Ok(Checked {
            choice: Choice::Off(why),
            ..
        }) => why,
        _ => panic!("not off: {pairs:?}"),
    }
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    let Err(problems) = settings(pairs).check(&own()) else {
        panic!("accepted: {pairs:?}");
    };
    problems.iter().map(ToString::to_string).collect()
}

const PLACE: [(&str, &str); 2] = [("IRC_SERVER", "irc.dal.net"), ("IRC_CHANNEL", "#k")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = PLACE.to_vec();
    all.extend_from_slice(more);
    all
}

#[test]
fn server_and_channel_are_enough() {
    let (config, remarks) = on(&PLACE);
    assert_eq!(config.server, "irc.dal.net");
    assert_eq!(config.channels[0].name, "#k");
    assert_eq!(config.port, 6697);
    assert_eq!(config.tls, Some(TlsConfig::default()));
    assert_eq!(config.nick.to_string(), "svc");
    assert!((config.rate - 2.0).abs() < f64::EPSILON);
    assert_eq!(config.filter.to_string(), "INFO to ERROR");
    assert_eq!(config.max_lines.get(), 4);
    assert_eq!(config.max_age, Duration::from_secs(600));
    assert!(config.formatting);
    assert_eq!(config.exit_timeout, Duration::from_secs(5));
    assert!(remarks.is_empty());
}

#[test]
fn every_example_is_taken_and_every_default_can_be_given() {
    let told = settings(&PLACE).check(&own()).map(|checked| checked.choice);
    for setting in TABLE {
        let mut given = with(&[(setting.name, setting.example)]);
        // These come together only.
        for (one, other) in [
            (&IRC_CLIENT_CERT, &IRC_CLIENT_KEY),
            (&IRC_CLIENT_KEY, &IRC_CLIENT_CERT),
        ] {
            if setting.name == one.name {
                given.push((other.name, other.example));
            }
        }
        let checked = settings(&given).check(&own());
        // There are no signals elsewhere, and who names one is told.
        let takes = cfg!(unix) || setting.name != IRC_MUTE_SIGNAL.name;
        let problems = checked.err();
        assert_eq!(problems.is_none(), takes, "{}: {problems:?}", setting.name);
        if let Unset::Value(value) = setting.default {
            let given = settings(&with(&[(setting.name, value)])).check(&own());
            let choice = given.map(|checked| checked.choice);
            assert_eq!(
                format!("{choice:?}"),
                format!("{told:?}"),
                "{}",
                setting.name
            );
        }
    }
}

#[test]
fn without_tls_the_port_is_6667() {
    assert_eq!(on(&with(&[("IRC_TLS", "no")])).0.port, 6667);
    assert_eq!(on(&with(&[("IRC_TLS", "no")])).0.tls, None);
}

#[test]
fn enabled_is_read_not_just_looked_for() {
    for word in ["false", "0", "no", "off", "FALSE", " off "] {
        assert!(
            off(&with(&[("IRC_ENABLED", word)])).contains("IRC_ENABLED"),
            "{word}"
        );
    }
    for word in ["true", "1", "yes", "on", "On"] {
        on(&with(&[("IRC_ENABLED", word)]));
    }
    let told = problems(&with(&[("IRC_ENABLED", "maybe")]));
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("\"maybe\"") && told[0].contains("true, 1, yes or on"));
}

#[test]
fn unset_means_on_exactly_when_server_and_channel_are_set() {
    assert!(off(&[]).contains("not set"));
    assert!(off(&PLACE[..1]).contains("IRC_CHANNEL is not"));
    assert!(off(&PLACE[1..]).contains("IRC_SERVER is not"));
}

#[test]
fn enabled_without_a_place_is_a_problem_for_each() {
    let told = problems(&[("IRC_ENABLED", "true")]);
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|line| line.starts_with("IRC_SERVER")));
    assert!(told.iter().any(|line| line.starts_with("IRC_CHANNEL")));
}

#[test]
fn an_empty_channel_is_explained_by_the_comment_sign() {
    let told = problems(&[("IRC_SERVER", "irc.dal.net"), ("IRC_CHANNEL", "")]);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("unquoted #") && told[0].contains("'#karmacadabra'"));
}

#[test]
fn a_channel_without_its_sign_gets_it_and_is_told() {
    let (config, remarks) = on(&[("IRC_SERVER", "h"), ("IRC_CHANNEL", "karmacadabra")]);
    assert_eq!(config.channels[0].name, "#karmacadabra");
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].contains("#karmacadabra"));
}

#[test]
fn all_problems_are_told_at_once() {
    let told = problems(&[
        ("IRC_SERVER", "irc://irc.dal.net"),
        ("IRC_CHANNEL", "#a,#b"),
        ("IRC_PORT", "66x"),
        ("IRC_TLS", "perhaps"),
        ("IRC_TLS_PIN", "abc"),
        ("IRC_NICK", "two words"),
        ("IRC_RATE", "fast"),
        ("IRC_LOG", "info=warn=debug"),
        ("IRC_MAX_LINES", "0"),
        ("IRC_MAX_AGE", "0.5"),
        ("IRC_FORMATTING", "mirc"),
        ("IRC_EXIT_TIMEOUT", "-1"),
        ("IRC_PASSWORD", "a\nQUIT"),
    ]);
    for setting in [
        "IRC_SERVER",
        "IRC_CHANNEL",
        "IRC_PORT",
        "IRC_TLS ",
        "IRC_TLS_PIN",
        "IRC_NICK",
        "IRC_RATE",
        "IRC_LOG",
        "IRC_MAX_LINES",
        "IRC_MAX_AGE",
        "IRC_FORMATTING",
        "IRC_EXIT_TIMEOUT",
        "IRC_PASSWORD",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with(setting)),
            "{setting}: {told:#?}"
        );
    }
    assert!(
        !told.concat().contains("QUIT"),
        "a password is never repeated"
    );
}

#[test]
fn bad_servers_say_where_the_parts_belong() {
    let told = problems(&[("IRC_SERVER", "irc.dal.net:6697"), ("IRC_CHANNEL", "#k")]);
    assert!(
        told[0].contains("irc.dal.net here and 6697 in IRC_PORT"),
        "{told:?}"
    );
    assert_eq!(
        on(&[("IRC_SERVER", "[::1]"), ("IRC_CHANNEL", "#k")])
            .0
            .server,
        "::1"
    );
}

#[test]
fn ports_and_rates_out_of_range_are_refused() {
    for port in ["0", "65536", "-1", "", "6697 "] {
        let result = settings(&with(&[("IRC_PORT", port)])).check(&own());
        assert_eq!(result.is_ok(), port == "6697 ", "{port:?}");
    }
    for rate in ["0", "-2", "NaN", "inf", "1e9", ""] {
        assert_eq!(problems(&with(&[("IRC_RATE", rate)])).len(), 1, "{rate:?}");
    }
}

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
fn a_secret_can_come_from_a_file_and_is_not_shown() {
    let (config, _) = on(&with(&[("IRC_PASSWORD_FILE", "/run/secrets/password")]));
    assert_eq!(
        config.password.as_ref().map(Hidden::expose),
        Some("hunter2-hunter2")
    );
    assert!(!format!("{config:?}").contains("hunter2"));
    let told = problems(&with(&[("IRC_PASSWORD_FILE", "/nowhere")]));
    assert!(told[0].starts_with("IRC_PASSWORD_FILE") && told[0].contains("/nowhere"));
    let both = [
        ("IRC_NICK", "a"),
        ("IRC_NICK_FILE", "/run/secrets/password"),
    ];
    assert!(problems(&with(&both))[0].contains("both set"));
}

#[test]
fn code_overrides_a_bad_environment() {
    let mut settings = settings(&with(&[("IRC_PORT", "x"), ("IRC_NICK_FILE", "/nowhere")]));
    settings.set(&IRC_PORT, "7000");
    settings.set(&IRC_NICK, "other");
    let Ok(Checked {
        choice: Choice::On(config),
        ..
    }) = settings.check(&own())
    else {
        panic!("refused");
    };
    assert_eq!((config.port, &*config.nick.to_string()), (7000, "other"));
}

#[test]
fn the_scrubber_is_made_from_its_settings() {
    let Ok(checked) = settings(&[
        ("IRC_SCRUB_RULES", "order-([0-9]+) => #\n\nseat [A-Z]\\d+"),
        ("IRC_SCRUB_ALLOW", "sort_key, other_key"),
        ("IRC_SCRUB_WITHOUT", "email"),
    ])
    .check(&own()) else {
        panic!("refused");
    };
    let text = "order-17 in seat B12, sort_key=abcdefghij, mail a@example.com";
    assert_eq!(
        checked.scrubber.scrub(text, &[]).as_str(),
        "order-# in [REDACTED], sort_key=abcdefghij, mail a@example.com"
    );
}

#[test]
fn a_bad_rule_is_told_even_where_the_channel_is_off() {
    let told = problems(&[
        ("IRC_SCRUB_RULES", "(unclosed => x"),
        ("IRC_SCRUB_WITHOUT", "jwt"),
        ("IRC_TOKEN_KEY", "short"),
    ]);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with("IRC_SCRUB_RULES"));
    assert!(told[1].starts_with("IRC_SCRUB_WITHOUT"));
    assert!(told[2].starts_with("IRC_TOKEN_KEY") && !told[2].contains("\"short\""));
}

#[test]
fn what_would_hide_nothing_or_all_is_told() {
    let with = |name, value| {
        [
            ("IRC_SERVER", "irc.example.org"),
            ("IRC_CHANNEL", "#logs"),
            (name, value),
        ]
    };
    for (name, value, told) in [
        (
            "IRC_HIDE",
            "(heartbeat",
            "is no regular expression (unclosed group)",
        ),
        ("IRC_HIDE", "heartbeat|", "matches a text of nothing"),
        ("IRC_HIDE", ".*", "matches a text of nothing"),
        (
            "IRC_HIDE_REQUESTS",
            "/a,health",
            "names \"health\", which is no request",
        ),
    ] {
        let all = problems(&with(name, value));
        assert_eq!(all.len(), 1, "{value}: {all:#?}");
        assert!(all[0].starts_with(&format!("{name} {told}")), "{}", all[0]);
    }
    for (name, value) in [
        ("IRC_HIDE", "^heartbeat"),
        ("IRC_HIDE_REQUESTS", "/health, GET /metrics,"),
    ] {
        assert!(settings(&with(name, value)).check(&own()).is_ok(), "{name}");
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
fn a_value_in_quotes_is_taken_out_of_them_and_that_is_told() {
    let (config, remarks) = on(&[
        ("IRC_SERVER", "\"irc.dal.net\""),
        ("IRC_CHANNEL", "'#karmacadabra'"),
        ("IRC_LOG", "'info'"),
        ("IRC_PORT", "\u{201c}7000\u{201d}"),
        ("IRC_PASSWORD", "'tiger-lily'"),
    ]);
    assert_eq!(config.server, "irc.dal.net");
    assert_eq!(config.channels[0].name, "#karmacadabra");
    assert_eq!(config.port, 7000);
    assert_eq!(config.password, Some(Hidden::new("tiger-lily")));
    assert_eq!(remarks.len(), 5, "{remarks:#?}");
    assert!(
        remarks
            .iter()
            .any(|told| told.starts_with("IRC_CHANNEL was given in quotes"))
    );
    assert!(!remarks.concat().contains("tiger"), "{remarks:#?}");
    // Other quotes belong to the value.
    let (config, remarks) = on(&with(&[
        ("IRC_PASSWORD", "'tiger' and 'lily'"),
        ("IRC_SCRUB_RULES", "\"a\" => \"b\""),
    ]));
    assert_eq!(config.password, Some(Hidden::new("'tiger' and 'lily'")));
    assert!(remarks.is_empty(), "{remarks:#?}");
    let mut settings = settings(&PLACE);
    settings.set(&IRC_NICK, "'quoted'");
    assert!(settings.check(&own()).is_err(), "code means what it says");
}

#[test]
fn names_that_are_almost_ours_are_pointed_out() {
    let (_, remarks) = on(&with(&[
        ("IRC_NIKC", "a"),
        ("IRC_USE_SSL", "0"),
        ("IRC_HMAC_SECRET", "x"),
        ("IRC_HOST", "somebody else's, as IRC_SERVER is set"),
    ]));
    assert_eq!(
        remarks,
        [
            "IRC_NIKC is no setting of irclog: did you mean IRC_NICK?",
            "IRC_USE_SSL is no setting of irclog: did you mean IRC_TLS?",
        ]
    );
    let told = problems(&[
        ("IRC_ENABLED", "1"),
        ("IRC_HOST", "h"),
        ("IRC_CHANNEL", "#k"),
    ]);
    assert!(
        told[0].starts_with("IRC_SERVER is not set, but IRC_HOST is"),
        "{told:?}"
    );
    assert_eq!(
        off(&[("IRC_HOST", "h"), ("IRC_CHANNELS", "#k")]),
        "IRC_SERVER and IRC_CHANNEL are not set; IRC_HOST is: did you mean IRC_SERVER?; \
         IRC_CHANNELS is: did you mean IRC_CHANNEL?"
    );
    assert_eq!(
        off(&[("IRC_SERVER", "h"), ("IRC_CHANNELS", "#k")]),
        "IRC_SERVER is set, but IRC_CHANNEL is not, while IRC_CHANNELS is: did you mean it?"
    );
    // A bot of the service's own.
    assert_eq!(
        off(&[
            ("IRC_HMAC_SECRET", "x"),
            ("IRC_SASL_USER", "x"),
            ("IRC_NICKNAME", "x")
        ]),
        "IRC_SERVER and IRC_CHANNEL are not set"
    );
}

#[test]
fn a_secret_in_the_wrong_place_is_told_without_it() {
    for (given, word) in [
        (
            vec![("IRC_SERVER", "ircs://nick:tiger-lily@irc.dal.net")],
            "IRC_PASSWORD",
        ),
        (
            vec![("IRC_SERVER", "irc.dal.net:6697:tiger-lily")],
            "IRC_SERVER_PASSWORD",
        ),
        (vec![("IRC_CHANNEL", "#ops tiger-lily")], "IRC_CHANNEL_KEY"),
        (vec![("IRC_CHANNEL", "#ops,tiger-lily")], "IRC_CHANNEL_KEY"),
        (
            vec![("IRC_CHANNEL", "ircs://x:tiger-lily@h/ops")],
            "IRC_SERVER",
        ),
        (vec![("IRC_CHANNEL", "'#ops")], "'#karmacadabra'"),
        (vec![("IRC_NICK", "teller:tiger-lily")], "\"teller\""),
        (vec![("IRC_NICK", "teller tiger-lily")], "\"teller\""),
        (vec![("IRC_PASSWORD_FILE", "tiger-lily")], "path of a file"),
        (
            vec![("IRC_PASSWORD", "/run/secrets/password")],
            "IRC_PASSWORD_FILE",
        ),
        (
            vec![("IRC_PASSWORD", "'/run/secrets/password'")],
            "IRC_PASSWORD_FILE",
        ),
        (vec![("IRC_PORT", "password=tiger-lily")], "1 to 65535"),
    ] {
        let mut all: Vec<_> = PLACE
            .into_iter()
            .filter(|(name, _)| given[0].0 != *name)
            .collect();
        all.extend(given);
        let told = problems(&all);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(word), "{told:?}");
        assert!(
            !told[0].contains("tiger") && !told[0].contains("lily"),
            "{told:?}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_where_the_channel_is_off_too() {
    let told = problems(&[("IRC_TOKEN_KEY_FILE", "/nowhere")]);
    assert_eq!(told.len(), 1, "{told:?}");
    off(&[("IRC_PASSWORD_FILE", "/nowhere")]);
}

#[test]
fn the_former_name_of_a_setting_is_obeyed() {
    let key = |pairs: &[(&str, &str)]| settings(pairs).check(&own()).map(|done| done.token_key);
    let given = Some(Hidden::new("4be1f5c08a924d06"));
    for name in ["IRC_TOKEN_KEY", "IRCLOG_TOKEN_KEY"] {
        assert_eq!(
            key(&[(name, "4be1f5c08a924d06")]),
            Ok(given.clone()),
            "{name}"
        );
        let told = problems(&[(name, "short")]);
        assert!(told[0].starts_with(name), "{told:?}");
    }
    let both = [("IRC_TOKEN_KEY", "a"), ("IRCLOG_TOKEN_KEY_FILE", "b")];
    assert!(problems(&both)[0].contains("are both set"));
}

#[test]
fn what_was_given_is_shown_without_secrets() {
    let mut given = settings(&with(&[("IRC_PASSWORD", "tiger-lily"), ("IRC_RATE", "1")]));
    given.set(&IRC_NICK, "teller");
    let shown = format!("{given:?}");
    for word in ["irc.dal.net", "teller", "IRC_PASSWORD", "[redacted]"] {
        assert!(shown.contains(word), "{shown}");
    }
    assert!(!shown.contains("tiger"), "{shown}");
}

#[test]
fn a_proxy_is_read_and_its_password_alone_is_secret() {
    let url = "http://ana:tiger-lily@proxy.example:3128";
    let given = with(&[("IRC_PROXY", url), ("IRC_BIND", "[2001:db8::17]")]);
    let (config, _) = on(&given);
    let proxy = config.proxy.expect("a proxy").to_string();
    assert_eq!(proxy, "the HTTP proxy proxy.example port 3128");
    assert_eq!(config.bind, "2001:db8::17".parse().ok());
    let settings = settings(&given);
    let secrets: Vec<_> = settings.secrets().collect();
    assert_eq!(secrets, [("IRC_PROXY", "tiger-lily".into())]);
    for (name, value, wanted) in [
        (
            "IRC_PROXY",
            "ana:tiger-lily@proxy.example:3128",
            "socks5://",
        ),
        ("IRC_BIND", "eth0", "`ip address`"),
        ("IRC_BIND", "192.0.2.17:0", "192.0.2.17"),
    ] {
        let told = problems(&with(&[(name, value)])).join("");
        assert!(told.contains(name) && told.contains(wanted), "{told}");
        assert!(!told.contains("tiger"), "{told}");
    }
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

#[test]
fn inside_of_irclog_run_nothing_is_shown_twice() {
    let inside = ("IRCLOG_RUN", "1");
    for more in [vec![inside], vec![inside, ("IRC_ENABLED", "true")]] {
        assert!(off(&with(&more)).contains("IRCLOG_RUN is set"));
    }
    on(&with(&[("IRCLOG_RUN", "")]));
    let mut settings = settings(&with(&[inside]));
    settings.set(&IRC_SERVER, "irc.example");
    assert!(matches!(
        settings.check(&own()).map(|checked| checked.choice),
        Ok(Choice::Off(_))
    ));
    settings.set(&IRC_CHANNEL, "#own");
    assert!(matches!(
        settings.check(&own()).map(|checked| checked.choice),
        Ok(Choice::On(_))
    ));
}

#[test]
fn several_channels_have_their_filters_and_keys() {
    let (config, remarks) = on(&[
        ("IRC_SERVER", "h"),
        ("IRC_CHANNEL", "#ops #alerts=error #x402=info,x402_rs=debug"),
        ("IRC_CHANNEL_KEY", "#alerts=open-sesame #x402=k=y"),
        ("IRC_LOG", "warn"),
    ]);
    assert_eq!(remarks, Vec::<String>::new());
    let told: Vec<_> = (config.channels.iter())
        .map(|channel| {
            let filter = channel.filter.as_ref().map(ToString::to_string);
            (channel.name.as_str(), filter, channel.key.clone())
        })
        .collect();
    let own = |filter: &str| Some(filter.to_owned());
    assert_eq!(
        told,
        [
            ("#ops", None, None),
            ("#alerts", own("ERROR"), Some(Hidden::new("open-sesame"))),
            (
                "#x402",
                own("INFO to ERROR, x402_rs: DEBUG to ERROR"),
                Some(Hidden::new("k=y"))
            ),
        ]
    );
}

#[test]
fn channels_of_the_code_stand_beside_those_of_the_environment() {
    let mut settings = settings(&[("IRC_SERVER", "h"), ("IRC_CHANNEL", "#ops")]);
    settings.add_channel("#a=b".into(), String::new());
    settings.add_channel("#alerts".into(), "error".into());
    let Ok(Checked {
        choice: Choice::On(config),
        ..
    }) = settings.check(&own())
    else {
        panic!("refused");
    };
    assert_eq!(channels::names(&config.channels), "#ops, #a=b, #alerts");
    settings.add_channel("#OPS".into(), "eror".into());
    settings.add_channel("two words".into(), String::new());
    let Err(problems) = settings.check(&own()) else {
        panic!("accepted");
    };
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with(".channel_with()")));
    let mut only = Settings::default();
    only.set(&IRC_SERVER, "h");
    only.add_channel("#alerts".into(), "error".into());
    assert!(matches!(
        only.check(&own()),
        Ok(Checked {
            choice: Choice::On(_),
            ..
        })
    ));
}

#[test]
fn each_key_of_a_channel_is_a_secret_by_itself() {
    let settings = settings(&[
        ("IRC_SERVER", "h"),
        ("IRC_CHANNEL", "#ops #a=b="),
        ("IRC_CHANNEL_KEY", "#a=b=open-sesame #ops=tiger-lily"),
    ]);
    let secrets: Vec<String> = settings.secrets().map(|(_, value)| value.into()).collect();
    for key in ["open-sesame", "tiger-lily"] {
        assert!(secrets.iter().any(|secret| secret == key), "{secrets:?}");
    }
    let told = problems(&[
        ("IRC_SERVER", "h"),
        ("IRC_CHANNEL", "#ops #alerts"),
        ("IRC_CHANNEL_KEY", "tiger-lily"),
    ]);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("which channel it opens") && !told[0].contains("tiger"));
}

#[test]
fn context_is_of_the_programs_own_crate_unless_somebody_says_what() {
    let given = |settings: &[(&str, &str)]| {
        let place = [("IRC_SERVER", "irc.dal.net"), ("IRC_CHANNEL", "#k")];
        on(&[&place, settings].concat())
    };
    let (config, _) = given(&[]);
    assert_eq!(config.context, None);
    let (config, remarks) = given(&[("IRC_CONTEXT", "12")]);
    let context = config.context.unwrap();
    assert_eq!(context.records.get(), 12);
    assert_eq!(
        context.filter.to_string(),
        Directives::parse("info,svc=debug").unwrap().to_string()
    );
    assert!(remarks.is_empty(), "{remarks:?}");
    let (config, _) = given(&[("IRC_CONTEXT", "3"), ("IRC_CONTEXT_LOG", "x402_rs=trace")]);
    assert_eq!(
        config.context.unwrap().filter,
        Directives::parse("x402_rs=trace").unwrap()
    );
    let (config, remarks) = given(&[("IRC_CONTEXT_LOG", "debug")]);
    assert_eq!(config.context, None);
    assert!(
        remarks
            .iter()
            .any(|remark| remark.contains("IRC_CONTEXT=12")),
        "{remarks:?}"
    );
}
