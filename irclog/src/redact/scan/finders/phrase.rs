//! The words of a wallet: runs of words from one of the lists of BIP-39.

use crate::redact::scan::run::{GAP_BYTES, Run};
use crate::redact::survey::{BLOCK, CUT_PHRASE_WORDS, PHRASE_WORDS};

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::wallet::{ENGLISH, LANGUAGES, Word, lists_at, lists_of};
use crate::redact::scan::Scan;
use crate::redact::survey::Token;
use crate::redact::survey::tokens::kind;
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, is, union};

impl Scan<'_> {
    /// Takes note of the next token: it goes on with the run or ends it.
    ///
    /// Without a branch that depends on the text: it runs for every token.
    #[allow(clippy::needless_bitwise_bool)]
    #[inline]
    pub(in crate::redact) fn follow(&mut self, token: Token, kind: u8) {
        let word = kind & kind::WORD != 0;
        let mark = kind & kind::MARK != 0;
        let goes_on = (word | mark) & (token.start <= self.run.end + GAP_BYTES);
        if !goes_on & (self.run.count >= CUT_PHRASE_WORDS) {
            self.end_run();
        }
        let count = self.run.count * u32::from(goes_on) + u32::from(word);
        let begins = word & (count == 1);
        self.run = Run {
            start: if begins { token.start } else { self.run.start },
            end: token.end,
            count,
        };
    }

    /// Whether enough words of one list stand in a row: without regard to what
    /// stands between them, thus never too few.
    #[cold]
    pub(in crate::redact) fn has_row(&self) -> bool {
        let mut rows = Rows::default();
        let mut index = 0;
        while let Some(block) = self.survey.block(index) {
            let words = block.marks.word;
            let mut ends = words | block.marks.breaks;
            while ends != 0 {
                let bit = ends.trailing_zeros();
                ends &= ends - 1;
                if words >> bit & 1 == 0 {
                    rows = Rows::default();
                    continue;
                }
                let end = index * BLOCK + bit as usize;
                rows.follow(lists_at(self.bytes, self.survey.start(end), end));
                if rows.has(PHRASE_WORDS) {
                    return true;
                }
            }
            index += 1;
        }
        rows.has(CUT_PHRASE_WORDS)
    }

    /// Looks the words up that were collected, if they are enough.
    pub(in crate::redact) fn end_run(&mut self) {
        let Run { start, end, count } = std::mem::take(&mut self.run);
        let cut = count >= CUT_PHRASE_WORDS && end == self.bytes.len();
        if count >= PHRASE_WORDS || cut {
            self.phrase(start, end);
        }
    }

    /// Masks the phrases in a range. Returns whether there was one.
    pub(in crate::redact) fn phrase(&mut self, start: usize, end: usize) -> bool {
        let mut counts = [0; LANGUAGES];
        for word in self.bytes[start..end].split(|&byte| !is(byte, ALNUM)) {
            let lists = lists_of(word);
            for (language, count) in counts.iter_mut().enumerate() {
                *count += u32::from(lists >> language & 1);
            }
        }
        let mut any = false;
        for (language, count) in counts.into_iter().enumerate() {
            any |= count >= CUT_PHRASE_WORDS && self.phrase_in(language, start, end);
        }
        any
    }

    /// Of the words of one list.
    fn phrase_in(&mut self, language: usize, start: usize, end: usize) -> bool {
        let bytes = self.bytes;
        let (mut from, mut last, mut hits, mut misses) = (start, start, 0, 0);
        let mut words = Different::default();
        // Those that are not listed between two that are.
        let mut others = 0;
        let mut any = false;
        let mut at = start;
        while at <= end {
            let word_end = bytes[at..end]
                .iter()
                .position(|&byte| !is(byte, ALNUM))
                .map_or(end, |len| at + len);
            let word = &bytes[at..word_end];
            let numbered = union(word) & DIGIT != 0 && word.len() <= 2;
            // `word 11: bean`.
            if is_label(&bytes[word_end..end]) {
                at = word_end + 1;
                continue;
            }
            if let Some(listed) = Word::of(word, language)
                && !self.in_mark(at)
            {
                if hits == 0 {
                    from = at;
                    words = Different::default();
                    others = 0;
                }
                others += misses;
                hits += 1;
                words.add(listed);
                misses = 0;
                last = word_end;
            } else if !word.is_empty() && !numbered {
                misses += 1;
            }
            // One word in a row may be misspelt or cut.
            if misses > 1 || at == end || word_end == end {
                let cut = end == bytes.len() && hits >= CUT_PHRASE_WORDS;
                let phrase = (hits >= PHRASE_WORDS || cut) && hits >= others * LISTED_SHARE;
                if phrase && words.are_chosen(hits, language) {
                    // The word beside the phrase may be its misspelt part.
                    let to = if end == bytes.len() { end } else { last };
                    self.push(from, to, Class::Mnemonic, "[MNEMONIC]");
                    any = true;
                }
                (hits, misses) = (0, 0);
            }
            at = word_end + 1;
        }
        any
    }
}

/// Whether a word that `rest` follows says that the next one has a number.
fn is_label(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b" ") else {
        return false;
    };
    let digits = rest.iter().take_while(|&&byte| is(byte, DIGIT)).count();
    (1..=2).contains(&digits) && matches!(rest.get(digits), Some(b':' | b'='))
}

/// Whether a line is a few words, most of which wallets have: a part of a phrase
/// that is told line by line.
pub(in crate::redact) fn may_be_part(line: &[u8]) -> bool {
    let (mut words, mut listed) = (0, 0);
    for word in line.split(|&byte| !is(byte, ALNUM)) {
        if !word.first().is_some_and(|&byte| is(byte, LETTER)) {
            continue;
        }
        words += 1;
        let is_listed = || (0..LANGUAGES).any(|language| Word::of(word, language).is_some());
        listed += usize::from(lists_of(word) != 0 && is_listed());
        // Most lines have ended to be one by their third word.
        if words > PART_WORDS || listed + 2 < words {
            return false;
        }
    }
    listed > 0 && listed * 4 >= words * 3
}

/// Words of a line that may be a part of a phrase.
const PART_WORDS: usize = 12;

/// Words of the list for each between them that is not in it: a phrase may have
/// two misspelt ones, a sentence has more.
const LISTED_SHARE: u32 = 5;

/// How many words of each list stand in a row up to here: a byte a list, and
/// nothing that branches by the text.
#[derive(Debug, Default)]
struct Rows {
    hits: u64,
    /// All bits of the lists of which the word before was none.
    missed: u64,
}

impl Rows {
    /// A one in each byte.
    const ONES: u64 = u64::MAX / 0xff;

    /// Takes the next word, which may be in `lists`.
    #[inline]
    fn follow(&mut self, lists: u8) {
        /// All bits of the byte of each list.
        static BYTES: [u64; 1 << LANGUAGES] = {
            let mut bytes = [0; 1 << LANGUAGES];
            let mut lists = 0;
            while lists < bytes.len() {
                let mut language = 0;
                while language < LANGUAGES {
                    bytes[lists] |= ((lists as u64 >> language & 1) * 0xff) << (8 * language);
                    language += 1;
                }
                lists += 1;
            }
            bytes
        };
        let hit = BYTES[usize::from(lists) % BYTES.len()];
        // As `phrase` has it, one word in a row may be another.
        self.hits &= hit | !self.missed;
        self.hits += hit & Self::ONES;
        self.missed = !hit;
    }

    /// Whether so many words of one list stand in a row: never more than nine.
    #[inline]
    fn has(&self, words: u32) -> bool {
        let missing = 0x80 - u64::from(words);
        (self.hits + Self::ONES * missing) & (Self::ONES << 7) != 0
    }
}

/// The different ones of the first words of a phrase.
#[derive(Debug, Default)]
struct Different {
    words: [Option<Word>; 16],
    len: usize,
    seen: usize,
}

impl Different {
    fn add(&mut self, word: Word) {
        if self.seen < self.words.len() {
            self.seen += 1;
            let word = Some(word);
            if !self.words[..self.len].contains(&word) {
                self.words[self.len] = word;
                self.len += 1;
            }
        }
    }

    /// Whether the words may be chosen by chance, or as those of a test are,
    /// nearly all of which are one: not as those of sentences about codes.
    ///
    /// Tests have English words. In other lists is `payer`, which a table of
    /// payments may have in each row.
    fn are_chosen(&self, hits: u32, language: usize) -> bool {
        let first = self.seen.min(hits as usize);
        self.len * 3 > first * 2 || self.len <= 3 && language == ENGLISH
    }
}

#[cfg(test)]
mod tests {
    use crate::redact::scrubber::Scrubber;

    /// Of each language a phrase from the list, with the accents it has there.
    const PHRASES: [&str; 6] = [
        "walnut garden silver ocean rabbit coffee museum orbit lemon tiger violin zebra",
        "músculo jardín plata cañón conejo lección museo órbita limón tigre rebaño zorro",
        "restante leitura esmalte rabanada duende biosfera dedicado sujeito cotonete abismo fogo fugir",
        "orzo pigolio immane infilare genitore ilare scarso paonazzo ampio riso solenne narciso",
        "merle absence opter moqueur vallon oce\u{301}an e\u{301}voquer vampire tuteur espoir bilan amidon",
        "rydlo tabletka blecha trouba seslat sledovat baletka volit cirkus legrace iluze reklama",
    ];

    fn scrubbed(text: &str) -> String {
        Scrubber::default().scrub(text, &[]).into_string()
    }

    #[test]
    fn a_phrase_of_any_list_is_masked_however_it_is_written() {
        for phrase in PHRASES {
            let words: Vec<&str> = phrase.split(' ').collect();
            for text in [
                words.join(" "),
                words.join(", "),
                words.join("-"),
                words.join("\n"),
                words.join(" ").to_uppercase(),
                format!("{words:?}"),
            ] {
                let shown = scrubbed(&format!("got {text} here"));
                assert!(shown.contains("[MNEMONIC]"), "{text}: {shown}");
                assert!(shown.len() < 30, "{text}: {shown}");
            }
        }
    }
    #[test]
    fn what_no_wallet_has_is_no_phrase() {
        // Every other word of another list.
        let mut words: Vec<&str> = PHRASES[2].split(' ').collect();
        words.extend(PHRASES[5].split(' '));
        let mixed: Vec<&str> = (0..12).map(|at| words[at / 2 + at % 2 * 12]).collect();
        for text in [
            &mixed.join(" ")[..],
            &mixed.join("-"),
            "(0, 'payer 0'), (1, 'payer 1'), (2, 'payer 2'), (3, 'payer 3'), (4, 'payer 4'), \
             (5, 'payer 5'), (6, 'payer 6'), (7, 'payer 7'), (8, 'payer 8'), (9, 'payer 9')",
            "the quick brown fox jumps over the lazy dog again today",
            "le service a repris la connexion avec la base apres trois essais et tout va bien",
            "el servicio espera una respuesta del banco antes de cerrar la orden y vuelve luego",
            "il servizio attende una risposta dalla banca prima di chiudere il conto in corso",
            "o pedido foi pago pelo cliente mas o banco ainda espera uma resposta do servidor",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }
}
