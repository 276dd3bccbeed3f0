//! Where in a text something could be, found 64 bytes at a time from the bits
//! of words: which tokens may be more than words of a sentence or a name, and
//! which brackets may open a list. The scan looks at nothing else.
//!
//! What is said of a token stands at its end: at the bit of the byte after it.

use super::alphabet::union;
use super::name::may_end;
use super::phrase::{CUT_PHRASE_WORDS, PHRASE_WORDS};
use super::planes::{BLOCK, Planes, Portable};
use super::scan::{Token, prose_follows};
use super::view;

/// What is known of a text. Reused.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Grows only: those of the text come first.
    blocks: Vec<Block>,
    used: usize,
    /// Whether anything in the text stands for something else.
    pub(super) decodes: bool,
    /// Whether any `@` stands in the text.
    pub(super) has_at: bool,
    /// Whether as many words may stand in a row as a phrase has.
    pub(super) phrases: bool,
}

/// What is known of 64 bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Block {
    planes: Planes,
    /// Ends of tokens that may matter.
    pub(super) visit: u64,
    /// Those of them that may be a name which announces a secret.
    pub(super) named: u64,
    /// What may open a list of bytes or a password's hash.
    pub(super) opening: u64,
    /// Those to visit that nothing speaks for but the filter of endings.
    doubtful: u64,
    /// Those of them without a join.
    single: u64,
}

impl Block {
    /// See [`is_rare`](super::planes::is_rare).
    pub(super) fn rare(&self) -> u64 {
        self.planes.rare
    }

    /// Forgets those of the doubtful ends that only passed the filter by
    /// chance, as most do, or go on as a sentence: to reject one here costs far less than a visit.
    #[inline]
    fn clear_doubts(&mut self, text: &[u8], base: usize) {
        let mut left = self.doubtful;
        while left != 0 {
            let lowest = left & left.wrapping_neg();
            let at = (base + left.trailing_zeros() as usize).min(text.len());
            left ^= lowest;
            // What ends with the text is looked at by its beginning as well.
            let before = &text[..at];
            let keep = may_end(before) | (at == text.len());
            if !keep || self.single & lowest != 0 && is_prose(before, text) {
                self.named &= !lowest;
                self.visit &= !lowest;
            }
        }
    }

    #[inline]
    fn tokens(&self) -> u64 {
        self.planes.letter | self.planes.digit | self.planes.join
    }

    /// Whether the block may have part of 128 bits in groups of hexadecimal
    /// digits: they are longer than two quarters of a block, thus fill one, and
    /// nothing but digits and what parts them stands there.
    #[inline]
    fn may_group(&self) -> bool {
        const LOWEST: u64 = 0x0001_0001_0001_0001;
        let other = self.planes.not_hex | self.planes.join;
        // Whether one of the quarters is 0.
        other.wrapping_sub(LOWEST) & !other & LOWEST << 15 != 0
    }
}

impl Survey {
    /// Looks at all of `text`.
    pub(super) fn take(&mut self, text: &[u8]) {
        #[cfg(target_arch = "x86_64")]
        if super::widest::survey(self, text) || super::wide::survey(self, text) {
            return;
        }
        self.take_portably(text);
    }

    /// As [`take`](Self::take), on any machine.
    pub(super) fn take_portably(&mut self, text: &[u8]) {
        let mut portable = Portable::new();
        self.fill(text, |text, at| {
            Planes::of(text, at, |block| portable.planes(block))
        });
    }

    /// One block more than there are full ones: a token may end at the end.
    #[inline]
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks[..self.used]
    }

    /// Where tokens end, by bit.
    pub(super) fn ends(&self, block: usize) -> u64 {
        let before = block
            .checked_sub(1)
            .map_or(0, |at| self.blocks[at].tokens());
        let tokens = self.blocks[block].tokens();
        (tokens << 1 | before >> 63) & !tokens
    }

    /// The token of `text` that ends at `bit` of a block.
    #[inline]
    pub(super) fn token(&self, text: &[u8], block: usize, bit: u32) -> Token {
        let end = block * BLOCK + bit as usize;
        let here = &self.blocks[block];
        let len = here
            .tokens()
            .checked_shl(64 - bit)
            .unwrap_or(0)
            .leading_ones();
        if len < bit {
            let start = end - len as usize;
            let bytes = ((1 << len) - 1) << (bit - len);
            let classes = here.planes.classes(bytes);
            return Token {
                start,
                end,
                classes,
            };
        }
        let mut start = block * BLOCK;
        for before in self.blocks[..block].iter().rev() {
            let len = before.tokens().leading_ones();
            start -= len as usize;
            if len < 64 {
                break;
            }
        }
        let classes = match self.bits(start, end) {
            Some(bits) => bits.classes(u64::MAX),
            None => union(&text[start..end]),
        };
        Token {
            start,
            end,
            classes,
        }
    }

    /// What the bytes of a range are, the last at the topmost bit, if they are
    /// at least one and no more than a block has.
    #[inline]
    pub(super) fn bits(&self, start: usize, end: usize) -> Option<Planes> {
        let len = end - start;
        if len == 0 || len > BLOCK {
            return None;
        }
        let (block, bit) = (end / BLOCK, end % BLOCK);
        let here = &self.blocks[block].planes;
        let bytes = !(u64::MAX >> 1 >> (len - 1));
        Some(match block.checked_sub(1) {
            Some(before) => self.blocks[before].planes.ahead(here, bit, bytes),
            None => Planes::default().ahead(here, bit, bytes),
        })
    }

    /// `planes` is called for one block after the other.
    // Into each of its two callers, since one may use more instructions.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn fill(&mut self, text: &[u8], mut planes: impl FnMut(&[u8], usize) -> Planes) {
        self.used = text.len() / BLOCK + 1;
        if self.blocks.len() < self.used {
            self.blocks.resize(self.used, Block::default());
        }
        let used = &mut self.blocks[..self.used];
        for (at, known) in used.iter_mut().enumerate() {
            known.planes = planes(text, at);
        }

        let mut state = State::default();
        let (mut rare, mut groups) = (0, false);
        for block in used.iter_mut() {
            rare |= block.planes.rare;
            groups |= block.may_group();
            state.block(block);
        }
        for (at, block) in used.iter_mut().enumerate() {
            block.clear_doubts(text, at * BLOCK);
        }
        let cut =
            state.last.after >> (text.len() % BLOCK) & 1 != 0 && state.words >= CUT_PHRASE_WORDS;
        self.phrases = cut || state.most_words >= PHRASE_WORDS;
        if groups {
            self.visit_groups();
        }
        self.has_at = false;
        self.decodes = rare != 0 && self.mark_rare(text);
    }

    /// Has every token looked at with which hexadecimal digits in groups may
    /// begin.
    #[cold]
    fn visit_groups(&mut self) {
        for at in 0..self.used {
            if self.blocks[at].may_group() {
                for at in at.saturating_sub(1)..=at {
                    self.blocks[at].visit |= self.ends(at);
                }
            }
        }
    }

    /// Marks what is rare and nothing to decode. Returns whether anything is
    /// to decode.
    #[cold]
    fn mark_rare(&mut self, text: &[u8]) -> bool {
        let mut decodes = false;
        for at in 0..self.used {
            let mut left = self.blocks[at].planes.rare;
            while left != 0 {
                let bit = left.trailing_zeros();
                let rest = &text[at * BLOCK + bit as usize..];
                match rest[0] {
                    b'@' => {
                        self.has_at = true;
                        self.blocks[at].visit |= self.ends(at) & 1 << bit;
                    }
                    b'$' => self.blocks[at].opening |= 1 << bit,
                    _ => decodes = decodes || view::decodes(rest),
                }
                left &= left - 1;
            }
        }
        decodes
    }
}

/// Whether the word at the end of `before` announces nothing, since a sentence
/// goes on after it. `Basic` and `Bearer` are looked at in any case.
fn is_prose(before: &[u8], text: &[u8]) -> bool {
    let ends = |scheme: &[u8]| {
        let from = before.len().saturating_sub(scheme.len());
        before[from..].eq_ignore_ascii_case(scheme)
    };
    text.get(before.len()) == Some(&b' ')
        && prose_follows(text, before.len() + 1)
        && !ends(b"basic")
        && !ends(b"bearer")
}

/// What a block needs to know of those before it.
#[derive(Debug, Default)]
struct State {
    last: Runs,
    ending: u64,
    joins: u64,
    upper: u64,
    digit: u64,
    join: u64,
    letter: u64,
    number: u64,
    slash: u64,
    inner: u64,
    /// Words in a row up to here, and the most in a row.
    words: u32,
    most_words: u32,
}

/// By byte, whether at least as many bytes before it are of one token.
#[derive(Debug, Default)]
struct Runs {
    tokens: u64,
    after: u64,
    two: u64,
    four: u64,
    eight: u64,
}

impl State {
    /// Finds what may matter in the next block.
    ///
    /// Every instruction is paid for by all lines: what is cheap to find here
    /// is not looked at, what is not is looked at by the scan.
    #[allow(clippy::inline_always)] // see `fill`
    #[inline(always)]
    fn block(&mut self, block: &mut Block) {
        /// What stands beyond a block could be anything.
        const BEYOND: u64 = 1 << 63;
        let tokens = block.tokens();
        let planes = &block.planes;

        let last = &self.last;
        let after = behind(tokens, last.tokens, 1);
        let ends = after & !tokens;
        let two = after & behind(after, last.after, 1);
        let four = two & behind(two, last.two, 2);
        let eight = four & behind(four, last.four, 4);
        let sixteen = eight & behind(eight, last.eight, 8);
        let three = two & behind(after, last.after, 2);
        let seven = four & behind(four, last.four, 3);
        let nine = eight & behind(after, last.after, 8);
        let five = four & behind(after, last.after, 4);
        let thirteen = nine & behind(four, last.four, 9);
        self.last = Runs {
            tokens,
            after,
            two,
            four,
            eight,
        };

        // A word ends where no small letter follows.
        let small = planes.letter & !planes.upper;
        let ending = planes.ending & planes.letter;
        let ended = behind(ending, self.ending, 1) & !small;
        self.ending = ending;
        let inner = carried(tokens, ended & tokens, &mut self.inner);
        let upper = carried(tokens, planes.upper, &mut self.upper);
        let digit = carried(tokens, planes.digit, &mut self.digit);
        let join = carried(tokens, planes.join, &mut self.join);
        let letter = carried(tokens, planes.letter, &mut self.letter);
        let slash = carried(tokens, planes.slash, &mut self.slash);
        let numbers = planes.digit & !after;
        let number = carried(tokens, numbers, &mut self.number);

        // No less than `pass::may_have_shape` has it. A short token that begins
        // as a number and has letters is a time, an amount with its unit, a
        // version: it can be a vendor's after a slash only, or be cut.
        let cut = planes.rare | behind(planes.join, self.joins, 1);
        self.joins = planes.join;
        let unit = number & !(slash | cut);
        let mixed = letter & !unit & (nine & (digit | upper) | four & digit & upper & !join);
        let numeric = digit & !letter & (thirteen | seven & join);
        let shape = sixteen | mixed | numeric;
        let card = four & digit & planes.blank & (planes.digit >> 1 | BEYOND);
        let url = planes.colon & (planes.join >> 1 | BEYOND);
        // Of an address in groups, the first is exactly as long.
        let group = planes.colon & four & !five & !(planes.blank >> 1);
        block.named = ends & (inner | ended);
        let other = shape | card | url | group;
        block.visit = block.named | ends & other;
        block.opening = planes.opening & ((planes.digit | planes.blank) >> 1 | BEYOND);

        let word = ends & three & !nine & !(digit | join);
        let breaks = ends & (nine | four & (digit | join) | !(three | digit | join));
        self.count_words(word, breaks);
        block.doubtful = ended & ends & !(inner | other);
        block.single = block.doubtful & !join;
    }

    /// Counts words in a row. Never too few: those of all rows that lie within
    /// the block count as one.
    #[inline]
    fn count_words(&mut self, word: u64, breaks: u64) {
        let all = self.words + word.count_ones();
        let before = word & (breaks ^ breaks.wrapping_sub(1));
        let first = self.words + before.count_ones();
        self.words = if breaks == 0 {
            all
        } else {
            (word >> breaks.ilog2()).count_ones()
        };
        // With one row before the first break and one after the last, what
        // is left are those within.
        let within = (all - first).saturating_sub(self.words);
        self.most_words = self.most_words.max(first).max(within);
    }
}

/// The plane `by` bits further on, with what comes in from the block before.
#[inline]
fn behind(plane: u64, before: u64, by: u32) -> u64 {
    plane << by | before >> (64 - by)
}

/// The ends of the tokens that have one of `marks`, among other bits: added to
/// the bits of a token, a mark carries to the byte after it. `carry` goes on
/// into the next block, where it is a mark of the first byte.
#[inline]
fn carried(tokens: u64, marks: u64, carry: &mut u64) -> u64 {
    let (sum, over) = tokens.overflowing_add(marks | *carry);
    *carry = u64::from(over);
    sum
}
