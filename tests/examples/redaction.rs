//! What the scrubber lets through and what it takes from a reader, on files
//! that are given by their paths:
//!
//! ```sh
//! cargo run -p irclog-tests --example redaction -- FILE... [--save FILE] [--beside FILE] [--show]
//! ```
//!
//! A line of a file is a JSON object, or any line of a log:
//!
//! - with `secrets` (`kind` is `leak`) each of them has to go, with `keep`
//!   (`overmask`) each has to stay; the text is one record (`text`) or several
//!   (`records`), or one a line where `mode` says `lines`;
//! - with `secret` no 12 characters of it in a row may stay;
//! - with `need` that has to stay: of more than 12 letters and digits without
//!   anything between them, the first six;
//! - any other line is harmless, and counted where it is changed at all.
//!
//! `--save` writes what was judged, one word a line of the files; `--beside`
//! reads what another version has saved and prints it beside this one's.
#![allow(missing_docs)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use irclog::tool::LineScrubber;
use regex::Regex;
use serde_json::Value;

fn main() {
    let mut files = Vec::new();
    let (mut save, mut beside, mut show) = (None, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--save" => save = arguments.next(),
            "--beside" => beside = arguments.next(),
            "--show" => show = true,
            _ => files.push(argument),
        }
    }
    assert!(!files.is_empty(), "give the files to measure with");
    let read = |path: &String| {
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
    };
    let before = beside.as_ref().map(read);
    let mut before = before.iter().flat_map(|saved| saved.lines());
    let mut saved = String::new();
    for file in &files {
        // By what a line is and by its verdict, before and now.
        let mut counts = BTreeMap::<String, [u64; 3]>::new();
        for line in read(file).lines() {
            let judged = judge(line);
            let old = before.next();
            let verdict = if judged.good { "good" } else { "bad" };
            writeln!(saved, "{verdict}").expect("a string takes all");
            for of in [&judged.what, &judged.all] {
                let [all, was, is] = counts.entry(of.clone()).or_default();
                *all += 1;
                *was += u64::from(old == Some("bad"));
                *is += u64::from(!judged.good);
            }
            if show && !judged.good {
                println!("{}: {line:?}\n  shown as {:?}", judged.what, judged.shown);
            }
        }
        println!("{file}");
        for (what, [all, was, is]) in counts {
            let percent = 100.0 * is as f64 / all as f64;
            let was = beside
                .as_ref()
                .map_or(String::new(), |_| format!(", {was} before"));
            println!("{is:>7} of {all:>6} ({percent:>5.2} %){was}  {what}");
        }
    }
    if let Some(path) = save {
        std::fs::write(&path, saved).unwrap_or_else(|error| panic!("cannot write {path}: {error}"));
    }
}

/// What became of a line.
struct Judged {
    /// What kind of line it is, and of which kinds that is one.
    what: String,
    all: String,
    good: bool,
    shown: String,
}

fn judge(line: &str) -> Judged {
    let object = serde_json::from_str::<Value>(line).ok();
    let of = |name: &str| object.as_ref().and_then(|object| object.get(name));
    let text = |name: &str| of(name).and_then(Value::as_str).unwrap_or_default();
    let class = || {
        text(if of("mechanism").is_some() {
            "mechanism"
        } else {
            "class"
        })
        .to_owned()
    };
    let list = |name: &str| -> Vec<String> {
        let strings = of(name).and_then(Value::as_array).into_iter().flatten();
        strings
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let judged = |all: &str, class: String, good: bool, shown: String| Judged {
        what: format!("{all}: {class}"),
        all: format!("{all} (all)"),
        good,
        shown,
    };
    if of("env").is_some() {
        return judged(
            "of the environment, not measured",
            class(),
            true,
            String::new(),
        );
    }
    if of("secrets").is_some() || of("keep").is_some() {
        let shown = shown(text("text"), &list("records"), text("mode"));
        let leaks = list("secrets").iter().any(|secret| shown.contains(secret));
        let loses = list("keep").iter().any(|word| !shown.contains(word));
        let all = if of("keep").is_some() {
            "lost"
        } else {
            "leaks"
        };
        return judged(all, class(), !leaks && !loses, shown);
    }
    if of("secret").is_some() && of("text").is_some() {
        let shown = irclog::scrub(text("text")).into_owned();
        if !of("positive").and_then(Value::as_bool).unwrap_or(true) || text("secret").is_empty() {
            return judged("no secrets, not measured", String::new(), true, shown);
        }
        let leaks_all = leaks(text("secret"), &shown);
        let named = leaks_all && shows_where_and_who(text("secret"), text("text"), &shown);
        let class = if named {
            "only a host or the name of a user is shown, as is meant"
        } else {
            "all others"
        };
        return judged("secrets", class.to_owned(), !leaks_all, shown);
    }
    if of("need").is_some() {
        let need = text("need");
        let shown = irclog::scrub(text("text")).into_owned();
        return judged(
            "needed",
            class(),
            shown.contains(need) || keeps_head(need, &shown),
            shown,
        );
    }
    let shown = irclog::scrub(line);
    let same = matches!(shown, Cow::Borrowed(_));
    judged(
        "changed",
        "harmless lines".to_owned(),
        same,
        shown.into_owned(),
    )
}

/// What of an identifier finds it again.
fn keeps_head(need: &str, shown: &str) -> bool {
    let id = need.len() > 12
        && need
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    id && need.get(..6).is_some_and(|head| shown.contains(head))
}

/// One text as one record; several, or the lines of one, as they follow each
/// other through `irclog scrub`.
fn shown(text: &str, records: &[String], mode: &str) -> String {
    let lines: Vec<&str> = match mode {
        "lines" => text.lines().collect(),
        _ if records.is_empty() => return irclog::scrub(text).into_owned(),
        _ => records.iter().map(String::as_str).collect(),
    };
    let mut scrubber = LineScrubber::new(&[], &[], &[]).expect("there are no settings");
    let mut out = Vec::new();
    for line in lines {
        scrubber.scrub(format!("{line}\n").as_bytes(), &mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether 12 characters of `secret` in a row are shown, or all of it.
fn leaks(secret: &str, shown: &str) -> bool {
    let starts: Vec<usize> = secret.char_indices().map(|(at, _)| at).collect();
    let window = 12.min(starts.len());
    (0..=starts.len() - window).any(|first| {
        let end = starts.get(first + window).copied().unwrap_or(secret.len());
        shown.contains(&secret[starts[first]..end])
    })
}

/// What may be seen of a URL: scheme, user and host.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z][\w+.:-]*://([\w.%+-]+:?(\[\w+\])?@|\[\w+\]@)?[\w.-]*(:\d+)?")
        .expect("a regular expression")
});

/// Whether what is shown of a secret is the host of a URL and its user, or the
/// secret is nothing but a host or the name of a user.
fn shows_where_and_who(secret: &str, text: &str, shown: &str) -> bool {
    if !leaks(secret, &HOST.replace_all(shown, "\n")) {
        return true;
    }
    let host = secret.split_once("://").map_or(secret, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host);
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let top = host.rsplit_once('.').map_or("", |(_, top)| top);
    let is_host = top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
        && host.bytes().all(is_label)
        || secret.starts_with("http://localhost:");
    let escaped = regex::escape(secret);
    let user = format!(
        r"(?i)(://{escaped}[:@]|(user[a-z _]*\W{{1,6}}|(uid|login)\W{{1,3}}){escaped}|-u {escaped} )"
    );
    is_host || Regex::new(&user).is_ok_and(|user| user.is_match(text))
}
