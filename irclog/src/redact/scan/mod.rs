//! What is found: one look at each token that may matter.

pub(in crate::redact) mod finders;
pub(in crate::redact) mod found;
mod pass;
pub(in crate::redact) mod pem;
mod plain;
mod run;

use self::found::{Found, Label, REDACTED, mark};
use crate::redact::lexicon::class::Class;
use crate::redact::scan::run::Run;
use crate::redact::survey::Survey;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::LONG;
use crate::redact::text::alphabet::{ALNUM, LETTER, QUOTE, SPACE, is, union};
use crate::redact::view::View;

/// Names that mean something else here, squeezed.
#[derive(Debug, Clone, Default)]
pub(in crate::redact) struct Names {
    /// Those that announce nothing.
    pub(in crate::redact) plain: Vec<Vec<u8>>,
    /// Those after which 32 bytes in hexadecimal are public.
    pub(in crate::redact) public: Vec<Vec<u8>>,
}

/// One pass over one text.
#[derive(Debug)]
pub(in crate::redact) struct Scan<'a> {
    pub(in crate::redact) view: View<'a>,
    pub(in crate::redact) bytes: &'a [u8],
    pub(in crate::redact) found: &'a mut Vec<Found>,
    names: &'a Names,
    pub(in crate::redact) survey: &'a Survey,
    /// Where what was masked last ends: no word before it is looked at again.
    pub(in crate::redact) floor: usize,
    /// Whether a row of words may be another one than the survey saw.
    pub(in crate::redact) follows: bool,
    pub(in crate::redact) run: Run,
    /// Where the last name ended that announces a secret.
    pub(in crate::redact) named_at: Option<usize>,
    /// Off, every token is looked at in full: the gates must change nothing.
    pub(in crate::redact) gated: bool,
}

impl<'a> Scan<'a> {
    /// Of `view`, of whose bytes `survey` is.
    pub(in crate::redact) fn new(
        view: View<'a>,
        survey: &'a Survey,
        found: &'a mut Vec<Found>,
        names: &'a Names,
    ) -> Self {
        Self {
            names,
            survey,
            run: Run::default(),
            named_at: None,
            gated: true,
            view,
            bytes: view.bytes,
            found,
            floor: 0,
            follows: false,
        }
    }

    /// Looks at one token. Returns where to go on.
    pub(in crate::redact) fn token(&mut self, token: Token, named: bool, shaped: bool) -> usize {
        let bytes = self.bytes;
        let Token {
            start,
            end,
            classes,
        } = token;
        let len = end - start;
        if len < 2 || classes & ALNUM == 0 {
            return end;
        }
        let next = bytes.get(end).copied().unwrap_or(0);
        if next == b':' && bytes.get(end + 1..end + 3) == Some(b"//") && is(bytes[end - 1], ALNUM) {
            return self.url(token);
        }
        if bytes[start] == b'-' && bytes[start..].starts_with(b"-----BEGIN") {
            return self.pem(start);
        }
        if let Some(begin) = glued_pem(&bytes[start..end]) {
            let end = start + begin;
            self.shape(Token {
                start,
                end,
                classes: union(&bytes[start..end]),
            });
            return self.pem(end);
        }
        if bytes[start] == b'-'
            && let Some(after) = self.login(token)
        {
            return after;
        }
        if named && let Some(after) = self.named(token) {
            return after;
        }
        if !shaped {
            return end;
        }
        if let Some(after) = self.shape(token) {
            return after;
        }
        if next == b'@' {
            return match self.bare_login(token) {
                Some(after) => after,
                None => self.email(token),
            };
        }
        end
    }

    /// Whether a mark of ours begins before the word at `start`.
    pub(in crate::redact) fn in_mark(&self, start: usize) -> bool {
        start > 0 && mark(&self.bytes[start - 1..]).is_some()
    }

    /// Masks a value whole, but for a prefix that tells its class.
    pub(in crate::redact) fn mask_secret(&mut self, from: usize, to: usize, class: Class) {
        let value = &self.bytes[from..to];
        let hex = value
            .strip_prefix(b"0x")
            .or_else(|| value.strip_prefix(b"0X"));
        if let Some(digits) = hex
            && digits.len() >= 32
            && digits
                .iter()
                .all(|&byte| crate::redact::text::alphabet::is_hex(byte))
        {
            self.push(from + 2, to, Class::Key, "[REDACTED_KEY]");
            return;
        }
        if value.starts_with(b"eyJ") && crate::redact::text::forms::parts(value) >= 3 {
            self.push(from, to, class, "[JWT]");
            return;
        }
        let kept = crate::redact::lexicon::prefix::vendor(value, false)
            .map_or(0, crate::redact::lexicon::prefix::Prefix::kept);
        self.push(from + kept, to, class, REDACTED);
    }

    /// Where the run of bytes that are no space, quote or bracket ends.
    pub(in crate::redact) fn word_end(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .enumerate()
            .position(|(at, &byte)| {
                is(byte, SPACE | QUOTE)
                    || matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'<' | b'>')
                    || byte == b'[' && mark(&self.bytes[from + at..]).is_some()
            })
            .map_or(self.bytes.len(), |len| from + len)
    }

    pub(in crate::redact) fn found(&self) -> &[Found] {
        self.found
    }

    pub(in crate::redact) fn push(
        &mut self,
        start: usize,
        end: usize,
        class: Class,
        label: &'static str,
    ) {
        if start < end {
            self.found.push(Found {
                start,
                end,
                class,
                label: Label::Fixed(label),
            });
        }
    }

    /// A PEM block, to its END line or to the end of the text.
    fn pem(&mut self, start: usize) -> usize {
        let bytes = self.bytes;
        let end = find(&bytes[start..], b"-----END").map_or(bytes.len(), |at| {
            let label = start + at + 8;
            find(
                &bytes[label..bytes.len().min(label + PEM_LABEL_BYTES)],
                b"-----",
            )
            .map_or(bytes.len(), |len| label + len + 5)
        });
        self.push(start, end, Class::Pem, "[PEM]");
        end
    }

    /// `local@domain.tld`: the domain stays.
    fn email(&mut self, token: Token) -> usize {
        let bytes = self.bytes;
        let domain = &bytes[token.end + 1..];
        let len = domain
            .iter()
            .take(254)
            .take_while(|&&byte| is(byte, ALNUM) || matches!(byte, b'-' | b'.'))
            .count();
        let domain = &domain[..len];
        let named = domain
            .iter()
            .position(|&byte| byte == b'.')
            .is_some_and(|dot| {
                dot > 0 && domain.get(dot + 1).is_some_and(|&byte| is(byte, LETTER))
            });
        if !named || bytes[token.start] == b'/' || &bytes[token.start..token.end] == b"git" {
            return token.end;
        }
        self.push(token.start, token.end, Class::Email, "[EMAIL]");
        token.end + 1 + len
    }
}

/// Bytes that a rule looks ahead to see whether something is a secret, from
/// each place where one may begin: what bounds the cost. Where a secret ends
/// that is longer is looked for once it is known to be one.
pub(in crate::redact) const LOOK_BYTES: usize = 512;

/// As many where what tells it may stand at its end: the `@` of a URL, the end
/// of an element.
pub(in crate::redact) const FAR_BYTES: usize = 4096;

/// Where in a token that is longer the line begins that opens a PEM block.
fn glued_pem(token: &[u8]) -> Option<usize> {
    (token.len() >= LONG && token.ends_with(b"-----BEGIN")).then(|| token.len() - 10)
}

/// Bytes of the longest label between `END` and the dashes, with room.
const PEM_LABEL_BYTES: usize = 64;

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
