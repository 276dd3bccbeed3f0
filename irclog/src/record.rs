//! The captured record: owned, recycled, formatted once on the thread that
//! logged it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use rustc_hash::FxHasher;

use crate::line::{ChannelSet, MAIN};
use crate::redact::audience::PublicSpan;
use crate::trace::TraceId;
use crate::trail::Trail;
use crate::twin::Twin;

/// One log record on its way to the channel.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) level: log::Level,
    /// Which channels it is for.
    pub(crate) to: ChannelSet,
    /// When it was logged, by the wall clock: for people.
    pub(crate) time: SystemTime,
    pub(crate) site: OwnedSite,
    /// Which of several programs behind this process wrote it, empty where
    /// there is one: a word beside the record, and no part of its call site.
    pub(crate) sender: String,
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
    /// The request that it was logged in, where something in it has failed.
    pub(crate) within: Option<Within>,
    /// That of the spans around an ERROR.
    pub(crate) trace: Option<TraceId>,
    /// What led to an ERROR, where it is known.
    pub(crate) trail: Option<Arc<Trail>>,
    /// Whether its slot is one for copies, which no service's thread fills.
    pub(crate) is_copy: bool,
    /// What it shares with its copies for other channels, where there are some.
    pub(crate) twin: Option<Twin>,
}

impl Record {
    /// An empty slot. Its buffers grow with use and are kept when recycled.
    pub(crate) fn empty() -> Self {
        Self {
            level: log::Level::Info,
            to: MAIN.into(),
            time: SystemTime::UNIX_EPOCH,
            site: OwnedSite::default(),
            sender: String::new(),
            text: String::new(),
            public: Vec::new(),
            omitted: 0,
            place: None,
            silences: 0,
            within: None,
            trace: None,
            trail: None,
            is_copy: false,
            twin: None,
        }
    }
}

impl Record {
    /// Becomes the same as `other`, in the buffers that are there.
    pub(crate) fn copy(&mut self, other: &Self) {
        // Whoever adds a field is made to think of it here.
        let Self {
            level,
            to,
            time,
            site,
            sender,
            text,
            public,
            omitted,
            place,
            silences,
            within,
            trace,
            trail,
            is_copy,
            twin,
        } = self;
        *is_copy = true;
        (*level, *to, *time) = (other.level, other.to, other.time);
        site.set(other.site.get());
        sender.clone_from(&other.sender);
        text.clone_from(&other.text);
        public.clone_from(&other.public);
        (*omitted, *place, *silences) = (other.omitted, other.place, other.silences);
        (*within, *trace) = (other.within, other.trace);
        trail.clone_from(&other.trail);
        twin.clone_from(&other.twin);
    }
}

/// The spans that a record was logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Within {
    /// The same for all that belongs to one request.
    pub(crate) story: StoryId,
    /// Of the innermost span.
    pub(crate) span: &'static str,
    /// Where the record's own text begins, behind what the spans say.
    pub(crate) text: usize,
}

/// One request, from its first ERROR on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoryId(pub(crate) u64);

/// The place of a call site among those of its level, where it is accounted
/// for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    index: u16,
    /// How often it was given to another.
    turn: u16,
}

impl Place {
    pub(crate) fn new(index: u16, turn: u16) -> Self {
        Self { index, turn }
    }

    #[cfg(test)]
    pub(crate) fn turn(self) -> u16 {
        self.turn
    }

    /// Which of the places of its level.
    pub(crate) fn index(self) -> u16 {
        self.index
    }

    /// Whether it was given to this one after it had been `other`'s.
    pub(crate) fn is_later_than(self, other: Self) -> bool {
        let turns = self.turn.wrapping_sub(other.turn);
        turns != 0 && turns < u16::MAX / 2
    }
}

/// Where a record comes from, by content: two copies of one literal are the
/// same place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Site<'a> {
    pub(crate) target: &'a str,
    /// The source file, empty where the record names none.
    pub(crate) file: &'a str,
    /// The line in `file`, 0 where the record names none.
    pub(crate) line: u32,
}

impl Site<'_> {
    /// The same for the same site, and rarely for another one; never 0.
    pub(crate) fn key(self) -> u64 {
        let mut hasher = FxHasher::default();
        self.hash(&mut hasher);
        hasher.finish() | 1
    }
}

/// A [`Site`] that is kept. Its buffers stay when it is set anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OwnedSite {
    pub(crate) target: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// Bytes of a target or file name: they come from source code.
const NAME_LIMIT: usize = 256;

impl OwnedSite {
    pub(crate) fn get(&self) -> Site<'_> {
        Site {
            target: &self.target,
            file: &self.file,
            line: self.line,
        }
    }

    pub(crate) fn set(&mut self, site: Site<'_>) {
        replace(&mut self.target, site.target);
        replace(&mut self.file, site.file);
        self.line = site.line;
    }

    pub(crate) fn clear(&mut self) {
        self.set(Site::default());
    }
}

/// Puts the beginning of `with` in the place of what `name` holds.
pub(crate) fn replace(name: &mut String, with: &str) {
    name.clear();
    let mut end = with.len().min(NAME_LIMIT);
    while !with.is_char_boundary(end) {
        end -= 1;
    }
    name.push_str(&with[..end]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_its_target_file_and_line() {
        let key = |target, file, line| Site { target, file, line }.key();
        let copy = String::from("f.rs");
        assert_eq!(key("t", "f.rs", 1), key("t", &copy, 1));
        for other in [("u", "f.rs", 1), ("t", "g.rs", 1), ("t", "f.rs", 2)] {
            assert_ne!(key("t", "f.rs", 1), key(other.0, other.1, other.2));
        }
        assert_ne!(
            key("ab", "c", 1),
            key("a", "bc", 1),
            "fields do not run together"
        );
    }

    #[test]
    fn a_site_is_kept_without_what_is_too_long_for_a_name() {
        let mut site = OwnedSite::default();
        let long = "é".repeat(NAME_LIMIT);
        site.set(Site {
            target: &format!("x{long}"),
            file: "pay.rs",
            line: 7,
        });
        assert_eq!(site.target.len(), NAME_LIMIT - 1);
        assert_eq!((site.get().file, site.get().line), ("pay.rs", 7));
        site.clear();
        assert_eq!(site.get(), Site::default());
    }
}
