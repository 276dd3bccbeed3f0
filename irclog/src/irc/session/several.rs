//! A session in several channels: what one says is not taken for another.

use super::tests::Talk;
use super::*;
use crate::line::MAIN;

fn destination(name: &str, key: Option<&str>) -> Destination {
    Destination {
        name: name.into(),
        key: key.map(Hidden::new),
    }
}

/// `#karmacadabra`, `#alerts` and `#x402` on a server that says what it is.
fn greeted(version: &str, tokens: &str) -> (Talk, [ChannelId; 3]) {
    greeted_with(&[], version, tokens)
}

fn greeted_with(first: &[&str], version: &str, tokens: &str) -> (Talk, [ChannelId; 3]) {
    let mut talk = Talk::new(|identity| {
        identity
            .channels
            .push(destination("#alerts", Some("sesame")));
        identity.channels.push(destination("#x402", None));
    });
    talk.sent();
    talk.hear(first);
    let sent = talk.hear(&[
        ":irc.test 001 facilitator :Welcome",
        &format!(":irc.test 004 facilitator irc.test {version} iow klmnopst"),
        &format!(":irc.test 005 facilitator CASEMAPPING=ascii {tokens} :are supported"),
        ":irc.test 422 facilitator :No MOTD",
    ]);
    let joins: Vec<&str> = sent.iter().map(String::as_str).collect();
    assert_eq!(
        joins,
        ["JOIN #karmacadabra", "JOIN #alerts sesame", "JOIN #x402"]
    );
    let ids: Vec<ChannelId> = ChannelId::first(3).collect();
    (talk, ids.try_into().expect("three"))
}

fn joined(version: &str, tokens: &str) -> (Talk, [ChannelId; 3]) {
    let (mut talk, ids) = greeted(version, tokens);
    talk.hear(&[
        ":facilitator!~irclog@host.test JOIN :#karmacadabra",
        ":facilitator!~irclog@host.test JOIN :#Alerts",
        ":facilitator!~irclog@host.test JOIN :#x402",
    ]);
    assert_eq!(talk.events(), ids.map(Event::Joined));
    (talk, ids)
}

fn say(talk: &mut Talk, ids: &[ChannelId], nth: u64, text: &str) -> String {
    let lines: Vec<LineId> = ids.iter().map(|&id| LineId::new(id, nth)).collect();
    let wire = (talk.session).say_to(Permit(()), lines[0], &lines[1..], text, talk.now);
    String::from_utf8(wire.as_bytes().to_vec()).unwrap()
}

#[test]
fn a_channel_that_keeps_us_out_is_tried_again_by_itself() {
    let (mut talk, [main, alerts, x402]) = greeted("irc-1", "");
    talk.hear(&[
        ":facilitator!~irclog@host.test JOIN :#karmacadabra",
        ":irc.test 473 facilitator #alerts :Cannot join channel (+i)",
        ":irc.test 475 facilitator #x402 :Cannot join channel (+k)",
    ]);
    assert!(talk.session.is_joined(main));
    assert!(!talk.session.is_inside(alerts) && !talk.session.is_inside(x402));
    let told = talk.remarks();
    assert!(told.contains("#alerts: cannot join (473"), "{told}");
    assert!(
        told.contains("#x402: cannot join (475"),
        "not left out: {told}"
    );
    let sent = talk.after(31);
    assert_eq!(sent, ["JOIN #alerts sesame", "JOIN #x402"]);
    talk.hear(&[":ann!a@b INVITE facilitator #alerts"]);
    talk.hear(&[":facilitator!~irclog@host.test JOIN :#alerts"]);
    assert!(talk.session.is_joined(alerts) && talk.session.is_joined(main));
    talk.hear(&[":ann!a@b KICK #karmacadabra facilitator :out"]);
    assert!(talk.session.is_joined(alerts) && !talk.session.is_inside(main));
    assert!(talk.events().contains(&Event::Left(main)));
}

#[test]
fn a_name_that_is_too_long_here_shuts_out_its_own_channel_only() {
    let mut talk = Talk::new(|identity| {
        let long = format!("#{}", "k".repeat(60));
        identity.channels.push(destination(&long, None));
    });
    let joins = talk.greeted();
    assert_eq!(joins, ["JOIN #karmacadabra"]);
    assert!(talk.remarks().contains("choose a shorter one"));
    talk.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]);
    assert!(talk.session.is_joined(MAIN));
}

#[test]
fn what_one_channel_refuses_says_nothing_of_the_others() {
    let (mut talk, [main, alerts, x402]) = joined("irc-1", "");
    for nth in 0..2 {
        for id in [main, alerts, x402] {
            say(&mut talk, &[id], nth, "one line");
        }
    }
    let refusal = ":irc.test 404 facilitator #alerts :Cannot send to channel (+m)";
    let sent = talk.hear(&[refusal, refusal]);
    assert!(talk.session.is_joined(main) && talk.session.is_joined(x402));
    assert!(!talk.session.is_joined(alerts) && talk.session.is_inside(alerts));
    assert!(talk.remarks().contains("#alerts refuses what we say"));
    let token = sent[0].strip_prefix("PING ").expect("a PING");
    talk.hear(&[&format!(":irc.test PONG irc.test {token}")]);
    let events = talk.events();
    for nth in 0..2 {
        for id in [main, x402] {
            let line = LineId::new(id, nth);
            assert!(events.contains(&Event::Shown(line)), "{events:?}");
        }
        let line = LineId::new(alerts, nth);
        assert!(
            events.contains(&Event::Refused(line, Refusal::CannotSend)),
            "{events:?}"
        );
    }
    talk.after(16);
    assert!(talk.session.is_joined(alerts), "it is tried again");
}

#[test]
fn a_line_for_several_is_proven_by_what_comes_back_from_each() {
    let offer = [
        ":irc.test CAP * LS :echo-message",
        ":irc.test CAP * ACK :echo-message",
    ];
    let (mut talk, ids) = greeted_with(&offer, "InspIRCd-3", "MAXTARGETS=20");
    for name in ["#karmacadabra", "#alerts", "#x402"] {
        talk.hear(&[&format!(":facilitator!~irclog@host.test JOIN :{name}")]);
    }
    talk.events();
    assert_eq!(
        say(&mut talk, &ids, 1, "for three"),
        "PRIVMSG #karmacadabra,#alerts,#x402 :for three\r\n"
    );
    say(&mut talk, &ids[..1], 2, "for one");
    let [main, alerts, x402] = ids;
    // The second says no; the third changes the text.
    talk.hear(&[
        ":facilitator!~irclog@host.test PRIVMSG #karmacadabra :for three",
        ":irc.test 404 facilitator #alerts :Cannot send to channel (+m)",
        ":facilitator!~irclog@host.test PRIVMSG #x402 :FOR THREE",
        ":facilitator!~irclog@host.test PRIVMSG #karmacadabra :for one",
    ]);
    assert_eq!(
        talk.events(),
        [
            Event::Shown(LineId::new(main, 1)),
            Event::Refused(LineId::new(alerts, 1), Refusal::CannotSend),
            Event::Shown(LineId::new(x402, 1)),
            Event::Shown(LineId::new(main, 2)),
        ]
    );
}

#[test]
fn one_line_goes_to_several_targets_where_that_is_free() {
    let text = 60;
    for (version, tokens, free) in [
        ("InspIRCd-3", "MAXTARGETS=20", true),
        ("bahamut-2.2.4", "TARGMAX=PRIVMSG:4", true),
        // Ourselves may have to be one of them.
        ("InspIRCd-3", "MAXTARGETS=2", false),
        ("InspIRCd-3", "", false),
        ("ngircd-26.1", "MAXTARGETS=20", false),
        ("solanum-1.0", "TARGMAX=PRIVMSG:4", false),
        ("u2.10.12.19", "MAXTARGETS=20", false),
    ] {
        let (talk, [main, alerts, x402]) = joined(version, tokens);
        let two = [main, alerts].into_iter().collect();
        assert_eq!(
            talk.session.may_share(two, text),
            free,
            "{version} {tokens}"
        );
        let three = [main, alerts, x402].into_iter().collect();
        assert_eq!(
            talk.session.may_share(three, text),
            free,
            "{version} {tokens}"
        );
        assert!(
            !talk.session.may_share(three, 500),
            "{version}: it would be cut"
        );
    }
    let (mut talk, [main, alerts, _]) = joined("InspIRCd-3", "MAXTARGETS=20");
    assert_eq!(
        say(&mut talk, &[main, alerts], 1, "for two"),
        "PRIVMSG #karmacadabra,#alerts,facilitator :for two\r\n"
    );
    talk.hear(&[
        ":irc.test 404 facilitator #alerts :Cannot send to channel (+m)",
        ":facilitator!~irclog@host.test PRIVMSG facilitator :for two",
    ]);
    let (shown, refused) = (LineId::new(main, 1), LineId::new(alerts, 1));
    let events = talk.events();
    assert!(events.contains(&Event::Shown(shown)), "{events:?}");
    assert!(
        events.contains(&Event::Refused(refused, Refusal::CannotSend)),
        "{events:?}"
    );
}

#[test]
fn a_copy_that_stays_out_sends_the_line_again_to_all_of_its_targets() {
    let (mut talk, [main, alerts, _]) = joined("InspIRCd-3", "MAXTARGETS=20");
    say(&mut talk, &[main, alerts], 1, "for two");
    let mut sent = talk.sent();
    while sent.is_empty() {
        talk.now = talk.session.wake_at().expect("a deadline");
        talk.session.elapse(talk.now);
        sent = talk.sent();
    }
    let token = sent[0].strip_prefix("PING ").expect("a PING");
    talk.hear(&[&format!(":irc.test PONG irc.test {token}")]);
    let events = talk.events();
    for id in [main, alerts] {
        let line = LineId::new(id, 1);
        assert!(
            events.contains(&Event::Refused(line, Refusal::Unproven)),
            "{events:?}"
        );
    }
}

#[test]
fn a_server_that_stands_still_is_told_of_all_channels() {
    let (mut talk, [main, ..]) = joined("irc-1", "");
    say(&mut talk, &[main], 1, "one line");
    for _ in 0..20 {
        talk.after(5);
    }
    let told = talk.remarks();
    assert!(
        told.contains("#karmacadabra, #alerts, #x402 do not see this log"),
        "{told}"
    );
}
