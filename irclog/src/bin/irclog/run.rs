//! `irclog run`: any program, its output shown unchanged and in the channel.

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal as _, PipeReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use clap::Args;
use irclog::tool::{INSIDE_RUN, adopt_arguments};
use irclog::{Handle, State};
use log::Level;
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;

use crate::last_words::LastWords;
use crate::lines::{Entry, mask};
use crate::metrics;
use crate::name;
use crate::pump::{self, Pump, Record};
use crate::screen::Screen;
use crate::settings::Settings;
use crate::signals::{self, Ended, Signals};
use crate::stage::{self, Stage};
use crate::streams::{Source, Stop, Stopped, Stream};

/// Start a program, show its output unchanged, and its records in the channel.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irclog run --server irc.dal.net --channel '#karmacadabra' -- uvicorn main:app
  IRC_SERVER=irc.dal.net IRC_CHANNEL='#karmacadabra' irclog run -- python3 main.py
  irclog run --log 'info,uvicorn.access=warn' -- uvicorn main:app

In a Dockerfile:
  ENTRYPOINT [\"irclog\", \"run\", \"--\"]
  CMD [\"uvicorn\", \"main:app\", \"--host\", \"0.0.0.0\"]

Level and logger of a line are recognised (Python, uvicorn, JSON, logfmt, env_logger, tracing and
others); a traceback is one record. A line that names no level is INFO, a traceback or panic ERROR.

The program gets the environment as it is, but for what --drop-env names; options never reach it.
IRCLOG_RUN=1 is added where its output goes to a channel: irclog inside of it stays off then, or
each line would come twice.

With --scrub-tee true (IRC_SCRUB_TEE) its output is shown without its secrets: each line when it
has ended with LF or CR, so a prompt without an end is not seen; of a line, a mebibyte at most.

Signals go to the program, but for the one of --mute-signal: what ends, stops or wakes to all that
it has started, others to itself alone. The goodbye is over within ten seconds of the first that
asks for the end, which is what docker stop gives, unless the program takes longer itself. Its exit status is returned: 128+n
after signal n, 127 when it is not found, 126 when it cannot be started. IRC never holds it up, and
never ends it.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// What lines that name no logger are shown as [default: `OTEL_SERVICE_NAME`,
    /// the script or module, the command]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the program does not get of the environment, such as `IRC_PASSWORD`
    /// or `IRC_*`, with commas between
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    drop_env: Vec<String>,
    /// Where `GET /metrics` tells the numbers as `OpenMetrics`, such as
    /// 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

/// How long output may still come after the program itself has ended: what it
/// left running can hold its pipes open for good.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often the rest of a group is looked for, which nobody tells of.
const LOOK: Duration = Duration::from_millis(20);

const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;
/// What went wrong was irclog's own.
pub(crate) const FAILED: i32 = 125;

pub(crate) fn run(arguments: Arguments) -> i32 {
    let ended = Ended::default();
    let name = arguments
        .name
        .unwrap_or_else(|| name::of(&arguments.command));
    let opening = arguments.settings.read(Path::new(&name));
    // Before the program starts, so that none is missed.
    let mut signals = Signals::listen(&ended, opening.mute_signal(), true);
    let screens = (
        Screen::new(Stream::Output, opening.console()),
        Screen::new(Stream::Errors, opening.console()),
    );
    adopt_arguments(&arguments.command);
    let stop_timeout = opening.stop_timeout();
    let exit_timeout = opening.exit_timeout();
    let handle = opening.open();
    let shown = handle.clone().filter(|handle| handle.state() != State::Off);
    let environment = Environment {
        is_shown: shown.is_some(),
        dropped: arguments.drop_env,
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(code) => return code,
    };
    let code = runtime.block_on(async {
        let stage = Stage::open();
        if let Some(address) = arguments.metrics {
            tokio::spawn(metrics::serve(address, handle));
        }
        let output = Shown {
            screens: (screens.0.on(&stage), screens.1.on(&stage)),
            handle: shown.clone(),
        };
        let code = supervise(
            &arguments.command,
            &name,
            &environment,
            output,
            &mut signals,
            stop_timeout,
        )
        .await;
        stage.close();
        code
    });
    runtime.shutdown_background();
    ended.set(code);
    if let Some(handle) = shown {
        signals::say_goodbye(&handle, signals.asked_to_end(), exit_timeout);
    }
    code
}

/// One thread is enough: it only waits.
pub(crate) fn runtime() -> Result<Runtime, i32> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            stage::tell(&format!("nothing can be waited for here ({error})"));
            FAILED
        })
}

/// Where what the program writes is shown.
struct Shown {
    screens: (Screen, Screen),
    /// Of the channel, where there is one.
    handle: Option<Handle>,
}

/// Runs the program to its end; the exit status.
async fn supervise(
    command: &[OsString],
    name: &str,
    environment: &Environment,
    shown: Shown,
    signals: &mut Signals,
    stop_timeout: Option<Duration>,
) -> i32 {
    let shares_group = is_in_terminal();
    let (mut child, pipes) = match spawn(command, environment, shares_group) {
        Ok(spawned) => spawned,
        Err(error) => return not_started(&command[0], name, &error),
    };
    let said = (LastWords::all(), LastWords::errors());
    let (stop, mut pumps) = match shown.start(pipes, name, &said) {
        Ok(started) => started,
        Err(error) => {
            stage::tell(&format!("the output of {name} cannot be read ({error})"));
            return FAILED;
        }
    };
    let pid = child
        .id()
        .and_then(|pid| signals::Command::new(pid, shares_group));
    let status = match pid {
        Some(command) => tokio::select! {
            status = child.wait() => status,
            () = signals.forward(command) => unreachable!("it only ends with the program"),
        },
        None => child.wait().await,
    };
    if let Some(command) = pid
        && signals.asked_to_end().is_some()
    {
        let over = async {
            while !command.is_over() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            _ = tokio::time::timeout(stop_timeout.unwrap_or(Duration::MAX), over) => {}
            () = signals.forward(command) => unreachable!("it only ends with the program"),
        }
    }
    pump::finish(&mut pumps, stop, LAST_WORDS).await;
    if let Some(told) = mask::told() {
        stage::tell(&told);
    }
    match status {
        Ok(status) => ended(name, status, said.0.take().or_else(|| said.1.take())),
        Err(error) => {
            stage::tell(&format!("how {name} ended cannot be learnt ({error})"));
            FAILED
        }
    }
}

/// What the program writes, to be read.
struct Pipes {
    output: PipeReader,
    /// Where it is the same file as the output, one pipe keeps the order of
    /// what comes through both.
    errors: Option<PipeReader>,
}

impl Shown {
    /// Starts copying; `said` gets what it says last on the stream that is
    /// meant for errors, and of errors on the other one.
    fn start(
        self,
        pipes: Pipes,
        name: &str,
        said: &(LastWords, LastWords),
    ) -> std::io::Result<(Stop, Vec<Pump>)> {
        let (stop, stopped) = Stop::new()?;
        let handle = self.handle;
        let start = |pipe: PipeReader, screen: Screen, stopped: Stopped, last_words: &LastWords| {
            let record = handle.clone().map(|handle| Record {
                handle,
                program: name.to_owned(),
                last_words: last_words.clone(),
                masks: true,
            });
            Pump::start(Source::of(pipe), screen, name, stopped, record)
        };
        let (screen, error_screen) = self.screens;
        let mut pumps = Vec::new();
        match pipes.errors {
            None => pumps.push(start(pipes.output, screen, stopped, &said.0)?),
            Some(errors) => {
                let stopped_too = stopped.try_clone()?;
                pumps.push(start(pipes.output, screen, stopped, &said.1)?);
                pumps.push(start(errors, error_screen, stopped_too, &said.0)?);
            }
        }
        Ok((stop, pumps))
    }
}

/// What the program gets of our environment.
struct Environment {
    /// Whether its output goes to a channel.
    is_shown: bool,
    /// What it does not get: names, or beginnings of names before a `*`.
    dropped: Vec<String>,
}

impl Environment {
    fn drops(&self, name: &str) -> bool {
        self.dropped
            .iter()
            .any(|dropped| match dropped.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => name == dropped,
            })
    }
}

#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "there are no process groups")
)]
fn spawn(
    command: &[OsString],
    environment: &Environment,
    shares_group: bool,
) -> std::io::Result<(Child, Pipes)> {
    let (output, writer) = std::io::pipe()?;
    let (errors, error_writer) = if stage::is_one_place() {
        (None, writer.try_clone()?)
    } else {
        let (errors, error_writer) = std::io::pipe()?;
        (Some(errors), error_writer)
    };
    let mut process = Command::new(&command[0]);
    process
        .args(&command[1..])
        .stdout(Stdio::from(writer))
        .stderr(Stdio::from(error_writer));
    // Into a pipe Python writes only every 8 KiB: minutes late, or never when
    // it is killed. An empty value, as Python reads it, leaves that as it is.
    if std::env::var_os("PYTHONUNBUFFERED").is_none() {
        process.env("PYTHONUNBUFFERED", "1");
    }
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| environment.drops(name)) {
            process.env_remove(name);
        }
    }
    if environment.is_shown {
        process.env(INSIDE_RUN, "1");
    }
    #[cfg(unix)]
    if !shares_group {
        // What is sent to our whole group then reaches it once, through us.
        process.process_group(0);
    }
    // Its own ends of the pipes are closed with `process`.
    Ok((process.spawn()?, Pipes { output, errors }))
}

/// In a terminal the program must stay in the group that the terminal listens
/// to, or it could not read from it.
fn is_in_terminal() -> bool {
    std::io::stdin().is_terminal()
        || std::io::stdout().is_terminal()
        || std::io::stderr().is_terminal()
}

fn not_started(command: &OsString, name: &str, error: &std::io::Error) -> i32 {
    let path = Path::new(command);
    let shown = path.display();
    let is_path = path.components().count() > 1;
    let (code, why) = match error.kind() {
        ErrorKind::NotFound if is_path && path.exists() => (
            NOT_FOUND,
            format!("{shown} is there, but the interpreter or loader that it names is not"),
        ),
        ErrorKind::NotFound if is_path => (NOT_FOUND, format!("there is no {shown}")),
        ErrorKind::NotFound => (
            NOT_FOUND,
            format!("there is no {shown} in PATH: install it, or write its path"),
        ),
        ErrorKind::PermissionDenied if path.is_dir() => {
            (NOT_EXECUTABLE, format!("{shown} is a directory"))
        }
        ErrorKind::PermissionDenied => (
            NOT_EXECUTABLE,
            format!("{shown} is not executable: chmod +x, or name its interpreter before it"),
        ),
        _ => (
            NOT_EXECUTABLE,
            format!("{shown} cannot be started ({error})"),
        ),
    };
    stage::tell(&why);
    say(name, why);
    code
}

/// The exit status as a shell would give it. What ends badly is told to the
/// channel: nobody else could any more.
fn ended(name: &str, status: ExitStatus, why: Option<String>) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        use nix::sys::signal::Signal;
        let known = Signal::try_from(signal);
        // Whoever sends these means it.
        if !matches!(known, Ok(Signal::SIGTERM | Signal::SIGINT | Signal::SIGHUP)) {
            let called = known.map_or("unknown", Signal::as_str);
            // Nobody else sends it unasked.
            let memory = if known == Ok(Signal::SIGKILL) {
                ": out of memory?"
            } else {
                ""
            };
            say(
                name,
                format!("killed by signal {signal} ({called}){memory}"),
            );
        }
        return 128 + signal;
    }
    let code = status.code().unwrap_or(FAILED);
    if code != 0 {
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        say(name, format!("ended with exit status {code}{why}"));
    }
    code
}

/// An error of irclog's own making, in the program's name.
fn say(name: &str, text: String) {
    pump::log(Entry {
        level: Level::Error,
        sender: None,
        target: name.to_owned(),
        text,
        omitted: 0,
    });
}
