//! Whose turn it is.

use log::Level;

use crate::loss::{LEVELS, PerLevel};

/// The more urgent level first, without starving the others.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// ERROR lines in a row.
    errors: u32,
    /// Lines below ERROR that went before this level while it had something
    /// to show.
    passed: PerLevel<u32>,
    /// What has the turn cannot be written yet.
    stuck: bool,
}

impl Turns {
    /// The level that comes next among those that have something to show.
    pub(super) fn next(&self, waits: PerLevel<bool>) -> Option<Level> {
        let others = LEVELS[1..].iter().copied().filter(|&level| waits[level]);
        let starving = others
            .clone()
            .find(|&level| self.passed[level] >= patience(level));
        let other = starving.or_else(|| others.clone().next());
        if waits[Level::Error] && (!self.errors_yield() || other.is_none()) {
            return Some(Level::Error);
        }
        other
    }

    /// Whether errors had so many turns that something else may come first.
    pub(super) fn errors_yield(&self) -> bool {
        self.errors >= MAX_ERRORS
    }

    /// Whether they had so many that something else must come first.
    pub(super) fn errors_must_yield(&self) -> bool {
        self.errors >= 2 * MAX_ERRORS
    }

    /// Errors go on until what has the turn can be written. Returns whether
    /// that is news.
    pub(super) fn is_stuck(&mut self) -> bool {
        !std::mem::replace(&mut self.stuck, true)
    }

    /// Whether errors go on although another has the turn.
    pub(super) fn errors_go_on(&self) -> bool {
        self.stuck
    }

    /// Notes that `level` had a part in the line of another.
    pub(super) fn fed(&mut self, level: Level) {
        self.passed[level] = 0;
    }

    /// Notes that a line of no level was sent.
    pub(super) fn took_other(&mut self) {
        self.stuck = false;
        self.errors = 0;
    }

    /// Notes that `level` had its turn.
    pub(super) fn took(&mut self, level: Level, waits: PerLevel<bool>) {
        self.stuck = false;
        if level == Level::Error {
            self.errors += 1;
            return;
        }
        self.errors = 0;
        self.passed[level] = 0;
        for &other in &LEVELS[1..] {
            if other > level && waits[other] {
                self.passed[other] += 1;
            }
        }
    }
}

/// ERROR lines before another level has a turn, if nothing but errors comes.
const MAX_ERRORS: u32 = 8;

/// Lines of more urgent levels that go first while this one waits.
fn patience(level: Level) -> u32 {
    match level {
        Level::Error => 0,
        Level::Warn => 2,
        Level::Info => 4,
        Level::Debug => 16,
        Level::Trace => 32,
    }
}

#[cfg(test)]
mod tests;
