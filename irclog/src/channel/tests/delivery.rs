//! What happens to a line that left, and at the end.

use super::*;

#[test]
fn the_unproven_is_marked_and_given_up_in_the_end() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "maybe");
    assert_eq!(bench.next().unwrap(), "[INFO] pay - maybe");
    for _ in 0..4 {
        bench.refuse(Refusal::Unproven);
        assert_eq!(bench.next().unwrap(), "↻ [INFO] pay - maybe");
    }
    bench.refuse(Refusal::Unproven);
    assert_eq!(bench.total().dropped_for(Loss::Unproven), 1);
}

#[test]
fn after_a_disconnect_the_unacknowledged_come_first_in_their_order() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "one");
    bench.log(Level::Info, "two");
    bench.log(Level::Error, "three");
    bench.all();
    bench.channel.shown(LineId(0), bench.now);
    bench.log(Level::Info, "four");
    bench.channel.disconnected(bench.now);
    assert_eq!(bench.total().in_flight, 0);
    assert_eq!(
        bench.all(),
        [
            "↻ [INFO] pay - one",
            "↻ [INFO] pay - two",
            "[INFO] pay - four"
        ]
    );
    assert_eq!(bench.channel.oldest(), Some(Seq(0)));
    bench.acknowledge();
    assert_eq!(bench.total().shown, 4);
}

#[test]
fn an_acknowledgement_that_comes_twice_or_for_nothing_is_no_news() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "one");
    bench.next();
    let id = bench.last();
    bench.acknowledge();
    bench.channel.shown(id, bench.now);
    bench.channel.shown(LineId(99), bench.now);
    bench.channel.refused(id, Refusal::Throttled, bench.now);
    bench.check();
    assert_eq!(bench.total().shown, 1);
}

#[test]
fn mute_says_nothing_and_unmute_says_how_long() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"rpcs ".repeat(100));
    bench.next();
    bench.log(Level::Error, "queued");
    bench.channel.mute(bench.now);
    bench.check();
    bench.log(Level::Error, "while muted");
    bench.wait(100.0);
    assert_eq!(bench.channel.urgency(bench.now), None);
    assert_eq!(bench.channel.wake_at(), None);
    assert_eq!(bench.next(), None);
    bench.channel.mute(bench.now);
    bench.wait(100.0);
    bench.channel.unmute(bench.now);
    assert_eq!(
        bench.all(),
        ["… muted for 3 min 20 s: 2 lines not shown (2 ERROR)"]
    );
    bench.acknowledge();
    assert_eq!(
        bench.total().dropped_for(Loss::Muted),
        3,
        "the long one was cut short"
    );
    bench.log(Level::Info, "again");
    bench.channel.mute(bench.now);
    assert_eq!(bench.farewell(), None, "stays silent to the end");
}

#[test]
fn a_record_cut_short_by_mute_is_in_the_account() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"rpcs ".repeat(200));
    bench.next();
    bench.channel.mute(bench.now);
    bench.acknowledge();
    bench.channel.unmute(bench.now);
    assert_eq!(bench.all(), ["… muted for 1 ms: 1 line not shown (1 INFO)"]);
}

#[test]
fn exit_shows_errors_then_the_newest_in_their_order_then_the_account() {
    let mut bench = Bench::new();
    for n in 0..10 {
        bench.log(Level::Info, &format!("info {n} {}", "^".repeat(300)));
    }
    bench.log(Level::Error, "first error");
    bench.log(Level::Error, "last error");
    bench.channel.close(bench.now);
    let mut left = 800;
    let lines: Vec<String> = (0..3)
        .filter_map(|_| {
            let line = NonZeroUsize::new(400).unwrap();
            let room = crate::line::Room {
                left: Some(left),
                ..line.into()
            };
            let line = bench.channel.next_line(room, bench.now)?;
            bench.check();
            left -= line.text.len();
            Some(line.text)
        })
        .collect();
    assert_eq!(
        lines[0],
        "[ERROR] pay - first error · [ERROR] pay - last error"
    );
    assert!(lines[1].contains("info 8"), "{lines:#?}");
    assert!(lines[2].contains("info 9"), "{lines:#?}");
    assert_eq!(
        bench.farewell().unwrap(),
        "… 8 lines not shown since 14:02:10 (8 INFO)"
    );
    assert_eq!(bench.total().dropped_for(Loss::Exit), 8);
    bench.log(Level::Error, "too late");
    assert_eq!(bench.total().dropped_for(Loss::Exit), 9);
    assert_eq!(bench.next(), None);
    assert_eq!(bench.farewell(), None);
}

#[test]
fn exit_with_little_left_keeps_the_order_and_ends_by_itself() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "one");
    bench.log(Level::Info, "two");
    bench
        .channel
        .dropped(Level::Info, Loss::LaneFull, 7, bench.now);
    bench.channel.close(bench.now);
    assert_eq!(
        bench.all(),
        [
            "[INFO] pay - one",
            "[INFO] pay - two",
            "… 7 lines not shown since 14:02:10 (7 INFO)"
        ]
    );
    assert!(!bench.channel.is_settled(), "not yet acknowledged");
    bench.acknowledge();
    assert!(bench.channel.is_settled());
    assert_eq!(bench.farewell(), None);
}

#[test]
fn exit_does_not_wait_for_a_fold() {
    let mut bench = Bench::new();
    for _ in 0..1_000 {
        bench.log_at(Level::Info, 88, "storm");
    }
    bench.all();
    bench.log_at(Level::Info, 88, "storm");
    assert_eq!(bench.next(), None);
    bench.channel.close(bench.now);
    assert_eq!(bench.all(), ["[INFO] pay - storm"]);
    bench.log_at(Level::Info, 88, "storm");
    assert_eq!(bench.all(), ["[INFO] pay - storm"]);
}

#[test]
fn a_flush_does_not_wait_for_a_fold() {
    let mut bench = Bench::new();
    for _ in 0..1_000 {
        bench.log_at(Level::Info, 88, "storm");
    }
    bench.all();
    bench.acknowledge();
    assert_eq!(bench.channel.oldest(), None);
    bench.log_at(Level::Info, 88, "storm");
    assert_eq!(bench.channel.oldest(), Some(Seq(1_000)));
    assert_eq!(bench.next(), None);
    bench.channel.hurry(bench.now);
    assert_eq!(bench.all(), ["[INFO] pay - storm"]);
    bench.acknowledge();
    assert_eq!(bench.channel.oldest(), None);
}

#[test]
fn an_account_that_was_not_seen_is_told_again() {
    let mut bench = Bench::new();
    bench
        .channel
        .dropped(Level::Info, Loss::LaneFull, 5, bench.now);
    bench.wait(2.0);
    assert_eq!(bench.all(), ["… 5 lines not shown (5 INFO)"]);
    bench.channel.disconnected(bench.now);
    bench.sent.clear();
    bench
        .channel
        .dropped(Level::Info, Loss::LaneFull, 1, bench.now);
    bench.wait(30.0);
    assert_eq!(bench.all(), ["… 6 lines not shown (6 INFO)"]);
}

#[test]
fn the_rest_of_a_record_that_failed_is_not_sent() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"rpcs ".repeat(200));
    bench.next();
    bench.next();
    let second = bench.sent.pop().unwrap();
    bench.refuse(Refusal::ControlCodes);
    assert_eq!(bench.next(), None, "what waited");
    assert_eq!(bench.total().in_flight, 1);
    bench
        .channel
        .refused(second.id, Refusal::Throttled, bench.now);
    assert_eq!(bench.next(), None, "what flew");
    assert_eq!(bench.total().dropped_for(Loss::Refused), 1);
    assert_eq!(bench.channel.oldest(), None);
}

#[test]
fn a_new_connection_starts_without_what_the_old_one_taught() {
    let mut bench = Bench::with(Options::default());
    bench.log(Level::Info, &"^".repeat(300));
    bench.next();
    bench.refuse(Refusal::TooLong);
    bench.all();
    bench.acknowledge();
    bench.log(Level::Info, "moderated");
    bench.next();
    bench.refuse(Refusal::CannotSend);
    bench.channel.disconnected(bench.now);
    let lines = bench.all();
    assert_eq!(
        lines,
        ["\x02\x0303[INFO]\x0f pay - moderated"],
        "in colour again"
    );
    bench.log(Level::Info, &"^".repeat(300));
    assert_eq!(bench.all().len(), 1, "as long as before");
}

#[test]
fn a_shared_line_comes_again_whole_or_in_order() {
    let mut bench = Bench::new();
    bench.log(Level::Warn, &"^".repeat(200));
    bench.log(Level::Info, "info");
    bench.wait(1.9);
    let packed = bench.next().unwrap();
    bench.channel.disconnected(bench.now);
    assert_eq!(bench.next().unwrap(), format!("↻ {packed}"));
    bench.channel.disconnected(bench.now);
    let lines: Vec<String> = std::iter::from_fn(|| bench.next_of(150)).collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].starts_with("↻ [WARN] pay - ^^^"), "{lines:#?}");
    assert!(lines[1].starts_with("↻ [WARN] ↪ ^^^"), "{lines:#?}");
    assert_eq!(lines[2], "↻ [INFO] pay - info");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 2);
}

#[test]
fn the_last_lines_are_in_order_of_time_whatever_the_level() {
    let mut bench = Bench::new();
    for n in 0..40 {
        let level = if n % 3 == 0 { Level::Warn } else { Level::Info };
        bench.log(level, &format!("payment {n}."));
        bench.wait(0.01);
    }
    bench.channel.close(bench.now);
    let said = bench.all().concat();
    let places = (0..40).map(|n| said.find(&format!("payment {n}.")));
    let places: Option<Vec<usize>> = places.collect();
    assert!(places.expect("all are shown").is_sorted(), "{said}");
}

#[test]
fn exit_does_not_wait_for_the_shed() {
    let mut bench = Bench::new();
    bench.channel.close(bench.now);
    bench.channel.shed(Level::Info, site(88), 5, bench.now);
    assert_eq!(
        bench.all(),
        ["[INFO] pay +5 more from settle.rs:88 in 1 ms"]
    );
}

#[test]
fn at_the_end_the_account_is_told_at_once_and_then_by_its_interval() {
    let mut bench = Bench::new();
    bench.channel.close(bench.now);
    let mut lines = Vec::new();
    for _ in 0..10 {
        bench
            .channel
            .dropped(Level::Info, Loss::LaneFull, 1, bench.now);
        lines.extend(bench.all());
        bench.wait(0.5);
    }
    assert_eq!(lines, ["… 1 line not shown (1 INFO)"]);
    assert_eq!(bench.farewell().unwrap(), "… 9 lines not shown (9 INFO)");
}

#[test]
fn what_was_lost_is_told_since_it_was_logged() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "old news");
    bench.wait(3600.0);
    bench.log(Level::Info, "news");
    assert_eq!(bench.all(), ["[INFO] pay - news"]);
    bench.acknowledge();
    bench.wait(2.0);
    assert_eq!(bench.all(), ["… 1 line not shown since 14:02:10 (1 INFO)"]);
}

#[test]
fn whatever_it_waits_for_the_oldest_says_how_long() {
    let mut bench = Bench::new();
    assert_eq!(bench.channel.longest_wait(bench.now), None);
    bench.log(Level::Error, "on the wire");
    bench.all();
    assert_eq!(bench.channel.longest_wait(bench.now), None);
    bench.channel.disconnected(bench.now);
    bench.wait(300.0);
    let waited = bench.channel.longest_wait(bench.now);
    assert_eq!(waited, Some(Duration::from_secs(300)));

    let mut bench = Bench::new();
    for _ in 0..1_000 {
        bench.log_at(Level::Info, 88, "a storm");
    }
    bench.all();
    bench.acknowledge();
    bench.log_at(Level::Info, 88, "a storm");
    bench.wait(9.0);
    let waited = bench.channel.longest_wait(bench.now);
    assert_eq!(waited, Some(Duration::from_secs(9)));
}
