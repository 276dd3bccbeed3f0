//! What can be changed while the service runs: silence, the filter, and who
//! hears of the connection's state.
//!
//! `log` takes one logger a process, so what needs the `Handle` is one test.

use std::sync::mpsc;

use irclog::State;
use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::seen::Seen;
use irclog_tests::service::Setup;
use log::Level;

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

#[test]
#[cfg(unix)]
fn a_file_and_a_signal_silence_a_service_that_knows_nothing_of_it() {
    let server = Server::start(Config::default());
    let member = server.member("#pay");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("mute");
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .env("IRC_MUTE_FILE", file.to_str().expect("UTF-8"))
        .env("IRC_MUTE_SIGNAL", "SIGUSR2")
        .start();
    service.wait_joined();

    std::fs::write(&file, "").expect("a file");
    assert!(service.told("muted", SOON).is_some());
    service.log(Level::Error, "pay", "under the file");
    assert!(service.flush(SOON));
    std::fs::remove_file(&file).expect("a file");
    assert!(member.wait_for_text("muted for", SOON).is_some());
    service.log(Level::Error, "pay", "between the two");
    assert!(member.wait_for_text("between the two", SOON).is_some());

    service.process().signal("USR2");
    assert!(member.wait_for_text("between the two", SOON).is_some());
    let silent = (0..50).any(|n| {
        service.log(Level::Error, "pay", &format!("under the signal {n}"));
        assert!(service.flush(SOON));
        service.stats().dropped > 1
    });
    assert!(silent, "the signal was not heard");
    service.process().signal("USR2");
    let mut silences = 0;
    let second = |seen: &Seen| {
        silences += usize::from(seen.text.contains("muted for"));
        silences == 2
    };
    let told = member.wait_for(second, SOON);
    assert!(told.is_some(), "{:#?}", member.lines());
    service.log(Level::Error, "pay", "after both");
    let done = service.end("return", SOON);
    assert!(done.status.success(), "{done:#?}");
    let texts: Vec<String> = member.lines().iter().map(Seen::plain).collect();
    assert!(
        !texts.iter().any(|line| line.contains("under the file")),
        "{texts:#?}"
    );
    let accounts = texts.iter().filter(|line| line.contains("muted for"));
    assert_eq!(accounts.count(), 2, "{texts:#?}");
}
