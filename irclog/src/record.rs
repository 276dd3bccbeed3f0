//! The captured record: owned, recycled, formatted once on the thread that
//! logged it.

use std::ops::Range;
use std::time::SystemTime;

use crate::shed::Place;

/// A byte range of [`Record::text`] that its author marked [`Public`]: the
/// pattern layer stands down on exactly these bytes.
///
/// [`Public`]: crate::Public
pub(crate) type PublicSpan = Range<usize>;

/// One log record on its way to the channel.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) level: log::Level,
    /// When it was logged, by the wall clock: for people.
    pub(crate) time: SystemTime,
    pub(crate) target: String,
    /// The source file, empty where the record names none.
    pub(crate) file: String,
    /// The line in `file`, 0 where the record names none.
    pub(crate) line: u32,
    /// The message, then key-values as ` key=value`. Not yet scrubbed.
    pub(crate) text: String,
    /// Ordered and disjoint ranges of `text`.
    pub(crate) public: Vec<PublicSpan>,
    /// Bytes that capture cut off the end of `text`.
    pub(crate) omitted: usize,
    /// Where its call site is accounted for, if it has a place of its own.
    pub(crate) place: Option<Place>,
    /// How often the channel had been silenced when it was logged.
    pub(crate) silences: u64,
}

impl Record {
    /// An empty slot. Its buffers grow with use and are kept when recycled.
    pub(crate) fn empty() -> Self {
        Self {
            level: log::Level::Info,
            time: SystemTime::UNIX_EPOCH,
            target: String::new(),
            file: String::new(),
            line: 0,
            text: String::new(),
            public: Vec::new(),
            omitted: 0,
            place: None,
            silences: 0,
        }
    }
}
