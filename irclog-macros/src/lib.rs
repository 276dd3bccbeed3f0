//! `#[derive(Redact)]` of the crate `irclog`.
