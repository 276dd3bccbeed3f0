//! What is measured of one contestant, in a process of its own.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::contestants::Contestant;
use crate::sites;

/// Calls of each thread at once, flat out.
const CALLS: u32 = 20_000;
/// As many as find room in a lane of irclog with four threads.
const CAPTURED: u32 = 1_000;
const TIMES: usize = 7;

/// Between two times.
const REST: Duration = Duration::from_millis(50);
/// irclog's thread sleeps for up to 250 ms while nothing could be shown earlier,
/// and then gives back what records were captured in.
const LONG_REST: Duration = Duration::from_millis(300);
const THREADS: [u32; 2] = [1, 4];

const PACED: usize = 10_000;
const PACE: Duration = Duration::from_micros(20);

/// Some seconds of a service: after them no buffer lies where the first records
/// put it.
const RUN_IN: Duration = Duration::from_secs(4);
/// Between two of its batches, of up to `BATCH` records.
const BREATH: Duration = Duration::from_micros(700);
const BATCH: u32 = 37;

/// Calls of a kind whose instructions are counted: where nothing is shed fewer
/// than irclog has slots to use again.
pub(crate) fn counted(what: &str) -> u32 {
    if what == "captured" { 500 } else { 2_000 }
}

type Call = fn(u32);

struct Calls {
    one: Call,
    many: Call,
    urgent: Call,
    captured: Call,
    disabled: Call,
}

fn calls(contestant: Contestant) -> Calls {
    if contestant.is_tracing() {
        Calls {
            one: sites::one_event,
            many: sites::many_events,
            urgent: sites::urgent_event,
            // They shed nothing.
            captured: sites::one_event,
            disabled: sites::disabled_event,
        }
    } else {
        Calls {
            one: sites::one,
            many: sites::many,
            urgent: sites::urgent,
            captured: sites::captured,
            disabled: sites::disabled,
        }
    }
}

/// Prints `name=figure` lines.
pub(crate) fn all(contestant: Contestant, port: u16) {
    let begin = Instant::now();
    let kept = contestant.install(port);
    let init = begin.elapsed();
    let calls = calls(contestant);
    // It may have to connect.
    thread::sleep(Duration::from_millis(300));
    let tell = |name: &str, figure: f64| println!("{name}={figure}");
    tell("init", init.as_nanos() as f64 / 1e3);

    let mut paced = paced(calls.one);
    paced.sort_unstable();
    for (name, of) in [("p50", 500), ("p99", 990), ("p999", 999)] {
        tell(name, paced[paced.len() * of / 1000].as_nanos() as f64);
    }
    run_in(&calls);
    for threads in THREADS {
        tell(
            &format!("one{threads}"),
            flat_out(calls.one, threads, CALLS, REST),
        );
        tell(
            &format!("many{threads}"),
            flat_out(calls.many, threads, CALLS, REST),
        );
        tell(
            &format!("captured{threads}"),
            flat_out(calls.captured, threads, CAPTURED, LONG_REST),
        );
    }
    tell("disabled", flat_out(calls.disabled, 1, 50 * CALLS, REST));
    let (rate, share) = million(calls.one);
    tell("rate", rate);
    tell("share", share);
    tell("memory", memory());
    // Some would wait for their own threads.
    std::mem::forget(kept);
    std::process::exit(0);
}

/// Each call by itself, one in 20 µs.
fn paced(call: Call) -> Vec<Duration> {
    let mut next = Instant::now();
    (0..PACED)
        .map(|n| {
            next += PACE;
            while Instant::now() < next {
                std::hint::spin_loop();
            }
            let n = u32::try_from(n).expect("few");
            let begin = Instant::now();
            call(n);
            begin.elapsed()
        })
        .collect()
}

/// Records of all kinds, some of them shed and some not, in batches of all sizes.
fn run_in(calls: &Calls) {
    let begin = Instant::now();
    let mut n = 0;
    while begin.elapsed() < RUN_IN {
        for _ in 0..=n % BATCH {
            n += 1;
            (calls.many)(n);
            if n.is_multiple_of(3) {
                (calls.captured)(n);
            }
            if n.is_multiple_of(11) {
                (calls.urgent)(n);
            }
        }
        thread::sleep(BREATH);
    }
}

/// Nanoseconds a call, with every thread calling at the same time; the median.
fn flat_out(call: Call, threads: u32, calls: u32, rest: Duration) -> f64 {
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            // What the last time left is worked off meanwhile.
            thread::sleep(rest);
            together(call, threads, calls)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[TIMES / 2]
}

fn together(call: Call, threads: u32, calls: u32) -> f64 {
    let start = Barrier::new(threads as usize);
    let run = || {
        // What a thread needs only once is not counted.
        call(0);
        start.wait();
        let begin = Instant::now();
        (1..=calls).for_each(|n| call(black_box(n)));
        (begin, Instant::now())
    };
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        threads
            .into_iter()
            .map(|it| it.join().expect("no panic"))
            .collect()
    });
    let begin = times.iter().map(|time| time.0).min();
    let end = times.iter().map(|time| time.1).max();
    let time = begin.zip(end).map(|(begin, end)| end - begin);
    time.unwrap_or_default().as_nanos() as f64 / f64::from(calls)
}

/// A second of 1,000,000 records, a thousand each millisecond: how many it took
/// a second, and how much of a core all threads but this one had.
fn million(call: Call) -> (f64, f64) {
    let others = || cpu(libc::CLOCK_PROCESS_CPUTIME_ID) - cpu(libc::CLOCK_THREAD_CPUTIME_ID);
    let (begin, before) = (Instant::now(), others());
    for batch in 0..1_000u32 {
        let next = begin + Duration::from_millis(u64::from(batch));
        while Instant::now() < next {
            std::hint::spin_loop();
        }
        (0..1_000).for_each(|n| call(batch * 1_000 + n));
    }
    let took = begin.elapsed().as_secs_f64();
    (1e6 / took, (others() - before) / took)
}

/// Seconds of a clock of processor time.
fn cpu(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to the structure that it is given.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The most that this process had, in megabytes.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e3
}

/// For valgrind: the calls of one kind, and nothing else in `hot_path`.
pub(crate) fn hot(contestant: Contestant, port: u16, what: &str) {
    let kept = contestant.install(port);
    let Calls { one, captured, .. } = calls(contestant);
    let call = if what == "captured" { captured } else { one };
    let calls = counted(what);
    (0..calls).for_each(call);
    // Its slots are used again from here on.
    thread::sleep(Duration::from_secs(1));
    hot_path(call, calls);
    std::mem::forget(kept);
    std::process::exit(0);
}

#[inline(never)]
fn hot_path(call: Call, calls: u32) {
    for n in 0..calls {
        call(black_box(n));
    }
}
