use super::*;
use crate::loss::Loss;

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> Instant {
    crate::channel::tests::start()
}

#[test]
fn a_pulse_says_what_was_counted_while_nothing_was_shown() {
    let now = now();
    let mut presence = Presence::new(Some(HOUR));
    assert_eq!(presence.due(), None, "nobody is there yet");
    let mut counts = Counts::default();
    counts[Level::Info].hide(7);
    presence.begin(&counts, now);
    assert_eq!(presence.due(), Some(now + HOUR));
    let pulse = presence.pulse(&counts, now + HOUR);
    assert_eq!(pulse.as_deref(), Some("1 h: no records, nothing lost"));
    counts[Level::Info].hide(1_201);
    counts[Level::Warn].hide(3);
    let pulse = presence.pulse(&counts, now + 2 * HOUR);
    let wanted = "1 h: 1,204 records, 3 WARN, nothing lost";
    assert_eq!(pulse.as_deref(), Some(wanted));
    counts[Level::Error].pushed += 1;
    counts[Level::Error].drop_for(Loss::TooOld, 1);
    let pulse = presence.pulse(&counts, now + 5 * HOUR);
    assert_eq!(pulse.as_deref(), Some("3 h: 1 record, 1 ERROR, 1 lost"));
}

#[test]
fn whatever_is_shown_puts_the_pulse_off() {
    let now = now();
    let mut presence = Presence::new(Some(HOUR));
    presence.begin(&Counts::default(), now);
    presence.shown(&Counts::default(), now + HOUR / 2);
    assert_eq!(presence.due(), Some(now + HOUR + HOUR / 2));
    let mut never = Presence::new(None);
    never.begin(&Counts::default(), now);
    never.shown(&Counts::default(), now);
    assert_eq!(never.due(), None);
}

#[test]
fn a_start_is_told_once_and_says_when_it_is_late() {
    let now = now();
    let mut presence = Presence::new(None);
    presence.started("pay 1.4.2 started".into(), now);
    let (text, start) = presence.start(now + LATE / 2).unwrap();
    assert_eq!(text, "pay 1.4.2 started");
    assert!(!presence.is_new());
    presence.give_back(start);
    let (text, start) = presence.start(now + 2 * LATE).unwrap();
    assert_eq!(text, "pay 1.4.2 started, 2 min ago");
    presence.give_back(start);
    let (_, start) = presence.start(now).unwrap();
    presence.give_back(start);
    assert!(!presence.is_new(), "the channel does not want it");
}
