//! `irclog pipe`: the lines of standard input.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use irclog::{Handle, State};

use crate::last_words::LastWords;
use crate::metrics;
use crate::pump::{self, Pump, Record};
use crate::run::FAILED;
use crate::screen::Screen;
use crate::settings::Settings;
use crate::signals::{self, Ended, Signals};
use crate::stage::{self, Stage};
use crate::streams::{Source, Stop, Stream};

/// Show the lines of standard input in the channel, and copy them to standard
/// output.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  docker logs -f shop 2>&1 | irclog pipe --server irc.dal.net --channel '#karmacadabra'
  docker compose logs -f --no-color | irclog pipe
  journalctl -fu shop -o cat | irclog pipe --name shop --log warn > /dev/null

Levels, loggers and tracebacks are recognised as in `irclog run`. With --scrub-tee true, standard
output gets the lines without their secrets, each when it has ended.")]
pub(crate) struct Arguments {
    /// What lines that name no logger are shown as, and the nick where none
    /// is set
    #[arg(long, value_name = "NAME", default_value = "pipe")]
    name: String,
    /// Where `GET /metrics` tells the numbers as `OpenMetrics`, such as
    /// 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    #[command(flatten)]
    settings: Settings,
}

/// How long the rest of the input may take to come after a signal. In a
/// terminal Ctrl-C ends the whole pipeline, and whoever writes says its last
/// words just then.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(crate) fn run(arguments: Arguments) -> i32 {
    let ended = Ended::default();
    let opening = arguments
        .settings
        .read(Path::new(&arguments.name))
        .of_others();
    let mut signals = Signals::listen(&ended, opening.mute_signal(), false);
    let screen = Screen::new(Stream::Output, opening.console());
    let exit_timeout = opening.exit_timeout();
    let handle = opening.open();
    let shown = handle.clone().filter(|handle| handle.state() != State::Off);
    let runtime = match crate::run::runtime() {
        Ok(runtime) => runtime,
        Err(code) => return code,
    };
    let code = runtime.block_on(async {
        if let Some(address) = arguments.metrics {
            tokio::spawn(metrics::serve(address, handle));
        }
        copy(arguments.name, screen, shown.clone(), &mut signals).await
    });
    // Whoever writes may keep the input open: nobody waits for it.
    runtime.shutdown_background();
    ended.set(code);
    if let Some(handle) = shown {
        signals::say_goodbye(&handle, signals.asked_to_end(), exit_timeout);
    }
    code
}

/// Copies until the input ends; the exit status.
async fn copy(name: String, screen: Screen, shown: Option<Handle>, signals: &mut Signals) -> i32 {
    let stage = Stage::open();
    let record = shown.map(|handle| Record {
        handle,
        program: name.clone(),
        last_words: LastWords::errors(),
        // What is read may be anybody's.
        masks: false,
    });
    let started = Stop::new().and_then(|(stop, stopped)| {
        let pump = Pump::start(Source::Input, screen.on(&stage), &name, stopped, record)?;
        Ok((stop, pump))
    });
    let (stop, mut input) = match started {
        Ok(started) => started,
        Err(error) => {
            stage::tell(&format!("the input cannot be read ({error})"));
            return FAILED;
        }
    };
    let signal = tokio::select! {
        () = input.done() => None,
        signal = signals.ending() => Some(signal),
    };
    if signal.is_some() {
        pump::finish(&mut [input], stop, LAST_WORDS).await;
    }
    stage.close();
    signal.map_or(0, |signal| 128 + signal)
}
