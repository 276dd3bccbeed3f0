//! Secrets whose name tells their place: a parameter of a statement, a column, an
//! item of an array, what stands below a line of code.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::{is_word, looks_chosen, looks_like_key};
use crate::redact::lexicon::name::announces;
use crate::redact::lexicon::words::STATEMENTS;
use crate::redact::scan::Scan;
use crate::redact::scan::found::{REDACTED, holds_mark};
use crate::redact::survey::Token;
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, QUOTE, SPACE, TOKEN, is, is_hex, union};

/// Bytes of the parameters of a statement.
const STATEMENT_BYTES: usize = 480;

/// Bytes of a traceback between a value and its line of code, and of a value.
const TRACEBACK_BYTES: usize = 600;
const SHOWN_BYTES: usize = 128;

/// Bytes of a row of names and of the one below.
const ROW_BYTES: usize = 256;

/// Bytes between a name and an array, and between two of its items.
const ARRAY_GAP: usize = 16;

/// Items of an array that are looked at, and bytes of the longest: a limb of 64
/// bits.
const ARRAY_ITEMS: usize = 256;
const ITEM_BYTES: usize = 20;

impl Scan<'_> {
    /// What a statement of SQL was given: `[parameters: ('ana', '…')]`,
    /// `args: ["…"]`, `DETAIL:  Failing row contains (3, ana, …)`. Where a name
    /// that announces a secret stands before, what looks chosen is one; else
    /// what looks like a key.
    pub(in crate::redact) fn statement(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let word = &bytes[token.start..token.end];
        let next = *bytes.get(token.end)?;
        if !STATEMENTS.has_in_any_case(word) || !matches!(next, b':' | b'=' | b' ' | b'"') {
            return None;
        }
        let announced = self
            .named_at
            .is_some_and(|at| token.start.saturating_sub(at) <= STATEMENT_BYTES);
        let most = bytes.len().min(token.end + STATEMENT_BYTES);
        let mut after = None;
        let mut at = token.end;
        // Rows without quotes are told in full by PostgreSQL alone.
        let bare = bytes[at..most].starts_with(b":  Failing row contains (");
        while at < most {
            let byte = bytes[at];
            let quoted = is(byte, QUOTE);
            let begins = quoted || bare && is(byte, ALNUM) && matches!(bytes[at - 1], b' ' | b'(');
            if !begins {
                at += 1;
                if byte == b'\n' {
                    break;
                }
                continue;
            }
            let from = at + usize::from(quoted);
            let ends = |&other: &u8| {
                if quoted {
                    other == byte
                } else {
                    matches!(other, b',' | b')')
                }
            };
            let len = bytes[from..most]
                .iter()
                .position(ends)
                .unwrap_or(most - from);
            let (to, value) = (from + len, &bytes[from..from + len]);
            let secret = if announced {
                looks_chosen(value)
            } else {
                looks_like_key(value) && !value.contains(&b' ')
            };
            if secret && !holds_mark(value) && !is_plain(value) {
                self.push(from, to, Class::Named, REDACTED);
                after = Some(to);
            }
            at = to + 1;
        }
        after
    }

    /// `└ '…'`: what a traceback shows below a line of code, by its column. The
    /// corner stands at `corner`.
    pub(in crate::redact) fn below_code(&self, corner: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let near = corner.saturating_sub(TRACEBACK_BYTES);
        let begin = |end: usize| {
            let line = bytes[near..end].iter().rposition(|&byte| byte == b'\n')?;
            Some(near + line + 1)
        };
        let mut start = begin(corner)?;
        let column = columns(&bytes[start..corner]);
        // Upwards over the other values to the line of code.
        let code = loop {
            let end = start.checked_sub(1)?;
            start = begin(end).or((near == 0).then_some(0))?;
            let line = &bytes[start..end];
            let first = line.iter().position(|&byte| byte != b' ')?;
            if !line[first..].starts_with("│".as_bytes())
                && !line[first..].starts_with("└".as_bytes())
            {
                break line;
            }
        };
        let mut at = 0;
        for _ in 0..column {
            at += code
                .get(at..)?
                .iter()
                .skip(1)
                .take_while(|&&byte| byte & 0xc0 == 0x80)
                .count()
                + 1;
        }
        let len = code
            .get(at..)?
            .iter()
            .take_while(|&&byte| is(byte, TOKEN))
            .count();
        let name = code[at..at + len].rsplit(|&byte| byte == b'.').next()?;
        announces(name, true)?;
        let from = corner + "└ ".len();
        if bytes.get(from).is_some_and(|&byte| is(byte, QUOTE)) {
            return self.quoted_secret(from);
        }
        let len = bytes
            .get(from..)?
            .iter()
            .take(SHOWN_BYTES)
            .take_while(|&&byte| byte != b'\n')
            .count();
        looks_chosen(&bytes[from..from + len]).then_some((from, from + len))
    }

    /// The field below the name in `start..end`, where a row of names stands
    /// above one of values: `user,password` and `ana,…`.
    pub(in crate::redact) fn below(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        if !matches!(bytes.get(end), Some(b',' | b'\n' | b'\r' | b';' | b'\t')) {
            return None;
        }
        let near = start.saturating_sub(ROW_BYTES);
        let line = bytes[near..start].iter().rposition(|&byte| byte == b'\n');
        let line = line.map_or(near, |at| near + at + 1);
        let row = bytes.get(line..bytes.len().min(line + ROW_BYTES))?;
        let mut rows = row.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
        let (names, values) = (rows.next()?, rows.next()?);
        let sign = [b',', b';', b'\t']
            .into_iter()
            .find(|sign| names.contains(sign))?;
        let count = |row: &[u8]| row.split(|&byte| byte == sign).count() - 1;
        let plain = |name: &[u8]| !name.is_empty() && name.iter().all(|&byte| is(byte, TOKEN));
        if count(names) != count(values) || !names.split(|&byte| byte == sign).all(plain) {
            return None;
        }
        let column = count(&bytes[line..start]);
        let value = values.split(|&byte| byte == sign).nth(column)?;
        let first = bytes[line..].iter().position(|&byte| byte == b'\n')? + line + 1;
        let before: usize = values
            .split(|&byte| byte == sign)
            .take(column)
            .map(|cell| cell.len() + 1)
            .sum();
        let from = first + before;
        looks_chosen(value).then_some((from, from + value.len()))
    }

    /// `key [175…, 138…]`, `KEY {0311, 0314, …}`: the inside of an array after a
    /// name that ends at `end`: bytes in any notation, or limbs of a number.
    pub(in crate::redact) fn array(&self, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let near = bytes.get(end..bytes.len().min(end + ARRAY_GAP))?;
        let open = near
            .iter()
            .position(|&byte| matches!(byte, b'[' | b'{' | b'('))?;
        // `words`, a sign, a type.
        let between = |&byte: &u8| is(byte, LETTER | SPACE) || matches!(byte, b'=' | b':');
        if !near[..open].iter().all(between) {
            return None;
        }
        let from = end + open + 1;
        let (mut at, mut items, mut digits) = (from, 0, 0);
        let mut last = from;
        while at < bytes.len() && items < ARRAY_ITEMS {
            let len = bytes[at..]
                .iter()
                .take(ITEM_BYTES + 1)
                .take_while(|&&byte| is(byte, ALNUM))
                .count();
            let item = &bytes[at..at + len];
            let number = item.strip_prefix(b"0x").unwrap_or(item);
            if len == 0 || len > ITEM_BYTES || !number.iter().all(|&byte| is_hex(byte)) {
                break;
            }
            if !item.iter().any(|&byte| is(byte, DIGIT)) {
                break;
            }
            items += 1;
            digits += len;
            last = at + len;
            let gap = bytes[last..]
                .iter()
                .take(ARRAY_GAP)
                .take_while(|&&byte| is(byte, SPACE) || byte == b',')
                .count();
            at = last + gap;
            if gap == 0 {
                break;
            }
        }
        let limbs = items >= 3 && digits >= items * 9;
        (limbs || items >= 16).then_some((from, last))
    }
}

/// How many characters a line has.
fn columns(line: &[u8]) -> usize {
    line.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// `2025-11-03`, `10:15`, or a word.
fn is_plain(value: &[u8]) -> bool {
    value.len() >= 8 && union(value) & LETTER == 0 && !looks_like_key(value) || is_word(value)
}
