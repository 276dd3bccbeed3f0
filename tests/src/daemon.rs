//! A real IRC daemon or proxy as a child process on a port of loopback.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::port::Port;
use crate::{SOON, clock};

/// Between two tries to connect to a port that does not answer yet.
const PROBE_PAUSE: Duration = Duration::from_millis(10);

/// A running daemon of one `kind`. Killed and waited for on drop.
#[derive(Debug)]
pub struct Server<K> {
    child: Option<Child>,
    program: PathBuf,
    args: Vec<String>,
    port: Port,
    /// Where its configuration is, and what it prints.
    folder: TempDir,
    pub(crate) kind: K,
}

impl<K> Server<K> {
    /// Starts `program` with `args` and waits until `port` answers. `folder` is
    /// there for as long as the daemon may be started again.
    pub(crate) fn run(
        kind: K,
        program: PathBuf,
        args: Vec<String>,
        port: Port,
        folder: TempDir,
    ) -> Self {
        let mut server = Self {
            child: None,
            program,
            args,
            port,
            folder,
            kind,
        };
        server.start_again();
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.port.addr()
    }

    /// Starts it again on the same port, with the same configuration, unless
    /// it runs, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_again(&mut self) {
        if self.child.is_some() {
            return;
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.printed())
            .expect("the daemon's folder is writable");
        let errors = log.try_clone().expect("a second handle on the log");
        let child = Command::new(&self.program)
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start: {e}", self.program.display()));
        self.child = Some(child);
        self.wait_until_it_answers();
    }

    /// Kills it, as a crash would, and waits until it is gone: its clients see
    /// the end of the stream.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Fails only when it is gone already, which is what we want.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What it printed so far, for the message of a failing test.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.printed())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn printed(&self) -> PathBuf {
        self.folder.path().join("daemon.out")
    }

    fn wait_until_it_answers(&mut self) {
        let deadline = clock::now() + SOON;
        while TcpStream::connect_timeout(&self.addr(), SOON).is_err() {
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                panic!(
                    "{} ended with {status} instead of listening on {}:\n{}",
                    self.program.display(),
                    self.addr(),
                    self.log()
                );
            }
            assert!(
                clock::now() < deadline,
                "{} does not answer on {} within {SOON:?}:\n{}",
                self.program.display(),
                self.addr(),
                self.log()
            );
            thread::park_timeout(PROBE_PAUSE);
        }
    }
}

impl<K> Drop for Server<K> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where the daemon `name` is installed, which has a Debian package of that name.
///
/// # Panics
///
/// When it is not, with the command that installs it.
pub(crate) fn program(name: &str) -> PathBuf {
    program_of(name, name)
}

/// The same of a daemon that comes with another `package`.
pub(crate) fn program_of(package: &str, name: &str) -> PathBuf {
    // An ordinary user's PATH leaves out the sbin folders, where Debian puts
    // daemons.
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/usr/bin"].map(PathBuf::from))
        .map(|folder| folder.join(OsStr::new(name)))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("this test needs the daemon {name}: run `apt-get install {package}`, or tests/run.sh as root, which does it")
        })
}

/// Writes `text` to the file `name` in `folder`, and says where it is.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).expect("a new temporary folder is writable");
    file
}
