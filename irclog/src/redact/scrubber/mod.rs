//! The pattern layer and the one pass over a text that applies all layers.
//!
//! The way of a text: `view` decodes it, if anything in it stands for something
//! else; `survey` says where something could be, from the bits of 64 bytes at a
//! time; `scan` goes from one such place to the next and asks the finders, each
//! in a room of its own; `known` says where a value stands that the process
//! holds. Here all that was found is merged and written. The gates of `survey`
//! and `scan` change nothing about what is found: the properties hold them to a
//! scan without them.

mod merge;
pub(crate) mod rules;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, unreachable_pub, reason = "what only the command line uses")
)]
pub(crate) mod stream;

pub(crate) use crate::redact::lexicon::class::Class;
pub(crate) use crate::redact::scan::pem::PemState;
#[cfg(feature = "cli")]
pub use crate::redact::scan::pem::is_body as is_pem_body;

use std::ops::Range;
use std::sync::Arc;

use self::merge::{find_known, intern, merge, stand_down};
use self::rules::Rule;
#[cfg(feature = "channel")]
pub(crate) use crate::redact::known::vault::Edition;
use crate::redact::known::vault::{self, Vault};
use crate::redact::lexicon::name::announces;
use crate::redact::scan::found::{Found, Label, REDACTED};
use crate::redact::scan::{Names, Scan};
use crate::redact::survey::Survey;
use crate::redact::text::letters::unaccented;
use crate::redact::text::squeeze::{Squeezed, squeeze};
use crate::redact::typed::audience::PublicSpan;
use crate::redact::view::{View, ViewBuffer};

/// Text that went through the [`Scrubber`]: nothing else can make one, so
/// nothing else can reach the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scrubbed(String);

impl Scrubbed {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Finds secrets in free text by their shape and by their known values.
///
/// Shared as `Arc<Scrubber>`; what is registered later is masked from then on.
#[derive(Debug, Clone)]
pub(crate) struct Scrubber {
    /// Classes that the user turned off, as bits.
    off: u32,
    names: Names,
    rules: Vec<Rule>,
    vault: Arc<Vault>,
}

/// The scrubber of the process: every class, no rules, the process's vault.
impl Default for Scrubber {
    fn default() -> Self {
        Self {
            off: 0,
            names: Names::default(),
            rules: Vec::new(),
            vault: Arc::clone(&vault::PROCESS),
        }
    }
}

/// Space that is reused from one text to the next.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    view: ViewBuffer,
    survey: Survey,
    found: Vec<Found>,
    kept: Vec<Found>,
    squeezed: Squeezed,
    labels: Vec<Arc<str>>,
    /// Ranges of the text that belong to a PEM block of an earlier one.
    continued: Vec<Range<usize>>,
}

impl Scratch {
    /// What the last scrub replaced.
    pub(crate) fn explained(&self) -> Vec<Explained> {
        self.found
            .iter()
            .map(|span| Explained {
                class: span.class,
                range: span.start..span.end,
                replacement: span.label.text(&self.labels).to_owned(),
            })
            .collect()
    }
}

/// One replacement of a scrubbed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explained {
    pub(crate) class: Class,
    /// Bytes of the original that were replaced.
    pub(crate) range: Range<usize>,
    pub(crate) replacement: String,
}

impl Scrubber {
    /// Adds a rule: what `pattern` matches is replaced; with groups in it,
    /// what the groups match.
    ///
    /// # Errors
    ///
    /// A sentence that names the rule and says what is wrong with it.
    pub(crate) fn rule(self, pattern: &str, replacement: &str) -> Result<Self, String> {
        Ok(self.with_rule(Rule::new(pattern, replacement)?))
    }

    /// Adds a rule that was parsed from a setting.
    pub(crate) fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Lets a name announce nothing: `allow_name("sort_key")`. Case and joins
    /// do not matter.
    ///
    /// # Errors
    ///
    /// A name without letters and digits is refused.
    pub(crate) fn allow_name(mut self, name: &str) -> Result<Self, String> {
        let squeezed = squeeze(name.as_bytes());
        if squeezed.is_empty() {
            return Err(format!(
                "{name:?} is no name that could be allowed; write one such as \"sort_key\""
            ));
        }
        self.names.plain.push(squeezed);
        Ok(self)
    }

    /// Lets 32 bytes in hexadecimal stand in full after a name:
    /// `public_name("tx_hash")`. Case and joins do not matter.
    ///
    /// # Errors
    ///
    /// A name without letters and digits is refused, and one that announces a
    /// secret: a private key has 32 bytes.
    pub(crate) fn public_name(mut self, name: &str) -> Result<Self, String> {
        let squeezed = squeeze(name.as_bytes());
        if squeezed.is_empty() {
            return Err(format!(
                "{name:?} is no name after which a hash could stand; write one such as \"tx_hash\""
            ));
        }
        if announces(unaccented(name).as_bytes(), true).is_some() {
            return Err(format!(
                "{name:?} announces a secret, and a private key is 32 bytes as a hash is; write a \
                 name that announces none, such as \"tx_hash\", or log the value as \
                 irclog::Public"
            ));
        }
        self.names.public.push(squeezed);
        Ok(self)
    }

    /// Turns a class off by its name.
    ///
    /// # Errors
    ///
    /// An unknown name, or a class that hides what opens a door: those cannot
    /// be turned off.
    pub(crate) fn class_off(mut self, name: &str) -> Result<Self, String> {
        let choice = || {
            let names: Vec<_> = Class::ALL
                .iter()
                .filter(|class| class.is_optional())
                .map(|class| class.name())
                .collect();
            names.join(", ")
        };
        let class = Class::ALL
            .into_iter()
            .find(|class| class.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| {
                format!(
                    "{name:?} is no class of the scrubber; those that can be off are {}",
                    choice()
                )
            })?;
        if !class.is_optional() {
            return Err(format!(
                "the class {:?} cannot be turned off; those that can are {}",
                class.name(),
                choice()
            ));
        }
        self.off |= class.bit();
        Ok(self)
    }

    /// Masks the values of `vault` instead of the process's.
    #[cfg(test)]
    pub(crate) fn vault(mut self, vault: Arc<Vault>) -> Self {
        self.vault = vault;
        self
    }

    /// Masks every secret in `text`, except in the bytes of `public` as far
    /// as patterns go.
    pub(crate) fn scrub(&self, text: &str, public: &[PublicSpan]) -> Scrubbed {
        let mut out = Scrubbed::default();
        self.scrub_into(text, public, &mut Scratch::default(), &mut out);
        out
    }

    /// Which values are masked now.
    #[cfg(feature = "channel")]
    pub(crate) fn edition(&self) -> Edition {
        self.vault.edition()
    }

    /// As [`scrub`](Self::scrub), for a text that was cut off: without its
    /// last `guard` bytes, where half a secret may be left that nothing can
    /// recognise any more. A mask that lies across is shown.
    pub(crate) fn scrub_cut(&self, text: &str, public: &[PublicSpan], guard: usize) -> Scrubbed {
        let mut out = Scrubbed::default();
        let mut scratch = Scratch::default();
        self.find(text, public, &mut scratch);
        let mut end = text.len().saturating_sub(guard);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        write_until(end, text, &scratch, &mut out.0);
        out
    }

    /// As [`scrub`](Self::scrub), into buffers that are kept.
    pub(crate) fn scrub_into(
        &self,
        text: &str,
        public: &[PublicSpan],
        scratch: &mut Scratch,
        out: &mut Scrubbed,
    ) {
        out.0.clear();
        self.find(text, public, scratch);
        write(text, scratch, &mut out.0);
    }

    /// As [`scrub_into`](Self::scrub_into), but leaves `out` alone if there is
    /// nothing to mask. Returns whether there is.
    pub(crate) fn scrub_if_found(
        &self,
        text: &str,
        scratch: &mut Scratch,
        out: &mut Scrubbed,
    ) -> bool {
        self.find(text, &[], scratch);
        let found = !scratch.found.is_empty();
        if found {
            out.0.clear();
            write(text, scratch, &mut out.0);
        }
        found
    }

    /// As [`scrub_into`](Self::scrub_into), for the next record of a source
    /// whose PEM blocks may span records.
    pub(crate) fn scrub_next(
        &self,
        pem: &mut PemState,
        text: &str,
        public: &[PublicSpan],
        scratch: &mut Scratch,
        out: &mut Scrubbed,
    ) {
        out.0.clear();
        let Scratch { continued, .. } = scratch;
        continued.clear();
        pem.advance(text, |range| continued.push(range));
        self.find(text, public, scratch);
        write(text, scratch, &mut out.0);
        scratch.continued.clear();
    }

    /// What [`scrub`](Self::scrub) would replace, and why.
    #[cfg(test)]
    pub(crate) fn explain(&self, text: &str, public: &[PublicSpan]) -> Vec<Explained> {
        let mut scratch = Scratch::default();
        self.find(text, public, &mut scratch);
        scratch.explained()
    }

    /// Leaves the spans to replace in `scratch`: ordered, disjoint, on
    /// character boundaries of `text`.
    fn find(&self, text: &str, public: &[PublicSpan], scratch: &mut Scratch) {
        let Scratch {
            view,
            survey,
            found,
            kept,
            squeezed,
            labels,
            continued,
        } = scratch;
        found.clear();
        labels.clear();
        // Positions are kept in 32 bits.
        if u32::try_from(text.len()).is_err() {
            found.push(Found {
                start: 0,
                end: text.len(),
                class: Class::Opaque,
                label: Label::Fixed(REDACTED),
            });
            return;
        }
        let view = View::of(text, view, survey);
        Scan::new(view, survey, found, &self.names).run();
        if self.off != 0 {
            found.retain(|span| span.class.bit() & self.off == 0);
        }
        for span in found.iter_mut() {
            (span.start, span.end) = view.original(span.start, span.end);
        }
        for rule in &self.rules {
            let label = intern(labels, rule.replacement());
            rule.find(text, |start, end| {
                if start < end {
                    found.push(Found {
                        start,
                        end,
                        class: Class::Rule,
                        label,
                    });
                }
            });
        }
        found.extend(continued.iter().map(|range| Found {
            start: range.start,
            end: range.end,
            class: Class::Pem,
            label: Label::Fixed("[PEM]"),
        }));
        if !public.is_empty() {
            stand_down(found, kept, public);
        }
        if !self.vault.is_empty() {
            find_known(&self.vault.tiers(), view, text, squeezed, found, labels);
        }
        if found.is_empty() {
            return;
        }
        merge(found);
        for span in found.iter_mut() {
            while !text.is_char_boundary(span.start) {
                span.start -= 1;
            }
            while !text.is_char_boundary(span.end) {
                span.end += 1;
            }
        }
    }
}

/// The text with its spans replaced.
fn write(text: &str, scratch: &Scratch, out: &mut String) {
    write_until(text.len(), text, scratch, out);
}

/// As [`write`], up to the byte `end` of the text, or the end of the span that
/// lies across it.
fn write_until(end: usize, text: &str, scratch: &Scratch, out: &mut String) {
    let mut at = 0;
    for span in scratch.found.iter().take_while(|span| span.start < end) {
        out.push_str(&text[at..span.start]);
        out.push_str(span.label.text(&scratch.labels));
        at = span.end;
    }
    if at < end {
        out.push_str(&text[at..end]);
    }
}

/// What the patterns make of `text`, whatever values the process knows.
#[cfg(test)]
pub(in crate::redact) fn scrub_by_patterns(text: &str) -> String {
    let scrubber = Scrubber::default().vault(Arc::default());
    scrubber.scrub(text, &[]).into_string()
}

#[cfg(test)]
#[allow(clippy::format_collect)] // short texts of tests
mod tests;

#[cfg(test)]
#[allow(clippy::format_collect)] // short texts of tests
mod evasion_tests;

#[cfg(test)]
mod catch_tests;

#[cfg(test)]
mod told_tests;

#[cfg(test)]
mod grammar;

#[cfg(test)]
mod linear;

#[cfg(test)]
mod properties;
