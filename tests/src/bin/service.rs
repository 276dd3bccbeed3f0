//! A service that does what its standard input says, one command a line, and
//! answers each with one line.
//!
//! `log` takes one logger a process, so every test has a process of its own.
//! The argument says how irclog is set up; the settings are in the environment.

#![allow(
    clippy::disallowed_methods,
    reason = "a service lives in real time, and says how long it was held up"
)]

use std::fmt;
use std::io::BufRead as _;
use std::panic;
use std::process::{abort, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use irclog::{Handle, Public, Redact, Secret};
use log::{Level, Log, Metadata, Record};

static HANDLE: OnceLock<Handle> = OnceLock::new();

fn main() {
    let started = Watch::start();
    let setup = std::env::args().nth(1).unwrap_or_default();
    match set_up(&setup) {
        Ok(handle) => {
            if let Some(handle) = handle {
                HANDLE.get_or_init(|| handle);
            }
            answer(&format!("ready {}", started.elapsed().as_millis()));
        }
        Err(error) => answer(&format!("refused {error}").replace('\n', " / ")),
    }
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else {
            return;
        };
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["return"] => return,
            ["panic", message] => panic!("{message}"),
            _ => answer(&obey(&words)),
        }
    }
}

fn set_up(setup: &str) -> Result<Option<Handle>, irclog::InitError> {
    match setup {
        "init" => {
            irclog::init();
            Ok(None)
        }
        "" => irclog::try_init().map(Some),
        "quiet" => irclog::from_env().no_tee().try_init().map(Some),
        "flushing-tee" => irclog::from_env().tee(FlushingTee).try_init().map(Some),
        "slow-tee" => irclog::from_env()
            .tee(SlowTee(Mutex::new(()), Duration::from_millis(300)))
            .try_init()
            .map(Some),
        "stuck-tee" => irclog::from_env()
            .tee(SlowTee(Mutex::new(()), Duration::from_secs(60)))
            .try_init()
            .map(Some),
        #[cfg(unix)]
        _ if setup.starts_with("free-descriptors-") => {
            let free = setup.rsplit('-').next().expect("a number");
            forked::leave_free(free.parse().expect("a number"));
            irclog::try_init().map(Some)
        }
        "second" => {
            log::set_logger(&OTHER).expect("the first logger");
            log::set_max_level(log::LevelFilter::Info);
            irclog::try_init().map(Some)
        }
        "init-second" => {
            log::set_logger(&OTHER).expect("the first logger");
            log::set_max_level(log::LevelFilter::Info);
            irclog::init();
            Ok(None)
        }
        _ => panic!("no such setup: {setup}"),
    }
}

fn obey(words: &[&str]) -> String {
    match *words {
        ["log", level, target, text] => {
            log::log!(target: &decode(target), level_of(level), "{}", decode(text));
            "logged".into()
        }
        ["burst", count, level, target, text] => {
            let (target, text, level) = (decode(target), decode(text), level_of(level));
            let start = Watch::start();
            for n in 1..=number(count) {
                log::log!(target: &target, level, "{text} {n}");
            }
            format!("logged {}", start.elapsed().as_millis())
        }
        ["storm", threads, count] => storm(number(threads), number(count)),
        ["sites", count] => sites(number(count)),
        ["steady", threads, rate, millis, errors] => steady(
            number(threads),
            number(rate),
            Duration::from_millis(number(millis)),
            &errors.split(',').map(number).collect::<Vec<_>>(),
        ),
        ["backlog", rate, millis, bytes] => backlog(
            number(rate),
            Duration::from_millis(number(millis)),
            usize::try_from(number(bytes)).expect("a length"),
        ),
        ["typed", key, payer, tx] => typed(key, payer, tx),
        ["flush", bound] => {
            let start = Watch::start();
            let settled = handle().flush(Duration::from_millis(number(bound)));
            format!("flushed {settled} {}", start.elapsed().as_millis())
        }
        ["shutdown", bound] => {
            let start = Watch::start();
            handle().shutdown(Duration::from_millis(number(bound)));
            format!("shutdown took={} {}", start.elapsed().as_millis(), stats())
        }
        ["stats"] => stats(),
        ["channel", name] => channel(name),
        ["memory"] => memory().to_string(),
        ["waited"] => format!("waited {}", waited().as_millis()),
        ["flush-in-display"] => {
            log::info!(target: "display", "the value {FlushesWhenShown} flushes");
            "logged".into()
        }
        ["panic-caught", message] => {
            let caught = panic::catch_unwind(|| panic!("{message}")).is_err();
            format!("caught {caught}")
        }
        ["panic-in-thread", message] => {
            let message = message.to_owned();
            let start = Watch::start();
            let thread = thread::Builder::new().name("settler".into());
            let thread = thread.spawn(move || panic!("{message}"));
            let ended = thread.expect("a thread").join().is_err();
            format!("ended {ended} {}", start.elapsed().as_millis())
        }
        #[cfg(unix)]
        ["fork"] => forked::child(),
        #[cfg(unix)]
        ["fork-while-joining"] => {
            while !JOINING.load(Ordering::Acquire) {
                thread::yield_now();
            }
            forked::child()
        }
        #[cfg(unix)]
        ["fork-while-registering", count] => forked::while_registering(number(count)),
        ["exit", code] => exit(code.parse().expect("an exit code")),
        ["abort"] => abort(),
        _ => panic!("no such command: {words:?}"),
    }
}

/// Records from several threads at once: mostly INFO, every hundredth WARN,
/// every 25,000th ERROR.
fn storm(threads: u64, count: u64) -> String {
    let before = memory();
    let start = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|thread| {
            thread::spawn(move || {
                for n in 0..count / threads {
                    match n {
                        _ if n % 25_000 == 24_999 => {
                            log::error!("settlement {thread}/{n} failed: RPC timeout");
                        }
                        _ if n % 100 == 99 => log::warn!("settlement {thread}/{n} is slow"),
                        _ => log::info!("settlement {thread}/{n} of 0.25 USDC done in {n} ms"),
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a storm does not panic");
    }
    let took = start.elapsed().as_millis();
    format!("stormed took={took} before={before} after={}", memory())
}

/// So many INFO records a second from several threads for that long, and an
/// ERROR at each of `errors`, in milliseconds from the start.
///
/// Says how many calls there were, how late a thread of them was at most, when
/// each ERROR was raised (microseconds since 1970), and the memory before,
/// after a tenth, a half and all of it.
fn steady(threads: u64, rate: u64, time: Duration, errors: &[u64]) -> String {
    let mut memories = vec![memory()];
    let start = Instant::now();
    let storms: Vec<_> = (0..threads)
        .map(|thread| thread::spawn(move || storm_steadily(thread, rate / threads, start, time)))
        .collect();
    let mut raised = Vec::with_capacity(errors.len());
    let mut probes = [time / 10, time / 2, time].into_iter().peekable();
    for (n, &error) in errors.iter().enumerate() {
        let due = Duration::from_millis(error);
        while let Some(probe) = probes.next_if(|&probe| probe <= due) {
            thread::sleep((start + probe).saturating_duration_since(Instant::now()));
            memories.push(memory());
        }
        thread::sleep((start + due).saturating_duration_since(Instant::now()));
        raised.push(micros());
        log::error!(target: "x402::rpc", "settlement {} failed: RPC timeout", n + 1);
    }
    for probe in probes {
        thread::sleep((start + probe).saturating_duration_since(Instant::now()));
        memories.push(memory());
    }
    let storms: Vec<(u64, Duration)> = storms
        .into_iter()
        .map(|storm| storm.join().expect("a storm does not panic"))
        .collect();
    let stormed: u64 = storms.iter().map(|(logged, _)| logged).sum();
    let late = storms.iter().map(|(_, late)| *late).max();
    format!(
        "steadied calls={} took={} late={} raised={} memory={}",
        stormed + raised.len() as u64,
        start.elapsed().as_millis(),
        late.unwrap_or_default().as_millis(),
        joined(&raised),
        joined(&memories)
    )
}

/// One thread of [`steady`]: `rate` records a second from four call sites.
/// Returns how many, and how late it was with them at most: the machine's
/// doing, since they wait for nothing.
fn storm_steadily(thread: u64, rate: u64, start: Instant, time: Duration) -> (u64, Duration) {
    const TICK: Duration = Duration::from_millis(10);
    let mut logged = 0;
    let mut late = Duration::ZERO;
    for tick in 1.. {
        let passed = TICK * tick;
        if passed > time {
            break;
        }
        let due = rate * u64::from(tick) / 100;
        while logged < due {
            match logged % 4 {
                0 => log::info!("settlement {thread}/{logged} of 0.25 USDC is done"),
                1 => log::info!("verified {thread}/{logged} in {} ms", logged % 50),
                2 => log::info!("request {thread}/{logged}: POST /settle 200"),
                _ => log::info!("balance {thread}/{logged} is {} USDC", logged as f64 / 4.0),
            }
            logged += 1;
        }
        late = late.max(start.elapsed().saturating_sub(passed));
        thread::sleep((start + passed).saturating_duration_since(Instant::now()));
    }
    (logged, late)
}

/// WARN records with a text of their own, of `bytes` bytes, `rate` a second:
/// more than any channel takes, so that there is always one to be shown.
fn backlog(rate: u64, time: Duration, bytes: usize) -> String {
    let start = Instant::now();
    let mut logged = 0;
    while start.elapsed() < time {
        let text = format!("settlement {logged} is slow: ");
        let rest = bytes.saturating_sub(text.len());
        log::warn!(target: "x402", "{text}{:.>rest$}", "");
        logged += 1;
        let due = Duration::from_secs(logged) / u32::try_from(rate).expect("a rate");
        thread::sleep((start + due).saturating_duration_since(Instant::now()));
    }
    format!("piled calls={logged} {}", stats())
}

/// Microseconds since 1970.
fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.unwrap_or_default().as_micros();
    u64::try_from(micros).expect("before the year 500,000")
}

fn joined(numbers: &[u64]) -> String {
    let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
    words.join(",")
}

/// One record from each of so many call sites.
fn sites(count: u64) -> String {
    for n in 0..count {
        let file = format!("src/generated/handler_{}.rs", n / 100);
        let line = u32::try_from(n % 100).expect("below 100") + 1;
        log::logger().log(
            &Record::builder()
                .level(Level::Info)
                .target("sites")
                .file(Some(&file))
                .line(Some(line))
                .args(format_args!("site {n} was here"))
                .build(),
        );
    }
    "logged".into()
}

#[derive(Redact)]
struct Settlement {
    #[redact(secret)]
    key: String,
    #[redact(keep(first = 6, last = 4))]
    payer: String,
    #[redact(clear)]
    memo: String,
    amount: u64,
}

fn typed(key: &str, payer: &str, tx: &str) -> String {
    let settlement = Settlement {
        key: key.into(),
        payer: payer.into(),
        memo: format!("paid with {key}"),
        amount: 250_000,
    };
    let secret = Secret::new(key.to_owned());
    log::info!(target: "typed", "settled {} by {settlement:?}, signed {secret:?}", Public(tx));
    format!(
        "holds {}",
        settlement.key.len() + settlement.payer.len() + settlement.memo.len()
            - usize::from(settlement.amount == 0)
    )
}

fn stats() -> String {
    let stats = handle().stats();
    format!(
        "stats state={} nick={} logged={} shown={} folded={} shed={} dropped={} in_flight={} \
         queued={}",
        stats.state,
        stats.nick,
        stats.logged(),
        stats.shown(),
        stats.folded(),
        stats.shed(),
        stats.dropped(),
        stats.in_flight(),
        stats.queued(),
    )
}

/// The numbers of one channel.
fn channel(name: &str) -> String {
    let stats = handle().stats();
    let channel = stats.channels().iter().find(|channel| channel.name == name);
    let channel = channel.expect("a channel of the settings");
    let total = channel.total();
    format!(
        "channel joined={} logged={} shown={} folded={} dropped={} queued={}",
        channel.joined,
        total.logged(),
        total.shown(),
        total.folded(),
        total.dropped(),
        total.queued()
    )
}

/// Resident memory in kB, 0 where the system does not tell.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

/// How long something takes, less what this process' threads wait meanwhile for
/// a processor to run on: what is left is its own doing, however busy the
/// machine is. Where the system keeps no account of that, it is the plain time.
struct Watch {
    start: Instant,
    waited: Duration,
}

impl Watch {
    fn start() -> Self {
        Self {
            start: Instant::now(),
            waited: waited(),
        }
    }

    fn elapsed(&self) -> Duration {
        let waited = waited().saturating_sub(self.waited);
        self.start.elapsed().saturating_sub(waited)
    }
}

/// What the kernel has let the threads of this process wait for a processor.
fn waited() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let nanos = tasks.flatten().filter_map(|task| {
        let account = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        account.split(' ').nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

fn answer(text: &str) {
    println!("{text}");
}

fn handle() -> &'static Handle {
    HANDLE.get().expect("set up with a handle")
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}

fn level_of(word: &str) -> Level {
    word.parse().expect("a level")
}

/// Reads a text that was written as hex digits, perhaps with `*` and how often
/// it is repeated, in lossy UTF-8.
fn decode(word: &str) -> String {
    let (digits, count) = word.split_once('*').unwrap_or((word, "1"));
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits"))
        .collect();
    let count = count.parse().expect("a count");
    String::from_utf8_lossy(&bytes).repeat(count)
}

/// A console that waits for the channel at each record: careless, and
/// possible.
struct FlushingTee;

impl Log for FlushingTee {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let settled = HANDLE
            .get()
            .map(|handle| handle.flush(Duration::from_secs(20)));
        eprintln!("{} {} flushed {settled:?}", record.level(), record.args());
    }

    fn flush(&self) {}
}

/// A console behind a lock, which takes its time to say that irclog joined.
struct SlowTee(Mutex<()>, Duration);
static JOINING: AtomicBool = AtomicBool::new(false);

impl Log for SlowTee {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let locked = self.0.lock().expect("nobody panics with it");
        if record.target() == "irclog" && record.args().to_string().starts_with("joined") {
            JOINING.store(true, Ordering::Release);
            thread::sleep(self.1);
        }
        eprintln!("{} {}", record.level(), record.args());
        drop(locked);
    }

    fn flush(&self) {}
}

struct FlushesWhenShown;

impl fmt::Display for FlushesWhenShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settled = handle().flush(Duration::from_secs(20));
        write!(f, "that {settled}")
    }
}

struct Other;
static OTHER: Other = Other;

impl Log for Other {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("the other logger: {}", record.args());
    }

    fn flush(&self) {}
}

#[cfg(unix)]
mod forked {
    //! What a service that forks does, such as one that runs under Python.
    #![expect(unsafe_code, reason = "fork has no safe interface")]

    use super::{AtomicBool, Duration, Ordering, Watch, answer, exit, handle, thread};

    /// Logs, flushes and exits in a forked child; says how that ended.
    pub(super) fn child() -> String {
        let start = Watch::start();
        // SAFETY: the child only does what is under test here: it must not
        // wait for a thread, or a lock of one, that it does not have. The
        // allocator of the C library is made safe for it by that library.
        match unsafe { libc::fork() } {
            0 => {
                log::error!(target: "child", "said by the forked child");
                let flushed = handle().flush(Duration::from_secs(20));
                let numbers = handle().stats();
                let (logged, state) = (numbers.logged(), numbers.state);
                answer(&format!(
                    "child flushed={flushed} logged={logged} state={state:?}"
                ));
                exit(7)
            }
            child => {
                let code = wait_for(child);
                format!("forked {code} {}", start.elapsed().as_millis())
            }
        }
    }

    /// Forks again and again while two threads register secrets and scrub; the
    /// children do both as well. Says how many of them ended as they should.
    pub(super) fn while_registering(count: u64) -> String {
        static OVER: AtomicBool = AtomicBool::new(false);
        let busy = |kind: u64| {
            thread::spawn(move || {
                let mut n = 0;
                while !OVER.load(Ordering::Relaxed) {
                    n += 1;
                    known(kind * 1_000_000 + n);
                }
            })
        };
        let threads = [busy(1), busy(2)];
        let mut ended = 0;
        for n in 0..count {
            // SAFETY: as in `child`.
            match unsafe { libc::fork() } {
                0 => exit(if known(n) { 7 } else { 8 }),
                child => ended += u64::from(wait_for(child) == 7),
            }
        }
        OVER.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().expect("it registers");
        }
        format!("ended {ended}")
    }

    /// Registers a secret, and says whether it is known from then on.
    fn known(n: u64) -> bool {
        let secret = format!("walrus-tusk-{n}");
        irclog::register_secret(&secret)
            && !irclog::scrub(&format!("the key is {secret}, they say")).contains(&secret)
    }

    fn wait_for(child: libc::pid_t) -> i32 {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        if libc::WIFEXITED(status) {
            libc::WEXITSTATUS(status)
        } else {
            -1
        }
    }

    /// Uses up all descriptors of this process but so many.
    pub(super) fn leave_free(count: usize) {
        let few = libc::rlimit {
            rlim_cur: 64,
            rlim_max: 64,
        };
        // SAFETY: `few` outlives the call.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const few) };
        let mut files = Vec::new();
        while let Ok(file) = std::fs::File::open("/dev/null") {
            files.push(file);
        }
        files.truncate(files.len().saturating_sub(count));
        std::mem::forget(files);
    }
}
