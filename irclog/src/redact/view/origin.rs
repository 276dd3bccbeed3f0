//! The way from a decoded text back to the original: a stretch of it that was
//! copied, or decoded from the same bytes, is one entry.

/// Where the bytes from `at` on stand in the original, up to the next stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) struct Stretch {
    at: u32,
    start: u32,
    /// Where the bytes end that all of the stretch was decoded from; 0 if it
    /// was copied.
    end: u32,
}

impl Stretch {
    fn copied(at: usize, start: usize) -> Self {
        Self::decoded(at, start, 0)
    }

    #[allow(clippy::cast_possible_truncation)] // the scrubber bounds the text
    pub(in crate::redact) fn decoded(at: usize, start: usize, end: usize) -> Self {
        Self {
            at: at as u32,
            start: start as u32,
            end: end as u32,
        }
    }

    /// Start and end in the original of the byte at `at`.
    fn of(self, at: usize) -> (usize, usize) {
        if self.end > 0 {
            return (self.start as usize, self.end as usize);
        }
        let start = self.start as usize + (at - self.at as usize);
        (start, start + 1)
    }
}

/// The stretches of a text in their order.
#[derive(Debug, Default)]
pub(in crate::redact) struct Origins(Vec<Stretch>);

impl Origins {
    pub(in crate::redact) fn clear(&mut self) {
        self.0.clear();
    }

    pub(in crate::redact) fn push(&mut self, stretch: Stretch) {
        self.0.push(stretch);
    }

    /// Start and end in the original of the byte at `at`.
    pub(in crate::redact) fn of(&self, at: usize) -> (usize, usize) {
        let after = self.0.partition_point(|stretch| stretch.at as usize <= at);
        self.0[after - 1].of(at)
    }

    pub(in crate::redact) fn cursor(&self) -> Cursor<'_> {
        Cursor(&self.0)
    }
}

/// Goes through stretches from the first to the last.
#[derive(Debug)]
pub(in crate::redact) struct Cursor<'a>(&'a [Stretch]);

impl Cursor<'static> {
    /// Of a text of which nothing was decoded.
    pub(in crate::redact) fn original() -> Self {
        static WHOLE: [Stretch; 1] = [Stretch {
            at: 0,
            start: 0,
            end: 0,
        }];
        Self(&WHOLE)
    }
}

impl Cursor<'_> {
    /// As [`Origins::of`], for bytes one after the other.
    pub(in crate::redact) fn of(&mut self, at: usize) -> (usize, usize) {
        while let [_, next, ..] = self.0
            && next.at as usize <= at
        {
            self.0 = &self.0[1..];
        }
        self.0[0].of(at)
    }

    /// Adds the stretches of `from..to` as they are when that is copied to
    /// `at` of another text.
    pub(in crate::redact) fn copy(
        &mut self,
        from: usize,
        to: usize,
        at: usize,
        into: &mut Origins,
    ) {
        let mut next = from;
        while next < to {
            let (start, end) = self.of(next);
            let copy = at + (next - from);
            into.push(if self.0[0].end > 0 {
                Stretch::decoded(copy, start, end)
            } else {
                Stretch::copied(copy, start)
            });
            next = self.0.get(1).map_or(to, |next| next.at as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_goes_through_every_stretch() {
        // `ab%2541c` as `ab%41c`.
        let mut first = Origins::default();
        Cursor::original().copy(0, 2, 0, &mut first);
        first.push(Stretch::decoded(2, 2, 5));
        Cursor::original().copy(5, 8, 3, &mut first);
        assert_eq!(
            [1, 2, 3, 5].map(|at| first.of(at)),
            [(1, 2), (2, 5), (5, 6), (7, 8)]
        );
        // And that as `abAc`.
        let mut second = Origins::default();
        let mut cursor = first.cursor();
        cursor.copy(0, 2, 0, &mut second);
        second.push(Stretch::decoded(2, cursor.of(2).0, cursor.of(4).1));
        cursor.copy(5, 6, 3, &mut second);
        assert_eq!([0, 2, 3].map(|at| second.of(at)), [(0, 1), (2, 7), (7, 8)]);
    }
}
