//! No text comes out with what a reader cannot see.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| irclog::fuzzing::sanitiser(text));
