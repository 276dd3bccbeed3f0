//! The command-line tool `irclog`, for the tests that run it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::process::Program;

/// `irclog`, as it comes out of the sources as they are.
///
/// # Panics
///
/// As [`path`].
#[must_use]
pub fn irclog() -> Program {
    Program::at(path())
}

/// Its path. `cargo test --workspace --all-features` builds it before any
/// test; when only this package was asked for, this does.
///
/// # Panics
///
/// When it does not compile.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its own path");
        let profile = test.ancestors().nth(2).expect("target/<profile>/deps");
        let path = profile.join(format!("irclog{}", std::env::consts::EXE_SUFFIX));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../irclog/src");
        let built = path.metadata().and_then(|file| file.modified());
        if built.is_ok_and(|built| newest(&sources) < built) {
            return path;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "-p", "irclog", "--features", "cli"])
            .args(["--bin", "irclog"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "irclog does not compile");
        path
    })
}

/// When a file in `folder` was last changed.
fn newest(folder: &Path) -> SystemTime {
    let entries = std::fs::read_dir(folder).expect("the sources are there");
    entries
        .map(|entry| {
            let entry = entry.expect("a readable folder");
            let kind = entry.file_type().expect("a file has a type");
            if kind.is_dir() {
                newest(&entry.path())
            } else {
                let metadata = entry.metadata().expect("a file that is there");
                metadata.modified().expect("the system keeps times")
            }
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
