//! What was shown not long ago.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::kind::Keys;

/// Values by key that are forgotten after a while, or when there are many:
/// what is forgotten is only shown sooner. Bounded, and each step is cheap.
#[derive(Debug)]
pub(super) struct Memory<T> {
    young: HashMap<u64, T, Keys>,
    old: HashMap<u64, T, Keys>,
    /// When the young began.
    since: Option<Instant>,
}

/// Nothing is remembered for less than this, unless there are too many, nor
/// for more than twice as long.
pub(super) const REMEMBERED: Duration = Duration::from_secs(60);

/// Keys of one generation.
const MOST: usize = 512;

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
            since: None,
        }
    }
}

impl<T: Copy> Memory<T> {
    pub(super) fn get(&self, key: u64) -> Option<T> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }

    pub(super) fn put(&mut self, key: u64, value: T, now: Instant) {
        let since = *self.since.get_or_insert(now);
        if self.young.len() >= MOST || now.saturating_duration_since(since) >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
            self.since = Some(now);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::tests::start;

    #[test]
    fn what_is_known_is_forgotten_after_a_while() {
        let mut memory = Memory::default();
        memory.put(1, "one", start());
        memory.put(2, "two", start() + REMEMBERED);
        assert_eq!((memory.get(1), memory.get(2)), (Some("one"), Some("two")));
        memory.put(3, "three", start() + 2 * REMEMBERED);
        assert_eq!((memory.get(1), memory.get(2)), (None, Some("two")));
    }

    #[test]
    fn there_are_never_too_many() {
        let mut memory = Memory::default();
        for key in 0..10 * MOST as u64 {
            memory.put(key, (), start());
        }
        assert!(memory.young.len() + memory.old.len() <= 2 * MOST);
        assert!(memory.get(10 * MOST as u64 - 1).is_some());
    }
}
