//! The value after a name: where it begins, where it ends, whether it is one.

mod begins;
mod ends;
mod open;
mod several;

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::{
    first_word, is_expression, is_location, is_placeholder, is_plain, is_prose, is_receiver,
    is_version, is_word, looks_chosen, looks_like_key, looks_like_vendor_key, looks_secret, scheme,
    strip_quote,
};
use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::name_to_value::{annotation, is_no_location};
use crate::redact::lexicon::prefix;
use crate::redact::lexicon::words::{takes_chosen, takes_number, takes_uuid};
use crate::redact::scan::found::{REDACTED, holds_mark, mark};
use crate::redact::scan::{LOOK_BYTES, Scan};
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, LOWER, QUOTE, TOKEN, is, union};
use crate::redact::text::forms::is_uuid;

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `=` and its relatives.
    Assign,
    Colon,
    /// `name("value")`, as `Debug` prints a tuple struct.
    Paren,
    /// `"name", "value"`.
    Comma,
    /// `<name>value</name>`.
    Tag,
    /// What parts a name from a value loosely: ` - `, `;`, `, `, `set to`, or
    /// a bracket around the value. Only what looks like a secret is one.
    Loose,
    /// `name is value`.
    Is,
    Space,
}

/// Blanks that may stand between a name, its separator and its value.
const BLANKS: usize = 64;

impl Scan<'_> {
    /// The range of the secret value after a name that ends at `end`.
    pub(in crate::redact) fn value(
        &self,
        end: usize,
        kind: Announces,
        flag: bool,
    ) -> Option<(usize, usize)> {
        let (separator, at) = self.separator(end)?;
        // `name: &str = "value"`
        let annotated = if separator == Separator::Colon {
            let at = self.skip_space(at);
            annotation(&self.bytes[at..]).map(|(used, text)| (at, at + used, text))
        } else {
            None
        };
        let (start, (from, quoted, enclosed)) = match annotated {
            Some((_, from, true)) => (from, (from, true, false)),
            Some((start, from, false)) => (start, (from, true, false)),
            None => {
                let opened = self.opened(at, separator, kind)?;
                (opened.0, opened)
            }
        };
        let separator = if enclosed {
            Separator::Loose
        } else {
            separator
        };
        // Masked before, when the name was passed over for it.
        if let Some(used) = self.marked(from, quoted) {
            return Some((from, used));
        }
        let most = self.bytes.len().min(from + LOOK_BYTES);
        let to = self.value_end(from, quoted, kind, separator, most);
        let value = &self.bytes[from..to];
        if value.is_empty() || is_placeholder(value) {
            return None;
        }
        if self.is_open(end, (from, to), kind, separator) {
            return None;
        }
        if matches!(separator, Separator::Paren | Separator::Loose)
            && (is_location(value) || is_no_location(&self.bytes[from..]) || is_receiver(value))
        {
            return None;
        }
        let secret = if quoted {
            // `"pass": "…"`, where a test has none.
            let judged = matches!(separator, Separator::Colon | Separator::Assign);
            let pass = judged && kind == Announces::Token && self.is_pass(end);
            let kind = if pass { Announces::Secret } else { kind };
            match (kind, separator) {
                (Announces::Secret, _) if pass => is_chosen_pass(strip_quote(value)),
                (_, Separator::Loose) => looks_secret(value, kind),
                (Announces::Signature, Separator::Is) => looks_like_key(value),
                // `secret "shop-tls" not found`: a thing of Kubernetes.
                (Announces::Secret, Separator::Space) if is_word(value) => {
                    !self.is_secret_alone(end)
                }
                // A list of names is no list of secrets.
                (_, Separator::Comma) if is_word(value) && !self.is_argument(end) => false,
                (Announces::Secret | Announces::Phrase | Announces::Header, _) => true,
                // `rerun pass `-p shop --lib``.
                (Announces::Token, Separator::Space) if value.contains(&b' ') => false,
                (Announces::Token | Announces::Signature | Announces::Digits, _) => {
                    !is_plain(value, kind)
                }
                (Announces::VendorKey, _) => looks_like_vendor_key(value),
                (Announces::Key, _) => looks_like_key(value),
            }
        } else {
            self.is_bare_secret(end, (from, to), kind, separator, flag)
        };
        let loose = matches!(
            separator,
            Separator::Space | Separator::Is | Separator::Loose
        );
        // Masked in part, it was looked at, and what it looks like is our mark.
        let judged = separator == Separator::Tag
            || !matches!(
                kind,
                Announces::Secret | Announces::Phrase | Announces::Header
            )
            || matches!(
                separator,
                Separator::Space | Separator::Is | Separator::Loose | Separator::Comma
            );
        if secret && judged && holds_mark(value) {
            return None;
        }
        let secret = secret
            || loose
                && kind == Announces::Token
                && is_uuid(strip_quote(value))
                && self.is_token(end);
        secret.then(|| {
            let to = self.value_end(from, quoted, kind, separator, self.bytes.len());
            if kind == Announces::Digits && !quoted {
                return (start, self.second_half(from, to));
            }
            (start, self.goes_on(from, to, quoted))
        })
    }

    /// `204 118`: where a code ends that is written in two halves, the first of
    /// which stands in `from..to`.
    fn second_half(&self, from: usize, to: usize) -> usize {
        let half = to - from;
        let next = self.bytes.get(to + 1..to + 1 + half);
        let is_half = next.is_some_and(|next| next.iter().all(|&byte| is(byte, DIGIT)));
        let ends = !self
            .bytes
            .get(to + 1 + half)
            .is_some_and(|&byte| is(byte, ALNUM));
        if (3..=4).contains(&half) && self.bytes[to..].starts_with(b" ") && is_half && ends {
            return to + 1 + half;
        }
        to
    }

    /// Where the mark of ours ends that stands at `from`: as it is, in quotes,
    /// or behind what is kept of a value.
    fn marked(&self, from: usize, quoted: bool) -> Option<usize> {
        let from = from + usize::from(quoted);
        let rest = self.bytes.get(from..)?;
        let kept = kept(rest);
        mark(&rest[kept..]).map(|len| from + kept + len)
    }

    /// The end of the value at `from`, as far as it lies before `most`.
    fn value_end(
        &self,
        from: usize,
        quoted: bool,
        kind: Announces,
        separator: Separator,
        most: usize,
    ) -> usize {
        if quoted {
            return self.quoted_end(from, most);
        }
        let to = self.bare_end(from, kind, separator, most);
        // `password: !secret value`: a tag, or the value itself.
        if is_tag(&self.bytes[from..to]) && self.bytes.get(to) == Some(&b' ') {
            let value = self.skip_blanks(to);
            return self.bare_end(value, kind, separator, most.max(value));
        }
        to
    }

    /// Whether the name that ends at `end` is a token's: of a session the UUID
    /// may stand alone.
    fn is_token(&self, end: usize) -> bool {
        takes_uuid(&self.bytes[..end])
    }

    /// Whether the name that ends at `end` is `pass` and no more.
    fn is_pass(&self, end: usize) -> bool {
        let name = self.bytes[..end].iter().rev().take(8);
        let len = name.take_while(|&&byte| is(byte, TOKEN)).count();
        self.bytes[end - len..end].eq_ignore_ascii_case(b"pass")
    }

    /// Whether the name that ends at `end` is `secret` and no more.
    fn is_secret_alone(&self, end: usize) -> bool {
        let word = self.bytes[..end]
            .iter()
            .rev()
            .take(8)
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        matches!(
            &self.bytes[end - word..end],
            b"secret" | b"secrets" | b"Secret" | b"Secrets"
        )
    }

    /// Whether the quoted name that ends at `end` is the first argument of a
    /// call.
    fn is_argument(&self, end: usize) -> bool {
        let bytes = self.bytes;
        let name = bytes[..end]
            .iter()
            .rev()
            .take(BLANKS)
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let open = end - name;
        open >= 2 && is(bytes[open - 1], QUOTE) && bytes[open - 2] == b'('
    }

    fn is_bare_secret(
        &self,
        name_end: usize,
        (from, to): (usize, usize),
        kind: Announces,
        separator: Separator,
        flag: bool,
    ) -> bool {
        let value = &self.bytes[from..to];
        let cut = to == self.bytes.len();
        // `JWT kid=2025-11`: a value of another name.
        let other = separator == Separator::Space
            || separator == Separator::Colon && kind == Announces::Token;
        if other && self.is_other_value(from, to) {
            return false;
        }
        if separator == Separator::Loose {
            return looks_secret(value, kind) && !is_version(value);
        }
        // A line of code in a traceback.
        let chosen = matches!(kind, Announces::Secret | Announces::Phrase);
        let code = matches!(separator, Separator::Assign | Separator::Paren);
        if !chosen && code && (is_expression(value) || self.is_other_value(from, to)) {
            return false;
        }
        match kind {
            // The seed of a generator of numbers.
            Announces::Phrase
                if value.iter().all(|&byte| is(byte, DIGIT))
                    && takes_number(&self.bytes[..name_end]) =>
            {
                value.len() > 20
            }
            Announces::Secret | Announces::Phrase => match separator {
                Separator::Assign | Separator::Paren | Separator::Tag => true,
                Separator::Colon => !is_prose(first_word(value)),
                // `the secret is never shown` goes on; a value ends there.
                Separator::Is => !(is_prose(value) || is_word(value) && self.word_after(to)),
                Separator::Comma => looks_secret(value, kind),
                Separator::Loose => false,
                Separator::Space if flag => value[0] != b'-',
                Separator::Space if kind == Announces::Phrase => {
                    value.split(|&byte| byte == b' ').count() > 5
                        || takes_chosen(&self.bytes[..name_end]) && looks_chosen(first_word(value))
                }
                Separator::Space => looks_chosen(value),
            },
            Announces::Header => match separator {
                Separator::Space | Separator::Is => looks_like_key(first_word(value)),
                _ => !is_prose(first_word(value)),
            },
            // `Session: 12345678901`.
            Announces::Token
                if value.len() < 16
                    && value.iter().all(|&byte| is(byte, DIGIT))
                    && takes_number(&self.bytes[..name_end]) =>
            {
                false
            }
            Announces::Token | Announces::Signature | Announces::Digits => match separator {
                Separator::Space if !flag => {
                    looks_like_key(value) && !is_version(value)
                        || (cut && value.len() >= 8 && !is_word(value))
                }
                Separator::Is => {
                    looks_like_key(value) || kind == Announces::Digits && looks_secret(value, kind)
                }
                _ => !is_plain(value, kind),
            },
            Announces::VendorKey => match separator {
                Separator::Space | Separator::Is => looks_like_key(value),
                _ => looks_like_vendor_key(value),
            },
            Announces::Key => looks_like_key(value),
        }
    }

    /// Masks a value of a name. Returns where to go on.
    pub(in crate::redact) fn mask_value(
        &mut self,
        from: usize,
        to: usize,
        kind: Announces,
    ) -> usize {
        let bytes = self.bytes;
        let mut inner = (from, to);
        if is(bytes[from], QUOTE) {
            let quote = bytes[from];
            inner.0 += 1;
            while inner.0 < to && bytes[inner.0] == quote {
                inner.0 += 1;
            }
        }
        if kind == Announces::Header
            && let Some(used) = scheme(&bytes[inner.0..inner.1])
        {
            inner.0 += used;
        }
        if self.marked(inner.0, false).is_some() {
            return to;
        }
        if inner.0 < inner.1 {
            self.mask_secret(inner.0, inner.1, Class::Named);
        } else {
            self.push(from, to, Class::Named, REDACTED);
        }
        to
    }
}

/// The length of what stays readable of a value at the beginning of `rest`: a
/// vendor's prefix, `0x`, an authorization's scheme.
fn kept(rest: &[u8]) -> usize {
    let scheme = scheme(rest).unwrap_or(0);
    let rest = &rest[scheme..];
    let hex = rest.starts_with(b"0x") || rest.starts_with(b"0X");
    scheme + if hex { 2 } else { prefix::kept(rest) }
}

/// Whether the value of `pass` is one that somebody chose: no number, no path,
/// no sentence, and not what became of a test.
fn is_chosen_pass(value: &[u8]) -> bool {
    let classes = union(value);
    value.len() >= 4
        && classes & LETTER != 0
        && !value.contains(&b' ')
        && !value.contains(&b'/')
        && !is_prose(value)
}

/// `!secret`, `!!binary`.
fn is_tag(value: &[u8]) -> bool {
    value.len() > 2
        && value[0] == b'!'
        && value[1..]
            .iter()
            .all(|&byte| is(byte, LOWER) || byte == b'!')
}

#[cfg(test)]
mod tests;
