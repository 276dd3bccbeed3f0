//! The end of the process: `atexit`, panics and forked children.
//!
//! The room with `unsafe`: registering functions with the C library,
//! which no safe interface offers.
#![expect(
    unsafe_code,
    reason = "atexit and pthread_atfork are functions of the C library"
)]

use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use log::Level;

#[cfg(unix)]
use crate::context::become_forked_child;
use crate::context::is_forked_child;
use crate::handle::{Handle, Shared};
use crate::logger;
#[cfg(unix)]
use crate::notice;
use crate::notice::Notices;

static AT_EXIT: OnceLock<(Handle, Duration)> = OnceLock::new();

/// Lets the end of the process wait up to `bound` for the channel: on return
/// from `main`, on `std::process::exit`, and after a panic of the main thread.
pub(crate) fn flush_at_exit(handle: Handle, bound: Duration) {
    if AT_EXIT.set((handle, bound)).is_err() {
        return;
    }
    // SAFETY: `at_exit` is an `extern "C"` function without arguments that
    // never unwinds, as atexit asks for, and lives as long as the program.
    unsafe {
        libc::atexit(at_exit);
    }
    #[cfg(unix)]
    // SAFETY: the functions take no arguments, never unwind and live as long
    // as the program. `in_child` only stores to an atomic and releases a lock,
    // which is allowed in a forked child of a process with threads.
    unsafe {
        libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child));
    }
}

/// Puts panics of any thread into the channel, as ERROR, before the hook that
/// was set before says its own word.
///
/// It never waits: a panic that is caught, in a handler of an async service,
/// would hold up everybody else. Only where a panic ends the process at once
/// nothing else is left to wait.
pub(crate) fn record_panics(shared: Arc<Shared>, handle: Handle, bound: Duration) {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        logger::panicked(&shared, &describe(info));
        previous(info);
        if cfg!(panic = "abort") {
            handle.shutdown(bound);
        }
    }));
}

/// Says what to write instead when another logger's `init` panics because
/// irclog has taken the place: their words are no more than `SetLoggerError`.
pub(crate) fn explain_second_logger(notices: Arc<Notices>) {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        previous(info);
        if message(info).contains("SetLoggerError") {
            notices.tell(
                Level::Error,
                "a process has only one logger for `log`, and it is irclog's since \
                 irclog::init(), so no other can be installed. A tracing subscriber: leave \
                 irclog::init() out and write registry().with(irclog::layer()) (irclog's feature \
                 `tracing`). Another logger: give it to irclog, \
                 irclog::from_env().tee(other_logger).try_init(), instead of its own init()",
            );
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = message(info);
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    match info.location() {
        Some(at) => format!("thread '{name}' panicked at {at}: {message}"),
        None => format!("thread '{name}' panicked: {message}"),
    }
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text")
}

extern "C" fn at_exit() {
    if is_forked_child() {
        return;
    }
    if let Some((handle, bound)) = AT_EXIT.get() {
        // Unwinding into the C library would abort the process.
        let end = std::panic::AssertUnwindSafe(|| handle.shutdown(*bound));
        let _ = std::panic::catch_unwind(end);
    }
}

#[cfg(unix)]
extern "C" fn before_fork() {
    notice::before_fork();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    notice::after_fork();
}

#[cfg(unix)]
extern "C" fn in_child() {
    become_forked_child();
    notice::after_fork();
}
