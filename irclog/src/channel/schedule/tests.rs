use super::*;

fn order(waits: &[Level], lines: usize) -> Vec<Level> {
    let waits = PerLevel::new(|level| waits.contains(&level));
    let mut turns = Turns::default();
    (0..lines)
        .map(|_| {
            let level = turns.next(waits).unwrap();
            turns.took(level, waits);
            level
        })
        .collect()
}

fn count(order: &[Level], level: Level) -> usize {
    order.iter().filter(|&&other| other == level).count()
}

#[test]
fn nothing_waits_nothing_comes() {
    assert_eq!(Turns::default().next(PerLevel::default()), None);
}

#[test]
fn the_more_urgent_comes_first() {
    assert_eq!(order(&LEVELS, 1), [Level::Error]);
    assert_eq!(order(&LEVELS[1..], 1), [Level::Warn]);
    assert_eq!(order(&LEVELS[3..], 1), [Level::Debug]);
}

#[test]
fn info_trickles_through_a_storm_of_warnings() {
    let order = order(&[Level::Warn, Level::Info], 50);
    assert_eq!(count(&order, Level::Info), 10);
    assert_eq!(
        order[..5],
        [
            Level::Warn,
            Level::Warn,
            Level::Warn,
            Level::Warn,
            Level::Info
        ]
    );
}

#[test]
fn every_level_has_a_turn_however_much_there_is() {
    let order = order(&LEVELS, 1_000);
    for level in LEVELS {
        assert!(count(&order, level) > 0, "{level}");
    }
    assert!(count(&order, Level::Error) > 800);
}

#[test]
fn an_error_waits_for_nobody_else() {
    let mut turns = Turns::default();
    let storm = PerLevel::new(|level| level != Level::Error);
    let all = PerLevel::new(|_| true);
    for _ in 0..100 {
        assert_eq!(turns.next(all), Some(Level::Error));
        let level = turns.next(storm).unwrap();
        turns.took(level, storm);
    }
}

#[test]
fn a_level_that_shared_a_line_waits_anew() {
    let waits = PerLevel::new(|level| level == Level::Warn || level == Level::Info);
    let mut turns = Turns::default();
    for _ in 0..50 {
        turns.took(Level::Warn, waits);
        turns.fed(Level::Info);
        assert_eq!(turns.next(waits), Some(Level::Warn));
    }
}

#[test]
fn a_line_of_no_level_ends_the_row_of_errors() {
    let errors = PerLevel::new(|level| level == Level::Error);
    let mut turns = Turns::default();
    for _ in 0..MAX_ERRORS {
        assert!(!turns.errors_yield());
        turns.took(Level::Error, errors);
    }
    assert!(turns.errors_yield());
    turns.took_other();
    assert!(!turns.errors_yield());
}
