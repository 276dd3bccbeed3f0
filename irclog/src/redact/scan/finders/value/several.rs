//! Values of several parts: lists, strings that are joined, rows of numbers.

use super::BLANKS;
use crate::redact::scan::{LOOK_BYTES, Scan};
use crate::redact::text::alphabet::{ALNUM, DIGIT, SPACE, is};

/// Bytes of the longest item of a list of bytes: `0xffu8`.
const LIST_ITEM_BYTES: usize = 6;

/// Numbers in a row that are one value.
const ROW_NUMBERS: usize = 4;

impl Scan<'_> {
    /// Where what belongs to a secret in `from..to` ends: further strings of a
    /// list or a concatenation, numbers, and what it was changed to.
    pub(super) fn goes_on(&self, from: usize, to: usize, quoted: bool) -> usize {
        let bytes = self.bytes;
        let mut end = to;
        if !quoted {
            end = self.numbers_end(from).unwrap_or(end).max(end);
            let arrow = self.skip_blanks(end);
            if arrow > end && bytes[arrow..].starts_with(b"-> ") {
                let next = self.skip_blanks(arrow + 2);
                end = next
                    + bytes[next..]
                        .iter()
                        .take_while(|&&byte| !is(byte, SPACE))
                        .count();
            }
            return end;
        }
        let listed = from > 0 && {
            let before = bytes[..from].iter().rev().take(BLANKS);
            matches!(
                before.copied().find(|&byte| !is(byte, SPACE)),
                Some(b'[' | b'(')
            )
        };
        while let Some(open) = self.string_after(end, from, listed) {
            let most = bytes.len().min(open + LOOK_BYTES);
            let close = self.quoted_end(open, most);
            if close == most {
                end = self.quoted_end(open, bytes.len());
                continue;
            }
            // A name is none.
            let after = self.skip_blanks((close + 1).min(bytes.len()));
            if matches!(bytes.get(after), Some(b':' | b'=')) {
                break;
            }
            end = close;
        }
        end
    }

    /// The opening quote of the string that goes on with the one which begins
    /// at `first` and whose closing quote stands at `close`.
    fn string_after(&self, close: usize, first: usize, listed: bool) -> Option<usize> {
        let bytes = self.bytes;
        let quote = bytes[first];
        if bytes.get(close) != Some(&quote) {
            return None;
        }
        let opens = |at: usize| {
            bytes.get(at) == Some(&quote) && self.view.depth(at) == self.view.depth(first)
        };
        // A quote is doubled within a string.
        if opens(close + 1) {
            return Some(close + 1);
        }
        let at = self.skip_space(close + 1);
        let next = match &bytes[at..] {
            [b'+', ..] => at + 1,
            [b'-', b'>', ..] => at + 2,
            [b',', ..] if listed => at + 1,
            _ => return None,
        };
        Some(self.skip_space(next)).filter(|&at| opens(at))
    }

    /// The end of a row of numbers at `from`, as bytes and cards are written
    /// without brackets.
    fn numbers_end(&self, from: usize) -> Option<usize> {
        let bytes = self.bytes;
        let (mut at, mut end, mut items) = (from, from, 0);
        loop {
            let item = bytes[at..]
                .iter()
                .take(LIST_ITEM_BYTES + 1)
                .take_while(|&&byte| is(byte, ALNUM))
                .count();
            let hex = bytes[at..].starts_with(b"0x");
            let number = bytes[at..at + item].iter().all(|&byte| is(byte, DIGIT));
            if item == 0 || item > LIST_ITEM_BYTES || !(number || hex) {
                break;
            }
            items += 1;
            end = at + item;
            let comma = usize::from(bytes.get(end) == Some(&b','));
            at = self.skip_blanks(end + comma);
            if at == end {
                break;
            }
        }
        (items >= ROW_NUMBERS).then_some(end)
    }

    /// The end of the list of numbers that a bracket at `open` opens: bytes, as
    /// `Debug` prints them.
    pub(super) fn list_end(&self, open: usize) -> Option<usize> {
        let bytes = self.bytes;
        let from = self.skip_space(open + 1);
        if !bytes.get(from).is_some_and(|&byte| is(byte, DIGIT)) {
            return None;
        }
        let len = |most: usize| {
            let listed = bytes[from..].iter().take(most);
            listed.take_while(|&&byte| listed_byte(byte)).count()
        };
        let mut list = &bytes[from..from + len(LOOK_BYTES)];
        if list.len() == LOOK_BYTES && is_list(&list[..LOOK_BYTES - LIST_ITEM_BYTES]) {
            list = &bytes[from..from + len(bytes.len())];
        }
        is_list(list).then_some(from + list.len())
    }
}

/// Whether a byte may stand in a list of numbers.
fn listed_byte(byte: u8) -> bool {
    is(byte, ALNUM | SPACE) || matches!(byte, b',' | b';' | b'-')
}

/// Whether there are items, and each is as short as a number of a byte.
fn is_list(list: &[u8]) -> bool {
    let items = list.split(|&byte| is(byte, SPACE) || matches!(byte, b',' | b';'));
    let mut items = items.filter(|item| !item.is_empty());
    let parted = items.clone().nth(1).is_some();
    parted && items.all(|item| item.len() <= LIST_ITEM_BYTES && is(item[item.len() - 1], ALNUM))
}
