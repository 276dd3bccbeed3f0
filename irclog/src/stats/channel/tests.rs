use super::*;
use crate::{State, Stats};

#[test]
fn no_channel_is_told_as_not_joined_after_the_end() {
    let mut stats = Stats {
        channels: vec![ChannelStats::new("#pay"), ChannelStats::new("#alerts")],
        ..Stats::default()
    };
    stats.channels[0].joined = true;
    let told = stats.to_string();
    assert!(told.contains("; #pay: 0 logged"), "{told}");
    assert!(told.contains("; #alerts (not joined): 0 logged"), "{told}");

    stats.state = State::Closed;
    stats.channels[0].joined = false;
    let told = stats.to_string();
    assert!(told.contains("; #pay: 0 logged"), "{told}");
    assert!(!told.contains("not joined"), "{told}");
}
