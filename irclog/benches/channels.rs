//! What a `log` call costs the service that speaks in several channels, against
//! one that speaks in one.
//!
//! `cargo bench -p irclog --bench channels` runs a process for each, by turns,
//! since one has one logger, and prints the ratio of neighbours: in each
//! process the time of a call is taken as a ratio to formatting the same record
//! into a reused buffer, round by round. Nothing is sent: the channels' server
//! is a closed port of this machine.

mod common;

use std::process::Command;
use std::time::Duration;

use common::call::{captured, floor, unreachable};
use common::{median, now, pause};

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
            median(floors[n].iter().copied()),
            median(ratios[n].iter().copied())
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
    let _handle = unreachable(channels)
        .no_tee()
        .try_init()
        .expect("the only logger of this process");
    let ratios = (0..ROUNDS).map(|_| {
        let floor = time(&floor);
        let call = time(&captured);
        pause(Duration::from_millis(30));
        call / floor
    });
    println!("{}", median(ratios));
}

fn time(call: &dyn Fn(u32)) -> f64 {
    call(0);
    let begin = now();
    (1..=CALLS).for_each(call);
    now().duration_since(begin).as_nanos() as f64
}
