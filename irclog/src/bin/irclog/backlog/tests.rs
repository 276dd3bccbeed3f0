use std::sync::Arc;
use std::thread;

use log::Level;

use super::{Backlog, Batch, Intake, KEPT, LINE_LIMIT, Lines, Missed, clock};
use crate::lines::Entry;

/// Small enough that a test fills it many times.
const MOST: usize = 128 * 1024;
const MOST_URGENT: usize = 4 * 1024;

fn intake() -> Intake {
    Intake::holding(MOST, MOST_URGENT)
}

/// What was taken, one after the other, and the sum of what was missed.
#[derive(Default)]
struct Seen {
    lines: Option<Lines>,
    entries: Vec<Entry>,
    missed: Missed,
}

impl Seen {
    fn take(&mut self, intake: &mut Intake) {
        let mut batch = Batch::default();
        intake.take(&mut batch);
        let lines = self.lines.get_or_insert_with(|| Lines::new("shop"));
        let missed = batch.read(lines, &mut |entry| self.entries.push(entry));
        for (sum, more) in self.missed.0.iter_mut().zip(missed.0) {
            *sum += more;
        }
    }

    fn finish(&mut self, intake: &mut Intake) {
        self.take(intake);
        if let Some(lines) = &mut self.lines {
            lines.finish(clock::now(), &mut |entry| self.entries.push(entry));
        }
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
        let (mut intake, mut seen) = (intake(), Seen::default());
        for piece in text.as_bytes().chunks(size) {
            intake.push(piece);
            seen.take(&mut intake);
        }
        seen.finish(&mut intake);
        assert_eq!(
            seen.texts(),
            ["late", "on time", "hardly", "no end"],
            "{size}"
        );
        assert_eq!(seen.missed, Missed::default());
    }
}

/// Each line is read whole or counted, whatever the pieces and wherever the
/// room ends.
#[test]
fn what_does_not_fit_is_left_out_by_the_line_and_counted_by_level() {
    for size in [1, 1_000, 65_536, MOST + 1] {
        let (mut intake, mut seen) = (intake(), Seen::default());
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
            intake.push(piece);
        }
        assert!(intake.batch.bytes.len() <= MOST + LINE_LIMIT);
        seen.finish(&mut intake);
        for text in seen.texts() {
            assert!(text.ends_with('>') && text.contains(" <"), "{size}: {text}");
        }
        let read = |level| {
            seen.entries
                .iter()
                .filter(|entry| entry.level == level)
                .count() as u64
        };
        let expected = [
            (Level::Warn, count.div_ceil(10)),
            (Level::Debug, (count - 1).div_ceil(10)),
        ];
        let missed = |wanted| {
            let found = seen.missed.iter().find(|(level, _)| *level == wanted);
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
        let all: u64 = seen.missed.iter().map(|(_, count)| count).sum();
        assert_eq!(seen.entries.len() as u64 + all, count as u64);
        assert_eq!(missed(Level::Error), 0);

        // It goes on with the next line.
        intake.push(b"INFO:shop:after it\n");
        seen.finish(&mut intake);
        assert_eq!(seen.texts().last(), Some(&"after it"));
    }
}

#[test]
fn an_error_that_does_not_fit_is_read_all_the_same_and_of_many_the_rest_is_counted() {
    let (mut intake, mut seen) = (intake(), Seen::default());
    intake.push(&filler(2 * MOST));
    // In two pieces, and behind the middle of another line.
    intake.push(b" and so on\nERROR:shop:settling fa");
    intake.push(b"iled\nINFO:shop:nothing\n");
    seen.finish(&mut intake);
    assert_eq!(seen.texts().last(), Some(&"settling failed"));
    assert_eq!(seen.entries.last().unwrap().level, Level::Error);

    intake.push(&filler(2 * MOST));
    intake.push(b"\n");
    let line = b"ERROR:shop:settling failed\n";
    let count = MOST_URGENT / line.len() + 100;
    intake.push(&line.repeat(count));
    let before = seen.entries.len();
    seen.finish(&mut intake);
    let read = seen.entries[before..]
        .iter()
        .filter(|entry| entry.level == Level::Error)
        .count();
    let missed = seen.missed.iter().find(|(level, _)| *level == Level::Error);
    assert_eq!(read as u64 + missed.unwrap().1, count as u64);
    assert!(missed.unwrap().1 >= 100);
}

/// What came before a gap must not swallow what came after it, nor the other
/// way round.
#[test]
fn nothing_is_joined_across_a_gap() {
    let (mut intake, mut seen) = (intake(), Seen::default());
    intake.push(&filler(MOST - 100));
    intake.push(b"\nTraceback (most recent call last):\n  File \"a.py\", line 1, in a\n");
    intake.push(&filler(MOST));
    seen.take(&mut intake);
    intake.push(b"\nKeyError: 'another'\n");
    seen.finish(&mut intake);
    let errors: Vec<_> = seen
        .entries
        .iter()
        .filter(|entry| entry.level == Level::Error)
        .collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[1].text, "KeyError: 'another'");
}

#[test]
fn a_line_without_an_end_is_bounded_and_its_length_is_known() {
    for ended in [true, false] {
        let (mut intake, mut seen) = (intake(), Seen::default());
        intake.push(b"INFO:shop:first\nINFO:shop:");
        let piece = vec![b'x'; 100_000];
        for _ in 0..100 {
            intake.push(&piece);
        }
        assert!(intake.batch.bytes.len() <= MOST + LINE_LIMIT);
        if ended {
            intake.push(b"\n");
        } else {
            seen.take(&mut intake);
            intake.push(b"\n");
        }
        intake.push(b"INFO:shop:last\n");
        seen.finish(&mut intake);
        let long = &seen.entries[1];
        assert_eq!(long.text.len() + long.omitted, 100 * piece.len(), "{ended}");
        let last = seen.entries.last().unwrap();
        let is_counted = seen.missed == Missed([0, 0, 1, 0, 0]);
        assert!(
            last.text == "last" || is_counted,
            "{ended}: {:?}",
            seen.missed
        );
    }
}

#[test]
fn memory_of_a_storm_is_given_back() {
    let mut intake = intake();
    let mut batch = Batch::default();
    intake.push(&filler(MOST));
    intake.batch.bytes.reserve(2 * KEPT);
    for _ in 0..3 {
        intake.take(&mut batch);
        intake.push(b"INFO:shop:quiet again\n");
    }
    assert!(intake.batch.bytes.capacity() <= KEPT && batch.bytes.capacity() <= KEPT);
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
    let (mut intake, mut seen) = (intake(), Seen::default());
    intake.push(&filler(2 * MOST));
    intake.push(b"\n-----BEGIN PRIVATE KEY-----\n");
    seen.take(&mut intake);
    let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1k9XqUj7Rz0WbN2v";
    intake.push(format!("{line}\n{line}\nx9Tz4Kb2\n-----END PRIVATE KEY-----\n").as_bytes());
    seen.finish(&mut intake);
    for text in seen.texts() {
        let shown = irclog::scrub(text);
        assert!(
            !shown.contains("MIGH") && !shown.contains("1k9X"),
            "{shown}"
        );
    }
}
