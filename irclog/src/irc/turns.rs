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
mod tests {
    use super::*;

    const DALNET: u64 = 7;

    /// Whoever may not connect comes back when it may.
    fn connects(mut wish: impl FnMut(&mut Turns, Time) -> Turn, services: usize) -> Vec<Time> {
        let mut turns = Turns::default();
        let mut due: Vec<Time> = (0..services as u64).map(|n| 1_000_000 + n * 50).collect();
        let mut made = Vec::new();
        while let Some(next) = due.iter().enumerate().min_by_key(|(_, at)| **at) {
            let (who, now) = (next.0, *next.1);
            match wish(&mut turns, now) {
                Turn::Now { .. } => {
                    made.push(now);
                    due.remove(who);
                }
                Turn::In(wait) => due[who] = now + wait,
            }
            turns = Turns::read(&turns.text(), now);
        }
        made
    }

    #[test]
    fn five_services_that_start_at_once_all_get_in_by_turns() {
        let made = connects(|turns, now| turns.take(DALNET, now), 5);
        assert_eq!(made.len(), 5);
        assert!(
            made.windows(3).all(|three| three[2] - three[0] > 15_000),
            "{made:?}"
        );
        assert!(made[4] - made[0] < 40_000, "{made:?}");
    }

    #[test]
    fn who_is_alone_waits_for_nobody() {
        let mut turns = Turns::default();
        for (server, now) in [(1, 5_000), (2, 5_001), (3, 5_002), (1, 20_000), (1, 21_001)] {
            assert_eq!(
                turns.take(server, now),
                Turn::Now {
                    crowded: server == 1 && now > 21_000
                }
            );
        }
    }

    #[test]
    fn a_shut_door_is_no_surprise_where_others_knocked_lately() {
        let mut turns = Turns::default();
        let at = |seconds: Time| 1_000_000 + 1_000 * seconds;
        assert_eq!(turns.take(DALNET, at(0)), Turn::Now { crowded: false });
        assert_eq!(turns.take(DALNET, at(1)), Turn::Now { crowded: false });
        assert_eq!(turns.take(DALNET, at(2)), Turn::In(14_000));
        assert_eq!(turns.take(DALNET, at(100)), Turn::Now { crowded: true });
        assert_eq!(turns.take(DALNET, at(400)), Turn::Now { crowded: false });
    }

    #[test]
    fn what_reached_nobody_counts_for_nobody() {
        let mut turns = Turns::default();
        for now in 0..100 {
            assert_eq!(turns.take(DALNET, now), Turn::Now { crowded: false });
            turns.give_back(DALNET, now);
        }
        assert_eq!(turns, Turns::default());
    }

    #[test]
    fn a_file_of_anything_is_read_for_what_it_is_worth() {
        let now = 10_000_000;
        let text =
            "\u{0}\nff 9999999\nff -1\nff 10000001\n00000000000000ff 9999998\nff 1\n zz 1 1\n";
        let turns = Turns::read(text, now);
        assert_eq!(turns.of(0xff).collect::<Vec<_>>(), [9_999_999, 9_999_998]);
        let lines = (0..9_999).map(|n| format!("ff {}", 9_900_000 + n));
        let many = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(Turns::read(&many, now).0.len(), MOST);
        assert_eq!(Turns::read(&turns.text(), now), turns);
    }
}
