//! What makes two records the same kind.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use rustc_hash::FxHasher;

use super::identifiers::{Kind as Part, identifiers};
use crate::record::Record;

/// What a record is compared by, as hashes: two that agree are compared by
/// content before they are taken for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Its call site; where it names no file, the coarse shape of its text.
    pub(super) site: u64,
    /// The site and the text, but for identifiers.
    pub(super) shape: u64,
    /// The same but for measures only: nothing in it is news.
    pub(super) same: u64,
}

/// By keys that are hashes already, and deterministic, so that the same
/// records make the same lines.
pub(super) type Keys = BuildHasherDefault<FxHasher>;

impl Kind {
    pub(super) fn of(record: &Record) -> Self {
        let named = record.site.get().key();
        let site = if record.site.file.is_empty() {
            coarse_shape(named, &record.text)
        } else {
            named
        };
        let (mut kind, mut same) = (FxHasher::default(), FxHasher::default());
        (named, record.omitted).hash(&mut kind);
        (!named, record.omitted).hash(&mut same);
        let mut from = 0;
        for found in identifiers(&record.text) {
            let between = &record.text.as_bytes()[from..found.bytes.start];
            from = found.bytes.end;
            (between, found.kind).hash(&mut kind);
            (between, found.kind).hash(&mut same);
            if found.kind == Part::Name {
                record.text.as_bytes()[found.bytes].hash(&mut same);
            }
        }
        let rest = &record.text.as_bytes()[from..];
        rest.hash(&mut kind);
        rest.hash(&mut same);
        Self {
            site,
            shape: kind.finish(),
            same: same.finish(),
        }
    }
}

/// The same for what says the same, of whatever request: the spans around a
/// record do not count.
pub(super) fn of_any_request(record: &Record) -> u64 {
    let from = record.within.map_or(0, |within| within.text);
    let own = record.text.get(from..).unwrap_or_default();
    coarse_shape(record.site.get().key(), own)
}

/// Whether two records differ in identifiers only.
pub(super) fn are_of_one_kind(one: &Record, other: &Record) -> bool {
    agree(one, other, |_| true)
}

/// Whether two records differ in measures only.
pub(super) fn are_the_same(one: &Record, other: &Record) -> bool {
    agree(one, other, |kind| kind == Part::Measure)
}

fn agree(one: &Record, other: &Record, may_differ: impl Fn(Part) -> bool) -> bool {
    if one.site != other.site || one.omitted != other.omitted {
        return false;
    }
    let (a, b) = (&*one.text, &*other.text);
    let (mut left, mut right) = (identifiers(a), identifiers(b));
    let (mut at, mut there) = (0, 0);
    loop {
        let (found, other) = match (left.next(), right.next()) {
            (Some(found), Some(other)) => (found, other),
            (None, None) => return a[at..] == b[there..],
            _ => return false,
        };
        let alike = found.kind == other.kind
            && a[at..found.bytes.start] == b[there..other.bytes.start]
            && (may_differ(found.kind) || a[found.bytes.clone()] == b[other.bytes.clone()]);
        if !alike {
            return false;
        }
        (at, there) = (found.bytes.end, other.bytes.end);
    }
}

/// The text with every word that has a digit in it, or is long hex, taken for
/// the same: about what one call site writes.
fn coarse_shape(site: u64, text: &str) -> u64 {
    let bytes = &text.as_bytes()[..text.len().min(MAX_SHAPE)];
    let mut hasher = FxHasher::default();
    site.hash(&mut hasher);
    for word in bytes.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
        let is_value = word.iter().any(u8::is_ascii_digit)
            || word.len() >= MIN_HEX && word.iter().all(u8::is_ascii_hexdigit);
        if is_value {
            b"#".hash(&mut hasher);
        } else {
            word.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// What two texts of one template share is seen in their first bytes.
const MAX_SHAPE: usize = 512;

/// Letters from a to f that are more than a word. In characters.
const MIN_HEX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        let mut record = Record::empty();
        record.site.target = "t".to_owned();
        record.text = text.to_owned();
        record
    }

    #[track_caller]
    fn check(one: &str, other: &str, of_one_kind: bool, same: bool) {
        let (a, b) = (record(one), record(other));
        let (left, right) = (Kind::of(&a), Kind::of(&b));
        assert_eq!(left.shape == right.shape, of_one_kind, "{one} {other}");
        assert_eq!(are_of_one_kind(&a, &b), of_one_kind, "{one} {other}");
        assert_eq!(left.same == right.same, same, "{one} {other}");
        assert_eq!(are_the_same(&a, &b), same, "{one} {other}");
    }

    #[test]
    fn records_of_a_kind_differ_in_identifiers_only() {
        check("done in 3 ms", "done in 40 ms", true, true);
        check("tx 0xceac4f20a9", "tx 0x1999aa0001", true, false);
        check("status=400", "status=429", false, false);
        check("GET /verify: 200", "GET /settle: 200", false, false);
        check("retry 1", "retry 2", false, false);
        check("paid 123456", "paid 123456 twice", false, false);
        check("", "", true, true);
    }

    #[test]
    fn what_was_cut_off_may_differ_in_anything() {
        let (mut one, other) = (record("long"), record("long"));
        one.omitted = 10;
        assert_ne!(Kind::of(&one).shape, Kind::of(&other).shape);
        assert!(!are_of_one_kind(&one, &other));
    }

    #[test]
    fn without_a_file_the_shape_of_the_text_is_the_site() {
        let site = |text| Kind::of(&record(text)).site;
        assert_eq!(site("paid 1 to 0xabc1"), site("paid 22 to 0xdef2"));
        assert_eq!(site("by deadbeef"), site("by cafebabe"));
        assert_ne!(site("paid 1"), site("refunded 1"));
        let of_file = |text| {
            let mut record = record(text);
            record.site.file.push_str("pay.rs");
            Kind::of(&record).site
        };
        assert_eq!(of_file("paid 1"), of_file("refunded 1"));
    }
}
