//! The trace of an error, and links beside it.

use super::*;
use crate::links::Template;
use crate::trace::TraceId;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn linked(trace: &str, tx: &str) -> Bench {
    let template = |text: &str, place| Template::parse(text, place).ok();
    Bench::with(Options {
        formatting: false,
        links: Links {
            trace: template(trace, crate::links::TRACE),
            tx: template(tx, crate::links::TX),
        },
        ..Options::default()
    })
}

#[test]
fn an_error_names_its_trace() {
    let mut bench = Bench::new();
    let parent = format!("late traceparent=00-{TRACE}-b7ad6b7169203331-01");
    bench.log(Level::Error, &parent);
    bench.log(Level::Error, &format!("late trace_id={}", "0".repeat(32)));
    bench.log(Level::Info, &format!("fine trace_id={TRACE}"));
    let lines = bench.later(0.3);
    assert_eq!(
        lines.concat().matches("trace=").count(),
        0,
        "it is there already: {lines:?}"
    );
    let mut record = Record::empty();
    record.level = Level::Error;
    record.text.push_str("settlement failed");
    record.trace = TraceId::parse(TRACE);
    bench.channel.push(Box::new(record), bench.now);
    assert_eq!(bench.all(), ["[ERROR] settlement failed trace=0af76519"]);
}

#[test]
fn a_link_leads_to_the_trace_and_to_a_public_transaction() {
    let mut bench = linked(
        "https://t.example/trace/{trace_id}",
        "https://b.example/tx/{tx}",
    );
    bench.log(Level::Error, &format!("late trace_id={TRACE}"));
    let lines = bench.later(0.3);
    assert!(
        lines[0].ends_with(&format!(" https://t.example/trace/{TRACE}")),
        "{lines:?}"
    );
    let tx = format!("0x{}", "1f2e3d4c".repeat(8));
    let mut settled = |public: bool| {
        let mut record = Record::empty();
        record.text = format!("settled tx={tx} on base");
        if public {
            record
                .public
                .push("settled tx=".len()..record.text.len() - " on base".len());
        }
        bench.channel.push(Box::new(record), bench.now);
        bench.all().concat()
    };
    assert_eq!(
        settled(true),
        format!("[INFO] settled tx={tx} on base https://b.example/tx/{tx}")
    );
    assert!(
        !settled(false).contains("b.example"),
        "nobody said that it is public"
    );
}

#[test]
fn a_trace_that_the_process_hides_stays_hidden() {
    let mut bench = linked("https://t.example/trace/{trace_id}", "");
    let rules = Scrubber::default().rule("[0-9a-f]{32}", "#").unwrap();
    bench.channel = Channel::new(bench.channel.options.clone(), Arc::new(rules));
    bench.log(Level::Error, &format!("late trace_id={TRACE}"));
    let lines = bench.later(0.3);
    assert!(!lines.concat().contains("0af76519"), "{lines:?}");
}
