//! What the scrubber costs.
//!
//! The contestants beside a copy of the line: the three regular expressions of
//! the proof of concept as it applied them, a `String` a step; the same three
//! with nothing copied where nothing matched; and forty, one `replace_all`
//! each.
//!
//! Without arguments, or with `speed` and `linearity`: speed as ratios to the
//! others in the same run, interleaved, on three sets of lines; and the cost of
//! long texts. What the scrubber lets through is counted by the example
//! `redaction` of `irclog-tests`.
#![allow(missing_docs, clippy::disallowed_methods)] // a benchmark reads the clock
#![allow(clippy::type_complexity, clippy::format_push_string)]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::{Duration, Instant};

use regex::Regex;

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let is_asked = |name: &str| asked.iter().any(|asked| asked == name);
    let all = !is_asked("speed") && !is_asked("linearity");
    if all || is_asked("speed") {
        speed();
    }
    if all || is_asked("linearity") {
        linearity();
    }
}

/// Rounds in which the contestants take turns; the median counts. Another
/// number by `IRCLOG_ROUNDS`: 1 to count instructions.
const ROUNDS: usize = 61;

fn speed() {
    contest("lines of a payment service", &lines(2_000));
    contest("lines of payments", &payment_lines(2_000));
    contest("lines of many services", &mixed_lines(2_000));
}

fn contest(name: &str, lines: &[String]) {
    let bytes: usize = lines.iter().map(String::len).sum();
    let three = Sequential::new(&THREE);
    let forty = Sequential::new(&FORTY);
    let contestants: [(&str, &dyn Fn(&str) -> usize); 5] = [
        ("copy", &|line| black_box(line.to_owned()).len()),
        ("irclog", &|line| irclog::scrub(line).len()),
        ("3 regexes", &|line| three.scrub(line).len()),
        ("3, a String each", &|line| three.scrub_copies(line).len()),
        ("40 regexes", &|line| forty.scrub(line).len()),
    ];
    let mut times = vec![Vec::new(); contestants.len()];
    let rounds = std::env::var("IRCLOG_ROUNDS").map_or(ROUNDS, |rounds| {
        rounds.parse().expect("IRCLOG_ROUNDS is a number")
    });
    for _ in 0..rounds {
        for (times, (_, scrub)) in times.iter_mut().zip(contestants) {
            let begin = Instant::now();
            for line in lines {
                black_box(scrub(black_box(line)));
            }
            times.push(begin.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let medians: Vec<_> = times.iter_mut().map(median).collect();
    println!("{name}: {} of {} bytes", lines.len(), bytes / lines.len());
    for ((name, _), time) in contestants.iter().zip(&medians) {
        println!(
            "{name:>16}: {:>7.0} ns a line, {:>6.0} MB/s, {:>6.2} times irclog",
            time.as_nanos() as f64 / lines.len() as f64,
            bytes as f64 / time.as_secs_f64() / 1e6,
            time.as_secs_f64() / medians[1].as_secs_f64(),
        );
    }
}

/// Lines of a payment service, 100 to 400 bytes, every twentieth with a
/// secret. The same in every run.
fn lines(count: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..count)
        .map(|at| {
            let request = random.u64(..);
            let mut line = format!(
                "request id={at} method=POST uri=/settle status={} elapsed={}ms pool=idle",
                [200, 402, 500][at % 3],
                random.u8(..),
            );
            while line.len() < 100 + (request % 250) as usize {
                line.push_str(
                    [
                        " payments::settle: verifying the authorization of the payer",
                        " amount=1250000 network=base attempt=2 of 5",
                        " upstream answered after 3.66ms, connection kept for reuse",
                        " chain=eip155:8453 block=18342211 gas_used=52113",
                    ][random.usize(..4)],
                );
            }
            if at % 20 == 0 {
                let hex: String = (0..64)
                    .map(|_| char::from_digit(random.u32(..16), 16).unwrap_or('0'))
                    .collect();
                line.push_str(&match at % 60 {
                    0 => format!(" tx=0x{hex}"),
                    20 => format!(" private_key=0x{hex}"),
                    _ => format!(" payer=0x{}", &hex[..40]),
                });
            }
            line
        })
        .collect()
}

/// As [`lines`], each with the address of a payer or the hash of a transaction,
/// which are shown in short.
fn payment_lines(count: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(13);
    let mut lines = lines(count);
    for (at, line) in lines.iter_mut().enumerate() {
        let (name, digits) = [("payer", 40), ("tx", 64)][at % 2];
        let hex: String = (0..digits)
            .map(|_| char::from_digit(random.u32(..16), 16).unwrap_or('0'))
            .collect();
        line.push_str(&format!(" {name}=0x{hex}"));
    }
    lines
}

/// Lines as services of several kinds write them: spans and fields, JSON,
/// access logs, some in colour; 100 to 400 bytes, every twentieth with a
/// secret. The same in every run.
fn mixed_lines(count: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(11);
    let hex = |random: &mut fastrand::Rng, len: usize| -> String {
        (0..len)
            .map(|_| char::from_digit(random.u32(..16), 16).unwrap_or('0'))
            .collect()
    };
    (0..count)
        .map(|at| {
            let time = format!(
                "2026-03-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                random.u8(1..29),
                random.u8(..24),
                random.u8(..60),
                random.u8(..60),
                random.u32(..1_000_000),
            );
            let (id, ms, port) = (
                random.u32(..1_000_000),
                random.u16(..900),
                random.u16(1024..),
            );
            let mut line = match random.u8(..10) {
                0..=2 => format!(
                    "{time}  INFO http_request{{method=GET uri=/orders/{id}/items \
                     version=HTTP/1.1}}: shop_api::telemetry: status=200 elapsed={ms}ms"
                ),
                3 => format!(
                    "{time} DEBUG hyper_util::client::legacy::pool: reuse idle connection for \
                     (\"http\", 127.0.0.1:{port})"
                ),
                4 => format!(
                    "\u{1b}[2m{time}\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \
                     \u{1b}[2mledger::settle\u{1b}[0m\u{1b}[2m:\u{1b}[0m batch closed \
                     \u{1b}[3mrows\u{1b}[0m\u{1b}[2m=\u{1b}[0m{id} \
                     \u{1b}[3melapsed\u{1b}[0m\u{1b}[2m=\u{1b}[0m{ms}ms"
                ),
                5 => format!(
                    "{{\"timestamp\":\"{time}\",\"level\":\"INFO\",\"fields\":{{\"message\":\
                     \"cart priced\",\"items\":{},\"total\":{}.{:02}}},\"target\":\"shop::cart\"}}",
                    id % 20,
                    id,
                    ms % 100,
                ),
                6 => format!(
                    "{time} - worker.mail - WARNING - Retrying delivery {} of 5 for job \
                     {}-{}-4{}-a{}-{}: queue is busy",
                    ms % 5 + 1,
                    hex(&mut random, 8),
                    hex(&mut random, 4),
                    hex(&mut random, 3),
                    hex(&mut random, 3),
                    hex(&mut random, 12),
                ),
                7 => format!(
                    "10.0.3.{} - - [12/Mar/2026:10:{:02}:07 +0000] \"POST \
                     /api/v1/carts/{id}?page=2&sort=created_at HTTP/1.1\" 201 {ms} \
                     \"https://shop.example.com/carts\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
                    ms % 250,
                    ms % 60,
                ),
                8 => format!(
                    "{time} ERROR inventory::sync: upstream answered late … error=Timeout(\
                     Elapsed {{ after: {ms}ms }}) attempt=3 url=https://stock.example.com/v2/skus"
                ),
                _ => format!(
                    "{time} TRACE sqlx::query: summary=\"SELECT id, total FROM orders …\" \
                     rows_affected=0 rows_returned={ms} elapsed_secs=0.00{id}"
                ),
            };
            while line.len() < 100 + random.usize(..200) {
                line.push_str(
                    [
                        " thread_id=7 queue_depth=128",
                        " the pool has 16 of 32 connections in use",
                        " span.name=\"verify\" region=eu-west-1",
                        " retry_after=Some(30s)",
                    ][random.usize(..4)],
                );
            }
            if at % 20 == 0 {
                line.push_str(&match at % 80 {
                    0 => format!(" tx=0x{}", hex(&mut random, 64)),
                    20 => format!(" client_secret={}", hex(&mut random, 24)),
                    40 => format!(" db=postgres://ana:{}@db/shop", hex(&mut random, 10)),
                    _ => format!(" payer=0x{}", hex(&mut random, 40)),
                });
            }
            line
        })
        .collect()
}

/// What hurts: beginnings that promise more than comes.
const PATTERNS: [&str; 91] = [
    "a",
    "A",
    "7",
    "f",
    "-",
    "_",
    ".",
    "/",
    "+",
    " ",
    "\"",
    "'",
    "\\",
    "%",
    "%41",
    ":",
    "=",
    "[",
    "{",
    "(",
    ",",
    "@",
    "&",
    "$",
    "\u{1b}[",
    "\u{3}",
    "\u{200b}",
    "é",
    "0x",
    "aB3",
    "key=",
    "key=a-",
    "key=\"a b",
    "token ",
    "password",
    "password ",
    "secret: ",
    "://",
    "a://b:c",
    "http://a/",
    "a@",
    "a@b.",
    "eyJ",
    "sk-",
    "[1,",
    "[1, 2",
    "12:",
    "ab ",
    "-----BEGIN ",
    "-----BEGIN-----END",
    "word ",
    "Bearer ",
    "-u a ",
    "$2b$",
    "1 ",
    "4111 ",
    "DE75 ",
    "\\u0041",
    "&quot;",
    "Some(",
    "key: Some(",
    "cookie: a; ",
    "mnemonic a, ",
    "2001:",
    "20a1::",
    "20251103 ",
    "abcd-",
    "a1b2-",
    "ab1=",
    "ab1=\"",
    "token - ",
    "key: [",
    "pass (a): ",
    "<secret>",
    "Token { key: ",
    "password=a1b2c3d4 ",
    "...",
    "&#65;",
    "\\101",
    "de75",
    "a://b:c@",
    "a://b:c@d.e/",
    "a://b@",
    "passwords: [",
    "password: \"a\" + ",
    "passwords: [\"a\", ",
    "password for ",
    "password -> ",
    "password=1 2 ",
    "a8Zk3LmQ9xT2vB7n\n",
    "mysql -p",
];

/// Cost a byte of long texts against short ones of the same kind: 1 is
/// linear.
fn linearity() {
    println!("\ncost a byte at 256 KiB against 4 KiB:");
    let measure = |text: &str| {
        let rounds = (1 << 20) / text.len();
        let begin = Instant::now();
        for _ in 0..rounds {
            black_box(irclog::scrub(black_box(text)));
        }
        begin.elapsed().as_nanos() as f64 / (rounds * text.len()) as f64
    };
    let mut worst = (0.0, "", 0.0);
    for pattern in PATTERNS {
        let short = measure(&pattern.repeat(4 * 1024 / pattern.len()));
        let long = measure(&pattern.repeat(256 * 1024 / pattern.len()));
        if long / short > 2.0 || long > 60.0 {
            println!("{pattern:>20?}: {:.2}, {long:.1} ns a byte", long / short);
        }
        if long / short > worst.0 {
            worst = (long / short, pattern, long);
        }
    }
    println!(
        "worst of {}: {:?} {:.2}, {:.1} ns a byte",
        PATTERNS.len(),
        worst.1,
        worst.0,
        worst.2
    );
}

/// One `replace_all` after the other, as most redactors do.
struct Sequential(Vec<(Regex, &'static str)>);

impl Sequential {
    fn new(rules: &[(&str, &'static str)]) -> Self {
        Self(
            rules
                .iter()
                .map(|&(pattern, label)| (Regex::new(pattern).expect("a rule"), label))
                .collect(),
        )
    }

    fn scrub<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(line);
        for (regex, label) in &self.0 {
            if let Cow::Owned(changed) = regex.replace_all(&text, *label) {
                text = Cow::Owned(changed);
            }
        }
        text
    }

    /// As the proof of concept did it: each step makes a `String`.
    fn scrub_copies(&self, line: &str) -> String {
        let mut text = line.to_owned();
        for (regex, label) in &self.0 {
            text = regex.replace_all(&text, *label).into_owned();
        }
        text
    }
}

/// Those of the proof of concept.
const THREE: [(&str, &str); 3] = [
    (r"0x[a-fA-F0-9]{64}", "0x[REDACTED_KEY]"),
    (r"sk-proj-[A-Za-z0-9_-]+", "sk-[REDACTED]"),
    (r"(0x[a-fA-F0-9]{10})[a-fA-F0-9]{30,}", "$1..."),
];

const FORTY: [(&str, &str); 40] = [
    (r"0x[a-fA-F0-9]{64}\b", "[K]"),
    (r"\b[a-fA-F0-9]{64}\b", "[K]"),
    (r"0x[a-fA-F0-9]{40}\b", "[A]"),
    (r"0x[a-fA-F0-9]{130}\b", "[S]"),
    (r"sk-[a-zA-Z0-9_-]{20,}", "[T]"),
    (r"sk-ant-[a-zA-Z0-9_-]{20,}", "[T]"),
    (r"gh[pousr]_[A-Za-z0-9]{36}", "[T]"),
    (r"github_pat_[A-Za-z0-9_]{22,}", "[T]"),
    (r"glpat-[A-Za-z0-9_-]{20}", "[T]"),
    (r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", "[T]"),
    (r"AIza[A-Za-z0-9_-]{35}", "[T]"),
    (r"ya29\.[A-Za-z0-9_-]+", "[T]"),
    (r"xox[baprs]-[A-Za-z0-9-]{10,}", "[T]"),
    (r"https://hooks\.slack\.com/services/\S+", "[U]"),
    (r"(sk|rk|pk)_(live|test)_[A-Za-z0-9]{10,}", "[T]"),
    (r"whsec_[A-Za-z0-9]{20,}", "[T]"),
    (r"npm_[A-Za-z0-9]{36}", "[T]"),
    (r"pypi-[A-Za-z0-9_-]{50,}", "[T]"),
    (r"hf_[A-Za-z0-9]{30,}", "[T]"),
    (r"SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}", "[T]"),
    (r"\bkey-[a-f0-9]{32}\b", "[T]"),
    (r"\bSK[a-f0-9]{32}\b", "[T]"),
    (r"dop_v1_[a-f0-9]{64}", "[T]"),
    (r"shp(at|ss|ca|pa)_[a-f0-9]{32}", "[T]"),
    (r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", "[J]"),
    (r"(?i)bearer\s+[a-z0-9._~+/=-]+", "[B]"),
    (r"(?i)basic\s+[a-z0-9+/=]{8,}", "[B]"),
    (r"(?i)authorization:\s*\S+", "[B]"),
    (r"(?i)cookie:\s*\S+", "[C]"),
    (r"://[^/\s:@]+:[^/\s@]+@", "://[C]@"),
    (r#"(?i)password["']?\s*[:=]\s*\S+"#, "[P]"),
    (r#"(?i)secret["']?\s*[:=]\s*\S+"#, "[P]"),
    (r#"(?i)api[_-]?key["']?\s*[:=]\s*\S+"#, "[P]"),
    (r#"(?i)private[_-]?key["']?\s*[:=]\s*\S+"#, "[P]"),
    (r#"(?i)mnemonic["']?\s*[:=]\s*.+"#, "[P]"),
    (r"-----BEGIN [A-Z ]+-----", "[PEM]"),
    (r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b", "[CARD]"),
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", "[E]"),
    (r"\b[1-9A-HJ-NP-Za-km-z]{87,88}\b", "[S]"),
    (r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b", "[T]"),
];
