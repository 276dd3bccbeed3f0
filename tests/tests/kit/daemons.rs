//! The real servers and the observers against each other.

use irclog_tests::SOON;
use irclog_tests::observer::Observer;
use irclog_tests::seen::Kind;
use irclog_tests::{inspircd, ngircd};

#[test]
fn two_observers_see_each_other_on_ngircd() {
    let server = ngircd::Server::start();
    let ann = Observer::join(server.addr(), "#kit", "ann");
    let bob = Observer::join(server.addr(), "#kit", "bob");
    bob.say("good morning");
    let seen = ann
        .wait_for_text("good morning", SOON)
        .expect("bob is heard");
    assert_eq!((seen.nick.as_str(), seen.kind), ("bob", Kind::Message));
    drop(bob);
    let quit = ann.wait_for(|seen| seen.kind == Kind::Quit, SOON);
    assert_eq!(quit.expect("bob leaves").nick, "bob");
}

#[test]
fn ngircd_comes_back_on_its_port_after_a_crash() {
    let mut server = ngircd::Server::start_with(&ngircd::Config::default().password("sesame"));
    let addr = server.addr();
    let before = Observer::join_with(addr, "#kit", "ann", Some("sesame"));
    server.stop();
    assert_eq!(
        before.wait_for(|seen| seen.text == "never said", SOON),
        None
    );
    assert!(!before.is_connected());
    server.start_again();
    let _after = Observer::join_with(addr, "#kit", "ann", Some("sesame"));
}

#[test]
fn ngircd_obeys_its_limits() {
    let config = ngircd::Config::default()
        .nick_length(20)
        .channel("#closed", "mn");
    let server = ngircd::Server::start_with(&config);
    let ann = Observer::join(server.addr(), "#closed", "a-nick-of-nineteen1");
    ann.say("nobody hears");
    let refused = ann.raw().wait_for(|line| line.contains(" 404 "), SOON);
    assert!(refused.is_some(), "{:?}", ann.raw());
}

#[test]
fn two_observers_see_each_other_on_inspircd() {
    let server = inspircd::Server::start_with(&inspircd::Config::ircv3());
    let ann = Observer::join(server.addr(), "#kit", "ann");
    let bob = Observer::join(server.addr(), "#kit", "bob");
    bob.say("good morning");
    assert!(ann.wait_for_text("good morning", SOON).is_some());
}
