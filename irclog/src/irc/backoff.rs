//! When to connect again.

use std::time::{Duration, Instant};

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Disconnected,
    Connect,
    Config,
}

pub(crate) fn classify(_text: &str) -> Reason {
    Reason::Disconnected
}

pub(crate) struct Backoff {}

impl Backoff {
    pub(crate) fn new(_seed: u64) -> Self {
        Self {}
    }
    pub(crate) fn joined(&mut self, _now: Instant) {}
    pub(crate) fn next(&mut self, _reason: Reason, now: Instant) -> Instant {
        now + Duration::from_secs(1)
    }
}
