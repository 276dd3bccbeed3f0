//! Settings as users write them, right and wrong.

mod identity;
mod reading;
mod visible;

use super::check::parse_fingerprint;
use super::table::{
    IRC_CHANNEL, IRC_CLIENT_CERT, IRC_CLIENT_KEY, IRC_MUTE_SIGNAL, IRC_NICK, IRC_PORT,
    IRC_SCRUB_PUBLIC, IRC_SCRUB_WITHOUT, IRC_SERVER, Unset,
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
