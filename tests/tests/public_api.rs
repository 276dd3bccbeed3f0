//! The public interface, listed: a change of it is seen by who reads the
//! change, and is never an accident.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

/// With all features, as `docs.rs` shows it.
const LISTING: &str = "public-api.txt";

/// Set it to write the listing anew.
const BLESS: &str = "BLESS_PUBLIC_API";

#[test]
fn the_public_interface_is_the_one_that_is_listed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let json = document(tests);
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    let api = match api {
        Ok(api) => api,
        Err(public_api::Error::SerdeJsonError(e)) => {
            // The form of the document changes with the compiler.
            println!("not compared: `public-api` does not read what this rustdoc writes ({e})");
            return;
        }
        Err(e) => panic!("{}: {e}", json.display()),
    };
    let items: Vec<String> = api.items().map(ToString::to_string).collect();
    let now = items.join("\n") + "\n";
    let file = tests.join(LISTING);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&file, now).expect("the listing can be written");
        return;
    }
    let listed = std::fs::read_to_string(&file).expect("the listing is there");
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (listed, now) = (lines(&listed), lines(&now));
    let only_in = |these: &[String], those: &[String]| -> String {
        let only = these.iter().filter(|line| !those.contains(line));
        let only: Vec<&str> = only.map(String::as_str).collect();
        ["", &only.join("\n    ")].join("\n    ")
    };
    assert!(
        listed == now,
        "the public interface has changed. New:{}\nGone:{}\nIf it is meant, run\n    \
         {BLESS}=1 cargo test -p irclog-tests --test public_api",
        only_in(&now, &listed),
        only_in(&listed, &now),
    );
}

/// Has rustdoc write what it knows as JSON, which it does on a stable compiler
/// when it is told that it may; only it is told, or all would be built anew.
fn document(tests: &Path) -> std::path::PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let test = std::env::current_exe().expect("a test knows its own path");
    let target = test.ancestors().nth(3).expect("target/<profile>/deps");
    let output = Command::new(cargo)
        .args([
            "rustdoc",
            "--quiet",
            "--locked",
            "-p",
            "irclog",
            "--lib",
            "--all-features",
        ])
        .arg("--target-dir")
        .arg(target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .env("RUSTDOC", tests.join("rustdoc-json.sh"))
        .current_dir(tests)
        .output()
        .expect("cargo runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    target.join("doc/irclog.json")
}
