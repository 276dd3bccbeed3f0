//! What people write for a server that is more than its host: taken apart to
//! say what belongs where, without repeating what may be a secret.

use std::net::Ipv6Addr;

use super::shown;

/// Bytes of a host name: what DNS carries.
const LONGEST: usize = 253;

/// Why a text is no host alone, and what to write instead. `None` where it is
/// one.
pub(super) fn misplaced(text: &str) -> Option<(String, String)> {
    if text.len() > LONGEST {
        let what = format!("is longer than the {LONGEST} bytes of a host name");
        return Some((what, "write the host alone, for example irc.dal.net".into()));
    }
    if is_host(text) {
        return None;
    }
    let parts = Parts::of(text);
    let mut found = Vec::new();
    let host = if is_host(parts.host) {
        parts.host
    } else {
        "the host alone, such as irc.dal.net,"
    };
    let mut belongs = vec![format!("{host} here")];
    if parts.scheme.is_some() {
        found.push("a scheme");
    }
    if let Some(port) = parts.port {
        found.push("a port");
        belongs.push(format!("{port} in IRC_PORT"));
    }
    if parts.has_user {
        found.push("a name or password");
        belongs.push("the nick in IRC_NICK".into());
        belongs.push("its password in IRC_PASSWORD".into());
    }
    if parts.has_channel {
        found.push("a path");
        belongs.push("the channel in IRC_CHANNEL".into());
    }
    if parts.has_more {
        found.push("something after the host");
        belongs.push("the server's password in IRC_SERVER_PASSWORD".into());
    }
    if parts
        .scheme
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("irc"))
    {
        belongs.push("IRC_TLS=false if it is not to be encrypted".into());
    }
    if found.is_empty() {
        let what = match text.chars().find(|&c| !is_host_character(c)) {
            _ if text.is_empty() => "is empty".into(),
            Some(bad) => format!("holds {bad:?}, which no host name does"),
            None => format!("is {}, which is no host name", shown(text)),
        };
        return Some((what, "write the host alone, for example irc.dal.net".into()));
    }
    Some((
        format!("is no host alone, but has {} in it", listed(&found)),
        format!("write {}", listed(&belongs)),
    ))
}

/// `a, b and c`.
fn listed<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

struct Parts<'a> {
    scheme: Option<&'a str>,
    has_user: bool,
    host: &'a str,
    port: Option<&'a str>,
    has_channel: bool,
    has_more: bool,
}

impl<'a> Parts<'a> {
    /// `ircs://nick:password@host:port/channel`, or `host port password` as
    /// clients have it.
    fn of(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (has_user, rest) = match rest.rsplit_once('@') {
            Some((_, rest)) => (true, rest),
            None => (false, rest),
        };
        let (rest, path) = match rest.split_once(['/', '?', '#']) {
            Some((rest, path)) => (rest, path),
            None => (rest, ""),
        };
        let bracketed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, after) = bracketed.unwrap_or_else(|| {
            let at = rest.find(|c: char| c == ':' || c == ',' || c.is_whitespace());
            rest.split_at(at.unwrap_or(rest.len()))
        });
        let mut after = after
            .split(|c: char| c == ':' || c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty())
            .peekable();
        // ZNC and others write +6697 for TLS.
        let port = after
            .next_if(|word| word.trim_start_matches('+').parse::<u16>().is_ok())
            .map(|word| word.trim_start_matches('+'));
        Self {
            scheme,
            has_user,
            host,
            port,
            has_channel: !path.is_empty(),
            has_more: after.next().is_some(),
        }
    }
}

/// A name or an address; the latter may stand in brackets.
pub(super) fn is_host(text: &str) -> bool {
    let bare = text.trim_matches(['[', ']']);
    let address = bare
        .split_once('%')
        .map_or(bare, |(address, _zone)| address);
    if text.contains([':', '[', ']', '%']) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    !text.is_empty() && text.chars().all(is_host_character)
}

fn is_host_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

#[cfg(test)]
mod tests;
