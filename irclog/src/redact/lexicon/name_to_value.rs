//! What may stand between a name and its value: a type, a wrapper, a few words.

use crate::redact::lexicon::name::ends_harmless;
use crate::redact::lexicon::words::{LEADING, POSTPOSED, QUALIFIERS, WHOSE};
use crate::redact::text::alphabet::{ALNUM, LETTER, LOWER, QUOTE, SPACE, TOKEN, UPPER, is};

/// `string =`, `: &str =`: a type between a name and its value.
pub(in crate::redact) fn type_word(rest: &[u8]) -> Option<usize> {
    const TYPES: [&[u8]; 8] = [
        b"string", b"String", b"str", b"&str", b"text", b"TEXT", b"char*", b"const",
    ];
    let word = TYPES.iter().find(|word| rest.starts_with(word))?.len();
    let blanks = rest[word..]
        .iter()
        .take(4)
        .take_while(|&&byte| byte == b' ')
        .count();
    let sign = rest.get(word + blanks..)?;
    match sign {
        [b':', b'=', ..] => Some(word + blanks + 2),
        [b'=', ..] => Some(word + blanks + 1),
        _ => None,
    }
}

/// `&str = "`, `Option<String> = "`: where the quote stands after a type and a
/// sign, and whether the type is one of text. Another could be the value.
pub(in crate::redact) fn annotation(rest: &[u8]) -> Option<(usize, bool)> {
    const LIFETIME: &[u8] = b"'static ";
    let mut at = usize::from(rest.first() == Some(&b'&'));
    if rest.get(at..)?.starts_with(LIFETIME) {
        at += LIFETIME.len();
    }
    let name = rest[at..]
        .iter()
        .take(48)
        .take_while(|&&byte| is(byte, ALNUM) || matches!(byte, b'_' | b':' | b'<' | b'>' | b'.'))
        .count();
    let text = rest[at..at + name]
        .windows(3)
        .any(|part| part.eq_ignore_ascii_case(b"str"));
    at += name;
    if rest[at..].starts_with(b" | None") {
        at += 7;
    }
    at += blanks(&rest[at..]);
    if name == 0 || rest.get(at) != Some(&b'=') {
        return None;
    }
    at += 1;
    at += blanks(&rest[at..]);
    rest.get(at)
        .is_some_and(|&byte| is(byte, QUOTE))
        .then_some((at, text))
}

fn blanks(rest: &[u8]) -> usize {
    rest.iter()
        .take(4)
        .take_while(|&&byte| byte == b' ')
        .count()
}

/// `", "value": `, a line end and `value: `: from a name to the value beside
/// it, where both are values of their own.
pub(in crate::redact) fn value_beside(rest: &[u8], quoted: bool) -> Option<usize> {
    let space = |from: usize| {
        rest[from..]
            .iter()
            .take(32)
            .take_while(|&&byte| is(byte, SPACE))
            .count()
    };
    let mut at = usize::from(quoted && rest.first() == Some(&b','));
    let parted = space(at);
    // `token value` is another thing.
    if !quoted && !rest[..parted].contains(&b'\n') {
        return None;
    }
    at += parted;
    if at == 0 {
        return None;
    }
    let quote = *rest.get(at).filter(|&&byte| is(byte, QUOTE)).unwrap_or(&0);
    at += usize::from(quote != 0);
    if !rest.get(at..at + 5)?.eq_ignore_ascii_case(b"value") {
        return None;
    }
    at += 5;
    if quote != 0 {
        if rest.get(at) != Some(&quote) {
            return None;
        }
        at += 1;
    }
    at += blanks(&rest[at..]);
    matches!(rest.get(at), Some(b':' | b'=')).then_some(at + 1)
}

/// `(Native Method)`: what a trace has for the line of a source file.
pub(in crate::redact) fn is_no_location(rest: &[u8]) -> bool {
    [&b"Native Method)"[..], b"Unknown Source)"]
        .iter()
        .any(|place| rest.starts_with(place))
}

/// `Some(`, `SecretString(`, `String::from(`: the length of a wrapper.
pub(in crate::redact) fn wrapper(rest: &[u8]) -> Option<usize> {
    if !is(*rest.first()?, LETTER) {
        return None;
    }
    let len = rest
        .iter()
        .take(32)
        .take_while(|&&byte| is(byte, LETTER) || matches!(byte, b':' | b'_' | b'.'))
        .count();
    // `string(12) "value"`, as PHP dumps it.
    if rest[..len].eq_ignore_ascii_case(b"string") && rest.get(len) == Some(&b'(') {
        let digits = rest[len + 1..]
            .iter()
            .take(8)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let end = len + 1 + digits;
        if digits > 0
            && matches!(rest.get(end..end + 3), Some([b')', b' ', quote]) if is(*quote, QUOTE))
        {
            return Some(end + 2);
        }
    }
    let opens = rest.get(len) == Some(&b'(')
        && (is(rest[0], UPPER) || rest.get(len + 1).is_some_and(|&byte| is(byte, QUOTE)));
    opens.then_some(len + 1)
}

/// `Password { value: `: a struct around the value, up to its first field,
/// unless that has a harmless name.
pub(in crate::redact) fn record(rest: &[u8]) -> Option<usize> {
    let word = |from: usize| {
        rest[from..]
            .iter()
            .take(32)
            .take_while(|&&byte| is(byte, LETTER) || byte == b'_')
            .count()
    };
    if !is(*rest.first()?, UPPER) {
        return None;
    }
    let field = word(0) + 3;
    if rest.get(field - 3..field) != Some(b" { ") {
        return None;
    }
    let end = field + word(field);
    if ends_harmless(&rest[field..end]) {
        return None;
    }
    (end > field && rest.get(end..end + 2) == Some(b": ")).then_some(end + 2)
}

/// `{"value": `, `{ inner: `: an object around the value, up to its first
/// field, unless that has a harmless name.
pub(in crate::redact) fn field(rest: &[u8]) -> Option<usize> {
    let space = |from: usize| {
        rest[from.min(rest.len())..]
            .iter()
            .take(32)
            .take_while(|&&byte| is(byte, SPACE))
            .count()
    };
    let mut at = 1 + space(1);
    let quote = rest.get(at).filter(|&&byte| is(byte, QUOTE));
    at += usize::from(quote.is_some());
    let name = rest
        .get(at..)?
        .iter()
        .take(32)
        .take_while(|&&byte| is(byte, LETTER) || byte == b'_')
        .count();
    let harmless = ends_harmless(&rest[at..at + name]);
    at += name;
    if let Some(quote) = quote {
        if rest.get(at) != Some(quote) {
            return None;
        }
        at += 1;
    }
    let sign = matches!(rest.get(at), Some(b':' | b'='));
    let end = at + 1 + space(at + 1);
    // `{token:value}` may be a secret in two parts.
    (name > 0 && !harmless && sign && (quote.is_some() || end > at + 1)).then_some(end)
}

/// `set to`, `value:`, `by`: the words between a name and its value, and their
/// length.
pub(in crate::redact) fn leads_on(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..4 {
        let len = rest[at..]
            .iter()
            .take(12)
            .take_while(|&&byte| is(byte, LETTER))
            .count();
        let word = &rest[at..at + len];
        // `IDENTIFIED BY`; in small letters it leads on to anything.
        let quoted =
            matches!(rest.get(at + len..at + len + 2), Some([b' ', next]) if is(*next, QUOTE));
        let on = matches!(word, b"to" | b"from");
        let leads = is_leading(word) || word == b"BY" || on && (at > 0 || quoted);
        // `attempt 3: `, `mismatch (got `, `rotated: old=`.
        let further =
            matches!(rest.get(at + len), Some(b'=')) && matches!(word, b"old" | b"new") && at > 0;
        if !(leads || further) {
            break;
        }
        at += len;
        if let [b' ', digit, b':', ..] = rest[at..]
            && digit.is_ascii_digit()
        {
            at += 2;
        }
        at += usize::from(matches!(rest.get(at), Some(b':' | b'=')));
        at += 2 * usize::from(rest[at..].starts_with(b" ("));
        let blanks = rest[at..].iter().take(4).take_while(|&&byte| byte == b' ');
        at += blanks.count();
    }
    (at > 0).then_some(at)
}

/// ` privada: `, ` de acceso es `: what kind of key it is, from a name to its
/// value, as languages have it in which that follows the name.
pub(in crate::redact) fn postposed(rest: &[u8]) -> Option<usize> {
    let mut at = if rest.starts_with(b"de ") { 3 } else { 0 };
    let len = rest[at..]
        .iter()
        .take(16)
        .take_while(|&&byte| is(byte, LETTER))
        .count();
    let mut word = [0; 16];
    word[..len].copy_from_slice(&rest[at..at + len]);
    word.make_ascii_lowercase();
    if !POSTPOSED.has(&word[..len]) {
        return None;
    }
    at += len;
    at += blanks(&rest[at..]);
    match rest.get(at..)? {
        [b':' | b'=', ..] => Some(at + 1),
        [b'"' | b'\'', b':' | b'=', ..] => Some(at + 2),
        [b'e', b's', b' ' | b':', ..] => Some(at + 3),
        _ => None,
    }
}

/// ` incorrecta: `, ` actual `: how what is named fared, or which one it is, from
/// a name to its value.
pub(in crate::redact) fn qualified(rest: &[u8]) -> Option<usize> {
    let len = rest
        .iter()
        .take(16)
        .take_while(|&&byte| is(byte, LETTER))
        .count();
    if !QUALIFIERS.has_in_any_case(&rest[..len]) {
        return None;
    }
    let at = len + usize::from(matches!(rest.get(len), Some(b':' | b'=')));
    let blanks = blanks(&rest[at..]);
    (at + blanks > len).then_some(at + blanks)
}

/// `for ana is `, `of user 'ana': `: whose secret it is, from a name to its
/// value.
pub(in crate::redact) fn whose(rest: &[u8]) -> Option<usize> {
    let word = rest.iter().take(8).position(|&byte| byte == b' ')?;
    if !WHOSE.has(&rest[..word]) {
        return None;
    }
    let mut at = word + 1;
    for _ in 0..WHOSE_WORDS {
        let len = rest[at..]
            .iter()
            .take(40)
            .take_while(|&&byte| is(byte, TOKEN | QUOTE) || byte == b'@')
            .count();
        if len == 0 {
            return None;
        }
        at += len;
        match rest.get(at..)? {
            [b':' | b'=', b' ', ..] => return Some(at + 2),
            [b' ', b'i' | b'e', b's', b' ' | b':', ..] => return Some(at + 4),
            [b' ', b'w', b'a', b's', b' ' | b':', ..] => return Some(at + 5),
            [b' ', b'w', b'i', b'l', b'l', b' ', b'b', b'e', b' ', ..] => return Some(at + 9),
            [b' ', ..] => at += 1,
            _ => return None,
        }
    }
    None
}

/// Words that say whose: `the user ana`.
const WHOSE_WORDS: usize = 3;

/// Whether a word leads from a name to its value. Apart from the survey, which
/// rarely gets as far.
#[inline(never)]
pub(in crate::redact) fn is_leading(word: &[u8]) -> bool {
    LEADING.has_in_any_case(word)
}

/// Whether a plain word and a further one follow: `token expired at`. A
/// value would not look like that, but for the few words that lead to one.
pub(in crate::redact) fn prose_follows(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..];
    let len = rest
        .iter()
        .take(14)
        .take_while(|&&byte| is(byte, LOWER))
        .count();
    let word = &rest[..len];
    (2..14).contains(&len)
        && matches!(rest.get(len..len + 2), Some([b' ', next]) if is(*next, LOWER))
        && !matches!(
            word,
            b"is" | b"was" | b"es" | b"est" | b"string" | b"str" | b"text" | b"const"
        )
        && !is_leading(word)
        && !(QUALIFIERS.has(word) && qualified(rest).is_some())
        && !(WHOSE.has(word) && whose(rest).is_some())
        && postposed(rest).is_none()
}

/// Whether what follows a name makes the rest a value.
#[inline]
pub(in crate::redact) fn assigns(rest: &[u8]) -> bool {
    match rest {
        [b'=' | b':' | b'"' | b'\'', ..] => true,
        [b' ', sign, ..] => matches!(sign, b'=' | b':'),
        _ => false,
    }
}
