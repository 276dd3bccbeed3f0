//! Where code runs: on the worker's thread or elsewhere, and for whom.

use std::cell::Cell;

thread_local! {
    // Plain data without a destructor: readable until the thread is gone.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

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
