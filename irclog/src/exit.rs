//! The end of the process: `atexit` and panics.
//!
//! A room with `unsafe`: registering a function with the C library, which no
//! safe interface offers.
#![expect(unsafe_code, reason = "atexit is a function of the C library")]

use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use log::Level;

use crate::handle::Handle;
use crate::logger;
use crate::notice::Notices;
use crate::shared::Shared;
use crate::trail::Trail;

/// Who is to leave at the end, each within its bound. A forked child inherits
/// the list, and may add to it: what its parent began is none of its own.
static LEAVING: ArcSwapOption<Vec<(Handle, Duration)>> = ArcSwapOption::const_empty();

/// Lets the end of the process wait up to `bound` for the channel: on return
/// from `main`, on `std::process::exit`, and after a panic of the main thread.
/// Windows' own `ExitProcess`, which is all of `std::process::exit` there, asks
/// nobody: who calls that calls [`leave`] before.
pub(crate) fn flush_at_exit(handle: &Handle, bound: Duration) {
    static REGISTERED: AtomicBool = AtomicBool::new(false);
    LEAVING.rcu(|leaving| {
        let mut all = leaving
            .as_ref()
            .map_or_else(Vec::new, |all| Vec::clone(all));
        all.push((handle.clone(), bound));
        Some(Arc::new(all))
    });
    if REGISTERED.swap(true, Ordering::Relaxed) {
        return;
    }
    // SAFETY: `at_exit` is an `extern "C"` function without arguments that
    // never unwinds, as atexit asks for, and lives as long as the program.
    unsafe {
        libc::atexit(at_exit);
    }
}

/// Puts panics of any thread into the channel, as ERROR, before the hook that
/// was set before says its own word.
///
/// It never waits: a panic that is caught, in a handler of an async service,
/// would hold up everybody else. Only where a panic ends the process at once
/// nothing else is left to wait.
/// `trail` says what has led there, on the thread that panics.
pub(crate) fn record_panics(
    shared: Arc<Shared>,
    handle: Handle,
    bound: Duration,
    trail: impl Fn(&Shared) -> Option<Arc<Trail>> + Send + Sync + 'static,
) {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        logger::panicked(&shared, &describe(info), || trail(&shared));
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
    leave();
}

/// What the end of the process does, done now.
pub fn leave() {
    let Some(leaving) = LEAVING.load_full() else {
        return;
    };
    // In the child of a fork nobody is waited for: see `Handle::shutdown`.
    for (handle, bound) in leaving.iter() {
        // Unwinding into the C library would abort the process.
        let end = std::panic::AssertUnwindSafe(|| handle.shutdown(*bound));
        let _ = std::panic::catch_unwind(end);
    }
}
