use std::thread;

use super::*;
use crate::config::Directives;

fn trails(most: usize) -> Trails {
    Trails::new(Directives::parse("debug").unwrap().filter(), most)
}

/// So many milliseconds after the beginning.
fn at(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000) + Duration::from_millis(ms)
}

fn keep(trails: &Trails, key: u64, ms: u64, text: &str) {
    let write = |writer: &mut dyn fmt::Write| writer.write_str(text);
    trails.keep(Level::Debug, at(ms), write, |_| Some(certain(key)));
}

fn certain(key: u64) -> Request {
    Request {
        key,
        is_certain: true,
    }
}

fn uncertain(key: u64) -> Request {
    Request {
        is_certain: false,
        ..certain(key)
    }
}

fn texts(trail: impl Into<Option<Arc<Trail>>>) -> Vec<String> {
    let trail = trail.into();
    let steps = trail.iter().flat_map(|trail| &trail.steps);
    steps.map(|step| step.text.clone()).collect()
}

#[test]
fn the_last_records_of_a_request_are_told_in_their_order() {
    for kept in [0, 1, 2, 3, 4, 7, 9] {
        let trails = trails(3);
        for n in 0..kept {
            keep(&trails, 7, n, &n.to_string());
        }
        let expected: Vec<String> = (kept.saturating_sub(3)..kept)
            .map(|n| n.to_string())
            .collect();
        let trail = trails.take(certain(7), at(kept));
        assert_eq!(trail.as_ref().is_some_and(|trail| trail.is_cut), kept > 3);
        assert_eq!(texts(trail), expected, "of {kept}");
    }
}

#[test]
fn each_request_has_its_own() {
    let trails = trails(4);
    for n in 0..4 {
        for key in 1..=200 {
            keep(&trails, key, n, &format!("{key}-{n}"));
        }
    }
    let mut known = 0;
    for key in 1..=200 {
        let told = texts(trails.take(certain(key), at(9)));
        assert!(told.iter().all(|text| text.starts_with(&format!("{key}-"))));
        known += usize::from(told.len() == 4);
    }
    assert!(
        known > 150,
        "only {known} of 200 requests at once are known"
    );
}

#[test]
fn what_was_told_is_not_told_again() {
    let trails = trails(4);
    keep(&trails, 7, 0, "first");
    assert_eq!(texts(trails.take(certain(7), at(1))), ["first"]);
    assert!(trails.take(certain(7), at(2)).is_none());
    keep(&trails, 7, 3, "second");
    assert_eq!(texts(trails.take(certain(7), at(4))), ["second"]);
}

#[cfg(feature = "tracing")]
#[test]
fn a_place_tells_nothing_of_the_request_that_had_it_before() {
    let trails = trails(4);
    for n in 0..4 {
        keep(&trails, 7, n, "old");
    }
    trails.end(7);
    assert!(trails.take(certain(7), at(5)).is_none());
    keep(&trails, 7, 6, "new");
    assert_eq!(texts(trails.take(certain(7), at(7))), ["new"]);
}

#[test]
fn of_too_many_open_requests_those_that_logged_last_are_known() {
    let trails = trails(2);
    for key in 1..=100_000 {
        keep(&trails, key, 0, "open");
    }
    let known = |keys: std::ops::RangeInclusive<u64>| {
        let told = keys.filter(|&key| trails.take(certain(key), at(1)).is_some());
        told.count()
    };
    assert_eq!(known(100_000..=100_000), 1);
    assert_eq!(known(1..=99_000), 0);
    let places = (1 << SHARD_BITS) * PLACES;
    let slots: usize = (trails.shards.iter())
        .flat_map(|shard| {
            shard
                .lock()
                .unwrap()
                .places
                .iter()
                .map(|p| p.steps.len())
                .collect::<Vec<_>>()
        })
        .sum();
    assert!(slots <= 2 * places, "{slots} slots");
}

#[cfg(feature = "tracing")]
#[test]
fn the_place_of_a_request_that_has_ended_is_taken_before_that_of_an_open_one() {
    let shard_of = |key| {
        let trails = trails(1);
        keep(&trails, key, 0, "x");
        let has = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap();
            shard.places.iter().any(|place| place.key == key)
        };
        trails.shards.iter().position(has)
    };
    let beside = (1..).filter(|&key| shard_of(key) == shard_of(1));
    let keys: Vec<u64> = beside.take(PLACES + 1).collect();
    let (&next, open) = keys.split_last().unwrap();
    let (&ended, open) = open.split_last().unwrap();
    let trails = trails(1);
    for &key in open.iter().chain([&ended]) {
        keep(&trails, key, 0, "open");
    }
    trails.end(ended);
    keep(&trails, next, 1, "next");
    for &key in open.iter().chain([&next]) {
        assert!(trails.take(certain(key), at(2)).is_some(), "{key}");
    }
}

#[test]
fn no_request_has_more_than_a_line_could_show() {
    let trails = trails(usize::MAX);
    for n in 0..2 * MOST as u64 {
        keep(&trails, 7, n, &n.to_string());
    }
    let trail = trails.take(certain(7), at(99)).unwrap();
    assert!(trail.is_cut);
    assert_eq!(texts(trail).len(), MOST);
}

#[test]
fn what_is_old_led_to_nothing() {
    let trails = trails(4);
    keep(&trails, 7, 0, "old");
    keep(&trails, 7, 30_000, "near");
    let trail = trails.take(certain(7), at(61_000));
    assert!(trail.as_ref().is_some_and(|trail| trail.is_cut));
    assert_eq!(texts(trail), ["near"]);
}

#[test]
fn what_is_open_for_long_is_no_request_unless_it_says_so() {
    let trails = trails(4);
    let long = 61_000;
    for key in [7, 8] {
        keep(&trails, key, 0, "old");
        keep(&trails, key, long, "near");
    }
    assert!(trails.take(uncertain(7), at(long)).is_none());
    assert_eq!(texts(trails.take(certain(8), at(long))), ["near"]);
    // Also after an ERROR has taken what was there.
    keep(&trails, 7, long, "nearer");
    assert!(trails.take(uncertain(7), at(long + 1)).is_none());
}

#[test]
fn a_clock_that_is_set_back_takes_nothing_away() {
    let trails = trails(4);
    keep(&trails, 7, 90_000, "before the clock was set");
    keep(&trails, 7, 0, "after");
    assert_eq!(texts(trails.take(uncertain(7), at(1))).len(), 2);
}

#[test]
fn a_text_that_is_too_long_is_cut_and_keeps_its_public_part() {
    let trails = trails(4);
    let mut record = Record::empty();
    record.text = format!("span: {}", "é".repeat(TEXT_LIMIT));
    record.time = at(0);
    record.public = vec![0..1, 2..8, 10..12, 1_020..5_000];
    record.omitted = 3;
    let whole = record.text.len();
    trails.copy(certain(7), &record, 6);
    keep(&trails, 7, 1, &"x".repeat(TEXT_LIMIT + 5));
    let trail = trails.take(certain(7), at(2)).unwrap();
    let copy = &trail.steps[0];
    assert_eq!(copy.text, "é".repeat(TEXT_LIMIT / 2));
    assert_eq!(copy.omitted, whole - 6 - TEXT_LIMIT + 3);
    assert_eq!(copy.public, [0..2, 4..6, 1_014..TEXT_LIMIT]);
    assert_eq!(
        (trail.steps[1].text.len(), trail.steps[1].omitted),
        (TEXT_LIMIT, 5)
    );
}

#[test]
fn a_record_without_a_request_is_not_kept() {
    let trails = trails(4);
    let write = |writer: &mut dyn fmt::Write| writer.write_str("nobody's");
    trails.keep(Level::Debug, at(0), write, |_| None);
    assert!((0..200).all(|key| trails.take(certain(key), at(1)).is_none()));
}

/// Logs while it is formatted.
struct Chatty<'a>(&'a Trails);

impl fmt::Display for Chatty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        keep(self.0, 7, 0, "inner");
        f.write_str("outer")
    }
}

#[test]
fn a_display_may_log_or_panic() {
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("a bug of the service")
        }
    }
    let trails = trails(4);
    let chatty = |writer: &mut dyn fmt::Write| write!(writer, "{}", Chatty(&trails));
    trails.keep(Level::Debug, at(1), chatty, |_| Some(certain(7)));
    let broken = |writer: &mut dyn fmt::Write| write!(writer, "a {Broken}");
    trails.keep(Level::Debug, at(2), broken, |_| Some(certain(7)));
    let told = texts(trails.take(certain(7), at(3)));
    assert_eq!(told, ["inner", "outer", "a  [formatting panicked]"]);
}

#[test]
fn one_request_may_log_on_many_threads() {
    let trails = trails(MOST);
    thread::scope(|scope| {
        for thread in 0..4 {
            let trails = &trails;
            scope.spawn(move || {
                for n in 0..1_000 {
                    keep(trails, 7, n, &format!("{thread}-{n}"));
                }
            });
        }
    });
    keep(&trails, 7, 1_000, "last");
    let told = texts(trails.take(certain(7), at(1_001)));
    assert_eq!(told.len(), MOST);
    assert_eq!(told.last().map(String::as_str), Some("last"));
}

#[test]
fn a_shard_that_is_held_is_not_waited_for() {
    let trails = trails(4);
    let held: Vec<_> = trails
        .shards
        .iter()
        .map(|shard| shard.lock().unwrap())
        .collect();
    keep(&trails, 7, 0, "in vain");
    assert!(trails.take(certain(7), at(1)).is_none());
    drop(held);
    keep(&trails, 7, 2, "kept");
    assert_eq!(texts(trails.take(certain(7), at(3))), ["kept"]);
}
