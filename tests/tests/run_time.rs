//! What the `Handle` changes while the service runs: silence, the filter, and
//! who hears of the connection's state.
//!
//! `log` takes one logger a process, so this is one test, and alone.

use std::sync::mpsc;

use irclog::State;
use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::seen::Seen;

#[test]
fn a_handle_mutes_filters_and_tells_the_state() {
    let server = Server::start(Config::default());
    // It lets nobody in before the observer is there to hear of it.
    server.freeze();
    let member = server.member("#pay");
    let handle = irclog::builder()
        .start_line(false)
        .server("127.0.0.1")
        .port(server.port())
        .tls(false)
        .channel("#pay")
        .nick("teller")
        .rate(20.0)
        .no_tee()
        .try_init()
        .expect("the only logger of this process");
    let (tell, changed) = mpsc::channel();
    handle.on_state_change(move |state| {
        // Nobody listens any more once the test is over.
        let _ = tell.send(state);
    });
    server.resume();
    log::info!("before");
    assert!(handle.flush(SOON));
    assert_eq!(handle.state(), State::Joined);

    handle.mute();
    // `flush` comes after `mute` on the same way, so it is obeyed by now.
    assert!(handle.flush(SOON));
    assert!(handle.stats().muted);
    log::error!("while silent");
    assert!(handle.flush(SOON));
    handle.unmute();
    assert!(member.wait_for_text("muted for", SOON).is_some());
    let stats = handle.stats();
    assert_eq!(
        stats.dropped_by_reason().collect::<Vec<_>>(),
        [(irclog::Loss::Muted, 1)]
    );

    // A silence holds from call to call, however short it is.
    for n in 0..5 {
        handle.mute();
        log::error!("{n} hidden in between");
        handle.unmute();
        log::error!("{n} after it");
        assert!(handle.flush(SOON));
    }

    handle.set_filter("warn").expect("directives");
    log::info!("filtered out");
    log::warn!("let through");
    assert!(handle.set_filter("a=b=c").is_err());
    handle.set_filter("debug").expect("directives");
    log::debug!("let through as well");
    assert!(handle.flush(SOON));

    let report = handle.shutdown(SOON);
    assert_eq!(report.stats().state, State::Closed);
    assert!(!report.is_complete(), "one record was muted");
    assert_eq!(report.stats().logged(), 4 + 10);
    assert_eq!(
        changed.try_iter().collect::<Vec<_>>(),
        [State::Joined, State::Closed]
    );

    let texts: Vec<String> = member.lines().iter().map(Seen::plain).collect();
    let shown = |text: &str| texts.iter().any(|line| line.contains(text));
    for text in ["before", "let through", "let through as well", "not shown"] {
        assert!(shown(text), "no {text:?} in {texts:#?}");
    }
    for n in 0..5 {
        assert!(shown(&format!("{n} after it")), "{n} in {texts:#?}");
    }
    for text in ["while silent", "filtered out", "hidden in between"] {
        assert!(!shown(text), "{text:?} in {texts:#?}");
    }
}
