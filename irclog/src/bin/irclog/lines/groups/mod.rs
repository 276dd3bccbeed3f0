//! Lines that belong together become one record, for each source by itself.

mod group;
mod inspected;
mod kind;
mod pem;
mod record;
mod trace;

use std::time::Instant;

use irclog::tool::DropFields;

use super::Entry;
use super::sources::Line;
use group::Group;

/// Sources whose lines are collected at the same time. Of more, those that have
/// been silent longest are closed.
const MOST_SOURCES: usize = 64;

/// Collects the lines of all sources of a stream.
#[derive(Debug)]
pub(super) struct Groups {
    program: String,
    drop_fields: DropFields,
    /// The one that spoke last at the end.
    open: Vec<Group>,
}

impl Groups {
    pub(super) fn new(program: &str) -> Self {
        Self {
            program: program.to_owned(),
            drop_fields: DropFields::default(),
            open: Vec::new(),
        }
    }

    pub(super) fn drop_fields(&mut self, names: DropFields) {
        self.drop_fields = names;
    }

    /// Takes the next line, of which `omitted` bytes are missing at its end.
    pub(super) fn push(
        &mut self,
        line: &Line<'_>,
        omitted: usize,
        now: Instant,
        emit: &mut dyn FnMut(Entry),
    ) {
        if let Some(at) = self.open.iter().rposition(|group| group.is_of(&line.key)) {
            self.open[at..].rotate_left(1);
        } else {
            if self.open.len() == MOST_SOURCES {
                self.open.remove(0).flush(emit);
            }
            self.open
                .push(Group::new(&self.program, line, &self.drop_fields));
        }
        if let Some(group) = self.open.last_mut() {
            group.push(line, omitted, now, emit);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.iter().filter_map(Group::deadline).min()
    }

    pub(super) fn elapse(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        for group in &mut self.open {
            group.elapse(now, emit);
        }
    }

    /// Emits what is open: nothing belongs to it any more.
    pub(super) fn flush(&mut self, emit: &mut dyn FnMut(Entry)) {
        for group in &mut self.open {
            group.flush(emit);
        }
        self.open.clear();
    }
}
