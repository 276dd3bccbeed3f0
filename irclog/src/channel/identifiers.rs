//! What in a text is an identifier: what two records of one kind may differ
//! in, and nothing else.

use std::ops::Range;

/// A part of a text that names one of many things, or measures one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier {
    pub(super) bytes: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Hex, a UUID, a long number, an address, an amount: another one is news.
    Name,
    /// A duration or a port: with another one it is the same again.
    Measure,
}

/// The identifiers of `text`, in order.
///
/// A word that is none of the known forms is a word: levels, paths, status
/// codes, error codes and short numbers tell records apart, unless their name
/// says that they are ids.
pub(super) fn identifiers(text: &str) -> Identifiers<'_> {
    Identifiers {
        text,
        at: 0,
        port: None,
    }
}

#[derive(Debug)]
pub(super) struct Identifiers<'a> {
    text: &'a str,
    at: usize,
    /// That of the address that was found last.
    port: Option<Range<usize>>,
}

impl Iterator for Identifiers<'_> {
    type Item = Identifier;

    fn next(&mut self) -> Option<Identifier> {
        if let Some(bytes) = self.port.take() {
            self.at = bytes.end;
            let kind = Kind::Measure;
            return Some(Identifier { bytes, kind });
        }
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            if !bytes[self.at].is_ascii_alphanumeric() {
                self.at += 1;
                continue;
            }
            let start = self.at;
            let word = run(bytes, start, u8::is_ascii_alphanumeric);
            if let Some((end, kind)) = self.identifier(start, word) {
                self.at = end;
                let bytes = start..end;
                return Some(Identifier { bytes, kind });
            }
            self.at = word;
        }
        None
    }
}

/// Digits behind `0x` that are more than the code of an error. Selectors and
/// HRESULTs have eight.
const MIN_PREFIXED: usize = 9;
/// Hex digits without it that are more than a word.
const MIN_HEX: usize = 8;
/// Digits of a long number. Codes of SQL, HTTP and JSON-RPC have up to five,
/// ports as well.
const MIN_DIGITS: usize = 6;
/// A word this long that changes so often between letters and digits was made
/// by chance: `base58`, `base32` and their like. Names with a version in them
/// change less often.
const MIN_OPAQUE: usize = 16;
const MIN_CHANGES: usize = 5;
/// What stands before the mark of what is left out is this long at least.
const MIN_SHORTENED: usize = 4;

impl Identifiers<'_> {
    /// The identifier that begins at `start`, where a word does that goes to
    /// `end`: to where, and of which kind.
    fn identifier(&mut self, start: usize, end: usize) -> Option<(usize, Kind)> {
        let text = self.text;
        let word = &text.as_bytes()[start..end];
        if let Some(end) = uuid(text, start, end).or_else(|| shortened(text, start, end)) {
            return Some((end, Kind::Name));
        }
        if let Some(end) = network_address(text, start) {
            let port = port(text, end);
            self.port = port.map(|port| port.start..port.end);
            return Some((end, Kind::Name));
        }
        let prefixed = (word.strip_prefix(b"0x")).or_else(|| word.strip_prefix(b"0X"));
        if let Some(digits) = prefixed
            && digits.len() >= MIN_PREFIXED
            && digits.iter().all(u8::is_ascii_hexdigit)
        {
            return Some((end, Kind::Name));
        }
        let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits < word.len() && (is_hex(word) || is_opaque(word)) {
            return Some((end, Kind::Name));
        }
        if digits == 0 || !word[0].is_ascii_digit() {
            return None;
        }
        if let Some(port) = host_port(text, start, end) {
            return Some((port, Kind::Measure));
        }
        number(text, start)
    }
}

fn is_hex(word: &[u8]) -> bool {
    word.len() >= MIN_HEX && word.iter().all(u8::is_ascii_hexdigit)
}

fn is_opaque(word: &[u8]) -> bool {
    let changes = |word: &[u8]| {
        let pairs = word.windows(2);
        pairs
            .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
            .count()
    };
    word.len() >= MIN_OPAQUE && changes(word) >= MIN_CHANGES
}

fn uuid(text: &str, start: usize, end: usize) -> Option<usize> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    if end - start != GROUPS[0] {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = start;
    for (n, digits) in GROUPS.into_iter().enumerate() {
        if n > 0 {
            at = (bytes.get(at) == Some(&b'-')).then_some(at + 1)?;
        }
        let group = bytes.get(at..at + digits)?;
        at += digits;
        if !group.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
    }
    let ends = bytes
        .get(at)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    ends.then_some(at)
}

/// `0x6096…3a8b`: what a mask left of an identifier.
fn shortened(text: &str, start: usize, end: usize) -> Option<usize> {
    let rest = &text[end..];
    let mark = ["…", "..."]
        .into_iter()
        .find(|mark| rest.starts_with(mark))?;
    let word = &text[start..end];
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let has = |what: fn(&u8) -> bool| word.bytes().any(|byte| what(&byte));
    let telling = word.len() > digits.len()
        || has(u8::is_ascii_digit) && (has(u8::is_ascii_alphabetic) || word.len() >= MIN_DIGITS);
    let bytes = text.as_bytes();
    let tail = end + mark.len();
    (digits.len() >= MIN_SHORTENED && telling).then(|| run(bytes, tail, u8::is_ascii_alphanumeric))
}

/// Where an IP address ends that begins at `start`.
fn network_address(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let word = run(bytes, start, u8::is_ascii_digit);
    if bytes.get(word) == Some(&b'.') {
        let end = run(bytes, start, |byte| byte.is_ascii_digit() || *byte == b'.');
        let address = text[start..end].trim_end_matches('.');
        return (address.parse::<std::net::Ipv4Addr>().is_ok()).then(|| start + address.len());
    }
    let word = run(bytes, start, u8::is_ascii_hexdigit);
    if bytes.get(word) != Some(&b':') {
        return None;
    }
    let end = run(bytes, start, |byte| {
        byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.'
    });
    let address = text[start..end].trim_end_matches(['.', ':']);
    (address.parse::<std::net::Ipv6Addr>().is_ok()).then(|| start + address.len())
}

/// The port behind an address that ends at `end`.
fn port(text: &str, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let bracket = usize::from(bytes.get(end) == Some(&b']'));
    let start = end + bracket + 1;
    if bytes.get(end + bracket) != Some(&b':') {
        return None;
    }
    let end = run(bytes, start, u8::is_ascii_digit);
    (1..=5).contains(&(end - start)).then_some(start..end)
}

/// Where the port ends that begins at `start`, behind the host of an URL or
/// the name of this machine.
fn host_port(text: &str, start: usize, end: usize) -> Option<usize> {
    let host = text[..start].strip_suffix(':')?;
    let name = last_run(host, "-._");
    let before = &host[..host.len() - name.len()];
    let is_host = name == "localhost" || before.ends_with("://") && !name.is_empty();
    let digits = text[start..end].bytes().all(|byte| byte.is_ascii_digit());
    (is_host && digits && end - start <= 5).then_some(end)
}

/// Where a number with its unit ends that is an identifier, and of which kind.
fn number(text: &str, start: usize) -> Option<(usize, Kind)> {
    let bytes = text.as_bytes();
    let (end, digits) = numeral(bytes, start);
    if let Some(end) = duration(text, end) {
        return Some((end, Kind::Measure));
    }
    if bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let rest = text[end..].trim_start_matches(' ');
    let unit = rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let is_sum = text[..start].ends_with(['$', '€', '£'])
        || unit.is_some_and(|unit| CURRENCIES.contains(&unit));
    let name = name_before(text, start);
    let is_id = name.ends_with("Id") || name.ends_with("ID");
    let is_port = name.ends_with("Port");
    let is_time = name.ends_with("Time") && digits < MIN_DIGITS;
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(['_', '.', '-']).next().unwrap_or_default();
    // `amount_usdc`. Alone it may be a word, such as "near".
    let in_currency = last.len() < name.len()
        && (CURRENCIES.iter()).any(|currency| currency.eq_ignore_ascii_case(last));
    if is_sum || in_currency || AMOUNTS.contains(&last) || is_id || last == "id" {
        Some((end, Kind::Name))
    } else if CODES.contains(&last) {
        None
    } else if is_port || is_time || last == "port" || TIMES.contains(&last) {
        Some((end, Kind::Measure))
    } else {
        (digits >= MIN_DIGITS).then_some((end, Kind::Name))
    }
}

/// Names of sums.
const AMOUNTS: &[&str] = &[
    "amount", "price", "fee", "fees", "balance", "cost", "gas", "wei", "usd",
];
/// What sums are counted in.
const CURRENCIES: &[&str] = &[
    "USDC", "USDT", "EURC", "USD", "EUR", "GBP", "ETH", "WETH", "BTC", "SOL", "NEAR", "XLM",
    "AVAX", "POL", "wei", "gwei", "lamports", "sats", "stroops",
];
/// Names of what tells one failure from another, however long.
const CODES: &[&str] = &[
    "status", "code", "errno", "error", "exit", "signal", "level", "line", "version", "http",
];
/// Names of durations that have no unit.
const TIMES: &[&str] = &[
    "elapsed", "duration", "latency", "took", "uptime", "busy", "idle", "ns", "us", "ms", "nanos",
    "micros", "millis", "secs", "seconds",
];
/// Units of time, the longer first.
const UNITS: &[&str] = &[
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "seconds",
    "minutes",
    "second",
    "minute",
    "hours",
    "hour",
    "days",
    "secs",
    "mins",
    "sec",
    "min",
    "day",
    "ms",
    "us",
    "µs",
    "μs",
    "ns",
    "s",
    "m",
    "h",
    "d",
];

/// Where a numeral ends, grouped and with a fraction or without, and how many
/// digits it has.
fn numeral(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut end = run(bytes, start, u8::is_ascii_digit);
    let mut digits = end - start;
    loop {
        let group = run(bytes, end + 1, u8::is_ascii_digit);
        match bytes.get(end) {
            Some(b',' | b'_') if group == end + 4 => {
                digits += 3;
                end = group;
            }
            Some(b'.') if group > end + 1 => return (group, digits + group - end - 1),
            _ => return (end, digits),
        }
    }
}

/// Where the units end that begin at `at`: `3ms`, `1.5 s`, `2m30s`.
fn duration(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let gap = usize::from(rest.starts_with(' '));
    let rest = &rest[gap..];
    let ends = |unit: &&&str| {
        let after = rest[unit.len()..].chars().next();
        // Behind a gap a single letter is a word.
        rest.starts_with(**unit)
            && (gap == 0 || unit.len() > 1 || **unit == "s")
            && after.is_none_or(|after| !after.is_ascii_alphabetic())
    };
    let unit = UNITS
        .iter()
        .filter(|unit| rest.starts_with(**unit))
        .find(ends)?;
    let end = at + gap + unit.len();
    let bytes = text.as_bytes();
    if gap == 0 && bytes.get(end).is_some_and(u8::is_ascii_digit) {
        let (more, _) = numeral(bytes, end);
        return duration(text, more);
    }
    Some(end)
}

/// The name of what begins at `start`: `status=`, `"code":`, `took `.
fn name_before(text: &str, start: usize) -> &str {
    let before = text[..start]
        .trim_end_matches('-')
        .trim_end_matches(['"', '\'', ' '])
        .trim_end_matches(['=', ':'])
        .trim_end_matches(['"', '\'', ' ']);
    last_run(before, "_.-")
}

/// The letters, digits and bytes of `more` at the end of `text`.
fn last_run<'a>(text: &'a str, more: &str) -> &'a str {
    let is_in = |byte: &u8| byte.is_ascii_alphanumeric() || more.as_bytes().contains(byte);
    let len = text.bytes().rev().take_while(is_in).count();
    &text[text.len() - len..]
}

/// Where the run of bytes ends that begins at `start`.
fn run(bytes: &[u8], start: usize, is: impl Fn(&u8) -> bool) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| is(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with each identifier in brackets: `<>` names, `{}` measures.
    fn marked(text: &str) -> String {
        let (mut marked, mut from) = (String::new(), 0);
        for Identifier { bytes, kind } in identifiers(text) {
            let [open, close] = match kind {
                Kind::Name => ['<', '>'],
                Kind::Measure => ['{', '}'],
            };
            marked.push_str(&text[from..bytes.start]);
            marked.push(open);
            marked.push_str(&text[bytes.clone()]);
            marked.push(close);
            from = bytes.end;
        }
        marked + &text[from..]
    }

    #[test]
    fn identifiers_are_found() {
        for text in [
            "tx=<0xceac4f20a91bd3>",
            "payer: <0x6096…3a8b>, customer: token:<df2038bd578c>",
            "<0xabcdef12…> is not confirmed, <0x2C3E6F8A9B...>",
            "by <deadbeef>",
            "trace <4bf92f3577b34da6a3ce929d0e0e4736>",
            "request <550e8400-e29b-41d4-a716-446655440000> failed",
            "block <19482011> at <1763820130123>",
            "from <127.0.0.1>:{54321} to <10.0.0.7>",
            "from [<2001:db8::1>]:{443}",
            "to <9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM>",
            "done in {3ms}, {1.5s}, {2m30s}, {800 ms}, {12µs}, {3 seconds}",
            "elapsed_ms={3} latency: {0.003} took {7}",
            "amount=<5> of <0.25> USDC, <1,000,000> more, $<0.01>",
            "id: <7>, order_id=<12> \"paymentId\": <1505>, amount_usdc: <0.5>",
            "port={54321} localhost:{8080} http://rpc.example:{8545}/x",
            "\"amount\":\"<1000>\"",
        ] {
            let bare = text.replace(['<', '>', '{', '}'], "");
            assert_eq!(marked(&bare), text);
        }
    }

    #[test]
    fn what_tells_records_apart_is_none() {
        for text in [
            "",
            "POST /verify: status=400",
            "status: 429 Too Many Requests",
            "error code -32000, code=23505 errno 104 status_code=1234567",
            "retry 3 of 5",
            "nonce 187 reserved",
            "HTTP/1.1 200",
            "GET /v2/supported",
            "settle.rs:88 at line 1234567",
            "Invalid signature: non_canonical_signature_high_s",
            "TransferWithAuthorization3009V2 reverted 0x08c379a0",
            "a bad face is faced",
            "valid 5 grid 7 paid 3 times near 5 nodes",
            "eip155:8453",
            "x402 v1.2.3",
            "[INFO] WARN error",
            "3 m of rope, 5 items",
            "größe 3 …",
        ] {
            assert_eq!(marked(text), text);
        }
    }
}
