//! What happened, in order, and a way to wait for it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock;

/// An append-only list that several threads read, each from where it likes.
///
/// Clones share the list. Entries are never removed, so a reader that comes
/// late has missed nothing.
pub struct Journal<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    entries: VecDeque<T>,
    closed: bool,
}

impl<T: Clone> Journal<T> {
    /// An empty, open journal.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    entries: VecDeque::new(),
                    closed: false,
                }),
                changed: Condvar::new(),
            }),
        }
    }

    /// Appends `entry` and wakes who waits.
    pub fn push(&self, entry: T) {
        self.lock().entries.push_back(entry);
        self.shared.changed.notify_all();
    }

    /// Says that nothing more will come, so that nobody waits in vain.
    pub fn close(&self) {
        self.lock().closed = true;
        self.shared.changed.notify_all();
    }

    /// Whether nothing more will come.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// A copy of everything so far.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        self.lock().entries.iter().cloned().collect()
    }

    /// The number of entries so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first entry, past or to come, that satisfies `wanted`.
    ///
    /// `None` when `timeout` has passed, or the journal was closed, without
    /// one.
    pub fn wait_for(&self, wanted: impl FnMut(&T) -> bool, timeout: Duration) -> Option<T> {
        self.wait_from(0, wanted, timeout).map(|(_, entry)| entry)
    }

    /// Like [`wait_for`](Self::wait_for), but only among entry number `from`
    /// (counted from 0) and later ones; with the number of the one found.
    pub fn wait_from(
        &self,
        from: usize,
        mut wanted: impl FnMut(&T) -> bool,
        timeout: Duration,
    ) -> Option<(usize, T)> {
        let deadline = clock::now() + timeout;
        let mut state = self.lock();
        let mut next = from;
        loop {
            while let Some(entry) = state.entries.get(next) {
                if wanted(entry) {
                    return Some((next, entry.clone()));
                }
                next += 1;
            }
            let left = deadline.saturating_duration_since(clock::now());
            if state.closed || left.is_zero() {
                return None;
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits until there are at least `count` entries; whether there are.
    #[must_use]
    pub fn wait_len(&self, count: usize, timeout: Duration) -> bool {
        count == 0 || self.wait_from(count - 1, |_| true, timeout).is_some()
    }

    /// A reader of its own position, starting at the first entry.
    #[must_use]
    pub fn reader(&self) -> Reader<T> {
        Reader {
            journal: self.clone(),
            next: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for Journal<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Journal<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for Journal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// Reads a [`Journal`] entry by entry.
#[derive(Debug)]
pub struct Reader<T: Clone> {
    journal: Journal<T>,
    next: usize,
}

impl<T: Clone> Reader<T> {
    /// The next entry, waiting for it no longer than `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Option<T> {
        let (at, entry) = self.journal.wait_from(self.next, |_| true, timeout)?;
        self.next = at + 1;
        Some(entry)
    }

    /// The next entry that satisfies `wanted`; those before it are skipped.
    /// When there is none in time, the position stays.
    pub fn next_where(&mut self, wanted: impl FnMut(&T) -> bool, timeout: Duration) -> Option<T> {
        let (at, entry) = self.journal.wait_from(self.next, wanted, timeout)?;
        self.next = at + 1;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn a_waiter_is_woken_by_the_entry_it_waits_for() {
        let journal = Journal::new();
        let writer = journal.clone();
        let thread = thread::spawn(move || (0..100).for_each(|n| writer.push(n)));
        assert_eq!(journal.wait_for(|n| *n == 99, SOON), Some(99));
        thread.join().unwrap();
        assert_eq!(journal.len(), 100);
    }

    #[test]
    fn closing_ends_the_wait_before_its_deadline() {
        let journal = Journal::<u8>::new();
        let closer = journal.clone();
        let thread = thread::spawn(move || closer.close());
        let started = clock::now();
        assert_eq!(journal.wait_for(|_| true, SOON), None);
        assert!(started.elapsed() < SOON);
        thread.join().unwrap();
    }

    #[test]
    fn a_reader_sees_each_entry_once_and_keeps_its_place_on_a_miss() {
        let journal = Journal::new();
        for entry in ["a", "b", "c"] {
            journal.push(entry);
        }
        let mut reader = journal.reader();
        assert_eq!(reader.next(Duration::ZERO), Some("a"));
        assert_eq!(reader.next_where(|s| *s == "x", Duration::ZERO), None);
        assert_eq!(reader.next_where(|s| *s == "c", Duration::ZERO), Some("c"));
        assert_eq!(reader.next(Duration::ZERO), None);
    }
}
