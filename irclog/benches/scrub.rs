//! What the scrubber costs and what it lets through.
//!
//! - without settings: speed as ratios to two baselines in the same run,
//!   interleaved: three regexes and forty regexes, one `replace_all` each;
//! - `IRCLOG_CORPUS=file`: leaks by class over JSON lines with `text`,
//!   `secret`, `class` and `positive`;
//! - `IRCLOG_LOGS=file`: every line of a log that is changed, with what was
//!   replaced.
#![allow(missing_docs, clippy::disallowed_methods)] // a benchmark reads the clock

use std::collections::BTreeMap;

fn main() {
    if let Ok(path) = std::env::var("IRCLOG_CORPUS") {
        leaks(&path);
    }
    if let Ok(path) = std::env::var("IRCLOG_LOGS") {
        alarms(&path);
    }
}

/// Characters of a secret in a row that make a leak.
const LEAK_CHARS: usize = 12;

fn leaks(path: &str) {
    let text = std::fs::read_to_string(path).expect("IRCLOG_CORPUS names a readable file");
    let mut classes = BTreeMap::<String, (usize, usize)>::new();
    let mut shown = 0;
    // What may be seen of a URL: scheme, user and host.
    let hosts =
        regex::Regex::new(r"[A-Za-z][\w+.:-]*://([\w.%+-]+:?(\[\w+\])?@|\[\w+\]@)?[\w.-]*(:\d+)?")
            .expect("a regex");
    let show = std::env::var("IRCLOG_SHOW").is_ok();
    for line in text.lines() {
        let sample: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
        let field = |name: &str| sample[name].as_str().unwrap_or_default();
        let secret = field("secret");
        if secret.is_empty() || sample["positive"] != true {
            continue;
        }
        let scrubbed = irclog::scrub(field("text"));
        let counts = classes.entry(field("class").to_owned()).or_default();
        counts.1 += 1;
        if leaks_through(secret, &hosts.replace_all(&scrubbed, "\n")) {
            if is_shown(secret, field("text")) {
                shown += 1;
                continue;
            }
            counts.0 += 1;
            if show {
                println!(
                    "LEAK {} | {secret:?} | {:?} | {scrubbed:?}",
                    field("class"),
                    field("text")
                );
            }
        }
    }
    let (leaked, all) = classes
        .values()
        .fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
    for (class, (leaked, all)) in classes.iter().filter(|(_, counts)| counts.0 > 0) {
        println!("{leaked:>5} of {all:>5}  {class}");
    }
    println!("not counted, bare hosts and user names: {shown}");
    println!(
        "leaks: {leaked} of {all} = {:.2} %",
        100.0 * leaked as f64 / all as f64
    );
}

/// Whether a sample is nothing but a host or the name of a user.
fn is_shown(secret: &str, text: &str) -> bool {
    let host = secret.split_once("://").map_or(secret, |(_, host)| host);
    let labels = host.split(':').next().unwrap_or(host);
    let is_host = labels.contains('.')
        && labels
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && labels
            .rsplit('.')
            .next()
            .is_some_and(|tld| tld.len() >= 2 && tld.bytes().all(|byte| byte.is_ascii_lowercase()))
        || secret.starts_with("http://localhost:");
    let escaped = regex::escape(secret);
    let user = format!(
        r#"(?i)(://{escaped}[:@]|user[a-z _]*\W{{1,6}}{escaped}|uid\W{{1,3}}{escaped}|login\W{{1,3}}{escaped}|-u {escaped} )"#
    );
    is_host || regex::Regex::new(&user).is_ok_and(|user| user.is_match(text))
}

fn leaks_through(secret: &str, scrubbed: &str) -> bool {
    let chars = secret.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
    if chars.len() <= LEAK_CHARS {
        return scrubbed.contains(secret);
    }
    (0..=chars.len() - LEAK_CHARS).any(|from| {
        let end = chars
            .get(from + LEAK_CHARS)
            .copied()
            .unwrap_or(secret.len());
        scrubbed.contains(&secret[chars[from]..end])
    })
}

fn alarms(path: &str) {
    let text = std::fs::read_to_string(path).expect("IRCLOG_LOGS names a readable file");
    for line in text.lines() {
        let scrubbed = irclog::scrub(line);
        if scrubbed != line {
            println!("{scrubbed}");
        }
    }
}
