//! Whose turn it is to connect, among the processes of a host: servers count
//! connects by address, and shut the door to all of it.
//!
//! Kept are times and hashes of servers, nothing else.

use std::fmt::Write as _;

/// Milliseconds since 1970: the one clock that processes share.
pub(crate) type Time = u64;

/// `DALnet`'s throttle counts to three in 15 s; the rest is for clocks and ways.
const WINDOW: Time = 16_000;
/// Connects of one address within [`WINDOW`].
const CONNECTS: usize = 2;
/// Its throttle lasts two minutes from the last connect: so long others are
/// remembered where a door stays shut.
const RECENT: Time = 150_000;
/// Kept for so long, and no more than so many.
const KEPT: Time = 600_000;
const MOST: usize = 500;

/// The connects of a host, in the order in which they were written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Turns(Vec<Connect>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Connect {
    server: u64,
    at: Time,
}

/// Whether to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is noted as made. `crowded` says that others were there lately: a
    /// door that is shut is a throttle then.
    Now { crowded: bool },
    /// Not before so many milliseconds have passed.
    In(Time),
}

impl Turns {
    /// Reads what [`text`](Self::text) wrote. What is broken, too old, or in a
    /// future that only a changed clock explains, is left out.
    pub(crate) fn read(text: &str, now: Time) -> Self {
        let connect = |line: &str| {
            let (server, at) = line.split_once(' ')?;
            let connect = Connect {
                server: u64::from_str_radix(server, 16).ok()?,
                at: at.parse().ok()?,
            };
            (connect.at <= now && now - connect.at < KEPT).then_some(connect)
        };
        let mut connects: Vec<Connect> = text.lines().filter_map(connect).collect();
        connects.drain(..connects.len().saturating_sub(MOST));
        Self(connects)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for Connect { server, at } in &self.0 {
            let _ = writeln!(text, "{server:016x} {at}");
        }
        text
    }

    /// Takes the turn to connect to `server`, if it may be taken.
    pub(crate) fn take(&mut self, server: u64, now: Time) -> Turn {
        let mut times: Vec<Time> = self.of(server).collect();
        times.sort_unstable();
        let free = times.iter().rev().nth(CONNECTS - 1).map(|at| at + WINDOW);
        if let Some(free) = free.filter(|&free| free > now) {
            return Turn::In(free - now);
        }
        let lately = times.iter().filter(|&&at| now - at < RECENT).count();
        self.0.push(Connect { server, at: now });
        Turn::Now {
            crowded: lately >= CONNECTS,
        }
    }

    /// The connect of then reached nobody: no server knows of it.
    pub(crate) fn give_back(&mut self, server: u64, at: Time) {
        let made = Connect { server, at };
        if let Some(place) = self.0.iter().rposition(|connect| *connect == made) {
            self.0.remove(place);
        }
    }

    fn of(&self, server: u64) -> impl Iterator<Item = Time> + '_ {
        let own = self
            .0
            .iter()
            .filter(move |connect| connect.server == server);
        own.map(|connect| connect.at)
    }
}

#[cfg(test)]
mod tests;
