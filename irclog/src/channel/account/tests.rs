use std::time::UNIX_EPOCH;

use super::*;

fn account(now: Instant) -> Account {
    let mut account = Account::default();
    account.anchor(now, UNIX_EPOCH + Duration::from_secs(1_763_820_130));
    account
}

fn start() -> Instant {
    crate::channel::tests::start()
}

#[test]
fn says_how_many_of_which_level_since_when() {
    let now = start();
    let mut account = account(now);
    account.lose(Level::Warn, 34, now, now);
    account.lose(Level::Info, 1_200, now + GATHER, now + GATHER);
    assert_eq!(
        account.take(now).unwrap().line(),
        "… 1,234 lines not shown since 14:02:10 (1,200 INFO, 34 WARN)"
    );
    account.lose(
        Level::Info,
        1,
        now + Duration::from_secs(50),
        now + Duration::from_secs(50),
    );
    assert_eq!(
        account.take(now).unwrap().line(),
        "… 1 line not shown since 14:03:00 (1 INFO)"
    );
    assert_eq!(account.take(now), None);
}

#[test]
fn is_due_once_gathered_and_at_most_each_interval() {
    let now = start();
    let mut account = account(now);
    assert_eq!(account.due(), None);
    account.lose(Level::Info, 0, now, now);
    assert_eq!(account.due(), None, "nothing was lost");
    account.lose(Level::Info, 1, now, now);
    assert_eq!(account.due(), Some(now + GATHER));
    account.take(now + GATHER);
    account.lose(Level::Info, 1, now + GATHER, now + GATHER);
    assert_eq!(account.due(), Some(now + GATHER + TELL_INTERVAL));
}

#[test]
fn what_could_not_be_told_is_told_later() {
    let now = start();
    let mut account = account(now);
    account.lose(Level::Info, 5, now, now);
    let tally = account.take(now).unwrap();
    account.lose(
        Level::Warn,
        2,
        now + Duration::from_secs(9),
        now + Duration::from_secs(9),
    );
    account.give_back(&tally);
    assert_eq!(account.due(), Some(now + TELL_INTERVAL));
    assert_eq!(
        account.take(now).unwrap().line(),
        "… 7 lines not shown since 14:02:10 (5 INFO, 2 WARN)"
    );
}

#[test]
fn the_end_of_a_silence_is_told_at_once() {
    let now = start();
    let mut account = account(now);
    account.lose(Level::Info, 1, now, now);
    account.take(now);
    account.silent_for(Duration::from_secs(200), now);
    assert_eq!(account.due(), Some(now));
    assert_eq!(account.take(now).unwrap().line(), "… muted for 3 min 20 s");
    account.lose(Level::Info, 2, now, now);
    account.silent_for(Duration::from_secs(10), now);
    assert_eq!(
        account.take(now).unwrap().line(),
        "… muted for 10 s: 2 lines not shown (2 INFO)"
    );
}

#[test]
fn after_the_end_of_a_silence_the_interval_holds_again() {
    let now = start();
    let mut account = account(now);
    account.silent_for(Duration::from_secs(10), now);
    account.take(now);
    account.lose(Level::Info, 1, now, now);
    assert_eq!(account.due(), Some(now + TELL_INTERVAL));
}
