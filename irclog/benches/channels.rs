//! What a `log` call costs the service that speaks in several channels, against
//! one that speaks in one.
//!
//! `cargo bench -p irclog --bench channels` runs a process for each, by turns,
//! since one has one logger, and prints the ratio of neighbours: in each
//! process the time of a call is taken as a ratio to formatting the same record
//! into a reused buffer, round by round. Nothing is sent: the channels' server
//! is a closed port of this machine.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// Says to a process that it is one of those to be measured.
const CHANNELS: &str = "IRCLOG_BENCH_CHANNELS";
const SETTINGS: [(&str, &str); 4] = [
    ("one channel", "#bench"),
    ("two, of which both take the record", "#bench #other=info"),
    ("two, of which one takes the record", "#bench #alerts=error"),
    ("four, with filters of four targets each", FOUR),
];
const FOUR: &str = "#bench #alerts=error,a=info,b=info,c=warn,d=off \
                    #x402=info,x402_rs=debug,x402_chain=trace,hyper=warn,tower=off \
                    #audit=off,audit=info,audit::login=debug,payments=warn,keys=error";
/// Processes of each kind.
const TURNS: usize = 9;
const ROUNDS: usize = 81;
/// In a round: so few that the worker, which has more to do for more channels,
/// is not woken by them and does not compete for the processor.
const CALLS: u32 = 200;

fn main() {
    if let Ok(channels) = std::env::var(CHANNELS) {
        return measure(&channels);
    }
    let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); SETTINGS.len()];
    let mut floors: Vec<Vec<f64>> = vec![Vec::new(); SETTINGS.len()];
    for _ in 0..TURNS {
        let times: Vec<f64> = SETTINGS.iter().map(|(_, channels)| run(channels)).collect();
        for (n, &time) in times.iter().enumerate() {
            floors[n].push(time);
            ratios[n].push(time / times[0]);
        }
    }
    println!("{TURNS} processes of each, {ROUNDS} rounds of {CALLS} calls:");
    for (n, (name, _)) in SETTINGS.iter().enumerate() {
        println!(
            "  {name:<42} ×{:.2} of formatting   ×{:.3} of one channel",
            median(&mut floors[n]),
            median(&mut ratios[n])
        );
    }
}

fn run(channels: &str) -> f64 {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .env(CHANNELS, channels)
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().expect("a number")
}

/// Prints the time of a call, as a ratio to the floor.
fn measure(channels: &str) {
    let _handle = irclog::builder()
        .server("127.0.0.1")
        .port(1)
        .tls(false)
        .channel(channels)
        .no_tee()
        .exit_timeout(Duration::ZERO)
        .try_init()
        .expect("the only logger of this process");
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let floor = time(&floor);
            let call = time(&captured);
            pause();
            call / floor
        })
        .collect();
    println!("{}", median(&mut ratios));
}

fn time(call: &dyn Fn(u32)) -> f64 {
    call(0);
    let begin = now();
    (1..=CALLS).for_each(call);
    now().duration_since(begin).as_nanos() as f64
}

/// Lets the worker empty its lanes, which it does every 20 ms.
#[expect(clippy::disallowed_methods, reason = "nothing here is under test")]
fn pause() {
    std::thread::sleep(Duration::from_millis(30));
}

#[expect(clippy::disallowed_methods, reason = "this is a stopwatch")]
fn now() -> Instant {
    Instant::now()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const PAYER: &str = "0x2C3E6F8A9B0d1E2f3A4b5C6d7E8f9A0b1C2d3E4f";

fn floor(n: u32) {
    thread_local! {
        static BUFFER: RefCell<String> = RefCell::default();
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        let amount = f64::from(n) / 100.0;
        let _ = write!(buffer, "Payment {n} settled for {PAYER}: {amount} USDC");
        black_box(buffer.len());
    });
}

/// A record without a file is never shed.
fn captured(n: u32) {
    let amount = f64::from(n) / 100.0;
    log::logger().log(
        &log::Record::builder()
            .level(log::Level::Info)
            .target("bench")
            .args(format_args!(
                "Payment {n} settled for {PAYER}: {amount} USDC"
            ))
            .build(),
    );
}
