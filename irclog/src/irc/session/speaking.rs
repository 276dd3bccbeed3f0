//! What a line may be and when it may go: its price, its room, and the last
//! ones before the end.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use irc_proto::Command;

use super::Session;
use crate::irc::flow::Slot;
use crate::irc::foreign::Foreign;
use crate::irc::wire::Wire;
use crate::line::{ChannelId, ChannelSet, LineId, Room, Urgency};

/// User and host of our own prefix until the server shows them: the longest
/// user and host that ircds with the usual limits give.
const ASSUMED_MASK: usize = 10 + 1 + 63;
/// About the wire length of a QUIT.
const QUIT_BYTES: usize = 60;
/// Bytes of text that a line always has, whatever the server says.
const LEAST_BUDGET: usize = 64;

/// What is written at the very end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// A line with so many bytes of text.
    Line(usize),
    Quit,
}

/// Leave to say one line now: [`Session::slot`] gives it, [`Session::say`] takes
/// it. Dropped, it has cost nothing.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a line may be said with it"]
pub(crate) struct Permit(pub(super) ());

/// When a line may go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Now(Permit),
    /// Ask again then.
    At(Instant),
    /// Ask again after the next event, or [`Session::wake_at`].
    AfterProof,
}

impl Session {
    /// Whether a line with `text` bytes of text may go to this channel now. Ask
    /// only while [`is_joined`](Self::is_joined).
    pub(crate) fn slot(
        &mut self,
        id: ChannelId,
        text: usize,
        urgency: Urgency,
        now: Instant,
    ) -> Turn {
        let mut bytes = self.line_bytes(id.into(), text);
        if self.flow.wants_copy(bytes, self.copy_bytes()) {
            bytes += self.copy_bytes();
        }
        match self.flow.slot(bytes, urgency, now) {
            Slot::Now => Turn::Now(Permit(())),
            Slot::At(at) => Turn::At(at),
            Slot::AfterProof => Turn::AfterProof,
        }
    }

    /// What ourselves as a second target add to a line.
    fn copy_bytes(&self) -> usize {
        ",".len() + self.own_nick.len()
    }

    /// The wire length of a line for these channels.
    fn line_bytes(&self, to: ChannelSet, text: usize) -> usize {
        let names = to.iter().map(|id| self.of(id).name.len() + ",".len());
        "PRIVMSG :\r\n".len() + names.sum::<usize>() + text
    }

    /// Whether one line with `text` bytes of text may go to all of these, at the
    /// price of one for the first of them.
    pub(crate) fn may_share(&self, to: ChannelSet, text: usize) -> bool {
        let (whole, copy) = (self.line_bytes(to, text), self.copy_bytes());
        let own = to.iter().map(|id| self.line_bytes(id.into(), text)).min();
        let own = own.unwrap_or(whole);
        // Whatever may come back is a target as well.
        self.isupport.most_targets > to.len()
            && whole + copy <= self.isupport.line_len
            && self.flow.takes_more_targets(own, whole + copy - own)
    }

    /// Makes the line that says `text` in the channel of `line`, and to ourselves
    /// where that is a cheap proof. It counts as written from now on: hand it to
    /// the socket. `text` is within the [`room`](Self::room), and about as long
    /// as was asked for.
    pub(crate) fn say(&mut self, permit: Permit, line: LineId, text: &str, now: Instant) -> Wire {
        self.say_to(permit, line, &[], text, now)
    }

    /// The same, where `others` are what the line is called in further channels,
    /// which [`may_share`](Self::may_share) it.
    pub(crate) fn say_to(
        &mut self,
        _permit: Permit,
        id: LineId,
        others: &[LineId],
        text: &str,
        now: Instant,
    ) -> Wire {
        let lines = || std::iter::once(id).chain(others.iter().copied());
        let to: ChannelSet = lines().map(LineId::channel).collect();
        // It is shorter than the prefix, which takes its place on the way to
        // the others: what fits them fits with it.
        let bytes = self.line_bytes(to, text.len());
        let copy = self.flow.wants_copy(bytes, self.copy_bytes());
        let names = lines().map(|line| self.of(line.channel()).name.as_str());
        let mut targets: Vec<&str> = names.collect();
        if copy {
            targets.push(&self.own_nick);
        }
        let command = Command::PRIVMSG(targets.join(","), text.to_owned());
        let line = Wire::new(&command, self.isupport.line_len);
        self.flow.sent(id, line.len(), copy, now);
        self.texts.push_back((id, Foreign::new(text)));
        for &other in others {
            self.flow.sent_as_well(other);
            self.texts.push_back((other, Foreign::new(text)));
        }
        line
    }

    /// Bytes of text that one line carries to everybody whole: what the
    /// server's limit leaves beside our own prefix, which it puts before.
    pub(crate) fn budget(&self, id: ChannelId) -> NonZeroUsize {
        let mask = self.own_mask.as_ref().map_or(ASSUMED_MASK, String::len);
        let around = ":!".len()
            + self.own_nick.len()
            + mask
            + " PRIVMSG  :\r\n".len()
            + self.of(id).name.len();
        let room = self.isupport.line_len.saturating_sub(around);
        NonZeroUsize::new(room.max(LEAST_BUDGET)).unwrap_or(NonZeroUsize::MIN)
    }

    /// The same, and the bytes for records that share a line: where a server
    /// turns deaf after long lines, an error would have to wait.
    pub(crate) fn room(&self, id: ChannelId) -> Room {
        let line = self.budget(id);
        let prompt = self.flow.prompt_bytes().map_or(usize::MAX, |bytes| {
            bytes.saturating_sub(self.line_bytes(id.into(), 0))
        });
        Room {
            line,
            shared: line.get().min(prompt),
            left: None,
        }
    }

    /// What can still be said so that the server will have worked off by
    /// `until` what comes after it.
    pub(crate) fn last_room(
        &mut self,
        id: ChannelId,
        after: &[Last],
        until: Instant,
        now: Instant,
    ) -> Room {
        let around = self.line_bytes(id.into(), 0) + self.copy_bytes();
        let room = self.room(id);
        let bytes = |last: &Last| match last {
            Last::Line(text) => around + text,
            Last::Quit => QUIT_BYTES,
        };
        let after: Vec<usize> = after.iter().map(bytes).collect();
        let full = room.shared.min(room.line.get());
        let left = self.flow.left(around + full, &after, until, now);
        let rest = left.rest.saturating_sub(around);
        let bytes = left.lines * full + rest;
        let longest = if left.lines > 0 {
            room.line.get()
        } else {
            rest
        };
        Room {
            line: NonZeroUsize::new(longest).unwrap_or(NonZeroUsize::MIN),
            shared: room.shared.min(longest),
            left: Some(bytes),
        }
    }

    /// Leave for the last line of all, with `text` bytes of text, whatever the
    /// pace, if it and QUIT would be worked off by `until`: their credit was
    /// kept back. [`quit`](Self::quit) follows it.
    pub(crate) fn last_slot(
        &mut self,
        id: ChannelId,
        text: usize,
        until: Instant,
        now: Instant,
    ) -> Option<Permit> {
        let line = self.line_bytes(id.into(), text) + self.copy_bytes();
        let in_time = self.flow.is_in_time(&[line, QUIT_BYTES], until, now);
        in_time.then_some(Permit(()))
    }

    /// How long a QUIT that is written now will lie in the server.
    pub(crate) fn quit_waits(&mut self, now: Instant) -> Duration {
        self.flow.taken_up_in(&[QUIT_BYTES], now)
    }
}
