//! `#[derive(Redact)]` and the wrappers, as who uses them sees them.

mod containers;
mod derive;
// In the open, as the types of a library are.
pub mod hygiene;
mod properties;
