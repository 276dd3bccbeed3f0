//! What is found: one look at each token that may matter.

pub(in crate::redact) mod finders;
pub(in crate::redact) mod found;
mod pass;
pub(in crate::redact) mod pem;
mod plain;
mod run;

use self::found::{Found, Label, REDACTED, mark};
use crate::redact::lexicon::between::assigns;
use crate::redact::lexicon::between::prose_follows;
use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::likeness::is_word;
use crate::redact::lexicon::name::{Announces, announces};
use crate::redact::lexicon::words::{FIELDS, SCHEMES, asks_for_another};
use crate::redact::scan::run::Run;
use crate::redact::survey::Survey;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::LONG;
use crate::redact::text::alphabet::{ALNUM, JOIN, LETTER, QUOTE, SPACE, TOKEN, is, union};
use crate::redact::text::squeeze::squeeze;
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

    /// The value after a name, if `token` is one that announces a secret.
    fn named(&mut self, token: Token) -> Option<usize> {
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
            b"PASS" => !rest.starts_with(b"="),
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

    /// Whether a mark of ours begins before the word at `start`.
    pub(in crate::redact) fn in_mark(&self, start: usize) -> bool {
        start > 0 && mark(&self.bytes[start - 1..]).is_some()
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

    /// `-u user:password`, `--user user:password`, and `-p password` after
    /// `-u user`.
    fn login(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let flag = &bytes[token.start..token.end];
        let near = &bytes[token.start.saturating_sub(LOGIN_BYTES)..token.start];
        let follows = |word: &[u8]| {
            near.windows(word.len())
                .any(|window| window.eq_ignore_ascii_case(word))
        };
        // `mysql -psecret`.
        if flag.starts_with(b"-p") && follows(b"mysql") {
            if let Some(len) = mark(&bytes[token.end..]) {
                return Some(token.end + len);
            }
            let end = self.space_after(token.end);
            if end - token.start < 8 {
                return None;
            }
            self.push(token.start + 2, end, Class::Authorization, REDACTED);
            return Some(end);
        }
        let rest = &bytes[token.end..];
        let known = matches!(
            flag,
            b"-u"
                | b"--user"
                | b"-U"
                | b"--proxy-user"
                | b"--creds"
                | b"-p"
                | b"-a"
                | b"-P"
                | b"-k"
        );
        if !known || rest.len() < 2 || !matches!(rest[0], b' ' | b'=') {
            return None;
        }
        let mut from = token.end
            + 1
            + rest[1..]
                .iter()
                .take(4)
                .take_while(|&&byte| byte == b' ')
                .count();
        let quote = bytes.get(from).copied().filter(|&byte| is(byte, QUOTE));
        from += usize::from(quote.is_some());
        let rest = &bytes[from.min(bytes.len())..];
        if mark(rest).is_some() {
            return None;
        }
        let ends = |&byte: &u8| quote.map_or(is(byte, SPACE), |quote| byte == quote);
        let ahead = &rest[..rest.len().min(LOOK_BYTES)];
        let to = from + ahead.iter().position(ends).unwrap_or(ahead.len());
        let value = &bytes[from..to];
        match flag {
            b"-u" | b"--user" | b"-U" | b"--proxy-user" | b"--creds" => {
                let colon = value.iter().position(|&byte| byte == b':');
                // Without a password the quotes stand around the user alone.
                let user = &value[..colon.unwrap_or(value.len())];
                let shown = if is_word(user) { user.len() + 1 } else { 0 };
                if colon.is_none() && (quote.is_none() || bytes.get(to + 1) != Some(&b':')) {
                    return None;
                }
                let to = match colon {
                    None => self.space_after(to),
                    Some(_) => from + rest.iter().position(ends).unwrap_or(rest.len()),
                };
                self.push(from + shown, to, Class::Authorization, REDACTED);
                Some(to)
            }
            b"-p" | b"-a" | b"-P" | b"-k" => {
                let tools: &[&[u8]] = match flag {
                    b"-p" => &[
                        b" -u ",
                        b"sshpass",
                        b"mongo",
                        b"mysql",
                        b"mosquitto",
                        b"docker login",
                    ],
                    b"-P" => &[b"zip ", b"mosquitto", b"sqlcmd"],
                    b"-k" => &[b"openssl"],
                    _ => &[b"redis-cli", b"http "],
                };
                if tools.iter().any(|tool| follows(tool)) {
                    let to = from + rest.iter().position(ends).unwrap_or(rest.len());
                    // `http -a user:password`.
                    let user = value.iter().position(|&byte| byte == b':');
                    let shown = user.filter(|&at| flag == b"-a" && is_word(&value[..at]));
                    self.push(
                        from + shown.map_or(0, |at| at + 1),
                        to,
                        Class::Authorization,
                        REDACTED,
                    );
                }
                None
            }
            _ => None,
        }
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

    fn space_after(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|&byte| is(byte, SPACE))
            .map_or(self.bytes.len(), |len| from + len)
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

/// Bytes that may stand between a name and the end of a line.
const AWAITING_BYTES: usize = 24;

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

/// How far before `-p` its `-u` may stand.
const LOGIN_BYTES: usize = 80;

/// Bytes of the longest label between `END` and the dashes, with room.
const PEM_LABEL_BYTES: usize = 64;

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
