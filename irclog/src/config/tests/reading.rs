//! How settings are read: from the environment, files and code, and what is misread.

use super::*;

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
fn what_is_added_in_code_hides_nothing_that_is_wrong_in_the_environment() {
    let told = |variable: (&str, &str), setting, text| {
        let mut settings = settings(&with(&[variable]));
        settings.add(setting, text);
        settings.add(setting, text);
        match settings.check(&own()) {
            Ok(checked) => checked.remarks,
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    };
    let file = told(
        ("IRC_SCRUB_PUBLIC_FILE", "/nowhere"),
        &IRC_SCRUB_PUBLIC,
        "tx_hash",
    );
    assert_eq!(file.len(), 1, "{file:?}");
    assert!(
        file[0].starts_with("IRC_SCRUB_PUBLIC_FILE") && file[0].contains("/nowhere"),
        "{file:?}"
    );
    // Whoever reads it looks in the right place.
    let wrong = told(("IRC_SCRUB_WITHOUT", "ipp"), &IRC_SCRUB_WITHOUT, "email");
    assert!(
        wrong[0].starts_with("IRC_SCRUB_WITHOUT with .scrub_without()"),
        "{wrong:?}"
    );
    let quoted = told(("IRC_SCRUB_WITHOUT", "'ip'"), &IRC_SCRUB_WITHOUT, "email");
    assert!(
        quoted[0].contains("was given in quotes") && quoted[0].contains("ip,email"),
        "{quoted:?}"
    );
    // In code alone it is named by itself.
    let code = told(("IRC_LOG", "info"), &IRC_SCRUB_WITHOUT, "ipp");
    assert!(code[0].starts_with(".scrub_without()"), "{code:?}");
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
