//! Every public item has an example, which is compiled and run as a test of
//! the documentation.

use std::fs;
use std::path::Path;

/// The files whose public items are those of the crate.
const FILES: [&str; 9] = [
    "builder.rs",
    "builder/layer.rs",
    "error.rs",
    "handle.rs",
    "loss.rs",
    "redact/mod.rs",
    "redact/typed/wrappers.rs",
    "stats.rs",
    "tracing/mod.rs",
];

#[test]
fn every_public_item_has_an_example() {
    let mut without = Vec::new();
    for file in FILES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = fs::read_to_string(path).expect("a file of ours");
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for (at, line) in lines.iter().enumerate() {
            let words = [
                "pub fn ",
                "pub const fn ",
                "pub struct ",
                "pub enum ",
                "pub trait ",
            ];
            if !words.iter().any(|words| line.starts_with(words)) {
                continue;
            }
            // Attributes may stand in between.
            let above = lines[..at].iter().rev();
            let above = above.take_while(|line| !line.is_empty() && **line != "}");
            if !above.into_iter().any(|line| line.starts_with("/// ```")) {
                without.push(format!("{file}:{}: {line}", at + 1));
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
}
