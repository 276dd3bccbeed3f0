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
    let regular = path.metadata().is_ok_and(|file| file.is_file());
    let mut held = String::new();
    let mut file = File::open(path).ok().filter(|_| regular)?.take(FILE_BYTES);
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
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::redact::scrubber::Scrubber;

    fn masked(value: &str, text: &str) -> String {
        let vault = Arc::new(Vault::default());
        assert!(vault.register("mine", value));
        Scrubber::default()
            .vault(vault)
            .scrub(text, &[])
            .into_string()
    }

    /// Words, so that no pattern takes them for a secret.
    const VALUE: &str = "walrus/Tusk+orange";

    #[test]
    fn a_value_is_masked_in_every_spelling() {
        let bytes = VALUE.as_bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let percent: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        let escaped: String = bytes.iter().map(|byte| format!("\\u{byte:04x}")).collect();
        let octets: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        let spelled: String = bytes
            .iter()
            .map(|&byte| format!("{}\u{200b}", char::from(byte)))
            .collect();
        for text in [
            VALUE.to_owned(),
            VALUE.to_uppercase(),
            hex.clone(),
            format!("0x{}", hex.to_lowercase()),
            percent,
            escaped,
            octets,
            spelled,
            format!("{bytes:?}"),
            format!("{bytes:#?}"),
            format!("{bytes:x?}"),
            format!("{bytes:#04x?}"),
            format!("{bytes:?}").replace(',', "u8,").replace(']', "u8]"),
            bytes.iter().map(|byte| format!("\\{byte:03o}")).collect(),
            bytes.iter().map(|byte| format!("&#{byte};")).collect(),
            bytes.iter().map(|byte| format!("&#x{byte:X};")).collect(),
            "O5QWY4TVOMXVI5LTNMVW64TBNZTWK===".to_owned(),
            "d2FscnVzL1R1c2srb3Jhbmdl".to_owned(),
            "d2FscnVzL1R1\nc2srb3Jhbmdl".to_owned(),
            "walrus%2FTusk%2Borange".to_owned(),
            "walrus%252FTusk%252Borange".to_owned(),
            "wal\nrus/Tusk+orange".to_owned(),
        ] {
            let shown = masked(VALUE, &format!("<<{text}>>"));
            assert!(shown.contains("[mine]"), "{text} was shown as {shown}");
            for piece in ["alrus", "ange", "6572", "YW5n"] {
                assert!(!shown.contains(piece), "{text} was shown as {shown}");
            }
        }
    }

    #[test]
    fn base64_with_neighbours_is_masked_at_every_alignment() {
        // "x", "xy" and "xyz" before the value, "!" after it. A pattern may
        // take the few neighbours with it.
        for text in [
            "eHdhbHJ1cy9UdXNrK29yYW5nZSE=",
            "eHl3YWxydXMvVHVzaytvcmFuZ2Uh",
            "eHl6d2FscnVzL1R1c2srb3JhbmdlIQ==",
        ] {
            let shown = masked(VALUE, text);
            assert!(shown.contains("[mine]") && shown.len() < 20, "{shown}");
        }
    }

    #[test]
    fn a_key_in_hexadecimal_is_masked_as_the_bytes_it_stands_for() {
        let key = "00ff17a0b1c2d3e4f5061728394a5b6c";
        let list = "[0, 255, 23, 160, 177, 194, 211, 228, 245, 6, 23, 40, 57, 74, 91, 108]";
        assert_eq!(masked(key, &format!("k {list}")), "k [[mine]]");
        assert_eq!(masked(list, &format!("k {key}.")), "k [mine].");
    }

    #[test]
    fn lines_and_leaves_are_masked_alone() {
        let value = "-----BEGIN THING-----\nwalrusTusk99\norangePeel77\n-----END THING-----";
        assert_eq!(masked(value, "a walrusTusk99 b"), "a [mine] b");
        assert_eq!(masked(value, "a orangePeel77 b"), "a [mine] b");
        let json = r#"{"type": "service", "inner": {"k": "walrusTusk99"}}"#;
        assert_eq!(
            masked(json, "type service walrusTusk99"),
            "type service [mine]"
        );
    }

    #[test]
    fn a_value_that_the_end_of_the_text_cuts_is_masked() {
        assert_eq!(masked(VALUE, "it is walrus/Tus"), "it is [mine]");
        assert_eq!(masked(VALUE, "a walrus"), "a walrus");
    }

    #[test]
    fn a_value_that_is_cut_within_the_text_is_masked() {
        for mark in ["…", "...", "\n", "+…", "\"...", "\r\n"] {
            let text = format!("it is walrus/Tusk{mark} and on");
            let shown = masked(VALUE, &text);
            assert!(
                shown.starts_with("it is [mine]"),
                "{text} was shown as {shown}"
            );
        }
        assert_eq!(masked(VALUE, "a walrus tusk… and on"), "a [mine]… and on");
        assert_eq!(
            masked(VALUE, "a walrus, tuskless… "),
            "a walrus, tuskless… "
        );
    }

    #[test]
    fn a_value_in_another_alphabet_is_masked_in_any_case() {
        for text in ["морж клык", "МОРЖ КЛЫК", "Морж Клык"] {
            assert_eq!(masked("Морж Клык", &format!("a {text} z")), "a [mine] z");
        }
    }

    #[test]
    fn twelve_characters_of_a_value_are_masked_wherever_they_come_from() {
        let value = "wal7rus-tusk-orange-leaf";
        for piece in ["wal7rus-tusk-or", "7rus-tusk-oran", "sk-orange-leaf"] {
            assert_eq!(masked(value, &format!("a {piece} z")), "a [mine] z");
        }
        let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(masked(value, &format!("a {} z", &hex[7..40])), "a [mine] z");
        // What has no digit in it may be words.
        assert_eq!(masked(VALUE, "rus/Tusk+orange"), "rus/Tusk+orange");
    }

    #[test]
    fn a_public_span_does_not_show_a_known_value() {
        let vault = Arc::new(Vault::default());
        vault.register("mine", VALUE);
        let scrubber = Scrubber::default().vault(vault);
        let whole = 0..VALUE.len();
        assert_eq!(
            scrubber.scrub(VALUE, std::slice::from_ref(&whole)).as_str(),
            "[mine]"
        );
    }

    #[test]
    fn what_is_registered_later_is_masked_later() {
        let vault = Arc::new(Vault::default());
        let scrubber = Scrubber::default().vault(Arc::clone(&vault));
        let names: Vec<String> = (0..40).map(|n| format!("walrus-{n:04}-tusk")).collect();
        for (at, name) in names.iter().enumerate() {
            assert_eq!(scrubber.scrub(name, &[]).as_str(), name);
            vault.register("mine", name);
            assert_eq!(scrubber.scrub(name, &[]).as_str(), "[mine]");
            assert_eq!(scrubber.scrub(&names[at / 2], &[]).as_str(), "[mine]");
        }
        assert!(vault.tiers().len() < 7);
    }

    #[test]
    fn many_values_are_known_as_they_are_at_once_and_encoded_soon() {
        let vault = Arc::new(Vault::default());
        let scrubber = Scrubber::default().vault(Arc::clone(&vault));
        let value = |n: usize| format!("walrus{n:04}tusk{:04}", n * 7 % 9973);
        for n in 0..2_000 {
            vault.register("mine", &value(n));
        }
        let hidden = |text: &str| scrubber.scrub(text, &[]).as_str() == "[mine]";
        assert!(hidden(&value(1_999)));
        assert!(vault.has_work.load(Ordering::Acquire));
        for n in 0..200 {
            assert!(hidden(&value(n * 9)));
        }
        assert!(!vault.has_work.load(Ordering::Acquire));
        assert!(vault.tiers().len() < 12);
        for n in [0, 77, 1_024, 1_999] {
            let hex: String = value(n).bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(hidden(&hex), "{hex}");
            assert!(hidden(&hex[5..31]), "{hex}");
        }
    }

    #[test]
    fn a_long_document_is_compiled_in_slices() {
        let leaves: Vec<String> = (0..2_000)
            .map(|n| format!(r#""k{n}": "walrusTusk{n:04}""#))
            .collect();
        let json = format!("{{{}}}", leaves.join(", "));
        let vault = Arc::new(Vault::default());
        vault.register("mine", &json);
        let scrubber = Scrubber::default().vault(Arc::clone(&vault));
        assert_eq!(scrubber.scrub(&json, &[]).as_str(), "{\"[mine]\"}");
        for _ in 0..200 {
            vault.tiers();
        }
        for n in [0, 999, 1_999] {
            let text = format!("a walrusTusk{n:04} z");
            assert_eq!(scrubber.scrub(&text, &[]).as_str(), "a [mine] z");
        }
    }

    #[test]
    fn the_environment_is_adopted_by_name() {
        let vault = Arc::new(Vault::default());
        let vars = [
            ("SHOP_SECRET", "walrusTusk99"),
            ("SHOP_NAME", "orangePeel77"),
            ("DB_PASSWORD", "tigrelilypad"),
            ("CARD_PIN", "1234"),
        ];
        let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let adopted = vault.adopt_environment(&vars, "shop");
        assert_eq!(adopted.taken, 2);
        let remark = adopted.remark().unwrap();
        assert!(
            remark.contains(": CARD_PIN (shorter than 6 bytes);"),
            "{remark}"
        );
        let scrubber = Scrubber::default().vault(vault);
        assert_eq!(
            scrubber
                .scrub("walrusTusk99 orangePeel77, TIGRElilypad 1234", &[])
                .as_str(),
            "[ENV:SHOP_SECRET] orangePeel77, [ENV:DB_PASSWORD] 1234"
        );
    }

    #[test]
    fn what_is_lost_in_a_fork_is_known_again_by_the_next_text() {
        let vault = Arc::new(Vault::default());
        let scrubber = Scrubber::default().vault(Arc::clone(&vault));
        vault.register("mine", VALUE);
        assert_eq!(scrubber.scrub(VALUE, &[]).as_str(), "[mine]");
        let stuck = vault.known.hold();
        vault.lose_known();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| scrubber.scrub(VALUE, &[]).into_string());
            assert_eq!(other.join().expect("no panic"), "[mine]");
        });
        assert_eq!(scrubber.scrub(VALUE, &[]).as_str(), "[mine]");
        drop(stuck);
    }

    #[test]
    fn too_short_a_value_is_refused_and_never_printed() {
        let vault = Vault::default();
        assert!(!vault.register("x", "abc"));
        assert!(vault.register("x", "abcd1"));
        assert!(!format!("{vault:?}").contains("abcd1"));
    }

    #[test]
    fn a_file_that_a_secret_variable_names_is_read() {
        let folder = std::env::temp_dir().join(format!("irclog-held-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("password");
        std::fs::write(&path, "walrus-tusk7\n").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(
            held_by("DB_PASSWORD_FILE", path),
            Some(("DB_PASSWORD".to_owned(), "walrus-tusk7".to_owned()))
        );
        for (name, path) in [
            ("DB_NAME_FILE", path),
            ("DB_PASSWORD", path),
            ("IRC_PASSWORD_FILE", path),
            ("DB_PASSWORD_FILE", "/nowhere/at/all"),
            // No file that ends.
            ("DB_PASSWORD_FILE", "/dev/zero"),
        ] {
            assert_eq!(held_by(name, path), None, "{name}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
