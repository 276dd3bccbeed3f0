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

/// Has this thread give way to others that want the processor: beside one of
/// them it gets a tenth. Where only a whole process can, nothing happens.
#[cfg(feature = "cli")]
pub fn give_way() {
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "a function of the C library")]
    // SAFETY: nice takes a number and touches no memory. On Linux it is about
    // the calling thread. Where it fails, all stays as it is.
    unsafe {
        libc::nice(10);
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
