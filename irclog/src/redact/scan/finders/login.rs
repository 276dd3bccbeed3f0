//! Passwords among the options of a command line: `-u user:password`, `-p password`.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::is_word;
use crate::redact::scan::found::{REDACTED, mark};
use crate::redact::scan::{LOOK_BYTES, Scan};
use crate::redact::survey::Token;
use crate::redact::text::alphabet::{QUOTE, SPACE, is};

/// How far before `-p` its `-u` may stand.
const LOGIN_BYTES: usize = 80;

impl Scan<'_> {
    /// `-u user:password`, `--user user:password`, and `-p password` after
    /// `-u user`.
    pub(in crate::redact) fn login(&mut self, token: Token) -> Option<usize> {
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

    fn space_after(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|&byte| is(byte, SPACE))
            .map_or(self.bytes.len(), |len| from + len)
    }
}
