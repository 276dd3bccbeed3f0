//! The forms in which known carriers write a line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use log::Level;
use serde_json::value::RawValue;

use super::super::heads::level;
use super::stamp;

/// A line without the prefix of one carrier.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken<'a> {
    /// What tells the source from others; empty for a time stamp alone.
    pub(super) name: Cow<'a, str>,
    /// How it is shown, where that says something.
    pub(super) shown: Option<String>,
    pub(super) level: Option<Level>,
    /// The carrier has cut the line here.
    pub(super) is_part: bool,
    pub(super) text: Cow<'a, str>,
}

impl<'a> Taken<'a> {
    fn of(name: &'a str, shown: impl Into<String>, text: &'a str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            shown: Some(shown.into()),
            level: None,
            is_part: false,
            text: Cow::Borrowed(text),
        }
    }

    /// Only a time stamp stood there, or a stream's name.
    fn unnamed(name: &'a str, text: &'a str) -> Self {
        Self {
            shown: None,
            ..Self::of(name, "", text)
        }
    }

    pub(super) fn into_owned(self) -> Taken<'static> {
        Taken {
            name: Cow::Owned(self.name.into_owned()),
            text: Cow::Owned(self.text.into_owned()),
            shown: self.shown,
            level: self.level,
            is_part: self.is_part,
        }
    }
}

/// Takes the prefix of a carrier off `line`, which has come from the source
/// `within`; `None` where none is known.
pub(super) fn take<'a>(line: &'a str, within: &str) -> Option<Taken<'a>> {
    match line.as_bytes().first()? {
        b'0'..=b'9' => dated(line).or_else(|| within.is_empty().then(|| ruled(line))?),
        b'<' => priority(line),
        b'[' => bracketed(line),
        b'{' => docker_json(line),
        b'A'..=b'Z' | b'a'..=b'z' => {
            let journal = stamp::syslog(line.as_bytes()).and_then(|at| from_host(line, at));
            // A table that a carried program prints is no second carrier, but a
            // journal may hold what Compose wrote.
            let is_free = within.is_empty() || within.starts_with("docker");
            journal.or_else(|| is_free.then(|| ruled(line))?)
        }
        _ => None,
    }
}

/// What begins with a date or a time.
fn dated(line: &str) -> Option<Taken<'_>> {
    let Some(stamp) = stamp::iso(line.as_bytes()) else {
        // `22:40:01 web.1 | text` of foreman and honcho.
        let at = stamp::time(line.as_bytes())?;
        return named_before_bar(line[at..].strip_prefix(' ')?, 1);
    };
    if let Some(journal) = from_host(line, stamp.len) {
        return Some(journal);
    }
    let rest = line[stamp.len..].strip_prefix(' ');
    let Some(rest) = rest else {
        // A line of which nothing but the stamp is there.
        return (stamp.len == line.len() && stamp.fraction == 9).then(|| Taken::unnamed("", ""));
    };
    if let Some(instance) = app_instance(rest) {
        return Some(instance);
    }
    if stamp.has_zone {
        if let Some(container) = cri(rest) {
            return Some(container);
        }
        if let Some((stream, text)) = cloudwatch(rest) {
            return Some(Taken::of(stream, short_stream(stream), text));
        }
        // `docker logs -t` and podman count nanoseconds; programs do not.
        return (stamp.fraction == 9).then(|| Taken::unnamed("", rest));
    }
    // `aws logs tail --format short`.
    (stamp.fraction == 0).then(|| Taken::unnamed("", rest))
}

/// `stdout F text` of containerd and CRI-O.
fn cri(rest: &str) -> Option<Taken<'_>> {
    let (stream, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = match tag.split(':').next()? {
        "F" => false,
        "P" => true,
        _ => return None,
    };
    matches!(stream, "stdout" | "stderr").then(|| Taken {
        is_part,
        ..Taken::unnamed(stream, text)
    })
}

/// `app[web.1]: text` of Heroku, `app[148e21ab] ams [info]text` of Fly.
fn app_instance(rest: &str) -> Option<Taken<'_>> {
    let (kind, behind) = rest.split_once('[')?;
    if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
        return None;
    }
    let (instance, text) = behind.split_once(']')?;
    let name = &rest[..kind.len() + instance.len() + 2];
    if instance.is_empty() || instance.contains(' ') {
        return None;
    }
    if let Some(text) = text.strip_prefix(": ") {
        return Some(Taken::of(name, instance, text));
    }
    let (region, text) = text.strip_prefix(' ')?.split_once(" [")?;
    let (stated, text) = text.split_once(']')?;
    let level = level::named(stated)?;
    (region.len() == 3).then(|| Taken {
        level: Some(level),
        ..Taken::of(name, instance, text.strip_prefix(' ').unwrap_or(text))
    })
}

/// `facilitator/facilitator/4bf92f35 text` of `aws logs tail`.
fn cloudwatch(rest: &str) -> Option<(&str, &str)> {
    let (stream, text) = rest.split_once(' ').unwrap_or((rest, ""));
    // Go's own logger begins with `2026/01/31`.
    let is_date = |byte: u8| byte.is_ascii_digit() || byte == b'/';
    let is_stream = stream.contains('/')
        && !stream.bytes().all(is_date)
        && !stream.starts_with('/')
        && !stream.contains("://")
        && stream
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_.-[]$#".contains(&b));
    is_stream.then_some((stream, text))
}

/// Of `service/service/task` the service and the beginning of the task.
fn short_stream(stream: &str) -> String {
    const ID: usize = 8;
    let (path, id) = stream.rsplit_once('/').unwrap_or(("", stream));
    let id = id.rsplit(']').next().unwrap_or(id);
    let id = id.get(..ID).unwrap_or(id);
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name.starts_with('[') || name.bytes().all(|b| b.is_ascii_digit()) {
        id.to_owned()
    } else {
        format!("{name}/{id}")
    }
}

/// `host seller[7]: text` behind a stamp of `at` bytes, of a journal or syslog.
fn from_host(line: &str, at: usize) -> Option<Taken<'_>> {
    let rest = line[at..].strip_prefix(' ')?;
    let (host, rest) = rest.split_once(' ')?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-/@".contains(&b))
    };
    // `2026-01-31T23:59:59Z ERROR pay: text` is no host called ERROR.
    if !is_name(host) || level::named(host).is_some() {
        return None;
    }
    let (name, text) = match rest.split_once(": ") {
        Some(parts) => parts,
        None => (rest.strip_suffix(':')?, ""),
    };
    let (program, pid) = match name.split_once('[') {
        Some((program, pid)) => (program, Some(pid.strip_suffix(']')?)),
        None => (name, None),
    };
    let is_pid = |pid: &str| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
    let counts = match pid {
        Some(pid) => is_pid(pid),
        // Behind a stamp that programs use as well, a number must say it.
        None => stamp::iso(line.as_bytes()).is_none() || program == "kernel",
    };
    (is_name(program) && counts).then(|| Taken::of(name, name, text))
}

/// `<165>1 2026-01-31T23:59:59Z host app 7 ID - text` of RFC 5424,
/// `<30>Jan 31 23:59:59 host app[7]: text` of RFC 3164.
fn priority(line: &str) -> Option<Taken<'_>> {
    let (number, rest) = line[1..].split_once('>')?;
    let number: u8 = number.parse().ok().filter(|&number| number < 192)?;
    let level = Some(level::priority(number));
    if let Some(at) = stamp::syslog(rest.as_bytes()) {
        return from_host(rest, at).map(|taken| Taken { level, ..taken });
    }
    let rest = rest.strip_prefix("1 ")?;
    let mut parts = rest.splitn(6, ' ');
    let (stamp, _host) = (parts.next()?, parts.next()?);
    if stamp != "-" && stamp::iso(stamp.as_bytes()).is_none() {
        return None;
    }
    let (program, pid, _id) = (parts.next()?, parts.next()?, parts.next()?);
    let text = without_structure(parts.next()?);
    let shown = match pid {
        "-" => program.to_owned(),
        pid => format!("{program}[{pid}]"),
    };
    Some(Taken {
        level,
        ..Taken::of(program, shown, text.trim_start_matches('\u{feff}'))
    })
}

/// Without the structured data of RFC 5424, which is escaped in its quotes.
fn without_structure(text: &str) -> &str {
    let Some(text) = text.strip_prefix('-') else {
        let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'[' if !quoted => depth += 1,
                b']' if !quoted => depth = depth.saturating_sub(1),
                b' ' if depth == 0 => return &text[at + 1..],
                _ => {}
            }
        }
        return "";
    };
    text.strip_prefix(' ').unwrap_or(text)
}

/// `[pod/web-0/app] text` of kubectl, `[web] | text` of podman-compose.
fn bracketed(line: &str) -> Option<Taken<'_>> {
    let (name, text) = line[1..].split_once(']')?;
    if let Some(pod) = name.strip_prefix("pod/") {
        let text = text.strip_prefix(' ').unwrap_or(text);
        return (!pod.contains(' ')).then(|| Taken::of(pod, pod, text));
    }
    let text = text.trim_start().strip_prefix('|')?;
    is_service(name).then(|| Taken::of(name, name, text.strip_prefix(' ').unwrap_or(text)))
}

/// A line of Docker's `json-file`.
fn docker_json(line: &str) -> Option<Taken<'_>> {
    if !line.starts_with("{\"log\":") {
        return None;
    }
    let object: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(line).ok()?;
    let field = |name: &str| serde_json::from_str::<String>(object.get(name)?.get()).ok();
    let is_docker = |name: &Cow<'_, str>| matches!(&**name, "log" | "stream" | "time" | "attrs");
    if !object.keys().all(is_docker) || !object.contains_key("time") {
        return None;
    }
    let (log, stream) = (field("log")?, field("stream")?);
    let text = log.strip_suffix('\n');
    Some(Taken {
        name: Cow::Owned(stream),
        shown: None,
        level: None,
        is_part: text.is_none(),
        text: Cow::Owned(text.unwrap_or(&log).to_owned()),
    })
}

/// `web-1  | text` of Compose, `web | text` of overmind, `0|web  | text` of
/// pm2.
fn ruled(line: &str) -> Option<Taken<'_>> {
    let inside = match line.split_once('|') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => line,
    };
    named_before_bar(inside, 2)
}

/// A service's name, as many spaces as are wanted at least, and a bar. One is
/// enough behind a name that ends with a number.
fn named_before_bar(text: &str, spaces: usize) -> Option<Taken<'_>> {
    /// Bytes of the longest name with what pads it.
    const WIDEST: usize = 80;
    let window = &text.as_bytes()[..text.len().min(WIDEST)];
    let bar = window.iter().position(|&byte| byte == b'|')?;
    let name = text[..bar].trim_end();
    let numbered =
        name.bytes().last().is_some_and(|b| b.is_ascii_digit()) && name.contains(['-', '_', '.']);
    let padding = bar - name.len();
    if !is_service(name) || padding < if numbered { 1 } else { spaces } {
        return None;
    }
    let rest = &text[bar + 1..];
    Some(Taken::of(
        name,
        name,
        rest.strip_prefix(' ').unwrap_or(rest),
    ))
}

fn is_service(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-@/".contains(&b))
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && level::named(name).is_none()
}
