//! A text on its way out: cut into lines, sent, acknowledged or sent again.

use std::ops::Range;
use std::time::{Duration, Instant};

use log::Level;

use super::Seq;
use super::entry::LATE;
use super::figures::size;
use super::layout::tag;
use super::split::{end, split};
use super::varied::Varied;
use crate::loss::{LEVELS, Loss, PerLevel};
use crate::twin::Twin;

/// The text of one entry, ready to be cut.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) level: Level,
    /// Redacted, visible, in one row.
    pub(super) text: String,
    /// What it is made of while it may still grow: what stands before, and the
    /// texts of a fold.
    pub(super) varied: Option<(String, Varied)>,
    /// Comes behind the text, however much of that is cut: the count of a
    /// fold.
    pub(super) suffix: String,
    /// The time of day it was logged; empty where nobody knows.
    pub(super) clock: String,
    /// When the first of it was logged, and the last.
    pub(super) first: Instant,
    pub(super) newest: Instant,
    /// Bytes cut off before.
    pub(super) omitted: usize,
    pub(super) max_lines: usize,
    pub(super) seq: Seq,
    pub(super) records: u64,
    pub(super) shed: u64,
    /// Further records that are told with it, since they are the same story.
    pub(super) joined: PerLevel<u64>,
    /// Where it is one record and no more: what it shares with its copies for
    /// other channels.
    pub(super) twin: Option<Twin>,
}

/// One or, packed into one line, several parts; settled as a whole.
#[derive(Debug)]
pub(super) struct Parcel {
    /// Whose turn it takes.
    pub(super) level: Level,
    pub(super) parts: Vec<Part>,
    /// Pieces that wait to be sent.
    pub(super) waiting: usize,
    /// Pieces on the wire.
    pub(super) flying: usize,
    /// Why a piece of it will never be shown.
    pub(super) failed: Option<Loss>,
}

/// What is left of a parcel to be sent, or what one line of it says.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Which parts.
    pub(super) parts: Range<usize>,
    /// Which bytes of the part, where it is one.
    pub(super) bytes: Range<usize>,
    /// The line of the record, counted from 0.
    pub(super) nth: usize,
    /// Times it came back.
    pub(super) attempts: u8,
    /// The channel refused it when it was last sent.
    pub(super) refused: bool,
    /// May have been seen before.
    pub(super) repeated: bool,
    /// The server took offence at an encoding.
    pub(super) ascii: bool,
}

/// How lines are written at the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Bytes of one line.
    pub(super) budget: usize,
    /// Bytes of one that several records share.
    pub(super) shared: usize,
    /// Without formatting.
    pub(super) plain: bool,
    pub(super) now: Instant,
}

/// One line cut from a piece.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) text: String,
    /// What the line says.
    pub(super) sent: Piece,
    /// What is left for later lines, in order.
    pub(super) rest: Vec<Piece>,
    pub(super) coloured: bool,
}

/// Between records that share a line, or a text.
pub(super) const PACKED: &str = " · ";

/// The same as [`LATE`], of one that follows another error in a line.
const VERY_LATE: Duration = Duration::from_secs(10);

/// Begins every line of a record but the first, behind the tag.
const CONTINUED: &str = "↪ ";

/// Begins a line that may have been seen before.
const REPEATED: &str = "↻ ";

/// The part of a line that the end of a text may take of which the middle is
/// left out.
const END_SHARE: usize = 3;

/// Ends a text of which the rest is not shown.
pub(super) const CUT_OFF: &str = "…";

impl Parcel {
    /// One part a record of its own, several packed.
    pub(super) fn new(level: Level, parts: Vec<Part>) -> Self {
        Self {
            level,
            parts,
            waiting: 0,
            flying: 0,
            failed: None,
        }
    }

    /// Whether nothing of it is left to be sent or acknowledged.
    pub(super) fn is_settled(&self) -> bool {
        self.waiting == 0 && self.flying == 0
    }

    /// Whether each of its records came before `limit`.
    pub(super) fn is_older_than(&self, limit: Instant) -> bool {
        self.parts.iter().all(|part| part.newest < limit)
    }

    /// All of it.
    pub(super) fn whole(&self) -> Piece {
        self.piece(0..self.parts.len())
    }

    fn piece(&self, parts: Range<usize>) -> Piece {
        let bytes = match &self.parts[parts.clone()] {
            [part] => 0..part.text.len(),
            _ => 0..0,
        };
        Piece {
            parts,
            bytes,
            nth: 0,
            attempts: 0,
            refused: false,
            repeated: false,
            ascii: false,
        }
    }

    /// Cuts the next line of `piece`, never longer than the budget.
    pub(super) fn cut(&self, piece: &Piece, style: Style) -> Cut {
        let mut cut = if piece.parts.len() > 1 {
            self.cut_packed(piece, style)
        } else {
            let part = &self.parts[piece.parts.start];
            part.cut(piece, style)
        };
        if piece.ascii {
            // One byte for several: the line only gets shorter.
            cut.text = cut
                .text
                .chars()
                .map(|character| if character.is_ascii() { character } else { '?' })
                .collect();
        }
        cut
    }

    /// All parts in one line if they still fit, else the first alone.
    fn cut_packed(&self, piece: &Piece, style: Style) -> Cut {
        let mut text = String::from(if piece.repeated { REPEATED } else { "" });
        for (at, part) in self.parts[piece.parts.clone()].iter().enumerate() {
            if at > 0 {
                text.push_str(PACKED);
            }
            part.write_whole(&mut text, at > 0, style);
        }
        if text.len() <= style.budget {
            return Cut {
                text,
                sent: piece.clone(),
                rest: Vec::new(),
                coloured: !style.plain,
            };
        }
        let with_fate = |parts| Piece {
            attempts: piece.attempts,
            refused: piece.refused,
            repeated: piece.repeated,
            ascii: piece.ascii,
            ..self.piece(parts)
        };
        let first = with_fate(piece.parts.start..piece.parts.start + 1);
        let others = with_fate(piece.parts.start + 1..piece.parts.end);
        let mut cut = self.parts[piece.parts.start].cut(&first, style);
        cut.rest.push(others);
        cut
    }
}

impl Part {
    /// Records in here, by level.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Level, u64)> {
        let own = |level| if level == self.level { self.records } else { 0 };
        LEVELS
            .map(|level| (level, own(level) + self.joined[level]))
            .into_iter()
    }

    /// Tells more of what its records differ in where that takes no more than
    /// `room` bytes; returns what is left.
    pub(super) fn grow(&mut self, room: usize) -> usize {
        let Some((head, varied)) = &mut self.varied else {
            return room;
        };
        let left = varied.grow(room);
        self.text = format!("{head}{}", varied.text());
        left
    }

    /// Bytes of all of it in one line, behind others or at its beginning.
    pub(super) fn whole_len(&self, follows: bool, style: Style) -> usize {
        let mut text = String::new();
        self.write_whole(&mut text, follows, style);
        text.len()
    }

    fn write_whole(&self, line: &mut String, follows: bool, style: Style) {
        // Errors share a line with errors, and when they do each byte counts:
        // the colour and the time of the first are those of the line.
        let spares = follows && self.level == Level::Error;
        line.push_str(&tag(self.level, style.plain || spares));
        line.push(' ');
        let late = if spares { VERY_LATE } else { LATE };
        if self.is_later_than(late, style.now) {
            line.push_str(&self.clock);
            line.push(' ');
        }
        line.push_str(&self.text);
        line.push_str(&self.suffix);
    }

    fn is_later_than(&self, late: Duration, now: Instant) -> bool {
        !self.clock.is_empty() && now.saturating_duration_since(self.newest) > late
    }

    /// Tag, time and marks of a line.
    fn prefix(&self, piece: &Piece, style: Style) -> String {
        let mut prefix = String::new();
        if piece.repeated {
            prefix.push_str(REPEATED);
        }
        prefix.push_str(&tag(self.level, style.plain));
        prefix.push(' ');
        if piece.nth > 0 {
            prefix.push_str(CONTINUED);
        } else if self.is_later_than(LATE, style.now) {
            prefix.push_str(&self.clock);
            prefix.push(' ');
        }
        prefix
    }

    fn cut(&self, piece: &Piece, style: Style) -> Cut {
        let mut line = self.prefix(piece, style);
        let mut coloured = !style.plain;
        if line.len() > style.budget / 2 {
            // A network whose names leave next to no room: text is worth more
            // than tags.
            line.clear();
            coloured = false;
        }
        let room = style.budget - line.len();
        let text = &self.text[piece.bytes.clone()];
        let ends = piece.bytes.end == self.text.len();
        let mut sent = piece.clone();
        let mut rest = Vec::new();
        let end_mark = self.end_mark(self.omitted);
        if ends && text.len() + end_mark.len() <= room {
            line.push_str(text);
            line.push_str(&end_mark);
        } else if ends && (text.is_empty() || piece.nth + 1 >= self.max_lines) {
            self.push_cut_off(&mut line, text, room);
        } else {
            let (head, tail) = split(text, room);
            if head.is_empty() {
                // Not even one character fits. Show that there was one.
                line.push('?');
                let skipped = text.chars().next().map_or(0, char::len_utf8);
                sent.bytes.end = piece.bytes.start + skipped;
            } else {
                line.push_str(head);
                sent.bytes.end = piece.bytes.end - tail.len();
            }
            let left = sent.bytes.end..piece.bytes.end;
            // The last line may lack only its mark: it still comes.
            if !left.is_empty() || ends && !end_mark.is_empty() {
                rest.push(Piece {
                    bytes: left,
                    nth: piece.nth + 1,
                    ..piece.clone()
                });
            }
        }
        Cut {
            text: line,
            sent,
            rest,
            coloured,
        }
    }

    /// What comes behind the text: how much of it is not shown, and how often
    /// it came.
    fn end_mark(&self, omitted: usize) -> String {
        match omitted {
            0 => self.suffix.clone(),
            _ if !self.suffix.is_empty() => format!("{CUT_OFF}{}", self.suffix),
            _ => format!(" {CUT_OFF} +{}", size(omitted)),
        }
    }

    /// As much of `text` as leaves room to say how much is left out: how it
    /// begins, and how it ends where that is at hand, which is often why.
    fn push_cut_off(&self, line: &mut String, text: &str, room: usize) {
        // What is blank at its end is no end.
        let text = text.trim_end();
        let mark = self.end_mark(self.omitted);
        if text.len() + mark.len() <= room {
            line.push_str(text);
            line.push_str(&mark);
            return;
        }
        let last = if self.omitted == 0 {
            end(text, room / END_SHARE)
        } else {
            ""
        };
        let gap = |left_out| {
            if self.suffix.is_empty() {
                format!(" {CUT_OFF} +{} {CUT_OFF} ", size(left_out))
            } else {
                format!(" {CUT_OFF} ")
            }
        };
        let others = last.len() + gap(text.len()).len() + self.suffix.len();
        let (head, rest) = split(text, room.saturating_sub(others));
        if !last.is_empty() && head.len() > last.len() {
            line.push_str(head);
            line.push_str(&gap(rest.len() - last.len()));
            line.push_str(last);
            line.push_str(&self.suffix);
            return;
        }
        // The mark is longest when everything is left out.
        let mark = self.end_mark(text.len() + self.omitted);
        let (head, tail) = split(text, room.saturating_sub(mark.len()));
        let mark = self.end_mark(tail.len() + self.omitted);
        line.push_str(head);
        if head.len() + mark.len() <= room {
            line.push_str(&mark);
        } else if head.is_empty() {
            let (head, _) = split(&mark, room);
            line.push_str(if head.is_empty() { "?" } else { head });
        }
    }
}
