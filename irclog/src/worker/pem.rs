//! PEM blocks that come line by line, a record each: no line of theirs looks
//! like a key by itself.

use std::collections::HashMap;
use std::sync::Arc;

use crate::record::Record;
use crate::redact::scrub::{PemState, Scratch, Scrubbed, Scrubber};

/// What such a block begins with.
const BEGIN: &str = "-----BEGIN";
/// Sources that may be inside a block at the same time. Beyond it the oldest
/// rules of the scrubber still hold for each line by itself.
const MAX_SOURCES: usize = 64;

/// Hides the bodies of blocks, in the order in which the records came: later
/// they may be folded, or overtake each other.
pub(super) struct PemBlocks {
    scrubber: Arc<Scrubber>,
    /// Sources inside a block, by target.
    open: HashMap<String, PemState>,
    scratch: Scratch,
    scrubbed: Scrubbed,
}

impl PemBlocks {
    pub(super) fn new(scrubber: Arc<Scrubber>) -> Self {
        Self {
            scrubber,
            open: HashMap::new(),
            scratch: Scratch::default(),
            scrubbed: Scrubbed::default(),
        }
    }

    /// Scrubs `record` now if it belongs to a block, or begins one. Returns
    /// whether that was work.
    pub(super) fn look_at(&mut self, record: &mut Record) -> bool {
        if self.open.is_empty() && !record.text.contains(BEGIN) {
            return false;
        }
        let Some(state) = self.open.get_mut(&record.site.target) else {
            let begins = record.text.contains(BEGIN) && self.open.len() < MAX_SOURCES;
            if begins {
                let mut state = PemState::default();
                self.pass(&mut state, record);
                if state.is_open() {
                    self.open.insert(record.site.target.clone(), state);
                }
            }
            return begins;
        };
        let mut state = std::mem::take(state);
        self.pass(&mut state, record);
        if state.is_open() {
            self.open.insert(record.site.target.clone(), state);
        } else {
            self.open.remove(&record.site.target);
        }
        true
    }

    fn pass(&mut self, state: &mut PemState, record: &mut Record) {
        self.scrubber.scrub_next(
            state,
            &record.text,
            &record.public,
            &mut self.scratch,
            &mut self.scrubbed,
        );
        record.text.clear();
        record.text.push_str(self.scrubbed.as_str());
        // The ranges were respected, and would not fit any more.
        record.public.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lines: &[(&str, &str)]) -> Vec<String> {
        let mut blocks = PemBlocks::new(Arc::default());
        let pass = |&(target, text): &(&str, &str)| {
            let mut record = Record::empty();
            record.site.target = target.into();
            record.text = text.into();
            blocks.look_at(&mut record);
            record.text
        };
        let texts = lines.iter().map(pass).collect();
        assert!(blocks.open.len() <= 1);
        texts
    }

    #[test]
    fn the_body_of_a_block_is_hidden_over_records() {
        let shown = after(&[
            ("tls", "-----BEGIN PRIVATE KEY-----"),
            ("tls", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49"),
            ("pay", "settled 3 payments"),
            ("tls", "AwEHBG0wawIBAQQg"),
            ("tls", "-----END PRIVATE KEY-----"),
            ("tls", "AwEHBG0w"),
        ])
        .join("\n");
        assert!(!shown.contains("MIGHAgEAMBMG"), "{shown}");
        assert!(!shown.contains("AwEHBG0wawIBAQQg"), "{shown}");
        assert!(shown.contains("settled 3 payments"), "{shown}");
        assert!(
            shown.ends_with("AwEHBG0w"),
            "after its end nothing is hidden: {shown}"
        );
    }
}
