//! A Bloom filter: most of what is in none of the tables passes by one look.

/// Bits of a filter for each of its entries: one position in 16 is looked up
/// for nothing.
const FILTER_BITS: usize = 16;

/// A Bloom filter with one bit an entry.
#[derive(Default)]
pub(in crate::redact) struct Filter(Vec<u64>);

impl Filter {
    pub(in crate::redact) fn of(len: usize, entries: impl Iterator<Item = u64>) -> Self {
        if len == 0 {
            return Self::default();
        }
        let words = (len * FILTER_BITS / 64).next_power_of_two();
        let mut filter = Self(vec![0; words]);
        for entry in entries {
            let bit = filter.bit(entry);
            filter.0[bit / 64] |= 1 << (bit % 64);
        }
        filter
    }

    /// Whether `entry` may be one of them.
    #[inline]
    pub(in crate::redact) fn has(&self, entry: u64) -> bool {
        !self.0.is_empty() && {
            let bit = self.bit(entry);
            self.0[bit / 64] >> (bit % 64) & 1 != 0
        }
    }

    #[allow(clippy::cast_possible_truncation)] // any bits of it will do
    fn bit(&self, entry: u64) -> usize {
        (entry.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24) as usize & (self.0.len() * 64 - 1)
    }
}
