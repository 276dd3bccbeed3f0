//! Output that waits to be read as lines: bounded, since whoever copies it
//! waits for nobody.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::Level;

use crate::clock;
use crate::lines::{Entry, LINE_LIMIT, Lines, glance};

/// Bytes that wait at most. Read at 60 MB/s, the last of them is late by a
/// fifteenth of a second.
const MOST: usize = 4 * 1024 * 1024;
/// Bytes of ERROR lines that are kept beyond those.
const MOST_URGENT: usize = 256 * 1024;
/// Bytes of a line that are kept until its end tells that it is left out.
const HEAD: usize = 4 * 1024;
/// Room that is kept from one time to the next; more was needed in a storm.
const KEPT: usize = 256 * 1024;
/// Bytes that are decoded at once.
const PIECE: usize = 64 * 1024;
/// How exactly it is kept when bytes came, so that what is kept of it stays
/// small: well below the shortest pause that parts two lines.
const RESOLUTION: Duration = Duration::from_millis(5);

/// Levels, from ERROR on.
const LEVELS: [Level; 5] = [
    Level::Error,
    Level::Warn,
    Level::Info,
    Level::Debug,
    Level::Trace,
];

/// What one thread copied, and another one has not yet read as lines.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct State {
    intake: Intake,
    has_ended: bool,
    /// Whoever reads has nothing to do, and wants to be told.
    waits: bool,
}

impl Backlog {
    /// Keeps what there is room for and counts the rest. Never waits for who
    /// reads it.
    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.intake.push(bytes, clock::now());
        self.tell(state);
    }

    /// Nothing more comes.
    pub(crate) fn end(&self) {
        self.lock().has_ended = true;
        self.more.notify_one();
    }

    /// Waits for as long as `pause`, or until nothing more comes.
    pub(crate) fn rest(&self, pause: Duration) {
        let until = clock::now() + pause;
        let mut state = self.lock();
        while !state.has_ended {
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                break;
            }
            let waited = self.more.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until something has come, or `deadline`, and puts it into `batch`
    /// for what was there. Returns whether more may come.
    pub(crate) fn take(&self, batch: &mut Batch, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        while state.intake.is_empty() && !state.has_ended {
            state.waits = true;
            state = match deadline.map(|deadline| deadline.saturating_duration_since(clock::now()))
            {
                None => self
                    .more
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let waited = self.more.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.waits = false;
        state.intake.take(batch, clock::now());
        !state.has_ended
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let waits = std::mem::take(&mut state.waits);
        drop(state);
        if waits {
            self.more.notify_one();
        }
    }
}

/// What waited at one time: whole lines, but for one at each end.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// When what begins at this byte came. Whoever reads it may be late, and
    /// lines that came together belong together all the same.
    arrivals: Vec<(usize, Instant)>,
    /// When it was taken: all that had come by then is here.
    taken: Option<Instant>,
    /// Bytes that the last line lacks, beyond those that are kept of a line.
    cut: usize,
    /// It has ended all the same.
    is_cut_ended: bool,
    /// Behind those, lines were left out; of these the ERRORs.
    urgent: Vec<u8>,
    missed: Missed,
}

/// Lines that were left out, by level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Missed([u64; LEVELS.len()]);

impl Missed {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The levels of which any were left out.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Level, u64)> {
        LEVELS
            .into_iter()
            .zip(self.0)
            .filter(|(_, count)| *count > 0)
    }
}

impl Batch {
    /// Has `lines` read what waited, as at the time when it came, and says what
    /// was left out behind it.
    pub(crate) fn read(&self, lines: &mut Lines, emit: &mut dyn FnMut(Entry)) -> Missed {
        let Some(taken) = self.taken else {
            return Missed::default();
        };
        let mut came = taken;
        for (at, &(begin, time)) in self.arrivals.iter().enumerate() {
            came = time;
            lines.elapse(came, emit);
            let end = self.arrivals.get(at + 1).map(|&(next, _)| next);
            for piece in self.bytes[begin..end.unwrap_or(self.bytes.len())].chunks(PIECE) {
                lines.feed(piece, came, emit);
            }
        }
        lines.omit(self.cut);
        if self.is_cut_ended {
            lines.feed(b"\n", came, emit);
        }
        if self.has_gap() {
            lines.skip(emit);
            lines.feed(&self.urgent, came, emit);
            lines.skip(emit);
        }
        lines.elapse(taken, emit);
        self.missed
    }

    /// Something comes at `now`.
    fn arrives(&mut self, now: Instant) {
        match self.arrivals.last_mut() {
            // Of what came since, nothing was kept.
            Some((begin, time)) if *begin == self.bytes.len() => *time = now,
            Some((_, time)) if now.saturating_duration_since(*time) < RESOLUTION => {}
            _ => self.arrivals.push((self.bytes.len(), now)),
        }
    }

    fn has_gap(&self) -> bool {
        !self.urgent.is_empty() || !self.missed.is_empty()
    }

    /// Empties it for the next one.
    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.arrivals.clear();
        self.taken = None;
        self.urgent.clear();
        self.cut = 0;
        self.is_cut_ended = false;
        self.missed = Missed::default();
    }
}

/// Decides what is kept of a stream.
#[derive(Debug)]
struct Intake {
    /// Bytes that wait at most, but for the rest of a line.
    most: usize,
    /// Bytes of ERROR lines beyond those.
    most_urgent: usize,
    batch: Batch,
    within: Within,
    /// Lines were left out: until the rest was taken, all are, so that there
    /// is one gap and it is at the end.
    is_full: bool,
    /// The beginning of the line that is being left out.
    head: Vec<u8>,
}

/// Where in a line the stream is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    /// In one of which so many bytes were kept.
    Kept(usize),
    /// In one that is left out, of so many bytes so far.
    Missed(usize),
}

impl Default for Intake {
    fn default() -> Self {
        Self::holding(MOST, MOST_URGENT)
    }
}

impl Intake {
    fn holding(most: usize, most_urgent: usize) -> Self {
        Self {
            most,
            most_urgent,
            batch: Batch::default(),
            within: Within::Nothing,
            is_full: false,
            head: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.batch.bytes.is_empty()
            && self.batch.cut == 0
            && !self.batch.is_cut_ended
            && !self.batch.has_gap()
    }

    /// Exchanges what waits for an empty `batch`.
    fn take(&mut self, batch: &mut Batch, now: Instant) {
        batch.clear();
        std::mem::swap(&mut self.batch, batch);
        batch.taken = Some(now);
        self.is_full = false;
    }

    fn push(&mut self, mut bytes: &[u8], now: Instant) {
        self.batch.arrives(now);
        while !bytes.is_empty() {
            let used = match self.within {
                Within::Missed(length) => self.miss(bytes, length),
                Within::Nothing | Within::Kept(_) if self.has_room_for(bytes) => {
                    self.keep(bytes);
                    bytes.len()
                }
                Within::Kept(kept) => self.keep_rest_of_line(bytes, kept),
                Within::Nothing if self.is_full => self.miss(bytes, 0),
                Within::Nothing => {
                    let room = self.most.saturating_sub(self.batch.bytes.len());
                    let end = memchr::memrchr(b'\n', &bytes[..room.min(bytes.len())]);
                    let fits = end.map_or(0, |end| end + 1);
                    self.keep(&bytes[..fits]);
                    self.is_full = true;
                    fits
                }
            };
            bytes = &bytes[used..];
        }
    }

    fn has_room_for(&self, bytes: &[u8]) -> bool {
        !self.is_full && self.batch.cut == 0 && self.batch.bytes.len() + bytes.len() <= self.most
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.batch.bytes.extend_from_slice(bytes);
        self.within = match (memchr::memrchr(b'\n', bytes), self.within) {
            (Some(end), _) if end + 1 == bytes.len() => Within::Nothing,
            (Some(end), _) => Within::Kept(bytes.len() - end - 1),
            (None, Within::Kept(kept)) => Within::Kept(kept + bytes.len()),
            (None, _) if bytes.is_empty() => Within::Nothing,
            (None, _) => Within::Kept(bytes.len()),
        };
    }

    /// What was begun is ended: as much as is kept of any line.
    fn keep_rest_of_line(&mut self, bytes: &[u8], kept: usize) -> usize {
        let end = memchr::memchr(b'\n', bytes);
        let rest = &bytes[..end.unwrap_or(bytes.len())];
        let most = if self.batch.cut > 0 {
            0
        } else {
            LINE_LIMIT.saturating_sub(kept)
        };
        let fits = rest.len().min(most);
        self.batch.bytes.extend_from_slice(&rest[..fits]);
        self.batch.cut += rest.len() - fits;
        let Some(end) = end else {
            self.within = Within::Kept(kept + rest.len());
            return rest.len();
        };
        if self.batch.cut == 0 {
            self.batch.bytes.push(b'\n');
        } else {
            self.batch.is_cut_ended = true;
        }
        self.within = Within::Nothing;
        self.is_full = true;
        end + 1
    }

    /// Goes on with a line that is left out, of `length` bytes so far.
    fn miss(&mut self, bytes: &[u8], length: usize) -> usize {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            let most = HEAD.saturating_sub(self.head.len());
            self.head.extend_from_slice(&bytes[..bytes.len().min(most)]);
            self.within = Within::Missed(length + bytes.len());
            return bytes.len();
        };
        self.within = Within::Nothing;
        let line = &bytes[..end];
        if length == 0 {
            self.batch.miss(line, line.len(), self.most_urgent);
        } else {
            let most = HEAD.saturating_sub(self.head.len());
            self.head.extend_from_slice(&line[..line.len().min(most)]);
            self.batch
                .miss(&self.head, length + line.len(), self.most_urgent);
            self.head.clear();
        }
        end + 1
    }
}

impl Batch {
    /// Counts a line of `length` bytes that begins with `head`, or keeps it if
    /// it is an ERROR and whole.
    fn miss(&mut self, head: &[u8], length: usize, most_urgent: usize) {
        let Some(level) = glance(head) else {
            return;
        };
        let is_kept = level == Level::Error
            && head.len() == length
            && self.urgent.len() + length < most_urgent;
        if is_kept {
            self.urgent.extend_from_slice(head);
            self.urgent.push(b'\n');
        } else {
            self.missed.0[level as usize - 1] += 1;
        }
    }
}

#[cfg(test)]
mod tests;
