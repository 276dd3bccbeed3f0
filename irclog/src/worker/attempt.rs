//! A try to connect: when its turn has come among the processes of this host.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::starts::Starts;
use crate::irc::turns::{Time, Turn, Turns};
use crate::transport::{ConnectError, Connection, Route};

/// The files in the folder of the state.
const CONNECTS: &str = "connects";
const STARTS: &str = "starts";
/// The file is read to here: far beyond what is ever written.
const LONGEST: u64 = 64 * 1024;
/// Whoever holds the lock does so for less than a millisecond, unless he is
/// stopped: then nobody waits for him.
const LOCK_TRIES: u32 = 4;
const LOCK_AGAIN: Duration = Duration::from_millis(25);
/// A file system that hangs is as good as none.
const FILE_BOUND: Duration = Duration::from_millis(500);

/// What became of a try.
pub(crate) enum Tried {
    /// Others stand there: not before that has passed.
    NotYet(Duration),
    Made {
        /// Others were there lately.
        crowded: bool,
        /// Whether the start is to be told: see [`start`].
        start: Option<u64>,
        /// As [`Place::unkept`].
        unkept: Option<String>,
        result: Result<Connection, ConnectError>,
    },
}

/// Whether the channel is to be told that `service` has started, and then of how
/// many starts before nobody was told.
pub(super) async fn start(state: &Arc<StateFolder>, service: u64) -> Option<u64> {
    let state = Arc::clone(state);
    let task = tokio::task::spawn_blocking(move || state.start(service));
    match tokio::time::timeout(FILE_BOUND, task).await {
        Ok(Ok(Ok(told))) => told,
        // Where nothing can be kept, each start is the first.
        _ => Some(0),
    }
}

/// Tells services apart, and no reader which they are.
pub(super) fn service(server: &str, port: u16, channel: &str, line: &str) -> u64 {
    hash(&format!("{server} {channel} {line}"), port)
}

/// Where to, and how.
pub(super) struct Aim {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) route: Route,
    /// Tries in a row that came to nothing.
    pub(super) failures: usize,
    /// The service that has just started, if that is news.
    pub(super) start: Option<u64>,
}

impl Aim {
    /// Connects, if it is our turn.
    pub(super) async fn attempt(self, state: Arc<StateFolder>) -> Tried {
        let place = match Place::take(&state, &self.server, self.port).await {
            Ok(place) => place,
            Err(wait) => return Tried::NotYet(wait),
        };
        let result = (self.route)
            .connect(&self.server, self.port, self.failures)
            .await;
        if let Err(error) = &result
            && error.reached_nobody()
        {
            place.give_back(&state).await;
        }
        let start = match (self.start, &result) {
            (Some(service), Ok(_)) => start(&state, service).await,
            _ => None,
        };
        Tried::Made {
            crowded: place.crowded,
            start,
            unkept: place.unkept,
            result,
        }
    }
}

/// A turn that was taken among the processes of this host.
pub(crate) struct Place {
    server: u64,
    /// When; `None` where nothing can be kept.
    at: Option<Time>,
    /// Others were there lately.
    crowded: bool,
    /// Why nothing is kept in the folder that the user has named.
    pub(crate) unkept: Option<String>,
}

impl Place {
    /// Takes the turn to connect, or says for how long it is not ours.
    pub(crate) async fn take(
        state: &Arc<StateFolder>,
        server: &str,
        port: u16,
    ) -> Result<Self, Duration> {
        let server = hash(server, port);
        let (at, crowded, unkept) = match take(state, server).await {
            Ok((Turn::In(wait), _)) => return Err(Duration::from_millis(wait)),
            Ok((Turn::Now { crowded }, at)) => (Some(at), crowded, None),
            Err(error) => (None, false, state.complaint(&error)),
        };
        Ok(Self {
            server,
            at,
            crowded,
            unkept,
        })
    }

    /// No server knows of it.
    pub(crate) async fn give_back(&self, state: &Arc<StateFolder>) {
        let (server, Some(at)) = (self.server, self.at) else {
            return;
        };
        let give_back = move |turns: &mut Turns, _| turns.give_back(server, at);
        // It is forgotten in time, if not now.
        let _ = change(state, give_back).await;
    }
}

/// The turn, and when it was asked for. An error where nothing can be kept.
async fn take(state: &Arc<StateFolder>, server: u64) -> io::Result<(Turn, Time)> {
    let take = move |turns: &mut Turns, now| (turns.take(server, now), now);
    for _ in 0..LOCK_TRIES {
        match change(state, take).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            changed => return changed,
        }
        tokio::time::sleep(LOCK_AGAIN).await;
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Changes what is kept, on a thread that may hang.
async fn change<T: Send + 'static>(
    state: &Arc<StateFolder>,
    change: impl Fn(&mut Turns, Time) -> T + Send + 'static,
) -> io::Result<T> {
    let state = Arc::clone(state);
    let task = tokio::task::spawn_blocking(move || state.change(change));
    match tokio::time::timeout(FILE_BOUND, task).await {
        Ok(Ok(changed)) => changed,
        Ok(Err(error)) => Err(io::Error::other(error)),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// The folder that processes of this host share.
#[derive(Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
    /// Named by the user, who knows whose it is.
    given: bool,
}

impl StateFolder {
    /// The folder of `IRC_STATE_DIR`, or one of this user's in the temporary
    /// folder.
    pub(crate) fn new(given: Option<&Path>) -> Self {
        match given {
            Some(path) => Self {
                path: path.to_owned(),
                given: true,
            },
            None => Self {
                path: std::env::temp_dir().join(own_name()),
                given: false,
            },
        }
    }

    /// What to tell of `error`, for which nothing is kept. Of a folder that
    /// nobody asked for nothing is told, nor of a lock that somebody holds.
    fn complaint(&self, error: &io::Error) -> Option<String> {
        let lasts = error.kind() != io::ErrorKind::WouldBlock;
        (self.given && lasts).then(|| {
            format!(
                "IRC_STATE_DIR: nothing can be kept in {} ({error}), so a crash loop tells each of \
                 its starts and connects as often: make it a folder that this user may write to, \
                 or leave it out",
                self.path.display()
            )
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Turns, Time) -> T) -> io::Result<T> {
        self.rewrite(CONNECTS, |text, now| {
            let mut turns = Turns::read(text, now);
            let result = change(&mut turns, now);
            (turns.text(), result)
        })
    }

    /// Notes a start of `service`. As [`Starts::start`].
    fn start(&self, service: u64) -> io::Result<Option<u64>> {
        self.rewrite(STARTS, |text, now| {
            let mut starts = Starts::read(text, now);
            let told = starts.start(service, now);
            (starts.text(), told)
        })
    }

    fn rewrite<T>(
        &self,
        name: &str,
        change: impl FnOnce(&str, Time) -> (String, T),
    ) -> io::Result<T> {
        let mut file = self.open(name)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut bytes = Vec::new();
        (&file).take(LONGEST).read_to_end(&mut bytes)?;
        let now = now();
        let (text, result) = change(&String::from_utf8_lossy(&bytes), now);
        file.rewind()?;
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)?;
        // The lock goes with the file.
        Ok(result)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "it has no mode to set"))]
        let mut builder = DirBuilder::new();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
            builder.mode(0o700);
            // A link would have us write elsewhere, a pipe would hold us up.
            options
                .mode(0o600)
                .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        }
        match builder.create(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if !self.given {
            is_ours(&self.path)?;
        }
        let file = options.open(self.path.join(name))?;
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::other("no file"))
        }
    }
}

#[cfg(unix)]
fn own_name() -> String {
    format!("irclog-{}", crate::context::user())
}

#[cfg(not(unix))]
fn own_name() -> String {
    "irclog".into()
}

/// Whether a folder at a name that anybody could take is this user's alone.
#[cfg(unix)]
fn is_ours(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let is = std::fs::symlink_metadata(path)?;
    let ours = is.is_dir() && is.uid() == crate::context::user() && is.mode() & 0o777 == 0o700;
    if ours {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// The temporary folder is the user's own there.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as its twin")]
fn is_ours(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Tells servers apart, and no reader which they are.
fn hash(server: &str, port: u16) -> u64 {
    let name = format!("irclog {} {port}", server.to_lowercase());
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(first)
}

#[expect(
    clippy::disallowed_methods,
    reason = "processes have no clock in common but the time of day"
)]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        Time::try_from(since.as_millis()).unwrap_or(Time::MAX)
    })
}

#[cfg(all(test, unix))]
mod tests;
