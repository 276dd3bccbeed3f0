//! Lines in flight, and what proves that they arrived.
//!
//! Everything written is numbered in the order of writing. A proof, be it a
//! PONG or the echo of a line, covers everything up to its number: servers
//! process in order.

use std::collections::VecDeque;
use std::time::Instant;

use super::speed::Sample;
use crate::line::{ChannelId, LineId, Urgency};

/// Solanum kills at more than 20 unprocessed commands, whatever their size;
/// the PING that ends a window, and one repeated, fit beside these.
const NORMAL_COMMANDS: u64 = 17;
const ERROR_COMMANDS: u64 = 18;
const ALL_COMMANDS: u64 = 20;

/// A line that was written and neither shown nor refused yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) id: LineId,
    pub(super) bytes: usize,
    mark: Mark,
}

impl InFlight {
    /// Its number in the order of writing.
    pub(super) fn number(&self) -> u64 {
        self.mark.command
    }
}

/// A PING that was written and not answered yet, or a copy of a line that has
/// not come back yet.
#[derive(Debug, Clone, Copy)]
struct Barrier {
    kind: BarrierKind,
    mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BarrierKind {
    Ping(u64),
    Copy,
}

/// A barrier was passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    pub(super) sample: Sample,
    /// The number of the line whose copy, sent before it, did not come back.
    pub(super) missed: Option<u64>,
}

/// A point in the order of writing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    command: u64,
    bytes: u64,
    at: Instant,
    debt: f64,
}

/// What was written on this connection, and how much of it is proven.
#[derive(Debug)]
pub(super) struct Window {
    lines: VecDeque<InFlight>,
    barriers: VecDeque<Barrier>,
    written: Count,
    proven: Count,
    /// Lines written after the newest barrier.
    since_barrier: u64,
    tokens: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    commands: u64,
    bytes: u64,
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            lines: VecDeque::new(),
            barriers: VecDeque::new(),
            written: Count::default(),
            proven: Count::default(),
            since_barrier: 0,
            tokens: 0,
        }
    }

    /// Whether a line of `bytes` may join what is unproven on a server that
    /// takes `receive_queue` bytes unprocessed.
    pub(super) fn has_room(&self, bytes: usize, urgency: Urgency, receive_queue: usize) -> bool {
        let (commands, share) = match urgency {
            // Of 2,560 bytes: 2,099, and 2,508, which leaves a PONG of ours.
            Urgency::Normal => (NORMAL_COMMANDS, 82),
            Urgency::Error => (ERROR_COMMANDS, 98),
        };
        let unproven = self.unproven();
        // With nothing unproven a line goes whatever its size: it would
        // never fit better.
        unproven.commands == 0
            || unproven.commands < commands
                && unproven.bytes + bytes as u64 <= receive_queue as u64 * share / 100
    }

    /// Whether a PING of `bytes` may be repeated.
    pub(super) fn has_room_to_repeat(&self, bytes: usize, receive_queue: usize) -> bool {
        let unproven = self.unproven();
        unproven.commands < ALL_COMMANDS && unproven.bytes + bytes as u64 <= receive_queue as u64
    }

    pub(super) fn command(&mut self, bytes: usize) {
        self.written.commands += 1;
        self.written.bytes += bytes as u64;
    }

    /// A line was written; with a `copy` for ourselves it is a barrier, too.
    pub(super) fn line(&mut self, id: LineId, bytes: usize, copy: bool, debt: f64, now: Instant) {
        self.command(bytes);
        self.since_barrier += 1;
        let mark = self.mark(debt, now);
        self.lines.push_back(InFlight { id, bytes, mark });
        if copy {
            self.since_barrier = 0;
            let kind = BarrierKind::Copy;
            self.barriers.push_back(Barrier { kind, mark });
        }
    }

    /// The line that was written last goes to another channel as well, where it
    /// is called `id`.
    pub(super) fn same_line(&mut self, id: LineId) {
        if let Some(&InFlight { bytes, mark, .. }) = self.lines.back() {
            self.lines.push_back(InFlight { id, bytes, mark });
        }
    }

    /// A PING is about to be written; its bytes are counted by `command`.
    pub(super) fn barrier(&mut self, debt: f64, now: Instant) -> u64 {
        self.tokens += 1;
        self.since_barrier = 0;
        let mut mark = self.mark(debt, now);
        mark.command += 1;
        let kind = BarrierKind::Ping(self.tokens);
        self.barriers.push_back(Barrier { kind, mark });
        self.tokens
    }

    /// The PING of this token was answered: it, the barriers before it and all
    /// that was written before it are proven. None for a token that is unknown
    /// or was answered already.
    pub(super) fn pass(&mut self, token: u64) -> Option<Passed> {
        self.pass_first(|kind| kind == BarrierKind::Ping(token))
    }

    /// A copy of a line came back: the oldest, since there is one at a time.
    pub(super) fn pass_copy(&mut self) -> Option<Passed> {
        self.pass_first(|kind| kind == BarrierKind::Copy)
    }

    fn pass_first(&mut self, is_it: impl Fn(BarrierKind) -> bool) -> Option<Passed> {
        let position = (self.barriers.iter()).position(|barrier| is_it(barrier.kind))?;
        let mark = self.barriers[position].mark;
        let missed = self.barriers.drain(..=position).take(position);
        let missed = missed.fold(None, |missed, barrier| match barrier.kind {
            BarrierKind::Copy => Some(barrier.mark.command),
            BarrierKind::Ping(_) => missed,
        });
        Some(Passed {
            sample: self.prove(mark),
            missed,
        })
    }

    /// Takes the lines out that were written before everything proven so far.
    pub(super) fn take_proven(&mut self) -> Vec<InFlight> {
        let proven = self.proven.commands;
        let count = self
            .lines
            .iter()
            .take_while(|line| line.mark.command <= proven)
            .count();
        self.lines.drain(..count).collect()
    }

    /// The oldest line in flight came back.
    pub(super) fn echo(&mut self) -> Option<(LineId, Sample)> {
        let line = self.lines.pop_front()?;
        Some((line.id, self.prove(line.mark)))
    }

    /// Takes the lines out that were written before `id`.
    pub(super) fn take_before(&mut self, id: LineId) -> Vec<InFlight> {
        let count = self.lines.iter().take_while(|line| line.id != id).count();
        self.lines.drain(..count).collect()
    }

    /// Takes out the oldest line, of this channel where one is named.
    pub(super) fn take_oldest(&mut self, channel: Option<ChannelId>) -> Option<InFlight> {
        let is_it = |line: &InFlight| channel.is_none_or(|channel| line.id.channel() == channel);
        let at = self.lines.iter().position(is_it)?;
        let line = self.lines.remove(at)?;
        self.prove(line.mark);
        Some(line)
    }

    /// Takes out all lines. What was written stays unproven.
    pub(super) fn take_all(&mut self) -> Vec<InFlight> {
        self.lines.drain(..).collect()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &InFlight> {
        self.lines.iter()
    }

    /// The oldest line for this channel.
    pub(super) fn first_of(&self, channel: ChannelId) -> Option<LineId> {
        let mut lines = self.lines.iter().map(|line| line.id);
        lines.find(|line| line.channel() == channel)
    }

    pub(super) fn contains(&self, id: LineId) -> bool {
        self.lines.iter().any(|line| line.id == id)
    }

    /// When the oldest line in flight was written.
    pub(super) fn oldest_at(&self) -> Option<Instant> {
        self.lines.front().map(|line| line.mark.at)
    }

    /// When the oldest and the newest barrier that is not passed were written,
    /// and how many there are.
    pub(super) fn outstanding(&self) -> Option<(Instant, Instant, usize)> {
        let (oldest, newest) = (self.barriers.front()?, self.barriers.back()?);
        Some((oldest.mark.at, newest.mark.at, self.barriers.len()))
    }

    /// Lines written after the newest barrier.
    pub(super) fn since_barrier(&self) -> u64 {
        self.since_barrier
    }

    /// Commands written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.commands
    }

    /// Commands that may still lie unprocessed.
    pub(super) fn unproven_commands(&self) -> u64 {
        self.unproven().commands
    }

    fn unproven(&self) -> Count {
        Count {
            commands: self.written.commands - self.proven.commands,
            bytes: self.written.bytes - self.proven.bytes,
        }
    }

    pub(super) fn mark(&self, debt: f64, now: Instant) -> Mark {
        Mark {
            command: self.written.commands,
            bytes: self.written.bytes,
            at: now,
            debt,
        }
    }

    /// All up to `mark` was processed.
    pub(super) fn prove(&mut self, mark: Mark) -> Sample {
        // A barrier counts itself before its bytes are written.
        let command = mark.command.min(self.written.commands);
        self.proven.commands = self.proven.commands.max(command);
        self.proven.bytes = self.proven.bytes.max(mark.bytes);
        Sample {
            command,
            sent_at: mark.at,
            debt: mark.debt,
            written: self.written.commands,
        }
    }
}
