//! What may matter in a text, by the planes of its blocks, one after the other.
//!
//! What is said of a token stands at its end: at the bit of the byte after it.

use crate::redact::survey::byte_planes::Planes;

/// The plane `BY` bits further on, with what comes in from `before`: the plane
/// that was this one the last time.
#[inline]
fn behind<const BY: u32>(plane: u64, before: u64) -> u64 {
    plane << BY | before >> (64 - BY)
}

/// The plane one bit ahead. What stands beyond a block could be anything.
#[inline]
fn ahead(plane: u64) -> u64 {
    plane >> 1 | 1 << 63
}

/// The ends of those `tokens` that have one of `marks`, among other bits. Added
/// to the bits of a token, a mark carries to the byte after it. `carry` goes on
/// into the next block, where it is a mark of the first byte.
#[inline]
fn carried(tokens: u64, marks: u64, carry: &mut bool) -> u64 {
    let (sum, over) = tokens.overflowing_add(marks | u64::from(*carry));
    *carry = over;
    sum
}

/// Whether no bit is set in one of the quarters of a block.
#[inline]
pub(in crate::redact) fn has_empty_quarter(plane: u64) -> bool {
    const LOWEST: u64 = 0x0001_0001_0001_0001;
    plane.wrapping_sub(LOWEST) & !plane & LOWEST << 15 != 0
}

/// What may matter in a block.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::redact) struct Marks {
    /// Ends of tokens that may matter.
    pub(in crate::redact) visit: u64,
    /// Those of them that may be a name which announces a secret.
    pub(in crate::redact) named: u64,
    /// What may open a list of bytes or a password's hash.
    pub(in crate::redact) opening: u64,
    /// Those to visit that nothing speaks for but the filter of endings.
    pub(in crate::redact) doubtful: u64,
    /// Those of them without a join.
    pub(in crate::redact) single: u64,
    /// Ends of what may be words of a phrase, and of what is none.
    pub(in crate::redact) word: u64,
    /// Those of the words that are counted: as few of other texts have them.
    pub(in crate::redact) counted: u64,
    pub(in crate::redact) breaks: u64,
}

/// What a block needs to know of those before it.
#[derive(Debug, Default)]
pub(in crate::redact) struct State {
    last: Runs,
    ending: u64,
    joins: u64,
    carries: Carries,
    /// Whether any block may have part of 128 bits in groups of hexadecimal
    /// digits.
    pub(in crate::redact) groups: bool,
}

/// By byte, whether at least as many bytes before it are of one token.
#[derive(Debug, Clone, Copy, Default)]
struct Runs {
    tokens: u64,
    after: u64,
    two: u64,
    four: u64,
    eight: u64,
}

/// Whether a token that reaches into the next block has a mark.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a carry of each addition")]
struct Carries {
    inner: bool,
    upper: bool,
    digit: bool,
    join: bool,
    letter: bool,
    number: bool,
    slash: bool,
    flag: bool,
}

impl State {
    /// Finds what may matter in the next block.
    ///
    /// Every instruction is paid for by all lines: what is cheap to find here
    /// is not looked at, what is not is looked at by the scan.
    // Into each of its callers, since one may use more instructions.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(in crate::redact) fn mark(&mut self, planes: &Planes) -> Marks {
        let tokens = planes.tokens();
        let last = &self.last;
        let after = behind::<1>(tokens, last.tokens);
        let ends = after & !tokens;
        let two = after & behind::<1>(after, last.after);
        let four = two & behind::<2>(two, last.two);
        let eight = four & behind::<4>(four, last.four);
        let sixteen = eight & behind::<8>(eight, last.eight);
        let three = two & behind::<2>(after, last.after);
        let seven = four & behind::<3>(four, last.four);
        let nine = eight & behind::<8>(after, last.after);
        let ten = eight & behind::<8>(two, last.two);
        let five = four & behind::<4>(after, last.after);
        let thirteen = nine & behind::<9>(four, last.four);
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
        let ended = behind::<1>(ending, self.ending) & !small;
        self.ending = ending;
        let carries = &mut self.carries;
        let inner = carried(tokens, ended & tokens, &mut carries.inner);
        let upper = carried(tokens, planes.upper, &mut carries.upper);
        let digit = carried(tokens, planes.digit, &mut carries.digit);
        let join = carried(tokens, planes.join, &mut carries.join);
        let letter = carried(tokens, planes.letter, &mut carries.letter);
        let slash = carried(tokens, planes.slash, &mut carries.slash);
        let number = carried(tokens, planes.digit & !after, &mut carries.number);

        // No less than `pass::may_have_shape` has it. A short token that begins
        // as a number and has letters is a time, an amount with its unit, a
        // version: it can be a vendor's after a slash only, or be cut.
        let cut = planes.rare | behind::<1>(planes.join, self.joins);
        // A login may follow a flag, or stand in it; a PEM block begins as one.
        let dashes = planes.join & !(planes.slash | after);
        let flag = letter & carried(tokens, dashes, &mut carries.flag);
        self.joins = planes.join;
        let unit = number & !(slash | cut);
        let mixed = letter & !unit & (nine & (digit | upper) | four & digit & upper & !join);
        let numeric = digit & !letter & (thirteen | seven & join);
        let shape = sixteen | mixed | numeric;
        let card = four & digit & planes.blank & ahead(planes.digit);
        let url = planes.colon & ahead(planes.join);
        // Of an address in groups, the first is exactly as long.
        let group = planes.colon & four & !five & ahead(!planes.blank);
        let named = ends & (inner | ended);
        let other = shape | card | url | group | flag;
        let doubtful = ended & ends & !(inner | other);

        // They are longer than two quarters of a block, thus fill one, and
        // nothing but digits, never nine of them, and what parts them stands
        // there.
        self.groups |= has_empty_quarter(planes.not_hex | planes.join | nine);
        Marks {
            visit: named | ends & other,
            named,
            opening: planes.opening & ahead(planes.digit | planes.blank),
            doubtful,
            single: doubtful & !join,
            word: ends & three & !(ten | digit | join),
            // Some Italian ones have nine letters, which many other words have.
            counted: ends & three & !(nine | digit | join),
            breaks: ends & (ten | four & (digit | join) | !(three | digit | join)),
        }
    }
}

/// Words of the list in a row that make a phrase. The shortest phrase has
/// twelve; prose has a word that is not in the list every two or three.
pub(in crate::redact) const PHRASE_WORDS: u32 = 9;

/// Words that suffice where the text, which may be cut, ends in them.
pub(in crate::redact) const CUT_PHRASE_WORDS: u32 = 7;

/// Words in a row up to here, and the most in a row.
#[derive(Debug, Default)]
pub(in crate::redact) struct Words {
    pub(in crate::redact) row: u32,
    pub(in crate::redact) most: u32,
}

impl Words {
    /// Counts those of the next block. Never too few: those of all rows that
    /// lie within the block count as one.
    #[inline]
    pub(in crate::redact) fn count(&mut self, word: u64, breaks: u64) {
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
