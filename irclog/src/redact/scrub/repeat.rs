//! What a name announced is secret wherever else the text has it: the value
//! that follows `token=` here and stands in a path or a list there.

use super::class::Class;
use super::likeness::looks_like_vendor_key;
use super::scan::{Found, Scan};

/// Values of a text that are looked for again, and how long they may be: what
/// bounds the cost.
const VALUES: usize = 4;
const VALUE_BYTES: usize = 128;

/// Bytes of the shortest value: less may be part of anything.
const LEAST_BYTES: usize = 8;

impl Scan<'_> {
    /// Masks the values of names once more where they stand without one.
    pub(super) fn repeats(&mut self) {
        let bytes = self.bytes;
        let mut values: [&[u8]; VALUES] = [&[]; VALUES];
        let mut count = 0;
        for &Found {
            start, end, class, ..
        } in self.found()
        {
            let value = &bytes[start..end];
            if matches!(class, Class::Named | Class::Authorization | Class::Key)
                && (LEAST_BYTES..=VALUE_BYTES).contains(&value.len())
                && looks_like_vendor_key(value)
                && !values[..count].contains(&value)
            {
                values[count] = value;
                count += 1;
                if count == VALUES {
                    break;
                }
            }
        }
        for value in &values[..count] {
            let mut at = 0;
            while let Some(from) = find(&bytes[at..], value) {
                let start = at + from;
                at = start + value.len();
                self.push(start, at, Class::Named, super::scan::REDACTED);
            }
        }
    }
}

/// Where `value` begins in `text`.
fn find(text: &[u8], value: &[u8]) -> Option<usize> {
    let (&first, rest) = value.split_first()?;
    let mut from = 0;
    loop {
        from += text[from..].iter().position(|&byte| byte == first)?;
        if text[from + 1..].starts_with(rest) {
            return Some(from);
        }
        from += 1;
    }
}
