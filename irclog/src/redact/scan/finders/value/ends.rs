//! Where a value ends.

use super::Separator;
use crate::redact::lexicon::name::Announces;
use crate::redact::scan::Scan;
use crate::redact::scan::found::mark;
use crate::redact::text::alphabet::{ALNUM, QUOTE, SOFT_SPACE, SPACE, is};

impl Scan<'_> {
    /// The end of the value whose opening quote stands at `open`, or `most`,
    /// which is no less.
    pub(super) fn quoted_end(&self, open: usize, most: usize) -> usize {
        let bytes = self.bytes;
        let quote = bytes[open];
        let depth = self.view.depth(open);
        let triple = bytes.get(open + 1) == Some(&quote) && bytes.get(open + 2) == Some(&quote);
        let from = open + if triple { 3 } else { 1 };
        (from..most)
            .find(|&at| bytes[at] == quote && (triple || self.view.depth(at) == depth))
            .unwrap_or(most)
    }

    /// The end of an unquoted value, or `most`; a list may go on.
    pub(super) fn bare_end(
        &self,
        from: usize,
        kind: Announces,
        separator: Separator,
        most: usize,
    ) -> usize {
        let bytes = self.bytes;
        let mut open = 0usize;
        let mut at = from;
        // `sas_token=sp=r&sig=...`: a form of its own.
        let form = separator == Separator::Assign && self.assigns_at(from);
        // What is in percent within a value parts nothing, unless all is.
        let plain = !self.in_percent(from - 1);
        if bytes[from - 1] == b'['
            && let Some(end) = self.list_end(from - 1)
        {
            return end;
        }
        while at < most {
            let byte = bytes[at];
            match byte {
                _ if plain && !is(byte, ALNUM | SPACE) && self.in_percent(at) => {}
                _ if separator == Separator::Tag => {
                    if matches!(byte, b'<' | b'\n' | b'\r') {
                        break;
                    }
                }
                SOFT_SPACE => {}
                b'\n' | b'\r' | b'"' | b'`' | b'<' => break,
                b'\'' if at + 1 == bytes.len() || !is(bytes[at + 1], ALNUM) => break,
                b' ' | b'\t' => match kind {
                    Announces::Header if !self.assignment_after(at) => {}
                    Announces::Phrase if self.phrase_goes_on(at) => {}
                    _ => break,
                },
                b'[' if mark(&bytes[at..]).is_some() => break,
                b'(' | b'[' | b'{' => {
                    if let Some(end) = self.list_end(at) {
                        at = end;
                        continue;
                    }
                    open += 1;
                }
                b')' | b']' | b'}' => match open.checked_sub(1) {
                    Some(rest) => open = rest,
                    None => break,
                },
                b',' | b';' | b'&' | b'|' => {
                    let goes_on = match kind {
                        _ if byte == b'&' && form => true,
                        Announces::Header => true,
                        Announces::Token if byte == b'&' => {
                            at > from
                                && is(bytes[at - 1], ALNUM)
                                && !self.assignment_after(at)
                                && bytes.get(at + 1).is_some_and(|&next| is(next, ALNUM))
                        }
                        Announces::Phrase => self.phrase_goes_on(at),
                        Announces::Secret => {
                            separator != Separator::Paren
                                && !self.assignment_after(at)
                                && bytes
                                    .get(at + 1)
                                    .is_some_and(|&next| !is(next, SPACE | QUOTE))
                        }
                        _ => false,
                    };
                    if !goes_on {
                        break;
                    }
                }
                b'>' if separator == Separator::Loose => break,
                _ => {}
            }
            at += 1;
        }
        // The full stop of a sentence is no part of the value.
        let mut end = at;
        while end > from && matches!(bytes[end - 1], b'.' | b':' | b' ' | b'\t' | b',') {
            end -= 1;
        }
        end
    }

    /// Whether the byte at `at` was written as `%2C`, or as `%252C`.
    fn in_percent(&self, at: usize) -> bool {
        matches!(self.view.depth(at), 3 | 5)
    }

    /// Whether a short name and `=` stand at `at`.
    pub(super) fn assigns_at(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let name = rest
            .iter()
            .take(12)
            .take_while(|&&byte| is(byte, ALNUM))
            .count();
        name > 0 && matches!(rest.get(name..name + 2), Some([b'=', next]) if is(*next, ALNUM))
    }

    /// Whether a name and `=` or `: ` come after the byte at `at`.
    fn assignment_after(&self, at: usize) -> bool {
        let from = self.skip_blanks(at + 1);
        let name = self.bytes[from..]
            .iter()
            .take(32)
            .take_while(|&&byte| is(byte, ALNUM) || matches!(byte, b'_' | b'-' | b'.' | b'"'))
            .count();
        name > 0
            && match &self.bytes[from + name..] {
                // The padding of base64 assigns nothing.
                [b'=', next, ..] => is(*next, ALNUM) || *next == b'"',
                [b':', next, ..] => is(*next, SPACE | QUOTE),
                _ => false,
            }
    }

    /// Whether after the space or comma at `at` a further word of a phrase
    /// stands.
    fn phrase_goes_on(&self, at: usize) -> bool {
        let from = self.skip_blanks(at + 1);
        let rest = &self.bytes[from..];
        let word = rest
            .iter()
            .take(12)
            .take_while(|&&byte| is(byte, ALNUM) || byte == b'.')
            .count();
        word > 0 && word < 12 && !matches!(rest.get(word), Some(b'=' | b':' | b'_' | b'-' | b'/'))
    }
}
