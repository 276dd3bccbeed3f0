//! What is shown: filters, channels, rules, what is hidden.

use super::*;

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

#[test]
fn in_doubt_a_console_is_scrubbed() {
    let scrubs = |text| settings(&[("IRC_SCRUB_TEE", text)]).console().is_some();
    assert!(settings(&[]).console().is_none());
    for (text, expected) in [
        ("true", true),
        ("1", true),
        ("ture", true),
        ("false", false),
        ("off", false),
    ] {
        assert_eq!(scrubs(text), expected, "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_console_is_scrubbed_where_its_setting_cannot_be_read() {
    use std::os::unix::ffi::OsStringExt as _;
    let broken = std::ffi::OsString::from_vec(vec![0xff]);
    let settings = Settings::from_env([("IRC_SCRUB_TEE".into(), broken)], |_| {
        Err(std::io::ErrorKind::NotFound.into())
    });
    assert!(settings.console().is_some());
}
