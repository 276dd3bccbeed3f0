//! No text makes the scrubber panic, and a registered value never gets
//! through: texts of a grammar that is likely to touch a rule, and texts as
//! they come.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/redact/scrubber/grammar.rs"]
mod grammar;

/// Of words, so that no pattern masks it.
const VALUE: &str = "walrus/Tusk+orange";

fuzz_target!(|bytes: &[u8]| {
    check(&grammar::text_of(bytes));
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
});

fn check(text: &str) {
    let _ = irclog::register_secret(VALUE);
    let scrubbed = irclog::scrub(text).into_owned();
    assert!(!scrubbed.contains(VALUE));
    let _ = irclog::scrub(&scrubbed);
    let held = format!("{text} {VALUE}\n{text}");
    assert!(!irclog::scrub(&held).contains(VALUE));
}
