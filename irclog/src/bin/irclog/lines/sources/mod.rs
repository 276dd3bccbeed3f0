//! Whose line it is: what a carrier (Compose, journald, a cluster) puts before
//! each line is taken off before anything else is looked for.

mod carriers;
mod learnt;
mod stamp;
mod supervisord;

use std::borrow::Cow;

use log::Level;

use super::split::LINE_LIMIT;
use carriers::Taken;
use learnt::Prefixes;
use supervisord::{Said, Supervised};

/// A line without what carriers put before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Lines of one source belong together; empty for a program that nobody
    /// carries.
    pub(super) key: String,
    /// How the source is shown, if it has a name.
    pub(super) sender: Option<String>,
    /// What the carrier says of a line that says nothing itself.
    pub(super) level: Option<Level>,
    pub(super) text: Cow<'a, str>,
}

/// The sources of one stream.
#[derive(Debug, Default)]
pub(super) struct Sources {
    prefixes: Prefixes,
    supervised: Supervised,
    /// Parts of lines that their carrier has cut, by source.
    parts: Vec<(String, String)>,
}

/// Carriers that may be within each other: Compose with time stamps within a
/// journal.
const MOST_CARRIERS: usize = 4;

/// Sources with a part of a line at the same time.
const MOST_PARTS: usize = 64;

impl Sources {
    /// Takes off `line` what its carriers wrote; `None` if nothing is left, or
    /// more of the line is to come.
    pub(super) fn take<'a>(&mut self, line: &'a str) -> Option<Line<'a>> {
        let mut taken = Line {
            key: String::new(),
            sender: None,
            level: None,
            text: Cow::Borrowed(line),
        };
        let mut is_part = false;
        for _ in 0..MOST_CARRIERS {
            let next = match &taken.text {
                Cow::Borrowed(text) => carriers::take(text, &taken.key),
                Cow::Owned(text) => carriers::take(text, &taken.key).map(Taken::into_owned),
            };
            let Some(next) = next else {
                break;
            };
            if !next.name.is_empty() {
                if !taken.key.is_empty() {
                    taken.key.push(' ');
                }
                taken.key.push_str(&next.name);
            }
            taken.sender = next.shown.or(taken.sender);
            taken.level = next.level.or(taken.level);
            is_part |= next.is_part;
            taken.text = next.text;
        }
        if taken.key.is_empty()
            && let Cow::Borrowed(text) = taken.text
        {
            if let Some((prefix, rest)) = self.prefixes.take(text) {
                prefix.trim().clone_into(&mut taken.key);
                taken.sender = Some(taken.key.clone());
                taken.text = Cow::Borrowed(rest);
            } else {
                match self.supervised.take(text) {
                    Said::Name => return None,
                    Said::By(program) => {
                        program.clone_into(&mut taken.key);
                        taken.sender = Some(taken.key.clone());
                    }
                    Said::Own => {}
                }
            }
        }
        self.whole(taken, is_part)
    }

    /// The line with its parts that came before; `None` while there are more.
    fn whole<'a>(&mut self, mut line: Line<'a>, is_part: bool) -> Option<Line<'a>> {
        let at = self.parts.iter().position(|(key, _)| *key == line.key);
        if is_part {
            let part = at.map(|at| self.parts.remove(at).1).unwrap_or_default();
            let mut part = part + &line.text;
            let mut end = part.len().min(LINE_LIMIT);
            while !part.is_char_boundary(end) {
                end -= 1;
            }
            part.truncate(end);
            if self.parts.len() == MOST_PARTS {
                self.parts.remove(0);
            }
            self.parts.push((line.key, part));
            return None;
        }
        if let Some(at) = at {
            let (_, mut part) = self.parts.remove(at);
            part.push_str(&line.text);
            line.text = Cow::Owned(part);
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests;
