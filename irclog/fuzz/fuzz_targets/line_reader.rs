//! Whatever a server sends, in whatever pieces, becomes the same lines, in
//! bounded memory.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| irclog::fuzzing::line_reader(bytes));
