//! The file that a setting is in. Whoever named it may have named anything: a
//! pipe that nobody writes to, a device without an end. The service starts all
//! the same.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

/// More than any bundle of certificates has.
const LONGEST: u64 = 1024 * 1024;

/// How long what is no file on a disk may take, as the shell's `<(pass irc)`.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between two looks at a pipe.
const PAUSE: Duration = Duration::from_millis(10);

/// Reads the file at `path`, up to 1 MiB of UTF-8. What has to be waited for, as
/// a pipe, is waited for 5 s.
///
/// # Errors
///
/// If it cannot be read, is larger, has not ended in that time, or is no UTF-8.
pub fn read(path: impl AsRef<Path>) -> io::Result<String> {
    read_within(path.as_ref(), PATIENCE)
}

fn read_within(path: &Path, patience: Duration) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe is opened only when somebody writes to it, otherwise.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let is_pipe = is_pipe(&file.metadata()?);
    let mut bytes = Vec::new();
    let mut left = patience;
    loop {
        match file_rest(&file, &mut bytes) {
            // Without a writer a pipe is at its end: one may come yet.
            Ok(()) if !is_pipe || !bytes.is_empty() => break,
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let Some(rest) = left.checked_sub(PAUSE) else {
            let waited = format!("nobody wrote it to its end within {} s", patience.as_secs());
            return Err(io::Error::new(ErrorKind::TimedOut, waited));
        };
        left = rest;
        #[expect(
            clippy::disallowed_methods,
            reason = "before anything is started, and only for a pipe"
        )]
        std::thread::sleep(PAUSE);
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Adds to `bytes` what can be read now.
fn file_rest(file: &File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let room = (LONGEST + 1).saturating_sub(bytes.len() as u64);
    let read = file.take(room).read_to_end(bytes);
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            "it is larger than 1 MiB",
        ));
    }
    read.map(|_| ())
}

#[cfg(unix)]
fn is_pipe(file: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&file.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests;
