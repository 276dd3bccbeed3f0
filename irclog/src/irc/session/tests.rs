//! The session driven by hand: lines in, lines and events out, with a clock
//! that the test moves.
#![expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]

mod joining;
mod proofs;

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
