//! What makes two records the same.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use rustc_hash::FxHasher;

use crate::record::Record;

/// The key of a record's call site; where it names no file, of the shape of
/// its text instead.
pub(super) fn site_key(record: &Record) -> u64 {
    let site = record.site.get().key();
    if record.site.file.is_empty() {
        shape_key(site, &record.text)
    } else {
        site
    }
}

/// The key of a text at a site.
pub(super) fn text_key(site: u64, text: &str) -> u64 {
    hash(|hasher| (site, text).hash(hasher))
}

/// By keys that are hashes already, and deterministic, so that the same
/// records make the same lines. Two sites of one key are told apart by
/// content.
pub(super) type Keys = BuildHasherDefault<FxHasher>;

/// The text with every word that has a digit in it, or is long hex, taken for
/// the same.
fn shape_key(site: u64, text: &str) -> u64 {
    let bytes = &text.as_bytes()[..text.len().min(MAX_SHAPE)];
    hash(|hasher| {
        site.hash(hasher);
        for word in bytes.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
            let is_value = word.iter().any(u8::is_ascii_digit)
                || word.len() >= MIN_HEX && word.iter().all(u8::is_ascii_hexdigit);
            if is_value {
                b"#".hash(hasher);
            } else {
                word.hash(hasher);
            }
        }
    })
}

/// What two texts of one template share is seen in their first bytes.
const MAX_SHAPE: usize = 512;

/// Letters from a to f that are more than a word. In characters.
const MIN_HEX: usize = 8;

fn hash(feed: impl FnOnce(&mut FxHasher)) -> u64 {
    let mut hasher = FxHasher::default();
    feed(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_file_the_shape_of_the_text_is_the_site() {
        let key = |text: &str| {
            let mut record = Record::empty();
            record.site.target = "t".to_owned();
            record.text = text.to_owned();
            site_key(&record)
        };
        assert_eq!(key("paid 1 to 0xabc1"), key("paid 22 to 0xdef2"));
        assert_eq!(key("by deadbeef"), key("by cafebabe"));
        assert_ne!(key("paid 1"), key("refunded 1"));
        assert_ne!(
            key("a bad face"),
            key("a bed fade"),
            "short words are words"
        );
        assert_eq!(key(""), key(""));
    }

    #[test]
    fn a_text_belongs_to_its_site() {
        assert_eq!(text_key(1, "a"), text_key(1, "a"));
        assert_ne!(text_key(1, "a"), text_key(2, "a"));
        assert_ne!(text_key(1, "a"), text_key(1, "b"));
    }
}
