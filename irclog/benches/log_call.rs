//! What a `log` call costs the service: against formatting the same record
//! into a reused buffer, which is the least that showing it could cost, and
//! against `env_logger` writing to nowhere.
//!
//! `cargo bench -p irclog --bench log_call` prints nanoseconds a call as the
//! caller sees them, and ratios to the floor, taken round by round, so that a
//! machine that changes its speed changes both sides. Nothing is sent: the
//! channel's server is a closed port of this machine.

mod common;

use std::sync::Barrier;
use std::time::{Duration, Instant};

use common::call::{PAYER, captured, floor, log_by, unreachable};
use common::{median, now, pause};

const ROUNDS: usize = 61;
/// Of each thread in a round: as many as find room in the lane with four
/// threads.
const CALLS: u32 = 1_000;
const THREADS: [u32; 2] = [1, 4];

fn main() {
    let handle = unreachable("#bench")
        .no_tee()
        .try_init()
        .expect("the only logger of this process");
    let console = env_logger::Builder::new()
        .filter_level(log::LevelFilter::Info)
        .target(env_logger::Target::Pipe(Box::new(std::io::sink())))
        .build();

    let nowhere = |n| log_by(&console, n);
    let cases = [
        Case::new("format into a reused buffer (floor)", &floor),
        Case::new("irclog, one call site in a storm", &shed),
        Case::new("irclog, below the channel's filter", &filtered),
        Case::new("irclog, captured", &captured),
        Case::new("env_logger to nowhere", &nowhere),
    ];
    for threads in THREADS {
        println!("\n{threads} thread(s), {ROUNDS} rounds:");
        let mut rounds = vec![Vec::with_capacity(ROUNDS); cases.len()];
        for _ in 0..ROUNDS {
            for (times, case) in rounds.iter_mut().zip(&cases) {
                times.push(case.time(threads));
                pause(Duration::from_millis(50));
            }
        }
        for (times, case) in rounds.iter().zip(&cases) {
            let ratios = times
                .iter()
                .zip(&rounds[0])
                .map(|(time, floor)| time / floor);
            println!(
                "  {:<42} {:>7.0} ns   ×{:.2}",
                case.name,
                median(times.iter().copied()),
                median(ratios)
            );
        }
    }
    println!("\n{}", handle.stats());
}

struct Case<'a> {
    name: &'static str,
    call: &'a (dyn Fn(u32) + Sync),
}

impl<'a> Case<'a> {
    fn new(name: &'static str, call: &'a (dyn Fn(u32) + Sync)) -> Self {
        Self { name, call }
    }

    /// Nanoseconds a call, with every thread calling at the same time. Making
    /// the threads is not counted.
    fn time(&self, threads: u32) -> f64 {
        let start = Barrier::new(threads as usize);
        let run = || {
            // What a thread needs only once is not counted either.
            (self.call)(0);
            start.wait();
            let begin = now();
            (1..=CALLS).for_each(self.call);
            (begin, now())
        };
        let times: Vec<(Instant, Instant)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().expect("ends");
            threads.into_iter().map(join).collect()
        });
        let begin = times.iter().map(|&(begin, _)| begin).min();
        let end = times.iter().map(|&(_, end)| end).max();
        let time = begin.zip(end).map(|(begin, end)| end.duration_since(begin));
        time.unwrap_or_default().as_nanos() as f64 / f64::from(CALLS)
    }
}

fn shed(n: u32) {
    let amount = f64::from(n) / 100.0;
    log::info!("Payment {n} settled for {PAYER}: {amount} USDC");
}

fn filtered(n: u32) {
    let amount = f64::from(n) / 100.0;
    log::debug!("Payment {n} settled for {PAYER}: {amount} USDC");
}
