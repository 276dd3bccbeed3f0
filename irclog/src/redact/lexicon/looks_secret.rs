//! Whether a value looks like a secret.

use crate::redact::lexicon::name::Announces;
use crate::redact::lexicon::words::{EXCEPTIONS, HEADER_SCHEMES, NOTHING, PROSE, VERDICTS};
use crate::redact::text::alphabet::{
    ALNUM, DIGIT, JOIN, LETTER, LOWER, NOT_HEX, QUOTE, SPACE, TOKEN, UPPER, is, is_hex, union,
};
use crate::redact::text::forms::is_uuid;
use crate::redact::text::letters::{alternates, unlike_words};
use crate::redact::text::random::is_random;

/// What stands where a value would be and is none, or is masked already.
pub(in crate::redact) fn is_placeholder(value: &[u8]) -> bool {
    let inner = value
        .iter()
        .position(|&byte| !is(byte, QUOTE))
        .map_or(&[][..], |from| &value[from..]);
    // `?`, `$1`, `%s`: where a statement takes a value.
    let parameter = matches!(inner, b"?" | b"%s" | b"?)" | b"%s)")
        || matches!(inner, [b'$', digits @ ..] if !digits.is_empty() && digits.len() < 3
            && digits.iter().all(|&byte| is(byte, DIGIT)));
    inner.is_empty()
        || parameter
        || inner.starts_with(b"[REDACTED")
        || inner.starts_with(b"[redacted")
        || inner.starts_with(b"<redacted")
        || inner.starts_with(b"REDACTED")
        || inner
            .iter()
            .all(|&byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'-'))
        || NOTHING.has_in_any_case(inner)
}

/// Whether a value is a word of a sentence about it.
pub(in crate::redact) fn is_prose(value: &[u8]) -> bool {
    PROSE.has_in_any_case(value)
}

pub(in crate::redact) fn first_word(value: &[u8]) -> &[u8] {
    let len = value
        .iter()
        .position(|&byte| is(byte, SPACE))
        .unwrap_or(value.len());
    &value[..len]
}

/// A word or an identifier of words: nothing in it is random.
pub(in crate::redact) fn is_word(value: &[u8]) -> bool {
    let value = strip_quote(value);
    value.len() <= 40
        && union(value) & DIGIT == 0
        && value.iter().all(|&byte| is(byte, TOKEN) || byte == b':')
        && value
            .split(|&byte| !is(byte, ALNUM))
            .all(|part| part.len() <= 20 && !is_random(part) && !alternates(part))
}

/// Whether a mark stands within a value as it does within passwords only.
pub(in crate::redact) fn has_symbol(value: &[u8]) -> bool {
    value.len() >= 8
        && value.windows(3).any(|three| {
            matches!(three[1], b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*')
                && is(three[0], ALNUM)
                && is(three[2], ALNUM)
        })
}

/// Bytes of the shortest token; `session:amd64` is none.
const TOKEN_BYTES: usize = 6;

/// What a `token` or `session` may hold in the open.
pub(in crate::redact) fn is_plain(value: &[u8], kind: Announces) -> bool {
    let value = strip_quote(value);
    let classes = union(value);
    if value
        .iter()
        .all(|&byte| is(byte, DIGIT) || matches!(byte, b'.' | b',' | b'-' | b'/'))
    {
        return kind != Announces::Digits && value.len() < 8;
    }
    if let Some(digits) = value.strip_prefix(b"0x") {
        return digits.len() <= 40 && classes & (NOT_HEX | JOIN) == NOT_HEX;
    }
    value.len() < TOKEN_BYTES
        || (is_word(value) && value.len() <= 24 && !unlike_words(value, 7, 45))
        || value.contains(&b':') && is_word(value)
        || is_chain(value)
        || is_location(value)
}

/// `eip155:8453`, `eip155:8453/erc20`: a chain, and what on it.
fn is_chain(value: &[u8]) -> bool {
    value.strip_prefix(b"eip155:").is_some_and(|rest| {
        let digits = rest.iter().take_while(|&&byte| is(byte, DIGIT)).count();
        match rest[digits..].split_first() {
            None => digits > 0,
            Some((b'/', kind)) => {
                digits > 0
                    && is(kind.first().copied().unwrap_or(0), LOWER)
                    && kind.iter().all(|&byte| is(byte, LOWER | DIGIT))
                    && kind.len() <= CHAIN_KIND
            }
            Some(_) => false,
        }
    })
}

/// Bytes of the longest kind of thing on a chain: `erc1155`, `slip44`.
const CHAIN_KIND: usize = 8;

/// `TokenService.java:142`, `/app/src/db.ts:12:3`: a line of a source file, and
/// a column in it.
pub(in crate::redact) fn is_location(value: &[u8]) -> bool {
    let number = |text: &[u8]| {
        let digits = text
            .iter()
            .rev()
            .take_while(|&&byte| is(byte, DIGIT))
            .count();
        let file = text.len() - digits;
        ((1..=6).contains(&digits) && file > 1 && text[file - 1] == b':').then(|| file - 1)
    };
    let Some(end) = number(value) else {
        return false;
    };
    let column = number(&value[..end]);
    let file = &value[..column.unwrap_or(end)];
    let ending = file
        .iter()
        .rev()
        .take_while(|&&byte| is(byte, LETTER))
        .count();
    let named = (1..=5).contains(&ending)
        && file.len() > ending + 1
        && file[file.len() - ending - 1] == b'.';
    (named || column.is_some() && file.contains(&b'/'))
        && file
            .split(|&byte| !is(byte, ALNUM))
            .all(|piece| piece.len() <= 40 && !is_random(piece))
}

/// `self.calculate_key(target)`, `**marks`: an expression of a program, which
/// holds no value.
pub(in crate::redact) fn is_expression(value: &[u8]) -> bool {
    if value.starts_with(b"**") {
        return is_word(&value[2..]);
    }
    let Some(open) = value.iter().position(|&byte| byte == b'(') else {
        return false;
    };
    let (callee, arguments) = (&value[..open], &value[open + 1..]);
    let word = |byte: &u8| is(*byte, LETTER) || matches!(byte, b'_' | b'.');
    !callee.is_empty()
        && callee.iter().all(word)
        && arguments.iter().all(|byte| {
            word(byte) || is(*byte, DIGIT | SPACE) || matches!(byte, b',' | b')' | b'(' | b'*')
        })
        && !looks_like_key(arguments)
}

/// `auth.(*Session).Token`: the type of a method in a trace of Go.
pub(in crate::redact) fn is_receiver(value: &[u8]) -> bool {
    value.strip_prefix(b"*").is_some_and(is_word)
}

/// `orders/2025/11/part-0001.parquet`, `/home/ana/.ssh/id_ed25519`: a path each
/// part of which is a word, a number, or one and the other.
fn is_path(value: &[u8]) -> bool {
    let words = |piece: &[u8]| {
        let switches = piece
            .windows(2)
            .filter(|pair| is(pair[0], DIGIT) != is(pair[1], DIGIT))
            .count();
        piece.len() <= 20
            && (union(piece) & LETTER == 0 || switches <= 2 && piece.len() <= 12 || switches == 0)
            && !unlike_words(piece, 4, 45)
            && !alternates(piece)
    };
    value.contains(&b'/')
        && union(value) & LETTER != 0
        && value.iter().all(|&byte| is(byte, TOKEN))
        && !value.contains(&b'+')
        && value.split(|&byte| !is(byte, ALNUM)).all(words)
}

/// `2025-11-03T15:21:36Z`.
fn is_time(value: &[u8]) -> bool {
    value.len() >= 10
        && value.iter().enumerate().all(|(at, &byte)| match at {
            4 | 7 => byte == b'-',
            0..10 => is(byte, DIGIT),
            _ => is(byte, DIGIT) || matches!(byte, b'T' | b'Z' | b':' | b'.' | b'+' | b'-' | b'_'),
        })
}

/// `1.14.10-1~deb12u1`: begins with a digit and a number with a point.
pub(in crate::redact) fn is_version(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|&&byte| is(byte, DIGIT)).count();
    (1..=4).contains(&digits)
        && matches!(value.get(digits..digits + 2), Some([b'.', next]) if is(*next, DIGIT))
}

/// Whether a value under the bare name `key` is one.
pub(in crate::redact) fn looks_like_key(value: &[u8]) -> bool {
    let value = strip_quote(value);
    // Neither is a path of modules.
    let has = |mark: &[u8]| value.windows(mark.len()).any(|part| part == mark);
    if value.len() < 8 || is_uuid(value) || has(b"::") || has(b"://") {
        return false;
    }
    let classes = union(value);
    if crate::redact::lexicon::prefix::vendor(value, false).is_some() {
        return true;
    }
    if value.iter().all(|&byte| is_hex(byte)) && classes & DIGIT != 0 && classes & LETTER != 0 {
        return value.len() >= 16;
    }
    let mixed = classes & DIGIT != 0 && classes & LETTER != 0;
    let switches = value
        .windows(2)
        .filter(|pair| {
            is(pair[0], DIGIT) != is(pair[1], DIGIT) && is(pair[0], ALNUM) && is(pair[1], ALNUM)
        })
        .count();
    let looks = (mixed && switches >= 3)
        || mixed && value.len() >= 14 && classes & SPACE == 0 && unlike_words(value, 6, 60)
        || (value.len() >= 16 && is_random(value))
        || value.len() >= 14 && classes & SPACE == 0 && alternates(value)
        || (value.len() >= 24 && classes & (JOIN | SPACE) == 0)
        || (mixed
            && value.len() >= 12
            && classes & (UPPER | LOWER) == (UPPER | LOWER)
            && classes & SPACE == 0
            && switches >= 2);
    looks && !(is_path(value) || is_time(value) || is_chain(value) || is_location(value))
}

pub(in crate::redact) fn looks_like_vendor_key(value: &[u8]) -> bool {
    let value = strip_quote(value);
    let classes = union(value);
    let is_hex = value.iter().all(|&byte| is_hex(byte));
    is_uuid(value)
        || is_hex && value.len() >= 11 && classes & DIGIT != 0 && classes & LETTER != 0
        || looks_like_key(value)
        || value.len() >= 12 && value.iter().all(|&byte| is(byte, DIGIT))
}

pub(in crate::redact) fn strip_quote(value: &[u8]) -> &[u8] {
    match value.first() {
        Some(&byte) if is(byte, QUOTE) => &value[1..],
        _ => value,
    }
}

/// Whether a value after no more than a space looks like a password that
/// somebody chose.
pub(in crate::redact) fn looks_chosen(value: &[u8]) -> bool {
    value.len() >= 6
        && !is_version(value)
        && !is_word(value)
        && union(value) & (DIGIT | LETTER) != 0
        && (union(value) & DIGIT != 0 || has_symbol(value) || looks_like_key(value))
}

/// The length of an authorization scheme and the space after it.
pub(in crate::redact) fn scheme(value: &[u8]) -> Option<usize> {
    let len = value.iter().take(20).position(|&byte| byte == b' ')?;
    HEADER_SCHEMES
        .has_in_any_case(&value[..len])
        .then_some(len + 1)
}

/// `AccessDeniedException`, `checksum failed`: whether what follows a name and a
/// colon says what became of it. `judged`, if a word before the name does.
pub(in crate::redact) fn is_reason(text: &[u8], judged: bool) -> bool {
    let trim = |word: &[u8]| {
        let len = word.iter().rposition(|&byte| is(byte, ALNUM));
        len.map_or(0, |len| len + 1)
    };
    let mut words = text
        .split(|&byte| is(byte, SPACE))
        .filter(|word| !word.is_empty());
    let Some(first) = words.next().map(|word| &word[..trim(word)]) else {
        return false;
    };
    let plain = |word: &[u8]| {
        !word.is_empty()
            && word.len() <= REASON_BYTES
            && word.iter().all(|&byte| is(byte, LETTER) || byte == b'_')
            && !unlike_words(word, 7, 45)
    };
    if !plain(first) {
        return false;
    }
    let last = first.iter().rposition(|&byte| is(byte, UPPER)).unwrap_or(0);
    if last > 0 && EXCEPTIONS.has_in_any_case(&first[last..]) {
        return true;
    }
    words.next().is_some_and(|word| {
        let word = &word[..trim(word)];
        VERDICTS.has_in_any_case(word) || judged && plain(word)
    })
}

/// Bytes of the longest word of a reason.
const REASON_BYTES: usize = 32;

/// Whether a value that nothing but a name close by announces looks like a
/// secret.
pub(in crate::redact) fn looks_secret(value: &[u8], kind: Announces) -> bool {
    let value = strip_quote(value);
    let classes = union(value);
    // An address has a form of its own.
    let digits = value.strip_prefix(b"0x");
    if digits.is_some_and(|digits| digits.len() == 40 && digits.iter().all(|&byte| is_hex(byte))) {
        return false;
    }
    match kind {
        Announces::Phrase => false,
        Announces::Digits => {
            (4..=8).contains(&value.len()) && value.iter().all(|&byte| is(byte, DIGIT))
        }
        Announces::Secret => {
            value.len() >= 6
                && !value.windows(3).any(|bytes| bytes == b"://")
                && classes & LETTER != 0
                && classes & SPACE == 0
                && (classes & DIGIT != 0 || unlike_words(value, 7, 45))
                && !is_version(value)
        }
        Announces::Header => looks_like_key(first_word(value)) || scheme(value).is_some(),
        Announces::Key => looks_like_key(value),
        _ => looks_like_vendor_key(value),
    }
}

/// Characters in one piece of a path segment, letters and digits mixed, from
/// which the segment is a key.
const KEY_PIECE: usize = 12;

/// Characters of a segment that is judged as a whole.
const MIXED_SEGMENT: usize = 20;

/// Whether a path segment or a user name is a key.
pub(in crate::redact) fn is_key(segment: &[u8]) -> bool {
    if segment.len() < KEY_PIECE || is_uuid(segment) {
        return false;
    }
    if crate::redact::lexicon::prefix::vendor(segment, false).is_some() {
        return true;
    }
    // Base64 has joins where they fall.
    let classes = union(segment);
    if segment.len() >= MIXED_SEGMENT
        && classes & (LETTER | DIGIT) == LETTER | DIGIT
        && unlike_words(segment, 7, 55)
    {
        return true;
    }
    let mut sum = 0;
    segment.split(|&byte| !is(byte, ALNUM)).any(|piece| {
        let classes = union(piece);
        let mixed = classes & DIGIT != 0 && classes & LETTER != 0;
        if mixed && is_random(piece) {
            sum += piece.len();
        }
        mixed && piece.len() >= KEY_PIECE
            || piece.len() >= 16 && is_random(piece)
            || piece.len() >= 20 && classes & (UPPER | LOWER) == (UPPER | LOWER) && is_random(piece)
            || sum >= 16
    })
}
