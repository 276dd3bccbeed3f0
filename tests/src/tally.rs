//! What the lines of a channel add up to: the reader's side of the accounts.

use crate::seen::Seen;

/// The records that a reader of the channel was told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines.
    pub lines: u64,
    /// Records with a text of their own.
    pub texts: u64,
    /// Records that were told by the `×n` of another, beyond that one, or as
    /// so many more of a call site.
    pub counted: u64,
    /// Records that were said not to be shown.
    pub not_shown: u64,
    /// Lines marked as perhaps seen before; their records are in the other
    /// numbers as well.
    pub repeated: u64,
    /// Bytes of all texts.
    pub bytes: usize,
}

impl Tally {
    /// Adds up what `nick` said.
    #[must_use]
    pub fn of(lines: &[Seen], nick: &str) -> Self {
        let mut tally = Self::default();
        for seen in lines.iter().filter(|seen| seen.nick == nick) {
            tally.add(&seen.plain());
            tally.bytes += seen.text.len();
        }
        tally
    }

    /// Every record that was told, in one way or the other.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.texts + self.counted + self.not_shown
    }

    fn add(&mut self, line: &str) {
        self.lines += 1;
        let (line, repeated) = match line.strip_prefix("↻ ") {
            Some(line) => (line, true),
            None => (line, false),
        };
        self.repeated += u64::from(repeated);
        if line.starts_with('…') {
            self.not_shown += not_shown(line).unwrap_or(0);
            return;
        }
        for record in records(line) {
            if is_continued(record) {
                continue;
            }
            let unread = unread(record);
            self.counted += unread.unwrap_or(0);
            match other_kinds(record).or_else(|| times(record)) {
                Some(times) => {
                    self.texts += 1;
                    self.counted += times - 1;
                }
                None if unread.is_some() && !record.contains(" - ") => {}
                None => self.texts += 1,
            }
        }
    }
}

/// The records that share `line`.
fn records(line: &str) -> impl Iterator<Item = &str> {
    // A text may hold the separator by itself, but not with a tag after it:
    // `[` is nothing that the texts of the tests begin with.
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let at = line.find(" · [");
        rest = at.map(|at| &line[at + " · ".len()..]);
        Some(at.map_or(line, |at| &line[..at]))
    })
}

/// Whether it goes on with the record of the line before.
fn is_continued(record: &str) -> bool {
    record
        .split_once("] ")
        .is_some_and(|(_, text)| text.starts_with("↪ "))
}

/// The `×n` of a fold.
fn times(record: &str) -> Option<u64> {
    let (_, count) = record.rsplit_once(" ×")?;
    number(count.split_once(" in ")?.0)
}

/// How many `×n of other kinds` there were of a call site.
fn other_kinds(record: &str) -> Option<u64> {
    let (before, _) = record.split_once(" of other kinds")?;
    number(before.rsplit_once('×')?.1)
}

/// The `+n more` of a call site, which nobody has read.
fn unread(record: &str) -> Option<u64> {
    let (before, after) = record.rsplit_once(" more")?;
    let ends = after.is_empty() || after.starts_with(" from ") || after.starts_with(" in ");
    number(before.rsplit_once(" +")?.1).filter(|_| ends)
}

fn not_shown(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" line")?;
    number(before.rsplit(' ').next()?)
}

fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.add(line);
        }
        tally
    }

    #[test]
    fn every_record_is_counted_in_its_own_way() {
        let told = tally(&[
            "[INFO] pay - one",
            "[INFO] pay - two · [WARN] pay - three · not a record",
            "[INFO] pay - four ×1,532 in 10 s (pay.rs:88)",
            "[ERROR] pay - a long one",
            "[ERROR] ↪ and its end",
            "↻ [ERROR] pay - again",
            "… 1,234 lines not shown since 14:02:10 (1,200 INFO, 34 WARN)",
            "… muted for 3 s: 1 line not shown (1 INFO)",
        ]);
        assert_eq!((told.lines, told.texts, told.counted), (8, 6, 1_531));
        assert_eq!((told.not_shown, told.repeated), (1_235, 1));
        assert_eq!(told.told(), 6 + 1_531 + 1_235);
    }

    #[test]
    fn what_only_counts_is_still_a_record() {
        let told = tally(&[
            "[INFO] pay +17 more from pay.rs:88 in 3 s",
            "[INFO] pay - paid 5 ×21 in 10 s, +1,482 more from pay.rs:88",
            "[INFO] pay - paid, +4 more from pay.rs:88 in 3 s · [INFO] pay - two",
            "[ERROR] pay - ×40 of other kinds (pay.rs:88) in 9 s, last: timeout",
            "[INFO] pay - costs ×2 as much",
        ]);
        assert_eq!((told.texts, told.counted), (5, 17 + 20 + 1_482 + 4 + 39));
    }
}
