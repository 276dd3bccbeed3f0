use std::time::Duration;

use super::*;
use crate::channel::Seq;
use crate::channel::tests::start;
use crate::record::{StoryId, Within};

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
