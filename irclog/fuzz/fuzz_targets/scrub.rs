//! No text makes the scrubber panic, and a registered value never gets
//! through.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// Of words, so that no pattern masks it.
const VALUE: &str = "walrus/Tusk+orange";

fuzz_target!(|text: &str| {
    let _ = irclog::register_secret(VALUE);
    let scrubbed = irclog::scrub(text).into_owned();
    assert!(!scrubbed.contains(VALUE));
    let _ = irclog::scrub(&scrubbed);
    let held = format!("{text} {VALUE}\n{text}");
    assert!(!irclog::scrub(&held).contains(VALUE));
});
