//! The rooms of redaction lie in layers: each imports only what lies below.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms by their floor, from the lowest.
const FLOORS: [&[&str]; 7] = [
    &["text", "typed"],
    &["lexicon"],
    &["survey", "known"],
    &["view"],
    &["scan"],
    &["scrubber"],
    // The public face, and what only tests have.
    &["mod", "canary", "layers"],
];

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("{room:?} is on no floor: say where it lies"))
}

/// Every source file under `folder`, and those below it.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder)
        .expect("the sources are here")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that `code`, which is the module `path`, asks for: as
/// `crate::redact::room`, or by going up out of its own.
fn asked(code: &str, path: &[String]) -> Vec<String> {
    let word = |rest: &str| -> String {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    let mut asked = Vec::new();
    for (at, from) in code.match_indices("crate::redact::") {
        let word = word(&code[at + from.len()..]);
        match word.chars().next() {
            // A list, or `pub(in crate::redact)`.
            None => {}
            // An item of the face.
            Some(first) if first.is_uppercase() => asked.push("mod".to_owned()),
            Some(_) => asked.push(word),
        }
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let further = code[at..].trim_start_matches("super::");
        let up = (code.len() - at - further.len()) / "super::".len();
        let word = word(further);
        // In a module within the file, it is the file that is gone up to.
        if up == path.len() && FLOORS.iter().any(|rooms| rooms.contains(&&*word)) {
            asked.push(word);
        }
    }
    asked
}

#[test]
fn each_room_imports_only_what_lies_below() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/redact");
    let mut files = Vec::new();
    sources(&house, &mut files);
    assert!(files.len() > 40, "{files:?}");
    for file in files {
        let inner = file.strip_prefix(&house).expect("it was found there");
        let mut path: Vec<String> = inner
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if path.len() > 1 && path.last().is_some_and(|last| last == "mod") {
            path.pop();
        }
        let room = path[0].clone();
        // Tests may ask for the whole.
        let is_test = inner.to_string_lossy().contains("tests")
            || ["canary.rs", "layers.rs"]
                .iter()
                .any(|test| inner == Path::new(test));
        if is_test {
            continue;
        }
        let code = fs::read_to_string(&file).expect("a source file is text");
        let code = code.split("\nmod tests").next().unwrap_or_default();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for other in asked(&code, &path) {
            let lies_below = other == room || floor(&other) < floor(&room);
            assert!(lies_below, "{} asks for {other}", file.display());
        }
    }
}
