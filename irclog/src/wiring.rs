//! The one place that puts the rooms together: the settings are checked, the
//! worker is made, the way in is taken, and then the thread starts.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use log::{Level, LevelFilter, Log};
use tokio::runtime::Runtime;

use crate::channel::{Channel, Channels, Options};
use crate::config::{
    self, ChannelConfig, Checked, Choice, Config, ContextConfig, Settings, Surroundings,
};
use crate::console;
use crate::context::become_worker;
use crate::error::{InitError, Problem};
use crate::exit;
use crate::handle::Handle;
use crate::line::ChannelId;
use crate::logger::{Console, Keeping, Logger};
use crate::notice::Notices;
use crate::redact::scrub::Scrubber;
use crate::redact::{token, vault};
use crate::shared::{Gate, Shared, max_level};
use crate::trails::Trails;
use crate::transport::Route;
use crate::worker::Worker;
use crate::worker::attempt::StateFolder;

/// Where the console's records go.
pub(crate) enum Tee {
    /// `env_logger`, by `RUST_LOG`, `info` where that is unset; none without
    /// the feature `console`.
    Environment,
    Given(Box<dyn Log>, LevelFilter),
    None,
}

/// Whether irclog was installed in `log`.
#[cfg(feature = "tracing")]
pub(crate) static FOR_LOG: AtomicBool = AtomicBool::new(false);

/// Checks the settings, makes irclog the logger of this process, and starts it.
pub(crate) fn install(
    settings: &Settings,
    tee: Tee,
    tee_is_local: bool,
) -> Result<Handle, InitError> {
    let checked = check(settings)?;
    let console = match (tee_is_local, checked.scrub_tee) {
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
    let (tee, tee_level) = match tee {
        Tee::Environment => env_logger(),
        Tee::Given(logger, level) => (Some(logger), Some(level)),
        Tee::None => (None, None),
    };
    let gate = Gate::Log { tee: tee_level };
    let core = Core::prepare(checked, gate, Notices::new(tee))?;
    set_logger(&core.notices, console, core.shared())?;
    match core.shared() {
        Some(shared) => shared.open_gate(),
        None => log::set_max_level(max_level(tee_level, None)),
    }
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        core.notices.tell(
            Level::Warn,
            "this process has a tracing subscriber, whose events do not come through `log` and \
             so not to the channel: where they belong there, add irclog to the subscriber, \
             registry().with(irclog::layer()), and leave init() out",
        );
    }
    exit::explain_second_logger(Arc::clone(&core.notices));
    core.start()
}

/// Lets the console go on where the settings of the channel are wrong.
pub(crate) fn install_console(settings: &Settings) -> Arc<Notices> {
    know_secrets(settings);
    let (tee, level) = env_logger();
    let notices = Arc::new(Notices::new(tee));
    let console = settings.console().map(Console::Scrubbed);
    if set_logger(&notices, console.unwrap_or(Console::Foreign), None).is_ok() {
        log::set_max_level(max_level(level, None));
        notices
    } else {
        // Somebody else's logger is the console.
        Arc::new(Notices::new(None))
    }
}

/// Checks the settings, and makes known what they hold.
pub(crate) fn check(settings: &Settings) -> Result<Checked, InitError> {
    let mut checked = settings
        .check(&surroundings())
        .map_err(InitError::Settings)?;
    let remark = know_secrets(settings);
    checked.remarks.extend(remark);
    set_token_key(&checked)?;
    console::set_scrubber(&checked.scrubber);
    Ok(checked)
}

/// Makes known what the process holds: before anything is logged. Returns what
/// is to be told of it.
pub(crate) fn know_secrets(settings: &Settings) -> Option<String> {
    let adopted = vault::adopt_environment();
    for (label, value) in settings.secrets() {
        vault::PROCESS.register(label, &value);
    }
    let short = settings
        .listed_secrets()
        .filter(|line| !know_listed(line))
        .count();
    let too_short = (short > 0).then(|| {
        format!(
            "not masked, since they are shorter than {} bytes and would hide ordinary text: {short} \
             lines of IRC_SECRETS",
            vault::MIN_VALUE_BYTES
        )
    });
    match (adopted.remark(), too_short) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

/// Makes known a value, or that of the variable with that name. Returns whether
/// it is masked.
fn know_listed(line: &str) -> bool {
    match std::env::var(line) {
        Ok(value) => vault::PROCESS.register(&format!("ENV:{line}"), &value),
        Err(_) => vault::PROCESS.register("", line),
    }
}

fn set_token_key(checked: &Checked) -> Result<(), InitError> {
    if let Some(key) = &checked.token_key {
        token::set_token_key(key.expose().as_bytes()).map_err(|why| {
            let what = format!("cannot be set ({why})");
            let instead = "set one key, before anything is logged";
            InitError::Settings(vec![Problem::new("IRC_TOKEN_KEY", what, instead)])
        })?;
    }
    Ok(())
}

/// All of irclog but its way in, whether that is `log` or another one: made
/// without a thread, so that nothing has to be undone when the way in is
/// taken.
pub(crate) struct Core {
    pub(crate) notices: Arc<Notices>,
    remarks: Vec<String>,
    channel: Prepared,
}

enum Prepared {
    On(Box<Worker>),
    /// The channel is off, and why.
    Off(String),
}

impl Core {
    pub(crate) fn prepare(
        checked: Checked,
        gate: Gate,
        notices: Notices,
    ) -> Result<Self, InitError> {
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
    pub(crate) fn shared(&self) -> Option<Arc<Shared>> {
        match &self.channel {
            Prepared::On(worker) => Some(Arc::clone(&worker.shared)),
            Prepared::Off(_) => None,
        }
    }

    /// Says what it is going to do, and does it.
    pub(crate) fn start(self) -> Result<Handle, InitError> {
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
        self.notices.tell(Level::Info, &plan(&worker.config));
        let shared = Arc::clone(&worker.shared);
        let handle = Handle::new(Some(Arc::clone(&shared)));
        let bound = worker.config.exit_timeout;
        if let Err(error) = start(worker) {
            shared.close();
            return Err(InitError::Thread(error));
        }
        exit::flush_at_exit(&handle, bound);
        #[cfg(feature = "tracing")]
        let trail = crate::tracing::trail_of_thread;
        #[cfg(not(feature = "tracing"))]
        let trail = |_: &Shared| None;
        exit::record_panics(shared, handle.clone(), bound, trail);
        Ok(handle)
    }
}

/// What will be shown, where, and as whom.
fn plan(config: &Config) -> String {
    let Config {
        server,
        port,
        channels,
        nick,
        filter,
        ..
    } = config;
    let way = match &config.tls {
        Some(_) => "with TLS",
        None => "without TLS",
    };
    let through =
        (config.proxy.as_ref()).map_or(String::new(), |proxy| format!(", through {proxy}"));
    let shows = |channel: &ChannelConfig| {
        let filter = channel.filter.as_ref().unwrap_or(filter);
        format!("shows {filter}")
    };
    if let [channel] = channels.as_slice() {
        let (name, shows) = (&channel.name, shows(channel));
        return format!(
            "the channel is on: {name} on {server}, port {port} {way}{through}, as {nick}, {shows}"
        );
    }
    let each = channels
        .iter()
        .map(|channel| format!("{} {}", channel.name, shows(channel)));
    let each = each.collect::<Vec<_>>().join("; ");
    format!("the channels are on: {server}, port {port} {way}{through}, as {nick}; {each}")
}

/// The console's logger, by `RUST_LOG`, and the most that it wants.
#[cfg(feature = "console")]
fn env_logger() -> (Option<Box<dyn Log>>, Option<LevelFilter>) {
    // Who tries irclog at home sees what it does.
    let environment = env_logger::Env::default().default_filter_or("info");
    let logger = env_logger::Builder::from_env(environment).build();
    let level = logger.filter();
    (Some(Box::new(logger)), Some(level))
}

/// Without the feature `console` there is only what the service gives.
#[cfg(not(feature = "console"))]
fn env_logger() -> (Option<Box<dyn Log>>, Option<LevelFilter>) {
    (None, None)
}

/// Makes everything that needs no thread and may still find a problem.
fn worker(
    config: Config,
    scrubber: Arc<Scrubber>,
    gate: Gate,
    notices: &Arc<Notices>,
) -> Result<Worker, Vec<Problem>> {
    let route = Route::new(&config).map_err(|problem| vec![problem])?;
    let (sender, commands) = mpsc::channel();
    let options = |id| Options {
        id,
        max_lines: config.max_lines,
        max_age: config.max_age,
        formatting: config.formatting,
        hide: config.hide.clone(),
        heartbeat: config.heartbeat,
        links: config.links.clone(),
        nick: config.nick.to_string(),
    };
    let ids = ChannelId::first(config.channels.len());
    let channels = ids.map(|id| Channel::new(options(id), Arc::clone(&scrubber)));
    let channels = Channels::new(channels.collect());
    Ok(Worker {
        mute_file: config.mute_file.clone(),
        mute_signal: config.mute_signal,
        shared: Arc::new(Shared::new(
            &config.filter,
            &config.channels,
            config.drop_fields.clone(),
            config.context.as_ref().map(trails),
            gate,
            sender,
        )),
        state: Arc::new(StateFolder::new(config.state_dir.as_deref())),
        config,
        route,
        commands,
        channels,
        scrubber,
        notices: Arc::clone(notices),
    })
}

fn trails(context: &ContextConfig) -> Trails {
    Trails::new(context.filter.filter(), context.records.get())
}

fn set_logger(
    notices: &Arc<Notices>,
    console: Console,
    shared: Option<Arc<Shared>>,
) -> Result<(), InitError> {
    let keeps = shared.clone().filter(|shared| shared.trails().is_some());
    let logger = Logger::new(Arc::clone(notices), console, shared);
    let logger: Box<dyn Log> = match keeps {
        Some(shared) => Box::new(Keeping { logger, shared }),
        None => Box::new(logger),
    };
    log::set_boxed_logger(logger).map_err(|_| InitError::LoggerInstalled)?;
    #[cfg(feature = "tracing")]
    FOR_LOG.store(true, Ordering::Relaxed);
    Ok(())
}

/// Starts the thread that owns the connection, and everything that it needs.
fn start(worker: Worker) -> io::Result<()> {
    let (answer, started) = mpsc::sync_channel(1);
    let shared = Arc::clone(&worker.shared);
    let notices = Arc::clone(&worker.notices);
    std::thread::Builder::new()
        .name("irclog".into())
        .spawn(move || {
            become_worker();
            let runtime = match runtime() {
                Ok(runtime) => {
                    let _ = answer.send(Ok(()));
                    runtime
                }
                Err(error) => {
                    let _ = answer.send(Err(error));
                    return;
                }
            };
            let run = AssertUnwindSafe(|| runtime.block_on(worker.run()));
            if catch_unwind(run).is_err() {
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
    // It answers at once: it has nothing to wait for.
    let gone = |_| Err(io::Error::other("it ended at once"));
    started.recv().unwrap_or_else(gone)
}

/// Descriptors that a runtime opens, two at a time. It panics for the lack of
/// some of them.
#[cfg(unix)]
const DESCRIPTORS: usize = 8;

pub(crate) fn runtime() -> io::Result<Runtime> {
    #[cfg(unix)]
    // Pipes: an empty root has no file that could be opened.
    (0..DESCRIPTORS / 2)
        .map(|_| io::pipe())
        .collect::<io::Result<Vec<_>>>()?;
    let build = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
    };
    let panicked = |_| Err(io::Error::other("the runtime panicked"));
    catch_unwind(build).unwrap_or_else(panicked)
}

/// What this process and its host are called.
fn surroundings() -> Surroundings {
    let program = std::env::args_os().next().unwrap_or_default();
    // There on Linux; elsewhere the environment says it.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    Surroundings::new(
        config::nick_of(Path::new(&program)),
        |name| std::env::var(name).ok(),
        host,
    )
}
