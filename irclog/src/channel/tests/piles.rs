//! What happens when more comes than the channel takes.

use super::*;
use crate::line::Room;

#[test]
fn light_load_is_neither_packed_nor_folded() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        bench.log_at(Level::Info, 88, "Payment settled");
    }
    assert_eq!(bench.all(), ["[INFO] pay - Payment settled"; 5]);
}

#[test]
fn what_piles_up_shares_lines() {
    let mut bench = Bench::new();
    for n in 0..20 {
        bench.log(Level::Info, &format!("payment {n} settled"));
    }
    let lines = bench.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].starts_with("[INFO] pay - payment 0 settled · [INFO] pay - payment 1 settled · "),
        "{}",
        lines[0]
    );
    bench.acknowledge();
    assert_eq!(bench.total().shown, 20);
}

#[test]
fn a_server_may_want_shared_lines_shorter_than_others() {
    let mut bench = Bench::new();
    let room = Room {
        line: NonZeroUsize::new(400).unwrap(),
        shared: 120,
        left: None,
    };
    let long = "^".repeat(300);
    bench.log(Level::Info, &long);
    for n in 0..20 {
        bench.log(Level::Info, &format!("payment {n} settled"));
    }
    assert!(bench.channel.next_len(room, bench.now) > 300);
    let lines: Vec<String> = std::iter::from_fn(|| {
        let line = bench.channel.next_line(room, bench.now)?;
        assert!(line.text.len() <= bench.channel.next_len(room, bench.now).max(400));
        Some(line.text)
    })
    .collect();
    assert_eq!(lines[0], format!("[INFO] pay - {long}"), "alone, and whole");
    for line in &lines[1..] {
        assert!(line.len() <= 120, "{line}");
        assert!(line.contains(" · "), "{line}");
    }
}

#[test]
fn a_full_lane_of_infos_keeps_the_newest() {
    let mut bench = Bench::new();
    for n in 0..10_000 {
        bench.log(Level::Info, &format!("site {n}"));
    }
    assert_eq!(bench.total().dropped_for(Loss::Backlog), 10_000 - 256);
    assert_eq!(bench.total().queued, 256);
    let lines = bench.all().join(" · ");
    assert!(lines.contains("site 9999") && !lines.contains("site 9743 "));
}

#[test]
fn info_stays_visible_in_a_storm_of_warnings() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &format!("trickle {}", "^".repeat(300)));
    for n in 0..200 {
        bench.log(Level::Warn, &format!("{} {n}", "^".repeat(250)));
    }
    let first: Vec<String> = (0..6).filter_map(|_| bench.next()).collect();
    assert!(
        first.iter().any(|line| line.contains("trickle")),
        "{first:#?}"
    );
}

#[test]
fn after_an_outage_comes_a_digest() {
    let mut bench = Bench::new();
    bench.channel.disconnected(bench.now);
    for n in 0..100 {
        bench.log(Level::Info, &format!("info {n}"));
        bench.log_at(Level::Info, 88, "same site");
        bench.wait(0.5);
    }
    for n in 0..30 {
        bench.log(Level::Error, &format!("error {n}"));
    }
    bench.wait(100.0);
    let lines = bench.all();
    assert!(
        lines[0].starts_with("[ERROR] 14:03:00 pay - error 0 · "),
        "{}",
        lines[0]
    );
    let all = lines.join("\n");
    for n in 0..30 {
        assert!(all.contains(&format!("error {n}")), "{n}");
    }
    assert!(all.contains("same site ×"), "{all}");
    assert!(lines.len() < 20, "{} lines", lines.len());
    bench.wait(3.0);
    let told = bench.all();
    assert!(told[0].ends_with(" INFO)"), "{told:?}");
    bench.acknowledge();
    assert!(bench.total().dropped_for(Loss::Outage) > 50);
    assert_eq!(bench.total().queued, 0);
}

#[test]
fn what_is_too_old_is_only_counted() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "old");
    bench.log(Level::Error, "old too");
    bench.wait(601.0);
    bench.log(Level::Info, "new");
    assert_eq!(bench.all(), ["[INFO] pay - new"]);
    assert_eq!(bench.total().dropped_for(Loss::TooOld), 2);
    bench.wait(2.0);
    assert_eq!(
        bench.all(),
        ["… 2 lines not shown since 14:02:10 (1 ERROR, 1 INFO)"]
    );
}

#[test]
fn the_less_pressing_share_the_line_of_a_warning_but_not_of_an_error() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "info");
    bench.log(Level::Warn, "warning");
    bench.log(Level::Error, "error");
    bench.wait(1.9);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - error",
            "[WARN] pay - warning · [INFO] pay - info"
        ]
    );
    bench.acknowledge();
    let counts = bench.channel.counts();
    assert_eq!(
        (counts[Level::Warn].shown, counts[Level::Info].shown),
        (1, 1)
    );
}

#[test]
fn a_record_that_grows_in_the_making_is_not_lost() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"^".repeat(320));
    // Each new line takes one byte here and five in the channel.
    bench.log(Level::Info, &"a\n".repeat(11));
    bench.log(Level::Info, "last");
    bench.wait(1.9);
    let lines = bench.all();
    assert!(lines[0].starts_with("[INFO] pay - ^^^"), "{lines:#?}");
    assert!(lines[1].starts_with("[INFO] pay - a ⏎ a"), "{lines:#?}");
    assert_eq!(lines[2], "[INFO] pay - last");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 3);
}

#[test]
fn the_lines_of_a_record_stay_together() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"rpcs ".repeat(100));
    bench.next();
    bench.log(Level::Info, "later");
    bench.log(Level::Warn, "warning");
    bench.wait(1.9);
    let lines = bench.all();
    assert!(lines[0].starts_with("[INFO] ↪ rpcs"), "{lines:#?}");
    assert_eq!(lines[1], "[WARN] pay - warning · [INFO] pay - later");
}

#[test]
fn what_was_cut_off_is_not_hidden_in_a_shared_line() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "first");
    let mut record = Box::new(Record::empty());
    record.text = "^".repeat(300);
    record.omitted = 5_000;
    bench.channel.push(record, bench.now);
    bench.wait(1.9);
    let lines = bench.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].ends_with("^ … +5.2 KB"), "{}", lines[1]);
}

#[test]
fn where_errors_pile_up_the_first_of_each_kind_comes_first() {
    let mut bench = Bench::new();
    for n in 0..20 {
        bench.log_at(Level::Error, 7, &format!("eth_call of 0x{n:012x} failed"));
    }
    let first = bench.next().unwrap();
    assert!(first.starts_with("[ERROR] pay - eth_call of "), "{first}");
    for n in 20..40 {
        bench.log_at(Level::Error, 7, &format!("eth_call of 0x{n:012x} failed"));
    }
    bench.log_at(Level::Error, 9, "disk full");
    bench.log_at(Level::Error, 9, "disk gone");
    bench.wait(0.3);
    let line = bench.next().unwrap();
    assert!(
        line.starts_with("[ERROR] pay - disk full · [ERROR] pay - disk gone · "),
        "{line}"
    );
}

#[test]
fn after_eight_errors_another_goes_with_their_urgency() {
    use crate::line::Urgency;
    let mut bench = Bench::new();
    bench.log(Level::Info, "info");
    let mut lines = Vec::new();
    for n in 0..20 {
        bench.log(Level::Error, &format!("error {n}"));
        assert_eq!(bench.channel.urgency(bench.now), Some(Urgency::Error));
        lines.push(bench.next().unwrap());
    }
    let others = lines.iter().filter(|line| !line.starts_with("[ERROR]"));
    assert_eq!(others.collect::<Vec<_>>(), ["[INFO] pay - info"]);
}

#[test]
fn errors_go_on_while_what_has_the_turn_cannot_be_written() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "info");
    for n in 0..16 {
        bench.log(Level::Error, &format!("error {n}"));
        assert!(bench.next().unwrap().starts_with("[ERROR]"));
    }
    // With no error there is nobody whom it keeps waiting.
    assert!(!bench.channel.lets_errors_go_on(bench.now));
    for n in 16..20 {
        bench.log(Level::Error, &format!("error {n}"));
        assert!(bench.channel.lets_errors_go_on(bench.now));
        // Nor is it asked for again before a line was written.
        assert!(!bench.channel.lets_errors_go_on(bench.now));
        assert_eq!(bench.next().unwrap(), format!("[ERROR] pay - error {n}"));
    }
    bench.log(Level::Error, "the last");
    assert_eq!(bench.all(), ["[INFO] pay - info", "[ERROR] pay - the last"]);
}
