//! Where code runs: on the worker's thread, or in a forked child.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    // Plain data without a destructor: readable until the thread is gone.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

static FORKED: AtomicBool = AtomicBool::new(false);

/// The user that this process acts as.
#[cfg(unix)]
pub(crate) fn user() -> u32 {
    #[expect(unsafe_code, reason = "a function of the C library")]
    // SAFETY: geteuid takes nothing, touches nothing and cannot fail.
    unsafe {
        libc::geteuid()
    }
}

/// Marks this thread as the worker: nothing that is logged on it goes to the
/// channel, or every trouble with the connection would make more of itself.
pub(crate) fn become_worker() {
    IS_WORKER.set(true);
}

pub(crate) fn is_worker() -> bool {
    IS_WORKER.get()
}

/// Marks this process as a forked child. Only stores to an atomic, which is
/// all that such a child may do before it goes on.
#[cfg(unix)]
pub(crate) fn become_forked_child() {
    FORKED.store(true, Ordering::Relaxed);
}

/// Whether this is a forked child: the worker thread is not in it, and
/// nothing must wait for it or touch its locks.
pub(crate) fn is_forked_child() -> bool {
    FORKED.load(Ordering::Relaxed)
}
