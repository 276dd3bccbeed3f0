use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::channel::Seq;
use crate::channel::tests::start;
use crate::record::{StoryId, Within};
use crate::trail::Trail;

const HEAD: &str = "POST /settle: ";

/// An error of which the bytes of `public` are noted as public.
fn held(seq: u64, text: &str, public: &[&str]) -> Held {
    let mut record = Box::new(Record::empty());
    record.level = Level::Error;
    record.text = format!("{HEAD}{text}");
    record.within = Some(Within {
        story: StoryId(1),
        span: "",
        text: HEAD.len(),
    });
    for bytes in public {
        let at = record.text.find(bytes).unwrap();
        record.public.push(at..at + bytes.len());
    }
    let now = start() + Duration::from_millis(seq);
    Held::new(record, Seq(seq), now, now)
}

fn public(held: &Held) -> Vec<&str> {
    let spans = held.record.public.iter().cloned();
    spans.map(|span| &held.record.text[span]).collect()
}

#[test]
fn what_is_public_of_each_stays_so_to_the_byte() {
    let mut errors = vec![
        held(0, "=== request ===", &["POST /settle: ===", "request"]),
        held(1, " - payer: 0x1 ", &["- payer", "0x1 "]),
        held(2, "e=- é 0x2", &["e=- é", "0x2"]),
        held(3, "it failed for 0x3", &["/settle", "0x3"]),
    ];
    join(&mut errors);
    let [joined] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        joined.record.text,
        "POST /settle: it failed for 0x3 · === request === · payer: 0x1 · é 0x2"
    );
    assert_eq!(
        public(joined),
        [
            "/settle", "0x3", "===", "request", "payer", "0x1", "é", "0x2"
        ]
    );
    let spans = &joined.record.public;
    assert!(spans.windows(2).all(|two| two[0].end <= two[1].start));
}

fn of(texts: &[&str]) -> Vec<Held> {
    let texts = (0..).zip(texts);
    texts.map(|(seq, text)| held(seq, text, &[])).collect()
}

fn own(errors: &[Held]) -> Vec<&str> {
    let texts = errors.iter().map(|held| &held.record.text[HEAD.len()..]);
    texts.collect()
}

#[test]
fn few_errors_are_told_one_by_one_in_their_order() {
    let mut errors = of(&["a", "it failed", "c", "d"]);
    errors[1] = held(1, &"it failed ".repeat(50), &[]);
    join(&mut errors);
    let order: Vec<u64> = errors.iter().map(|held| held.seq.0).collect();
    assert_eq!(order, [0, 1, 2, 3]);
}

#[test]
fn only_short_and_whole_errors_of_one_context_are_told_together() {
    let change: [fn(&mut Record); 4] = [
        |record| record.level = Level::Warn,
        |record| record.omitted = 1,
        |record| record.text.replace_range(..HEAD.len(), "POST /settl: "),
        |record| record.text.push_str(&"x".repeat(SHORT)),
    ];
    for (at, change) in change.into_iter().enumerate() {
        let mut errors = of(&["a", "b", "c", "d", "e"]);
        if at == 2 {
            errors[4].record.within.as_mut().unwrap().text -= 1;
        }
        change(&mut errors[4].record);
        join(&mut errors);
        assert_eq!(errors.len(), 2, "{at}");
        assert_eq!(own(&errors[..1]), ["a · b · c · d"]);
    }
    let short = "x".repeat(SHORT);
    let mut errors = of(&["a", "b", "c", &short]);
    join(&mut errors);
    assert_eq!(errors.len(), 1);
}

#[test]
fn what_is_told_together_has_a_bound() {
    let part = "x".repeat(SHORT);
    let fills = MOST_BYTES - HEAD.len() - 3 * (SHORT + PACKED.len());
    for (more, lines) in [(0, 1), (1, 2)] {
        let last = "y".repeat(fills + more);
        let mut errors = of(&[&part, &part, &part, &last]);
        join(&mut errors);
        assert_eq!(errors.len(), lines, "{more}");
    }
    let mut errors = of(&[&*part; 8]);
    join(&mut errors);
    let all = own(&errors).concat();
    assert_eq!((errors.len(), all.matches('x').count()), (3, 8 * SHORT));
    assert!(
        errors
            .iter()
            .all(|held| held.record.text.len() <= MOST_BYTES)
    );
}

#[test]
fn what_was_told_with_another_counts_for_it() {
    let mut errors = of(&["a", "b", "c", "it failed"]);
    errors[1].folded.records[Level::Warn] = 2;
    errors[1].free.push(Box::new(Record::empty()));
    errors[3].folded.repeats = 5;
    let first = errors[0].first;
    join(&mut errors);
    let [joined] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(own(&errors), ["it failed · a · b · c"]);
    assert_eq!((joined.seq, joined.first), (Seq(0), first));
    let records = &joined.folded.records;
    assert_eq!((records[Level::Error], records[Level::Warn]), (3, 2));
    assert_eq!((joined.folded.repeats, joined.free.len()), (0, 4));
}

#[test]
fn what_led_to_the_first_led_to_all() {
    let trail = |is_cut| {
        let steps = Vec::new();
        Some(Arc::new(Trail { steps, is_cut }))
    };
    let (first, last) = (trail(false), trail(true));
    // What is known of each, the last of which is the cause.
    for (known, told) in [
        ([&first, &None, &None, &last], &first),
        ([&None, &None, &None, &last], &last),
        ([&None, &None, &first, &None], &first),
    ] {
        let mut errors = of(&["a", "b", "c", "it failed"]);
        for (held, trail) in errors.iter_mut().zip(known) {
            held.record.trail.clone_from(trail);
        }
        join(&mut errors);
        assert_eq!(&errors[0].record.trail, told);
    }
}
