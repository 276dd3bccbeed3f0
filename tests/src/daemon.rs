//! A real IRC daemon as a child process on a port of loopback.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::port::Port;
use crate::{SOON, clock};

/// Between two tries to connect to a port that does not answer yet.
const PROBE_PAUSE: Duration = Duration::from_millis(10);

/// A running daemon. Killed and waited for on drop.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Option<Child>,
    program: PathBuf,
    args: Vec<String>,
    port: Port,
    log: PathBuf,
}

impl Daemon {
    /// Starts `program` with `args` and waits until `port` answers. What it
    /// prints goes to `log`.
    pub(crate) fn start(program: PathBuf, args: Vec<String>, port: Port, log: PathBuf) -> Self {
        let mut daemon = Self {
            child: None,
            program,
            args,
            port,
            log,
        };
        daemon.run();
        daemon
    }

    /// Starts it again on the same port, with the same configuration, unless
    /// it runs.
    pub(crate) fn run(&mut self) {
        if self.child.is_some() {
            return;
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
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

    /// Kills it, as a crash would, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Fails only when it is gone already, which is what we want.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.port.addr()
    }

    pub(crate) fn log(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
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

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
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
