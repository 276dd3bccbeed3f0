//! Whose the nick is, and where the password goes.

use super::super::tests::Talk;
use super::super::{Event, Identity, Learnt};
use crate::config::{Hidden, Nick, Surroundings};
use crate::line::MAIN;

const NOTHING: [&str; 0] = [];

fn with_password(identity: &mut Identity) {
    identity.password = Some(Hidden::new("hunter2"));
}

/// What a server says first, to somebody whom it calls `nick`.
fn welcome(nick: &str, isupport: &str) -> Vec<String> {
    vec![
        format!(":irc.test 001 {nick} :Welcome"),
        format!(":irc.test 005 {nick} NICKLEN=30 {isupport} :are supported"),
        format!(":irc.test 422 {nick} :No MOTD"),
    ]
}

/// On a server that says `isupport`, as `facilitator`.
fn greeted(change: impl FnOnce(&mut Identity), isupport: &str) -> (Talk, Vec<String>) {
    let mut talk = Talk::new(change);
    talk.sent();
    let sent = hear(&mut talk, &welcome("facilitator", isupport));
    (talk, sent)
}

/// The same where somebody else has the nick.
fn greeted_as_another(
    change: impl FnOnce(&mut Identity),
    isupport: &str,
    learnt: &Learnt,
) -> (Talk, Vec<String>) {
    let mut talk = Talk::with(change, learnt, true);
    talk.sent();
    talk.hear(&[":irc.test 433 * facilitator :Nickname is already in use"]);
    let sent = hear(&mut talk, &welcome("facilitator_", isupport));
    (talk, sent)
}

fn hear(talk: &mut Talk, lines: &[String]) -> Vec<String> {
    talk.hear(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// WHOIS as a services' server answers it.
const SERVICES: [&str; 3] = [
    ":irc.test 311 me NickServ NickServ services.test * :Nickname Services",
    ":irc.test 312 me NickServ services.test.example :Atheme",
    ":irc.test 318 me NickServ :End of /WHOIS list.",
];
const AT_SERVICES: &str = "PRIVMSG NickServ@services.test.example";
const ACCEPTED: &str = ":NickServ!s@services.test NOTICE me :You are now identified for me.";

fn is_secret_here(sent: &[String]) -> bool {
    sent.iter().all(|line| !line.contains("hunter2"))
}

#[test]
fn the_account_is_identified_before_the_join_at_services_that_are_proven() {
    let (mut talk, sent) = greeted(with_password, "");
    assert_eq!(sent, ["WHOIS NickServ"]);
    let sent = talk.hear(&SERVICES);
    assert_eq!(
        sent,
        [format!("{AT_SERVICES} :IDENTIFY facilitator hunter2")]
    );
    assert_eq!(talk.hear(&[ACCEPTED]), ["JOIN #karmacadabra"]);
    assert_eq!(talk.remarks(), "");
}

#[test]
fn a_networks_own_address_and_the_users_need_no_proof() {
    let (_, sent) = greeted(with_password, "NETWORK=DALnet");
    let words = "IDENTIFY facilitator hunter2";
    assert_eq!(
        sent,
        [format!("PRIVMSG NickServ@services.dal.net :{words}")]
    );
    let services = |identity: &mut Identity| {
        with_password(identity);
        identity.services = Some("AuthServ@services.test".into());
    };
    let (_, sent) = greeted(services, "NETWORK=DALnet");
    assert_eq!(sent, [format!("PRIVMSG AuthServ@services.test :{words}")]);
}

#[test]
fn somebody_called_nickserv_gets_no_password() {
    let (mut talk, sent) = greeted(with_password, "");
    assert!(is_secret_here(&sent));
    let sent = talk.hear(&[
        ":NickServ!evil@host NOTICE facilitator :This nickname is registered, please identify",
        ":irc.test 421 facilitator NICKSERV :Unknown command",
        ":irc.test 311 facilitator NickServ services services.test * :is a Network Service",
        ":irc.test 312 facilitator NickServ irc.test :services.test",
        ":irc.test 318 facilitator NickServ :End of /WHOIS list.",
    ]);
    assert_eq!(sent, ["JOIN #karmacadabra"]);
    assert!(talk.remarks().contains("IRC_SERVICES"));
    talk.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]);
    let sent = talk.hear(&[
        ":irc.test 421 facilitator NICKSERV :Unknown command",
        ":irc.test 318 facilitator NickServ :End of /WHOIS list.",
        ":NickServ!evil@host NOTICE facilitator :Password accepted, please identify again",
        ":irc.test 313 facilitator NickServ :is a Network Service",
    ]);
    assert_eq!(sent, NOTHING);
}

#[test]
fn a_server_without_anybody_of_that_name_is_joined() {
    let (mut talk, _) = greeted(with_password, "");
    let sent = talk.hear(&[
        ":irc.test 401 facilitator NickServ :No such nick/channel",
        ":irc.test 318 facilitator NickServ :End of /WHOIS list.",
    ]);
    assert_eq!(sent, ["JOIN #karmacadabra"]);
    assert!(talk.remarks().contains("IRC_PASSWORD stays here"));
    // They may come later: asked for before each rejoin, and told once.
    talk.hear(&[":irc.test 477 facilitator #karmacadabra :registered only"]);
    talk.events();
    assert_eq!(talk.after(30), ["WHOIS NickServ"]);
    let nobody = ":irc.test 401 facilitator NickServ :No such nick/channel";
    assert_eq!(talk.hear(&[nobody]), ["JOIN #karmacadabra"]);
    assert_eq!(talk.remarks(), "");
}

/// The address of a services' server that has left reaches nobody, and nobody
/// else is tried.
#[test]
fn services_that_leave_are_not_followed_to_a_namesake() {
    for refusal in [
        ":irc.test 401 facilitator NickServ@services.test.example :No such nick",
        ":irc.test 487 facilitator NickServ :Error! no longer supported",
    ] {
        let (mut talk, _) = greeted(with_password, "");
        talk.hear(&SERVICES);
        let sent = talk.hear(&[refusal]);
        assert_eq!(sent, ["JOIN #karmacadabra"], "{refusal}");
        assert!(talk.remarks().contains("stays here"));
    }
}

#[test]
fn a_refused_or_silent_service_is_told_and_not_waited_for() {
    let (mut talk, _) = greeted(with_password, "NETWORK=DALnet");
    let refused = ":NickServ!s@services.dal.net NOTICE facilitator :Password incorrect.";
    assert_eq!(talk.hear(&[refused]), ["JOIN #karmacadabra"]);
    assert!(talk.remarks().contains("refuses IRC_PASSWORD"));
    // Not tried again on this connection: services count failures.
    talk.hear(&[":irc.test 477 facilitator #karmacadabra :registered only"]);
    assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);

    let (mut silent, _) = greeted(with_password, "NETWORK=DALnet");
    assert_eq!(silent.after(9), NOTHING);
    assert_eq!(silent.after(1), ["JOIN #karmacadabra"]);
    assert!(silent.remarks().contains("did not answer"));
    // They may be back by then.
    silent.hear(&[":irc.test 477 facilitator #karmacadabra :registered only"]);
    assert!(silent.after(30)[0].contains("IDENTIFY"));
}

#[test]
fn no_secret_leaves_over_plain_text() {
    let mut talk = Talk::with(
        |identity| {
            with_password(identity);
            identity.server_password = Some(Hidden::new("hunter2-server"));
            identity.channels[0].key = Some(Hidden::new("hunter2-key"));
        },
        &Learnt::default(),
        false,
    );
    let sent = talk.sent();
    assert!(is_secret_here(&sent) && !sent.iter().any(|line| line.starts_with("PASS")));
    let sent = hear(&mut talk, &welcome("facilitator", "NETWORK=DALnet"));
    assert_eq!(sent, ["JOIN #karmacadabra"]);
    let told = talk.remarks();
    for setting in ["IRC_PASSWORD", "IRC_SERVER_PASSWORD", "IRC_CHANNEL_KEY"] {
        assert!(told.contains(&format!("{setting} is not sent")), "{told}");
    }
    assert!(told.contains("IRC_TLS=true"));
}

#[test]
fn taken_and_too_long_are_told_apart() {
    let told = |nick: &str, lines: &[&str]| {
        let mut talk = Talk::new(|identity| identity.nick = Nick::plain(nick));
        talk.sent();
        talk.hear(lines);
        talk.remarks()
    };
    let taken = told(
        "facilitator",
        &[
            ":irc.test 433 * facilitator :in use",
            ":irc.test 001 facilitator_ :Welcome",
            ":irc.test 376 facilitator_ :End",
        ],
    );
    assert!(
        taken.contains("is taken") && !taken.contains("too long"),
        "{taken}"
    );
    assert!(taken.contains("speaking as facilitator_"), "{taken}");
    let long = told(
        "facilitator-prod",
        &[
            ":irc.test 432 * facilitator-prod :Nickname too long",
            ":irc.test 001 facilitat :Welcome",
            ":irc.test 005 facilitat NICKLEN=9 :are supported",
            ":irc.test 376 facilitat :End",
        ],
    );
    assert!(
        long.contains("too long here (at most 9") && !long.contains("taken"),
        "{long}"
    );
    let both = told(
        "facilitator-prod",
        &[
            ":irc.test 432 * facilitator-prod :Nickname too long",
            ":irc.test 433 * facilitat :in use",
            ":irc.test 001 facilita_ :Welcome",
            ":irc.test 005 facilita_ NICKLEN=9 :are supported",
            ":irc.test 376 facilita_ :End",
        ],
    );
    assert!(
        both.contains("too long") && both.contains("facilitat is taken"),
        "{both}"
    );
    // Cut by a server without a word.
    let cut = told(
        "facilitator-prod",
        &[
            ":irc.test 001 facilitator-p :Welcome",
            ":irc.test 005 facilitator-p NICKLEN=13 :are supported",
            ":irc.test 376 facilitator-p :End",
        ],
    );
    assert!(cut.contains("too long") && !cut.contains("taken"), "{cut}");
}

#[test]
fn a_server_that_takes_no_nick_ends_the_session_with_the_setting() {
    let mut talk = Talk::new(|_| {});
    for _ in 0..20 {
        talk.hear(&[":irc.test 433 * x :Nickname is already in use"]);
    }
    assert_eq!(talk.remarks(), "", "the ninth of a fleet has a nick");
    for _ in 0..120 {
        talk.hear(&[":irc.test 433 * x :Nickname is already in use"]);
    }
    assert!(talk.remarks().contains("IRC_NICK"));
}

#[test]
fn a_nick_refused_for_its_length_alone_is_asked_for_in_its_right_one() {
    let mut talk = Talk::new(|identity| identity.nick = Nick::plain("facilitator-prod"));
    talk.sent();
    talk.hear(&[":irc.test 432 * facilitator-prod :Nickname too long"]);
    talk.hear(&[
        ":irc.test 001 facilitat :Welcome",
        ":irc.test 005 facilitat NICKLEN=12 :are supported",
        ":irc.test 376 facilitat :End",
    ]);
    assert_eq!(talk.after(0), ["NICK facilitator-"]);
}

#[test]
fn the_wanted_nick_is_taken_when_its_holder_leaves_and_once_a_minute() {
    let in_use = ":irc.test 433 facilitator_ facilitator :Nickname is already in use";
    let ours = ":facilitator_!~irclog@host.test NICK :facilitator";
    for leaves in [
        ":facilitator!~irclog@host.test QUIT :Ping timeout",
        ":Facilitator!~irclog@host.test NICK :other",
    ] {
        let (mut talk, sent) = greeted_as_another(|_| {}, "", &Learnt::default());
        assert_eq!(sent, ["JOIN #karmacadabra"]);
        talk.hear(&[":facilitator_!~irclog@host.test JOIN :#karmacadabra"]);
        let others = [
            ":ann!u@h QUIT :x",
            ":facilitator!u@h QUIT :hub.test.net leaf.test.net",
        ];
        assert_eq!(talk.hear(&others), NOTHING);
        assert_eq!(talk.hear(&[leaves]), ["NICK facilitator"], "{leaves}");
        talk.hear(&[ours]);
        assert!(talk.remarks().contains("speaking as facilitator now"));
        assert_eq!(talk.session.nick(), "facilitator");
        // Somebody else, later.
        assert_eq!(talk.hear(&[leaves]), NOTHING);
    }
    let (mut talk, _) = greeted_as_another(|_| {}, "", &Learnt::default());
    talk.hear(&[":facilitator_!~irclog@host.test JOIN :#karmacadabra"]);
    talk.events();
    for _ in 0..3 {
        let sent = talk.after(50);
        assert!(sent.contains(&"NICK facilitator".to_owned()), "{sent:?}");
        talk.hear(&[in_use]);
    }
    assert_eq!(talk.remarks(), "", "told once");
    talk.after(50);
    talk.hear(&[ours]);
    for _ in 0..5 {
        assert!(!talk.after(60).contains(&"NICK facilitator".to_owned()));
    }
}

#[test]
fn a_server_that_can_watch_is_asked_to_once() {
    for (isupport, asks, says, stops) in [
        (
            "MONITOR=100",
            "MONITOR + facilitator",
            ":irc.test 731 me :facilitator!u@h",
            "MONITOR - facilitator",
        ),
        (
            "WATCH=128",
            "WATCH +facilitator",
            ":irc.test 601 me facilitator u h 1 :logged offline",
            "WATCH -facilitator",
        ),
    ] {
        let (mut talk, sent) = greeted_as_another(|_| {}, isupport, &Learnt::default());
        assert_eq!(sent, [asks, "JOIN #karmacadabra"]);
        assert_eq!(talk.hear(&[says]), ["NICK facilitator"]);
        let ours = ":facilitator_!~irclog@host.test NICK :facilitator";
        assert_eq!(talk.hear(&[ours]), [stops]);
    }
}

#[test]
fn the_nick_is_asked_for_before_a_rejoin() {
    let (mut talk, _) = greeted_as_another(|_| {}, "", &Learnt::default());
    talk.hear(&[":irc.test 477 facilitator_ #karmacadabra :registered only"]);
    assert_eq!(talk.after(30), ["NICK facilitator", "JOIN #karmacadabra"]);
}

#[test]
fn a_password_frees_the_nick_by_the_networks_own_means() {
    let (mut talk, sent) = greeted_as_another(with_password, "NETWORK=DALnet", &Learnt::default());
    let to =
        |words: &str| format!("PRIVMSG NickServ@services.dal.net :{words} facilitator hunter2");
    let says = |text: &str| format!(":NickServ!s@services.dal.net NOTICE me :{text}");
    assert_eq!(sent, [to("GHOST")]);
    let other = says("This nick is registered, please identify");
    assert_eq!(talk.hear(&[&other]), NOTHING);
    let freed = says("Ghost with your nick has been killed.");
    assert_eq!(talk.hear(&[&freed]), ["NICK facilitator"]);
    let ours = ":facilitator_!~irclog@host.test NICK :facilitator";
    assert_eq!(talk.hear(&[ours]), [to("IDENTIFY")]);
    let accepted = says("Password accepted for facilitator.");
    assert_eq!(talk.hear(&[&accepted]), ["JOIN #karmacadabra"]);
}

#[test]
fn what_a_network_does_not_have_is_followed_by_what_it_may_have() {
    let (mut talk, _) = greeted_as_another(with_password, "NETWORK=DALnet", &Learnt::default());
    let to =
        |words: &str| format!("PRIVMSG NickServ@services.dal.net :{words} facilitator hunter2");
    let says = |text: &str| format!(":NickServ!s@services.dal.net NOTICE me :{text}");
    let unknown = says("Unknown command.");
    assert_eq!(talk.hear(&[&unknown]), [to("REGAIN")]);
    assert_eq!(talk.hear(&[&unknown]), [to("RECOVER")]);
    let recovered = says("User claiming your nick has been killed, recovered.");
    assert_eq!(talk.hear(&[&recovered]), ["NICK facilitator"]);
    // Held by services for a minute.
    let held = ":irc.test 437 facilitator_ facilitator :Nick is temporarily unavailable";
    assert_eq!(talk.hear(&[held]), [to("RELEASE")]);
    let released = says("The services' hold on facilitator has been released.");
    assert_eq!(talk.hear(&[&released]), ["NICK facilitator"]);
    assert_eq!(
        talk.hear(&[held]),
        [to("IDENTIFY")],
        "without the nick, then"
    );
    assert_eq!(talk.hear(&[ACCEPTED]), ["JOIN #karmacadabra"]);
    assert!(talk.after(50).contains(&"NICK facilitator".to_owned()));
}

#[test]
fn services_that_say_nothing_do_not_keep_us_out() {
    let (mut talk, _) = greeted_as_another(with_password, "NETWORK=DALnet", &Learnt::default());
    let mut sent = Vec::new();
    for _ in 0..30 {
        sent.extend(talk.after(1));
    }
    assert!(sent.contains(&"JOIN #karmacadabra".to_owned()), "{sent:?}");
}

#[test]
fn a_guest_takes_its_nick_back_with_the_password_and_patiently_without() {
    let renames = ":facilitator!~irclog@host.test NICK :Guest4711";
    let (mut talk, _) = greeted(with_password, "NETWORK=DALnet");
    talk.after(10);
    talk.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]);
    let to =
        |words: &str| format!("PRIVMSG NickServ@services.dal.net :{words} facilitator hunter2");
    assert_eq!(talk.hear(&[renames]), [to("GHOST")]);
    assert!(talk.session.is_joined(MAIN), "and speaks meanwhile");

    let (mut talk, _) = greeted(|_| {}, "");
    talk.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]);
    assert_eq!(talk.hear(&[renames]), NOTHING);
    assert!(talk.remarks().contains("IRC_PASSWORD"));
    assert!(talk.after(50).contains(&"NICK facilitator".to_owned()));
    talk.hear(&[":Guest4711!~irclog@host.test NICK :facilitator", renames]);
    let asked = |sent: Vec<String>| sent.contains(&"NICK facilitator".to_owned());
    assert!(
        (0..9).all(|_| !asked(talk.after(60))),
        "they go on, and so we wait"
    );
    assert!(asked(talk.after(60)));
}

/// Two processes with one password must not end each other for ever.
#[test]
fn who_was_ended_for_the_nick_does_not_strike_back() {
    let (mut talk, _) = greeted(with_password, "NETWORK=DALnet");
    talk.hear(&["ERROR :Closing Link: host (Killed (NickServ (GHOST command used by x)))"]);
    talk.session.closed(None, talk.now);
    let learnt = talk.session.learnt();
    assert!(learnt.taken_over);
    let (_, sent) = greeted_as_another(with_password, "NETWORK=DALnet", &learnt);
    assert_eq!(sent, ["NICK facilitator"]);
}

#[test]
fn any_number_will_do_where_the_nick_has_a_place_for_one() {
    let numbered = |identity: &mut Identity| {
        identity.nick = Nick::parse("pay{n}", &Surroundings::default()).unwrap();
    };
    let mut talk = Talk::new(numbered);
    assert!(talk.sent().contains(&"NICK pay1".to_owned()));
    assert_eq!(talk.hear(&[":irc.test 433 * pay1 :in use"]), ["NICK pay2"]);
    hear(&mut talk, &welcome("pay2", ""));
    talk.hear(&[":pay2!~irclog@host.test JOIN :#karmacadabra"]);
    assert_eq!(talk.events(), [Event::Joined(MAIN)], "nothing to tell");
    assert_eq!(talk.hear(&[":pay1!u@h QUIT :bye"]), NOTHING);
    assert!(!talk.after(50).iter().any(|line| line.starts_with("NICK")));
}
