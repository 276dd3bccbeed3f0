//! What was shed at the source, and is only counted.

use super::*;

#[test]
fn shed_records_end_in_the_fold_of_their_site() {
    let mut bench = Bench::new();
    let site = site(88);
    bench.log_at(Level::Info, 88, "TX 1");
    bench.channel.shed(Level::Info, site, 1_000, bench.now);
    bench.wait(1.0);
    bench.channel.shed(Level::Info, site, 531, bench.now);
    bench.check();
    assert_eq!(
        bench.all(),
        ["[INFO] pay - TX 1, +1,531 more from settle.rs:88 in 1 s"]
    );
    bench.channel.shed(Level::Info, site, 70, bench.now);
    assert_eq!(bench.next(), None, "gathers for an interval");
    bench.now = bench.channel.wake_at().unwrap();
    assert_eq!(
        bench.all(),
        ["[INFO] 14:02:11 pay +70 more from settle.rs:88 in 10 s"]
    );
    bench.acknowledge();
    let total = bench.total();
    assert_eq!((total.shown, total.folded, total.shed), (1, 0, 1_601));
}

#[test]
fn a_sample_joins_the_shed_ones_that_came_before() {
    let mut bench = Bench::new();
    let site = site(88);
    bench.channel.shed(Level::Info, site, 4, bench.now);
    bench.wait(1.0);
    bench.log_at(Level::Info, 88, "TX 5");
    assert_eq!(
        bench.all(),
        ["[INFO] pay - TX 5, +4 more from settle.rs:88 in 1 s"]
    );
}

#[test]
fn shed_errors_are_told_though_no_sample_waits() {
    let mut bench = Bench::new();
    let site = site(7);
    bench.channel.shed(Level::Error, site, 300, bench.now);
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[ERROR] pay +300 more from settle.rs:7 in 10 s"]
    );
}

#[test]
fn a_sample_that_joins_the_shed_is_waited_for_as_itself() {
    let mut bench = Bench::new();
    bench.channel.shed(Level::Info, site(88), 4, bench.now);
    bench.log(Level::Info, "another");
    bench.all();
    bench.acknowledge();
    bench.log_at(Level::Info, 88, "sample");
    assert_eq!(bench.channel.oldest(), Some(Seq(1)));
}

#[test]
fn shed_records_that_cannot_be_told_in_a_fold_are_in_the_account() {
    let mut bench = Bench::new();
    for _ in 0..256 {
        bench.log(Level::Error, "fills the lane");
        bench.log(Level::Info, "fills the lane");
    }
    bench.channel.shed(Level::Error, site(1), 7, bench.now);
    bench.check();
    bench.wait(2.0);
    let lines = bench.all();
    let told = lines.iter().find(|line| line.starts_with('…'));
    assert_eq!(
        told.unwrap(),
        "… 7 lines not shown since 14:02:10 (7 ERROR)"
    );
    assert_eq!(bench.total().dropped(), 0, "shed has a counter of its own");
    bench.channel.mute(bench.now);
    bench.channel.shed(Level::Info, site(3), 5, bench.now);
    bench.channel.unmute(bench.now);
    assert_eq!(
        bench.all(),
        ["… muted for 1 ms: 5 lines not shown (5 INFO)"]
    );
}

#[test]
fn what_has_no_name_says_that_it_is_of_many() {
    let mut bench = Bench::new();
    let nobody = Site {
        target: "",
        file: "",
        line: 0,
    };
    bench.channel.shed(Level::Info, nobody, 1_234, bench.now);
    bench.wait(10.0);
    assert_eq!(
        bench.all(),
        ["[INFO] (many call sites) +1,234 more in 10 s"]
    );
}
