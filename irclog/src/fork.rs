//! Forked children: whose process this is, and locks that were held by threads
//! that a child does not have.
#![cfg_attr(
    unix,
    expect(unsafe_code, reason = "pthread_atfork is a function of the C library")
)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

/// How often this process's ancestors have forked since irclog began.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How often a lock is tried before a fork. Whoever holds it is let go on in
/// between: it takes microseconds, or for ever, which nobody waits for.
const TRIES: u32 = 100;

/// The process in which something was made. Its threads are in no child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u32);

impl Generation {
    pub(crate) fn present() -> Self {
        Self(GENERATION.load(Ordering::Relaxed))
    }

    /// Whether this is a child of that process: its worker is not in it, and
    /// nothing must wait for it or touch its locks.
    pub(crate) fn is_over(self) -> bool {
        self != Self::present()
    }
}

/// A room with locks, asked on the thread that forks. Neither call may wait.
#[derive(Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "nobody forks there"))]
pub(crate) struct Watch {
    /// Takes what it can have.
    pub(crate) before: fn(),
    /// Lets it go, in the parent and in the child; `true` in the child.
    pub(crate) after: fn(bool),
}

/// As many as there are rooms with such locks.
static WATCHES: [OnceLock<Watch>; 2] = [const { OnceLock::new() }; 2];

/// Has a room asked at each fork from now on: once for each room.
pub(crate) fn watch(mut watch: Watch) {
    for place in &WATCHES {
        match place.set(watch) {
            Ok(()) => break,
            Err(taken) => watch = taken,
        }
    }
    #[cfg(unix)]
    {
        static REGISTERED: AtomicBool = AtomicBool::new(false);
        if !REGISTERED.swap(true, Ordering::Relaxed) {
            // SAFETY: the functions take no arguments, never unwind and live
            // as long as the program. They wait for nobody; in the child they
            // only store to atomics and release locks that its thread holds,
            // which is allowed in the child of a process with threads.
            unsafe {
                libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child));
            }
        }
    }
}

#[cfg(unix)]
extern "C" fn before_fork() {
    for watch in WATCHES.iter().filter_map(OnceLock::get) {
        (watch.before)();
    }
}

#[cfg(unix)]
extern "C" fn in_parent() {
    for watch in WATCHES.iter().filter_map(OnceLock::get) {
        (watch.after)(false);
    }
}

#[cfg(unix)]
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    for watch in WATCHES.iter().filter_map(OnceLock::get) {
        (watch.after)(true);
    }
}

/// A lock that no child waits for in vain, and no fork.
///
/// It is held while the process forks, so that the child finds whole what it
/// guards. Where somebody does not let it go in time, the child leaves it alone
/// and begins with another, empty one.
#[derive(Debug, Default)]
pub(crate) struct ForkLock<T> {
    lock: Mutex<T>,
    lost: AtomicBool,
    next: OnceLock<Box<Self>>,
}

impl<T> ForkLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            lock: Mutex::new(value),
            lost: AtomicBool::new(false),
            next: OnceLock::new(),
        }
    }
}

impl<T: Default> ForkLock<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        let lock = &self.present().lock;
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what it guarded stayed with a thread of the parent.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Holds it for a fork, if it can be had.
    pub(crate) fn hold(&self) -> Option<MutexGuard<'_, T>> {
        for _ in 0..TRIES {
            if let Some(guard) = self.hold_at_once() {
                return Some(guard);
            }
            std::thread::yield_now();
        }
        None
    }

    /// As [`hold`](Self::hold), where whoever has it will have it for long.
    pub(crate) fn hold_at_once(&self) -> Option<MutexGuard<'_, T>> {
        match self.present().lock.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// In a child, where it could not be held.
    pub(crate) fn lose(&self) {
        self.present().lost.store(true, Ordering::Relaxed);
    }

    fn present(&self) -> &Self {
        let mut present = self;
        while present.is_lost() {
            present = present.next.get_or_init(Box::default);
        }
        present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_a_lock_that_was_lost() {
        let lock = ForkLock::new(vec![1]);
        let never_let_go = lock.lock();
        assert!(lock.hold().is_none());
        lock.lose();
        assert!(lock.is_lost());
        lock.lock().push(2);
        assert_eq!(*lock.hold().expect("free"), [2]);
        assert_eq!(*never_let_go, [1]);
        let nor_this = lock.lock();
        lock.lose();
        assert_eq!(*lock.lock(), [0; 0], "a child of the child");
        drop(nor_this);
    }

    #[test]
    fn what_can_be_held_is_not_lost() {
        let lock = ForkLock::new(1);
        drop(lock.hold());
        assert!(!lock.is_lost());
        assert_eq!(*lock.lock(), 1);
    }
}
