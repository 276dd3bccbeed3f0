//! What may matter in a text, by the planes of its blocks: one after the other,
//! or several side by side.
//!
//! What is said of a token stands at its end: at the bit of the byte after it.

use std::ops::{BitAnd, BitOr, Not};

use super::planes::{Planes, Row};

/// A plane of a block, or those of several blocks side by side.
pub(super) trait Word:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// The plane `BY` bits further on, with what comes in from `before`: the
    /// plane that was this one the last time.
    fn behind<const BY: i32>(self, before: Self) -> Self;

    /// The plane one bit ahead. What stands beyond a block could be anything.
    fn ahead(self) -> Self;

    /// With `self` the bits of tokens: the ends of those that have one of
    /// `marks`, among other bits. Added to the bits of a token, a mark carries
    /// to the byte after it. `carry` goes on into the next block, where it is a
    /// mark of the first byte.
    fn carried(self, marks: Self, carry: &mut Self) -> Self;

    /// The blocks with a bit that is set, a bit each.
    fn blocks(self) -> u8;

    /// Whether no bit is set in one of the quarters of a block.
    fn has_empty_quarter(self) -> bool;
}

// Into each of their callers, since one may use more instructions.
#[allow(clippy::inline_always)]
impl Word for u64 {
    #[inline(always)]
    fn behind<const BY: i32>(self, before: Self) -> Self {
        self << BY | before >> (64 - BY)
    }

    #[inline(always)]
    fn ahead(self) -> Self {
        self >> 1 | 1 << 63
    }

    #[inline(always)]
    fn carried(self, marks: Self, carry: &mut Self) -> Self {
        let (sum, over) = self.overflowing_add(marks | *carry);
        *carry = Self::from(over);
        sum
    }

    #[inline(always)]
    fn blocks(self) -> u8 {
        u8::from(self != 0)
    }

    #[inline(always)]
    fn has_empty_quarter(self) -> bool {
        const LOWEST: u64 = 0x0001_0001_0001_0001;
        self.wrapping_sub(LOWEST) & !self & LOWEST << 15 != 0
    }
}

/// What may matter in a block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks<W = u64> {
    /// Ends of tokens that may matter.
    pub(super) visit: W,
    /// Those of them that may be a name which announces a secret.
    pub(super) named: W,
    /// What may open a list of bytes or a password's hash.
    pub(super) opening: W,
    /// Those to visit that nothing speaks for but the filter of endings.
    pub(super) doubtful: W,
    /// Those of them without a join.
    pub(super) single: W,
    /// Ends of what may be words of a phrase, and of what is none.
    pub(super) word: W,
    pub(super) breaks: W,
}

impl<W> Marks<W> {
    #[allow(clippy::inline_always)] // see `Word`
    #[inline(always)]
    pub(super) fn put(self, rows: &mut Marks<Row>, put: impl Fn(W, &mut Row)) {
        put(self.visit, &mut rows.visit);
        put(self.named, &mut rows.named);
        put(self.opening, &mut rows.opening);
        put(self.doubtful, &mut rows.doubtful);
        put(self.single, &mut rows.single);
        put(self.word, &mut rows.word);
        put(self.breaks, &mut rows.breaks);
    }
}

/// What a block needs to know of those before it.
#[derive(Debug)]
pub(super) struct State<W> {
    last: Runs<W>,
    ending: W,
    joins: W,
    carries: Carries<W>,
    /// Whether any block may have part of 128 bits in groups of hexadecimal
    /// digits.
    pub(super) groups: bool,
}

/// By byte, whether at least as many bytes before it are of one token.
#[derive(Debug, Clone, Copy)]
struct Runs<W> {
    tokens: W,
    after: W,
    two: W,
    four: W,
    eight: W,
}

/// Whether a token that reaches into the next block has a mark.
#[derive(Debug)]
struct Carries<W> {
    inner: W,
    upper: W,
    digit: W,
    join: W,
    letter: W,
    number: W,
    slash: W,
    flag: W,
}

impl<W: Word> State<W> {
    /// Before a text. `zero` has no bits.
    #[inline]
    pub(super) fn new(zero: W) -> Self {
        Self {
            last: Runs {
                tokens: zero,
                after: zero,
                two: zero,
                four: zero,
                eight: zero,
            },
            ending: zero,
            joins: zero,
            carries: Carries {
                inner: zero,
                upper: zero,
                digit: zero,
                join: zero,
                letter: zero,
                number: zero,
                slash: zero,
                flag: zero,
            },
            groups: false,
        }
    }

    /// Finds what may matter in the next block.
    ///
    /// Every instruction is paid for by all lines: what is cheap to find here
    /// is not looked at, what is not is looked at by the scan.
    #[allow(clippy::inline_always)] // see `Word`
    #[inline(always)]
    pub(super) fn mark(&mut self, planes: &Planes<W>) -> Marks<W> {
        let tokens = planes.tokens();
        let last = &self.last;
        let after = tokens.behind::<1>(last.tokens);
        let ends = after & !tokens;
        let two = after & after.behind::<1>(last.after);
        let four = two & two.behind::<2>(last.two);
        let eight = four & four.behind::<4>(last.four);
        let sixteen = eight & eight.behind::<8>(last.eight);
        let three = two & after.behind::<2>(last.after);
        let seven = four & four.behind::<3>(last.four);
        let nine = eight & after.behind::<8>(last.after);
        let five = four & after.behind::<4>(last.after);
        let thirteen = nine & four.behind::<9>(last.four);
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
        let ended = ending.behind::<1>(self.ending) & !small;
        self.ending = ending;
        let carries = &mut self.carries;
        let inner = tokens.carried(ended & tokens, &mut carries.inner);
        let upper = tokens.carried(planes.upper, &mut carries.upper);
        let digit = tokens.carried(planes.digit, &mut carries.digit);
        let join = tokens.carried(planes.join, &mut carries.join);
        let letter = tokens.carried(planes.letter, &mut carries.letter);
        let slash = tokens.carried(planes.slash, &mut carries.slash);
        let number = tokens.carried(planes.digit & !after, &mut carries.number);

        // No less than `pass::may_have_shape` has it. A short token that begins
        // as a number and has letters is a time, an amount with its unit, a
        // version: it can be a vendor's after a slash only, or be cut.
        let cut = planes.rare | planes.join.behind::<1>(self.joins);
        // A login may follow a flag, or stand in it; a PEM block begins as one.
        let dashes = planes.join & !(planes.slash | after);
        let flag = letter & tokens.carried(dashes, &mut carries.flag);
        self.joins = planes.join;
        let unit = number & !(slash | cut);
        let mixed = letter & !unit & (nine & (digit | upper) | four & digit & upper & !join);
        let numeric = digit & !letter & (thirteen | seven & join);
        let shape = sixteen | mixed | numeric;
        let card = four & digit & planes.blank & planes.digit.ahead();
        let url = planes.colon & planes.join.ahead();
        // Of an address in groups, the first is exactly as long.
        let group = planes.colon & four & !five & (!planes.blank).ahead();
        let named = ends & (inner | ended);
        let other = shape | card | url | group | flag;
        let doubtful = ended & ends & !(inner | other);

        // They are longer than two quarters of a block, thus fill one, and
        // nothing but digits, never nine of them, and what parts them stands
        // there.
        self.groups |= (planes.not_hex | planes.join | nine).has_empty_quarter();
        Marks {
            visit: named | ends & other,
            named,
            opening: planes.opening & (planes.digit | planes.blank).ahead(),
            doubtful,
            single: doubtful & !join,
            word: ends & three & !(nine | digit | join),
            breaks: ends & (nine | four & (digit | join) | !(three | digit | join)),
        }
    }
}

/// Words in a row up to here, and the most in a row.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) row: u32,
    pub(super) most: u32,
}

impl Words {
    /// Counts those of the next block. Never too few: those of all rows that
    /// lie within the block count as one.
    #[inline]
    pub(super) fn count(&mut self, word: u64, breaks: u64) {
        let all = self.row + word.count_ones();
        let before = word & (breaks ^ breaks.wrapping_sub(1));
        let first = self.row + before.count_ones();
        self.row = if breaks == 0 {
            all
        } else {
            (word >> breaks.ilog2()).count_ones()
        };
        // With one row before the first break and one after the last, what
        // is left are those within.
        let within = (all - first).saturating_sub(self.row);
        self.most = self.most.max(first).max(within);
    }
}
