//! URLs: scheme, host and user stay; passwords and keys go.

use crate::redact::lexicon::class::Class;
use crate::redact::lexicon::looks_secret::is_key;
use crate::redact::lexicon::words::{NODES, WEBHOOKS};
use crate::redact::scan::finders::open::{KEPT, is_one_of};
use crate::redact::scan::found::REDACTED;
use crate::redact::scan::{FAR_BYTES, LOOK_BYTES, Scan};
use crate::redact::survey::Token;
use crate::redact::text::alphabet::{ALNUM, DIGIT, LETTER, SPACE, is, is_hex, union};
use crate::redact::text::forms::is_uuid;

impl Scan<'_> {
    /// A URL whose scheme is the end of `scheme`. Returns where to go on.
    pub(in crate::redact) fn url(&mut self, scheme: Token) -> usize {
        let bytes = self.bytes;
        let from = scheme.end + 3;
        let ends = |byte| is(byte, SPACE) || matches!(byte, b'"' | b'`' | b'<' | b'>' | b'\\');
        let far = if self.survey.has_at {
            FAR_BYTES
        } else {
            LOOK_BYTES
        };
        let most = bytes.len().min(from + far);
        let find = |plain| {
            let end = self.delimiter(from, most, plain, ends);
            let has_at = self.survey.has_at;
            (
                end,
                has_at.then(|| self.user_info(from, end, plain)).flatten(),
            )
        };
        // A password may have delimiters in percent; where there is no other
        // `@`, those are what they stand for.
        let mut found = (0, None);
        if self.survey.has_at {
            found = find(Some(self.view.depth(scheme.end)));
        }
        if found.1.is_none() {
            found = find(None);
        }
        let (hard_end, at) = found;
        let host = at.map_or(from, |at| at + 1);
        let path = host
            + bytes[host..hard_end]
                .iter()
                .position(|&byte| {
                    !is(byte, ALNUM)
                        && !matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']' | b'@')
                })
                .unwrap_or(hard_end - host);
        if let Some(at) = at {
            self.mask_user_info(from, at);
        } else if bytes[host..path].contains(&b':')
            || !matches!(
                bytes[path..hard_end].first(),
                None | Some(b'/' | b'?' | b'#')
            )
        {
            self.mask_bare_info(from, hard_end);
        }
        // `https://<key>.base.rpc.example.com`.
        let label = bytes[host..path].iter().position(|&byte| byte == b'.');
        if let Some(len) = label
            && is_uuid(&bytes[host..host + len])
            && is_node(&bytes[host + len..path])
        {
            self.push(host, host + len, Class::UrlKey, REDACTED);
        }
        if bytes.get(path) != Some(&b'/') {
            return path;
        }
        self.path(host, path, hard_end)
    }

    /// Where the first byte of a kind stands, or the end. With `plain`, that of
    /// the scheme's colon, what is written in percent parts nothing.
    fn delimiter(
        &self,
        from: usize,
        end: usize,
        plain: Option<usize>,
        of: impl Fn(u8) -> bool,
    ) -> usize {
        (from..end)
            .find(|&at| of(self.bytes[at]) && self.delimits(at, plain))
            .unwrap_or(end)
    }

    /// `%40` are three bytes, `%2540` five.
    fn delimits(&self, at: usize, plain: Option<usize>) -> bool {
        let depth = self.view.depth(at);
        plain.is_none_or(|plain| depth == plain || !matches!(depth, 3 | 5))
    }

    /// Where the `@` stands that ends user and password.
    fn user_info(&self, from: usize, end: usize, plain: Option<usize>) -> Option<usize> {
        let bytes = self.bytes;
        let last = |from: usize, end: usize| {
            (from..end)
                .rev()
                .find(|&at| bytes[at] == b'@' && self.delimits(at, plain))
        };
        let authority = self.delimiter(from, end, plain, |byte| matches!(byte, b'/' | b'?' | b'#'));
        let password = bytes[from..authority].iter().position(|&byte| byte == b':');
        if let Some(at) = last(from, authority) {
            // A password with both: a host follows the last `@`, too.
            let later = last(authority, end).filter(|&later| {
                password.is_some_and(|colon| from + colon < at) && self.is_host(later + 1, end)
            });
            return later.or(Some(at));
        }
        // A password with a slash: what stands after the colon is no port.
        let port = &bytes[from + password? + 1..authority];
        if bytes[from] == b'[' || port.iter().all(|&byte| is(byte, DIGIT)) {
            return None;
        }
        last(authority, end)
    }

    /// Whether a name with a point, or with a port, stands at `at`.
    fn is_host(&self, at: usize, end: usize) -> bool {
        let rest = &self.bytes[at..end];
        let len = rest
            .iter()
            .take_while(|&&byte| is(byte, ALNUM) || matches!(byte, b'.' | b'-'))
            .count();
        let ends = |with: &[u8]| rest[len..].starts_with(with);
        len > 0
            && is(rest[0], LETTER)
            && (rest[..len].contains(&b'.') || ends(b":"))
            && (len == rest.len() || ends(b"/") || ends(b":") || ends(b"?"))
    }

    /// `scheme://user:key`, without a host: what follows the colon is no port.
    fn mask_bare_info(&mut self, from: usize, end: usize) {
        let rest = &self.bytes[from..end];
        let authority = rest
            .iter()
            .position(|&byte| matches!(byte, b'/' | b'?' | b'#'))
            .unwrap_or(rest.len());
        let Some(colon) = rest[..authority].iter().position(|&byte| byte == b':') else {
            return;
        };
        if is_key(&rest[colon + 1..authority]) {
            self.push(
                from + colon + 1,
                from + authority,
                Class::UrlCredential,
                REDACTED,
            );
        }
    }

    fn mask_user_info(&mut self, from: usize, at: usize) {
        let info = &self.bytes[from..at];
        let colon = info.iter().position(|&byte| byte == b':');
        let user = &info[..colon.unwrap_or(info.len())];
        if is_key(user) || user.len() >= 16 && union(user) & DIGIT != 0 {
            self.push(from, from + user.len(), Class::UrlCredential, REDACTED);
        }
        if let Some(colon) = colon {
            self.push(from + colon + 1, at, Class::UrlCredential, REDACTED);
        }
    }

    /// The segments of a path, up to its query or its end.
    fn path(&mut self, host: usize, from: usize, end: usize) -> usize {
        let bytes = self.bytes;
        let mut hook = bytes[host..from].starts_with(b"hooks.");
        let first = self.found().len();
        let mut at = from;
        let mut last: &[u8] = &[];
        while at < end && bytes[at] == b'/' {
            let start = at + 1;
            at = start
                + bytes[start..end]
                    .iter()
                    .position(|&byte| {
                        matches!(
                            byte,
                            b'/' | b'?' | b'#' | b')' | b']' | b'}' | b',' | b';' | b'\'' | b'|'
                        )
                    })
                    .unwrap_or(end - start);
            let segment = &bytes[start..at];
            let kind = last;
            last = segment;
            if let Some(digits) = segment.strip_prefix(b"0x")
                && digits.iter().all(|&byte| is_hex(byte))
            {
                // A link to a transaction is there to be followed.
                if kind != b"tx" {
                    self.hex(start, at);
                }
            } else if is_one_of(kind, segment) {
                self.push(start + KEPT, at, Class::UrlKey, "…");
            } else if is_key(segment) || is_uuid(segment) && is_node(&bytes[host..from]) {
                self.push(start, at, Class::UrlKey, REDACTED);
            }
            hook |= WEBHOOKS
                .list
                .iter()
                .any(|word| segment.eq_ignore_ascii_case(word));
        }
        // The whole path of a webhook opens its door.
        if hook
            && at > from + 1
            && (self.found().len() > first || union(&bytes[from..at]) & DIGIT != 0)
        {
            self.push(from + 1, at, Class::UrlKey, REDACTED);
        }
        at
    }
}

/// Whether a host is that of a node of a chain, whose key may be a UUID.
fn is_node(host: &[u8]) -> bool {
    host.split(|&byte| !is(byte, ALNUM))
        .any(|label| NODES.has_in_any_case(label))
}
