//! A console that others may read: its lines scrubbed, each as a whole,
//! however it is written.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::redact::audience::PublicSpan;
use crate::redact::scrub::{PemState, Scratch, Scrubbed as Masked, Scrubber};
use crate::redact::stream::LineScrubber;

/// Bytes of a line that are shown, whatever comes.
const LONGEST_LINE: usize = 1024 * 1024;
/// Bytes before the cut of a longer line that are left out: half a secret may
/// stand there, which nothing can recognise any more.
const GUARD: usize = 4096;

/// Stands for what could not be scrubbed, because of a bug.
const UNSCRUBBED: &str = "[irclog: what stood here could not be scrubbed]";

/// What the settings of this process say is a secret, once they were read.
static BY_SETTINGS: ArcSwapOption<Scrubber> = ArcSwapOption::const_empty();

/// Whether a writer here was ever asked for.
static IN_USE: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// By thread, as a block of PEM that is logged line by line is.
    static LINES: RefCell<LineScrubber> = RefCell::default();
    static RECORDS: RefCell<(PemState, Scratch, Masked)> = RefCell::default();
}

/// Scrubs the text of a record for the console. Never panics.
pub(crate) fn scrub_record(
    scrubber: &Scrubber,
    text: &str,
    public: &[PublicSpan],
) -> Cow<'static, str> {
    let kept = || {
        let kept = RECORDS.try_with(|kept| {
            let (pem, scratch, out) = &mut *kept.try_borrow_mut().ok()?;
            scrubber.scrub_next(pem, text, public, scratch, out);
            Some(out.as_str().to_owned())
        });
        match kept {
            Ok(Some(masked)) => masked,
            // While the thread ends.
            _ => scrubber.scrub(text, public).as_str().to_owned(),
        }
    };
    // On the service's thread, which goes on whatever happens.
    match catch_unwind(AssertUnwindSafe(kept)) {
        Ok(masked) => Cow::Owned(masked),
        Err(_) => Cow::Borrowed(UNSCRUBBED),
    }
}

pub(crate) fn set_scrubber(scrubber: &Arc<Scrubber>) {
    BY_SETTINGS.store(Some(Arc::clone(scrubber)));
}

/// Whether this process has a console that scrubs.
#[cfg(feature = "tracing")]
pub(crate) fn is_scrubbed() -> bool {
    IN_USE.load(Ordering::Relaxed)
}

/// Bytes into lines. What has no end yet is held back: half a secret looks
/// like none.
#[derive(Debug, Default)]
struct Splitter {
    partial: Vec<u8>,
    omitted: usize,
}

impl Splitter {
    /// Appends the lines that end with these bytes to `out`. A line ends with
    /// LF, or with CR, as progress bars have it.
    fn feed(&mut self, mut bytes: &[u8], lines: &mut LineScrubber, out: &mut Vec<u8>) {
        // CR LF may come in two pieces.
        let is_old = self.partial.last() == Some(&b'\r');
        if is_old && bytes.first().is_some_and(|&byte| byte != b'\n') {
            self.end(lines, out);
        }
        while let Some(end) = end_of_line(bytes) {
            let (line, rest) = bytes.split_at(end);
            self.keep(line);
            self.end(lines, out);
            bytes = rest;
        }
        self.keep(bytes);
    }

    /// Appends what is held back to `out`: nothing more comes.
    fn finish(&mut self, lines: &mut LineScrubber, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            self.end(lines, out);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LONGEST_LINE - self.partial.len());
        self.partial.extend_from_slice(&bytes[..kept]);
        self.omitted += bytes.len() - kept;
    }

    fn end(&mut self, lines: &mut LineScrubber, out: &mut Vec<u8>) {
        if self.omitted == 0 {
            lines.scrub(&self.partial, out);
        } else {
            lines.scrub_cut(&self.partial, GUARD, out);
            let kilobytes = (self.omitted + GUARD).div_ceil(1000);
            out.extend_from_slice(format!(" … +{kilobytes} KB\n").as_bytes());
        }
        self.partial.clear();
        self.omitted = 0;
    }
}

/// Does it. Should that ever panic, nothing of it is shown, and the service or
/// the output goes on.
fn guarded(
    splitter: &mut Splitter,
    lines: &mut LineScrubber,
    out: &mut Vec<u8>,
    work: impl FnOnce(&mut Splitter, &mut LineScrubber, &mut Vec<u8>),
) {
    let passed = catch_unwind(AssertUnwindSafe(|| work(splitter, lines, out)));
    if passed.is_err() {
        *splitter = Splitter::default();
        lines.start_over();
        out.clear();
        out.extend_from_slice(UNSCRUBBED.as_bytes());
        out.push(b'\n');
    }
}

/// Behind the end of the first line. A CR at the very end may be half of one.
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let at = bytes
        .iter()
        .position(|&byte| byte == b'\n' || byte == b'\r')?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) => None,
        _ => Some(at + 1),
    }
}

/// A stream of one source, scrubbed line by line.
#[cfg(feature = "cli")]
#[derive(Debug, Default)]
pub struct ScrubbedStream {
    splitter: Splitter,
    lines: LineScrubber,
}

#[cfg(feature = "cli")]
impl ScrubbedStream {
    pub(crate) fn by(scrubber: Arc<Scrubber>) -> Self {
        let mut stream = Self::default();
        stream.lines.scrub_by(scrubber);
        stream
    }

    /// Takes more bytes, and appends the lines that end with them to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        guarded(
            &mut self.splitter,
            &mut self.lines,
            out,
            |splitter, lines, out| {
                splitter.feed(bytes, lines, out);
            },
        );
    }

    /// Appends what is held back to `out`: nothing more comes.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        guarded(&mut self.splitter, &mut self.lines, out, Splitter::finish);
    }
}

/// A writer of scrubbed lines to `inner`, for a console that is not private.
///
/// What is masked is what the channel's scrubber masks, by the settings of
/// this process (`IRC_SCRUB_RULES` and its like) once irclog was set up. A
/// line is scrubbed as a whole, however many writes it comes in, and held back
/// until it ends (with LF or CR) or the writer is dropped. Of a line a mebibyte
/// is shown at most, and how much is left out is said.
///
/// ```no_run
/// use std::io::Write as _;
///
/// let mut out = irclog::ScrubbedWriter::new(std::io::stdout());
/// writeln!(out, "password={}", "tiger-lily").unwrap();  // password=[REDACTED]
/// ```
pub struct ScrubbedWriter<W: Write> {
    inner: W,
    splitter: Splitter,
    ready: Vec<u8>,
}

impl<W: Write> ScrubbedWriter<W> {
    /// Writes scrubbed lines to `inner`.
    ///
    /// ```
    /// use std::io::Write as _;
    ///
    /// let mut shown = Vec::new();
    /// let mut writer = irclog::ScrubbedWriter::new(&mut shown);
    /// write!(writer, "pass")?;
    /// writeln!(writer, "word=tigrelily22")?;
    /// drop(writer);
    /// assert_eq!(shown, b"password=[REDACTED]\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(inner: W) -> Self {
        IN_USE.store(true, Ordering::Relaxed);
        Self {
            inner,
            splitter: Splitter::default(),
            ready: Vec::new(),
        }
    }

    fn scrub(&mut self, work: impl Fn(&mut Splitter, &mut LineScrubber, &mut Vec<u8>)) {
        let Self {
            splitter, ready, ..
        } = self;
        let scrubber = BY_SETTINGS.load_full();
        let mut work = |lines: &mut LineScrubber| {
            if let Some(scrubber) = &scrubber {
                lines.scrub_by(Arc::clone(scrubber));
            }
            guarded(splitter, lines, ready, &work);
        };
        let kept = LINES.try_with(|lines| match lines.try_borrow_mut() {
            Ok(mut lines) => {
                work(&mut lines);
                true
            }
            Err(_) => false,
        });
        if kept != Ok(true) {
            // While the thread ends.
            work(&mut LineScrubber::default());
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let written = self.inner.write_all(&self.ready);
        self.ready.clear();
        written
    }
}

impl<W: Write> Write for ScrubbedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.scrub(|splitter, lines, ready| splitter.feed(bytes, lines, ready));
        self.pass_on()?;
        Ok(bytes.len())
    }

    /// Flushes what has been passed on. A line without its end stays.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Drop for ScrubbedWriter<W> {
    fn drop(&mut self) {
        self.scrub(Splitter::finish);
        // Nobody could be told.
        let _ = self.pass_on();
    }
}

impl<W: Write> fmt::Debug for ScrubbedWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it holds is not scrubbed yet.
        f.debug_struct("ScrubbedWriter").finish_non_exhaustive()
    }
}

/// Made by [`scrubbed`].
///
/// ```
/// let make_writer = irclog::scrubbed(std::io::stderr);
/// let console = tracing_subscriber::fmt::layer::<tracing_subscriber::Registry>()
///     .with_writer(make_writer);
/// ```
#[cfg(feature = "tracing")]
#[derive(Debug, Clone)]
pub struct Scrubbed<M>(M);

/// Scrubs what a layer for the console writes, as the channel is scrubbed,
/// for those whose console is not private: `IRC_SCRUB_TEE` has no part in a
/// [`layer`](crate::layer).
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// let console = tracing_subscriber::fmt::layer()
///     .with_writer(irclog::scrubbed(std::io::stdout));
/// tracing_subscriber::registry()
///     .with(console)
///     .with(irclog::layer())
///     .init();
/// ```
///
/// Each line is scrubbed as a whole, see [`ScrubbedWriter`], which does the
/// same for any other writer.
#[cfg(feature = "tracing")]
pub fn scrubbed<M>(make_writer: M) -> Scrubbed<M> {
    IN_USE.store(true, Ordering::Relaxed);
    Scrubbed(make_writer)
}

#[cfg(feature = "tracing")]
impl<'a, M> tracing_subscriber::fmt::MakeWriter<'a> for Scrubbed<M>
where
    M: tracing_subscriber::fmt::MakeWriter<'a>,
{
    type Writer = ScrubbedWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        ScrubbedWriter::new(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Self::Writer {
        ScrubbedWriter::new(self.0.make_writer_for(meta))
    }
}

#[cfg(test)]
mod tests;
