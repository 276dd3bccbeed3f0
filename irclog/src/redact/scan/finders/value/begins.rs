//! Where a value begins: what parts it from its name, and what stands around it.

use super::{BLANKS, Separator};
use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::name_to_value::{
    field, leads_on, postposed, qualified, record, type_word, value_beside, whose, wrapper,
};
use crate::redact::lexicon::words::SETTING;
use crate::redact::scan::found::mark;
use crate::redact::scan::{FAR_BYTES, Scan};
use crate::redact::text::alphabet::{ALNUM, DIGIT, QUOTE, SOFT_SPACE, SPACE, is};

impl Scan<'_> {
    /// The separator after a name, and where the value side begins.
    pub(super) fn separator(&self, end: usize) -> Option<(Separator, usize)> {
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
    pub(super) fn opened(
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

    pub(super) fn skip_blanks(&self, at: usize) -> usize {
        at + self.bytes[at.min(self.bytes.len())..]
            .iter()
            .take(BLANKS)
            .take_while(|&&byte| matches!(byte, b' ' | b'\t' | SOFT_SPACE))
            .count()
    }

    pub(super) fn skip_space(&self, at: usize) -> usize {
        at + self.bytes[at.min(self.bytes.len())..]
            .iter()
            .take(BLANKS)
            .take_while(|&&byte| is(byte, SPACE))
            .count()
    }
}
