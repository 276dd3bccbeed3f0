//! Into the channel and out of it: refusals, kicks, bans, invitations, voices.

use super::proofs::joined_on;
use super::*;

#[test]
fn what_a_channel_refuses_by_other_numerics_is_refused() {
    for refusal in [
        "477 facilitator #karmacadabra :You need to identify to a registered nick to speak",
        "480 facilitator :You must wait 60 seconds after connecting to speak in #karmacadabra.",
        "490 facilitator :Too many messages in (#KarmaCadabra), wait",
    ] {
        let mut talk = joined_on("bahamut-2.2.4");
        talk.say(1, "one line");
        talk.hear(&[
            &format!(":irc.test {refusal}"),
            ":facilitator!~irclog@host.test PRIVMSG facilitator :one line",
        ]);
        let refused = Event::Refused(LineId(1), Refusal::CannotSend);
        assert_eq!(talk.events(), [refused], "{refusal}");
    }
    // About another channel, or none.
    let mut talk = joined_on("bahamut-2.2.4");
    talk.say(1, "one line");
    talk.hear(&[
        ":irc.test 480 facilitator :You must wait to speak in #karma.",
        ":irc.test 477 facilitator #karma :You need to identify",
        ":facilitator!~irclog@host.test PRIVMSG facilitator :one line",
    ]);
    assert_eq!(talk.events(), [Event::Shown(LineId(1))]);
}

#[test]
fn a_channel_name_that_would_be_cut_is_never_joined() {
    let mut talk = Talk::new(|identity| identity.channels[0].name = format!("#{}", "k".repeat(60)));
    let sent = talk.greeted();
    assert_eq!(sent, Vec::<String>::new());
    assert!(talk.remarks().contains("IRC_CHANNEL"));
}

#[test]
fn a_refused_join_is_told_with_its_mend_and_tried_again_later() {
    for (number, mend) in [
        (473, "+i"),
        (474, "+b"),
        (475, "IRC_CHANNEL_KEY"),
        (477, "IRC_PASSWORD"),
    ] {
        let mut talk = Talk::new(|_| {});
        talk.greeted();
        talk.hear(&[&format!(
            ":irc.test {number} facilitator #karmacadabra :Cannot join"
        )]);
        assert!(talk.remarks().contains(mend), "{number}");
        assert_eq!(talk.after(29), Vec::<String>::new());
        assert_eq!(talk.after(1), ["JOIN #karmacadabra"]);
        talk.hear(&[&format!(
            ":irc.test {number} facilitator #karmacadabra :Cannot join"
        )]);
        assert_eq!(talk.after(30), Vec::<String>::new());
        assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);
        talk.hear(&[":facilitator!~irclog@host.test JOIN #karmacadabra"]);
        assert!(talk.session.is_joined(MAIN));
        // Once it has let us in, the waits begin anew.
        talk.hear(&[":op!u@h KICK #karmacadabra facilitator :out"]);
        assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);
    }
}

#[test]
fn a_kick_is_told_and_followed_by_a_join() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.hear(&[":op!u@h KICK #karmacadabra facilitator :too loud"]);
    assert!(!talk.session.is_joined(MAIN));
    let told = talk.remarks();
    assert!(told.contains("op") && told.contains("too loud"), "{told}");
    assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);
}

#[test]
fn an_invitation_is_followed_at_once_and_not_too_often() {
    let mut talk = Talk::new(|_| {});
    talk.greeted();
    talk.hear(&[":irc.test 473 facilitator #karmacadabra :Cannot join channel (+i)"]);
    let invitation = ":op!u@h INVITE facilitator :#KarmaCadabra";
    assert_eq!(talk.hear(&[invitation]), ["JOIN #karmacadabra"]);
    talk.hear(&[
        ":facilitator!~irclog@host.test JOIN #karmacadabra",
        ":op!u@h KICK #karmacadabra facilitator :and out",
    ]);
    assert_eq!(talk.hear(&[invitation, invitation]), Vec::<String>::new());
    assert_eq!(talk.after(9), Vec::<String>::new());
    assert_eq!(talk.after(1), ["JOIN #karmacadabra"]);
    talk.hear(&[":facilitator!~irclog@host.test JOIN #karmacadabra"]);
    let others = [
        ":op!u@h INVITE facilitator #karma",
        ":op!u@h INVITE somebody #karmacadabra",
        invitation,
    ];
    assert_eq!(talk.hear(&others), Vec::<String>::new());
}

#[test]
fn a_channel_that_we_are_forwarded_to_is_left() {
    let mut talk = Talk::new(|_| {});
    talk.greeted();
    let left = talk.hear(&[
        ":irc.test 470 facilitator #karmacadabra ##lobby :Forwarding to another channel",
        ":facilitator!~irclog@host.test JOIN ##lobby",
    ]);
    assert_eq!(left, ["PART ##lobby :irclog speaks in #karmacadabra only"]);
    assert!(talk.remarks().contains("forwards to another"));
    let again = ":facilitator!~irclog@host.test JOIN ##other";
    assert_eq!(talk.hear(&[again]), Vec::<String>::new(), "once an attempt");
    assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);
    assert_eq!(
        talk.hear(&[again]),
        ["PART ##other :irclog speaks in #karmacadabra only"]
    );
}

#[test]
fn the_reasons_of_a_ban_are_told_whole() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    talk.hear(&[
        ":irc.test 465 facilitator :You are banned from this server.",
        "ERROR :Closing link: (irclog@host) [K-lined: testing for 10 minutes]",
    ]);
    talk.session.closed(None, talk.now);
    let Some(Event::End(reason, text)) = talk.events().pop() else {
        panic!("no end");
    };
    assert_eq!(reason, Reason::BannedFor(Duration::from_secs(600)));
    assert!(
        text.contains("You are banned") && text.contains("testing"),
        "{text}"
    );
}

#[test]
fn a_voice_is_heard_of_whatever_comes_before_it() {
    let mut talk = joined_on("solanum-1.0-dev");
    talk.hear(&[
        ":irc.test 005 facilitator CHANMODES=eIbq,k,flj,cgimnprstuz PREFIX=(ov)@+ :are supported",
        ":op!u@h MODE #karmacadabra +fjv ##lobby 5:1 facilitator",
    ]);
    assert_eq!(talk.session.of(MAIN).ranks, ['v']);
    talk.hear(&[":op!u@h MODE #karmacadabra +o-v facilitator :facilitator"]);
    assert_eq!(talk.session.of(MAIN).ranks, ['o'], "one of two was taken");
    talk.hear(&[":irc.test 353 facilitator = #karmacadabra :@ann facilitator +bob"]);
    assert_eq!(talk.session.of(MAIN).ranks, []);
}

#[test]
fn a_channel_that_refuses_us_is_not_talked_to() {
    let mut talk = Talk::new(|_| {}).joined();
    for id in 1..=2 {
        talk.say(id, "hello");
        talk.hear(&[":irc.test 404 facilitator #karmacadabra :Cannot send to channel (+m)"]);
    }
    assert!(!talk.session.is_joined(MAIN) && talk.session.is_inside(MAIN));
    assert!(talk.remarks().contains("+v"));
    let ping = talk.after(15);
    assert!(talk.session.is_joined(MAIN), "it is tried again");
    let answer = |ping: &[String]| ping[0].replace("PING ", ":irc.test PONG irc.test :");
    talk.hear(&[&answer(&ping)]);
    talk.say(3, "hello");
    assert!(!talk.remarks().contains("again"));
    let ping = talk.after(30);
    talk.hear(&[&answer(&ping)]);
    assert!(talk.remarks().contains("takes our lines again"));
}
