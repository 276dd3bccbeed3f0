//! Rust: panics of threads, and the end of the runtime.

use std::process::Command;

use super::{counts, seen_with, shows, works};

#[test]
fn panics_are_one_error_each_with_all_of_their_message() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    assert!(works(&rustc, &["--version"]), "{rustc} is not there");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (source, program) = (folder.path().join("shop.rs"), folder.path().join("shop"));
    let code = r#"
fn settle(coin: &str) { panic!("no price for {coin}:\n  left: 1\n\n  right: 2") }
fn main() {
    println!("ready");
    let worker = std::thread::Builder::new().name("settler 1".into()).spawn(|| settle("dai")).unwrap();
    let _ = worker.join();
    println!("going on");
    fn deeper(n: u64) -> u64 { let room = std::hint::black_box([n; 512]); deeper(n + 1) + room[7] }
    println!("{}", deeper(0));
}
"#;
    std::fs::write(&source, code).expect("a writable folder");
    let built = Command::new(&rustc)
        .args(["-g", "--edition", "2021", "-A", "warnings", "-o"])
        .args([&program, &source])
        .status();
    assert!(built.is_ok_and(|built| built.success()), "rustc");
    for backtrace in ["0", "1"] {
        let said = seen_with(&program, &[], |tool| tool.env("RUST_BACKTRACE", backtrace));
        counts(&said, "ERROR", 3);
        counts(&said, "INFO", 2);
        shows(
            &said,
            "ERROR shop - thread 'settler 1'",
            &["panicked at ", "no price for dai:", "left: 1", "right: 2"],
        );
        if backtrace == "1" {
            shows(&said, "ERROR shop - thread 'settler 1'", &["shop::settle"]);
        }
        shows(
            &said,
            "ERROR shop - thread 'main'",
            &["has overflowed its stack", "stack overflow"],
        );
        shows(&said, "ERROR shop - killed by signal 6", &[]);
    }
}
