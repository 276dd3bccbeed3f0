//! From the stories to the lanes.

use std::time::Instant;

use super::story::Ready;
use super::{Channel, Phase};
use crate::loss::{Loss, PerLevel};
use crate::record::StoryId;

impl Channel {
    /// Nothing more comes of this request: what waits for that goes on.
    pub(crate) fn end_story(&mut self, story: StoryId, now: Instant) {
        let mut ready = Vec::new();
        self.stories.end(story.0, &mut ready, now);
        self.go_on(ready, now);
    }

    /// Lets go on what has waited long enough.
    pub(crate) fn elapse(&mut self, now: Instant) {
        let mut ready = Vec::new();
        self.stories.elapse(&mut ready, now);
        self.go_on(ready, now);
    }

    pub(super) fn hurry_stories(&mut self, now: Instant) {
        let mut ready = Vec::new();
        self.stories.hurry(&mut ready, now);
        self.go_on(ready, now);
    }

    pub(super) fn drop_stories(&mut self, reason: Loss, now: Instant) {
        let mut records = PerLevel::default();
        self.stories.add_records(&mut records);
        let first = self.stories.first().unwrap_or(now);
        let mut dropped = Vec::new();
        self.stories.hurry(&mut dropped, now);
        for one in dropped {
            self.spare.put(one.record);
            one.free.into_iter().for_each(|slot| self.spare.put(slot));
        }
        self.lose_all(&records, reason, (first, now));
    }

    fn go_on(&mut self, ready: Vec<Ready>, now: Instant) {
        debug_assert!(
            ready.is_empty() || self.phase != Phase::Ended,
            "what waits at the end is dropped"
        );
        for one in ready {
            one.free.into_iter().for_each(|slot| self.spare.put(slot));
            if let Some(slot) = self.enqueue(one.record, Some(one.folded), one.seq, now) {
                self.spare.put(slot);
            }
        }
    }
}
