//! A failed request in three layers at once: the console, OpenTelemetry, and an
//! IRC channel, where it is one line that names its trace.
//!
//! `cargo run -p irclog-examples --example traced` needs nothing: it starts an
//! IRC server of its own on loopback, asks itself for a payment that fails, and
//! prints what the service writes and what a member of the channel sees.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use irclog_tests::loopback::{Config, Server};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;
use tracing::{info_span, instrument, warn};
use tracing_opentelemetry::{OpenTelemetrySpanExt as _, get_otel_context};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

const CHANNEL: &str = "#payments";

const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let irc = Server::start(Config::default().channel(CHANNEL, "+n"));
    let provider = SdkTracerProvider::builder().build();
    let (layer, handle) = irclog::from_env()
        .server("127.0.0.1")
        .port(irc.port())
        .tls(false)
        .channel(CHANNEL)
        .nick("facilitator")
        // OpenTelemetry's layer knows the trace of a span.
        .trace_id(|span| {
            let context = get_otel_context(span.id(), span.dispatch())?;
            Some(context.span().span_context().trace_id().to_bytes())
        })
        .layer()?;
    let console = tracing_subscriber::fmt::layer().with_filter(EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(console)
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("traced")))
        .with(layer)
        .init();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/verify", listener.local_addr()?);
    tokio::spawn(axum::serve(listener, routes()).into_future());
    let asked = tokio::task::spawn_blocking(move || {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        agent
            .post(&address)
            .send_empty()
            .map(|answer| answer.status())
    });
    let status = asked.await??;
    let report = tokio::task::spawn_blocking(move || handle.shutdown(TIMEOUT)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "the answer is {status}")?;
    for seen in irc.member(CHANNEL).lines() {
        writeln!(out, "channel │ {}", seen.plain())?;
    }
    writeln!(out, "{report}")?;
    provider.shutdown()?;
    Ok(())
}

fn routes() -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(|request: &axum::extract::Request| {
        info_span!(
            "http_request",
            otel.name = %format_args!("{} {}", request.method(), request.uri().path()),
            method = %request.method(),
            uri = %request.uri(),
        )
    });
    Router::new().route("/verify", post(verify)).layer(trace)
}

async fn verify() -> StatusCode {
    let context = tracing::Span::current().context();
    let id = context.span().span_context().trace_id();
    // Stands for what a tracing system would show.
    let _ = writeln!(std::io::stdout(), "the trace is {id}");
    post_verify().await
}

#[instrument]
async fn post_verify() -> StatusCode {
    match assert_valid_payment().await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            let error = Failure::Onchain(error.to_string());
            warn!(?error, body = r#"{"x402Version":1}"#, "Verification failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[instrument(err)]
async fn assert_valid_payment() -> Result<(), Reverted> {
    assert_enough_balance().await
}

#[instrument(err)]
async fn assert_enough_balance() -> Result<(), Reverted> {
    Err(Reverted("FiatTokenV2: invalid signature"))
}

#[derive(Debug)]
enum Failure {
    Onchain(#[allow(dead_code, reason = "shown by Debug")] String),
}

#[derive(Debug)]
struct Reverted(&'static str);

impl std::fmt::Display for Reverted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the chain answered: execution reverted: {}", self.0)
    }
}

impl Error for Reverted {}
