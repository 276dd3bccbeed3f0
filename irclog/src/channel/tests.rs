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
