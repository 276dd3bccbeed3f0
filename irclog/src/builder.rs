//! `init`, `try_init` and the builder: the one place that wires the rooms
//! together.

use std::path::Path;
use std::sync::{Arc, mpsc};

use log::{Level, LevelFilter, Log};

use crate::channel::{Channel, Options};
use crate::config::{self, Checked, Choice, Config, Settings};
use crate::error::{InitError, Problem};
use crate::exit;
use crate::handle::{Handle, Shared};
use crate::logger::{self, Logger};
use crate::notice::Notices;
use crate::redact::scrub::Scrubber;
use crate::transport;
use crate::worker::Worker;

/// Installs the logger as the environment says; the console goes on as before.
///
/// Never panics and never fails the service: what is wrong with the settings
/// is told on the console, with what to write instead, and the channel stays
/// off. The settings are listed in the [crate's documentation](crate).
pub fn init() {
    if let Err(error) = try_init_telling(from_env()) {
        let notices = Notices::new(None);
        notices.tell(Level::Error, &format!("the channel is off. {error}"));
    }
}

/// Installs the logger as the environment says, and returns what is wrong
/// instead of telling it.
///
/// # Errors
///
/// [`InitError::Settings`] with all problems of the settings at once,
/// [`InitError::LoggerInstalled`] when the process has a logger already,
/// [`InitError::Thread`] when the background thread cannot be started. In all
/// three cases nothing is installed, except that with `Thread` the console's
/// logger is.
pub fn try_init() -> Result<Handle, InitError> {
    from_env().try_init()
}

/// A builder that starts from nothing: server and channel have to be given.
#[must_use]
pub fn builder() -> Builder {
    Builder {
        settings: Settings::default(),
        tee: Tee::Environment,
        tee_is_local: false,
    }
}

/// A builder that starts from the environment; what is set on it goes first.
#[must_use]
pub fn from_env() -> Builder {
    Builder {
        settings: Settings::from_env(
            |name| std::env::var_os(name),
            |path| std::fs::read_to_string(path),
        ),
        ..builder()
    }
}

/// Settings in code. Each setter says which variable of the environment it
/// stands for; all are checked together by [`try_init`](Self::try_init).
#[must_use = "a builder does nothing before `try_init`"]
pub struct Builder {
    settings: Settings,
    tee: Tee,
    tee_is_local: bool,
}

/// Where the console's records go.
enum Tee {
    /// `env_logger`, by `RUST_LOG`.
    Environment,
    Given(Box<dyn Log>, LevelFilter),
    None,
}

impl Builder {
    /// Whether the channel is on (`IRC_ENABLED`). Defaults to on exactly when
    /// server and channel are set.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.settings
            .set("IRC_ENABLED", "enabled", enabled.to_string());
        self
    }

    /// The server's host name or address, without a port (`IRC_SERVER`).
    pub fn server(mut self, host: impl Into<String>) -> Self {
        self.settings.set("IRC_SERVER", "server", host);
        self
    }

    /// The server's port (`IRC_PORT`). Defaults to 6697 with TLS and 6667
    /// without.
    pub fn port(mut self, port: u16) -> Self {
        self.settings.set("IRC_PORT", "port", port.to_string());
        self
    }

    /// Whether the connection is encrypted, and the server's certificate
    /// verified (`IRC_TLS`). Defaults to `true`.
    pub fn tls(mut self, tls: bool) -> Self {
        self.settings.set("IRC_TLS", "tls", tls.to_string());
        self
    }

    /// Certificates of authorities in PEM form that are trusted beside the
    /// bundled ones (`IRC_CA`). Defaults to none.
    pub fn ca(mut self, pem: impl Into<String>) -> Self {
        self.settings.set("IRC_CA", "ca", pem);
        self
    }

    /// The SHA-256 fingerprint of the server's own certificate, 64 hex digits
    /// with or without colons (`IRC_TLS_PIN`). Then this certificate is
    /// trusted, whoever signed it, and no other. Defaults to none.
    pub fn tls_pin(mut self, fingerprint: impl Into<String>) -> Self {
        self.settings.set("IRC_TLS_PIN", "tls_pin", fingerprint);
        self
    }

    /// The channel (`IRC_CHANNEL`).
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.settings.set("IRC_CHANNEL", "channel", channel);
        self
    }

    /// The channel's key, where it has one (`IRC_CHANNEL_KEY`). Defaults to
    /// none.
    pub fn channel_key(mut self, key: impl Into<String>) -> Self {
        self.settings.set("IRC_CHANNEL_KEY", "channel_key", key);
        self
    }

    /// The nick (`IRC_NICK`), up to 30 characters. Defaults to the name of the
    /// program.
    pub fn nick(mut self, nick: impl Into<String>) -> Self {
        self.settings.set("IRC_NICK", "nick", nick);
        self
    }

    /// The program that logs, where that is not this process: the nick is made
    /// of its name when none is set. Defaults to the name of this process.
    pub fn program(mut self, name: impl AsRef<Path>) -> Self {
        self.settings.set_default_nick(nick_of(name.as_ref()));
        self
    }

    /// The nick's password at `NickServ` (`IRC_PASSWORD`). Sent only over TLS
    /// or to a private address. Defaults to none.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.settings.set("IRC_PASSWORD", "password", password);
        self
    }

    /// The password of the server itself (`IRC_SERVER_PASSWORD`). Defaults to
    /// none.
    pub fn server_password(mut self, password: impl Into<String>) -> Self {
        self.settings
            .set("IRC_SERVER_PASSWORD", "server_password", password);
        self
    }

    /// The most lines in any one second (`IRC_RATE`), from 0.01 to 1,000; the
    /// server may allow less. Defaults to 2.
    pub fn rate(mut self, lines_per_second: f64) -> Self {
        self.settings
            .set("IRC_RATE", "rate", lines_per_second.to_string());
        self
    }

    /// Which records go to the channel, in the directives of `RUST_LOG`
    /// (`IRC_LOG`). Defaults to `info`. The console's filter is its own.
    pub fn filter(mut self, directives: impl Into<String>) -> Self {
        self.settings.set("IRC_LOG", "filter", directives);
        self
    }

    /// How long the end of the process may wait for the channel
    /// (`IRC_EXIT_TIMEOUT`, in seconds). Defaults to 5 s.
    pub fn exit_timeout(mut self, bound: std::time::Duration) -> Self {
        let seconds = bound.as_secs_f64().to_string();
        self.settings
            .set("IRC_EXIT_TIMEOUT", "exit_timeout", seconds);
        self
    }

    /// The logger of the console. Defaults to an `env_logger` that obeys
    /// `RUST_LOG`.
    ///
    /// It gets every record up to TRACE and applies its own filter. Where that
    /// costs too much, [`tee_up_to`](Self::tee_up_to) says what it needs.
    pub fn tee(self, logger: impl Log + 'static) -> Self {
        self.tee_up_to(logger, LevelFilter::Trace)
    }

    /// The logger of the console, which needs no record beyond `most`.
    pub fn tee_up_to(mut self, logger: impl Log + 'static, most: LevelFilter) -> Self {
        self.tee = Tee::Given(Box::new(logger), most);
        self
    }

    /// No console: records go to the channel only.
    pub fn no_tee(mut self) -> Self {
        self.tee = Tee::None;
        self
    }

    /// Declares that nobody but the operator reads the console: fields marked
    /// `#[redact(local, …)]` are shown there in full. Defaults to `false`:
    /// a container's standard error usually goes to a log service.
    pub fn local_console(mut self, local: bool) -> Self {
        self.tee_is_local = local;
        self
    }

    /// The setting `variable` as the user of a command line wrote it.
    #[doc(hidden)]
    pub fn __option(mut self, variable: &'static str, given_as: String, text: String) -> Self {
        self.settings.set_as(variable, given_as, text);
        self
    }

    /// Checks the settings and installs the logger.
    ///
    /// # Errors
    ///
    /// As [`try_init`].
    pub fn try_init(self) -> Result<Handle, InitError> {
        try_init_telling(self)
    }
}

fn try_init_telling(builder: Builder) -> Result<Handle, InitError> {
    let Checked { choice, remarks } = builder
        .settings
        .check(&default_nick())
        .map_err(InitError::Settings)?;
    let (tee, tee_level): (Option<Box<dyn Log>>, _) = match builder.tee {
        Tee::Environment => {
            let logger = env_logger::Builder::from_default_env().build();
            let level = logger.filter();
            (Some(Box::new(logger)), Some(level))
        }
        Tee::Given(logger, level) => (Some(logger), Some(level)),
        Tee::None => (None, None),
    };
    let notices = Arc::new(Notices::new(tee));
    match choice {
        Choice::Off(why) => {
            install(&notices, builder.tee_is_local, None)?;
            log::set_max_level(logger::max_level(tee_level, None));
            notices.tell(Level::Info, &format!("the channel is off: {why}"));
            Ok(Handle::new(None))
        }
        Choice::On(config) => {
            let (worker, shared) = prepare(*config, &notices).map_err(InitError::Settings)?;
            install(&notices, builder.tee_is_local, Some(Arc::clone(&shared)))?;
            let channel_level = shared.filter().filter();
            log::set_max_level(logger::max_level(tee_level, Some(channel_level)));
            for remark in remarks {
                notices.tell(Level::Warn, &remark);
            }
            notices.tell(
                Level::Info,
                &format!(
                    "the channel is on: {} on {}, as {}",
                    worker.config.channel, worker.config.server, worker.config.nick
                ),
            );
            let handle = Handle::new(Some(Arc::clone(&shared)));
            let bound = worker.config.exit_timeout;
            if let Err(error) = start(worker) {
                shared.close();
                return Err(InitError::Thread(error));
            }
            exit::flush_at_exit(handle.clone(), bound);
            exit::record_panics(shared, handle.clone(), bound);
            Ok(handle)
        }
    }
}

/// Makes everything that needs no thread and may still find a problem.
fn prepare(config: Config, notices: &Arc<Notices>) -> Result<(Worker, Arc<Shared>), Vec<Problem>> {
    let filter = config::parse_filter(&config.filter).map_err(|why| {
        vec![Problem::new(
            "IRC_LOG",
            why,
            "write directives such as info",
        )]
    })?;
    let tls = match &config.tls {
        Some(tls) => Some(transport::connector(tls).map_err(|problem| vec![problem])?),
        None => None,
    };
    let (sender, commands) = mpsc::channel();
    let shared = Arc::new(Shared::new(filter, sender));
    let channel = Channel::new(Options::default(), Arc::new(Scrubber::default()));
    let worker = Worker {
        config,
        tls,
        shared: Arc::clone(&shared),
        commands,
        channel,
        notices: Arc::clone(notices),
    };
    Ok((worker, shared))
}

fn install(
    notices: &Arc<Notices>,
    tee_is_local: bool,
    shared: Option<Arc<Shared>>,
) -> Result<(), InitError> {
    let logger = Logger::new(Arc::clone(notices), tee_is_local, shared);
    log::set_boxed_logger(Box::new(logger)).map_err(|_| InitError::LoggerInstalled)
}

/// Starts the thread that owns the connection.
fn start(worker: Worker) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let shared = Arc::clone(&worker.shared);
    let notices = Arc::clone(&worker.notices);
    std::thread::Builder::new()
        .name("irclog".into())
        .spawn(move || {
            logger::become_worker();
            let run = std::panic::AssertUnwindSafe(|| runtime.block_on(worker.run()));
            if std::panic::catch_unwind(run).is_err() {
                shared.close();
                notices.tell(
                    Level::Error,
                    "the channel is off: irclog itself panicked, which is a bug of irclog; \
                     the console goes on",
                );
            }
            // A name look-up may still hang in a thread of its own; nobody
            // waits for it.
            runtime.shutdown_background();
        })?;
    Ok(())
}

/// The program's name as far as a nick can carry it.
fn default_nick() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    nick_of(Path::new(&program))
}

fn nick_of(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default();
    nick_from(&stem.to_string_lossy())
}

fn nick_from(name: &str) -> String {
    let nick: String = name
        .chars()
        .filter(|&c| config::is_nick_character(c))
        .skip_while(|c| !c.is_ascii_alphabetic())
        .take(30)
        .collect();
    if nick.is_empty() {
        "irclog".into()
    } else {
        nick
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_program_name_gives_a_nick() {
        assert_eq!(nick_from("x402-facilitator"), "x402-facilitator");
        assert_eq!(nick_from("402 späť!"), "sp");
        assert_eq!(nick_from("--"), "irclog");
        assert_eq!(nick_from(""), "irclog");
        assert_eq!(nick_from(&"n".repeat(99)).len(), 30);
    }
}
