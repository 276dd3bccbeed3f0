//! Text with a level in front, as the known loggers write it.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Head, level, spans, time};

/// Takes a line apart whose beginning names a level or a time.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    if let Some(head) = special(line) {
        return Some(head);
    }
    match stamped(line) {
        // A container's runtime puts a time of its own before the service's.
        Some(outer @ (rest, false, _)) => {
            let (rest, open, stamp) = stamped(rest.trim_start()).unwrap_or(outer);
            Some(timed(rest, open, stamp))
        }
        Some((rest, open, stamp)) => Some(timed(rest, open, stamp)),
        None => untimed(line),
    }
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

/// A form of line: its pattern names `level`, `target` and `text`.
struct Form {
    pattern: Regex,
    weak: bool,
}

fn form(text: &str) -> Form {
    Form {
        pattern: pattern(text),
        weak: false,
    }
}

/// `L` stands for the names of levels, `P` for a logger's name.
fn pattern(text: &str) -> Regex {
    let text = text
        .replace("{L}", &format!("(?<level>{})", level::NAMES))
        .replace("{P}", r"(?<target>[A-Za-z_][\w.:$/-]*)");
    Regex::new(&text).expect("a valid pattern")
}

/// Lines with a time stamp inside or of a form of their own.
fn special(line: &str) -> Option<Head<'_>> {
    static PRIORITY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^<([0-7])>(.*)$"));
    static GLOG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^([IWEFD])[0-9]{4} [0-9:]{8}(?:\.[0-9]+)? +[0-9]+ ([^\s\]]+):[0-9]+\] (.*)$")
    });
    static ACCESS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"^([^\s\[]+) [^\s\[]+ [^\s\[]+ \[[^\]]{20,30}\] (".*)$"#));
    match line.as_bytes() {
        [b'<', b'0'..=b'7', b'>', ..] => {
            let found = PRIORITY.captures(line)?;
            let number = found[1].parse().ok()?;
            let text = found.get(2).map_or("", |text| text.as_str());
            Some(Head {
                level: Some(level::priority(number)),
                ..bare(text)
            })
        }
        [b'I' | b'W' | b'E' | b'F' | b'D', b'0'..=b'9', ..] => {
            let (_, [letter, file, text]) = GLOG.captures(line)?.extract();
            let name = match letter {
                "I" => "INFO",
                "W" => "WARN",
                "D" => "DEBUG",
                _ => "ERROR",
            };
            Some(Head {
                level: level::named(name),
                target: Some(Cow::Borrowed(file)),
                ..bare(text)
            })
        }
        [b'0'..=b'9' | b'a'..=b'f' | b':', ..] if line.contains("] \"") => {
            let (_, [host, request]) = ACCESS.captures(line)?.extract();
            Some(Head {
                text: Cow::Owned(format!("{host} {request}")),
                ..bare("")
            })
        }
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

/// `rest` follows `stamp`; `open` says that a bracket before it is open.
fn timed<'a>(rest: &'a str, open: bool, stamp: &str) -> Head<'a> {
    /// `  INFO pay::settle] text` of `env_logger`, `: INFO/Worker-1] text` of
    /// Celery, `main - INFO] text`.
    static BRACKETED: LazyLock<Form> = LazyLock::new(|| {
        form(r"^[\s:|-]*{L}(?:/[^\]]*|\s+(?<target>[^\]\s]+)[^\]]*|\s*)\]\s?(?<text>.*)$")
    });
    /// Only tracing and its like write spans, and a single word as a target.
    static TRACING: LazyLock<Form> = LazyLock::new(|| {
        form(r"^ {1,2}(?:(?<level>TRACE|DEBUG| INFO| WARN|INFO|WARN|ERROR)) (?<text>.*)$")
    });
    static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
        let lower = Form {
            pattern: pattern(r"^\s*(?i:{L})(?::\s+|\t+)(?:{P}\t+)?(?<text>.*)$"),
            weak: false,
        };
        shared().chain([lower]).collect()
    });
    if open && let Some(head) = matched(&BRACKETED, rest) {
        return head;
    }
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    if stamp.contains('T')
        && let Some(head) = matched(&TRACING, rest)
    {
        return with_spans(head);
    }
    if !names_level(rest) {
        return bare(rest.trim_start_matches([' ', '\t', '-', '|', ':', ',']));
    }
    let found = FORMS.iter().find_map(|form| matched(form, rest));
    found.unwrap_or_else(|| bare(rest.trim_start_matches([' ', '\t', '-', '|', ':', ','])))
}

/// A line without a time stamp.
fn untimed(line: &str) -> Option<Head<'_>> {
    static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
        let error = Form {
            pattern: pattern(
                r"^(?<level>(?i:error|warning|warn|info|debug|trace|fatal|critical|notice))(?:\[\w+\])?:\s+(?<text>.*)$",
            ),
            weak: true,
        };
        let basic = form(r"^{L}:(?<target>[A-Za-z_][\w.-]*):(?<text>.*)$");
        let logrus = form(r"^{L}\[[0-9]+\]\s*(?<text>.*)$");
        [basic, logrus]
            .into_iter()
            .chain(shared())
            .chain([error])
            .collect()
    });
    static ALIGNED: LazyLock<Form> =
        LazyLock::new(|| form(r"^(?<level> INFO| WARN|ERROR|DEBUG|TRACE) (?<text>\S.*)$"));
    /// Rich, as `FastAPI`'s own command uses it: `      INFO   text`.
    static RICH: LazyLock<Form> = LazyLock::new(|| {
        form(r"^ {2,12}(?<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) {2,}(?<text>\S.*)$")
    });
    let first = line.bytes().next()?;
    if first == b' ' {
        return matched(&RICH, line).or_else(|| matched(&ALIGNED, line).map(with_spans));
    }
    if !(first.is_ascii_alphabetic() || matches!(first, b'[' | b'_' | b'(')) {
        return None;
    }
    // V8 says so when it has no memory left.
    if !names_level(line) || line.starts_with("FATAL ERROR: ") {
        return None;
    }
    if let Some(head) = uvicorn(line) {
        return Some(head);
    }
    if let Some(head) = matched(&ALIGNED, line) {
        let head = with_spans(head);
        if head.target.is_some() {
            return Some(head);
        }
    }
    FORMS.iter().find_map(|form| matched(form, line))
}

/// uvicorn pads the level to the width of the longest, so that every text
/// begins in the same column.
fn uvicorn(line: &str) -> Option<Head<'_>> {
    static FORM: LazyLock<Form> = LazyLock::new(|| {
        form(r"^(?<level>TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL):(?<pad> +)(?<text>\S.*)$")
    });
    /// `127.0.0.1:60202 - "GET /health HTTP/1.1" 200 OK`
    static ACCESS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\S* - "[A-Z]+ [^"]*" [0-9]{3}"#));
    const COLUMN: usize = "CRITICAL: ".len();
    let head = matched(&FORM, line)?;
    (line.len() - head.text.len() == COLUMN).then(|| {
        let target = if ACCESS.is_match(&head.text) {
            "uvicorn.access"
        } else {
            "uvicorn"
        };
        Head {
            target: Some(Cow::Borrowed(target)),
            ..head
        }
    })
}

/// The forms that are the same with and without a time stamp in front.
fn shared() -> impl Iterator<Item = Form> {
    [
        // Python: `pay - INFO - text`
        r"^\s*-?\s*(?:{P} +- +){L} +- +(?<text>.*)$",
        // Python: `INFO - pay - text`, `INFO - text`
        r"^\s*-?\s*{L} +- +(?:{P} +- +)?(?<text>.*)$",
        // loguru: `| INFO     | pay:settle:88 - text`
        r"^\s*\|\s*{L}\s*\|\s*(?:(?<target>[\w.<>]+):[^\s:]+:[0-9]+ - )?(?<text>.*)$",
        // Spring: `INFO 1 --- [main] com.shop.Pay : text`
        r"^\s*{L}\s+[0-9]+ --- (?:\[[^\]]*\]\s*)+{P}\s*: (?<text>.*)$",
        // logback, log4j: `[main] INFO  com.shop.Pay - text`
        r"^\s*(?:\[[^\]]*\]\s+)?{L}\s+(?:\[[^\]]*\]\s+)?{P}\s+- (?<text>.*)$",
        // gunicorn, nginx, structlog: `[1234] [INFO] text`, `[info     ] text`
        r"^\s*(?:\[[^\]]{0,64}\]\s*){0,3}?[\[(]\s*(?i:{L})\s*[\])]:?\s*(?:\[(?<target>[A-Za-z_]\w*(?:[.:]+\w+)+)\]\s*)?(?<text>.*)$",
        // `[main] INFO text`
        r"^\s*\[[^\]]{1,64}\]\s+{L}:?\s+(?<text>.*)$",
        // `INFO pay::settle: text`
        r"^\s*{L}\s+(?<target>[A-Za-z_]\w*(?:(?:::|\.)\w+)+): (?<text>.*)$",
        // `INFO: text`, `INFO text`
        r"^\s*{L}(?:\s*[:|>-]+\s+|\s+)(?<text>\S.*)$",
    ]
    .into_iter()
    .map(form)
}

/// Whether a level is named where one can be: most bare text need not be
/// compared with every form.
fn names_level(text: &str) -> bool {
    /// Bytes before which every known logger has named the level: a thread, a
    /// process and a logger's name may come first.
    const NEAR: usize = 160;
    static NAMES: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"(?i-u:\b(?:{})\b)", level::NAMES)));
    let mut end = text.len().min(NEAR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    NAMES.is_match(&text[..end])
}

fn matched<'a>(form: &Form, text: &'a str) -> Option<Head<'a>> {
    let found: Captures<'a> = form.pattern.captures(text)?;
    let group = |name| found.name(name).map(|part| part.as_str());
    Some(Head {
        level: level::named(group("level")?),
        target: group("target").map(Cow::Borrowed),
        text: Cow::Borrowed(group("text").unwrap_or_default().trim_start()),
        weak: form.weak,
    })
}

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
