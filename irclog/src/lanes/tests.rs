use std::future::Future as _;

use super::*;
use crate::line::MAIN;

fn record(lanes: &Lanes, level: Level, text: &str) {
    if let Some(mut slot) = lanes.slot(level, MAIN.into()) {
        slot.level = level;
        slot.to = MAIN.into();
        slot.text.clear();
        slot.text.push_str(text);
        lanes.push(slot);
    }
}

#[test]
fn urgent_first_then_in_order() {
    let lanes = Lanes::new(1);
    for (level, text) in [
        (Level::Info, "i1"),
        (Level::Error, "e1"),
        (Level::Info, "i2"),
        (Level::Warn, "w1"),
    ] {
        record(&lanes, level, text);
    }
    let order: Vec<String> = std::iter::from_fn(|| lanes.pop().map(|record| record.text)).collect();
    assert_eq!(order, ["e1", "w1", "i1", "i2"]);
}

#[test]
fn a_full_lane_counts_and_stays_bounded() {
    let lanes = Lanes::new(1);
    for n in 0..LANE[index(Level::Error)] + 7 {
        record(&lanes, Level::Error, &n.to_string());
    }
    assert_eq!(lanes.waiting()[0], LANE[0] as u64);
    assert_eq!(lanes.full().get(MAIN, Level::Error), 7);
    assert_eq!(lanes.full().take(MAIN, Level::Error), 7);
    assert_eq!(lanes.full().take(MAIN, Level::Error), 0);
    assert_eq!(lanes.pop().map(|record| record.text).as_deref(), Some("0"));
}

#[test]
fn slots_are_reused_and_large_ones_give_their_memory_back() {
    let lanes = Lanes::new(1);
    record(&lanes, Level::Info, "short");
    let used = lanes.pop().unwrap();
    let address = std::ptr::from_ref(&*used);
    lanes.recycle(used);
    let mut again = lanes.slot(Level::Info, MAIN.into()).unwrap();
    assert_eq!(std::ptr::from_ref(&*again), address);
    again.text = "x".repeat(KEPT_CAPACITY * 4);
    lanes.recycle(again);
    assert!(
        lanes
            .slot(Level::Info, MAIN.into())
            .unwrap()
            .text
            .capacity()
            <= KEPT_CAPACITY
    );
}

#[test]
fn a_free_slot_holds_on_to_nothing_that_led_to_its_error() {
    let lanes = Lanes::new(1);
    let trail = std::sync::Arc::new(crate::trail::Trail::default());
    let mut slot = lanes.slot(Level::Error, MAIN.into()).unwrap();
    slot.trail = Some(std::sync::Arc::clone(&trail));
    lanes.recycle(slot);
    assert_eq!(std::sync::Arc::strong_count(&trail), 1);
}

#[test]
fn a_record_whose_lane_fills_up_while_it_is_formatted_is_counted() {
    let lanes = Lanes::new(1);
    let mut late = lanes.slot(Level::Error, MAIN.into()).unwrap();
    (late.level, late.to) = (Level::Error, MAIN.into());
    for _ in 0..LANE[index(Level::Error)] {
        record(&lanes, Level::Error, "x");
    }
    assert_eq!(lanes.full().get(MAIN, Level::Error), 0);
    lanes.push(late);
    assert_eq!(lanes.full().get(MAIN, Level::Error), 1);
}

#[test]
fn free_slots_are_used_in_the_order_in_which_they_lie() {
    let lanes = Lanes::new(1);
    let take = || lanes.slot(Level::Info, MAIN.into()).unwrap();
    let address = |slot: &Record| ptr::from_ref(slot).addr();
    let mut slots: Vec<_> = (0..3 * LEFT_OUT).map(|_| take()).collect();
    slots.sort_unstable_by_key(|slot| address(slot));
    let addresses: Vec<usize> = slots.iter().map(|slot| address(slot)).collect();
    let (odd, even): (Vec<_>, Vec<_>) =
        (slots.into_iter().enumerate()).partition(|(n, _)| n % 2 == 1);
    for (_, slot) in odd.into_iter().rev().chain(even) {
        lanes.recycle(slot);
    }
    lanes.tidy();
    let mut again: Vec<_> = (0..3 * LEFT_OUT).map(|_| take()).collect();
    assert!(again[LEFT_OUT..].is_sorted_by_key(|slot| address(slot)));
    again.sort_unstable_by_key(|slot| address(slot));
    let same = again.iter().map(|slot| address(slot)).eq(addresses);
    assert!(same, "none is lost, and none is twice");
}

#[test]
fn a_sleep_is_ended_by_what_is_more_urgent_and_by_a_filled_lane() {
    let wakes = |sleep, level, count: usize| {
        let lanes = Lanes::new(1);
        let mut sleeping = std::pin::pin!(lanes.sleep(sleep));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(sleeping.as_mut().poll(&mut context).is_pending());
        (0..count).for_each(|_| record(&lanes, level, "x"));
        let before = sleeping.as_mut().poll(&mut context).is_ready();
        // The same when it was there before the sleep.
        let mut next = std::pin::pin!(lanes.sleep(sleep));
        assert_eq!(next.as_mut().poll(&mut context).is_ready(), before);
        before
    };
    let half = LANE[index(Level::Info)] / 2;
    for (sleep, level, count, expected) in [
        (Sleep::Light, Level::Trace, 1, true),
        (Sleep::UntilError, Level::Error, 1, true),
        (Sleep::UntilError, Level::Warn, 1, false),
        (Sleep::UntilError, Level::Info, half - 1, false),
        (Sleep::UntilError, Level::Info, half, true),
        (Sleep::Deep, Level::Error, 1, false),
        (Sleep::Deep, Level::Error, LANE[0] / 2, true),
    ] {
        let woken = wakes(sleep, level, count);
        assert_eq!(woken, expected, "{sleep:?} {level} {count}");
    }
}

#[cfg(feature = "tracing")]
#[test]
fn the_end_of_a_request_ends_every_sleep_whether_before_it_or_in_it() {
    for sleep in [Sleep::Light, Sleep::UntilError, Sleep::Deep] {
        let lanes = Lanes::new(1);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        lanes.end_story(StoryId(7));
        let mut before = std::pin::pin!(lanes.sleep(sleep));
        assert!(before.as_mut().poll(&mut context).is_ready(), "{sleep:?}");
        assert_eq!(lanes.ended(), Some(StoryId(7)));
        let mut during = std::pin::pin!(lanes.sleep(sleep));
        assert!(during.as_mut().poll(&mut context).is_pending(), "{sleep:?}");
        lanes.end_story(StoryId(8));
        assert!(during.as_mut().poll(&mut context).is_ready(), "{sleep:?}");
    }
}

#[test]
fn no_wake_up_is_lost_between_threads() {
    const RECORDS: usize = 20_000;
    let lanes = std::sync::Arc::new(Lanes::new(1));
    let pusher = {
        let lanes = std::sync::Arc::clone(&lanes);
        std::thread::spawn(move || {
            for n in 0..RECORDS {
                record(&lanes, Level::Info, "x");
                if n % 64 == 0 {
                    std::thread::yield_now();
                }
            }
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let mut seen = 0;
        while seen + usize::try_from(lanes.full().get(MAIN, Level::Info)).unwrap() < RECORDS {
            lanes.sleep(Sleep::Light).await;
            while let Some(record) = lanes.pop() {
                lanes.recycle(record);
                seen += 1;
            }
        }
    });
    pusher.join().unwrap();
}
