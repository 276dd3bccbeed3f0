//! Text with a level in front, as the known loggers write it.

mod place;
mod uvicorn;

use std::borrow::Cow;
use std::sync::LazyLock;

use log::Level;
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::{Head, level, spans, time};

/// Takes a line apart whose beginning names a level or a time.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    if let Some(head) = odd(line).or_else(|| pretty(line)).or_else(|| nest(line)) {
        return Some(head);
    }
    let head = match stamped(line) {
        // A carrier puts a time of its own before the service's.
        Some(outer @ (rest, false, _)) => {
            let (rest, open, stamp) = stamped(rest.trim_start()).unwrap_or(outer);
            timed(rest, open, stamp)
        }
        Some((rest, open, stamp)) => timed(rest, open, stamp),
        None => untimed(line),
    };
    head.map(place::taken_off)
}

/// What follows the time stamp of `line`, whether a bracket before it is still
/// open, and the stamp.
fn stamped(line: &str) -> Option<(&str, bool, &str)> {
    let (bracket, inside) = match line.strip_prefix('[') {
        Some(inside) => (true, inside),
        None => (false, line),
    };
    let rest = time::after(inside)?;
    let stamp = &inside[..inside.len() - rest.len()];
    Some(match rest.strip_prefix(']') {
        Some(closed) if bracket => (closed, false, stamp),
        _ => (rest, bracket, stamp),
    })
}

/// Memory that the lazily built automaton of a set may take. The levels in any
/// case need more than the 2 MiB of the library, which goes on without one then,
/// in two to three times the time.
const DFA_BYTES: usize = 8 * 1024 * 1024;

/// Forms of what stands before a text. A pattern names `level` and maybe
/// `target`; the text is what it leaves.
struct Forms {
    all: RegexSet,
    each: Vec<Regex>,
}

impl Forms {
    /// `{L}` stands for the names of levels, `{l}` for these in any case, `{P}`
    /// for a logger's name. Earlier patterns go first.
    fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let each: Vec<Regex> = patterns.into_iter().map(pattern).collect();
        let texts = each.iter().map(Regex::as_str);
        Self {
            all: RegexSetBuilder::new(texts)
                .dfa_size_limit(DFA_BYTES)
                .build()
                .expect("valid patterns"),
            each,
        }
    }

    /// The head of `line` by the first form that it has.
    fn head<'a>(&self, line: &'a str) -> Option<Head<'a>> {
        self.all.matches(line).into_iter().find_map(|form| {
            let found = self.each[form].captures(line)?;
            let group = |name| found.name(name).map(|part| part.as_str());
            let named = group("level").or_else(|| group("letter"))?;
            Some(Head {
                level: Some(level::named(named).or_else(|| letter(named))?),
                target: group("name").or_else(|| group("target")).map(Cow::Borrowed),
                text: Cow::Borrowed(line[found.get(0)?.end()..].trim_start()),
                weak: group("weak").is_some(),
            })
        })
    }
}

fn pattern(text: &str) -> Regex {
    let level = format!("(?<level>{})", level::NAMES);
    let text = text
        .replace("{L}", &level)
        .replace("{l}", &format!("(?i-u:{level})"))
        .replace("{P}", "(?<target>[A-Za-z_][0-9A-Za-z_.:$/-]*)");
    Regex::new(&text).expect("a valid pattern")
}

/// The level that a letter stands for.
fn letter(letter: &str) -> Option<Level> {
    Some(match letter {
        "E" | "F" | "C" => Level::Error,
        // redis has no higher one, and says so of its start as well.
        "W" | "#" => Level::Warn,
        "I" | "N" | "*" => Level::Info,
        "D" | "-" => Level::Debug,
        "T" | "V" | "." => Level::Trace,
        _ => return None,
    })
}

/// Lines with a time stamp inside, or of a form of their own.
fn odd(line: &str) -> Option<Head<'_>> {
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        Forms::new([
            // glog: `E0131 23:59:59.123456   12 pool.go:88] text`
            r"^(?<letter>[IWEFD])[0-9]{4} [0-9:]{8}(?:\.[0-9]+)? +[0-9]+ (?<target>[^\s\]]+):[0-9]+\] ",
            // CometBFT: `E[2026-01-31|23:59:59.123] text`
            r"^(?<letter>[IWED])\[[0-9-]+\|[0-9:.]+\]\s",
            // Ruby: `E, [2026-01-31T23:59:59.123456 #7] ERROR -- pay: text`
            r"^[DIWEFA], \[\S+ #[0-9]+\] +{L} -- (?<target>[^:]*[^:\s])?:\s",
            // geth: `ERROR[01-31|23:59:59.123] text`
            r"^{L} *\[[0-9]{2}-[0-9]{2}\|[0-9:.]+\]",
            // Tornado, Jupyter: `[E 260131 23:59:59 web:2239] text`
            r"^\[(?<letter>[IWEDC]) [0-9-]{6,10} [0-9:.]+ (?<target>[A-Za-z_][\w.-]*?)(?::[0-9]+)?\]\s",
            // redis: `7:M 31 Jan 2026 23:59:59.123 # text`
            r"^[0-9]+:[MSXC] [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:.]+ (?<letter>[#*.-])\s",
            // .NET: `fail: Shop.Settle[0]`, the text in the next line
            r"^(?<level>trce|dbug|info|warn|fail|crit): (?<target>[A-Z][\w.]*)\[[0-9]+\]$",
        ])
    });
    static ACCESS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"^([^\s\[]+) [^\s\[]+ [^\s\[]+ \[[^\]]{20,30}\] (".*)$"#));
    let is_quoted = memchr::memchr(b'"', line.as_bytes()).is_some();
    if is_quoted
        && line.starts_with(|c: char| c.is_ascii_digit() || c == '[')
        && uvicorn::is_access(line)
    {
        // uvicorn under gunicorn, whose loggers name nothing.
        return Some(bare(line));
    }
    match line.as_bytes() {
        [b'<', number @ b'0'..=b'7', b'>', ..] => Some(Head {
            level: Some(level::priority(number - b'0')),
            ..bare(&line[3..])
        }),
        [b'0'..=b'9' | b'a'..=b'f' | b':', ..] if is_quoted && line.contains("] \"") => {
            let (_, [host, request]) = ACCESS.captures(line)?.extract();
            Some(Head {
                text: Cow::Owned(format!("{host} {request}")),
                ..bare("")
            })
        }
        [b'A'..=b'Z', b'0'..=b'9' | b'[' | b',', ..]
        | [b'0'..=b'9', b':' | b'0'..=b'9', ..]
        | [b'[', b'A'..=b'Z', b' ', ..]
        | [b't' | b'd' | b'i' | b'w' | b'f' | b'c', _, _, _, b':', ..] => FORMS.head(line),
        [b'A'..=b'Z', ..] if line.bytes().take(10).any(|byte| byte == b'[') => FORMS.head(line),
        _ => None,
    }
}

fn bare(text: &str) -> Head<'_> {
    Head {
        level: None,
        target: None,
        text: Cow::Borrowed(text.trim_start()),
        weak: false,
    }
}

/// `tracing`'s pretty format: the head is indented by two, what belongs to it
/// by four.
fn pretty(line: &str) -> Option<Head<'_>> {
    let inside = line.strip_prefix("  ")?;
    let (rest, false, stamp) = stamped(inside)? else {
        return None;
    };
    if !stamp.contains('T') {
        return None;
    }
    TRACING.head(rest).map(with_spans)
}

/// `[Nest] 7  - 01/31/2026, 11:59:59 PM   ERROR [Pay] text`
fn nest(line: &str) -> Option<Head<'_>> {
    static FORMS: LazyLock<Forms> =
        LazyLock::new(|| Forms::new([r"^\s+{L} (?:\[(?<target>[^\]\s]+)\] )?"]));
    let (_, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (number, rest) = rest.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.trim_start().strip_prefix("- ").filter(|_| is_number)?;
    FORMS.head(time::after(rest)?)
}

/// Only tracing and its like write spans, and a single word as a target.
static TRACING: LazyLock<Forms> =
    LazyLock::new(|| Forms::new([r"^ {1,2}(?<level>TRACE|DEBUG| INFO| WARN|INFO|WARN|ERROR) "]));

/// `rest` follows `stamp`; `open` says that a bracket before it is open.
fn timed<'a>(rest: &'a str, open: bool, stamp: &str) -> Option<Head<'a>> {
    /// `  INFO pay::settle] text` of `env_logger`, `: INFO/Worker-1] text` of
    /// Celery, `main - INFO] text`.
    static BRACKETED: LazyLock<Forms> = LazyLock::new(|| {
        Forms::new([r"^[\s:|-]*{L}(?:/[^\]]*|\s+(?<target>[^\]\s]+)[^\]]*|\s*)\]\s?"])
    });
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        Forms::new(
            [
                // Lambda: a tab, the request, the level
                r"^\t[0-9a-f-]{36}\t{L}\t",
                // Airflow: `{taskinstance.py:1776} ERROR - text`
                r"^\s*\{(?<target>[\w.]+):[0-9]+\} {L} - ",
                // Apache: `[core:error] [pid 7:tid 8] [client ::1] text`
                r"^\s*\[(?<target>[\w-]*):{l}\]\s*(?:\[(?:pid|client) [^\]]*\]\s*)*",
                // Flask: `ERROR in app: text`
                r"^\s*{L} in (?<target>[A-Za-z_][\w.-]*): ",
                // log4js: `[ERROR] shop - text`
                r"^\s*\[{L}\]\s+(?<target>[A-Za-z_][\w.-]*) - ",
                // MySQL: `0 [ERROR] [MY-010119] [Server] text`
                r"^\s+[0-9]+ \[{l}\]\s*(?:\[MY-[0-9]+\]\s*)?",
                // Odoo: `7 ERROR shop odoo.sql_db: text`
                r"^\s+[0-9]+ {L} \S+ {P}: ",
                // PostgreSQL: `[7] shop@db ERROR:  text`
                r"^\s*\[[0-9-]+\]:?\s+(?:\S+@\S+\s+)?{L}:\s+",
                // ClickHouse: `[ 7 ] {id} <Error> Pay: text`
                r"^\s*(?:\[[^\]]*\]\s*)?(?:\{[^}]*\}\s*)?<{l}>\s+(?:{P}:\s)?",
            ]
            .into_iter()
            .chain(SHARED)
            .chain([
                r"^\s*{l}(?::\s+|\t+)(?:{P}\t+)?",
                // Python: `shop.pay ERROR text`, `pay.py:8 ERROR text`, `7 ERROR text`,
                // `MainThread ERROR text`
                r"^\s+(?:[0-9]+\s+)?(?:(?<target>[A-Za-z_][\w.:$/<>-]*?)(?::[0-9]+)?\s+)?(?:[0-9]+\s+)?(?<level>DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL):?\s+(?:(?<name>[A-Za-z_][\w.]*)\s+- )?",
                r"^\s+(?<level>debug|info|warning|warn|error|critical|fatal)\s+",
            ]),
        )
    });
    if open && let Some(head) = BRACKETED.head(rest) {
        return Some(head);
    }
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    if stamp.contains('T')
        && let Some(head) = TRACING.head(rest)
    {
        return Some(with_spans(head));
    }
    if let Some(head) = FORMS.head(rest) {
        return Some(head);
    }
    // A number alone is no time.
    let is_stamp = stamp.bytes().any(|byte| byte == b':');
    is_stamp.then(|| bare(rest.trim_start_matches([' ', '\t', '-', '|', ':', ','])))
}

/// A line without a time stamp.
fn untimed(line: &str) -> Option<Head<'_>> {
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        Forms::new(
            [
                r"^{L}:(?<target>[A-Za-z_][\w.-]*):",
                r"^{L}\[[0-9]+\]\s*",
            ]
            .into_iter()
            .chain(SHARED)
            .chain([
                r"^(?<weak>)(?<level>(?i-u:error|warning|warn|info|debug|trace|fatal|critical|notice))(?:\[\w+\])?:\s+",
            ]),
        )
    });
    /// Rich, as `FastAPI`'s own command uses it: `      INFO   text`.
    static RICH: LazyLock<Forms> = LazyLock::new(|| {
        Forms::new([
            r"^ {2,24}(?<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) {2,}",
            // Behind the column of the time, the widest level.
            r"^ {8,24}(?<level>CRITICAL) ",
            // consola: a badge.
            r"^ (?<level>DEBUG|INFO|WARN|ERROR|FATAL|TRACE) {2}",
        ])
    });
    /// `pretty_env_logger`: ` ERROR pay::settle > text`.
    static PRETTY: LazyLock<Forms> =
        LazyLock::new(|| Forms::new([r"^ {L} +(?<target>[A-Za-z_][\w:]*) +> "]));
    let first = line.bytes().next()?;
    if first == b' ' {
        let head = RICH.head(line).filter(|head| !head.text.is_empty());
        return head
            .or_else(|| PRETTY.head(line))
            .or_else(|| aligned(line).map(with_spans));
    }
    if !(first.is_ascii_alphabetic() || matches!(first, b'[' | b'_' | b'(')) {
        return None;
    }
    // V8 says so when it has no memory left.
    if line.starts_with("FATAL ERROR: ") {
        return None;
    }
    if let Some(head) = uvicorn::head(line) {
        return Some(head);
    }
    if first.is_ascii_uppercase()
        && let Some(head) = aligned(line)
    {
        let head = with_spans(head);
        if head.target.is_some() {
            return Some(head);
        }
    }
    // `ERROR 2026-01-31 23:59:59,123 text` of Django.
    FORMS.head(line).map(without_stamp)
}

/// ` INFO text`, `ERROR text`: the level as wide as the widest.
fn aligned(line: &str) -> Option<Head<'_>> {
    static FORM: LazyLock<Forms> =
        LazyLock::new(|| Forms::new([r"^(?<level> INFO| WARN|ERROR|DEBUG|TRACE) "]));
    const TEXT: usize = "ERROR ".len();
    let first = line.as_bytes().get(TEXT)?;
    if *first == b' ' {
        return None;
    }
    FORM.head(line)
}

/// Without a time stamp that stands behind the level.
fn without_stamp(head: Head<'_>) -> Head<'_> {
    let Cow::Borrowed(text) = head.text else {
        return head;
    };
    let Some(rest) = time::after(text.trim_start_matches('[')) else {
        return head;
    };
    let rest = rest.trim_start_matches([']', ' ', '-', ',', '\t', ':']);
    // Lambda's request.
    let rest = match rest.split_once('\t') {
        Some((request, rest)) if request.len() == 36 => rest,
        _ => rest,
    };
    Head {
        text: Cow::Borrowed(rest),
        ..head
    }
}

/// The forms that are the same with and without a time stamp in front.
const SHARED: [&str; 15] = [
    // Python: `pay - INFO - text`
    r"^\s*-?\s*(?:{P} +- +){L} +- +",
    // Python: `INFO - pay - text`, `INFO - text`
    r"^\s*-?\s*{L} +- +(?:{P} +- +)?",
    // loguru: `| INFO     | pay:settle:88 - text`
    r"^\s*\|\s*{L}\s*\|\s*(?:(?<target>[\w.<>]+)(?::[^\s:]+:[0-9]+)?\s+[|-]\s+)?",
    // `| pay | ERROR | text`
    r"^\s*\|\s*{P}\s*\|\s*{L}\s*\|\s*",
    // Spring: `INFO 1 --- [main] com.shop.Pay : text`
    r"^\s*{L}\s+[0-9]+ --- (?:\[[^\]]*\]\s*)+{P}\s*: ",
    // logback, log4j: `[main] INFO  com.shop.Pay - text`
    r"^\s*(?:\[[^\]]+\]\s+)?{L}\s+(?:\[[^\]]+\]\s+)?(?<target>[A-Za-z_][0-9A-Za-z_.:$/<>-]*?)(?::[0-9]+)?\s+- ",
    // Scrapy: `[scrapy.core.engine] ERROR: text`
    r"^\s*\[(?<target>[A-Za-z_]\w*(?:\.\w+)+)\]\s+{L}:\s+",
    // gunicorn, nginx, structlog: `[1234] [INFO] text`, `[info     ] text`
    r"^\s*(?:\[[^\]]{0,64}\]\s*){0,3}?[\[(]\s*{l}\s*[\])]:?\s*(?:\[(?<target>[A-Za-z_]\w*(?:[.:]+[A-Za-z_]\w*)+)(?::[0-9]+)?\]\s*)?",
    // `[main] INFO text`
    r"^\s*\[[^\]]{1,64}\]\s+{L}:?\s+",
    // winston: `[shop] error: text`
    r"^\s*\[(?<target>[A-Za-z_][\w.:-]{0,63})\]\s+{l}:\s+",
    // pino-pretty: `ERROR (shop/7 on box): text`
    r"^\s*{L} \((?:(?<target>[A-Za-z][\w.-]*)/)?[0-9]+(?: on [^)]+)?\): ",
    // bunyan: `ERROR: shop/7 on box: text`
    r"^\s*{L}: (?<target>[\w.-]+)/[0-9]+ on \S+: ",
    // `INFO pay::settle: text`
    r"^\s*{L}\s+(?<target>[A-Za-z_]\w*(?:(?:::|\.)\w+)+): ",
    // PHP: `Fatal error:  text`, `PHP Warning:  text`
    r"^\s*PHP (?:Fatal |Parse )?(?<level>(?i-u:error|warning|notice)):\s+",
    // `INFO: text`, `INFO text`
    r"^\s*{L}(?:\s*[:|>-]+\s+|\s+)",
];

/// Takes spans and target off a line of `tracing`.
fn with_spans(head: Head<'_>) -> Head<'_> {
    let Cow::Borrowed(text) = head.text else {
        return head;
    };
    let parts = spans::parts(text);
    Head {
        target: parts.target.map(Cow::Borrowed),
        text: parts.text,
        ..head
    }
}

#[cfg(test)]
mod tests;
