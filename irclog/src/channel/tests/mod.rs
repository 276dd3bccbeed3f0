//! The channel as its reader sees it.

mod befores;
mod delivery;
mod folds;
mod looks;
mod piles;
mod refusals;
mod secrets;
mod senders;
mod shed;
mod stories;

use std::time::{SystemTime, UNIX_EPOCH};

use super::*;
use crate::line::Refusal;

/// Any moment will do, but there is only one way to have one.
#[allow(clippy::disallowed_methods, reason = "the tests' only look at a clock")]
pub(in crate::channel) fn start() -> Instant {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    // An hour of room for what lies before the start.
    *START.get_or_init(|| Instant::now() + Duration::from_secs(3600))
}

/// 14:02:10 at the start.
const WALL: u64 = 1_763_820_130;

/// Where [`Bench::log_at`] logs.
fn site(line: u32) -> Site<'static> {
    Site {
        target: "pay",
        file: "src/settle.rs",
        line,
    }
}

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
        record.site.target.push_str("pay");
        record.site.file.push_str("src/settle.rs");
        record.site.line = line;
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
