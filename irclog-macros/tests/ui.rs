//! What must not compile, with the messages that say what to write instead.

use std::process::Command;

/// Messages differ from compiler to compiler: these are of this one.
const TOOLCHAIN: &str = "1.95.0";

#[test]
fn what_must_not_compile_says_what_to_write() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("the compiler that built this test tells its version");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if version.split(' ').nth(1) != Some(TOOLCHAIN) {
        eprintln!("not compared: the messages are those of rustc {TOOLCHAIN}, this is {version}");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
