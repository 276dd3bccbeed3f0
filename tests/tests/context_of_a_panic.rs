//! What led to a panic. In a process of its own, since other panics would stand
//! between.

use std::panic::catch_unwind;

use irclog_tests::SOON;
use irclog_tests::room::Room;
use tracing::subscriber::with_default;
use tracing::{debug, info_span};
use tracing_subscriber::{prelude::*, registry};

#[test]
fn a_panic_tells_what_led_to_it() {
    let (room, layer) = Room::open(|builder| builder.context(12).context_filter("debug").layer());
    with_default(registry().with(layer), || {
        let ended = catch_unwind(|| {
            let span = info_span!("http_request", method = "POST", uri = "/verify");
            let _entered = span.entered();
            let _step = info_span!("receipt").entered();
            debug!(target: "x402", order = 7, "polling");
            panic!("no receipt of order 7");
        });
        assert!(ended.is_err());
        // No other ERROR comes before it, and the end does not.
        let told = room.member().wait_for_text("↳ before", SOON);
        assert!(told.is_some(), "{}", room.handle.stats());
        assert!(catch_unwind(|| panic!("outside of any request")).is_err());
    });
    let lines = room.close().undated();
    let before: Vec<&String> = lines.iter().filter(|line| line.starts_with('↳')).collect();
    assert_eq!(before.len(), 1, "{lines:#?}");
    assert!(
        before[0].ends_with("+0 ms DEBUG polling order=7"),
        "{lines:#?}"
    );
    assert_eq!(room.handle.stats().context(), 1);
}
