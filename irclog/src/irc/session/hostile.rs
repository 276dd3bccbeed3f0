//! What holds of a session whatever a server sends: the same for inputs that
//! a fuzzer finds and for those that a property test makes.
#![expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]

use std::collections::BTreeSet;

use super::*;
use crate::line::{MAIN, Urgency};

/// Holds a session against a server that sends `script`: blocks of bytes, each
/// after a byte of 255 and one that says how long before it time passes.
///
/// # Panics
///
/// When the session does what it must not.
pub(crate) fn holds(script: &[u8]) {
    let mut now = Instant::now();
    let identity = Identity {
        nick: Nick::plain("facilitator"),
        channels: vec![Destination {
            name: "#karmacadabra".into(),
            key: None,
        }],
        server_password: None,
        password: Some(Hidden::new("walrus-tusk")),
        services: None,
        account: None,
        on_behalf_of: None,
        certificate: true,
        mechanisms: Mechanism::ALL.to_vec(),
        seed: 7,
    };
    let flow = FlowConfig::default();
    let mut session = Session::new(identity, &Learnt::default(), &flow, true, now);
    let mut open = BTreeSet::new();
    let mut next = 0;
    for block in script.split(|byte| *byte == 255) {
        let (wait, bytes) = block.split_first().unwrap_or((&0, &[]));
        now += Duration::from_millis(u64::from(*wait) * u64::from(*wait));
        session.elapse(now);
        session.receive(bytes, now);
        while let Some(line) = session.transmit(now) {
            is_one_line(line.as_bytes());
        }
        let room = session.room(MAIN);
        assert!(room.line.get() >= 64 && room.shared <= room.line.get());
        if session.is_joined(MAIN)
            && let Turn::Now(permit) = session.slot(MAIN, 80, Urgency::Normal, now)
        {
            let line = session.say(permit, LineId(next), "\u{3}04settled\u{3} 0.25 USDC", now);
            is_one_line(line.as_bytes());
            open.insert(LineId(next));
            next += 1;
        }
        while let Some(event) = session.event() {
            match event {
                Event::Remark(_, text) | Event::End(_, text) => {
                    assert!(!text.chars().any(char::is_control), "{text:?}");
                    assert!(text.chars().count() <= 1_100, "{text:?}");
                }
                Event::Shown(id) | Event::Refused(id, _) | Event::Doubted(id, _) => {
                    assert!(open.remove(&id), "{id:?} twice");
                }
                Event::Joined(_) | Event::Left(_) | Event::KeptOut(..) => {}
            }
        }
        assert!(!session.nick().chars().any(char::is_control));
    }
    session.closed(None, now);
}

#[track_caller]
fn is_one_line(bytes: &[u8]) {
    let line = bytes.strip_suffix(b"\r\n").expect("an end");
    assert!(bytes.len() <= 4096);
    assert!(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a server may say, of this channel, this nick and others.
    fn lines() -> impl Strategy<Value = String> {
        let who = prop::sample::select(vec![
            ":facilitator!~irclog@host.test",
            ":op!u@h",
            ":irc.test",
            ":NickServ!s@services.test",
            "@time=x;a :irc.test",
            "",
        ]);
        let what = prop::sample::select(vec![
            "001", "004", "005", "353", "366", "376", "396", "401", "403", "404", "408", "417",
            "421", "422", "432", "433", "437", "442", "464", "465", "470", "471", "473", "474",
            "475", "477", "480", "489", "900", "CAP", "CHGHOST", "ERROR", "FAIL", "INVITE", "JOIN",
            "KICK", "KILL", "MODE", "NICK", "NOTICE", "PART", "PING", "PONG", "PRIVMSG", "QUIT",
            "TOPIC",
        ]);
        let word = prop_oneof![
            8 => prop::sample::select(vec![
                "facilitator", "#karmacadabra", "#other", "other", "*", "LS", "ACK", "NAK", "DEL",
                "+v", "+o-v", "NICKSERV", "LINELEN=0", "LINELEN=99999999999999999999",
                "NICKLEN=1", "CHANNELLEN=2", "CASEMAPPING=ascii", "bahamut-2.2.4", "ngircd-26",
                ":echo-message", ":throttled", ":killed", ":1", ":\u{3}04settled\u{3} 0.25 USDC",
            ]).prop_map(str::to_owned),
            1 => "\\PC{0,40}",
            1 => ":.{0,60}",
            1 => Just("x".repeat(9_000)),
        ];
        (who, what, prop::collection::vec(word, 0..5))
            .prop_map(|(who, what, words)| format!("{who} {what} {}\r\n", words.join(" ")))
    }

    /// The way in, so that what follows is met in the channel as well.
    fn way_in() -> Vec<u8> {
        b":irc.test 001 facilitator :hi\r\n:irc.test 422 facilitator :-\r\n\
          :NickServ!s@services.test NOTICE facilitator :identified\r\n\
          :facilitator!~irclog@host.test JOIN #karmacadabra\r\n"
            .to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn whatever_is_sent_as_lines(
            inside in any::<bool>(),
            blocks in prop::collection::vec((0..=254_u8, prop::collection::vec(lines(), 0..6)), 1..40),
        ) {
            let mut script = vec![0];
            if inside {
                script.extend(way_in());
            }
            for (wait, lines) in blocks {
                script.extend([255, wait]);
                for line in lines {
                    script.extend(line.bytes().filter(|byte| *byte != 255));
                }
            }
            holds(&script);
        }

        #[test]
        fn whatever_is_sent_at_all(script in prop::collection::vec(any::<u8>(), 0..2_000)) {
            holds(&script);
        }
    }
}
