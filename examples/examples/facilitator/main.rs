//! An x402 facilitator whose tracing events appear in an IRC channel.
//!
//! `cargo run --example facilitator` needs nothing: it starts an IRC server of
//! its own on loopback, asks itself for payments over HTTP, and prints what
//! the service writes on its console and what a member of the channel sees.
//!
//! With `IRC_SERVER` set it logs there instead and serves for `SERVE_SECONDS`
//! (600 by default) or until SIGINT or SIGTERM, on `SERVE_ADDRESS`
//! (`127.0.0.1:0` by default); all `IRC_*` settings apply.

mod buyer;
mod chain;
mod payment;
mod service;

use std::error::Error;
use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use irclog::{Builder, Handle};
use irclog_tests::loopback::{Config, Member, Server};
use irclog_tests::seen::{Kind, Seen};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

use chain::Chains;

const CHANNEL: &str = "#karmacadabra";

/// The key of the RPC provider, made up.
const RPC_KEY: &str = "q7RkT2vXbN5mWz8LpYc4HdJs9FgE3aUo";

/// For what is still queued at the end: an unknown server is spoken to slowly.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the channel may be silent while the service works.
const PATIENCE: Duration = Duration::from_secs(40);

const DEFAULT_SECONDS: u64 = 600;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::var_os("IRC_SERVER").is_some() {
        on_a_real_server().await
    } else {
        on_a_server_of_its_own().await
    }
}

/// What the team wants in its channel: not what the load balancer asks.
fn with_channel(builder: Builder) -> Result<Handle, irclog::InitError> {
    let (layer, handle) = builder.hide_requests(["/health"]).span_depth(2).layer()?;
    let console = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_filter(console))
        .with(layer)
        .init();
    Ok(handle)
}

async fn on_a_real_server() -> Result<ExitCode, Box<dyn Error>> {
    let mut builder = irclog::from_env();
    if std::env::var_os("IRC_CHANNEL").is_none() {
        builder = builder.channel(CHANNEL);
    }
    let handle = with_channel(builder)?;
    let seconds = match std::env::var("SERVE_SECONDS") {
        Ok(text) => text
            .parse()
            .map_err(|_| "SERVE_SECONDS is no number of seconds")?,
        Err(_) => DEFAULT_SECONDS,
    };
    let address = std::env::var("SERVE_ADDRESS").unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    note(&format!("listening on http://{}", listener.local_addr()?));
    let end = async move {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            () = told_to_end() => {}
        }
    };
    serve(listener, end).await?;
    note(&last_words(handle).await?);
    Ok(ExitCode::SUCCESS)
}

async fn on_a_server_of_its_own() -> Result<ExitCode, Box<dyn Error>> {
    let irc = Server::start(Config::default().channel(CHANNEL, "+n"));
    let watcher = {
        let member = irc.member(CHANNEL);
        thread::spawn(move || watch(member))
    };
    let builder = irclog::builder()
        .server("127.0.0.1")
        .port(irc.port())
        .tls(false)
        .channel(CHANNEL)
        .nick("facilitator");
    let handle = with_channel(builder)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    note(&format!(
        "The facilitator listens on {address}, an IRC server on {}.\n\
         \"channel │\" is what a member of {CHANNEL} sees; the rest is the console.",
        irc.addr()
    ));
    let (done, visited) = tokio::sync::oneshot::channel();
    let buyer = tokio::task::spawn_blocking(move || {
        let visit = buyer::visit(&address);
        // The service may have ended before its buyer.
        let _ = done.send(());
        visit
    });
    serve(listener, async {
        let _ = visited.await;
    })
    .await?;
    buyer.await??;
    let report = last_words(handle).await?;
    watcher
        .join()
        .map_err(|_| "the watcher of the channel panicked")?;
    note(&report);
    Ok(verdict(&irc.member(CHANNEL)))
}

async fn serve(
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let routes = service::routes(Chains::new(RPC_KEY));
    axum::serve(listener, routes)
        .with_graceful_shutdown(end)
        .await
}

/// Shows what is left and leaves the channel; the report for the console.
async fn last_words(handle: Handle) -> Result<String, tokio::task::JoinError> {
    tracing::info!(target: "x402::run", "Shutting down");
    tokio::task::spawn_blocking(move || handle.shutdown(SHUTDOWN_TIMEOUT).to_string()).await
}

/// Returns at SIGINT or SIGTERM.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a way to hear of it, the time limit ends the service.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Prints what happens in the channel until the service has left it.
fn watch(mut member: Member) {
    while let Some(seen) = member.next(PATIENCE) {
        let Seen { nick, text, .. } = &seen;
        let line = match seen.kind {
            Kind::Message | Kind::Notice => format!("<{nick}> {}", seen.plain()),
            Kind::Join => format!("→ {nick} has joined {CHANNEL}"),
            Kind::Quit => format!("← {nick} has left ({text})"),
            kind => format!("· {nick} {kind:?} {text}"),
        };
        note(&format!("channel │ {line}"));
        if seen.kind == Kind::Quit {
            return;
        }
    }
}

/// Looks for the secrets in everything that the channel saw.
fn verdict(member: &Member) -> ExitCode {
    let lines = member.lines();
    let secrets = [&[RPC_KEY][..], &buyer::SECRETS].concat();
    // Half a secret is one too.
    let is_in = |line: &str, secret: &str| line.contains(&secret[..12]);
    let leaked = secrets
        .iter()
        .filter(|secret| lines.iter().any(|line| is_in(&line.text, secret)))
        .count();
    note(&format!(
        "{leaked} of {} secrets are in the channel's {} lines.",
        secrets.len(),
        lines.len()
    ));
    if leaked == 0 && !lines.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn note(text: &str) {
    // A closed terminal does not stop the service.
    let _ = writeln!(std::io::stdout(), "{text}");
}
