//! What led to an ERROR: records of the same request that came before it.

use std::time::{Duration, SystemTime};

use log::Level;

use crate::ids;
use crate::redact::audience::PublicSpan;

/// Records of one request that are kept, at most: more than two lines show.
pub(crate) const MOST: usize = 16;

/// A request that is under way, as far as it is known which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) key: u64,
    /// Else it may be a task, or a whole program.
    pub(crate) is_certain: bool,
}

/// Records of one request, the oldest first. They are shown only with an ERROR
/// of that request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Trail {
    #[expect(clippy::vec_box, reason = "slots travel as boxes")]
    pub(crate) steps: Vec<Box<Step>>,
    /// There were more before them.
    pub(crate) is_cut: bool,
}

/// One of them, formatted once and not yet scrubbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) level: Level,
    pub(crate) time: SystemTime,
    pub(crate) text: String,
    /// Ordered and disjoint ranges of `text`.
    pub(crate) public: Vec<PublicSpan>,
    /// Bytes that were cut off the end of `text`.
    pub(crate) omitted: usize,
}

impl Request {
    /// That of this id, in what one of several programs wrote.
    pub(crate) fn named(id: &str, sender: &str) -> Self {
        Self {
            key: ids::key(id, sender),
            is_certain: true,
        }
    }

    /// That of this span. It `is_certain` where the span tells a request.
    #[cfg(feature = "tracing")]
    pub(crate) fn of_span(span: u64, is_certain: bool) -> Self {
        Self {
            key: span,
            is_certain,
        }
    }
}

impl Step {
    /// An empty slot. Its buffers grow with use and are kept.
    pub(crate) fn empty() -> Self {
        Self {
            level: Level::Trace,
            time: SystemTime::UNIX_EPOCH,
            text: String::new(),
            public: Vec::new(),
            omitted: 0,
        }
    }
}

impl Trail {
    /// Leaves out what came longer than `most` before `time`.
    pub(crate) fn forget(&mut self, most: Duration, time: SystemTime) {
        let before = self.steps.len();
        let is_near = |step: &Step| {
            let age = time.duration_since(step.time);
            age.is_ok_and(|age| age <= most) || step.time > time
        };
        self.steps.retain(|step| is_near(step));
        self.is_cut |= self.steps.len() < before;
    }
}
