//! Records that are free to be used again.

use crate::record::Record;

/// A bounded stack of empty slots.
#[derive(Debug, Default)]
pub(super) struct Slots {
    #[allow(
        clippy::vec_box,
        reason = "slots travel as boxes, and only the box is moved"
    )]
    free: Vec<Box<Record>>,
}

/// Free slots kept for the service. The rest goes back to the allocator.
const MAX_FREE: usize = 64;

impl Slots {
    pub(super) fn put(&mut self, mut slot: Box<Record>) {
        if self.free.len() < MAX_FREE {
            clear(&mut slot);
            self.free.push(slot);
        }
    }

    pub(super) fn take(&mut self) -> Option<Box<Record>> {
        self.free.pop()
    }
}

/// Empties a slot and keeps its buffers.
fn clear(slot: &mut Record) {
    slot.site.clear();
    slot.sender.clear();
    slot.text.clear();
    slot.public.clear();
    slot.omitted = 0;
    slot.within = None;
    slot.trace = None;
    slot.twin = None;
    slot.trail = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_back_empty_and_not_too_many() {
        let mut slots = Slots::default();
        for _ in 0..MAX_FREE + 10 {
            let mut slot = Box::new(Record::empty());
            slot.text.push_str("old");
            slot.site.target.push_str("old");
            slot.public.push(0..3);
            slots.put(slot);
        }
        let back: Vec<_> = std::iter::from_fn(|| slots.take()).collect();
        assert_eq!(back.len(), MAX_FREE);
        for slot in back {
            assert!(slot.text.is_empty() && slot.public.is_empty());
            assert_eq!(slot.site.get(), crate::record::Site::default());
            assert!(slot.text.capacity() >= 3, "the buffer is kept");
        }
    }
}
