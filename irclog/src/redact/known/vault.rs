//! Known values: the secrets that the process itself holds, masked wherever
//! they appear and however they are written.
//!
//! A value is not searched for in each of its spellings. Text and value are
//! both *squeezed* to their letters and digits in lower case, so that case,
//! line breaks, quotes, separators and the two alphabets of base64 make no
//! difference; what is left are a few encodings a value, all found in one
//! pass.
//!
//! Registering a value is a push. The next text that is scrubbed searches for
//! it as it is, and finds the time for a few encodings; the texts after it for
//! the rest. Nobody waits for more than that.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
#[cfg(feature = "cli")]
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, MutexGuard};

use super::index::{Part, Tier};
use super::latest::{Latest, Tiers, Version};
use crate::fork::{self, ForkLock, Watch};
#[cfg(feature = "cli")]
use crate::redact::known::environment::announced_in;
use crate::redact::known::environment::{Untaken, names_secret_variable, secrets_of};
use crate::redact::known::parts::parts;

/// Bytes below which a value is refused: it would mask ordinary text.
pub(crate) const MIN_VALUE_BYTES: usize = 4;

/// Bytes of values for whose encodings one text finds the time, with as many
/// for each value.
const SLICE_BYTES: usize = 4096;
const VALUE_COST: usize = 64;

/// Texts' worth of it that is done at the start.
const START_SLICES: usize = 8;

/// Values of the largest tier: what is joined at once.
const TIER_VALUES: usize = 1024;

/// What was known at some moment.
#[cfg(feature = "channel")]
pub(crate) struct Edition(Arc<Tiers>);

#[cfg(feature = "channel")]
impl Edition {
    /// Whether the same was known then.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(feature = "channel")]
impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edition")
    }
}

/// The vault of the process: what every [`Scrubber`](crate::redact::scrubber::Scrubber)
/// masks.
pub(crate) static PROCESS: LazyLock<Arc<Vault>> = LazyLock::new(|| {
    fork::watch(Watch {
        before: before_fork,
        after: after_fork,
    });
    Arc::default()
});

/// Makes the secrets among this process's environment variables known to
/// [`PROCESS`].
pub(crate) fn adopt_environment() -> Adopted {
    // Variables that are no UTF-8 cannot be written as a setting either.
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut vars: Vec<(String, String)> = vars.collect();
    let files = vars.iter().filter_map(|(name, path)| held_by(name, path));
    let files: Vec<_> = files.collect();
    vars.extend(files);
    let program = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).file_name().unwrap_or_default();
    PROCESS.adopt_environment(&vars, &program.to_string_lossy())
}

/// Makes known what the options of a command line and the variables on it
/// announce: `--api-key VALUE`, `--api-key=VALUE`, `API_KEY=VALUE`.
#[cfg(feature = "cli")]
pub fn adopt_arguments(arguments: &[OsString]) {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|text| text.to_string_lossy())
        .collect();
    for (name, value) in announced_in(&arguments) {
        PROCESS.register(&format!("ARG:{name}"), value);
    }
}

/// What the file holds that a variable such as `DB_PASSWORD_FILE` names, and the
/// name without that ending.
fn held_by(name: &str, path: &str) -> Option<(String, String)> {
    let base = name.strip_suffix("_FILE")?;
    // irclog's own are read as settings.
    if base.starts_with("IRC") || !names_secret_variable(base) {
        return None;
    }
    let path = Path::new(path.trim());
    // Anything else could be waited for, or has no end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut held = String::new();
    let mut file = File::open(path).ok()?.take(FILE_BYTES);
    file.read_to_string(&mut held).ok()?;
    Some((base.to_owned(), held.trim().to_owned()))
}

/// Bytes of a file that are read for the secret in it.
const FILE_BYTES: u64 = 64 * 1024;

/// What became of the environment's secrets.
#[derive(Debug, Default)]
pub(crate) struct Adopted {
    /// How many values are masked.
    #[cfg(any(test, feature = "cli"))]
    pub(crate) taken: usize,
    /// The variables whose name says password, and whose value is masked only
    /// behind a name that announces it.
    untaken: Vec<(String, Untaken)>,
}

impl Adopted {
    /// What was not taken, by name and reason, to be told once.
    pub(crate) fn remark(&self) -> Option<String> {
        let listed: Vec<String> = self
            .untaken
            .iter()
            .map(|(name, why)| format!("{name} ({why})"))
            .collect();
        (!listed.is_empty()).then(|| {
            format!(
                "not masked wherever they appear, only behind a name that announces a secret: {}; \
                 choose longer ones, or .known_secret(...) them",
                listed.join(", ")
            )
        })
    }
}

/// Values to mask. Registering is a push; the work is done by the next scrubs.
#[derive(Default)]
pub(crate) struct Vault {
    fresh: ForkLock<Fresh>,
    /// Whether anything is fresh: until it can be found in what is known.
    has_fresh: AtomicBool,
    /// Whether any encoding is still to come.
    has_work: AtomicBool,
    /// Whether there is any value at all.
    has_any: AtomicBool,
    work: ForkLock<Work>,
    /// What is searched for now.
    known: Latest,
}

/// What was registered and is not searched for yet. Locked to push and to take,
/// never to work.
#[derive(Default)]
struct Fresh {
    values: Vec<Arc<Known>>,
    /// Everything ever registered, so that a value is compiled once.
    seen: HashSet<Arc<Known>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Known {
    label: Arc<str>,
    value: String,
}

/// The encodings that are done, and those to come.
#[derive(Default)]
struct Work {
    /// Sizes fall from tier to tier as in a binary counter, so that a value is
    /// joined to others a bounded number of times.
    tiers: Vec<Arc<Tier>>,
    batches: VecDeque<Batch>,
    /// In a forked child whose parent was at work: what was known by then.
    inherited: Option<Tiers>,
}

/// Values that were registered together.
struct Batch {
    values: VecDeque<Arc<Known>>,
    /// Those of the value that is being compiled.
    parts: VecDeque<Arc<Part>>,
    /// All of the values as they are.
    plain: Arc<Tier>,
}

impl Vault {
    /// Masks `value` as `label` from now on. Returns whether it will: what is
    /// shorter than [`MIN_VALUE_BYTES`] is not.
    pub(crate) fn register(&self, label: &str, value: &str) -> bool {
        let value = value.trim();
        if value.len() < MIN_VALUE_BYTES {
            return false;
        }
        self.push(Known {
            label: label_of(label),
            value: value.to_owned(),
        });
        true
    }

    /// Takes the secrets among environment variables: by the name of the
    /// variable, unless the value is plainly harmless, and the credentials
    /// inside URLs. They are masked as `[ENV:NAME]`. `program` is the name of
    /// the process.
    pub(crate) fn adopt_environment(&self, vars: &[(String, String)], program: &str) -> Adopted {
        let (secrets, untaken) = secrets_of(vars, program);
        let mut taken = 0;
        for (name, part) in secrets {
            taken += usize::from(self.register(&format!("ENV:{name}"), part));
        }
        #[cfg(not(any(test, feature = "cli")))]
        let _ = taken;
        // As much as most environments have, in every encoding from the first
        // line on.
        for _ in 0..START_SLICES {
            self.tiers();
        }
        let untaken = untaken
            .into_iter()
            .map(|(name, why)| (name.to_owned(), why))
            .collect();
        Adopted {
            #[cfg(any(test, feature = "cli"))]
            taken,
            untaken,
        }
    }

    fn push(&self, known: Known) {
        let known = Arc::new(known);
        let mut fresh = self.fresh();
        if fresh.seen.insert(Arc::clone(&known)) {
            fresh.values.push(known);
            self.has_any.store(true, Ordering::Release);
            self.has_fresh.store(true, Ordering::Release);
        }
    }

    fn fresh(&self) -> MutexGuard<'_, Fresh> {
        self.fresh.lock()
    }

    /// Whether nothing was ever registered.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_any.load(Ordering::Acquire)
    }

    /// Which values are known now: another one as soon as there are more.
    #[cfg(feature = "channel")]
    pub(crate) fn edition(&self) -> Edition {
        Edition(self.tiers())
    }

    /// What is known now. Everything that was registered is in it, at least as
    /// it is.
    pub(crate) fn tiers(&self) -> Arc<Tiers> {
        if self.has_fresh.load(Ordering::Acquire) {
            // Another thread may be taking it: then it is known when that is
            // done, which is soon.
            self.catch_up(self.work.lock());
        } else if self.has_work.load(Ordering::Acquire)
            && let Some(work) = self.work.hold_at_once()
        {
            self.catch_up(work);
        }
        self.known.get()
    }

    /// In the child of a fork that met another thread at work: what that had
    /// taken and not made known yet is among all that was ever registered.
    fn inherit(&self, work: &mut Work) {
        work.inherited = Some(Vec::clone(&self.known.get()));
        let fresh = self.fresh();
        let all: Vec<Arc<Known>> = fresh.seen.iter().map(Arc::clone).collect();
        if !all.is_empty() {
            work.batches.push_back(Batch::new(all));
        }
    }

    /// In the child of a fork that met another thread with what is known: the
    /// next text finds all that was ever registered, as it is at least.
    fn lose_known(&self) {
        self.known.lose();
        self.work.lose();
        self.has_fresh.store(true, Ordering::Release);
    }

    /// Takes what is fresh, compiles a slice of what is to come, and makes both
    /// known.
    fn catch_up(&self, mut work: MutexGuard<'_, Work>) {
        if self.work.is_lost() && work.inherited.is_none() {
            self.inherit(&mut work);
        }
        let values = std::mem::take(&mut self.fresh().values);
        if !values.is_empty() {
            work.batches.push_back(Batch::new(values));
        }
        work.compile_slice();
        let mut known = work.inherited.clone().unwrap_or_default();
        known.extend(work.known());
        self.known.set(known);
        self.has_work
            .store(!work.batches.is_empty(), Ordering::Release);
        // Only now: who sees that nothing is fresh does not wait.
        let fresh = self.fresh();
        if fresh.values.is_empty() {
            self.has_fresh.store(false, Ordering::Release);
        }
    }
}

thread_local! {
    static FRESH: Cell<Option<MutexGuard<'static, Fresh>>> = const { Cell::new(None) };
    static WORK: Cell<Option<MutexGuard<'static, Work>>> = const { Cell::new(None) };
    static KNOWN: Cell<Option<MutexGuard<'static, Version>>> = const { Cell::new(None) };
}

/// Holds what registering and scrubbing lock, for a fork, without waiting.
fn before_fork() {
    let vault: &'static Vault = &PROCESS;
    let _ = WORK.try_with(|held| held.set(vault.work.hold()));
    let _ = FRESH.try_with(|held| held.set(vault.fresh.hold()));
    let _ = KNOWN.try_with(|held| held.set(vault.known.hold()));
}

/// In the parent and in the child, on the thread that forked.
fn after_fork(in_child: bool) {
    let lost = |held: bool| in_child && !held;
    if lost(FRESH.try_with(|held| held.take().is_some()) == Ok(true)) {
        PROCESS.fresh.lose();
    }
    if lost(WORK.try_with(|held| held.take().is_some()) == Ok(true)) {
        PROCESS.work.lose();
    }
    if lost(KNOWN.try_with(|held| held.take().is_some()) == Ok(true)) {
        PROCESS.lose_known();
    }
}

impl Batch {
    fn new(values: Vec<Arc<Known>>) -> Self {
        let mut plain = Tier::default();
        for known in &values {
            plain.add_waiting(Arc::new(Part {
                text: known.value.clone(),
                label: Arc::clone(&known.label),
            }));
        }
        Self {
            values: values.into(),
            parts: VecDeque::new(),
            plain: Arc::new(plain.seal()),
        }
    }

    /// The next part to compile.
    fn next(&mut self) -> Option<Arc<Part>> {
        while self.parts.is_empty() {
            let known = self.values.pop_front()?;
            let own = |part: Cow<'_, str>| {
                Arc::new(Part {
                    text: part.into_owned(),
                    label: Arc::clone(&known.label),
                })
            };
            self.parts = parts(&known.value).into_iter().map(own).collect();
        }
        self.parts.pop_front()
    }
}

impl Work {
    /// Compiles some of what is to come.
    fn compile_slice(&mut self) {
        let mut tier = Tier::default();
        let mut cost = 0;
        while cost < SLICE_BYTES
            && let Some(batch) = self.batches.front_mut()
        {
            match batch.next() {
                Some(part) => {
                    cost += VALUE_COST + part.text.len();
                    tier.add(part);
                }
                None => drop(self.batches.pop_front()),
            }
        }
        if tier.len() == 0 {
            return;
        }
        let mut tier = tier.seal();
        while let Some(last) = self.tiers.last()
            && last.len() <= tier.len()
            && last.len() + tier.len() <= TIER_VALUES
        {
            tier = Tier::joined(last, &tier);
            self.tiers.pop();
        }
        self.tiers.push(Arc::new(tier));
    }

    fn known(&self) -> Tiers {
        let plain = self.batches.iter().map(|batch| &batch.plain);
        self.tiers.iter().chain(plain).cloned().collect()
    }
}

/// Never the values.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// A label in brackets, of characters that any channel shows.
fn label_of(label: &str) -> Arc<str> {
    let clean: String = label
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '[' | ']'))
        .take(64)
        .collect();
    match clean.trim() {
        "" => "[REDACTED]".into(),
        clean => format!("[{clean}]").into(),
    }
}

#[cfg(test)]
#[allow(clippy::format_collect)] // short texts of tests
mod tests;
