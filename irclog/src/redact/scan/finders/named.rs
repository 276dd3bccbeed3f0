//! Names: whether a token is one that announces a secret, and what of its value,
//! wherever that stands, is found.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::is_word;
use crate::redact::lexicon::name::{Announces, announces};
use crate::redact::lexicon::name_to_value::{assigns, prose_follows};
use crate::redact::lexicon::words::{FIELDS, SCHEMES, asks_for_another};
use crate::redact::scan::Scan;
use crate::redact::scan::found::{REDACTED, mark};
use crate::redact::survey::Token;
use crate::redact::text::alphabet::{ALNUM, JOIN, LETTER, QUOTE, SPACE, TOKEN, is, union};
use crate::redact::text::squeeze::squeeze;

/// Bytes of an ARN before the word that says what it names.
const ARN_BYTES: usize = 80;

/// `token:687b161258aa`: what the derive shows of a token, which is no secret.
fn is_own_token(rest: &[u8]) -> bool {
    const DIGITS: usize = 12;
    let Some(digits) = rest.strip_prefix(b":").and_then(|rest| rest.get(..DIGITS)) else {
        return false;
    };
    digits
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && !rest.get(DIGITS + 1).is_some_and(|&byte| is(byte, TOKEN))
}

/// Bytes that may stand between a name and the end of a line.
const AWAITING_BYTES: usize = 24;

impl Scan<'_> {
    /// The value after a name, if `token` is one that announces a secret.
    pub(in crate::redact) fn named(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        // Most words that pass the gate are followed by another word.
        let next = bytes.get(token.end).copied()?;
        if is(next, LETTER | JOIN) {
            return None;
        }
        // `[MNEMONIC]: ` announces nothing.
        if self.in_mark(token.start) {
            return None;
        }
        let word = &bytes[token.start..token.end];
        if next == b' ' && word[0] != b'-' && prose_follows(bytes, token.end + 1) {
            return self.said(token);
        }
        if self.is_no_name(token) {
            return self.said(token);
        }
        let assigned = assigns(&bytes[token.end..]);
        let own = announces(word, assigned);
        // `private key`, `seed phrase`: the word before belongs to the name.
        let pairs = own.is_some() || asks_for_another(word);
        let before = if pairs { self.word_before(token) } else { None };
        let both = before.and_then(|before| announces(&bytes[before..token.end], assigned));
        let kind = match both {
            Some(Announces::Secret | Announces::Phrase) => both,
            // `palabra clave`.
            Some(Announces::Token) if own == Some(Announces::Secret) => both,
            // `public key`.
            None if before.is_some() && own == Some(Announces::Key) => None,
            _ => own.or(both),
        };
        let Some(kind) = kind else {
            return self.said(token);
        };
        if !self.names.plain.is_empty() {
            let name = squeeze(&bytes[token.start..token.end]);
            if self.names.plain.contains(&name) {
                return None;
            }
        }
        self.named_at = Some(token.end);
        let flag = bytes[token.start] == b'-';
        if let Some((from, to)) = self.value(token.end, kind, flag) {
            let mut after = self.mask_value(from, to, kind);
            while let Some((from, to)) = self.other(after) {
                after = self.mask_value(from, to, kind);
            }
            if is(bytes[from], QUOTE)
                && let Some((from, to)) = self.instead(after)
            {
                self.push(from, to, Class::Named, REDACTED);
                after = to;
            }
            return Some(after);
        }
        let opens = matches!(
            kind,
            Announces::Secret | Announces::Token | Announces::Phrase
        );
        let told = if opens {
            self.second_argument(token.end)
                .or_else(|| self.instead_of_nothing(token.end))
                .or_else(|| self.reported(token.start, token.end))
                .or_else(|| self.below(token.start, token.end))
        } else {
            None
        };
        let told = told.or_else(|| self.array(token.end));
        if let Some((from, to)) = told {
            self.push(from, to, Class::Named, REDACTED);
            if let Some((from, to)) = self.right(to) {
                self.push(from, to, Class::Named, REDACTED);
                return Some(to);
            }
            return Some(to);
        }
        if opens && let Some((from, to)) = self.before_name(token.start) {
            self.push(from, to, Class::Named, REDACTED);
        }
        self.said(token)
    }

    /// What a word says that announces nothing where it stands: the scheme of an
    /// authorization, a command.
    fn said(&mut self, token: Token) -> Option<usize> {
        self.scheme(token)
            .or_else(|| self.command(token))
            .or_else(|| self.used_with(token))
            .or_else(|| self.statement(token))
            .or_else(|| self.passphrase(token))
    }

    /// Whether a token that ends like a name is none: a shell's directory, the
    /// name of a secret in an ARN, a token of ours, the result of a test.
    fn is_no_name(&self, token: Token) -> bool {
        let bytes = self.bytes;
        let word = &bytes[token.start..token.end];
        let rest = &bytes[token.end..];
        match word {
            b"PWD" | b"OLDPWD" => matches!(rest, [b'=', b'/' | b'~', ..]),
            b"PASS" => !is_assigned(rest),
            b"token" | b"Token" => is_own_token(rest),
            b"secret" => {
                let from = token.start.saturating_sub(ARN_BYTES);
                let near = &bytes[from..token.start];
                let near = near.rsplit(|&byte| is(byte, SPACE | QUOTE)).next();
                near.is_some_and(|near| near.starts_with(b"arn:"))
            }
            _ => false,
        }
    }

    /// Where the token begins that stands before `token` and a space, if it has
    /// a letter.
    fn word_before(&self, token: Token) -> Option<usize> {
        let start = self.one_word_before(token.start)?;
        // `mot de passe`: the word that counts stands further ahead.
        if self.bytes[start..token.start].eq_ignore_ascii_case(b"de ") {
            return self.one_word_before(start);
        }
        Some(start)
    }

    fn one_word_before(&self, start: usize) -> Option<usize> {
        let end = start.checked_sub(1)?;
        if self.bytes[end] != b' ' {
            return None;
        }
        let before = self.bytes.get(self.floor..end)?;
        let len = before
            .iter()
            .rev()
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let word = &before[before.len() - len..];
        (union(word) & LETTER != 0).then_some(end - len)
    }

    /// `Bearer <token>` and `Basic <token>` wherever they stand.
    fn scheme(&mut self, token: Token) -> Option<usize> {
        let word = &self.bytes[token.start..token.end];
        let is_scheme = |scheme: &&[u8]| word.eq_ignore_ascii_case(scheme);
        if !SCHEMES.list.iter().any(is_scheme) {
            return None;
        }
        let from = token.end
            + self.bytes[token.end..]
                .iter()
                .take(4)
                .take_while(|&&byte| is(byte, SPACE))
                .count();
        if from == token.end {
            return None;
        }
        if let Some(len) = mark(&self.bytes[from..]) {
            return Some(from + len);
        }
        let to = self.word_end(from);
        let value = &self.bytes[from..to];
        let assigns = value
            .windows(2)
            .any(|pair| pair[0] == b'=' && pair[1] != b'=')
            || value.ends_with(b"=") && self.bytes.get(to).is_some_and(|&byte| is(byte, QUOTE));
        if is_word(value) || value.len() < 4 || assigns {
            return None;
        }
        self.mask_secret(from, to, Class::Authorization);
        Some(to)
    }
}

/// Whether `rest` gives the name before it a value: `= x`, and `": x"` of a name in
/// quotes. What a test came to has a blank or a bare colon behind it.
fn is_assigned(rest: &[u8]) -> bool {
    let (quoted, rest) = match rest {
        [first, rest @ ..] if is(*first, QUOTE) => (true, rest),
        _ => (false, rest),
    };
    let blanks = rest.iter().take(AWAITING_BYTES);
    let blanks = blanks.take_while(|&&byte| is(byte, SPACE)).count();
    match &rest[blanks..] {
        [b'=', b'=', ..] => false,
        [b'=', ..] => true,
        [b':', ..] => quoted,
        _ => false,
    }
}

/// Where the name begins at the end of a line whose value may stand on the next
/// one: `"password": {`, `- name: SHOP_TOKEN`.
pub(in crate::redact) fn name_at_end(line: &[u8]) -> Option<usize> {
    let last = line.iter().rposition(|&byte| is(byte, ALNUM))? + 1;
    let start = line[..last].iter().rposition(|&byte| !is(byte, TOKEN));
    let start = start.map_or(0, |at| at + 1);
    let rest = &line[last..];
    // Before a sign, or as the value of a field.
    let signed = matches!(
        rest.trim_ascii().last(),
        Some(b':' | b'=' | b'{' | b'(' | b'[')
    );
    let field = rest.trim_ascii().is_empty() && {
        let before = line[..start].trim_ascii_end();
        let field = before.strip_suffix(b":").unwrap_or(&[]);
        let from = field.iter().rposition(|&byte| !is(byte, LETTER));
        FIELDS.has_in_any_case(&field[from.map_or(0, |at| at + 1)..])
    };
    let near = rest.len() <= AWAITING_BYTES && (signed || field);
    (near && announces(&line[start..last], true).is_some()).then_some(start)
}
