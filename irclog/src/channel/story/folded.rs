//! What is told with a record, since it belongs to the same story.

use std::time::Duration;

use super::status::Status;
use crate::loss::PerLevel;
use crate::record::Record;

/// What was folded into a record because it belongs to the same story.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::channel) struct Folded {
    /// All of it, by level.
    pub(in crate::channel) records: PerLevel<u64>,
    /// How often the text was said again.
    pub(in crate::channel) repeats: u64,
    /// The spans that said it, the first one first.
    pub(in crate::channel) spans: Vec<&'static str>,
    /// The text was shown before, this long ago.
    pub(in crate::channel) again: Option<Duration>,
    /// How the request ended, where the text has no place for it.
    pub(in crate::channel) ending: Option<Status>,
    /// The requests that failed so, as far as they are known, each once; no
    /// more than one beyond [`MOST_REQUESTS`].
    pub(super) requests: Vec<u64>,
}

/// Requests of one fold that are counted.
pub(in crate::channel) const MOST_REQUESTS: usize = 500;

/// Spans that are named with a text.
const MOST_SPANS: usize = 6;

impl Folded {
    pub(in crate::channel) fn add_records(&self, records: &mut PerLevel<u64>) {
        for (level, &count) in self.records.iter() {
            records[level] += count;
        }
    }

    /// How many requests failed so, as far as it is known.
    pub(in crate::channel) fn requests(&self) -> usize {
        self.requests.len()
    }

    /// About how many bytes it adds to a line.
    pub(in crate::channel) fn estimate(&self) -> usize {
        const COUNT: usize = " ×12 again in 9 s: ".len();
        const ENDING: usize = " (500 in 3 ms)".len();
        let spans: usize = self.spans.iter().map(|span| span.len() + ", ".len()).sum();
        let count = if self.repeats > 0 { COUNT + spans } else { 0 };
        count + self.ending.map_or(0, |_| ENDING)
    }

    /// Takes in what was folded into another record of the same kind.
    pub(in crate::channel) fn merge(&mut self, other: &Self) {
        other.add_records(&mut self.records);
        self.repeats += other.repeats;
        for &request in &other.requests {
            if self.requests.len() <= MOST_REQUESTS && !self.requests.contains(&request) {
                self.requests.push(request);
            }
        }
        self.again = self.again.and(other.again);
    }

    pub(super) fn name(&mut self, record: &Record) {
        let span = record.within.map_or("", |within| within.span);
        let is_new = !span.is_empty() && !self.spans.contains(&span);
        if is_new && self.spans.len() < MOST_SPANS {
            self.spans.push(span);
        }
    }
}
