//! Whatever a server sends, the session says nothing but lines of IRC, tells
//! nothing that moves a cursor, and accounts for each line once.
#![no_main]

libfuzzer_sys::fuzz_target!(|script: &[u8]| irclog::fuzzing::session(script));
