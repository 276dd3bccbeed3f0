//! What is the same, or of one kind, shares an entry.

use super::*;

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
