//! What holds after any sequence of events.

use proptest::prelude::*;
use std::time::UNIX_EPOCH;

use super::tests::start;
use super::*;
use crate::line::Refusal;
use crate::loss::LEVELS;
use crate::record::{StoryId, Within};

#[derive(Debug, Clone)]
enum Step {
    Push {
        level: Level,
        site: u32,
        text: String,
        times: u8,
    },
    /// Something in a request, or its end.
    Within {
        story: u64,
        level: Level,
        text: String,
    },
    End(u64),
    /// As many call sites as a lane has places for, or more.
    Flood {
        level: Level,
        kinds: u32,
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

/// What requests say again and again.
fn said() -> impl Strategy<Value = String> {
    let usual = [
        "execution reverted: invalid signature",
        "settling failed: execution reverted: invalid signature, data 0x08c379a0",
        "status=500 elapsed=3ms",
        "response failed classification=Status code: 500 latency=3 ms",
        "late request_id=7",
        "very late request_id=7",
    ];
    prop_oneof![
        3 => prop::sample::select(usual.map(str::to_owned).to_vec()),
        1 => text(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (level(), 0..6_u32, text(), prop_oneof![4 => 1..3_u8, 1 => 1..200_u8])
            .prop_map(|(level, site, text, times)| Step::Push { level, site, text, times }),
        12 => (0..8_u64, level(), said())
            .prop_map(|(story, level, text)| Step::Within { story, level, text }),
        3 => (0..8_u64).prop_map(Step::End),
        1 => (level(), 200..400_u32).prop_map(|(level, kinds)| Step::Flood { level, kinds }),
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
                    self.push(level, site, &text);
                }
            }
            Step::Within { story, level, text } => {
                let head = ["POST /pay: ", "settle order=7: ", ""][(story % 3) as usize];
                let within = (story > 1).then_some(Within {
                    story: StoryId(story),
                    span: ["settle", "check", ""][text.len() % 3],
                    text: head.len(),
                });
                self.push_within(level, 1, &format!("{head}{text}"), within);
            }
            Step::End(story) => self.channel.end_story(StoryId(story), self.now),
            Step::Flood { level, kinds } => {
                for site in 0..kinds {
                    self.push(level, 1000 + site, "flood");
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

    fn push(&mut self, level: Level, site: u32, text: &str) {
        self.push_within(level, site, text, None);
    }

    fn push_within(&mut self, level: Level, site: u32, text: &str, within: Option<Within>) {
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
        record.text.push_str(text);
        record.within = within;
        if let [first, .., last] = text.split_inclusive(' ').collect::<Vec<_>>()[..] {
            let last = text.len() - last.len()..text.len();
            record.public.extend([0..first.len(), last]);
        }
        self.pushed += 1;
        self.channel.push(record, self.now);
    }

    fn pick(&mut self, at: usize) -> Option<LineId> {
        (!self.flying.is_empty()).then(|| self.flying.swap_remove(at % self.flying.len()))
    }

    fn send(&mut self, budget: usize) -> bool {
        self.channel.elapse(self.now);
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
        self.said.push('\n');
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
    (1..6_usize, any::<bool>()).prop_map(|(max_lines, formatting)| Options {
        max_lines: NonZeroUsize::new(max_lines).unwrap(),
        formatting,
        ..Options::default()
    })
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
            total.shown + total.folded + total.hidden + total.dropped(),
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
        prop_assert_eq!(total.shown + total.folded + total.hidden, world.pushed);
    }

    #[test]
    fn each_level_is_shown_in_its_own_order(
        texts in prop::collection::vec((level(), text(), 0..1_500_u64), 1..60),
        budget in 100..500_usize,
        pace in 1..3_000_u64,
    ) {
        let mut world = World::new(Options::default());
        let mut levels = Vec::new();
        for (level, text, wait) in texts {
            // Of its own call site: what is not alike is never folded.
            let site = u32::try_from(levels.len() + 1).unwrap();
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

    #[test]
    fn a_count_stands_for_what_differs_in_identifiers_only(
        records in prop::collection::vec((told(), 1..40_u8, 0..2_500_u64), 1..80),
        pace in 1..3_000_u64,
    ) {
        let mut world = World::new(Options { formatting: false, ..Options::default() });
        let mut logged = std::collections::BTreeMap::<String, u64>::new();
        let mut dice = fastrand::Rng::with_seed(pace);
        for (told, times, wait) in records {
            for _ in 0..times {
                world.push(told.level, told.site, &told.text(&mut dice));
                *logged.entry(told.class()).or_default() += 1;
            }
            world.now += Duration::from_millis(wait);
            if dice.bool() {
                world.send(400);
            }
        }
        while world.channel.oldest().is_some() {
            world.send(400);
            world.take(Step::Shown(0));
            world.take(Step::Wait(pace));
        }
        let mut seen = std::collections::BTreeMap::<String, u64>::new();
        let mut others = 0;
        for record in world.said.split('\n').flat_map(|line| line.split(" · [")) {
            match claim(record) {
                Claim::Of(class, count) => *seen.entry(class).or_default() += count,
                Claim::Others(count) => others += count,
                Claim::None => {}
            }
        }
        for (class, count) in &seen {
            let known = logged.get(class).copied().unwrap_or_default();
            prop_assert!(*count <= known, "{} claimed of {}: {}\n{}", count, known, class, world.said);
        }
        let total = world.channel.counts().total();
        let told = seen.values().sum::<u64>() + others + total.dropped();
        prop_assert_eq!(told, world.pushed, "{}", world.said);
    }
}

/// What a record says that is no identifier.
#[derive(Debug, Clone)]
struct Told {
    level: Level,
    site: u32,
    path: &'static str,
    status: u16,
    number: u8,
    why: &'static str,
}

fn told() -> impl Strategy<Value = Told> {
    (
        level(),
        1..3_u32,
        prop::sample::select(vec!["/verify", "/settle", "/supported"]),
        prop::sample::select(vec![200, 400, 402, 429, 500, 502, 503]),
        0..4_u8,
        prop::sample::select(vec!["ok", "non_canonical_s", "timeout"]),
    )
        .prop_map(|(level, site, path, status, number, why)| Told {
            level,
            site,
            path,
            status,
            number,
            why,
        })
}

impl Told {
    fn class(&self) -> String {
        let Self {
            path,
            status,
            number,
            why,
            ..
        } = self;
        format!("[{}] {path} {status} {why} {number}", self.level)
    }

    /// With identifiers of every sort.
    fn text(&self, dice: &mut fastrand::Rng) -> String {
        let Self {
            path,
            status,
            number,
            why,
            ..
        } = self;
        format!(
            "POST {path}: status={status} {why} try {number} elapsed={}ms block {} from 10.0.0.{}:{} tx=0x{:032x}",
            dice.u32(1..3000),
            dice.u32(1_000_000..9_999_999),
            dice.u8(..),
            dice.u16(1024..),
            dice.u128(..),
        )
    }
}

enum Claim {
    /// So many records, that say this but for identifiers.
    Of(String, u64),
    /// So many of which nothing is claimed.
    Others(u64),
    None,
}

/// What the text of one record in a line claims.
fn claim(record: &str) -> Claim {
    let number = |text: &str| text.replace(',', "").parse::<u64>().unwrap();
    let between = |from: &str, to: &str| Some(record.split_once(from)?.1.split_once(to)?.0);
    if record.contains("] ↪ ") || record.is_empty() || record.starts_with('…') {
        return Claim::None;
    }
    if record.contains(" of other kinds") {
        return Claim::Others(number(between("×", " of other kinds").unwrap()));
    }
    let count = record
        .rsplit_once(" ×")
        .map_or(1, |(_, count)| number(count.split_once(" in ").unwrap().0));
    let level = record.trim_start_matches('[').split(']').next().unwrap();
    let words: Option<Vec<&str>> = between("POST ", " elapsed=").map(|it| it.split(' ').collect());
    let Some([path, status, why, "try", try_]) = words.as_deref() else {
        panic!("not as it was written: {record}");
    };
    let path = path.trim_end_matches(':');
    let status = status.trim_start_matches("status=");
    Claim::Of(format!("[{level}] {path} {status} {why} {try_}"), count)
}
