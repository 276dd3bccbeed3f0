//! What a record looks like.

use regex::Regex;

use super::*;
use crate::hide::{Hide, Request};
use crate::line::Urgency;

#[test]
fn one_record_is_one_line() {
    let mut bench = Bench::with(Options::default());
    bench.log(Level::Info, "Payment settled");
    assert_eq!(bench.channel.urgency(bench.now), Some(Urgency::Normal));
    assert_eq!(bench.all(), ["\x02\x0303[INFO]\x0f pay - Payment settled"]);
    assert_eq!(bench.channel.urgency(bench.now), None);
    assert_eq!(bench.total().in_flight, 1);
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
    assert!(bench.channel.is_settled());
}

#[test]
fn errors_overtake_and_say_so() {
    let mut bench = Bench::new();
    bench.log(Level::Debug, "d");
    bench.log(Level::Info, "i");
    bench.log(Level::Warn, "w");
    bench.log(Level::Error, "e");
    assert_eq!(bench.channel.urgency(bench.now), Some(Urgency::Error));
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - e",
            "[WARN] pay - w",
            "[INFO] pay - i",
            "[DEBUG] pay - d"
        ]
    );
}

#[test]
fn a_long_record_takes_at_most_four_lines_and_counts_the_rest() {
    let mut bench = Bench::new();
    let text = format!("{}nonce too low", "rpcs ".repeat(1_000));
    bench.log(Level::Warn, &text);
    let lines: Vec<String> = std::iter::from_fn(|| bench.next_of(200)).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("[WARN] pay - rpcs rpcs"));
    for line in &lines[1..] {
        assert!(line.starts_with("[WARN] ↪ rpcs"), "{line}");
    }
    // How it ends is often why.
    let (_, end) = lines[3].split_once("rpcs … +4.2 KB … rpcs").unwrap();
    assert!(end.ends_with(" rpcs nonce too low"), "{end}");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
}

#[test]
fn an_error_interrupts_a_long_record_readably() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"rpcs ".repeat(60));
    let first = bench.next_of(200).unwrap();
    assert!(first.starts_with("[INFO] pay - rpcs"), "{first}");
    bench.log(Level::Error, "RPC timeout");
    assert_eq!(bench.next_of(200).unwrap(), "[ERROR] pay - RPC timeout");
    assert!(bench.next_of(200).unwrap().starts_with("[INFO] ↪ rpcs"));
}

#[test]
fn what_is_late_carries_its_time() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "early");
    bench.wait(2.5);
    bench.log(Level::Info, "now");
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:10 pay - early · [INFO] pay - now"]
    );
}

#[test]
fn losses_are_told_and_told_again_half_a_minute_later() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "hello");
    bench.all();
    bench
        .channel
        .dropped(Level::Info, Loss::LaneFull, 130, bench.now);
    bench
        .channel
        .dropped(Level::Warn, Loss::LaneFull, 2, bench.now);
    assert_eq!(bench.next(), None, "others may follow at once");
    let wake = bench.channel.wake_at().unwrap();
    assert_eq!(wake - bench.now, Duration::from_secs(2));
    bench.now = wake;
    assert_eq!(
        bench.all(),
        ["… 132 lines not shown since 14:02:10 (130 INFO, 2 WARN)"]
    );
    bench
        .channel
        .dropped(Level::Info, Loss::LaneFull, 1, bench.now);
    bench.wait(29.0);
    assert_eq!(bench.next(), None);
    bench.wait(1.0);
    assert_eq!(bench.all(), ["… 1 line not shown since 14:02:12 (1 INFO)"]);
    bench.acknowledge();
    assert_eq!(bench.total().dropped_for(Loss::LaneFull), 133);
    assert_eq!(bench.total().dropped(), 133);
}

#[test]
fn no_text_looks_like_two_records() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "a · b · [ERROR] pay - forged");
    assert_eq!(bench.all(), ["[INFO] pay - a · b ∙ [ERROR] pay - forged"]);
}

#[test]
fn a_text_that_is_blank_at_its_end_is_cut_like_any() {
    for blanks in [400, 1_000] {
        let mut bench = Bench::new();
        for _ in 0..20 {
            bench.log_at(
                Level::Info,
                88,
                &format!("pay to bob{}", "\u{3000}".repeat(blanks)),
            );
        }
        assert_eq!(
            bench.all(),
            ["[INFO] pay - pay to bob ×20 in 1 ms (settle.rs:88)"]
        );
    }
}

#[test]
fn a_long_sample_leaves_room_for_its_count() {
    let mut bench = Bench::new();
    for _ in 0..50 {
        bench.log_at(Level::Info, 88, &format!("{}over", "rpcs ".repeat(300)));
    }
    let lines = bench.all();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains("rpcs … rpcs") && lines[0].ends_with("over ×50 in 1 ms (settle.rs:88)"),
        "{}",
        lines[0]
    );
}

#[test]
fn odd_records_are_shown_as_something() {
    let mut bench = Bench::new();
    for text in ["", "\n\n\n", "\x02\x03\x0f\0", "\x1b[31m"] {
        bench.log(Level::Info, text);
        assert_eq!(bench.all(), ["[INFO] pay - (empty)"], "{text:?}");
    }
    bench.log(Level::Info, &"^".repeat(1_000_000));
    let lines = bench.all();
    assert_eq!(lines.len(), 4);
    assert!(lines[3].ends_with("… +998.4 KB"), "{}", lines[3]);
    bench.acknowledge();
    assert_eq!(bench.total().shown, 5);
}

#[test]
fn a_public_range_beyond_what_is_kept_does_no_harm() {
    let mut bench = Bench::new();
    let mut record = Box::new(Record::empty());
    record.text = "ж".repeat(10_000);
    record.public = vec![0..10, 8_190..8_200, 9_000..9_010];
    bench.channel.push(record, bench.now);
    assert_eq!(bench.all().len(), 4);
}

#[test]
fn no_budget_is_too_small_to_say_something() {
    for budget in 1..60 {
        let mut bench = Bench::with(Options::default());
        bench.log(Level::Warn, "größer als €");
        let lines: Vec<String> = std::iter::from_fn(|| bench.next_of(budget)).collect();
        assert!((1..=4).contains(&lines.len()), "{budget}: {lines:?}");
        assert!(lines.iter().all(|line| !line.is_empty()));
        bench.acknowledge();
        assert_eq!(bench.total().shown, 1, "{budget}");
    }
}

#[test]
fn a_public_range_ends_with_the_text_that_is_kept() {
    let mut record = Record::empty();
    record.text = "^".repeat(MAX_HELD + 100);
    record.public = vec![
        0..10,
        MAX_HELD - 5..MAX_HELD + 5,
        MAX_HELD + 9..MAX_HELD + 10,
    ];
    limit(&mut record);
    assert_eq!(record.public, [0..10, MAX_HELD - 5..MAX_HELD]);
    assert_eq!((record.text.len(), record.omitted), (MAX_HELD, 100));
}

#[test]
fn a_public_hash_is_shown_in_full_also_beside_control_codes() {
    let mut bench = Bench::new();
    let hash = format!("0x{}", "5eed".repeat(16));
    let mut record = Box::new(Record::empty());
    record.text = format!("{hash} settled\x1b[0m");
    record.public.push(0..hash.len());
    bench.channel.push(record, bench.now);
    assert_eq!(bench.all(), [format!("[INFO] {hash} settled")]);
}

#[test]
fn what_nobody_wants_to_see_is_counted_and_not_told() {
    let hide = Hide {
        requests: Request::parse("/health").into_iter().collect(),
        pattern: Some(Regex::new("^heartbeat").unwrap()),
    };
    let mut bench = Bench::with(Options {
        formatting: false,
        hide,
        ..Options::default()
    });
    bench.log(Level::Info, "\"GET /health HTTP/1.1\" 200");
    bench.log(Level::Warn, "heartbeat late");
    bench.log(Level::Error, "heartbeat lost");
    bench.log(Level::Info, "Payment settled");
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - heartbeat lost",
            "[INFO] pay - Payment settled"
        ]
    );
    assert_eq!((bench.total().hidden, bench.total().pushed), (2, 4));
}
