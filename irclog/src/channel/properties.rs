//! What holds after any sequence of events.

use proptest::prelude::*;
use std::time::UNIX_EPOCH;

use super::tests::start;
use super::*;
use crate::line::Refusal;
use crate::loss::LEVELS;

#[derive(Debug, Clone)]
enum Step {
    Push {
        level: Level,
        site: u32,
        text: String,
        times: u8,
    },
    Shed {
        level: Level,
        site: u32,
        count: u64,
    },
    Dropped(Level, u64),
    Send {
        budget: usize,
        lines: u8,
    },
    Shown(usize),
    Refused(usize, Refusal),
    Disconnected,
    Mute,
    Unmute,
    Hurry,
    Close,
    Farewell,
    Wait(u64),
}

fn level() -> impl Strategy<Value = Level> {
    prop::sample::select(LEVELS.to_vec())
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop::sample::select(vec![
        Refusal::CannotSend,
        Refusal::ControlCodes,
        Refusal::TooLong,
        Refusal::Throttled,
        Refusal::InvalidUtf8,
        Refusal::Unproven,
    ])
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9]{1,8}( [a-z0-9]{1,8}){0,8}",
        2 => "\\PC{0,300}",
        1 => "[\\x00-\\x1f\\x7f-\u{9f}\u{200b}\u{202e}a€ ]{0,200}",
        1 => ("\\PC{1,20}", 1..900_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (level(), 0..6_u32, text(), prop_oneof![4 => 1..3_u8, 1 => 1..200_u8])
            .prop_map(|(level, site, text, times)| Step::Push { level, site, text, times }),
        3 => (level(), 0..6_u32, 0..1_000_u64)
            .prop_map(|(level, site, count)| Step::Shed { level, site, count }),
        2 => (level(), 0..1_000_u64).prop_map(|(level, count)| Step::Dropped(level, count)),
        12 => (prop_oneof![1..40_usize, 40..500_usize], 1..6_u8)
            .prop_map(|(budget, lines)| Step::Send { budget, lines }),
        10 => any::<usize>().prop_map(Step::Shown),
        5 => (any::<usize>(), refusal()).prop_map(|(at, refusal)| Step::Refused(at, refusal)),
        1 => Just(Step::Disconnected),
        1 => Just(Step::Mute),
        2 => Just(Step::Unmute),
        1 => Just(Step::Hurry),
        1 => Just(Step::Close),
        8 => (0..20_000_u64).prop_map(Step::Wait),
        1 => (0..700_000_u64).prop_map(Step::Wait),
    ]
}

/// A channel, and what its counters must come to.
struct World {
    channel: Channel,
    now: Instant,
    flying: Vec<LineId>,
    last: Option<LineId>,
    said: String,
    pushed: u64,
    shed: u64,
    lost_before: u64,
}

impl World {
    fn new(options: Options) -> Self {
        Self {
            channel: Channel::new(options, Arc::new(Scrubber::default())),
            now: start(),
            flying: Vec::new(),
            last: None,
            said: String::new(),
            pushed: 0,
            shed: 0,
            lost_before: 0,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Push {
                level,
                site,
                text,
                times,
            } => {
                for _ in 0..times {
                    let mut record = self
                        .channel
                        .recycle()
                        .unwrap_or_else(|| Box::new(Record::empty()));
                    record.level = level;
                    record.time = UNIX_EPOCH;
                    record.site.target.push_str("t\u{202e}\n");
                    record.site.line = site;
                    if site > 0 {
                        record.site.file.push_str("a/b.rs");
                    }
                    record.text.push_str(&text);
                    self.pushed += 1;
                    self.channel.push(record, self.now);
                }
            }
            Step::Shed { level, site, count } => {
                self.shed += count;
                let site = Site {
                    target: "t\u{202e}\n",
                    file: "a/b.rs",
                    line: site,
                };
                self.channel.shed(level, site, count, self.now);
            }
            Step::Dropped(level, count) => {
                self.lost_before += count;
                self.channel.dropped(level, Loss::LaneFull, count, self.now);
            }
            Step::Send { budget, lines } => {
                for _ in 0..lines {
                    let said = self.send(budget);
                    if !said {
                        break;
                    }
                }
            }
            Step::Shown(at) => {
                if let Some(id) = self.pick(at) {
                    self.channel.shown(id, self.now);
                }
            }
            Step::Refused(at, refusal) => {
                if let Some(id) = self.pick(at) {
                    self.channel.refused(id, refusal, self.now);
                }
            }
            Step::Disconnected => {
                self.flying.clear();
                self.channel.disconnected(self.now);
                assert_eq!(self.channel.counts().total().in_flight, 0);
            }
            Step::Mute => self.channel.mute(self.now),
            Step::Unmute => self.channel.unmute(self.now),
            Step::Hurry => self.channel.hurry(self.now),
            Step::Close => self.channel.close(self.now),
            Step::Farewell => {
                let budget = NonZeroUsize::new(200).unwrap();
                let line = self.channel.farewell(budget, self.now);
                self.flying.extend(line.map(|line| line.id));
            }
            Step::Wait(millis) => self.now += Duration::from_millis(millis),
        }
        self.check();
    }

    fn pick(&mut self, at: usize) -> Option<LineId> {
        (!self.flying.is_empty()).then(|| self.flying.swap_remove(at % self.flying.len()))
    }

    fn send(&mut self, budget: usize) -> bool {
        let urgency = self.channel.urgency(self.now);
        let Some(line) = self
            .channel
            .next_line(NonZeroUsize::new(budget).unwrap(), self.now)
        else {
            return false;
        };
        assert!(urgency.is_some(), "a line nobody announced: {line:?}");
        assert!(line.text.len() <= budget, "{budget}: {line:?}");
        assert!(!line.text.is_empty());
        let bare = line.text.chars().filter(|character| {
            character.is_control() && !matches!(character, '\x02' | '\x03' | '\x0f')
        });
        assert_eq!(bare.count(), 0, "{line:?}");
        assert_eq!(
            line.text.matches('\x02').count(),
            line.text.matches('\x0f').count()
        );
        assert!(self.last < Some(line.id), "ids ascend");
        self.last = Some(line.id);
        self.flying.push(line.id);
        self.said.push_str(&line.text);
        self.check();
        true
    }

    fn check(&self) {
        let counts = self.channel.counts();
        for (level, counts) in counts.iter() {
            assert!(counts.balance(), "{level}: {counts:?}");
        }
        let total = counts.total();
        assert_eq!(total.pushed, self.pushed);
        assert_eq!(total.shed, self.shed);
        assert_eq!(total.lost_before, self.lost_before);
        assert!(
            self.channel
                .oldest()
                .is_none_or(|seq| seq <= self.channel.next_seq())
        );
        if self.channel.oldest().is_none() {
            assert_eq!(total.queued + total.in_flight, 0);
        }
    }
}

fn options() -> impl Strategy<Value = Options> {
    (1..6_usize, 1..40_usize, any::<[bool; 3]>()).prop_map(
        |(max_lines, backlog, [pack, fold, formatting])| Options {
            max_lines: NonZeroUsize::new(max_lines).unwrap(),
            backlog: NonZeroUsize::new(backlog).unwrap(),
            pack,
            fold,
            formatting,
            ..Options::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_books_balance_after_anything(options in options(), steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new(options);
        for step in steps {
            world.take(step);
        }
        world.take(Step::Farewell);
        prop_assert_eq!(world.channel.counts().total().queued, 0, "nothing waits after the end");
        while !world.flying.is_empty() {
            world.take(Step::Shown(0));
        }
        let total = world.channel.counts().total();
        prop_assert_eq!(total.in_flight, 0);
        prop_assert_eq!(
            total.shown + total.folded + total.dropped(),
            world.pushed + world.lost_before
        );
        prop_assert_eq!(world.channel.oldest(), None);
    }

    #[test]
    fn an_open_channel_shows_everything_that_is_acknowledged(
        texts in prop::collection::vec((level(), 0..6_u32, text()), 1..60),
        budget in 100..500_usize,
    ) {
        let mut world = World::new(Options::default());
        for (level, site, text) in texts {
            world.take(Step::Push { level, site, text, times: 1 });
        }
        while world.channel.oldest().is_some() {
            world.send(budget);
            world.take(Step::Shown(0));
            world.take(Step::Wait(500));
        }
        let total = world.channel.counts().total();
        prop_assert_eq!(total.shown + total.folded, world.pushed);
    }

    #[test]
    fn each_level_is_shown_in_its_own_order(
        texts in prop::collection::vec((level(), 1..6_u32, text(), 0..1_500_u64), 1..60),
        budget in 100..500_usize,
        pace in 1..3_000_u64,
    ) {
        let options = Options { fold: false, ..Options::default() };
        let mut world = World::new(options);
        let mut levels = Vec::new();
        for (level, site, text, wait) in texts {
            let text = format!("<{}> {text}", levels.len());
            levels.push(level);
            world.take(Step::Push { level, site, text, times: 1 });
            world.take(Step::Wait(wait));
            world.send(budget);
        }
        while world.channel.oldest().is_some() {
            world.send(budget);
            world.take(Step::Shown(0));
            world.take(Step::Wait(pace));
        }
        let mut expected = 0;
        for level in LEVELS {
            let mut from = 0;
            for at in (0..levels.len()).filter(|&at| levels[at] == level) {
                let place = world.said[from..].find(&format!("<{at}>"));
                prop_assert!(place.is_some(), "<{}> of {} is not in its place: {}", at, level, world.said);
                from += place.unwrap();
                expected += 1;
            }
        }
        prop_assert_eq!(expected, levels.len());
    }
}
