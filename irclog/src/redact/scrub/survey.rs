//! Where in a text something could be, found 64 bytes at a time from the bits
//! of words: which tokens may be more than words of a sentence or a name, and
//! which brackets may open a list. The scan looks at nothing else.
//!
//! What is said of a token stands at its end: at the bit of the byte after it.

use super::alphabet::{LETTER, TOKEN, is};
use super::marks::{Marks, State, Word, Words};
use super::name::may_end;
use super::phrase::{CUT_PHRASE_WORDS, PHRASE_WORDS};
use super::planes::{BLOCK, LANES, Planes, Portable, Row};
use super::scan::{Token, prose_follows};
use super::view;

/// What is known of a text. Reused.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Grows only: those of the text come first.
    groups: Vec<Group>,
    /// Blocks of the text.
    used: usize,
    /// Whether any `@` stands in the text.
    pub(super) has_at: bool,
    /// Whether as many words may stand in a row as a phrase has.
    pub(super) phrases: bool,
}

/// What is known of some blocks.
#[derive(Debug, Default)]
struct Group {
    planes: Planes<Row>,
    marks: Marks<Row>,
    /// The blocks with doubtful ends, a bit each.
    doubts: u8,
}

impl Group {
    /// Forgets those of the doubtful ends that only passed the filter by
    /// chance, as most do, or go on as a sentence: to reject one here costs far
    /// less than a visit. The first block is at `base`.
    fn clear_doubts(&mut self, text: &[u8], base: usize) {
        let mut blocks = self.doubts;
        while blocks != 0 {
            let lane = blocks.trailing_zeros() as usize;
            blocks &= blocks - 1;
            let mut left = self.marks.doubtful.0[lane];
            while left != 0 {
                let lowest = left & left.wrapping_neg();
                let end = base + lane * BLOCK + left.trailing_zeros() as usize;
                left ^= lowest;
                // What ends with the text is looked at by its beginning as well.
                let before = &text[..end.min(text.len())];
                let keep = end >= text.len() || may_end(before);
                if !keep || self.marks.single.0[lane] & lowest != 0 && leads_nowhere(before, text) {
                    self.marks.named.0[lane] &= !lowest;
                    self.marks.visit.0[lane] &= !lowest;
                }
            }
        }
    }
}

/// What is known of 64 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    group: &'a Group,
    lane: usize,
}

impl Block<'_> {
    /// See [`Marks::visit`].
    #[inline]
    pub(super) fn visit(self) -> u64 {
        self.group.marks.visit.0[self.lane]
    }

    /// See [`Marks::named`].
    #[inline]
    pub(super) fn named(self) -> u64 {
        self.group.marks.named.0[self.lane]
    }

    /// See [`Marks::opening`].
    #[inline]
    pub(super) fn opening(self) -> u64 {
        self.group.marks.opening.0[self.lane]
    }

    #[inline]
    fn tokens(self) -> u64 {
        let Planes {
            letter,
            digit,
            join,
            ..
        } = &self.group.planes;
        letter.0[self.lane] | digit.0[self.lane] | join.0[self.lane]
    }
}

impl Survey {
    /// Looks at all of `text`.
    pub(super) fn take(&mut self, text: &[u8]) {
        self.take_if(text, |_| true);
    }

    /// Looks at all of `text`, unless something in it stands for something else.
    /// Then no more is known than what is rare, and the answer is `false`.
    pub(super) fn take_plain(&mut self, text: &[u8]) -> bool {
        self.take_if(text, |survey| !survey.decodes(text))
    }

    #[inline]
    fn take_if(&mut self, text: &[u8], goes_on: impl Fn(&Self) -> bool) -> bool {
        #[cfg(target_arch = "x86_64")]
        if let Some(all) = super::widest::survey(self, text, &goes_on)
            .or_else(|| super::wide::survey(self, text, &goes_on))
        {
            return all;
        }
        self.take_portably(text, goes_on)
    }

    /// Looks at all of `text` on any machine, if it `goes_on` when what is rare
    /// is known. Returns whether it did.
    pub(super) fn take_portably(&mut self, text: &[u8], goes_on: impl Fn(&Self) -> bool) -> bool {
        let mut portable = Portable::new();
        self.fill(
            text,
            |text, at| Planes::of(text, at, |block| portable.planes(block)),
            goes_on,
        )
    }

    /// How many blocks there are: one more than are full, since a token may end
    /// at the end.
    #[inline]
    pub(super) fn blocks(&self) -> usize {
        self.used
    }

    #[inline]
    pub(super) fn block(&self, at: usize) -> Option<Block<'_>> {
        (at < self.used).then(|| self.at(at))
    }

    #[inline]
    fn at(&self, at: usize) -> Block<'_> {
        Block {
            group: &self.groups[at / LANES],
            lane: at % LANES,
        }
    }

    /// Where tokens end, by bit.
    pub(super) fn ends(&self, block: usize) -> u64 {
        let before = block
            .checked_sub(1)
            .map_or(0, |before| self.at(before).tokens());
        let tokens = self.at(block).tokens();
        (tokens << 1 | before >> 63) & !tokens
    }

    /// Where the token begins that ends at `end`.
    #[inline]
    pub(super) fn start(&self, end: usize) -> usize {
        let (block, bit) = (end / BLOCK, end % BLOCK);
        #[allow(clippy::cast_possible_truncation)] // below 64
        let here = self.at(block).tokens().checked_shl(64 - bit as u32);
        let len = here.unwrap_or(0).leading_ones() as usize;
        if len < bit {
            return end - len;
        }
        let mut start = block * BLOCK;
        for before in (0..block).rev() {
            let len = self.at(before).tokens().leading_ones();
            start -= len as usize;
            if len < 64 {
                break;
            }
        }
        start
    }

    /// The token that ends at `bit` of a block.
    #[inline]
    pub(super) fn token(&self, block: usize, bit: u32) -> Token {
        let end = block * BLOCK + bit as usize;
        let here = self.at(block);
        let len = here
            .tokens()
            .checked_shl(64 - bit)
            .unwrap_or(0)
            .leading_ones();
        if len < bit {
            let start = end - len as usize;
            let bytes = ((1 << len) - 1) << (bit - len);
            let classes = here.group.planes.get(here.lane).classes(bytes);
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
    pub(super) fn bits(&self, start: usize, end: usize) -> Option<Planes> {
        let len = end - start;
        if len == 0 || len > BLOCK {
            return None;
        }
        let (block, bit) = (end / BLOCK, end % BLOCK);
        let bytes = !(u64::MAX >> 1 >> (len - 1));
        let (here, before) = (self.at(block), self.at(block.saturating_sub(1)));
        let first = block == 0;
        let plane = |of: fn(&Planes<Row>) -> &Row| {
            let next = of(&here.group.planes).0[here.lane];
            let here = if first {
                0
            } else {
                of(&before.group.planes).0[before.lane]
            };
            (here >> bit | next << 1 << (63 - bit)) & bytes
        };
        Some(Planes {
            letter: plane(|planes| &planes.letter),
            upper: plane(|planes| &planes.upper),
            not_hex: plane(|planes| &planes.not_hex),
            digit: plane(|planes| &planes.digit),
            join: plane(|planes| &planes.join),
            slash: plane(|planes| &planes.slash),
            ..Planes::default()
        })
    }

    /// `planes` is called for one block after the other.
    // Into each of its callers, since one may use more instructions.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn fill(
        &mut self,
        text: &[u8],
        planes: impl FnMut(&[u8], usize) -> Planes,
        goes_on: impl Fn(&Self) -> bool,
    ) -> bool {
        let rare = self.see(text, planes);
        if rare && !goes_on(self) {
            return false;
        }
        let mut state = State::new(0);
        for (group, lanes) in self.groups() {
            group.doubts = 0;
            for lane in 0..lanes {
                let found = state.mark(&group.planes.get(lane));
                group.doubts |= found.doubtful.blocks() << lane;
                found.put(&mut group.marks, |word, row| row.0[lane] = word);
            }
        }
        self.finish(text, &state, rare);
        true
    }

    /// As [`fill`](Self::fill), with the words of a row at once: `load` takes
    /// those of so many lanes, the others without a bit, and `store` puts all
    /// of them back.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn fill_rows<W: Word>(
        &mut self,
        text: &[u8],
        planes: impl FnMut(&[u8], usize) -> Planes,
        goes_on: impl Fn(&Self) -> bool,
        load: impl Fn(&Planes<Row>, usize) -> Planes<W>,
        store: impl Fn(W, &mut Row) + Copy,
        zero: W,
    ) -> bool {
        let rare = self.see(text, planes);
        if rare && !goes_on(self) {
            return false;
        }
        let mut state = State::new(zero);
        // No closure: one of that size would not be inlined.
        for (group, lanes) in self.groups() {
            let found = state.mark(&load(&group.planes, lanes));
            group.doubts = found.doubtful.blocks();
            found.put(&mut group.marks, store);
        }
        self.finish(text, &state, rare);
        true
    }

    /// Takes the planes of all blocks. Returns whether any byte is rare.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn see(&mut self, text: &[u8], mut planes: impl FnMut(&[u8], usize) -> Planes) -> bool {
        self.used = text.len() / BLOCK + 1;
        let groups = self.used.div_ceil(LANES);
        if self.groups.len() < groups {
            self.groups.resize_with(groups, Group::default);
        }
        let mut rare = 0;
        for at in 0..self.used {
            let planes = planes(text, at);
            rare |= planes.rare;
            self.groups[at / LANES].planes.set(at % LANES, planes);
        }
        rare != 0
    }

    /// The groups of the text, and of how many blocks each is.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn groups(&mut self) -> impl Iterator<Item = (&mut Group, usize)> {
        let used = self.used;
        let groups = &mut self.groups[..used.div_ceil(LANES)];
        let lanes = move |group: usize| LANES.min(used - group * LANES);
        let groups = groups.iter_mut().enumerate();
        groups.map(move |(at, group)| (group, lanes(at)))
    }

    /// What is asked of the text as a whole.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn finish<W>(&mut self, text: &[u8], state: &State<W>, rare: bool) {
        let mut words = Words::default();
        for at in 0..self.used {
            let Group { marks, .. } = &self.groups[at / LANES];
            words.count(marks.word.0[at % LANES], marks.breaks.0[at % LANES]);
        }
        let cut = words.row >= CUT_PHRASE_WORDS && text.last().is_some_and(|&last| is(last, TOKEN));
        self.phrases = cut || words.most >= PHRASE_WORDS;
        let groups = self.used.div_ceil(LANES);
        for (at, group) in self.groups[..groups].iter_mut().enumerate() {
            if group.doubts != 0 {
                group.clear_doubts(text, at * LANES * BLOCK);
            }
        }
        if state.groups {
            self.visit_groups();
        }
        self.has_at = false;
        if rare {
            self.mark_rare(text);
        }
    }

    /// Has every token looked at with which hexadecimal digits in groups may
    /// begin.
    #[cold]
    fn visit_groups(&mut self) {
        for at in 0..self.used {
            let block = self.at(at);
            let planes = block.group.planes.get(block.lane);
            if (planes.not_hex | planes.join).has_empty_quarter() {
                for at in at.saturating_sub(1)..=at {
                    let ends = self.ends(at);
                    self.marks(at, |marks| &mut marks.visit, ends);
                }
            }
        }
    }

    /// Sets `bits` of a block's marks.
    fn marks(&mut self, at: usize, of: fn(&mut Marks<Row>) -> &mut Row, bits: u64) {
        of(&mut self.groups[at / LANES].marks).0[at % LANES] |= bits;
    }

    /// Whether anything that is rare stands for something else.
    #[cold]
    fn decodes(&self, text: &[u8]) -> bool {
        self.rare().any(|at| view::decodes(&text[at..]))
    }

    /// Where what is rare stands: see [`is_rare`](super::planes::is_rare).
    pub(super) fn rare(&self) -> impl Iterator<Item = usize> {
        (0..self.used).flat_map(|at| {
            let rare = self.at(at).group.planes.rare.0[at % LANES];
            bits(rare).map(move |bit| at * BLOCK + bit as usize)
        })
    }

    /// Marks what is rare and to be looked at.
    #[cold]
    fn mark_rare(&mut self, text: &[u8]) {
        for at in 0..self.used {
            let rare = self.at(at).group.planes.rare.0[at % LANES];
            for bit in bits(rare) {
                match text[at * BLOCK + bit as usize] {
                    b'@' => {
                        self.has_at = true;
                        let ends = self.ends(at) & 1 << bit;
                        self.marks(at, |marks| &mut marks.visit, ends);
                    }
                    b'$' => self.marks(at, |marks| &mut marks.opening, 1 << bit),
                    _ => {}
                }
            }
        }
    }
}

/// The bits that are set, from the lowest.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}

/// Whether the word at the end of `before` announces nothing, since a sentence
/// goes on after it or the path of a module. `Basic` and `Bearer` are looked at
/// in any case.
fn leads_nowhere(before: &[u8], text: &[u8]) -> bool {
    let ends = |scheme: &[u8]| {
        let from = before.len().saturating_sub(scheme.len());
        before[from..].eq_ignore_ascii_case(scheme)
    };
    match text[before.len()..] {
        [b':', b':', next, ..] => is(next, LETTER),
        [b' ', ..] => prose_follows(text, before.len() + 1) && !ends(b"basic") && !ends(b"bearer"),
        _ => false,
    }
}
