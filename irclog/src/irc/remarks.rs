//! What is told again and again is told once in a while, with a count.

use std::fmt::Write as _;
use std::panic::Location;
use std::time::{Duration, Instant};

use log::Level;

use crate::line::ChannelId;

/// Of one kind of remark so much time lies between two.
const BETWEEN: Duration = Duration::from_secs(10);

/// What kind a remark is: the place in the code that makes it, and the channel
/// that it is made of. So there are only so many, whatever a server sends.
pub(crate) type Kind = (&'static Location<'static>, ChannelId);

/// Lets each kind of remark through at once, and what follows within ten
/// seconds as one: the last of them, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    kinds: Vec<Told>,
}

#[derive(Debug)]
struct Told {
    kind: Kind,
    until: Instant,
    /// What came since.
    held: Option<(Level, String)>,
    count: u64,
}

impl Remarks {
    /// Takes a remark; returns it if it is to be told now.
    pub(crate) fn admit(
        &mut self,
        kind: Kind,
        level: Level,
        text: String,
        now: Instant,
    ) -> Option<(Level, String)> {
        match self.kinds.iter_mut().find(|told| told.kind == kind) {
            Some(told) if now < told.until => {
                told.held = Some((level, text));
                told.count += 1;
                return None;
            }
            // What it held is older than this one, and stays in the count.
            Some(told) => {
                let text = counted(text, std::mem::take(&mut told.count));
                told.held = None;
                told.until = now + BETWEEN;
                return Some((level, text));
            }
            None => {}
        }
        self.kinds.push(Told {
            kind,
            until: now + BETWEEN,
            held: None,
            count: 0,
        });
        Some((level, text))
    }

    /// The next remark that has waited for long enough.
    pub(crate) fn due(&mut self, now: Instant) -> Option<(Level, String)> {
        let is_due = |told: &&mut Told| told.held.is_some() && now >= told.until;
        let told = self.kinds.iter_mut().find(is_due)?;
        told.until = now + BETWEEN;
        told.take()
    }

    /// The next remark that has not been told, at the end.
    pub(crate) fn rest(&mut self) -> Option<(Level, String)> {
        self.kinds.iter_mut().find_map(Told::take)
    }

    /// When there will be something to tell.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let held = self.kinds.iter().filter(|told| told.held.is_some());
        held.map(|told| told.until).min()
    }
}

impl Told {
    fn take(&mut self) -> Option<(Level, String)> {
        let (level, text) = self.held.take()?;
        let others = std::mem::take(&mut self.count).saturating_sub(1);
        Some((level, counted(text, others)))
    }
}

/// `text`, and how many of its kind were left out before it.
fn counted(mut text: String, others: u64) -> String {
    if others > 0 {
        let _ = write!(text, " (and {others} more of this kind before it)");
    }
    text
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]
mod tests {
    use super::*;
    use crate::line::MAIN;

    #[track_caller]
    fn here() -> Kind {
        (Location::caller(), MAIN)
    }

    #[test]
    fn a_flood_of_one_kind_is_told_once_in_ten_seconds_with_its_count() {
        let start = Instant::now();
        let mut remarks = Remarks::default();
        let (kick, nick) = (here(), here());
        let mut told = Vec::new();
        for n in 0..100_000_u32 {
            let now = start + n * Duration::from_micros(200);
            told.extend(remarks.due(now));
            told.extend(remarks.admit(kick, Level::Warn, format!("kicked {n}"), now));
            if n == 50_000 {
                told.extend(remarks.admit(nick, Level::Warn, "renamed".into(), now));
            }
        }
        told.extend(remarks.rest());
        let texts: Vec<&str> = told.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "kicked 0",
                "kicked 49999 (and 49998 more of this kind before it)",
                "renamed",
                "kicked 99999 (and 49999 more of this kind before it)",
            ]
        );
        assert_eq!(remarks.wake_at(), None);
    }

    #[test]
    fn what_comes_seldom_is_told_as_it_is() {
        let start = Instant::now();
        let mut remarks = Remarks::default();
        let kind = here();
        for n in 0..5_u32 {
            let told = remarks.admit(kind, Level::Info, n.to_string(), start + n * BETWEEN);
            assert_eq!(told, Some((Level::Info, n.to_string())));
        }
        assert_eq!(remarks.wake_at(), None);
    }
}
