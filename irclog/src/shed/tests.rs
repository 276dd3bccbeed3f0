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

#[test]
fn a_place_that_was_given_back_stays_empty_while_somebody_counts_there() {
    let budget = Budget::new(BUDGET);
    budget.key.store(VACANT, Ordering::Relaxed);
    let state = || {
        let (key, turn) = (&budget.key, &budget.turn);
        (key.load(Ordering::Relaxed), turn.load(Ordering::Relaxed))
    };
    let wait = |refills| (0..refills).for_each(|_| budget.age(VACANT, false, true));
    wait(VACATED - 1);
    assert_eq!(state(), (VACANT, 0));
    budget.age(VACANT, true, true);
    wait(VACATED - 1);
    assert_eq!(state(), (VACANT, 0));
    wait(1);
    assert_eq!(state(), (0, 1));
}

#[test]
fn what_is_counted_where_no_site_has_its_place_is_told_without_a_name() {
    let sites = Sites::new();
    let table = &sites.levels[Level::Debug];
    table.others.shed.store(5, Ordering::Relaxed);
    // By a thread that was held up until the place was free again.
    table.places[3].shed.store(2, Ordering::Relaxed);
    assert_eq!(sites.pending()[Level::Debug], 7);
    let nobody = |count| (Level::Debug, None, count);
    assert_eq!(collected(&sites).0, [nobody(5), nobody(2)]);
    assert_eq!(sites.pending()[Level::Debug], 0);
}
