//! ngircd's law, as its main loop has it: three commands at a time, and deaf
//! for a while after more than that or after 256 bytes.

use std::collections::VecDeque;
use std::time::Duration;

use super::words::Command;

/// Bytes that it reads at once.
const READ_BYTES: usize = 2048;
/// From so many bytes on that wait to be handled, it reads no more.
const ENOUGH_BYTES: usize = 513;
/// Commands that it handles at once.
const COMMANDS: usize = 3;
/// Bytes handled within one second of its clock that make it deaf. What it
/// reads first in a second does not count.
const BYTES: usize = 256;
/// When nothing is to be read, its loop goes round so often.
const ROUND: Duration = Duration::from_secs(1);

/// The state of one client in that loop.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// Commands that were read and not handled.
    buffered: usize,
    /// Bytes handled in this second.
    counted: usize,
    /// The second in which it read last.
    heard: u64,
    /// The second in which it listens again.
    deaf_until: u64,
    /// It does not read, whatever there is.
    deaf: bool,
    /// When the loop goes round although nothing can be read.
    next: Duration,
}

impl Rounds {
    /// How many commands of `queue` are handled by `now`, which lies in
    /// `second` of its clock.
    pub(super) fn handled(
        &mut self,
        queue: &VecDeque<(Command, usize)>,
        now: Duration,
        second: u64,
    ) -> usize {
        let mut done = 0;
        loop {
            if !self.deaf && done + self.buffered < queue.len() {
                self.read(queue, done);
                let (commands, bytes) = self.handle(queue, done, second);
                done += commands;
                self.counted += bytes;
                if std::mem::replace(&mut self.heard, second) != second {
                    self.counted = 0;
                }
                if self.counted >= BYTES {
                    self.punish(second);
                }
            } else if now < self.next {
                return done;
            }
            done += self.handle(queue, done, second).0;
            let waiting = self.waiting(queue, done);
            let punished = self.deaf_until > second;
            self.deaf = punished || waiting >= ENOUGH_BYTES;
            let at_once = !punished && waiting >= ENOUGH_BYTES;
            self.next = now + if at_once { Duration::ZERO } else { ROUND };
        }
    }

    /// When to ask again, if nothing arrives.
    pub(super) fn wakes_at(&self) -> Duration {
        self.next
    }

    fn read(&mut self, queue: &VecDeque<(Command, usize)>, done: usize) {
        let mut bytes = 0;
        let unread = queue.iter().skip(done + self.buffered);
        self.buffered += unread
            .take_while(|&&(_, size)| {
                bytes += size;
                bytes <= READ_BYTES
            })
            .count();
    }

    fn handle(
        &mut self,
        queue: &VecDeque<(Command, usize)>,
        done: usize,
        second: u64,
    ) -> (usize, usize) {
        if self.deaf_until > second {
            return (0, 0);
        }
        let commands = self.buffered.min(COMMANDS);
        let bytes = queue
            .range(done..done + commands)
            .map(|&(_, size)| size)
            .sum();
        self.buffered -= commands;
        if commands > 0 && self.buffered > 0 {
            self.punish(second);
        }
        (commands, bytes)
    }

    fn punish(&mut self, second: u64) {
        self.deaf_until = self.deaf_until.max(second) + 1;
    }

    fn waiting(&self, queue: &VecDeque<(Command, usize)>, done: usize) -> usize {
        let buffered = queue.range(done..done + self.buffered);
        buffered.map(|&(_, size)| size).sum()
    }
}
