//! Programs as child processes: how a service starts, dies and what it prints.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command as Once, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::clock;
use crate::journal::Journal;

/// How long output may still come after the process itself has ended: a
/// forked child can hold the pipe open.
const OUTPUT_GRACE: Duration = Duration::from_secs(1);

/// A program to run, with its arguments and environment.
///
/// Of the environment of the test nothing that starts with `IRC_` or `RUST_`
/// is handed on. Connects are told to nobody unless a test names a folder for
/// it: tests side by side would wait for each other.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    vars: Vec<(OsString, OsString)>,
    listens: bool,
}

impl Program {
    /// The program at `path`, for instance `env!("CARGO_BIN_EXE_irclog")`.
    #[must_use]
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            args: Vec::new(),
            // Most tests count the lines of what they log.
            vars: vec![("IRC_START_LINE".into(), "false".into())],
            listens: false,
        }
    }

    /// The example `name` of the test's own package. `cargo test` builds them
    /// all; when only one test was asked for, this builds the one it needs.
    ///
    /// # Panics
    ///
    /// When there is no such example, or it does not compile.
    #[must_use]
    pub fn example(name: &str) -> Self {
        let test = std::env::current_exe().expect("a test knows its own path");
        let profile = test
            .ancestors()
            .nth(2)
            .expect("tests lie in target/<profile>/deps");
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let path = profile.join("examples").join(file);
        if !path.is_file() {
            build_example(name);
        }
        Self::at(path)
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.vars.push((name.into(), value.into()));
        self
    }

    /// Gives it a standard input, for [`Running::say`]. Defaults to one that
    /// is at its end.
    #[must_use]
    pub fn listens(mut self) -> Self {
        self.listens = true;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When the system cannot start it.
    #[must_use]
    pub fn start(self) -> Running {
        let (input, lines) = unbounded_channel();
        let stdout = Journal::new();
        let stderr = Journal::new();
        let (kill, killed) = oneshot::channel();
        let (started, pid) = mpsc::channel();
        let (ended, finished) = mpsc::channel();
        let name = self.path.display().to_string();
        let watch = Watch {
            program: self,
            input: lines,
            stdout: stdout.clone(),
            stderr: stderr.clone(),
        };
        thread::Builder::new()
            .name(format!("watch {name}"))
            .spawn(move || {
                let finish = watch.run(&started, killed);
                // The test may have lost its interest.
                let _ = ended.send(finish);
            })
            .expect("the system has a thread to spare");
        let pid = pid
            .recv()
            .ok()
            .unwrap_or_else(|| panic!("{name} cannot be started"));
        Running {
            name,
            pid,
            input,
            stdout,
            stderr,
            kill: Some(kill),
            finished,
        }
    }

    /// Starts it and waits until it ends.
    ///
    /// # Panics
    ///
    /// When it cannot be started, or has not ended after `timeout`: it is
    /// killed then, and the panic shows what it printed.
    #[must_use]
    pub fn run(self, timeout: Duration) -> Finished {
        self.start().wait(timeout)
    }
}

/// A process that was started. Killed on drop.
#[derive(Debug)]
pub struct Running {
    name: String,
    pid: u32,
    input: UnboundedSender<String>,
    stdout: Journal<String>,
    stderr: Journal<String>,
    kill: Option<oneshot::Sender<()>>,
    finished: mpsc::Receiver<End>,
}

/// How a process ended, and when it was started and ended.
#[derive(Debug)]
struct End {
    status: ExitStatus,
    started: Instant,
    ended: Instant,
}

impl Running {
    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Writes a line to its standard input. One that has ended hears nothing.
    pub fn say(&self, line: impl Into<String>) {
        let _ = self.input.send(line.into());
    }

    /// Ends its standard input, as Ctrl-D does at a terminal. What was said
    /// before is still handed on.
    pub fn hang_up(&mut self) {
        let (nobody, _) = unbounded_channel();
        self.input = nobody;
    }

    /// The lines of its standard output, as they come.
    #[must_use]
    pub fn stdout(&self) -> &Journal<String> {
        &self.stdout
    }

    /// The lines of its standard error, as they come.
    #[must_use]
    pub fn stderr(&self) -> &Journal<String> {
        &self.stderr
    }

    /// Sends it `signal`, such as `TERM` or `INT`.
    ///
    /// # Panics
    ///
    /// When it is gone, or the system knows no such signal.
    pub fn signal(&self, signal: &str) {
        let sent = Once::new("kill")
            .args(["-s", signal, &self.pid.to_string()])
            .status()
            .expect("the command kill");
        assert!(sent.success(), "cannot send {signal} to {}", self.name);
    }

    /// Waits until it ends.
    ///
    /// # Panics
    ///
    /// When it has not ended after `timeout`: it is killed then, and the panic
    /// shows what it printed.
    #[must_use]
    pub fn wait(mut self, timeout: Duration) -> Finished {
        let Ok(end) = self.finished.recv_timeout(timeout) else {
            self.kill();
            panic!(
                "{} has not ended after {timeout:?}\nstdout: {:#?}\nstderr: {:#?}",
                self.name, self.stdout, self.stderr
            );
        };
        Finished {
            status: end.status,
            took: end.ended.duration_since(end.started),
            ended: end.ended,
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }

    fn kill(&mut self) {
        if let Some(kill) = self.kill.take() {
            // Fails only when it has ended.
            let _ = kill.send(());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How a process ended, and what it printed.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The exit code or signal.
    pub status: ExitStatus,
    /// From its start to its end.
    pub took: Duration,
    /// When it ended.
    pub ended: Instant,
    /// The lines of its standard output.
    pub stdout: Vec<String>,
    /// The lines of its standard error.
    pub stderr: Vec<String>,
}

impl Finished {
    /// Whether a line of either output contains `text`.
    #[must_use]
    pub fn printed(&self, text: &str) -> bool {
        self.stdout
            .iter()
            .chain(&self.stderr)
            .any(|line| line.contains(text))
    }
}

struct Watch {
    program: Program,
    input: UnboundedReceiver<String>,
    stdout: Journal<String>,
    stderr: Journal<String>,
}

impl Watch {
    fn run(self, started: &mpsc::Sender<u32>, killed: oneshot::Receiver<()>) -> End {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a current-thread runtime")
            .block_on(self.watch(started, killed))
    }

    async fn watch(self, started: &mpsc::Sender<u32>, killed: oneshot::Receiver<()>) -> End {
        let start = clock::now();
        let mut child = self.command().spawn().expect("the program starts");
        started
            .send(child.id().expect("nobody has waited for it yet"))
            .expect("start() waits for the process id");
        let out = tokio::spawn(collect(child.stdout.take(), self.stdout));
        let err = tokio::spawn(collect(child.stderr.take(), self.stderr));
        tokio::spawn(dictate(self.input, child.stdin.take()));
        let status = end_of(&mut child, killed).await;
        let end = End {
            status,
            started: start,
            ended: clock::now(),
        };
        let _ = tokio::time::timeout(OUTPUT_GRACE, async { tokio::join!(out, err) }).await;
        end
    }

    fn command(&self) -> Command {
        // A shell that runs the tests in the background ignores some signals for
        // all that it starts, and so would the program. Only GNU's `env` knows.
        let mut command = if cfg!(target_os = "linux") {
            let mut command = Command::new("env");
            command
                .arg("--default-signal=HUP,INT,QUIT,TERM,USR1,USR2")
                .arg(&self.program.path);
            command
        } else {
            Command::new(&self.program.path)
        };
        for (name, _) in std::env::vars_os() {
            if is_withheld(&name.to_string_lossy()) {
                command.env_remove(&name);
            }
        }
        command
            .args(&self.program.args)
            .env("IRC_STATE_DIR", "/dev/null/none")
            .envs(self.program.vars.iter().cloned())
            .stdin(if self.program.listens {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// Whether a variable of the test's own environment would change what the
/// program does.
fn is_withheld(name: &str) -> bool {
    name.starts_with("IRC_") || name.starts_with("RUST_")
}

async fn end_of(child: &mut Child, killed: oneshot::Receiver<()>) -> ExitStatus {
    let kill = tokio::select! {
        status = child.wait() => return status.expect("a child can be waited for"),
        // The handle was waited for to the end, or dropped, or gave up.
        _ = killed => child.start_kill(),
    };
    // Fails only when it has just ended by itself.
    let _ = kill;
    child.wait().await.expect("a child can be waited for")
}

async fn collect<R: AsyncRead + Unpin>(pipe: Option<R>, lines: Journal<String>) {
    if let Some(pipe) = pipe {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(pipe.read_until(b'\n', &mut line).await, Ok(1..)) {
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    }
    lines.close();
}

/// Hands lines on until nobody can say any more, or nobody listens.
async fn dictate(mut lines: UnboundedReceiver<String>, pipe: Option<ChildStdin>) {
    let Some(mut pipe) = pipe else {
        return;
    };
    while let Some(line) = lines.recv().await {
        if pipe
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

fn build_example(name: &str) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let package = std::env::var("CARGO_PKG_NAME").expect("cargo runs the tests");
    let built = Once::new(cargo)
        .args([
            "build",
            "--quiet",
            "--all-features",
            "--example",
            name,
            "-p",
            &package,
        ])
        .status()
        .expect("cargo runs");
    assert!(
        built.success(),
        "the example {name} of {package} does not compile"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_test_are_withheld_and_the_system_s_are_not() {
        assert!(is_withheld("IRC_SERVER") && is_withheld("RUST_LOG"));
        assert!(!is_withheld("PATH") && !is_withheld("DIRC_X"));
    }
}
