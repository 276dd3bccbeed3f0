//! `init`, `try_init` and the builder: the one place that wires the rooms
//! together.

#[cfg(feature = "tracing")]
mod layer;

use std::path::Path;
use std::sync::{Arc, mpsc};

use log::{Level, LevelFilter, Log};

use crate::channel::{Channel, Options};
use crate::config::{self, Checked, Choice, Config, Settings};
use crate::context::become_worker;
use crate::error::{InitError, Problem};
use crate::exit;
use crate::handle::{Gate, Handle, Shared, max_level};
use crate::logger::{Console, Logger};
use crate::notice::Notices;
use crate::redact::scrub::Scrubber;
use crate::redact::{token, vault};
use crate::transport;
use crate::worker::Worker;

#[cfg(feature = "tracing")]
pub use self::layer::{layer, layer_from_env};

/// Installs the logger as the environment says; the console goes on as before.
///
/// For services that log through `log`. One that logs through tracing takes
/// `irclog::layer()` (feature `tracing`) instead: a process has only one
/// logger for `log`, and the `init` of `tracing_subscriber` panics where it is
/// not its own.
///
/// Never panics and never fails the service: what is wrong with the settings
/// is told on the console, with what to write instead, and the channel stays
/// off. The settings are listed in the [crate's documentation](crate).
pub fn init() {
    if let Err(error) = try_init() {
        let notices = match error {
            InitError::Settings(_) => console_alone(),
            _ => Arc::new(Notices::new(None)),
        };
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
/// [`InitError::SubscriberInstalled`] when it has a tracing subscriber,
/// [`InitError::Thread`] when the background thread cannot be started. In all
/// these cases nothing is installed, except that with `Thread` the console's
/// logger is.
pub fn try_init() -> Result<Handle, InitError> {
    from_env().try_init()
}

/// A builder that starts from nothing: server and channel have to be given.
pub fn builder() -> Builder {
    Builder {
        settings: Settings::default(),
        tee: Tee::Environment,
        tee_is_local: false,
        #[cfg(feature = "tracing")]
        spans: crate::tracing::Spans::default(),
    }
}

/// A builder that starts from the environment; what is set on it goes first.
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
    #[cfg(feature = "tracing")]
    spans: crate::tracing::Spans,
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

    /// The most lines of one record (`IRC_MAX_LINES`), from 1 to 50; of what
    /// is longer the last line says how much was left out. Defaults to 4.
    pub fn max_lines(mut self, lines: usize) -> Self {
        self.settings
            .set("IRC_MAX_LINES", "max_lines", lines.to_string());
        self
    }

    /// How long a record may wait for the channel (`IRC_MAX_AGE`, in seconds),
    /// from a second to a day: what is older, after an outage, is only
    /// counted. Defaults to 10 minutes.
    pub fn max_age(mut self, age: std::time::Duration) -> Self {
        let seconds = age.as_secs_f64().to_string();
        self.settings.set("IRC_MAX_AGE", "max_age", seconds);
        self
    }

    /// Whether the tags of the levels are bold and coloured
    /// (`IRC_FORMATTING`). A channel that refuses that gets plain ones in any
    /// case. Defaults to true.
    pub fn formatting(mut self, formatting: bool) -> Self {
        self.settings
            .set("IRC_FORMATTING", "formatting", formatting.to_string());
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

    /// A file that silences the channel for as long as it exists
    /// (`IRC_MUTE_FILE`), looked for twice a second. Defaults to none.
    pub fn mute_file(mut self, path: impl Into<String>) -> Self {
        self.settings.set("IRC_MUTE_FILE", "mute_file", path);
        self
    }

    /// A signal that silences the channel, and lets it speak when it comes
    /// again (`IRC_MUTE_SIGNAL`): SIGUSR1, SIGUSR2, SIGHUP or SIGWINCH. Unix
    /// only. Defaults to none: without it irclog handles no signal.
    pub fn mute_signal(mut self, name: impl Into<String>) -> Self {
        self.settings.set("IRC_MUTE_SIGNAL", "mute_signal", name);
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

    /// A value that is masked wherever it appears, in every usual encoding: a
    /// secret that the process holds. [`register_secret`](crate::register_secret)
    /// does the same at any time.
    ///
    /// The values of environment variables whose names say that they are
    /// secret are known by themselves.
    pub fn known_secret(self, value: impl AsRef<str>) -> Self {
        crate::register_secret(value);
        self
    }

    /// Replaces what the regular expression `pattern` matches, or what its
    /// groups match, by `replacement` (`IRC_SCRUB_RULES`, one
    /// `pattern => replacement` a line). Adds to the rules that are there.
    pub fn scrub_rule(
        mut self,
        pattern: impl Into<String>,
        replacement: impl Into<String>,
    ) -> Self {
        self.settings.add_rule(pattern.into(), replacement.into());
        self
    }

    /// A name that announces no secret in this service, such as `sort_key`
    /// (`IRC_SCRUB_ALLOW`, with commas between). Adds to those that are there.
    pub fn scrub_allow(mut self, name: impl AsRef<str>) -> Self {
        self.settings
            .add("IRC_SCRUB_ALLOW", "scrub_allow", name.as_ref());
        self
    }

    /// A class of the scrubber that is left alone: `ip`, `email`, `address`,
    /// `iban` or `card` (`IRC_SCRUB_WITHOUT`, with commas between). Those that
    /// open doors cannot be left alone.
    pub fn scrub_without(mut self, class: impl AsRef<str>) -> Self {
        self.settings
            .add("IRC_SCRUB_WITHOUT", "scrub_without", class.as_ref());
        self
    }

    /// Whether the console is scrubbed like the channel (`IRC_SCRUB_TEE`), for
    /// those whose console is not private. It costs the service's threads a
    /// scan of every line. Defaults to `false`.
    pub fn scrub_tee(mut self, scrub: bool) -> Self {
        self.settings
            .set("IRC_SCRUB_TEE", "scrub_tee", scrub.to_string());
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
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        return Err(InitError::SubscriberInstalled);
    }
    let checked = check(&builder.settings)?;
    let console = match (builder.tee_is_local, checked.scrub_tee) {
        (false, false) => Console::Foreign,
        (true, false) => Console::Local,
        (false, true) => Console::Scrubbed(Arc::clone(&checked.scrubber)),
        (true, true) => {
            return Err(InitError::Settings(vec![Problem::new(
                ".local_console()",
                "and .scrub_tee() (IRC_SCRUB_TEE) contradict each other",
                "declare the console local, or have it scrubbed",
            )]));
        }
    };
    let (tee, tee_level) = match builder.tee {
        Tee::Environment => env_logger(),
        Tee::Given(logger, level) => (Some(logger), Some(level)),
        Tee::None => (None, None),
    };
    let gate = Gate::Log { tee: tee_level };
    let core = Core::prepare(checked, gate, Notices::new(tee))?;
    install(&core.notices, console, core.shared())?;
    match core.shared() {
        Some(shared) => shared.open_gate(),
        None => log::set_max_level(max_level(tee_level, None)),
    }
    exit::explain_second_logger(Arc::clone(&core.notices));
    core.start()
}

fn check(settings: &Settings) -> Result<Checked, InitError> {
    let checked = settings
        .check(&default_nick())
        .map_err(InitError::Settings)?;
    know_secrets(&checked)?;
    Ok(checked)
}

/// Makes known what the process holds: before anything is logged.
fn know_secrets(checked: &Checked) -> Result<(), InitError> {
    vault::adopt_environment();
    if let Choice::On(config) = &checked.choice {
        let own = [
            ("IRC_PASSWORD", &config.password),
            ("IRC_SERVER_PASSWORD", &config.server_password),
            ("IRC_CHANNEL_KEY", &config.channel_key),
        ];
        for (label, value) in own {
            if let Some(value) = value {
                vault::PROCESS.register(label, value.expose());
            }
        }
    }
    if let Some(key) = &checked.token_key {
        vault::PROCESS.register("IRCLOG_TOKEN_KEY", key.expose());
        token::set_token_key(key.expose().as_bytes()).map_err(|why| {
            let what = format!("cannot be set ({why})");
            let instead = "set one key, before anything is logged";
            InitError::Settings(vec![Problem::new("IRCLOG_TOKEN_KEY", what, instead)])
        })?;
    }
    Ok(())
}

/// All of irclog but its way in, whether that is `log` or another one: made
/// without a thread, so that nothing has to be undone when the way in is
/// taken.
struct Core {
    notices: Arc<Notices>,
    remarks: Vec<String>,
    channel: Prepared,
}

enum Prepared {
    On(Box<Worker>),
    /// The channel is off, and why.
    Off(String),
}

impl Core {
    fn prepare(checked: Checked, gate: Gate, notices: Notices) -> Result<Self, InitError> {
        let notices = Arc::new(notices);
        let channel = match checked.choice {
            Choice::On(config) => {
                let worker = worker(*config, checked.scrubber, gate, &notices)
                    .map_err(InitError::Settings)?;
                Prepared::On(Box::new(worker))
            }
            Choice::Off(why) => Prepared::Off(why),
        };
        Ok(Self {
            notices,
            remarks: checked.remarks,
            channel,
        })
    }

    /// Where records go, `None` where the channel is off.
    fn shared(&self) -> Option<Arc<Shared>> {
        match &self.channel {
            Prepared::On(worker) => Some(Arc::clone(&worker.shared)),
            Prepared::Off(_) => None,
        }
    }

    /// Says what it is going to do, and does it.
    fn start(self) -> Result<Handle, InitError> {
        let worker = match self.channel {
            Prepared::On(worker) => *worker,
            Prepared::Off(why) => {
                self.notices
                    .tell(Level::Info, &format!("the channel is off: {why}"));
                return Ok(Handle::new(None));
            }
        };
        for remark in self.remarks {
            self.notices.tell(Level::Warn, &remark);
        }
        self.notices.tell(
            Level::Info,
            &format!(
                "the channel is on: {} on {}, as {}",
                worker.config.channel, worker.config.server, worker.config.nick
            ),
        );
        let shared = Arc::clone(&worker.shared);
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

/// The console's logger, by `RUST_LOG`, and the most that it wants.
fn env_logger() -> (Option<Box<dyn Log>>, Option<LevelFilter>) {
    let logger = env_logger::Builder::from_default_env().build();
    let level = logger.filter();
    (Some(Box::new(logger)), Some(level))
}

/// Lets the console go on where the settings of the channel are wrong.
fn console_alone() -> Arc<Notices> {
    let (tee, level) = env_logger();
    let notices = Arc::new(Notices::new(tee));
    if install(&notices, Console::Foreign, None).is_ok() {
        log::set_max_level(max_level(level, None));
        notices
    } else {
        // Somebody else's logger is the console.
        Arc::new(Notices::new(None))
    }
}

/// Makes everything that needs no thread and may still find a problem.
fn worker(
    config: Config,
    scrubber: Arc<Scrubber>,
    gate: Gate,
    notices: &Arc<Notices>,
) -> Result<Worker, Vec<Problem>> {
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
    let options = Options {
        max_lines: config.max_lines,
        max_age: config.max_age,
        formatting: config.formatting,
        ..Options::default()
    };
    let channel = Channel::new(options, Arc::clone(&scrubber));
    Ok(Worker {
        mute_file: config.mute_file.clone(),
        mute_signal: config.mute_signal,
        config,
        tls,
        shared: Arc::new(Shared::new(filter, gate, sender)),
        commands,
        channel,
        scrubber,
        notices: Arc::clone(notices),
    })
}

fn install(
    notices: &Arc<Notices>,
    console: Console,
    shared: Option<Arc<Shared>>,
) -> Result<(), InitError> {
    let logger = Logger::new(Arc::clone(notices), console, shared);
    log::set_boxed_logger(Box::new(logger)).map_err(|_| InitError::LoggerInstalled)?;
    #[cfg(feature = "tracing")]
    layer::FOR_LOG.store(true, std::sync::atomic::Ordering::Relaxed);
    Ok(())
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
            become_worker();
            let run = std::panic::AssertUnwindSafe(|| runtime.block_on(worker.run()));
            if std::panic::catch_unwind(run).is_err() {
                shared.crash();
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
