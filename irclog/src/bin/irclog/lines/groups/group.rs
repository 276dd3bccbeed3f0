//! The records of one source, one after the other.

use std::borrow::Cow;
use std::time::Instant;

use irclog::tool::{self, DropFields};
use log::Level;

use super::super::Entry;
use super::super::heads;
use super::super::sources::Line;
use super::record::{LONGEST, Open};
use super::trace;

/// Lines of one record: Java ends a trace after 1,024 frames.
const MOST_LINES: usize = 1_100;
/// Bytes of one record, after which another one goes on.
const MOST_BYTES: usize = 64 * 1024;

/// Collects the lines of one source.
#[derive(Debug)]
pub(super) struct Group {
    key: String,
    sender: Option<String>,
    /// The target of lines that name no logger.
    target: String,
    drop_fields: DropFields,
    open: Option<Open>,
    /// What was emitted for the time it took or for its size: a line that
    /// belongs to it may still come.
    emitted: Option<Open>,
}

impl Group {
    /// For the source of `line`, carried by `program`'s stream.
    pub(super) fn new(program: &str, line: &Line<'_>, drop_fields: &DropFields) -> Self {
        let target = match &line.sender {
            Some(sender) => service(sender).to_owned(),
            None => program.to_owned(),
        };
        Self {
            key: line.key.clone(),
            sender: line.sender.clone(),
            target,
            drop_fields: drop_fields.clone(),
            open: None,
            emitted: None,
        }
    }

    pub(super) fn is_of(&self, key: &str) -> bool {
        self.key == key
    }

    /// Takes the next line, of which `omitted` bytes are missing at its end.
    pub(super) fn push(
        &mut self,
        line: &Line<'_>,
        omitted: usize,
        now: Instant,
        emit: &mut dyn FnMut(Entry),
    ) {
        let text = &*line.text;
        if text.trim().is_empty() || tool::is_rule(text) {
            return;
        }
        let head = heads::recognise_without(text, &self.drop_fields);
        let head = head.as_ref();
        let bare = match head {
            Some(_) => Cow::Borrowed(text),
            None => heads::without(Cow::Borrowed(text), &self.drop_fields),
        };
        let text = &*bare;
        if text.trim().is_empty() {
            return;
        }
        if self.open.is_none() {
            let goes_on = |open: &Open| {
                now.saturating_duration_since(open.last()) < LONGEST && open.joins(text, head, now)
            };
            let emitted = self.emitted.take();
            self.open = emitted.filter(goes_on).map(|open| open.gone_on(now));
        }
        if let Some(place) = self.open.as_ref().and_then(|open| open.place_of(head)) {
            let place = place.to_owned();
            self.open = None;
            self.begin(text, line.level, head, &place, omitted, now);
            return;
        }
        match &mut self.open {
            Some(open) if open.joins(text, head, now) && trace::is_filler(text) => {}
            Some(open) if open.joins(text, head, now) => open.append(text, head, omitted, now),
            _ => {
                self.flush(emit);
                let target = self.target.clone();
                self.begin(text, line.level, head, &target, omitted, now);
            }
        }
        let is_full = |open: &Open| open.lines() >= MOST_LINES || open.len() >= MOST_BYTES;
        if self.open.as_ref().is_some_and(is_full) {
            self.emit_open(emit);
        }
    }

    fn begin(
        &mut self,
        text: &str,
        level: Option<Level>,
        head: Option<&heads::Head<'_>>,
        target: &str,
        omitted: usize,
        now: Instant,
    ) {
        let mut open = Open::begin(text, head, target, level, now);
        open.omit(omitted);
        self.open = Some(open);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.as_ref().map(Open::deadline)
    }

    pub(super) fn elapse(&mut self, now: Instant, emit: &mut dyn FnMut(Entry)) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.emit_open(emit);
        }
    }

    /// Emits what is open: nothing belongs to it any more.
    pub(super) fn flush(&mut self, emit: &mut dyn FnMut(Entry)) {
        self.emit_open(emit);
        self.emitted = None;
    }

    fn emit_open(&mut self, emit: &mut dyn FnMut(Entry)) {
        if let Some(mut open) = self.open.take() {
            if !open.is_empty() {
                emit(open.entry(self.sender.clone()));
            }
            self.emitted = Some(open);
        }
    }
}

/// The name of a source without the number or the identifier of its replica:
/// what all replicas have in common.
fn service(source: &str) -> &str {
    let source = source.split(['/', '[']).next().unwrap_or(source);
    let name = source.trim_end_matches(|c: char| c.is_ascii_digit());
    match name.strip_suffix(['-', '_', '.']) {
        Some(service) if name.len() < source.len() && !service.is_empty() => service,
        _ => source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_of_one_service() {
        for (source, name) in [
            ("seller-1", "seller"),
            ("web.12", "web"),
            ("shop_pay_2", "shop_pay"),
            ("facilitator/4bf92f35", "facilitator"),
            ("sshd[812]", "sshd"),
            ("x402", "x402"),
            ("7", "7"),
        ] {
            assert_eq!(service(source), name);
        }
    }
}
