//! What a service calls first: `init`, `try_init`, and the builder with its
//! setters.

#[cfg(feature = "tracing")]
mod layer;
#[cfg(feature = "cli")]
pub(crate) mod tool;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use log::{Level, LevelFilter, Log};

use crate::config::table::{
    IRC_ACCOUNT, IRC_BIND, IRC_CA, IRC_CHANNEL, IRC_CHANNEL_KEY, IRC_CLIENT_CERT, IRC_CLIENT_KEY,
    IRC_CONTEXT, IRC_CONTEXT_LOG, IRC_DROP_FIELDS, IRC_ENABLED, IRC_EXIT_TIMEOUT, IRC_FORMATTING,
    IRC_HEARTBEAT, IRC_HIDE, IRC_HIDE_REQUESTS, IRC_LINK_TRACE, IRC_LINK_TX, IRC_LOG, IRC_MAX_AGE,
    IRC_MAX_LINES, IRC_MUTE_FILE, IRC_MUTE_SIGNAL, IRC_NICK, IRC_PASSWORD, IRC_PORT, IRC_PROXY,
    IRC_RATE, IRC_SASL, IRC_SCRUB_ALLOW, IRC_SCRUB_PUBLIC, IRC_SCRUB_TEE, IRC_SCRUB_WITHOUT,
    IRC_SERVER, IRC_SERVER_PASSWORD, IRC_SERVICES, IRC_START_LINE, IRC_STATE_DIR, IRC_TLS,
    IRC_TLS_PIN, IRC_TOKEN_KEY, IRC_VERSION,
};
use crate::config::{self, Settings};
use crate::error::{InitError, Problem};
use crate::handle::Handle;
use crate::notice::Notices;
use crate::redact::vault::MIN_VALUE_BYTES;
use crate::wiring::{self, Tee};

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
///
/// ```no_run
/// irclog::init();
/// log::info!("on the console, and in the channel");
/// ```
pub fn init() {
    let builder = from_env();
    let settings = builder.settings.clone();
    if let Err(error) = builder.try_init() {
        let notices = match error {
            InitError::Settings(_) => wiring::install_console(&settings),
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
/// [`InitError::Thread`] when the background thread cannot be started. In all
/// these cases nothing is installed, except that with `Thread` the console's
/// logger is.
///
/// ```no_run
/// let handle = irclog::try_init()?;
/// log::info!("on the console, and in the channel");
/// handle.flush(std::time::Duration::from_secs(5));
/// # Ok::<(), irclog::InitError>(())
/// ```
pub fn try_init() -> Result<Handle, InitError> {
    from_env().try_init()
}

/// A builder that starts from nothing: server and channel have to be given.
///
/// ```no_run
/// let handle = irclog::builder()
///     .server("irc.dal.net")
///     .channel("#karmacadabra")
///     .nick("facilitator-prod")
///     .try_init()?;
/// # Ok::<(), irclog::InitError>(())
/// ```
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
///
/// Inside of `irclog run`, which shows the output of this program already and
/// sets `IRCLOG_RUN`, the channel is off, unless server and channel are set
/// here.
///
/// ```no_run
/// let handle = irclog::from_env()
///     .filter("info,hyper=warn")
///     .try_init()?;
/// # Ok::<(), irclog::InitError>(())
/// ```
pub fn from_env() -> Builder {
    Builder {
        settings: Settings::from_env(std::env::vars_os(), |path| config::file::read(path)),
        ..builder()
    }
}

/// Settings in code. Each setter says which variable of the environment it
/// stands for; all are checked together by [`try_init`](Self::try_init).
///
/// ```
/// let builder = irclog::builder()
///     .server("irc.dal.net")
///     .channel("#karmacadabra")
///     .password("tiger-lily");
/// assert!(!format!("{builder:?}").contains("tiger"));
/// ```
#[must_use = "a builder does nothing before `try_init`"]
pub struct Builder {
    settings: Settings,
    tee: Tee,
    tee_is_local: bool,
    #[cfg(feature = "tracing")]
    spans: crate::tracing::Spans,
}

/// Shows what was given, without secrets.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tee = match self.tee {
            Tee::Environment => "env_logger",
            Tee::Given(..) => "given",
            Tee::None => "none",
        };
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .field("tee", &tee)
            .field("tee_is_local", &self.tee_is_local)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Whether the channel is on (`IRC_ENABLED`). Defaults to on when server
    /// and channel are set.
    ///
    /// ```
    /// let builder = irclog::from_env().enabled(false);
    /// ```
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.settings.set(&IRC_ENABLED, enabled.to_string());
        self
    }

    /// The server's host name or address, without a port (`IRC_SERVER`).
    ///
    /// ```
    /// let builder = irclog::from_env().server("irc.dal.net");
    /// ```
    pub fn server(mut self, host: impl Into<String>) -> Self {
        self.settings.set(&IRC_SERVER, host);
        self
    }

    /// The server's port (`IRC_PORT`). Defaults to 6697 with TLS, 6667
    /// without.
    ///
    /// ```
    /// let builder = irclog::from_env().port(7000);
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.settings.set(&IRC_PORT, port.to_string());
        self
    }

    /// Whether the connection is encrypted, and the server's certificate
    /// verified (`IRC_TLS`). Defaults to `true`.
    ///
    /// ```
    /// let builder = irclog::from_env().server("127.0.0.1").tls(false);
    /// ```
    pub fn tls(mut self, tls: bool) -> Self {
        self.settings.set(&IRC_TLS, tls.to_string());
        self
    }

    /// The proxy that the way to the server goes through (`IRC_PROXY`):
    /// `socks5://name:password@host:1080` or `http://host:3128` (CONNECT), the
    /// name and password where it wants them, percent-encoded. It looks the
    /// server's name up, and TLS goes through it to the server. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().proxy("socks5://proxy.example:1080");
    /// ```
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.set(&IRC_PROXY, url);
        self
    }

    /// The address of this host that connections come from (`IRC_BIND`): an IPv4
    /// or IPv6 address, without a port. Defaults to what the system chooses.
    ///
    /// ```
    /// let builder = irclog::from_env().bind("192.0.2.17");
    /// ```
    pub fn bind(mut self, address: impl Into<String>) -> Self {
        self.settings.set(&IRC_BIND, address);
        self
    }

    /// Certificates of authorities in PEM form that are trusted beside the
    /// bundled ones (`IRC_CA`). Defaults to none.
    ///
    /// ```no_run
    /// let pem = std::fs::read_to_string("/etc/ssl/our-ca.pem")?;
    /// let builder = irclog::from_env().ca(pem);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn ca(mut self, pem: impl Into<String>) -> Self {
        self.settings.set(&IRC_CA, pem);
        self
    }

    /// The SHA-256 fingerprint of the server's own certificate, 64 hex digits
    /// with or without colons (`IRC_TLS_PIN`). Then this certificate is
    /// trusted, whoever signed it, and no other. Defaults to none.
    ///
    /// ```
    /// // openssl x509 -noout -fingerprint -sha256 -in server.pem
    /// let pin = "0F:8B:64:2B:92:A1:11:59:6C:2D:4D:31:29:B8:5E:C6:\
    ///            3D:4C:05:1B:77:0E:5A:C4:9D:52:1F:4B:A8:E3:60:7D";
    /// let builder = irclog::from_env().tls_pin(pin);
    /// ```
    pub fn tls_pin(mut self, fingerprint: impl Into<String>) -> Self {
        self.settings.set(&IRC_TLS_PIN, fingerprint);
        self
    }

    /// The channel (`IRC_CHANNEL`), or several with a blank between, each with
    /// its own filter if need be: `#karmacadabra #alerts=error`. See
    /// [`channel_with`](Self::channel_with).
    ///
    /// ```
    /// let builder = irclog::from_env().channel("#karmacadabra");
    /// ```
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.settings.set(&IRC_CHANNEL, channel);
        self
    }

    /// One more channel, beside [`channel`](Self::channel), with a filter of its
    /// own in the grammar of [`filter`](Self::filter); where that is empty, it
    /// shows what `filter` says. In `IRC_CHANNEL`: `#ops #alerts=error`.
    ///
    /// All channels share one connection and its pace: the ERROR of any comes
    /// first, and of the rest each has its turn. Each has its own numbers
    /// ([`Stats::channels`](crate::Stats::channels)), and one that does not let
    /// us in keeps nothing from the others. Up to 16 of them.
    ///
    /// ```
    /// let builder = irclog::from_env()
    ///     .channel("#karmacadabra")
    ///     .channel_with("#alerts", "error")
    ///     .channel_with("#x402", "info,x402_rs=debug");
    /// ```
    pub fn channel_with(mut self, name: impl Into<String>, filter: impl Into<String>) -> Self {
        self.settings.add_channel(name.into(), filter.into());
        self
    }

    /// The channel's key, where it has one (`IRC_CHANNEL_KEY`); of several
    /// channels `#name=key`, with a blank between. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().channel("#ops").channel_key("open-sesame");
    /// let builder = builder.channel_with("#alerts", "error").channel_key("#alerts=open-sesame");
    /// ```
    pub fn channel_key(mut self, key: impl Into<String>) -> Self {
        self.settings.set(&IRC_CHANNEL_KEY, key);
        self
    }

    /// The nick (`IRC_NICK`), up to 30 characters. `{host}` stands for the
    /// first label of the host's name, `{task}` for the end of the ECS task's
    /// id, or else of the host's name, and `{n}` for the first number that is
    /// free: instances of one service are told apart. Defaults to the
    /// program's name.
    ///
    /// ```
    /// let builder = irclog::from_env().nick("facilitator-prod");
    /// ```
    pub fn nick(mut self, nick: impl Into<String>) -> Self {
        self.settings.set(&IRC_NICK, nick);
        self
    }

    /// The program that logs, where that is not this process: the nick is made
    /// of its name when none is set. Defaults to the name of this process.
    ///
    /// ```
    /// let builder = irclog::from_env().program("/usr/bin/uvicorn");
    /// ```
    pub fn program(mut self, name: impl AsRef<Path>) -> Self {
        self.settings
            .set_default_nick(config::nick_of(name.as_ref()));
        self
    }

    /// The account's password (`IRC_PASSWORD`). Sent only over TLS or to a
    /// private address; by SASL, or where the server has none only to services
    /// that are proven: those that the server's WHOIS calls so, those of a
    /// known network, or [`services`](Self::services). Defaults to none.
    ///
    /// ```no_run
    /// let password = std::fs::read_to_string("/run/secrets/nickserv")?;
    /// let builder = irclog::from_env().password(password.trim_end());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.settings.set(&IRC_PASSWORD, password);
        self
    }

    /// The account at the network's services (`IRC_ACCOUNT`). Defaults to the
    /// nick.
    ///
    /// ```
    /// let builder = irclog::from_env().account("facilitator");
    /// ```
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.settings.set(&IRC_ACCOUNT, name);
        self
    }

    /// A certificate of our own in PEM form (`IRC_CLIENT_CERT`), which proves
    /// the account by SASL EXTERNAL; its fingerprint is made known to the
    /// services once. Defaults to none.
    ///
    /// ```no_run
    /// let folder = std::path::Path::new("/run/secrets");
    /// let builder = irclog::from_env()
    ///     .client_cert(std::fs::read_to_string(folder.join("irc.pem"))?)
    ///     .client_key(std::fs::read_to_string(folder.join("irc.key"))?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn client_cert(mut self, pem: impl Into<String>) -> Self {
        self.settings.set(&IRC_CLIENT_CERT, pem);
        self
    }

    /// The key of [`client_cert`](Self::client_cert) in PEM form
    /// (`IRC_CLIENT_KEY`). Defaults to none.
    ///
    /// ```no_run
    /// let key = std::fs::read_to_string("/run/secrets/irc.key")?;
    /// let builder = irclog::from_env().client_key(key);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn client_key(mut self, pem: impl Into<String>) -> Self {
        self.settings.set(&IRC_CLIENT_KEY, pem);
        self
    }

    /// How the account may be proven by SASL (`IRC_SASL`): some of `EXTERNAL`,
    /// `SCRAM-SHA-256` and `PLAIN`, with commas between. The strongest of them
    /// that the server has is used. Without `PLAIN` the password itself is given
    /// to nobody, services included. Defaults to `EXTERNAL,SCRAM-SHA-256,PLAIN`.
    ///
    /// ```
    /// let builder = irclog::from_env().sasl("SCRAM-SHA-256");
    /// ```
    pub fn sasl(mut self, mechanisms: impl Into<String>) -> Self {
        self.settings.set(&IRC_SASL, mechanisms);
        self
    }

    /// Where the network's services take the nick's password (`IRC_SERVICES`),
    /// such as `NickServ@services.dal.net`. Defaults to what WHOIS proves.
    ///
    /// ```
    /// let builder = irclog::from_env().services("NickServ@services.dal.net");
    /// ```
    pub fn services(mut self, address: impl Into<String>) -> Self {
        self.settings.set(&IRC_SERVICES, address);
        self
    }

    /// The password of the server itself (`IRC_SERVER_PASSWORD`). Defaults to
    /// none.
    ///
    /// ```no_run
    /// let password = std::env::var("OUR_SERVER_PASSWORD")?;
    /// let builder = irclog::from_env().server_password(password);
    /// # Ok::<(), std::env::VarError>(())
    /// ```
    pub fn server_password(mut self, password: impl Into<String>) -> Self {
        self.settings.set(&IRC_SERVER_PASSWORD, password);
        self
    }

    /// The most lines in any one second (`IRC_RATE`), from 0.01 to 1,000; the
    /// server may allow less. Defaults to `2`.
    ///
    /// ```
    /// // A line every two seconds.
    /// let builder = irclog::from_env().rate(0.5);
    /// ```
    pub fn rate(mut self, lines_per_second: f64) -> Self {
        self.settings.set(&IRC_RATE, lines_per_second.to_string());
        self
    }

    /// Which records go to the channel (`IRC_LOG`): a level, and others by
    /// target, `info,hyper=warn`; after a slash a regular expression that
    /// texts have to match, `info/settled`. Defaults to `info`. The console's
    /// filter is its own.
    ///
    /// As `RUST_LOG`, except that a target needs its level, `hyper=trace`: a
    /// word alone may be a level misspelt, and then nothing would be shown.
    /// Python's names of levels are understood.
    ///
    /// ```
    /// let builder = irclog::from_env().filter("info,hyper=warn,my_crate::chain=debug");
    /// ```
    pub fn filter(mut self, directives: impl Into<String>) -> Self {
        self.settings.set(&IRC_LOG, directives);
        self
    }

    /// The most lines of one record (`IRC_MAX_LINES`), from 1 to 50; of what
    /// is longer the last line says how much was left out. Defaults to `4`.
    ///
    /// ```
    /// let builder = irclog::from_env().max_lines(8);
    /// ```
    pub fn max_lines(mut self, lines: usize) -> Self {
        self.settings.set(&IRC_MAX_LINES, lines.to_string());
        self
    }

    /// How long a record may wait for the channel (`IRC_MAX_AGE`, in seconds),
    /// from a second to a day: what is older, after an outage or because the
    /// channel refuses it, is only counted. Defaults to `600`; what is refused is
    /// never tried for longer than that.
    ///
    /// ```
    /// let builder = irclog::from_env().max_age(std::time::Duration::from_secs(60));
    /// ```
    pub fn max_age(mut self, age: Duration) -> Self {
        let seconds = age.as_secs_f64().to_string();
        self.settings.set(&IRC_MAX_AGE, seconds);
        self
    }

    /// Whether the tags of the levels are bold and coloured
    /// (`IRC_FORMATTING`). A channel that refuses that gets plain ones in any
    /// case. Defaults to `true`.
    ///
    /// ```
    /// let builder = irclog::from_env().formatting(false);
    /// ```
    pub fn formatting(mut self, formatting: bool) -> Self {
        self.settings.set(&IRC_FORMATTING, formatting.to_string());
        self
    }

    /// How long the end of the process may wait for the channel
    /// (`IRC_EXIT_TIMEOUT`, in seconds). Defaults to `5`.
    ///
    /// ```
    /// let builder = irclog::from_env().exit_timeout(std::time::Duration::from_secs(2));
    /// ```
    pub fn exit_timeout(mut self, bound: Duration) -> Self {
        let seconds = bound.as_secs_f64().to_string();
        self.settings.set(&IRC_EXIT_TIMEOUT, seconds);
        self
    }

    /// The folder in which processes of a host keep the times at which they
    /// connect, of each server by a hash (`IRC_STATE_DIR`): never three of them
    /// connect to one server within 15 s. It is made where it is missing; one
    /// that cannot be used changes nothing else. Defaults to `irclog-<uid>` in
    /// the temporary folder.
    ///
    /// ```
    /// let builder = irclog::from_env().state_dir("/var/lib/shop");
    /// ```
    pub fn state_dir(mut self, path: impl Into<String>) -> Self {
        self.settings.set(&IRC_STATE_DIR, path);
        self
    }

    /// Whether the channel is told that the service has started
    /// (`IRC_START_LINE`): `facilitator 1.4.2 started, task 3f2a`, with the
    /// program's name, its [`version`](Self::version), and what ECS, Kubernetes
    /// or Docker call it. Of starts that follow one another within a minute, as
    /// far as they share an [`IRC_STATE_DIR`](Self::state_dir), only the first
    /// is told, and the next later one with how many there were. Defaults to
    /// `true`.
    ///
    /// ```
    /// let builder = irclog::from_env().start_line(false);
    /// ```
    pub fn start_line(mut self, on: bool) -> Self {
        self.settings.set(&IRC_START_LINE, on.to_string());
        self
    }

    /// The service's version, for the line that says that it has started
    /// (`IRC_VERSION`), up to 48 characters. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().version(env!("CARGO_PKG_VERSION"));
    /// ```
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.settings.set(&IRC_VERSION, version);
        self
    }

    /// How long the channel may be without a line before it is told that the
    /// service is still there (`IRC_HEARTBEAT`, in seconds), and what was counted
    /// meanwhile: `1 h: 1,204 records, 3 WARN, nothing lost`. Up to a week; zero
    /// is never. Defaults to `3600`.
    ///
    /// ```
    /// let builder = irclog::from_env().heartbeat(std::time::Duration::from_secs(600));
    /// ```
    pub fn heartbeat(mut self, every: Duration) -> Self {
        let seconds = every.as_secs_f64().to_string();
        self.settings.set(&IRC_HEARTBEAT, seconds);
        self
    }

    /// A file that silences the channel for as long as it exists
    /// (`IRC_MUTE_FILE`), looked for twice a second. Defaults to none.
    ///
    /// ```
    /// // `touch /run/shop/quiet` before the stream shows what it should not.
    /// let builder = irclog::from_env().mute_file("/run/shop/quiet");
    /// ```
    pub fn mute_file(mut self, path: impl AsRef<Path>) -> Self {
        match path.as_ref().to_str() {
            Some(path) => self.settings.set(&IRC_MUTE_FILE, path),
            None => self.settings.refuse(Problem::new(
                ".mute_file()",
                format!("was given {}, which is no UTF-8", path.as_ref().display()),
                "name a file in UTF-8",
            )),
        }
        self
    }

    /// A signal that silences the channel, and lets it speak when it comes
    /// again (`IRC_MUTE_SIGNAL`): SIGUSR1, SIGUSR2, SIGHUP or SIGWINCH. Unix
    /// only. Defaults to none: without it irclog handles no signal.
    ///
    /// ```
    /// // `kill -USR2` silences the channel, and once more lets it speak.
    /// let builder = irclog::from_env().mute_signal("SIGUSR2");
    /// ```
    pub fn mute_signal(mut self, name: impl Into<String>) -> Self {
        self.settings.set(&IRC_MUTE_SIGNAL, name);
        self
    }

    /// The logger of the console. Defaults to an `env_logger` that obeys
    /// `RUST_LOG`, or shows INFO and what is worse where that is unset;
    /// without the feature `console` to none.
    ///
    /// It gets every record up to TRACE and applies its own filter. Where that
    /// costs too much, [`tee_up_to`](Self::tee_up_to) says what it needs.
    ///
    /// ```
    /// let console = env_logger::Builder::new().filter_level(log::LevelFilter::Warn).build();
    /// let builder = irclog::from_env().tee(console);
    /// ```
    pub fn tee(self, logger: impl Log + 'static) -> Self {
        self.tee_up_to(logger, LevelFilter::Trace)
    }

    /// The logger of the console, which needs no record beyond `most`.
    ///
    /// ```
    /// let console = env_logger::Builder::new().filter_level(log::LevelFilter::Warn).build();
    /// let builder = irclog::from_env().tee_up_to(console, log::LevelFilter::Warn);
    /// ```
    pub fn tee_up_to(mut self, logger: impl Log + 'static, most: LevelFilter) -> Self {
        self.tee = Tee::Given(Box::new(logger), most);
        self
    }

    /// No console: records go to the channel only.
    ///
    /// ```
    /// let builder = irclog::from_env().no_tee();
    /// ```
    pub fn no_tee(mut self) -> Self {
        self.tee = Tee::None;
        self
    }

    /// Declares that nobody but the operator reads the console: fields marked
    /// `#[redact(local, …)]` are shown there in full. Defaults to `false`:
    /// a container's standard error usually goes to a log service.
    ///
    /// ```
    /// // At the developer's own desk.
    /// let builder = irclog::from_env().local_console(cfg!(debug_assertions));
    /// ```
    pub fn local_console(mut self, local: bool) -> Self {
        self.tee_is_local = local;
        self
    }

    /// A value that is masked wherever it appears, in every usual encoding: a
    /// secret that the process holds. [`register_secret`](crate::register_secret)
    /// does the same at any time. One of less than 4 bytes would mask ordinary
    /// text, and is a problem.
    ///
    /// The values of environment variables whose names say that they are
    /// secret are known by themselves.
    ///
    /// ```
    /// let key = "4be1f5c08a924d06";
    /// let builder = irclog::from_env().known_secret(key);
    /// assert_eq!(irclog::scrub("signed with 4be1f5c08a924d06"), "signed with [REDACTED]");
    /// ```
    pub fn known_secret(mut self, value: impl AsRef<str>) -> Self {
        if !crate::register_secret(&value) {
            let bytes = value.as_ref().trim().len();
            self.settings.refuse(Problem::new(
                ".known_secret()",
                format!("was given {bytes} bytes, which would mask ordinary text"),
                format!("give a value of {MIN_VALUE_BYTES} bytes or more"),
            ));
        }
        self
    }

    /// Requests of which nothing below WARN is shown, such as `GET /health` or,
    /// whatever its method, `/health` (`IRC_HIDE_REQUESTS`, with commas
    /// between); a query does not matter. They are known by what the spans of a
    /// [`layer`](Self::layer) tell, and by lines such as
    /// `"GET /health HTTP/1.1" 200` and `method=GET path=/health`; such a line
    /// is shown all the same where it tells a status from 400 on. Adds to those
    /// that are there. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().hide_requests(["GET /health", "/metrics"]);
    /// ```
    pub fn hide_requests(mut self, requests: impl IntoIterator<Item = impl Into<String>>) -> Self {
        for request in requests {
            self.settings.add(&IRC_HIDE_REQUESTS, &request.into());
        }
        self
    }

    /// Records that are not shown: those with a redacted text in which the
    /// regular expression `pattern` matches (`IRC_HIDE`). An ERROR is shown all
    /// the same, and [`Stats::hidden`](crate::Stats::hidden) counts the others.
    /// Each record is redacted for it, on irclog's own thread. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().hide("^heartbeat|cache (hit|miss)");
    /// ```
    pub fn hide(mut self, pattern: impl Into<String>) -> Self {
        self.settings.set(&IRC_HIDE, pattern);
        self
    }

    /// Fields that are left out of what the channel is shown
    /// (`IRC_DROP_FIELDS`, with commas between), in capitals or not: key-values
    /// of `log`, fields of events and spans that a [`layer`](Self::layer)
    /// takes; under `irclog run` and `irclog pipe` also those of lines of JSON
    /// and `name=value` in others. A dot leads into an object of JSON, as in
    /// `req.headers`. The console shows them all the same. Adds to those that
    /// are there. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().drop_fields(["body", "req.headers"]);
    /// ```
    pub fn drop_fields(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        for name in names {
            self.settings.add(&IRC_DROP_FIELDS, &name.into());
        }
        self
    }

    /// How many earlier records of the same request may be shown with an ERROR
    /// or a panic (`IRC_CONTEXT`), from 0 to 16, of those that
    /// [`context_filter`](Self::context_filter) names. At most two lines tell
    /// what led to it, the oldest first, unless the channel cannot keep up; of
    /// ERRORs of one kind the first has them, and then one a minute.
    ///
    /// Which request a record is of is said by the spans around it, for a
    /// [`layer`](Self::layer), and else by `request_id=…`, `trace_id=…` and the
    /// like in its text or key-values. What is of none is not kept. 256 requests
    /// are known at once, those that logged last, with a kilobyte of each
    /// record, and what came more than a minute before is left out. Defaults to
    /// `0`: nothing is kept.
    ///
    /// ```
    /// let builder = irclog::from_env().context(12);
    /// ```
    pub fn context(mut self, records: usize) -> Self {
        self.settings.set(&IRC_CONTEXT, records.to_string());
        self
    }

    /// Which records are kept for [`context`](Self::context)
    /// (`IRC_CONTEXT_LOG`), in directives as [`filter`](Self::filter) takes
    /// them; of a service that logs through `log`, its macros let through what
    /// is kept. Each of them is formatted, whether it is ever shown or not.
    /// Defaults to `info`, and `debug` of the program's own crate; under `run` and
    /// `pipe` `debug`, since what they read was written anyway. The crate's name
    /// is taken from the program's file: a service whose crates have other names
    /// gives those.
    ///
    /// ```
    /// let builder = irclog::from_env().context(12).context_filter("info,my_crate=debug");
    /// ```
    pub fn context_filter(mut self, directives: impl Into<String>) -> Self {
        self.settings.set(&IRC_CONTEXT_LOG, directives);
        self
    }

    /// The page of a trace (`IRC_LINK_TRACE`), an address with `{trace_id}` in
    /// it: the link stands with each ERROR whose trace is known, instead of the
    /// first eight digits of its id. It is known from `trace_id=…` and
    /// `traceparent=…` in the text, by such fields of the spans around it, and
    /// by what a [`layer`](Self::layer) is told. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().link_trace("https://tempo.example/trace/{trace_id}");
    /// ```
    pub fn link_trace(mut self, address: impl Into<String>) -> Self {
        self.settings.set(&IRC_LINK_TRACE, address);
        self
    }

    /// The page of a transaction (`IRC_LINK_TX`), an address with `{tx}` in it:
    /// the link stands with each record that shows the hash of one as
    /// [`Public`](crate::Public). Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().link_tx("https://blockscan.com/tx/{tx}");
    /// ```
    pub fn link_tx(mut self, address: impl Into<String>) -> Self {
        self.settings.set(&IRC_LINK_TX, address);
        self
    }

    /// Replaces what the regular expression `pattern` matches, or what its
    /// groups match, by `replacement` (`IRC_SCRUB_RULES`, one
    /// `pattern => replacement` a line). Adds to the rules that are there.
    /// Defaults to none.
    ///
    /// ```
    /// // Order numbers are nobody's business.
    /// let builder = irclog::from_env().scrub_rule("order-([0-9]+)", "#");
    /// ```
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
    /// Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().scrub_allow("sort_key").scrub_allow("cache_key");
    /// ```
    pub fn scrub_allow(mut self, name: impl AsRef<str>) -> Self {
        self.settings.add(&IRC_SCRUB_ALLOW, name.as_ref());
        self
    }

    /// A name after which 32 bytes in hexadecimal are public in this service, such
    /// as `tx_hash` (`IRC_SCRUB_PUBLIC`, with commas between): they are shown in
    /// full. For what cannot be logged as [`Public`](crate::Public). Adds to those
    /// that are there. Defaults to none.
    ///
    /// A name that announces a secret (`signer_key`) is refused by
    /// [`try_init`](Self::try_init): a private key is 32 bytes as well.
    ///
    /// ```
    /// let builder = irclog::from_env().scrub_public("tx").scrub_public("tx_hash");
    /// ```
    pub fn scrub_public(mut self, name: impl AsRef<str>) -> Self {
        self.settings.add(&IRC_SCRUB_PUBLIC, name.as_ref());
        self
    }

    /// A class of the scrubber that is left alone: `ip`, `email`, `address`,
    /// `iban` or `card` (`IRC_SCRUB_WITHOUT`, with commas between). Those that
    /// open doors cannot be left alone. Defaults to none.
    ///
    /// ```
    /// let builder = irclog::from_env().scrub_without("ip");
    /// ```
    pub fn scrub_without(mut self, class: impl AsRef<str>) -> Self {
        self.settings.add(&IRC_SCRUB_WITHOUT, class.as_ref());
        self
    }

    /// Whether the console is scrubbed like the channel (`IRC_SCRUB_TEE`), for
    /// those whose console is not private. It costs the service's threads a
    /// scan of every line. Defaults to `false`.
    ///
    /// It holds also where another setting is wrong. A layer for tracing has no
    /// console of its own: there the console's layer takes `irclog::scrubbed`
    /// (feature `tracing`) for its writer.
    ///
    /// ```
    /// let builder = irclog::from_env().scrub_tee(true);
    /// ```
    pub fn scrub_tee(mut self, scrub: bool) -> Self {
        self.settings.set(&IRC_SCRUB_TEE, scrub.to_string());
        self
    }

    /// The key of [`Token`](crate::Token)s (`IRC_TOKEN_KEY`), of 16 bytes or
    /// more: services that share it give equal values equal tokens. Defaults
    /// to random per process.
    ///
    /// ```no_run
    /// let key = std::fs::read_to_string("/run/secrets/token-key")?;
    /// let builder = irclog::from_env().token_key(key.trim_end());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn token_key(mut self, key: impl Into<String>) -> Self {
        self.settings.set(&IRC_TOKEN_KEY, key);
        self
    }

    /// Checks the settings and installs the logger.
    ///
    /// # Errors
    ///
    /// As [`try_init`].
    ///
    /// ```no_run
    /// match irclog::from_env().try_init() {
    ///     Ok(handle) => println!("{}", handle.state()),
    ///     Err(error) => eprintln!("no channel: {error}"),
    /// }
    /// ```
    pub fn try_init(self) -> Result<Handle, InitError> {
        wiring::install(&self.settings, self.tee, self.tee_is_local)
    }
}
