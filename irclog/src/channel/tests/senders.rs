//! Several senders behind one service: who is named, and whose turn it is.

use super::*;

fn log_of(bench: &mut Bench, sender: &str, line: u32, text: &str) {
    let mut record = Box::new(Record::empty());
    record.level = Level::Error;
    record.time = bench.wall();
    record.site.target.push_str("pay");
    record.site.file.push_str("src/settle.rs");
    record.site.line = line;
    record.sender.push_str(sender);
    record.text.push_str(text);
    bench.channel.push(record, bench.now);
    bench.check();
}

#[test]
fn who_sent_it_is_said_where_it_does_not_go_without_saying() {
    let mut bench = Bench::with(Options {
        formatting: false,
        nick: "facilitator".into(),
        ..Options::default()
    });
    log_of(&mut bench, "facilitator", 1, "one");
    assert_eq!(bench.all(), ["[ERROR] pay - one"]);
    log_of(&mut bench, "seller-1", 2, "two");
    log_of(&mut bench, "facilitator", 3, "three");
    assert_eq!(
        bench.all(),
        [
            "[ERROR] seller-1 pay - two",
            "[ERROR] facilitator pay - three"
        ]
    );
}

#[test]
fn the_sender_is_no_part_of_the_kind_and_a_fold_says_how_many_there_are() {
    let mut bench = Bench::new();
    for n in 0..14 {
        log_of(&mut bench, &format!("task-{}", n % 3), 7, "disk full");
    }
    let lines = bench.all();
    assert_eq!(
        lines.last().unwrap(),
        "[ERROR] task-0 pay - disk full ×11 from 3 in 1 ms (settle.rs:7)"
    );
}

#[test]
fn among_errors_the_turn_goes_round_their_senders() {
    let mut bench = Bench::new();
    for n in 0..600 {
        log_of(&mut bench, "loud", n, &format!("error {n}"));
    }
    bench.next();
    log_of(&mut bench, "quiet", 1, "the only one");
    let next = bench.next().unwrap();
    assert_eq!(next, "[ERROR] quiet pay - the only one");
    assert!(
        bench
            .next()
            .unwrap()
            .starts_with("[ERROR] loud pay - error 1")
    );
}

#[test]
fn a_sender_that_fills_the_lane_leaves_room_for_others() {
    let mut bench = Bench::new();
    for n in 0..300 {
        log_of(&mut bench, "loud", 7, &format!("error {n}"));
    }
    log_of(&mut bench, "quiet", 9, "the only one");
    assert_eq!(bench.total().dropped(), 0);
    bench.next();
    assert_eq!(bench.next().unwrap(), "[ERROR] quiet pay - the only one");
}
