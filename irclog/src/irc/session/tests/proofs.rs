//! What proves that a line was shown: copies, echoes, barriers, the answer to QUIT.

use super::*;

/// In the channel of a server that calls itself `version`.
pub(super) fn joined_on(version: &str) -> Talk {
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
