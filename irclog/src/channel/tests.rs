//! The channel as its reader sees it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::*;
use crate::line::{Refusal, Urgency};

/// Any moment will do, but there is only one way to have one.
#[allow(clippy::disallowed_methods, reason = "the tests' only look at a clock")]
pub(super) fn start() -> Instant {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    // An hour of room for what lies before the start.
    *START.get_or_init(|| Instant::now() + Duration::from_secs(3600))
}

/// 14:02:10 at the start.
const WALL: u64 = 1_763_820_130;

/// A channel, a clock, and a server that takes what it is given.
struct Bench {
    channel: Channel,
    now: Instant,
    sent: Vec<Line>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Options {
            formatting: false,
            ..Options::default()
        })
    }

    fn with(options: Options) -> Self {
        Self {
            channel: Channel::new(options, Arc::new(Scrubber::default())),
            now: start(),
            sent: Vec::new(),
        }
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(WALL) + (self.now - start())
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    /// A record of its own call site.
    fn log(&mut self, level: Level, text: &str) {
        let line = text.len() + usize::try_from(self.channel.next_seq().0).unwrap() * 1000;
        self.log_at(level, u32::try_from(line).unwrap(), text);
    }

    fn log_at(&mut self, level: Level, line: u32, text: &str) {
        let mut record = Box::new(Record::empty());
        record.level = level;
        record.time = self.wall();
        record.target.push_str("pay");
        record.file.push_str("src/settle.rs");
        record.line = line;
        record.text.push_str(text);
        self.channel.push(record, self.now);
        self.check();
    }

    fn next(&mut self) -> Option<String> {
        self.next_of(400)
    }

    fn next_of(&mut self, budget: usize) -> Option<String> {
        let line = self
            .channel
            .next_line(NonZeroUsize::new(budget).unwrap(), self.now);
        self.check();
        line.map(|line| {
            assert!(line.text.len() <= budget, "{} bytes", line.text.len());
            self.sent.push(line.clone());
            line.text
        })
    }

    /// All that can be said now.
    fn all(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }

    fn last(&self) -> LineId {
        self.sent.last().unwrap().id
    }

    fn acknowledge(&mut self) {
        for line in std::mem::take(&mut self.sent) {
            self.channel.shown(line.id, self.now);
            self.check();
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        let line = self.sent.pop().unwrap();
        self.channel.refused(line.id, refusal, self.now);
        self.check();
    }

    fn farewell(&mut self) -> Option<String> {
        let budget = NonZeroUsize::new(400).unwrap();
        let line = self.channel.farewell(budget, self.now);
        self.check();
        line.map(|line| line.text)
    }

    fn total(&self) -> crate::loss::LevelCounts {
        self.channel.counts().total()
    }

    fn check(&self) {
        for (level, counts) in self.channel.counts().iter() {
            assert!(counts.balance(), "{level}: {counts:?}");
        }
    }
}

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
fn light_load_is_neither_packed_nor_folded() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        bench.log_at(Level::Info, 88, "Payment settled");
    }
    assert_eq!(bench.all(), ["[INFO] pay - Payment settled"; 5]);
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
    bench.log(Level::Warn, &"word ".repeat(1_000));
    let lines: Vec<String> = std::iter::from_fn(|| bench.next_of(200)).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("[WARN] pay - word word"));
    for line in &lines[1..] {
        assert!(line.starts_with("[WARN] ↪ word"), "{line}");
    }
    assert!(lines[3].ends_with("word … +4.2 KB"), "{}", lines[3]);
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
}

#[test]
fn an_error_interrupts_a_long_record_readably() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"word ".repeat(60));
    let first = bench.next_of(200).unwrap();
    assert!(first.starts_with("[INFO] pay - word"), "{first}");
    bench.log(Level::Error, "RPC timeout");
    assert_eq!(bench.next_of(200).unwrap(), "[ERROR] pay - RPC timeout");
    assert!(bench.next_of(200).unwrap().starts_with("[INFO] ↪ word"));
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
fn packing_can_be_turned_off() {
    let mut bench = Bench::with(Options {
        pack: false,
        fold: false,
        ..Options::default()
    });
    for n in 0..100 {
        bench.log_at(Level::Info, 88, &format!("payment {n} settled"));
    }
    assert_eq!(bench.all().len(), 100);
}

#[test]
fn no_text_looks_like_two_records() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "a · b · [ERROR] pay - forged");
    assert_eq!(bench.all(), ["[INFO] pay - a · b ∙ [ERROR] pay - forged"]);
}

#[test]
fn a_storm_from_one_site_is_one_line_each_interval() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for tick in 0..300 {
        for n in 0..100 {
            bench.log_at(Level::Info, 88, &format!("TX {tick} {n}"));
        }
        lines.extend(bench.all());
        bench.wait(0.1);
    }
    assert_eq!(
        lines,
        [
            "[INFO] pay - TX 0 0 ×100 in 1 ms (settle.rs:88)",
            "[INFO] pay - TX 1 0 ×10,000 in 10 s (settle.rs:88)",
            "[INFO] pay - TX 101 0 ×10,000 in 10 s (settle.rs:88)",
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
        ["[INFO] pay - Payment settled - TX: 0x0000… ×1,532 in 10 s (settle.rs:88)"]
    );
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (1, 1_531));
}

#[test]
fn a_long_sample_leaves_room_for_its_count() {
    let mut bench = Bench::new();
    for _ in 0..50 {
        bench.log_at(Level::Info, 88, &"long ".repeat(300));
    }
    let lines = bench.all();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].ends_with("long… ×50 in 1 ms (settle.rs:88)"),
        "{}",
        lines[0]
    );
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
    for n in 0..40 {
        let mut record = Box::new(Record::empty());
        record.target.push_str("py");
        record.text = match n % 2 {
            0 => format!("paid {n} to 0xab{n}cd"),
            _ => format!("verify {n} deadbeefcafe"),
        };
        bench.channel.push(record, bench.now);
    }
    assert_eq!(
        bench.all(),
        ["[INFO] py - paid 0 to 0xab0cd ×20 in 1 ms · [INFO] py - verify 1 deadbeefcafe ×20 in 1 ms"]
            .map(|line| line.split(" · ").map(str::to_owned).collect::<Vec<_>>())
            .concat()
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
fn a_full_lane_of_errors_folds_by_site_and_then_counts() {
    let mut bench = Bench::new();
    for n in 0..300 {
        bench.log_at(Level::Error, 7, &format!("RPC {n}"));
    }
    assert_eq!(bench.total().dropped(), 0, "folded by site");
    bench.log_at(Level::Error, 9, "another site");
    assert_eq!(bench.total().dropped_for(Loss::Backlog), 1);
    let lines = bench.all();
    assert!(
        lines[0].starts_with("[ERROR] pay - RPC 0 · "),
        "the first are the cause"
    );
    bench.acknowledge();
    assert_eq!((bench.total().shown, bench.total().folded), (256, 44));
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
    bench.log(Level::Info, "trickle");
    for n in 0..200 {
        bench.log(Level::Warn, &format!("{} {n}", "w".repeat(250)));
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
    let site = Site {
        target: "pay",
        file: "src/settle.rs",
        line: 88,
    };
    bench.log_at(Level::Info, 88, "TX 1");
    bench.channel.shed(Level::Info, site, 1_000, bench.now);
    bench.wait(1.0);
    bench.channel.shed(Level::Info, site, 531, bench.now);
    bench.check();
    assert_eq!(
        bench.all(),
        ["[INFO] pay - TX 1 ×1,532 in 1 s (settle.rs:88)"]
    );
    bench.channel.shed(Level::Info, site, 70, bench.now);
    assert_eq!(bench.next(), None, "gathers for an interval");
    bench.now = bench.channel.wake_at().unwrap();
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:11 pay ×70 in 10 s (settle.rs:88)"]
    );
    bench.acknowledge();
    let total = bench.total();
    assert_eq!((total.shown, total.folded, total.shed), (1, 0, 1_601));
}

#[test]
fn a_sample_joins_the_shed_ones_that_came_before() {
    let mut bench = Bench::new();
    let site = Site {
        target: "pay",
        file: "src/settle.rs",
        line: 88,
    };
    bench.channel.shed(Level::Info, site, 4, bench.now);
    bench.log_at(Level::Info, 88, "TX 5");
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:10 pay - TX 5 ×5 in 10 s (settle.rs:88)"]
    );
}

#[test]
fn shed_errors_are_told_though_no_sample_waits() {
    let mut bench = Bench::new();
    let site = Site {
        target: "pay",
        file: "src/settle.rs",
        line: 7,
    };
    bench.channel.shed(Level::Error, site, 300, bench.now);
    bench.wait(10.0);
    assert_eq!(bench.all(), ["[ERROR] pay ×300 in 10 s (settle.rs:7)"]);
}

#[test]
fn a_channel_without_colours_is_found_out_once() {
    for refusal in [Refusal::ControlCodes, Refusal::CannotSend] {
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
        bench.channel.disconnected(bench.now);
        bench.log(Level::Warn, "fourth");
        assert_eq!(bench.all(), ["[WARN] pay - fourth"], "stays plain");
        bench.acknowledge();
        assert_eq!(bench.total().shown, 4);
    }
}

#[test]
fn a_moderated_channel_does_not_cost_the_colours() {
    let mut bench = Bench::with(Options::default());
    bench.log(Level::Warn, "first");
    bench.all();
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.all(), ["[WARN] pay - first"]);
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.total().dropped_for(Loss::Refused), 1);
    bench.log(Level::Warn, "second");
    assert!(bench.next().unwrap().starts_with('\x02'));
    bench.refuse(Refusal::CannotSend);
    assert_eq!(
        bench.total().dropped_for(Loss::Refused),
        2,
        "known not to help"
    );
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
    bench.log(Level::Info, &"x".repeat(380));
    assert_eq!(bench.next().unwrap().len(), 393);
    bench.refuse(Refusal::TooLong);
    let lines = bench.all();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.len() <= 295), "{lines:#?}");
    bench.acknowledge();
    assert_eq!(bench.total().shown, 1);
    bench.log(Level::Info, &"y".repeat(380));
    assert!(bench.next().unwrap().len() <= 295, "learnt");
}

#[test]
fn a_packed_line_too_long_is_unpacked() {
    let mut bench = Bench::new();
    for n in 0..3 {
        bench.log(Level::Info, &format!("payment {n} {}", "s".repeat(90)));
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
    for _ in 0..5 {
        assert_eq!(bench.next().unwrap(), "[INFO] pay - throttled");
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
        ["… 2 lines not shown since 14:12:11 (1 ERROR, 1 INFO)"]
    );
}

#[test]
fn mute_says_nothing_and_unmute_says_how_long() {
    let mut bench = Bench::new();
    bench.log(Level::Info, &"long ".repeat(100));
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
    bench.log(Level::Info, &"long ".repeat(200));
    bench.next();
    bench.channel.mute(bench.now);
    bench.acknowledge();
    bench.channel.unmute(bench.now);
    assert_eq!(bench.all(), ["… muted for 1 ms: 1 line not shown (1 INFO)"]);
}

#[test]
fn exit_shows_errors_then_the_newest_then_the_account() {
    let mut bench = Bench::new();
    for n in 0..10 {
        bench.log(Level::Info, &format!("info {n} {}", "x".repeat(300)));
    }
    bench.log(Level::Error, "first error");
    bench.log(Level::Error, "last error");
    bench.channel.close(bench.now);
    let lines: Vec<String> = (0..3).filter_map(|_| bench.next()).collect();
    assert_eq!(
        lines[0],
        "[ERROR] pay - first error · [ERROR] pay - last error"
    );
    assert!(lines[1].contains("info 9"), "{lines:#?}");
    assert!(lines[2].contains("info 8"), "{lines:#?}");
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
    bench.log_at(Level::Info, 88, "held");
    assert_eq!(bench.next(), None);
    bench.channel.close(bench.now);
    assert_eq!(bench.all(), ["[INFO] pay - held"]);
    bench.log_at(Level::Info, 88, "last");
    assert_eq!(bench.all(), ["[INFO] pay - last"]);
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
    bench.log_at(Level::Info, 88, "held");
    assert_eq!(bench.channel.oldest(), Some(Seq(1_000)));
    assert_eq!(bench.next(), None);
    bench.channel.hurry(bench.now);
    assert_eq!(bench.all(), ["[INFO] pay - held"]);
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
fn odd_records_are_shown_as_something() {
    let mut bench = Bench::new();
    for text in ["", "\n\n\n", "\x02\x03\x0f\0", "\x1b[31m"] {
        bench.log(Level::Info, text);
        assert_eq!(bench.all(), ["[INFO] pay - (empty)"], "{text:?}");
    }
    bench.log(Level::Info, &"m".repeat(1_000_000));
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
    record.text = "é".repeat(10_000);
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
