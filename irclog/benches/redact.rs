//! What typed redaction costs: a derived struct of 8 fields, 3 of them
//! secret, against std's derived `Debug` of the same struct whose secrets are
//! replaced already. Both in one run, interleaved; the ratio is the result.
//!
//! `cargo bench -p irclog --bench redact`

#![allow(dead_code, reason = "the fields are read by `Debug` only")]

mod common;
#[path = "../tests/counting/mod.rs"]
mod counting;

use std::fmt::{self, Write as _};
use std::hint::black_box;
use std::time::Duration;

use common::{median, now};
use irclog::Redact;

/// One sample is this many lines: some hundred microseconds, far above the
/// resolution of the clock, far below the time slice of the scheduler.
const LINES_PER_SAMPLE: u32 = 1_000;

/// Rounds; the median of so many is stable to a few percent on a busy machine.
const ROUNDS: usize = 601;

/// The most that the derive may cost, as a multiple of std's.
const BUDGET: f64 = 1.2;

fn main() {
    let contestants: [(&str, Contestant); 5] = [
        ("std, secrets replaced", Box::new(by_std())),
        ("std, secrets replaced by text", Box::new(by_std_as_text())),
        ("derive, 3 secrets", Box::new(by_us())),
        ("derive, 3 secrets of 8 local", Box::new(by_us_local())),
        ("derive, keep and token", Box::new(masked())),
    ];
    let results = measure(&contestants);
    println!(
        "{:<32} {:>8} {:>8} {:>12}",
        "", "ns/line", "ratio", "allocations"
    );
    for ((name, value), result) in contestants.iter().zip(&results) {
        let Measured { nanos, ratio } = result;
        let allocations = allocations(value.as_ref());
        println!("{name:<32} {nanos:>8.0} {ratio:>8.2} {allocations:>12}");
        assert_eq!(
            allocations, 0,
            "{name}: formatting into a warm buffer allocates"
        );
    }
    let ratio = results[2].ratio;
    println!("derive against std: {ratio:.2} (budget {BUDGET})");
    assert!(
        ratio <= BUDGET,
        "the derive costs {ratio:.2} times what std's does"
    );
}

type Contestant = Box<dyn fmt::Debug>;

/// Medians over all rounds.
struct Measured {
    nanos: f64,
    /// To the first contestant in the same round.
    ratio: f64,
}

/// Samples all contestants in each round and compares within the round: a
/// machine that changes its speed between rounds changes no ratio.
fn measure(contestants: &[(&str, Contestant)]) -> Vec<Measured> {
    let mut buffer = String::with_capacity(4096);
    let mut nanos = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    let mut ratios = nanos.clone();
    for _ in 0..ROUNDS {
        for ((_, value), nanos) in contestants.iter().zip(&mut nanos) {
            let start = now();
            for _ in 0..LINES_PER_SAMPLE {
                format_into(&mut buffer, value.as_ref());
            }
            let elapsed: Duration = now() - start;
            nanos.push(elapsed.as_secs_f64() * 1e9 / f64::from(LINES_PER_SAMPLE));
        }
        let round: Vec<f64> = nanos.iter().filter_map(|of| of.last().copied()).collect();
        for (ratios, nanos) in ratios.iter_mut().zip(&round) {
            ratios.push(nanos / round[0]);
        }
    }
    nanos
        .into_iter()
        .zip(ratios)
        .map(|(nanos, ratios)| Measured {
            nanos: median(nanos),
            ratio: median(ratios),
        })
        .collect()
}

/// Allocations of a thousand lines into a warm buffer.
fn allocations(value: &dyn fmt::Debug) -> u64 {
    let mut buffer = String::new();
    format_into(&mut buffer, value);
    counting::allocations(|| {
        for _ in 0..LINES_PER_SAMPLE {
            format_into(&mut buffer, value);
        }
    })
}

fn format_into(buffer: &mut String, value: &dyn fmt::Debug) {
    buffer.clear();
    write!(buffer, "{:?}", black_box(value)).expect("a string can be written to");
    black_box(buffer);
}

/// Stands where a secret was, at no cost but the text itself.
struct Replaced;

impl fmt::Debug for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

mod std_derived {
    #[derive(Debug)]
    pub(crate) struct Settlement<S> {
        pub(crate) key: S,
        pub(crate) payer: S,
        pub(crate) signature: S,
        pub(crate) tx: String,
        pub(crate) amount: u64,
        pub(crate) network: u32,
        pub(crate) confirmed: bool,
        pub(crate) block: Option<u64>,
    }
}

fn by_std() -> std_derived::Settlement<Replaced> {
    std_derived::Settlement {
        key: Replaced,
        payer: Replaced,
        signature: Replaced,
        tx: TX.to_owned(),
        amount: 1_500_000,
        network: 8453,
        confirmed: true,
        block: Some(29_912_345),
    }
}

fn by_std_as_text() -> std_derived::Settlement<&'static str> {
    std_derived::Settlement {
        key: "[redacted]",
        payer: "[redacted]",
        signature: "[redacted]",
        tx: TX.to_owned(),
        amount: 1_500_000,
        network: 8453,
        confirmed: true,
        block: Some(29_912_345),
    }
}

const TX: &str = "0x7c1d";

#[derive(Redact)]
struct Settlement {
    #[redact(secret)]
    key: [u8; 32],
    #[redact(secret)]
    payer: String,
    #[redact(secret)]
    signature: Vec<u8>,
    #[redact(public)]
    tx: String,
    amount: u64,
    network: u32,
    confirmed: bool,
    block: Option<u64>,
}

fn by_us() -> Settlement {
    Settlement {
        key: [7; 32],
        payer: "0x52908400098527886E0F7030069857D2E4169EE7".to_owned(),
        signature: vec![9; 65],
        tx: TX.to_owned(),
        amount: 1_500_000,
        network: 8453,
        confirmed: true,
        block: Some(29_912_345),
    }
}

#[derive(Redact)]
struct LocalSettlement {
    #[redact(secret, local)]
    key: [u8; 32],
    #[redact(secret, local)]
    payer: String,
    #[redact(secret, local)]
    signature: Vec<u8>,
    #[redact(public)]
    tx: String,
    amount: u64,
    network: u32,
    confirmed: bool,
    block: Option<u64>,
}

fn by_us_local() -> LocalSettlement {
    let Settlement {
        key,
        payer,
        signature,
        tx,
        amount,
        network,
        confirmed,
        block,
    } = by_us();
    LocalSettlement {
        key,
        payer,
        signature,
        tx,
        amount,
        network,
        confirmed,
        block,
    }
}

#[derive(Redact)]
struct Masked {
    #[redact(keep(first = 6, last = 4))]
    payer: String,
    #[redact(keep(first = 6, last = 4))]
    key: [u8; 32],
    #[redact(token)]
    customer: String,
}

fn masked() -> Masked {
    Masked {
        payer: "0x52908400098527886E0F7030069857D2E4169EE7".to_owned(),
        key: [7; 32],
        customer: "ann".to_owned(),
    }
}
