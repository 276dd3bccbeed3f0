//! What others know of the worker: the numbers, the state, who waited for a flush.

use std::time::Instant;

use super::Run;
use super::link::Link;
use crate::line::{ChannelId, ChannelSet};
use crate::loss::Counts;
use crate::stats::{ChannelStats, State, Stats};

impl Run {
    pub(super) fn publish(&mut self, now: Instant) {
        let channels = &self.worker.channels;
        let ids = || channels.ids();
        let (state, session) = match &self.link {
            Link::Waiting { .. } => (State::Disconnected, None),
            Link::Connecting(_) => (State::Connecting, None),
            Link::Up(up) if self.has_said_goodbye() => (State::Closed, Some(&up.session)),
            Link::Up(up) if ids().any(|id| up.session.is_inside(id)) => {
                (State::Joined, Some(&up.session))
            }
            Link::Up(up) => (State::Connecting, Some(&up.session)),
            Link::Gone => (State::Closed, None),
        };
        let joined = |id| session.is_some_and(|session| session.is_inside(id));
        let counts = channels.counts().into_iter();
        let each = ids().zip(&self.worker.config.channels).zip(counts);
        let each = each.map(|((id, channel), counts)| ChannelStats {
            name: channel.name.clone(),
            joined: joined(id),
            oldest_queued: channels.of(id).longest_wait(now),
            counts,
        });
        self.worker.shared.publish(Stats {
            state,
            muted: self.muted,
            server: self.worker.config.server.clone(),
            nick: session.map_or_else(String::new, |session| session.nick().to_owned()),
            rate: session.map_or(0.0, |session| session.flow().rate(now)),
            lag: session.and_then(|session| session.flow().lag()),
            oldest_queued: channels.longest_wait(now),
            channels: each.collect(),
            elsewhere: Counts::default(),
        });
        if state != self.state {
            self.state = state;
            self.worker.shared.state_changed(state);
        }
    }

    pub(super) fn answer_flushes(&mut self) {
        let channels = &self.worker.channels;
        // What a channel keeps out is not waited for while another listens.
        let kept_out: ChannelSet = match &self.link {
            Link::Up(up) if channels.ids().any(|id| up.session.is_joined(id)) => {
                let is_out = |&id: &ChannelId| {
                    up.session.shut_until(id).is_some() && !up.session.is_inside(id)
                };
                channels.ids().filter(is_out).collect()
            }
            _ => ChannelSet::default(),
        };
        self.flushes.retain(|(mark, reply)| {
            let unsettled = channels.unsettled(mark);
            let over = unsettled.iter().all(|id| kept_out.contains(id));
            if over {
                // Whoever asked may have stopped waiting.
                let _ = reply.try_send(unsettled.is_empty());
            }
            !over
        });
    }
}
