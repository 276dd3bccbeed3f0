//! What is known now. Each thread has its own hold of it, so that no two of
//! them wait for each other, but for the moment in which it has changed.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard};

use super::index::Tier;
use crate::fork::ForkLock;

/// What is searched for.
pub(super) type Tiers = Vec<Arc<Tier>>;

/// Tiers and their version, which no others in this process have; 0 is that of
/// none.
#[derive(Default, Clone)]
pub(super) struct Version(u64, Arc<Tiers>);

/// The tiers that hold now. Locked to take a hold of them and to replace them,
/// never to search.
#[derive(Default)]
pub(super) struct Latest {
    version: AtomicU64,
    tiers: ForkLock<Version>,
}

thread_local! {
    static OWN: RefCell<Version> = RefCell::default();
}

impl Latest {
    /// All that [`set`](Self::set) was given before.
    #[inline]
    pub(super) fn get(&self) -> Arc<Tiers> {
        let version = self.version.load(Ordering::Acquire);
        let own = OWN.try_with(|own| {
            let mut own = own.borrow_mut();
            if own.0 != version {
                *own = self.tiers.lock().clone();
            }
            Arc::clone(&own.1)
        });
        // A thread that ends has let its own go.
        own.unwrap_or_else(|_| Arc::clone(&self.tiers.lock().1))
    }

    pub(super) fn set(&self, tiers: Tiers) {
        static VERSION: AtomicU64 = AtomicU64::new(1);
        let version = VERSION.fetch_add(1, Ordering::Relaxed);
        let mut next = Version(version, Arc::new(tiers));
        {
            let mut tiers = self.tiers.lock();
            std::mem::swap(&mut *tiers, &mut next);
            self.version.store(version, Ordering::Release);
        }
        // What nobody holds any more goes without the lock.
        drop(next);
    }

    /// For a fork, if it can be had.
    pub(super) fn hold(&self) -> Option<MutexGuard<'_, Version>> {
        self.tiers.hold()
    }

    /// In a child, where it could not be held: it is empty until it is set,
    /// except for the thread that forked, which goes on with what it had.
    pub(super) fn lose(&self) {
        self.tiers.lose();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_thread_has_what_was_set_last() {
        let latest = Latest::default();
        let other = Latest::default();
        assert!(latest.get().is_empty());
        for len in 1..100 {
            latest.set(vec![Arc::default(); len]);
            other.set(vec![Arc::default(); 2 * len]);
            assert_eq!(latest.get().len(), len);
            assert_eq!(other.get().len(), 2 * len);
            thread::scope(|scope| {
                scope.spawn(|| assert_eq!(latest.get().len(), len));
            });
        }
    }

    #[test]
    fn what_was_seen_once_does_not_go_back() {
        let latest = Latest::default();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < 1_000 {
                        let len = latest.get().len();
                        assert!(len >= seen, "{len} after {seen}");
                        seen = len;
                    }
                });
            }
            let one = Arc::<Tier>::default();
            for len in 1..=1_000 {
                latest.set(vec![Arc::clone(&one); len]);
            }
        });
    }

    #[test]
    fn nobody_waits_for_one_who_is_stuck_with_it() {
        let latest = Latest::default();
        latest.set(vec![Arc::default()]);
        assert_eq!(latest.get().len(), 1);
        let stuck = latest.tiers.lock();
        assert_eq!(latest.get().len(), 1, "what this thread holds");
        assert!(latest.hold().is_none());
        latest.lose();
        assert_eq!(latest.get().len(), 1, "still");
        thread::scope(|scope| {
            scope.spawn(|| assert!(latest.get().is_empty()));
        });
        latest.set(vec![Arc::default(); 2]);
        assert_eq!(latest.get().len(), 2);
        drop(stuck);
    }
}
