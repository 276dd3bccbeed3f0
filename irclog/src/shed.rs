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
mod tests {
    use super::*;

    fn site(line: u32) -> Site<'static> {
        Site {
            target: "pay",
            file: "pay.rs",
            line,
        }
    }

    fn collected(sites: &Sites) -> (Vec<(Level, Option<Place>, u64)>, bool) {
        let mut counts = Vec::new();
        let busy = sites.collect(|level, place, count| counts.push((level, place, count)));
        (counts, busy)
    }

    #[test]
    fn a_site_beyond_its_budget_is_counted_until_the_next_refill() {
        let sites = Sites::new();
        let admit = || sites.admit(Level::Info, site(1));
        let Admission::Capture(Some(place)) = admit() else {
            panic!("the first record is captured");
        };
        let captured = 1 + (0..999).filter(|_| admit() != Admission::Shed).count();
        assert_eq!(captured, usize::try_from(BUDGET).unwrap());
        assert_eq!(sites.pending()[Level::Info], 1000 - captured as u64);
        let other = sites.admit(Level::Info, site(2));
        assert!(matches!(other, Admission::Capture(Some(_))));
        let shed = (Level::Info, Some(place), 1000 - captured as u64);
        assert_eq!(collected(&sites), (vec![shed], true));
        assert_eq!(admit(), Admission::Capture(Some(place)));
        assert_eq!(collected(&sites), (vec![], true));
        assert_eq!(collected(&sites), (vec![], false), "idle is idle");
    }

    #[test]
    fn errors_have_a_generous_budget_and_levels_do_not_mix() {
        let sites = Sites::new();
        let captured = |level| {
            let admitted = (0..1000).map(|_| sites.admit(level, site(1)));
            let count = admitted.filter(|one| *one != Admission::Shed).count();
            i64::try_from(count).unwrap()
        };
        assert_eq!(captured(Level::Info), BUDGET);
        assert_eq!(captured(Level::Error), URGENT_BUDGET);
        assert_eq!(captured(Level::Debug), BUDGET);
    }

    #[test]
    fn places_are_found_by_content() {
        let sites = Sites::new();
        let copy = String::from("pay.rs");
        let same = Site {
            file: &copy,
            ..site(7)
        };
        assert_eq!(
            sites.admit(Level::Info, site(7)),
            sites.admit(Level::Info, same)
        );
    }

    #[test]
    fn ten_thousand_sites_overflow_into_one_budget_and_are_all_accounted() {
        let sites = Sites::new();
        let mut captured = 0u64;
        for line in 0..10_000 {
            for _ in 0..3 {
                let admission = sites.admit(Level::Info, site(line));
                captured += u64::from(admission != Admission::Shed);
            }
        }
        let (counts, _) = collected(&sites);
        let shed: u64 = counts.iter().map(|(.., count)| count).sum();
        assert_eq!(captured + shed, 30_000);
        assert!(counts.iter().all(|(_, place, _)| place.is_none()));
        assert!(
            captured >= 3 * INFO_SITES as u64 / 2,
            "most places are used"
        );
    }

    #[test]
    fn whoever_comes_late_has_the_place_of_who_has_gone() {
        let sites = Sites::new();
        let first = sites.admit(Level::Info, site(0));
        let storm = |lines: std::ops::Range<u32>| {
            let admitted = lines.map(|line| sites.admit(Level::Info, site(line)));
            let placed = admitted.filter(|one| matches!(one, Admission::Capture(Some(_))));
            placed.count()
        };
        storm(1..20_000);
        assert_eq!(storm(20_000..21_000), 0, "the table is full");
        let mut counts = 0;
        for _ in 0..UNUSED + VACATED + 2 {
            // One goes on, and one that finds no place.
            let again = sites.admit(Level::Info, site(0));
            assert_eq!(again, first, "who is busy keeps its place");
            storm(20_000..20_001);
            counts += collected(&sites).0.len();
        }
        assert!(counts > 0, "the storm is told");
        let placed = storm(30_000..30_500);
        assert!(placed > 400, "{placed} of 500 are told apart");
        let busy: Vec<Admission> = (0..2 * BUDGET)
            .map(|_| sites.admit(Level::Info, site(30_007)))
            .collect();
        assert!(busy.contains(&Admission::Shed));
        let Admission::Capture(Some(place)) = busy[0] else {
            panic!("{:?}", busy[0]);
        };
        assert_eq!(place.turn(), 1, "it is not taken for the one before");
        let told = collected(&sites).0;
        assert!(told.iter().any(|(_, told, _)| *told == Some(place)));
    }

    #[test]
    fn a_full_table_keeps_its_places_while_nobody_is_left_out() {
        let sites = Sites::new();
        let first = sites.admit(Level::Info, site(0));
        for _ in 0..2 * UNUSED {
            collected(&sites);
        }
        assert_eq!(sites.admit(Level::Info, site(0)), first);
    }

    #[test]
    fn no_count_is_lost_where_places_change_hands() {
        let sites = Sites::new();
        let captured = AtomicU64::new(0);
        let working = AtomicU64::new(4);
        let mut told = 0;
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (sites, captured, working) = (&sites, &captured, &working);
                scope.spawn(move || {
                    for n in 0..100_000u32 {
                        // Sites come and go.
                        let line = n / 50 * 7 + thread * 3 + n % 5;
                        let admission = sites.admit(Level::Debug, site(line));
                        if admission != Admission::Shed {
                            captured.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    working.fetch_sub(1, Ordering::Release);
                });
            }
            while working.load(Ordering::Acquire) > 0 {
                sites.collect(|_, _, count| told += count);
            }
        });
        sites.collect(|_, _, count| told += count);
        assert_eq!(captured.into_inner() + told, 400_000);
        let places = &sites.levels[Level::Debug].places;
        let turns = places
            .iter()
            .map(|place| place.turn.load(Ordering::Relaxed));
        println!(
            "{} places changed hands",
            turns.filter(|&turn| turn > 0).count()
        );
    }

    #[test]
    fn records_without_a_file_are_left_to_the_lanes() {
        let sites = Sites::new();
        let nowhere = Site {
            target: "main",
            ..Site::default()
        };
        for _ in 0..1000 {
            let admission = sites.admit(Level::Info, nowhere);
            assert_eq!(admission, Admission::Capture(None));
        }
    }

    #[test]
    fn threads_lose_no_count() {
        let sites = Sites::new();
        let captured = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..50_000 {
                        let admission = sites.admit(Level::Info, site(n % 3));
                        if admission != Admission::Shed {
                            captured.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let shed: u64 = collected(&sites).0.iter().map(|(.., count)| count).sum();
        assert_eq!(captured.into_inner() + shed, 200_000);
    }
}
