use super::*;
use log::Level;

/// A slot with remains that must not shine through, filled.
fn filled(arguments: fmt::Arguments<'_>) -> Record {
    let mut slot = Record::empty();
    slot.text = "old text".into();
    slot.public.push(0..3);
    slot.omitted = 9;
    let pairs = [
        ("status", Value::from(200)),
        ("path", Value::from("/verify")),
        (SENDER, Value::from("facilitator-1")),
        ("body", Value::from("left out")),
    ];
    let record = log::Record::builder()
        .level(Level::Warn)
        .target("x402::handlers")
        .file(Some("src/handlers.rs"))
        .line(Some(88))
        .key_values(&pairs)
        .args(arguments)
        .build();
    fill(
        &mut slot,
        &record,
        SystemTime::UNIX_EPOCH,
        &DropFields::named(["body"]),
    );
    slot
}

#[test]
fn message_then_pairs() {
    let slot = filled(format_args!("done in {} ms", 3));
    assert_eq!(slot.text, "done in 3 ms status=200 path=/verify");
    assert_eq!(slot.sender, "facilitator-1");
    assert_eq!(slot.level, Level::Warn);
    assert_eq!(slot.site.target, "x402::handlers");
    assert_eq!(
        (slot.site.file.as_str(), slot.site.line),
        ("src/handlers.rs", 88)
    );
    assert!(slot.public.is_empty());
    assert_eq!(slot.omitted, 0);
}

#[test]
fn public_bytes_are_noted_where_they_lie() {
    let slot = filled(format_args!("tx {} done", crate::Public("0xabc")));
    assert!(slot.text.starts_with("tx 0xabc done"));
    assert_eq!(slot.public, std::iter::once(3..8).collect::<Vec<_>>());
}

struct Broken(bool);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        assert!(!self.0, "a bug of the service");
        Err(fmt::Error)
    }
}

#[test]
fn a_broken_display_harms_nobody() {
    for (panics, end) in [
        (true, "[formatting panicked]"),
        (false, "[formatting failed]"),
    ] {
        let slot = filled(format_args!("a {} b", Broken(panics)));
        assert_eq!(slot.text, format!("a half {end}"));
    }
}

#[test]
fn what_was_cut_off_before_counts() {
    let mut slot = Record::empty();
    let pairs = [(OMITTED, Value::from(5_u64))];
    let record = log::Record::builder()
        .args(format_args!("head"))
        .key_values(&pairs)
        .build();
    fill(
        &mut slot,
        &record,
        SystemTime::UNIX_EPOCH,
        &DropFields::named(["body"]),
    );
    assert_eq!((slot.text.as_str(), slot.omitted), ("head", 5));
}

#[test]
fn a_huge_record_is_cut_and_its_rest_counted() {
    let huge = "é".repeat(TEXT_LIMIT);
    let slot = filled(format_args!("x{huge}"));
    let pairs = " status=200 path=/verify".len();
    assert!(slot.text.len() <= TEXT_LIMIT);
    assert_eq!(slot.text.len() + slot.omitted, 1 + huge.len() + pairs);
}
