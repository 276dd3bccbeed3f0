//! A stream of a program: shown, and its records logged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use irclog::tool;
use log::kv::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::watch;

use crate::clock;
use crate::lines::{Entry, Lines};
use crate::screen::Screen;
use crate::stage;

/// Bytes that are read at once: what a pipe holds on Linux.
const PIECE: usize = 64 * 1024;

/// Copies `from` to `screen` and logs its lines as records of `program`, until
/// `from` ends, nobody reads the screen any more, or `stop` says so.
///
/// Memory is bounded, whatever comes; and nothing here waits for IRC: what
/// the logger has no room for it drops and counts.
pub(crate) async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut screen: Screen<impl AsyncWrite + Unpin>,
    program: String,
    mut stop: watch::Receiver<bool>,
) {
    let mut lines = Lines::new(&program);
    let mut piece = vec![0; PIECE];
    loop {
        let read = tokio::select! {
            biased;
            read = from.read(&mut piece) => read,
            () = until(lines.deadline()) => {
                guarded(&mut lines, &program, |lines| lines.elapse(clock::now(), &mut log));
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let bytes = match read {
            Ok(0) => break,
            Ok(length) => &piece[..length],
            Err(error) => {
                stage::tell(&format!(
                    "the output of {program} cannot be read any further ({error})"
                ));
                break;
            }
        };
        screen.show(bytes).await;
        guarded(&mut lines, &program, |lines| {
            lines.feed(bytes, clock::now(), &mut log);
        });
        if screen.is_unread() {
            // The program learns it when it writes again, as it would have
            // without us.
            break;
        }
    }
    screen.finish().await;
    guarded(&mut lines, &program, |lines| {
        lines.finish(clock::now(), &mut log);
    });
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Should reading lines ever panic, the program's output goes on all the same.
fn guarded(lines: &mut Lines, program: &str, work: impl FnOnce(&mut Lines)) {
    if catch_unwind(AssertUnwindSafe(|| work(lines))).is_err() {
        *lines = Lines::new(program);
    }
}

/// Hands a record to the logger. It names no file: what its text looks like
/// decides what it is folded with.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a record is handed over and done with"
)]
pub(crate) fn log(entry: Entry) {
    let mut pairs = Vec::new();
    if let Some(sender) = &entry.sender {
        pairs.push((tool::SENDER, Value::from(sender.as_str())));
    }
    if entry.omitted > 0 {
        pairs.push((tool::OMITTED, Value::from(entry.omitted)));
    }
    log::logger().log(
        &log::Record::builder()
            .level(entry.level)
            .target(&entry.target)
            .args(format_args!("{}", entry.text))
            .key_values(&pairs.as_slice())
            .build(),
    );
}
