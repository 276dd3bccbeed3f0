//! Which records of a lane share an entry, and when they have to.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::time::{Duration, Instant};

use super::Lane;
use crate::channel::entry::{Entry, What};
use crate::channel::kind::Keys;
use crate::channel::slots::Slots;
use crate::record::Record;

/// Entries that may wait before a lane is strained: what the slowest known
/// server (a line every two seconds, three records packed in one) takes in 20
/// seconds.
const STRAIN_LENGTH: usize = 32;

/// The length from which WARN and ERROR of one kind share an entry: half of
/// any server's burst.
const URGENT_SHARE_LENGTH: usize = 4;

/// The length from which the same again shares an entry: it is no news, and what
/// is waits behind it.
const SAME_LENGTH: usize = 8;

/// The wait at which a lane is strained, if more than [`EASE_LENGTH`] wait.
const STRAIN_WAIT: Duration = Duration::from_secs(5);

/// So many waiting entries are no strain: any server takes them as a burst.
const EASE_LENGTH: usize = 4;

/// Kinds of one call site that wait in a strained lane: more are told as what
/// they are. HTTP's usual status codes are eight.
const MAX_KINDS: usize = 8;

impl Lane {
    /// Merges all that waits of the same into its first, where many wait; the
    /// place of that.
    pub(super) fn gather_same(&mut self, newest: usize, same: u64) -> Option<usize> {
        let is_same =
            |entry: &Entry| entry.what == What::Kind && !entry.is_bare() && entry.same == same;
        if self.queue.len() < SAME_LENGTH || !is_same(&self.queue[newest]) {
            return None;
        }
        let first = self.queue.iter().position(is_same)?;
        let key = self.queue[first].key;
        let mut spare = Slots::default();
        let mut at = first + 1;
        while at < self.queue.len() {
            if is_same(&self.queue[at])
                && self.queue[first].takes(&self.queue[at].record)
                && let Some(later) = self.remove(at)
            {
                self.queue[first].merge(later, &mut spare);
            } else {
                at += 1;
            }
        }
        let entry = &self.queue[first];
        (entry.is_fold()).then(|| {
            self.open.insert(key, entry.id);
            first
        })
    }

    /// The place that other kinds of this site are counted in where there is
    /// no room: if there is none yet, what waits last of it becomes that.
    pub(super) fn gather(&mut self, record: &Record, site: u64) -> Option<usize> {
        if let Some(at) = self.find(!site, record) {
            return Some(at);
        }
        let at = self.queue.iter().rposition(|entry| {
            entry.what == What::Kind
                && !entry.is_bare()
                && entry.site == site
                && entry.record.site == record.site
        })?;
        let entry = &mut self.queue[at];
        let key = std::mem::replace(&mut entry.key, !site);
        entry.gather(&mut Slots::default());
        if self.open.get(&key) == Some(&entry.id) {
            self.open.remove(&key);
        }
        self.open.insert(!site, entry.id);
        Some(at)
    }

    /// Frees a place at the cost of the last site that has two: what it says
    /// last is only counted. Says whether there is one.
    pub(super) fn make_room(&mut self) -> bool {
        let of_kinds = |entry: &Entry| entry.what == What::Kind && !entry.is_bare();
        let mut sites: HashMap<u64, usize, Keys> = HashMap::default();
        for entry in self.queue.iter().filter(|entry| of_kinds(entry)) {
            *sites.entry(entry.site).or_default() += 1;
        }
        let Some(last) = (self.queue.iter())
            .rposition(|entry| of_kinds(entry) && sites.get(&entry.site) > Some(&1))
        else {
            return false;
        };
        let Some(mut entry) = self.remove(last) else {
            return false;
        };
        let mut spare = Slots::default();
        let Some(at) = self.gather(&entry.record, entry.site) else {
            // Two sites of one key: rather lose nothing.
            self.append(entry);
            return false;
        };
        entry.gather(&mut spare);
        // The last of them stays the last.
        mem::swap(&mut entry.record, &mut self.queue[at].record);
        self.queue[at].merge(entry, &mut spare);
        true
    }

    /// Looks at how long records wait, and folds those of one kind when it is
    /// too long. Hands freed slots to `spare`.
    pub(in crate::channel) fn observe(&mut self, now: Instant, spare: &mut Slots) {
        let ready = self.ready(now).count();
        if ready <= EASE_LENGTH {
            self.strained = false;
            return;
        }
        if self.longest_wait(now) > STRAIN_WAIT || self.is_long() {
            self.strain(spare);
        }
    }

    /// Folds what can be folded, from now until the lane has eased.
    pub(in crate::channel) fn strain(&mut self, spare: &mut Slots) {
        if mem::replace(&mut self.strained, true) {
            return;
        }
        let mut kept: VecDeque<Entry> = VecDeque::with_capacity(self.queue.len());
        let mut places: HashMap<u64, usize, Keys> = HashMap::default();
        let mut sites: HashMap<u64, usize, Keys> = HashMap::default();
        for mut entry in self.queue.drain(..) {
            let at = places.get(&entry.key).copied();
            if let Some(earlier) = at.and_then(|at| kept.get_mut(at))
                && entry.what == earlier.what
                && earlier.takes(&entry.record)
            {
                earlier.merge(entry, spare);
                continue;
            }
            if entry.what == What::Kind && !entry.is_bare() {
                let kinds = sites.entry(entry.site).or_default();
                *kinds += 1;
                if *kinds > MAX_KINDS {
                    entry.gather(spare);
                    entry.key = !entry.site;
                    if let Some(&at) = places.get(&entry.key)
                        && kept[at].takes(&entry.record)
                    {
                        kept[at].merge(entry, spare);
                        continue;
                    }
                }
            }
            places.insert(entry.key, kept.len());
            kept.push_back(entry);
        }
        self.open = kept.iter().map(|entry| (entry.key, entry.id)).collect();
        self.queue = kept;
    }

    /// Whether a further record of a kind that waits is folded into that.
    pub(in crate::channel) fn shares(&self) -> bool {
        self.strained || self.is_urgent() && self.queue.len() >= URGENT_SHARE_LENGTH
    }

    /// Whether so many wait that folding should begin.
    pub(in crate::channel) fn is_overlong(&self) -> bool {
        !self.strained && self.is_long()
    }

    /// Whether a further kind of `site` is only counted.
    pub(super) fn is_crowded(&self, site: u64) -> bool {
        let of_site = |entry: &&Entry| entry.site == site && entry.what == What::Kind;
        self.strained && self.queue.iter().filter(of_site).count() >= MAX_KINDS
    }

    /// WARN and ERROR are shown for as long as the wait allows.
    pub(super) fn is_long(&self) -> bool {
        !self.is_urgent() && self.queue.len() >= STRAIN_LENGTH
    }

    /// Lets the newest entry tell what was shed of its site before.
    pub(super) fn adopt(&mut self) {
        let Some(newest) = self.queue.back() else {
            return;
        };
        let Some(&id) = self.open.get(&newest.site) else {
            return;
        };
        let Some(at) = self.place(id) else { return };
        let bare = &self.queue[at];
        if bare.is_bare()
            && bare.record.site == newest.record.site
            && let Some(bare) = self.remove(at)
            && let Some(newest) = self.queue.back_mut()
        {
            newest.shed += bare.shed;
            newest.first = newest.first.min(bare.first);
        }
    }
}
