//! Who is measured, and how each is set up: as its documentation has it, with
//! its console at `/dev/null`.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write as _;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use crossbeam_queue::ArrayQueue;
use log::{LevelFilter, Log, Metadata, Record};
use regex::Regex;
use slog::Drain as _;
use tracing_subscriber::filter::LevelFilter as Level;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

pub(crate) const CHANNEL: &str = "#evidence";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contestant {
    Empty,
    Floor,
    HandOver,
    Timed,
    Irclog,
    SlogAsync,
    FtLog,
    FastLog,
    TracingAppender,
    EnvLogger,
    Concept,
}

/// What has to live as long as the logger.
pub(crate) type Kept = Box<dyn Any>;

impl Contestant {
    pub(crate) const ALL: [Self; 11] = [
        Self::Empty,
        Self::Floor,
        Self::HandOver,
        Self::Timed,
        Self::Irclog,
        Self::SlogAsync,
        Self::FtLog,
        Self::FastLog,
        Self::TracingAppender,
        Self::EnvLogger,
        Self::Concept,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "an empty logger",
            Self::Floor => "format into a reused buffer (the floor)",
            Self::HandOver => "the floor, handed to another thread",
            Self::Timed => "the same with the time",
            Self::Irclog => "irclog",
            Self::SlogAsync => "slog-async",
            Self::FtLog => "ftlog",
            Self::FastLog => "fast_log",
            Self::TracingAppender => "tracing-appender",
            Self::EnvLogger => "env_logger",
            Self::Concept => "three regexes and a queue",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.expect("a contestant")
    }

    /// Whether it is a subscriber of tracing.
    pub(crate) fn is_tracing(self) -> bool {
        matches!(self, Self::TracingAppender | Self::Concept)
    }

    /// Makes it this process's logger.
    pub(crate) fn install(self, port: u16) -> Kept {
        match self {
            Self::Empty => by_log(Empty),
            Self::Floor => by_log(Floor),
            Self::HandOver => by_log(HandOver::start(false)),
            Self::Timed => by_log(HandOver::start(true)),
            Self::Irclog => {
                // Nobody else's turn to connect is waited for.
                let own = format!("irclog-evidence-{}", std::process::id());
                let own = std::env::temp_dir().join(own);
                let handle = irclog::builder()
                    .server("127.0.0.1")
                    .port(port)
                    .tls(false)
                    .channel(CHANNEL)
                    .nick("evidence")
                    .state_dir(own.to_string_lossy())
                    .no_tee()
                    .exit_timeout(Duration::ZERO)
                    .try_init();
                Box::new(handle.expect("the only logger of this process"))
            }
            Self::SlogAsync => {
                let drain = slog_async::Async::new(SlogToNowhere(nowhere())).build();
                by_log(SlogByLog(slog::Logger::root(drain.fuse(), slog::o!())))
            }
            Self::FtLog => {
                let guard = ftlog::builder()
                    .max_log_level(LevelFilter::Info)
                    .bounded(100_000, false)
                    .root(nowhere())
                    .try_init();
                Box::new(guard.expect("the only logger of this process"))
            }
            Self::FastLog => {
                let config = fast_log::Config::new()
                    .level(LevelFilter::Info)
                    .file("/dev/null");
                fast_log::init(config).expect("the only logger of this process");
                Box::new(())
            }
            Self::TracingAppender => {
                let (writer, guard) = tracing_appender::non_blocking(nowhere());
                let layer = tracing_subscriber::fmt::layer()
                    .with_ansi(false)
                    .with_writer(writer);
                tracing_subscriber::registry()
                    .with(layer.with_filter(Level::INFO))
                    .init();
                Box::new(guard)
            }
            Self::EnvLogger => by_log(
                env_logger::Builder::new()
                    .filter_level(LevelFilter::Info)
                    .target(env_logger::Target::Pipe(Box::new(nowhere())))
                    .build(),
            ),
            Self::Concept => {
                let layer = Concept::start().with_filter(Level::INFO);
                tracing_subscriber::registry().with(layer).init();
                Box::new(())
            }
        }
    }
}

fn nowhere() -> File {
    OpenOptions::new()
        .write(true)
        .open("/dev/null")
        .expect("/dev/null")
}

fn by_log(logger: impl Log + 'static) -> Kept {
    log::set_boxed_logger(Box::new(logger)).expect("the only logger of this process");
    log::set_max_level(LevelFilter::Info);
    Box::new(())
}

struct Empty;

impl Log for Empty {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        black_box(record);
    }
    fn flush(&self) {}
}

/// The least that showing a record could cost: its text.
struct Floor;

impl Log for Floor {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        thread_local! {
            static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
        }
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            let _ = buffer.write_fmt(*record.args());
            black_box(buffer.len());
        });
    }
    fn flush(&self) {}
}

/// The least that giving a record to another thread could cost: its text, in a
/// buffer that comes back, through a bounded queue without locks. Nobody is
/// woken: the other thread looks as often as irclog's does.
struct HandOver {
    is_timed: bool,
    queue: Arc<ArrayQueue<Handed>>,
    spares: Arc<ArrayQueue<String>>,
}

struct Handed {
    time: Option<SystemTime>,
    text: String,
}

impl HandOver {
    /// Texts on their way, and buffers kept: as many as irclog has for INFO.
    const ROOM: usize = 4_096;
    const PAUSE: Duration = Duration::from_millis(20);

    fn start(is_timed: bool) -> Self {
        let queue = Arc::new(ArrayQueue::<Handed>::new(Self::ROOM));
        let spares = Arc::new(ArrayQueue::new(Self::ROOM));
        let (records, used) = (Arc::clone(&queue), Arc::clone(&spares));
        thread::spawn(move || {
            loop {
                thread::sleep(Self::PAUSE);
                while let Some(Handed { time, mut text }) = records.pop() {
                    black_box((time, text.bytes().fold(0, u8::wrapping_add)));
                    text.clear();
                    let _ = used.push(text);
                }
            }
        });
        Self {
            is_timed,
            queue,
            spares,
        }
    }
}

impl Log for HandOver {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        let mut text = self.spares.pop().unwrap_or_default();
        let time = self.is_timed.then(SystemTime::now);
        let _ = text.write_fmt(*record.args());
        let _ = self.queue.push(Handed { time, text });
    }
    fn flush(&self) {}
}

/// From `log` to slog, which is no `log::Log` itself.
struct SlogByLog(slog::Logger);

impl Log for SlogByLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        slog::info!(self.0, "{}", record.args());
    }
    fn flush(&self) {}
}

struct SlogToNowhere(File);

impl slog::Drain for SlogToNowhere {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &slog::Record<'_>, _: &slog::OwnedKVList) -> Result<(), slog::Never> {
        let _ = writeln!(&self.0, "{} {}", record.level(), record.msg());
        Ok(())
    }
}

/// How a channel is fed at the first try: the event as text, a regular
/// expression for each kind of secret, an unbounded queue, a line now and then.
struct Concept {
    queue: mpsc::Sender<String>,
    rules: [(Regex, &'static str); 3],
}

impl Concept {
    fn start() -> Self {
        let (queue, lines) = mpsc::channel::<String>();
        thread::spawn(move || {
            for line in lines {
                let _ = writeln!(nowhere(), "{line}");
                thread::sleep(Duration::from_millis(500));
            }
        });
        let rule = |pattern, mask| (Regex::new(pattern).expect("a pattern"), mask);
        Self {
            queue,
            rules: [
                rule(r"0x[0-9a-fA-F]{64}", "[KEY]"),
                rule(r#"(?i)mnemonic["']?\s*[:=]\s*.+"#, "[WORDS]"),
                rule(r"0x([0-9a-fA-F]{10})[0-9a-fA-F]{30}", "0x$1..."),
            ],
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Concept {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = Message(String::new());
        event.record(&mut text);
        let about = event.metadata();
        let mut line = format!("[{}] {} - {}", about.level(), about.target(), text.0);
        for (rule, mask) in &self.rules {
            line = rule.replace_all(&line, *mask).into_owned();
        }
        let _ = self.queue.send(line);
    }
}

struct Message(String);

impl tracing::field::Visit for Message {
    fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{value:?}");
    }
}
