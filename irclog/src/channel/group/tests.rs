//! Several channels that share one connection.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::*;
use crate::channel::Options;
use crate::channel::tests::start;
use crate::hide::Hide;
use crate::line::MAIN;
use crate::redact::scrub::Scrubber;
use crate::redact::vault::Vault;

/// Channels, a clock, and a server that takes what it is given.
struct Bench {
    channels: Channels,
    vault: Arc<Vault>,
    now: Instant,
    logged: u32,
}

const ROOM: usize = 400;

fn room() -> Room {
    NonZeroUsize::new(ROOM).unwrap().into()
}

impl Bench {
    fn of(count: usize) -> Self {
        Self::with(count, &Options::default())
    }

    fn with(count: usize, options: &Options) -> Self {
        let vault = Arc::new(Vault::default());
        let scrubber = Arc::new(Scrubber::default().vault(Arc::clone(&vault)));
        let channel = |id| {
            let options = Options {
                id,
                formatting: false,
                ..options.clone()
            };
            Channel::new(options, Arc::clone(&scrubber))
        };
        Self {
            channels: Channels::new(ChannelId::first(count).map(channel).collect()),
            vault,
            now: start(),
            logged: 0,
        }
    }

    fn ids(&self) -> Vec<ChannelId> {
        self.channels.ids().collect()
    }

    /// A record of its own call site, for these channels.
    fn log(&mut self, to: &[ChannelId], level: Level, text: &str) {
        self.logged += 1;
        let mut record = Box::new(Record::empty());
        record.level = level;
        record.to = to.iter().copied().collect();
        record.site.target.push_str("pay");
        record.site.file.push_str("src/settle.rs");
        record.site.line = self.logged;
        record.text.push_str(text);
        self.channels.push(record, self.now);
        self.check();
    }

    fn check(&self) {
        for counts in self.channels.counts() {
            for (level, counts) in counts.iter() {
                assert!(counts.balance(), "{level}: {counts:?}");
            }
        }
    }

    /// The next line, and what others say with it.
    fn next_of(&mut self, open: ChannelSet) -> Option<(Line, Vec<LineId>)> {
        let (id, _) = self.channels.turn(open, self.now)?;
        let line = self.channels.next_line(id, room(), self.now)?;
        let others: Vec<ChannelId> = open.iter().filter(|&other| other != id).collect();
        let same = |other| self.channels.share(&line, other, room(), self.now);
        let others = others.into_iter().filter_map(same).collect();
        self.check();
        Some((line, others))
    }

    fn next(&mut self) -> Option<(Line, Vec<LineId>)> {
        self.next_of(self.channels.everyone())
    }

    /// All that can be said now, one line after the other: where, and what.
    fn all(&mut self) -> Vec<(ChannelId, String)> {
        let mut all = Vec::new();
        while let Some((line, others)) = self.next() {
            for id in std::iter::once(line.id).chain(others) {
                all.push((id.channel(), line.text.clone()));
                self.channels.shown(id, self.now);
                self.check();
            }
        }
        all
    }
}

fn texts(lines: &[(ChannelId, String)], of: ChannelId) -> Vec<&str> {
    let own = lines.iter().filter(|(id, _)| *id == of);
    own.map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_record_goes_where_it_is_for_and_counts_once_in_each() {
    let mut bench = Bench::of(3);
    let [a, b, c] = bench.ids()[..] else { panic!() };
    bench.log(&[a], Level::Info, "one");
    bench.log(&[b, c], Level::Info, "two");
    bench.log(&[a, b, c], Level::Error, "three");
    let lines = bench.all();
    assert_eq!(
        texts(&lines, a),
        ["[ERROR] pay - three", "[INFO] pay - one"]
    );
    assert_eq!(
        texts(&lines, b),
        ["[ERROR] pay - three", "[INFO] pay - two"]
    );
    assert_eq!(
        texts(&lines, c),
        ["[ERROR] pay - three", "[INFO] pay - two"]
    );
    for counts in bench.channels.counts() {
        assert_eq!((counts.total().pushed, counts.total().shown), (2, 2));
    }
}

#[test]
fn an_error_of_any_comes_first_and_the_rest_take_turns() {
    let mut bench = Bench::of(3);
    let [a, b, c] = bench.ids()[..] else { panic!() };
    for n in 0..3 {
        bench.log(&[a], Level::Info, &format!("a{n}"));
        bench.log(&[b], Level::Warn, &format!("b{n}"));
    }
    bench.log(&[c], Level::Error, "c");
    let lines = bench.all();
    let order: Vec<ChannelId> = lines.iter().map(|&(id, _)| id).collect();
    assert_eq!(order, [c, a, b, a, b, a, b]);
}

#[test]
fn a_storm_in_one_leaves_the_others_every_second_line() {
    let mut bench = Bench::of(2);
    let [a, b] = bench.ids()[..] else { panic!() };
    for n in 0..100 {
        bench.log(&[a], Level::Warn, &format!("storm {n}"));
    }
    bench.log(&[b], Level::Info, "a word");
    bench.next();
    let (line, _) = bench.next().expect("a line");
    assert_eq!(
        (line.id.channel(), line.text.as_str()),
        (b, "[INFO] pay - a word")
    );
}

#[test]
fn who_is_shut_keeps_nothing_from_the_others_and_has_its_digest_later() {
    let mut bench = Bench::of(2);
    let [a, b] = bench.ids()[..] else { panic!() };
    bench.log(&[a, b], Level::Error, "for both");
    let mark = bench.channels.mark();
    let (line, others) = bench.next_of(b.into()).expect("a line");
    assert_eq!((line.id.channel(), others.len()), (b, 0));
    bench.channels.shown(line.id, bench.now);
    assert!(bench.next_of(b.into()).is_none());
    assert_eq!(bench.channels.unsettled(&mark), a.into());
    bench.now += Duration::from_secs(60);
    let (line, _) = bench.next().expect("a line");
    assert_eq!(line.id.channel(), a);
    bench.channels.shown(line.id, bench.now);
    assert!(bench.channels.unsettled(&mark).is_empty());
}

#[test]
fn equal_lines_are_said_together_and_others_wait_for_their_own_turn() {
    let mut bench = Bench::of(3);
    let [a, b, c] = bench.ids()[..] else { panic!() };
    bench.log(&[a, b, c], Level::Info, "for all");
    let (line, others) = bench.next().expect("a line");
    assert_eq!(line.id.channel(), a);
    let with: Vec<ChannelId> = others.iter().map(|id| id.channel()).collect();
    assert_eq!(with, [b, c]);
    assert!(bench.next().is_none());
    // One has something else to say first.
    bench.log(&[b], Level::Warn, "before");
    bench.log(&[a, b], Level::Warn, "for two");
    bench.channels.next = 0;
    let (line, others) = bench.next().expect("a line");
    assert_eq!(
        (line.id.channel(), line.text.as_str()),
        (a, "[WARN] pay - for two")
    );
    assert_eq!(others, []);
    let rest = bench.all();
    assert_eq!(
        texts(&rest, b),
        ["[WARN] pay - before", "[WARN] pay - for two"]
    );
}

#[test]
fn a_line_that_reads_otherwise_elsewhere_is_put_back_and_said_alone() {
    let mut bench = Bench::of(2);
    let [_, b] = bench.ids()[..] else { panic!() };
    // In one of them there are several senders, and each is named.
    for sender in ["api", "worker"] {
        let mut record = Box::new(Record::empty());
        record.to = b.into();
        record.sender = sender.into();
        record.text = format!("from {sender}");
        bench.channels.push(record, bench.now);
    }
    bench.all();
    let mut record = Box::new(Record::empty());
    record.to = bench.channels.everyone();
    record.sender = "api".into();
    record.site.target = "pay".into();
    record.text = "for both".into();
    bench.channels.all[0].options.nick = "api".into();
    bench.channels.push(record, bench.now);
    bench.channels.next = 0;
    let (line, others) = bench.next().expect("a line");
    assert_eq!(
        (line.text.as_str(), others),
        ("[INFO] pay - for both", vec![])
    );
    let (line, _) = bench.next().expect("a line");
    assert_eq!(line.id.channel(), b);
    assert_eq!(line.text, "[INFO] api pay - for both");
    bench.channels.shown(line.id, bench.now);
    bench.check();
    assert!(bench.next().is_none());
}

#[test]
fn a_secret_that_becomes_known_between_two_channels_is_masked_in_the_second() {
    let mut bench = Bench::of(2);
    let [a, b] = bench.ids()[..] else { panic!() };
    let text = "the answer was Zq8-plainly-no-secret";
    bench.log(&[a, b], Level::Info, text);
    let (line, _) = bench.next_of(a.into()).expect("a line");
    assert!(line.text.ends_with(text));
    assert!(bench.vault.register("", "Zq8-plainly-no-secret"));
    let (line, _) = bench.next_of(b.into()).expect("a line");
    assert!(!line.text.contains("plainly"), "{}", line.text);
}

#[test]
fn what_nobody_wants_to_see_is_hidden_in_each() {
    let hide = Hide {
        pattern: Some(regex::Regex::new("^heartbeat").unwrap()),
        ..Hide::default()
    };
    let mut bench = Bench::with(
        2,
        &Options {
            hide,
            ..Options::default()
        },
    );
    let everyone = bench.ids();
    bench.log(&everyone, Level::Info, "heartbeat 7");
    assert!(bench.next().is_none());
    for counts in bench.channels.counts() {
        assert_eq!(counts.total().hidden, 1);
    }
}

#[test]
fn what_was_counted_at_the_source_or_lost_is_told_where_it_belongs() {
    let mut bench = Bench::of(3);
    let [a, b, c] = bench.ids()[..] else { panic!() };
    let site = Site {
        target: "pay",
        file: "src/settle.rs",
        line: 7,
    };
    let (now, two) = (bench.now, [a, b].into_iter().collect());
    bench.channels.shed(two, Level::Info, site, 40, now);
    bench
        .channels
        .dropped(c.into(), Level::Warn, Loss::LaneFull, 3, now);
    bench.check();
    bench.now += Duration::from_secs(11);
    let lines = bench.all();
    for id in [a, b] {
        assert!(texts(&lines, id)[0].contains("+40 more"), "{lines:?}");
    }
    assert_eq!(texts(&lines, c), ["… 3 lines not shown (3 WARN)"]);
}

#[test]
fn a_refusal_is_its_own_channels_alone() {
    let mut bench = Bench::of(2);
    let everyone = bench.ids();
    bench.log(&everyone, Level::Error, "for both");
    let (line, others) = bench.next().expect("a line");
    bench.channels.shown(line.id, bench.now);
    (bench.channels).refused(others[0], Refusal::CannotSend, bench.now);
    bench.check();
    let (again, _) = bench.next().expect("it is tried again");
    assert_eq!(again.id.channel(), others[0].channel());
    assert_eq!(bench.channels.counts()[MAIN.index()].total().shown, 1);
}

/// Whatever happens in whatever order, no channel loses a record in silence.
#[test]
fn nothing_is_lost_in_silence_whatever_happens() {
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..60 {
        let mut bench = Bench::of(3);
        let ids = bench.ids();
        let mut open = bench.channels.everyone();
        let mut flying: Vec<LineId> = Vec::new();
        let mut meant = [0_u64; 3];
        for step in 0..400 {
            bench.now += Duration::from_millis(random.u64(0..800));
            match random.u8(0..12) {
                0..=4 => {
                    let to: Vec<ChannelId> =
                        ids.iter().copied().filter(|_| random.bool()).collect();
                    for id in &to {
                        meant[id.index()] += 1;
                    }
                    let levels = [Level::Error, Level::Warn, Level::Info];
                    let level = levels[random.usize(0..3)];
                    let text = format!("record {} of {}", random.u8(0..9), step % 7);
                    bench.log(&to, level, &text);
                }
                5..=8 => {
                    if let Some((line, others)) = bench.next_of(open) {
                        assert!(line.text.len() <= ROOM);
                        flying.push(line.id);
                        flying.extend(others);
                    }
                }
                9 => {
                    open = ids
                        .iter()
                        .copied()
                        .filter(|_| random.u8(0..4) > 0)
                        .collect();
                }
                10 if random.u8(0..20) == 0 => {
                    flying.clear();
                    bench.channels.disconnected(bench.now);
                }
                _ => {
                    for line in std::mem::take(&mut flying) {
                        match random.u8(0..8) {
                            0 => bench.channels.refused(line, Refusal::CannotSend, bench.now),
                            1 => bench.channels.doubted(line, Refusal::Unproven, bench.now),
                            _ => bench.channels.shown(line, bench.now),
                        }
                    }
                }
            }
            bench.channels.elapse(bench.now);
            bench.check();
        }
        for (counts, meant) in bench.channels.counts().into_iter().zip(meant) {
            assert_eq!(counts.total().pushed, meant, "round {round}");
        }
    }
}
