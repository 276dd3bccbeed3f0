//! A server that means harm: whatever it sends, and however much, we answer
//! and tell little.

use std::time::Duration;

use super::tests::Talk;
use super::*;
use crate::line::{MAIN, Urgency};

const SELF: &str = ":facilitator!~irclog@host.test";

/// Fifty thousand times `lines`, within five seconds. Returns what we answered
/// and what was told on the console.
fn flooded(talk: &mut Talk, lines: &[&str]) -> (Vec<String>, Vec<Event>) {
    let (mut sent, mut events) = (Vec::new(), Vec::new());
    for _ in 0..50_000 {
        talk.now += Duration::from_micros(100);
        sent.extend(talk.hear(lines));
        talk.session.elapse(talk.now);
        events.extend(talk.events());
    }
    (sent, events)
}

fn told(events: &[Event]) -> usize {
    let is_told = |event: &&Event| matches!(event, Event::Remark(..));
    events.iter().filter(is_told).count()
}

#[test]
fn a_flood_of_pings_is_answered_now_and_then() {
    let mut talk = Talk::new(|_| {}).joined();
    let (sent, events) = flooded(&mut talk, &["PING :abc"]);
    assert_eq!(sent, ["PONG abc"; 4]);
    assert_eq!(events, []);
    // The pace is not spent on it.
    talk.now += Duration::from_secs(10);
    let slot = talk.session.slot(MAIN, 80, Urgency::Normal, talk.now);
    assert!(matches!(slot, Turn::Now(_)), "{slot:?}");
}

#[test]
fn a_flood_of_new_nicks_is_told_once_each_way() {
    let mut talk = Talk::new(|_| {}).joined();
    let back = ":other!~irclog@host.test NICK facilitator";
    let (sent, events) = flooded(&mut talk, &[&format!("{SELF} NICK other"), back]);
    assert_eq!(told(&events), 2, "{events:?}");
    assert_eq!(sent, [""; 0]);
    talk.now += Duration::from_secs(10);
    talk.session.elapse(talk.now);
    let rest = talk.remarks();
    assert!(rest.matches("49998 more").count() == 2, "{rest}");
}

#[test]
fn a_flood_of_kicks_is_told_once() {
    let mut talk = Talk::new(|_| {}).joined();
    let kick = ":op!u@h KICK #karmacadabra facilitator :out";
    let (sent, events) = flooded(&mut talk, &[kick, &format!("{SELF} JOIN #karmacadabra")]);
    assert!(told(&events) <= 2, "{:?}", &events[..10]);
    assert_eq!(sent, [""; 0]);
}

#[test]
fn capabilities_without_end_are_held_once() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    let offer = ":s CAP * LS :echo-message";
    let (sent, events) = flooded(&mut talk, &[offer]);
    assert_eq!((sent.len(), events.len()), (1, 0), "{sent:?}");
    let (sent, events) = flooded(
        &mut talk,
        &[":s CAP * ACK :echo-message", ":s CAP * NAK :x"],
    );
    assert_eq!((sent.len(), events.len()), (1, 0), "{sent:?}");
}

#[test]
fn numbers_beyond_reason_are_no_numbers() {
    let mut talk = Talk::new(|_| {});
    talk.sent();
    talk.hear(&[
        ":irc.test 001 facilitator :Welcome",
        ":irc.test 005 facilitator LINELEN=18446744073709551615 NICKLEN=18446744073709551615 :-",
        ":irc.test 005 facilitator CHANNELLEN=18446744073709551615 :-",
        ":irc.test 422 facilitator :-",
        &format!("{SELF} JOIN :#karmacadabra"),
    ]);
    assert!(talk.session.room(MAIN).line.get() <= 4096);
    let line = talk.say(1, &"x".repeat(10_000));
    assert_eq!(line.len(), 4096);
    let nick = "n".repeat(8_000);
    talk.hear(&[&format!("{SELF} NICK {nick}")]);
    assert!(talk.session.budget(MAIN).get() >= 64);
}
