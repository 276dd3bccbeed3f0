use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use log::Level;

use super::{Backlog, Batch, Intake, KEPT, LINE_LIMIT, Lines, Missed, clock};
use crate::lines::Entry;

/// Small enough that a test fills it many times.
const MOST: usize = 128 * 1024;
const MOST_URGENT: usize = 4 * 1024;

/// What goes in, what was taken of it, one after the other, and the sum of what
/// was missed. Time stands still unless it is let pass.
struct Bench {
    intake: Intake,
    lines: Lines,
    now: Instant,
    entries: Vec<Entry>,
    missed: Missed,
}

impl Bench {
    fn new() -> Self {
        Self {
            intake: Intake::holding(MOST, MOST_URGENT),
            lines: Lines::new("shop"),
            now: clock::now(),
            entries: Vec::new(),
            missed: Missed::default(),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.intake.push(bytes, self.now);
    }

    fn pass(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    fn take(&mut self) {
        let mut batch = Batch::default();
        self.intake.take(&mut batch, self.now);
        let missed = batch.read(&mut self.lines, &mut |entry| self.entries.push(entry));
        for (sum, more) in self.missed.0.iter_mut().zip(missed.0) {
            *sum += more;
        }
    }

    fn finish(&mut self) {
        self.take();
        self.lines
            .finish(self.now, &mut |entry| self.entries.push(entry));
    }

    fn texts(&self) -> Vec<&str> {
        self.entries
            .iter()
            .map(|entry| entry.text.as_str())
            .collect()
    }
}

fn filler(bytes: usize) -> Vec<u8> {
    b"INFO:shop:as many others\n"
        .iter()
        .copied()
        .cycle()
        .take(bytes)
        .collect()
}

#[test]
fn everything_comes_while_there_is_room_in_pieces_of_any_size() {
    let text = "ERROR:shop:late\nINFO:shop:on time\nWARNING:shop:hardly\nno end";
    for size in 1..=text.len() {
        let mut bench = Bench::new();
        for piece in text.as_bytes().chunks(size) {
            bench.push(piece);
            bench.take();
        }
        bench.finish();
        assert_eq!(
            bench.texts(),
            ["late", "on time", "hardly", "no end"],
            "{size}"
        );
        assert_eq!(bench.missed, Missed::default());
    }
}

/// Each line is read whole or counted, whatever the pieces and wherever the
/// room ends.
#[test]
fn what_does_not_fit_is_left_out_by_the_line_and_counted_by_level() {
    for size in [1, 1_000, 65_536, MOST + 1] {
        let mut bench = Bench::new();
        let line = |n: usize| match n % 10 {
            0 => format!("2026-01-31 23:59:59,123 - shop - WARNING - slow <{n}>\n"),
            1 => format!("DEBUG:shop:asked <{n}>\n"),
            2 => format!("level=info msg=\"said no more\" <{n}>\n"),
            _ => format!("INFO:shop:one of many <{n}>\n"),
        };
        let count = 3 * MOST / 30;
        let text: String = (0..count).map(line).collect();
        assert!(text.len() > 2 * MOST);
        for piece in text.as_bytes().chunks(size) {
            bench.push(piece);
        }
        assert!(bench.intake.batch.bytes.len() <= MOST + LINE_LIMIT);
        bench.finish();
        for text in bench.texts() {
            assert!(text.ends_with('>') && text.contains(" <"), "{size}: {text}");
        }
        let read = |level| {
            bench
                .entries
                .iter()
                .filter(|entry| entry.level == level)
                .count() as u64
        };
        let expected = [
            (Level::Warn, count.div_ceil(10)),
            (Level::Debug, (count - 1).div_ceil(10)),
        ];
        let missed = |wanted| {
            let found = bench.missed.iter().find(|(level, _)| *level == wanted);
            found.map_or(0, |(_, count)| count)
        };
        for (level, expected) in expected {
            assert!(missed(level) > 0);
            assert_eq!(
                read(level) + missed(level),
                expected as u64,
                "{size}: {level}"
            );
        }
        let all: u64 = bench.missed.iter().map(|(_, count)| count).sum();
        assert_eq!(bench.entries.len() as u64 + all, count as u64);
        assert_eq!(missed(Level::Error), 0);

        // It goes on with the next line.
        bench.push(b"INFO:shop:after it\n");
        bench.finish();
        assert_eq!(bench.texts().last(), Some(&"after it"));
    }
}

#[test]
fn an_error_that_does_not_fit_is_read_all_the_same_and_of_many_the_rest_is_counted() {
    let mut bench = Bench::new();
    bench.push(&filler(2 * MOST));
    // In two pieces, and behind the middle of another line.
    bench.push(b" and so on\nERROR:shop:settling fa");
    bench.push(b"iled\nINFO:shop:nothing\n");
    bench.finish();
    assert_eq!(bench.texts().last(), Some(&"settling failed"));
    assert_eq!(bench.entries.last().unwrap().level, Level::Error);

    bench.push(&filler(2 * MOST));
    bench.push(b"\n");
    let line = b"ERROR:shop:settling failed\n";
    let count = MOST_URGENT / line.len() + 100;
    bench.push(&line.repeat(count));
    let before = bench.entries.len();
    bench.finish();
    let read = bench.entries[before..]
        .iter()
        .filter(|entry| entry.level == Level::Error)
        .count();
    let missed = bench
        .missed
        .iter()
        .find(|(level, _)| *level == Level::Error);
    assert_eq!(read as u64 + missed.unwrap().1, count as u64);
    assert!(missed.unwrap().1 >= 100);
}

/// What came before a gap must not swallow what came after it, nor the other
/// way round.
#[test]
fn nothing_is_joined_across_a_gap() {
    let mut bench = Bench::new();
    bench.push(&filler(MOST - 100));
    bench.push(b"\nTraceback (most recent call last):\n  File \"a.py\", line 1, in a\n");
    bench.push(&filler(MOST));
    bench.take();
    bench.push(b"\nKeyError: 'another'\n");
    bench.finish();
    let errors: Vec<_> = bench
        .entries
        .iter()
        .filter(|entry| entry.level == Level::Error)
        .collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[1].text, "KeyError: 'another'");
}

const TRACE: [&str; 4] = [
    "Exception in thread \"worker 1\" Refused: cannot settle\n",
    "\tat Shop.settle(Shop.java:9)\n",
    "Caused by: NoPrice: eth\n",
    "\tat Shop.price(Shop.java:7)\n",
];

/// On a busy machine whoever reads is late: what came together stays so.
#[test]
fn lines_belong_together_by_when_they_came_however_late_they_are_read() {
    for taken_after in 0..=TRACE.len() {
        let mut bench = Bench::new();
        for (at, line) in TRACE.into_iter().enumerate() {
            if at == taken_after {
                bench.take();
            }
            bench.push(line.as_bytes());
            bench.pass(10);
        }
        bench.pass(3_000);
        bench.take();
        assert_eq!(bench.texts().len(), 1, "{:?}", bench.texts());
    }

    // And what came apart does not, though it is read at once.
    let mut bench = Bench::new();
    bench.push(b"ERROR:shop:settling failed\n");
    bench.pass(500);
    bench.push(b"ValueError: of something else\n");
    bench.take();
    bench.finish();
    assert_eq!(
        bench.texts(),
        ["settling failed", "ValueError: of something else"]
    );
}

#[test]
fn what_is_known_of_when_bytes_came_is_bounded() {
    let mut bench = Bench::new();
    for _ in 0..20_000 {
        bench.push(b"INFO:shop:as many others\n");
    }
    assert_eq!(bench.intake.batch.arrivals.len(), 1);
    for _ in 0..20_000 {
        bench.pass(10);
        bench.push(b"INFO:shop:as many others\n");
    }
    // All of these are left out.
    assert!(bench.intake.batch.arrivals.len() <= 2);
}

#[test]
fn a_line_without_an_end_is_bounded_and_its_length_is_known() {
    for ended in [true, false] {
        let mut bench = Bench::new();
        bench.push(b"INFO:shop:first\nINFO:shop:");
        let piece = vec![b'x'; 100_000];
        for _ in 0..100 {
            bench.push(&piece);
        }
        assert!(bench.intake.batch.bytes.len() <= MOST + LINE_LIMIT);
        if ended {
            bench.push(b"\n");
        } else {
            bench.take();
            bench.push(b"\n");
        }
        bench.push(b"INFO:shop:last\n");
        bench.finish();
        let long = &bench.entries[1];
        assert_eq!(long.text.len() + long.omitted, 100 * piece.len(), "{ended}");
        let last = bench.entries.last().unwrap();
        let is_counted = bench.missed == Missed([0, 0, 1, 0, 0]);
        assert!(
            last.text == "last" || is_counted,
            "{ended}: {:?}",
            bench.missed
        );
    }
}

#[test]
fn memory_of_a_storm_is_given_back() {
    let mut bench = Bench::new();
    let mut batch = Batch::default();
    bench.push(&filler(MOST));
    bench.intake.batch.bytes.reserve(2 * KEPT);
    for _ in 0..3 {
        bench.intake.take(&mut batch, bench.now);
        bench.push(b"INFO:shop:quiet again\n");
    }
    assert!(bench.intake.batch.bytes.capacity() <= KEPT && batch.bytes.capacity() <= KEPT);
}

#[test]
fn whoever_waits_is_told_of_what_comes_and_of_the_end() {
    let backlog = Arc::new(Backlog::default());
    let reader = thread::spawn({
        let backlog = Arc::clone(&backlog);
        move || {
            let (mut batch, mut all) = (Batch::default(), Vec::new());
            loop {
                let goes_on = backlog.take(&mut batch, None);
                all.extend_from_slice(&batch.bytes);
                if !goes_on {
                    return all;
                }
            }
        }
    });
    let text = filler(100_000);
    for piece in text.chunks(777) {
        backlog.push(piece);
    }
    backlog.end();
    assert!(reader.join().unwrap() == text);

    // So is a record that waits for no more.
    let (backlog, mut batch) = (Backlog::default(), Batch::default());
    let (mut lines, mut seen) = (Lines::new("shop"), 0);
    backlog.push(b"ready\na prompt: ");
    while seen == 0 {
        assert!(backlog.take(&mut batch, lines.deadline()));
        batch.read(&mut lines, &mut |entry| {
            assert_eq!(entry.text, "ready");
            seen += 1;
        });
    }
}

/// The lines of a key whose first line was left out are masked by what they
/// look like.
#[test]
fn a_key_is_hidden_although_its_first_line_was_left_out() {
    let mut bench = Bench::new();
    bench.push(&filler(2 * MOST));
    bench.push(b"\n-----BEGIN PRIVATE KEY-----\n");
    bench.take();
    let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1k9XqUj7Rz0WbN2v";
    bench.push(format!("{line}\n{line}\nx9Tz4Kb2\n-----END PRIVATE KEY-----\n").as_bytes());
    bench.finish();
    for text in bench.texts() {
        let shown = irclog::scrub(text);
        assert!(
            !shown.contains("MIGH") && !shown.contains("1k9X"),
            "{shown}"
        );
    }
}
