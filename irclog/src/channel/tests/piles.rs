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
fn a_storm_from_one_site_is_one_line_each_interval() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for tick in 0..300 {
        for n in 0..100 {
            bench.log_at(Level::Info, 88, &format!("TX {tick:03}{n:03}"));
        }
        lines.extend(bench.all());
        bench.wait(0.1);
    }
    assert_eq!(
        lines,
        [
            "[INFO] pay - TX 000000, 000001, 000002, 000003, 000004, 000005, 000006, 000007, +92 \
             ×100 in 1 ms (settle.rs:88)",
            "[INFO] pay - TX 001000, 001001, 001002, 001003, 001004, 001005, 001006, 001007, +120… \
             ×10,000 in 10 s (settle.rs:88)",
            "[INFO] pay - TX 101000, 101001, 101002, 101003, 101004, 101005, 101006, 101007, +120… \
             ×10,000 in 10 s (settle.rs:88)",
        ]
    );
}

#[test]
fn a_fold_says_how_many_in_how_long_and_where() {
    let mut bench = Bench::new();
    for n in 0..1_532 {
        bench.log_at(
            Level::Info,
            88,
            &format!("Payment settled - TX: 0x{n:04x}…"),
        );
        bench.wait(0.006_527);
    }
    assert_eq!(
        bench.all(),
        [
            "[INFO] pay - Payment settled - TX: 0x0000…, 0x0001…, 0x0002…, 0x0003…, 0x0004…, \
          0x0005…, 0x0006…, 0x0007…, +120… ×1,532 in 10 s (settle.rs:88)"
        ]
    );
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (1, 1_531));
}

#[test]
fn a_site_that_calms_down_is_shown_record_by_record_again() {
    let mut bench = Bench::new();
    for _ in 0..1_000 {
        bench.log_at(Level::Info, 88, "storm");
    }
    assert_eq!(bench.all().len(), 1);
    for _ in 0..3 {
        bench.wait(11.0);
        bench.log_at(Level::Info, 88, "calm");
        assert_eq!(bench.all(), ["[INFO] pay - calm"]);
    }
}

#[test]
fn records_without_a_file_fold_by_the_shape_of_their_text() {
    let mut bench = Bench::new();
    for n in 0..80 {
        let mut record = Box::new(Record::empty());
        record.site.target.push_str("py");
        record.text = match n % 2 {
            0 => format!("paid to 0xab0000{n:02}cdef"),
            _ => format!("verify {}ms deadbeefcafe", n / 40 + 1),
        };
        bench.channel.push(record, bench.now);
    }
    let folds = bench.all();
    assert_eq!(folds.len(), 2, "{folds:?}");
    assert!(
        folds[0].starts_with("[INFO] py - paid to 0xab000000cdef, 0xab000002cdef, "),
        "{folds:?}"
    );
    assert!(folds[0].ends_with(", +32 ×40 in 1 ms"), "{folds:?}");
    assert_eq!(
        folds[1],
        "[INFO] py - verify 1ms, 2ms deadbeefcafe ×40 in 1 ms"
    );
}

#[test]
fn warnings_fold_only_when_their_texts_are_equal() {
    let mut bench = Bench::new();
    for n in 0..30 {
        bench.log_at(Level::Warn, 7, &format!("retry {n}"));
        bench.log_at(Level::Warn, 8, "pool exhausted");
    }
    let lines = bench.all().join("\n");
    for n in 0..30 {
        assert!(lines.contains(&format!("pay - retry {n}")), "{n}");
    }
    assert!(lines.contains("pool exhausted ×"), "{lines}");
    bench.acknowledge();
    assert_eq!(bench.total().shown + bench.total().folded, 60);
    assert!(bench.total().folded >= 27);
}

#[test]
fn a_full_lane_of_errors_tells_how_many_other_kinds_there_were() {
    let mut bench = Bench::new();
    for n in 0..300 {
        bench.log_at(Level::Error, 7, &format!("RPC {n}"));
    }
    assert_eq!(bench.total().dropped(), 0, "folded by site");
    bench.log_at(Level::Error, 9, "another site");
    assert_eq!(bench.total().dropped(), 0, "there is room for it");
    for n in 0..300 {
        bench.log(Level::Warn, &format!("a site of its own {n}"));
    }
    assert_eq!(bench.total().dropped_for(Loss::Backlog), 300 - 256);
    bench.wait(0.3);
    let lines = bench.all();
    assert!(
        lines[0].starts_with("[ERROR] pay - RPC 0 · "),
        "the first are the cause: {}",
        lines[0]
    );
    let all = lines.join(" · ");
    for text in [
        "×46 of other kinds (settle.rs:7) in 1 ms, last: RPC 299",
        "[ERROR] pay - another site",
    ] {
        assert!(all.contains(text), "{text}: {all}");
    }
    bench.acknowledge();
    let errors = bench.channel.counts()[Level::Error];
    assert_eq!((errors.shown, errors.folded), (256, 45));
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
fn shed_records_end_in_the_fold_of_their_site() {
    let mut bench = Bench::new();
    let site = site(88);
    bench.log_at(Level::Info, 88, "TX 1");
    bench.channel.shed(Level::Info, site, 1_000, bench.now);
    bench.wait(1.0);
    bench.channel.shed(Level::Info, site, 531, bench.now);
    bench.check();
    assert_eq!(
        bench.all(),
        ["[INFO] pay - TX 1, +1,531 more from settle.rs:88 in 1 s"]
    );
    bench.channel.shed(Level::Info, site, 70, bench.now);
    assert_eq!(bench.next(), None, "gathers for an interval");
    bench.now = bench.channel.wake_at().unwrap();
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:11 pay +70 more from settle.rs:88 in 10 s"]
    );
    bench.acknowledge();
    let total = bench.total();
    assert_eq!((total.shown, total.folded, total.shed), (1, 0, 1_601));
}

#[test]
fn a_sample_joins_the_shed_ones_that_came_before() {
    let mut bench = Bench::new();
    let site = site(88);
    bench.channel.shed(Level::Info, site, 4, bench.now);
    bench.wait(1.0);
    bench.log_at(Level::Info, 88, "TX 5");
    assert_eq!(
        bench.all(),
        ["[INFO] pay - TX 5, +4 more from settle.rs:88 in 1 s"]
    );
}

#[test]
fn shed_errors_are_told_though_no_sample_waits() {
    let mut bench = Bench::new();
    let site = site(7);
    bench.channel.shed(Level::Error, site, 300, bench.now);
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[ERROR] pay +300 more from settle.rs:7 in 10 s"]
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
fn folding_what_waits_forgets_neither_the_first_nor_the_shed() {
    let mut bench = Bench::new();
    let site = site(88);
    bench.log_at(Level::Info, 88, "paid in 1 ms");
    bench.log_at(Level::Info, 88, "paid in 2 ms");
    bench.channel.shed(Level::Info, site, 5, bench.now);
    for n in 100..132 {
        bench.log_at(Level::Info, n, "another site");
    }
    assert_eq!(bench.channel.oldest(), Some(Seq(0)));
    let first = bench.next().unwrap();
    assert!(
        first.starts_with("[INFO] pay - paid in 1 ms, 2 ms ×2 in 1 ms, +5 more from settle.rs:88"),
        "{first}"
    );
    assert_eq!(bench.channel.oldest(), Some(Seq(0)), "not yet acknowledged");
}

#[test]
fn a_lane_that_has_eased_folds_no_more() {
    let mut bench = Bench::new();
    for _ in 0..1_000 {
        bench.log_at(Level::Info, 88, "storm");
    }
    bench.all();
    bench.wait(11.0);
    bench.log_at(Level::Info, 88, "calm");
    bench.log_at(Level::Info, 88, "calm");
    assert_eq!(bench.all(), ["[INFO] pay - calm"; 2]);
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
fn a_fold_that_waits_takes_in_what_comes() {
    let mut bench = Bench::new();
    for _ in 0..40 {
        bench.log_at(Level::Info, 88, "TX");
    }
    bench.log(Level::Error, "first");
    assert_eq!(bench.next().unwrap(), "[ERROR] pay - first");
    bench.log_at(Level::Info, 88, "TX");
    assert_eq!(bench.all(), ["[INFO] pay - TX ×41 in 1 ms (settle.rs:88)"]);
    bench.log_at(Level::Info, 88, "TX");
    bench.log_at(Level::Info, 88, "TX");
    assert_eq!(bench.next(), None, "was shown just now");
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:10 pay - TX ×2 in 1 ms (settle.rs:88)"]
    );
}

#[test]
fn a_sample_that_joins_the_shed_is_waited_for_as_itself() {
    let mut bench = Bench::new();
    bench.channel.shed(Level::Info, site(88), 4, bench.now);
    bench.log(Level::Info, "another");
    bench.all();
    bench.acknowledge();
    bench.log_at(Level::Info, 88, "sample");
    assert_eq!(bench.channel.oldest(), Some(Seq(1)));
}

#[test]
fn shed_records_that_cannot_be_told_in_a_fold_are_in_the_account() {
    let mut bench = Bench::new();
    for _ in 0..256 {
        bench.log(Level::Error, "fills the lane");
        bench.log(Level::Info, "fills the lane");
    }
    bench.channel.shed(Level::Error, site(1), 7, bench.now);
    bench.check();
    bench.wait(2.0);
    let lines = bench.all();
    let told = lines.iter().find(|line| line.starts_with('…'));
    assert_eq!(
        told.unwrap(),
        "… 7 lines not shown since 14:02:10 (7 ERROR)"
    );
    assert_eq!(bench.total().dropped(), 0, "shed has a counter of its own");
    bench.channel.mute(bench.now);
    bench.channel.shed(Level::Info, site(3), 5, bench.now);
    bench.channel.unmute(bench.now);
    assert_eq!(
        bench.all(),
        ["… muted for 1 ms: 5 lines not shown (5 INFO)"]
    );
}

#[test]
fn what_has_no_name_says_that_it_is_of_many() {
    let mut bench = Bench::new();
    let nobody = Site {
        target: "",
        file: "",
        line: 0,
    };
    bench.channel.shed(Level::Info, nobody, 1_234, bench.now);
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[INFO] (many call sites) +1,234 more in 10 s"]
    );
}

#[test]
fn what_differs_in_more_than_identifiers_is_told_apart() {
    let mut bench = Bench::new();
    for n in 0..60 {
        let status = if n % 2 == 0 { 400 } else { 429 };
        let text = format!("POST /verify: status={status} elapsed={n}ms");
        bench.log_at(Level::Info, 88, &text);
        bench.log_at(Level::Info, 88, "GET /supported: status=200 elapsed=0ms");
    }
    let line = bench.all().concat();
    for fold in [
        "POST /verify: status=400 elapsed=0ms, 2ms, 4ms",
        "POST /verify: status=429 elapsed=1ms, 3ms, 5ms",
        "GET /supported: status=200 elapsed=0ms ×60 in 1 ms (settle.rs:88)",
    ] {
        assert!(line.contains(fold), "{fold}: {line}");
    }
    assert_eq!(line.matches("×30 in 1 ms").count(), 2, "{line}");
}

#[test]
fn of_a_site_with_many_kinds_the_rest_is_told_as_what_it_is() {
    let mut bench = Bench::new();
    for n in 0..48 {
        bench.log_at(Level::Info, 88, &format!("request {n}"));
    }
    let lines = bench.all().concat();
    assert!(lines.contains("request 7[INFO]"), "{lines}");
    assert!(
        lines.contains("[INFO] pay - ×40 of other kinds (settle.rs:88) in 1 ms, last: request 47"),
        "{lines}"
    );
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (9, 39));
}

#[test]
fn the_same_every_few_seconds_is_told_at_once_and_then_each_minute() {
    for level in [Level::Error, Level::Info] {
        let mut bench = Bench::new();
        let mut lines = Vec::new();
        for tick in 0..150 {
            if tick % 5 == 0 {
                bench.log_at(level, 7, "RPC provider is down");
                bench.log_at(level, 8, &format!("settling 0x{tick:012x} failed"));
            }
            let said = bench.all();
            lines.extend(said.into_iter().map(|line| (tick, line)));
            bench.wait(1.0);
        }
        let same: Vec<_> = lines
            .iter()
            .filter(|(_, line)| line.contains("RPC"))
            .collect();
        let is = format!("[{level}] pay - RPC provider is down");
        assert_eq!(*same[0], (0, is.clone()));
        assert_eq!(*same[1], (60, format!("{is} ×12 in 55 s (settle.rs:7)")));
        assert_eq!(*same[2], (120, format!("{is} ×12 in 55 s (settle.rs:7)")));
        assert_eq!(same.len(), 3, "{same:?}");
        let news = lines.iter().filter(|(_, line)| line.contains("failed"));
        assert_eq!(news.count(), 30, "another identifier is news");
    }
}

#[test]
fn the_last_of_a_series_is_not_kept_for_a_minute() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.log_at(Level::Error, 7, "RPC provider is down");
        bench.all();
        bench.wait(3.0);
    }
    let wait = bench.channel.wake_at().unwrap() - bench.now;
    assert_eq!(wait, Duration::from_secs(7), "10 s after the last");
    bench.wait(7.0);
    assert_eq!(
        bench.all(),
        ["[ERROR] 14:02:13 pay - RPC provider is down ×2 in 3 s (settle.rs:7)"]
    );
}

#[test]
fn a_storm_of_the_same_is_told_each_interval() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for _ in 0..250 {
        for _ in 0..10 {
            bench.log_at(Level::Error, 7, "down");
        }
        lines.extend(bench.all());
        bench.wait(0.1);
    }
    let folds = lines.iter().filter(|line| line.contains(" in 1"));
    assert!((2..=3).contains(&folds.count()), "{lines:#?}");
}

#[test]
fn a_warning_with_a_body_folds() {
    let mut bench = Bench::new();
    for n in 0..13_u64 {
        let signature = format!("0x{:064x}", n * 0x1234_5678_9abc);
        let text = format!("refused {} body={{nonce: {signature}}}", "^".repeat(500));
        bench.log_at(Level::Warn, 7, &text);
    }
    let lines = bench.all();
    assert!(lines.len() < 12, "{lines:#?}");
    assert!(
        lines.iter().any(|line| {
            line.contains("^ … body={nonce: 0x") && line.contains("} ×10 in 1 ms")
        }),
        "{lines:#?}"
    );
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

fn log_of(bench: &mut Bench, sender: &str, line: u32, text: &str) {
    let mut record = Box::new(Record::empty());
    record.level = Level::Error;
    record.time = bench.wall();
    record.site.target.push_str("pay");
    record.site.file.push_str("src/settle.rs");
    record.site.line = line;
    record.sender.push_str(sender);
    record.text.push_str(text);
    bench.channel.push(record, bench.now);
    bench.check();
}

#[test]
fn who_sent_it_is_said_where_it_does_not_go_without_saying() {
    let mut bench = Bench::with(Options {
        formatting: false,
        nick: "facilitator".into(),
        ..Options::default()
    });
    log_of(&mut bench, "facilitator", 1, "one");
    assert_eq!(bench.all(), ["[ERROR] pay - one"]);
    log_of(&mut bench, "seller-1", 2, "two");
    log_of(&mut bench, "facilitator", 3, "three");
    assert_eq!(
        bench.all(),
        [
            "[ERROR] seller-1 pay - two",
            "[ERROR] facilitator pay - three"
        ]
    );
}

#[test]
fn the_sender_is_no_part_of_the_kind_and_a_fold_says_how_many_there_are() {
    let mut bench = Bench::new();
    for n in 0..14 {
        log_of(&mut bench, &format!("task-{}", n % 3), 7, "disk full");
    }
    let lines = bench.all();
    assert_eq!(
        lines.last().unwrap(),
        "[ERROR] task-0 pay - disk full ×11 from 3 in 1 ms (settle.rs:7)"
    );
}

#[test]
fn among_errors_the_turn_goes_round_their_senders() {
    let mut bench = Bench::new();
    for n in 0..600 {
        log_of(&mut bench, "loud", n, &format!("error {n}"));
    }
    bench.next();
    log_of(&mut bench, "quiet", 1, "the only one");
    let next = bench.next().unwrap();
    assert_eq!(next, "[ERROR] quiet pay - the only one");
    assert!(
        bench
            .next()
            .unwrap()
            .starts_with("[ERROR] loud pay - error 1")
    );
}

#[test]
fn a_sender_that_fills_the_lane_leaves_room_for_others() {
    let mut bench = Bench::new();
    for n in 0..300 {
        log_of(&mut bench, "loud", 7, &format!("error {n}"));
    }
    log_of(&mut bench, "quiet", 9, "the only one");
    assert_eq!(bench.total().dropped(), 0);
    bench.next();
    assert_eq!(bench.next().unwrap(), "[ERROR] quiet pay - the only one");
}

#[test]
fn health_checks_make_a_payment_wait_for_no_line_of_each() {
    let mut bench = Bench::new();
    for n in 0..20_u32 {
        let port = 51_000 + 37 * n;
        let text = format!("10.0.0.7:{port} - \"GET /health HTTP/1.1\" 200 OK");
        bench.log_at(Level::Info, 88, &text);
    }
    bench.log(
        Level::Info,
        "10.0.0.7:51004 - \"POST /pay HTTP/1.1\" 200 OK",
    );
    let lines = bench.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].contains("\"GET /health HTTP/1.1\" 200 OK ×20 in"),
        "{lines:#?}"
    );
    assert!(lines[1].contains("POST /pay"), "{lines:#?}");
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (2, 19));
}
