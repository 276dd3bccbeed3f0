//! SASL as a session does it; what is said within it is `irc::sasl`'s.

use super::super::tests::Talk;
use super::super::{Identity, Learnt};
use crate::config::{Hidden, Mechanism};

fn with_password(identity: &mut Identity) {
    identity.password = Some(Hidden::new("hunter2"));
}

/// Up to the name of the mechanism, on a server that offers `sasl`.
fn begun(change: impl FnOnce(&mut Identity), sasl: &str) -> (Talk, Vec<String>) {
    let mut talk = Talk::new(change);
    talk.sent();
    let asked = talk.hear(&[&format!(":irc.test CAP * LS :{sasl} multi-prefix")]);
    assert_eq!(asked, ["CAP REQ sasl"]);
    let begun = talk.hear(&[":irc.test CAP * ACK :sasl"]);
    (talk, begun)
}

const LOGGED_IN: &str =
    ":irc.test 900 facilitator facilitator!u@h facilitator :You are now logged in";
const DONE: &str = ":irc.test 903 facilitator :SASL authentication successful";
const FAILED: &str = ":irc.test 904 facilitator :SASL authentication failed";

fn greet(talk: &mut Talk) -> Vec<String> {
    talk.hear(&[
        ":irc.test 001 facilitator :Welcome",
        ":irc.test 422 facilitator :No MOTD",
    ])
}

#[test]
fn an_account_is_proven_before_the_registration_is_over() {
    let (mut talk, begun) = begun(with_password, "sasl=PLAIN,EXTERNAL");
    assert_eq!(begun, ["AUTHENTICATE PLAIN"]);
    // facilitator\0facilitator\0hunter2
    let said = talk.hear(&["AUTHENTICATE +"]);
    assert_eq!(
        said,
        ["AUTHENTICATE ZmFjaWxpdGF0b3IAZmFjaWxpdGF0b3IAaHVudGVyMg=="]
    );
    assert_eq!(talk.hear(&[LOGGED_IN, DONE]), ["CAP END"]);
    assert_eq!(
        greet(&mut talk),
        ["JOIN #karmacadabra"],
        "NickServ is not needed"
    );
    assert_eq!(talk.remarks(), "");
}

#[test]
fn a_certificate_needs_no_password_and_comes_first() {
    let certificate = |identity: &mut Identity| {
        with_password(identity);
        identity.certificate = true;
        identity.account = Some("ann".into());
    };
    let (mut talk, begun) = begun(certificate, "sasl=PLAIN,EXTERNAL");
    assert_eq!(begun, ["AUTHENTICATE EXTERNAL"]);
    assert_eq!(talk.hear(&["AUTHENTICATE +"]), ["AUTHENTICATE YW5u"]);
    assert_eq!(talk.hear(&[FAILED]), ["CAP END"], "nothing weaker follows");
    assert_eq!(greet(&mut talk), ["JOIN #karmacadabra"]);
    assert!(talk.remarks().contains("IRC_CLIENT_CERT"));
}

#[test]
fn a_mechanism_that_the_server_lacks_is_followed_by_one_that_it_has() {
    let (mut talk, begun) = begun(with_password, "sasl");
    assert_eq!(begun, ["AUTHENTICATE SCRAM-SHA-256"]);
    let next = talk.hear(&[
        ":irc.test 908 facilitator PLAIN,EXTERNAL :are available SASL mechanisms",
        FAILED,
    ]);
    assert_eq!(next, ["AUTHENTICATE PLAIN"]);
    talk.hear(&["AUTHENTICATE +"]);
    assert_eq!(talk.hear(&[FAILED]), ["CAP END"]);
    assert_eq!(
        greet(&mut talk),
        ["JOIN #karmacadabra"],
        "services count failures"
    );
    assert!(talk.remarks().contains("IRC_PASSWORD"));
}

#[test]
fn where_sasl_is_not_to_be_had_the_services_are_asked() {
    // Not offered.
    let mut talk = Talk::new(with_password);
    talk.sent();
    assert_eq!(
        talk.hear(&[":irc.test CAP * LS :multi-prefix"]),
        ["CAP END"]
    );
    assert_eq!(greet(&mut talk), ["WHOIS NickServ"]);
    // No mechanism of ours.
    let (mut talk, begun) = begun(with_password, "sasl=ECDSA-NIST256P-CHALLENGE");
    assert_eq!(begun, ["CAP END"]);
    assert!(talk.remarks().contains("not to be had"));
    assert_eq!(greet(&mut talk), ["WHOIS NickServ"]);
}

#[test]
fn services_that_do_not_answer_do_not_keep_us_out() {
    let (mut talk, _) = begun(with_password, "sasl=PLAIN");
    talk.hear(&["AUTHENTICATE +"]);
    assert_eq!(talk.after(14), [""; 0]);
    assert_eq!(talk.after(1), ["AUTHENTICATE *", "CAP END"]);
    assert!(talk.remarks().contains("did not answer"));
    assert_eq!(greet(&mut talk), ["WHOIS NickServ"]);
}

#[test]
fn a_server_that_only_says_that_it_knows_us_is_not_believed() {
    let (mut talk, _) = begun(with_password, "sasl=SCRAM-SHA-256");
    talk.hear(&["AUTHENTICATE +"]);
    let sent = talk.hear(&[DONE]);
    assert_eq!(sent, ["AUTHENTICATE *", "CAP END"]);
    assert!(talk.remarks().contains("does not prove itself"));
}

#[test]
fn no_account_is_proven_over_plain_text_that_leaves_the_house() {
    let mut talk = Talk::with(with_password, &Learnt::default(), false);
    talk.sent();
    let asked = talk.hear(&[":irc.test CAP * LS :sasl=PLAIN"]);
    assert_eq!(asked, ["CAP END"]);
    assert_eq!(talk.hear(&["AUTHENTICATE +", DONE]), [""; 0]);
}

#[test]
fn a_join_refused_while_the_services_still_tell_the_server_is_tried_again_soon() {
    let (mut talk, _) = begun(with_password, "sasl=PLAIN");
    talk.hear(&["AUTHENTICATE +", LOGGED_IN, DONE]);
    greet(&mut talk);
    let refused = ":irc.test 477 facilitator #karmacadabra :registered only";
    talk.hear(&[refused]);
    assert_eq!(talk.remarks(), "");
    assert_eq!(talk.after(2), ["JOIN #karmacadabra"]);
    // Once.
    talk.hear(&[refused]);
    assert!(talk.remarks().contains("cannot join"));
}

#[test]
fn a_server_that_asks_for_sasl_is_told_with_what_to_set() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    talk.hear(&[
        ":irc.test NOTICE * :*** Notice -- You need to identify via SASL to use this server",
        "ERROR :Closing Link: host (SASL access only)",
    ]);
    talk.session.closed(None, talk.now);
    assert!(talk.remarks().contains("set IRC_PASSWORD"));
}

#[test]
fn only_what_the_setting_allows_is_used() {
    let only = |mechanisms: &[Mechanism]| {
        let mechanisms = mechanisms.to_vec();
        move |identity: &mut Identity| {
            with_password(identity);
            identity.certificate = true;
            identity.mechanisms = mechanisms;
        }
    };
    let all = "sasl=PLAIN,EXTERNAL,SCRAM-SHA-256";
    let (_, said) = begun(only(&[Mechanism::Plain]), all);
    assert_eq!(said, ["AUTHENTICATE PLAIN"]);
    let (_, said) = begun(only(&[Mechanism::Scram, Mechanism::Plain]), all);
    assert_eq!(said, ["AUTHENTICATE SCRAM-SHA-256"]);
}

#[test]
fn without_plain_the_password_is_given_to_nobody() {
    let careful = |identity: &mut Identity| {
        with_password(identity);
        identity.mechanisms = vec![Mechanism::Scram];
        identity.services = Some("NickServ@services.test".into());
    };
    let (mut talk, said) = begun(careful, "sasl=PLAIN");
    assert_eq!(said, ["CAP END"]);
    let told = talk.remarks();
    assert!(told.contains("IRC_SASL allows SCRAM-SHA-256"), "{told:?}");
    let mut said = greet(&mut talk);
    said.extend(talk.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]));
    said.extend(talk.after(60));
    assert!(!said.concat().contains("hunter2"), "{said:?}");
    let told = talk.remarks();
    assert!(told.contains("IRC_SASL leaves PLAIN out"), "{told:?}");
}
