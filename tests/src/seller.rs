//! The seller: a Python service that knows nothing of irclog, for the tests
//! that run it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Its program, for [`python`]. It listens on `PORT` of loopback, and has the
/// facilitator at `FACILITATOR_URL` settle what it is paid.
#[must_use]
pub fn service() -> PathBuf {
    folder().join("main.py")
}

/// The Python of its own environment, which this makes if need be.
///
/// # Panics
///
/// When its packages cannot be installed.
#[must_use]
pub fn python() -> PathBuf {
    let installed = Command::new(folder().join("install.sh"))
        .status()
        .expect("a shell");
    assert!(
        installed.success(),
        "the seller's packages cannot be installed"
    );
    folder().join("../../target/seller/bin/python")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seller")
}
