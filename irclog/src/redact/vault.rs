//! Known values: the secrets that the process itself holds, masked wherever
//! they appear and however they are written.
//!
//! A value is not searched for in each of its spellings. Text and value are
//! both *squeezed* to their letters and digits in lower case, so that case,
//! line breaks, quotes, separators and the two alphabets of base64 make no
//! difference; what is left are a few encodings a value, all found in one
//! pass.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::encoding::{decoded_forms, encodings};
use super::fragments::Fragments;
use super::parts::parts;
use super::scrub::{Untaken, secrets_of, squeeze};

/// Bytes below which a value is refused: it would mask ordinary text.
pub(crate) const MIN_VALUE_BYTES: usize = 4;

/// Bytes below which a value is masked as it is, but in no encoding.
pub(crate) const MIN_ENCODED_BYTES: usize = 8;

/// Bytes of a pattern that suffice at the end of a text, which may be cut.
const HEAD_BYTES: usize = 8;

/// Bytes of a value before a cut within a text that are compared: what bounds
/// the cost.
const CUT_BYTES: usize = 256;

/// The vault of the process: what every [`Scrubber`](super::scrub::Scrubber)
/// masks.
pub(crate) static PROCESS: LazyLock<Arc<Vault>> = LazyLock::new(Arc::default);

/// Makes the secrets among this process's environment variables known to
/// [`PROCESS`].
pub(crate) fn adopt_environment() -> Adopted {
    // Variables that are no UTF-8 cannot be written as a setting either.
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let program = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).file_name().unwrap_or_default();
    PROCESS.adopt_environment(&vars.collect::<Vec<_>>(), &program.to_string_lossy())
}

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

/// Values to mask. Registering is a push; the work is done by the next scrub.
#[derive(Default)]
pub(crate) struct Vault {
    pending: Mutex<Pending>,
    has_pending: AtomicBool,
    /// Whether there is any value at all.
    has_any: AtomicBool,
    /// Sizes fall from tier to tier as in a binary counter, so that a value
    /// is compiled a logarithmic number of times.
    tiers: RwLock<Arc<Vec<Arc<Tier>>>>,
}

#[derive(Default)]
struct Pending {
    fresh: Vec<Known>,
    /// Everything ever registered, so that a value is compiled once.
    seen: HashSet<Known>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Known {
    label: Arc<str>,
    value: String,
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
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.seen.insert(known.clone()) {
            pending.fresh.push(known);
        }
        self.has_any.store(true, Ordering::Release);
        self.has_pending.store(true, Ordering::Release);
    }

    /// Whether nothing was ever registered.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_any.load(Ordering::Acquire)
    }

    /// What is known now.
    pub(crate) fn tiers(&self) -> Arc<Vec<Arc<Tier>>> {
        if self.has_pending.load(Ordering::Acquire) {
            self.compile();
        }
        Arc::clone(&self.tiers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn compile(&self) {
        // Held throughout, so that two threads do not compile the same.
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        self.has_pending.store(false, Ordering::Release);
        let mut fresh = std::mem::take(&mut pending.fresh);
        if fresh.is_empty() {
            return;
        }
        let mut tiers = Vec::clone(&self.tiers.read().unwrap_or_else(PoisonError::into_inner));
        while tiers
            .last()
            .is_some_and(|last| last.values.len() <= fresh.len())
        {
            if let Some(last) = tiers.pop() {
                fresh.extend(last.values.iter().cloned());
            }
        }
        tiers.push(Arc::new(Tier::new(fresh)));
        *self.tiers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tiers);
    }
}

/// Never the values.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// Some values, compiled.
pub(crate) struct Tier {
    values: Vec<Known>,
    /// On the text as it is, for values with too few letters and digits.
    exact: Option<Patterns>,
    /// On the squeezed text.
    squeezed: Option<Patterns>,
    /// As [`squeezed`](Self::squeezed), of values that a text may cut.
    fragments: Fragments,
}

struct Patterns {
    automaton: AhoCorasick,
    heads: AhoCorasick,
    /// By pattern: its bytes and the label of its value.
    of: Vec<(Vec<u8>, Arc<str>)>,
    longest: usize,
}

impl Tier {
    fn new(values: Vec<Known>) -> Self {
        let mut exact = Vec::new();
        let mut squeezed = Vec::new();
        let mut fragments = Fragments::default();
        for known in &values {
            for part in parts(&known.value) {
                let bytes = part.as_bytes();
                // The pieces of words are words, those of a document anything.
                let in_pieces = bytes.iter().any(u8::is_ascii_digit)
                    && !part.contains('\n')
                    && !part.starts_with('{');
                if squeeze(bytes).len() < MIN_ENCODED_BYTES {
                    exact.push((bytes.to_vec(), Arc::clone(&known.label)));
                    // Of other alphabets the automaton knows no case.
                    for cased in [part.to_lowercase(), part.to_uppercase()] {
                        exact.push((cased.into_bytes(), Arc::clone(&known.label)));
                    }
                }
                if bytes.len() < MIN_ENCODED_BYTES {
                    continue;
                }
                let mut forms = encodings(bytes);
                for decoded in decoded_forms(&part) {
                    forms.extend(encodings(&decoded));
                }
                for form in forms {
                    let form = squeeze(&form);
                    if in_pieces {
                        fragments.insert(&form, &known.label);
                    }
                    if form.len() >= MIN_ENCODED_BYTES {
                        squeezed.push((form, Arc::clone(&known.label)));
                    }
                }
            }
        }
        fragments.seal();
        Self {
            values,
            exact: Patterns::new(exact),
            squeezed: Patterns::new(squeezed),
            fragments,
        }
    }

    /// Calls `found` with start, end and label of every value in `text`.
    pub(crate) fn find_exact(&self, text: &[u8], found: impl FnMut(usize, usize, &Arc<str>)) {
        if let Some(patterns) = &self.exact {
            patterns.find(text, None, found);
        }
    }

    /// As [`find_exact`](Self::find_exact), in a text that was squeezed. `cut`
    /// says whether it is cut after so many of its bytes; `None`, that it is
    /// nowhere but at its end.
    pub(crate) fn find_squeezed(
        &self,
        text: &[u8],
        cut: Option<&dyn Fn(usize) -> bool>,
        mut found: impl FnMut(usize, usize, &Arc<str>),
    ) {
        if let Some(patterns) = &self.squeezed {
            patterns.find(text, cut, &mut found);
        }
        self.fragments.find(text, found);
    }
}

impl Patterns {
    fn new(mut of: Vec<(Vec<u8>, Arc<str>)>) -> Option<Self> {
        of.sort_unstable();
        of.dedup_by(|a, b| a.0 == b.0);
        let build = |patterns: &mut dyn Iterator<Item = &[u8]>| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .ascii_case_insensitive(true)
                .build(patterns)
                .ok()
        };
        if of.is_empty() {
            return None;
        }
        Some(Self {
            automaton: build(&mut of.iter().map(|(pattern, _)| pattern.as_slice()))?,
            heads: build(
                &mut of
                    .iter()
                    .map(|(pattern, _)| &pattern[..pattern.len().min(HEAD_BYTES)]),
            )?,
            longest: of.iter().map(|(pattern, _)| pattern.len()).max()?,
            of,
        })
    }

    fn find(
        &self,
        text: &[u8],
        cut: Option<&dyn Fn(usize) -> bool>,
        mut found: impl FnMut(usize, usize, &Arc<str>),
    ) {
        if self.automaton.is_match(text) {
            for hit in self.automaton.find_overlapping_iter(text) {
                let (_, label) = &self.of[hit.pattern().as_usize()];
                found(hit.start(), hit.end(), label);
            }
        }
        // A text may be cut inside a value: at its end, or where it says so.
        let tail = text.len() - text.len().min(self.longest);
        let from = if cut.is_some() { 0 } else { tail };
        for hit in self.heads.find_overlapping_iter(&text[from..]) {
            let (pattern, label) = &self.of[hit.pattern().as_usize()];
            let start = from + hit.start();
            let most = if start < tail { CUT_BYTES } else { text.len() };
            let shown = pattern
                .iter()
                .zip(&text[start..])
                .take(most)
                .take_while(|(left, right)| left.eq_ignore_ascii_case(right))
                .count();
            let end = start + shown;
            if shown < pattern.len() && (end == text.len() || cut.is_some_and(|cut| cut(end))) {
                found(start, end, label);
            }
        }
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

    use super::super::scrub::Scrubber;
    use super::*;

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
    fn too_short_a_value_is_refused_and_never_printed() {
        let vault = Vault::default();
        assert!(!vault.register("x", "abc"));
        assert!(vault.register("x", "abcd1"));
        assert!(!format!("{vault:?}").contains("abcd1"));
    }
}
