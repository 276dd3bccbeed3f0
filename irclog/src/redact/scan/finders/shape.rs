//! Tokens that are secret by their shape.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::name::announces;
use crate::redact::lexicon::prefix;
use crate::redact::scan::Scan;
use crate::redact::scan::finders::opaque::{CUT_RANDOM, Cut};
use crate::redact::scan::found::REDACTED;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::{LONG, SHORT, SHORT_VENDOR};
use crate::redact::text::alphabet::{
    ALNUM, DIGIT, JOIN, LETTER, LOWER, NOT_HEX, TOKEN, UPPER, class, is, is_hex, union,
};
use crate::redact::text::forms::{Base58, base58, is_keypair, is_trace, is_uuid, parts};
use crate::redact::text::random::is_random;

/// Digits of a hash or an address that stay: enough to find it again, too
/// few to be worth anything.
const KEPT_DIGITS: usize = 8;

/// Hexadecimal digits of an address that stay, with `0x` before them.
const KEPT_ADDRESS_DIGITS: usize = 10;

/// Hexadecimal digits after `0x` above which a number is no amount: 2^80 wei
/// is a million ether, 20 digits.
const MAX_QUANTITY_DIGITS: usize = 20;

/// Bare hexadecimal digits from which a token is hidden: 96 bits, the
/// shortest that vendors use as a key.
const BARE_HEX_DIGITS: usize = 24;

/// Hexadecimal digits of a span's identifier, which stands at the end of many
/// a text.
const SPAN_ID_DIGITS: usize = 16;

/// Hexadecimal digits that an ellipsis may follow: more than those of a hash
/// in short.
const CUT_HEX_DIGITS: usize = 12;

/// Bytes of a token of hexadecimal groups from which it is hidden: as many
/// digits, and what parts them.
const GROUPED_BYTES: usize = 36;

/// Hexadecimal digits of 32 bytes.
const HASH_DIGITS: usize = 64;

/// Bytes of a name before a hash that is no vendor's prefix.
const NAMED_BYTES: usize = 8;

/// Decimal digits from which a number may be a 256-bit key. The largest
/// amounts that services print in full have fewer.
const DECIMAL_KEY_DIGITS: usize = 60;

impl Scan<'_> {
    /// Looks at the shape of `token`. Returns where to go on if it is masked.
    pub(in crate::redact) fn shape(&mut self, token: Token) -> Option<usize> {
        let bytes = self.bytes;
        let Token { start, classes, .. } = token;
        if token.end - start < SHORT && token.end != bytes.len() && self.gated {
            return self.short(token);
        }
        let end = self.trimmed(token);
        // What is shorter is not looked at within a text.
        let looked_at = token.end - start >= LONG
            || token.end - start >= SHORT && (classes & DIGIT != 0 || classes & LETTER == LETTER);
        let cut = looked_at && self.cut(end).is_some();
        let at_end = token.end == bytes.len() || cut;
        let text = &bytes[start..end];
        if let Some(after) = self.vendor(token, at_end) {
            return Some(after);
        }
        if classes & LETTER == 0 {
            return self.number(start, end);
        }
        if classes & DIGIT != 0
            && (classes & UPPER != 0 || text.len() >= 15)
            && let Some(after) = self.iban(start)
        {
            return Some(after);
        }
        if matches!(text.len(), 2 | 4 | 8 | 16) && classes & (NOT_HEX | JOIN) == 0 {
            return self.hex_groups(start, end);
        }
        let least = if cut { CUT_RANDOM } else { 16 };
        if text.len() < least || is_uuid(text) {
            return None;
        }
        if text.starts_with(b"eyJ") || text.starts_with(b"ewog") {
            let label = if parts(&bytes[start..token.end]) >= 3 {
                "[JWT]"
            } else {
                REDACTED
            };
            let end = self.padded(token.end);
            self.push(start, end, Class::Jwt, label);
            return Some(end);
        }
        if classes & DIGIT == 0 && classes & JOIN != 0 && text.len() > 40 && self.phrase(start, end)
        {
            return Some(token.end);
        }
        if let Some(kept) = self.x_ray(start, end) {
            self.push(start + kept, end, Class::Hash, "…");
            return Some(token.end);
        }
        if self.hex(start, end) {
            return Some(token.end);
        }
        if self.owner(start).is_none()
            && let Some(kind) = base58(text)
        {
            return Some(self.base58(start, end, kind));
        }
        if classes & JOIN != 0
            && classes & DIGIT != 0
            && let Some(after) = self.glued(start, end)
        {
            return Some(after);
        }
        self.opaque(start, end)
    }

    /// A token too short for most: a number, a group of a longer one, a
    /// vendor's shortest.
    fn short(&mut self, token: Token) -> Option<usize> {
        let Token {
            start,
            end,
            classes,
        } = token;
        let len = end - start;
        if classes & JOIN == 0 {
            return match len {
                4 if classes & LETTER == 0 => self.number(start, end),
                4 | 8 if classes & UPPER != 0 => {
                    self.iban(start).or_else(|| self.hex_groups(start, end))
                }
                2 | 4 | 8 => self.hex_groups(start, end),
                _ => None,
            };
        }
        if classes & LETTER == 0 {
            // The shortest address of a host has seven.
            return if len >= 7 {
                self.number(start, self.trimmed(token))
            } else {
                None
            };
        }
        if len >= SHORT_VENDOR {
            return self.vendor(token, false);
        }
        None
    }

    fn trimmed(&self, token: Token) -> usize {
        let mut end = token.end;
        while end > token.start && !is(self.bytes[end - 1], ALNUM) {
            end -= 1;
        }
        end
    }

    /// A token with a vendor's prefix, at its beginning, after a slash or after
    /// a small letter.
    fn vendor(&mut self, token: Token, at_end: bool) -> Option<usize> {
        let bytes = self.bytes;
        let mut from = token.start;
        // `valueAKIA...`: a capital begins a word.
        let mixed = token.classes & LETTER == LETTER;
        loop {
            while from < token.end && matches!(bytes[from], b'-' | b'.' | b'/' | b'+' | b'~') {
                from += 1;
            }
            if let Some(found) = prefix::vendor(&bytes[from..token.end], at_end) {
                let mut end = self.padded(token.end);
                // `123:AAE...`, `AAAA...:APA91b...`: the rest of the token.
                if bytes.get(end) == Some(&b':')
                    && bytes.get(end + 1).is_some_and(|&byte| is(byte, ALNUM))
                {
                    end = self.word_end(end);
                }
                self.push(from + found.kept(), end, Class::Vendor, REDACTED);
                return Some(end);
            }
            let rest = &bytes[from..token.end];
            from += 1 + if mixed {
                rest.windows(2)
                    .position(|pair| pair[0] == b'/' || is(pair[0], LOWER) && is(pair[1], UPPER))?
            } else if rest.contains(&b'/') {
                rest.iter().position(|&byte| byte == b'/')?
            } else {
                return None;
            };
        }
    }

    /// Past the padding of base64 after a token, and what is glued to it:
    /// `...==_cb4e`.
    pub(in crate::redact) fn padded(&self, end: usize) -> usize {
        let bytes = self.bytes;
        let mut end = end;
        loop {
            let padding = bytes[end..]
                .iter()
                .take(2)
                .take_while(|&&byte| byte == b'=')
                .count();
            let glued = bytes[end + padding..]
                .iter()
                .take_while(|&&byte| is(byte, TOKEN))
                .count();
            if padding == 0 {
                return end;
            }
            end += padding + glued;
        }
    }

    /// Masks long hexadecimal runs. Returns whether there was one.
    pub(in crate::redact) fn hex(&mut self, start: usize, end: usize) -> bool {
        let bytes = self.bytes;
        let mut any = false;
        let mut at = start;
        while at < end {
            if !is_hex(bytes[at]) {
                at += 1;
                continue;
            }
            let mut from = at;
            let mut classes = 0;
            while at < end && is_hex(bytes[at]) {
                classes |= class(bytes[at]);
                at += 1;
            }
            let mut marked = from >= start + 2
                && bytes[from - 2] == b'0'
                && matches!(bytes[from - 1], b'x' | b'X');
            // `0` of `0x` is a digit itself: `x` parts them.
            if at == from + 1 && bytes[from] == b'0' && matches!(bytes.get(at), Some(b'x' | b'X')) {
                from = at + 1;
                at = from;
                classes = 0;
                while at < end && is_hex(bytes[at]) {
                    classes |= class(bytes[at]);
                    at += 1;
                }
                marked = true;
            }
            let glued = at - from >= BARE_HEX_DIGITS && !is_trace(&bytes[start..end]);
            if !marked && glued && self.is_glued(start, end, from, at) {
                let slash = bytes[start..from]
                    .iter()
                    .rposition(|&byte| byte == b'/')
                    .map_or(start, |slash| start + slash + 1);
                let first = first_mixed(bytes, slash, from);
                self.push(first, end, Class::Opaque, REDACTED);
                return true;
            }
            any |= self.hex_run(from, at, classes, marked);
        }
        if any {
            return true;
        }
        // Hexadecimal in groups: `aa-bb-cc`, `abcd_ef01`.
        let text = &bytes[start..end];
        let text = text.strip_prefix(b"0x").unwrap_or(text);
        if text.len() < GROUPED_BYTES || union(text) & (NOT_HEX | JOIN) != JOIN {
            return false;
        }
        let mut groups = text.split(|&byte| !is(byte, ALNUM)).map(<[u8]>::len);
        let first = groups.next().unwrap_or(0);
        let count = text.len() / (first + 1);
        if first > 0 && count >= 3 && groups.all(|group| group == first) {
            self.push(start, end, Class::Hash, "[HEX]");
            return true;
        }
        false
    }

    /// Whether a long hexadecimal run is part of a larger token: after a
    /// prefix such as `zk_`, or before more than a file's ending.
    fn is_glued(&self, start: usize, end: usize, from: usize, to: usize) -> bool {
        let bytes = self.bytes;
        // A segment of a path ends with it.
        let after = match bytes.get(to) {
            Some(b'/') => 0,
            _ => bytes[to..end]
                .iter()
                .filter(|&&byte| is(byte, ALNUM))
                .count(),
        };
        let before = from > start && !matches!(bytes[from - 1], b'/' | b'.' | b'+');
        // `pat1Xy....<hexadecimal>`: a secret in two parts.
        let part = || {
            let first = bytes[start..from - 1]
                .rsplit(|&byte| !is(byte, ALNUM))
                .next();
            first.is_some_and(|first| first.len() >= SHORT && is_random(first))
        };
        // `live_ngircd-<hash>`: the name of a file or a container, and its hash.
        let name = &bytes[start..from.saturating_sub(1).max(start)];
        if after == 0
            && name.len() >= NAMED_BYTES
            && bytes[from - 1] == b'-'
            && union(name) & DIGIT == 0
            && announces(name, true).is_none()
        {
            return false;
        }
        before && from > start + 1 || after > 5 || from > start && bytes[from - 1] == b'.' && part()
    }

    fn hex_run(&mut self, from: usize, to: usize, classes: u8, marked: bool) -> bool {
        let digits = to - from;
        if digits == HASH_DIGITS && self.is_public(from - 2 * usize::from(marked)) {
            return true;
        }
        if let Some(kept) = self.traced(from, to).filter(|_| !marked) {
            self.push(from + kept, to, Class::Hash, "…");
            return true;
        }
        let (least, least_marked) = match self.cut(to) {
            Some(Cut::Marked) => (CUT_HEX_DIGITS, CUT_HEX_DIGITS),
            Some(Cut::End) => (SPAN_ID_DIGITS + 1, MAX_QUANTITY_DIGITS + 1),
            None => (BARE_HEX_DIGITS, MAX_QUANTITY_DIGITS + 1),
        };
        let (class, kept, label) = if marked {
            match digits {
                _ if digits < least_marked => return false,
                40 => (Class::Address, KEPT_ADDRESS_DIGITS, "..."),
                128.. => (Class::Signature, KEPT_DIGITS, "…"),
                _ => (Class::Hash, KEPT_DIGITS, "…"),
            }
        } else if classes & LETTER == 0 {
            if digits < DECIMAL_KEY_DIGITS {
                return false;
            }
            (Class::Hash, KEPT_DIGITS, "…")
        } else if digits < least {
            return false;
        } else if digits >= 128 {
            (Class::Signature, KEPT_DIGITS, "…")
        } else {
            (Class::Hash, KEPT_DIGITS, "…")
        };
        self.push(from + kept, to, class, label);
        true
    }

    fn base58(&mut self, start: usize, end: usize, kind: Base58) -> usize {
        match kind {
            Base58::Address => self.push(start + KEPT_DIGITS, end, Class::Address, "..."),
            Base58::Signature if is_keypair(&self.bytes[start..end]) => {
                self.push(start, end, Class::Key, "[REDACTED_KEY]");
            }
            Base58::Signature => self.push(start + KEPT_DIGITS, end, Class::Signature, "…"),
            Base58::Key => self.push(start, end, Class::Key, "[REDACTED_KEY]"),
        }
        end
    }
}

/// Where in `from..to` the first piece of letters and digits begins that is
/// too long to be a version; `to` if there is none.
fn first_mixed(bytes: &[u8], from: usize, to: usize) -> usize {
    let mut at = from;
    for piece in bytes[from..to].split(|&byte| !is(byte, ALNUM)) {
        let classes = union(piece);
        if piece.len() >= 8 && classes & DIGIT != 0 && classes & LETTER != 0 {
            return at;
        }
        at += piece.len() + 1;
    }
    // A prefix that is kept must not be long enough to be a secret's own.
    if to - from > 11 { from } else { to }
}
