//! The pass: from one token that may matter to the next.

use crate::redact::lexicon::name::may_announce;
use crate::redact::lexicon::name_to_value::assigns;
use crate::redact::lexicon::prefix;
use crate::redact::scan::run::GAP_BYTES;
use crate::redact::scan::{Scan, glued_pem};
use crate::redact::survey::BLOCK;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::{kind, kind_of};
use crate::redact::text::alphabet::{DIGIT, JOIN, LETTER, TOKEN, UPPER, is, union};

impl Scan<'_> {
    /// From the first token to the last.
    pub(in crate::redact) fn run(&mut self) {
        let first = self.found.len();
        let mut again = !self.gated;
        if self.gated {
            self.pass::<false>();
            // Few texts have as many words in a row as a phrase: those are
            // gone through once more.
            again = self.follows || self.survey.phrases && self.has_row();
        }
        if again {
            self.found.truncate(first);
            self.pass::<true>();
        }
        self.foreign();
        if !self.view.is_plain() {
            self.byte_strings();
        }
        self.repeats();
    }

    /// One pass over what may matter; with `PHRASES` over all tokens, and
    /// words are looked up.
    fn pass<const PHRASES: bool>(&mut self) {
        let survey = self.survey;
        self.floor = 0;
        // What was not yet looked at begins here.
        let mut from = 0;
        let mut index = 0;
        'blocks: while let Some(block) = survey.block(index) {
            let base = index * BLOCK;
            let ends = if PHRASES {
                survey.ends(index)
            } else {
                block.marks.visit
            };
            let mut items = ends | block.marks.opening;
            if from > base {
                items &= u64::MAX << (from - base);
            }
            while items != 0 {
                let bit = items.trailing_zeros();
                let at = base + bit as usize;
                items &= items - 1;
                let mut after = from;
                if ends >> bit & 1 != 0 && at > from {
                    let token = survey.token(index, bit);
                    let wanted =
                        block.marks.visit >> bit & 1 != 0 || !self.gated || at == self.bytes.len();
                    let named = block.marks.named >> bit & 1 != 0 || !self.gated;
                    after = self.visit::<PHRASES>(token, wanted, named);
                }
                if block.marks.opening >> bit & 1 != 0
                    && at >= after
                    && let Some(masked) = self.opening(at)
                {
                    self.floor = masked;
                    after = self.visit_rest::<PHRASES>(masked);
                }
                if after > at {
                    from = after;
                    if after >= base + BLOCK {
                        index = after / BLOCK;
                        continue 'blocks;
                    }
                    items &= u64::MAX << (after - base);
                }
            }
            index += 1;
        }
        if PHRASES {
            self.end_run();
        } else {
            self.last_token(from);
        }
    }

    /// The last token, if it was not looked at: the text may be cut in it, and
    /// a vendor's prefix suffices.
    fn last_token(&mut self, from: usize) {
        let bytes = self.bytes;
        if from == bytes.len() {
            return;
        }
        let word = &bytes[self.survey.start(bytes.len())..];
        if !word.is_empty() && prefix::may_begin(word) {
            let (index, bit) = (bytes.len() / BLOCK, bytes.len() % BLOCK);
            #[allow(clippy::cast_possible_truncation)] // below 64
            let token = self.survey.token(index, bit as u32);
            let block = self.survey.block(index);
            if block.is_some_and(|block| block.marks.visit >> bit & 1 == 0) {
                self.visit::<false>(token, true, false);
            }
        }
    }

    /// Looks at a token if it is `wanted`, also as a name if it may be one, and
    /// at what is left of one where what was masked ends. Returns where to go
    /// on.
    fn visit<const PHRASES: bool>(&mut self, token: Token, wanted: bool, named: bool) -> usize {
        let kind = kind_of(token.end - token.start, token.classes);
        if PHRASES {
            self.follow(token, kind);
        }
        if !wanted {
            return token.end;
        }
        let named = named && self.may_announce(token);
        let shaped = self.may_be_more(token, kind);
        if !named && !shaped {
            return token.end;
        }
        let after = self.token(token, named, shaped);
        if after < token.end && self.bytes[after] == b'-' {
            // A flag, a block of PEM.
            self.floor = after;
            return self.visit_rest::<PHRASES>(after);
        }
        if after <= token.end {
            return token.end;
        }
        // The words before and after what was masked may be one phrase.
        self.follows |= after - token.end <= GAP_BYTES;
        self.floor = after;
        self.visit_rest::<PHRASES>(after)
    }

    /// Looks at the rest of a token that was masked up to `from`.
    fn visit_rest<const PHRASES: bool>(&mut self, from: usize) -> usize {
        let bytes = self.bytes;
        let mut from = from;
        while from > 0 && from < bytes.len() && is(bytes[from - 1], TOKEN) && is(bytes[from], TOKEN)
        {
            let end = from + token_bytes(&bytes[from..]);
            let token = Token {
                start: from,
                end,
                classes: union(&bytes[from..end]),
            };
            let kind = kind_of(end - from, token.classes);
            // It may be a word, which the token as a whole was not.
            self.follows = true;
            if PHRASES {
                self.follow(token, kind);
            }
            let named = self.may_announce(token);
            let shaped = self.may_be_more(token, kind);
            if !named && !shaped {
                return end;
            }
            let after = self.token(token, named, shaped);
            if after <= end {
                return end;
            }
            self.floor = after;
            from = after;
        }
        from
    }

    /// What a bracket or a `$` at `at` opens. Returns where to go on if it is
    /// masked.
    fn opening(&mut self, at: usize) -> Option<usize> {
        match self.bytes[at] {
            b'$' => self.password_hash(at),
            _ => self.byte_list(at),
        }
    }

    /// Whether [`token`](Self::token) could find anything in a token, other
    /// than by its name.
    #[inline]
    fn may_be_more(&self, token: Token, kind: u8) -> bool {
        let bytes = self.bytes;
        let Token { start, end, .. } = token;
        // At its end the text may be cut: anything may be a beginning.
        let Some(&next) = bytes.get(end) else {
            return true;
        };
        !self.gated
            || kind & kind::SHAPE != 0
                && (may_have_shape(&bytes[start..end], token.classes)
                    && !self.is_plain(token)
                    && !self.is_amount(token)
                    || bytes[..end].ends_with(b"...")
                    // The first byte of an ellipsis.
                    || next == 0xe2)
            || next == b'@'
            || next == b':' && bytes.get(end + 1) == Some(&b'/')
            || bytes[start] == b'-'
            || bytes[end - 1] == b'N' && glued_pem(&bytes[start..end]).is_some()
            || kind & kind::GROUP != 0
                && (next == b':' && end - start == 4 || self.group_follows(end, end - start))
    }

    /// Whether a token is a short number with too few points for an address.
    #[inline]
    fn is_amount(&self, token: Token) -> bool {
        token.classes & LETTER == 0
            && token.end - token.start < CARD_DIGITS
            && self
                .survey
                .bits(token.start, token.end)
                .is_some_and(|bits| bits.join.count_ones() < 3)
    }

    /// Whether a token could be the name of something secret.
    #[inline]
    fn may_announce(&self, token: Token) -> bool {
        let rest = &self.bytes[token.end..];
        let word = &self.bytes[token.start..token.end];
        !rest.is_empty() && (!self.gated || may_announce(word, token.classes, assigns(rest)))
    }
}

/// Digits of the shortest card.
const CARD_DIGITS: usize = 13;

/// How many bytes of a token `rest` begins with.
fn token_bytes(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&byte| is(byte, TOKEN)).count()
}

/// Whether [`Scan::shape`] could find anything in a token of that
/// [`kind`](kind::SHAPE) that does not end the text.
#[inline]
fn may_have_shape(word: &[u8], classes: u8) -> bool {
    let letters = classes & LETTER;
    let plain = classes & DIGIT == 0 && letters != LETTER;
    match word.len() {
        // A group, or the first of an account's number.
        ..7 | 8 if classes & JOIN == 0 => true,
        // A date and the like.
        ..CARD_DIGITS if letters == 0 => word.contains(&b'.'),
        ..16 if letters == 0 => true,
        ..16 => {
            let account = matches!(word, [a, b, c, d, ..]
                if is(*a, UPPER) && is(*b, UPPER) && is(*c, DIGIT) && is(*d, DIGIT));
            account || prefix::may_begin(word)
        }
        // Words, too short for one that looks like none. `ewog` is base64 of a
        // bracket.
        ..18 if plain => word.starts_with(b"ewog"),
        _ => true,
    }
}
