//! Numbers that are secret: byte lists, hexadecimal in groups, cards, IBANs,
//! hashes of passwords.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::words::COUNTED;
use crate::redact::scan::Scan;
use crate::redact::scan::found::REDACTED;
use crate::redact::text::alphabet::{ALNUM, DIGIT, JOIN, LETTER, LOWER, SPACE, is, is_hex};

/// Items of a byte list from which it is masked: 128 bits.
const LIST_BYTES: usize = 16;

/// Items of a hash, and those of them that stay: as many digits as of others.
const HASH_BYTES: usize = 32;
const HASH_HEAD: usize = 4;

/// Items that suffice where the text, which may be cut, ends in the list.
const CUT_LIST_BYTES: usize = 8;

/// Hexadecimal digits in groups from which they are masked: 128 bits.
const GROUPED_DIGITS: usize = 32;

impl Scan<'_> {
    /// A bracketed list of numbers up to 255 whose bracket stands at `open`.
    pub(in crate::redact) fn byte_list(&mut self, open: usize) -> Option<usize> {
        let bytes = self.bytes;
        let mut at = open + 1;
        let mut items = 0;
        let mut from = None;
        // `0, 1, 2, …` are the numbers of a test.
        let mut counts = Some(0u32);
        // Where the fourth ends.
        let mut head = open;
        loop {
            while at < bytes.len() && is(bytes[at], SPACE) {
                at += 1;
            }
            let Some(used) = list_item(&bytes[at..]) else {
                break;
            };
            from = from.or(Some(at));
            let number = std::str::from_utf8(&bytes[at..at + used]).ok();
            let number = number.and_then(|item| item.parse::<u32>().ok());
            counts = match (counts, number) {
                (_, Some(number)) if items == 0 => Some(number),
                (Some(last), Some(number)) if number == last + 1 => Some(number),
                _ => None,
            };
            items += 1;
            at += used;
            if items == HASH_HEAD {
                head = at;
            }
            while at < bytes.len() && (is(bytes[at], SPACE) || matches!(bytes[at], b',' | b';')) {
                at += 1;
            }
        }
        let from = from?;
        let cut = at == bytes.len() && items >= CUT_LIST_BYTES;
        if items < LIST_BYTES && !cut {
            return None;
        }
        if counts.is_some() {
            return Some(at);
        }
        if items == HASH_BYTES && self.is_hash(open) {
            self.push(head, at, Class::Hash, ", …");
            return Some(at);
        }
        self.push(from, at, Class::Bytes, "[BYTES]");
        Some(at)
    }

    /// `tx_hash=Evm([`: whether the list that a bracket at `open` opens is a hash
    /// by its name.
    fn is_hash(&self, open: usize) -> bool {
        let before = |end: usize, of: fn(u8) -> bool| {
            let bytes = self.bytes[..end].iter().rev().take(NAME_BYTES);
            end - bytes.take_while(|&&byte| of(byte)).count()
        };
        let sign = before(open, |byte| is(byte, LETTER) || matches!(byte, b'(' | b' '));
        let name_end = before(sign, |byte| matches!(byte, b'=' | b':' | b'"' | b'\''));
        let name = &self.bytes[before(name_end, |byte| is(byte, ALNUM) || byte == b'_')..name_end];
        let name = name.to_ascii_lowercase();
        sign > name_end && (name.ends_with(b"hash") || name.ends_with(b"tx"))
    }

    /// `aa:bb:cc`, `dead beef`: groups of equal length with one separator.
    pub(in crate::redact) fn hex_groups(&mut self, start: usize, end: usize) -> Option<usize> {
        let bytes = self.bytes;
        let len = end - start;
        if len == 4
            && bytes.get(end) == Some(&b':')
            && let Some(after) = self.ipv6(start)
        {
            return Some(after);
        }
        if !self.group_follows(end, len) || !bytes[start..end].iter().all(|&byte| is_hex(byte)) {
            return None;
        }
        let mut at = end;
        let mut digits = len;
        let letters = |from: usize, to: usize| bytes[from..to].iter().any(|&byte| is(byte, LETTER));
        let mut decimal = !letters(start, end);
        let (separator, _) = gap(&bytes[end..])?;
        while let Some((same, between)) = gap(&bytes[at..])
            && same == separator
        {
            let from = at + between;
            let Some(group) = bytes.get(from..from + len) else {
                break;
            };
            if !group.iter().all(|&byte| is_hex(byte))
                || bytes.get(from + len).is_some_and(|&byte| is(byte, ALNUM))
            {
                break;
            }
            digits += len;
            at = from + len;
            decimal &= !letters(from, at);
            // Numbers in a row: each of them begins such a run.
            if decimal && digits > 2 * GROUPED_DIGITS {
                return None;
            }
        }
        // Two identifiers of 64 bits are no key, and days in a row are none.
        let needed = GROUPED_DIGITS.max(len * 3);
        if decimal || digits < needed || separator == b':' && self.is_local_ipv6(start, at) {
            return None;
        }
        self.push(start, at, Class::Hash, "[HEX]");
        Some(at)
    }

    /// Whether another group of `len` digits may follow one that ends at
    /// `end`, after one separator or two.
    pub(in crate::redact) fn group_follows(&self, end: usize, len: usize) -> bool {
        let follows = |at: usize| {
            let group = self.bytes.get(at..at + len);
            group.is_some_and(|group| group.iter().all(|&byte| is_hex(byte)))
        };
        follows(end + 1) || follows(end + 2) || follows(end + 3)
    }

    /// A token without letters: a card, the address of a host, a long number.
    pub(in crate::redact) fn number(&mut self, start: usize, end: usize) -> Option<usize> {
        let bytes = self.bytes;
        let text = &bytes[start..end];
        if matches!(text.len(), 2 | 4 | 8)
            && let Some(after) = self.hex_groups(start, end)
        {
            return Some(after);
        }
        if text.contains(&b'.')
            && let Some(after) = self.ipv4(start, end)
        {
            return Some(after);
        }
        if text.len() >= 60 && text.iter().all(|&byte| is(byte, DIGIT)) {
            self.push(start + 8, end, Class::Hash, "…");
            return Some(end);
        }
        let grouped = text.len() == 4
            && matches!(bytes.get(end..end + 2), Some([b' ' | b'-', next]) if is(*next, DIGIT));
        if grouped || text.len() >= 13 {
            return self.card(start);
        }
        None
    }

    /// 13 to 19 digits, in groups or not, that add up.
    fn card(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let mut digits = [0u8; 19];
        let mut count = 0;
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            // Another card may follow.
            if count >= 13 && !is(byte, DIGIT) && is_card(&digits[..count]) {
                break;
            }
            let parts = match byte {
                b' ' | b'-' => count % 4 == 0 || count == 10,
                // A number with a point is none of four groups.
                b'.' | b'/' | b'_' => count % 4 == 0 && at + 1 == start + count / 4 * 5,
                _ => false,
            };
            if is(byte, DIGIT) {
                if count == digits.len() {
                    return None;
                }
                digits[count] = byte - b'0';
                count += 1;
            } else if !(parts && bytes.get(at + 1).is_some_and(|&next| is(next, DIGIT))) {
                break;
            }
            at += 1;
        }
        let digits = &digits[..count];
        let pointed = bytes[start..at]
            .iter()
            .any(|&byte| is(byte, JOIN) && byte != b'-');
        if !is_card(digits)
            || self.is_counted(start)
            || pointed && at != start + 19
            || bytes.get(at).is_some_and(|&byte| is(byte, ALNUM))
        {
            return None;
        }
        self.push(start, at, Class::Card, "[CARD]");
        Some(at)
    }

    /// Whether the name before a number at `start` says that it is one: every
    /// tenth amount has the sum of a card.
    fn is_counted(&self, start: usize) -> bool {
        let before = |at: usize, what: &dyn Fn(u8) -> bool| {
            let bytes = self.bytes[..at].iter().rev().take(NAME_BYTES);
            at - bytes.take_while(|&&byte| what(byte)).count()
        };
        let between = |byte| matches!(byte, b'=' | b':' | b'"' | b'\'' | b' ' | b'(');
        let mut end = before(start, &between);
        if self.bytes[..end].ends_with(b"Some") {
            end = before(end - 4, &between);
        }
        let name = &self.bytes[before(end, &|byte| is(byte, LETTER))..end];
        end < start
            && COUNTED.list.iter().any(|word| {
                name.len() >= word.len()
                    && name[name.len() - word.len()..].eq_ignore_ascii_case(word)
            })
    }

    /// An IBAN that begins at `start`, in groups of four or in one.
    pub(in crate::redact) fn iban(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        if !matches!(bytes.get(start..start + 4), Some([a, b, c, d])
            if is(*a, LETTER) && is(*b, LETTER) && is(*c, DIGIT) && is(*d, DIGIT))
        {
            return None;
        }
        let country = [bytes[start], bytes[start + 1]].map(|byte| byte.to_ascii_uppercase());
        if !COUNTRIES.as_chunks().0.contains(&country) {
            return None;
        }
        let lower = is(bytes[start], LOWER);
        let mut account = Vec::with_capacity(IBAN_MAX);
        let (mut found, mut parts) = (None, 0);
        for (at, &byte) in bytes.iter().enumerate().skip(start) {
            if is(byte, ALNUM) && (lower || !is(byte, LOWER)) {
                account.push(byte.to_ascii_uppercase());
            } else if !lower && matches!(byte, b' ' | b'-') && account.len() == 4 * (parts + 1) {
                parts += 1;
            } else {
                break;
            }
            let ends = !bytes.get(at + 1).is_some_and(|&next| is(next, ALNUM));
            if account.len() > IBAN_MAX {
                break;
            }
            if ends && is(byte, ALNUM) && account.len() >= IBAN_MIN && adds_up(&account) {
                found = Some(at + 1);
            }
        }
        let end = found?;
        // Some word in small letters adds up by chance; an account has digits.
        let digits = bytes[start..end].iter().filter(|&&byte| is(byte, DIGIT));
        if lower && digits.count() < IBAN_DIGITS {
            return None;
        }
        self.push(start, end, Class::Iban, "[IBAN]");
        Some(end)
    }

    /// `$2b$12$...`, `$argon2id$v=19$...`: a password in its hash.
    pub(in crate::redact) fn password_hash(&mut self, start: usize) -> Option<usize> {
        let rest = &self.bytes[start..];
        // The scheme is short, in lower case, and ends with the next `$`.
        let scheme = rest[1..]
            .iter()
            .take(16)
            .position(|&byte| !(is(byte, LOWER | DIGIT) || byte == b'-'))?;
        if scheme == 0 || rest[scheme + 1] != b'$' {
            return None;
        }
        let len = rest
            .iter()
            .take_while(|&&byte| {
                is(byte, ALNUM | JOIN) || matches!(byte, b'$' | b'=' | b',' | b'*' | b'@' | b':')
            })
            .count();
        if len < 20 {
            return None;
        }
        self.push(start + scheme + 2, start + len, Class::Opaque, REDACTED);
        Some(start + len)
    }
}

/// What parts two groups: a character with blanks around it, or blanks; and
/// how long it is.
fn gap(rest: &[u8]) -> Option<(u8, usize)> {
    let blanks = |from: usize| {
        rest[from.min(rest.len())..]
            .iter()
            .take(2)
            .take_while(|&&byte| is(byte, SPACE))
            .count()
    };
    let before = blanks(0);
    match *rest.get(before)? {
        byte if is(byte, ALNUM) => (before > 0).then_some((b' ', before)),
        byte if is(byte, JOIN) => None,
        byte => {
            // `a1b2::c3d4`.
            let twice = usize::from(rest.get(before + 1) == Some(&byte));
            let end = before + 1 + twice;
            Some((byte, end + blanks(end)))
        }
    }
}

/// Characters of the shortest and the longest IBAN.
const IBAN_MIN: usize = 15;
const IBAN_MAX: usize = 34;

/// Bytes of a name before a number that are looked at.
const NAME_BYTES: usize = 16;

/// Those that have them.
const COUNTRIES: &[u8] = b"ADAEALATAZBABEBGBHBIBRBYCHCRCYCZDEDJDKDOEEEGESFIFKFOFRGBGEGIGLGRGTHNHRHU\
IEILIQISITJOKWKZLBLCLILTLULVLYMCMDMEMKMNMRMTMUNINLNOOMPKPLPSPTQARORSRUSASCSDSESISKSMSOSTSVTLTNTRUAVAVGXKYE";

/// Digits of one in small letters.
const IBAN_DIGITS: usize = 12;

/// ISO 7064: the number that an IBAN spells leaves 1 when divided by 97.
fn adds_up(account: &[u8]) -> bool {
    let (head, tail) = account.split_at(4);
    let rest = tail.iter().chain(head).fold(0u32, |rest, &byte| {
        if is(byte, DIGIT) {
            (rest * 10 + u32::from(byte - b'0')) % 97
        } else {
            (rest * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    rest == 1
}

/// The length of an item of a byte list: a number up to 255, decimal or
/// hexadecimal, also signed or with its type.
fn list_item(rest: &[u8]) -> Option<usize> {
    let sign = usize::from(rest.first() == Some(&b'-'));
    let len = rest[sign..]
        .iter()
        .take(7)
        .take_while(|&&byte| is(byte, ALNUM))
        .count();
    let item = &rest[sign..sign + len];
    let typed = item
        .strip_suffix(b"u8")
        .or_else(|| item.strip_suffix(b"i8"))
        .unwrap_or(item);
    let digits = typed
        .strip_prefix(b"0x")
        .or_else(|| typed.strip_prefix(b"0X"))
        .unwrap_or(typed);
    let hex = matches!(digits.len(), 1 | 2) && digits.iter().all(|&byte| is_hex(byte));
    let decimal = digits.len() == 3
        && typed.len() == 3
        && digits.iter().all(|&byte| is(byte, DIGIT))
        && digits <= b"255".as_slice();
    (hex || decimal).then_some(sign + len)
}

/// Whether the digits are a card's: an issuer's beginning and Luhn's sum.
fn is_card(digits: &[u8]) -> bool {
    let issuer = match digits {
        [3, 4 | 7, ..] => digits.len() == 15,
        [4, ..] => matches!(digits.len(), 13 | 16 | 19),
        [5, 0..=8, ..] | [2, 2..=7, ..] | [3, 5, ..] => digits.len() == 16,
        [6, 0 | 4 | 5 | 7, ..] => matches!(digits.len(), 16 | 19),
        [3, 0 | 6 | 8, ..] => digits.len() == 14,
        _ => false,
    };
    // Amounts are round, what stands for nothing is one digit.
    let round = digits.iter().rev().take_while(|&&digit| digit == 0).count() > 5;
    let one = digits.windows(2).all(|pair| pair[0] == pair[1]);
    issuer && !round && !one && {
        let sum: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(at, &digit)| {
                let digit = u32::from(digit);
                match at % 2 {
                    0 => digit,
                    _ if digit > 4 => digit * 2 - 9,
                    _ => digit * 2,
                }
            })
            .sum();
        sum.is_multiple_of(10)
    }
}
