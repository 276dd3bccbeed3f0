//! A small payment service whose logs appear in an IRC channel.
//!
//! `cargo run --example payments` needs nothing: it starts an IRC server of
//! its own on loopback, connects to it over TCP, and prints side by side in
//! time what the service writes on its console and what a member of the
//! channel sees. With `IRC_SERVER` set it logs there instead; all `IRC_*`
//! settings apply.
//!
//! `cargo run --example payments -- ledger` is the bookkeeper beside it: it
//! reads the hashes of transactions from standard input, one a line, books
//! them, and logs to the channel at `IRC_SERVER` until the input ends.

mod ledger;
mod screen;
mod service;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use irclog_tests::loopback::{Config, Member, Server};
use log::LevelFilter;

use screen::{Console, Screen};
use service::Service;

const CHANNEL: &str = "#karmacadabra";

/// For what is still queued at the end. The embedded server needs a second; a
/// public network may take a line every two seconds.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the last lines may take from the server to the screen.
const LAST_LINES: Duration = Duration::from_secs(2);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        None if std::env::var_os("IRC_SERVER").is_none() => Ok(on_a_server_of_its_own()?),
        None => Ok(on_a_real_server()?),
        Some("ledger") => {
            ledger::keep(&from_env().try_init()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(format!("there is no {other:?} here: say ledger, or nothing").into()),
    }
}

/// The settings of the environment; the channel has a default.
fn from_env() -> irclog::Builder {
    let builder = irclog::from_env();
    if std::env::var_os("IRC_CHANNEL").is_none() {
        builder.channel(CHANNEL)
    } else {
        builder
    }
}

fn on_a_real_server() -> Result<ExitCode, irclog::InitError> {
    let screen = Arc::new(Screen::new());
    let handle = from_env()
        .tee_up_to(Console::new(Arc::clone(&screen)), LevelFilter::Info)
        .try_init()?;
    Service::new().run();
    screen.note(&handle.shutdown(SHUTDOWN_TIMEOUT).to_string());
    Ok(ExitCode::SUCCESS)
}

fn on_a_server_of_its_own() -> Result<ExitCode, irclog::InitError> {
    let screen = Arc::new(Screen::new());
    let server = Server::start(Config::default().channel(CHANNEL, "+n"));
    screen.note(&format!(
        "An IRC server listens on {}. \"console\" is what the service writes at home,\n\
         \"channel\" is what a member of {CHANNEL} sees.",
        server.addr()
    ));
    let watcher = {
        let (screen, member) = (Arc::clone(&screen), server.member(CHANNEL));
        thread::spawn(move || watch(&screen, member))
    };

    let handle = irclog::builder()
        .server("127.0.0.1")
        .port(server.port())
        .tls(false)
        .channel(CHANNEL)
        .nick("facilitator")
        .tee_up_to(Console::new(Arc::clone(&screen)), LevelFilter::Info)
        .try_init()?;
    let service = Service::new();
    service.run();
    let report = handle.shutdown(SHUTDOWN_TIMEOUT);

    // The service is gone from the channel: there is nothing more to see.
    let member = server.member(CHANNEL);
    let _ = member.wait_for(
        |seen| seen.kind == irclog_tests::seen::Kind::Quit,
        LAST_LINES,
    );
    drop(server);
    if watcher.join().is_err() {
        screen.note("the watcher of the channel panicked");
        return Ok(ExitCode::FAILURE);
    }
    screen.note(&report.to_string());
    Ok(verdict(&screen, &service, &member))
}

/// Prints what happens in the channel until its server is gone.
fn watch(screen: &Screen, mut member: Member) {
    while let Some(seen) = member.next(screen::PATIENCE) {
        let end = seen.kind == irclog_tests::seen::Kind::Quit;
        screen.channel(&seen);
        if end {
            return;
        }
    }
}

/// Looks for the service's secrets in everything that the channel saw.
fn verdict(screen: &Screen, service: &Service, member: &Member) -> ExitCode {
    let lines = member.lines();
    let leaked = service
        .secrets()
        .iter()
        .filter(|secret| lines.iter().any(|line| line.text.contains(secret.as_str())))
        .count();
    screen.note(&format!(
        "{} secrets were on the console, {leaked} of them in the channel's {} lines.",
        service.secrets().len(),
        lines.len(),
    ));
    if leaked == 0 && !lines.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
