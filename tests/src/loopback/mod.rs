//! An IRC server inside the process.
