//! What a server says of its limits (005, `RPL_ISUPPORT`).

use super::wire::MAX_LINE;

/// The limits that concern us, with the defaults that hold until they are
/// named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Isupport {
    pub(crate) nick_len: Option<usize>,
    pub(crate) channel_len: Option<usize>,
    /// Bytes of a line, CRLF included.
    pub(crate) line_len: usize,
    pub(crate) network: Option<String>,
    casemapping: Casemapping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Casemapping {
    Ascii,
    /// `[]\~` are the upper case of `{}|^`. The default of RFC 2812.
    Rfc1459,
}

impl Default for Isupport {
    fn default() -> Self {
        Self {
            nick_len: None,
            channel_len: None,
            line_len: MAX_LINE,
            network: None,
            casemapping: Casemapping::Rfc1459,
        }
    }
}

impl Isupport {
    /// Reads one token of a 005 line, `NICKLEN=30`. Unknown and broken ones
    /// change nothing.
    pub(crate) fn read(&mut self, token: &str) {
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        let number = || value.parse().ok().filter(|length| *length > 0);
        match name {
            "NICKLEN" | "MAXNICKLEN" => self.nick_len = number().or(self.nick_len),
            "CHANNELLEN" => self.channel_len = number().or(self.channel_len),
            // Below 512 no server goes; a lower number is a mistake that
            // would leave no room for text.
            "LINELEN" => self.line_len = number().map_or(self.line_len, |len| len.max(MAX_LINE)),
            "NETWORK" if !value.is_empty() => self.network = Some(value.replace("\\x20", " ")),
            "CASEMAPPING" => {
                self.casemapping = match value {
                    "ascii" | "rfc7613" | "precis" => Casemapping::Ascii,
                    _ => Casemapping::Rfc1459,
                }
            }
            _ => {}
        }
    }

    /// Whether two nicks or channels are the same to this server.
    pub(crate) fn same(&self, left: &str, right: &str) -> bool {
        let fold = |byte: u8| match (byte, self.casemapping) {
            (b'[', Casemapping::Rfc1459) => b'{',
            (b']', Casemapping::Rfc1459) => b'}',
            (b'\\', Casemapping::Rfc1459) => b'|',
            (b'~', Casemapping::Rfc1459) => b'^',
            (other, _) => other.to_ascii_lowercase(),
        };
        left.bytes().map(fold).eq(right.bytes().map(fold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_nonsense_is_not() {
        let mut isupport = Isupport::default();
        for token in [
            "NICKLEN=9",
            "CHANNELLEN=50",
            "NETWORK=My\\x20Net",
            "LINELEN=2048",
            "NICKLEN=",
            "CHANNELLEN=-3",
            "LINELEN=0",
            "EXCEPTS",
            "=",
            "",
        ] {
            isupport.read(token);
        }
        assert_eq!(isupport.nick_len, Some(9));
        assert_eq!(isupport.channel_len, Some(50));
        assert_eq!(isupport.line_len, 2048);
        assert_eq!(isupport.network.as_deref(), Some("My Net"));
        isupport.read("LINELEN=10");
        assert_eq!(isupport.line_len, MAX_LINE);
    }

    #[test]
    fn names_compare_as_the_server_does() {
        let mut isupport = Isupport::default();
        assert!(isupport.same("Bot[1]", "bOT{1}"));
        isupport.read("CASEMAPPING=ascii");
        assert!(!isupport.same("Bot[1]", "bot{1}"));
        assert!(isupport.same("#Kar", "#kAR"));
    }
}
