//! Long tokens that are words: paths, names with joins, hosts. A look at their
//! bits tells that no rule for the shape of a token would find anything.

use crate::redact::lexicon::prefix;
use crate::redact::scan::Scan;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::LONG;
use crate::redact::survey::{BLOCK, Planes};
use crate::redact::text::alphabet::{JOIN, is};
use crate::redact::text::forms::is_uuid;

/// Letters or digits in a row from which a token is looked at: fewer than a
/// UUID has in its last group, and than any random piece that is hidden.
const PIECE: u32 = 12;

/// Places where a letter and a digit may stand side by side: from one more on
/// a token may be none of words.
const SWITCHES: u32 = 4;

/// The joins of a UUID of 36 bytes, and its first byte. The account of a bank
/// begins with two letters, as some prefixes do.
const UUID: u64 = (1 << 8 | 1 << 13 | 1 << 18 | 1 << 23) << UUID_BEGINS;
const UUID_BEGINS: usize = 64 - 36;

/// Bytes of a token without digits that may be a phrase.
const PHRASE: usize = 40;

impl Scan<'_> {
    /// Whether [`shape`](Self::shape) finds nothing in `token` for sure.
    ///
    /// Each piece between two joins is one of letters, of digits, or of one
    /// each (`v2`); the last with letters is a word, so that no value of a name
    /// ends here; letters are of one case; and no vendor's prefix stands where
    /// one may.
    #[inline]
    pub(in crate::redact) fn is_plain(&self, token: Token) -> bool {
        let Token { start, end, .. } = token;
        if end - start < LONG {
            return false;
        }
        let Some(Planes {
            letter,
            upper,
            digit,
            join,
            slash,
            not_hex,
            ..
        }) = self.survey.bits(start, end)
        else {
            return false;
        };
        let word = &self.bytes[start..end];
        if not_hex == 0 {
            return join == UUID && is_uuid(word) && letter >> UUID_BEGINS & 3 != 3;
        }
        let text = letter | digit;
        let begins = text & !(text << 1);
        let ends = text & !(text >> 1);
        let switches = letter & digit << 1 | digit & letter << 1;
        // Runs of so many bytes, by doubling.
        let two = text & text << 1;
        let four = two & two << 2;
        let long = four & four << 4 & four << (PIECE - 4);

        let words = letter.checked_shl(letter.leading_zeros()).unwrap_or(0);
        words.leading_ones() > 2
            && (upper == 0 || upper == letter)
            && switches & !(begins << 1 & ends) == 0
            && switches.count_ones() <= SWITCHES
            && long == 0
            && (digit != 0 || word.len() <= PHRASE)
            // Base64 has padding or `+`.
            && self.bytes.get(end) != Some(&b'=')
            && (join == slash || !word.contains(&b'+'))
            && !word.starts_with(b"ewog")
            && !may_have_prefix(word, slash)
    }
}

/// Whether a vendor's prefix may stand at the beginning of `word` or after one
/// of its slashes.
#[inline]
fn may_have_prefix(word: &[u8], slash: u64) -> bool {
    let begins = |from: usize| {
        let skipped = word[from..].iter().take_while(|&&byte| is(byte, JOIN));
        prefix::may_be(&word[from + skipped.count()..])
    };
    let mut left = slash;
    while left != 0 {
        // The last byte is at the topmost bit.
        let after = word.len() - left.leading_zeros() as usize;
        if begins(after) {
            return true;
        }
        left ^= 1 << (BLOCK - 1) >> left.leading_zeros();
    }
    begins(0)
}

#[cfg(test)]
mod tests {
    use crate::redact::scrubber::Scrubber;

    #[test]
    fn a_path_may_fill_a_block_from_its_first_slash_on() {
        for before in 0..70 {
            let path = format!("/3/35/2018-25-walk-{}", "garden-".repeat(7));
            let text = format!("{} {}", " ".repeat(before), &path[..64]);
            for text in [&text[..], &format!("{text}, and on")] {
                let shown = Scrubber::default().scrub(text, &[]);
                assert_eq!(shown.as_str(), text);
            }
        }
    }
}
