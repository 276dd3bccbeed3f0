//! The session driven by hand: lines in, lines and events out, with a clock
//! that the test moves.
#![expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]

use super::*;
use crate::line::MAIN;

pub(super) struct Talk {
    pub(super) session: Session,
    pub(super) now: Instant,
}

impl Talk {
    pub(super) fn new(change: impl FnOnce(&mut Identity)) -> Self {
        Self::with(change, &Learnt::default(), true)
    }

    pub(super) fn with(
        change: impl FnOnce(&mut Identity),
        learnt: &Learnt,
        confidential: bool,
    ) -> Self {
        let mut identity = Identity {
            nick: Nick::plain("facilitator"),
            channels: vec![Destination {
                name: "#karmacadabra".into(),
                key: None,
            }],
            server_password: None,
            password: None,
            services: None,
            account: None,
            on_behalf_of: None,
            certificate: false,
            mechanisms: Mechanism::ALL.to_vec(),
            seed: 7,
        };
        change(&mut identity);
        let now = Instant::now();
        let flow = FlowConfig::default();
        let session = Session::new(identity, learnt, &flow, confidential, now);
        Self { session, now }
    }

    /// What we have to say now.
    pub(super) fn sent(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.transmit(self.now))
            .map(|line| {
                let text = String::from_utf8(line.as_bytes().to_vec()).unwrap();
                text.strip_suffix("\r\n").unwrap().to_owned()
            })
            .collect()
    }

    /// The server says `lines`; what we answer.
    pub(super) fn hear(&mut self, lines: &[&str]) -> Vec<String> {
        for line in lines {
            let bytes = format!("{line}\r\n").into_bytes();
            self.session.receive(&bytes, self.now);
        }
        self.sent()
    }

    pub(super) fn after(&mut self, seconds: u64) -> Vec<String> {
        self.now += Duration::from_secs(seconds);
        self.session.elapse(self.now);
        self.sent()
    }

    pub(super) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.event()).collect()
    }

    pub(super) fn remarks(&mut self) -> String {
        let events = self.events();
        let texts = events.iter().filter_map(|event| match event {
            Event::Remark(_, text) | Event::End(_, text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Through registration, up to the JOIN.
    pub(super) fn greeted(&mut self) -> Vec<String> {
        self.sent();
        self.hear(&[
            ":irc.test 001 facilitator :Welcome",
            ":irc.test 005 facilitator NICKLEN=30 CHANNELLEN=50 CASEMAPPING=ascii :are supported",
            ":irc.test 422 facilitator :No MOTD",
        ])
    }

    pub(super) fn joined(mut self) -> Self {
        self.greeted();
        self.hear(&[":facilitator!~irclog@host.test JOIN :#karmacadabra"]);
        assert_eq!(self.events(), [Event::Joined(MAIN)]);
        self
    }

    pub(super) fn say(&mut self, id: u64, text: &str) -> String {
        // Whatever the pace: that has tests of its own.
        let permit = Permit(());
        let wire = self.session.say(permit, LineId(id), text, self.now);
        String::from_utf8(wire.as_bytes().to_vec()).unwrap()
    }
}

#[test]
fn a_server_that_stands_still_is_told_once_and_so_is_its_end() {
    let mut talk = Talk::new(|_| ()).joined();
    talk.say(1, "one");
    let mut sent = talk.sent();
    while sent.is_empty() {
        talk.now = talk.session.wake_at().expect("a deadline");
        talk.session.elapse(talk.now);
        sent = talk.sent();
    }
    let token = sent[0].strip_prefix("PING ").expect("a PING").to_owned();
    assert_eq!(talk.remarks(), "");
    for _ in 0..3 {
        assert_eq!(talk.remarks(), "", "a server may be behind");
        talk.after(7);
    }
    let told = talk.remarks();
    assert!(
        told.contains("#karmacadabra does not see this log for now"),
        "{told}"
    );
    assert!(told.contains("not answered for 20 s"), "{told}");
    for _ in 0..5 {
        talk.after(10);
        assert_eq!(talk.remarks(), "");
    }
    talk.hear(&[&format!(":irc.test PONG irc.test {token}")]);
    talk.after(0);
    assert!(talk.remarks().contains("the server answers again"));
    talk.after(1);
    assert_eq!(talk.remarks(), "");
}

#[test]
fn the_session_wakes_up_to_tell_that_the_server_stands_still() {
    let mut talk = Talk::new(|_| ()).joined();
    talk.say(1, "one");
    while talk.remarks().is_empty() {
        let at = talk.session.wake_at().expect("a deadline");
        let passed = at - talk.now;
        talk.now = at;
        talk.session.elapse(at);
        assert!(
            !talk.sent().is_empty() || passed > Duration::ZERO,
            "no progress"
        );
    }
}

#[test]
fn registration_says_everything_at_once_and_waits_for_no_cap() {
    let mut talk = Talk::new(|identity| {
        identity.server_password = Some(Hidden::new("sesame"));
    });
    assert_eq!(
        talk.sent(),
        [
            "CAP LS 302",
            "PASS sesame",
            "NICK facilitator",
            "USER irclog 0 * :irclog: a service's log"
        ]
    );
    assert_eq!(talk.greeted(), ["JOIN #karmacadabra"]);
}

#[test]
fn a_ping_is_answered_before_anything_else() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    assert_eq!(talk.hear(&["PING :abc def"]), ["PONG :abc def"]);
}

#[test]
fn a_greeting_without_an_end_is_waited_for_ten_seconds() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    assert_eq!(talk.hear(&[":irc.test 001 facilitator :Welcome"]), [""; 0]);
    assert_eq!(talk.after(9), [""; 0]);
    talk.hear(&[":irc.test 001 facilitator :Welcome"]);
    assert_eq!(talk.after(1), ["JOIN #karmacadabra"]);
    assert_eq!(talk.hear(&[":irc.test 422 facilitator :-"]), [""; 0]);
}

#[test]
fn no_line_goes_before_the_join_is_confirmed() {
    let mut talk = Talk::new(|_| {});
    talk.greeted();
    assert!(!talk.session.is_joined(MAIN));
    talk.hear(&[":somebody!u@h JOIN #karmacadabra"]);
    talk.hear(&[":facilitator!u@h JOIN #karma"]);
    assert!(
        !talk.session.is_joined(MAIN),
        "another nick, another channel"
    );
    talk.hear(&[":Facilitator!~irclog@host.test JOIN #KarmaCadabra"]);
    assert!(talk.session.is_joined(MAIN));
}

#[test]
fn the_budget_is_what_our_own_prefix_leaves() {
    let mut talk = Talk::new(|_| {});
    talk.greeted();
    let assumed = talk.session.budget(MAIN).get();
    talk.hear(&[":facilitator!~irclog@host.test JOIN #karmacadabra"]);
    let whole = ":facilitator!~irclog@host.test PRIVMSG #karmacadabra :\r\n".len();
    assert_eq!(talk.session.budget(MAIN).get(), 512 - whole);
    assert!(assumed < 512 - whole, "the assumption is on the safe side");
    talk.hear(&[":facilitator!~irclog@host.test CHGHOST ~irclog a.much.longer.host.test"]);
    assert_eq!(talk.session.budget(MAIN).get(), 512 - whole - 14);
    talk.hear(&[":irc.test 396 facilitator cloak :is now your displayed host"]);
    assert_eq!(talk.session.budget(MAIN).get(), 512 - whole + 4);
    talk.hear(&[":facilitator!~irclog@cloak NICK f"]);
    assert_eq!(talk.session.budget(MAIN).get(), 512 - whole + 4 + 10);
}

#[test]
fn a_line_at_the_budget_is_512_bytes_with_our_prefix() {
    let mut talk = Talk::new(|_| {}).joined();
    let text = "x".repeat(talk.session.budget(MAIN).get());
    let line = talk.say(1, &text);
    let relayed = format!(
        ":facilitator!~irclog@host.test {}",
        line.replacen(" x", " :x", 1)
    );
    assert_eq!(relayed.len(), 512);
}

/// In the channel of a server that calls itself `version`.
fn joined_on(version: &str) -> Talk {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    talk.hear(&[
        ":irc.test 001 facilitator :Welcome",
        &format!(":irc.test 004 facilitator irc.test {version} iow bmnt"),
        ":irc.test 005 facilitator CHANNELLEN=50 :are supported",
        ":irc.test 422 facilitator :No MOTD",
        ":facilitator!~irclog@host.test JOIN :#karmacadabra",
    ]);
    assert_eq!(talk.events(), [Event::Joined(MAIN)]);
    talk
}

#[test]
fn a_copy_of_a_line_proves_it_where_it_costs_nothing() {
    let mut talk = joined_on("bahamut-2.2.4");
    let first = "PRIVMSG #karmacadabra,facilitator :one line\r\n";
    assert_eq!(talk.say(1, "one line"), first);
    // One at a time.
    assert_eq!(talk.say(2, "a b"), "PRIVMSG #karmacadabra :a b\r\n");
    for stranger in [
        ":ann!u@h PRIVMSG facilitator :one line",
        ":facilitator!u@h PRIVMSG ann :one line",
    ] {
        talk.hear(&[stranger]);
        assert_eq!(talk.events(), [], "{stranger}");
    }
    talk.hear(&[":facilitator!~irclog@host.test PRIVMSG facilitator :one line"]);
    assert_eq!(talk.events(), [Event::Shown(LineId(1))]);
    // The channel has +m, and we have not.
    talk.say(3, "c d");
    talk.hear(&[
        ":irc.test 404 facilitator #karmacadabra :Cannot send to channel",
        ":facilitator!~irclog@host.test PRIVMSG facilitator :c d",
    ]);
    // Which of the two it means, it does not say.
    let doubted = |id| Event::Doubted(LineId(id), Refusal::CannotSend);
    assert_eq!(talk.events(), [doubted(2), doubted(3)]);
    // And it has no colours: the text is another.
    talk.after(60);
    talk.say(4, "\u{3}04ERROR\u{3} e");
    talk.hear(&[":facilitator!~irclog@host.test PRIVMSG facilitator :ERROR e"]);
    assert_eq!(talk.events(), [Event::Shown(LineId(4))]);

    let line = talk.say(5, &"x ".repeat(talk.session.budget(MAIN).get() / 2));
    assert!(line.len() <= 512, "{} bytes", line.len());
}

#[test]
fn equal_texts_do_not_confuse_their_copies() {
    let mut talk = joined_on("ircd-hybrid-1:8.2.43");
    let copy = ":facilitator!~irclog@host.test PRIVMSG facilitator :heart beat";
    assert!(talk.say(1, "heart beat").contains(",facilitator"));
    assert!(!talk.say(2, "heart beat").contains(",facilitator"));
    talk.hear(&[copy]);
    assert_eq!(talk.events(), [Event::Shown(LineId(1))]);
    assert!(talk.say(3, "heart beat").contains(",facilitator"));
    talk.hear(&[copy]);
    let shown = [Event::Shown(LineId(2)), Event::Shown(LineId(3))];
    assert_eq!(talk.events(), shown);
    assert!(talk.say(4, "heart beat").contains(",facilitator"));
}

#[test]
fn a_copy_to_a_nick_that_we_have_lost_proves_all_the_same() {
    let mut talk = joined_on("InspIRCd-3");
    talk.say(1, "one line");
    talk.hear(&[
        ":facilitator!~irclog@host.test NICK Guest1",
        ":irc.test 401 Guest1 facilitator :No such nick",
    ]);
    assert!(talk.events().contains(&Event::Shown(LineId(1))));
    assert!(talk.say(2, "and on").contains("#karmacadabra,Guest1 "));
}

/// Whatever hid the copy may have hidden the line.
#[test]
fn a_line_whose_copy_stays_out_is_not_taken_for_shown() {
    let mut talk = joined_on("bahamut-2.2.4");
    talk.say(1, "one line");
    talk.say(2, "and on");
    let ping = talk.after(10);
    let token = ping[0].strip_prefix("PING ").expect("a PING");
    talk.hear(&[&format!(":irc.test PONG irc.test :{token}")]);
    let hidden = Event::Refused(LineId(1), Refusal::Unproven);
    assert_eq!(talk.events(), [hidden, Event::Shown(LineId(2))]);
    assert!(!talk.say(3, "no copy").contains(','));
}

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
fn a_server_that_charges_for_a_second_target_gets_none() {
    for version in ["ngircd-26.1", "unheard-of-1.0"] {
        let mut talk = joined_on(version);
        let line = talk.say(1, "one line");
        assert_eq!(line, "PRIVMSG #karmacadabra :one line\r\n", "{version}");
    }
}

#[test]
fn records_share_short_lines_where_long_ones_make_deaf() {
    let room = joined_on("bahamut-2.2.4").session.room(MAIN);
    assert_eq!(room.shared, room.line.get());
    let room = joined_on("ngircd-26.1").session.room(MAIN);
    assert!(room.line.get() > 400);
    assert_eq!(room.shared + "PRIVMSG #karmacadabra :\r\n".len(), 235);
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
    assert_eq!(talk.after(30), ["JOIN #karmacadabra"]);
}

#[test]
fn a_kill_by_an_operator_is_no_accident_whatever_its_words() {
    let end = |lines: &[&str]| {
        let mut talk = Talk::new(|_| {}).joined();
        talk.hear(lines);
        talk.session.closed(None, talk.now);
        match talk.events().pop() {
            Some(Event::End(reason, _)) => reason,
            other => panic!("{other:?}"),
        }
    };
    for lines in [
        &["ERROR :KILLed by op0: bye"][..],
        &["ERROR :Closing Link: facilitator[host] (Killed by op0 (bye))"],
        &["ERROR :Closing Link: facilitator[host] by op0 (Local kill by op0 (bye))"],
        &[":op0!u@h KILL facilitator :bye"],
        &[
            ":op0!u@h KILL facilitator :irc.test!host!op0!op0 (your ghost)",
            "ERROR :Closing Link: host (Killed (op0 (your ghost)))",
        ],
    ] {
        assert_eq!(end(lines), Reason::Banned, "{lines:?}");
    }
    for lines in [
        &[":NickServ!s@services.test KILL facilitator :GHOST command used"][..],
        &[":services.test KILL facilitator :services.test (Nick collision)"],
        &["ERROR :Closing Link: host (Killed (NickServ (RELEASE)))"],
    ] {
        assert_eq!(end(lines), Reason::Closed, "{lines:?}");
    }
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
fn a_ping_barrier_proves_lines() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.say(7, "hello");
    let pings = talk.after(15);
    let token = pings[0].strip_prefix("PING ").unwrap().to_owned();
    talk.hear(&[&format!(":irc.test PONG irc.test :{token}")]);
    assert_eq!(talk.events(), [Event::Shown(LineId(7))]);
}

#[test]
fn a_capability_may_be_taken_back() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    talk.hear(&[
        ":irc.test CAP * LS :echo-message",
        ":irc.test CAP * ACK :echo-message",
    ]);
    let mut talk = talk.joined();
    talk.hear(&[":irc.test CAP facilitator DEL :echo-message"]);
    talk.say(1, "one line");
    let ping = talk.after(20);
    let token = ping[0].strip_prefix("PING ").expect("a PING");
    talk.hear(&[&format!(":irc.test PONG irc.test :{token}")]);
    assert_eq!(talk.events(), [Event::Shown(LineId(1))]);
}

#[test]
fn an_echo_proves_a_line_where_the_server_gives_it() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    let asked = talk.hear(&[":irc.test CAP * LS :multi-prefix echo-message"]);
    assert_eq!(asked, ["CAP REQ echo-message"]);
    assert_eq!(
        talk.hear(&[":irc.test CAP * ACK :echo-message"]),
        ["CAP END"]
    );
    talk.greeted();
    talk.hear(&[":facilitator!~irclog@host.test JOIN #karmacadabra"]);
    talk.events();
    talk.say(7, "hello");
    talk.hear(&[":somebody!u@h PRIVMSG #karmacadabra :hello"]);
    assert_eq!(talk.events(), []);
    talk.hear(&[":facilitator!~irclog@host.test PRIVMSG #karmacadabra :altered"]);
    assert_eq!(talk.events(), [Event::Shown(LineId(7))]);
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

#[test]
fn silence_after_connecting_ends_in_time_and_names_the_port() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    let deadline = talk.session.wake_at().unwrap();
    assert_eq!(deadline - talk.now, Duration::from_secs(60));
    talk.after(60);
    assert!(talk.remarks().contains("IRC_PORT"));
}

#[test]
fn garbage_and_megabytes_are_survived() {
    let mut talk = Talk::new(|_| {}).joined();
    let before = talk.session.budget(MAIN);
    for line in [
        "\u{1}\u{2}",
        ":",
        "@",
        ":a",
        "@=;= :",
        "001",
        "005",
        "JOIN",
        ":x 404",
        ":facilitator JOIN",
    ] {
        talk.hear(&[line]);
    }
    talk.session.receive(&vec![b'x'; 100_000], talk.now);
    talk.session.receive(b"\r\n\xff\xfe\r\n", talk.now);
    assert!(talk.session.is_joined(MAIN));
    assert_eq!(talk.session.budget(MAIN), before);
    assert!(talk.remarks().contains("too long"));
}

#[test]
fn strangers_command_nothing() {
    let mut talk = Talk::new(|_| {}).joined();
    let answers = talk.hear(&[
        ":evil!u@h PRIVMSG facilitator :\u{1}VERSION\u{1}",
        ":evil!u@h PRIVMSG #karmacadabra :\u{1}PING 1\u{1}",
        ":evil!u@h NOTICE facilitator :*** Message to #karmacadabra throttled due to flooding",
        ":evil!u@h NICK other",
        ":evil!u@h KICK #karmacadabra somebody :x",
        ":evil!u@h INVITE facilitator #evil",
    ]);
    assert_eq!(answers, Vec::<String>::new());
    assert!(talk.session.is_joined(MAIN));
    assert_eq!(talk.session.nick(), "facilitator");
}

#[test]
fn the_servers_last_words_are_the_reason_of_the_end() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.hear(&["ERROR :Closing Link: host.test (Excess Flood)"]);
    talk.session.closed(None, talk.now);
    assert!(talk.remarks().contains("Excess Flood"));
}

#[test]
fn a_server_that_answers_quit_has_processed_what_came_before() {
    let reset = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    for (answer, error, proven) in [
        (true, None, true),
        (true, Some(reset()), true),
        (false, None, true),
        (false, Some(reset()), false),
    ] {
        let mut talk = Talk::new(|_| {}).joined();
        talk.say(7, "hello");
        talk.session.quit("bye");
        talk.sent();
        if answer {
            talk.hear(&["ERROR :Closing link: (~irclog@host.test) [Client exited]"]);
        }
        talk.session.closed(error.as_ref(), talk.now);
        let shown = talk.events().contains(&Event::Shown(LineId(7)));
        assert_eq!(shown, proven, "answered {answer}, {error:?}");
    }
}

#[test]
fn a_kill_in_answer_to_quit_proves_nothing() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.say(7, "hello");
    talk.session.quit("bye");
    talk.hear(&["ERROR :Closing Link: host.test (Excess Flood)"]);
    talk.session.closed(None, talk.now);
    assert!(!talk.events().contains(&Event::Shown(LineId(7))));
}

#[test]
fn a_connection_that_breaks_without_a_quit_proves_nothing() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.say(7, "hello");
    talk.hear(&["ERROR :Closing Link: host.test (Excess Flood)"]);
    talk.session.closed(None, talk.now);
    assert!(!talk.events().contains(&Event::Shown(LineId(7))));
}

#[test]
fn quit_is_the_last_word() {
    let mut talk = Talk::new(|_| {}).joined();
    talk.session.quit("bye\r\nNICK x");
    assert_eq!(talk.sent(), ["QUIT byeNICK x".replace("QUIT ", "QUIT :")]);
    assert_eq!(talk.after(500), Vec::<String>::new());
}

#[test]
fn where_a_server_has_a_mode_for_programs_it_is_set_once() {
    let mut talk = Talk::new(|_| ());
    talk.hear(&[":irc.test 005 facilitator BOT=B :are supported"]);
    talk.greeted();
    let joined = ":facilitator!~irclog@host.test JOIN :#karmacadabra";
    assert_eq!(talk.hear(&[joined]), ["MODE facilitator +B"]);
    talk.hear(&[":facilitator!~irclog@host.test PART #karmacadabra"]);
    let again = [talk.after(30), talk.hear(&[joined])].concat();
    assert!(!again.iter().any(|line| line.contains("+B")), "{again:?}");
    let mut other = Talk::new(|_| ()).joined();
    assert_eq!(other.sent(), [""; 0]);
}
