//! What a whole request costs a service that logs through tracing: CPU time of
//! the process, with fmt's layer writing to `/dev/null`, without and with
//! irclog's layer beside it.
//!
//! `cargo bench -p irclog --features tracing --bench requests` prints
//! microseconds of CPU a request, all threads together, and what each set of
//! layers adds to fmt's alone, taken round by round. A request goes through
//! tower-http's `TraceLayer` and, for `/verify`, four nested functions under
//! `#[instrument(err)]`, of which the innermost fails. The channel's server is
//! a closed port of this machine, so that nothing is sent.
//!
//! With `ROUND='fmt and irclog,/verify,2000'` only that is run, so many times:
//! for `valgrind --tool=callgrind --toggle-collect='*one_round*'`.

mod common;

use std::convert::Infallible;
use std::fs::File;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use common::call::{PAYER, unreachable};
use common::{median, pause};
use http::{Request, Response, Version};
use tower::{Service, ServiceBuilder, service_fn};
use tower_http::trace::TraceLayer;
use tracing::{Dispatch, Span, debug, dispatcher, info, info_span, instrument};
use tracing_subscriber::{EnvFilter, prelude::*, registry};

const ROUNDS: usize = 31;
const REQUESTS: u32 = 2_000;
const PATHS: [&str; 2] = ["/health", "/verify"];

fn main() {
    let info = || EnvFilter::new("info");
    let (for_all, _) = layer();
    let (of_its_own, _) = layer();
    let (alone, handle) = layer();
    // The console's filter is one for all layers, or its own.
    let cases = [
        ("no subscriber", Dispatch::none()),
        (FMT, Dispatch::new(registry().with(info()).with(console()))),
        (
            "fmt and irclog",
            Dispatch::new(registry().with(info()).with(console()).with(for_all)),
        ),
        (
            FILTERED_FMT,
            Dispatch::new(registry().with(console().with_filter(info()))),
        ),
        (
            "filtered fmt and irclog",
            Dispatch::new(
                registry()
                    .with(console().with_filter(info()))
                    .with(of_its_own),
            ),
        ),
        ("irclog alone", Dispatch::new(registry().with(alone))),
    ];
    match std::env::var("ROUND") {
        Ok(wanted) => only(&cases, &wanted),
        Err(_) => PATHS.iter().for_each(|path| compare(&cases, path)),
    }
    println!("{}", handle.stats());
}

const FMT: &str = "fmt";
const FILTERED_FMT: &str = "filtered fmt";

fn compare(cases: &[(&str, Dispatch)], path: &str) {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (times, (_, dispatch)) in rounds.iter_mut().zip(cases) {
            times.push(dispatcher::with_default(dispatch, || {
                one_round(path, REQUESTS)
            }));
        }
    }
    let of = |name: &str| {
        &rounds[cases
            .iter()
            .position(|(of, _)| *of == name)
            .expect("a case")]
    };
    println!("{path}, CPU a request ({ROUNDS} rounds of {REQUESTS}):");
    for ((name, _), times) in cases.iter().zip(&rounds) {
        let added = |base: &str| {
            let added = times.iter().zip(of(base)).map(|(time, base)| time - base);
            median(added)
        };
        let base = if name.starts_with(FILTERED_FMT) {
            FILTERED_FMT
        } else {
            FMT
        };
        let (time, added) = (median(times.iter().copied()), added(base));
        println!("  {name:<26} {time:>6.2} µs   {added:>+6.2} to {base}");
    }
}

/// `name,path,requests`: that alone.
fn only(cases: &[(&str, Dispatch)], wanted: &str) {
    let parts: Vec<&str> = wanted.split(',').collect();
    let [name, path, count] = parts[..] else {
        panic!("ROUND is not a name, a path and a number: {wanted}");
    };
    let (_, dispatch) = cases.iter().find(|(of, _)| *of == name).expect("a case");
    let count = count.parse().expect("a number");
    dispatcher::with_default(dispatch, || one_round(path, count));
}

/// Microseconds of CPU a request.
#[inline(never)]
fn one_round(path: &str, count: u32) -> f64 {
    let before = cpu_time();
    ask(path, count);
    // The worker's part of it.
    pause(Duration::from_millis(30));
    (cpu_time() - before) * 1e6 / f64::from(count)
}

/// Writes as a service does, one system call a line.
fn console<S>() -> impl tracing_subscriber::Layer<S> + Send + Sync
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let null = File::options().write(true).open("/dev/null");
    tracing_subscriber::fmt::layer().with_writer(null.expect("there is one"))
}

fn layer<S>() -> (irclog::Layer<S>, irclog::Handle)
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    unreachable("#bench")
        .layer()
        .expect("the settings are right")
}

fn ask(path: &str, count: u32) {
    let mut service = ServiceBuilder::new()
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(|request: &Request<String>| {
                    let (method, uri) = (request.method(), request.uri());
                    info_span!(
                        "http_request",
                        otel.kind = "server",
                        otel.name = %format_args!("{method} {uri}"),
                        %method,
                        %uri,
                        version = ?request.version(),
                    )
                })
                .on_response(
                    |response: &Response<String>, latency: Duration, span: &Span| {
                        let (status, elapsed) = (response.status().as_u16(), latency.as_millis());
                        span.record("status", status);
                        info!("status={status} elapsed={elapsed}ms");
                    },
                ),
        )
        .service(service_fn(answer));
    for _ in 0..count {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .version(Version::HTTP_11)
            .body(String::new())
            .expect("a request");
        let mut future = pin!(service.call(request));
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(response) = future.as_mut().poll(&mut context) else {
            panic!("nothing waits");
        };
        black_box(response.expect("an answer"));
    }
}

async fn answer(request: Request<String>) -> Result<Response<String>, Infallible> {
    let failed = request.uri().path() == "/verify" && post_verify(PAYER).await.is_err();
    let status = if failed { 500 } else { 200 };
    Ok(Response::builder()
        .status(status)
        .body(String::new())
        .expect("a response"))
}

#[instrument(skip_all, err)]
async fn post_verify(payer: &str) -> Result<(), String> {
    info!("Verifying a payment of {payer}");
    verify(payer, "base").await
}

#[instrument(skip_all, err, fields(network = %network, payer = %payer))]
async fn verify(payer: &str, network: &str) -> Result<(), String> {
    debug!(network, "asking the chain");
    assert_valid_payment(payer).await
}

#[instrument(skip_all, err)]
async fn assert_valid_payment(payer: &str) -> Result<(), String> {
    assert_enough_balance(payer, 10_000).await
}

#[instrument(skip_all, err, fields(max_required = %amount))]
async fn assert_enough_balance(payer: &str, amount: u64) -> Result<(), String> {
    Err(format!("Insufficient funds of {payer}: {amount} needed"))
}

/// Seconds of CPU that all threads of this process have used.
fn cpu_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place for the answer is ours.
    #[expect(unsafe_code, reason = "the standard library has no clock for it")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time)
    };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
