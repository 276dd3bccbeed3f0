//! What led to an ERROR, behind it.

use super::*;
use crate::line::Room;
use crate::trail::{Step, Trail};

impl Bench {
    /// An ERROR, and what led to it: how many milliseconds before, at which
    /// level, and what it said.
    fn fail_with(&mut self, text: &str, steps: &[(u64, Level, &str)]) {
        let step = |&(before, level, text): &(u64, Level, &str)| {
            let mut step = Box::new(Step::empty());
            step.level = level;
            step.time = self.wall() - Duration::from_millis(before);
            step.text.push_str(text);
            step
        };
        let trail = Trail {
            steps: steps.iter().map(step).collect(),
            is_cut: false,
        };
        self.fail_after(text, trail);
    }

    fn fail_after(&mut self, text: &str, trail: Trail) {
        let mut record = Box::new(Record::empty());
        record.level = Level::Error;
        record.time = self.wall();
        record.site.target.push_str("pay");
        record.text.push_str(text);
        record.trail = Some(Arc::new(trail));
        self.channel.push(record, self.now);
        self.check();
    }
}

#[test]
fn what_led_to_an_error_comes_behind_it() {
    let mut bench = Bench::new();
    bench.log(Level::Info, "Settling");
    bench.fail_with(
        "execution reverted",
        &[
            (12, Level::Info, "Settling payer=0x6bdc"),
            (12, Level::Debug, "nonce 187 reserved"),
            (10, Level::Debug, "simulate base"),
        ],
    );
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - execution reverted",
            "↳ before: +0 ms INFO Settling payer=0x6bdc · DEBUG nonce 187 reserved · \
             +2 ms DEBUG simulate base",
            "[INFO] pay - Settling",
        ]
    );
    bench.acknowledge();
    let counts = bench.channel.counts();
    assert_eq!(counts[Level::Debug].context, 2);
    assert_eq!(counts[Level::Info].context, 1);
    assert_eq!(counts.total().shown, 2);
    assert!(bench.channel.is_settled());
}

#[test]
fn the_first_of_a_kind_has_it_and_then_one_a_minute() {
    let mut bench = Bench::new();
    let mut lines = Vec::new();
    for _ in 0..13 {
        bench.fail_with("nonce too low: 187", &[(1, Level::Debug, "reserve")]);
        lines.extend(bench.all());
        bench.wait(10.0);
    }
    let told = lines.iter().filter(|line| line.starts_with('↳')).count();
    assert!((2..=3).contains(&told), "{lines:#?}");
}

#[test]
fn no_error_waits_for_it() {
    let mut bench = Bench::new();
    bench.fail_with("one", &[(1, Level::Debug, "first step")]);
    assert_eq!(bench.next().as_deref(), Some("[ERROR] pay - one"));
    bench.fail_with("another", &[(1, Level::Debug, "second step")]);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - another",
            "↳ before 14:02:10 pay one: +0 ms DEBUG first step",
            "↳ before 14:02:10 pay another: +0 ms DEBUG second step",
        ],
        "whose it is, is said where other lines came between"
    );
}

#[test]
fn it_is_left_out_first_when_the_channel_does_not_keep_up() {
    let mut bench = Bench::new();
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    assert_eq!(bench.next().as_deref(), Some("[ERROR] pay - one"));
    for second in 0..12 {
        for n in 0..20 {
            bench.log(Level::Warn, &format!("warning {second}.{n}"));
        }
        let line = bench.next().unwrap();
        assert!(line.starts_with("[WARN]"), "{line}");
        bench.wait(1.0);
    }
    let lines = bench.all();
    assert!(lines.iter().all(|line| !line.contains('↳')), "{lines:#?}");
    bench.acknowledge();
    assert_eq!(bench.channel.counts().total().context, 0);
    assert!(bench.channel.is_settled());
    // What nobody was told is told with the next of its kind.
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    assert_eq!(
        bench.all(),
        ["[ERROR] pay - one", "↳ before: +0 ms DEBUG a step"]
    );
}

#[test]
fn it_outlasts_a_moment_in_which_the_channel_does_not_keep_up() {
    let mut bench = Bench::new();
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    assert_eq!(bench.next().as_deref(), Some("[ERROR] pay - one"));
    for n in 0..20 {
        bench.log(Level::Warn, &format!("warning {n}"));
    }
    let lines = bench.all();
    let (last, others) = lines.split_last().unwrap();
    assert_eq!(last, "↳ before 14:02:10 pay one: +0 ms DEBUG a step");
    assert!(others.iter().all(|line| !line.contains('↳')), "{lines:#?}");
}

#[test]
fn of_an_error_from_before_the_channel_was_joined_it_is_told() {
    let mut bench = Bench::new();
    for n in 0..3 {
        bench.log(Level::Info, &format!("settling {n}"));
    }
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    bench.wait(3.0);
    let lines = bench.all();
    assert_eq!(lines[0], "[ERROR] 14:02:10 pay - one");
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with("+0 ms DEBUG a step")),
        "{lines:#?}"
    );
}

#[test]
fn errors_that_share_a_line_each_have_it_and_say_whose_it_is() {
    let mut bench = Bench::new();
    for nth in ["one", "another"] {
        bench.fail_with(nth, &[(1, Level::Debug, &format!("before {nth}"))]);
    }
    bench.wait(1.0);
    assert_eq!(
        bench.all(),
        [
            "[ERROR] pay - one · [ERROR] pay - another",
            "↳ before 14:02:10 pay one: +0 ms DEBUG before one",
            "↳ before 14:02:10 pay another: +0 ms DEBUG before another",
        ]
    );
}

#[test]
fn it_explains_nothing_long_after() {
    let mut bench = Bench::new();
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    assert_eq!(bench.next().as_deref(), Some("[ERROR] pay - one"));
    bench.wait(11.0);
    assert_eq!(bench.next(), None);
}

#[test]
fn at_the_end_it_comes_last_where_there_is_room() {
    for (left, told) in [(10_000, 1), (20, 0)] {
        let mut bench = Bench::new();
        bench.log(Level::Info, "Settling");
        bench.fail_with("one", &[(1, Level::Debug, "a step")]);
        bench.channel.close(bench.now);
        let mut lines = Vec::new();
        while !bench.channel.has_said_all() {
            let room = Room {
                left: Some(left),
                ..NonZeroUsize::new(400).unwrap().into()
            };
            let line = bench.channel.next_line(room, bench.now);
            lines.extend(line.map(|line| line.text));
        }
        assert_eq!(lines[0], "[ERROR] pay - one");
        let before = lines.iter().filter(|line| line.starts_with('↳')).count();
        assert_eq!(before, told, "{lines:?}");
        assert!(before == 0 || lines.last().unwrap().starts_with('↳'));
    }
}

#[test]
fn two_lines_tell_what_they_can_the_nearest_to_the_error_for_sure() {
    for (count, length) in [(1, 2_000), (3, 600), (12, 30), (16, 400), (16, 20)] {
        let text = |n: usize| format!("step-{n} {}", "word ".repeat(length / 5));
        let texts: Vec<String> = (0..count).map(text).collect();
        let steps = texts.iter().map(|text| (5, Level::Debug, text.as_str()));
        let mut bench = Bench::new();
        bench.fail_with("failed", &steps.collect::<Vec<_>>());
        let lines = bench.all();
        assert!((2..=3).contains(&lines.len()), "{lines:#?}");
        let all = lines[1..].join(" ");
        assert!(all.contains(&format!("step-{}", count - 1)), "{all}");
        let is_whole = all.contains("step-0 ");
        assert_eq!(lines[1].starts_with("↳ before: … "), !is_whole, "{all}");
        bench.acknowledge();
        let told = bench.channel.counts()[Level::Debug].context;
        assert_eq!(usize::try_from(told) == Ok(count), is_whole);
    }
}

#[test]
fn the_same_again_is_counted_and_a_pause_is_told() {
    let mut bench = Bench::new();
    let poll = (31_000, Level::Debug, "polling the receipt");
    bench.fail_with("timed out", &[poll, poll, poll]);
    assert_eq!(
        bench.all()[1],
        "↳ before: +0 ms DEBUG polling the receipt ×3 · +31 s ERROR"
    );
    bench.acknowledge();
    assert_eq!(bench.channel.counts()[Level::Debug].context, 3);
}

#[test]
fn the_same_at_another_level_is_not_the_same() {
    let mut bench = Bench::new();
    let steps = [Level::Debug, Level::Info].map(|level| (5, level, "retrying"));
    bench.fail_with("timed out", &steps);
    assert_eq!(
        bench.all()[1],
        "↳ before: +0 ms DEBUG retrying · INFO retrying"
    );
}

#[test]
fn of_more_errors_than_the_channel_keeps_up_with_it_is_not_told() {
    let mut bench = Bench::new();
    for what in ["nonce", "balance", "gas", "price", "signature"] {
        bench.fail_with(what, &[(1, Level::Debug, "a step")]);
    }
    bench.wait(1.0);
    let lines = bench.all();
    let told = lines.iter().filter(|line| line.starts_with("↳ before"));
    assert_eq!(told.count(), 4, "{lines:#?}");
}

#[test]
fn a_key_that_came_line_by_line_is_hidden_to_its_short_last_line() {
    let mut bench = Bench::new();
    bench.fail_with(
        "failed",
        &[
            (9, Level::Debug, "-----BEGIN PRIVATE KEY-----"),
            (8, Level::Debug, "kX3dq9Tw"),
            (7, Level::Debug, "-----END PRIVATE KEY-----"),
            (6, Level::Debug, "behind"),
        ],
    );
    let lines = bench.all().join("\n");
    assert!(!lines.contains("kX3dq9Tw"), "{lines}");
    assert!(lines.contains("behind"), "{lines}");
}

#[test]
fn nothing_secret_is_in_it_and_nothing_looks_like_another_record() {
    let mut bench = Bench::new();
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    bench.fail_with(
        "failed",
        &[
            (
                9,
                Level::Debug,
                "POST /settle api_key=9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            ),
            (8, Level::Debug, "a · [ERROR] pay - b\nc"),
            (7, Level::Debug, "-----BEGIN PRIVATE KEY-----"),
            (6, Level::Debug, body),
            (5, Level::Debug, "-----END PRIVATE KEY-----"),
            (4, Level::Debug, "=================="),
            (3, Level::Debug, "behind"),
        ],
    );
    let lines = bench.all().join("\n");
    assert!(!lines.contains("9f8e7d6c5b4a"), "{lines}");
    assert!(!lines.contains(&body[8..24]), "{lines}");
    assert!(
        !lines.contains("· [ERROR]") && !lines.contains("===="),
        "{lines}"
    );
    assert!(lines.contains("DEBUG behind"), "{lines}");
}

#[test]
fn a_value_that_became_known_since_is_not_told() {
    use crate::redact::vault::Vault;
    let vault = Arc::new(Vault::default());
    let scrubber = Scrubber::default().vault(Arc::clone(&vault));
    let mut bench = Bench::new();
    bench.channel = Channel::new(Options::default(), Arc::new(scrubber));
    bench.fail_with(
        "failed",
        &[(1, Level::Debug, "with walnut-harbour-seventeen")],
    );
    assert!(vault.register("", "walnut-harbour-seventeen"));
    let lines = bench.all();
    assert_eq!(lines.len(), 2);
    assert!(!lines[1].contains("walnut"), "{lines:?}");
}

#[test]
fn what_nobody_wants_to_see_is_not_in_it() {
    let mut bench = Bench::with(Options {
        formatting: false,
        hide: Hide {
            pattern: Some(regex::Regex::new("^poll").unwrap()),
            ..Hide::default()
        },
        ..Options::default()
    });
    bench.fail_with(
        "failed",
        &[(2, Level::Debug, "poll"), (1, Level::Debug, "send")],
    );
    assert_eq!(bench.all()[1], "↳ before: +0 ms DEBUG send");
    bench.wait(100.0);
    bench.fail_with("failed", &[(2, Level::Debug, "poll")]);
    assert_eq!(bench.all().len(), 1, "nothing is left to be told");
}

#[test]
fn of_one_story_the_first_error_says_what_led_to_it() {
    let mut bench = Bench::new();
    bench.fail_with(
        "execution reverted request_id=7f3a9c",
        &[(1, Level::Debug, "a step")],
    );
    bench.log(
        Level::Error,
        "settling failed: execution reverted request_id=7f3a9c",
    );
    bench.wait(0.4);
    let lines = bench.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert_eq!(lines[1], "↳ before: +0 ms DEBUG a step");
}

#[test]
fn of_a_dump_the_first_error_says_what_led_to_it() {
    let mut bench = Bench::new();
    bench.fail_with(
        "=== SETTLE REQUEST === request_id=7f3a9c",
        &[(1, Level::Debug, "a step")],
    );
    for text in ["version 1", "network base", "invalid type: string \"1\""] {
        bench.log(Level::Error, &format!("{text} request_id=7f3a9c"));
    }
    bench.wait(0.4);
    let lines = bench.all();
    assert!(
        lines[0].starts_with("[ERROR] pay - invalid type"),
        "{lines:#?}"
    );
    assert_eq!(lines[1], "↳ before: +0 ms DEBUG a step", "{lines:#?}");
}

#[test]
fn a_refused_line_of_it_is_not_said_again() {
    let mut bench = Bench::new();
    bench.fail_with("one", &[(1, Level::Debug, "a step")]);
    assert!(bench.next().is_some());
    bench.acknowledge();
    assert!(bench.next().is_some_and(|line| line.starts_with('↳')));
    bench.refuse(Refusal::CannotSend);
    assert_eq!(bench.next(), None);
    bench.fail_with("two", &[(1, Level::Debug, "a step")]);
    assert!(bench.next().is_some());
    bench.channel.mute(bench.now);
    assert_eq!(bench.next(), None, "a silence ends it");
    assert!(bench.channel.has_said_all());
}

#[test]
fn whose_it_is_is_told_by_the_request_and_no_secret_is_in_it() {
    let mut bench = Bench::new();
    bench.fail_with(
        "refused api_key=9f8e7d6c5b4a39281706f5e4d3c2b1a0 for ever",
        &[(1, Level::Debug, "first step")],
    );
    assert!(bench.next().is_some());
    bench.fail_with(
        "execution reverted request_id=7f3a9c",
        &[(1, Level::Debug, "second step request_id=7f3a9c")],
    );
    bench.wait(0.4);
    let lines = bench.all();
    assert_eq!(
        lines[1..],
        [
            "↳ before 14:02:10 pay refused api_key=[REDACTED] for ever: +0 ms DEBUG first step",
            "↳ before 14:02:10 pay 7f3a9c: +0 ms DEBUG second step",
        ]
    );
}

#[test]
fn a_request_whose_id_is_redacted_is_not_named_by_it() {
    let mut bench = Bench::new();
    let secret = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0";
    let url = format!("failed at https://u:pw@x.example/?key=1&secret=request_id={secret}");
    bench.fail_with(&url, &[(1, Level::Debug, "a step")]);
    bench.wait(0.4);
    assert!(bench.next().is_some());
    bench.fail_with("another", &[(1, Level::Debug, "a step")]);
    let lines = bench.all().join("\n");
    assert!(
        lines.contains("↳ before") && !lines.contains(secret),
        "{lines}"
    );
}
