//! Where in a text something could be, found 64 bytes at a time from the bits
//! of words: which tokens may be more than words of a sentence or a name, and
//! which brackets may open a list. The scan looks at nothing else.
//!
//! What is said of a token stands at its end: at the bit of the byte after it.

mod byte_planes;
mod dispatch;
mod token;
mod token_marks;
pub(in crate::redact) mod tokens;
#[cfg(target_arch = "x86_64")]
pub(in crate::redact) mod x86;

pub(in crate::redact) use self::byte_planes::{BLOCK, Planes};
pub(in crate::redact) use self::token::Token;
pub(in crate::redact) use self::token_marks::{CUT_PHRASE_WORDS, PHRASE_WORDS};

use self::byte_planes::Portable;
use self::token_marks::{Marks, State, Words, has_empty_quarter};
use crate::redact::lexicon::name::may_end;
use crate::redact::lexicon::name_to_value::prose_follows;
use crate::redact::lexicon::words::ends_spoken;
use crate::redact::text::alphabet::{LETTER, TOKEN, UPPER, is};
use crate::redact::text::escapes;

/// What is known of a text. Reused.
#[derive(Debug, Default)]
pub(in crate::redact) struct Survey {
    /// Grows only: those of the text come first.
    blocks: Vec<Block>,
    /// Blocks of the text.
    used: usize,
    /// Whether any `@` stands in the text.
    pub(in crate::redact) has_at: bool,
    /// Whether as many words may stand in a row as a phrase has.
    pub(in crate::redact) phrases: bool,
}

/// What is known of 64 bytes.
#[derive(Debug, Default, Clone)]
pub(in crate::redact) struct Block {
    planes: Planes,
    pub(in crate::redact) marks: Marks,
}

impl Block {
    /// Forgets those of the doubtful ends that only passed the filter by
    /// chance, as most do, or go on as a sentence: to reject one here costs far
    /// less than a visit. The block begins at `base`.
    fn clear_doubts(&mut self, text: &[u8], base: usize) {
        let mut left = self.marks.doubtful;
        while left != 0 {
            let lowest = left & left.wrapping_neg();
            let end = base + left.trailing_zeros() as usize;
            left ^= lowest;
            // What ends with the text is looked at by its beginning as well.
            let before = &text[..end.min(text.len())];
            let keep = end >= text.len() || may_end(before);
            if !keep || self.marks.single & lowest != 0 && leads_nowhere(before, text) {
                self.marks.named &= !lowest;
                self.marks.visit &= !lowest;
            }
        }
    }

    #[inline]
    fn tokens(&self) -> u64 {
        self.planes.tokens()
    }
}

impl Survey {
    /// Looks at all of `text` on any machine, if it `goes_on` when what is rare
    /// is known. Returns whether it did.
    pub(in crate::redact) fn take_portably(
        &mut self,
        text: &[u8],
        goes_on: impl Fn(&Self) -> bool,
    ) -> bool {
        let mut portable = Portable::new();
        self.fill(
            text,
            |text, at| Planes::of(text, at, |block| portable.planes(block)),
            goes_on,
        )
    }

    /// A block: there is one more than are full, since a token may end at the end.
    #[inline]
    pub(in crate::redact) fn block(&self, at: usize) -> Option<&Block> {
        (at < self.used).then(|| &self.blocks[at])
    }

    /// Where tokens end, by bit.
    pub(in crate::redact) fn ends(&self, block: usize) -> u64 {
        let before = block
            .checked_sub(1)
            .map_or(0, |before| self.blocks[before].tokens());
        let tokens = self.blocks[block].tokens();
        (tokens << 1 | before >> 63) & !tokens
    }

    /// Where the token begins that ends at `end`.
    #[inline]
    pub(in crate::redact) fn start(&self, end: usize) -> usize {
        let (block, bit) = (end / BLOCK, end % BLOCK);
        #[allow(clippy::cast_possible_truncation)] // below 64
        let here = self.blocks[block].tokens().checked_shl(64 - bit as u32);
        let len = here.unwrap_or(0).leading_ones() as usize;
        if len < bit {
            return end - len;
        }
        let mut start = block * BLOCK;
        for before in (0..block).rev() {
            let len = self.blocks[before].tokens().leading_ones();
            start -= len as usize;
            if len < 64 {
                break;
            }
        }
        start
    }

    /// The token that ends at `bit` of a block.
    #[inline]
    pub(in crate::redact) fn token(&self, block: usize, bit: u32) -> Token {
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
        let start = self.start(end);
        let classes = (start..end).step_by(BLOCK).fold(0, |classes, from| {
            let bits = self.bits(from, end.min(from + BLOCK));
            classes | bits.map_or(0, |bits| bits.classes(u64::MAX))
        });
        Token {
            start,
            end,
            classes,
        }
    }

    /// What the bytes of a range are, the last at the topmost bit, if they are
    /// at least one and no more than a block has.
    #[inline]
    pub(in crate::redact) fn bits(&self, start: usize, end: usize) -> Option<Planes> {
        let len = end - start;
        if len == 0 || len > BLOCK {
            return None;
        }
        let (block, bit) = (end / BLOCK, end % BLOCK);
        let bytes = !(u64::MAX >> 1 >> (len - 1));
        let here = &self.blocks[block].planes;
        let before = block
            .checked_sub(1)
            .map_or(&NOTHING, |before| &self.blocks[before].planes);
        let plane =
            |of: fn(&Planes) -> u64| (of(before) >> bit | of(here) << 1 << (63 - bit)) & bytes;
        Some(Planes {
            letter: plane(|planes| planes.letter),
            upper: plane(|planes| planes.upper),
            not_hex: plane(|planes| planes.not_hex),
            digit: plane(|planes| planes.digit),
            join: plane(|planes| planes.join),
            slash: plane(|planes| planes.slash),
            ..Planes::default()
        })
    }

    /// `planes` is called for one block after the other.
    // Into each of its callers, since one may use more instructions.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(in crate::redact) fn fill(
        &mut self,
        text: &[u8],
        mut planes: impl FnMut(&[u8], usize) -> Planes,
        goes_on: impl Fn(&Self) -> bool,
    ) -> bool {
        self.used = text.len() / BLOCK + 1;
        if self.blocks.len() < self.used {
            self.blocks.resize_with(self.used, Block::default);
        }
        let blocks = &mut self.blocks[..self.used];
        let mut rare = 0;
        for (at, block) in blocks.iter_mut().enumerate() {
            block.planes = planes(text, at);
            rare |= block.planes.rare;
        }
        if rare != 0 && !goes_on(self) {
            return false;
        }
        let mut state = State::default();
        let mut words = Words::default();
        for (at, block) in self.blocks[..self.used].iter_mut().enumerate() {
            block.marks = state.mark(&block.planes);
            words.count(block.marks.counted, block.marks.breaks);
            if block.marks.doubtful != 0 {
                block.clear_doubts(text, at * BLOCK);
            }
        }
        let cut = words.row >= CUT_PHRASE_WORDS && text.last().is_some_and(|&last| is(last, TOKEN));
        self.phrases = cut || words.most >= PHRASE_WORDS;
        if state.groups {
            self.visit_groups();
        }
        self.has_at = false;
        if rare != 0 {
            self.mark_rare(text);
        }
        true
    }

    /// Has every token looked at with which hexadecimal digits in groups may
    /// begin.
    #[cold]
    fn visit_groups(&mut self) {
        for at in 0..self.used {
            let planes = &self.blocks[at].planes;
            if has_empty_quarter(planes.not_hex | planes.join) {
                for at in at.saturating_sub(1)..=at {
                    self.blocks[at].marks.visit |= self.ends(at);
                }
            }
        }
    }

    /// Whether anything that is rare stands for something else.
    #[cold]
    fn decodes(&self, text: &[u8]) -> bool {
        self.rare().any(|at| escapes::decodes(&text[at..]))
    }

    /// Where what is rare stands: see [`is_rare`](crate::redact::survey::byte_planes::is_rare).
    pub(in crate::redact) fn rare(&self) -> impl Iterator<Item = usize> {
        (0..self.used).flat_map(|at| {
            let rare = self.blocks[at].planes.rare;
            bits(rare).map(move |bit| at * BLOCK + bit as usize)
        })
    }

    /// Marks what is rare and to be looked at.
    #[cold]
    fn mark_rare(&mut self, text: &[u8]) {
        for at in 0..self.used {
            let rare = self.blocks[at].planes.rare;
            for bit in bits(rare) {
                match text[at * BLOCK + bit as usize] {
                    b'@' => {
                        self.has_at = true;
                        self.blocks[at].marks.visit |= self.ends(at) & 1 << bit;
                    }
                    b'$' => self.blocks[at].marks.opening |= 1 << bit,
                    _ => {}
                }
            }
        }
    }
}

/// The planes of what stands before a text.
static NOTHING: Planes = Planes {
    letter: 0,
    upper: 0,
    not_hex: 0,
    digit: 0,
    join: 0,
    slash: 0,
    opening: 0,
    colon: 0,
    blank: 0,
    rare: 0,
    ending: 0,
};

/// The bits that are set, from the lowest.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}

/// Whether the word at the end of `before` announces nothing, since a sentence
/// goes on after it or the path of a module. Schemes and commands are
/// looked at in any case.
fn leads_nowhere(before: &[u8], text: &[u8]) -> bool {
    match text[before.len()..] {
        [b':', b':', next, ..] => is(next, LETTER),
        [b' ', ..] => {
            // `AUTH default …`: what is written in capitals may be a command.
            let command = before.last().is_some_and(|&last| is(last, UPPER));
            !command && prose_follows(text, before.len() + 1) && !ends_spoken(before)
        }
        _ => false,
    }
}
