//! Out: lines, as the pace allows and the turns of the channels have it.

use std::time::Instant;

use super::Run;
use super::goodbye::Closing;
use super::link::Link;
use crate::channel::Channels;
use crate::irc::session::{Session, Turn};
use crate::line::{ChannelId, ChannelSet, Room, Urgency};

impl Run {
    /// Sends what the pace allows, the most urgent first.
    pub(super) fn speak(&mut self, now: Instant) {
        let Link::Up(up) = &mut self.link else {
            return;
        };
        loop {
            let channels = &mut self.worker.channels;
            let open = open(&up.session, channels);
            let next = next_turn(&mut self.closing, &mut up.session, channels, open, now);
            let Some((id, room, urgency)) = next else {
                return;
            };
            let text = channels.of(id).next_len(room, now);
            let permit = match up.session.slot(id, text, urgency, now) {
                Turn::Now(permit) => permit,
                // A shorter line may have room where this one has none.
                Turn::AfterProof if channels.at(id).lets_errors_go_on(now) => continue,
                Turn::At(_) | Turn::AfterProof => return,
            };
            let Some(line) = channels.next_line(id, room, now) else {
                return;
            };
            // Where others have the same to say, one line says it to all.
            let (mut to, mut others) = (ChannelSet::from(id), Vec::new());
            for other in open.iter().filter(|&it| it != id && line.is_shared()) {
                let mut with = to;
                with.insert(other);
                if up.session.may_share(with, line.text.len())
                    && let Some(same) = channels.share(&line, other, up.session.room(other), now)
                {
                    to = with;
                    others.push(same);
                }
            }
            let wire = (up.session).say_to(permit, line.id, &others, &line.text, now);
            up.write(wire.as_bytes());
        }
    }
}

/// Which of the `open` channels speaks next, in how much room, and how soon it
/// must be seen.
pub(super) fn next_turn(
    closing: &mut Option<Closing>,
    session: &mut Session,
    channels: &mut Channels,
    open: ChannelSet,
    now: Instant,
) -> Option<(ChannelId, Room, Urgency)> {
    match closing {
        // What is kept for the next error is of no use when no more will come.
        Some(closing) => closing
            .room(session, channels, now)
            .map(|(id, room)| (id, room, Urgency::Error)),
        None => channels
            .turn(open, now)
            .map(|(id, urgency)| (id, session.room(id), urgency)),
    }
}

/// The channels that take our lines.
pub(super) fn open(session: &Session, channels: &Channels) -> ChannelSet {
    channels.ids().filter(|&id| session.is_joined(id)).collect()
}
