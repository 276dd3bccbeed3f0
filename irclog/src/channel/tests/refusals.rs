//! What a channel refuses, and what comes of it.

use super::*;

#[test]
fn a_channel_without_colours_is_found_out_once() {
    for (refusal, for_good) in [(Refusal::ControlCodes, true), (Refusal::CannotSend, false)] {
        let mut bench = Bench::with(Options::default());
        bench.log(Level::Warn, "first");
        bench.log(Level::Warn, "second");
        assert!(bench.all().iter().all(|line| line.starts_with('\x02')));
        bench.refuse(refusal);
        bench.refuse(refusal);
        assert_eq!(bench.all(), ["[WARN] pay - first", "[WARN] pay - second"]);
        bench.acknowledge();
        bench.log(Level::Warn, "third");
        assert_eq!(bench.all(), ["[WARN] pay - third"], "{refusal:?}");
        bench.acknowledge();
        bench.wait(600.0);
        bench.log(Level::Warn, "fourth");
        let plain = bench.next().unwrap() == "[WARN] pay - fourth";
        assert_eq!(
            plain, for_good,
            "{refusal:?}: it may have been a moment's +m"
        );
        bench.acknowledge();
        bench.channel.disconnected(bench.now);
        bench.log(Level::Warn, "fifth");
        let plain = bench.next().unwrap() == "[WARN] pay - fifth";
        assert_eq!(plain, for_good, "{refusal:?}");
        bench.acknowledge();
        assert_eq!(bench.total().shown, 5);
    }
}

#[test]
fn a_moderated_channel_costs_neither_the_colours_nor_the_records() {
    let mut bench = Bench::with(Options::default());
    bench.log(Level::Warn, "first");
    bench.all();
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.all(), ["[WARN] pay - first"]);
    for _ in 0..20 {
        bench.refuse(Refusal::CannotSend);
        bench.wait(15.0);
        assert!(
            bench.next().unwrap().starts_with('\x02'),
            "known not to help"
        );
    }
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
    bench.log(Level::Warn, "second");
    bench.next();
    for _ in 0..40 {
        bench.refuse(Refusal::CannotSend);
        bench.next().unwrap();
    }
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.next(), None);
    assert_eq!(
        bench.total().dropped_for(Loss::Refused),
        1,
        "at some time it ends"
    );
}

#[test]
fn what_a_channel_refuses_is_tried_no_longer_than_a_record_may_wait() {
    let mut bench = Bench::with(Options {
        max_age: Duration::from_secs(60),
        formatting: false,
        ..Options::default()
    });
    bench.log(Level::Error, &"rpcs ".repeat(200));
    bench.next().unwrap();
    bench.wait(30.0);
    bench.log(Level::Error, "younger");
    bench.wait(30.0);
    bench.refuse(Refusal::CannotSend);
    let again = bench.next().unwrap();
    assert!(again.contains("rpcs"), "just young enough: {again}");
    bench.refuse(Refusal::CannotSend);
    bench.wait(15.0);
    assert_eq!(bench.all(), ["[ERROR] 14:02:40 pay - younger"]);
    assert_eq!(bench.total().dropped_for(Loss::TooOld), 1);
    bench.refuse(Refusal::CannotSend);
    bench.wait(15.1);
    assert_eq!(
        bench.all(),
        ["… 2 lines not shown since 14:02:10 (2 ERROR)"]
    );
    assert_eq!(bench.total().dropped_for(Loss::TooOld), 2);
}

/// Of a shared line the youngest record counts, as of a fold.
#[test]
fn a_shared_line_is_tried_for_as_long_as_its_youngest_record() {
    let mut bench = Bench::with(Options {
        max_age: Duration::from_secs(60),
        formatting: false,
        ..Options::default()
    });
    bench.log(Level::Info, "old");
    bench.wait(40.0);
    bench.log(Level::Info, "young");
    let shared = bench.next().unwrap();
    assert!(shared.contains(" · "), "{shared}");
    for (seconds, tried) in [(15.0, true), (30.0, true), (20.0, false)] {
        bench.refuse(Refusal::CannotSend);
        bench.wait(seconds);
        let again = bench.next().is_some_and(|line| line.contains("old"));
        assert_eq!(again, tried, "after {seconds} s");
    }
    assert_eq!(bench.total().dropped_for(Loss::TooOld), 2);
}

/// Only a refusal keeps a line away from its reader for so long: what was
/// begun is shown to its end however slow the server is, and what may have
/// been seen is sent again however long it was away.
#[test]
fn what_was_begun_or_may_have_been_seen_does_not_grow_too_old() {
    let mut bench = Bench::with(Options {
        max_age: Duration::from_secs(1),
        formatting: false,
        ..Options::default()
    });
    bench.log(Level::Error, &"rpcs ".repeat(200));
    bench.next().unwrap();
    bench.acknowledge();
    bench.wait(5.0);
    assert!(bench.next().unwrap().starts_with("[ERROR] ↪ "));
    bench.channel.disconnected(bench.now);
    bench.wait(5.0);
    let rest = bench.all();
    assert!(rest[0].starts_with("↻ [ERROR] ↪ "), "{rest:#?}");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
}

/// One refusal for several lines: those that were shown come again, and say
/// so.
#[test]
fn what_may_have_been_shown_is_marked_when_it_comes_again() {
    for refusal in [Refusal::CannotSend, Refusal::ControlCodes, Refusal::TooLong] {
        let mut bench = Bench::new();
        bench.log(Level::Warn, "shown");
        bench.log(Level::Warn, "refused");
        bench.all();
        for line in std::mem::take(&mut bench.sent) {
            bench.channel.doubted(line.id, refusal, bench.now);
        }
        let again = ["↻ [WARN] pay - shown", "↻ [WARN] pay - refused"];
        assert_eq!(bench.all(), again, "{refusal:?}");
        bench.acknowledge();
        assert_eq!(bench.total().shown, 2);
    }
}

#[test]
fn a_trial_without_colours_is_made_again() {
    let mut bench = Bench::with(Options::default());
    bench.log(Level::Warn, "third");
    bench.next().unwrap();
    bench.acknowledge();
    bench.log(Level::Warn, "fourth");
    bench.next().unwrap();
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.next().unwrap(), "[WARN] pay - fourth", "a new trial");
}

#[test]
fn a_line_too_long_comes_again_shorter() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"^".repeat(380));
    assert_eq!(bench.next().unwrap().len(), 393);
    bench.refuse(Refusal::TooLong);
    let lines = bench.all();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.len() <= 295), "{lines:#?}");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
    bench.log(Level::Info, &"^".repeat(380));
    assert!(bench.next().unwrap().len() <= 295, "learnt");
}

#[test]
fn a_packed_line_too_long_is_unpacked() {
    let mut bench = Bench::new();
    for n in 0..3 {
        bench.log(Level::Info, &format!("payment {n} {}", "^".repeat(90)));
    }
    bench.wait(1.9);
    let packed = bench.next().unwrap();
    assert_eq!(packed.matches(" · ").count(), 2, "{packed}");
    bench.refuse(Refusal::TooLong);
    let lines = bench.all();
    assert_eq!(lines.concat().matches("payment").count(), 3, "{lines:#?}");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 3);
}

#[test]
fn what_is_throttled_comes_again_and_is_given_up_in_the_end() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "throttled");
    // The server says it once for many lines: this one may have been seen.
    for mark in ["", "↻ ", "↻ ", "↻ ", "↻ "] {
        let line = format!("{mark}[INFO] pay - throttled");
        assert_eq!(bench.next().unwrap(), line);
        bench.refuse(Refusal::Throttled);
    }
    assert_eq!(bench.next(), None);
    assert_eq!(bench.total().dropped_for(Loss::Refused), 1);
}

#[test]
fn what_is_refused_for_its_encoding_comes_again_in_ascii() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "größer");
    bench.next();
    bench.refuse(Refusal::InvalidUtf8);
    assert_eq!(bench.next().unwrap(), "[INFO] pay - gr??er");
    bench.refuse(Refusal::InvalidUtf8);
    assert_eq!(bench.next(), None);
    assert_eq!(bench.total().dropped_for(Loss::Refused), 1);
}
