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
    for now in [100, 101] {
        assert_eq!(turns.take(DALNET, now), Turn::Now { crowded: false });
    }
    turns.give_back(DALNET, 100);
    assert_eq!(turns.of(DALNET).collect::<Vec<_>>(), [101]);
}

#[test]
fn a_file_of_anything_is_read_for_what_it_is_worth() {
    let now = 10_000_000;
    let text = "\u{0}\nff 9999999\nff -1\nff 10000001\n00000000000000ff 9999998\nff 1\n zz 1 1\n";
    let turns = Turns::read(text, now);
    assert_eq!(turns.of(0xff).collect::<Vec<_>>(), [9_999_999, 9_999_998]);
    let lines = (0..9_999).map(|n| format!("ff {}", 9_900_000 + n));
    let many = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(Turns::read(&many, now).0.len(), MOST);
    assert_eq!(Turns::read(&turns.text(), now), turns);
}
