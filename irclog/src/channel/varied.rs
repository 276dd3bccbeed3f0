//! One text for several that differ in identifiers: as many of those as the
//! line has room for, and how many more there are.

use super::entry::Values;
use super::identifiers::identifiers;

/// A text with the values of its identifiers, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Varied {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Same(String),
    Differs(Listed),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    /// Different values, as far as they are at hand.
    values: Vec<String>,
    /// How many of them are shown.
    shown: usize,
    /// How many there are.
    count: usize,
    /// There are more than were counted.
    more: bool,
}

impl Varied {
    /// Of texts that were redacted, the sample first. `counted` says how many
    /// values each identifier of the sample had, which `written` it was with.
    pub(super) fn new(texts: &[String], written: &str, counted: &[Values]) -> Self {
        let Some((sample, others)) = texts.split_first() else {
            return Self { pieces: Vec::new() };
        };
        let found: Vec<_> = identifiers(sample).collect();
        // Where redaction has hidden one, nobody knows which is which.
        let counts_hold = identifiers(written)
            .map(|identifier| identifier.kind)
            .eq(found.iter().map(|identifier| identifier.kind));
        let others: Vec<Vec<String>> = others
            .iter()
            .filter_map(|other| values_if_alike(sample, other))
            .collect();
        let mut pieces = Vec::new();
        let mut from = 0;
        for (n, identifier) in found.into_iter().enumerate() {
            let value = &sample[identifier.bytes.clone()];
            let mut values = vec![value.to_owned()];
            for other in others.iter().filter_map(|other| other.get(n)) {
                if !values.contains(other) {
                    values.push(other.clone());
                }
            }
            let counted = counted.get(n).filter(|_| counts_hold);
            let count = counted.map_or(0, Values::count).max(values.len());
            let more = counted.is_none_or(|counted| counted.more);
            if count > 1 {
                pieces.push(Piece::Same(sample[from..identifier.bytes.start].to_owned()));
                pieces.push(Piece::Differs(Listed {
                    values,
                    shown: 1,
                    count,
                    more,
                }));
                from = identifier.bytes.end;
            }
        }
        pieces.push(Piece::Same(sample[from..].to_owned()));
        Self { pieces }
    }

    /// Shows more values while they take no more than `room` bytes; returns
    /// what is left.
    pub(super) fn grow(&mut self, mut room: usize) -> usize {
        loop {
            let mut grew = false;
            for piece in &mut self.pieces {
                let Piece::Differs(listed) = piece else {
                    continue;
                };
                let Some(cost) = listed.cost_of_next() else {
                    continue;
                };
                if cost <= room {
                    room -= cost;
                    listed.shown += 1;
                    grew = true;
                }
            }
            if !grew {
                return room;
            }
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Same(same) => text.push_str(same),
                Piece::Differs(listed) => listed.write(&mut text),
            }
        }
        text
    }
}

/// The identifiers of `other` if nothing else in it differs from `sample`.
fn values_if_alike(sample: &str, other: &str) -> Option<Vec<String>> {
    let (mut left, mut right) = (identifiers(sample), identifiers(other));
    let (mut at, mut there) = (0, 0);
    let mut values = Vec::new();
    loop {
        match (left.next(), right.next()) {
            (Some(one), Some(two)) => {
                let alike = one.kind == two.kind
                    && sample[at..one.bytes.start] == other[there..two.bytes.start];
                if !alike {
                    return None;
                }
                (at, there) = (one.bytes.end, two.bytes.end);
                values.push(other[two.bytes].to_owned());
            }
            (None, None) => return (sample[at..] == other[there..]).then_some(values),
            _ => return None,
        }
    }
}

impl Listed {
    /// `0xceac…, 0x1999…, +35`
    fn write(&self, text: &mut String) {
        use std::fmt::Write as _;
        text.push_str(&self.values[..self.shown].join(", "));
        let left = self.count - self.shown;
        let _ = match (left, self.more) {
            (0, false) => Ok(()),
            (0, true) => write!(text, ", …"),
            (_, false) => write!(text, ", +{left}"),
            (_, true) => write!(text, ", +{left}…"),
        };
    }

    /// Bytes that one more value takes.
    fn cost_of_next(&self) -> Option<usize> {
        if self.shown >= self.values.len() {
            return None;
        }
        let mut next = self.clone();
        next.shown += 1;
        let len = |listed: &Self| {
            let mut text = String::new();
            listed.write(&mut text);
            text.len()
        };
        Some(len(&next).saturating_sub(len(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::entry::Variety;
    use crate::record::Record;

    fn record(text: &str) -> Box<Record> {
        let mut record = Box::new(Record::empty());
        record.text = text.to_owned();
        record
    }

    fn varied(texts: &[&str], redact: impl Fn(&str) -> String) -> Varied {
        let mut variety = Variety::default();
        let sample = record(texts[0]);
        for other in &texts[1..] {
            variety.add(&sample, record(other));
        }
        let others = variety.others.iter().map(|record| &*record.text);
        let redacted: Vec<String> = [texts[0]].into_iter().chain(others).map(redact).collect();
        Varied::new(&redacted, texts[0], &variety.places)
    }

    #[test]
    fn identifiers_that_differ_are_shown_as_there_is_room() {
        let texts: Vec<String> = (0..37)
            .map(|n| format!("settled tx=0x{n:04x}ffffffff in {n} ms"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut varied = varied(&texts, |text| {
            let (head, tail) = text.split_once("ffffffff").unwrap();
            format!("{head}…{tail}")
        });
        assert_eq!(varied.text(), "settled tx=0x0000…, +36 in 0 ms, +36");
        let left = varied.grow(20);
        assert_eq!(
            varied.text(),
            "settled tx=0x0000…, 0x0001…, +35 in 0 ms, 1 ms, +35"
        );
        assert_eq!(left, 20 - ", 0x0001…".len() - ", 1 ms".len());
    }

    #[test]
    fn what_is_all_at_hand_is_all_shown() {
        let mut varied = varied(&["tx 0xaaaaaaaaaa", "tx 0xbbbbbbbbbb"], str::to_owned);
        assert_eq!(varied.text(), "tx 0xaaaaaaaaaa, +1");
        varied.grow(100);
        assert_eq!(varied.text(), "tx 0xaaaaaaaaaa, 0xbbbbbbbbbb");
    }

    #[test]
    fn what_is_hidden_stays_hidden() {
        let mut varied = varied(&["key deadbeef01 paid", "key deadbeef02 paid"], |_| {
            "key [REDACTED] paid".to_owned()
        });
        varied.grow(100);
        assert_eq!(varied.text(), "key [REDACTED] paid");
    }
}
