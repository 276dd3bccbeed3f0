//! Secrets among the arguments of what somebody tells a program or a service.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::{is_prose, is_word, looks_chosen, looks_like_key};
use crate::redact::lexicon::words::{COMMANDS, SERVICE_COMMANDS, USES};
use crate::redact::scan::Scan;
use crate::redact::scan::found::{REDACTED, holds_mark, mark};
use crate::redact::survey::Token;
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, LOWER, QUOTE, SPACE, TOKEN, is, union};
use crate::redact::text::forms::is_uuid;

/// Bytes of an argument.
const ARGUMENT_BYTES: usize = 128;

impl Scan<'_> {
    /// `OPER admin <password>`, `:IDENTIFY nick <password>`, `JOIN #ops <key>`:
    /// the last argument of what `token` commands, if it looks like one.
    pub(in crate::redact) fn command(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let word = &bytes[token.start..token.end];
        if word.eq_ignore_ascii_case(b"nickserv") {
            return self.service(token.end);
        }
        if word.eq_ignore_ascii_case(b"login")
            && let Some((from, to)) = self.second_argument(token.end)
        {
            self.push(from, to, Class::Named, REDACTED);
            return Some(to);
        }
        if bytes.get(token.end) != Some(&b' ') {
            return None;
        }
        let commands = COMMANDS.has_in_any_case(word) && union(word) & LOWER == 0;
        let says = matches!(word, b"IDENTIFY" | b"AUTH" | b"PASS");
        let told = word == b"login" || word == b"Login";
        if !(commands || says || told) || token.start > 0 && !self.begins_command(token.start) {
            return None;
        }
        self.arguments(word, token.end)
    }

    /// `NickServ :REGISTER <password> <mail>`, `NickServ RELEASE nick
    /// <password>`: what is said to a service whose name ends at `end`.
    fn service(&mut self, end: usize) -> Option<usize> {
        let bytes = self.bytes;
        // `NickServ@services.example.org`.
        let host = bytes[end..]
            .iter()
            .take(64)
            .take_while(|&&byte| is(byte, TOKEN) || byte == b'@')
            .count();
        let (from, to) = self.argument(end + host)?;
        let word = &bytes[from..to];
        if !SERVICE_COMMANDS.has_in_any_case(word) {
            return None;
        }
        self.arguments(word, to)
    }

    /// Masks the secret among the arguments that stand after a command, which
    /// ends at `end`.
    fn arguments(&mut self, word: &[u8], end: usize) -> Option<usize> {
        let bytes = self.bytes;
        let first = self.argument(end)?;
        let mut second = self.argument(first.1 + self.quote_at(first.1));
        // `MODE #ops +k <key>`.
        if word.eq_ignore_ascii_case(b"mode") {
            let modes = second?;
            if bytes[first.0] != b'#' || !bytes[modes.0..modes.1].contains(&b'k') {
                return None;
            }
            second = Some(self.argument(modes.1)?);
        }
        let registers = word.eq_ignore_ascii_case(b"register");
        let joins = word.eq_ignore_ascii_case(b"join");
        let taken = match second {
            _ if registers => first,
            Some(second) if joins => {
                if !matches!(bytes[first.0], b'#' | b'&' | b'+' | b'!') {
                    return None;
                }
                second
            }
            // `LOGIN ana <password>`, `AUTH default <password>`.
            Some(second) if union(&bytes[first.0..first.1]) & LETTER != 0 => second,
            // `PASS :<password>`, `IDENTIFY <password>`.
            _ if !joins => first,
            _ => return None,
        };
        let value = &bytes[taken.0..taken.1];
        if !(looks_chosen(value) || is_uuid(value))
            || holds_mark(value)
            || value.contains(&b'=')
            || is_plain(value)
        {
            return None;
        }
        self.push(taken.0, taken.1, Class::Named, REDACTED);
        Some(taken.1)
    }

    /// Whether a command may begin at `start`: of a line, after a prompt, or
    /// after the colon of a message.
    fn begins_command(&self, start: usize) -> bool {
        let before = &self.bytes[..start];
        match before {
            [.., b'\n' | b':' | b'>' | b'"' | b'\''] => true,
            [.., last, b' '] => {
                matches!(last, b':' | b'>' | b'<' | b'-' | b'.' | b'=' | b')' | b']')
                    // `:NickServ REGISTER`, `PRIVMSG NickServ RELEASE`.
                    || before.ends_with(b"Serv ")
                    || is(*last, DIGIT)
            }
            _ => false,
        }
    }

    /// The range of the argument after one blank at `at`, and a colon.
    pub(super) fn argument(&self, at: usize) -> Option<(usize, usize)> {
        let rest = self.bytes.get(at..)?.strip_prefix(b" ")?;
        let colon = usize::from(rest.first() == Some(&b':'));
        let quote = rest.get(colon).copied().filter(|&byte| is(byte, QUOTE));
        let from = colon + usize::from(quote.is_some());
        let ends = |&byte: &u8| match quote {
            Some(quote) => byte == quote,
            None => is(byte, SPACE | QUOTE) || byte == b',',
        };
        let near = &rest[from..rest.len().min(from + ARGUMENT_BYTES)];
        let len = near.iter().position(ends).unwrap_or(near.len());
        let from = at + 1 + from;
        (len > 0).then_some((from, from + len))
    }

    /// Whether a quote stands at `at`, as a number of bytes.
    fn quote_at(&self, at: usize) -> usize {
        usize::from(self.bytes.get(at).is_some_and(|&byte| is(byte, QUOTE)))
    }

    /// `unlocking keystore with <password>`, `login ana <password> failed`: a
    /// value that a word of use leads to, after a name that announces nothing.
    pub(in crate::redact) fn used_with(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let word = &bytes[token.start..token.end];
        if !USES.has_in_any_case(word) || !bytes[token.end..].starts_with(b" with ") {
            return None;
        }
        let (from, to) = self.argument(token.end + 5)?;
        let value = &bytes[from..to];
        if !looks_chosen(value) || mark(value).is_some() || union(value) & LETTER == 0 {
            return None;
        }
        self.push(from, to, Class::Named, REDACTED);
        Some(to)
    }

    /// `using passphrase my dog has fleas to unlock`: the words after a name of
    /// words, to where the sentence goes on. The name is `token`.
    pub(in crate::redact) fn passphrase(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let word = &bytes[token.start..token.end];
        let before = &bytes[..token.start];
        let used = before.ends_with(b"using ") || before.ends_with(b"with ");
        if !used || !word.eq_ignore_ascii_case(b"passphrase") || bytes.get(token.end) != Some(&b' ')
        {
            return None;
        }
        let from = token.end + 1;
        let near = &bytes[from..bytes.len().min(from + ARGUMENT_BYTES)];
        let line = near
            .iter()
            .position(|&byte| !is(byte, LOWER | DIGIT) && byte != b' ');
        let line = &near[..line.unwrap_or(near.len())];
        let to = line
            .windows(4)
            .position(|part| part == b" to ")
            .unwrap_or(line.len());
        let words = line[..to]
            .split(|&byte| byte == b' ')
            .filter(|word| !word.is_empty());
        if !(3..=8).contains(&words.clone().count()) || words.clone().next().is_some_and(is_prose) {
            return None;
        }
        self.push(from, from + to, Class::Named, REDACTED);
        Some(from + to)
    }

    /// The second of two quoted arguments: `login("svc", "<password>")`,
    /// `auth=('svc', '<password>')`. The name ends at `end`.
    pub(in crate::redact) fn second_argument(&self, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let open = match bytes.get(end..)? {
            [b'(', ..] => end + 1,
            [b'=', b'(', ..] => end + 2,
            [b'=' | b':', b' ', b'(', ..] => end + 3,
            _ => return None,
        };
        let quote = *bytes.get(open).filter(|&&byte| is(byte, QUOTE))?;
        let most = bytes.len().min(open + 1 + ARGUMENT_BYTES);
        let close = open
            + 1
            + bytes[open + 1..most]
                .iter()
                .position(|&byte| byte == quote)?;
        let comma = bytes.get(close + 1..)?;
        let blank = match comma {
            [b',', b' ', ..] => 2,
            [b',', ..] => 1,
            _ => return None,
        };
        self.quoted_secret(close + 1 + blank)
    }

    /// `amqp connection app:<password>@mq:5672`: a URL without its scheme. The
    /// password ends at the `@` after `token`.
    pub(in crate::redact) fn bare_login(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let colon = token.start.checked_sub(1)?;
        if bytes[colon] != b':' {
            return None;
        }
        let user = bytes[..colon]
            .iter()
            .rev()
            .take(40)
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let host = bytes[token.end + 1..]
            .iter()
            .take(64)
            .take_while(|&&byte| is(byte, ALNUM) || matches!(byte, b'.' | b'-'))
            .count();
        let after = &bytes[token.end + 1 + host..];
        let port = matches!(after, [b':', digit, ..] if is(*digit, DIGIT));
        let path = matches!(after, [b'/', next, ..] if is(*next, LETTER));
        if user == 0 || host == 0 || !(port || path) || token.end - token.start < 4 {
            return None;
        }
        self.push(token.start, token.end, Class::UrlCredential, REDACTED);
        Some(token.end)
    }
}

/// `2025-11-03`, `10:15`, or a word.
fn is_plain(value: &[u8]) -> bool {
    value.len() >= 8 && union(value) & LETTER == 0 && !looks_like_key(value) || is_word(value)
}
