//! What is copied from and to, without a buffer in between: who does not get
//! on waits, also where another program has made the stream one that does not.

use std::io::{self, ErrorKind, PipeReader, Write};

/// Bytes that are copied at once.
pub(crate) const PIECE: usize = 256 * 1024;

/// One of our own streams.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Output = 0,
    Errors = 1,
}

/// One of our own streams, to write to.
pub(crate) struct Sink(pub(crate) Stream);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match imp::write(self.0, bytes) {
                // Who shares it with us (Node, a shell) has set it so.
                Err(error) if error.kind() == ErrorKind::WouldBlock => imp::wait_to_write(self.0)?,
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Elsewhere nothing is held back.
        #[cfg(not(unix))]
        imp::flush(self.0)?;
        Ok(())
    }
}

/// What is copied.
pub(crate) enum Source {
    Program(PipeReader),
    Input,
}

impl Source {
    /// The output of a program.
    pub(crate) fn of(program: PipeReader) -> Self {
        imp::widen(&program);
        Self::Program(program)
    }

    /// Reads what there is, at least a byte; 0 at the end.
    ///
    /// Once it was stopped, that is at the end of what is there: of as much as
    /// a pipe can hold, if somebody goes on writing.
    pub(crate) fn read(&mut self, bytes: &mut [u8], stopped: &mut Stopped) -> io::Result<usize> {
        loop {
            match imp::wait_to_read(self, stopped)? {
                imp::Ready::Read => {}
                imp::Ready::Stopped => return Ok(0),
            }
            match imp::read(self, bytes) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Ok(length) => {
                    stopped.count(length);
                    return Ok(length);
                }
                error => return error,
            }
        }
    }
}

/// Ends the reading of all sources that look at its [`Stopped`], when it is
/// dropped.
pub(crate) struct Stop {
    #[cfg(unix)]
    _held: io::PipeWriter,
}

/// Whether to stop.
pub(crate) struct Stopped {
    #[cfg(unix)]
    ended: PipeReader,
    /// Bytes that may still be read once it was stopped.
    left: Option<usize>,
}

#[cfg_attr(
    not(unix),
    expect(clippy::unnecessary_wraps, reason = "as where there is more to do")
)]
impl Stop {
    pub(crate) fn new() -> io::Result<(Self, Stopped)> {
        #[cfg(unix)]
        {
            let (ended, held) = io::pipe()?;
            Ok((Self { _held: held }, Stopped { ended, left: None }))
        }
        #[cfg(not(unix))]
        Ok((Self {}, Stopped { left: None }))
    }
}

#[cfg_attr(
    not(unix),
    expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "as where there is more to do"
    )
)]
impl Stopped {
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            ended: self.ended.try_clone()?,
            left: None,
        })
    }

    fn count(&mut self, bytes: usize) {
        self.left = self.left.map(|left| left.saturating_sub(bytes));
    }
}

#[cfg(unix)]
mod imp {
    use std::io::{self, PipeReader};
    use std::os::fd::{AsFd as _, BorrowedFd};

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::unistd;

    use super::{PIECE, Source, Stopped, Stream};

    pub(super) enum Ready {
        Read,
        Stopped,
    }

    pub(super) fn write(stream: Stream, bytes: &[u8]) -> io::Result<usize> {
        on(stream, |stream| Ok(unistd::write(stream, bytes)?))
    }

    pub(super) fn wait_to_write(stream: Stream) -> io::Result<()> {
        on(stream, |stream| {
            wait(&mut [PollFd::new(stream, PollFlags::POLLOUT)])
        })
    }

    fn on<T>(stream: Stream, work: impl FnOnce(BorrowedFd<'_>) -> io::Result<T>) -> io::Result<T> {
        match stream {
            Stream::Output => work(io::stdout().as_fd()),
            Stream::Errors => work(io::stderr().as_fd()),
        }
    }

    pub(super) fn read(source: &mut Source, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(match source {
            Source::Program(pipe) => unistd::read(pipe, bytes)?,
            Source::Input => unistd::read(io::stdin(), bytes)?,
        })
    }

    pub(super) fn wait_to_read(source: &Source, stopped: &mut Stopped) -> io::Result<Ready> {
        let stdin = io::stdin();
        let source = match source {
            Source::Program(pipe) => pipe.as_fd(),
            Source::Input => stdin.as_fd(),
        };
        let mut both = [
            PollFd::new(source, PollFlags::POLLIN),
            PollFd::new(stopped.ended.as_fd(), PollFlags::POLLIN),
        ];
        wait(&mut both)?;
        let [can_read, has_stopped] = both.map(|stream| stream.any().unwrap_or(true));
        if has_stopped && stopped.left.get_or_insert(PIECE) == &0 {
            return Ok(Ready::Stopped);
        }
        Ok(if can_read {
            Ready::Read
        } else {
            Ready::Stopped
        })
    }

    /// Waits until there is something to do for one of them.
    fn wait(streams: &mut [PollFd<'_>]) -> io::Result<()> {
        loop {
            match poll(streams, PollTimeout::NONE) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lets the program write as much at once as is copied at once, where the
    /// system allows it.
    pub(super) fn widen(pipe: &PipeReader) {
        #[cfg(target_os = "linux")]
        if let Ok(size) = i32::try_from(PIECE) {
            let _ = nix::fcntl::fcntl(pipe, nix::fcntl::FcntlArg::F_SETPIPE_SZ(size));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = pipe;
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where there is more to do")]
mod imp {
    use std::io::{self, PipeReader, Read as _, Write as _};

    use super::{Source, Stopped, Stream};

    pub(super) enum Ready {
        Read,
        #[expect(dead_code, reason = "nothing is known of a pipe but by reading it")]
        Stopped,
    }

    pub(super) fn write(stream: Stream, bytes: &[u8]) -> io::Result<usize> {
        match stream {
            Stream::Output => io::stdout().write(bytes),
            Stream::Errors => io::stderr().write(bytes),
        }
    }

    pub(super) fn flush(stream: Stream) -> io::Result<()> {
        match stream {
            Stream::Output => io::stdout().flush(),
            Stream::Errors => io::stderr().flush(),
        }
    }

    pub(super) fn wait_to_write(_: Stream) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    pub(super) fn read(source: &mut Source, bytes: &mut [u8]) -> io::Result<usize> {
        match source {
            Source::Program(pipe) => pipe.read(bytes),
            Source::Input => io::stdin().read(bytes),
        }
    }

    pub(super) fn wait_to_read(_: &Source, _: &mut Stopped) -> io::Result<Ready> {
        Ok(Ready::Read)
    }

    pub(super) fn widen(_: &PipeReader) {}
}
