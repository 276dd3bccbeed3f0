//! The value after a name: where it begins, where it ends, whether it is one.

mod ends;
mod several;

use crate::redact::lexicon::between::{
    annotation, field, is_no_location, leads_on, postposed, qualified, record, type_word,
    value_beside, whose, wrapper,
};
use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::likeness::{
    first_word, is_location, is_placeholder, is_plain, is_prose, is_reason, is_receiver,
    is_version, is_word, looks_chosen, looks_like_key, looks_like_vendor_key, looks_secret, scheme,
    strip_quote,
};
use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::prefix;
use crate::redact::lexicon::words::{
    COOKIE, JUDGED, SETTING, takes_chosen, takes_number, takes_uuid,
};
use crate::redact::scan::found::{REDACTED, holds_mark, mark};
use crate::redact::scan::{FAR_BYTES, LOOK_BYTES, Scan};
use crate::redact::text::alphabet::{
    ALNUM, DIGIT, LETTER, LOWER, QUOTE, SOFT_SPACE, SPACE, TOKEN, UPPER, is, is_hex, union,
};
use crate::redact::text::forms::{Base58, base58, is_keypair, is_uuid};

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

/// Bytes of the name of another value.
const OTHER_NAME_BYTES: usize = 16;

/// Bytes of a reason that are looked at.
const REASON_BYTES: usize = 80;

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

    /// Whether what stands after a name that ends at `end` is no secret by what
    /// it is: a reason, a contract, a type, the attributes of a cookie.
    fn is_open(
        &self,
        end: usize,
        (from, to): (usize, usize),
        kind: Announces,
        separator: Separator,
    ) -> bool {
        let value = strip_quote(&self.bytes[from..to]);
        if let Some(digits) = value.strip_prefix(b"0x")
            && matches!(kind, Announces::Token | Announces::Signature)
            && (kind == Announces::Signature
                || digits.len() == CONTRACT_DIGITS
                || digits.len() <= 16)
            && digits.iter().all(|&byte| is_hex(byte))
        {
            return true;
        }
        if kind == Announces::Signature {
            // Of a transaction on Solana the head is shown.
            let solana = base58(value) == Some(Base58::Signature) && !is_keypair(value);
            let text = value.contains(&b' ') || is_word(value) || value.contains(&b'(');
            if solana || text || separator == Separator::Colon && value.len() < SIGNATURE_BYTES {
                return true;
            }
        }
        if kind == Announces::Header && COOKIE.has_in_any_case(name_of(value)) {
            let parts = value.split(|&byte| byte == b';');
            return parts
                .map(<[u8]>::trim_ascii)
                .all(|part| COOKIE.has_in_any_case(name_of(part)));
        }
        if separator != Separator::Colon || is(self.bytes[from], QUOTE) {
            return false;
        }
        let rest = &self.bytes[from..];
        let is_type = self.bytes[to..].starts_with(b" =") && annotated(value);
        let line = &rest[..rest.len().min(REASON_BYTES)];
        let line = line
            .split(|&byte| matches!(byte, b'\n' | b'"'))
            .next()
            .unwrap_or(line);
        is_type || is_reason(line, JUDGED.has_in_any_case(self.word_ahead(end)))
    }

    /// The word before the name that ends at `end`.
    fn word_ahead(&self, end: usize) -> &[u8] {
        let before = |end: usize, what: u8| {
            let bytes = self.bytes[..end].iter().rev().take(BLANKS);
            end - bytes.take_while(|&&byte| is(byte, what)).count()
        };
        let name = before(end, TOKEN);
        match name.checked_sub(1) {
            Some(blank) if self.bytes[blank] == b' ' => &self.bytes[before(blank, LETTER)..blank],
            _ => &[],
        }
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

    /// Whether a name and `=` begin the value in `from..to`, and what follows
    /// is no secret by its look.
    fn is_other_value(&self, from: usize, to: usize) -> bool {
        let mut pair = self.bytes[from..to].splitn(2, |&byte| byte == b'=');
        let name = pair.next().unwrap_or(&[]);
        (1..=OTHER_NAME_BYTES).contains(&name.len())
            && name.iter().all(|&byte| is(byte, ALNUM) || byte == b'_')
            && pair.next().is_some_and(|other| {
                other.first().is_some_and(|&byte| byte != b'=') && !looks_like_key(other)
            })
    }

    /// Whether a space and a further word in lower case follow.
    fn word_after(&self, at: usize) -> bool {
        matches!(self.bytes.get(at..at + 2), Some([b' ', next]) if is(*next, LOWER))
    }

    /// The separator after a name, and where the value side begins.
    fn separator(&self, end: usize) -> Option<(Separator, usize)> {
        let bytes = self.bytes;
        let mut at = end;
        let (mut quoted, mut tag) = (false, false);
        for _ in 0..4 {
            match bytes.get(at)? {
                b'"' | b'\'' | b'`' => quoted = true,
                b'>' => tag = true,
                b']' | b')' | b'*' | b'%' => {}
                b'[' if bytes.get(at + 1) == Some(&b']') => {}
                _ => break,
            }
            at += 1;
        }
        if (quoted || matches!(bytes.get(at), Some(b'\n' | b'\r')))
            && let Some(used) = value_beside(&bytes[at..], quoted)
        {
            return Some((Separator::Assign, at + used));
        }
        // A part of a form: `name="password"`, an empty line, and the value.
        let part = &bytes[at..];
        let gap = if part.starts_with(b"\r\n\r\n") { 4 } else { 2 };
        if quoted && (gap == 4 || part.starts_with(b"\n\n")) {
            return Some((Separator::Assign, at + gap));
        }
        let blank = self.skip_blanks(at);
        let rest = &bytes[blank..];
        let found = match rest {
            [b'=', b'>' | b'=' | b'~', ..]
            | [b'.' | b'?' | b'+' | b'~' | b'!', b'=', ..]
            | [b'-', b'>', ..] => (Separator::Assign, blank + 2),
            [b'=', ..] => (Separator::Assign, blank + 1),
            [b'|', b'|', b'=', ..] => (Separator::Assign, blank + 3),
            [b':', ..] => {
                let colons = rest
                    .iter()
                    .take(4)
                    .take_while(|&&byte| byte == b':')
                    .count();
                match rest.get(colons) {
                    Some(b'=') => (Separator::Assign, blank + colons + 1),
                    // A module path.
                    Some(&next) if colons == 2 && !is(next, SPACE | QUOTE) => return None,
                    _ => (Separator::Colon, blank + colons),
                }
            }
            [b',', ..] if quoted => (Separator::Comma, blank + 1),
            [b',', b' ', told @ ..] => (Separator::Loose, blank + 2 + leads_on(told).unwrap_or(0)),
            [b',' | b';', ..] => (Separator::Loose, blank + 1),
            [b'.', b'.', b'.', ..] => (Separator::Loose, blank + 3),
            [b'-', b' ', ..] if blank > at => (Separator::Loose, blank + 2),
            [b'(', ..] if blank == end => (Separator::Paren, blank + 1),
            [b'(', remark @ ..] => {
                match remark.iter().take(BLANKS).position(|&byte| byte == b')') {
                    // `password (from the environment): value`.
                    Some(len) if matches!(remark.get(len + 1), Some(b':' | b'=')) => {
                        (Separator::Loose, blank + len + 3)
                    }
                    _ => (Separator::Loose, blank + 1),
                }
            }
            [b'|', ..] if !rest.starts_with(b"||") => (Separator::Colon, blank + 1),
            _ if tag => (Separator::Tag, at),
            _ if blank == at => return None,
            [b'i' | b'e', b's', b' ' | b':', ..] => (Separator::Is, blank + 3),
            [b'w', b'a', b's', b' ' | b':', ..] | [b'e', b's', b't', b' ' | b':', ..] => {
                (Separator::Is, blank + 4)
            }
            _ => match (
                type_word(rest).or_else(|| postposed(rest)),
                leads_on(rest)
                    .or_else(|| whose(rest))
                    .or_else(|| qualified(rest)),
            ) {
                (Some(used), _) => (Separator::Assign, blank + used),
                (None, Some(used)) => (Separator::Loose, blank + used),
                (None, None)
                    if rest.starts_with(b"to ")
                        && SETTING.has_in_any_case(self.word_ahead(end)) =>
                {
                    (Separator::Loose, blank + 3)
                }
                (None, None) => (Separator::Space, blank),
            },
        };
        Some(found)
    }

    /// Past blanks, wrappers such as `Some(` and the opening quote. Returns
    /// where the value begins and whether it is quoted.
    fn opened(
        &self,
        at: usize,
        separator: Separator,
        kind: Announces,
    ) -> Option<(usize, bool, bool)> {
        let bytes = self.bytes;
        let mut at = if separator == Separator::Space {
            self.skip_blanks(at)
        } else {
            self.skip_space(at)
        };
        // A type of YAML: `name: !!str value`.
        if bytes[at..].starts_with(b"!!str ") {
            at = self.skip_space(at + 6);
        }
        // A block of YAML: `name: |` and the value on the next line.
        if matches!(bytes.get(at), Some(b'|' | b'>'))
            && bytes.get(at + 1).is_some_and(|&byte| byte == b'\n')
        {
            at = self.skip_space(at + 1);
        }
        let mut enclosed = false;
        for _ in 0..4 {
            let byte = bytes.get(at)?;
            if *byte == b'{'
                && separator != Separator::Tag
                && kind == Announces::Secret
                && let Some(used) = field(&bytes[at..])
            {
                enclosed = true;
                at += used;
                continue;
            }
            match byte {
                b'[' if mark(&bytes[at..]).is_some() => return Some((at, false, enclosed)),
                b'[' | b'{' | b'<'
                    if separator != Separator::Tag
                        && bytes
                            .get(self.inside(at))
                            .is_some_and(|&byte| is(byte, ALNUM | QUOTE)) =>
                {
                    let inside = self.inside(at);
                    // A list of bytes is one by its own form.
                    if bytes[at] == b'[' && kind == Announces::Secret && is(bytes[inside], DIGIT) {
                        break;
                    }
                    enclosed = true;
                    at = inside;
                }
                b'&' | b'$' if bytes.get(at + 1).is_some_and(|&byte| is(byte, QUOTE)) => at += 1,
                b'U' | b'B' | b'R' | b'b' | b'u' | b'r' | b'f'
                    if bytes.get(at + 1).is_some_and(|&byte| is(byte, QUOTE)) =>
                {
                    at += 1;
                }
                _ => match (wrapper(&bytes[at..]), record(&bytes[at..])) {
                    (Some(used), _) => at += used,
                    (None, Some(used)) => {
                        enclosed = true;
                        at += used;
                    }
                    (None, None) => break,
                },
            }
        }
        let first = *bytes.get(at)?;
        if is(first, QUOTE) {
            return Some((at, true, enclosed));
        }
        match first {
            b'[' if kind == Announces::Secret
                && bytes.get(at + 1).is_some_and(|&byte| is(byte, DIGIT)) =>
            {
                Some((at + 1, false, false))
            }
            // `Key (token)=(…) already exists`.
            b'(' if separator == Separator::Assign && bytes[..at].ends_with(b")=") => {
                Some((at + 1, false, false))
            }
            b'<' => None,
            _ if separator == Separator::Tag => self.closes(at).then_some((at, false, false)),
            b'[' | b'{' | b'(' | b')' | b']' | b'}' | b',' | b';' => None,
            _ => Some((at, false, enclosed)),
        }
    }

    /// Past the bracket at `at`: a list may have a line for each item.
    fn inside(&self, at: usize) -> usize {
        if self.bytes[at] == b'[' {
            self.skip_space(at + 1)
        } else {
            at + 1
        }
    }

    /// Whether what stands after a `<name>` at `at` is its value: `</` ends it,
    /// or the text, and it is no sentence about `<name>`.
    fn closes(&self, at: usize) -> bool {
        let bytes = self.bytes;
        let rest = &bytes[at..];
        let rest = &rest[..rest.len().min(FAR_BYTES)];
        let len = rest
            .iter()
            .position(|&byte| matches!(byte, b'<' | b'\n' | b'\r'))
            .unwrap_or(rest.len());
        let after = self.skip_space(at + len);
        let closed = bytes[after..].starts_with(b"</");
        let glued = at > 0 && bytes[at - 1] == b'>' && is(rest[0], ALNUM | QUOTE);
        closed || glued && !rest[..len].contains(&b' ')
    }

    fn skip_blanks(&self, at: usize) -> usize {
        at + self.bytes[at.min(self.bytes.len())..]
            .iter()
            .take(BLANKS)
            .take_while(|&&byte| matches!(byte, b' ' | b'\t' | SOFT_SPACE))
            .count()
    }

    fn skip_space(&self, at: usize) -> usize {
        at + self.bytes[at.min(self.bytes.len())..]
            .iter()
            .take(BLANKS)
            .take_while(|&&byte| is(byte, SPACE))
            .count()
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

/// Hexadecimal digits of an address.
const CONTRACT_DIGITS: usize = 40;

/// Bytes of the shortest signature that is given in a sentence.
const SIGNATURE_BYTES: usize = 20;

/// What stands before the `=` of a part of a cookie.
fn name_of(part: &[u8]) -> &[u8] {
    let len = part.iter().position(|&byte| matches!(byte, b'=' | b'-'));
    &part[..len.unwrap_or(part.len())]
}

/// `&str`, `Option<String>`: a type that says text.
fn annotated(value: &[u8]) -> bool {
    value
        .windows(3)
        .any(|part| part.eq_ignore_ascii_case(b"str"))
        && value
            .iter()
            .all(|&byte| is(byte, LETTER) || matches!(byte, b'&' | b'<' | b'>' | b':' | b'\''))
        && (value[0] == b'&' || is(value[0], UPPER))
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
