//! A channel: who is in it, and what its modes forbid.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Config, ControlCodes};
use crate::journal::Journal;
use crate::seen::Seen;

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) op: bool,
    pub(super) voice: bool,
}

impl Rank {
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self { op: true, .. } => "@",
            Self { voice: true, .. } => "+",
            _ => "",
        }
    }

    pub(super) fn may_always_talk(self) -> bool {
        self.op || self.voice
    }
}

#[derive(Debug)]
pub(super) struct Channel {
    /// As it was first written.
    pub(super) name: String,
    pub(super) members: BTreeMap<usize, Rank>,
    pub(super) topic: String,
    pub(super) seen: Journal<Seen>,
    flags: BTreeSet<char>,
    key: Option<String>,
    limit: Option<usize>,
    bans: Vec<String>,
    /// Who may come in although it is +i.
    pub(super) invited: BTreeSet<usize>,
}

/// A change of modes that concerns a member.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Promotion {
    pub(super) nick: String,
    pub(super) mode: char,
    pub(super) set: bool,
}

impl Channel {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            members: BTreeMap::new(),
            topic: String::new(),
            seen: Journal::new(),
            flags: BTreeSet::new(),
            key: None,
            limit: None,
            bans: Vec::new(),
            invited: BTreeSet::new(),
        }
    }

    pub(super) fn has(&self, flag: char) -> bool {
        self.flags.contains(&flag)
    }

    /// Applies `modes`, such as `+mk-v key nick`; returns what has to be
    /// looked up by nick.
    pub(super) fn apply(&mut self, modes: &str) -> Vec<Promotion> {
        let mut words = modes.split(' ').filter(|word| !word.is_empty());
        let letters = words.next().unwrap_or_default();
        let mut set = true;
        let mut promotions = Vec::new();
        for letter in letters.chars() {
            match (letter, set) {
                ('+', _) => set = true,
                ('-', _) => set = false,
                ('k', true) => self.key = words.next().map(str::to_owned),
                ('k', false) => self.key = None,
                ('l', true) => self.limit = words.next().and_then(|word| word.parse().ok()),
                ('l', false) => self.limit = None,
                ('b', true) => self.bans.extend(words.next().map(str::to_owned)),
                ('b', false) => {
                    let mask = words.next().unwrap_or_default();
                    self.bans.retain(|ban| ban != mask);
                }
                ('o' | 'v', _) => promotions.extend(words.next().map(|nick| Promotion {
                    nick: nick.to_owned(),
                    mode: letter,
                    set,
                })),
                (_, true) => {
                    self.flags.insert(letter);
                }
                (_, false) => {
                    self.flags.remove(&letter);
                }
            }
        }
        promotions
    }

    /// The modes as 324 tells them.
    pub(super) fn modes(&self) -> String {
        let mut letters: String = self.flags.iter().collect();
        let mut params = String::new();
        if let Some(key) = &self.key {
            letters.push('k');
            params = format!("{params} {key}");
        }
        if let Some(limit) = self.limit {
            letters.push('l');
            params = format!("{params} {limit}");
        }
        format!("+{letters}{params}")
    }

    /// Why somebody may not come in.
    pub(super) fn refuses_join(
        &self,
        id: usize,
        mask: &str,
        key: &str,
        identified: bool,
    ) -> Option<(u16, &'static str)> {
        if self.is_banned(mask) {
            Some((474, "Cannot join channel (+b)"))
        } else if self.has('i') && !self.invited.contains(&id) {
            Some((473, "Cannot join channel (+i)"))
        } else if self.key.as_deref().is_some_and(|right| right != key) {
            Some((475, "Cannot join channel (+k)"))
        } else if self.limit.is_some_and(|limit| self.members.len() >= limit) {
            Some((471, "Cannot join channel (+l)"))
        } else if self.has('r') && !identified {
            Some((477, "You need to identify to a registered nick (+r)"))
        } else {
            None
        }
    }

    /// What is shown of `text`, or why nothing is.
    pub(super) fn admits<'t>(
        &self,
        id: usize,
        mask: &str,
        text: &'t str,
        config: &Config,
    ) -> Result<std::borrow::Cow<'t, str>, (u16, &'static str)> {
        let rank = self.members.get(&id).copied();
        let privileged = rank.is_some_and(Rank::may_always_talk);
        if rank.is_none() && self.has('n') {
            return Err((404, "Cannot send to channel (+n)"));
        }
        if self.has('m') && !privileged {
            return Err((404, "Cannot send to channel (+m)"));
        }
        if self.is_banned(mask) && !privileged {
            return Err((404, "Cannot send to channel (+b)"));
        }
        if self.has('c') && text.contains(|c: char| c.is_ascii_control() && c != '\x01') {
            return match config.control_codes {
                ControlCodes::Refuse408 => Err((408, "You cannot use control codes (+c)")),
                ControlCodes::Refuse404 => Err((404, "Cannot send to channel (+c)")),
                ControlCodes::Strip => Ok(without_formatting(text).into()),
            };
        }
        Ok(text.into())
    }

    fn is_banned(&self, mask: &str) -> bool {
        self.bans.iter().any(|ban| matches_mask(ban, mask))
    }
}

/// `text` without mIRC formatting; the rest of an ANSI code stays, as it does
/// on Solanum.
fn without_formatting(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\x03' {
            for _ in 0..2 {
                chars.next_if(char::is_ascii_digit);
            }
        } else if !c.is_ascii_control() {
            plain.push(c);
        }
    }
    plain
}

/// Whether `name` matches `mask`, where `*` is any text and `?` any character.
fn matches_mask(mask: &str, name: &str) -> bool {
    let (mask, name) = (mask.as_bytes(), name.as_bytes());
    let (mut m, mut n) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut retry = None;
    while n < name.len() {
        match mask.get(m) {
            Some(b'*') => {
                retry = Some((m, n));
                m += 1;
            }
            Some(&c) if c == b'?' || c.eq_ignore_ascii_case(&name[n]) => {
                m += 1;
                n += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    m = star + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_set_told_and_taken_back() {
        let mut channel = Channel::new("#c");
        let promotions = channel.apply("+mknl-v+o sesame 5 ann bob");
        assert_eq!(channel.modes(), "+mnkl sesame 5");
        assert_eq!(promotions.len(), 2);
        assert_eq!(
            (promotions[0].nick.as_str(), promotions[0].set),
            ("ann", false)
        );
        channel.apply("-mkl");
        assert_eq!(channel.modes(), "+n");
    }

    #[test]
    fn each_mode_refuses_with_its_numeric() {
        let refusal = |modes: &str, key: &str| {
            let mut channel = Channel::new("#c");
            channel.apply(modes);
            channel
                .refuses_join(1, "ann!~a@host", key, false)
                .map(|(n, _)| n)
        };
        assert_eq!(refusal("+m", ""), None);
        assert_eq!(refusal("+i", ""), Some(473));
        assert_eq!(refusal("+k x", ""), Some(475));
        assert_eq!(refusal("+k x", "x"), None);
        assert_eq!(refusal("+l 0", ""), Some(471));
        assert_eq!(refusal("+b *!*@host", ""), Some(474));
        assert_eq!(refusal("+b bob!*@*", ""), None);
        assert_eq!(refusal("+r", ""), Some(477));
    }

    #[test]
    fn a_voice_talks_in_a_moderated_channel_but_not_in_colour() {
        let config = Config::default();
        let mut channel = Channel::new("#c");
        channel.apply("+m");
        channel.members.insert(
            1,
            Rank {
                op: false,
                voice: true,
            },
        );
        channel.members.insert(2, Rank::default());
        assert!(channel.admits(1, "a!b@c", "hi", &config).is_ok());
        assert_eq!(
            channel.admits(2, "a!b@c", "hi", &config).unwrap_err().0,
            404
        );
        channel.apply("+c");
        assert_eq!(
            channel.admits(1, "a!b@c", "a\tb", &config).unwrap_err().0,
            408
        );
        let strips = Config::default().control_codes(ControlCodes::Strip);
        let shown = channel.admits(1, "a!b@c", "\x02\x0304red\x0f \x1b[31m", &strips);
        assert_eq!(shown.unwrap(), "red [31m");
    }

    #[test]
    fn masks_match_as_people_expect() {
        assert!(matches_mask("*!*@*.example", "ann!~a@host.example"));
        assert!(matches_mask("a?n!*", "Ann!~a@host"));
        assert!(!matches_mask("*!*@*.example", "ann!~a@host.example.com"));
        assert!(!matches_mask("", "ann"));
    }
}
