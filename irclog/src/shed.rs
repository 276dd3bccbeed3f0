//! Shedding at the source: what the channel can no longer tell apart costs the
//! service one counter, with no formatting, no allocation and no lock.

use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

use log::Level;

use crate::loss::PerLevel;
use crate::record::{Place, Site};

/// How often the worker gives out new budgets while anything is logged.
pub(crate) const REFILL: Duration = Duration::from_millis(250);

/// Records of one call site that are captured between two refills. The channel
/// shows two lines a second: 256 captured a second leave it a choice of fresh
/// samples.
const BUDGET: i64 = 64;
/// The same for WARN and ERROR, of which each text may be shown.
const URGENT_BUDGET: i64 = 256;
/// Call sites of one level that are told apart: INFO, and each other level. A
/// large service has some hundreds.
const INFO_SITES: usize = 1_024;
const OTHER_SITES: usize = 256;
/// Places that a call site may have in the table: looking further would cost
/// more than it spares.
const PROBES: usize = 8;

/// Refills without a record after which a call site gives its place back, if
/// another has found none: a minute.
const UNUSED: u16 = 240;
/// Refills before such a place is given to another: ten seconds. What a thread
/// counts that looked the place up before is told under the name that it had;
/// held up for longer than this in between, it counts one for the next. The sum
/// is right in any case.
const VACATED: u16 = 40;
/// The key of a place that was given back. Those of call sites are odd.
const VACANT: u64 = 2;

/// What is decided about a record before it is formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Format it. Its call site has this place, or none.
    Capture(Option<Place>),
    /// It is counted, and that is all.
    Shed,
}

/// The budgets of the call sites. Every operation is wait-free.
pub(crate) struct Sites {
    levels: PerLevel<Table>,
}

struct Table {
    places: Box<[Budget]>,
    /// Call sites that found no place share one.
    others: Budget,
    full_budget: i64,
}

/// On a cache line of its own: two busy call sites must not slow each other.
#[repr(align(64))]
struct Budget {
    /// Of the call site; 0 while the place is free.
    key: AtomicU64,
    turn: AtomicU16,
    /// Refills without a record. The worker alone counts them.
    idle: AtomicU16,
    /// Records that may still be captured. Threads that look at the same time
    /// may overdraw it by one each.
    left: AtomicI64,
    shed: AtomicU64,
}

impl Sites {
    pub(crate) fn new() -> Self {
        Self {
            levels: PerLevel::new(Table::new),
        }
    }

    /// Decides about a record of this call site, and counts it if it is shed.
    pub(crate) fn admit(&self, level: Level, site: Site<'_>) -> Admission {
        // Without a file the target alone would throw different texts
        // together; the lanes bound these.
        if site.file.is_empty() {
            return Admission::Capture(None);
        }
        let table = &self.levels[level];
        let place = table.place(site.key());
        let budget = place.map_or(&table.others, |place| {
            &table.places[usize::from(place.index())]
        });
        if budget.admits() {
            Admission::Capture(place)
        } else {
            Admission::Shed
        }
    }

    /// Takes the counts of what was shed and gives out new budgets. `each`
    /// gets the level, the place (`None`: sites without one) and the count.
    ///
    /// Returns whether any call site was busy since the last time.
    pub(crate) fn collect(&self, mut each: impl FnMut(Level, Option<Place>, u64)) -> bool {
        let mut busy = false;
        for (level, table) in self.levels.iter() {
            let crowded = table.others.refill(table.full_budget);
            let shed = table.others.take();
            if shed > 0 {
                each(level, None, shed);
            }
            busy |= crowded;
            for (index, site) in (0u16..).zip(&table.places) {
                let key = site.key.load(Ordering::Relaxed);
                let used = site.refill(table.full_budget);
                busy |= used;
                let shed = site.take();
                if shed > 0 {
                    let turn = site.turn.load(Ordering::Relaxed);
                    let place = Place::new(index, turn);
                    each(level, (key != 0).then_some(place), shed);
                }
                site.age(key, used, crowded);
            }
        }
        busy
    }

    /// Records that were shed and not collected yet.
    pub(crate) fn pending(&self) -> PerLevel<u64> {
        PerLevel::new(|level| {
            let table = &self.levels[level];
            let sites = table.places.iter().chain([&table.others]);
            sites.map(|site| site.shed.load(Ordering::Relaxed)).sum()
        })
    }
}

impl Table {
    fn new(level: Level) -> Self {
        let places = if level == Level::Info {
            INFO_SITES
        } else {
            OTHER_SITES
        };
        let full_budget = if level <= Level::Warn {
            URGENT_BUDGET
        } else {
            BUDGET
        };
        Self {
            places: (0..places).map(|_| Budget::new(full_budget)).collect(),
            others: Budget::new(full_budget),
            full_budget,
        }
    }

    /// The place of the call site with this key: its own, or a free one that
    /// becomes its own.
    fn place(&self, key: u64) -> Option<Place> {
        let count = self.places.len();
        // Fx's best bits are the upper ones.
        let start = (key >> 32) as usize;
        (0..PROBES).find_map(|probe| {
            let index = (start + probe) % count;
            let place = &self.places[index];
            // Before the key: what is looked up while the place changes hands
            // has the turn of the one before, which names nobody.
            let turn = place.turn.load(Ordering::Acquire);
            let owner = &place.key;
            let found = match owner.load(Ordering::Relaxed) {
                0 => owner
                    .compare_exchange(0, key, Ordering::Acquire, Ordering::Relaxed)
                    .map_or_else(|other| other, |_| key),
                found => found,
            };
            (found == key)
                .then(|| u16::try_from(index).ok())
                .flatten()
                .map(|index| Place::new(index, turn))
        })
    }
}

impl Budget {
    fn new(budget: i64) -> Self {
        Self {
            key: AtomicU64::new(0),
            turn: AtomicU16::new(0),
            idle: AtomicU16::new(0),
            left: AtomicI64::new(budget),
            shed: AtomicU64::new(0),
        }
    }

    fn admits(&self) -> bool {
        if self.left.load(Ordering::Relaxed) > 0 {
            self.left.fetch_sub(1, Ordering::Relaxed);
            true
        } else {
            self.shed.fetch_add(1, Ordering::Relaxed);
            false
        }
    }

    fn take(&self) -> u64 {
        self.shed.swap(0, Ordering::Relaxed)
    }

    /// Gives out a new budget. Says whether the one before was used.
    fn refill(&self, budget: i64) -> bool {
        let used = self.left.load(Ordering::Relaxed) < budget;
        if used {
            self.left.store(budget, Ordering::Relaxed);
        }
        used
    }

    /// Takes note of a refill, and frees the place in the end, if it is unused
    /// where the table is `crowded`.
    fn age(&self, key: u64, used: bool, crowded: bool) {
        if key == 0 {
            return;
        }
        let before = self.idle.load(Ordering::Relaxed);
        let mut idle = if used { 0 } else { (before + 1).min(UNUSED) };
        if key == VACANT && idle >= VACATED {
            self.turn.fetch_add(1, Ordering::Relaxed);
            self.key.store(0, Ordering::Release);
            idle = 0;
        } else if key != VACANT && idle == UNUSED && crowded {
            self.key.store(VACANT, Ordering::Relaxed);
            idle = 0;
        }
        if idle != before {
            self.idle.store(idle, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
