//! Addresses of hosts: those that tell where somebody is keep their first
//! group, private ones and those of the machine itself stay.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::redact::lexicon::class::Class;
use crate::redact::scan::Scan;
use crate::redact::text::alphabet::{ALNUM, is, is_hex};

/// Characters of the longest address of version 6 in text.
const IPV6_BYTES: usize = 45;

impl Scan<'_> {
    /// `203.0.113.77` in `start..end`.
    pub(in crate::redact) fn ipv4(&mut self, start: usize, end: usize) -> Option<usize> {
        // A network's mask or a second address may follow.
        let text = self.bytes[start..end]
            .split(|byte| matches!(byte, b'/' | b'-'))
            .next()?;
        // Most addresses in logs are these, which stay.
        if [&b"10."[..], b"127.", b"192.168."]
            .iter()
            .any(|local| text.starts_with(local))
        {
            return None;
        }
        let end = start + text.len();
        let address: Ipv4Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
        if !is_public(address) {
            return None;
        }
        let kept = text.iter().position(|&byte| byte == b'.')? + 1;
        self.push(start + kept, end, Class::Ip, "[IP]");
        Some(end)
    }

    /// `2001:db8::7` from `start` on. The first group has four digits, as it has
    /// in every address that can be reached from elsewhere.
    pub(in crate::redact) fn ipv6(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        if start > 0 && bytes[start - 1] == b':' {
            return None;
        }
        let mut len = bytes[start..]
            .iter()
            .take(IPV6_BYTES + 1)
            .take_while(|&&byte| is_hex(byte) || matches!(byte, b':' | b'.'))
            .count();
        // The colon or full stop of a sentence.
        while len > 0
            && is(bytes[start + len - 1], ALNUM) == bytes[start..start + len].ends_with(b"::")
        {
            len -= 1;
        }
        let text = std::str::from_utf8(&bytes[start..start + len]).ok()?;
        // A port may be the last group.
        let (text, address) = [Some(len), text.rfind(':')]
            .into_iter()
            .flatten()
            .find_map(|len| Some((&text[..len], text[..len].parse().ok()?)))?;
        let end = start + text.len();
        if bytes.get(end).is_some_and(|&byte| is(byte, ALNUM)) || !tells(text, address) {
            return None;
        }
        self.push(start + 5, end, Class::Ip, "[IP]");
        Some(end)
    }

    /// Whether the groups in `start..end` are an address that stays: one of
    /// this link or this site, written in full. A key has no group of zeros.
    pub(in crate::redact) fn is_local_ipv6(&self, start: usize, end: usize) -> bool {
        std::str::from_utf8(&self.bytes[start..end])
            .ok()
            .filter(|text| text.contains("0000"))
            .and_then(|text| text.parse().ok())
            .is_some_and(|address: Ipv6Addr| {
                address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.is_loopback()
                    || address.is_unspecified()
            })
    }
}

/// Whether an address tells where somebody is. Those that are given out begin
/// with 2 or 3, as no path of modules does; of others there has to be more than
/// `dead::beef`.
fn tells(text: &str, address: Ipv6Addr) -> bool {
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let given_out = text.starts_with(['2', '3']);
    let local = address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast()
        || address.segments()[0] == 0;
    given_out || !local && groups >= 4 && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether an address tells where somebody is.
fn is_public(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    !matches!(
        (a, b),
        (0 | 10 | 127 | 224..=255, _) | (169, 254) | (172, 16..=31) | (192, 168) | (100, 64..=127)
    )
}
